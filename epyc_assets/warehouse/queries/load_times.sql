-- One row is one model of a fleet: what loading it took, the median over its sessions.
SELECT model, median(load_ms) / 1000 AS load_s
FROM sessions
WHERE fleet = $fleet AND load_ms IS NOT NULL
GROUP BY model
