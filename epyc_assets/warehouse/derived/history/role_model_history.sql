-- One row is one model that a role was measured with, and whether it is the one the registry names now: role names were re-used for other models.
-- key: role, model
-- column: role: Role.
-- column: model: Model of its result files.
-- column: role_id: Key of the role.
-- column: model_id: Key of the model.
-- column: n_result_files: Result files of the role with that model.
-- column: first_measured_at: Earliest of them, as the files state it.
-- column: last_measured_at: Latest of them.
-- column: registry_model: Model that the record's registry names for the role; NULL where it has no such role.
-- column: is_registry_model: Whether that is the same file.
-- column: is_deprecated_role: Whether the registry calls the role deprecated.
WITH registered AS (
    SELECT
        role,
        min(model) AS model,
        bool_or(is_deprecated) AS is_deprecated
    FROM history.registry_role
    GROUP BY role
)

SELECT
    result.role,
    result.model,
    min(result.role_id) AS role_id,
    min(result.model_id) AS model_id,
    count(*) AS n_result_files,
    min(result."timestamp") AS first_measured_at,
    max(result."timestamp") AS last_measured_at,
    min(registered.model) AS registry_model,
    min(registered.model) = result.model AS is_registry_model,
    min(registered.is_deprecated) AS is_deprecated_role
FROM history.benchmark_result AS result
LEFT JOIN registered ON result.role = registered.role
WHERE result.role IS NOT NULL
    AND result.model IS NOT NULL
GROUP BY
    result.role,
    result.model
