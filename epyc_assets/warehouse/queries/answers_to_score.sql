-- One row is one answer with what its question's scorer needs, whether or not it has been scored.
SELECT
    generations.generation_id,
    generations.text,
    questions.expected,
    questions.scorer,
    questions.scorer_config,
    generations.max_tokens,
    generations.finish_reason
FROM generations
INNER JOIN questions ON generations.question_id = questions.question_id
WHERE generations.status = 'ok'
