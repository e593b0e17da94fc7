-- One row is one question that a fleet's models are asked, in the order of its question sets.
SELECT
    questions.question_id,
    questions.suite,
    questions.tier,
    questions.prompt,
    questions.expected,
    questions.scorer,
    questions.scorer_config,
    questions.max_tokens,
    questions.source,
    questions.source_version,
    questions.seed,
    questions.split
FROM question_sets
INNER JOIN questions ON question_sets.question_id = questions.question_id
WHERE question_sets.fleet = $fleet
ORDER BY question_sets.suite, question_sets.position
