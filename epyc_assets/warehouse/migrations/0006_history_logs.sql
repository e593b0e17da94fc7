-- Logs, evidence and documents of the record, and what keeps the texts and images that nothing takes apart
-- (epyc_assets/history/text_log.py, llama_bench.py, document.py, image.py, raw_text.py).

CREATE TABLE history.log_measurement (
    source_file_id BIGINT PRIMARY KEY,
    run_pk BIGINT,
    run_dir VARCHAR,
    suite VARCHAR,
    question_id VARCHAR,
    question_pk BIGINT,
    log_name_model VARCHAR,
    config_id BIGINT,
    config VARCHAR,
    tool VARCHAR,
    status VARCHAR NOT NULL,
    build_number BIGINT,
    build_commit VARCHAR,
    build_compiler VARCHAR,
    build_target VARCHAR,
    model_id BIGINT,
    model VARCHAR,
    model_path VARCHAR,
    general_name VARCHAR,
    architecture VARCHAR,
    file_type VARCHAR,
    parameter_count DOUBLE,
    size_bytes BIGINT,
    bits_per_weight DOUBLE,
    experts_used BIGINT,
    n_threads BIGINT,
    n_context BIGINT,
    load_ms DOUBLE,
    prompt_ms DOUBLE,
    prompt_tokens BIGINT,
    prompt_tps DOUBLE,
    generated_tokens BIGINT,
    generation_ms DOUBLE,
    generation_tps DOUBLE,
    total_ms DOUBLE,
    encoded_tokens BIGINT,
    encode_ms DOUBLE,
    encode_tps DOUBLE,
    decode_tps DOUBLE,
    effective_tps DOUBLE,
    n_predict BIGINT,
    n_draft BIGINT,
    n_drafted BIGINT,
    n_accepted BIGINT,
    acceptance_rate DOUBLE,
    draft_model_id BIGINT,
    draft_model VARCHAR,
    draft_model_path VARCHAR,
    draft_load_ms DOUBLE,
    draft_prompt_ms DOUBLE,
    draft_prompt_tokens BIGINT,
    draft_prompt_tps DOUBLE,
    draft_generated_tokens BIGINT,
    draft_generation_ms DOUBLE,
    draft_generation_tps DOUBLE,
    draft_total_ms DOUBLE,
    image_encode_ms DOUBLE,
    image_decode_ms DOUBLE,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.log_measurement IS 'One row is one text log of a run: of a tool of llama.cpp, of a program that did not start, or a summary beside them. Logs with the same contents have a row each.';
COMMENT ON COLUMN history.log_measurement.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.log_measurement.run_pk IS 'Key of the run, a hash of run_dir; NULL for a log outside of the runs.';
COMMENT ON COLUMN history.log_measurement.run_dir IS 'Directory of the run, below results/runs.';
COMMENT ON COLUMN history.log_measurement.suite IS 'Suite: the folder in the run''s directory.';
COMMENT ON COLUMN history.log_measurement.question_id IS 'Question, from the file''s name; NULL where the name has none.';
COMMENT ON COLUMN history.log_measurement.question_pk IS 'Key of the question, a hash of suite and question_id.';
COMMENT ON COLUMN history.log_measurement.log_name_model IS 'Model''s short name, from the file''s name. The model that was loaded is in `model`.';
COMMENT ON COLUMN history.log_measurement.config_id IS 'Key of the config, a hash of its name.';
COMMENT ON COLUMN history.log_measurement.config IS 'Config, from the file''s name; NULL where the name has none. What the tool really did is in `tool`, see the flag config_not_applied.';
COMMENT ON COLUMN history.log_measurement.tool IS 'Tool of llama.cpp that wrote the log, told by what it prints: llama-mtmd-cli, llama-completion, llama-speculative, llama-lookup; NULL where it did not start or cannot be told.';
COMMENT ON COLUMN history.log_measurement.status IS 'ok; not_started; truncated (ends before its timings do); no_timing (whole, without the line of the generation''s time); other (no log of a generation).';
COMMENT ON COLUMN history.log_measurement.build_number IS 'Number of the build of llama.cpp.';
COMMENT ON COLUMN history.log_measurement.build_commit IS 'Commit of the build.';
COMMENT ON COLUMN history.log_measurement.build_compiler IS 'Compiler of the build.';
COMMENT ON COLUMN history.log_measurement.build_target IS 'System the build is for.';
COMMENT ON COLUMN history.log_measurement.model_id IS 'Key of the model, a hash of `model`.';
COMMENT ON COLUMN history.log_measurement.model IS 'Model that was loaded: name of its file without .gguf and shard number. With speculation, the target.';
COMMENT ON COLUMN history.log_measurement.model_path IS 'Path of the model''s file on the host.';
COMMENT ON COLUMN history.log_measurement.general_name IS 'Model''s name by its own metadata.';
COMMENT ON COLUMN history.log_measurement.architecture IS 'Architecture by the model''s metadata, for example qwen3moe.';
COMMENT ON COLUMN history.log_measurement.file_type IS 'Quantization by the model''s metadata, for example Q4_K - Medium.';
COMMENT ON COLUMN history.log_measurement.parameter_count IS 'Number of parameters, as printed with two decimals of a thousand, million or billion.';
COMMENT ON COLUMN history.log_measurement.size_bytes IS 'Size of the model''s weights in bytes, as printed with two decimals of MiB or GiB.';
COMMENT ON COLUMN history.log_measurement.bits_per_weight IS 'Mean bits per weight.';
COMMENT ON COLUMN history.log_measurement.experts_used IS 'Experts used for a token, overrides included; NULL for a model without experts.';
COMMENT ON COLUMN history.log_measurement.n_threads IS 'Threads, where the tool prints them.';
COMMENT ON COLUMN history.log_measurement.n_context IS 'Length of the context in tokens.';
COMMENT ON COLUMN history.log_measurement.load_ms IS 'Time to load the model, in ms.';
COMMENT ON COLUMN history.log_measurement.prompt_ms IS 'Time of the line `prompt eval time`, in ms. With speculation it is the target''s and includes verifying drafted tokens: see encode_ms.';
COMMENT ON COLUMN history.log_measurement.prompt_tokens IS 'Tokens of the line `prompt eval time`; with speculation including verified ones.';
COMMENT ON COLUMN history.log_measurement.prompt_tps IS 'Tokens per second of the line `prompt eval time`; with speculation including verified ones.';
COMMENT ON COLUMN history.log_measurement.generated_tokens IS 'Runs of the line `eval time` (decoded tokens with speculation). At least 1 even where nothing was generated.';
COMMENT ON COLUMN history.log_measurement.generation_ms IS 'Time of the generation, in ms.';
COMMENT ON COLUMN history.log_measurement.generation_tps IS 'Speed of the generation in tokens per second; NULL for a single token and where it is infinite. With speculation the tool''s own `decoded` line, not the draft''s `eval time`.';
COMMENT ON COLUMN history.log_measurement.total_ms IS 'Time of the line `total time`, in ms.';
COMMENT ON COLUMN history.log_measurement.encoded_tokens IS 'Tokens of the prompt, by the line `encoded` that speculation prints.';
COMMENT ON COLUMN history.log_measurement.encode_ms IS 'Time to process the prompt by that line, in ms.';
COMMENT ON COLUMN history.log_measurement.encode_tps IS 'Tokens per second by that line.';
COMMENT ON COLUMN history.log_measurement.decode_tps IS 'Tokens per second by the line `decoded` that speculation prints: the clock between the first and the last token.';
COMMENT ON COLUMN history.log_measurement.effective_tps IS 'Predicted tokens per second of the target''s total time, which includes loading and the prompt; only with speculation.';
COMMENT ON COLUMN history.log_measurement.n_predict IS 'Tokens predicted with speculation.';
COMMENT ON COLUMN history.log_measurement.n_draft IS 'Most tokens drafted at once.';
COMMENT ON COLUMN history.log_measurement.n_drafted IS 'Tokens drafted.';
COMMENT ON COLUMN history.log_measurement.n_accepted IS 'Drafted tokens accepted.';
COMMENT ON COLUMN history.log_measurement.acceptance_rate IS 'Accepted of the drafted tokens, 0 to 1.';
COMMENT ON COLUMN history.log_measurement.draft_model_id IS 'Key of the draft model, a hash of draft_model.';
COMMENT ON COLUMN history.log_measurement.draft_model IS 'Draft model: name of its file without .gguf and shard number.';
COMMENT ON COLUMN history.log_measurement.draft_model_path IS 'Path of the draft model''s file on the host.';
COMMENT ON COLUMN history.log_measurement.draft_load_ms IS 'Time to load the draft model, in ms.';
COMMENT ON COLUMN history.log_measurement.draft_prompt_ms IS 'The draft''s `prompt eval time`, in ms.';
COMMENT ON COLUMN history.log_measurement.draft_prompt_tokens IS 'Tokens of that line.';
COMMENT ON COLUMN history.log_measurement.draft_prompt_tps IS 'Tokens per second of that line.';
COMMENT ON COLUMN history.log_measurement.draft_generated_tokens IS 'Runs of the draft''s `eval time`.';
COMMENT ON COLUMN history.log_measurement.draft_generation_ms IS 'The draft''s `eval time`, in ms.';
COMMENT ON COLUMN history.log_measurement.draft_generation_tps IS 'Tokens per second at which the draft drafts; never the speed of the generation.';
COMMENT ON COLUMN history.log_measurement.draft_total_ms IS 'The draft''s total time, in ms.';
COMMENT ON COLUMN history.log_measurement.image_encode_ms IS 'Time to encode images, summed, in ms.';
COMMENT ON COLUMN history.log_measurement.image_decode_ms IS 'Time to process the encoded images, summed, in ms.';
COMMENT ON COLUMN history.log_measurement.quality_flags IS 'one_token (a single run: its speed means nothing), infinite_tps (no time passed), draft_timing_first (the first `eval time` is the draft''s), prompt_includes_verification, timing_contradicts (tokens, time and speed of a line disagree), counts_contradict (accepted, drafted and the rate disagree), config_not_applied (the name''s speculation or number of experts is not what ran), config_contradicts_log (another number of drafted tokens), end_missing (cut off), header_incomplete, no_timing, no_log, duplicate_log (an earlier log, by path, has the same contents).';
COMMENT ON COLUMN history.log_measurement.extra IS 'What was found and fits no column, for example the speed of a single token as printed.';

CREATE TABLE history.llama_bench_row (
    source_file_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    evidence_run VARCHAR,
    model_label VARCHAR,
    variant VARCHAR,
    model VARCHAR,
    size_text VARCHAR,
    size_bytes BIGINT,
    params DOUBLE,
    backend VARCHAR,
    threads BIGINT,
    test VARCHAR NOT NULL,
    test_kind VARCHAR NOT NULL,
    n_tokens BIGINT NOT NULL,
    n_depth BIGINT NOT NULL,
    tps DOUBLE,
    tps_stddev DOUBLE,
    build_commit VARCHAR,
    build_number BIGINT,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, line)
);
COMMENT ON TABLE history.llama_bench_row IS 'One row is one measured line of a llama-bench table in an evidence text. Logs that copy a table repeat its lines.';
COMMENT ON COLUMN history.llama_bench_row.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.llama_bench_row.line IS 'Line of the file, from 1.';
COMMENT ON COLUMN history.llama_bench_row.evidence_run IS 'Folder below evidence, the time of the run.';
COMMENT ON COLUMN history.llama_bench_row.model_label IS 'Model''s label in the file''s name; NULL where the name has none.';
COMMENT ON COLUMN history.llama_bench_row.variant IS 'Variant in the file''s name: baseline, or paged and a block size.';
COMMENT ON COLUMN history.llama_bench_row.model IS 'Model as llama-bench describes it: architecture, size class, quantization.';
COMMENT ON COLUMN history.llama_bench_row.size_text IS 'Size as printed.';
COMMENT ON COLUMN history.llama_bench_row.size_bytes IS 'Size in bytes, from the rounded text.';
COMMENT ON COLUMN history.llama_bench_row.params IS 'Number of parameters, from the rounded text.';
COMMENT ON COLUMN history.llama_bench_row.backend IS 'Backend, for example CPU.';
COMMENT ON COLUMN history.llama_bench_row.threads IS 'Number of threads.';
COMMENT ON COLUMN history.llama_bench_row.test IS 'Test as printed, for example pp512, tg128 or pp512 @ d4096.';
COMMENT ON COLUMN history.llama_bench_row.test_kind IS 'pp (prompt processing), tg (text generation) or pp+tg (both).';
COMMENT ON COLUMN history.llama_bench_row.n_tokens IS 'Tokens processed or generated, summed for pp+tg.';
COMMENT ON COLUMN history.llama_bench_row.n_depth IS 'Tokens in the context before the test began.';
COMMENT ON COLUMN history.llama_bench_row.tps IS 'Mean speed in tokens per second; NULL where none was printed.';
COMMENT ON COLUMN history.llama_bench_row.tps_stddev IS 'Standard deviation of the speed over the repetitions, in tokens per second.';
COMMENT ON COLUMN history.llama_bench_row.build_commit IS 'Commit of llama.cpp, from the line that ends the table.';
COMMENT ON COLUMN history.llama_bench_row.build_number IS 'Number of the build, from the same line.';
COMMENT ON COLUMN history.llama_bench_row.quality_flags IS 'header_missing (columns taken to be the usual ones), infinite_tps.';
COMMENT ON COLUMN history.llama_bench_row.extra IS 'Further columns of the table as found.';

CREATE TABLE history.raw_text (
    source_file_id BIGINT PRIMARY KEY,
    text VARCHAR NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.raw_text IS 'One row is one text file that is not wholly taken apart into rows: logs, evidence, prose, scripts, broken documents.';
COMMENT ON COLUMN history.raw_text.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.raw_text.text IS 'The whole text, decoded; invalid bytes are U+FFFD.';

CREATE TABLE history.document (
    source_file_id BIGINT PRIMARY KEY,
    kind VARCHAR NOT NULL,
    keys VARCHAR[] NOT NULL,
    n_items BIGINT NOT NULL,
    content JSON NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.document IS 'One row is one JSON or YAML file that no other table takes.';
COMMENT ON COLUMN history.document.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.document.kind IS 'Shape at the top: object, list or scalar.';
COMMENT ON COLUMN history.document.keys IS 'Keys at the top, in order, at most 10,000; empty for a list.';
COMMENT ON COLUMN history.document.n_items IS 'Members at the top.';
COMMENT ON COLUMN history.document.content IS 'The whole document. NaN and infinities are text.';
COMMENT ON COLUMN history.document.quality_flags IS 'duplicate_keys (the second of a name is named `key (2)` here, and so on; the file''s text is in raw_text), and doubts about YAML.';

CREATE TABLE history.document_line (
    source_file_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    content JSON NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, line)
);
COMMENT ON TABLE history.document_line IS 'One row is one line of a JSON Lines file, or one record of a CSV file, that no other table takes.';
COMMENT ON COLUMN history.document_line.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.document_line.line IS 'Line of the file, from 1; of a record over several lines the first.';
COMMENT ON COLUMN history.document_line.content IS 'The line; of a CSV record an object of its cells by the header''s names, surplus cells in a list named "".';
COMMENT ON COLUMN history.document_line.quality_flags IS 'duplicate_keys; ragged (more or fewer cells than the header has).';

CREATE TABLE history.image_file (
    source_file_id BIGINT PRIMARY KEY,
    image_format VARCHAR NOT NULL,
    width_px BIGINT NOT NULL,
    height_px BIGINT NOT NULL,
    bits_per_channel BIGINT,
    n_chunks BIGINT,
    size_bytes BIGINT NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.image_file IS 'One row is one whole image; damaged ones are in `rejects`.';
COMMENT ON COLUMN history.image_file.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.image_file.image_format IS 'png, jpeg, gif, webp or bmp, by its signature.';
COMMENT ON COLUMN history.image_file.width_px IS 'Width in pixels.';
COMMENT ON COLUMN history.image_file.height_px IS 'Height in pixels.';
COMMENT ON COLUMN history.image_file.bits_per_channel IS 'Bits per channel; NULL for formats that do not say.';
COMMENT ON COLUMN history.image_file.n_chunks IS 'PNG chunks, each with a right CRC, or JPEG segments; NULL for other formats.';
COMMENT ON COLUMN history.image_file.size_bytes IS 'Size of the file in bytes.';
COMMENT ON COLUMN history.image_file.quality_flags IS 'trailing_bytes (more after its end), wrong_name (the file''s ending names another format).';
COMMENT ON COLUMN history.image_file.extra IS 'Colour type, chunks by type and the like.';
