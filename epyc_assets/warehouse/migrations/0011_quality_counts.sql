-- Quality of configs: the counts that its interval and its test are from, and an interval that holds for few questions.

ALTER TABLE config_quality ADD COLUMN only_passes INTEGER;
ALTER TABLE config_quality ADD COLUMN only_baseline_passes INTEGER;
ALTER TABLE config_quality ALTER COLUMN only_passes SET NOT NULL;
ALTER TABLE config_quality ALTER COLUMN only_baseline_passes SET NOT NULL;
COMMENT ON COLUMN config_quality.only_passes IS 'Questions passed under the config and not under the baseline.';
COMMENT ON COLUMN config_quality.only_baseline_passes IS 'Questions passed under the baseline and not under the config.';
COMMENT ON COLUMN config_quality.difference_low IS 'Lower end of its 95 % interval (Tango''s score interval for paired proportions).';
COMMENT ON COLUMN config_quality.difference_high IS 'Upper end of that interval.';
