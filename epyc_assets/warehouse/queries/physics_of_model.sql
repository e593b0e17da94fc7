-- One row is one config of a model on one kind of prompt: what was predicted beside what was measured.
SELECT *
FROM config_physics
WHERE
    fleet = $fleet
    AND model = $model
