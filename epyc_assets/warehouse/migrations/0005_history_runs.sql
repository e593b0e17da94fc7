-- The runs of the record: results of a model in a config, their questions, and what else run directories hold
-- (epyc_assets/history/run_result.py and run_documents.py).

CREATE TABLE history.benchmark_result (
    source_file_id BIGINT NOT NULL,
    result_pk BIGINT PRIMARY KEY,
    run_pk BIGINT NOT NULL,
    run_dir VARCHAR NOT NULL,
    role_id BIGINT,
    role VARCHAR,
    model_id BIGINT,
    model VARCHAR,
    model_path VARCHAR,
    config_id BIGINT,
    config VARCHAR,
    family VARCHAR NOT NULL,
    moe_experts BIGINT,
    draft_role VARCHAR,
    k BIGINT,
    ngram_n BIGINT,
    uses_lookup BOOLEAN NOT NULL,
    is_speed_only BOOLEAN NOT NULL,
    run_id_in_file VARCHAR,
    timestamp TIMESTAMP,
    summary_avg_tps DOUBLE,
    summary_avg_algorithmic_score DOUBLE,
    summary_questions_tested BIGINT,
    summary_questions_passed BIGINT,
    n_questions BIGINT NOT NULL,
    tps_median DOUBLE,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.benchmark_result IS 'One row is one result file: a model in a role and a config, in one run. The same role and config recur in other runs, and a role was given to another model over time: join by model, or by result_pk.';
COMMENT ON COLUMN history.benchmark_result.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.benchmark_result.result_pk IS 'Key of the result, a hash of its file''s path.';
COMMENT ON COLUMN history.benchmark_result.run_pk IS 'Key of the run, a hash of run_dir.';
COMMENT ON COLUMN history.benchmark_result.run_dir IS 'Directory of the run, below results/runs. It counts where run_id_in_file contradicts it.';
COMMENT ON COLUMN history.benchmark_result.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.benchmark_result.role IS 'Role the model was measured in, as recorded. Roles were re-used for other models: it does not tell the model.';
COMMENT ON COLUMN history.benchmark_result.model_id IS 'Key of the model, a hash of `model`.';
COMMENT ON COLUMN history.benchmark_result.model IS 'Model: name of its file without .gguf and shard number.';
COMMENT ON COLUMN history.benchmark_result.model_path IS 'Path of the model''s file on the host where it was measured.';
COMMENT ON COLUMN history.benchmark_result.config_id IS 'Key of the config, a hash of its name.';
COMMENT ON COLUMN history.benchmark_result.config IS 'Config''s name as recorded, for example moe4_spec_draft_gemma3_k8.';
COMMENT ON COLUMN history.benchmark_result.family IS 'Kind of config: baseline, moe, spec, lookup, a compound such as moe+spec, or unknown.';
COMMENT ON COLUMN history.benchmark_result.moe_experts IS 'Experts used; NULL where the config leaves the model''s own number.';
COMMENT ON COLUMN history.benchmark_result.draft_role IS 'Role of the draft model, with its draft_ prefix; NULL without speculation, and in the spec_kN files that do not name it.';
COMMENT ON COLUMN history.benchmark_result.k IS 'Tokens drafted at once; NULL without speculation.';
COMMENT ON COLUMN history.benchmark_result.ngram_n IS 'Length of the n-grams of prompt lookup; NULL without lookup.';
COMMENT ON COLUMN history.benchmark_result.uses_lookup IS 'Whether prompt lookup is part of the config.';
COMMENT ON COLUMN history.benchmark_result.is_speed_only IS 'Whether the config changes speed alone (speculation or lookup), so that its quality is that of its base config.';
COMMENT ON COLUMN history.benchmark_result.run_id_in_file IS 'Run id that the file itself states; see the flag run_id_mismatch.';
COMMENT ON COLUMN history.benchmark_result.timestamp IS 'When it was written, in the host''s local time as found (UTC if the text states an offset).';
COMMENT ON COLUMN history.benchmark_result.summary_avg_tps IS 'Mean tokens per second that the file states: arithmetic, over the questions with a speed, outliers included.';
COMMENT ON COLUMN history.benchmark_result.summary_avg_algorithmic_score IS 'Mean algorithmic score that the file states; a score of a withdrawn method, never quality.';
COMMENT ON COLUMN history.benchmark_result.summary_questions_tested IS 'Questions that the file says it holds.';
COMMENT ON COLUMN history.benchmark_result.summary_questions_passed IS 'Questions passed by the withdrawn algorithmic score.';
COMMENT ON COLUMN history.benchmark_result.n_questions IS 'Questions that it holds, in question_result.';
COMMENT ON COLUMN history.benchmark_result.tps_median IS 'Median tokens per second over its questions with a speed above 0; NULL without one.';
COMMENT ON COLUMN history.benchmark_result.quality_flags IS 'Doubts: run_id_mismatch (the file names another run than its directory), name_mismatch (role and config contradict the file''s name), names_from_path (role or config missing, taken from the file''s name), unknown_config, draft_unnamed, summary_count_mismatch, summary_tps_mismatch (by more than 1 %), tps_outlier (a question has one).';
COMMENT ON COLUMN history.benchmark_result.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.question_result (
    source_file_id BIGINT NOT NULL,
    result_pk BIGINT NOT NULL,
    question_pk BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    question_id VARCHAR NOT NULL,
    tier BIGINT,
    prompt VARCHAR,
    response VARCHAR,
    prompt_tokens BIGINT,
    completion_tokens BIGINT,
    prompt_eval_ms DOUBLE,
    total_time_ms DOUBLE,
    tps DOUBLE,
    effective_tps DOUBLE,
    decode_tps DOUBLE,
    n_draft BIGINT,
    n_predict BIGINT,
    n_drafted BIGINT,
    n_accepted BIGINT,
    acceptance_rate DOUBLE,
    acceptance_rate_raw DOUBLE,
    algorithmic_score BIGINT,
    score_reason VARCHAR,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (result_pk, question_pk)
);
COMMENT ON TABLE history.question_result IS 'One row is one question of a result file, answered once.';
COMMENT ON COLUMN history.question_result.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.question_result.result_pk IS 'Result that the question belongs to.';
COMMENT ON COLUMN history.question_result.question_pk IS 'Key of the question, a hash of suite and question id. The record has two generations of questions; their ids differ.';
COMMENT ON COLUMN history.question_result.ordinal IS 'Position in the file, from 1.';
COMMENT ON COLUMN history.question_result.suite IS 'Suite of the question; speed_test for a speed measured without one.';
COMMENT ON COLUMN history.question_result.question_id IS 'Id of the question within its suite.';
COMMENT ON COLUMN history.question_result.tier IS 'Difficulty, 1 to 3, from the id; NULL where it states none.';
COMMENT ON COLUMN history.question_result.prompt IS 'Prompt as recorded.';
COMMENT ON COLUMN history.question_result.response IS 'Text as recorded: often with the prompt in front, an end marker, or the program''s own figures at its end.';
COMMENT ON COLUMN history.question_result.prompt_tokens IS 'Tokens of the prompt; NULL where not recorded.';
COMMENT ON COLUMN history.question_result.completion_tokens IS 'Tokens generated; NULL where not recorded.';
COMMENT ON COLUMN history.question_result.prompt_eval_ms IS 'Milliseconds of encoding the prompt, from the response''s tail; NULL where it has none.';
COMMENT ON COLUMN history.question_result.total_time_ms IS 'Milliseconds of generation, as recorded; NULL where not recorded.';
COMMENT ON COLUMN history.question_result.tps IS 'Tokens per second as recorded, whatever it means: see quality_flags.';
COMMENT ON COLUMN history.question_result.effective_tps IS 'Tokens predicted over the seconds of encoding and decoding together, from the response''s tail; NULL where it has none.';
COMMENT ON COLUMN history.question_result.decode_tps IS 'Tokens per second of decoding, from the response''s tail; NULL where it has none. Where it is there, tps is not the speed of the model.';
COMMENT ON COLUMN history.question_result.n_draft IS 'Tokens drafted at once, from the response''s tail.';
COMMENT ON COLUMN history.question_result.n_predict IS 'Tokens generated, from the response''s tail.';
COMMENT ON COLUMN history.question_result.n_drafted IS 'Tokens drafted in all, from the response''s tail.';
COMMENT ON COLUMN history.question_result.n_accepted IS 'Drafted tokens that were accepted, from the response''s tail.';
COMMENT ON COLUMN history.question_result.acceptance_rate IS 'Accepted over drafted tokens, 0 to 1, computed from the response''s tail; NULL where it has none.';
COMMENT ON COLUMN history.question_result.acceptance_rate_raw IS 'The recorded field acceptance_rate, which is no ratio; kept, never to be used.';
COMMENT ON COLUMN history.question_result.algorithmic_score IS 'Score of a withdrawn method, 0 to 3; kept, never quality.';
COMMENT ON COLUMN history.question_result.score_reason IS 'Reason of the algorithmic score.';
COMMENT ON COLUMN history.question_result.quality_flags IS 'Doubts: tps_outlier (above 1000 tokens per second and 50 times the median of the file: no model of the record comes near), tps_contradicts_time (completion_tokens / total_time_ms differs by more than 5 %), tps_contradicts_text (decode_tps differs by more than 5 %), acceptance_invalid (the recorded rate is no ratio or contradicts the tail), one_token (one token or none: its speed means nothing), prompt_echo (the response begins with the prompt), prompt_tail_echo (it begins with a later part of the prompt), end_of_text_marker, empty_response, error_text (the harness''s message instead of or after a response), replacement_character, question_id_mismatch (the record names another id than its key).';
COMMENT ON COLUMN history.question_result.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';
