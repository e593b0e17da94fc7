-- One row is two models of a fleet on all questions that both answered, in both directions.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM model_comparison
WHERE suite = 'all' AND ($fleet IS NULL OR fleet = $fleet)
