-- One row per figure of the record that cannot be right, or that nothing supports, with the limit it breaks. Copies of files are left out.
-- Roofline: decoding a token reads all weights of a dense model once, so tokens per second cannot exceed memory bandwidth over the size of the weights (S. Williams et al., "Roofline", Communications of the ACM 52 (2009), 65-76). The bandwidth is the host's nominal 537.6 GB/s (registry/hosts/epyc9655.yaml: 12 channels of DDR5-5600); sizes are the registry's (its GB taken as 10^9 bytes, so that the limit is generous) or the log's. Mixtures of experts read a part of their weights and have no such limit here. With speculation one pass yields at most k + 1 tokens (Y. Leviathan et al., "Fast inference from transformers via speculative decoding", ICML 2023), so the roofline is k + 1 times as high, and the speed-up over the same model's baseline is at most k + 1.
-- key: source_table, source_key, metric, reason
-- column: source_table: Table of the figure.
-- column: source_key: Its row there.
-- column: source_file_id: The file it came from.
-- column: subject: What it is said of: model and config, or role.
-- column: metric: Which figure.
-- column: figure: The figure as recorded.
-- column: limit_figure: What it cannot exceed; NULL where the reason is of another kind.
-- column: reason: tps_outlier, one_token, above_roofline, above_speculation_cap, acceptance_not_a_ratio, contradicts_time or untrusted_claim.
-- column: explanation: In words.
WITH weights AS (
    SELECT
        model,
        max(size_gb) * 1e9 AS size_bytes
    FROM history.registry_model
    WHERE architecture = 'dense'
        AND size_gb > 0
        AND model IS NOT NULL
    GROUP BY model
),

answers AS (
    SELECT
        question.result_pk || ':' || question.ordinal AS source_key,
        question.source_file_id,
        coalesce(result.model, '?') || ' ' || coalesce(result.config, '?') || ' '
        || coalesce(question.suite, '?') || '/' || coalesce(question.question_id, '?') AS subject,
        question.tps,
        question.acceptance_rate_raw,
        question.quality_flags,
        537.6e9 / nullif(weights.size_bytes, 0) * (coalesce(result.k, 0) + 1) AS roofline_tps
    FROM history.question_result AS question
    INNER JOIN history.benchmark_result AS result ON question.result_pk = result.result_pk
    INNER JOIN history.source_file ON question.source_file_id = source_file.source_file_id
    LEFT JOIN weights
        ON result.model = weights.model
        AND result.moe_experts IS NULL
        AND NOT result.uses_lookup
    WHERE source_file.duplicate_of IS NULL
),

baselines AS (
    SELECT
        model,
        base_config,
        max(tps_median) AS tps
    FROM history.benchmark_speed
    WHERE is_base
    GROUP BY ALL
)

SELECT
    'question_result' AS source_table,
    source_key,
    source_file_id,
    subject,
    'tps' AS metric,
    tps AS figure,
    roofline_tps AS limit_figure,
    'tps_outlier' AS reason,
    'far above every other speed in its file' AS explanation
FROM answers
WHERE list_contains(quality_flags, 'tps_outlier')

UNION ALL

SELECT
    'question_result',
    source_key,
    source_file_id,
    subject,
    'tps',
    tps,
    roofline_tps,
    'one_token',
    'timed over one token, so it is no speed'
FROM answers
WHERE list_contains(quality_flags, 'one_token') AND tps IS NOT NULL

UNION ALL

SELECT
    'question_result',
    source_key,
    source_file_id,
    subject,
    'tps',
    tps,
    roofline_tps,
    'above_roofline',
    'faster than the memory can deliver the weights'
FROM answers
WHERE tps > roofline_tps

UNION ALL

SELECT
    'question_result',
    source_key,
    source_file_id,
    subject,
    'tps',
    tps,
    NULL,
    'contradicts_time',
    'differs by more than 5 % from the tokens over the time of the same row'
FROM answers
WHERE list_contains(quality_flags, 'tps_contradicts_time')

UNION ALL

SELECT
    'question_result',
    source_key,
    source_file_id,
    subject,
    'acceptance_rate_raw',
    acceptance_rate_raw,
    1.0,
    'acceptance_not_a_ratio',
    'accepted over drafted tokens lies between 0 and 1; acceptance_rate is recomputed from the answer''s counts where it has them'
FROM answers
WHERE list_contains(quality_flags, 'acceptance_invalid') AND acceptance_rate_raw IS NOT NULL

UNION ALL

SELECT
    'benchmark_result',
    speed.result_pk::VARCHAR,
    speed.source_file_id,
    speed.model || ' ' || speed.config,
    'tps_median',
    speed.tps_median,
    baselines.tps * (speed.k + 1),
    'above_speculation_cap',
    printf(
        '%.1f times the baseline of %.2f t/s; %d drafted tokens allow %d times at most',
        speed.tps_median / nullif(baselines.tps, 0), baselines.tps, speed.k, speed.k + 1
    )
FROM history.benchmark_speed AS speed
INNER JOIN baselines
    ON speed.model = baselines.model
    AND speed.base_config = baselines.base_config
INNER JOIN history.source_file ON speed.source_file_id = source_file.source_file_id
WHERE source_file.duplicate_of IS NULL
    AND speed.k IS NOT NULL
    AND speed.tps_median > baselines.tps * (speed.k + 1)

UNION ALL

SELECT
    'log_measurement',
    log.source_file_id::VARCHAR,
    log.source_file_id,
    coalesce(log.model, log.log_name_model, '?') || ' ' || coalesce(log.config, '?'),
    'generation_tps',
    log.generation_tps,
    537.6e9 / nullif(log.size_bytes, 0) * (coalesce(log.n_draft, 0) + 1),
    'above_roofline',
    'faster than the memory can deliver the weights'
FROM history.log_measurement AS log
WHERE NOT list_contains(log.quality_flags, 'duplicate_log')
    AND log.size_bytes > 0
    AND log.architecture NOT LIKE '%moe%'
    AND log.architecture NOT LIKE '%next%'
    AND log.generation_tps > 537.6e9 / nullif(log.size_bytes, 0) * (coalesce(log.n_draft, 0) + 1)

UNION ALL

SELECT
    'registry_performance',
    claim.role || ':' || claim.ordinal,
    claim.source_file_id,
    claim.role,
    claim.metric,
    claim."value",
    NULL,
    'untrusted_claim',
    coalesce(claim.distrust_reason, 'not trusted')
FROM history.registry_performance AS claim
WHERE NOT claim.is_trusted
QUALIFY row_number() OVER (PARTITION BY claim.role, claim.ordinal ORDER BY claim.source_file_id) = 1
