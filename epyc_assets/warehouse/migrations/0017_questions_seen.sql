-- Which questions a fleet's models were asked under which seed, so that another seed asks others.

CREATE TABLE questions_seen (
    fleet VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    question_id VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    question_key VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (fleet, suite, seed, question_id)
);
COMMENT ON TABLE questions_seen IS 'One row is one question that a fleet''s question sets have drawn under a seed. Rows stay when the set changes; a draw of a public set under another seed passes them over. Delete rows to let their questions be drawn again.';
COMMENT ON COLUMN questions_seen.fleet IS 'Fleet whose models are asked.';
COMMENT ON COLUMN questions_seen.suite IS 'Suite the question belongs to, for example gsm8k.';
COMMENT ON COLUMN questions_seen.question_id IS 'Question, as in questions.';
COMMENT ON COLUMN questions_seen.seed IS 'Seed of the question set that drew it.';
COMMENT ON COLUMN questions_seen.question_key IS 'Of a public set, the hash of the set''s own words for the question, which stays when the prompt around them or the scorer changes; of other sources the question_id.';
COMMENT ON COLUMN questions_seen.position IS 'Place in the draws of this seed, from 0 in the order in which they were first drawn.';
COMMENT ON COLUMN questions_seen.source IS 'Where the question comes from, for example public:gsm8k.';
COMMENT ON COLUMN questions_seen.first_seen_at IS 'When it was drawn first (UTC).';
COMMENT ON COLUMN questions_seen.dagster_run_id IS 'Dagster run that wrote the row.';
COMMENT ON COLUMN questions_seen.code_version IS 'Version of the code that wrote the row.';
COMMENT ON COLUMN questions_seen.written_at IS 'When the row was written (UTC).';
