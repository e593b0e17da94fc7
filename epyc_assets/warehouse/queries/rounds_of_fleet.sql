-- One row is one speed prompt answered once in a round, as far as comparisons need it: no texts and tokens.
SELECT
    measurement_id,
    fleet,
    model,
    config_id,
    config_values,
    backend,
    session_id,
    purpose,
    round,
    prompt_id,
    prompt_kind,
    status,
    prompt_tokens,
    generated_tokens,
    generation_tps,
    ttft_ms,
    prompt_ms,
    prompt_tps,
    total_ms,
    drafted_tokens,
    accepted_tokens,
    contended,
    calibration_ms,
    started_at
FROM speed_runs
WHERE fleet = $fleet AND purpose = 'rounds'
