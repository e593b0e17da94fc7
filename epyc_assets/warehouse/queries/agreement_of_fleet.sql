-- One row is one prompt answered by a speculative config of a fleet's model: whether its tokens are the reference's.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM token_agreement
WHERE fleet = $fleet
