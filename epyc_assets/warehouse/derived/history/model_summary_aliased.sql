-- One row is one row of the master table by rule, with the reviews that were renamed by hand put back to the rows they belong to.
-- A review of the alias map takes the place of the row's own review; where no run has the row, it makes one, without speeds. A review that the record lacks changes nothing.
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
-- column: is_aliased: Whether the quality comes from a review of the alias map.
-- column: has_run: Whether the record has a run for the row; without one there are no speeds.
WITH aliased AS (
    SELECT
        review_alias.row_name,
        tally.*,
        regexp_matches(tally.name, '_rescored$') AS is_rescored
    FROM history.review_alias
    INNER JOIN history.review_tally AS tally ON review_alias.name = tally.name
    -- Several for one row: the one of the record itself before that of a copy, then the last by name, as a rescored
    -- review comes after the plain one.
    QUALIFY row_number() OVER (
        PARTITION BY review_alias.row_name
        ORDER BY tally.name DESC, tally.record_folder ASC
    ) = 1
)

SELECT
    coalesce(summary.row_name, aliased.row_name) AS row_name,
    coalesce(summary.model, regexp_replace(aliased.row_name, '_moe\d+$', '')) AS model,
    coalesce(summary.config, nullif(regexp_extract(aliased.row_name, '_(moe\d+)$', 1), ''), 'baseline') AS config,
    coalesce(aliased.thinking_passes, summary.thinking_passes) AS thinking_passes,
    coalesce(aliased.thinking_reviewed, summary.thinking_reviewed) AS thinking_reviewed,
    coalesce(aliased.general_passes, summary.general_passes) AS general_passes,
    coalesce(aliased.general_reviewed, summary.general_reviewed) AS general_reviewed,
    coalesce(aliased.math_passes, summary.math_passes) AS math_passes,
    coalesce(aliased.math_reviewed, summary.math_reviewed) AS math_reviewed,
    coalesce(aliased.agentic_passes, summary.agentic_passes) AS agentic_passes,
    coalesce(aliased.agentic_reviewed, summary.agentic_reviewed) AS agentic_reviewed,
    coalesce(aliased.coder_passes, summary.coder_passes) AS coder_passes,
    coalesce(aliased.coder_reviewed, summary.coder_reviewed) AS coder_reviewed,
    coalesce(aliased.instruction_precision_passes, summary.instruction_precision_passes) AS instruction_precision_passes,
    coalesce(aliased.instruction_precision_reviewed, summary.instruction_precision_reviewed) AS instruction_precision_reviewed,
    coalesce(aliased.long_context_passes, summary.long_context_passes) AS long_context_passes,
    coalesce(aliased.long_context_reviewed, summary.long_context_reviewed) AS long_context_reviewed,
    coalesce(aliased.vl_passes, summary.vl_passes) AS vl_passes,
    coalesce(aliased.vl_reviewed, summary.vl_reviewed) AS vl_reviewed,
    coalesce(aliased.total_passes, summary.total_passes) AS total_passes,
    coalesce(aliased.total_reviewed, summary.total_reviewed) AS total_reviewed,
    CASE WHEN aliased.row_name IS NULL THEN summary.pct ELSE aliased.pct END AS pct,
    summary.tps_median,
    summary.tps_mean,
    summary.spec_draft,
    summary.spec_best_tps,
    summary.spec_k_results,
    summary.lookup_best_tps,
    summary.lookup_n_results,
    CASE
        WHEN aliased.row_name IS NULL THEN summary.review_kind
        WHEN aliased.is_rescored THEN 'rescored'
        ELSE 'plain'
    END AS review_kind,
    summary.run_dir,
    summary.role,
    summary.result_pk,
    coalesce(aliased.name, summary.review_name) AS review_name,
    coalesce(aliased.review_pk, summary.review_pk) AS review_pk,
    coalesce(summary.base_files, 0) AS base_files,
    aliased.row_name IS NOT NULL AS is_aliased,
    summary.row_name IS NOT NULL AS has_run
FROM history.model_summary AS summary
FULL JOIN aliased ON summary.row_name = aliased.row_name
