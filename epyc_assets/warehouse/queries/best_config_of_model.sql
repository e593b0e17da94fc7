-- One row is the recommendation for a model.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM best_config
WHERE fleet = $fleet AND model = $model
