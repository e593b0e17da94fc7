-- One row is a model under one config beside another on one suite, or on all.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM model_comparison
WHERE fleet = $fleet AND model_a = $model
ORDER BY
    suite <> 'all',
    suite ASC,
    model_b ASC,
    config_b ASC
