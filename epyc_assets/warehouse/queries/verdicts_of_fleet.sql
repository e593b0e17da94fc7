-- One row is one question answered by one model under one config, with the verdict that counts.
SELECT
    fleet,
    model,
    config_id,
    config,
    technique,
    suite,
    question_id,
    passed
FROM answers
WHERE fleet = $fleet
