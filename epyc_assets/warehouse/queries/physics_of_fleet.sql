-- One row is one config of a fleet's model on one kind of prompt: what the machine could give.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM config_physics
WHERE fleet = $fleet
