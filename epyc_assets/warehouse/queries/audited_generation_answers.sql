-- One row is one answer to a question of a suite and source of the platform's own, with the newest verdict, for the label audit.
SELECT
    generations.generation_id AS answer_id,
    generations.question_id,
    generations.model AS actor,
    generations.text,
    scores.passed,
    generations.finish_reason = 'length' AS is_cut
FROM generations
INNER JOIN questions ON generations.question_id = questions.question_id
LEFT JOIN scores ON generations.generation_id = scores.generation_id
WHERE generations.status = 'ok'
    AND questions.suite = $suite
    AND questions.source = $source
QUALIFY row_number() OVER (
    PARTITION BY generations.generation_id
    ORDER BY scores.written_at DESC, scores.scorer_version DESC
) = 1
ORDER BY answer_id
