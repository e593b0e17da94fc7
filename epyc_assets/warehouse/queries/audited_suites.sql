-- One row is one suite of one source whose labels are audited; of the record the source is the kind of file.
SELECT
    'live' AS origin,
    'generation' AS record,
    suite,
    source
FROM questions
GROUP BY ALL

UNION ALL

SELECT
    'history' AS origin,
    'outcome' AS record,
    suite,
    'routing' AS source
FROM history.routing_question
GROUP BY ALL

UNION ALL

SELECT
    'history' AS origin,
    'result' AS record,
    suite,
    'runs' AS source
FROM history.question_result
WHERE suite <> 'speed_test'
GROUP BY ALL
ORDER BY ALL
