-- One row is one question of a suite and source of the platform's own, of those that a present set holds or of the others, for the label audit; in the order of the set.
WITH places AS (
    SELECT
        question_id,
        min(position) AS place
    FROM question_sets
    GROUP BY question_id
)

SELECT
    questions.question_id,
    questions.prompt,
    questions.expected,
    questions.scorer,
    questions.scorer_config::VARCHAR AS scorer_config,
    questions.max_tokens,
    TRUE AS prompt_is_whole
FROM questions
LEFT JOIN places ON questions.question_id = places.question_id
WHERE questions.suite = $suite
    AND questions.source = $source
    AND (places.question_id IS NOT NULL) = $is_asked
ORDER BY
    places.place,
    questions.question_id
