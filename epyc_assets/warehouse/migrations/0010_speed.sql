-- Speed: the prompts it is measured on, every prompt answered in interleaved rounds, and what follows from them about
-- configs. Drafting counts for answers too.

ALTER TABLE generations ADD COLUMN drafted_tokens INTEGER;
ALTER TABLE generations ADD COLUMN accepted_tokens INTEGER;
ALTER TABLE generations ADD COLUMN target_evaluations INTEGER;
ALTER TABLE generations ADD COLUMN draft_evaluations INTEGER;
ALTER TABLE generations ADD COLUMN lookup_drafted_tokens INTEGER;
ALTER TABLE generations ADD COLUMN lookup_accepted_tokens INTEGER;
ALTER TABLE generations ADD COLUMN drafted_by_position INTEGER[];
ALTER TABLE generations ADD COLUMN accepted_by_position INTEGER[];
ALTER TABLE generations ADD COLUMN draft_ms DOUBLE;
ALTER TABLE generations ADD COLUMN reported_prompt_tps DOUBLE;
ALTER TABLE generations ADD COLUMN reported_generation_tps DOUBLE;
ALTER TABLE generations ADD COLUMN figures_differ BOOLEAN;
COMMENT ON COLUMN generations.drafted_tokens IS 'Tokens proposed to the target by the draft model or by prompt lookup; NULL where nothing was to be drafted.';
COMMENT ON COLUMN generations.accepted_tokens IS 'Proposed tokens that the target would have chosen itself.';
COMMENT ON COLUMN generations.target_evaluations IS 'Evaluations of the target after the prompt; each gives one token of its own besides the accepted ones.';
COMMENT ON COLUMN generations.draft_evaluations IS 'Evaluations of the draft model after the prompt.';
COMMENT ON COLUMN generations.lookup_drafted_tokens IS 'The part of drafted_tokens that prompt lookup proposed.';
COMMENT ON COLUMN generations.lookup_accepted_tokens IS 'The part of accepted_tokens that prompt lookup proposed.';
COMMENT ON COLUMN generations.drafted_by_position IS 'How often a draft had a token at its 1st, 2nd, ... place.';
COMMENT ON COLUMN generations.accepted_by_position IS 'How often the token at that place of a draft was accepted.';
COMMENT ON COLUMN generations.draft_ms IS 'Time spent drafting; part of the time between tokens.';
COMMENT ON COLUMN generations.reported_prompt_tps IS 'Prompt processing speed as the server itself reports it; NULL without a server.';
COMMENT ON COLUMN generations.reported_generation_tps IS 'Decoding speed as the server itself reports it; NULL without a server.';
COMMENT ON COLUMN generations.figures_differ IS 'Whether the server''s decoding speed and our clock''s differ by more than 10 %.';

ALTER TABLE sessions ADD COLUMN drafts VARCHAR[];
COMMENT ON COLUMN sessions.drafts IS 'Draft models loaded beside the model, by name.';
ALTER TABLE sessions ADD COLUMN launch_parameters JSON;
COMMENT ON COLUMN sessions.launch_parameters IS 'What a config fixes when the process is started: NUMA policy, llama.cpp build, environment.';
ALTER TABLE sessions ADD COLUMN speculation JSON;
COMMENT ON COLUMN sessions.speculation IS 'Drafting that is fixed for the whole session, on backends that cannot choose it for each prompt.';

CREATE TABLE speed_prompts (
    prompt_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL,
    max_tokens INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    source_version VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (prompt_id)
);
COMMENT ON TABLE speed_prompts IS 'One row is one prompt that speed is measured on.';
COMMENT ON COLUMN speed_prompts.prompt_id IS 'Hash of kind, prompt and length.';
COMMENT ON COLUMN speed_prompts.kind IS 'What is asked: code, prose, summarise (with the source in the prompt) or edit (the text in the prompt).';
COMMENT ON COLUMN speed_prompts.prompt IS 'The prompt as a user would type it.';
COMMENT ON COLUMN speed_prompts.max_tokens IS 'Tokens that are generated, whatever the model would like (ignore_eos).';
COMMENT ON COLUMN speed_prompts.source IS 'Where the prompt comes from: written for this project, or generator:SUITE.';
COMMENT ON COLUMN speed_prompts.source_version IS 'Version of that source.';

CREATE TABLE speed_runs (
    speed_run_id VARCHAR NOT NULL,
    measurement_id VARCHAR NOT NULL,
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    model_sha256 VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    config_values JSON NOT NULL,
    backend VARCHAR NOT NULL,
    speed_key VARCHAR NOT NULL,
    session_id VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    round INTEGER NOT NULL,
    position INTEGER NOT NULL,
    shuffle_seed BIGINT NOT NULL,
    prompt_id VARCHAR NOT NULL,
    prompt_kind VARCHAR NOT NULL,
    temperature DOUBLE NOT NULL,
    seed BIGINT NOT NULL,
    status VARCHAR NOT NULL,
    status_reason VARCHAR,
    prompt VARCHAR,
    text VARCHAR,
    token_ids INTEGER[],
    finish_reason VARCHAR,
    prompt_tokens INTEGER,
    generated_tokens INTEGER,
    ttft_ms DOUBLE,
    prompt_ms DOUBLE,
    decode_ms DOUBLE,
    sampling_ms DOUBLE,
    total_ms DOUBLE,
    prompt_tps DOUBLE,
    generation_tps DOUBLE,
    effective_tps DOUBLE,
    drafted_tokens INTEGER,
    accepted_tokens INTEGER,
    target_evaluations INTEGER,
    draft_evaluations INTEGER,
    lookup_drafted_tokens INTEGER,
    lookup_accepted_tokens INTEGER,
    drafted_by_position INTEGER[],
    accepted_by_position INTEGER[],
    draft_ms DOUBLE,
    reported_prompt_tps DOUBLE,
    reported_generation_tps DOUBLE,
    figures_differ BOOLEAN,
    load_average_1m DOUBLE,
    cpu_pressure_ratio DOUBLE,
    memory_pressure_ratio DOUBLE,
    steal_ratio DOUBLE,
    other_cpu_ratio DOUBLE,
    cpu_mhz DOUBLE,
    major_faults BIGINT,
    involuntary_switches BIGINT,
    contended BOOLEAN,
    calibration_ms DOUBLE,
    degenerate VARCHAR,
    started_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (speed_run_id)
);
COMMENT ON TABLE speed_runs IS 'One row is one speed prompt answered once by one config in one round of interleaved measuring.';
COMMENT ON COLUMN speed_runs.speed_run_id IS 'Hash of measurement, round, config and prompt.';
COMMENT ON COLUMN speed_runs.measurement_id IS 'The run of rounds it belongs to; rounds are compared within one.';
COMMENT ON COLUMN speed_runs.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN speed_runs.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN speed_runs.model_sha256 IS 'SHA-256 of the model file.';
COMMENT ON COLUMN speed_runs.config_id IS 'Identity of the config.';
COMMENT ON COLUMN speed_runs.config IS 'The config in words; never parsed.';
COMMENT ON COLUMN speed_runs.technique IS 'baseline, moe, spec, lookup or a compound such as moe+spec.';
COMMENT ON COLUMN speed_runs.config_values IS 'The config''s typed values.';
COMMENT ON COLUMN speed_runs.backend IS 'Backend that answered.';
COMMENT ON COLUMN speed_runs.speed_key IS 'Hash over model and draft contents, config, prompts and backend: if it changes, the measurement is stale.';
COMMENT ON COLUMN speed_runs.session_id IS 'Session that answered.';
COMMENT ON COLUMN speed_runs.purpose IS 'rounds (interleaved speed rounds) or temperature (acceptance over temperature; not part of any speed-up).';
COMMENT ON COLUMN speed_runs.round IS 'Round within the measurement, from 0; every config of the measurement is run once in each.';
COMMENT ON COLUMN speed_runs.position IS 'Place within the shuffled round, from 0.';
COMMENT ON COLUMN speed_runs.shuffle_seed IS 'Seed of the round''s order.';
COMMENT ON COLUMN speed_runs.prompt_id IS 'The speed prompt.';
COMMENT ON COLUMN speed_runs.prompt_kind IS 'Its kind.';
COMMENT ON COLUMN speed_runs.temperature IS 'Sampling temperature; 0 is greedy.';
COMMENT ON COLUMN speed_runs.seed IS 'Sampling seed.';
COMMENT ON COLUMN speed_runs.status IS 'ok, timeout, crashed, killed, out_of_memory, load_failed or refused; only ok rows are measurements.';
COMMENT ON COLUMN speed_runs.status_reason IS 'What happened, in words, where the status is not ok.';
COMMENT ON COLUMN speed_runs.prompt IS 'The exact text sent, chat template applied.';
COMMENT ON COLUMN speed_runs.text IS 'What was generated.';
COMMENT ON COLUMN speed_runs.token_ids IS 'The generated tokens: what token agreement is told from.';
COMMENT ON COLUMN speed_runs.finish_reason IS 'length, or stop and context where the answer ended early.';
COMMENT ON COLUMN speed_runs.prompt_tokens IS 'Tokens of the prompt.';
COMMENT ON COLUMN speed_runs.generated_tokens IS 'Tokens generated.';
COMMENT ON COLUMN speed_runs.ttft_ms IS 'From request to first token.';
COMMENT ON COLUMN speed_runs.prompt_ms IS 'Prompt processing alone.';
COMMENT ON COLUMN speed_runs.decode_ms IS 'Evaluations of the target after the first token, summed.';
COMMENT ON COLUMN speed_runs.sampling_ms IS 'Choosing tokens from logits, summed.';
COMMENT ON COLUMN speed_runs.total_ms IS 'From request to last token.';
COMMENT ON COLUMN speed_runs.prompt_tps IS 'prompt_tokens over prompt_ms, tokens per second.';
COMMENT ON COLUMN speed_runs.generation_tps IS 'Tokens after the first over the time from the first to the last, tokens per second.';
COMMENT ON COLUMN speed_runs.effective_tps IS 'generated_tokens over total_ms, tokens per second.';
COMMENT ON COLUMN speed_runs.drafted_tokens IS 'Tokens proposed to the target by the draft model or by prompt lookup; NULL where nothing was to be drafted.';
COMMENT ON COLUMN speed_runs.accepted_tokens IS 'Proposed tokens that the target would have chosen itself.';
COMMENT ON COLUMN speed_runs.target_evaluations IS 'Evaluations of the target after the prompt; each gives one token of its own besides the accepted ones.';
COMMENT ON COLUMN speed_runs.draft_evaluations IS 'Evaluations of the draft model after the prompt.';
COMMENT ON COLUMN speed_runs.lookup_drafted_tokens IS 'The part of drafted_tokens that prompt lookup proposed.';
COMMENT ON COLUMN speed_runs.lookup_accepted_tokens IS 'The part of accepted_tokens that prompt lookup proposed.';
COMMENT ON COLUMN speed_runs.drafted_by_position IS 'How often a draft had a token at its 1st, 2nd, ... place.';
COMMENT ON COLUMN speed_runs.accepted_by_position IS 'How often the token at that place of a draft was accepted.';
COMMENT ON COLUMN speed_runs.draft_ms IS 'Time spent drafting; part of the time between tokens.';
COMMENT ON COLUMN speed_runs.reported_prompt_tps IS 'Prompt processing speed as the server itself reports it; NULL without a server.';
COMMENT ON COLUMN speed_runs.reported_generation_tps IS 'Decoding speed as the server itself reports it; NULL without a server.';
COMMENT ON COLUMN speed_runs.figures_differ IS 'Whether the server''s decoding speed and our clock''s differ by more than 10 %.';
COMMENT ON COLUMN speed_runs.load_average_1m IS 'Load average of the last minute.';
COMMENT ON COLUMN speed_runs.cpu_pressure_ratio IS 'Share of the time in which some task waited for a CPU (PSI).';
COMMENT ON COLUMN speed_runs.memory_pressure_ratio IS 'Share of the time in which some task waited for memory (PSI).';
COMMENT ON COLUMN speed_runs.steal_ratio IS 'Share of CPU time taken by the hypervisor for others.';
COMMENT ON COLUMN speed_runs.other_cpu_ratio IS 'CPU time used by other processes as a share of the machine.';
COMMENT ON COLUMN speed_runs.cpu_mhz IS 'Clock of the first CPU at the end, MHz.';
COMMENT ON COLUMN speed_runs.major_faults IS 'Page faults that needed the disk.';
COMMENT ON COLUMN speed_runs.involuntary_switches IS 'Times the worker was taken off a CPU against its will.';
COMMENT ON COLUMN speed_runs.contended IS 'Whether other work on the machine may have slowed this down.';
COMMENT ON COLUMN speed_runs.calibration_ms IS 'What a fixed piece of work took just before, on the same machine: higher means a slower machine.';
COMMENT ON COLUMN speed_runs.degenerate IS 'Kind of degenerate output, NULL for none. Length is forced here, so loops are common and only mean that acceptance is too good.';
COMMENT ON COLUMN speed_runs.started_at IS 'When the prompt was sent, UTC.';

CREATE TABLE config_speed (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    prompt_kind VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    config_values JSON NOT NULL,
    speed_key VARCHAR NOT NULL,
    measurement_id VARCHAR NOT NULL,
    host VARCHAR,
    llama_build VARCHAR,
    rounds INTEGER NOT NULL,
    contended_rounds INTEGER NOT NULL,
    used_rounds INTEGER NOT NULL,
    enough_rounds BOOLEAN NOT NULL,
    generation_tps DOUBLE,
    generation_tps_best DOUBLE,
    generation_tps_cv DOUBLE,
    prompt_tps DOUBLE,
    effective_tps DOUBLE,
    ttft_ms_median DOUBLE,
    drift DOUBLE,
    calibration_ms_median DOUBLE,
    speedup DOUBLE,
    speedup_low DOUBLE,
    speedup_high DOUBLE,
    effective_speedup DOUBLE,
    effective_speedup_low DOUBLE,
    effective_speedup_high DOUBLE,
    verdict VARCHAR,
    drafted_tokens BIGINT,
    accepted_tokens BIGINT,
    acceptance_rate DOUBLE,
    tokens_per_evaluation DOUBLE,
    acceptance_by_position DOUBLE[],
    drafted_by_position BIGINT[],
    accepted_by_position BIGINT[],
    figures_differ_runs INTEGER NOT NULL,
    degenerate_runs INTEGER NOT NULL,
    measured_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, config_id, backend, prompt_kind)
);
COMMENT ON TABLE config_speed IS 'One row is one config of one model on one kind of prompt: its speed, and its speed-up over the baseline of the same rounds.';
COMMENT ON COLUMN config_speed.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN config_speed.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN config_speed.config_id IS 'Identity of the config.';
COMMENT ON COLUMN config_speed.backend IS 'Backend that was measured.';
COMMENT ON COLUMN config_speed.prompt_kind IS 'Kind of prompt, or all.';
COMMENT ON COLUMN config_speed.config IS 'The config in words.';
COMMENT ON COLUMN config_speed.technique IS 'Technique of the config.';
COMMENT ON COLUMN config_speed.config_values IS 'The config''s typed values.';
COMMENT ON COLUMN config_speed.speed_key IS 'Contents that the figures are of: model and draft files, config, prompts, backend.';
COMMENT ON COLUMN config_speed.measurement_id IS 'The measurement that counts: the latest with these contents.';
COMMENT ON COLUMN config_speed.host IS 'Host name of the measured machine.';
COMMENT ON COLUMN config_speed.llama_build IS 'llama.cpp build.';
COMMENT ON COLUMN config_speed.rounds IS 'Rounds in which config and baseline both answered every prompt of the kind.';
COMMENT ON COLUMN config_speed.contended_rounds IS 'Of them, rounds in which other work was seen on the machine.';
COMMENT ON COLUMN config_speed.used_rounds IS 'Rounds that the figures are from: the undisturbed ones where there are seven or more (or as many as the fleet has at most), else all.';
COMMENT ON COLUMN config_speed.enough_rounds IS 'Whether the stop rule was met: the interval is narrow enough, or the most rounds were run.';
COMMENT ON COLUMN config_speed.generation_tps IS 'Decoding speed: tokens summed over time summed, tokens per second.';
COMMENT ON COLUMN config_speed.generation_tps_best IS 'Decoding speed of the least disturbed (fastest) round.';
COMMENT ON COLUMN config_speed.generation_tps_cv IS 'Standard deviation over mean of the rounds'' decoding speeds.';
COMMENT ON COLUMN config_speed.prompt_tps IS 'Prompt processing speed, tokens summed over time summed.';
COMMENT ON COLUMN config_speed.effective_tps IS 'Tokens over the whole time, summed.';
COMMENT ON COLUMN config_speed.ttft_ms_median IS 'Median time to first token, milliseconds.';
COMMENT ON COLUMN config_speed.drift IS 'Spearman correlation of round and decoding speed; near 1 or -1: the machine changed while measuring.';
COMMENT ON COLUMN config_speed.calibration_ms_median IS 'Median of the calibration work, milliseconds.';
COMMENT ON COLUMN config_speed.speedup IS 'Median of the paired ratios of decoding speed over the baseline''s in the same round; NULL for the baseline itself.';
COMMENT ON COLUMN config_speed.speedup_low IS 'Lower end of its 95 % interval.';
COMMENT ON COLUMN config_speed.speedup_high IS 'Upper end of its 95 % interval.';
COMMENT ON COLUMN config_speed.effective_speedup IS 'The same for effective_tps, prompt processing included.';
COMMENT ON COLUMN config_speed.effective_speedup_low IS 'Lower end of its 95 % interval.';
COMMENT ON COLUMN config_speed.effective_speedup_high IS 'Upper end of its 95 % interval.';
COMMENT ON COLUMN config_speed.verdict IS 'faster, slower, equivalent or not_shown, by the rule in docs/statistics.md.';
COMMENT ON COLUMN config_speed.drafted_tokens IS 'Tokens drafted in the rounds used.';
COMMENT ON COLUMN config_speed.accepted_tokens IS 'Drafted tokens accepted.';
COMMENT ON COLUMN config_speed.acceptance_rate IS 'accepted over drafted, 0 to 1.';
COMMENT ON COLUMN config_speed.tokens_per_evaluation IS 'Tokens gained per evaluation of the target; 1 without speculation.';
COMMENT ON COLUMN config_speed.acceptance_by_position IS 'Acceptance of the 1st, 2nd, ... token of a draft, given that it was reached or not.';
COMMENT ON COLUMN config_speed.drafted_by_position IS 'Drafts that had a token at that place.';
COMMENT ON COLUMN config_speed.accepted_by_position IS 'Accepted tokens at that place.';
COMMENT ON COLUMN config_speed.figures_differ_runs IS 'Answers whose server figures and our clock differ by more than 10 %.';
COMMENT ON COLUMN config_speed.degenerate_runs IS 'Answers of the rounds used that were degenerate: acceptance on them is too good.';
COMMENT ON COLUMN config_speed.measured_at IS 'Start of the latest round, UTC.';

CREATE TABLE token_agreement (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    speed_key VARCHAR NOT NULL,
    reference_config_id VARCHAR NOT NULL,
    compared_tokens INTEGER NOT NULL,
    agreed_tokens INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    reference_token INTEGER,
    config_token INTEGER,
    margin DOUBLE,
    batch_noise DOUBLE,
    runs INTEGER NOT NULL,
    differing_runs INTEGER NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, config_id, backend, prompt_id)
);
COMMENT ON TABLE token_agreement IS 'One row is one prompt answered greedily by a speculative config: whether its tokens are those of the same load without speculation, and if not, why.';
COMMENT ON COLUMN token_agreement.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN token_agreement.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN token_agreement.config_id IS 'Identity of the config.';
COMMENT ON COLUMN token_agreement.backend IS 'Backend that was measured.';
COMMENT ON COLUMN token_agreement.prompt_id IS 'The speed prompt.';
COMMENT ON COLUMN token_agreement.speed_key IS 'Contents that the comparison is of.';
COMMENT ON COLUMN token_agreement.reference_config_id IS 'Config without speculation that it is compared with.';
COMMENT ON COLUMN token_agreement.compared_tokens IS 'Tokens that both generated.';
COMMENT ON COLUMN token_agreement.agreed_tokens IS 'Tokens before the first difference.';
COMMENT ON COLUMN token_agreement.kind IS 'identical, near_tie (batched arithmetic can tip it), real_change, or unclassified (the backend gives no logits).';
COMMENT ON COLUMN token_agreement.reference_token IS 'Token of the reference at the first difference.';
COMMENT ON COLUMN token_agreement.config_token IS 'Token of the config there.';
COMMENT ON COLUMN token_agreement.margin IS 'By how much the reference prefers its own token there, as a difference of logits.';
COMMENT ON COLUMN token_agreement.batch_noise IS 'Largest difference of a logit at that place between evaluating token by token and in batches as the config does.';
COMMENT ON COLUMN token_agreement.runs IS 'Answers of the config compared; they are compared all, the first difference is shown.';
COMMENT ON COLUMN token_agreement.differing_runs IS 'Of them, answers with a difference.';

CREATE TABLE config_physics (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    prompt_kind VARCHAR NOT NULL,
    context_tokens INTEGER,
    bytes_per_token DOUBLE,
    bandwidth_bytes_per_s DOUBLE,
    roofline_tps DOUBLE,
    roofline_fraction DOUBLE,
    alpha DOUBLE,
    draft_cost_ratio DOUBLE,
    verify_cost_ratio DOUBLE,
    predicted_speedup DOUBLE,
    predicted_cap DOUBLE,
    measured_speedup DOUBLE,
    flag VARCHAR,
    flag_reason VARCHAR,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, config_id, backend, prompt_kind)
);
COMMENT ON TABLE config_physics IS 'One row is one config of one model on one kind of prompt: what the machine could give, what was predicted, and what was measured.';
COMMENT ON COLUMN config_physics.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN config_physics.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN config_physics.config_id IS 'Identity of the config.';
COMMENT ON COLUMN config_physics.backend IS 'Backend that was measured.';
COMMENT ON COLUMN config_physics.prompt_kind IS 'Kind of prompt, or all.';
COMMENT ON COLUMN config_physics.context_tokens IS 'Mean context in use while decoding, tokens.';
COMMENT ON COLUMN config_physics.bytes_per_token IS 'Bytes read for one token: weights of the active experts, and the KV cache at that context.';
COMMENT ON COLUMN config_physics.bandwidth_bytes_per_s IS 'Measured memory bandwidth of the host; NULL before host_bandwidth was measured.';
COMMENT ON COLUMN config_physics.roofline_tps IS 'bandwidth over bytes: most tokens per second without speculation.';
COMMENT ON COLUMN config_physics.roofline_fraction IS 'Measured speed over roofline; above 1 for models that fit into the cache.';
COMMENT ON COLUMN config_physics.alpha IS 'Acceptance of a single drafted token, fitted from the accepted lengths.';
COMMENT ON COLUMN config_physics.draft_cost_ratio IS 'Time to draft one token over the baseline''s time for one token (c).';
COMMENT ON COLUMN config_physics.verify_cost_ratio IS 'Time of one evaluation of the target with a draft over that of a single token (v).';
COMMENT ON COLUMN config_physics.predicted_speedup IS 'E / (K c + v) with E the expected tokens per evaluation at alpha; for fewer experts the ratio of bytes.';
COMMENT ON COLUMN config_physics.predicted_cap IS 'The same at alpha = 1: no acceptance can give more.';
COMMENT ON COLUMN config_physics.measured_speedup IS 'From config_speed.';
COMMENT ON COLUMN config_physics.flag IS 'above_cap, above_roofline, fits_in_cache, starved (far below the roofline), NULL for none.';
COMMENT ON COLUMN config_physics.flag_reason IS 'The flag in words.';

CREATE TABLE config_quality (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    questions INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    baseline_passes INTEGER NOT NULL,
    difference DOUBLE,
    difference_low DOUBLE,
    difference_high DOUBLE,
    p_value DOUBLE,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, config_id)
);
COMMENT ON TABLE config_quality IS 'One row is one config whose answers may differ from the baseline''s: how its verdicts compare on the same questions.';
COMMENT ON COLUMN config_quality.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN config_quality.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN config_quality.config_id IS 'Identity of the config.';
COMMENT ON COLUMN config_quality.config IS 'The config in words.';
COMMENT ON COLUMN config_quality.technique IS 'Technique of the config.';
COMMENT ON COLUMN config_quality.questions IS 'Questions with a verdict under both.';
COMMENT ON COLUMN config_quality.passes IS 'Of them, passed under the config.';
COMMENT ON COLUMN config_quality.baseline_passes IS 'Of them, passed under the baseline.';
COMMENT ON COLUMN config_quality.difference IS 'Pass rate minus the baseline''s, on the same questions.';
COMMENT ON COLUMN config_quality.difference_low IS 'Lower end of its 95 % interval, paired bootstrap over questions.';
COMMENT ON COLUMN config_quality.difference_high IS 'Upper end of that interval.';
COMMENT ON COLUMN config_quality.p_value IS 'Exact two-sided McNemar test.';

CREATE TABLE best_config (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    config_values JSON NOT NULL,
    speedup DOUBLE,
    speedup_low DOUBLE,
    speedup_high DOUBLE,
    generation_tps DOUBLE,
    baseline_generation_tps DOUBLE,
    quality VARCHAR NOT NULL,
    quality_difference DOUBLE,
    quality_low DOUBLE,
    tolerance DOUBLE NOT NULL,
    considered INTEGER NOT NULL,
    excluded JSON NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model)
);
COMMENT ON TABLE best_config IS 'One row is one model: the fastest of its configs whose answers are as good as the baseline''s, within the tolerance.';
COMMENT ON COLUMN best_config.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN best_config.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN best_config.config_id IS 'Identity of the recommended config.';
COMMENT ON COLUMN best_config.backend IS 'Backend it was measured on.';
COMMENT ON COLUMN best_config.config IS 'The config in words.';
COMMENT ON COLUMN best_config.technique IS 'Technique of the config.';
COMMENT ON COLUMN best_config.config_values IS 'The config''s typed values.';
COMMENT ON COLUMN best_config.speedup IS 'Speed-up over the baseline, all kinds of prompt; 1 for the baseline itself.';
COMMENT ON COLUMN best_config.speedup_low IS 'Lower end of its 95 % interval.';
COMMENT ON COLUMN best_config.speedup_high IS 'Upper end of its 95 % interval.';
COMMENT ON COLUMN best_config.generation_tps IS 'Its decoding speed, tokens per second.';
COMMENT ON COLUMN best_config.baseline_generation_tps IS 'The baseline''s decoding speed in the same rounds.';
COMMENT ON COLUMN best_config.quality IS 'baseline (it is the baseline), inherited (greedy answers agree but for near ties), within_tolerance (asked and compared).';
COMMENT ON COLUMN best_config.quality_difference IS 'Pass rate minus the baseline''s; NULL where inherited.';
COMMENT ON COLUMN best_config.quality_low IS 'Lower end of its 95 % interval.';
COMMENT ON COLUMN best_config.tolerance IS 'Loss of pass rate that is accepted.';
COMMENT ON COLUMN best_config.considered IS 'Configs measured.';
COMMENT ON COLUMN best_config.excluded IS 'Faster configs that were not taken, each with the reason.';
