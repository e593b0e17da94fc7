-- One row is one config of a fleet's models on one kind of prompt.
SELECT *
FROM config_speed
WHERE fleet = $fleet
