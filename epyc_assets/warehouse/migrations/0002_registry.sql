-- What a person declared about models, roles and quirks, what stands in doubt about it, and what the GGUF files
-- say themselves.

CREATE TABLE models (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    host VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    description VARCHAR,
    source VARCHAR,
    file VARCHAR,
    shard_count INTEGER NOT NULL,
    architecture VARCHAR,
    quantisation VARCHAR,
    size_bytes BIGINT,
    parameter_count BIGINT,
    active_parameter_count BIGINT,
    expert_count INTEGER,
    expert_used_count INTEGER,
    embedding_dimensions INTEGER,
    vocabulary_size INTEGER,
    context_tokens INTEGER,
    projector_file VARCHAR,
    suited_for VARCHAR[] NOT NULL,
    drafts VARCHAR[] NOT NULL,
    forbidden_techniques VARCHAR[] NOT NULL,
    temperatures JSON NOT NULL,
    thinking_off_text VARCHAR,
    thinking_off_suites VARCHAR[] NOT NULL,
    prompt_format VARCHAR NOT NULL,
    residency VARCHAR NOT NULL,
    pinned BOOLEAN NOT NULL,
    load_timeout_s DOUBLE,
    question_timeout_s DOUBLE,
    load_parameters JSON NOT NULL,
    is_deprecated BOOLEAN NOT NULL,
    deprecated_on DATE,
    deprecated_reason VARCHAR,
    note VARCHAR,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model)
);
COMMENT ON TABLE models IS 'One row is one model of a fleet: a GGUF file or shard set, or a model behind an API, as the registry declares it.';
COMMENT ON COLUMN models.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN models.model IS 'Name of the model: the stem of its file.';
COMMENT ON COLUMN models.host IS 'Host the fleet runs on.';
COMMENT ON COLUMN models.kind IS 'chat, draft, base, embedding, vision or external (behind an API, without a file).';
COMMENT ON COLUMN models.description IS 'What the model is for, in a few words.';
COMMENT ON COLUMN models.source IS 'Where the file comes from, or who offers the API.';
COMMENT ON COLUMN models.file IS 'File relative to a model root; of a shard set its first file. NULL for external models.';
COMMENT ON COLUMN models.shard_count IS 'Files the model consists of.';
COMMENT ON COLUMN models.architecture IS 'Architecture as llama.cpp names it (general.architecture).';
COMMENT ON COLUMN models.quantisation IS 'Quantisation, for example Q4_K_M.';
COMMENT ON COLUMN models.size_bytes IS 'Size of all files as the registry states it; gguf_files has the measured one.';
COMMENT ON COLUMN models.parameter_count IS 'Parameters of the model.';
COMMENT ON COLUMN models.active_parameter_count IS 'Parameters used for one token, where there are experts.';
COMMENT ON COLUMN models.expert_count IS 'Experts per layer.';
COMMENT ON COLUMN models.expert_used_count IS 'Experts used for one token unless changed.';
COMMENT ON COLUMN models.embedding_dimensions IS 'Length of the vectors an embedding model gives.';
COMMENT ON COLUMN models.vocabulary_size IS 'Tokens in the vocabulary.';
COMMENT ON COLUMN models.context_tokens IS 'Longest context the model was made for.';
COMMENT ON COLUMN models.projector_file IS 'File that turns pictures into tokens, for vision models.';
COMMENT ON COLUMN models.suited_for IS 'Jobs somebody thinks the model could do.';
COMMENT ON COLUMN models.drafts IS 'Models of the fleet that may draft for it.';
COMMENT ON COLUMN models.forbidden_techniques IS 'Techniques the registry forbids; reasons are in forbidden_techniques.';
COMMENT ON COLUMN models.temperatures IS 'Sampling temperature per suite; the key default serves the others.';
COMMENT ON COLUMN models.thinking_off_text IS 'Text put before the answer to switch reasoning off.';
COMMENT ON COLUMN models.thinking_off_suites IS 'Suites on which reasoning is switched off.';
COMMENT ON COLUMN models.prompt_format IS 'template (the chat template of the file) or raw.';
COMMENT ON COLUMN models.residency IS 'hot (kept in memory), warm (mapped) or cold.';
COMMENT ON COLUMN models.pinned IS 'Whether the model is never unloaded.';
COMMENT ON COLUMN models.load_timeout_s IS 'Longest loading may take.';
COMMENT ON COLUMN models.question_timeout_s IS 'Longest one answer may take.';
COMMENT ON COLUMN models.load_parameters IS 'Load-time settings that differ from the host''s.';
COMMENT ON COLUMN models.is_deprecated IS 'Whether the model is out of use.';
COMMENT ON COLUMN models.deprecated_on IS 'Since when it is out of use.';
COMMENT ON COLUMN models.deprecated_reason IS 'Why it is out of use.';
COMMENT ON COLUMN models.note IS 'What a person should know about the entry, for example how a contradiction was settled.';
COMMENT ON COLUMN models.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN models.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN models.written_at IS 'When the row was written (UTC).';

CREATE TABLE forbidden_techniques (
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    technique VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, model, technique)
);
COMMENT ON TABLE forbidden_techniques IS 'One row is one technique that the registry forbids for a model; it rules out every compound of it too.';
COMMENT ON COLUMN forbidden_techniques.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN forbidden_techniques.model IS 'Model the ban is for.';
COMMENT ON COLUMN forbidden_techniques.technique IS 'Forbidden technique: moe, spec, lookup, eagle or a compound.';
COMMENT ON COLUMN forbidden_techniques.reason IS 'Why it is forbidden.';
COMMENT ON COLUMN forbidden_techniques.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN forbidden_techniques.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN forbidden_techniques.written_at IS 'When the row was written (UTC).';

CREATE TABLE roles (
    fleet VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    tier VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    model VARCHAR,
    escalation VARCHAR[] NOT NULL,
    served_technique VARCHAR,
    served_experts INTEGER,
    served_draft VARCHAR,
    served_k INTEGER,
    served_ngram INTEGER,
    temperature DOUBLE,
    question_timeout_s DOUBLE,
    tools_web BOOLEAN,
    tool_categories VARCHAR[] NOT NULL,
    forbidden_tools VARCHAR[] NOT NULL,
    is_deprecated BOOLEAN NOT NULL,
    deprecated_on DATE,
    deprecated_reason VARCHAR,
    note VARCHAR,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, role)
);
COMMENT ON TABLE roles IS 'One row is one role of a fleet: a job in the orchestration stack that a model fills.';
COMMENT ON COLUMN roles.fleet IS 'Fleet the role belongs to.';
COMMENT ON COLUMN roles.role IS 'Name of the role.';
COMMENT ON COLUMN roles.tier IS 'A the front door, B specialists, C workers, D drafts and small services.';
COMMENT ON COLUMN roles.description IS 'What the role is for.';
COMMENT ON COLUMN roles.model IS 'Model that fills the role now.';
COMMENT ON COLUMN roles.escalation IS 'Roles asked next, in order, when this one fails.';
COMMENT ON COLUMN roles.served_technique IS 'Technique the model is served with.';
COMMENT ON COLUMN roles.served_experts IS 'Experts it is served with.';
COMMENT ON COLUMN roles.served_draft IS 'Draft it is served with.';
COMMENT ON COLUMN roles.served_k IS 'Tokens drafted per step.';
COMMENT ON COLUMN roles.served_ngram IS 'Length of the n-gram lookup searches for.';
COMMENT ON COLUMN roles.temperature IS 'Sampling temperature in this role.';
COMMENT ON COLUMN roles.question_timeout_s IS 'Longest one answer may take in this role.';
COMMENT ON COLUMN roles.tools_web IS 'Whether the role may use the web; NULL where nothing is said.';
COMMENT ON COLUMN roles.tool_categories IS 'Categories of tools the role may call.';
COMMENT ON COLUMN roles.forbidden_tools IS 'Tools the role may not call.';
COMMENT ON COLUMN roles.is_deprecated IS 'Whether the role is out of use.';
COMMENT ON COLUMN roles.deprecated_on IS 'Since when it is out of use.';
COMMENT ON COLUMN roles.deprecated_reason IS 'Why it is out of use.';
COMMENT ON COLUMN roles.note IS 'What a person should know about the entry.';
COMMENT ON COLUMN roles.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN roles.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN roles.written_at IS 'When the row was written (UTC).';

CREATE TABLE role_candidates (
    fleet VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    fills_the_role BOOLEAN NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, role, model)
);
COMMENT ON TABLE role_candidates IS 'One row is one model that could fill a role, in the order the registry lists them.';
COMMENT ON COLUMN role_candidates.fleet IS 'Fleet the role belongs to.';
COMMENT ON COLUMN role_candidates.role IS 'Role to be filled.';
COMMENT ON COLUMN role_candidates.model IS 'Model that could fill it.';
COMMENT ON COLUMN role_candidates.position IS 'Place in the list, from 1.';
COMMENT ON COLUMN role_candidates.fills_the_role IS 'Whether this model fills the role now.';
COMMENT ON COLUMN role_candidates.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN role_candidates.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN role_candidates.written_at IS 'When the row was written (UTC).';

CREATE TABLE role_gates (
    fleet VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    gate_number INTEGER NOT NULL,
    suite VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    minimum DOUBLE,
    maximum DOUBLE,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, role, gate_number)
);
COMMENT ON TABLE role_gates IS 'One row is one bar that a model must clear to hold a role.';
COMMENT ON COLUMN role_gates.fleet IS 'Fleet the role belongs to.';
COMMENT ON COLUMN role_gates.role IS 'Role the gate guards.';
COMMENT ON COLUMN role_gates.gate_number IS 'Place in the list of the role, from 1.';
COMMENT ON COLUMN role_gates.suite IS 'Suite the bar is set on.';
COMMENT ON COLUMN role_gates.metric IS 'What is measured: pass_rate, mean_score (both 0..1), generation_tps, prompt_tps or ttft_ms.';
COMMENT ON COLUMN role_gates.minimum IS 'Least value that passes; NULL without a lower bound.';
COMMENT ON COLUMN role_gates.maximum IS 'Largest value that passes; NULL without an upper bound.';
COMMENT ON COLUMN role_gates.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN role_gates.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN role_gates.written_at IS 'When the row was written (UTC).';

CREATE TABLE quirks (
    quirk VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    statement VARCHAR NOT NULL,
    models VARCHAR[] NOT NULL,
    architectures VARCHAR[] NOT NULL,
    families VARCHAR[] NOT NULL,
    tools VARCHAR[] NOT NULL,
    since_on DATE,
    resolved_on DATE,
    is_resolved BOOLEAN NOT NULL,
    workaround VARCHAR,
    trusted BOOLEAN NOT NULL,
    doubt VARCHAR,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (quirk)
);
COMMENT ON TABLE quirks IS 'One row is one thing that behaves otherwise than one would expect.';
COMMENT ON COLUMN quirks.quirk IS 'Id of the quirk.';
COMMENT ON COLUMN quirks.kind IS 'wrong_output, slow, crash, incompatible, setting, tooling or note.';
COMMENT ON COLUMN quirks.statement IS 'What happens.';
COMMENT ON COLUMN quirks.models IS 'Models named as affected.';
COMMENT ON COLUMN quirks.architectures IS 'Architectures affected.';
COMMENT ON COLUMN quirks.families IS 'Families affected: parts of model names.';
COMMENT ON COLUMN quirks.tools IS 'Programs affected.';
COMMENT ON COLUMN quirks.since_on IS 'When it was found.';
COMMENT ON COLUMN quirks.resolved_on IS 'Since when it is history.';
COMMENT ON COLUMN quirks.is_resolved IS 'Whether it is history.';
COMMENT ON COLUMN quirks.workaround IS 'What to do.';
COMMENT ON COLUMN quirks.trusted IS 'Whether the statement is believed.';
COMMENT ON COLUMN quirks.doubt IS 'Why it is not.';
COMMENT ON COLUMN quirks.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN quirks.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN quirks.written_at IS 'When the row was written (UTC).';

CREATE TABLE quirk_models (
    quirk VARCHAR NOT NULL,
    fleet VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    matched_by VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (quirk, fleet, model)
);
COMMENT ON TABLE quirk_models IS 'One row is one model that a quirk touches, by name, architecture or family.';
COMMENT ON COLUMN quirk_models.quirk IS 'Id of the quirk.';
COMMENT ON COLUMN quirk_models.fleet IS 'Fleet the model belongs to.';
COMMENT ON COLUMN quirk_models.model IS 'Model that is affected.';
COMMENT ON COLUMN quirk_models.matched_by IS 'model, architecture or family: how the quirk names it.';
COMMENT ON COLUMN quirk_models.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN quirk_models.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN quirk_models.written_at IS 'When the row was written (UTC).';

CREATE TABLE measured_figures (
    fleet VARCHAR NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    figure_number INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    unit VARCHAR NOT NULL,
    role VARCHAR,
    technique VARCHAR,
    experts INTEGER,
    k INTEGER,
    conditions VARCHAR NOT NULL,
    measured_on DATE,
    trusted BOOLEAN NOT NULL,
    doubt VARCHAR,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, subject_kind, subject, figure_number)
);
COMMENT ON TABLE measured_figures IS 'One row is one figure that somebody measured before this platform did, kept as it was.';
COMMENT ON COLUMN measured_figures.fleet IS 'Fleet the subject belongs to.';
COMMENT ON COLUMN measured_figures.subject_kind IS 'model, service or host.';
COMMENT ON COLUMN measured_figures.subject IS 'Name of the model, service or host.';
COMMENT ON COLUMN measured_figures.figure_number IS 'Place in the list of the subject, from 1.';
COMMENT ON COLUMN measured_figures.name IS 'What was measured, for example generation_tps or acceptance_rate.';
COMMENT ON COLUMN measured_figures.value IS 'The figure.';
COMMENT ON COLUMN measured_figures.unit IS 'Unit of the figure.';
COMMENT ON COLUMN measured_figures.role IS 'Role in whose service it was measured.';
COMMENT ON COLUMN measured_figures.technique IS 'Technique it was measured with.';
COMMENT ON COLUMN measured_figures.experts IS 'Experts used.';
COMMENT ON COLUMN measured_figures.k IS 'Tokens drafted per step.';
COMMENT ON COLUMN measured_figures.conditions IS 'Anything else that matters; empty if nothing is known.';
COMMENT ON COLUMN measured_figures.measured_on IS 'Day of the measurement.';
COMMENT ON COLUMN measured_figures.trusted IS 'Whether the figure is believed.';
COMMENT ON COLUMN measured_figures.doubt IS 'Why it is not.';
COMMENT ON COLUMN measured_figures.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN measured_figures.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN measured_figures.written_at IS 'When the row was written (UTC).';

CREATE TABLE registry_findings (
    fleet VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    finding_number INTEGER NOT NULL,
    kind_means VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, subject, kind, finding_number)
);
COMMENT ON TABLE registry_findings IS 'One row is one doubt about what the registry says: a contradiction or an implausible figure.';
COMMENT ON COLUMN registry_findings.fleet IS 'Fleet the doubt is about; empty for quirks, which belong to no fleet.';
COMMENT ON COLUMN registry_findings.subject IS 'What the doubt is about, for example model NAME.';
COMMENT ON COLUMN registry_findings.kind IS 'Kind of the doubt, for example implausible_figure.';
COMMENT ON COLUMN registry_findings.finding_number IS 'Counts findings of the same kind and subject, from 1.';
COMMENT ON COLUMN registry_findings.kind_means IS 'What the kind stands for.';
COMMENT ON COLUMN registry_findings.detail IS 'The particulars.';
COMMENT ON COLUMN registry_findings.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN registry_findings.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN registry_findings.written_at IS 'When the row was written (UTC).';

CREATE TABLE gguf_files (
    root VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    shard_count INTEGER NOT NULL,
    architecture VARCHAR NOT NULL,
    name VARCHAR,
    quantisation VARCHAR,
    gguf_version INTEGER NOT NULL,
    tensor_count INTEGER NOT NULL,
    parameter_count BIGINT NOT NULL,
    active_parameter_count BIGINT NOT NULL,
    embedding_bytes BIGINT NOT NULL,
    output_bytes BIGINT NOT NULL,
    attention_bytes BIGINT NOT NULL,
    ffn_bytes BIGINT NOT NULL,
    experts_bytes BIGINT NOT NULL,
    router_bytes BIGINT NOT NULL,
    norm_bytes BIGINT NOT NULL,
    ssm_bytes BIGINT NOT NULL,
    other_bytes BIGINT NOT NULL,
    output_is_tied BOOLEAN NOT NULL,
    block_count INTEGER,
    embedding_length INTEGER,
    head_count INTEGER,
    kv_head_count INTEGER,
    attention_block_count INTEGER,
    key_length INTEGER,
    value_length INTEGER,
    sliding_window INTEGER,
    expert_count INTEGER,
    expert_used_count INTEGER,
    context_tokens INTEGER,
    vocabulary_size INTEGER,
    tokenizer_model VARCHAR,
    tokenizer_pre VARCHAR,
    bos_token_id INTEGER,
    eos_token_id INTEGER,
    adds_bos BOOLEAN,
    tokenizer_fingerprint VARCHAR,
    chat_template_sha256 VARCHAR,
    is_recurrent BOOLEAN NOT NULL,
    is_hybrid BOOLEAN NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (root, path)
);
COMMENT ON TABLE gguf_files IS 'One row is one GGUF file or shard set found below a model root, with what its header says.';
COMMENT ON COLUMN gguf_files.root IS 'Model root the file lies under, by the name it is declared with.';
COMMENT ON COLUMN gguf_files.path IS 'Path relative to the root; of a shard set its first file.';
COMMENT ON COLUMN gguf_files.size_bytes IS 'Size of all its files.';
COMMENT ON COLUMN gguf_files.mtime_ns IS 'Time of last change in ns since 1970; of a shard set the sum over its files modulo 2^62.';
COMMENT ON COLUMN gguf_files.sha256 IS 'SHA-256 of the contents; of a shard set over its files'' hashes.';
COMMENT ON COLUMN gguf_files.shard_count IS 'Files it consists of.';
COMMENT ON COLUMN gguf_files.architecture IS 'general.architecture.';
COMMENT ON COLUMN gguf_files.name IS 'general.name.';
COMMENT ON COLUMN gguf_files.quantisation IS 'File type, for example Q4_K_M; where the file does not say, the type of most of its bytes.';
COMMENT ON COLUMN gguf_files.gguf_version IS 'Version of the file format.';
COMMENT ON COLUMN gguf_files.tensor_count IS 'Tensors in all files.';
COMMENT ON COLUMN gguf_files.parameter_count IS 'Parameters of all tensors.';
COMMENT ON COLUMN gguf_files.active_parameter_count IS 'The same with only the experts used for one token.';
COMMENT ON COLUMN gguf_files.embedding_bytes IS 'Bytes of token embeddings.';
COMMENT ON COLUMN gguf_files.output_bytes IS 'Bytes of the output matrix; 0 where it is tied to the embedding.';
COMMENT ON COLUMN gguf_files.attention_bytes IS 'Bytes of attention weights.';
COMMENT ON COLUMN gguf_files.ffn_bytes IS 'Bytes of feed-forward weights, shared experts included.';
COMMENT ON COLUMN gguf_files.experts_bytes IS 'Bytes of routed experts.';
COMMENT ON COLUMN gguf_files.router_bytes IS 'Bytes of the weights that choose experts.';
COMMENT ON COLUMN gguf_files.norm_bytes IS 'Bytes of normalisation weights.';
COMMENT ON COLUMN gguf_files.ssm_bytes IS 'Bytes of recurrent weights.';
COMMENT ON COLUMN gguf_files.other_bytes IS 'Bytes of everything else.';
COMMENT ON COLUMN gguf_files.output_is_tied IS 'Whether the token embedding serves as output matrix.';
COMMENT ON COLUMN gguf_files.block_count IS 'Layers.';
COMMENT ON COLUMN gguf_files.embedding_length IS 'Width of the model.';
COMMENT ON COLUMN gguf_files.head_count IS 'Attention heads.';
COMMENT ON COLUMN gguf_files.kv_head_count IS 'Key and value heads; the largest where layers differ.';
COMMENT ON COLUMN gguf_files.attention_block_count IS 'Layers with attention, where the file tells layers apart.';
COMMENT ON COLUMN gguf_files.key_length IS 'Length of a key.';
COMMENT ON COLUMN gguf_files.value_length IS 'Length of a value.';
COMMENT ON COLUMN gguf_files.sliding_window IS 'Tokens a sliding-window layer sees; NULL without one.';
COMMENT ON COLUMN gguf_files.expert_count IS 'Experts per layer.';
COMMENT ON COLUMN gguf_files.expert_used_count IS 'Experts used for one token.';
COMMENT ON COLUMN gguf_files.context_tokens IS 'Longest context the model was made for.';
COMMENT ON COLUMN gguf_files.vocabulary_size IS 'Tokens in the vocabulary.';
COMMENT ON COLUMN gguf_files.tokenizer_model IS 'Kind of tokenizer.';
COMMENT ON COLUMN gguf_files.tokenizer_pre IS 'How text is cut before tokenizing.';
COMMENT ON COLUMN gguf_files.bos_token_id IS 'Id of begin-of-text.';
COMMENT ON COLUMN gguf_files.eos_token_id IS 'Id of end-of-text.';
COMMENT ON COLUMN gguf_files.adds_bos IS 'Whether begin-of-text is put before each prompt.';
COMMENT ON COLUMN gguf_files.tokenizer_fingerprint IS 'SHA-256 over tokens, token types, merges and special ids: equal for equal tokenizers.';
COMMENT ON COLUMN gguf_files.chat_template_sha256 IS 'SHA-256 of the chat template; NULL without one.';
COMMENT ON COLUMN gguf_files.is_recurrent IS 'Whether the model is recurrent throughout: no drafts, no lookup.';
COMMENT ON COLUMN gguf_files.is_hybrid IS 'Whether some layers are recurrent: no drafts, no lookup.';
COMMENT ON COLUMN gguf_files.dagster_run_id IS 'Dagster run that wrote the row; NULL outside a run.';
COMMENT ON COLUMN gguf_files.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN gguf_files.written_at IS 'When the row was written (UTC).';
