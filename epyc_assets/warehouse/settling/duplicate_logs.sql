-- The flag duplicate_log: a text log whose contents another log has too, and which is not the one that counts.
UPDATE history.log_measurement AS log
SET quality_flags = CASE
        WHEN file.duplicate_of IS NULL THEN list_filter(log.quality_flags, lambda flag: flag <> 'duplicate_log')
        ELSE list_append(log.quality_flags, 'duplicate_log')
    END
FROM history.source_file AS file
WHERE log.source_file_id = file.source_file_id
    AND (file.duplicate_of IS NOT NULL) <> list_contains(log.quality_flags, 'duplicate_log');
