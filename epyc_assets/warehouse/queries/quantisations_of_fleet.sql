-- One row is one model of a fleet with its quantisation, as the registry says or else its file.
SELECT
    models.fleet,
    models.model,
    coalesce(models.quantisation, max(gguf_files.quantisation)) AS quantisation
FROM models
LEFT JOIN gguf_files ON models.file = gguf_files.path
WHERE models.fleet = $fleet
GROUP BY models.fleet, models.model, models.quantisation
