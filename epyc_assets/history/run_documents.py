"""What run directories of the record hold besides results and logs: metadata, compaction tests, and dumps.

Here: `metadata.json`, the compaction tests, the dumps made from the results, and what all documents of a run
directory have in common. Not here: result files (run_result), text logs (text_log), measurements of the corpus index
and of drafts (corpus_documents), the feature validation (feature_validation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history import naming
from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, clean_text
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import Harvest, Record, Unfit, from_document, has_keys, kind_of, read_document
from epyc_assets.history.rows import Imported, Row

FAMILY = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetadata(Row):
    """One metadata.json of a run made by the old shell scripts."""

    table: ClassVar[str] = "run_metadata"

    run_pk: int
    run_dir: str
    run_id_in_file: str | None
    started_at: datetime | None
    hostname: str | None
    cpu: str | None
    ram: str | None
    llama_cpp_version: str | None
    llama_cpp_commit: str | None
    prompt_version: str | None
    benchmark_version: str | None
    domains_processed: tuple[str, ...]
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactionTest(Row):
    """One test of shortening a long conversation."""

    table: ClassVar[str] = "compaction_test"

    ordinal: int
    tested_at: datetime | None
    name: str | None
    passed: bool | None
    error: str | None
    context_characters: int | None
    context_estimated_tokens: int | None
    answer_characters: int | None
    answer_preview: str | None
    has_answer: bool | None
    elapsed_s: float | None
    tool_results_cleared: int | None
    compaction_triggered: bool | None
    compaction_tokens_saved: int | None
    mode: str | None
    role: str | None
    turns: int | None
    quality_flags: tuple[str, ...]
    extra: Json | None


def run_dir_of(place: Place) -> str:
    """The run directory of a file: the folder below results/runs, else its own folder; empty at the root."""
    return place.folder_below("results", "runs") or (place.parts[-2] if len(place.parts) > 1 else "")


def merged_extra(fields: Fields, **parts: Fields) -> Json | None:
    """The rest of a record and of its taken-apart objects, each of these under its own name."""
    rests = {name: each.rest() for name, each in parts.items()}
    inner = ", ".join(f'"{name}": {rest}' for name, rest in rests.items() if rest is not None)
    rest = fields.rest()
    if not inner:
        return rest
    return Json(f"{{{inner}}}" if rest is None else f"{rest[:-1]}, {inner}}}")


def texts_of(fields: Fields, key: str) -> tuple[str, ...]:
    """A list of texts; anything else stays in the rest."""
    value = fields.items(key)
    if all(isinstance(each, str) for each in value):
        return tuple(clean_text(each) for each in value)
    fields.put_back(key)
    return ()


def nothing_to_import(_value: object, _place: Place) -> Imported:
    """No rows and no rejects: the file repeats what others hold."""
    return Imported(flags=["derived"])


def recognises_run_metadata(content: Content, _place: Place) -> bool:
    """An object that names a run, the host (`system`) and the program (`llama_cpp`)."""
    return has_keys(content, "run_id", "system", "llama_cpp")


def recognises_compaction_tests(content: Content, place: Place) -> bool:
    """An object of a time and named tests of compaction, alone."""
    if not has_keys(content, "timestamp", "tests") or not isinstance(content.json["tests"], list):
        return False
    if "compaction_validation" in place.parts[:-1]:
        return True
    return any(isinstance(each, dict) and "compaction_triggered" in each for each in content.json["tests"])


def recognises_dump(content: Content, place: Place) -> bool:
    """A JSON object directly in a run directory, named general_* or thinking_*, that is no result file: the answers
    again, by question and role or by model. Contents alone cannot tell: any nested object looks like it."""
    if not place.name.startswith(("general_", "thinking_")) or not place.name.endswith(".json"):
        return False
    if place.parts[-4:-2] != ("results", "runs") or not isinstance(content.json, dict):
        return False
    return bool(content.json) and all(isinstance(each, dict) for each in content.json.values())


@from_document(dict)
def rows_run_metadata(value: dict[str, Any], harvest: Harvest) -> None:
    """The row of a metadata.json."""
    harvest.take([Record("whole file", value)], lambda _record, fields: [_metadata(fields, harvest.place)])


@from_document(dict)
def rows_compaction_tests(value: dict[str, Any], harvest: Harvest) -> None:
    """A row per test. What the file has besides its time and its tests is in the extra of every row."""
    fields = Fields(value)
    tested_at, tests = fields.time("timestamp"), fields.items("tests")
    if not isinstance(value.get("tests"), list):
        raise Unfit(f"the tests are {kind_of(value.get('tests'))}, not a list")
    harvest.take(
        numbered(tests, "tests"),
        lambda record, test: [_compaction_test(test, number_of(record), tested_at, harvest.place, fields)],
    )


def numbered(items: Iterable[Any], name: str = "element") -> Iterable[Record]:
    """The items of a list as records, numbered from 1."""
    return (Record(f"{name} {number}", each) for number, each in enumerate(items, start=1))


def number_of(record: Record) -> int:
    """The number that `numbered` gave a record."""
    return int(record.location.rpartition(" ")[2])


def _metadata(record: Mapping[str, Any], place: Place) -> RunMetadata:
    fields = Fields(record)
    run_dir, run_id = run_dir_of(place), fields.text("run_id")
    system, program = Fields(fields.mapping("system")), Fields(fields.mapping("llama_cpp"))
    return RunMetadata(
        source_file_id=place.source_file_id,
        run_pk=naming.run_pk(run_dir),
        run_dir=run_dir,
        run_id_in_file=run_id,
        started_at=fields.time("timestamp"),
        hostname=system.text("hostname"),
        cpu=system.text("cpu"),
        ram=system.text("ram"),
        llama_cpp_version=_text_or_number(program, "version"),
        llama_cpp_commit=program.text("commit"),
        prompt_version=_text_or_number(fields, "prompt_version"),
        benchmark_version=_text_or_number(fields, "benchmark_version"),
        domains_processed=texts_of(fields, "domains_processed"),
        quality_flags=() if run_id is None or run_id == run_dir else ("run_id_mismatch",),
        extra=merged_extra(fields, system=system, llama_cpp=program),
    )


def _text_or_number(fields: Fields, key: str) -> str | None:
    text = fields.text(key)
    if text is not None:
        return text
    number = fields.integer(key)
    return None if number is None else str(number)


def _compaction_test(
    record: Mapping[str, Any], ordinal: int, tested_at: datetime | None, place: Place, around: Fields
) -> CompactionTest:
    fields = Fields(record)
    error, passed, has_answer = fields.text("error"), fields.flag("pass"), fields.flag("has_answer")
    turns = fields.integer("turns")
    role = fields.text("role")
    if role == "?":  # the test's own mark for a role it was not told
        fields.put_back("role")
        role = None
    flags = []
    if error is not None and error.startswith("http_"):
        flags.append("infra_error")
    if passed and has_answer is False:
        flags.append("passed_without_answer")
    return CompactionTest(
        source_file_id=place.source_file_id,
        ordinal=ordinal,
        tested_at=tested_at,
        name=fields.text("name"),
        passed=passed,
        error=error,
        context_characters=fields.integer("context_chars"),
        context_estimated_tokens=fields.integer("context_est_tokens"),
        answer_characters=fields.integer("answer_chars"),
        answer_preview=fields.text("answer_preview"),
        has_answer=has_answer,
        elapsed_s=fields.number("elapsed_s"),
        tool_results_cleared=fields.integer("tool_results_cleared"),
        compaction_triggered=fields.flag("compaction_triggered"),
        compaction_tokens_saved=fields.integer("compaction_tokens_saved"),
        mode=fields.text("mode"),
        role=role,
        turns=turns if turns is not None else fields.integer("turns_used"),
        quality_flags=tuple(flags),
        extra=merged_extra(fields, file=around),
    )


def document_format(
    name: str,
    recognises: Callable[[Content, Place], bool],
    rows: Callable[[Any, Place], Imported],
    *tables: type[Row],
) -> Format:
    """A format whose files are one JSON document each."""
    return Format(
        name=name, family=FAMILY, version=1, tables=tables, recognises=recognises, read=read_document, rows=rows
    )


FORMATS: tuple[Format, ...] = (
    document_format("run_metadata", recognises_run_metadata, rows_run_metadata, RunMetadata),
    document_format("compaction_tests", recognises_compaction_tests, rows_compaction_tests, CompactionTest),
    document_format("run_dump", recognises_dump, nothing_to_import),
)
