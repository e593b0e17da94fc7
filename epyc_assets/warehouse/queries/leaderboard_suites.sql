-- One row is one model under one config on one suite that it was asked.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM suite_summary
WHERE $fleet IS NULL OR fleet = $fleet
ORDER BY fleet, model, config_id, suite
