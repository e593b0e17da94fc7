-- One row is one GGUF file or shard set that the last scan of the model roots found, with its content hash.
SELECT
    root,
    path,
    size_bytes,
    mtime_ns,
    sha256
FROM gguf_files
