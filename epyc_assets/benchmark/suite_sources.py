"""All questions there are, by suite and source: what the catalogue lists and the validator looks at.

Belongs here: gathering generators' samples, shipped and imported files, and the catalogue's rows. Does not belong here:
the checks (question_validation), writing rows (defs).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from epyc_assets.benchmark.question_validation import Examined, Finding, Validation, validate_questions
from epyc_assets.suites.generation import generate, generators_of
from epyc_assets.suites.question import TIERS, Question
from epyc_assets.suites.suite_file import (
    IMPORTED_FOLDER,
    SHIPPED_FOLDER,
    SuiteFileFault,
    imported_files,
    read_suite_file,
    shipped_suites,
)

SOURCES = ("generated", "demo", "shipped", "imported")
SAMPLE_SIZE = 12
"""Questions of a generator that are looked at, unless told otherwise."""
SAMPLE_SEED = 20

CATALOGUE_SCHEMA: dict[str, Any] = {
    "suite": pl.String,
    "source": pl.String,
    "tier": pl.Int32,
    "file": pl.String,
    "version": pl.String,
    "questions": pl.Int64,
    "examined": pl.Int64,
    "scorers": pl.List(pl.String),
    "max_tokens": pl.Int32,
    "prompt_characters_median": pl.Float64,
    "computed_share_ratio": pl.Float64,
    "verified_share_ratio": pl.Float64,
    "solved_share_ratio": pl.Float64,
    "needs_judge": pl.Int64,
    "errors": pl.Int64,
    "warnings": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class SuiteSource:
    """One source of one suite. file: empty for a generator. questions: all of a file, a sample of a generator.
    fault: why there are none."""

    suite: str
    source: str
    file: str
    version: str
    questions: tuple[Examined, ...]
    fault: str | None = None

    @property
    def is_generator(self) -> bool:
        """Whether there are more questions than these."""
        return self.source in ("generated", "demo")


def suite_sources(
    checkout: Path,
    data: Path,
    *,
    suite: str | None = None,
    sources: Sequence[str] = SOURCES,
    sample: int = SAMPLE_SIZE,
    seed: int = SAMPLE_SEED,
    tiers: Sequence[int] = TIERS,
) -> Iterator[SuiteSource]:
    """Every source of every suite, or of one; a file that cannot be read is a source with a fault."""
    for source, wording in (("generated", "full"), ("demo", "demo")):
        if source in sources:
            for name, generator in sorted(generators_of(wording).items()):
                if suite in (None, name):
                    drawn = _drawn(name, wording, sample, seed, tiers)
                    yield SuiteSource(name, source, "", generator.version, *drawn)
    if "shipped" in sources:
        for name, path in shipped_suites(checkout).items():
            if suite in (None, name):
                yield _of_file(path, name, "shipped", str(SHIPPED_FOLDER / path.name))
    if "imported" in sources:
        for path in imported_files(data):
            found = _of_file(path, path.stem, "imported", str(IMPORTED_FOLDER / path.name))
            if suite in (None, found.suite):
                yield found


def file_source(path: Path) -> SuiteSource:
    """A file in our layout that is neither shipped nor imported yet."""
    return _of_file(path, path.stem, "file", str(path))


def examined(questions: Sequence[Question]) -> list[Examined]:
    """Questions without the file that they came from."""
    return [Examined(question, question.question_id, None, "generator:" in question.source) for question in questions]


def _drawn(
    suite: str, wording: str, sample: int, seed: int, tiers: Sequence[int]
) -> tuple[tuple[Examined, ...], str | None]:
    try:
        return tuple(examined(generate(suite, count=sample, seed=seed, wording=wording, tiers=tuple(tiers)))), None
    except Exception as error:  # noqa: BLE001 - one broken generator is a finding; the others are still looked at
        return (), f"{type(error).__name__}: {error}"


def _of_file(path: Path, name: str, source: str, shown_as: str) -> SuiteSource:
    try:
        file = read_suite_file(path, source=source, shown_as=shown_as)
    except SuiteFileFault as error:
        return SuiteSource(name, source, shown_as, "", (), str(error))
    fault = None
    if source == "shipped" and file.suite != name:
        fault = f"{shown_as}: its suite is {file.suite!r}: name the file after it"
    questions = tuple(
        Examined(each.question, each.name, each.computed_by, place=f"{shown_as}:{each.line}") for each in file.questions
    )
    return SuiteSource(file.suite, source, shown_as, file.version, questions, fault)


def repeated_across(sources: Iterable[SuiteSource]) -> list[Finding]:
    """Prompts that two files ask: each where it comes again, as a warning that names the first place.

    Within a file the validator finds them itself; generators are left out, for their questions are only a sample.
    """
    first: dict[str, tuple[SuiteSource, Examined]] = {}
    found: list[Finding] = []
    for source in sources:
        for each in source.questions if source.file else ():
            earlier, asked = first.setdefault(" ".join(each.question.prompt.casefold().split()), (source, each))
            if earlier.file != source.file:
                same = each.question.expected.strip() == asked.question.expected.strip()
                detail = f"asks what {asked.name} asks in {asked.place}" + (
                    ": keep one" if same else f", but expects {each.question.expected[:80]!r}: keep the right one"
                )
                found.append(
                    Finding(
                        source.suite, source.source, each.question.question_id, each.name, "repeated_prompt",
                        "warning" if same else "error", detail, each.place,
                    )
                )  # fmt: skip
    return found


def validate_source(source: SuiteSource, *, code_runs: int) -> Validation:
    """The validator over one source; a fault of the file is an error of it."""
    found = validate_questions(source.questions, code_runs=code_runs)
    if source.fault is not None:
        fault = Finding(source.suite, source.source, None, "", "file", "error", source.fault)
        found.findings.insert(0, fault)
    return found


def catalogue_rows(source: SuiteSource, found: Validation) -> list[dict[str, Any]]:
    """Rows of table suite_catalogue: one per tier that has questions."""
    rows = []
    tier_of = {each.question.question_id: each.question.tier for each in source.questions}
    for tier in TIERS:
        members = [each for each in source.questions if each.question.tier == tier]
        if not members:
            continue
        ids = {each.question.question_id for each in members}
        about = [finding for finding in found.findings if finding.question_id and tier_of[finding.question_id] == tier]
        rows.append(
            {
                "suite": source.suite,
                "source": source.source,
                "tier": tier,
                "file": source.file,
                "version": source.version,
                "questions": None if source.is_generator else len(members),
                "examined": len(members),
                "scorers": sorted({each.question.scorer for each in members}),
                "max_tokens": max(each.question.max_tokens for each in members),
                "prompt_characters_median": float(statistics.median(len(each.question.prompt) for each in members)),
                "computed_share_ratio": sum(each.computed_by is not None for each in members) / len(members),
                "verified_share_ratio": len(ids & found.verified) / len(members),
                "solved_share_ratio": len(ids & found.solved) / len(members),
                "needs_judge": sum(each.question.scorer == "judge" for each in members),
                "errors": sum(finding.severity == "error" for finding in about),
                "warnings": sum(finding.severity == "warning" for finding in about),
            }
        )
    return rows


def catalogue_frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows of table suite_catalogue."""
    return pl.DataFrame(rows, schema=CATALOGUE_SCHEMA)


def finding_rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as plain rows."""
    return [asdict(finding) for finding in findings]
