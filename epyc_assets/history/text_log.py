"""Text logs of llama.cpp's tools: what was measured, of which model, in which config, and whether the log is whole.

Here: `<model>_<config>_<question>.txt` below a run directory, of llama-mtmd-cli, llama-completion, llama-speculative
and llama-lookup; logs of programs that did not start; summaries that lie beside them. Not here: evidence texts
(llama_bench), result files (run_result).

Each log is one row of log_measurement, and its whole text is kept. A log of speculative decoding has the draft's
timings before the target's; the target's `eval time` counts one run and is infinite there, because the target only
verifies: the speed is that of the line `decoded ... tokens`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Json, as_json, finite_number, whole_number
from epyc_assets.history.formats import Format
from epyc_assets.history.naming import config_of, model_id, model_of, question_pk, run_pk
from epyc_assets.history.printed_sizes import bytes_of, count_of
from epyc_assets.history.raw_text import RawText, raw_text_of, raw_text_row
from epyc_assets.history.rows import Imported, Row

MTMD = "llama-mtmd-cli"
COMPLETION = "llama-completion"
SPECULATIVE = "llama-speculative"
LOOKUP = "llama-lookup"

_RUN_DIR = re.compile(r"\d{8}_\d{6}\w{0,40}")
_NAME = re.compile(
    r"(?P<model>.{1,200}?)"
    r"(?:_(?P<config>baseline|moe\d{1,4}(?:_(?:spec|lookup)_\w{1,100}?)?|spec_\w{0,100}?k\d{1,5}(?:_lookup)?|lookup_n\d{1,4}))?"
    r"_(?P<question>t\d{1,3}_?q\d{1,4}\w{0,100})"
)
_NOT_STARTED = re.compile(r"^timeout: failed to run command", re.MULTILINE)
_BUILD = re.compile(r"^build: (\d+) \(([0-9a-f]{7,})\) with (.+?) for (\S.*)$", re.MULTILINE)
_MODEL_FILE = re.compile(r"loaded meta data with (\d+) key-value pairs and (\d+) tensors from (\S+\.gguf)")
_GENERAL_NAME = re.compile(r"general\.name[ \t]+str[ \t]+= (.+)$", re.MULTILINE)
_ARCHITECTURE = re.compile(r"general\.architecture[ \t]+str[ \t]+= (\S+)")
_FILE_TYPE = re.compile(r"^print_info: file type[ \t]+= (.+)$", re.MULTILINE)
_PARAMETERS = re.compile(r"^print_info: model params[ \t]+= ([\d.]+ [KMBT])", re.MULTILINE)
_FILE_SIZE = re.compile(r"^print_info: file size[ \t]+= ([\d.]+ [KMGT]iB) \(([\d.]+) BPW\)", re.MULTILINE)
_EXPERTS = re.compile(r"^print_info: n_expert_used[ \t]+= (\d+)$", re.MULTILINE)
_THREADS = re.compile(r"\bn_threads = (\d+)")
_CONTEXT = re.compile(r"^llama_context: n_ctx[ \t]+= (\d+)$", re.MULTILINE)
_BUFFER = re.compile(r"^load_tensors:[ \t]+(\S+) model buffer size =", re.MULTILINE)
_BREAKDOWN_ROW = re.compile(r"^llama_memory_breakdown_print: \|[ \t]+- (.{1,80}?)[ \t]*\|.*\|[ \t]*\n", re.MULTILINE)

_PERF = r"(?:common_perf_print|llama_perf_context_print):[ \t]+"
_LOAD = re.compile(_PERF + r"load time =[ \t]+([\d.]+) ms")
_TIMING = (
    r"=[ \t]+([\d.]+) ms /[ \t]+(\d+) {unit}[ \t]+"
    r"\([ \t]*([\d.]+) ms per token,[ \t]+([\d.]+|inf|nan) tokens per second\)"
)
_PROMPT = re.compile(r"prompt eval time " + _TIMING.format(unit="tokens"))
_GENERATION = re.compile(r"(?<!prompt )\beval time " + _TIMING.format(unit="runs"))
_TOTAL = re.compile(r"total time =[ \t]+([\d.]+) ms /[ \t]+(\d+) tokens")
_GRAPHS_REUSED = re.compile(r"^" + _PERF + r"graphs reused =[ \t]+(\d+)[ \t]*\n", re.MULTILINE)

_ENCODED = re.compile(r"^encoded[ \t]+(\d+) tokens in[ \t]+([\d.]+) seconds, speed:[ \t]+([\d.]+) t/s", re.MULTILINE)
_DECODED = re.compile(r"^decoded[ \t]+(\d+) tokens in[ \t]+([\d.]+) seconds, speed:[ \t]+([\d.]+) t/s", re.MULTILINE)
_COUNTS = {
    name: re.compile(rf"^{word}[ \t]+= (\d+)[ \t]*$", re.MULTILINE)
    for name, word in (
        ("n_draft", "n_draft"),
        ("n_predict", "n_predict"),
        ("n_drafted", "n_drafted"),
        ("n_accepted", "n_accept"),
    )
}
_ACCEPT = re.compile(r"^accept[ \t]+= ([\d.]+)%", re.MULTILINE)
_LOOKUP_TIMES = re.compile(r"^t_draft(?:_flat)?[ \t]+= ", re.MULTILINE)
_DRAFT_SECTION = re.compile(r"^draft:[ \t]*$", re.MULTILINE)
_TARGET_SECTION = re.compile(r"^target:[ \t]*$", re.MULTILINE)
_IMAGE_ENCODED = re.compile(r"^image(?: slice)? encoded in (\d+) ms", re.MULTILINE)
_IMAGE_DECODED = re.compile(r"^image decoded \(batch \d+/\d+\) in (\d+) ms", re.MULTILINE)

_TELLING_BEGINNINGS = (
    *("build: ", "print_info: file type", "print_info: file size", "print_info: model params"),
    *("print_info: n_expert_used", "load_tensors: ", "llama_context: n_ctx ", "llama_memory_breakdown_print: "),
    *("encoded", "decoded", "n_draft", "n_predict", "n_accept", "accept", "t_draft", "draft:", "target:"),
    *("image ", "clip_model_loader: ", "mtmd_cli_context: ", "main: load the model"),
)
_TELLING_WORDS = ("loaded meta data with", "general.", " time =", "graphs reused =", "n_threads =", "perf_")
"""What the lines that matter begin with or contain."""

_STARTED_WITHIN = 20_000
"""A log says within so many characters that a tool of llama.cpp wrote it."""

_LARGEST_CONTRADICTION = 0.02
"""Speeds are printed with two decimals: further apart than this from tokens / time, one of the figures is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMeasurement(Row):
    """One text log. Times in ms, speeds in tokens per second; None for what the log does not say."""

    table: ClassVar[str] = "log_measurement"

    run_pk: int | None
    run_dir: str | None
    suite: str | None
    question_id: str | None
    question_pk: int | None
    log_name_model: str | None
    config_id: int | None
    config: str | None
    tool: str | None
    status: str
    build_number: int | None
    build_commit: str | None
    build_compiler: str | None
    build_target: str | None
    model_id: int | None
    model: str | None
    model_path: str | None
    general_name: str | None
    architecture: str | None
    file_type: str | None
    parameter_count: float | None
    size_bytes: int | None
    bits_per_weight: float | None
    experts_used: int | None
    n_threads: int | None
    n_context: int | None
    load_ms: float | None
    prompt_ms: float | None
    prompt_tokens: int | None
    prompt_tps: float | None
    generated_tokens: int | None
    generation_ms: float | None
    generation_tps: float | None
    total_ms: float | None
    encoded_tokens: int | None
    encode_ms: float | None
    encode_tps: float | None
    decode_tps: float | None
    effective_tps: float | None
    n_predict: int | None
    n_draft: int | None
    n_drafted: int | None
    n_accepted: int | None
    acceptance_rate: float | None
    draft_model_id: int | None
    draft_model: str | None
    draft_model_path: str | None
    draft_load_ms: float | None
    draft_prompt_ms: float | None
    draft_prompt_tokens: int | None
    draft_prompt_tps: float | None
    draft_generated_tokens: int | None
    draft_generation_ms: float | None
    draft_generation_tps: float | None
    draft_total_ms: float | None
    image_encode_ms: float | None
    image_decode_ms: float | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(slots=True)
class LogReading:
    """What a log's text says. facts: columns of log_measurement. error: why the status is not ok or other."""

    text: str
    status: str
    tool: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


def recognises_log(content: Content, place: Place) -> bool:
    """Whether it is a text file of a run directory, or any file that begins as a log of llama.cpp does."""
    if not content.data or "evidence" in place.parts[:-1]:
        return False
    if place.name.lower().endswith(".txt"):
        run_dir = place.folder_below("results", "runs")
        if run_dir is not None and _RUN_DIR.fullmatch(run_dir):
            return True
    head = content.data[:200]
    if head.startswith(b"timeout: failed to run command"):
        return True
    return head.startswith(b"build: ") and _BUILD.match(head.decode("utf-8", "replace")) is not None


def read_log(content: Content) -> LogReading:
    """What the log says of model, tool and speeds."""
    text = raw_text_of(content)
    head = text[:_STARTED_WITHIN]
    if _NOT_STARTED.search(head):
        return _not_started(text)
    if not (_BUILD.search(head) or _MODEL_FILE.search(head) or _ARCHITECTURE.search(head) or "eval time =" in text):
        return LogReading(text, "other")
    return _Started(text).reading


def rows_of_log(reading: LogReading, place: Place) -> Imported:
    """The log's row and its text."""
    flags, status, error = list(reading.flags), reading.status, reading.error
    run_dir = place.folder_below("results", "runs")
    named = _NAME.fullmatch(place.stem)
    if status == "other" and named is not None:
        status = "truncated"
        error = "named as the log of a question, but holds no log of llama.cpp"
        flags.append("no_log")
    config = config_of(named["config"]) if named is not None and named["config"] else None
    facts = reading.facts
    if config is not None and reading.tool is not None:
        if config.k is not None and reading.tool in (MTMD, COMPLETION):
            flags.append("config_not_applied")
        used = facts.get("experts_used")
        if config.moe_experts is not None and used is not None and used != config.moe_experts:
            flags.append("config_not_applied")
        if config.k is not None and facts.get("n_draft") not in (None, config.k):
            flags.append("config_contradicts_log")
    suite = place.folder_below("results", "runs", run_dir) if run_dir is not None else None
    question_id = named["question"] if named is not None else None
    row = LogMeasurement(
        source_file_id=place.source_file_id,
        run_pk=run_pk(run_dir) if run_dir is not None else None,
        run_dir=run_dir,
        suite=suite,
        question_id=question_id,
        question_pk=question_pk(suite, question_id) if suite is not None and question_id is not None else None,
        log_name_model=named["model"] if named is not None else None,
        config_id=config.config_id if config is not None else None,
        config=config.name if config is not None else None,
        tool=reading.tool,
        status=status,
        **{name: facts.get(name) for name in _FACTS},
        quality_flags=tuple(dict.fromkeys(flags)),
        extra=as_json(reading.extra) if reading.extra else None,
    )
    file_status = status if status in ("not_started", "truncated") else "ok"
    return Imported(
        rows=[row, raw_text_row(reading.text, place)],
        status=file_status,
        error=error if file_status != "ok" else None,
        records=1,
        main_rows=1,
        flags=[each for each in row.quality_flags if each in _FILE_FLAGS],
    )


_BOUND_TO_PLACE = (
    *("source_file_id", "run_pk", "run_dir", "suite", "question_id", "question_pk", "log_name_model"),
    *("config_id", "config", "tool", "status", "quality_flags", "extra"),
)
_FACTS = tuple(each.name for each in fields(LogMeasurement) if each.name not in _BOUND_TO_PLACE)
_FILE_FLAGS = frozenset(("end_missing", "header_incomplete", "no_log", "timing_contradicts", "counts_contradict"))


def _not_started(text: str) -> LogReading:
    line = text.strip().splitlines()[0][:300]
    reading = LogReading(text, "not_started", error=line)
    if not text.endswith("\n"):
        reading.flags.append("end_missing")
    return reading


class _Started:
    """Takes the log of a tool that started apart."""

    def __init__(self, text: str) -> None:
        self.reading = LogReading(text, "ok")
        self.text = text = _telling_lines(text)
        self.facts = self.reading.facts
        self.models = [(match[3], match.start()) for match in _MODEL_FILE.finditer(text)]
        self.reading.tool = self.tool = self.find_tool()
        self.header()
        if self.tool in (SPECULATIVE, LOOKUP):
            timings = self.speculation()
        else:
            timings = text
            self.generation(timings)
        self.timings(timings)
        self.judge(timings)

    def flag(self, name: str) -> None:
        self.reading.flags.append(name)

    def find_tool(self) -> str | None:
        text = self.text
        # An answer may hold any of these lines, but hardly both.
        if _DECODED.search(text) and (_COUNTS["n_drafted"].search(text) or _ACCEPT.search(text)):
            looked_up = _LOOKUP_TIMES.search(text) is not None and not _DRAFT_SECTION.search(text)
            return LOOKUP if looked_up else SPECULATIVE
        if "\nclip_model_loader: " in text or "\nmtmd_cli_context: " in text:
            return MTMD
        if len(self.models) > 1:
            return SPECULATIVE
        if "main: load the model and apply lora adapter" in text or "common_perf_print: " in text:
            return COMPLETION
        return MTMD if "llama_perf_context_print: " in text else None

    def header(self) -> None:
        # Of several models the first is the target; its header ends where the draft's begins.
        end = self.models[1][1] if len(self.models) > 1 else len(self.text)
        text = self.text[:end]
        facts = self.facts
        if match := _BUILD.search(text):
            facts["build_number"] = whole_number(match[1], from_text=True)
            facts["build_commit"], facts["build_compiler"], facts["build_target"] = match[2], match[3], match[4].strip()
        if self.models:
            facts["model_path"] = self.models[0][0]
            facts["model"] = model_of(self.models[0][0])
            facts["model_id"] = model_id(facts["model"])
        if len(self.models) > 1:
            facts["draft_model_path"] = self.models[1][0]
            facts["draft_model"] = model_of(self.models[1][0])
            facts["draft_model_id"] = model_id(facts["draft_model"])
        for name, pattern in (
            ("general_name", _GENERAL_NAME),
            ("architecture", _ARCHITECTURE),
            ("file_type", _FILE_TYPE),
        ):
            if match := pattern.search(text):
                facts[name] = match[1].strip()
        if match := _PARAMETERS.search(text):
            facts["parameter_count"] = count_of(match[1])
        if match := _FILE_SIZE.search(text):
            facts["size_bytes"], facts["bits_per_weight"] = bytes_of(match[1]), finite_number(match[2], from_text=True)
        for name, pattern in (("experts_used", _EXPERTS), ("n_threads", _THREADS), ("n_context", _CONTEXT)):
            if match := pattern.search(text):
                facts[name] = whole_number(match[1], from_text=True)
        if facts.get("experts_used") == 0:  # a model without experts
            facts["experts_used"] = None
        if self.tool == MTMD:
            for name, pattern in (("image_encode_ms", _IMAGE_ENCODED), ("image_decode_ms", _IMAGE_DECODED)):
                found = [finite_number(each, from_text=True) for each in pattern.findall(text)]
                if found:
                    facts[name] = sum(each for each in found if each is not None)

    def speculation(self) -> str:
        """Counts of drafted and accepted tokens, the draft's timings; returns the text with the target's."""
        facts, text = self.facts, self.text
        for name, pattern in _COUNTS.items():
            facts[name] = _last_integer(pattern, text)
        accept = _last(_ACCEPT, text)
        stated = finite_number(accept[1], from_text=True) if accept else None
        drafted, accepted = facts["n_drafted"], facts["n_accepted"]
        if drafted and accepted is not None and accepted <= drafted:
            facts["acceptance_rate"] = accepted / drafted
            if stated is not None and abs(100 * accepted / drafted - stated) > 0.01:
                self.flag("counts_contradict")
        elif stated is not None and stated <= 100:
            facts["acceptance_rate"] = stated / 100
        if drafted is not None and accepted is not None and accepted > drafted:
            self.flag("counts_contradict")
        if match := _last(_ENCODED, text):
            facts["encoded_tokens"] = whole_number(match[1], from_text=True)
            seconds = finite_number(match[2], from_text=True)
            facts["encode_ms"] = None if seconds is None else round(seconds * 1000, 3)
            facts["encode_tps"] = finite_number(match[3], from_text=True)
        if match := _last(_DECODED, text):
            facts["generated_tokens"] = whole_number(match[1], from_text=True)
            seconds = finite_number(match[2], from_text=True)
            facts["generation_ms"] = None if seconds is None else round(seconds * 1000, 3)
            facts["decode_tps"] = facts["generation_tps"] = finite_number(match[3], from_text=True)
            self.compare(facts["generated_tokens"], facts["generation_ms"], facts["decode_tps"])
        begin = accept.end() if accept else 0
        target = _TARGET_SECTION.search(text, begin)
        draft = _DRAFT_SECTION.search(text, begin)
        if draft is not None:
            self.draft(text[draft.end() : target.start() if target else len(text)])
        return text[target.end() :] if target else ""

    def draft(self, text: str) -> None:
        facts = self.facts
        if match := _LOAD.search(text):
            facts["draft_load_ms"] = finite_number(match[1], from_text=True)
        if match := _PROMPT.search(text):
            facts["draft_prompt_ms"], facts["draft_prompt_tokens"], facts["draft_prompt_tps"] = _timing(match)
        if match := _GENERATION.search(text):
            milliseconds, runs, tps = _timing(match)
            facts["draft_generation_ms"], facts["draft_generated_tokens"] = milliseconds, runs
            facts["draft_generation_tps"] = tps if runs is not None and runs > 1 else None
            self.flag("draft_timing_first")
        if match := _TOTAL.search(text):
            facts["draft_total_ms"] = finite_number(match[1], from_text=True)

    def generation(self, text: str) -> None:
        """Speed of a tool that generates token by token; none for a single run, which times nothing."""
        match = _last(_GENERATION, text)
        if match is None:
            return
        milliseconds, runs, tps = _timing(match)
        facts = self.facts
        facts["generation_ms"], facts["generated_tokens"] = milliseconds, runs
        if tps is None:
            self.flag("infinite_tps")
            self.reading.extra["generation_tps"] = match[4]
        elif runs is None or runs <= 1:
            self.flag("one_token")
            self.reading.extra["generation_tps"] = match[4]
        else:
            facts["generation_tps"] = tps
            self.compare(runs, milliseconds, tps)

    def timings(self, text: str) -> None:
        facts = self.facts
        if match := _last(_LOAD, text):
            facts["load_ms"] = finite_number(match[1], from_text=True)
        if match := _last(_PROMPT, text):
            facts["prompt_ms"], facts["prompt_tokens"], facts["prompt_tps"] = _timing(match)
            self.compare(facts["prompt_tokens"], facts["prompt_ms"], facts["prompt_tps"])
            if self.tool in (SPECULATIVE, LOOKUP):
                self.flag("prompt_includes_verification")
        if match := _last(_TOTAL, text):
            facts["total_ms"] = total = finite_number(match[1], from_text=True)
            predicted = facts.get("n_predict")
            if total and predicted is not None:
                facts["effective_tps"] = 1000 * predicted / total

    def compare(self, tokens: int | None, milliseconds: float | None, tps: float | None) -> None:
        if tokens and tps and milliseconds and milliseconds >= 1:
            expected = 1000 * tokens / milliseconds
            if abs(expected - tps) > _LARGEST_CONTRADICTION * max(expected, tps):
                self.flag("timing_contradicts")

    def judge(self, timings: str) -> None:
        """Whether the log is whole: every tool ends with the graphs' count, most with a table of memory."""
        reading, facts = self.reading, self.facts
        last = _last(_GRAPHS_REUSED, timings)
        eval_line = _last(_GENERATION, timings)
        is_timed = eval_line is not None
        if self.tool in (SPECULATIVE, LOOKUP):
            is_timed = is_timed and facts.get("decode_tps") is not None
        ends = last is not None and (eval_line is None or last.start() > eval_line.end())
        if not ends:
            reading.status = "truncated"
            reading.error = "ends before its timings do" if is_timed else "ends before its timings"
            self.flag("end_missing")
        elif not is_timed:
            reading.status = "no_timing"
            reading.error = "is whole, but has no time of the generation that can be read"
            self.flag("no_timing")
        if ends and self.tool != MTMD and last is not None and not self.ends_with_memory(timings[last.end() :]):
            self.flag("end_missing")
        wanted = ("build_number", "model", "general_name", "architecture", "file_type", "parameter_count", "size_bytes")
        if reading.status != "truncated" and any(facts.get(name) is None for name in wanted):
            self.flag("header_incomplete")

    def ends_with_memory(self, text: str) -> bool:
        # The host's row first, then one for each kind of buffer that the model's weights were loaded into.
        rows = set(_BREAKDOWN_ROW.findall(text))
        buffers = {name for name in _BUFFER.findall(self.text) if name not in ("CPU", "CPU_Mapped")}
        return "Host" in rows and buffers <= rows


def _telling_lines(text: str) -> str:
    """The lines that a pattern of this module can match: few of a log's, and so far faster to search."""
    lines = text.replace("\r\n", "\n").split("\n")
    last = len(lines) - 1
    return "".join(
        line + "\n" if at < last else line
        for at, line in enumerate(lines)
        if line.startswith(_TELLING_BEGINNINGS) or any(word in line for word in _TELLING_WORDS)
    )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007
        pass
    return found


def _last_integer(pattern: re.Pattern[str], text: str) -> int | None:
    match = _last(pattern, text)
    return whole_number(match[1], from_text=True) if match else None


def _timing(match: re.Match[str]) -> tuple[float | None, int | None, float | None]:
    """Milliseconds, tokens, tokens per second (None for inf and nan) of a timing line."""
    return (
        finite_number(match[1], from_text=True),
        whole_number(match[2], from_text=True),
        finite_number(match[4], from_text=True),
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="text_log",
        family="logs",
        version=1,
        tables=(LogMeasurement, RawText),
        recognises=recognises_log,
        read=read_log,
        rows=rows_of_log,
    ),
)
