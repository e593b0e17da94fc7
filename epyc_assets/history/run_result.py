"""The record's result files: one model in one config, asked questions of several suites.

Here: `results/runs/<run directory>/<role>_<config>.json` to rows of `benchmark_result` and `question_result`, and
what makes a figure of them doubtful. Not here: the other files of a run directory (run_documents, text_log), or
which result counts in a summary (warehouse/derived/history).
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history import naming
from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, as_json, clean_text
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import kind_of, raw_of
from epyc_assets.history.rows import Imported, Reject, Row
from epyc_assets.history.run_documents import FAMILY, merged_extra, run_dir_of
from epyc_assets.history.speculation_report import TAIL_CHARACTERS, speculation_report

IMPOSSIBLE_TPS = 1000.0
"""Tokens per second that no model of the record reaches: its smallest (0.5B parameters) generates 234, and 495 in the
artefact of a single token."""

IMPOSSIBLE_RATIO = 50.0
"""How many times the median of its file a speed has to be before it counts as impossible.

The outliers are a clock read over no work: about 0.4 ms for one token, whatever the model, so 200 to 1000 times the
median of a slow model. What a single token that is not an outlier reaches is 16 times the median.
"""

CONTRADICTION = 0.05
"""A relative difference between two statements of one speed that is more than rounding."""

ECHO_CHARACTERS = 50
"""So many characters of the prompt at the start of a response are an echo; a whole prompt where it is shorter."""

_TIER = re.compile(r"t(\d{1,2})_")
_ERROR_TEXT = re.compile(
    r"\[(?:partial output\b|error\b|timeout\b|timed out\b)|error:|exception:|traceback \(most recent call last\)"
    r"|(?:(?:request|command|inference|process) )?timed out\b|(?:command|process|inference) failed\b",
    re.IGNORECASE,
)
_PARTIAL = re.compile(r"\[PARTIAL OUTPUT\b")
_REPEATED = re.compile(r".* \(\d{1,9}\)", re.DOTALL)
"""How content.py names the later members of a JSON object that has a key more than once."""
_MARKS = ("model_role", "config_name", "results")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult(Row):
    """One result file: a model in a role and a config."""

    table: ClassVar[str] = "benchmark_result"

    result_pk: int
    run_pk: int
    run_dir: str
    role_id: int | None
    role: str | None
    model_id: int | None
    model: str | None
    model_path: str | None
    config_id: int | None
    config: str | None
    family: str
    moe_experts: int | None
    draft_role: str | None
    k: int | None
    ngram_n: int | None
    uses_lookup: bool
    is_speed_only: bool
    run_id_in_file: str | None
    timestamp: datetime | None
    summary_avg_tps: float | None
    summary_avg_algorithmic_score: float | None
    summary_questions_tested: int | None
    summary_questions_passed: int | None
    n_questions: int
    tps_median: float | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult(Row):
    """One question of a result file, answered once."""

    table: ClassVar[str] = "question_result"

    result_pk: int
    question_pk: int
    ordinal: int
    suite: str
    question_id: str
    tier: int | None
    prompt: str | None
    response: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    prompt_eval_ms: float | None
    total_time_ms: float | None
    tps: float | None
    effective_tps: float | None
    decode_tps: float | None
    n_draft: int | None
    n_predict: int | None
    n_drafted: int | None
    n_accepted: int | None
    acceptance_rate: float | None
    acceptance_rate_raw: float | None
    algorithmic_score: int | None
    score_reason: str | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True)
class RunResult:
    """A result file's contents, bound to no path. faulty: (location, reason, raw text) of each record that is none.
    lost: the same for values around the questions that are nested too deeply to be kept."""

    result: BenchmarkResult
    questions: tuple[QuestionResult, ...]
    faulty: tuple[tuple[str, str, str], ...]
    lost: tuple[tuple[str, str, str], ...]


def recognises_run_result(content: Content, place: Place) -> bool:
    """A JSON object with `model_role`, `config_name` and `results`, or with two of them where results are due."""
    data = content.data
    if not content.encoding.startswith("utf-8"):
        data = content.text.encode("utf-8", "replace")
    if not data.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{"):
        return False
    found = sum(1 for mark in _MARKS if f'"{mark}"'.encode() in data)
    if found < 2 or (found < len(_MARKS) and place.folder_below("results", "runs") is None):
        return False
    value = content.json
    return isinstance(value, dict) and sum(1 for mark in _MARKS if mark in value) == found


def read_run_result(content: Content) -> RunResult:
    """A result file taken apart. Never raises: what is not a question is in `faulty`."""
    data = content.json if isinstance(content.json, dict) else {}
    faulty: list[tuple[str, str, str]] = []
    questions: list[QuestionResult] = []
    seen: set[tuple[str, str]] = set()
    for suite, question_id, record in _records(data.get("results"), faulty):
        location = f"results/{suite}/{question_id}"
        if (suite, question_id) in seen:  # two spellings that are one when lone surrogates are replaced
            faulty.append((location, "a question of this suite with this id came before", raw_of(record)))
            continue
        try:
            question = _question(suite, question_id, record, len(questions) + 1)
        except RecursionError:
            faulty.append((location, "nested too deeply to be kept", ""))
            continue
        seen.add((suite, question_id))
        questions.append(question)
    questions = _with_outliers(questions)
    lost: list[tuple[str, str, str]] = []
    around: dict[str, Any] = {}
    for key, value in data.items():
        if key == "results":
            continue
        try:
            as_json(value)
        except RecursionError:
            lost.append((f"key {clean_text(key)}", "nested too deeply to be kept", ""))
        else:
            around[key] = value
    return RunResult(_result(around, questions), tuple(questions), tuple(faulty), tuple(lost))


def rows_run_result(read: RunResult, place: Place) -> Imported:
    """The rows of a result file at its place. Its key is its path: a role and a config recur in other runs."""
    run_dir = run_dir_of(place)
    key = naming.result_pk(place.path)
    result = _placed(read.result, place, run_dir, key)
    imported = Imported()
    imported.rows.append(result)
    for question in read.questions:
        imported.rows.append(replace(question, source_file_id=result.source_file_id, result_pk=key))
    imported.rejects.extend(Reject(place.path, *each) for each in (*read.faulty, *read.lost))
    imported.records = len(read.questions) + len(read.faulty)
    imported.main_rows = len(read.questions)
    imported.rejected_records = len(read.faulty)
    if not read.questions:
        imported.flags.append("no_questions")
    return imported


def _records(results: object, faulty: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(suite, question id, record) of each question; whatever else stands in its place goes to `faulty`."""
    if not isinstance(results, dict):
        for location, each in enumerate(results) if isinstance(results, list) else [(None, results)]:
            where = "results" if location is None else f"results/{location}"
            faulty.append((where, f"the results are {kind_of(results)}, not an object of suites", raw_of(each)))
        return
    for suite, questions in results.items():
        suite = clean_text(suite)
        if not isinstance(questions, dict):
            for location, each in enumerate(questions) if isinstance(questions, list) else [(None, questions)]:
                where = f"results/{suite}" if location is None else f"results/{suite}/{location}"
                faulty.append((where, f"the suite is {kind_of(questions)}, not an object of questions", raw_of(each)))
            continue
        for question_id, record in questions.items():
            question_id = clean_text(question_id)
            if isinstance(record, dict):
                yield suite, question_id, record
            else:
                where = f"results/{suite}/{question_id}"
                faulty.append((where, f"the question is {kind_of(record)}, not an object", raw_of(record)))


def _question(suite: str, question_id: str, record: Mapping[str, Any], ordinal: int) -> QuestionResult:
    fields = Fields(record)
    flags: list[str] = []
    if record.get("question_id", question_id) == question_id:
        fields.text("question_id")
    else:
        flags.append("question_id_mismatch")
    if _REPEATED.fullmatch(suite) or _REPEATED.fullmatch(question_id):
        flags.append("repeated_key")
    prompt, response = fields.text("prompt"), fields.text("response")
    tps, tokens = fields.number("tokens_per_second"), fields.integer("completion_tokens")
    total_ms, raw_rate = fields.number("total_time_ms"), fields.number("acceptance_rate")
    report = speculation_report(response or "")
    if _acceptance_is_wrong(raw_rate, report.acceptance_rate):
        flags.append("acceptance_invalid")
    if tokens is not None and tokens <= 1:
        flags.append("one_token")
    if tps is not None and tps > 0:
        if tokens is not None and total_ms and _differ(tokens / total_ms * 1000, tps):
            flags.append("tps_contradicts_time")
        if report.decode_tps is not None and _differ(report.decode_tps, tps):
            flags.append("tps_contradicts_text")
    flags.extend(_text_flags(prompt, response))
    tier = _TIER.match(question_id)
    return QuestionResult(
        source_file_id=0,
        result_pk=0,
        question_pk=naming.question_pk(suite, question_id),
        ordinal=ordinal,
        suite=suite,
        question_id=question_id,
        tier=int(tier[1]) if tier else None,
        prompt=prompt,
        response=response,
        prompt_tokens=fields.integer("prompt_tokens"),
        completion_tokens=tokens,
        prompt_eval_ms=report.prompt_eval_ms,
        total_time_ms=total_ms,
        tps=tps,
        effective_tps=report.effective_tps,
        decode_tps=report.decode_tps,
        n_draft=report.n_draft,
        n_predict=report.n_predict,
        n_drafted=report.n_drafted,
        n_accepted=report.n_accepted,
        acceptance_rate=report.acceptance_rate,
        acceptance_rate_raw=raw_rate,
        algorithmic_score=fields.integer("algorithmic_score"),
        score_reason=fields.text("score_reason"),
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )


def _text_flags(prompt: str | None, response: str | None) -> Iterator[str]:
    if response is None:
        return
    body = response.lstrip()
    if not body:
        yield "empty_response"
        return
    start = (prompt or "").lstrip()[:ECHO_CHARACTERS]
    if start and body.startswith(start):
        yield "prompt_echo"
    elif prompt and len(body) >= ECHO_CHARACTERS and body[:ECHO_CHARACTERS] in prompt:
        yield "prompt_tail_echo"
    if "[end of text]" in response:
        yield "end_of_text_marker"
    if _ERROR_TEXT.match(body) or _PARTIAL.search(response[-TAIL_CHARACTERS:]):
        yield "error_text"
    if "\ufffd" in response or (prompt is not None and "\ufffd" in prompt):
        yield "replacement_character"


def _with_outliers(questions: list[QuestionResult]) -> list[QuestionResult]:
    """The questions, with `tps_outlier` at each speed that is impossible by itself (IMPOSSIBLE_TPS) and against the
    median of its file (IMPOSSIBLE_RATIO). Neither alone will do: small drafts are quick, and a slow model's single
    token can be many times its median."""
    speeds = [each.tps for each in questions if each.tps is not None and each.tps > 0]
    if not speeds or max(speeds) <= IMPOSSIBLE_TPS:
        return questions
    possible = [each for each in speeds if each <= IMPOSSIBLE_TPS]
    limit = max(IMPOSSIBLE_TPS, IMPOSSIBLE_RATIO * statistics.median(possible)) if possible else IMPOSSIBLE_TPS
    return [
        replace(each, quality_flags=("tps_outlier", *each.quality_flags))
        if each.tps is not None and each.tps > limit
        else each
        for each in questions
    ]


def _result(data: Mapping[str, Any], questions: list[QuestionResult]) -> BenchmarkResult:
    fields = Fields(data)
    role, config = fields.text("model_role"), fields.text("config_name")
    model_path, run_id = fields.text("model_path"), fields.text("run_id")
    timestamp = fields.time("timestamp")
    summary = Fields(fields.mapping("summary"))
    average, score = summary.number("avg_tokens_per_second"), summary.number("avg_algorithmic_score")
    tested, passed = summary.integer("questions_tested"), summary.integer("questions_passed")
    speeds = [each.tps for each in questions if each.tps is not None and each.tps > 0]
    flags = ["repeated_key"] if any(_REPEATED.fullmatch(key) for key in data) else []
    if tested is not None and tested != len(questions):
        flags.append("summary_count_mismatch")
    measured = [each.tps for each in questions if each.tps is not None]
    if average is not None and measured and _differ(statistics.fmean(measured), average, least=0.01):
        flags.append("summary_tps_mismatch")
    flags.extend(sorted({flag for each in questions for flag in each.quality_flags if flag == "tps_outlier"}))
    return _named(
        BenchmarkResult(
            source_file_id=0,
            result_pk=0,
            run_pk=0,
            run_dir="",
            role_id=None,
            role=role,
            model_id=naming.model_id(naming.model_of(model_path)) if model_path else None,
            model=naming.model_of(model_path) if model_path else None,
            model_path=model_path,
            config_id=None,
            config=config,
            family="unknown",
            moe_experts=None,
            draft_role=None,
            k=None,
            ngram_n=None,
            uses_lookup=False,
            is_speed_only=False,
            run_id_in_file=run_id,
            timestamp=timestamp,
            summary_avg_tps=average,
            summary_avg_algorithmic_score=score,
            summary_questions_tested=tested,
            summary_questions_passed=passed,
            n_questions=len(questions),
            tps_median=statistics.median(speeds) if speeds else None,
            quality_flags=tuple(flags),
            extra=merged_extra(fields, summary=summary),
        )
    )


def _named(result: BenchmarkResult) -> BenchmarkResult:
    """The result with what its role and config names say."""
    config = naming.config_of(result.config or "")
    flags = list(result.quality_flags)
    if config.family == "unknown":
        flags.append("unknown_config")
    elif config.k is not None and config.draft_role is None:
        flags.append("draft_unnamed")
    return replace(
        result,
        role_id=naming.role_id(result.role) if result.role else None,
        config_id=config.config_id if result.config else None,
        family=config.family,
        moe_experts=config.moe_experts,
        draft_role=config.draft_role,
        k=config.k,
        ngram_n=config.ngram_n,
        uses_lookup=config.uses_lookup,
        is_speed_only=config.is_speed_only,
        quality_flags=tuple(flags),
    )


def _placed(result: BenchmarkResult, place: Place, run_dir: str, key: int) -> BenchmarkResult:
    """The result with its keys, and with doubts that only its path can raise. A missing role and config come from
    the file's name."""
    flags = list(result.quality_flags)
    if result.run_id_in_file is not None and result.run_id_in_file != run_dir:
        flags.append("run_id_mismatch")
    if not result.role or not result.config:
        names = naming.role_and_config(place.stem)
        role, config = names if names else (None, None)
        result = _named(replace(result, role=result.role or role, config=result.config or config, quality_flags=()))
        flags = [flag for flag in flags if flag not in ("unknown_config", "draft_unnamed")]
        flags.extend((*result.quality_flags, "names_from_path"))
    elif place.stem != f"{result.role}_{result.config}":
        flags.append("name_mismatch")
    return replace(
        result,
        source_file_id=place.source_file_id,
        result_pk=key,
        run_pk=naming.run_pk(run_dir),
        run_dir=run_dir,
        quality_flags=tuple(flags),
    )


def _acceptance_is_wrong(raw: float | None, true_rate: float | None) -> bool:
    if raw is None:
        return False
    return not 0 <= raw <= 1 or (true_rate is not None and abs(raw - true_rate) > 0.005)


def _differ(one: float, other: float, least: float = CONTRADICTION) -> bool:
    return abs(one - other) > least * abs(other)


FORMATS: tuple[Format, ...] = (
    Format(
        name="run_result",
        family=FAMILY,
        version=1,
        tables=(BenchmarkResult, QuestionResult),
        recognises=recognises_run_result,
        read=read_run_result,
        rows=rows_run_result,
    ),
)
