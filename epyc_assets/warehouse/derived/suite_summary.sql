-- One row is one model under one config on one suite: how many of its present questions it answered and passed.
-- key: fleet, model, config_id, suite
-- column: fleet: Fleet the model belongs to.
-- column: model: Model, by its name in the registry.
-- column: config_id: Identity of the config.
-- column: config: The config in words.
-- column: technique: Technique of the config.
-- column: suite: Suite of the questions.
-- column: questions: Questions in the fleet's set.
-- column: answered: Questions of the set that were answered.
-- column: passes: Answers that passed.
-- column: scored: Answers with a verdict; the rate is over these.
-- column: not_scored: Answers that no scorer could judge.
-- column: invalid_label: Answers without a verdict on the model because no answer can match the reference, or because the label audit found an error.
-- column: pass_ratio: passes over scored; NULL where nothing was scored.
-- column: pass_low: Lower end of the 95 % Wilson interval of pass_ratio.
-- column: pass_high: Upper end of the 95 % Wilson interval of pass_ratio.
-- column: beats: Models and configs of the fleet that this one is shown to be better than on the suite (model_comparison); NULL where it is compared with none.
-- column: beaten_by: Models and configs of the fleet that are shown to be better than this one on the suite.
-- column: strict_passes: Answers that passed with strict extraction.
-- column: truncated: Answers cut at max_tokens or at the end of the context.
-- column: degenerate: Answers flagged as degenerate.
WITH asked AS (
    SELECT
        sweep_plan.fleet,
        sweep_plan.model,
        sweep_plan.config_id,
        sweep_plan.config,
        sweep_plan.technique,
        sweep_plan.suite,
        question_sets.question_id
    FROM sweep_plan
    INNER JOIN question_sets
        ON sweep_plan.fleet = question_sets.fleet
        AND sweep_plan.suite = question_sets.suite
    WHERE sweep_plan.status <> 'not_allowed'
),

standing AS (
    SELECT
        fleet,
        model_a AS model,
        config_id_a AS config_id,
        suite,
        count(*) FILTER (WHERE verdict = 'better') AS beats,
        count(*) FILTER (WHERE verdict = 'worse') AS beaten_by
    FROM model_comparison
    GROUP BY fleet, model_a, config_id_a, suite
)

SELECT
    asked.fleet,
    asked.model,
    asked.config_id,
    asked.config,
    asked.technique,
    asked.suite,
    count(*) AS questions,
    count(answers.generation_id) AS answered,
    count(*) FILTER (WHERE answers.passed) AS passes,
    count(answers.passed) AS scored,
    count(*) FILTER (
        WHERE answers.generation_id IS NOT NULL
            AND answers.passed IS NULL
            AND answers.score_status IS DISTINCT FROM 'invalid_label'
    ) AS not_scored,
    count(*) FILTER (WHERE answers.score_status = 'invalid_label') AS invalid_label,
    count(*) FILTER (WHERE answers.passed) / nullif(count(answers.passed), 0) AS pass_ratio,
    wilson_low(count(*) FILTER (WHERE answers.passed), count(answers.passed)) AS pass_low,
    wilson_high(count(*) FILTER (WHERE answers.passed), count(answers.passed)) AS pass_high,
    standing.beats,
    standing.beaten_by,
    count(*) FILTER (WHERE answers.strict_passed) AS strict_passes,
    count(*) FILTER (WHERE answers.finish_reason <> 'stop') AS truncated,
    count(answers.degenerate) AS degenerate
FROM asked
LEFT JOIN answers
    ON asked.fleet = answers.fleet
    AND asked.model = answers.model
    AND asked.config_id = answers.config_id
    AND asked.question_id = answers.question_id
LEFT JOIN standing
    ON asked.fleet = standing.fleet
    AND asked.model = standing.model
    AND asked.config_id = standing.config_id
    AND asked.suite = standing.suite
GROUP BY ALL
