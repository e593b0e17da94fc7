-- One row is one config of a fleet's model whose answers may differ: how its verdicts compare with the baseline's.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM config_quality
WHERE fleet = $fleet
