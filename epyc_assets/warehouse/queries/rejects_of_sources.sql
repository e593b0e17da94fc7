-- What could not be read of some sources, in the order of the sources. sources: a JSON list.
SELECT source, location, reason
FROM rejects
WHERE list_contains(from_json($sources, '["VARCHAR"]'), source)
ORDER BY source, location
