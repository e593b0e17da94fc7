-- One row is one GGUF file or shard set that the last scan of the model roots found, with all that was read of it.
SELECT
    *
FROM gguf_files
