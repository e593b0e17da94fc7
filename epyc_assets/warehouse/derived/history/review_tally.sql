-- One row is one review of answers on the scale from 0 to 3, by the file: how many reviewed answers passed, by suite. A score of 2 or more passes.
-- key: review_pk
-- column: review_pk: The review (review_file).
-- column: name: The file's name without .csv.
-- column: kind: rescored, plain or orchestrator, as in review_file; legacy reviews are listed, but have no claude_score and count nothing.
-- column: record_folder: What precedes results/reviews in the path: empty, or the folder of a copy of the record. Only files directly in results/reviews are here.
-- column: thinking_passes: Answers of suite thinking that scored 2 or 3.
-- column: thinking_reviewed: Answers of suite thinking with a whole score from 0 to 3; rows without one are no judgement.
-- column: general_passes: Answers of suite general that scored 2 or 3.
-- column: general_reviewed: Answers of suite general with a whole score from 0 to 3; rows without one are no judgement.
-- column: math_passes: Answers of suite math that scored 2 or 3.
-- column: math_reviewed: Answers of suite math with a whole score from 0 to 3; rows without one are no judgement.
-- column: agentic_passes: Answers of suite agentic that scored 2 or 3.
-- column: agentic_reviewed: Answers of suite agentic with a whole score from 0 to 3; rows without one are no judgement.
-- column: coder_passes: Answers of suite coder that scored 2 or 3.
-- column: coder_reviewed: Answers of suite coder with a whole score from 0 to 3; rows without one are no judgement.
-- column: instruction_precision_passes: Answers of suite instruction_precision that scored 2 or 3.
-- column: instruction_precision_reviewed: Answers of suite instruction_precision with a whole score from 0 to 3; rows without one are no judgement.
-- column: long_context_passes: Answers of suite long_context that scored 2 or 3.
-- column: long_context_reviewed: Answers of suite long_context with a whole score from 0 to 3; rows without one are no judgement.
-- column: vl_passes: Answers of suite vl that scored 2 or 3.
-- column: vl_reviewed: Answers of suite vl with a whole score from 0 to 3; rows without one are no judgement.
-- column: total_passes: Sum over the eight suites.
-- column: total_reviewed: Sum over the eight suites.
-- column: pct: 100 * total_passes / total_reviewed, two decimals, halves to even; worked out in whole numbers. NULL where nothing was reviewed.
WITH judged AS (
    SELECT
        review_file.review_pk,
        review_score.suite,
        review_score.score
    FROM history.review_file
    INNER JOIN history.review_score ON review_file.review_pk = review_score.review_pk
    WHERE review_file.kind IN ('plain', 'rescored', 'orchestrator')
        AND review_score.score BETWEEN 0 AND 3
),

counted AS (
    SELECT
        review_pk,
        count(*) FILTER (WHERE suite = 'thinking' AND score >= 2) AS thinking_passes,
        count(*) FILTER (WHERE suite = 'thinking') AS thinking_reviewed,
        count(*) FILTER (WHERE suite = 'general' AND score >= 2) AS general_passes,
        count(*) FILTER (WHERE suite = 'general') AS general_reviewed,
        count(*) FILTER (WHERE suite = 'math' AND score >= 2) AS math_passes,
        count(*) FILTER (WHERE suite = 'math') AS math_reviewed,
        count(*) FILTER (WHERE suite = 'agentic' AND score >= 2) AS agentic_passes,
        count(*) FILTER (WHERE suite = 'agentic') AS agentic_reviewed,
        count(*) FILTER (WHERE suite = 'coder' AND score >= 2) AS coder_passes,
        count(*) FILTER (WHERE suite = 'coder') AS coder_reviewed,
        count(*) FILTER (WHERE suite = 'instruction_precision' AND score >= 2) AS instruction_precision_passes,
        count(*) FILTER (WHERE suite = 'instruction_precision') AS instruction_precision_reviewed,
        count(*) FILTER (WHERE suite = 'long_context' AND score >= 2) AS long_context_passes,
        count(*) FILTER (WHERE suite = 'long_context') AS long_context_reviewed,
        count(*) FILTER (WHERE suite = 'vl' AND score >= 2) AS vl_passes,
        count(*) FILTER (WHERE suite = 'vl') AS vl_reviewed
    FROM judged
    GROUP BY review_pk
),

summed AS (
    SELECT
        review_file.review_pk,
        review_file.name,
        review_file.kind,
        regexp_extract(source_file.path, '^((?:[^/]+/)*?)results/reviews/', 1) AS record_folder,
        coalesce(counted.thinking_passes, 0) AS thinking_passes,
        coalesce(counted.thinking_reviewed, 0) AS thinking_reviewed,
        coalesce(counted.general_passes, 0) AS general_passes,
        coalesce(counted.general_reviewed, 0) AS general_reviewed,
        coalesce(counted.math_passes, 0) AS math_passes,
        coalesce(counted.math_reviewed, 0) AS math_reviewed,
        coalesce(counted.agentic_passes, 0) AS agentic_passes,
        coalesce(counted.agentic_reviewed, 0) AS agentic_reviewed,
        coalesce(counted.coder_passes, 0) AS coder_passes,
        coalesce(counted.coder_reviewed, 0) AS coder_reviewed,
        coalesce(counted.instruction_precision_passes, 0) AS instruction_precision_passes,
        coalesce(counted.instruction_precision_reviewed, 0) AS instruction_precision_reviewed,
        coalesce(counted.long_context_passes, 0) AS long_context_passes,
        coalesce(counted.long_context_reviewed, 0) AS long_context_reviewed,
        coalesce(counted.vl_passes, 0) AS vl_passes,
        coalesce(counted.vl_reviewed, 0) AS vl_reviewed,
        coalesce(counted.thinking_passes, 0)
            + coalesce(counted.general_passes, 0)
            + coalesce(counted.math_passes, 0)
            + coalesce(counted.agentic_passes, 0)
            + coalesce(counted.coder_passes, 0)
            + coalesce(counted.instruction_precision_passes, 0)
            + coalesce(counted.long_context_passes, 0)
            + coalesce(counted.vl_passes, 0) AS total_passes,
        coalesce(counted.thinking_reviewed, 0)
            + coalesce(counted.general_reviewed, 0)
            + coalesce(counted.math_reviewed, 0)
            + coalesce(counted.agentic_reviewed, 0)
            + coalesce(counted.coder_reviewed, 0)
            + coalesce(counted.instruction_precision_reviewed, 0)
            + coalesce(counted.long_context_reviewed, 0)
            + coalesce(counted.vl_reviewed, 0) AS total_reviewed
    FROM history.review_file
    INNER JOIN history.source_file ON review_file.source_file_id = source_file.source_file_id
    LEFT JOIN counted ON review_file.review_pk = counted.review_pk
    WHERE review_file.kind NOT IN ('relative', 'wide')
        AND regexp_matches(source_file.path, '^([^/]+/)*results/reviews/[^/]+$')
)

SELECT
    *,
    -- In hundredths of a percent: the whole part, plus one where the remainder is above half, or half beside an odd one.
    (
        10000 * total_passes // nullif(total_reviewed, 0)
        + CASE
            WHEN 2 * (10000 * total_passes % nullif(total_reviewed, 0)) > total_reviewed THEN 1
            WHEN 2 * (10000 * total_passes % nullif(total_reviewed, 0)) = total_reviewed
                THEN 10000 * total_passes // total_reviewed % 2
            ELSE 0
        END
    ) / 100 AS pct
FROM summed
