-- One row is one answer to a question of the fleet's present sets, under a config that may be run, with its verdict.
SELECT
    answers.fleet,
    answers.model,
    answers.config_id,
    answers.config,
    answers.technique,
    question_sets.suite,
    answers.question_id,
    answers.score_status,
    answers.passed,
    answers.value
FROM answers
INNER JOIN question_sets
    ON answers.fleet = question_sets.fleet
    AND answers.question_id = question_sets.question_id
INNER JOIN sweep_plan
    ON answers.fleet = sweep_plan.fleet
    AND answers.model = sweep_plan.model
    AND answers.config_id = sweep_plan.config_id
    AND question_sets.suite = sweep_plan.suite
WHERE answers.fleet = $fleet AND sweep_plan.status <> 'not_allowed'
