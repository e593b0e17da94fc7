-- Reviews of the imported record: a judge's scores by hand, and the master table that was kept by hand.

CREATE TABLE history.review_file (
    source_file_id BIGINT NOT NULL,
    review_pk BIGINT PRIMARY KEY,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    role VARCHAR,
    config VARCHAR,
    run_stem VARCHAR,
    result_pk BIGINT,
    alias_of VARCHAR,
    scale_max BIGINT,
    header VARCHAR,
    n_rows BIGINT NOT NULL,
    n_comment_lines BIGINT NOT NULL,
    comments JSON,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.review_file IS 'One row is one CSV file of results/reviews. Files of its backup folders are snapshots and are in source_file only.';
COMMENT ON COLUMN history.review_file.source_file_id IS 'The file (source_file).';
COMMENT ON COLUMN history.review_file.review_pk IS 'Key of the review, the same number.';
COMMENT ON COLUMN history.review_file.name IS 'The file''s name without .csv.';
COMMENT ON COLUMN history.review_file.kind IS 'rescored (by the later, stricter judge: name ends in _rescored), plain (the earlier one, or several models in one file), orchestrator (answers of the whole stack), relative (scale of ten, a suite in many models), legacy (column `score`, no suite column) or wide (a summary, one row a model).';
COMMENT ON COLUMN history.review_file.role IS 'Role in the file''s name; NULL where the name is not <role>_<config>.';
COMMENT ON COLUMN history.review_file.config IS 'Config in the file''s name.';
COMMENT ON COLUMN history.review_file.run_stem IS '<role>_<config>: the name without _rescored, by which a plain and a rescored review of one run belong together.';
COMMENT ON COLUMN history.review_file.result_pk IS 'The run that was reviewed (benchmark_result), by role and config; NULL where there is none. Set by settling/review_links.sql.';
COMMENT ON COLUMN history.review_file.alias_of IS 'Row of the master table that a file renamed by hand belongs to (review_alias). Set by settling/review_links.sql.';
COMMENT ON COLUMN history.review_file.scale_max IS 'Highest score of its scale: 3, or 10 for relative ones; NULL for summaries.';
COMMENT ON COLUMN history.review_file.header IS 'Its header line as it stands; NULL where it has none.';
COMMENT ON COLUMN history.review_file.n_rows IS 'Rows of review_score that came from it.';
COMMENT ON COLUMN history.review_file.n_comment_lines IS 'Lines that begin with #.';
COMMENT ON COLUMN history.review_file.comments IS 'Those lines, as a list of {line, text}.';
COMMENT ON COLUMN history.review_file.quality_flags IS 'damaged_header (understood by what is left of it), missing_header, unknown_header, no_header (comments only), missing_score_column.';
COMMENT ON COLUMN history.review_file.extra IS 'Nothing so far; for what later layouts may hold.';

CREATE TABLE history.review_score (
    source_file_id BIGINT NOT NULL,
    review_pk BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    line BIGINT NOT NULL,
    suite VARCHAR,
    question_id VARCHAR,
    question_pk BIGINT,
    subject_model VARCHAR,
    tier BIGINT,
    score BIGINT,
    score_raw VARCHAR,
    reason VARCHAR,
    tps DOUBLE,
    latency_ms DOUBLE,
    turns BIGINT,
    quality_flags VARCHAR[] NOT NULL,
    extra JSON,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (review_pk, ordinal)
);
COMMENT ON TABLE history.review_score IS 'One row is one row of a review file: a judge''s verdict on one answer, or in a wide summary one model''s figures.';
COMMENT ON COLUMN history.review_score.source_file_id IS 'The file (source_file).';
COMMENT ON COLUMN history.review_score.review_pk IS 'The review (review_file).';
COMMENT ON COLUMN history.review_score.ordinal IS 'Place among the file''s rows, from 1.';
COMMENT ON COLUMN history.review_score.line IS 'Its first line in the file, from 1.';
COMMENT ON COLUMN history.review_score.suite IS 'Suite of the question: the cell, what stands before the slash in question_id, or what the file''s name says. NULL in wide summaries.';
COMMENT ON COLUMN history.review_score.question_id IS 'Question within the suite. NULL in wide summaries.';
COMMENT ON COLUMN history.review_score.question_pk IS 'Key of the question (suite and question_id), as in question_result.';
COMMENT ON COLUMN history.review_score.subject_model IS 'Whose answer it is, where a file has several: a model or role as it stands. NULL where the file''s name says it.';
COMMENT ON COLUMN history.review_score.tier IS 'Difficulty of the question, where the file says it.';
COMMENT ON COLUMN history.review_score.score IS 'The judge''s score, a whole number of the file''s scale (0 to review_file.scale_max); NULL, never 0, where the cell holds none.';
COMMENT ON COLUMN history.review_score.score_raw IS 'The score''s cell as it stands.';
COMMENT ON COLUMN history.review_score.reason IS 'The judge''s reason; commas that were not quoted put back.';
COMMENT ON COLUMN history.review_score.tps IS 'Tokens per second as copied from the run; NULL for empty, null, N/A and None.';
COMMENT ON COLUMN history.review_score.latency_ms IS 'Time of the whole answer in milliseconds (orchestrator).';
COMMENT ON COLUMN history.review_score.turns IS 'Turns that the answer took (orchestrator).';
COMMENT ON COLUMN history.review_score.quality_flags IS 'template_reason (the same words for five or more questions; set by settling/review_reasons.sql), unverified_reason (the words say that nobody checked), ragged (more cells than the header), short_row (fewer), swallowed_row (its reason holds the next row: a line end is gone), unclosed_quote, stray_quote, score_missing, score_not_integer, score_out_of_scale, missing_question, odd_identifier, repeated_question, replacement_character.';
COMMENT ON COLUMN history.review_score.extra IS 'Cells without a column; `cells` of a wide or short row, `raw_line` where quotes are damaged, `section` = the last comment line before the row, `question_id` as it stood where it was taken apart.';

CREATE TABLE history.review_alias (
    name VARCHAR PRIMARY KEY,
    row_name VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE history.review_alias IS 'One row is one review file that was renamed by hand, and the row of the master table it belongs to (registry/history/review_aliases.yaml).';
COMMENT ON COLUMN history.review_alias.name IS 'The review file''s name without .csv.';
COMMENT ON COLUMN history.review_alias.row_name IS 'Row of the master table: model, and _moeN for fewer experts.';
COMMENT ON COLUMN history.review_alias.evidence IS 'What says so: name (the names are alike), cells (the table''s cells equal the review''s counts), name_and_cells, or documented.';

CREATE TABLE history.committed_summary_line (
    source_file_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    n_cells BIGINT NOT NULL,
    layout VARCHAR NOT NULL,
    model VARCHAR,
    thinking VARCHAR,
    general VARCHAR,
    math VARCHAR,
    agentic VARCHAR,
    coder VARCHAR,
    instruction_precision VARCHAR,
    long_context VARCHAR,
    vl VARCHAR,
    total VARCHAR,
    pct_str VARCHAR,
    avg_tps VARCHAR,
    spec_draft VARCHAR,
    spec_best_tps VARCHAR,
    spec_k_results VARCHAR,
    lookup_best_tps VARCHAR,
    lookup_n_results VARCHAR,
    spec_lookup_best_tps VARCHAR,
    spec_lookup_results VARCHAR,
    note VARCHAR,
    has_dagger BOOLEAN NOT NULL,
    cells JSON NOT NULL,
    quality_flags VARCHAR[] NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_file_id, line)
);
COMMENT ON TABLE history.committed_summary_line IS 'One row is one row of the master table that was kept by hand (reviews/summary.csv), each cell under the column that it belongs to.';
COMMENT ON COLUMN history.committed_summary_line.source_file_id IS 'The file (source_file).';
COMMENT ON COLUMN history.committed_summary_line.line IS 'Its line in the file, from 1 (the header''s).';
COMMENT ON COLUMN history.committed_summary_line.n_cells IS 'How many cells it has: 18, 19 or 20; the header has 19.';
COMMENT ON COLUMN history.committed_summary_line.layout IS 'without_vl (18 cells), with_vl (19), without_vl_note (19, told apart by the place of the percentage) or with_vl_note (20).';
COMMENT ON COLUMN history.committed_summary_line.model IS 'Name of the row: model, and _moeN for fewer experts.';
COMMENT ON COLUMN history.committed_summary_line.thinking IS 'passed/reviewed of that suite, - for none, as written.';
COMMENT ON COLUMN history.committed_summary_line.general IS 'passed/reviewed of that suite, as written.';
COMMENT ON COLUMN history.committed_summary_line.math IS 'passed/reviewed of that suite, as written.';
COMMENT ON COLUMN history.committed_summary_line.agentic IS 'passed/reviewed of that suite, as written.';
COMMENT ON COLUMN history.committed_summary_line.coder IS 'passed/reviewed of that suite, as written.';
COMMENT ON COLUMN history.committed_summary_line.instruction_precision IS 'passed/reviewed of that suite, as written.';
COMMENT ON COLUMN history.committed_summary_line.long_context IS 'passed/reviewed of that suite, as written.';
COMMENT ON COLUMN history.committed_summary_line.vl IS 'passed/reviewed of that suite, as written; NULL in the layouts without it.';
COMMENT ON COLUMN history.committed_summary_line.total IS 'passed/reviewed of all suites, as written.';
COMMENT ON COLUMN history.committed_summary_line.pct_str IS 'Percentage passed with its sign and mark, as written.';
COMMENT ON COLUMN history.committed_summary_line.avg_tps IS 'Tokens per second, as written.';
COMMENT ON COLUMN history.committed_summary_line.spec_draft IS 'Best draft model, as written.';
COMMENT ON COLUMN history.committed_summary_line.spec_best_tps IS 'Tokens per second with it, as written.';
COMMENT ON COLUMN history.committed_summary_line.spec_k_results IS 'Tokens per second by K, as written: k4:10.1,k8:11.2.';
COMMENT ON COLUMN history.committed_summary_line.lookup_best_tps IS 'Best tokens per second with prompt lookup, as written.';
COMMENT ON COLUMN history.committed_summary_line.lookup_n_results IS 'Tokens per second by n, as written.';
COMMENT ON COLUMN history.committed_summary_line.spec_lookup_best_tps IS 'Best tokens per second with both, as written.';
COMMENT ON COLUMN history.committed_summary_line.spec_lookup_results IS 'Those by their parameters, as written.';
COMMENT ON COLUMN history.committed_summary_line.note IS 'Remark after the last column.';
COMMENT ON COLUMN history.committed_summary_line.has_dagger IS 'Whether the percentage bears the mark that the score comes from a rescored review.';
COMMENT ON COLUMN history.committed_summary_line.cells IS 'The cells as they stand, before they were put straight.';
COMMENT ON COLUMN history.committed_summary_line.quality_flags IS 'odd_percentage (no percentage where it should be), unclosed_quote, stray_quote, replacement_character.';
