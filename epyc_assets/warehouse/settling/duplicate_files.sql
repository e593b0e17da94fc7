-- Which file counts of several with the same contents: history.source_file.duplicate_of.
-- The first by path, one outside folders with backup in their name before one inside; empty files are no copies.
WITH ranked AS (
    SELECT
        source_file_id,
        first_value(source_file_id) OVER (
            PARTITION BY sha256
            ORDER BY regexp_matches(path, 'backup[^/]*/'), path
        ) AS counting_file_id
    FROM history.source_file
    WHERE size_bytes > 0 AND sha256 IS NOT NULL
),

wanted AS (
    SELECT
        file.source_file_id,
        nullif(ranked.counting_file_id, file.source_file_id) AS duplicate_of
    FROM history.source_file AS file
    LEFT JOIN ranked ON file.source_file_id = ranked.source_file_id
)

UPDATE history.source_file AS file
SET duplicate_of = wanted.duplicate_of
FROM wanted
WHERE file.source_file_id = wanted.source_file_id
    AND file.duplicate_of IS DISTINCT FROM wanted.duplicate_of;
