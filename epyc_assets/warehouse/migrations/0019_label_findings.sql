-- What the label audit found: labels and verdicts that say less than they seem to (docs/label_audit.md).

CREATE TABLE label_findings (
    finding_id VARCHAR PRIMARY KEY,
    origin VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    suite VARCHAR,
    source VARCHAR,
    scorer VARCHAR,
    question_id VARCHAR,
    actor VARCHAR,
    detail VARCHAR,
    questions BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    evidence VARCHAR NOT NULL,
    example VARCHAR,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE label_findings IS 'One row is one doubt about labels or verdicts that the label audit found: what, where, how many answers it concerns, and why it is one.';
COMMENT ON COLUMN label_findings.finding_id IS 'Hash of origin, record, kind, suite, source, scorer, question_id, actor and detail: the same finding has the same one in each audit.';
COMMENT ON COLUMN label_findings.origin IS 'live (this platform) or history (the imported record).';
COMMENT ON COLUMN label_findings.record IS 'What answer_id of its answers refers to: generation, outcome, result or review.';
COMMENT ON COLUMN label_findings.kind IS 'Kind of the finding; docs/label_audit.md says what each looks for.';
COMMENT ON COLUMN label_findings.severity IS 'error (the outcomes concerned are no evidence: status invalid_label) or warning (look at it).';
COMMENT ON COLUMN label_findings.suite IS 'Suite concerned; NULL for several.';
COMMENT ON COLUMN label_findings.source IS 'Source of its questions, for example generated; of the record the kind of file: routing, runs or reviews.';
COMMENT ON COLUMN label_findings.scorer IS 'Scorer concerned, or the judge of reviews; NULL where the record does not say how it scored.';
COMMENT ON COLUMN label_findings.question_id IS 'Question concerned; NULL where the finding is about several together.';
COMMENT ON COLUMN label_findings.actor IS 'Model or action concerned; NULL for all.';
COMMENT ON COLUMN label_findings.detail IS 'What tells apart several findings of a kind in one place, for example the repeated reason.';
COMMENT ON COLUMN label_findings.questions IS 'Questions concerned.';
COMMENT ON COLUMN label_findings.answers IS 'Answers concerned.';
COMMENT ON COLUMN label_findings.evidence IS 'Why, in words and numbers.';
COMMENT ON COLUMN label_findings.example IS 'One of the questions, answers or reasons, shortened.';

CREATE TABLE label_finding_answers (
    finding_id VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    answer_id VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (finding_id, answer_id)
);
COMMENT ON TABLE label_finding_answers IS 'One row is one answer that a label finding of severity error concerns: its outcome is no evidence.';
COMMENT ON COLUMN label_finding_answers.finding_id IS 'The finding.';
COMMENT ON COLUMN label_finding_answers.origin IS 'live or history.';
COMMENT ON COLUMN label_finding_answers.record IS 'What answer_id refers to: generation (generations.generation_id), outcome (all_outcomes.outcome_id), result (all_results.result_id) or review (all_reviews.review_id).';
COMMENT ON COLUMN label_finding_answers.answer_id IS 'The answer.';

COMMENT ON COLUMN scores.status IS 'scored; not_scored (the explanation says why not); or invalid_label: the question''s reference cannot be matched by any answer, so there is no verdict on the model.';
