-- One row is one config of a fleet's model on one kind of prompt: its speed.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM config_speed
WHERE fleet = $fleet
