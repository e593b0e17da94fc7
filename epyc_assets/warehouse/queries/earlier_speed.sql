-- One row is one config of a fleet's model with one set of contents: the rounds it has had on a
-- backend, as far as a plan needs them.
WITH attempts AS (
    SELECT
        model,
        config_id,
        speed_key,
        measurement_id,
        bool_or(status <> 'ok') AS failed,
        max(status_reason) AS failure,
        sum(total_ms ORDER BY total_ms ASC) / 1000 / count(DISTINCT round) AS round_s
    FROM speed_runs
    WHERE
        fleet = $fleet
        AND backend = $backend
        AND purpose = 'rounds'
    GROUP BY ALL
),

rounds AS (
    SELECT
        model,
        config_id,
        speed_key,
        max(rounds) AS rounds,
        bool_or(enough_rounds) AS enough
    FROM config_speed
    WHERE
        fleet = $fleet
        AND backend = $backend
        AND prompt_kind = 'all'
    GROUP BY ALL
)

SELECT
    attempts.model,
    attempts.config_id,
    attempts.speed_key,
    CAST(coalesce(max(rounds.rounds), 0) AS INTEGER) AS rounds,
    coalesce(bool_or(rounds.enough), FALSE) AS enough,
    median(attempts.round_s) AS round_s,
    CAST(count(*) FILTER (WHERE attempts.failed AND NOT coalesce(rounds.enough, FALSE)) AS INTEGER) AS failures,
    max(attempts.failure) AS failure
FROM attempts
LEFT JOIN rounds
    ON attempts.model = rounds.model
    AND attempts.config_id = rounds.config_id
    AND attempts.speed_key = rounds.speed_key
GROUP BY ALL
