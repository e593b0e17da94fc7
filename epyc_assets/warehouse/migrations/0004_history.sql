-- The imported record of an earlier project: one row per file of it. Its other tables are in the migrations after
-- this one, a file per family.

CREATE SCHEMA history;

CREATE TABLE history.source_file (
    source_file_id BIGINT PRIMARY KEY,
    path VARCHAR NOT NULL UNIQUE,
    sha256 VARCHAR,
    size_bytes BIGINT NOT NULL,
    encoding VARCHAR,
    n_invalid_bytes BIGINT NOT NULL,
    format VARCHAR NOT NULL,
    family VARCHAR NOT NULL,
    parse_status VARCHAR NOT NULL,
    parse_error VARCHAR,
    n_records BIGINT NOT NULL,
    n_main_rows BIGINT NOT NULL,
    n_dropped_records BIGINT NOT NULL,
    n_rejected_records BIGINT NOT NULL,
    n_rows BIGINT NOT NULL,
    n_rejects BIGINT NOT NULL,
    duplicate_of BIGINT,
    first_sha256 VARCHAR,
    quality_flags VARCHAR[] NOT NULL,
    importer_version VARCHAR NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.source_file IS 'One row is one file of the record, parsed or not.';
COMMENT ON COLUMN history.source_file.source_file_id IS 'Key of the file, a hash of its path.';
COMMENT ON COLUMN history.source_file.path IS 'Path relative to the record''s root, with forward slashes.';
COMMENT ON COLUMN history.source_file.sha256 IS 'Hash of the contents; NULL for what could not be opened.';
COMMENT ON COLUMN history.source_file.size_bytes IS 'Size of the contents in bytes.';
COMMENT ON COLUMN history.source_file.encoding IS 'Encoding it was decoded with; NULL for binary files.';
COMMENT ON COLUMN history.source_file.n_invalid_bytes IS 'Bytes that are not valid in that encoding, each replaced by U+FFFD.';
COMMENT ON COLUMN history.source_file.format IS 'Format found by its contents, for example run_result or text_log.';
COMMENT ON COLUMN history.source_file.family IS 'Asset whose tables its rows are in.';
COMMENT ON COLUMN history.source_file.parse_status IS 'ok, empty, not_started (a log of a program that did not start), truncated (ends in the middle), unsupported (no importer) or unreadable.';
COMMENT ON COLUMN history.source_file.parse_error IS 'Why it is not ok, in a sentence.';
COMMENT ON COLUMN history.source_file.n_records IS 'Records found in it: questions, CSV records, JSON lines, as its format counts.';
COMMENT ON COLUMN history.source_file.n_main_rows IS 'Records that became a row of the format''s main table.';
COMMENT ON COLUMN history.source_file.n_dropped_records IS 'Records that hold no data: comment lines and blank lines.';
COMMENT ON COLUMN history.source_file.n_rejected_records IS 'Records that could not be read and are in `rejects`. n_records = n_main_rows + n_dropped_records + n_rejected_records.';
COMMENT ON COLUMN history.source_file.n_rows IS 'Rows of all tables that came from it.';
COMMENT ON COLUMN history.source_file.n_rejects IS 'Rows of `rejects` that came from it.';
COMMENT ON COLUMN history.source_file.duplicate_of IS 'The file with the same contents that counts, by its source_file_id: the first by path, one outside backup folders before one inside. NULL for that one itself.';
COMMENT ON COLUMN history.source_file.first_sha256 IS 'Hash of the contents when the file was first imported. A record does not change: where it differs from sha256, quality_flags has content_changed.';
COMMENT ON COLUMN history.source_file.quality_flags IS 'Doubts about the file: invalid_utf8, wrong_encoding, control_characters, unterminated, huge_line, content_changed, partial (has rejects), backup, and what its format adds.';
COMMENT ON COLUMN history.source_file.importer_version IS 'Version of the importers that read it.';
COMMENT ON COLUMN history.source_file.imported_at IS 'When it was read (UTC).';
