-- One row is one answer and the scorer of its question, whether or not it has been scored; without its text, so that a million of them are quickly compared with the scores there are.
SELECT
    generations.generation_id,
    questions.scorer
FROM generations
INNER JOIN questions ON generations.question_id = questions.question_id
WHERE generations.status = 'ok'
    AND ($fleet IS NULL OR generations.fleet = $fleet)
    AND ($scorer IS NULL OR questions.scorer = $scorer)
