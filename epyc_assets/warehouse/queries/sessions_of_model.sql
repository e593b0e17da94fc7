-- One row is one session of a model: where and with which build it ran.
SELECT
    session_id,
    host,
    llama_build
FROM sessions
WHERE
    fleet = $fleet
    AND model = $model
