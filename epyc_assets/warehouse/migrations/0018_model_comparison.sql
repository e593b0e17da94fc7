-- Which of two models answers better, how sure that is, and how many questions more would tell.

CREATE TABLE model_comparison (
    fleet VARCHAR NOT NULL,
    model_a VARCHAR NOT NULL,
    config_id_a VARCHAR NOT NULL,
    config_a VARCHAR NOT NULL,
    model_b VARCHAR NOT NULL,
    config_id_b VARCHAR NOT NULL,
    config_b VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    questions INTEGER NOT NULL,
    passes_a INTEGER NOT NULL,
    passes_b INTEGER NOT NULL,
    only_a INTEGER NOT NULL,
    only_b INTEGER NOT NULL,
    not_scored INTEGER NOT NULL,
    invalid_label INTEGER NOT NULL,
    answered_by_one INTEGER NOT NULL,
    difference DOUBLE,
    difference_low DOUBLE,
    difference_high DOUBLE,
    value_difference DOUBLE,
    value_difference_low DOUBLE,
    value_difference_high DOUBLE,
    p_value DOUBLE,
    comparisons INTEGER NOT NULL,
    p_adjusted DOUBLE,
    verdict VARCHAR NOT NULL,
    questions_needed BIGINT,
    questions_more BIGINT,
    questions_needed_adjusted BIGINT,
    questions_more_adjusted BIGINT,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model_a, config_id_a, model_b, config_id_b, suite)
);
COMMENT ON TABLE model_comparison IS 'One row is two models (each under one quality-affecting config) on the questions of one suite, or of all suites, that both answered: which is better, how sure that is, how many questions would tell. Each pair is there in both directions: what is about A against B stands again, turned round, as B against A.';
COMMENT ON COLUMN model_comparison.fleet IS 'Fleet both models belong to.';
COMMENT ON COLUMN model_comparison.model_a IS 'First model, by its name in the registry.';
COMMENT ON COLUMN model_comparison.config_id_a IS 'Identity of its config.';
COMMENT ON COLUMN model_comparison.config_a IS 'The config in words.';
COMMENT ON COLUMN model_comparison.model_b IS 'Second model; may be the first under another config.';
COMMENT ON COLUMN model_comparison.config_id_b IS 'Identity of its config.';
COMMENT ON COLUMN model_comparison.config_b IS 'The config in words.';
COMMENT ON COLUMN model_comparison.suite IS 'Suite of the questions, or all: every common question of every suite, each counting once.';
COMMENT ON COLUMN model_comparison.questions IS 'Questions of the fleet''s present sets that both answered and that both have a verdict on: those compared.';
COMMENT ON COLUMN model_comparison.passes_a IS 'Of these, passed by the first.';
COMMENT ON COLUMN model_comparison.passes_b IS 'Of these, passed by the second.';
COMMENT ON COLUMN model_comparison.only_a IS 'Of these, passed by the first alone.';
COMMENT ON COLUMN model_comparison.only_b IS 'Of these, passed by the second alone.';
COMMENT ON COLUMN model_comparison.not_scored IS 'Questions that both answered and that are left out because an answer has no verdict.';
COMMENT ON COLUMN model_comparison.invalid_label IS 'Questions that both answered and that are left out because the label was found invalid.';
COMMENT ON COLUMN model_comparison.answered_by_one IS 'Questions that are left out because one of the two has not answered them.';
COMMENT ON COLUMN model_comparison.difference IS 'Pass rate of the first minus that of the second on the common questions; NULL without any.';
COMMENT ON COLUMN model_comparison.difference_low IS 'Lower end of its 95 % interval (Tango''s score interval for paired proportions), of this pair alone.';
COMMENT ON COLUMN model_comparison.difference_high IS 'Upper end of that interval.';
COMMENT ON COLUMN model_comparison.value_difference IS 'Mean value (0 to 1) of the first minus that of the second on the common questions: differs from difference where a scorer grants parts.';
COMMENT ON COLUMN model_comparison.value_difference_low IS 'Lower end of its 95 % interval: paired bootstrap over questions, for all suites within each; NULL where the values differ by the same on all questions, which a bootstrap cannot judge.';
COMMENT ON COLUMN model_comparison.value_difference_high IS 'Upper end of that interval.';
COMMENT ON COLUMN model_comparison.p_value IS 'Exact two-sided McNemar test of only_a against only_b: for a pair chosen beforehand.';
COMMENT ON COLUMN model_comparison.comparisons IS 'Pairs of the fleet with common questions of this suite, each counted once: what p_adjusted is adjusted for.';
COMMENT ON COLUMN model_comparison.p_adjusted IS 'p_value adjusted for that number by Holm''s rule: for pairs picked out of all.';
COMMENT ON COLUMN model_comparison.verdict IS 'better or worse (the first than the second): p_adjusted is at most 0.05. too_few: fewer than six common questions, on which no outcome could show anything. Else not_told_apart.';
COMMENT ON COLUMN model_comparison.questions_needed IS 'Common questions on which the exact test at 5 %, for this pair alone, would tell the two apart with 80 % probability if they go on differing as they did; NULL where they came out equal.';
COMMENT ON COLUMN model_comparison.questions_more IS 'How many more than questions that is; 0 where there are enough.';
COMMENT ON COLUMN model_comparison.questions_needed_adjusted IS 'The same at 5 % shared between all comparisons: what it takes for a verdict among all pairs.';
COMMENT ON COLUMN model_comparison.questions_more_adjusted IS 'How many more than questions that is; 0 where there are enough.';
