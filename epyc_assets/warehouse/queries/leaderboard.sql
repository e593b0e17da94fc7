-- One row is one model under one config, best pass rate first.
SELECT * EXCLUDE (dagster_run_id, code_version, written_at)
FROM model_summary
WHERE $fleet IS NULL OR fleet = $fleet
ORDER BY
    pass_ratio DESC NULLS LAST,
    fleet ASC,
    model ASC,
    config ASC,
    config_id ASC
