-- One row is one config of a model with its pass rate over all suites.
SELECT
    config_id,
    pass_ratio,
    pass_low,
    pass_high
FROM model_summary
WHERE
    fleet = $fleet
    AND model = $model
