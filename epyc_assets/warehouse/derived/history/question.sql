-- One row is one question of the record, by suite and id: what it asks, and how often it was answered and reviewed.
-- key: question_pk
-- column: question_pk: Key of the question.
-- column: suite: Suite.
-- column: question_id: Id within the suite.
-- column: generation: v1 (in prompts/v1), debug (in prompts/debug), adapter (asked in an evaluation only), speed_test, or v1_old (answered in a run, its prompt file gone).
-- column: tier: Difficulty, where stated.
-- column: prompt: Its text, from the prompt file, else as it was asked.
-- column: expected: Reference answer, where stated.
-- column: n_answers: Answers in result files.
-- column: n_reviews: Scores in reviews.
-- column: n_evaluations: Times it was asked in routing evaluations.
WITH written AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY question_pk) AS n_texts
    FROM history.prompt
    QUALIFY row_number() OVER (PARTITION BY question_pk ORDER BY generation DESC, source_file_id) = 1
),

answered AS (
    SELECT
        question_pk,
        min(suite) AS suite,
        min(question_id) AS question_id,
        min(tier) AS tier,
        min(prompt) AS prompt,
        count(*) AS n
    FROM history.question_result
    GROUP BY question_pk
),

reviewed AS (
    SELECT
        question_pk,
        min(suite) AS suite,
        min(question_id) AS question_id,
        count(*) AS n
    FROM history.review_score
    WHERE question_pk IS NOT NULL
    GROUP BY question_pk
),

evaluated AS (
    SELECT
        question_pk,
        min(suite) AS suite,
        min(question_id) AS question_id,
        min(prompt) AS prompt,
        min(expected) AS expected,
        count(*) AS n
    FROM history.routing_question
    WHERE question_pk IS NOT NULL
    GROUP BY question_pk
)

SELECT
    question_pk,
    coalesce(written.suite, answered.suite, evaluated.suite, reviewed.suite) AS suite,
    coalesce(written.question_id, answered.question_id, evaluated.question_id, reviewed.question_id) AS question_id,
    CASE
        WHEN written.generation IS NOT NULL THEN written.generation
        WHEN answered.suite = 'speed_test' THEN 'speed_test'
        WHEN answered.suite IS NOT NULL THEN 'v1_old'
        WHEN evaluated.suite IS NOT NULL THEN 'adapter'
        ELSE 'v1_old'
    END AS generation,
    coalesce(written.tier, answered.tier) AS tier,
    coalesce(written.prompt, answered.prompt, evaluated.prompt) AS prompt,
    coalesce(written.expected, evaluated.expected) AS expected,
    coalesce(answered.n, 0) AS n_answers,
    coalesce(reviewed.n, 0) AS n_reviews,
    coalesce(evaluated.n, 0) AS n_evaluations
FROM written
FULL JOIN answered USING (question_pk)
FULL JOIN evaluated USING (question_pk)
FULL JOIN reviewed USING (question_pk)
WHERE question_pk IS NOT NULL
