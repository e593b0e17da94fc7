-- One row is one answer of the speed rounds of a fleet's models.
SELECT *
FROM speed_runs
WHERE fleet = $fleet
