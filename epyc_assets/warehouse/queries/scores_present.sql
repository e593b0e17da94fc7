-- One row is one verdict that is stored.
SELECT
    generation_id,
    scorer,
    scorer_version,
    status
FROM scores
