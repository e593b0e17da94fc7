-- Suites: what questions there are, from which source, and what was imported.

CREATE TABLE suite_catalogue (
    suite VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    tier INTEGER NOT NULL,
    file VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    questions BIGINT,
    examined BIGINT NOT NULL,
    scorers VARCHAR[] NOT NULL,
    max_tokens INTEGER,
    prompt_characters_median DOUBLE,
    computed_share_ratio DOUBLE,
    verified_share_ratio DOUBLE,
    solved_share_ratio DOUBLE,
    needs_judge BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (suite, source, tier, file)
);
COMMENT ON TABLE suite_catalogue IS 'One row is one tier of one source of a suite: how many questions there are, how they are scored, and what the validator found.';
COMMENT ON COLUMN suite_catalogue.suite IS 'Name of the suite.';
COMMENT ON COLUMN suite_catalogue.source IS 'generated, demo (generated in the words of the demo fleet), shipped (data/suites) or imported.';
COMMENT ON COLUMN suite_catalogue.tier IS 'Difficulty, 1 easy to 3 hard.';
COMMENT ON COLUMN suite_catalogue.file IS 'File of the questions: below the checkout for shipped ones, below the data directory for imported ones; empty for generators.';
COMMENT ON COLUMN suite_catalogue.version IS 'Version of the generator or file.';
COMMENT ON COLUMN suite_catalogue.questions IS 'Questions there are; NULL for a generator, which has no fixed number.';
COMMENT ON COLUMN suite_catalogue.examined IS 'Questions that the validator looked at: all of a file, a seeded sample of a generator.';
COMMENT ON COLUMN suite_catalogue.scorers IS 'Scorers of the examined questions, in alphabetical order.';
COMMENT ON COLUMN suite_catalogue.max_tokens IS 'Longest answer allowed, tokens; NULL where no question was examined.';
COMMENT ON COLUMN suite_catalogue.prompt_characters_median IS 'Median length of the examined prompts; NULL where none was examined.';
COMMENT ON COLUMN suite_catalogue.computed_share_ratio IS 'Share of the examined questions that bring Python which works out their answer.';
COMMENT ON COLUMN suite_catalogue.verified_share_ratio IS 'Share of the examined questions whose answer was found right by a second way: an independent solver, the Python they bring, or a reference program that passes the tests.';
COMMENT ON COLUMN suite_catalogue.solved_share_ratio IS 'Share of the examined questions that an independent solver, reading the prompt alone, answered.';
COMMENT ON COLUMN suite_catalogue.needs_judge IS 'Examined questions that no rule can score.';
COMMENT ON COLUMN suite_catalogue.errors IS 'Findings of the validator that make a question unusable.';
COMMENT ON COLUMN suite_catalogue.warnings IS 'Findings of the validator that somebody should look at.';
COMMENT ON COLUMN suite_catalogue.dagster_run_id IS 'Dagster run that wrote the row.';
COMMENT ON COLUMN suite_catalogue.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN suite_catalogue.written_at IS 'When the row was written (UTC).';

CREATE TABLE imported_suites (
    name VARCHAR PRIMARY KEY,
    suite VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    entries BIGINT NOT NULL,
    questions BIGINT NOT NULL,
    rejects BIGINT NOT NULL,
    needs_judge BIGINT NOT NULL,
    mapped JSON NOT NULL,
    notes JSON NOT NULL,
    contents_sha256 VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE imported_suites IS 'One row is one file of questions that was imported. Its questions stand in suites/<name>.yaml below the data directory, what could not be used in rejects.';
COMMENT ON COLUMN imported_suites.name IS 'Name of the written file, without .yaml.';
COMMENT ON COLUMN imported_suites.suite IS 'Suite of its questions.';
COMMENT ON COLUMN imported_suites.origin IS 'File it was read from; the source of its rows in rejects.';
COMMENT ON COLUMN imported_suites.layout IS 'questions_list, prompts_map, own (docs/suites.md), or unknown where nothing could be read.';
COMMENT ON COLUMN imported_suites.entries IS 'Questions that the file holds: those taken over and those rejected.';
COMMENT ON COLUMN imported_suites.questions IS 'Questions taken over.';
COMMENT ON COLUMN imported_suites.rejects IS 'Rejects, with their reasons in rejects.';
COMMENT ON COLUMN imported_suites.needs_judge IS 'Questions taken over that no rule can score.';
COMMENT ON COLUMN imported_suites.mapped IS 'Their scoring method and ours ("f1 -> f1") to questions.';
COMMENT ON COLUMN imported_suites.notes IS 'What is said otherwise here than there, to questions.';
COMMENT ON COLUMN imported_suites.contents_sha256 IS 'Hash of the file it was read from.';
COMMENT ON COLUMN imported_suites.dagster_run_id IS 'Dagster run that wrote the row.';
COMMENT ON COLUMN imported_suites.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN imported_suites.written_at IS 'When the row was written (UTC).';
