-- Which draft models can draft for which targets, by their tokenizers.

CREATE TABLE draft_compatibility (
    fleet VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    draft VARCHAR NOT NULL,
    target_sha256 VARCHAR NOT NULL,
    draft_sha256 VARCHAR NOT NULL,
    fits BOOLEAN NOT NULL,
    reason VARCHAR NOT NULL,
    listed_in_registry BOOLEAN NOT NULL,
    size_ratio DOUBLE,
    finding VARCHAR,
    compared_ms DOUBLE NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, target, draft)
);
COMMENT ON TABLE draft_compatibility IS 'One row is one pair of model files of a fleet: whether the one can draft for the other. Nothing is measured here.';
COMMENT ON COLUMN draft_compatibility.fleet IS 'Fleet both models belong to.';
COMMENT ON COLUMN draft_compatibility.target IS 'Model that would check the drafted tokens.';
COMMENT ON COLUMN draft_compatibility.draft IS 'Model that would draft: of kind draft, or listed as a draft by some model.';
COMMENT ON COLUMN draft_compatibility.target_sha256 IS 'SHA-256 of the target''s file.';
COMMENT ON COLUMN draft_compatibility.draft_sha256 IS 'SHA-256 of the draft''s file.';
COMMENT ON COLUMN draft_compatibility.fits IS 'Whether the draft fits by llama.cpp''s rule: tokenizer, special tokens, vocabulary, and no recurrent state.';
COMMENT ON COLUMN draft_compatibility.reason IS 'Why it fits or does not, in words.';
COMMENT ON COLUMN draft_compatibility.listed_in_registry IS 'Whether the registry lists the draft for the target.';
COMMENT ON COLUMN draft_compatibility.size_ratio IS 'Bytes of weights that the draft reads per token over those of the target: what a drafted token costs at least; NULL where a file does not tell.';
COMMENT ON COLUMN draft_compatibility.finding IS 'listed_but_does_not_fit or fits_but_not_listed (and reads at most half of the target''s bytes); NULL where registry and files agree.';
COMMENT ON COLUMN draft_compatibility.compared_ms IS 'Time the comparison took, reading the headers not included: each is read once for all pairs.';
