"""What is derived from the record beside the master table: the hand-kept table put right, judges, suspects, things."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from epyc_assets.history.review_alias import ReviewAlias, alias_frame
from epyc_assets.warehouse.derived import column_lineage, derived_tables, header_faults, materialize_derived
from epyc_assets.warehouse.provenance import Provenance
from epyc_assets_tests.history.derived_record import derived_warehouse, records_of
from epyc_assets_tests.history.traps import ALIASES, REVIEWS, SUITES, write, write_traps

OF_HISTORY = [each for each in derived_tables() if each.schema == "history"]


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with the record of traps."""
    aliases = [ReviewAlias(name, row_name, "cells") for name, row_name in ALIASES.items()]
    root = write_traps(tmp_path_factory.mktemp("traps"))
    connection = derived_warehouse(root, aliases=alias_frame(aliases))
    yield connection
    connection.close()


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    return connection.execute(sql).fetchall()


def faults_of(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Row of the hand-kept table to what is wrong in it."""
    return {
        row: set(faults) for row, faults in ask(connection, "SELECT row_name, faults FROM history.committed_summary")
    }


@pytest.mark.parametrize("table", OF_HISTORY, ids=lambda table: table.name)
def test_every_column_is_explained_and_traced(table: Any, trapped: duckdb.DuckDBPyConnection) -> None:
    selected = [row[0] for row in ask(trapped, f"DESCRIBE {table.qualified_name}")]
    assert header_faults(table, selected) == []
    assert any(column_lineage(table).values())


@pytest.mark.parametrize("table", OF_HISTORY, ids=lambda table: table.name)
def test_building_a_table_again_gives_the_same_rows(table: Any, trapped: duckdb.DuckDBPyConnection) -> None:
    def contents() -> list[tuple[Any, ...]]:
        sql = f"SELECT * EXCLUDE (written_at) FROM {table.qualified_name} ORDER BY {', '.join(table.key)}"
        return ask(trapped, sql)

    before = contents()
    materialize_derived(trapped, table, Provenance(dagster_run_id="", code_version=""))
    assert contents() == before


def test_a_right_row_in_either_layout_has_no_fault_of_content(trapped: duckdb.DuckDBPyConnection) -> None:
    faults = faults_of(trapped)
    assert faults["Shared-32B-Q4"] == {"shifted_layout"}
    assert faults["Mixed-30B_moe4"] == set()


def test_rows_are_put_straight_by_their_width(trapped: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT row_name, layout, total, pct, avg_tps, vl, note FROM history.committed_summary"
    rows = {row[0]: row[1:] for row in ask(trapped, sql)}
    assert rows["Shared-32B-Q4"] == ("without_vl", "3/6", 50.0, "6.0", None, None)
    assert rows["Mixed-30B_moe4"] == ("with_vl", "2/3", 67.0, "14.0", "1/1", None)
    assert rows["Copied-3B"] == ("without_vl_note", "1/3", 33.0, "2.0", None, "Old")
    assert rows["Elder-70B"] == ("with_vl_note", "2/3", 60.0, "1.5", "-", "Kept by hand, in haste")


def test_each_fault_of_the_hand_kept_table_is_named(trapped: duckdb.DuckDBPyConnection) -> None:
    faults = faults_of(trapped)
    assert faults["Elder-70B"] == {
        *("unnamed_column", "total_not_sum", "pct_not_nearest", "total_differs", "pct_differs"),
    }
    assert faults["Swift-7B"] == {
        *("shifted_layout", "dagger_without_rescored", "tps_is_mean", "spec_best_tps_differs"),
        *("spec_k_results_differs", "lookup_n_results_differs"),
    }
    assert faults["STACK_OF_MARCH"] >= {"other_scale", "no_run", "agentic_differs", "coder_differs"}
    assert faults["Odd-8B"] >= {"pct_tie", "math_differs", "vl_differs", "total_differs"}
    assert faults["unknown"] == {"shifted_layout", "phantom_row"}
    assert faults["Gone-1B"] == {"no_source", "dagger_without_rescored"}
    assert faults["Mute-2B"] == {"odd_cell", "no_review"}


def test_rows_with_each_others_cells_are_found(trapped: duckdb.DuckDBPyConnection) -> None:
    rows = {
        row: (other, equal)
        for row, other, equal in ask(
            trapped,
            "SELECT row_name, swapped_with, equals_rows FROM history.committed_summary WHERE len(equals_rows) > 0",
        )
    }
    assert rows["Even-9B"][0] == "Plain-3B"
    assert rows["Plain-3B"] == ("Even-9B", ["Even-9B"])
    assert "Plain-3B" in rows["Even-9B"][1]
    assert "cells_of_another_row" in faults_of(trapped)["Even-9B"]


def test_the_derived_cells_stand_beside_the_written_ones(trapped: duckdb.DuckDBPyConnection) -> None:
    (row,) = records_of(trapped, "SELECT * FROM history.committed_summary WHERE row_name = 'Mixed-30B_moe4'")
    assert [(row[suite], row[f"derived_{suite}"]) for suite in SUITES if row[suite] != "-"] == [
        *(("1/2", "1/2"), ("1/1", "1/1")),
    ]
    assert (row["derived_total"], row["derived_pct"], row["derived_spec_k_results"]) == ("2/3", 66.67, "k8:17.0")


def test_every_line_of_the_real_hand_kept_table_is_there_once(real_record: duckdb.DuckDBPyConnection) -> None:
    lines = ask(real_record, "SELECT count(*), count(DISTINCT line) FROM history.committed_summary")
    assert lines == ask(
        real_record,
        "SELECT count(*), count(DISTINCT line) FROM history.committed_summary_line "
        "WHERE source_file_id IN (SELECT source_file_id FROM history.source_file WHERE duplicate_of IS NULL)",
    )


def test_the_known_faults_of_the_real_hand_kept_table_are_found(real_record: duckdb.DuckDBPyConnection) -> None:
    (whole,) = ask(real_record, "SELECT count(*) = 125 FROM history.committed_summary")
    if not whole[0]:
        pytest.skip("another hand-kept table than the one whose faults are known")
    found = Counter(fault for faults in faults_of(real_record).values() for fault in faults)
    assert found["shifted_layout"] == 91
    assert found["unnamed_column"] == 19
    assert (found["total_not_sum"], found["phantom_row"], found["other_scale"]) == (1, 1, 2)
    assert (found["pct_not_nearest"], found["pct_tie"]) == (1, 3)


def test_kappa_and_counts_equal_a_count_by_hand(trapped: duckdb.DuckDBPyConnection) -> None:
    # main_baseline: the plain judge gave five threes, the stricter one 3, 2, 1, 0, 0.
    (row,) = records_of(
        trapped, "SELECT * FROM history.judge_disagreement WHERE run_stem = 'main_baseline' AND suite = 'math'"
    )
    assert (row["n_common"], row["n_equal"], row["both_pass"], row["plain_only_pass"]) == (5, 1, 2, 3)
    assert (row["rescored_only_pass"], row["neither_pass"], row["mean_difference"]) == (0, 0, pytest.approx(-1.8))
    assert row["quadratic_weighted_kappa"] == pytest.approx(kappa([3] * 5, [3, 2, 1, 0, 0]))


def test_kappa_equals_the_sum_over_the_table_of_scores(real_record: duckdb.DuckDBPyConnection) -> None:
    pairs: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for stem, suite, plain, rescored in ask(
        real_record,
        "SELECT one.run_stem, a.suite, a.score, b.score FROM history.review_file AS one "
        "JOIN history.review_file AS two ON two.run_stem = one.run_stem AND two.kind = 'rescored' "
        "JOIN history.review_score AS a ON a.review_pk = one.review_pk "
        "JOIN history.review_score AS b ON b.review_pk = two.review_pk AND b.question_pk = a.question_pk "
        "WHERE one.kind = 'plain' AND a.score IS NOT NULL AND b.score IS NOT NULL",
    ):
        for each in (suite, "all"):
            found = pairs.setdefault((stem, each), ([], []))
            found[0].append(plain)
            found[1].append(rescored)
    rows = records_of(real_record, "SELECT * FROM history.judge_disagreement")
    assert {(row["run_stem"], row["suite"]) for row in rows} == set(pairs)
    for row in rows:
        plain, rescored = pairs[str(row["run_stem"]), str(row["suite"])]
        found, expected = row["quadratic_weighted_kappa"], kappa(plain, rescored)
        assert row["n_common"] == len(plain)
        assert (found is None) == (expected is None)
        assert expected is None or (isinstance(found, float) and math.isclose(found, expected, abs_tol=1e-9))


def kappa(one: list[int], other: list[int]) -> float | None:
    """Quadratic weighted kappa by its definition: sums over the four by four table of observed and expected counts."""
    n = len(one)
    observed, first, second = Counter(zip(one, other, strict=True)), Counter(one), Counter(other)
    expected_disagreement = sum((a - b) ** 2 * first[a] * second[b] / n for a in range(4) for b in range(4))
    if expected_disagreement == 0:
        return None
    return 1 - sum((a - b) ** 2 * observed[a, b] for a in range(4) for b in range(4)) / expected_disagreement


def test_each_implausible_figure_is_listed_with_its_limit(trapped: duckdb.DuckDBPyConnection) -> None:
    found = {
        (reason, subject.split()[0], metric): (figure, limit)
        for reason, subject, metric, figure, limit in ask(
            trapped, "SELECT reason, subject, metric, figure, limit_figure FROM history.suspect_figures"
        )
    }
    assert found["tps_outlier", "Swift-7B", "tps"] == (2500.0, None)
    assert found["above_roofline", "Wild-9B", "tps"] == (9.0, pytest.approx(8.96))
    assert found["above_speculation_cap", "Wild-9B", "tps_median"] == (27.3, pytest.approx(27.25))
    assert found["acceptance_not_a_ratio", "Wild-9B", "acceptance_rate_raw"] == (4.5, 1.0)
    assert ("untrusted_claim", "wild", "speedup") in found
    subjects = {(reason, subject) for reason, subject, _ in found}
    assert ("above_roofline", "Swift-7B") not in subjects


def test_plausible_figures_are_not_listed(trapped: duckdb.DuckDBPyConnection) -> None:
    # 8.9 is below the roofline; 27.3 at K = 8 is below nine times the baseline; 0.5 is a ratio.
    figures = ask(trapped, "SELECT figure, subject FROM history.suspect_figures WHERE subject LIKE 'Wild-9B%'")
    assert sorted(figures) == sorted(
        [
            (9.0, "Wild-9B baseline math/t1_q4"),
            (4.5, "Wild-9B spec_draft_tiny_k4 math/t1_q1"),
            (27.3, "Wild-9B spec_draft_tiny_k4"),
        ]
    )


def test_a_role_that_changed_models_has_a_row_for_each(trapped: duckdb.DuckDBPyConnection) -> None:
    rows = ask(
        trapped,
        "SELECT role, model, registry_model, is_registry_model FROM history.role_model_history "
        "WHERE role IN ('swift', 'wild') ORDER BY ALL",
    )
    assert rows == [("swift", "Swift-7B", "Newer-8B", False), ("wild", "Wild-9B", "Wild-9B", True)]


def test_the_tables_of_things_hold_each_thing_once(real_record: duckdb.DuckDBPyConnection) -> None:
    counts = {
        "config": "SELECT count(DISTINCT config) FROM (SELECT config FROM history.benchmark_result "
        "UNION SELECT config FROM history.expected_config) WHERE config IS NOT NULL",
        "model": "SELECT count(DISTINCT model) FROM (SELECT model FROM history.benchmark_result "
        "UNION SELECT model FROM history.log_measurement UNION SELECT model FROM history.registry_role) "
        "WHERE model <> ''",
        "role": "SELECT count(DISTINCT role) FROM (SELECT role FROM history.benchmark_result UNION SELECT role FROM "
        "history.registry_role UNION SELECT role FROM history.review_file UNION SELECT role FROM history.role_outcome) "
        "WHERE role IS NOT NULL",
        "suite": "SELECT count(DISTINCT suite) FROM history.question WHERE suite IS NOT NULL",
        "benchmark_speed": "SELECT count(*) FROM history.benchmark_result",
    }
    for table, sql in counts.items():
        ((expected,),) = ask(real_record, sql)
        assert ask(real_record, f"SELECT count(*) FROM history.{table}") == [(expected,)], table
        assert expected > 1


def test_results_and_answers_add_up_over_the_tables_of_things(real_record: duckdb.DuckDBPyConnection) -> None:
    ((results, answers),) = ask(
        real_record,
        "SELECT (SELECT count(*) FROM history.benchmark_result), (SELECT count(*) FROM history.question_result)",
    )
    for table in ("config", "model", "role", "run"):
        assert ask(real_record, f"SELECT sum(n_result_files)::BIGINT FROM history.{table}") == [(results,)], table
    for table in ("suite", "question"):
        assert ask(real_record, f"SELECT sum(n_answers)::BIGINT FROM history.{table}") == [(answers,)], table


def test_a_question_whose_prompt_file_is_gone_is_of_the_old_generation(real_record: duckdb.DuckDBPyConnection) -> None:
    wrong = ask(
        real_record,
        "SELECT suite, question_id, generation FROM history.question WHERE n_answers > 0 AND suite <> 'speed_test' AND "
        "(generation = 'v1_old') = (question_pk IN (SELECT question_pk FROM history.prompt)) ",
    )
    assert wrong == []
    assert dict(ask(real_record, "SELECT generation, count(*) FROM history.question GROUP BY ALL"))["v1_old"] > 0


def test_conformed_views_hold_every_row_of_the_record_that_is_no_copy(real_record: duckdb.DuckDBPyConnection) -> None:
    for view, table, condition in (
        ("all_results", "question_result", "true"),
        ("all_outcomes", "role_outcome", "true"),
        ("all_reviews", "review_score", "score IS NOT NULL"),
    ):
        ((expected,),) = ask(
            real_record,
            f"SELECT count(*) FROM history.{table} JOIN history.source_file USING (source_file_id) "
            f"WHERE duplicate_of IS NULL AND {condition}",
        )
        assert ask(real_record, f"SELECT count(*), count(DISTINCT origin) FROM {view}") == [(expected, 1)]
        assert expected > 0


def test_a_copy_of_the_record_inside_it_changes_no_figure(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("twice")
    write_traps(root / "first")
    once = derived_warehouse(root, aliases=alias_frame([]))
    write_traps(root / "second")
    twice = derived_warehouse(root, aliases=alias_frame([]))
    for sql in (
        "SELECT row_name, total_passes, total_reviewed, pct, tps_median, spec_k_results, lookup_n_results, review_kind "
        "FROM history.model_summary ORDER BY ALL",
        "SELECT row_name, faults FROM history.committed_summary ORDER BY ALL",
        "SELECT run_stem, suite, n_common FROM history.judge_disagreement ORDER BY ALL",
        "SELECT subject, metric, figure, reason FROM history.suspect_figures ORDER BY ALL",
        *(f"SELECT count(*) FROM {view}" for view in ("all_results", "all_reviews", "all_outcomes")),
    ):
        assert ask(once, sql) == ask(twice, sql), sql
        assert ask(once, sql)
    once.close()
    twice.close()


def test_an_infrastructure_error_is_no_failure(real_record: duckdb.DuckDBPyConnection) -> None:
    ((errors, judged),) = ask(
        real_record, "SELECT count(*), count(passed) FROM all_outcomes WHERE is_infrastructure_error"
    )
    assert judged == 0
    ((expected,),) = ask(
        real_record,
        "SELECT count(*) FROM history.role_outcome JOIN history.source_file USING (source_file_id) "
        "WHERE duplicate_of IS NULL AND error_type = 'infrastructure'",
    )
    assert errors >= expected > 0


def test_an_empty_record_has_empty_tables(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("empty")
    write(root, f"{REVIEWS}/notes.md", "Nothing yet.\n")
    connection = derived_warehouse(root, aliases=alias_frame([]))
    for table in OF_HISTORY:
        assert ask(connection, f"SELECT count(*) FROM {table.qualified_name}") == [(0,)], table.name
    connection.close()
