-- One row is one config that the record measured or its matrix expected.
-- key: config_id
-- column: config_id: Key of the config, a hash of its name.
-- column: config: Its name as recorded.
-- column: family: baseline, moe, spec, lookup or their compounds; unknown for a name of no known form.
-- column: base_config: baseline or moeN: the config whose quality it has.
-- column: moe_experts: Active experts, where reduced.
-- column: draft_role: Role of the draft model, as in the name.
-- column: k: Tokens drafted at a time.
-- column: ngram_n: Length of the n-grams looked up.
-- column: uses_lookup: Whether prompt lookup is part of it.
-- column: is_speed_only: Speculation or lookup is part of it: it inherits quality.
-- column: n_result_files: Result files in the record.
-- column: n_expected: Roles for which the record's matrix expects it.
WITH measured AS (
    SELECT
        config_id,
        config,
        min(family) AS family,
        min(moe_experts) AS moe_experts,
        min(draft_role) AS draft_role,
        min(k) AS k,
        min(ngram_n) AS ngram_n,
        bool_or(uses_lookup) AS uses_lookup,
        bool_or(is_speed_only) AS is_speed_only,
        count(*) AS n_result_files
    FROM history.benchmark_result
    WHERE config_id IS NOT NULL
    GROUP BY
        config_id,
        config
),

expected AS (
    SELECT
        config_id,
        config,
        min(family) AS family,
        min(moe_experts) AS moe_experts,
        min(draft_role) AS draft_role,
        min(k) AS k,
        min(ngram_n) AS ngram_n,
        bool_or(uses_lookup) AS uses_lookup,
        bool_or(is_speed_only) AS is_speed_only,
        count(DISTINCT role_id) AS n_expected
    FROM history.expected_config
    GROUP BY
        config_id,
        config
)

SELECT
    coalesce(measured.config_id, expected.config_id) AS config_id,
    coalesce(measured.config, expected.config) AS config,
    coalesce(measured.family, expected.family) AS family,
    coalesce('moe' || coalesce(measured.moe_experts, expected.moe_experts), 'baseline') AS base_config,
    coalesce(measured.moe_experts, expected.moe_experts) AS moe_experts,
    coalesce(measured.draft_role, expected.draft_role) AS draft_role,
    coalesce(measured.k, expected.k) AS k,
    coalesce(measured.ngram_n, expected.ngram_n) AS ngram_n,
    coalesce(measured.uses_lookup, expected.uses_lookup) AS uses_lookup,
    coalesce(measured.is_speed_only, expected.is_speed_only) AS is_speed_only,
    coalesce(measured.n_result_files, 0) AS n_result_files,
    coalesce(expected.n_expected, 0) AS n_expected
FROM measured
FULL JOIN expected ON measured.config_id = expected.config_id
