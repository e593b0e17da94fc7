-- One row is one model under one quality-affecting config: the master table.
-- key: fleet, model, config_id
-- column: fleet: Fleet the model belongs to.
-- column: model: Model, by its name in the registry.
-- column: config_id: Identity of the config.
-- column: config: The config in words.
-- column: technique: Technique of the config.
-- column: questions: Questions in the fleet's sets.
-- column: missing: Questions without an answer: what the next sweep has to do.
-- column: missing_suites: Suites with questions without an answer.
-- column: not_scored: Answers that no scorer could judge.
-- column: invalid_label: Answers without a verdict on the model because no answer can match the reference, or because the label audit found an error.
-- column: total_passes: Answers that passed, all suites.
-- column: strict_passes: Answers that passed with strict extraction; far fewer than total_passes means answers in another form than asked.
-- column: total_scored: Answers with a verdict, all suites.
-- column: pass_ratio: total_passes over total_scored; suites of different size weigh by their questions.
-- column: pass_low: Lower end of the 95 % Wilson interval of pass_ratio.
-- column: pass_high: Upper end of the 95 % Wilson interval of pass_ratio.
-- column: agentic_passes: Answers of suite agentic that passed.
-- column: agentic_scored: Answers of suite agentic with a verdict.
-- column: agentic_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: agentic_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: coder_passes: Answers of suite coder that passed.
-- column: coder_scored: Answers of suite coder with a verdict.
-- column: coder_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: coder_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: general_passes: Answers of suite general that passed.
-- column: general_scored: Answers of suite general with a verdict.
-- column: general_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: general_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: instruction_precision_passes: Answers of suite instruction_precision that passed.
-- column: instruction_precision_scored: Answers of suite instruction_precision with a verdict.
-- column: instruction_precision_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: instruction_precision_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: long_context_passes: Answers of suite long_context that passed.
-- column: long_context_scored: Answers of suite long_context with a verdict.
-- column: long_context_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: long_context_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: math_passes: Answers of suite math that passed.
-- column: math_scored: Answers of suite math with a verdict.
-- column: math_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: math_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: mode_advantage_passes: Answers of suite mode_advantage that passed.
-- column: mode_advantage_scored: Answers of suite mode_advantage with a verdict.
-- column: mode_advantage_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: mode_advantage_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: mode_advantage_hard_passes: Answers of suite mode_advantage_hard that passed.
-- column: mode_advantage_hard_scored: Answers of suite mode_advantage_hard with a verdict.
-- column: mode_advantage_hard_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: mode_advantage_hard_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: skill_transfer_passes: Answers of suite skill_transfer that passed.
-- column: skill_transfer_scored: Answers of suite skill_transfer with a verdict.
-- column: skill_transfer_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: skill_transfer_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: thinking_passes: Answers of suite thinking that passed.
-- column: thinking_scored: Answers of suite thinking with a verdict.
-- column: thinking_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: thinking_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: vl_passes: Answers of suite vl that passed.
-- column: vl_scored: Answers of suite vl with a verdict.
-- column: vl_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: vl_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: web_research_passes: Answers of suite web_research that passed.
-- column: web_research_scored: Answers of suite web_research with a verdict.
-- column: web_research_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: web_research_high: Upper end of the 95 % Wilson interval of its pass rate.
-- column: beats: Models and configs of the fleet that this one is shown to be better than, on all common questions (model_comparison); NULL where it is compared with none.
-- column: beaten_by: Models and configs of the fleet that are shown to be better than this one.
-- column: tied_with_best: Whether none is shown to be better: a pass rate at the top, or not told apart from it.
-- column: degenerate: Answers flagged as degenerate.
-- column: speed_answers: Answers with a decoding speed (two tokens or more).
-- column: generation_tps_median: Median decoding speed, tokens per second.
-- column: generation_tps_low: Lower end of the 95 % interval of that median, from order statistics; NULL below six.
-- column: generation_tps_high: Upper end of that interval.
-- column: prompt_tps_median: Median prompt processing speed, tokens per second.
-- column: effective_tps_median: Median of answer tokens over the whole time, tokens per second.
-- column: ttft_ms_median: Median time to first token, milliseconds.
-- column: contended_ratio: Share of the answers whose machine was busy with other work; NULL where none was judged.
WITH speeds AS (
    SELECT
        fleet,
        model,
        config_id,
        count(generation_tps) AS speed_answers,
        median(generation_tps) AS generation_tps_median,
        median_low(list(generation_tps) FILTER (WHERE generation_tps IS NOT NULL)) AS generation_tps_low,
        median_high(list(generation_tps) FILTER (WHERE generation_tps IS NOT NULL)) AS generation_tps_high,
        median(prompt_tps) AS prompt_tps_median,
        median(effective_tps) AS effective_tps_median,
        median(ttft_ms) AS ttft_ms_median,
        avg(contended::INTEGER) AS contended_ratio
    FROM answers
    GROUP BY fleet, model, config_id
),

standing AS (
    SELECT
        fleet,
        model_a AS model,
        config_id_a AS config_id,
        count(*) FILTER (WHERE verdict = 'better') AS beats,
        count(*) FILTER (WHERE verdict = 'worse') AS beaten_by
    FROM model_comparison
    WHERE suite = 'all'
    GROUP BY fleet, model_a, config_id_a
),

quality AS (
    SELECT
        fleet,
        model,
        config_id,
        config,
        technique,
        CAST(sum(questions) AS INTEGER) AS questions,
        CAST(sum(questions - answered) AS INTEGER) AS missing,
        list(suite ORDER BY suite) FILTER (WHERE answered < questions) AS missing_suites,
        CAST(sum(not_scored) AS INTEGER) AS not_scored,
        CAST(sum(invalid_label) AS INTEGER) AS invalid_label,
        CAST(sum(passes) AS INTEGER) AS total_passes,
        CAST(sum(strict_passes) AS INTEGER) AS strict_passes,
        CAST(sum(scored) AS INTEGER) AS total_scored,
        CAST(sum(passes) FILTER (WHERE suite = 'agentic') AS INTEGER) AS agentic_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'agentic') AS INTEGER) AS agentic_scored,
        max(pass_low) FILTER (WHERE suite = 'agentic') AS agentic_low,
        max(pass_high) FILTER (WHERE suite = 'agentic') AS agentic_high,
        CAST(sum(passes) FILTER (WHERE suite = 'coder') AS INTEGER) AS coder_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'coder') AS INTEGER) AS coder_scored,
        max(pass_low) FILTER (WHERE suite = 'coder') AS coder_low,
        max(pass_high) FILTER (WHERE suite = 'coder') AS coder_high,
        CAST(sum(passes) FILTER (WHERE suite = 'general') AS INTEGER) AS general_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'general') AS INTEGER) AS general_scored,
        max(pass_low) FILTER (WHERE suite = 'general') AS general_low,
        max(pass_high) FILTER (WHERE suite = 'general') AS general_high,
        CAST(sum(passes) FILTER (WHERE suite = 'instruction_precision') AS INTEGER) AS instruction_precision_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'instruction_precision') AS INTEGER) AS instruction_precision_scored,
        max(pass_low) FILTER (WHERE suite = 'instruction_precision') AS instruction_precision_low,
        max(pass_high) FILTER (WHERE suite = 'instruction_precision') AS instruction_precision_high,
        CAST(sum(passes) FILTER (WHERE suite = 'long_context') AS INTEGER) AS long_context_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'long_context') AS INTEGER) AS long_context_scored,
        max(pass_low) FILTER (WHERE suite = 'long_context') AS long_context_low,
        max(pass_high) FILTER (WHERE suite = 'long_context') AS long_context_high,
        CAST(sum(passes) FILTER (WHERE suite = 'math') AS INTEGER) AS math_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'math') AS INTEGER) AS math_scored,
        max(pass_low) FILTER (WHERE suite = 'math') AS math_low,
        max(pass_high) FILTER (WHERE suite = 'math') AS math_high,
        CAST(sum(passes) FILTER (WHERE suite = 'mode_advantage') AS INTEGER) AS mode_advantage_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'mode_advantage') AS INTEGER) AS mode_advantage_scored,
        max(pass_low) FILTER (WHERE suite = 'mode_advantage') AS mode_advantage_low,
        max(pass_high) FILTER (WHERE suite = 'mode_advantage') AS mode_advantage_high,
        CAST(sum(passes) FILTER (WHERE suite = 'mode_advantage_hard') AS INTEGER) AS mode_advantage_hard_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'mode_advantage_hard') AS INTEGER) AS mode_advantage_hard_scored,
        max(pass_low) FILTER (WHERE suite = 'mode_advantage_hard') AS mode_advantage_hard_low,
        max(pass_high) FILTER (WHERE suite = 'mode_advantage_hard') AS mode_advantage_hard_high,
        CAST(sum(passes) FILTER (WHERE suite = 'skill_transfer') AS INTEGER) AS skill_transfer_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'skill_transfer') AS INTEGER) AS skill_transfer_scored,
        max(pass_low) FILTER (WHERE suite = 'skill_transfer') AS skill_transfer_low,
        max(pass_high) FILTER (WHERE suite = 'skill_transfer') AS skill_transfer_high,
        CAST(sum(passes) FILTER (WHERE suite = 'thinking') AS INTEGER) AS thinking_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'thinking') AS INTEGER) AS thinking_scored,
        max(pass_low) FILTER (WHERE suite = 'thinking') AS thinking_low,
        max(pass_high) FILTER (WHERE suite = 'thinking') AS thinking_high,
        CAST(sum(passes) FILTER (WHERE suite = 'vl') AS INTEGER) AS vl_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'vl') AS INTEGER) AS vl_scored,
        max(pass_low) FILTER (WHERE suite = 'vl') AS vl_low,
        max(pass_high) FILTER (WHERE suite = 'vl') AS vl_high,
        CAST(sum(passes) FILTER (WHERE suite = 'web_research') AS INTEGER) AS web_research_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'web_research') AS INTEGER) AS web_research_scored,
        max(pass_low) FILTER (WHERE suite = 'web_research') AS web_research_low,
        max(pass_high) FILTER (WHERE suite = 'web_research') AS web_research_high,
        CAST(sum(degenerate) AS INTEGER) AS degenerate
    FROM suite_summary
    GROUP BY fleet, model, config_id, config, technique
)

SELECT
    quality.fleet,
    quality.model,
    quality.config_id,
    quality.config,
    quality.technique,
    quality.questions,
    quality.missing,
    quality.missing_suites,
    quality.not_scored,
    quality.invalid_label,
    quality.total_passes,
    quality.strict_passes,
    quality.total_scored,
    quality.total_passes / nullif(quality.total_scored, 0) AS pass_ratio,
    wilson_low(quality.total_passes, quality.total_scored) AS pass_low,
    wilson_high(quality.total_passes, quality.total_scored) AS pass_high,
    quality.agentic_passes,
    quality.agentic_scored,
    quality.agentic_low,
    quality.agentic_high,
    quality.coder_passes,
    quality.coder_scored,
    quality.coder_low,
    quality.coder_high,
    quality.general_passes,
    quality.general_scored,
    quality.general_low,
    quality.general_high,
    quality.instruction_precision_passes,
    quality.instruction_precision_scored,
    quality.instruction_precision_low,
    quality.instruction_precision_high,
    quality.long_context_passes,
    quality.long_context_scored,
    quality.long_context_low,
    quality.long_context_high,
    quality.math_passes,
    quality.math_scored,
    quality.math_low,
    quality.math_high,
    quality.mode_advantage_passes,
    quality.mode_advantage_scored,
    quality.mode_advantage_low,
    quality.mode_advantage_high,
    quality.mode_advantage_hard_passes,
    quality.mode_advantage_hard_scored,
    quality.mode_advantage_hard_low,
    quality.mode_advantage_hard_high,
    quality.skill_transfer_passes,
    quality.skill_transfer_scored,
    quality.skill_transfer_low,
    quality.skill_transfer_high,
    quality.thinking_passes,
    quality.thinking_scored,
    quality.thinking_low,
    quality.thinking_high,
    quality.vl_passes,
    quality.vl_scored,
    quality.vl_low,
    quality.vl_high,
    quality.web_research_passes,
    quality.web_research_scored,
    quality.web_research_low,
    quality.web_research_high,
    standing.beats,
    standing.beaten_by,
    standing.beaten_by = 0 AS tied_with_best,
    quality.degenerate,
    coalesce(speeds.speed_answers, 0) AS speed_answers,
    speeds.generation_tps_median,
    speeds.generation_tps_low,
    speeds.generation_tps_high,
    speeds.prompt_tps_median,
    speeds.effective_tps_median,
    speeds.ttft_ms_median,
    speeds.contended_ratio
FROM quality
LEFT JOIN speeds
    ON quality.fleet = speeds.fleet
    AND quality.model = speeds.model
    AND quality.config_id = speeds.config_id
LEFT JOIN standing
    ON quality.fleet = standing.fleet
    AND quality.model = standing.model
    AND quality.config_id = standing.config_id
