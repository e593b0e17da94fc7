-- One row is one family of formats: what its files held and what became of it.
SELECT
    family,
    count(*) AS files,
    count(*) FILTER (WHERE parse_status NOT IN ('ok', 'empty')) AS files_not_ok,
    count(duplicate_of) AS duplicate_files,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(n_records)::BIGINT AS records,
    sum(n_main_rows)::BIGINT AS main_rows,
    sum(n_dropped_records)::BIGINT AS dropped_records,
    sum(n_rejected_records)::BIGINT AS rejected_records,
    sum(n_rows)::BIGINT AS all_rows,
    sum(n_rejects)::BIGINT AS rejects,
    count(*) FILTER (WHERE n_records <> n_main_rows + n_dropped_records + n_rejected_records) AS unreconciled_files,
    md5(string_agg(path || coalesce(sha256, '') || importer_version, '|' ORDER BY path)) AS contents_md5
FROM history.source_file
GROUP BY family
ORDER BY family
