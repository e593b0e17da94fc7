-- Imported question files, as the last import left them.
SELECT name, suite, origin, layout, entries, questions, rejects, needs_judge,
    CAST(mapped AS VARCHAR) AS mapped, CAST(notes AS VARCHAR) AS notes, contents_sha256
FROM imported_suites
ORDER BY name
