-- One row per judgment of one answer by one judge. A file with the contents of another is no judgment of its own. So far all are the imported record's; the platform's own judges come beside them.
-- kind: view
-- key: origin, review_id
-- column: origin: history (the imported record).
-- column: review_id: Review file and row.
-- column: review: Name of the review.
-- column: judge: Who judged, as far as the record says: plain (December and January), rescored (the later, stricter judge), relative, legacy or orchestrator.
-- column: scale_max: Highest score of the judge's scale: 3, or 10 for relative ones.
-- column: role: Role whose answers were judged.
-- column: model: Model whose answers were judged: that of the result the review belongs to, else the one the review names.
-- column: config: Config under which they were given.
-- column: suite: Suite of the question.
-- column: question_id: The question.
-- column: score: The judge's score.
-- column: passed: The score is 2 or 3 of 3; NULL on other scales.
-- column: reason: The judge's words.
-- column: inherited: The review is of a speculation or lookup config, whose quality was copied from its base: leave it out of averages.
-- column: quality_flags: Doubts: template_reason, unverified_reason, ragged.
SELECT
    'history' AS origin,
    review_score.review_pk || ':' || review_score.ordinal AS review_id,
    review_file.name AS review,
    review_file.kind AS judge,
    review_file.scale_max,
    review_file.role,
    coalesce(benchmark_result.model, review_score.subject_model, review_file.alias_of) AS model,
    review_file.config,
    review_score.suite,
    review_score.question_id,
    review_score.score,
    CASE WHEN review_file.scale_max = 3 THEN review_score.score >= 2 END AS passed,
    review_score.reason,
    coalesce(regexp_matches(review_file.config, '(^|_)(spec|lookup)_'), false) AS inherited,
    review_score.quality_flags
FROM history.review_score
INNER JOIN history.review_file ON review_score.review_pk = review_file.review_pk
INNER JOIN history.source_file ON review_file.source_file_id = source_file.source_file_id
LEFT JOIN history.benchmark_result ON review_file.result_pk = benchmark_result.result_pk
WHERE review_file.kind <> 'wide'
    AND review_score.score IS NOT NULL
    AND source_file.duplicate_of IS NULL
