-- One row is one question answered by one model under one config: the latest answer with the verdict that counts.
-- key: fleet, model, config_id, question_id
-- column: fleet: Fleet the model belongs to.
-- column: model: Model, by its name in the registry.
-- column: config_id: Identity of the config.
-- column: config: The config in words.
-- column: technique: Technique of the config.
-- column: suite: Suite of the question.
-- column: tier: Difficulty of the question, 1 to 3.
-- column: question_id: The question.
-- column: generation_id: The generation that counts: the latest with status ok.
-- column: prompt: The question as a user would type it.
-- column: expected: Its reference answer.
-- column: text: The answer.
-- column: finish_reason: stop, length or context.
-- column: scorer: The scorer whose verdict counts; NULL before scoring.
-- column: scorer_version: Its version; verdicts of several versions stand side by side in scores.
-- column: score_status: scored, not_scored or invalid_label (no answer could match the reference, or the label audit found an error); NULL before scoring.
-- column: passed: Verdict of the newest version of the question's scorer, flexible extraction; NULL unless score_status is scored. What was recorded stays in scores.
-- column: strict_passed: The same with strict extraction.
-- column: value: Value from 0 to 1 behind the verdict.
-- column: explanation: Why, in words.
-- column: degenerate: Kind of degenerate output, NULL for none.
-- column: contended: Whether other work on the machine may have slowed the answer down.
-- column: generation_tps: Decoding speed, tokens per second.
-- column: prompt_tps: Prompt processing speed, tokens per second.
-- column: effective_tps: Tokens of the answer over the whole time, tokens per second.
-- column: ttft_ms: Time to first token, milliseconds.
-- column: total_ms: Whole time, milliseconds.
WITH latest AS (
    SELECT *
    FROM generations
    WHERE status = 'ok'
    QUALIFY row_number() OVER (
        PARTITION BY fleet, model, config_id, question_id
        ORDER BY started_at DESC, generation_id
    ) = 1
),

verdicts AS (
    SELECT *
    FROM scores
    QUALIFY row_number() OVER (
        PARTITION BY generation_id
        ORDER BY written_at DESC, scorer_version DESC
    ) = 1
),

doubted AS (
    SELECT
        label_finding_answers.answer_id,
        string_agg(label_findings.evidence, '; ' ORDER BY label_findings.finding_id ASC) AS evidence
    FROM label_finding_answers
    INNER JOIN label_findings ON label_finding_answers.finding_id = label_findings.finding_id
    WHERE label_finding_answers.origin = 'live' AND label_finding_answers.record = 'generation'
    GROUP BY label_finding_answers.answer_id
)

SELECT
    latest.fleet,
    latest.model,
    latest.config_id,
    latest.config,
    latest.technique,
    latest.suite,
    questions.tier,
    latest.question_id,
    latest.generation_id,
    questions.prompt,
    questions.expected,
    latest.text,
    latest.finish_reason,
    verdicts.scorer,
    verdicts.scorer_version,
    CASE WHEN doubted.answer_id IS NOT NULL THEN 'invalid_label' ELSE verdicts.status END AS score_status,
    CASE WHEN doubted.answer_id IS NULL THEN verdicts.passed END AS passed,
    CASE WHEN doubted.answer_id IS NULL THEN verdicts.strict_passed END AS strict_passed,
    CASE WHEN doubted.answer_id IS NULL THEN verdicts.value END AS value,
    coalesce('label audit: ' || doubted.evidence, verdicts.explanation) AS explanation,
    latest.degenerate,
    latest.contended,
    latest.generation_tps,
    latest.prompt_tps,
    latest.effective_tps,
    latest.ttft_ms,
    latest.total_ms
FROM latest
INNER JOIN questions ON latest.question_id = questions.question_id
LEFT JOIN verdicts ON latest.generation_id = verdicts.generation_id
LEFT JOIN doubted ON latest.generation_id = doubted.answer_id
