"""The master table by two ways, the platform's SQL and plain Python from the files, and each trap of its rule."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.review_alias import ReviewAlias, alias_frame, load_review_aliases
from epyc_assets.warehouse.derived import derived_tables
from epyc_assets_tests.history.derived_record import derived_warehouse, records_of
from epyc_assets_tests.history.master_table import SUITES, master_table
from epyc_assets_tests.history.traps import ALIASES, write_traps

QUALITY = [f"{suite}_{count}" for suite in (*SUITES, "total") for count in ("passes", "reviewed")]
COLUMNS = [
    *("row_name", "model", "config", *QUALITY, "pct", "tps_median", "tps_mean", "spec_draft", "spec_best_tps"),
    *("spec_k_results", "lookup_best_tps", "lookup_n_results", "review_kind"),
]

Rows = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the record of traps."""
    return write_traps(tmp_path_factory.mktemp("traps"))


@pytest.fixture(scope="module")
def trapped(traps: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with it."""
    aliases = [ReviewAlias(name, row_name, "cells") for name, row_name in ALIASES.items()]
    connection = derived_warehouse(traps, aliases=alias_frame(aliases))
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def rows(trapped: duckdb.DuckDBPyConnection) -> Rows:
    """The master table of the record of traps."""
    return table_of(trapped, "model_summary")


@pytest.fixture(scope="module")
def aliased(trapped: duckdb.DuckDBPyConnection) -> Rows:
    """The aliased table of the record of traps."""
    return table_of(trapped, "model_summary_aliased")


def table_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, dict[str, Any]]:
    """Row name to its columns."""
    return {str(each["row_name"]): each for each in records_of(connection, f"SELECT * FROM history.{table}")}


def differences(found: Rows, expected: Rows) -> list[tuple[str, str, object, object]]:
    """(row, column, found, expected) of each cell that differs; figures within the last digits of a double."""
    wrong: list[tuple[str, str, object, object]] = []
    for row in sorted(set(found) | set(expected)):
        for column in expected.get(row, {"row_name": None}):
            one, other = (table.get(row, {}).get(column) for table in (found, expected))
            close = isinstance(one, float) and isinstance(other, float) and math.isclose(one, other, rel_tol=1e-12)
            if not close and one != other:
                wrong.append((row, column, one, other))
    return wrong


def test_both_ways_agree_on_the_traps(traps: Path, rows: Rows) -> None:
    assert differences(rows, master_table(traps)) == []
    assert sorted(rows) == [
        *("Bare-2B", "Blind-2B", "Copied-3B", "Elder-70B", "Even-9B", "Mixed-30B", "Mixed-30B_moe12", "Mixed-30B_moe4"),
        *("Mute-2B", "Odd-8B", "Plain-3B", "Shared-32B-Q4", "Swift-7B", "Wild-9B"),
    ]


def test_both_ways_agree_on_the_traps_with_aliases(traps: Path, aliased: Rows) -> None:
    assert differences(aliased, master_table(traps, ALIASES)) == []


def test_both_ways_agree_on_the_real_record(record: Path, real_record: duckdb.DuckDBPyConnection) -> None:
    expected = master_table(record)
    assert differences(table_of(real_record, "model_summary"), expected) == []
    assert any(each["review_kind"] == "rescored" for each in expected.values())
    assert any(each["spec_k_results"] for each in expected.values())


def test_both_ways_agree_on_the_real_record_with_aliases(record: Path, real_record: duckdb.DuckDBPyConnection) -> None:
    aliases = {each.name: each.row_name for each in load_review_aliases()}
    expected = master_table(record, aliases)
    assert differences(table_of(real_record, "model_summary_aliased"), expected) == []
    assert len(expected) > len(master_table(record))


def test_a_difference_would_be_found(traps: Path, rows: Rows) -> None:
    changed = {name: dict(row) for name, row in rows.items()}
    changed["Swift-7B"]["tps_median"] += 1e-6
    del changed["Plain-3B"]
    wrong = differences(changed, master_table(traps))
    assert {(row, column) for row, column, *_ in wrong} >= {("Swift-7B", "tps_median"), ("Plain-3B", "row_name")}


def test_the_columns_stand_in_the_order_that_was_promised() -> None:
    for table in derived_tables():
        if table.qualified_name in ("history.model_summary", "history.model_summary_aliased"):
            assert list(table.columns)[: len(COLUMNS)] == COLUMNS


def test_of_several_roles_the_most_reviewed_by_the_stricter_judge_speaks(rows: Rows) -> None:
    row = rows["Shared-32B-Q4"]
    assert (row["role"], row["run_dir"], row["base_files"]) == ("main", "20260102_000000", 6)
    assert (row["math_passes"], row["math_reviewed"], row["general_passes"], row["total_reviewed"]) == (2, 5, 1, 6)
    assert (row["tps_median"], row["review_kind"], row["review_name"]) == (6.0, "rescored", "main_baseline_rescored")


def test_shards_are_one_model(rows: Rows) -> None:
    assert "Mixed-30B" in rows
    assert not any("-of-" in name for name in rows)


def test_the_median_leaves_out_what_was_not_measured(rows: Rows) -> None:
    assert rows["Swift-7B"]["tps_median"] == 12.0
    assert rows["Swift-7B"]["tps_mean"] == 424.17
    assert rows["Mute-2B"]["tps_median"] is None


def test_the_last_file_by_path_counts_and_files_without_a_speed_do_not(trapped: duckdb.DuckDBPyConnection) -> None:
    speeds = trapped.execute(
        "SELECT k, arg_max(tps_mean, path) FROM history.benchmark_speed "
        "WHERE draft = 'tiny_q2_k' AND measured > 0 GROUP BY k ORDER BY k"
    ).fetchall()
    assert speeds == [(4, 9.26), (8, 23.5), (16, 23.0)]


def test_the_best_draft_is_the_one_with_the_highest_speed_at_any_k(rows: Rows) -> None:
    row = rows["Swift-7B"]
    assert (row["spec_draft"], row["spec_best_tps"], row["spec_k_results"]) == ("peak", 23.6, "k4:23.6,k16:3.5,k32:2.2")
    assert (row["lookup_best_tps"], row["lookup_n_results"]) == (12.7, "n3:12.7,n4:12.2,n5:11.0")


def test_configs_that_only_change_speed_lend_no_quality_and_make_no_row(rows: Rows) -> None:
    assert rows["Swift-7B"]["total_reviewed"] == 0
    assert rows["Swift-7B"]["review_kind"] is None
    assert "Orphan-1B" not in rows
    assert "Swift-7B_moe4" not in rows


def test_fewer_experts_are_a_row_with_speeds_of_its_own(rows: Rows) -> None:
    base, four, twelve = (rows[f"Mixed-30B{each}"] for each in ("", "_moe4", "_moe12"))
    assert (four["model"], four["config"], four["spec_draft"], four["lookup_n_results"]) == (
        *("Mixed-30B", "moe4"),
        *("small", "n3:15.0"),
    )
    assert (base["config"], base["spec_draft"], base["lookup_n_results"]) == ("baseline", None, "n3:11.0")
    assert (four["coder_passes"], four["vl_passes"], four["total_reviewed"]) == (1, 1, 3)
    assert (base["review_kind"], four["review_kind"], twelve["review_kind"]) == ("plain", "rescored", None)


def test_only_whole_scores_of_the_scale_are_judgements(rows: Rows) -> None:
    row = rows["Odd-8B"]
    assert (row["math_passes"], row["math_reviewed"]) == (2, 2)
    assert (row["vl_passes"], row["vl_reviewed"], row["total_reviewed"]) == (1, 1, 3)


def test_a_missing_score_column_is_no_review_of_anything(rows: Rows) -> None:
    for name in ("Blind-2B", "Bare-2B"):
        assert (rows[name]["total_reviewed"], rows[name]["pct"], rows[name]["review_kind"]) == (0, None, "plain")


def test_snapshots_of_reviews_and_reviews_of_a_copy_never_count(rows: Rows) -> None:
    assert (rows["Plain-3B"]["review_kind"], rows["Plain-3B"]["pct"]) == ("plain", 50.0)
    assert (rows["Copied-3B"]["review_kind"], rows["Copied-3B"]["pct"]) == ("plain", 33.33)


def test_an_alias_replaces_or_adds_a_row_and_changes_no_speed(rows: Rows, aliased: Rows) -> None:
    assert set(aliased) - set(rows) == {"Lost-9B_moe4", "STACK_OF_MARCH"}
    elder, lost, stack = (aliased[name] for name in ("Elder-70B", "Lost-9B_moe4", "STACK_OF_MARCH"))
    assert (rows["Elder-70B"]["pct"], elder["pct"], elder["is_aliased"], elder["tps_median"]) == (
        100.0,
        50.0,
        True,
        1.5,
    )
    assert (elder["general_reviewed"], elder["review_kind"]) == (0, "rescored")
    assert (lost["model"], lost["config"], lost["has_run"], lost["tps_median"]) == ("Lost-9B", "moe4", False, None)
    assert (stack["review_kind"], stack["agentic_passes"], stack["agentic_reviewed"]) == ("plain", 1, 2)
    assert not aliased["Plain-3B"]["is_aliased"]


def test_halves_of_a_percentage_go_to_even(rows: Rows) -> None:
    assert rows["Even-9B"]["pct"] == 78.12


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 400))
def test_percentages_equal_exact_decimal_arithmetic(total: int) -> None:
    expression = percentage_expression()
    found = duckdb.execute(
        f"SELECT {expression} FROM (SELECT range AS total_passes, {total} AS total_reviewed FROM range({total} + 1))"
    ).fetchall()
    for passes, (pct,) in enumerate(found):
        exact = (Decimal(100 * passes) / Decimal(total)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        assert Decimal(repr(pct)) == exact, (passes, total)


def test_percentages_of_all_small_totals_equal_exact_decimal_arithmetic() -> None:
    found = duckdb.execute(
        f"SELECT total_passes, total_reviewed, {percentage_expression()} FROM ("
        "SELECT passes.range AS total_passes, reviewed.range AS total_reviewed "
        "FROM range(101) AS passes, range(1, 101) AS reviewed WHERE passes.range <= reviewed.range)"
    ).fetchall()
    assert len(found) == 5150
    halves = 0
    for passes, total, pct in found:
        share = Decimal(100 * passes) / Decimal(total)
        halves += share * 200 % 1 == 0 and share * 100 % 1 != 0
        assert Decimal(repr(pct)) == share.quantize(Decimal("0.01"), ROUND_HALF_EVEN), (passes, total)
    assert halves > 0


def percentage_expression() -> str:
    """The expression of review_tally.sql for pct."""
    (table,) = [each for each in derived_tables() if each.qualified_name == "history.review_tally"]
    return table.sql.rsplit("*,", 1)[1].rsplit("AS pct", 1)[0]
