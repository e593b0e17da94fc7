-- One row is one answer of a model's speed rounds.
SELECT *
FROM speed_runs
WHERE
    fleet = $fleet
    AND model = $model
