-- One row per pair of reviews of the same answers and suite, and one for all suites together: how far the plain judge and the later, stricter one (rescored) agree.
-- Quadratic weighted kappa (J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968), 213-220) with weights (a - b)^2: one minus observed over expected disagreement, where the disagreement expected by chance is var(a) + var(b) + (mean(a) - mean(b))^2.
-- key: review_pk, suite
-- column: review_pk: The rescored review.
-- column: plain_review_pk: The plain review of the same role and config.
-- column: run_stem: Role and config.
-- column: row_name: Row of the master table, where the review belongs to a result.
-- column: suite: Suite, or all.
-- column: n_common: Answers that both scored.
-- column: n_equal: Answers with the same score.
-- column: agreement_ratio: n_equal over n_common.
-- column: both_pass: Both gave 2 or 3 points.
-- column: plain_only_pass: Only the plain judge did.
-- column: rescored_only_pass: Only the stricter judge did.
-- column: neither_pass: Neither did.
-- column: plain_mean: Mean score of the plain judge, 0 to 3.
-- column: rescored_mean: Mean score of the stricter judge.
-- column: mean_difference: rescored_mean minus plain_mean.
-- column: quadratic_weighted_kappa: 1 is agreement, 0 is what chance gives; NULL where a judge gave one score only and chance explains all.
-- column: plain_template_ratio: Share of the plain judge's reasons that are templates.
-- column: rescored_template_ratio: The same of the stricter judge's.
WITH scored AS (
    SELECT
        review.review_pk,
        review.kind,
        review.run_stem,
        review.result_pk,
        regexp_replace(source_file.path, '[^/]*$', '') AS folder,
        source_file.duplicate_of,
        score.suite,
        score.question_id,
        score.score,
        list_contains(score.quality_flags, 'template_reason') AS is_template
    FROM history.review_file AS review
    INNER JOIN history.source_file ON review.source_file_id = source_file.source_file_id
    INNER JOIN history.review_score AS score ON review.review_pk = score.review_pk
    WHERE review.kind IN ('plain', 'rescored')
        AND review.run_stem IS NOT NULL
        AND score.score IS NOT NULL
        AND score.suite IS NOT NULL
    -- A question scored twice in one review counts once, as it stands first.
    QUALIFY row_number() OVER (PARTITION BY review.review_pk, score.suite, score.question_id ORDER BY score.ordinal) = 1
),

pairs AS (
    SELECT
        rescored.review_pk,
        plain.review_pk AS plain_review_pk,
        rescored.run_stem,
        rescored.result_pk,
        rescored.suite,
        plain.score AS plain_score,
        rescored.score AS rescored_score,
        plain.is_template AS plain_is_template,
        rescored.is_template AS rescored_is_template
    FROM scored AS rescored
    INNER JOIN scored AS plain
        ON rescored.folder = plain.folder
        AND rescored.run_stem = plain.run_stem
        AND rescored.suite = plain.suite
        AND rescored.question_id = plain.question_id
    WHERE rescored.kind = 'rescored'
        -- A copy is no further judgement.
        AND rescored.duplicate_of IS NULL
        AND plain.kind = 'plain'
)

SELECT
    pairs.review_pk,
    pairs.plain_review_pk,
    any_value(pairs.run_stem) AS run_stem,
    any_value(speed.row_name) AS row_name,
    CASE WHEN grouping(pairs.suite) = 1 THEN 'all' ELSE pairs.suite END AS suite,
    count(*) AS n_common,
    count(*) FILTER (WHERE pairs.plain_score = pairs.rescored_score) AS n_equal,
    n_equal / n_common AS agreement_ratio,
    count(*) FILTER (WHERE pairs.plain_score >= 2 AND pairs.rescored_score >= 2) AS both_pass,
    count(*) FILTER (WHERE pairs.plain_score >= 2 AND pairs.rescored_score < 2) AS plain_only_pass,
    count(*) FILTER (WHERE pairs.plain_score < 2 AND pairs.rescored_score >= 2) AS rescored_only_pass,
    count(*) FILTER (WHERE pairs.plain_score < 2 AND pairs.rescored_score < 2) AS neither_pass,
    avg(pairs.plain_score) AS plain_mean,
    avg(pairs.rescored_score) AS rescored_mean,
    avg(pairs.rescored_score) - avg(pairs.plain_score) AS mean_difference,
    -- Times n^2, both sums are of whole numbers and so exact: a variance kept running depends on the order of the rows.
    1 - n_common * sum((pairs.plain_score - pairs.rescored_score) ** 2) / nullif(
        n_common * (sum(pairs.plain_score ** 2) + sum(pairs.rescored_score ** 2))
        - 2 * sum(pairs.plain_score) * sum(pairs.rescored_score),
        0
    ) AS quadratic_weighted_kappa,
    avg(pairs.plain_is_template::INTEGER) AS plain_template_ratio,
    avg(pairs.rescored_is_template::INTEGER) AS rescored_template_ratio
FROM pairs
LEFT JOIN history.benchmark_speed AS speed ON pairs.result_pk = speed.result_pk
GROUP BY GROUPING SETS (
    (pairs.review_pk, pairs.plain_review_pk, pairs.suite),
    (pairs.review_pk, pairs.plain_review_pk)
)
