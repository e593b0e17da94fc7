-- One row is one model under one config, of the platform's own results or of the imported record, best pass rate first; answers that the label audit found to be no evidence are left out.
SELECT
    origin,
    fleet,
    model,
    config,
    count(*) FILTER (WHERE passed IS NOT NULL) AS judged,
    count(*) FILTER (WHERE passed) AS passes,
    passes / judged AS pass_ratio,
    wilson_low(passes, judged) AS pass_low,
    wilson_high(passes, judged) AS pass_high,
    median(tps) FILTER (WHERE tps > 0) AS tps_median,
    list_sort(list(DISTINCT judged_by) FILTER (WHERE passed IS NOT NULL)) AS judged_by
FROM all_results
WHERE (origin = 'history' OR $fleet IS NULL OR fleet = $fleet)
    AND (origin, result_id) NOT IN (
        SELECT (label_finding_answers.origin, label_finding_answers.answer_id)
        FROM label_finding_answers
        WHERE label_finding_answers.record IN ('generation', 'result')
    )
GROUP BY ALL
HAVING count(*) FILTER (WHERE passed IS NOT NULL) > 0
ORDER BY
    pass_ratio DESC,
    judged DESC,
    model ASC,
    config ASC
