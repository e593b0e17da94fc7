-- One row is one role of the record: measured, named in its registry, reviewed or put to routing questions.
-- key: role
-- column: role: Its name. Names were re-used for other models: see role_model_history.
-- column: role_id: Key of the role, a hash of its name; NULL for a role that only reviews name.
-- column: is_in_registry: Whether the record's registry has it.
-- column: tier: Tier by the registry.
-- column: registry_model: Model that the registry names for it.
-- column: is_deprecated: Whether the registry calls it deprecated; NULL where it does not have it.
-- column: n_models_measured: Model files that its results were measured on.
-- column: n_result_files: Its result files.
-- column: n_reviews: Review files named after it.
-- column: n_outcomes: Its outcomes in routing evaluations.
WITH registered AS (
    SELECT
        role,
        min(role_id) AS role_id,
        min(tier) AS tier,
        min(model) AS model,
        bool_or(is_deprecated) AS is_deprecated
    FROM history.registry_role
    GROUP BY role
),

measured AS (
    SELECT
        role,
        min(role_id) AS role_id,
        count(DISTINCT model) AS n_models,
        count(*) AS n
    FROM history.benchmark_result
    WHERE role IS NOT NULL
    GROUP BY role
),

reviewed AS (
    SELECT
        role,
        count(*) AS n
    FROM history.review_file
    WHERE role IS NOT NULL
    GROUP BY role
),

tried AS (
    SELECT
        role,
        min(role_id) AS role_id,
        count(*) AS n
    FROM history.role_outcome
    WHERE role IS NOT NULL
    GROUP BY role
),

names AS (
    SELECT role FROM registered
    UNION
    SELECT role FROM measured
    UNION
    SELECT role FROM reviewed
    UNION
    SELECT role FROM tried
)

SELECT
    names.role,
    coalesce(registered.role_id, measured.role_id, tried.role_id) AS role_id,
    registered.role IS NOT NULL AS is_in_registry,
    registered.tier,
    nullif(registered.model, '') AS registry_model,
    registered.is_deprecated,
    coalesce(measured.n_models, 0) AS n_models_measured,
    coalesce(measured.n, 0) AS n_result_files,
    coalesce(reviewed.n, 0) AS n_reviews,
    coalesce(tried.n, 0) AS n_outcomes
FROM names
LEFT JOIN registered ON names.role = registered.role
LEFT JOIN measured ON names.role = measured.role
LEFT JOIN reviewed ON names.role = reviewed.role
LEFT JOIN tried ON names.role = tried.role
