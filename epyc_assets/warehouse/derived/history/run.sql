-- One row is one run directory of the record.
-- key: run_pk
-- column: run_pk: Key of the run.
-- column: run_dir: Its directory.
-- column: started_at: When it began, as its name or its metadata.json says; no zone is stated.
-- column: hostname: Host, where metadata.json is there.
-- column: cpu_model: Processor, likewise.
-- column: llama_cpp_version: Build of llama.cpp, likewise.
-- column: n_result_files: Result files.
-- column: n_logs: Text logs.
-- column: n_questions: Questions in the result files.
WITH runs AS (
    SELECT run_pk, run_dir FROM history.benchmark_result
    UNION
    SELECT run_pk, run_dir FROM history.log_measurement
    UNION
    SELECT run_pk, run_dir FROM history.run_metadata
),

results AS (
    SELECT
        run_pk,
        count(*) AS n_result_files,
        sum(n_questions)::BIGINT AS n_questions
    FROM history.benchmark_result
    GROUP BY run_pk
),

logs AS (
    SELECT
        run_pk,
        count(*) AS n_logs
    FROM history.log_measurement
    GROUP BY run_pk
),

described AS (
    SELECT *
    FROM history.run_metadata
    QUALIFY row_number() OVER (PARTITION BY run_pk ORDER BY source_file_id) = 1
)

SELECT
    runs.run_pk,
    runs.run_dir,
    coalesce(described.started_at, try_strptime(runs.run_dir, '%Y%m%d_%H%M%S')) AS started_at,
    described.hostname,
    described.cpu AS cpu_model,
    described.llama_cpp_version,
    coalesce(results.n_result_files, 0) AS n_result_files,
    coalesce(logs.n_logs, 0) AS n_logs,
    coalesce(results.n_questions, 0) AS n_questions
FROM runs
LEFT JOIN described ON runs.run_pk = described.run_pk
LEFT JOIN results ON runs.run_pk = results.run_pk
LEFT JOIN logs ON runs.run_pk = logs.run_pk
WHERE runs.run_pk IS NOT NULL
