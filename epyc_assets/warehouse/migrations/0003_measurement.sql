-- What is asked, what was planned, what was answered and how it was scored.
-- Facts and verdicts are apart: generations never change after they are written, scores are replaced by key.

CREATE TABLE questions (
    question_id VARCHAR PRIMARY KEY,
    suite VARCHAR NOT NULL,
    tier INTEGER NOT NULL,
    prompt VARCHAR NOT NULL,
    expected VARCHAR NOT NULL,
    scorer VARCHAR NOT NULL,
    scorer_config JSON NOT NULL,
    max_tokens INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    source_version VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    split VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE questions IS 'One row is one question, keyed by its content: the same text with the same expected answer is the same question.';
COMMENT ON COLUMN questions.question_id IS 'First 16 hex digits of the SHA-256 over suite, prompt, expected answer, scorer and its configuration.';
COMMENT ON COLUMN questions.suite IS 'Suite the question belongs to, for example math.';
COMMENT ON COLUMN questions.tier IS 'Difficulty, 1 (easy) to 3 (hard).';
COMMENT ON COLUMN questions.prompt IS 'What the user would type; no chat template.';
COMMENT ON COLUMN questions.expected IS 'Reference answer as text.';
COMMENT ON COLUMN questions.scorer IS 'Scorer that decides, for example exact_match.';
COMMENT ON COLUMN questions.scorer_config IS 'Configuration of the scorer, an object.';
COMMENT ON COLUMN questions.max_tokens IS 'Most tokens an answer may have.';
COMMENT ON COLUMN questions.source IS 'Where the question comes from, for example generator:math.';
COMMENT ON COLUMN questions.source_version IS 'Version of that source.';
COMMENT ON COLUMN questions.seed IS 'Seed it was generated from.';
COMMENT ON COLUMN questions.split IS 'train (demo models may have seen its like) or test.';

CREATE TABLE question_sets (
    fleet VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    question_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, question_id)
);
COMMENT ON TABLE question_sets IS 'One row is one question that a fleet''s models are asked.';
COMMENT ON COLUMN question_sets.fleet IS 'Fleet whose models are asked.';
COMMENT ON COLUMN question_sets.suite IS 'Suite of the question; a fleet''s questions of one suite are a question set.';
COMMENT ON COLUMN question_sets.question_id IS 'The question.';
COMMENT ON COLUMN question_sets.position IS 'Place of the question in its set, from 0.';

CREATE TABLE sweep_plan (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    reason VARCHAR,
    questions INTEGER NOT NULL,
    done INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    stale INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    estimated_s DOUBLE,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, config_id, suite)
);
COMMENT ON TABLE sweep_plan IS 'One row is one model, config and question set: what a sweep would do about it now, and why.';
COMMENT ON COLUMN sweep_plan.fleet IS 'Fleet the plan is for.';
COMMENT ON COLUMN sweep_plan.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN sweep_plan.config_id IS 'Identity of the config, a hash over its typed values.';
COMMENT ON COLUMN sweep_plan.suite IS 'Question set, by its suite.';
COMMENT ON COLUMN sweep_plan.config IS 'The config in words; for people, never parsed.';
COMMENT ON COLUMN sweep_plan.technique IS 'baseline, moe, spec, lookup or a compound.';
COMMENT ON COLUMN sweep_plan.status IS 'done, missing, stale, failed, no_file or not_allowed.';
COMMENT ON COLUMN sweep_plan.reason IS 'Why the status is not done or missing, in words.';
COMMENT ON COLUMN sweep_plan.questions IS 'Questions in the set.';
COMMENT ON COLUMN sweep_plan.done IS 'Questions answered with the present model file, config and prompt settings.';
COMMENT ON COLUMN sweep_plan.missing IS 'Questions never answered.';
COMMENT ON COLUMN sweep_plan.stale IS 'Questions answered only with another model file or other prompt settings.';
COMMENT ON COLUMN sweep_plan.failed IS 'Questions that timed out, crashed or were killed as often as is tried.';
COMMENT ON COLUMN sweep_plan.estimated_s IS 'Estimated seconds for what is to run, from this model''s own earlier answers; NULL where there are none.';

CREATE TABLE sessions (
    session_id VARCHAR PRIMARY KEY,
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    model_sha256 VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    status_reason VARCHAR,
    backend VARCHAR NOT NULL,
    backend_version VARCHAR,
    llama_build VARCHAR,
    host VARCHAR NOT NULL,
    cpu_model VARCHAR,
    cpu_flags VARCHAR,
    system_info VARCHAR,
    threads INTEGER,
    numa_policy VARCHAR,
    launch_prefix VARCHAR[] NOT NULL,
    load_parameters JSON NOT NULL,
    model_facts JSON,
    git_commit VARCHAR,
    git_dirty BOOLEAN,
    package_versions JSON NOT NULL,
    load_ms DOUBLE,
    peak_memory_bytes BIGINT,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE sessions IS 'One row is one load of one model with one set of load-time parameters, and everything needed to reproduce it.';
COMMENT ON COLUMN sessions.session_id IS 'Random identity given when the session was opened.';
COMMENT ON COLUMN sessions.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN sessions.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN sessions.model_sha256 IS 'SHA-256 of the model file''s contents.';
COMMENT ON COLUMN sessions.status IS 'open, closed, crashed, killed, out_of_memory, timeout or load_failed; open means that its sweep was killed.';
COMMENT ON COLUMN sessions.status_reason IS 'Why it ended other than by being closed.';
COMMENT ON COLUMN sessions.backend IS 'Driver that answered, for example llama_cpp.';
COMMENT ON COLUMN sessions.backend_version IS 'Version of the driver''s library.';
COMMENT ON COLUMN sessions.llama_build IS 'llama.cpp build inside it, as far as the library says.';
COMMENT ON COLUMN sessions.host IS 'Host name of the measured machine.';
COMMENT ON COLUMN sessions.cpu_model IS 'CPU model of the measured machine.';
COMMENT ON COLUMN sessions.cpu_flags IS 'Instruction-set flags that matter to llama.cpp, in alphabetical order.';
COMMENT ON COLUMN sessions.system_info IS 'What llama.cpp itself says it was compiled for and uses.';
COMMENT ON COLUMN sessions.threads IS 'Threads used for decoding.';
COMMENT ON COLUMN sessions.numa_policy IS 'NUMA policy of the host''s registry entry.';
COMMENT ON COLUMN sessions.launch_prefix IS 'Command the worker was started through, for example numactl --interleave=all.';
COMMENT ON COLUMN sessions.load_parameters IS 'Load-time parameters as resolved.';
COMMENT ON COLUMN sessions.model_facts IS 'What llama.cpp reported about the loaded model: description, parameters, bytes, trained context, vocabulary.';
COMMENT ON COLUMN sessions.git_commit IS 'Commit of this project; NULL outside a checkout.';
COMMENT ON COLUMN sessions.git_dirty IS 'Whether the checkout had uncommitted changes.';
COMMENT ON COLUMN sessions.package_versions IS 'Versions of the Python packages that take part in measuring.';
COMMENT ON COLUMN sessions.load_ms IS 'Time to load the model and warm it up.';
COMMENT ON COLUMN sessions.peak_memory_bytes IS 'Largest resident memory of the worker.';
COMMENT ON COLUMN sessions.started_at IS 'When the worker was started, UTC.';
COMMENT ON COLUMN sessions.ended_at IS 'When it ended, UTC.';

CREATE TABLE generations (
    generation_id VARCHAR PRIMARY KEY,
    generation_key VARCHAR NOT NULL,
    attempt INTEGER NOT NULL,
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    model_sha256 VARCHAR NOT NULL,
    session_id VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    question_id VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    status_reason VARCHAR,
    prompt VARCHAR,
    prompt_sha256 VARCHAR,
    text VARCHAR,
    partial_text VARCHAR,
    finish_reason VARCHAR,
    token_ids INTEGER[],
    prompt_tokens INTEGER,
    generated_tokens INTEGER,
    max_tokens INTEGER NOT NULL,
    temperature DOUBLE NOT NULL,
    seed BIGINT NOT NULL,
    ttft_ms DOUBLE,
    prompt_ms DOUBLE,
    decode_ms DOUBLE,
    sampling_ms DOUBLE,
    total_ms DOUBLE,
    prompt_tps DOUBLE,
    generation_tps DOUBLE,
    effective_tps DOUBLE,
    load_average_1m DOUBLE,
    cpu_pressure_ratio DOUBLE,
    memory_pressure_ratio DOUBLE,
    steal_ratio DOUBLE,
    other_cpu_ratio DOUBLE,
    cpu_mhz DOUBLE,
    major_faults BIGINT,
    involuntary_switches BIGINT,
    contended BOOLEAN,
    degenerate VARCHAR,
    started_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE generations IS 'One row is one prompt put once to one model under one config: the answer and its timings, or the reason why there is none.';
COMMENT ON COLUMN generations.generation_id IS 'Hash of fleet, model, generation_key and attempt.';
COMMENT ON COLUMN generations.generation_key IS 'Hash over model contents, config, question and prompt settings: what makes an answer the answer to this.';
COMMENT ON COLUMN generations.attempt IS 'From 1; higher where earlier attempts failed.';
COMMENT ON COLUMN generations.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN generations.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN generations.model_sha256 IS 'SHA-256 of the model file''s contents.';
COMMENT ON COLUMN generations.session_id IS 'Session that answered.';
COMMENT ON COLUMN generations.config_id IS 'Identity of the config, a hash over its typed values.';
COMMENT ON COLUMN generations.config IS 'The config in words; for people, never parsed.';
COMMENT ON COLUMN generations.technique IS 'baseline, moe, spec, lookup or a compound.';
COMMENT ON COLUMN generations.question_id IS 'Question that was put.';
COMMENT ON COLUMN generations.suite IS 'Suite of the question.';
COMMENT ON COLUMN generations.status IS 'ok, timeout, crashed, killed, out_of_memory, load_failed or refused; only ok rows are answers.';
COMMENT ON COLUMN generations.status_reason IS 'What happened, in words, where the status is not ok.';
COMMENT ON COLUMN generations.prompt IS 'The exact text sent, chat template applied.';
COMMENT ON COLUMN generations.prompt_sha256 IS 'SHA-256 of that text.';
COMMENT ON COLUMN generations.text IS 'The answer, nothing removed; NULL where the status is not ok.';
COMMENT ON COLUMN generations.partial_text IS 'What had been generated when a failed generation ended, as far as it was reported.';
COMMENT ON COLUMN generations.finish_reason IS 'stop (end-of-generation token), length (max_tokens reached) or context (context full).';
COMMENT ON COLUMN generations.token_ids IS 'The generated tokens.';
COMMENT ON COLUMN generations.prompt_tokens IS 'Tokens of the prompt.';
COMMENT ON COLUMN generations.generated_tokens IS 'Tokens of the answer, the end-of-generation token not counted.';
COMMENT ON COLUMN generations.max_tokens IS 'Most tokens the answer could have.';
COMMENT ON COLUMN generations.temperature IS 'Sampling temperature; 0 is greedy.';
COMMENT ON COLUMN generations.seed IS 'Sampling seed; without effect when greedy.';
COMMENT ON COLUMN generations.ttft_ms IS 'From request to first token: tokenisation, prompt processing and one sampling.';
COMMENT ON COLUMN generations.prompt_ms IS 'Prompt processing alone.';
COMMENT ON COLUMN generations.decode_ms IS 'Model evaluations after the first token, summed; sampling not included.';
COMMENT ON COLUMN generations.sampling_ms IS 'Choosing tokens from logits, summed.';
COMMENT ON COLUMN generations.total_ms IS 'From request to last token.';
COMMENT ON COLUMN generations.prompt_tps IS 'prompt_tokens over prompt_ms, tokens per second.';
COMMENT ON COLUMN generations.generation_tps IS 'Decoding speed from the clock between tokens: tokens after the first over the time from the first to the last, tokens per second; NULL for answers of one token.';
COMMENT ON COLUMN generations.effective_tps IS 'generated_tokens over total_ms, everything included, tokens per second.';
COMMENT ON COLUMN generations.load_average_1m IS 'Load average of the last minute at the start.';
COMMENT ON COLUMN generations.cpu_pressure_ratio IS 'Share of the time in which some task waited for a CPU (PSI).';
COMMENT ON COLUMN generations.memory_pressure_ratio IS 'Share of the time in which some task waited for memory (PSI).';
COMMENT ON COLUMN generations.steal_ratio IS 'Share of CPU time taken by the hypervisor for others.';
COMMENT ON COLUMN generations.other_cpu_ratio IS 'CPU time used by other processes as a share of the machine.';
COMMENT ON COLUMN generations.cpu_mhz IS 'Clock of the first CPU at the end, MHz.';
COMMENT ON COLUMN generations.major_faults IS 'Page faults of the worker that needed the disk.';
COMMENT ON COLUMN generations.involuntary_switches IS 'Times the worker was taken off a CPU against its will.';
COMMENT ON COLUMN generations.contended IS 'Whether other work on the machine may have slowed this down: other_cpu_ratio or steal_ratio above 0.05.';
COMMENT ON COLUMN generations.degenerate IS 'Kind of degenerate output (empty, whitespace, garbage, one_symbol, loop), NULL for none.';
COMMENT ON COLUMN generations.started_at IS 'When the prompt was sent, UTC.';

CREATE TABLE scores (
    generation_id VARCHAR NOT NULL,
    scorer VARCHAR NOT NULL,
    scorer_version INTEGER NOT NULL,
    status VARCHAR NOT NULL,
    value DOUBLE,
    passed BOOLEAN,
    extracted VARCHAR,
    explanation VARCHAR NOT NULL,
    strict_value DOUBLE,
    strict_passed BOOLEAN,
    strict_extracted VARCHAR,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (generation_id, scorer, scorer_version)
);
COMMENT ON TABLE scores IS 'One row is one scorer version''s verdict on one generation; several versions live side by side.';
COMMENT ON COLUMN scores.generation_id IS 'Generation that was scored.';
COMMENT ON COLUMN scores.scorer IS 'Scorer, for example exact_match.';
COMMENT ON COLUMN scores.scorer_version IS 'Version of the scorer; a new version scores stored answers again.';
COMMENT ON COLUMN scores.status IS 'scored or not_scored; the explanation says why not.';
COMMENT ON COLUMN scores.value IS 'Value from 0 to 1 with flexible extraction.';
COMMENT ON COLUMN scores.passed IS 'Verdict with flexible extraction.';
COMMENT ON COLUMN scores.extracted IS 'Answer that flexible extraction found.';
COMMENT ON COLUMN scores.explanation IS 'Why, in words.';
COMMENT ON COLUMN scores.strict_value IS 'Value from 0 to 1 with strict extraction.';
COMMENT ON COLUMN scores.strict_passed IS 'Verdict with strict extraction.';
COMMENT ON COLUMN scores.strict_extracted IS 'Answer that strict extraction found.';

-- Distribution-free interval of a median: order statistics of the sorted values, the ranks from the normal
-- approximation of the binomial(n, 1/2), rounded outwards (Conover, Practical Nonparametric Statistics, 3.2).
-- Below six values no order statistics reach 95 %, so there is no interval.
CREATE MACRO median_low(values_list) AS
    CASE
        WHEN len(values_list) >= 6
            THEN list_sort(values_list)[greatest(1, CAST(floor(len(values_list) / 2 - 0.98 * sqrt(len(values_list))) AS INTEGER))]
    END;

CREATE MACRO median_high(values_list) AS
    CASE
        WHEN len(values_list) >= 6
            THEN list_sort(values_list)[least(len(values_list), CAST(ceil(1 + len(values_list) / 2 + 0.98 * sqrt(len(values_list))) AS INTEGER))]
    END;

COMMENT ON MACRO median_low IS 'Lower end of the 95 % interval of the median of a list, from order statistics; NULL below six values.';
COMMENT ON MACRO median_high IS 'Upper end of the 95 % interval of the median of a list, from order statistics; NULL below six values.';
