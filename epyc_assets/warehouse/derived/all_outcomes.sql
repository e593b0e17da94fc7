-- One row per action tried on one question, for routing: imported evaluations and the platform's own scored generations, side by side.
-- kind: view
-- key: origin, outcome_id
-- column: origin: live (a generation of this platform) or history (the imported record).
-- column: outcome_id: The generation, or the record's question and action.
-- column: question_key: The question, the same for every action tried on it; a retry in the record is a question of its own.
-- column: suite: Suite of the question.
-- column: question_id: The question, within its origin and suite.
-- column: prompt: What was asked.
-- column: expected: Reference answer.
-- column: action: Role and mode (frontdoor:direct); for a live row model and mode.
-- column: role: Role that acted, or the model.
-- column: mode: direct, repl, delegated, react.
-- column: is_infrastructure_error: The infrastructure failed and not the model: not an outcome, passed is NULL.
-- column: passed: Whether the answer was right; NULL where nobody can say.
-- column: status: valid; infrastructure_error; invalid_label (the label audit found an error, or no answer could match the reference: no evidence, whatever passed says); not_scored (nobody judged it yet, or could).
-- column: elapsed_s: Whole time, seconds.
-- column: generated_tokens: Tokens of the answer.
-- column: tps: Decoding speed, tokens per second.
-- column: asked_at: When (UTC).
WITH verdicts AS (
    SELECT *
    FROM scores
    QUALIFY row_number() OVER (
        PARTITION BY generation_id
        ORDER BY written_at DESC, scorer_version DESC
    ) = 1
),

doubted AS (
    SELECT DISTINCT
        origin,
        answer_id
    FROM label_finding_answers
    WHERE record IN ('generation', 'outcome')
)

SELECT
    'live' AS origin,
    generations.generation_id AS outcome_id,
    generations.question_id AS question_key,
    generations.suite,
    generations.question_id,
    questions.prompt,
    questions.expected,
    generations.model || ':direct' AS action,
    generations.model AS role,
    'direct' AS mode,
    generations.status <> 'ok' AS is_infrastructure_error,
    CASE WHEN generations.status = 'ok' THEN verdicts.passed END AS passed,
    CASE
        WHEN generations.status <> 'ok' THEN 'infrastructure_error'
        WHEN verdicts.status = 'invalid_label' OR doubted.answer_id IS NOT NULL THEN 'invalid_label'
        WHEN verdicts.passed IS NULL THEN 'not_scored'
        ELSE 'valid'
    END AS status,
    generations.total_ms / 1000 AS elapsed_s,
    generations.generated_tokens::BIGINT AS generated_tokens,
    generations.generation_tps AS tps,
    generations.started_at AS asked_at
FROM generations
INNER JOIN questions ON generations.question_id = questions.question_id
LEFT JOIN verdicts ON generations.generation_id = verdicts.generation_id
LEFT JOIN doubted ON doubted.origin = 'live' AND generations.generation_id = doubted.answer_id

UNION ALL

SELECT
    'history' AS origin,
    role_outcome.rq_pk || ':' || role_outcome.role_mode AS outcome_id,
    routing_question.rq_pk::VARCHAR AS question_key,
    routing_question.suite,
    routing_question.question_id,
    routing_question.prompt,
    routing_question.expected,
    role_outcome.role_mode AS action,
    role_outcome.role,
    role_outcome.mode,
    list_contains(role_outcome.quality_flags, 'infra_error') AS is_infrastructure_error,
    CASE WHEN NOT list_contains(role_outcome.quality_flags, 'infra_error') THEN role_outcome.passed END AS passed,
    CASE
        WHEN list_contains(role_outcome.quality_flags, 'infra_error') THEN 'infrastructure_error'
        WHEN doubted.answer_id IS NOT NULL THEN 'invalid_label'
        WHEN role_outcome.passed IS NULL THEN 'not_scored'
        ELSE 'valid'
    END AS status,
    role_outcome.elapsed_s,
    role_outcome.tokens_generated AS generated_tokens,
    role_outcome.predicted_tps AS tps,
    routing_question.asked_at
FROM history.role_outcome
INNER JOIN history.routing_question ON role_outcome.rq_pk = routing_question.rq_pk
INNER JOIN history.source_file ON role_outcome.source_file_id = source_file.source_file_id
LEFT JOIN doubted
    ON doubted.origin = 'history'
    AND role_outcome.rq_pk || ':' || role_outcome.role_mode = doubted.answer_id
WHERE source_file.duplicate_of IS NULL
