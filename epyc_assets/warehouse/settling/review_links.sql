-- Settles what a review file belongs to: the run that it judges (result_pk) and, where the file was renamed by hand,
-- the row of the master table (alias_of).
--
-- A run is found by role and config, which the names of both say, in the same copy of the record (what precedes results/
-- in the paths). Several run directories can have it; the rule that chooses the run that represents a row of the master
-- table then decides: it orders by the reviews, which are the same for all of them, then by run directory, the last
-- first, then by role, which is the same too. What is equal even so is told apart by its key. Summaries and files of
-- many models have no role and no run.

UPDATE history.review_file AS review
SET result_pk = chosen.result_pk
FROM (
    WITH reviewed AS (
        SELECT
            review_file.review_pk,
            review_file.role,
            review_file.config,
            regexp_extract(source_file.path, '^((?:[^/]+/)*?)results/reviews/', 1) AS record_folder
        FROM history.review_file
        LEFT JOIN history.source_file USING (source_file_id)
    ),

    ran AS (
        SELECT
            benchmark_result.result_pk,
            benchmark_result.role,
            benchmark_result.config,
            benchmark_result.run_dir,
            regexp_extract(source_file.path, '^((?:[^/]+/)*?)results/runs/', 1) AS record_folder
        FROM history.benchmark_result
        LEFT JOIN history.source_file USING (source_file_id)
    )

    SELECT
        reviewed.review_pk,
        first(ran.result_pk ORDER BY ran.run_dir DESC NULLS LAST, ran.result_pk) AS result_pk
    FROM reviewed
    LEFT JOIN ran
        ON
            reviewed.role = ran.role
            AND reviewed.config = ran.config
            AND reviewed.record_folder IS NOT DISTINCT FROM ran.record_folder
    GROUP BY reviewed.review_pk
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
