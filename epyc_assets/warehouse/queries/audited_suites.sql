-- One row is one suite of one source whose labels are audited, what is asked apart from what no present set holds; of the record the source is the kind of file.
SELECT
    'live' AS origin,
    'generation' AS record,
    suite,
    source,
    question_id IN (SELECT question_sets.question_id FROM question_sets) AS is_asked
FROM questions
GROUP BY ALL

UNION ALL

SELECT
    'history' AS origin,
    'outcome' AS record,
    suite,
    'routing' AS source,
    TRUE AS is_asked
FROM history.routing_question
GROUP BY ALL

UNION ALL

SELECT
    'history' AS origin,
    'result' AS record,
    suite,
    'runs' AS source,
    TRUE AS is_asked
FROM history.question_result
WHERE suite <> 'speed_test'
GROUP BY ALL
ORDER BY ALL
