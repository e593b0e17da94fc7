-- One row is one verdict that is stored.
SELECT
    generation_id,
    scorer,
    scorer_version,
    status,
    status = 'not_scored' AND starts_with(explanation, 'not scored: no sandbox') AS waits_for_sandbox
FROM scores
