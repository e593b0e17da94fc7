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
-- column: thinking_passes: Answers of suite thinking that passed.
-- column: thinking_scored: Answers of suite thinking with a verdict.
-- column: thinking_low: Lower end of the 95 % Wilson interval of its pass rate.
-- column: thinking_high: Upper end of the 95 % Wilson interval of its pass rate.
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
        CAST(sum(passes) FILTER (WHERE suite = 'thinking') AS INTEGER) AS thinking_passes,
        CAST(sum(scored) FILTER (WHERE suite = 'thinking') AS INTEGER) AS thinking_scored,
        max(pass_low) FILTER (WHERE suite = 'thinking') AS thinking_low,
        max(pass_high) FILTER (WHERE suite = 'thinking') AS thinking_high,
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
    quality.thinking_passes,
    quality.thinking_scored,
    quality.thinking_low,
    quality.thinking_high,
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
