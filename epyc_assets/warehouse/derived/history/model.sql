-- One row is one model file of the record: measured, logged or named in its registry.
-- key: model_id
-- column: model_id: Key of the model, a hash of its name.
-- column: model: Name of its file, without ending and shard number.
-- column: architecture: As the registry says, else as its logs say.
-- column: quantization: As the registry says.
-- column: size_gb: Size in GB as the registry says; where its roles disagree, the largest.
-- column: parameter_count: Parameters, as its logs say.
-- column: is_in_registry: Whether the record's registry names it.
-- column: is_deprecated: Whether all roles of the registry that name it are deprecated; NULL where it names none.
-- column: registry_roles: Roles of the registry that name it.
-- column: measured_roles: Roles of its result files.
-- column: n_result_files: Result files.
-- column: n_logs: Text logs that loaded it; copies of logs count.
WITH measured AS (
    SELECT
        model_id,
        min(model) AS model,
        list(DISTINCT role ORDER BY role) FILTER (WHERE role IS NOT NULL) AS roles,
        count(*) AS n
    FROM history.benchmark_result
    WHERE model_id IS NOT NULL
    GROUP BY model_id
),

logged AS (
    SELECT
        model_id,
        min(model) AS model,
        min(architecture) AS architecture,
        max(parameter_count) AS parameter_count,
        count(*) AS n
    FROM history.log_measurement
    WHERE model_id IS NOT NULL
    GROUP BY model_id
),

registered AS (
    SELECT
        model_id,
        min(model) AS model,
        min(architecture) AS architecture,
        min(quantization) AS quantization,
        max(size_gb) AS size_gb,
        bool_and(is_deprecated) AS is_deprecated,
        list(DISTINCT role ORDER BY role) AS roles
    FROM history.registry_role
    WHERE model <> ''
    GROUP BY model_id
)

SELECT
    coalesce(measured.model_id, logged.model_id, registered.model_id) AS model_id,
    coalesce(measured.model, logged.model, registered.model) AS model,
    coalesce(registered.architecture, logged.architecture) AS architecture,
    registered.quantization,
    registered.size_gb,
    logged.parameter_count,
    registered.model_id IS NOT NULL AS is_in_registry,
    registered.is_deprecated,
    coalesce(registered.roles, CAST([] AS VARCHAR[])) AS registry_roles,
    coalesce(measured.roles, CAST([] AS VARCHAR[])) AS measured_roles,
    coalesce(measured.n, 0) AS n_result_files,
    coalesce(logged.n, 0) AS n_logs
FROM measured
FULL JOIN logged ON measured.model_id = logged.model_id
FULL JOIN registered ON coalesce(measured.model_id, logged.model_id) = registered.model_id
