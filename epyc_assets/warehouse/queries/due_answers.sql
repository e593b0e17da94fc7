-- One row is one answer that is due (its generation_id is in the registered frame due_generations), with what its scorer needs; equal ones stand together, so that each is judged once.
SELECT
    generations.generation_id,
    generations.text,
    questions.expected,
    questions.scorer,
    questions.scorer_config,
    generations.max_tokens,
    generations.finish_reason
FROM generations
INNER JOIN due_generations ON generations.generation_id = due_generations.generation_id
INNER JOIN questions ON generations.question_id = questions.question_id
ORDER BY
    questions.scorer,
    hash(questions.scorer_config, questions.expected, generations.text)
