-- One row is one config of a model on one kind of prompt.
SELECT *
FROM config_speed
WHERE
    fleet = $fleet
    AND model = $model
