-- One row is one generation of one model, as far as the checks on it need it.
SELECT
    generation_id,
    status,
    degenerate,
    contended,
    suite,
    generation_tps
FROM generations
WHERE fleet = $fleet AND model = $model
