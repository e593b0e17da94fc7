-- One row is one model, or one model with fewer experts, measured in the record: the master table by rule.
-- Where several result files share a row, one speaks for it: ordered by (has a rescored review, has a plain review, number of reviewed questions, run directory) descending, then by role. Its review is the rescored one if there is one. So no row picks its luckiest review, and no speed-only config lends a row its quality: a model measured with speculation or lookup alone has no row here, its speeds are in benchmark_speed.
-- key: row_name
-- column: row_name: The row: the model, with _moeN where fewer experts were active.
-- column: model: Name of the model's file, without its ending and shard number.
-- column: config: baseline or moeN.
-- column: thinking_passes: Answers of suite thinking that the judge gave 2 or 3 points.
-- column: thinking_reviewed: Answers of suite thinking that the judge scored; 0 where none was.
-- column: general_passes: Answers of suite general that the judge gave 2 or 3 points.
-- column: general_reviewed: Answers of suite general that the judge scored; 0 where none was.
-- column: math_passes: Answers of suite math that the judge gave 2 or 3 points.
-- column: math_reviewed: Answers of suite math that the judge scored; 0 where none was.
-- column: agentic_passes: Answers of suite agentic that the judge gave 2 or 3 points.
-- column: agentic_reviewed: Answers of suite agentic that the judge scored; 0 where none was.
-- column: coder_passes: Answers of suite coder that the judge gave 2 or 3 points.
-- column: coder_reviewed: Answers of suite coder that the judge scored; 0 where none was.
-- column: instruction_precision_passes: Answers of suite instruction_precision that the judge gave 2 or 3 points.
-- column: instruction_precision_reviewed: Answers of suite instruction_precision that the judge scored; 0 where none was.
-- column: long_context_passes: Answers of suite long_context that the judge gave 2 or 3 points.
-- column: long_context_reviewed: Answers of suite long_context that the judge scored; 0 where none was.
-- column: vl_passes: Answers of suite vl that the judge gave 2 or 3 points.
-- column: vl_reviewed: Answers of suite vl that the judge scored; 0 where none was.
-- column: total_passes: Sum over the eight suites.
-- column: total_reviewed: Sum over the eight suites.
-- column: pct: 100 * total_passes / total_reviewed, two decimals, halves to even. NULL where nothing was reviewed.
-- column: tps_median: Median tokens per second over the questions of the run, those without a speed or with 0 left out.
-- column: tps_mean: Mean tokens per second as the run's file states it: outliers weigh on it.
-- column: spec_draft: Draft model with which speculation was fastest, without the draft_ of its role.
-- column: spec_best_tps: Its highest tokens per second, one decimal.
-- column: spec_k_results: Its tokens per second by the number of drafted tokens: k4:7.7,k8:14.0.
-- column: lookup_best_tps: Highest tokens per second with prompt lookup, one decimal.
-- column: lookup_n_results: Tokens per second with prompt lookup by the length of its n-grams: n3:9.4,n4:9.4.
-- column: review_kind: rescored (the later, stricter judge) or plain (the earlier one): where the quality comes from. NULL without a review.
-- column: run_dir: Run directory of the file that speaks for the row.
-- column: role: Role of that file.
-- column: result_pk: That file (benchmark_result).
-- column: review_name: Name of the review that counts.
-- column: review_pk: That review (review_file).
-- column: base_files: Result files of the row in this very config: several where roles share a model or runs repeat.
WITH base AS (
    SELECT
        speed.*,
        rescored.review_pk AS rescored_pk,
        plain.review_pk AS plain_pk,
        coalesce(rescored.review_pk, plain.review_pk) AS review_pk,
        coalesce(rescored.total_reviewed, plain.total_reviewed, 0) AS reviewed
    FROM history.benchmark_speed AS speed
    LEFT JOIN history.review_tally AS rescored
        ON speed.record_folder = rescored.record_folder
        AND rescored.name = speed.role || '_' || speed.config || '_rescored'
    LEFT JOIN history.review_tally AS plain
        ON speed.record_folder = plain.record_folder
        AND plain.name = speed.role || '_' || speed.config
    WHERE speed.is_base
        AND speed.row_name IS NOT NULL
        AND speed.record_folder IS NOT NULL
),

chosen AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY row_name) AS base_files
    FROM base
    QUALIFY row_number() OVER (
        PARTITION BY row_name
        ORDER BY
            rescored_pk IS NOT NULL DESC,
            plain_pk IS NOT NULL DESC,
            reviewed DESC,
            run_dir DESC,
            role ASC,
            path ASC
    ) = 1
),

-- The same (draft, K) in several run directories or roles: the last by path counts.
speculation AS (
    SELECT
        row_name,
        draft,
        k,
        tps_mean
    FROM history.benchmark_speed
    WHERE draft IS NOT NULL
        AND k IS NOT NULL
        AND NOT uses_lookup
        AND measured > 0
        AND record_folder IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY row_name, draft, k ORDER BY path DESC) = 1
),

best_draft AS (
    SELECT
        row_name,
        draft AS spec_draft,
        CAST(format('{:.1f}', max(tps_mean)) AS DOUBLE) AS spec_best_tps,
        string_agg(format('k{}:{:.1f}', k, tps_mean), ',' ORDER BY k) AS spec_k_results
    FROM speculation
    GROUP BY row_name, draft
    QUALIFY row_number() OVER (PARTITION BY row_name ORDER BY max(tps_mean) DESC, draft ASC) = 1
),

looked_up AS (
    SELECT
        row_name,
        ngram_n,
        tps_mean
    FROM history.benchmark_speed
    WHERE ngram_n IS NOT NULL
        AND k IS NULL
        AND measured > 0
        AND record_folder IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY row_name, ngram_n ORDER BY path DESC) = 1
),

best_lookup AS (
    SELECT
        row_name,
        CAST(format('{:.1f}', max(tps_mean)) AS DOUBLE) AS lookup_best_tps,
        string_agg(format('n{}:{:.1f}', ngram_n, tps_mean), ',' ORDER BY ngram_n) AS lookup_n_results
    FROM looked_up
    GROUP BY row_name
)

SELECT
    chosen.row_name,
    chosen.model,
    chosen.base_config AS config,
    coalesce(review.thinking_passes, 0) AS thinking_passes,
    coalesce(review.thinking_reviewed, 0) AS thinking_reviewed,
    coalesce(review.general_passes, 0) AS general_passes,
    coalesce(review.general_reviewed, 0) AS general_reviewed,
    coalesce(review.math_passes, 0) AS math_passes,
    coalesce(review.math_reviewed, 0) AS math_reviewed,
    coalesce(review.agentic_passes, 0) AS agentic_passes,
    coalesce(review.agentic_reviewed, 0) AS agentic_reviewed,
    coalesce(review.coder_passes, 0) AS coder_passes,
    coalesce(review.coder_reviewed, 0) AS coder_reviewed,
    coalesce(review.instruction_precision_passes, 0) AS instruction_precision_passes,
    coalesce(review.instruction_precision_reviewed, 0) AS instruction_precision_reviewed,
    coalesce(review.long_context_passes, 0) AS long_context_passes,
    coalesce(review.long_context_reviewed, 0) AS long_context_reviewed,
    coalesce(review.vl_passes, 0) AS vl_passes,
    coalesce(review.vl_reviewed, 0) AS vl_reviewed,
    coalesce(review.total_passes, 0) AS total_passes,
    coalesce(review.total_reviewed, 0) AS total_reviewed,
    review.pct,
    chosen.tps_median,
    chosen.summary_tps_mean AS tps_mean,
    best_draft.spec_draft,
    best_draft.spec_best_tps,
    best_draft.spec_k_results,
    best_lookup.lookup_best_tps,
    best_lookup.lookup_n_results,
    CASE
        WHEN chosen.rescored_pk IS NOT NULL THEN 'rescored'
        WHEN chosen.plain_pk IS NOT NULL THEN 'plain'
    END AS review_kind,
    chosen.run_dir,
    chosen.role,
    chosen.result_pk,
    review.name AS review_name,
    review.review_pk,
    chosen.base_files
FROM chosen
LEFT JOIN history.review_tally AS review ON chosen.review_pk = review.review_pk
LEFT JOIN best_draft ON chosen.row_name = best_draft.row_name
LEFT JOIN best_lookup ON chosen.row_name = best_lookup.row_name
