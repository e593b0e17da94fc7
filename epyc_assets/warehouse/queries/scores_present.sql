-- One row is one verdict that is stored.
SELECT
    generation_id,
    scorer,
    scorer_version,
    status,
    -- A sandbox, or by its name a compiler (code_execution says "no g++ here").
    CASE
        WHEN status = 'not_scored' AND scorer = 'code_execution'
            THEN nullif(regexp_extract(explanation, '^not scored: no (sandbox|\S+ here)', 1), '')
    END AS waits_for
FROM scores
