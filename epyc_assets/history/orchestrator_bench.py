"""Benchmark tests of the orchestrator's own workings: routing, delegation, escalation, by tier.

Here: the bench JSON of results/orchestrator. Not here: its answers to suites' questions (orchestrator).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, clean_text
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import (
    Harvest,
    Record,
    Unfit,
    from_document,
    kind_of,
    ordinal_of,
    raw_of,
    read_document,
    records_of,
)
from epyc_assets.history.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorBench(Row):
    """One tier of benchmark tests in one file, with its totals as the file states them."""

    table: ClassVar[str] = "orchestrator_bench"

    tier_ordinal: int
    tier: str
    suite: str | None
    total: int | None
    passed: int | None
    failed: int | None
    pass_rate: float | None
    avg_latency_ms: float | None
    avg_turns: float | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorBenchTest(Row):
    """One benchmark test of the orchestrator's own workings."""

    table: ClassVar[str] = "orchestrator_bench_test"

    tier_ordinal: int
    ordinal: int
    tier: str
    test_id: str
    suite: str | None
    passed: bool | None
    turns: int | None
    latency_ms: float | None
    functions_called: Json | None
    escalation_triggered: bool | None
    escalation_to: str | None
    final_called: bool | None
    error: str | None
    response_preview: str | None
    criteria_results: Json | None
    extra: Json | None


def recognises_bench(content: Content, place: Place) -> bool:
    """An object of tiers, each an object with a list of tests."""
    del place
    if b'"tests"' not in content.data or b'"test_id"' not in content.data or not isinstance(content.json, dict):
        return False
    tiers = content.json.values()
    return any(isinstance(tier, dict) and isinstance(tier.get("tests"), list) for tier in tiers)


@from_document(dict)
def rows_bench(document: Mapping[str, Any], harvest: Harvest) -> None:
    """Rows of a benchmark file; the tests of all its tiers are the records."""
    source = harvest.place.source_file_id
    for tier_ordinal, (key, found) in enumerate(document.items()):
        tier = clean_text(key)
        if not isinstance(found, dict) or not isinstance(found.get("tests"), list):
            harvest.imported.records += 1
            harvest.imported.rejected_records += 1
            harvest.reject(tier, f"{kind_of(found)} instead of a tier with its list of tests", raw_of(found))
            continue
        fields = Fields(found)

        def rows_of(record: Record, value: Mapping[str, Any], tier: str = tier, at: int = tier_ordinal) -> list[Row]:
            return [_bench_test(value, source, at, tier, ordinal_of(record))]

        harvest.take(records_of(f"{tier}/tests", fields.items("tests")), rows_of)
        harvest.imported.rows.append(
            OrchestratorBench(
                source_file_id=source,
                tier_ordinal=tier_ordinal,
                tier=tier,
                suite=fields.text("suite"),
                total=fields.integer("total"),
                passed=fields.integer("passed"),
                failed=fields.integer("failed"),
                pass_rate=fields.number("pass_rate"),
                avg_latency_ms=fields.number("avg_latency_ms"),
                avg_turns=fields.number("avg_turns"),
                extra=fields.rest(),
            )
        )


def _bench_test(
    value: Mapping[str, Any], source: int, tier_ordinal: int, tier: str, ordinal: int
) -> OrchestratorBenchTest:
    fields = Fields(value)
    test_id = fields.text("test_id")
    if test_id is None:
        raise Unfit("no test_id")
    return OrchestratorBenchTest(
        source_file_id=source,
        tier_ordinal=tier_ordinal,
        ordinal=ordinal,
        tier=tier,
        test_id=test_id,
        suite=fields.text("suite"),
        passed=fields.flag("passed"),
        turns=fields.integer("turns"),
        latency_ms=fields.number("latency_ms"),
        functions_called=fields.json("functions_called"),
        escalation_triggered=fields.flag("escalation_triggered"),
        escalation_to=fields.text("escalation_to"),
        final_called=fields.flag("final_called"),
        error=fields.text("error"),
        response_preview=fields.text("response_preview"),
        criteria_results=fields.json("criteria_results"),
        extra=fields.rest(),
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="orchestrator_bench",
        family="orchestrator",
        version=1,
        tables=(OrchestratorBenchTest, OrchestratorBench),
        recognises=recognises_bench,
        read=read_document,
        rows=rows_bench,
    ),
)
