-- What the plan's table holds since configs have a row for their speed too.

COMMENT ON TABLE sweep_plan IS 'One row is one model, config and question set, or the config''s speed: what a sweep would do about it now, and why.';
COMMENT ON COLUMN sweep_plan.suite IS 'Question set, by its suite; speed for the config''s speed rounds.';
COMMENT ON COLUMN sweep_plan.technique IS 'baseline, moe, spec, lookup or a compound such as moe+spec.';
COMMENT ON COLUMN sweep_plan.questions IS 'Questions in the set; of a speed row the speed prompts.';
COMMENT ON COLUMN sweep_plan.done IS 'Questions answered with the present model and draft file, config and prompt settings; of a speed row all prompts or none.';
COMMENT ON COLUMN sweep_plan.missing IS 'Questions never answered; prompts without rounds enough.';
COMMENT ON COLUMN sweep_plan.stale IS 'Questions answered, or prompts measured, only with another model or draft file, or other prompts and settings.';
COMMENT ON COLUMN sweep_plan.failed IS 'Questions that timed out, crashed or were killed, and prompts of configs that were measured without an answer, as often as is tried.';
COMMENT ON COLUMN sweep_plan.estimated_s IS 'Estimated seconds for what is to run, loading not included: from earlier answers or rounds of the model, else from the memory bandwidth; NULL where neither is known, and for what is not run.';
