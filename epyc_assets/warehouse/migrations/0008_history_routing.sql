-- Routing and serving in the record: evaluations of roles, the orchestrator's runs, measurements of its servers
-- (epyc_assets/history/routing_eval.py, seeding.py, orchestrator.py, orchestrator_bench.py, concurrency.py, serving.py,
-- tool_validation.py).

CREATE TABLE history.routing_question (
    source_file_id BIGINT NOT NULL,
    rq_pk BIGINT PRIMARY KEY,
    line BIGINT NOT NULL,
    suite_id BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    question_pk BIGINT NOT NULL,
    question_id VARCHAR NOT NULL,
    attempt BIGINT NOT NULL,
    prompt VARCHAR,
    expected VARCHAR,
    asked_at TIMESTAMP,
    is_retry BOOLEAN NOT NULL,
    retry_tag VARCHAR,
    retry_batch_id BIGINT,
    all_infra BOOLEAN,
    rewards_injected BIGINT,
    quality_flags VARCHAR[] NOT NULL,
    metadata JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.routing_question IS 'One row is one question put once to several roles. A question asked again is another row.';
COMMENT ON COLUMN history.routing_question.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.routing_question.rq_pk IS 'Key of the asking, a hash of the file''s path and the line.';
COMMENT ON COLUMN history.routing_question.line IS 'Line of the file, from 1.';
COMMENT ON COLUMN history.routing_question.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.routing_question.suite IS 'Suite, as recorded.';
COMMENT ON COLUMN history.routing_question.question_pk IS 'Key of the question, a hash of its suite and id.';
COMMENT ON COLUMN history.routing_question.question_id IS 'Question''s id within the suite.';
COMMENT ON COLUMN history.routing_question.attempt IS '1 where the file asks this question for the first time, 2 for the second, and so on.';
COMMENT ON COLUMN history.routing_question.prompt IS 'Prompt as logged: its first 200 characters.';
COMMENT ON COLUMN history.routing_question.expected IS 'Expected answer, as the scorer was given it.';
COMMENT ON COLUMN history.routing_question.asked_at IS 'When the answers were in (UTC where the text states an offset).';
COMMENT ON COLUMN history.routing_question.is_retry IS 'Whether the evaluation marked the asking as a retry.';
COMMENT ON COLUMN history.routing_question.retry_tag IS 'What the evaluation named the retry.';
COMMENT ON COLUMN history.routing_question.retry_batch_id IS 'Batch of the retry.';
COMMENT ON COLUMN history.routing_question.all_infra IS 'Whether every role failed for reasons of infrastructure; NULL where the evaluation did not yet say.';
COMMENT ON COLUMN history.routing_question.rewards_injected IS 'Rewards that were handed to the router''s memory.';
COMMENT ON COLUMN history.routing_question.quality_flags IS 'Doubts: prompt_truncated (as long as the log keeps), overlong_text (longer than that: not as it was written), no_outcomes.';
COMMENT ON COLUMN history.routing_question.metadata IS 'What the evaluation concluded: whether tools helped, which architect did better, what each action cost.';
COMMENT ON COLUMN history.routing_question.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.role_outcome (
    source_file_id BIGINT NOT NULL,
    rq_pk BIGINT NOT NULL,
    role_mode VARCHAR NOT NULL,
    role_id BIGINT,
    role VARCHAR,
    mode VARCHAR,
    passed BOOLEAN,
    error_type VARCHAR,
    error VARCHAR,
    answer VARCHAR,
    elapsed_s DOUBLE,
    tokens_generated BIGINT,
    predicted_tps DOUBLE,
    generation_ms DOUBLE,
    prompt_eval_ms DOUBLE,
    http_overhead_ms DOUBLE,
    turns BIGINT,
    tokens_used BIGINT,
    routed_to VARCHAR,
    role_history JSON,
    tools_used BIGINT,
    tools_called JSON,
    tools_success BOOLEAN,
    delegation_success BOOLEAN,
    delegation_events JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (rq_pk, role_mode)
);
COMMENT ON TABLE history.role_outcome IS 'One row is how one role in one mode fared on one asking of a question.';
COMMENT ON COLUMN history.role_outcome.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.role_outcome.rq_pk IS 'Question''s asking.';
COMMENT ON COLUMN history.role_outcome.role_mode IS 'Action: role and mode, for example frontdoor:direct.';
COMMENT ON COLUMN history.role_outcome.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.role_outcome.role IS 'Role that was asked to answer.';
COMMENT ON COLUMN history.role_outcome.mode IS 'How it answered: direct, repl, react or delegated.';
COMMENT ON COLUMN history.role_outcome.passed IS 'Verdict as recorded; false too where no answer came, see quality_flags.';
COMMENT ON COLUMN history.role_outcome.error_type IS 'none, task_failure, or infrastructure: the service failed, and nothing is known of the role.';
COMMENT ON COLUMN history.role_outcome.error IS 'Error, as found.';
COMMENT ON COLUMN history.role_outcome.answer IS 'Answer as logged: its first 8192 characters.';
COMMENT ON COLUMN history.role_outcome.elapsed_s IS 'Seconds from request to answer.';
COMMENT ON COLUMN history.role_outcome.tokens_generated IS 'Tokens generated; NULL where not counted (recorded as 0).';
COMMENT ON COLUMN history.role_outcome.predicted_tps IS 'Generated tokens per second as the server says; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.role_outcome.generation_ms IS 'Milliseconds of generation; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.role_outcome.prompt_eval_ms IS 'Milliseconds of prompt processing; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.role_outcome.http_overhead_ms IS 'Milliseconds of transport; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.role_outcome.turns IS 'Turns taken; NULL where not counted (recorded as 0).';
COMMENT ON COLUMN history.role_outcome.tokens_used IS 'Tokens used; NULL where not counted (recorded as 0).';
COMMENT ON COLUMN history.role_outcome.routed_to IS 'Role that answered.';
COMMENT ON COLUMN history.role_outcome.role_history IS 'Roles that worked on it, in their order.';
COMMENT ON COLUMN history.role_outcome.tools_used IS 'Tool calls made.';
COMMENT ON COLUMN history.role_outcome.tools_called IS 'Names of the tools called.';
COMMENT ON COLUMN history.role_outcome.tools_success IS 'Whether tools worked; NULL where not judged.';
COMMENT ON COLUMN history.role_outcome.delegation_success IS 'Whether delegation worked; NULL where none took place.';
COMMENT ON COLUMN history.role_outcome.delegation_events IS 'What was delegated to whom, and how it went.';
COMMENT ON COLUMN history.role_outcome.quality_flags IS 'Doubts: infra_error (no outcome: must not count as a failure), unclassified_error (the file gives no error_type, and the text is none that is known as infrastructure), no_verdict, error_answer (a backend''s error text scored as an answer), answer_truncated (as long as the log keeps), overlong_text (longer than that: not as it was written).';
COMMENT ON COLUMN history.role_outcome.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.reward (
    source_file_id BIGINT NOT NULL,
    rq_pk BIGINT NOT NULL,
    action VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (rq_pk, action)
);
COMMENT ON TABLE history.reward IS 'One row is what one action earned on one asking of a question.';
COMMENT ON COLUMN history.reward.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.reward.rq_pk IS 'Question''s asking.';
COMMENT ON COLUMN history.reward.action IS 'Action as the router names it: SELF:direct, SELF:repl, ARCHITECT (the better of two architects), WORKER (where work was delegated).';
COMMENT ON COLUMN history.reward.value IS 'Reward, as recorded.';

CREATE TABLE history.seen_question (
    source_file_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    suite_id BIGINT,
    suite VARCHAR,
    question_pk BIGINT,
    prompt_id VARCHAR NOT NULL,
    seen_at TIMESTAMP,
    session VARCHAR,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, line)
);
COMMENT ON TABLE history.seen_question IS 'One row is one question that a session noted as asked.';
COMMENT ON COLUMN history.seen_question.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.seen_question.line IS 'Line of the file, from 1.';
COMMENT ON COLUMN history.seen_question.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.seen_question.suite IS 'Suite, as recorded.';
COMMENT ON COLUMN history.seen_question.question_pk IS 'Key of the question, a hash of its suite and id.';
COMMENT ON COLUMN history.seen_question.prompt_id IS 'Question''s id within the suite.';
COMMENT ON COLUMN history.seen_question.seen_at IS 'When it was noted (UTC where the text states an offset).';
COMMENT ON COLUMN history.seen_question.session IS 'Evaluation session.';
COMMENT ON COLUMN history.seen_question.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.seeding_run (
    source_file_id BIGINT PRIMARY KEY,
    seeded_at TIMESTAMP,
    seed BIGINT,
    sample_size BIGINT,
    is_dry_run BOOLEAN,
    suites JSON,
    roles JSON,
    modes JSON,
    config JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.seeding_run IS 'One row is one seeding file: several roles put to sampled questions to fill the router''s memory.';
COMMENT ON COLUMN history.seeding_run.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.seeding_run.seeded_at IS 'When it was written, in the host''s local time as found.';
COMMENT ON COLUMN history.seeding_run.seed IS 'Seed of the sampling.';
COMMENT ON COLUMN history.seeding_run.sample_size IS 'Questions sampled per suite.';
COMMENT ON COLUMN history.seeding_run.is_dry_run IS 'Whether it was only tried out.';
COMMENT ON COLUMN history.seeding_run.suites IS 'Suites sampled.';
COMMENT ON COLUMN history.seeding_run.roles IS 'Roles asked.';
COMMENT ON COLUMN history.seeding_run.modes IS 'Modes asked; NULL where modes were not yet known.';
COMMENT ON COLUMN history.seeding_run.config IS 'The whole config.';
COMMENT ON COLUMN history.seeding_run.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.seeding_question (
    source_file_id BIGINT NOT NULL,
    rq_pk BIGINT PRIMARY KEY,
    ordinal BIGINT NOT NULL,
    suite_id BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    question_pk BIGINT NOT NULL,
    question_id VARCHAR NOT NULL,
    prompt VARCHAR,
    expected VARCHAR,
    asked_at TIMESTAMP,
    rewards_injected BIGINT,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.seeding_question IS 'One row is one question of a seeding run.';
COMMENT ON COLUMN history.seeding_question.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.seeding_question.rq_pk IS 'Key of the asking, a hash of the file''s path and the position.';
COMMENT ON COLUMN history.seeding_question.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.seeding_question.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.seeding_question.suite IS 'Suite, as recorded.';
COMMENT ON COLUMN history.seeding_question.question_pk IS 'Key of the question, a hash of its suite and id.';
COMMENT ON COLUMN history.seeding_question.question_id IS 'Question''s id within the suite.';
COMMENT ON COLUMN history.seeding_question.prompt IS 'Prompt as logged: its first 200 characters.';
COMMENT ON COLUMN history.seeding_question.expected IS 'Expected answer.';
COMMENT ON COLUMN history.seeding_question.asked_at IS 'When it was asked; NULL where not recorded.';
COMMENT ON COLUMN history.seeding_question.rewards_injected IS 'Rewards that were handed to the router''s memory.';
COMMENT ON COLUMN history.seeding_question.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.seeding_outcome (
    source_file_id BIGINT NOT NULL,
    rq_pk BIGINT NOT NULL,
    role_mode VARCHAR NOT NULL,
    role_id BIGINT,
    role VARCHAR,
    mode VARCHAR,
    passed BOOLEAN,
    error_type VARCHAR,
    error VARCHAR,
    answer VARCHAR,
    elapsed_s DOUBLE,
    tokens_generated BIGINT,
    predicted_tps DOUBLE,
    generation_ms DOUBLE,
    prompt_eval_ms DOUBLE,
    http_overhead_ms DOUBLE,
    turns BIGINT,
    tokens_used BIGINT,
    routed_to VARCHAR,
    role_history JSON,
    tools_used BIGINT,
    tools_called JSON,
    tools_success BOOLEAN,
    delegation_success BOOLEAN,
    delegation_events JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (rq_pk, role_mode)
);
COMMENT ON TABLE history.seeding_outcome IS 'One row is how one role fared on one question of a seeding run.';
COMMENT ON COLUMN history.seeding_outcome.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.seeding_outcome.rq_pk IS 'Question''s asking.';
COMMENT ON COLUMN history.seeding_outcome.role_mode IS 'Key of the outcome: a role, or role and mode.';
COMMENT ON COLUMN history.seeding_outcome.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.seeding_outcome.role IS 'Role that was asked to answer.';
COMMENT ON COLUMN history.seeding_outcome.mode IS 'How it answered; NULL where modes were not yet known.';
COMMENT ON COLUMN history.seeding_outcome.passed IS 'Verdict as recorded; false too where no answer came, see quality_flags.';
COMMENT ON COLUMN history.seeding_outcome.error_type IS 'As in role_outcome; NULL where errors were not yet told apart.';
COMMENT ON COLUMN history.seeding_outcome.error IS 'Error, as found.';
COMMENT ON COLUMN history.seeding_outcome.answer IS 'Answer as logged: its first 8192 characters.';
COMMENT ON COLUMN history.seeding_outcome.elapsed_s IS 'Seconds from request to answer.';
COMMENT ON COLUMN history.seeding_outcome.tokens_generated IS 'Tokens generated; NULL where not counted (recorded as 0).';
COMMENT ON COLUMN history.seeding_outcome.predicted_tps IS 'Generated tokens per second as the server says; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.seeding_outcome.generation_ms IS 'Milliseconds of generation; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.seeding_outcome.prompt_eval_ms IS 'Milliseconds of prompt processing; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.seeding_outcome.http_overhead_ms IS 'Milliseconds of transport; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.seeding_outcome.turns IS 'Turns taken; NULL where not counted (recorded as 0).';
COMMENT ON COLUMN history.seeding_outcome.tokens_used IS 'Tokens used; NULL where not counted (recorded as 0).';
COMMENT ON COLUMN history.seeding_outcome.routed_to IS 'Role that answered.';
COMMENT ON COLUMN history.seeding_outcome.role_history IS 'Roles that worked on it, in their order.';
COMMENT ON COLUMN history.seeding_outcome.tools_used IS 'Tool calls made.';
COMMENT ON COLUMN history.seeding_outcome.tools_called IS 'Names of the tools called.';
COMMENT ON COLUMN history.seeding_outcome.tools_success IS 'Whether tools worked; NULL where not judged.';
COMMENT ON COLUMN history.seeding_outcome.delegation_success IS 'Whether delegation worked; NULL where none took place.';
COMMENT ON COLUMN history.seeding_outcome.delegation_events IS 'What was delegated to whom, and how it went.';
COMMENT ON COLUMN history.seeding_outcome.quality_flags IS 'Doubts: infra_error (no outcome: must not count as a failure), unclassified_error (the file gives no error_type, and the text is none that is known as infrastructure), no_verdict, error_answer (a backend''s error text scored as an answer), answer_truncated (as long as the log keeps), overlong_text (longer than that: not as it was written).';
COMMENT ON COLUMN history.seeding_outcome.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.seeding_reward (
    source_file_id BIGINT NOT NULL,
    rq_pk BIGINT NOT NULL,
    action VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (rq_pk, action)
);
COMMENT ON TABLE history.seeding_reward IS 'One row is what one role earned on one question of a seeding run.';
COMMENT ON COLUMN history.seeding_reward.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.seeding_reward.rq_pk IS 'Question''s asking.';
COMMENT ON COLUMN history.seeding_reward.action IS 'Role, or role and mode.';
COMMENT ON COLUMN history.seeding_reward.value IS 'Reward, as recorded.';

CREATE TABLE history.orchestrator_comparison (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    suite_id BIGINT,
    suite VARCHAR,
    question_pk BIGINT,
    prompt_id VARCHAR NOT NULL,
    tier BIGINT,
    direct_answer VARCHAR,
    direct_latency_ms DOUBLE,
    direct_score JSON,
    orchestrator_answer VARCHAR,
    orchestrator_latency_ms DOUBLE,
    orchestrator_turns BIGINT,
    routed_to VARCHAR,
    quality_match BOOLEAN,
    debug_score BOOLEAN,
    speedup DOUBLE,
    speedup_raw DOUBLE,
    tokens_generated BIGINT,
    server_elapsed_s DOUBLE,
    avg_tps DOUBLE,
    tools_used BIGINT,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.orchestrator_comparison IS 'One row is one prompt answered by the orchestrator, and perhaps by a model directly.';
COMMENT ON COLUMN history.orchestrator_comparison.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_comparison.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.orchestrator_comparison.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.orchestrator_comparison.suite IS 'Suite, as recorded.';
COMMENT ON COLUMN history.orchestrator_comparison.question_pk IS 'Key of the question, a hash of its suite and id.';
COMMENT ON COLUMN history.orchestrator_comparison.prompt_id IS 'Question''s id within the suite.';
COMMENT ON COLUMN history.orchestrator_comparison.tier IS 'Difficulty, 1 to 3.';
COMMENT ON COLUMN history.orchestrator_comparison.direct_answer IS 'Answer of the direct run; empty where none was made.';
COMMENT ON COLUMN history.orchestrator_comparison.direct_latency_ms IS 'Milliseconds of the direct run; NULL where none was made (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_comparison.direct_score IS 'Score of the direct run.';
COMMENT ON COLUMN history.orchestrator_comparison.orchestrator_answer IS 'Orchestrator''s answer.';
COMMENT ON COLUMN history.orchestrator_comparison.orchestrator_latency_ms IS 'Milliseconds of the orchestrator''s answer; NULL where it did not answer (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_comparison.orchestrator_turns IS 'Turns taken; NULL where it did not answer (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_comparison.routed_to IS 'Role it was routed to; unknown where the interface did not yet say.';
COMMENT ON COLUMN history.orchestrator_comparison.quality_match IS 'Whether the answer matched.';
COMMENT ON COLUMN history.orchestrator_comparison.debug_score IS 'Whether a debug question was answered correctly.';
COMMENT ON COLUMN history.orchestrator_comparison.speedup IS 'Direct time over the orchestrator''s; NULL where no direct run was made.';
COMMENT ON COLUMN history.orchestrator_comparison.speedup_raw IS 'Speed-up as found: 0 where no direct run was made.';
COMMENT ON COLUMN history.orchestrator_comparison.tokens_generated IS 'Tokens generated; NULL where not counted.';
COMMENT ON COLUMN history.orchestrator_comparison.server_elapsed_s IS 'Seconds as the server says; NULL where not measured.';
COMMENT ON COLUMN history.orchestrator_comparison.avg_tps IS 'Tokens per second; NULL where not measured.';
COMMENT ON COLUMN history.orchestrator_comparison.tools_used IS 'Tool calls made.';
COMMENT ON COLUMN history.orchestrator_comparison.quality_flags IS 'Doubts: no_direct_run, not_answered, error_text (a backend''s error text in the answer).';
COMMENT ON COLUMN history.orchestrator_comparison.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.orchestrator_comparison_file (
    source_file_id BIGINT PRIMARY KEY,
    suite_id BIGINT,
    suite VARCHAR,
    compared_at TIMESTAMP,
    prompts_compared BIGINT,
    avg_speedup DOUBLE,
    avg_speedup_raw DOUBLE,
    avg_orchestrator_latency_ms DOUBLE,
    avg_turns DOUBLE,
    quality_pass_rate_pct DOUBLE,
    quality_errors BIGINT,
    avg_tps DOUBLE,
    total_tools_used BIGINT,
    empty_answers BIGINT,
    debug_accuracy_pct DOUBLE,
    routing_distribution JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.orchestrator_comparison_file IS 'One row is one comparison file: what it says of all its prompts together.';
COMMENT ON COLUMN history.orchestrator_comparison_file.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_comparison_file.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.orchestrator_comparison_file.suite IS 'Suite, as recorded.';
COMMENT ON COLUMN history.orchestrator_comparison_file.compared_at IS 'When it was written, in the host''s local time as found.';
COMMENT ON COLUMN history.orchestrator_comparison_file.prompts_compared IS 'Prompts that the file says it holds.';
COMMENT ON COLUMN history.orchestrator_comparison_file.avg_speedup IS 'Mean speed-up over a direct answer; NULL where no direct run was made.';
COMMENT ON COLUMN history.orchestrator_comparison_file.avg_speedup_raw IS 'Mean speed-up as found: 0 where no direct run was made.';
COMMENT ON COLUMN history.orchestrator_comparison_file.avg_orchestrator_latency_ms IS 'Mean milliseconds of the orchestrator''s answers, failed ones included.';
COMMENT ON COLUMN history.orchestrator_comparison_file.avg_turns IS 'Mean turns.';
COMMENT ON COLUMN history.orchestrator_comparison_file.quality_pass_rate_pct IS 'Answers that matched, in per cent; NULL in runs scored otherwise.';
COMMENT ON COLUMN history.orchestrator_comparison_file.quality_errors IS 'Answers that did not match.';
COMMENT ON COLUMN history.orchestrator_comparison_file.avg_tps IS 'Mean tokens per second; NULL where not measured.';
COMMENT ON COLUMN history.orchestrator_comparison_file.total_tools_used IS 'Tool calls made.';
COMMENT ON COLUMN history.orchestrator_comparison_file.empty_answers IS 'Empty answers.';
COMMENT ON COLUMN history.orchestrator_comparison_file.debug_accuracy_pct IS 'Debug questions answered correctly, in per cent.';
COMMENT ON COLUMN history.orchestrator_comparison_file.routing_distribution IS 'Role to the number of prompts routed to it.';
COMMENT ON COLUMN history.orchestrator_comparison_file.quality_flags IS 'Doubts: count_mismatch (prompts_compared is not the number of results).';
COMMENT ON COLUMN history.orchestrator_comparison_file.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.orchestrator_phase (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    run_id VARCHAR,
    phase BIGINT,
    name VARCHAR,
    passed BOOLEAN,
    duration_s DOUBLE,
    error VARCHAR,
    details JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.orchestrator_phase IS 'One row is one phase of a validation run.';
COMMENT ON COLUMN history.orchestrator_phase.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_phase.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.orchestrator_phase.run_id IS 'Run''s id: when it began.';
COMMENT ON COLUMN history.orchestrator_phase.phase IS 'Phase''s number.';
COMMENT ON COLUMN history.orchestrator_phase.name IS 'Phase''s name.';
COMMENT ON COLUMN history.orchestrator_phase.passed IS 'Whether it passed, as recorded.';
COMMENT ON COLUMN history.orchestrator_phase.duration_s IS 'Seconds it took; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_phase.error IS 'Error, as found.';
COMMENT ON COLUMN history.orchestrator_phase.details IS 'What the phase found, for example per suite.';
COMMENT ON COLUMN history.orchestrator_phase.quality_flags IS 'Doubts: interrupted (its failure says nothing).';
COMMENT ON COLUMN history.orchestrator_phase.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.orchestrator_run (
    source_file_id BIGINT PRIMARY KEY,
    run_id VARCHAR,
    finished_at TIMESTAMP,
    args JSON,
    total_phases BIGINT,
    passed_phases BIGINT,
    failed_phases BIGINT,
    total_duration_s DOUBLE,
    quality_flags VARCHAR[] NOT NULL,
    summary_extra JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.orchestrator_run IS 'One row is one validation run of the orchestrator, in phases.';
COMMENT ON COLUMN history.orchestrator_run.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_run.run_id IS 'Run''s id: when it began.';
COMMENT ON COLUMN history.orchestrator_run.finished_at IS 'When it was written, in the host''s local time as found.';
COMMENT ON COLUMN history.orchestrator_run.args IS 'Arguments of the program that wrote the file.';
COMMENT ON COLUMN history.orchestrator_run.total_phases IS 'Phases that the file says were run.';
COMMENT ON COLUMN history.orchestrator_run.passed_phases IS 'Phases that it says passed.';
COMMENT ON COLUMN history.orchestrator_run.failed_phases IS 'Phases that it says failed.';
COMMENT ON COLUMN history.orchestrator_run.total_duration_s IS 'Seconds of all phases.';
COMMENT ON COLUMN history.orchestrator_run.quality_flags IS 'Doubts: interrupted (a phase was), count_mismatch (total_phases is not the number of phases).';
COMMENT ON COLUMN history.orchestrator_run.summary_extra IS 'Fields of the summary that have no column.';
COMMENT ON COLUMN history.orchestrator_run.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.orchestrator_policy_entry (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    section VARCHAR NOT NULL,
    suite_id BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    best_action VARCHAR,
    best_q DOUBLE,
    frontdoor_q DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.orchestrator_policy_entry IS 'One row is what a learned routing policy holds best for one suite.';
COMMENT ON COLUMN history.orchestrator_policy_entry.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_policy_entry.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.orchestrator_policy_entry.section IS 'Key of the table in the file.';
COMMENT ON COLUMN history.orchestrator_policy_entry.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.orchestrator_policy_entry.suite IS 'Suite, or kind of task, as the table names it.';
COMMENT ON COLUMN history.orchestrator_policy_entry.best_action IS 'Action or role of the highest value.';
COMMENT ON COLUMN history.orchestrator_policy_entry.best_q IS 'Its value.';
COMMENT ON COLUMN history.orchestrator_policy_entry.frontdoor_q IS 'Value of the front door.';
COMMENT ON COLUMN history.orchestrator_policy_entry.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.orchestrator_policy (
    source_file_id BIGINT PRIMARY KEY,
    analysed_at TIMESTAMP,
    n_entries BIGINT NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.orchestrator_policy IS 'One row is one analysis of a learned routing policy.';
COMMENT ON COLUMN history.orchestrator_policy.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_policy.analysed_at IS 'When it was written, in the host''s local time as found.';
COMMENT ON COLUMN history.orchestrator_policy.n_entries IS 'Suites in its table.';
COMMENT ON COLUMN history.orchestrator_policy.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.orchestrator_bench_test (
    source_file_id BIGINT NOT NULL,
    tier_ordinal BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    tier VARCHAR NOT NULL,
    test_id VARCHAR NOT NULL,
    suite VARCHAR,
    passed BOOLEAN,
    turns BIGINT,
    latency_ms DOUBLE,
    functions_called JSON,
    escalation_triggered BOOLEAN,
    escalation_to VARCHAR,
    final_called BOOLEAN,
    error VARCHAR,
    response_preview VARCHAR,
    criteria_results JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, tier_ordinal, ordinal)
);
COMMENT ON TABLE history.orchestrator_bench_test IS 'One row is one benchmark test of the orchestrator''s own workings.';
COMMENT ON COLUMN history.orchestrator_bench_test.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_bench_test.tier_ordinal IS 'Position of the tier in the file, from 0.';
COMMENT ON COLUMN history.orchestrator_bench_test.ordinal IS 'Position in the tier, from 0.';
COMMENT ON COLUMN history.orchestrator_bench_test.tier IS 'Tier, for example t1_routing.';
COMMENT ON COLUMN history.orchestrator_bench_test.test_id IS 'Test''s id.';
COMMENT ON COLUMN history.orchestrator_bench_test.suite IS 'Suite as the test names it.';
COMMENT ON COLUMN history.orchestrator_bench_test.passed IS 'Whether it passed, as recorded.';
COMMENT ON COLUMN history.orchestrator_bench_test.turns IS 'Turns taken.';
COMMENT ON COLUMN history.orchestrator_bench_test.latency_ms IS 'Milliseconds it took.';
COMMENT ON COLUMN history.orchestrator_bench_test.functions_called IS 'Names of the functions called.';
COMMENT ON COLUMN history.orchestrator_bench_test.escalation_triggered IS 'Whether it escalated.';
COMMENT ON COLUMN history.orchestrator_bench_test.escalation_to IS 'Role it escalated to.';
COMMENT ON COLUMN history.orchestrator_bench_test.final_called IS 'Whether it ended by giving a final answer.';
COMMENT ON COLUMN history.orchestrator_bench_test.error IS 'Error, as found.';
COMMENT ON COLUMN history.orchestrator_bench_test.response_preview IS 'Beginning of the answer.';
COMMENT ON COLUMN history.orchestrator_bench_test.criteria_results IS 'Each criterion, whether it was met, and what was found.';
COMMENT ON COLUMN history.orchestrator_bench_test.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.orchestrator_bench (
    source_file_id BIGINT NOT NULL,
    tier_ordinal BIGINT NOT NULL,
    tier VARCHAR NOT NULL,
    suite VARCHAR,
    total BIGINT,
    passed BIGINT,
    failed BIGINT,
    pass_rate DOUBLE,
    avg_latency_ms DOUBLE,
    avg_turns DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, tier_ordinal)
);
COMMENT ON TABLE history.orchestrator_bench IS 'One row is one tier of benchmark tests in one file.';
COMMENT ON COLUMN history.orchestrator_bench.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_bench.tier_ordinal IS 'Position of the tier in the file, from 0.';
COMMENT ON COLUMN history.orchestrator_bench.tier IS 'Tier, for example t1_routing.';
COMMENT ON COLUMN history.orchestrator_bench.suite IS 'Suite as the tier names it.';
COMMENT ON COLUMN history.orchestrator_bench.total IS 'Tests that it says were run.';
COMMENT ON COLUMN history.orchestrator_bench.passed IS 'Tests that it says passed.';
COMMENT ON COLUMN history.orchestrator_bench.failed IS 'Tests that it says failed.';
COMMENT ON COLUMN history.orchestrator_bench.pass_rate IS 'Share passed, 0 to 1, as recorded.';
COMMENT ON COLUMN history.orchestrator_bench.avg_latency_ms IS 'Mean milliseconds per test.';
COMMENT ON COLUMN history.orchestrator_bench.avg_turns IS 'Mean turns per test.';
COMMENT ON COLUMN history.orchestrator_bench.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.concurrency_point (
    source_file_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    measured_at TIMESTAMP,
    port BIGINT,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    server_slots BIGINT,
    concurrency BIGINT NOT NULL,
    exceeds_slots BOOLEAN,
    per_tps_mean DOUBLE,
    per_tps_stdev DOUBLE,
    agg_tps DOUBLE,
    p50_latency_ms DOUBLE,
    p95_latency_ms DOUBLE,
    ttft_baseline_ms DOUBLE,
    prompt_tokens BIGINT,
    n_predict BIGINT,
    success_count BIGINT,
    total_count BIGINT,
    error_rate DOUBLE,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, line)
);
COMMENT ON TABLE history.concurrency_point IS 'One row is one server measured at one number of requests at a time.';
COMMENT ON COLUMN history.concurrency_point.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.concurrency_point.line IS 'Line of the file, from 1.';
COMMENT ON COLUMN history.concurrency_point.measured_at IS 'When, in the host''s local time as found.';
COMMENT ON COLUMN history.concurrency_point.port IS 'Port of the server.';
COMMENT ON COLUMN history.concurrency_point.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.concurrency_point.role IS 'Role that the server fills.';
COMMENT ON COLUMN history.concurrency_point.server_slots IS 'Requests that the server takes at a time (np).';
COMMENT ON COLUMN history.concurrency_point.concurrency IS 'Requests sent at a time.';
COMMENT ON COLUMN history.concurrency_point.exceeds_slots IS 'Whether more were sent than the server takes, so that some waited.';
COMMENT ON COLUMN history.concurrency_point.per_tps_mean IS 'Mean tokens per second of one request, from generation alone.';
COMMENT ON COLUMN history.concurrency_point.per_tps_stdev IS 'Standard deviation of it.';
COMMENT ON COLUMN history.concurrency_point.agg_tps IS 'Tokens per second of all requests: concurrency times per_tps_mean. Too high where requests wait, since waiting is left out.';
COMMENT ON COLUMN history.concurrency_point.p50_latency_ms IS 'Median milliseconds of a request.';
COMMENT ON COLUMN history.concurrency_point.p95_latency_ms IS '95th percentile of it.';
COMMENT ON COLUMN history.concurrency_point.ttft_baseline_ms IS 'Milliseconds to the first token of a single request.';
COMMENT ON COLUMN history.concurrency_point.prompt_tokens IS 'Tokens of the prompt.';
COMMENT ON COLUMN history.concurrency_point.n_predict IS 'Tokens asked for.';
COMMENT ON COLUMN history.concurrency_point.success_count IS 'Requests answered.';
COMMENT ON COLUMN history.concurrency_point.total_count IS 'Requests sent.';
COMMENT ON COLUMN history.concurrency_point.error_rate IS 'Share not answered, 0 to 1.';
COMMENT ON COLUMN history.concurrency_point.quality_flags IS 'Doubts: unreadable_cell (a cell that should be a number and is none; it is in extra).';
COMMENT ON COLUMN history.concurrency_point.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.concurrency_recommendation (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    status VARCHAR,
    recommended_concurrency BIGINT,
    baseline_concurrency BIGINT,
    baseline_agg_tps DOUBLE,
    recommended_agg_tps DOUBLE,
    agg_gain_pct DOUBLE,
    recommended_p95_ms DOUBLE,
    baseline_p95_ms DOUBLE,
    recommended_error_rate DOUBLE,
    rejected_candidates JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.concurrency_recommendation IS 'One row is what a concurrency sweep recommends for one role.';
COMMENT ON COLUMN history.concurrency_recommendation.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.concurrency_recommendation.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.concurrency_recommendation.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.concurrency_recommendation.role IS 'Role that the server fills.';
COMMENT ON COLUMN history.concurrency_recommendation.status IS 'ok, or why there is none.';
COMMENT ON COLUMN history.concurrency_recommendation.recommended_concurrency IS 'Requests at a time that it recommends.';
COMMENT ON COLUMN history.concurrency_recommendation.baseline_concurrency IS 'Requests at a time that it compares with.';
COMMENT ON COLUMN history.concurrency_recommendation.baseline_agg_tps IS 'Tokens per second of all requests at the baseline.';
COMMENT ON COLUMN history.concurrency_recommendation.recommended_agg_tps IS 'The same at the recommendation.';
COMMENT ON COLUMN history.concurrency_recommendation.agg_gain_pct IS 'Gain in per cent.';
COMMENT ON COLUMN history.concurrency_recommendation.recommended_p95_ms IS '95th percentile of a request''s milliseconds at the recommendation.';
COMMENT ON COLUMN history.concurrency_recommendation.baseline_p95_ms IS 'The same at the baseline.';
COMMENT ON COLUMN history.concurrency_recommendation.recommended_error_rate IS 'Share not answered at the recommendation, 0 to 1.';
COMMENT ON COLUMN history.concurrency_recommendation.rejected_candidates IS 'Numbers that it did not recommend, and which check each failed.';
COMMENT ON COLUMN history.concurrency_recommendation.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.concurrency_sweep (
    source_file_id BIGINT PRIMARY KEY,
    created_at TIMESTAMP,
    csv_path VARCHAR,
    args JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.concurrency_sweep IS 'One row is the summary of one concurrency sweep.';
COMMENT ON COLUMN history.concurrency_sweep.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.concurrency_sweep.created_at IS 'When it was written, in the host''s local time as found.';
COMMENT ON COLUMN history.concurrency_sweep.csv_path IS 'Path of the sweep''s CSV.';
COMMENT ON COLUMN history.concurrency_sweep.args IS 'Arguments of the program that wrote the file.';
COMMENT ON COLUMN history.concurrency_sweep.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.timeout_calibration (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    suite_id BIGINT,
    suite VARCHAR,
    question_pk BIGINT,
    question_id VARCHAR,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    succeeded BOOLEAN,
    elapsed_s DOUBLE,
    tokens_generated BIGINT,
    generation_ms DOUBLE,
    prompt_eval_ms DOUBLE,
    answer_preview VARCHAR,
    current_timeout_s DOUBLE,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.timeout_calibration IS 'One row is one question put to one role to see how long an answer takes.';
COMMENT ON COLUMN history.timeout_calibration.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.timeout_calibration.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.timeout_calibration.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.timeout_calibration.suite IS 'Suite, as recorded.';
COMMENT ON COLUMN history.timeout_calibration.question_pk IS 'Key of the question, a hash of its suite and id.';
COMMENT ON COLUMN history.timeout_calibration.question_id IS 'Question''s id within the suite.';
COMMENT ON COLUMN history.timeout_calibration.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.timeout_calibration.role IS 'Role asked.';
COMMENT ON COLUMN history.timeout_calibration.succeeded IS 'Whether it answered.';
COMMENT ON COLUMN history.timeout_calibration.elapsed_s IS 'Seconds from request to answer.';
COMMENT ON COLUMN history.timeout_calibration.tokens_generated IS 'Tokens generated; NULL where not counted.';
COMMENT ON COLUMN history.timeout_calibration.generation_ms IS 'Milliseconds of generation; NULL where not measured.';
COMMENT ON COLUMN history.timeout_calibration.prompt_eval_ms IS 'Milliseconds of prompt processing; NULL where not measured.';
COMMENT ON COLUMN history.timeout_calibration.answer_preview IS 'Beginning of the answer.';
COMMENT ON COLUMN history.timeout_calibration.current_timeout_s IS 'Time-out then in force.';
COMMENT ON COLUMN history.timeout_calibration.quality_flags IS 'Doubts: exceeds_current_timeout.';
COMMENT ON COLUMN history.timeout_calibration.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.timeout_recommendation (
    source_file_id BIGINT NOT NULL,
    suite_id BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    timeout_s DOUBLE NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, suite)
);
COMMENT ON TABLE history.timeout_recommendation IS 'One row is the time-out that a calibration recommends for one suite.';
COMMENT ON COLUMN history.timeout_recommendation.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.timeout_recommendation.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.timeout_recommendation.suite IS 'Suite, as recorded.';
COMMENT ON COLUMN history.timeout_recommendation.timeout_s IS 'Seconds that it recommends.';

CREATE TABLE history.timeout_calibration_run (
    source_file_id BIGINT PRIMARY KEY,
    calibrated_at TIMESTAMP,
    args JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.timeout_calibration_run IS 'One row is one calibration of time-outs.';
COMMENT ON COLUMN history.timeout_calibration_run.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.timeout_calibration_run.calibrated_at IS 'When it was written, in the host''s local time as found.';
COMMENT ON COLUMN history.timeout_calibration_run.args IS 'Arguments of the program that wrote the file.';
COMMENT ON COLUMN history.timeout_calibration_run.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.ttft_comparison (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    case_name VARCHAR NOT NULL,
    json_chars BIGINT,
    toon_chars BIGINT,
    json_tokens BIGINT,
    toon_tokens BIGINT,
    token_reduction_pct DOUBLE,
    json_ttft_s DOUBLE,
    toon_ttft_s DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.ttft_comparison IS 'One row is one tool result handed to a model as JSON and as TOON.';
COMMENT ON COLUMN history.ttft_comparison.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.ttft_comparison.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.ttft_comparison.case_name IS 'Kind of tool result.';
COMMENT ON COLUMN history.ttft_comparison.json_chars IS 'Characters as JSON.';
COMMENT ON COLUMN history.ttft_comparison.toon_chars IS 'Characters as TOON.';
COMMENT ON COLUMN history.ttft_comparison.json_tokens IS 'Tokens as JSON.';
COMMENT ON COLUMN history.ttft_comparison.toon_tokens IS 'Tokens as TOON.';
COMMENT ON COLUMN history.ttft_comparison.token_reduction_pct IS 'Tokens saved, in per cent.';
COMMENT ON COLUMN history.ttft_comparison.json_ttft_s IS 'Seconds to the first token with JSON; NULL where not measured.';
COMMENT ON COLUMN history.ttft_comparison.toon_ttft_s IS 'Seconds to the first token with TOON; NULL where not measured.';
COMMENT ON COLUMN history.ttft_comparison.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.summarization_run (
    source_file_id BIGINT PRIMARY KEY,
    model_id BIGINT NOT NULL,
    model VARCHAR NOT NULL,
    architecture VARCHAR,
    server VARCHAR,
    is_thinking_disabled BOOLEAN,
    elapsed_s DOUBLE,
    tokens BIGINT,
    tps DOUBLE,
    summary_characters BIGINT,
    summary VARCHAR,
    summary_raw VARCHAR,
    summary_usable VARCHAR,
    notes VARCHAR,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.summarization_run IS 'One row is one paper summarised once by one model.';
COMMENT ON COLUMN history.summarization_run.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.summarization_run.model_id IS 'Key of the model, a hash of its name.';
COMMENT ON COLUMN history.summarization_run.model IS 'Model, as recorded; not always a model''s name.';
COMMENT ON COLUMN history.summarization_run.architecture IS 'Architecture in words.';
COMMENT ON COLUMN history.summarization_run.server IS 'Address of the server.';
COMMENT ON COLUMN history.summarization_run.is_thinking_disabled IS 'Whether thinking was switched off; NULL where not said.';
COMMENT ON COLUMN history.summarization_run.elapsed_s IS 'Seconds it took.';
COMMENT ON COLUMN history.summarization_run.tokens IS 'Tokens generated.';
COMMENT ON COLUMN history.summarization_run.tps IS 'Tokens per second, everything included.';
COMMENT ON COLUMN history.summarization_run.summary_characters IS 'Length that the file states.';
COMMENT ON COLUMN history.summarization_run.summary IS 'Summary, where the file has one under this name.';
COMMENT ON COLUMN history.summarization_run.summary_raw IS 'Summary as generated.';
COMMENT ON COLUMN history.summarization_run.summary_usable IS 'Part of it that a person found usable.';
COMMENT ON COLUMN history.summarization_run.notes IS 'Notes of a person.';
COMMENT ON COLUMN history.summarization_run.quality_flags IS 'Doubts: tps_contradicts_time (by more than 5 per cent), length_mismatch (the summary is not as long as stated).';
COMMENT ON COLUMN history.summarization_run.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.draft_discovery (
    source_file_id BIGINT PRIMARY KEY,
    run_id VARCHAR,
    mode VARCHAR,
    pairs_tested BIGINT,
    viable_pairs BIGINT,
    results JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.draft_discovery IS 'One row is one search for pairs of target and draft models.';
COMMENT ON COLUMN history.draft_discovery.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.draft_discovery.run_id IS 'Its id: when it began.';
COMMENT ON COLUMN history.draft_discovery.mode IS 'Kind of search.';
COMMENT ON COLUMN history.draft_discovery.pairs_tested IS 'Pairs tried.';
COMMENT ON COLUMN history.draft_discovery.viable_pairs IS 'Pairs that accepted enough.';
COMMENT ON COLUMN history.draft_discovery.results IS 'Pairs found, as recorded.';
COMMENT ON COLUMN history.draft_discovery.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';

CREATE TABLE history.tool_validation_step (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    line BIGINT NOT NULL,
    step VARCHAR NOT NULL,
    started_at TIMESTAMP,
    ended_at TIMESTAMP,
    passed BOOLEAN,
    exit_code BIGINT,
    output VARCHAR NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.tool_validation_step IS 'One row is one step of a validation script.';
COMMENT ON COLUMN history.tool_validation_step.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.tool_validation_step.ordinal IS 'Position in the file, from 0.';
COMMENT ON COLUMN history.tool_validation_step.line IS 'Line of the log where it starts, from 1.';
COMMENT ON COLUMN history.tool_validation_step.step IS 'Step''s name.';
COMMENT ON COLUMN history.tool_validation_step.started_at IS 'When it started, in the host''s local time as found; NULL where only its end was logged.';
COMMENT ON COLUMN history.tool_validation_step.ended_at IS 'When it ended; NULL where it did not.';
COMMENT ON COLUMN history.tool_validation_step.passed IS 'Whether it passed; NULL where it did not end.';
COMMENT ON COLUMN history.tool_validation_step.exit_code IS 'Exit status of a failed step.';
COMMENT ON COLUMN history.tool_validation_step.output IS 'What it printed.';
COMMENT ON COLUMN history.tool_validation_step.quality_flags IS 'Doubts: unfinished, no_start.';

CREATE TABLE history.tool_validation (
    source_file_id BIGINT PRIMARY KEY,
    n_steps BIGINT NOT NULL,
    n_passed BIGINT NOT NULL,
    n_failed BIGINT NOT NULL,
    n_unfinished BIGINT NOT NULL,
    other_lines VARCHAR NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.tool_validation IS 'One row is one log of a validation script.';
COMMENT ON COLUMN history.tool_validation.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.tool_validation.n_steps IS 'Steps in it.';
COMMENT ON COLUMN history.tool_validation.n_passed IS 'Steps that passed.';
COMMENT ON COLUMN history.tool_validation.n_failed IS 'Steps that failed.';
COMMENT ON COLUMN history.tool_validation.n_unfinished IS 'Steps without an end: the script was stopped.';
COMMENT ON COLUMN history.tool_validation.other_lines IS 'Lines that belong to no step.';

CREATE TABLE history.orchestrator_probe (
    source_file_id BIGINT PRIMARY KEY,
    answer VARCHAR,
    mode VARCHAR,
    role_id BIGINT,
    routed_to VARCHAR,
    role_history JSON,
    routing_strategy VARCHAR,
    is_real BOOLEAN,
    turns BIGINT,
    elapsed_s DOUBLE,
    tokens_generated BIGINT,
    predicted_tps DOUBLE,
    generation_ms DOUBLE,
    prompt_eval_ms DOUBLE,
    http_overhead_ms DOUBLE,
    error_code JSON,
    error_detail JSON,
    cheap_first_attempted BOOLEAN,
    cheap_first_passed BOOLEAN,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.orchestrator_probe IS 'One row is one answer of the orchestrator''s chat interface to a probe.';
COMMENT ON COLUMN history.orchestrator_probe.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.orchestrator_probe.answer IS 'Answer.';
COMMENT ON COLUMN history.orchestrator_probe.mode IS 'How it answered.';
COMMENT ON COLUMN history.orchestrator_probe.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.orchestrator_probe.routed_to IS 'Role that answered.';
COMMENT ON COLUMN history.orchestrator_probe.role_history IS 'Roles that worked on it, in their order.';
COMMENT ON COLUMN history.orchestrator_probe.routing_strategy IS 'Rule by which it was routed.';
COMMENT ON COLUMN history.orchestrator_probe.is_real IS 'Whether models answered, and no mock.';
COMMENT ON COLUMN history.orchestrator_probe.turns IS 'Turns taken; NULL where not counted.';
COMMENT ON COLUMN history.orchestrator_probe.elapsed_s IS 'Seconds from request to answer.';
COMMENT ON COLUMN history.orchestrator_probe.tokens_generated IS 'Tokens generated; NULL where not counted (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_probe.predicted_tps IS 'Tokens per second; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_probe.generation_ms IS 'Milliseconds of generation; NULL where not measured.';
COMMENT ON COLUMN history.orchestrator_probe.prompt_eval_ms IS 'Milliseconds of prompt processing; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_probe.http_overhead_ms IS 'Milliseconds of transport; NULL where not measured (recorded as 0).';
COMMENT ON COLUMN history.orchestrator_probe.error_code IS 'Error''s code.';
COMMENT ON COLUMN history.orchestrator_probe.error_detail IS 'Error in detail.';
COMMENT ON COLUMN history.orchestrator_probe.cheap_first_attempted IS 'Whether a cheap role was tried first.';
COMMENT ON COLUMN history.orchestrator_probe.cheap_first_passed IS 'Whether its answer was good enough.';
COMMENT ON COLUMN history.orchestrator_probe.quality_flags IS 'Doubts: error_answer (a backend''s error text as the answer).';
COMMENT ON COLUMN history.orchestrator_probe.extra IS 'Fields of the record that have no column, and values that do not fit theirs (a 0 where nothing was measured among them), as found.';
