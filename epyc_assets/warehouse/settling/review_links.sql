-- Settles what a review file belongs to: the run that it judges (result_pk) and, where the file was renamed by hand,
-- the row of the master table (alias_of).
--
-- A run is found by role and config, which the names of both say. Several run directories can have it; the rule that
-- chooses the run that represents a row of the master table then decides: it orders by the reviews, which are the same
-- for all of them, then by run directory, the last first, then by role, which is the same too. Copies of one run
-- directory are told apart by their key. Summaries and files of many models have no role and no run.

UPDATE history.review_file AS review
SET result_pk = chosen.result_pk
FROM (
    SELECT
        review_file.review_pk,
        first(benchmark_result.result_pk ORDER BY benchmark_result.run_dir DESC NULLS LAST, benchmark_result.result_pk)
            FILTER (benchmark_result.result_pk IS NOT NULL) AS result_pk
    FROM history.review_file
    LEFT JOIN history.benchmark_result
        ON benchmark_result.role = review_file.role AND benchmark_result.config = review_file.config
    GROUP BY review_file.review_pk
) AS chosen
WHERE review.review_pk = chosen.review_pk AND review.result_pk IS DISTINCT FROM chosen.result_pk;

UPDATE history.review_file AS review
SET alias_of = found.row_name
FROM (
    SELECT review_file.review_pk, review_alias.row_name
    FROM history.review_file
    LEFT JOIN history.review_alias ON review_alias.name = review_file.name
) AS found
WHERE review.review_pk = found.review_pk AND review.alias_of IS DISTINCT FROM found.row_name;
