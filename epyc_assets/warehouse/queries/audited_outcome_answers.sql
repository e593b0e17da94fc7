-- One row is one outcome of a suite of the record's routing evaluations, for the label audit.
SELECT
    role_outcome.rq_pk || ':' || role_outcome.role_mode AS answer_id,
    routing_question.question_id,
    role_outcome.role_mode AS actor,
    role_outcome.answer AS text,
    role_outcome.passed,
    FALSE AS is_cut
FROM history.role_outcome
INNER JOIN history.routing_question ON role_outcome.rq_pk = routing_question.rq_pk
INNER JOIN history.source_file ON role_outcome.source_file_id = source_file.source_file_id
WHERE routing_question.suite = $suite
    AND 'routing' = $source
    AND source_file.duplicate_of IS NULL
    AND NOT list_contains(role_outcome.quality_flags, 'infra_error')
ORDER BY answer_id
