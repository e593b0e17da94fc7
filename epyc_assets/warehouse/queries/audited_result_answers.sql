-- One row is one answer of a suite of the record's runs with the judge's verdict that counts, for the label audit.
SELECT
    result_id AS answer_id,
    question_id,
    coalesce(model, role) AS actor,
    answer AS text,
    passed,
    FALSE AS is_cut
FROM all_results
WHERE origin = 'history'
    AND suite = $suite
    AND 'runs' = $source
    AND status = 'ok'
ORDER BY answer_id
