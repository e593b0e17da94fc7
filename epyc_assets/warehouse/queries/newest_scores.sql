-- One row is one verdict; those written last, a few.
SELECT
    scorer,
    status,
    passed,
    extracted,
    explanation
FROM scores
ORDER BY
    written_at DESC,
    generation_id ASC
LIMIT $rows
