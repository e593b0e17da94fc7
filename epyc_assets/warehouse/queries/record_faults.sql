-- One row is one file of the record that could not be read whole, worst first.
SELECT
    path,
    format,
    parse_status,
    parse_error,
    n_rejects
FROM history.source_file
WHERE parse_status IN ('unreadable', 'truncated') OR n_rejects > 0
ORDER BY
    parse_status <> 'unreadable',
    path
