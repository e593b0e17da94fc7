-- One row is one suite of questions of the record.
-- key: suite
-- column: suite: Its name.
-- column: is_in_master_table: Whether it is one of the eight suites that the master table counts.
-- column: n_questions: Questions known of it: of prompt files, or asked, or reviewed.
-- column: n_prompts_v1: Of these, questions of the present generation (prompts/v1).
-- column: n_prompts_old: Of these, questions of the old generation, whose prompt files are gone.
-- column: n_answers: Answers in result files.
-- column: n_reviews: Scores in reviews.
-- column: n_evaluations: Times that its questions were asked in routing evaluations.
SELECT
    suite,
    suite IN (
        'thinking', 'general', 'math', 'agentic', 'coder', 'instruction_precision', 'long_context', 'vl'
    ) AS is_in_master_table,
    count(*) AS n_questions,
    count(*) FILTER (WHERE generation = 'v1') AS n_prompts_v1,
    count(*) FILTER (WHERE generation = 'v1_old') AS n_prompts_old,
    sum(n_answers)::BIGINT AS n_answers,
    sum(n_reviews)::BIGINT AS n_reviews,
    sum(n_evaluations)::BIGINT AS n_evaluations
FROM history.question
WHERE suite IS NOT NULL
GROUP BY suite
