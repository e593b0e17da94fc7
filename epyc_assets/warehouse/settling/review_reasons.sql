-- Settles which reasons are templates: the flag template_reason of review_score.
--
-- A reason is a template when the same words, but for case and the blanks around them, explain the scores of five or
-- more different questions (suite and question): words that fit any answer say nothing of this one. Counted, and
-- flagged, are the reviews that score one answer from 0 to 3 in a column claude_score (kinds plain, rescored and
-- orchestrator); relative and legacy files judge by other scales, and summaries have no reasons.

UPDATE history.review_score AS score
SET quality_flags = settled.quality_flags
FROM (
    SELECT
        flagged.review_pk,
        flagged.ordinal,
        CASE
            WHEN templates.words IS NULL THEN flagged.kept_flags
            ELSE list_append(flagged.kept_flags, 'template_reason')
        END AS quality_flags
    FROM (
        SELECT
            review_score.review_pk,
            review_score.ordinal,
            list_filter(review_score.quality_flags, lambda flag: flag <> 'template_reason') AS kept_flags,
            CASE WHEN review_file.kind IN ('plain', 'rescored', 'orchestrator') THEN lower(trim(review_score.reason)) END AS words
        FROM history.review_score
        JOIN history.review_file USING (review_pk)
    ) AS flagged
    LEFT JOIN (
        SELECT lower(trim(review_score.reason)) AS words
        FROM history.review_score
        JOIN history.review_file USING (review_pk)
        WHERE review_file.kind IN ('plain', 'rescored', 'orchestrator') AND trim(review_score.reason) <> ''
        GROUP BY words
        HAVING count(DISTINCT (review_score.suite, review_score.question_id)) >= 5
    ) AS templates ON templates.words = flagged.words
) AS settled
WHERE
    score.review_pk = settled.review_pk
    AND score.ordinal = settled.ordinal
    AND score.quality_flags IS DISTINCT FROM settled.quality_flags;
