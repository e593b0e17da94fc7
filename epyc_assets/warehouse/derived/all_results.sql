-- One row per question answered by one model under one config: the platform's own generations and the imported record's, side by side.
-- kind: view
-- key: origin, result_id
-- column: origin: live (a generation of this platform) or history (the imported record).
-- column: result_id: The generation, or file and question of the record.
-- column: fleet: Fleet of a live row; NULL for the record, which had none.
-- column: role: Role of the record's row; NULL for a live one: a generation is a model's.
-- column: model: Model: its name in the registry, or its file's name without ending and shard number.
-- column: config: The config in words, or as the record names it.
-- column: technique: baseline, moe, spec, lookup or a compound.
-- column: suite: Suite of the question.
-- column: question_id: The question, within its origin and suite.
-- column: prompt: What was asked.
-- column: answer: What was answered; NULL where there is no answer.
-- column: status: ok, or why there is no answer.
-- column: passed: The verdict that counts; NULL where nobody judged. Live: the newest version of the question's scorer. Record: the judge gave 2 or 3 points.
-- column: judged_by: The scorer with its version, or the record's review: rescored (the later, stricter judge, which counts where both are) or plain.
-- column: tps: Decoding speed, tokens per second. The record's is as its tool reported it.
-- column: effective_tps: Tokens of the answer over the whole time, tokens per second.
-- column: prompt_tokens: Tokens of the prompt.
-- column: generated_tokens: Tokens of the answer.
-- column: total_ms: Whole time, milliseconds.
-- column: acceptance_rate: Accepted over drafted tokens, 0 to 1.
-- column: quality_flags: Doubts about the row.
-- column: answered_at: When; for the record the time its file states, whose zone it does not say.
WITH verdicts AS (
    SELECT *
    FROM scores
    QUALIFY row_number() OVER (
        PARTITION BY generation_id
        ORDER BY written_at DESC, scorer_version DESC
    ) = 1
),

judged AS (
    SELECT
        review_file.result_pk,
        review_score.suite,
        review_score.question_id,
        review_score.score,
        review_file.kind
    FROM history.review_score
    INNER JOIN history.review_file ON review_score.review_pk = review_file.review_pk
    WHERE review_file.result_pk IS NOT NULL
        AND review_file.kind IN ('plain', 'rescored')
        AND review_score.score IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY review_file.result_pk, review_score.suite, review_score.question_id
        ORDER BY review_file.kind = 'rescored' DESC, review_file.name, review_score.ordinal
    ) = 1
)

SELECT
    'live' AS origin,
    generations.generation_id AS result_id,
    generations.fleet,
    NULL::VARCHAR AS role,
    generations.model,
    generations.config,
    generations.technique,
    generations.suite,
    generations.question_id,
    generations.prompt,
    generations.text AS answer,
    generations.status,
    verdicts.passed,
    CASE WHEN verdicts.passed IS NOT NULL THEN verdicts.scorer || ' ' || verdicts.scorer_version END AS judged_by,
    generations.generation_tps AS tps,
    generations.effective_tps,
    generations.prompt_tokens::BIGINT AS prompt_tokens,
    generations.generated_tokens::BIGINT AS generated_tokens,
    generations.total_ms,
    NULL::DOUBLE AS acceptance_rate,
    list_filter(
        [CASE WHEN generations.contended THEN 'contended' END, 'degenerate_' || generations.degenerate],
        lambda flag: flag IS NOT NULL
    ) AS quality_flags,
    generations.started_at AS answered_at
FROM generations
LEFT JOIN verdicts ON generations.generation_id = verdicts.generation_id

UNION ALL

SELECT
    'history' AS origin,
    benchmark_result.result_pk || ':' || question_result.ordinal AS result_id,
    NULL::VARCHAR AS fleet,
    benchmark_result.role,
    benchmark_result.model,
    benchmark_result.config,
    benchmark_result.family AS technique,
    question_result.suite,
    question_result.question_id,
    question_result.prompt,
    question_result.response AS answer,
    CASE WHEN list_contains(question_result.quality_flags, 'error_text') THEN 'error' ELSE 'ok' END AS status,
    judged.score >= 2 AS passed,
    judged.kind AS judged_by,
    question_result.tps,
    question_result.effective_tps,
    question_result.prompt_tokens,
    question_result.completion_tokens AS generated_tokens,
    question_result.total_time_ms AS total_ms,
    question_result.acceptance_rate,
    question_result.quality_flags,
    benchmark_result."timestamp" AS answered_at
FROM history.question_result
INNER JOIN history.benchmark_result ON question_result.result_pk = benchmark_result.result_pk
INNER JOIN history.source_file ON question_result.source_file_id = source_file.source_file_id
LEFT JOIN judged
    ON question_result.result_pk = judged.result_pk
    -- Reviews of speed-only configs are copies of their base's: quality is inherited there, not judged.
    AND NOT benchmark_result.is_speed_only
    AND question_result.suite = judged.suite
    AND question_result.question_id = judged.question_id
WHERE source_file.duplicate_of IS NULL
