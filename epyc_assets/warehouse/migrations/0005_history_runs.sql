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
COMMENT ON COLUMN history.benchmark_result.quality_flags IS 'Doubts: run_id_mismatch (the file names another run than its directory), name_mismatch (role and config contradict the file''s name), names_from_path (role or config missing, taken from the file''s name), unknown_config, draft_unnamed, summary_count_mismatch, summary_tps_mismatch (by more than 1 %), tps_outlier (a question has one), repeated_key (a key of the JSON object occurs more than once; the later values are in extra).';
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
COMMENT ON COLUMN history.question_result.quality_flags IS 'Doubts: tps_outlier (above 1000 tokens per second and 50 times the median of the file: no model of the record comes near), tps_contradicts_time (completion_tokens / total_time_ms differs by more than 5 %), tps_contradicts_text (decode_tps differs by more than 5 %), acceptance_invalid (the recorded rate is no ratio or contradicts the tail), one_token (one token or none: its speed means nothing), prompt_echo (the response begins with the prompt), prompt_tail_echo (it begins with a later part of the prompt), end_of_text_marker, empty_response, error_text (the harness''s message instead of or after a response), replacement_character, question_id_mismatch (the record names another id than its key), repeated_key (its suite or its id occurs more than once in the JSON object; a number was added to the name).';
COMMENT ON COLUMN history.question_result.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.run_metadata (
    source_file_id BIGINT PRIMARY KEY,
    run_pk BIGINT NOT NULL,
    run_dir VARCHAR NOT NULL,
    run_id_in_file VARCHAR,
    started_at TIMESTAMP,
    hostname VARCHAR,
    cpu VARCHAR,
    ram VARCHAR,
    llama_cpp_version VARCHAR,
    llama_cpp_commit VARCHAR,
    prompt_version VARCHAR,
    benchmark_version VARCHAR,
    domains_processed VARCHAR[] NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.run_metadata IS 'One row is one metadata.json of a run made by the old shell scripts: host, program and prompts.';
COMMENT ON COLUMN history.run_metadata.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.run_metadata.run_pk IS 'Key of the run, a hash of its directory''s name.';
COMMENT ON COLUMN history.run_metadata.run_dir IS 'Directory of the run, below results/runs.';
COMMENT ON COLUMN history.run_metadata.run_id_in_file IS 'Run id that the file itself states; see the flag run_id_mismatch.';
COMMENT ON COLUMN history.run_metadata.started_at IS 'When the run wrote it (UTC where the text states its offset, else as found).';
COMMENT ON COLUMN history.run_metadata.hostname IS 'Name of the host.';
COMMENT ON COLUMN history.run_metadata.cpu IS 'Processor, as the host names it.';
COMMENT ON COLUMN history.run_metadata.ram IS 'Memory of the host, as found, for example 1.1Ti.';
COMMENT ON COLUMN history.run_metadata.llama_cpp_version IS 'Build number of llama.cpp, as found.';
COMMENT ON COLUMN history.run_metadata.llama_cpp_commit IS 'Commit of llama.cpp.';
COMMENT ON COLUMN history.run_metadata.prompt_version IS 'Version of the prompts.';
COMMENT ON COLUMN history.run_metadata.benchmark_version IS 'Version of the scripts.';
COMMENT ON COLUMN history.run_metadata.domains_processed IS 'Suites that were run, in their order.';
COMMENT ON COLUMN history.run_metadata.quality_flags IS 'Doubts: run_id_mismatch (the file names another run than its directory).';
COMMENT ON COLUMN history.run_metadata.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.compaction_test (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    tested_at TIMESTAMP,
    name VARCHAR,
    passed BOOLEAN,
    error VARCHAR,
    context_characters BIGINT,
    context_estimated_tokens BIGINT,
    answer_characters BIGINT,
    answer_preview VARCHAR,
    has_answer BOOLEAN,
    elapsed_s DOUBLE,
    tool_results_cleared BIGINT,
    compaction_triggered BOOLEAN,
    compaction_tokens_saved BIGINT,
    mode VARCHAR,
    role VARCHAR,
    turns BIGINT,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.compaction_test IS 'One row is one test of shortening a long conversation.';
COMMENT ON COLUMN history.compaction_test.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.compaction_test.ordinal IS 'Position in the file, from 1.';
COMMENT ON COLUMN history.compaction_test.tested_at IS 'When the file says its tests were made, in the host''s local time as found.';
COMMENT ON COLUMN history.compaction_test.name IS 'Name of the test.';
COMMENT ON COLUMN history.compaction_test.passed IS 'Whether it passed; NULL where the record does not say.';
COMMENT ON COLUMN history.compaction_test.error IS 'Error in place of a result, as found (cut by its writer).';
COMMENT ON COLUMN history.compaction_test.context_characters IS 'Characters of the context.';
COMMENT ON COLUMN history.compaction_test.context_estimated_tokens IS 'Tokens of the context as estimated.';
COMMENT ON COLUMN history.compaction_test.answer_characters IS 'Characters of the answer.';
COMMENT ON COLUMN history.compaction_test.answer_preview IS 'Beginning of the answer; older files only.';
COMMENT ON COLUMN history.compaction_test.has_answer IS 'Whether there was an answer.';
COMMENT ON COLUMN history.compaction_test.elapsed_s IS 'Seconds from request to answer.';
COMMENT ON COLUMN history.compaction_test.tool_results_cleared IS 'Tool results dropped from the context.';
COMMENT ON COLUMN history.compaction_test.compaction_triggered IS 'Whether the context was shortened.';
COMMENT ON COLUMN history.compaction_test.compaction_tokens_saved IS 'Tokens saved by shortening it.';
COMMENT ON COLUMN history.compaction_test.mode IS 'Mode of the orchestrator: direct or repl.';
COMMENT ON COLUMN history.compaction_test.role IS 'Role that answered; NULL where the record has a question mark.';
COMMENT ON COLUMN history.compaction_test.turns IS 'Turns taken.';
COMMENT ON COLUMN history.compaction_test.quality_flags IS 'Doubts: infra_error (the request failed with an HTTP status), passed_without_answer.';
COMMENT ON COLUMN history.compaction_test.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.sidecar_measurement (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    run_pk BIGINT NOT NULL,
    run_dir VARCHAR NOT NULL,
    prompt_id VARCHAR,
    model VARCHAR,
    generation_tps DOUBLE,
    effective_tps DOUBLE,
    generated_tokens BIGINT,
    n_drafted BIGINT,
    n_accepted BIGINT,
    acceptance_rate DOUBLE,
    acceptance_rate_raw DOUBLE,
    wall_s DOUBLE,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.sidecar_measurement IS 'One row is one prompt answered with a draft model beside the target.';
COMMENT ON COLUMN history.sidecar_measurement.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.sidecar_measurement.ordinal IS 'Position in the file, from 1.';
COMMENT ON COLUMN history.sidecar_measurement.run_pk IS 'Key of the run, a hash of its directory''s name.';
COMMENT ON COLUMN history.sidecar_measurement.run_dir IS 'Directory of the run, below results/runs.';
COMMENT ON COLUMN history.sidecar_measurement.prompt_id IS 'Name of the prompt.';
COMMENT ON COLUMN history.sidecar_measurement.model IS 'Target, as the record calls it.';
COMMENT ON COLUMN history.sidecar_measurement.generation_tps IS 'Tokens per second of generation as recorded.';
COMMENT ON COLUMN history.sidecar_measurement.effective_tps IS 'generated_tokens / wall_s.';
COMMENT ON COLUMN history.sidecar_measurement.generated_tokens IS 'Tokens generated.';
COMMENT ON COLUMN history.sidecar_measurement.n_drafted IS 'Tokens drafted.';
COMMENT ON COLUMN history.sidecar_measurement.n_accepted IS 'Drafted tokens accepted.';
COMMENT ON COLUMN history.sidecar_measurement.acceptance_rate IS 'n_accepted / n_drafted, 0 to 1.';
COMMENT ON COLUMN history.sidecar_measurement.acceptance_rate_raw IS 'Rate as recorded, in percent.';
COMMENT ON COLUMN history.sidecar_measurement.wall_s IS 'Seconds from start to end.';
COMMENT ON COLUMN history.sidecar_measurement.quality_flags IS 'Doubts: acceptance_invalid (the recorded rate contradicts the counts by more than rounding).';
COMMENT ON COLUMN history.sidecar_measurement.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.corpus_query (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    run_pk BIGINT NOT NULL,
    run_dir VARCHAR NOT NULL,
    prompt_id VARCHAR,
    keyword_grams BIGINT,
    keyword_hits BIGINT,
    keyword_matches BIGINT,
    first_tokens_grams BIGINT,
    first_tokens_hits BIGINT,
    first_tokens_matches BIGINT,
    full_output_grams BIGINT,
    full_output_hits BIGINT,
    full_output_matches BIGINT,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.corpus_query IS 'One row is one prompt whose n-grams were looked up in the corpus index: those of its keywords, of the first tokens of the output, and of the whole output.';
COMMENT ON COLUMN history.corpus_query.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.corpus_query.ordinal IS 'Position in the file, from 1.';
COMMENT ON COLUMN history.corpus_query.run_pk IS 'Key of the run, a hash of its directory''s name.';
COMMENT ON COLUMN history.corpus_query.run_dir IS 'Directory of the run, below results/runs.';
COMMENT ON COLUMN history.corpus_query.prompt_id IS 'Name of the prompt.';
COMMENT ON COLUMN history.corpus_query.keyword_grams IS 'N-grams looked up, from the keywords.';
COMMENT ON COLUMN history.corpus_query.keyword_hits IS 'Those of them that the corpus has.';
COMMENT ON COLUMN history.corpus_query.keyword_matches IS 'Places in the corpus that they have together.';
COMMENT ON COLUMN history.corpus_query.first_tokens_grams IS 'N-grams looked up, from the first tokens of the output.';
COMMENT ON COLUMN history.corpus_query.first_tokens_hits IS 'Those of them that the corpus has.';
COMMENT ON COLUMN history.corpus_query.first_tokens_matches IS 'Places in the corpus that they have together.';
COMMENT ON COLUMN history.corpus_query.full_output_grams IS 'N-grams looked up, from the whole output.';
COMMENT ON COLUMN history.corpus_query.full_output_hits IS 'Those of them that the corpus has.';
COMMENT ON COLUMN history.corpus_query.full_output_matches IS 'Places in the corpus that they have together.';
COMMENT ON COLUMN history.corpus_query.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.soft_match_query (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    run_pk BIGINT NOT NULL,
    run_dir VARCHAR NOT NULL,
    query VARCHAR,
    category VARCHAR,
    tokens VARCHAR[] NOT NULL,
    unknown_tokens VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.soft_match_query IS 'One row is one query of the soft matching search, which finds words like those of the query by their embeddings.';
COMMENT ON COLUMN history.soft_match_query.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.soft_match_query.ordinal IS 'Position in the file, from 1.';
COMMENT ON COLUMN history.soft_match_query.run_pk IS 'Key of the run, a hash of its directory''s name.';
COMMENT ON COLUMN history.soft_match_query.run_dir IS 'Directory of the run, below results/runs.';
COMMENT ON COLUMN history.soft_match_query.query IS 'Text of the query.';
COMMENT ON COLUMN history.soft_match_query.category IS 'Kind of the query.';
COMMENT ON COLUMN history.soft_match_query.tokens IS 'Words of the query.';
COMMENT ON COLUMN history.soft_match_query.unknown_tokens IS 'Those of its words that the embedding does not know.';
COMMENT ON COLUMN history.soft_match_query.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.soft_match_threshold (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    threshold_position BIGINT NOT NULL,
    threshold DOUBLE,
    n_matches BIGINT,
    latency_ms DOUBLE,
    sample_matches JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal, threshold_position)
);
COMMENT ON TABLE history.soft_match_threshold IS 'One row is what a query of the soft matching search found at one threshold.';
COMMENT ON COLUMN history.soft_match_threshold.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.soft_match_threshold.ordinal IS 'Position of the query in the file, from 1.';
COMMENT ON COLUMN history.soft_match_threshold.threshold_position IS 'Position of the threshold in the query, from 1.';
COMMENT ON COLUMN history.soft_match_threshold.threshold IS 'Least similarity of a match, 0 to 1.';
COMMENT ON COLUMN history.soft_match_threshold.n_matches IS 'Matches found.';
COMMENT ON COLUMN history.soft_match_threshold.latency_ms IS 'Milliseconds of the search.';
COMMENT ON COLUMN history.soft_match_threshold.sample_matches IS 'Some of the matches, as found.';
COMMENT ON COLUMN history.soft_match_threshold.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.embedding_coverage (
    source_file_id BIGINT NOT NULL,
    embedding VARCHAR NOT NULL,
    n_tokens BIGINT,
    n_covered BIGINT,
    coverage DOUBLE,
    coverage_pct_raw DOUBLE,
    most_frequent_unknown JSON,
    most_frequent_covered JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, embedding)
);
COMMENT ON TABLE history.embedding_coverage IS 'One row is how many tokens of a code corpus one word embedding knows.';
COMMENT ON COLUMN history.embedding_coverage.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.embedding_coverage.embedding IS 'Name of the embedding.';
COMMENT ON COLUMN history.embedding_coverage.n_tokens IS 'Tokens of the corpus.';
COMMENT ON COLUMN history.embedding_coverage.n_covered IS 'Those of them that the embedding knows.';
COMMENT ON COLUMN history.embedding_coverage.coverage IS 'n_covered / n_tokens, 0 to 1.';
COMMENT ON COLUMN history.embedding_coverage.coverage_pct_raw IS 'Coverage as recorded, in percent.';
COMMENT ON COLUMN history.embedding_coverage.most_frequent_unknown IS 'Most frequent tokens it does not know, each with its count.';
COMMENT ON COLUMN history.embedding_coverage.most_frequent_covered IS 'Most frequent tokens it knows, each with its count.';
COMMENT ON COLUMN history.embedding_coverage.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.embedding_coverage_part (
    source_file_id BIGINT NOT NULL,
    embedding VARCHAR NOT NULL,
    breakdown VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    n_tokens BIGINT,
    n_covered BIGINT,
    coverage DOUBLE,
    coverage_pct_raw DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, embedding, breakdown, name)
);
COMMENT ON TABLE history.embedding_coverage_part IS 'One row is the coverage of a word embedding in one language or one category of tokens.';
COMMENT ON COLUMN history.embedding_coverage_part.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.embedding_coverage_part.embedding IS 'Name of the embedding.';
COMMENT ON COLUMN history.embedding_coverage_part.breakdown IS 'language or category.';
COMMENT ON COLUMN history.embedding_coverage_part.name IS 'Name of the language or the category.';
COMMENT ON COLUMN history.embedding_coverage_part.n_tokens IS 'Tokens of this part.';
COMMENT ON COLUMN history.embedding_coverage_part.n_covered IS 'Those of them that the embedding knows.';
COMMENT ON COLUMN history.embedding_coverage_part.coverage IS 'n_covered / n_tokens, 0 to 1.';
COMMENT ON COLUMN history.embedding_coverage_part.coverage_pct_raw IS 'Coverage as recorded, in percent; NULL where not recorded.';
COMMENT ON COLUMN history.embedding_coverage_part.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.feature_verdict (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    origin VARCHAR NOT NULL,
    feature VARCHAR,
    tier BIGINT,
    verdict VARCHAR,
    verdict_value DOUBLE,
    is_enabled BOOLEAN,
    tested_at TIMESTAMP,
    quality_delta DOUBLE,
    latency_delta_s DOUBLE,
    tps_delta DOUBLE,
    memory_delta_mb DOUBLE,
    quality_score DOUBLE,
    routing_accuracy DOUBLE,
    escalation_rate DOUBLE,
    latency_p50_s DOUBLE,
    latency_p95_s DOUBLE,
    predicted_tps DOUBLE,
    memory_rss_mb DOUBLE,
    test_pass_rate DOUBLE,
    prompts_run BIGINT,
    errors VARCHAR[] NOT NULL,
    details JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.feature_verdict IS 'One row is one statement about a feature of the orchestrator: a line of its live or its offline validation, or of the summary.';
COMMENT ON COLUMN history.feature_verdict.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.feature_verdict.ordinal IS 'Line of the file, from 1.';
COMMENT ON COLUMN history.feature_verdict.origin IS 'live (off against on, with prompts), offline (unit tests and replays) or summary (the summary.csv of the offline ones).';
COMMENT ON COLUMN history.feature_verdict.feature IS 'Name of the feature.';
COMMENT ON COLUMN history.feature_verdict.tier IS 'Order of the features by risk, 0 to 3; in the summary only.';
COMMENT ON COLUMN history.feature_verdict.verdict IS 'Verdict as found: a word such as PASS or FAIL_LATENCY in live, a number in summary, NULL in offline.';
COMMENT ON COLUMN history.feature_verdict.verdict_value IS 'Verdict as a number, where it is one.';
COMMENT ON COLUMN history.feature_verdict.is_enabled IS 'Whether the feature was on; offline only.';
COMMENT ON COLUMN history.feature_verdict.tested_at IS 'When it was tested (UTC).';
COMMENT ON COLUMN history.feature_verdict.quality_delta IS 'Quality on minus off.';
COMMENT ON COLUMN history.feature_verdict.latency_delta_s IS 'Median seconds per prompt, on minus off.';
COMMENT ON COLUMN history.feature_verdict.tps_delta IS 'Tokens per second, on minus off.';
COMMENT ON COLUMN history.feature_verdict.memory_delta_mb IS 'Memory in MB, on minus off.';
COMMENT ON COLUMN history.feature_verdict.quality_score IS 'Quality; NULL where no prompt was run.';
COMMENT ON COLUMN history.feature_verdict.routing_accuracy IS 'Share routed as expected, 0 to 1; NULL where no prompt was run.';
COMMENT ON COLUMN history.feature_verdict.escalation_rate IS 'Share escalated, 0 to 1; NULL where no prompt was run.';
COMMENT ON COLUMN history.feature_verdict.latency_p50_s IS 'Median seconds per prompt; NULL where no prompt was run.';
COMMENT ON COLUMN history.feature_verdict.latency_p95_s IS '95th percentile of seconds per prompt; NULL where no prompt was run.';
COMMENT ON COLUMN history.feature_verdict.predicted_tps IS 'Tokens per second as the server says; NULL where no prompt was run.';
COMMENT ON COLUMN history.feature_verdict.memory_rss_mb IS 'Resident memory in MB; NULL where no prompt was run.';
COMMENT ON COLUMN history.feature_verdict.test_pass_rate IS 'Share of its unit tests that passed, 0 to 1; offline only.';
COMMENT ON COLUMN history.feature_verdict.prompts_run IS 'Prompts run; offline only.';
COMMENT ON COLUMN history.feature_verdict.errors IS 'Errors as found.';
COMMENT ON COLUMN history.feature_verdict.details IS 'What the test itself noted (`raw`), as found.';
COMMENT ON COLUMN history.feature_verdict.quality_flags IS 'Doubts: nothing_measured (no prompt was run: the zeros recorded are in extra), infra_error (no prompt of either side was answered).';
COMMENT ON COLUMN history.feature_verdict.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.feature_comparison (
    source_file_id BIGINT PRIMARY KEY,
    compared_at TIMESTAMP,
    features_tested VARCHAR[] NOT NULL,
    prompts_count BIGINT,
    p50_delta_s DOUBLE,
    mean_delta_s DOUBLE,
    total_delta_s DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.feature_comparison IS 'One row is one comparison of many features switched on together with all of them switched off. Its sides are in feature_arm.';
COMMENT ON COLUMN history.feature_comparison.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.feature_comparison.compared_at IS 'When it was made (UTC).';
COMMENT ON COLUMN history.feature_comparison.features_tested IS 'Features that were switched on.';
COMMENT ON COLUMN history.feature_comparison.prompts_count IS 'Prompts asked of each side.';
COMMENT ON COLUMN history.feature_comparison.p50_delta_s IS 'Median seconds per prompt, on minus off.';
COMMENT ON COLUMN history.feature_comparison.mean_delta_s IS 'Mean seconds per prompt, on minus off.';
COMMENT ON COLUMN history.feature_comparison.total_delta_s IS 'Seconds of all prompts, on minus off.';
COMMENT ON COLUMN history.feature_comparison.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.feature_arm (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    arm VARCHAR NOT NULL,
    label VARCHAR,
    prompts_run BIGINT,
    n_succeeded BIGINT,
    p50_s DOUBLE,
    mean_s DOUBLE,
    total_s DOUBLE,
    avg_client_tps DOUBLE,
    avg_server_tps DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal, arm)
);
COMMENT ON TABLE history.feature_arm IS 'One row is one side of a comparison of features: switched off (baseline) or on (candidate).';
COMMENT ON COLUMN history.feature_arm.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.feature_arm.ordinal IS 'Line of the validation it belongs to; 1 for a comparison.';
COMMENT ON COLUMN history.feature_arm.arm IS 'baseline or candidate.';
COMMENT ON COLUMN history.feature_arm.label IS 'Label as found.';
COMMENT ON COLUMN history.feature_arm.prompts_run IS 'Prompts asked.';
COMMENT ON COLUMN history.feature_arm.n_succeeded IS 'Prompts answered, as recorded.';
COMMENT ON COLUMN history.feature_arm.p50_s IS 'Median seconds per prompt; NULL where none was measured.';
COMMENT ON COLUMN history.feature_arm.mean_s IS 'Mean seconds per prompt.';
COMMENT ON COLUMN history.feature_arm.total_s IS 'Seconds of all prompts.';
COMMENT ON COLUMN history.feature_arm.avg_client_tps IS 'Mean tokens per second as the client saw them; NULL where none was measured.';
COMMENT ON COLUMN history.feature_arm.avg_server_tps IS 'Mean tokens per second as the server says.';
COMMENT ON COLUMN history.feature_arm.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.feature_response (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    arm VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    prompt_id VARCHAR,
    http_status BIGINT,
    elapsed_s DOUBLE,
    generated_tokens BIGINT,
    client_tps DOUBLE,
    server_tps DOUBLE,
    routed_to VARCHAR,
    role_history VARCHAR[] NOT NULL,
    turns BIGINT,
    answer VARCHAR,
    error VARCHAR,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal, arm, position)
);
COMMENT ON TABLE history.feature_response IS 'One row is one prompt that one side of a comparison of features was asked.';
COMMENT ON COLUMN history.feature_response.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.feature_response.ordinal IS 'Line of the validation it belongs to; 1 for a comparison.';
COMMENT ON COLUMN history.feature_response.arm IS 'baseline or candidate.';
COMMENT ON COLUMN history.feature_response.position IS 'Position in its side, from 1.';
COMMENT ON COLUMN history.feature_response.prompt_id IS 'Name of the prompt.';
COMMENT ON COLUMN history.feature_response.http_status IS 'HTTP status; 0 where no answer came.';
COMMENT ON COLUMN history.feature_response.elapsed_s IS 'Seconds from request to answer; NULL where none was measured.';
COMMENT ON COLUMN history.feature_response.generated_tokens IS 'Tokens generated; NULL where not counted.';
COMMENT ON COLUMN history.feature_response.client_tps IS 'Tokens per second as the client saw them; NULL where not measured.';
COMMENT ON COLUMN history.feature_response.server_tps IS 'Tokens per second as the server says; NULL where not measured.';
COMMENT ON COLUMN history.feature_response.routed_to IS 'Role it was routed to.';
COMMENT ON COLUMN history.feature_response.role_history IS 'Roles that worked on it, in their order.';
COMMENT ON COLUMN history.feature_response.turns IS 'Turns taken; NULL where it was not answered.';
COMMENT ON COLUMN history.feature_response.answer IS 'Answer, as found (cut by its writer).';
COMMENT ON COLUMN history.feature_response.error IS 'Error in place of an answer.';
COMMENT ON COLUMN history.feature_response.quality_flags IS 'Doubts: infra_error (the status is not 200).';
COMMENT ON COLUMN history.feature_response.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';
