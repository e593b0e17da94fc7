-- One row is one speed prompt answered once by a baseline, as far as its speed in each measurement needs it.
SELECT
    measurement_id,
    model_sha256,
    config_id,
    purpose,
    status,
    round,
    prompt_id,
    prompt_kind,
    prompt_tokens,
    generated_tokens,
    generation_tps,
    prompt_ms,
    prompt_tps,
    total_ms,
    contended,
    calibration_ms
FROM speed_runs
WHERE fleet = $fleet AND technique = 'baseline' AND purpose = 'rounds'
