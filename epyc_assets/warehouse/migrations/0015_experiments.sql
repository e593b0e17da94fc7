-- Experiments beside the sweep: which draft suits which target, acceptance over temperature, time limits of answers.

COMMENT ON COLUMN speed_runs.purpose IS 'rounds (interleaved speed rounds), draft_discovery (the same, few of them, for a first look at drafts) or temperature (acceptance over temperature); only rounds are part of config_speed.';
COMMENT ON COLUMN speed_runs.speed_run_id IS 'Hash of measurement, round, config and prompt, and for purpose temperature of temperature and seed.';

CREATE TABLE draft_discovery (
    fleet VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    draft VARCHAR NOT NULL,
    listed_in_registry BOOLEAN NOT NULL,
    size_ratio DOUBLE,
    verdict VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    rank INTEGER,
    draft_tokens INTEGER,
    measured_draft_tokens INTEGER[],
    backend VARCHAR,
    measurement_id VARCHAR,
    rounds INTEGER,
    contended_rounds INTEGER,
    generation_tps DOUBLE,
    baseline_generation_tps DOUBLE,
    speedup DOUBLE,
    speedup_low DOUBLE,
    speedup_high DOUBLE,
    acceptance_rate DOUBLE,
    tokens_per_evaluation DOUBLE,
    alpha DOUBLE,
    draft_cost_ratio DOUBLE,
    verify_cost_ratio DOUBLE,
    predicted_draft_tokens INTEGER,
    predicted_speedup DOUBLE,
    measured_at TIMESTAMP,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, target, draft)
);
COMMENT ON TABLE draft_discovery IS 'One row is one model that could draft for another: why it cannot, or what it gave when both were measured beside the baseline. Figures are those of the best measured K.';
COMMENT ON COLUMN draft_discovery.fleet IS 'Fleet both models belong to.';
COMMENT ON COLUMN draft_discovery.target IS 'Model that checks the drafted tokens.';
COMMENT ON COLUMN draft_discovery.draft IS 'Model that drafts.';
COMMENT ON COLUMN draft_discovery.listed_in_registry IS 'Whether the registry lists the draft for the target.';
COMMENT ON COLUMN draft_discovery.size_ratio IS 'Bytes of weights that the draft reads per token over those of the target; NULL where a file is missing.';
COMMENT ON COLUMN draft_discovery.verdict IS 'faster, slower, equivalent or not_shown against the baseline, by the rule in docs/statistics.md; failed (could not be measured); refused (does not fit, or is forbidden); not_measured (fits, but is too large or past the number of drafts that are measured).';
COMMENT ON COLUMN draft_discovery.reason IS 'The verdict in words; of a measured pair why it fits.';
COMMENT ON COLUMN draft_discovery.rank IS '1 is the draft with the highest speed-up for this target; NULL where nothing was measured.';
COMMENT ON COLUMN draft_discovery.draft_tokens IS 'K of the figures: of the measured ones that with the highest speed-up.';
COMMENT ON COLUMN draft_discovery.measured_draft_tokens IS 'All K that were measured.';
COMMENT ON COLUMN draft_discovery.backend IS 'Backend that was measured.';
COMMENT ON COLUMN draft_discovery.measurement_id IS 'The interleaved rounds it was measured in, with the other drafts; see speed_runs.';
COMMENT ON COLUMN draft_discovery.rounds IS 'Rounds in which both the draft''s config and the baseline answered everything.';
COMMENT ON COLUMN draft_discovery.contended_rounds IS 'Of them, those in which other work on the machine may have slowed one down.';
COMMENT ON COLUMN draft_discovery.generation_tps IS 'Decoding speed, tokens per second.';
COMMENT ON COLUMN draft_discovery.baseline_generation_tps IS 'The baseline''s in the same measurement.';
COMMENT ON COLUMN draft_discovery.speedup IS 'Speed-up over the baseline, from ratios within rounds.';
COMMENT ON COLUMN draft_discovery.speedup_low IS 'Lower end of its 95 % interval; NULL with too few rounds for one.';
COMMENT ON COLUMN draft_discovery.speedup_high IS 'Upper end of that interval.';
COMMENT ON COLUMN draft_discovery.acceptance_rate IS 'Accepted over drafted tokens.';
COMMENT ON COLUMN draft_discovery.tokens_per_evaluation IS 'Tokens per evaluation of the target: the mean accepted length, and the target''s own token.';
COMMENT ON COLUMN draft_discovery.alpha IS 'Acceptance of a single drafted token, fitted from the accepted lengths.';
COMMENT ON COLUMN draft_discovery.draft_cost_ratio IS 'Time to draft one token over the baseline''s time for one token (c).';
COMMENT ON COLUMN draft_discovery.verify_cost_ratio IS 'Time of one evaluation of the target with a draft over the baseline''s time for one token (v).';
COMMENT ON COLUMN draft_discovery.predicted_draft_tokens IS 'K from 0 to 48 at which E / (K c + v(K)) is highest; 0: drafting does not pay. Beyond the measured K it is extrapolated.';
COMMENT ON COLUMN draft_discovery.predicted_speedup IS 'The speed-up that is predicted there.';
COMMENT ON COLUMN draft_discovery.measured_at IS 'When the last answer was given, UTC.';

CREATE TABLE temperature_sweep (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    backend VARCHAR NOT NULL,
    config_id VARCHAR NOT NULL,
    prompt_kind VARCHAR NOT NULL,
    temperature DOUBLE NOT NULL,
    config VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    config_values JSON NOT NULL,
    measurement_id VARCHAR NOT NULL,
    prompts INTEGER NOT NULL,
    seeds INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    failed_answers INTEGER NOT NULL,
    contended_answers INTEGER NOT NULL,
    drafted_tokens BIGINT,
    accepted_tokens BIGINT,
    acceptance_rate DOUBLE,
    acceptance_low DOUBLE,
    acceptance_high DOUBLE,
    tokens_per_evaluation DOUBLE,
    generation_tps DOUBLE,
    speed_ratio DOUBLE,
    measured_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, backend, config_id, prompt_kind, temperature)
);
COMMENT ON TABLE temperature_sweep IS 'One row is one config of one model on one kind of prompt at one temperature: what of the drafted tokens was accepted, and how fast it was.';
COMMENT ON COLUMN temperature_sweep.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN temperature_sweep.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN temperature_sweep.backend IS 'Backend that was measured.';
COMMENT ON COLUMN temperature_sweep.config_id IS 'Identity of the config.';
COMMENT ON COLUMN temperature_sweep.prompt_kind IS 'Kind of prompt, or all.';
COMMENT ON COLUMN temperature_sweep.temperature IS 'Sampling temperature; 0 is greedy.';
COMMENT ON COLUMN temperature_sweep.config IS 'The config in words; never parsed.';
COMMENT ON COLUMN temperature_sweep.technique IS 'baseline, spec, lookup or a compound.';
COMMENT ON COLUMN temperature_sweep.config_values IS 'The config''s typed values.';
COMMENT ON COLUMN temperature_sweep.measurement_id IS 'The measurement the answers belong to; see speed_runs with purpose temperature.';
COMMENT ON COLUMN temperature_sweep.prompts IS 'Different prompts with an answer: what the interval is drawn from.';
COMMENT ON COLUMN temperature_sweep.seeds IS 'Sampling seeds with an answer; 1 when greedy, where a seed changes nothing.';
COMMENT ON COLUMN temperature_sweep.answers IS 'Answers with status ok.';
COMMENT ON COLUMN temperature_sweep.failed_answers IS 'Answers that failed; table speed_runs has the reasons.';
COMMENT ON COLUMN temperature_sweep.contended_answers IS 'Answers that other work on the machine may have slowed down; acceptance does not suffer from that, speed does.';
COMMENT ON COLUMN temperature_sweep.drafted_tokens IS 'Tokens proposed; NULL for the baseline.';
COMMENT ON COLUMN temperature_sweep.accepted_tokens IS 'Of them, those that the target would have chosen itself.';
COMMENT ON COLUMN temperature_sweep.acceptance_rate IS 'Accepted over drafted tokens; NULL where nothing was drafted.';
COMMENT ON COLUMN temperature_sweep.acceptance_low IS 'Lower end of its 95 % interval, which counts prompts and not tokens: a bootstrap that draws prompts, and below eight prompts a wider one (docs/experiments.md).';
COMMENT ON COLUMN temperature_sweep.acceptance_high IS 'Upper end of that interval.';
COMMENT ON COLUMN temperature_sweep.tokens_per_evaluation IS 'Tokens per evaluation of the target: the mean accepted length, and the target''s own token.';
COMMENT ON COLUMN temperature_sweep.generation_tps IS 'Decoding speed: tokens over time, both summed, tokens per second.';
COMMENT ON COLUMN temperature_sweep.speed_ratio IS 'generation_tps over the baseline''s at the same temperature and kind of prompt. Sampled answers differ, so it is no paired speed-up; NULL for the baseline.';
COMMENT ON COLUMN temperature_sweep.measured_at IS 'When the last answer was given, UTC.';

CREATE TABLE timeout_calibration (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    answers INTEGER NOT NULL,
    timed_out INTEGER NOT NULL,
    max_tokens INTEGER NOT NULL,
    slow_end VARCHAR,
    slow_generation_tps DOUBLE,
    slow_ttft_ms DOUBLE,
    slowest_s DOUBLE,
    needed_s DOUBLE,
    recommended_s DOUBLE,
    present_s DOUBLE NOT NULL,
    set_in_registry BOOLEAN NOT NULL,
    cut_answers INTEGER NOT NULL,
    flag VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, suite)
);
COMMENT ON TABLE timeout_calibration IS 'One row is one model and suite: the time limit of an answer that its measured latencies call for, beside the present one.';
COMMENT ON COLUMN timeout_calibration.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN timeout_calibration.model IS 'Model, by its name in the registry.';
COMMENT ON COLUMN timeout_calibration.suite IS 'Suite; all: what the model''s registry entry needs, that of the suite that takes longest.';
COMMENT ON COLUMN timeout_calibration.answers IS 'Answers with status ok, of all configs of the model.';
COMMENT ON COLUMN timeout_calibration.timed_out IS 'Generations that were cut by a time limit.';
COMMENT ON COLUMN timeout_calibration.max_tokens IS 'Most tokens that an answer of the suite may have.';
COMMENT ON COLUMN timeout_calibration.slow_end IS 'p99 where there are at least 459 answers, else the worst of so many; NULL where no answer has a speed.';
COMMENT ON COLUMN timeout_calibration.slow_generation_tps IS 'Decoding speed at the slow end, tokens per second.';
COMMENT ON COLUMN timeout_calibration.slow_ttft_ms IS 'Time to the first token at the slow end.';
COMMENT ON COLUMN timeout_calibration.slowest_s IS 'Time of the slowest answer seen.';
COMMENT ON COLUMN timeout_calibration.needed_s IS 'Time of an answer of max_tokens at the slow end: ttft + (max_tokens - 1) / speed.';
COMMENT ON COLUMN timeout_calibration.recommended_s IS 'needed_s with a margin of 1.5 unless the asset is configured otherwise, at least slowest_s, rounded up; NULL where no answer has a speed.';
COMMENT ON COLUMN timeout_calibration.present_s IS 'The present limit: question_timeout_s of the registry, else 300 s.';
COMMENT ON COLUMN timeout_calibration.set_in_registry IS 'Whether the registry sets the present limit.';
COMMENT ON COLUMN timeout_calibration.cut_answers IS 'Answers that the present limit would cut, and generations that timed out.';
COMMENT ON COLUMN timeout_calibration.flag IS 'too_short, timed_out (long enough by the figures, and yet answers timed out), wasteful (an answer that hangs costs several times what is needed), unknown, or fits.';
COMMENT ON COLUMN timeout_calibration.reason IS 'The flag in words.';
