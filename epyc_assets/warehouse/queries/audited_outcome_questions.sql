-- One row is one question of a suite of the record's routing evaluations, for the label audit; the record keeps the first 200 characters of a prompt, and not the image that belongs to it.
SELECT DISTINCT ON (question_id)
    question_id,
    prompt,
    expected,
    NULL::VARCHAR AS scorer,
    NULL::VARCHAR AS scorer_config,
    NULL::BIGINT AS max_tokens,
    coalesce(length(prompt) < 200 AND suite <> 'vl', FALSE) AS prompt_is_whole
FROM history.routing_question
WHERE suite = $suite AND 'routing' = $source AND $is_asked
ORDER BY
    question_id,
    rq_pk
