-- One row is one row of the hand-kept master table (reviews/summary.csv), its cells put under the right headings by the width of the row, beside what the rule derives, and what is wrong in it.
-- key: source_file_id, line
-- column: source_file_id: The file.
-- column: line: Line in it.
-- column: model: The row's name as written by hand.
-- column: row_name: Row of model_summary_aliased of that name; NULL where nothing in the record has it.
-- column: layout: Header it was written under: with_vl, without_vl (older: from total on its cells stand one column to the left of the header), each also _note (with a note).
-- column: thinking_passes: Passes in suite thinking, as written; NULL for none.
-- column: thinking_reviewed: Of how many, as written.
-- column: general_passes: Passes in suite general, as written; NULL for none.
-- column: general_reviewed: Of how many, as written.
-- column: math_passes: Passes in suite math, as written; NULL for none.
-- column: math_reviewed: Of how many, as written.
-- column: agentic_passes: Passes in suite agentic, as written; NULL for none.
-- column: agentic_reviewed: Of how many, as written.
-- column: coder_passes: Passes in suite coder, as written; NULL for none.
-- column: coder_reviewed: Of how many, as written.
-- column: instruction_precision_passes: Passes in suite instruction_precision, as written; NULL for none.
-- column: instruction_precision_reviewed: Of how many, as written.
-- column: long_context_passes: Passes in suite long_context, as written; NULL for none.
-- column: long_context_reviewed: Of how many, as written.
-- column: vl_passes: Passes in suite vl, as written; NULL for none.
-- column: vl_reviewed: Of how many, as written.
-- column: total_passes: Total as written.
-- column: total_reviewed: Total as written.
-- column: pct: Percentage as written, without its mark.
-- column: has_dagger: Whether the percentage is marked, which mostly means: by the stricter judge (rescored).
-- column: avg_tps: Speed as written, tokens per second.
-- column: spec_draft: Draft as written.
-- column: spec_best_tps: Best speculation as written, tokens per second.
-- column: lookup_best_tps: Best lookup as written, tokens per second.
-- column: note: The note at its end.
-- column: derived_total_passes: By the rule.
-- column: derived_total_reviewed: By the rule.
-- column: derived_pct: By the rule.
-- column: derived_tps_median: By the rule.
-- column: derived_spec_best_tps: By the rule.
-- column: derived_lookup_best_tps: By the rule.
-- column: derived_review_kind: rescored or plain.
-- column: n_faults: How many things are wrong.
-- column: faults: What is wrong, in words.
WITH lines AS (
    SELECT
        written.source_file_id,
        written.line,
        written.model,
        derived.row_name,
        written.layout,
        try_cast(nullif(regexp_extract(written.thinking, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS thinking_passes,
        try_cast(nullif(regexp_extract(written.thinking, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS thinking_reviewed,
        try_cast(nullif(regexp_extract(written.general, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS general_passes,
        try_cast(nullif(regexp_extract(written.general, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS general_reviewed,
        try_cast(nullif(regexp_extract(written.math, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS math_passes,
        try_cast(nullif(regexp_extract(written.math, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS math_reviewed,
        try_cast(nullif(regexp_extract(written.agentic, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS agentic_passes,
        try_cast(nullif(regexp_extract(written.agentic, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS agentic_reviewed,
        try_cast(nullif(regexp_extract(written.coder, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS coder_passes,
        try_cast(nullif(regexp_extract(written.coder, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS coder_reviewed,
        try_cast(nullif(regexp_extract(written.instruction_precision, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS instruction_precision_passes,
        try_cast(nullif(regexp_extract(written.instruction_precision, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS instruction_precision_reviewed,
        try_cast(nullif(regexp_extract(written.long_context, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS long_context_passes,
        try_cast(nullif(regexp_extract(written.long_context, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS long_context_reviewed,
        try_cast(nullif(regexp_extract(written.vl, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS vl_passes,
        try_cast(nullif(regexp_extract(written.vl, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS vl_reviewed,
        try_cast(nullif(regexp_extract(written.total, '^(\d+)/(\d+)$', 1), '') AS BIGINT) AS total_passes,
        try_cast(nullif(regexp_extract(written.total, '^(\d+)/(\d+)$', 2), '') AS BIGINT) AS total_reviewed,
        try_cast(nullif(regexp_extract(written.pct_str, '^([0-9.]+)', 1), '') AS DOUBLE) AS pct,
        written.has_dagger,
        try_cast(written.avg_tps AS DOUBLE) AS avg_tps,
        written.spec_draft,
        try_cast(written.spec_best_tps AS DOUBLE) AS spec_best_tps,
        try_cast(written.lookup_best_tps AS DOUBLE) AS lookup_best_tps,
        written.note,
        derived.total_passes AS derived_total_passes,
        derived.total_reviewed AS derived_total_reviewed,
        derived.pct AS derived_pct,
        derived.tps_median AS derived_tps_median,
        derived.spec_best_tps AS derived_spec_best_tps,
        derived.lookup_best_tps AS derived_lookup_best_tps,
        derived.review_kind AS derived_review_kind,
        derived.thinking_passes AS derived_thinking_passes,
        derived.thinking_reviewed AS derived_thinking_reviewed,
        derived.general_passes AS derived_general_passes,
        derived.general_reviewed AS derived_general_reviewed,
        derived.math_passes AS derived_math_passes,
        derived.math_reviewed AS derived_math_reviewed,
        derived.agentic_passes AS derived_agentic_passes,
        derived.agentic_reviewed AS derived_agentic_reviewed,
        derived.coder_passes AS derived_coder_passes,
        derived.coder_reviewed AS derived_coder_reviewed,
        derived.instruction_precision_passes AS derived_instruction_precision_passes,
        derived.instruction_precision_reviewed AS derived_instruction_precision_reviewed,
        derived.long_context_passes AS derived_long_context_passes,
        derived.long_context_reviewed AS derived_long_context_reviewed,
        derived.vl_passes AS derived_vl_passes,
        derived.vl_reviewed AS derived_vl_reviewed
    FROM history.committed_summary_line AS written
    LEFT JOIN history.model_summary_aliased AS derived ON written.model = derived.row_name
),

sums AS (
    SELECT
        *,
        coalesce(thinking_passes, 0)
        + coalesce(general_passes, 0)
        + coalesce(math_passes, 0)
        + coalesce(agentic_passes, 0)
        + coalesce(coder_passes, 0)
        + coalesce(instruction_precision_passes, 0)
        + coalesce(long_context_passes, 0)
        + coalesce(vl_passes, 0) AS sum_passes,
        coalesce(thinking_reviewed, 0)
        + coalesce(general_reviewed, 0)
        + coalesce(math_reviewed, 0)
        + coalesce(agentic_reviewed, 0)
        + coalesce(coder_reviewed, 0)
        + coalesce(instruction_precision_reviewed, 0)
        + coalesce(long_context_reviewed, 0)
        + coalesce(vl_reviewed, 0) AS sum_reviewed
    FROM lines
),

judged AS (
    SELECT
        *,
        list_filter([
            CASE
                WHEN starts_with(layout, 'without_vl')
                    THEN 'written under an older header: from total on its cells stand one column to the left'
            END,
            CASE WHEN row_name IS NULL THEN 'no result and no review of the record belongs to this name' END,
            CASE
                WHEN sum_passes <> total_passes OR sum_reviewed <> total_reviewed
                    THEN printf(
                        'total %d/%d, but its suites add up to %d/%d',
                        total_passes, total_reviewed, sum_passes, sum_reviewed
                    )
            END,
            CASE
                WHEN total_reviewed > 0 AND abs(pct - 100.0 * total_passes / total_reviewed) >= 0.5
                    THEN printf('pct %g for %.2f', pct, 100.0 * total_passes / total_reviewed)
            END,
            CASE
                WHEN derived_total_reviewed > 0 AND total_reviewed = 3 * derived_total_reviewed
                    THEN 'another scale: points of 3 for each answer instead of passes'
            END,
            CASE
                WHEN has_dagger AND derived_total_reviewed > 0 AND derived_review_kind <> 'rescored'
                    THEN 'marked as rescored, but its review is the plain one'
            END,
            CASE
                WHEN NOT has_dagger AND derived_review_kind = 'rescored' AND NOT row_name LIKE 'ORCHESTRATOR%'
                    THEN 'not marked as rescored, but it is'
            END,
            CASE
                WHEN derived_thinking_reviewed = 0 AND thinking_reviewed IS NOT NULL
                    THEN printf('thinking %d/%d, not reviewed in the record', thinking_passes, thinking_reviewed)
                WHEN derived_thinking_reviewed > 0 AND thinking_reviewed IS NULL
                    THEN printf('thinking missing, by rule %d/%d', derived_thinking_passes, derived_thinking_reviewed)
                WHEN thinking_passes <> derived_thinking_passes OR thinking_reviewed <> derived_thinking_reviewed
                    THEN printf(
                        'thinking %d/%d, by rule %d/%d',
                        thinking_passes, thinking_reviewed, derived_thinking_passes, derived_thinking_reviewed
                    )
            END,
            CASE
                WHEN derived_general_reviewed = 0 AND general_reviewed IS NOT NULL
                    THEN printf('general %d/%d, not reviewed in the record', general_passes, general_reviewed)
                WHEN derived_general_reviewed > 0 AND general_reviewed IS NULL
                    THEN printf('general missing, by rule %d/%d', derived_general_passes, derived_general_reviewed)
                WHEN general_passes <> derived_general_passes OR general_reviewed <> derived_general_reviewed
                    THEN printf(
                        'general %d/%d, by rule %d/%d',
                        general_passes, general_reviewed, derived_general_passes, derived_general_reviewed
                    )
            END,
            CASE
                WHEN derived_math_reviewed = 0 AND math_reviewed IS NOT NULL
                    THEN printf('math %d/%d, not reviewed in the record', math_passes, math_reviewed)
                WHEN derived_math_reviewed > 0 AND math_reviewed IS NULL
                    THEN printf('math missing, by rule %d/%d', derived_math_passes, derived_math_reviewed)
                WHEN math_passes <> derived_math_passes OR math_reviewed <> derived_math_reviewed
                    THEN printf(
                        'math %d/%d, by rule %d/%d',
                        math_passes, math_reviewed, derived_math_passes, derived_math_reviewed
                    )
            END,
            CASE
                WHEN derived_agentic_reviewed = 0 AND agentic_reviewed IS NOT NULL
                    THEN printf('agentic %d/%d, not reviewed in the record', agentic_passes, agentic_reviewed)
                WHEN derived_agentic_reviewed > 0 AND agentic_reviewed IS NULL
                    THEN printf('agentic missing, by rule %d/%d', derived_agentic_passes, derived_agentic_reviewed)
                WHEN agentic_passes <> derived_agentic_passes OR agentic_reviewed <> derived_agentic_reviewed
                    THEN printf(
                        'agentic %d/%d, by rule %d/%d',
                        agentic_passes, agentic_reviewed, derived_agentic_passes, derived_agentic_reviewed
                    )
            END,
            CASE
                WHEN derived_coder_reviewed = 0 AND coder_reviewed IS NOT NULL
                    THEN printf('coder %d/%d, not reviewed in the record', coder_passes, coder_reviewed)
                WHEN derived_coder_reviewed > 0 AND coder_reviewed IS NULL
                    THEN printf('coder missing, by rule %d/%d', derived_coder_passes, derived_coder_reviewed)
                WHEN coder_passes <> derived_coder_passes OR coder_reviewed <> derived_coder_reviewed
                    THEN printf(
                        'coder %d/%d, by rule %d/%d',
                        coder_passes, coder_reviewed, derived_coder_passes, derived_coder_reviewed
                    )
            END,
            CASE
                WHEN derived_instruction_precision_reviewed = 0 AND instruction_precision_reviewed IS NOT NULL
                    THEN printf('instruction_precision %d/%d, not reviewed in the record', instruction_precision_passes, instruction_precision_reviewed)
                WHEN derived_instruction_precision_reviewed > 0 AND instruction_precision_reviewed IS NULL
                    THEN printf('instruction_precision missing, by rule %d/%d', derived_instruction_precision_passes, derived_instruction_precision_reviewed)
                WHEN instruction_precision_passes <> derived_instruction_precision_passes OR instruction_precision_reviewed <> derived_instruction_precision_reviewed
                    THEN printf(
                        'instruction_precision %d/%d, by rule %d/%d',
                        instruction_precision_passes, instruction_precision_reviewed, derived_instruction_precision_passes, derived_instruction_precision_reviewed
                    )
            END,
            CASE
                WHEN derived_long_context_reviewed = 0 AND long_context_reviewed IS NOT NULL
                    THEN printf('long_context %d/%d, not reviewed in the record', long_context_passes, long_context_reviewed)
                WHEN derived_long_context_reviewed > 0 AND long_context_reviewed IS NULL
                    THEN printf('long_context missing, by rule %d/%d', derived_long_context_passes, derived_long_context_reviewed)
                WHEN long_context_passes <> derived_long_context_passes OR long_context_reviewed <> derived_long_context_reviewed
                    THEN printf(
                        'long_context %d/%d, by rule %d/%d',
                        long_context_passes, long_context_reviewed, derived_long_context_passes, derived_long_context_reviewed
                    )
            END,
            CASE
                WHEN derived_vl_reviewed = 0 AND vl_reviewed IS NOT NULL
                    THEN printf('vl %d/%d, not reviewed in the record', vl_passes, vl_reviewed)
                WHEN derived_vl_reviewed > 0 AND vl_reviewed IS NULL
                    THEN printf('vl missing, by rule %d/%d', derived_vl_passes, derived_vl_reviewed)
                WHEN vl_passes <> derived_vl_passes OR vl_reviewed <> derived_vl_reviewed
                    THEN printf(
                        'vl %d/%d, by rule %d/%d',
                        vl_passes, vl_reviewed, derived_vl_passes, derived_vl_reviewed
                    )
            END,
            CASE
                WHEN abs(avg_tps - derived_tps_median) > 0.0501
                    THEN printf('avg_tps %g, the median is %.2f', avg_tps, derived_tps_median)
                WHEN avg_tps IS NULL AND derived_tps_median IS NOT NULL
                    THEN printf('avg_tps missing, the median is %.2f', derived_tps_median)
            END,
            CASE
                WHEN spec_best_tps IS DISTINCT FROM derived_spec_best_tps AND row_name IS NOT NULL
                    THEN printf(
                        'spec_best_tps %s, by rule %s',
                        coalesce(spec_best_tps::VARCHAR, 'missing'), coalesce(derived_spec_best_tps::VARCHAR, 'none')
                    )
            END,
            CASE
                WHEN lookup_best_tps IS DISTINCT FROM derived_lookup_best_tps AND row_name IS NOT NULL
                    THEN printf(
                        'lookup_best_tps %s, by rule %s',
                        coalesce(lookup_best_tps::VARCHAR, 'missing'),
                        coalesce(derived_lookup_best_tps::VARCHAR, 'none')
                    )
            END
        ], lambda fault: fault IS NOT NULL) AS faults
    FROM sums
)

SELECT
    source_file_id,
    line,
    model,
    row_name,
    layout,
    thinking_passes,
    thinking_reviewed,
    general_passes,
    general_reviewed,
    math_passes,
    math_reviewed,
    agentic_passes,
    agentic_reviewed,
    coder_passes,
    coder_reviewed,
    instruction_precision_passes,
    instruction_precision_reviewed,
    long_context_passes,
    long_context_reviewed,
    vl_passes,
    vl_reviewed,
    total_passes,
    total_reviewed,
    pct,
    has_dagger,
    avg_tps,
    spec_draft,
    spec_best_tps,
    lookup_best_tps,
    note,
    derived_total_passes,
    derived_total_reviewed,
    derived_pct,
    derived_tps_median,
    derived_spec_best_tps,
    derived_lookup_best_tps,
    derived_review_kind,
    len(faults) AS n_faults,
    faults
FROM judged
