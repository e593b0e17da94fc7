-- How many prompts a server should answer at the same time.

CREATE TABLE concurrency_sweep (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    slots INTEGER NOT NULL,
    model_sha256 VARCHAR NOT NULL,
    host VARCHAR NOT NULL,
    cpu_model VARCHAR,
    backend_version VARCHAR,
    llama_build VARCHAR,
    threads INTEGER,
    context_tokens INTEGER,
    max_tokens INTEGER NOT NULL,
    rounds INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    failed_answers INTEGER NOT NULL,
    failure VARCHAR,
    generated_tokens BIGINT NOT NULL,
    wall_ms DOUBLE,
    aggregate_tps DOUBLE,
    aggregate_ratio DOUBLE,
    answer_tps DOUBLE,
    ttft_p50_ms DOUBLE,
    latency_p50_ms DOUBLE,
    latency_p95_ms DOUBLE,
    latency_bound_ms DOUBLE,
    contended_rounds INTEGER NOT NULL,
    load_ms DOUBLE,
    peak_memory_bytes BIGINT,
    recommended BOOLEAN NOT NULL,
    reason VARCHAR NOT NULL,
    measured_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, backend, slots)
);
COMMENT ON TABLE concurrency_sweep IS 'One row is one number of prompts that a server answered at the same time for a model: what all of them together and each of them got.';
COMMENT ON COLUMN concurrency_sweep.fleet IS 'Fleet of the model.';
COMMENT ON COLUMN concurrency_sweep.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN concurrency_sweep.backend IS 'Server that was measured: llama_server or xllamacpp.';
COMMENT ON COLUMN concurrency_sweep.slots IS 'Prompts answered at the same time (llama-server --parallel).';
COMMENT ON COLUMN concurrency_sweep.model_sha256 IS 'SHA-256 of the model''s file.';
COMMENT ON COLUMN concurrency_sweep.host IS 'Host, by its name in the registry.';
COMMENT ON COLUMN concurrency_sweep.cpu_model IS 'CPU as the machine reports it.';
COMMENT ON COLUMN concurrency_sweep.backend_version IS 'Version of the backend; NULL where loading failed.';
COMMENT ON COLUMN concurrency_sweep.llama_build IS 'Build of llama.cpp; NULL where loading failed.';
COMMENT ON COLUMN concurrency_sweep.threads IS 'Decoding threads of the server.';
COMMENT ON COLUMN concurrency_sweep.context_tokens IS 'Context of one slot in tokens.';
COMMENT ON COLUMN concurrency_sweep.max_tokens IS 'Tokens generated per answer, whatever the model would like (ignore_eos).';
COMMENT ON COLUMN concurrency_sweep.rounds IS 'Server starts with this number of slots that answered.';
COMMENT ON COLUMN concurrency_sweep.answers IS 'Answers with status ok, of all rounds.';
COMMENT ON COLUMN concurrency_sweep.failed_answers IS 'Answers that timed out, or whose server died or refused.';
COMMENT ON COLUMN concurrency_sweep.failure IS 'Why the model could not be loaded with so many slots; NULL where it was.';
COMMENT ON COLUMN concurrency_sweep.generated_tokens IS 'Tokens of all ok answers.';
COMMENT ON COLUMN concurrency_sweep.wall_ms IS 'From the first prompt put until the last answer''s end, summed over the rounds.';
COMMENT ON COLUMN concurrency_sweep.aggregate_tps IS 'generated_tokens over wall_ms, in tokens per second.';
COMMENT ON COLUMN concurrency_sweep.aggregate_ratio IS 'aggregate_tps over that of one slot.';
COMMENT ON COLUMN concurrency_sweep.answer_tps IS 'Median decoding speed of a single answer, in tokens per second.';
COMMENT ON COLUMN concurrency_sweep.ttft_p50_ms IS 'Median time to the first token; NULL with too few answers.';
COMMENT ON COLUMN concurrency_sweep.latency_p50_ms IS 'Median time from putting a prompt until its answer''s end; NULL with too few answers.';
COMMENT ON COLUMN concurrency_sweep.latency_p95_ms IS '95th percentile of that time; NULL with too few answers.';
COMMENT ON COLUMN concurrency_sweep.latency_bound_ms IS 'Most that latency_p95_ms may be to be recommended: a multiple of the median latency with one slot.';
COMMENT ON COLUMN concurrency_sweep.contended_rounds IS 'Rounds in which other work on the machine may have slowed it down.';
COMMENT ON COLUMN concurrency_sweep.load_ms IS 'Median time from starting the server until it served.';
COMMENT ON COLUMN concurrency_sweep.peak_memory_bytes IS 'Largest resident memory of the server over the rounds.';
COMMENT ON COLUMN concurrency_sweep.recommended IS 'Whether this number of slots is the recommended one: the smallest within 5 % of the best throughput that keeps the latency bound.';
COMMENT ON COLUMN concurrency_sweep.reason IS 'Why it is recommended or not, in words.';
COMMENT ON COLUMN concurrency_sweep.measured_at IS 'When the measurement ended, UTC.';
