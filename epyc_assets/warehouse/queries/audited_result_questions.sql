-- One row is one question of a suite of the record's runs, for the label audit; the record does not say what was expected.
SELECT DISTINCT ON (question_id)
    question_id,
    prompt,
    NULL::VARCHAR AS expected,
    NULL::VARCHAR AS scorer,
    NULL::VARCHAR AS scorer_config,
    NULL::BIGINT AS max_tokens,
    TRUE AS prompt_is_whole
FROM history.question_result
WHERE suite = $suite AND 'runs' = $source AND $is_asked
ORDER BY
    question_id,
    result_pk
