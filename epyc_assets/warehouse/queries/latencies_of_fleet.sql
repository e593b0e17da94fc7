-- One row is one generation of a fleet: how long it took, and how long it could have become.
SELECT
    model,
    suite,
    status,
    total_ms,
    ttft_ms,
    generation_tps,
    max_tokens
FROM generations
WHERE fleet = $fleet
ORDER BY
    model,
    suite
