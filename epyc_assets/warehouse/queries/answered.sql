-- One row is one earlier generation of a fleet, as far as a plan needs it.
SELECT
    generation_id,
    model,
    config_id,
    question_id,
    generation_key,
    status,
    total_ms
FROM generations
WHERE fleet = $fleet
