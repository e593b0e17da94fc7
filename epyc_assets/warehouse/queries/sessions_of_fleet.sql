-- One row is one load of a fleet's model: where it ran, on which build, with which parameters.
SELECT
    session_id,
    host,
    llama_build,
    load_parameters
FROM sessions
WHERE fleet = $fleet
