-- The sources in rejects that are files of some public sets' local copies, also those that are there no longer.
-- suites: a JSON list.
SELECT DISTINCT source
FROM rejects
WHERE list_contains(from_json($suites, '["VARCHAR"]'), regexp_extract(source, '^datasets/([^/]+)/', 1))
ORDER BY source
