-- Plans of the record: what was to be asked and run, and how it was tuned (epyc_assets/history/workload.py, prompt.py,
-- model_registry.py, expected_config.py, optimization_checkpoint.py and optuna_study.py).

CREATE TABLE history.workload_event (
    source_file_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    timestamp TIMESTAMP,
    optimization_id VARCHAR,
    environment VARCHAR,
    arm VARCHAR,
    task_id VARCHAR,
    task_class VARCHAR,
    quality_mode VARCHAR,
    quality_pass BOOLEAN,
    quality_review_required BOOLEAN,
    manual_intervention BOOLEAN,
    cost DOUBLE,
    latency_s DOUBLE,
    routed_model VARCHAR,
    final_model VARCHAR,
    classified_as VARCHAR,
    tier VARCHAR,
    is_timeout BOOLEAN,
    error VARCHAR,
    escalations JSON,
    meta JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, line)
);
COMMENT ON TABLE history.workload_event IS 'One row is one task done in one arm of a study: a line of an event file.';
COMMENT ON COLUMN history.workload_event.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.workload_event.line IS 'Line in the file, from 1.';
COMMENT ON COLUMN history.workload_event.timestamp IS 'When it was done (UTC); NULL in the schemas without a time.';
COMMENT ON COLUMN history.workload_event.optimization_id IS 'Optimization that the study is about; __bundle__ is all of them at once.';
COMMENT ON COLUMN history.workload_event.environment IS 'Agent environment, for example codex or claude-code; NULL where several are taken together.';
COMMENT ON COLUMN history.workload_event.arm IS 'Arm of the study: A without the optimization, B with it.';
COMMENT ON COLUMN history.workload_event.task_id IS 'Task, as in workload_task.';
COMMENT ON COLUMN history.workload_event.task_class IS 'Kind of task, for example implementation_fix.';
COMMENT ON COLUMN history.workload_event.quality_mode IS 'How quality was judged: proxy means simulated, external_live_api means by running it.';
COMMENT ON COLUMN history.workload_event.quality_pass IS 'Whether the answer passed.';
COMMENT ON COLUMN history.workload_event.quality_review_required IS 'Whether a review was asked for.';
COMMENT ON COLUMN history.workload_event.manual_intervention IS 'Whether a person had to step in.';
COMMENT ON COLUMN history.workload_event.cost IS 'Cost as recorded: of a proxy a unit of its own, of the live API US dollars.';
COMMENT ON COLUMN history.workload_event.latency_s IS 'Duration in seconds.';
COMMENT ON COLUMN history.workload_event.routed_model IS 'Model that the task was routed to; in other schemas it may be in meta.';
COMMENT ON COLUMN history.workload_event.final_model IS 'Model that answered in the end, after escalations.';
COMMENT ON COLUMN history.workload_event.classified_as IS 'Class that the router gave the task.';
COMMENT ON COLUMN history.workload_event.tier IS 'Tier of the task or model, as text.';
COMMENT ON COLUMN history.workload_event.is_timeout IS 'Whether it timed out.';
COMMENT ON COLUMN history.workload_event.error IS 'What went wrong, as recorded.';
COMMENT ON COLUMN history.workload_event.escalations IS 'Escalations as recorded: a number or a list.';
COMMENT ON COLUMN history.workload_event.meta IS 'Usage and source of the task, as recorded.';
COMMENT ON COLUMN history.workload_event.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.workload_task (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    task_id VARCHAR,
    task_class VARCHAR,
    input_payload VARCHAR,
    quality_rubric_id VARCHAR,
    expected_artifact_type VARCHAR,
    source VARCHAR,
    source_key VARCHAR,
    expected VARCHAR,
    tier BIGINT,
    scoring_method VARCHAR,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.workload_task IS 'One row is one task of a list. The same task is in many lists.';
COMMENT ON COLUMN history.workload_task.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.workload_task.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.workload_task.task_id IS 'Task''s name.';
COMMENT ON COLUMN history.workload_task.task_class IS 'Kind of task.';
COMMENT ON COLUMN history.workload_task.input_payload IS 'What is asked.';
COMMENT ON COLUMN history.workload_task.quality_rubric_id IS 'Rubric that judges it.';
COMMENT ON COLUMN history.workload_task.expected_artifact_type IS 'What the answer is: code, plan and so on.';
COMMENT ON COLUMN history.workload_task.source IS 'File of the question that it was made from.';
COMMENT ON COLUMN history.workload_task.source_key IS 'Id of that question.';
COMMENT ON COLUMN history.workload_task.expected IS 'Expected answer.';
COMMENT ON COLUMN history.workload_task.tier IS 'Difficulty, from 1.';
COMMENT ON COLUMN history.workload_task.scoring_method IS 'How an answer is scored.';
COMMENT ON COLUMN history.workload_task.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.workload_manifest (
    source_file_id BIGINT PRIMARY KEY,
    kind VARCHAR NOT NULL,
    optimization_id VARCHAR,
    seed BIGINT,
    schema_version BIGINT,
    created_at TIMESTAMP,
    tasks_per_arm BIGINT,
    workload_pack_path VARCHAR,
    workload_pack_version VARCHAR,
    task_count BIGINT NOT NULL,
    selected_task_ids JSON,
    required_environments JSON,
    required_arms JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.workload_manifest IS 'One row is one list of tasks: the manifest of a study, or a workload pack.';
COMMENT ON COLUMN history.workload_manifest.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.workload_manifest.kind IS 'manifest (tasks selected for a study) or pack (tasks to select from).';
COMMENT ON COLUMN history.workload_manifest.optimization_id IS 'Optimization that the study is about; __bundle__ is all of them at once.';
COMMENT ON COLUMN history.workload_manifest.seed IS 'Seed of the selection.';
COMMENT ON COLUMN history.workload_manifest.schema_version IS 'Version of the file''s schema.';
COMMENT ON COLUMN history.workload_manifest.created_at IS 'When it was made (UTC).';
COMMENT ON COLUMN history.workload_manifest.tasks_per_arm IS 'Tasks per arm.';
COMMENT ON COLUMN history.workload_manifest.workload_pack_path IS 'Pack that the tasks come from, on the host.';
COMMENT ON COLUMN history.workload_manifest.workload_pack_version IS 'Version of that pack.';
COMMENT ON COLUMN history.workload_manifest.task_count IS 'Tasks in the file.';
COMMENT ON COLUMN history.workload_manifest.selected_task_ids IS 'Ids of the selected tasks, in the order given.';
COMMENT ON COLUMN history.workload_manifest.required_environments IS 'Environments that the study must cover.';
COMMENT ON COLUMN history.workload_manifest.required_arms IS 'Arms that it must cover.';
COMMENT ON COLUMN history.workload_manifest.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.workload_summary (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    arm VARCHAR NOT NULL,
    environment VARCHAR,
    total_tasks BIGINT,
    quality_pass_rate DOUBLE,
    cost_per_task DOUBLE,
    p95_task_latency_s DOUBLE,
    manual_intervention_rate DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.workload_summary IS 'One row is one arm of a study, summed up.';
COMMENT ON COLUMN history.workload_summary.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.workload_summary.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.workload_summary.arm IS 'Arm of the study: A without the optimization, B with it.';
COMMENT ON COLUMN history.workload_summary.environment IS 'Agent environment, for example codex or claude-code; NULL where several are taken together.';
COMMENT ON COLUMN history.workload_summary.total_tasks IS 'Tasks done.';
COMMENT ON COLUMN history.workload_summary.quality_pass_rate IS 'Share that passed, 0..1.';
COMMENT ON COLUMN history.workload_summary.cost_per_task IS 'Mean cost per task.';
COMMENT ON COLUMN history.workload_summary.p95_task_latency_s IS '95th percentile of the duration in seconds.';
COMMENT ON COLUMN history.workload_summary.manual_intervention_rate IS 'Share in which a person stepped in, 0..1.';
COMMENT ON COLUMN history.workload_summary.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.workload_delta (
    source_file_id BIGINT PRIMARY KEY,
    environment VARCHAR,
    delta_quality DOUBLE,
    delta_cost DOUBLE,
    delta_latency DOUBLE,
    delta_manual_intervention DOUBLE,
    delta_extra JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.workload_delta IS 'One row is the difference between the two arms of a summary file, as the file states it.';
COMMENT ON COLUMN history.workload_delta.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.workload_delta.environment IS 'Agent environment, for example codex or claude-code; NULL where several are taken together.';
COMMENT ON COLUMN history.workload_delta.delta_quality IS 'B minus A of the pass rate.';
COMMENT ON COLUMN history.workload_delta.delta_cost IS 'Relative change of the cost, B against A.';
COMMENT ON COLUMN history.workload_delta.delta_latency IS 'Relative change of the duration, B against A.';
COMMENT ON COLUMN history.workload_delta.delta_manual_intervention IS 'B minus A of the intervention rate.';
COMMENT ON COLUMN history.workload_delta.delta_extra IS 'Other differences.';
COMMENT ON COLUMN history.workload_delta.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.workload_override (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    optimization_id VARCHAR NOT NULL,
    trial BIGINT,
    quality DOUBLE,
    cost DOUBLE,
    latency DOUBLE,
    manual DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.workload_override IS 'One row is the effect that one trial of a tuning study assumed for one optimization.';
COMMENT ON COLUMN history.workload_override.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.workload_override.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.workload_override.optimization_id IS 'Optimization that the study is about; __bundle__ is all of them at once.';
COMMENT ON COLUMN history.workload_override.trial IS 'Number of the trial, from the folder trial_NNNN; NULL elsewhere.';
COMMENT ON COLUMN history.workload_override.quality IS 'Assumed effect on the pass rate.';
COMMENT ON COLUMN history.workload_override.cost IS 'Assumed relative effect on the cost.';
COMMENT ON COLUMN history.workload_override.latency IS 'Assumed relative effect on the duration.';
COMMENT ON COLUMN history.workload_override.manual IS 'Assumed effect on the intervention rate.';
COMMENT ON COLUMN history.workload_override.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.workload_decision (
    source_file_id BIGINT PRIMARY KEY,
    optimization_id VARCHAR,
    environment VARCHAR,
    decision VARCHAR,
    reason VARCHAR,
    reasons JSON,
    decided_at TIMESTAMP,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.workload_decision IS 'One row is one decision about an optimization.';
COMMENT ON COLUMN history.workload_decision.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.workload_decision.optimization_id IS 'Optimization that the study is about; __bundle__ is all of them at once.';
COMMENT ON COLUMN history.workload_decision.environment IS 'Agent environment, for example codex or claude-code; NULL where several are taken together.';
COMMENT ON COLUMN history.workload_decision.decision IS 'What was decided, as recorded.';
COMMENT ON COLUMN history.workload_decision.reason IS 'Why, where that is one text.';
COMMENT ON COLUMN history.workload_decision.reasons IS 'Why, where that is a list or an object.';
COMMENT ON COLUMN history.workload_decision.decided_at IS 'When (UTC where the text states an offset).';
COMMENT ON COLUMN history.workload_decision.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.prompt (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    question_pk BIGINT NOT NULL,
    generation VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    suite_id BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    question_id VARCHAR NOT NULL,
    tier BIGINT,
    name VARCHAR,
    category VARCHAR,
    prompt VARCHAR,
    expected VARCHAR,
    reference_answer VARCHAR,
    scoring_method VARCHAR,
    scoring JSON,
    auto_score JSON,
    image_path VARCHAR,
    context_tokens BIGINT,
    context_type VARCHAR,
    needle VARCHAR,
    needle_position VARCHAR,
    is_mode_advantage BOOLEAN,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.prompt IS 'One row is one question of a suite, of either generation.';
COMMENT ON COLUMN history.prompt.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.prompt.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.prompt.question_pk IS 'Key of the question, a hash of suite and question id. Two generations may share it.';
COMMENT ON COLUMN history.prompt.generation IS 'Generation of the questions, the folder below prompts: v1 or debug. v1 where a file lies elsewhere and is a map, debug where it is a list.';
COMMENT ON COLUMN history.prompt.layout IS 'Layout of the file: map (question id to question) or list.';
COMMENT ON COLUMN history.prompt.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.prompt.suite IS 'Suite''s name.';
COMMENT ON COLUMN history.prompt.question_id IS 'Question''s id within its suite.';
COMMENT ON COLUMN history.prompt.tier IS 'Difficulty, from 1; NULL in suites without tiers.';
COMMENT ON COLUMN history.prompt.name IS 'Title.';
COMMENT ON COLUMN history.prompt.category IS 'Category, in suites that have them.';
COMMENT ON COLUMN history.prompt.prompt IS 'What is asked. Context of long_context questions is generated by a program and not in here.';
COMMENT ON COLUMN history.prompt.expected IS 'Expected answer, as the file spells it.';
COMMENT ON COLUMN history.prompt.reference_answer IS 'Model answer with scoring notes.';
COMMENT ON COLUMN history.prompt.scoring_method IS 'How an answer is scored; of the file where the question says nothing (flag scoring_of_file).';
COMMENT ON COLUMN history.prompt.scoring IS 'Criteria with weights (v1), or the scorer''s settings (debug).';
COMMENT ON COLUMN history.prompt.auto_score IS 'Rules for scoring by program, in suites that have them.';
COMMENT ON COLUMN history.prompt.image_path IS 'Image that the question is about.';
COMMENT ON COLUMN history.prompt.context_tokens IS 'Tokens of context put before the question.';
COMMENT ON COLUMN history.prompt.context_type IS 'Kind of that context.';
COMMENT ON COLUMN history.prompt.needle IS 'Text hidden in the context.';
COMMENT ON COLUMN history.prompt.needle_position IS 'Where it is hidden.';
COMMENT ON COLUMN history.prompt.is_mode_advantage IS 'Whether the question is meant to show what a mode can do.';
COMMENT ON COLUMN history.prompt.quality_flags IS 'Doubts: no_prompt, scoring_of_file.';
COMMENT ON COLUMN history.prompt.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.prompt_suite (
    source_file_id BIGINT PRIMARY KEY,
    suite_id BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    version VARCHAR,
    description VARCHAR,
    created VARCHAR,
    updated VARCHAR,
    note VARCHAR,
    inference_params JSON,
    scoring_method VARCHAR,
    scoring JSON,
    question_count BIGINT NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.prompt_suite IS 'One row is one file of questions: what it says of all of them.';
COMMENT ON COLUMN history.prompt_suite.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.prompt_suite.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.prompt_suite.suite IS 'Suite''s name.';
COMMENT ON COLUMN history.prompt_suite.generation IS 'Generation of the questions, the folder below prompts: v1 or debug. v1 where a file lies elsewhere and is a map, debug where it is a list.';
COMMENT ON COLUMN history.prompt_suite.layout IS 'Layout of the file: map (question id to question) or list.';
COMMENT ON COLUMN history.prompt_suite.version IS 'Version of the suite, as the file spells it.';
COMMENT ON COLUMN history.prompt_suite.description IS 'What the suite tests.';
COMMENT ON COLUMN history.prompt_suite.created IS 'When it was made, as found.';
COMMENT ON COLUMN history.prompt_suite.updated IS 'When it was changed, as found.';
COMMENT ON COLUMN history.prompt_suite.note IS 'Remark.';
COMMENT ON COLUMN history.prompt_suite.inference_params IS 'Temperature, tokens and timeout that the suite asks for.';
COMMENT ON COLUMN history.prompt_suite.scoring_method IS 'How its answers are scored unless a question says otherwise.';
COMMENT ON COLUMN history.prompt_suite.scoring IS 'Settings of that scorer.';
COMMENT ON COLUMN history.prompt_suite.question_count IS 'Questions in the file, rejected ones too.';
COMMENT ON COLUMN history.prompt_suite.quality_flags IS 'Doubts: suite_from_file_name.';
COMMENT ON COLUMN history.prompt_suite.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.prompt_section (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    section VARCHAR NOT NULL,
    entry VARCHAR,
    prompt VARCHAR,
    content JSON NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.prompt_section IS 'One row is one entry of a prompt file that is laid out in sections (planning and judge prompts).';
COMMENT ON COLUMN history.prompt_section.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.prompt_section.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.prompt_section.section IS 'Top key of the file.';
COMMENT ON COLUMN history.prompt_section.entry IS 'Key or number within the section; NULL where the section is one value.';
COMMENT ON COLUMN history.prompt_section.prompt IS 'The entry''s prompt, if it has one.';
COMMENT ON COLUMN history.prompt_section.content IS 'The whole entry.';

CREATE TABLE history.prompt_manifest (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    suite_id BIGINT NOT NULL,
    suite VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    manifest_version VARCHAR,
    manifest_updated VARCHAR,
    description VARCHAR,
    question_count BIGINT,
    adapter VARCHAR,
    source VARCHAR,
    reason VARCHAR,
    reconstruction_command VARCHAR,
    sources JSON,
    manifest_extra JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.prompt_manifest IS 'One row is one suite in the manifest of suites: what its questions can be rebuilt from.';
COMMENT ON COLUMN history.prompt_manifest.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.prompt_manifest.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.prompt_manifest.suite_id IS 'Key of the suite, a hash of its name.';
COMMENT ON COLUMN history.prompt_manifest.suite IS 'Suite''s name.';
COMMENT ON COLUMN history.prompt_manifest.kind IS 'adapter (from a public data set) or yaml_only.';
COMMENT ON COLUMN history.prompt_manifest.manifest_version IS 'Version of the manifest.';
COMMENT ON COLUMN history.prompt_manifest.manifest_updated IS 'When the manifest was changed, as found.';
COMMENT ON COLUMN history.prompt_manifest.description IS 'What the suite tests.';
COMMENT ON COLUMN history.prompt_manifest.question_count IS 'Questions that the adapter can supply.';
COMMENT ON COLUMN history.prompt_manifest.adapter IS 'Class that reads the data set.';
COMMENT ON COLUMN history.prompt_manifest.source IS 'File of a yaml_only suite.';
COMMENT ON COLUMN history.prompt_manifest.reason IS 'Why it is yaml_only.';
COMMENT ON COLUMN history.prompt_manifest.reconstruction_command IS 'Command that rebuilds it.';
COMMENT ON COLUMN history.prompt_manifest.sources IS 'Data sets with their licences.';
COMMENT ON COLUMN history.prompt_manifest.manifest_extra IS 'Other top-level fields of the manifest.';
COMMENT ON COLUMN history.prompt_manifest.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.registry_role (
    source_file_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,
    tier VARCHAR,
    description VARCHAR,
    model_id BIGINT NOT NULL,
    model VARCHAR NOT NULL,
    model_name VARCHAR,
    model_path VARCHAR,
    quantization VARCHAR,
    size_gb DOUBLE,
    architecture VARCHAR,
    baseline_experts BIGINT,
    residency VARCHAR,
    is_pinned BOOLEAN,
    candidate_roles VARCHAR[] NOT NULL,
    is_deprecated BOOLEAN NOT NULL,
    deprecated_date DATE,
    deprecated_reason VARCHAR,
    benchmark_date DATE,
    constraint_reason VARCHAR,
    constraint_notes VARCHAR,
    notes VARCHAR,
    system_prompt_suffix VARCHAR,
    generation_defaults JSON,
    temperature_overrides JSON,
    thinking_quirks JSON,
    launch_quirks JSON,
    paged_attention JSON,
    memory_extra JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, role)
);
COMMENT ON TABLE history.registry_role IS 'One row is one role of the earlier projects registry, with the model that it gives the role.';
COMMENT ON COLUMN history.registry_role.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_role.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.registry_role.role IS 'Role''s name in the registry.';
COMMENT ON COLUMN history.registry_role.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.registry_role.tier IS 'Tier: A front door, B large models, C workers, D drafts.';
COMMENT ON COLUMN history.registry_role.description IS 'What the role is for.';
COMMENT ON COLUMN history.registry_role.model_id IS 'Key of the model, a hash of `model`.';
COMMENT ON COLUMN history.registry_role.model IS 'Model: name of its file without .gguf and shard number; its name where it has no file.';
COMMENT ON COLUMN history.registry_role.model_name IS 'Name of the model, as found.';
COMMENT ON COLUMN history.registry_role.model_path IS 'Path of its file below the model folder; empty for services.';
COMMENT ON COLUMN history.registry_role.quantization IS 'Quantization, as found.';
COMMENT ON COLUMN history.registry_role.size_gb IS 'Size of the file in GB, as the registry states it.';
COMMENT ON COLUMN history.registry_role.architecture IS 'Architecture in the registry''s words: dense, moe, qwen35moe and so on.';
COMMENT ON COLUMN history.registry_role.baseline_experts IS 'Experts that the model uses by itself, as its entry states it.';
COMMENT ON COLUMN history.registry_role.residency IS 'Whether it is kept in memory: hot, warm or cold.';
COMMENT ON COLUMN history.registry_role.is_pinned IS 'Whether its memory is locked.';
COMMENT ON COLUMN history.registry_role.candidate_roles IS 'Roles that it could fill.';
COMMENT ON COLUMN history.registry_role.is_deprecated IS 'Whether the role was given up.';
COMMENT ON COLUMN history.registry_role.deprecated_date IS 'When.';
COMMENT ON COLUMN history.registry_role.deprecated_reason IS 'Why, under either of the two keys that the registry uses.';
COMMENT ON COLUMN history.registry_role.benchmark_date IS 'When it was last measured.';
COMMENT ON COLUMN history.registry_role.constraint_reason IS 'Why something is forbidden.';
COMMENT ON COLUMN history.registry_role.constraint_notes IS 'Remark on the constraints.';
COMMENT ON COLUMN history.registry_role.notes IS 'Remark.';
COMMENT ON COLUMN history.registry_role.system_prompt_suffix IS 'Text put at the end of the system prompt.';
COMMENT ON COLUMN history.registry_role.generation_defaults IS 'Default tokens and temperature.';
COMMENT ON COLUMN history.registry_role.temperature_overrides IS 'Temperature per suite.';
COMMENT ON COLUMN history.registry_role.thinking_quirks IS 'How thinking is switched off, and for which suites.';
COMMENT ON COLUMN history.registry_role.launch_quirks IS 'What the model needs when it is started.';
COMMENT ON COLUMN history.registry_role.paged_attention IS 'Settings of paged attention.';
COMMENT ON COLUMN history.registry_role.memory_extra IS 'Other fields of its memory entry.';
COMMENT ON COLUMN history.registry_role.quality_flags IS 'Doubts: reason_under_deprecation_reason, deprecated_without_reason, no_model_path.';
COMMENT ON COLUMN history.registry_role.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.registry_model (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    model VARCHAR NOT NULL,
    model_path VARCHAR,
    name VARCHAR,
    quantization VARCHAR,
    size_gb DOUBLE,
    architecture VARCHAR,
    huggingface_id VARCHAR,
    mmproj_path VARCHAR,
    max_context BIGINT,
    baseline_experts BIGINT,
    vocab_size BIGINT,
    split_count BIGINT,
    embedding_dim BIGINT,
    roles VARCHAR[] NOT NULL,
    is_used BOOLEAN NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    entries JSON NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.registry_model IS 'One row is one model file (or service model without a file) that roles name, as the first of them describes it.';
COMMENT ON COLUMN history.registry_model.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_model.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.registry_model.model_id IS 'Key of the model, a hash of `model`.';
COMMENT ON COLUMN history.registry_model.model IS 'Model: name of its file without .gguf and shard number; its name where it has no file.';
COMMENT ON COLUMN history.registry_model.model_path IS 'Path of its file below the model folder; NULL for services.';
COMMENT ON COLUMN history.registry_model.name IS 'Name, as found.';
COMMENT ON COLUMN history.registry_model.quantization IS 'Quantization, as found.';
COMMENT ON COLUMN history.registry_model.size_gb IS 'Size in GB, as the first role states it.';
COMMENT ON COLUMN history.registry_model.architecture IS 'Architecture in the registry''s words.';
COMMENT ON COLUMN history.registry_model.huggingface_id IS 'Repository it comes from.';
COMMENT ON COLUMN history.registry_model.mmproj_path IS 'Path of its vision projector.';
COMMENT ON COLUMN history.registry_model.max_context IS 'Longest context in tokens.';
COMMENT ON COLUMN history.registry_model.baseline_experts IS 'Experts that it uses by itself.';
COMMENT ON COLUMN history.registry_model.vocab_size IS 'Size of its vocabulary.';
COMMENT ON COLUMN history.registry_model.split_count IS 'Files that it is split into.';
COMMENT ON COLUMN history.registry_model.embedding_dim IS 'Length of its embeddings.';
COMMENT ON COLUMN history.registry_model.roles IS 'Roles that name it, in registry order.';
COMMENT ON COLUMN history.registry_model.is_used IS 'Whether one of them is not deprecated.';
COMMENT ON COLUMN history.registry_model.quality_flags IS 'Doubts: sizes_disagree, architectures_disagree between its roles.';
COMMENT ON COLUMN history.registry_model.entries IS 'Role to the model entry as found.';

CREATE TABLE history.registry_constraint (
    source_file_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,
    forbidden VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    reason VARCHAR,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, role, ordinal)
);
COMMENT ON TABLE history.registry_constraint IS 'One row is one thing that a role forbids.';
COMMENT ON COLUMN history.registry_constraint.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_constraint.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.registry_constraint.role IS 'Role''s name in the registry.';
COMMENT ON COLUMN history.registry_constraint.ordinal IS 'Number within the role, from 1.';
COMMENT ON COLUMN history.registry_constraint.forbidden IS 'What is forbidden: speculative_decoding, prompt_lookup, eagle.';
COMMENT ON COLUMN history.registry_constraint.origin IS 'Which of three spellings says it: constraints.forbid, forbidden_configs or acceleration.disallowed.';
COMMENT ON COLUMN history.registry_constraint.reason IS 'Why, as found.';

CREATE TABLE history.registry_acceleration (
    source_file_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,
    position VARCHAR NOT NULL,
    type VARCHAR,
    draft_role_id BIGINT,
    draft_role VARCHAR,
    draft_model VARCHAR,
    draft_path VARCHAR,
    k BIGINT,
    experts BIGINT,
    override_key VARCHAR,
    baseline_experts BIGINT,
    uses_lookup BOOLEAN,
    ngram_min BIGINT,
    optimized_tps DOUBLE,
    best_for VARCHAR,
    benchmarked DATE,
    reason VARCHAR,
    notes VARCHAR,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, role, ordinal)
);
COMMENT ON TABLE history.registry_acceleration IS 'One row is one acceleration of a role: the main one, or one nested in it.';
COMMENT ON COLUMN history.registry_acceleration.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_acceleration.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.registry_acceleration.role IS 'Role''s name in the registry.';
COMMENT ON COLUMN history.registry_acceleration.ordinal IS 'Number within the role, from 1; 1 is the main one.';
COMMENT ON COLUMN history.registry_acceleration.position IS 'main, or the key that it is nested under.';
COMMENT ON COLUMN history.registry_acceleration.type IS 'moe_expert_reduction, speculative_decoding, prompt_lookup, baseline or none.';
COMMENT ON COLUMN history.registry_acceleration.draft_role_id IS 'Key of the draft role, a hash of its name.';
COMMENT ON COLUMN history.registry_acceleration.draft_role IS 'Role of the draft model.';
COMMENT ON COLUMN history.registry_acceleration.draft_model IS 'Draft model named outright.';
COMMENT ON COLUMN history.registry_acceleration.draft_path IS 'Path of that draft model.';
COMMENT ON COLUMN history.registry_acceleration.k IS 'Tokens drafted at once.';
COMMENT ON COLUMN history.registry_acceleration.experts IS 'Experts used.';
COMMENT ON COLUMN history.registry_acceleration.override_key IS 'Metadata key that sets the number of experts.';
COMMENT ON COLUMN history.registry_acceleration.baseline_experts IS 'Experts without the acceleration.';
COMMENT ON COLUMN history.registry_acceleration.uses_lookup IS 'Whether prompt lookup is added.';
COMMENT ON COLUMN history.registry_acceleration.ngram_min IS 'Shortest n-gram of prompt lookup.';
COMMENT ON COLUMN history.registry_acceleration.optimized_tps IS 'Claimed tokens per second.';
COMMENT ON COLUMN history.registry_acceleration.best_for IS 'What it is best for.';
COMMENT ON COLUMN history.registry_acceleration.benchmarked IS 'When it was measured.';
COMMENT ON COLUMN history.registry_acceleration.reason IS 'Why it is as it is.';
COMMENT ON COLUMN history.registry_acceleration.notes IS 'Remark.';
COMMENT ON COLUMN history.registry_acceleration.quality_flags IS 'Doubts: draft_deprecated, draft_unknown (no role of that name).';
COMMENT ON COLUMN history.registry_acceleration.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.registry_performance (
    source_file_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,
    metric VARCHAR NOT NULL,
    value DOUBLE,
    unit VARCHAR,
    raw VARCHAR,
    is_trusted BOOLEAN,
    distrust_reason VARCHAR,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, role, ordinal)
);
COMMENT ON TABLE history.registry_performance IS 'One row is one performance figure that the registry claims for a role.';
COMMENT ON COLUMN history.registry_performance.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_performance.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.registry_performance.role IS 'Role''s name in the registry.';
COMMENT ON COLUMN history.registry_performance.ordinal IS 'Number within the role, from 1.';
COMMENT ON COLUMN history.registry_performance.metric IS 'Key, for example baseline_tps, speedup, spec_acceptance_full.';
COMMENT ON COLUMN history.registry_performance.value IS 'The figure as a number in `unit`; NULL where it is null or no single number.';
COMMENT ON COLUMN history.registry_performance.unit IS 'tokens_per_second, times, percent or share (0..1); NULL where neither key nor text says it.';
COMMENT ON COLUMN history.registry_performance.raw IS 'The text of the file; NULL where the registry has null.';
COMMENT ON COLUMN history.registry_performance.is_trusted IS 'Whether nothing speaks against it; NULL where there is no value.';
COMMENT ON COLUMN history.registry_performance.distrust_reason IS 'What speaks against it: more than a speculative step can yield (the servers'' wrong timing), slower than the baseline, or contradicted by the role''s own figures.';

CREATE TABLE history.registry_draft_target (
    source_file_id BIGINT NOT NULL,
    draft_role_id BIGINT NOT NULL,
    draft_role VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,
    target_pattern VARCHAR NOT NULL,
    matched_roles VARCHAR[] NOT NULL,
    is_matched BOOLEAN,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, draft_role, ordinal)
);
COMMENT ON TABLE history.registry_draft_target IS 'One row is one target name that a draft role says it fits.';
COMMENT ON COLUMN history.registry_draft_target.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_draft_target.draft_role_id IS 'Key of the draft role, a hash of its name.';
COMMENT ON COLUMN history.registry_draft_target.draft_role IS 'Draft role.';
COMMENT ON COLUMN history.registry_draft_target.ordinal IS 'Number within the draft role, from 1.';
COMMENT ON COLUMN history.registry_draft_target.target_pattern IS 'Name, or part of one, of target models.';
COMMENT ON COLUMN history.registry_draft_target.matched_roles IS 'Roles, drafts apart, whose model''s name has it: whatever the case, _ as -.';
COMMENT ON COLUMN history.registry_draft_target.is_matched IS 'Whether there are any; NULL where the registry was too large to compare.';

CREATE TABLE history.registry_quirk (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    group_key VARCHAR NOT NULL,
    group_description VARCHAR,
    issue VARCHAR,
    explanation VARCHAR,
    workaround VARCHAR,
    status VARCHAR,
    discovered DATE,
    updated DATE,
    extra JSON,
    group_extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.registry_quirk IS 'One row is one quirk of a model or tool.';
COMMENT ON COLUMN history.registry_quirk.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_quirk.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.registry_quirk.group_key IS 'Group that it is in.';
COMMENT ON COLUMN history.registry_quirk.group_description IS 'What the group is about.';
COMMENT ON COLUMN history.registry_quirk.issue IS 'What goes wrong.';
COMMENT ON COLUMN history.registry_quirk.explanation IS 'Why.';
COMMENT ON COLUMN history.registry_quirk.workaround IS 'What helps.';
COMMENT ON COLUMN history.registry_quirk.status IS 'State, where it is given.';
COMMENT ON COLUMN history.registry_quirk.discovered IS 'When it was found.';
COMMENT ON COLUMN history.registry_quirk.updated IS 'When the entry was changed.';
COMMENT ON COLUMN history.registry_quirk.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';
COMMENT ON COLUMN history.registry_quirk.group_extra IS 'Other fields of the group.';

CREATE TABLE history.registry_deprecated_model (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    model VARCHAR,
    path_was VARCHAR,
    size_gb DOUBLE,
    blind_score VARCHAR,
    blind_score_share DOUBLE,
    reason VARCHAR,
    deleted_date DATE,
    used_by_roles VARCHAR[] NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.registry_deprecated_model IS 'One row is one model that was taken out of the fleet.';
COMMENT ON COLUMN history.registry_deprecated_model.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_deprecated_model.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.registry_deprecated_model.model IS 'Name as found, with remarks such as (duplicate).';
COMMENT ON COLUMN history.registry_deprecated_model.path_was IS 'Where it was.';
COMMENT ON COLUMN history.registry_deprecated_model.size_gb IS 'Size in GB.';
COMMENT ON COLUMN history.registry_deprecated_model.blind_score IS 'Score when judged blind, as found.';
COMMENT ON COLUMN history.registry_deprecated_model.blind_score_share IS 'That score as a share, 0..1; NULL where it is no single percentage.';
COMMENT ON COLUMN history.registry_deprecated_model.reason IS 'Why it was removed.';
COMMENT ON COLUMN history.registry_deprecated_model.deleted_date IS 'When.';
COMMENT ON COLUMN history.registry_deprecated_model.used_by_roles IS 'Active roles whose model file still has this name; not looked for where the name has a remark, which means another copy.';
COMMENT ON COLUMN history.registry_deprecated_model.quality_flags IS 'Doubts: still_used.';
COMMENT ON COLUMN history.registry_deprecated_model.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.registry_server_endpoint (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    section VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    role_id BIGINT,
    role VARCHAR,
    url VARCHAR,
    port BIGINT,
    slots BIGINT,
    model_id BIGINT,
    model VARCHAR,
    model_file VARCHAR,
    draft_model_file VARCHAR,
    memory_gb DOUBLE,
    tier VARCHAR,
    throughput DOUBLE,
    description VARCHAR,
    notes VARCHAR,
    acceleration JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.registry_server_endpoint IS 'One row is one server of the stack, as the registry describes it.';
COMMENT ON COLUMN history.registry_server_endpoint.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_server_endpoint.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.registry_server_endpoint.section IS 'Where it is described: server_mode, server_mode.dev or worker_pool.';
COMMENT ON COLUMN history.registry_server_endpoint.name IS 'Name of the server.';
COMMENT ON COLUMN history.registry_server_endpoint.role_id IS 'Key of the role that it serves, a hash of its name.';
COMMENT ON COLUMN history.registry_server_endpoint.role IS 'Role that it serves, as stated.';
COMMENT ON COLUMN history.registry_server_endpoint.url IS 'Address.';
COMMENT ON COLUMN history.registry_server_endpoint.port IS 'Port.';
COMMENT ON COLUMN history.registry_server_endpoint.slots IS 'Requests served at once.';
COMMENT ON COLUMN history.registry_server_endpoint.model_id IS 'Key of the model, a hash of `model`.';
COMMENT ON COLUMN history.registry_server_endpoint.model IS 'Model: name of its file without .gguf and shard number.';
COMMENT ON COLUMN history.registry_server_endpoint.model_file IS 'Model file, as found.';
COMMENT ON COLUMN history.registry_server_endpoint.draft_model_file IS 'File of the draft model, as found.';
COMMENT ON COLUMN history.registry_server_endpoint.memory_gb IS 'Memory in GB.';
COMMENT ON COLUMN history.registry_server_endpoint.tier IS 'hot or warm.';
COMMENT ON COLUMN history.registry_server_endpoint.throughput IS 'Claimed throughput, of language models in tokens per second, of others in a unit that the registry does not state.';
COMMENT ON COLUMN history.registry_server_endpoint.description IS 'What it is for.';
COMMENT ON COLUMN history.registry_server_endpoint.notes IS 'Remark.';
COMMENT ON COLUMN history.registry_server_endpoint.acceleration IS 'How it is accelerated.';
COMMENT ON COLUMN history.registry_server_endpoint.quality_flags IS 'Doubts: no_role, unknown_role, other_model_than_role (the role''s model in the registry has another file name).';
COMMENT ON COLUMN history.registry_server_endpoint.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.registry_setting (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    section VARCHAR NOT NULL,
    key_path VARCHAR NOT NULL,
    value JSON NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.registry_setting IS 'One row is one setting of the registry that no other table takes.';
COMMENT ON COLUMN history.registry_setting.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.registry_setting.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.registry_setting.section IS 'Top key.';
COMMENT ON COLUMN history.registry_setting.key_path IS 'Keys below it, joined by dots; empty where the top key has no keys.';
COMMENT ON COLUMN history.registry_setting.value IS 'The value.';

CREATE TABLE history.expected_config (
    source_file_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    model_id BIGINT NOT NULL,
    model VARCHAR NOT NULL,
    config_id BIGINT NOT NULL,
    config VARCHAR NOT NULL,
    family VARCHAR NOT NULL,
    moe_experts BIGINT,
    draft_role VARCHAR,
    k BIGINT,
    ngram_n BIGINT,
    uses_lookup BOOLEAN NOT NULL,
    is_speed_only BOOLEAN NOT NULL,
    is_deprecated_role BOOLEAN NOT NULL,
    has_model_path BOOLEAN NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, role_id, config_id)
);
COMMENT ON TABLE history.expected_config IS 'One row is one config that the earlier project would have measured a role with, by its executor''s rule. Roles that are not deprecated are the plan; deprecated ones are listed too.';
COMMENT ON COLUMN history.expected_config.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.expected_config.role_id IS 'Key of the role, a hash of its name.';
COMMENT ON COLUMN history.expected_config.role IS 'Role''s name in the registry.';
COMMENT ON COLUMN history.expected_config.model_id IS 'Key of the model, a hash of `model`.';
COMMENT ON COLUMN history.expected_config.model IS 'Model: name of its file without .gguf and shard number; its name where it has no file.';
COMMENT ON COLUMN history.expected_config.config_id IS 'Key of the config, a hash of its name.';
COMMENT ON COLUMN history.expected_config.config IS 'Config''s name.';
COMMENT ON COLUMN history.expected_config.family IS 'Kind of config: baseline, moe, spec, lookup or a compound such as moe+spec.';
COMMENT ON COLUMN history.expected_config.moe_experts IS 'Experts used.';
COMMENT ON COLUMN history.expected_config.draft_role IS 'Role of the draft model.';
COMMENT ON COLUMN history.expected_config.k IS 'Tokens drafted at once.';
COMMENT ON COLUMN history.expected_config.ngram_n IS 'Length of the n-grams of prompt lookup.';
COMMENT ON COLUMN history.expected_config.uses_lookup IS 'Whether prompt lookup is part of it.';
COMMENT ON COLUMN history.expected_config.is_speed_only IS 'Whether it changes speed alone.';
COMMENT ON COLUMN history.expected_config.is_deprecated_role IS 'Whether the role was given up; false for the plan.';
COMMENT ON COLUMN history.expected_config.has_model_path IS 'Whether the role names a model file; services do not.';

CREATE TABLE history.optimization_layer (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    layer VARCHAR NOT NULL,
    status VARCHAR,
    trials_run BIGINT,
    best_score DOUBLE,
    latency_ms DOUBLE,
    optimal_params JSON,
    metrics JSON,
    notes VARCHAR,
    started_at TIMESTAMP,
    updated_at TIMESTAMP,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    file_extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.optimization_layer IS 'One row is one layer of the parameter search, as its checkpoint has it.';
COMMENT ON COLUMN history.optimization_layer.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.optimization_layer.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.optimization_layer.layer IS 'Layer of the orchestrator.';
COMMENT ON COLUMN history.optimization_layer.status IS 'State.';
COMMENT ON COLUMN history.optimization_layer.trials_run IS 'Trials done.';
COMMENT ON COLUMN history.optimization_layer.best_score IS 'Best score.';
COMMENT ON COLUMN history.optimization_layer.latency_ms IS 'Latency in ms that goes with it.';
COMMENT ON COLUMN history.optimization_layer.optimal_params IS 'Parameters found best.';
COMMENT ON COLUMN history.optimization_layer.metrics IS 'All its metrics.';
COMMENT ON COLUMN history.optimization_layer.notes IS 'Remark.';
COMMENT ON COLUMN history.optimization_layer.started_at IS 'When the search began, in the host''s local time.';
COMMENT ON COLUMN history.optimization_layer.updated_at IS 'When the checkpoint was written, in the host''s local time.';
COMMENT ON COLUMN history.optimization_layer.quality_flags IS 'Doubts: mock_latency (below 50 ms, which no answer of a language model takes).';
COMMENT ON COLUMN history.optimization_layer.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';
COMMENT ON COLUMN history.optimization_layer.file_extra IS 'Other fields of the checkpoint.';

CREATE TABLE history.optimization_step (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    layer VARCHAR,
    completed_at TIMESTAMP,
    trials BIGINT,
    score DOUBLE,
    params JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.optimization_step IS 'One row is one finished step of the parameter search.';
COMMENT ON COLUMN history.optimization_step.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.optimization_step.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.optimization_step.layer IS 'Layer of the orchestrator.';
COMMENT ON COLUMN history.optimization_step.completed_at IS 'When it was finished, in the host''s local time.';
COMMENT ON COLUMN history.optimization_step.trials IS 'Trials done.';
COMMENT ON COLUMN history.optimization_step.score IS 'Best score.';
COMMENT ON COLUMN history.optimization_step.params IS 'Parameters found best.';
COMMENT ON COLUMN history.optimization_step.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.optuna_trial (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    trial_id BIGINT,
    study_id BIGINT,
    number BIGINT,
    state VARCHAR,
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.optuna_trial IS 'One row is one trial of an Optuna study.';
COMMENT ON COLUMN history.optuna_trial.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.optuna_trial.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.optuna_trial.trial_id IS 'Trial''s number in the database.';
COMMENT ON COLUMN history.optuna_trial.study_id IS 'Study''s number in the database.';
COMMENT ON COLUMN history.optuna_trial.number IS 'Number of the trial within its study, from 0.';
COMMENT ON COLUMN history.optuna_trial.state IS 'State: COMPLETE, PRUNED, FAIL and so on.';
COMMENT ON COLUMN history.optuna_trial.started_at IS 'When it began, in the host''s local time.';
COMMENT ON COLUMN history.optuna_trial.completed_at IS 'When it ended, in the host''s local time.';
COMMENT ON COLUMN history.optuna_trial.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.optuna_study (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    study_id BIGINT,
    study_name VARCHAR,
    directions VARCHAR[] NOT NULL,
    schema_version BIGINT,
    library_version VARCHAR,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.optuna_study IS 'One row is one study of an Optuna database.';
COMMENT ON COLUMN history.optuna_study.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.optuna_study.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.optuna_study.study_id IS 'Study''s number in the database.';
COMMENT ON COLUMN history.optuna_study.study_name IS 'Study''s name.';
COMMENT ON COLUMN history.optuna_study.directions IS 'Direction per objective: MAXIMIZE or MINIMIZE.';
COMMENT ON COLUMN history.optuna_study.schema_version IS 'Version of Optuna''s schema.';
COMMENT ON COLUMN history.optuna_study.library_version IS 'Version of Optuna.';
COMMENT ON COLUMN history.optuna_study.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.optuna_param (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    trial_id BIGINT,
    name VARCHAR,
    value DOUBLE,
    distribution VARCHAR,
    low DOUBLE,
    high DOUBLE,
    step DOUBLE,
    is_log BOOLEAN,
    distribution_extra JSON,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.optuna_param IS 'One row is one parameter of an Optuna trial.';
COMMENT ON COLUMN history.optuna_param.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.optuna_param.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.optuna_param.trial_id IS 'Trial''s number in the database.';
COMMENT ON COLUMN history.optuna_param.name IS 'Parameter''s name.';
COMMENT ON COLUMN history.optuna_param.value IS 'Its value in Optuna''s internal form: the number itself, or the index of a choice.';
COMMENT ON COLUMN history.optuna_param.distribution IS 'Kind of distribution.';
COMMENT ON COLUMN history.optuna_param.low IS 'Lowest value.';
COMMENT ON COLUMN history.optuna_param.high IS 'Highest value.';
COMMENT ON COLUMN history.optuna_param.step IS 'Step between values.';
COMMENT ON COLUMN history.optuna_param.is_log IS 'Whether it is searched on a logarithmic scale.';
COMMENT ON COLUMN history.optuna_param.distribution_extra IS 'Other parts of the distribution, for example choices.';
COMMENT ON COLUMN history.optuna_param.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.optuna_value (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    trial_id BIGINT,
    kind VARCHAR NOT NULL,
    objective BIGINT,
    step BIGINT,
    value DOUBLE,
    value_type VARCHAR,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.optuna_value IS 'One row is one value that an Optuna trial reported.';
COMMENT ON COLUMN history.optuna_value.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.optuna_value.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.optuna_value.trial_id IS 'Trial''s number in the database.';
COMMENT ON COLUMN history.optuna_value.kind IS 'objective (at the end) or intermediate (at a step).';
COMMENT ON COLUMN history.optuna_value.objective IS 'Number of the objective, from 0.';
COMMENT ON COLUMN history.optuna_value.step IS 'Step of an intermediate value.';
COMMENT ON COLUMN history.optuna_value.value IS 'The value; NULL where it is not finite.';
COMMENT ON COLUMN history.optuna_value.value_type IS 'FINITE, INF_POS, INF_NEG or NAN.';
COMMENT ON COLUMN history.optuna_value.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.optuna_attr (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    owner VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    study_id BIGINT,
    trial_id BIGINT,
    key VARCHAR,
    value JSON,
    number DOUBLE,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.optuna_attr IS 'One row is one attribute of an Optuna study or trial.';
COMMENT ON COLUMN history.optuna_attr.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.optuna_attr.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.optuna_attr.owner IS 'study or trial.';
COMMENT ON COLUMN history.optuna_attr.kind IS 'user or system.';
COMMENT ON COLUMN history.optuna_attr.study_id IS 'Study''s number in the database.';
COMMENT ON COLUMN history.optuna_attr.trial_id IS 'Trial''s number in the database.';
COMMENT ON COLUMN history.optuna_attr.key IS 'Attribute''s name.';
COMMENT ON COLUMN history.optuna_attr.value IS 'Its value.';
COMMENT ON COLUMN history.optuna_attr.number IS 'Its value where that is a number.';
COMMENT ON COLUMN history.optuna_attr.extra IS 'Fields of the record that have no column, and values that do not fit theirs, as found.';

CREATE TABLE history.sqlite_row (
    source_file_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    table_name VARCHAR NOT NULL,
    content JSON NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, ordinal)
);
COMMENT ON TABLE history.sqlite_row IS 'One row is one row of a SQLite table that no typed table takes.';
COMMENT ON COLUMN history.sqlite_row.source_file_id IS 'File that the row comes from.';
COMMENT ON COLUMN history.sqlite_row.ordinal IS 'Number of the row within its file, from 1.';
COMMENT ON COLUMN history.sqlite_row.table_name IS 'Table of the database.';
COMMENT ON COLUMN history.sqlite_row.content IS 'The row; bytes as base64 text under a name that says so.';
