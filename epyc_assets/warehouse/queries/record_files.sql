-- One row is one file of the imported record, as the last import left it.
SELECT
    path,
    source_file_id,
    sha256,
    first_sha256,
    importer_version
FROM history.source_file
