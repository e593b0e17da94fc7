-- One row is one question of a suite and source of the platform's own, for the label audit.
SELECT
    question_id,
    prompt,
    expected,
    scorer,
    scorer_config::VARCHAR AS scorer_config,
    max_tokens,
    TRUE AS prompt_is_whole
FROM questions
WHERE suite = $suite AND source = $source
ORDER BY question_id
