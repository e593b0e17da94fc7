-- One row is one row of the hand-kept master table (reviews/summary.csv), its cells under the columns they belong to, with what is wrong in it and what the rule gives for the same row (model_summary_aliased).
-- key: source_file_id, line
-- column: source_file_id: The file; copies of it in the record are left out.
-- column: line: Line in the file, from 1 (the header's).
-- column: row_name: The row: a model, with _moeN where fewer experts were active.
-- column: layout: without_vl (18 cells: all from total on stand one column to the left), with_vl (19), without_vl_note (19, shifted, and a note) or with_vl_note (20).
-- column: n_cells: Cells of the row; the header has 19.
-- column: faults: What is wrong.
--     Form: shifted_layout (cells do not stand under their header), unnamed_column (one more cell than the header), odd_cell (neither p/r nor a dash).
--     Row: phantom_row (no model: nothing was reviewed and nothing measured), no_source (neither a run nor a review of the record has the row), no_run (no run has it), no_review (the record has no review for its figures).
--     Arithmetic: total_not_sum (of the suites), pct_not_nearest (to its own total), pct_tie (exactly between two whole numbers, which the table rounds now up, now down).
--     Scale: other_scale (points out of three times as many, not answers that passed).
--     Mark: dagger_without_rescored (says rescored, but no rescored review counts for it), rescored_without_dagger.
--     Against the rule: <column>_differs for suites, total, pct and speeds; tps_is_mean (the mean where the rest of the table has medians); cells_of_another_row (its suites are those of equals_rows); vl_under_long_context.
-- column: n_faults: How many of faults.
-- column: equals_rows: Rows of the derived table with the same cells in every suite, where this row's own differ.
-- column: swapped_with: A row that has this one's cells, as this one has its.
-- column: review_name: Review that the rule takes for the row.
-- column: review_kind: Its kind: rescored or plain.
-- column: thinking: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_thinking: The same by the rule; a dash for none.
-- column: general: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_general: The same by the rule; a dash for none.
-- column: math: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_math: The same by the rule; a dash for none.
-- column: agentic: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_agentic: The same by the rule; a dash for none.
-- column: coder: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_coder: The same by the rule; a dash for none.
-- column: instruction_precision: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_instruction_precision: The same by the rule; a dash for none.
-- column: long_context: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_long_context: The same by the rule; a dash for none.
-- column: vl: passed/reviewed of the suite as written; a dash or NULL for none.
-- column: derived_vl: The same by the rule; a dash for none.
-- column: total: passed/reviewed of all suites as written.
-- column: derived_total: By the rule.
-- column: pct_str: Percentage with its mark as written.
-- column: pct: Its number.
-- column: derived_pct: By the rule, two decimals.
-- column: has_dagger: Whether it bears the mark.
-- column: avg_tps: Tokens per second as written; mostly a median in spite of its name.
-- column: derived_tps_median: Median by the rule.
-- column: derived_tps_mean: Mean as the run's file states it.
-- column: spec_draft: Best draft model as written.
-- column: derived_spec_draft: By the rule.
-- column: spec_best_tps: Its best speed as written.
-- column: derived_spec_best_tps: By the rule.
-- column: spec_k_results: Speeds by K as written.
-- column: derived_spec_k_results: By the rule.
-- column: lookup_best_tps: Best speed with prompt lookup as written.
-- column: derived_lookup_best_tps: By the rule.
-- column: lookup_n_results: Speeds by n as written.
-- column: derived_lookup_n_results: By the rule.
-- column: spec_lookup_best_tps: Best speed with both as written; no run of the record has both.
-- column: spec_lookup_results: Those speeds as written.
-- column: note: Remark after the last column.
WITH lines AS (
    SELECT
        line.*,
        try_cast(regexp_extract(line.total, '^(\d+)/(\d+)$', 1) AS BIGINT) AS total_passes,
        try_cast(regexp_extract(line.total, '^(\d+)/(\d+)$', 2) AS BIGINT) AS total_reviewed,
        try_cast(regexp_extract(line.pct_str, '^(\d+(?:\.\d+)?)%', 1) AS DOUBLE) AS pct,
        try_cast(line.avg_tps AS DOUBLE) AS tps
    FROM history.committed_summary_line AS line
    INNER JOIN history.source_file ON line.source_file_id = source_file.source_file_id
    WHERE source_file.duplicate_of IS NULL
),

written_text AS (
    SELECT
        source_file_id,
        line,
        model,
        unnest([
            'thinking',
            'general',
            'math',
            'agentic',
            'coder',
            'instruction_precision',
            'long_context',
            'vl'
        ]) AS suite,
        unnest([
            thinking,
            general,
            math,
            agentic,
            coder,
            instruction_precision,
            long_context,
            vl
        ]) AS cell
    FROM lines
),

written AS (
    SELECT
        source_file_id,
        line,
        model,
        suite,
        coalesce(try_cast(regexp_extract(cell, '^(\d+)/(\d+)$', 1) AS BIGINT), 0) AS passes,
        coalesce(try_cast(regexp_extract(cell, '^(\d+)/(\d+)$', 2) AS BIGINT), 0) AS reviewed,
        cell IS NOT NULL AND cell <> '-' AND NOT regexp_matches(cell, '^\d+/\d+$') AS is_odd
    FROM written_text
),

derived AS (
    SELECT
        row_name,
        unnest([
            'thinking',
            'general',
            'math',
            'agentic',
            'coder',
            'instruction_precision',
            'long_context',
            'vl'
        ]) AS suite,
        unnest([
            thinking_passes,
            general_passes,
            math_passes,
            agentic_passes,
            coder_passes,
            instruction_precision_passes,
            long_context_passes,
            vl_passes
        ]) AS passes,
        unnest([
            thinking_reviewed,
            general_reviewed,
            math_reviewed,
            agentic_reviewed,
            coder_reviewed,
            instruction_precision_reviewed,
            long_context_reviewed,
            vl_reviewed
        ]) AS reviewed
    FROM history.model_summary_aliased
),

-- A row's suites as one text, to find rows with the same cells.
derived_row AS (
    SELECT
        row_name,
        string_agg(passes || '/' || reviewed, ' ' ORDER BY suite) AS cells
    FROM derived
    GROUP BY row_name
    HAVING sum(reviewed) > 0
),

written_row AS (
    SELECT
        written.source_file_id,
        written.line,
        any_value(written.model) AS model,
        sum(written.passes) AS passes,
        sum(written.reviewed) AS reviewed,
        string_agg(written.passes || '/' || written.reviewed, ' ' ORDER BY written.suite) AS cells,
        any_value(derived_row.cells) AS own_cells,
        bool_or(written.is_odd) AS is_odd,
        -- No suite has more than 14 questions.
        bool_and(written.reviewed % 3 = 0 AND written.reviewed > 20)
            FILTER (WHERE written.reviewed > 0) AS is_other_scale,
        list(written.suite || '_differs' ORDER BY written.suite)
            FILTER (
                WHERE derived_row.cells IS NOT NULL
                    AND (written.passes <> derived.passes OR written.reviewed <> derived.reviewed)
            ) AS differing,
        any_value(written.passes || '/' || written.reviewed) FILTER (WHERE written.suite = 'long_context')
        = any_value(derived.passes || '/' || derived.reviewed)
            FILTER (WHERE derived.suite = 'vl' AND derived.reviewed > 0) AS long_context_is_vl,
        sum(written.reviewed) FILTER (WHERE written.suite = 'vl') = 0 AS has_no_vl
    FROM written
    LEFT JOIN derived ON written.model = derived.row_name AND written.suite = derived.suite
    LEFT JOIN derived_row ON written.model = derived_row.row_name
    GROUP BY written.source_file_id, written.line
),

equal_rows AS (
    SELECT
        written_row.source_file_id,
        written_row.line,
        list(derived_row.row_name ORDER BY derived_row.row_name) AS equals_rows
    FROM written_row
    INNER JOIN derived_row ON written_row.cells = derived_row.cells
    WHERE written_row.cells IS DISTINCT FROM written_row.own_cells
        AND NOT coalesce(written_row.is_other_scale, false)
    GROUP BY written_row.source_file_id, written_row.line
),

swaps AS (
    SELECT
        one.source_file_id,
        one.line,
        min(other.model) AS swapped_with
    FROM written_row AS one
    INNER JOIN written_row AS other
        ON one.source_file_id = other.source_file_id
        AND one.cells = other.own_cells
        AND other.cells = one.own_cells
    WHERE one.cells <> one.own_cells
    GROUP BY one.source_file_id, one.line
)

SELECT
    lines.source_file_id,
    lines.line,
    lines.model AS row_name,
    lines.layout,
    lines.n_cells,
    list_concat(
        list_filter(
            [
                CASE WHEN starts_with(lines.layout, 'without_vl') THEN 'shifted_layout' END,
                CASE WHEN lines.n_cells > 19 THEN 'unnamed_column' END,
                CASE WHEN written_row.is_odd THEN 'odd_cell' END,
                CASE
                    WHEN written_row.reviewed = 0 AND coalesce(lines.tps, 0) = 0 AND summary.row_name IS NULL
                        THEN 'phantom_row'
                    WHEN summary.row_name IS NULL THEN 'no_source'
                    WHEN NOT summary.has_run THEN 'no_run'
                END,
                CASE
                    WHEN summary.row_name IS NOT NULL AND summary.total_reviewed = 0 AND written_row.reviewed > 0
                        THEN 'no_review'
                END,
                CASE
                    WHEN lines.total_passes IS DISTINCT FROM written_row.passes
                        OR lines.total_reviewed IS DISTINCT FROM written_row.reviewed
                        THEN 'total_not_sum'
                END,
                CASE
                    WHEN 2 * abs(lines.pct * lines.total_reviewed - 100 * lines.total_passes) > lines.total_reviewed
                        THEN 'pct_not_nearest'
                    WHEN 2 * abs(lines.pct * lines.total_reviewed - 100 * lines.total_passes) = lines.total_reviewed
                        AND lines.total_reviewed > 0
                        THEN 'pct_tie'
                END,
                CASE WHEN written_row.is_other_scale THEN 'other_scale' END,
                CASE
                    WHEN lines.has_dagger AND summary.review_kind IS DISTINCT FROM 'rescored'
                        THEN 'dagger_without_rescored'
                    WHEN NOT lines.has_dagger AND summary.review_kind = 'rescored' THEN 'rescored_without_dagger'
                END,
                CASE WHEN equal_rows.line IS NOT NULL THEN 'cells_of_another_row' END,
                CASE
                    WHEN written_row.long_context_is_vl AND written_row.has_no_vl THEN 'vl_under_long_context'
                END,
                CASE
                    WHEN summary.total_reviewed > 0
                        AND (lines.total_passes, lines.total_reviewed)
                        IS DISTINCT FROM (summary.total_passes, summary.total_reviewed)
                        THEN 'total_differs'
                END,
                -- The table has whole numbers, and the thousandth lets the rounding of a half pass either way.
                CASE WHEN abs(lines.pct - summary.pct) > 0.501 THEN 'pct_differs' END,
                CASE
                    WHEN NOT coalesce(summary.has_run, false) OR abs(lines.tps - summary.tps_median) <= 0.0501 THEN NULL
                    WHEN abs(lines.tps - summary.tps_mean) <= 0.0501 THEN 'tps_is_mean'
                    WHEN lines.tps IS NOT NULL OR summary.tps_median IS NOT NULL THEN 'tps_differs'
                END,
                CASE
                    WHEN summary.has_run AND lines.spec_draft IS DISTINCT FROM summary.spec_draft
                        THEN 'spec_draft_differs'
                END,
                CASE
                    WHEN summary.has_run
                        AND try_cast(lines.spec_best_tps AS DOUBLE) IS DISTINCT FROM summary.spec_best_tps
                        THEN 'spec_best_tps_differs'
                END,
                CASE
                    WHEN summary.has_run AND lines.spec_k_results IS DISTINCT FROM summary.spec_k_results
                        THEN 'spec_k_results_differs'
                END,
                CASE
                    WHEN summary.has_run
                        AND try_cast(lines.lookup_best_tps AS DOUBLE) IS DISTINCT FROM summary.lookup_best_tps
                        THEN 'lookup_best_tps_differs'
                END,
                CASE
                    WHEN summary.has_run AND lines.lookup_n_results IS DISTINCT FROM summary.lookup_n_results
                        THEN 'lookup_n_results_differs'
                END
            ],
            lambda fault: fault IS NOT NULL
        ),
        coalesce(written_row.differing, CAST([] AS VARCHAR[]))
    ) AS faults,
    len(faults) AS n_faults,
    coalesce(equal_rows.equals_rows, CAST([] AS VARCHAR[])) AS equals_rows,
    swaps.swapped_with,
    summary.review_name,
    summary.review_kind,
    lines.thinking,
    CASE WHEN summary.thinking_reviewed > 0 THEN summary.thinking_passes || '/' || summary.thinking_reviewed ELSE '-' END
        AS derived_thinking,
    lines.general,
    CASE WHEN summary.general_reviewed > 0 THEN summary.general_passes || '/' || summary.general_reviewed ELSE '-' END
        AS derived_general,
    lines.math,
    CASE WHEN summary.math_reviewed > 0 THEN summary.math_passes || '/' || summary.math_reviewed ELSE '-' END
        AS derived_math,
    lines.agentic,
    CASE WHEN summary.agentic_reviewed > 0 THEN summary.agentic_passes || '/' || summary.agentic_reviewed ELSE '-' END
        AS derived_agentic,
    lines.coder,
    CASE WHEN summary.coder_reviewed > 0 THEN summary.coder_passes || '/' || summary.coder_reviewed ELSE '-' END
        AS derived_coder,
    lines.instruction_precision,
    CASE WHEN summary.instruction_precision_reviewed > 0 THEN summary.instruction_precision_passes || '/' || summary.instruction_precision_reviewed ELSE '-' END
        AS derived_instruction_precision,
    lines.long_context,
    CASE WHEN summary.long_context_reviewed > 0 THEN summary.long_context_passes || '/' || summary.long_context_reviewed ELSE '-' END
        AS derived_long_context,
    lines.vl,
    CASE WHEN summary.vl_reviewed > 0 THEN summary.vl_passes || '/' || summary.vl_reviewed ELSE '-' END
        AS derived_vl,
    lines.total,
    summary.total_passes || '/' || summary.total_reviewed AS derived_total,
    lines.pct_str,
    lines.pct,
    summary.pct AS derived_pct,
    lines.has_dagger,
    lines.avg_tps,
    summary.tps_median AS derived_tps_median,
    summary.tps_mean AS derived_tps_mean,
    lines.spec_draft,
    summary.spec_draft AS derived_spec_draft,
    lines.spec_best_tps,
    summary.spec_best_tps AS derived_spec_best_tps,
    lines.spec_k_results,
    summary.spec_k_results AS derived_spec_k_results,
    lines.lookup_best_tps,
    summary.lookup_best_tps AS derived_lookup_best_tps,
    lines.lookup_n_results,
    summary.lookup_n_results AS derived_lookup_n_results,
    lines.spec_lookup_best_tps,
    lines.spec_lookup_results,
    lines.note
FROM lines
LEFT JOIN written_row ON lines.source_file_id = written_row.source_file_id AND lines.line = written_row.line
LEFT JOIN equal_rows ON lines.source_file_id = equal_rows.source_file_id AND lines.line = equal_rows.line
LEFT JOIN swaps ON lines.source_file_id = swaps.source_file_id AND lines.line = swaps.line
LEFT JOIN history.model_summary_aliased AS summary ON lines.model = summary.row_name
