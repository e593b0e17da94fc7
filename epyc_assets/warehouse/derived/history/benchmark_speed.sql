-- One row is one result file: how fast the model was in that config, and which row of the master table it belongs to.
-- key: result_pk
-- column: result_pk: The result file.
-- column: source_file_id: The same as a file of the record.
-- column: path: Its path. Where several files measured the same, the last by path counts.
-- column: record_folder: What precedes results/runs in the path: empty, or the folder of a copy of the record. NULL where the file is in no run directory; such a file counts nowhere.
-- column: row_name: Row of the master table: the model, with _moeN where the config starts with moeN. NULL where the file names no model.
-- column: model: Name of the model's file, without its ending and shard number.
-- column: base_config: baseline or moeN: the config without what only changes speed.
-- column: is_base: Whether the config is just that. Only such files make a row of the master table and lend it quality; speculation and lookup only add speeds to a row that exists.
-- column: run_dir: Run directory.
-- column: role: Role that was measured.
-- column: config: Config by its recorded name.
-- column: family: baseline, moe, spec, lookup or their compounds; unknown for a name of no known form.
-- column: draft: Draft model of a spec config, as the name has it without draft_. NULL for spec_kN, which names none.
-- column: k: Tokens drafted at a time.
-- column: ngram_n: Length of the n-grams looked up.
-- column: uses_lookup: Whether prompt lookup is part of the config.
-- column: questions: Questions in the file.
-- column: measured: Questions with a speed: not NULL and above 0.
-- column: tps_median: Median of those speeds, tokens per second.
-- column: tps_mean: Their arithmetic mean. Outliers weigh on it.
-- column: summary_tps_mean: The mean that the file itself states.
WITH speeds AS (
    SELECT
        result_pk,
        count(*) AS questions,
        count(*) FILTER (WHERE tps > 0) AS measured,
        median(tps) FILTER (WHERE tps > 0) AS tps_median,
        -- A sum of decimals depends on their order in the last digits: added in one order, it is the same at each build.
        list_aggregate(list(tps ORDER BY tps ASC) FILTER (WHERE tps > 0), 'favg') AS tps_mean
    FROM history.question_result
    GROUP BY result_pk
)

SELECT
    result.result_pk,
    result.source_file_id,
    source_file.path,
    CASE
        WHEN regexp_matches(source_file.path, '^([^/]+/)*results/runs/[^/]+/')
            THEN regexp_extract(source_file.path, '^((?:[^/]+/)*?)results/runs/', 1)
    END AS record_folder,
    nullif(result.model, '') || coalesce('_moe' || result.moe_experts, '') AS row_name,
    nullif(result.model, '') AS model,
    coalesce('moe' || result.moe_experts, 'baseline') AS base_config,
    result.family IN ('baseline', 'moe') AS is_base,
    result.run_dir,
    result.role,
    result.config,
    result.family,
    CASE WHEN starts_with(result.draft_role, 'draft_') THEN substr(result.draft_role, 7) END AS draft,
    result.k,
    result.ngram_n,
    result.uses_lookup,
    coalesce(speeds.questions, 0) AS questions,
    coalesce(speeds.measured, 0) AS measured,
    speeds.tps_median,
    speeds.tps_mean,
    result.summary_avg_tps AS summary_tps_mean
FROM history.benchmark_result AS result
INNER JOIN history.source_file ON result.source_file_id = source_file.source_file_id
LEFT JOIN speeds ON result.result_pk = speeds.result_pk
