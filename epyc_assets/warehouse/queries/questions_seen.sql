-- One row is one question that a fleet's question sets have drawn under a seed, in the order of the draws.
SELECT
    suite,
    seed,
    question_id,
    question_key,
    position
FROM questions_seen
WHERE fleet = $fleet
ORDER BY suite, seed, position, question_id
