"""The recommendation takes the fastest config that is shown to be faster and as good, and says why not a faster one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.benchmark.recommendation import (
    BEST_CONFIG_SCHEMA,
    baseline_speeds,
    best_config,
    doubtful_recommendations,
    measured_files,
)
from epyc_assets.benchmark.speed import config_speed
from epyc_assets.inference.config import BASELINE, Config, LoadParameters
from epyc_assets_tests.benchmark.speed_rows import (
    FEW,
    FEW_SPEC,
    LOOKUP,
    SPEC,
    THREADS,
    agreement_frame,
    physics_frame,
    quality_frame,
    sessions_frame,
    speed_frame,
    speed_row,
    speed_runs,
)

BASE = speed_row(BASELINE)
HARMLESS = ("identical", "near_tie")


def recommended(
    *rows: Mapping[str, Any],
    agreement: Sequence[tuple[Config, Sequence[str]]] | None = None,
    quality: Sequence[tuple[Config, tuple[int, int, int]]] | None = None,
    flags: Sequence[tuple[Config, str]] | None = None,
    **options: Any,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The one row, and the reasons by config in words."""
    frame = best_config(
        speed_frame(BASE, *rows),
        agreement_frame(agreement or []),
        quality_frame(quality or []),
        physics_frame(flags or []),
        **options,
    )
    assert frame.schema == BEST_CONFIG_SCHEMA
    (row,) = frame.to_dicts()
    return row, {each["config"]: each["reason"] for each in json.loads(row["excluded"])}


def test_the_fastest_whose_answers_hold_is_taken() -> None:
    row, reasons = recommended(
        speed_row(SPEC, 1.8), speed_row(LOOKUP, 1.3), agreement=[(SPEC, HARMLESS), (LOOKUP, ["identical"])]
    )
    assert (row["config_id"], row["technique"], row["quality"]) == (SPEC.config_id, "spec", "inherited")
    assert (row["speedup"], row["speedup_low"]) == (1.8, pytest.approx(1.78))
    assert (row["generation_tps"], row["baseline_generation_tps"]) == (18.0, 10.0)
    assert row["quality_difference"] is None
    assert (row["considered"], reasons) == (3, {})


def test_a_faster_config_that_changes_answers_stands_beside_it_with_the_reason() -> None:
    kinds = ["identical", "real_change", "near_tie"]
    row, reasons = recommended(
        speed_row(SPEC, 1.8), speed_row(LOOKUP, 1.3), agreement=[(SPEC, kinds), (LOOKUP, HARMLESS)]
    )
    assert row["config"] == LOOKUP.name
    assert set(reasons) == {SPEC.name}
    assert "1 of 3 prompts" in reasons[SPEC.name]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"enough_rounds": False}, "rounds are not enough"),
        ({"speedup_low": 1.0}, "not shown to be faster"),
    ],
)
def test_speed_that_is_not_shown_leaves_the_baseline(changed: dict[str, Any], word: str) -> None:
    row, reasons = recommended(speed_row(SPEC, 1.8, **changed), agreement=[(SPEC, HARMLESS)])
    assert (row["config"], row["quality"]) == ("baseline", "baseline")
    assert (row["speedup"], row["speedup_low"], row["speedup_high"]) == (1, 1, 1)
    assert word in reasons[SPEC.name]


@pytest.mark.parametrize("ends", [(0.0, float("inf")), (None, None)])
def test_too_few_rounds_for_an_interval_are_a_reason_and_still_json(ends: tuple[float | None, float | None]) -> None:
    row, _ = recommended(
        speed_row(THREADS, 1.8, enough_rounds=False, used_rounds=4, speedup_low=ends[0], speedup_high=ends[1])
    )
    (excluded,) = json.loads(row["excluded"], parse_constant=pytest.fail)
    assert excluded["speedup_high"] is None
    assert excluded["reason"] == "4 rounds are not enough for an interval"


def test_what_is_not_faster_at_all_is_no_exclusion() -> None:
    row, reasons = recommended(speed_row(SPEC, 0.9), agreement=[(SPEC, HARMLESS)])
    assert (row["config"], reasons, row["considered"]) == ("baseline", {}, 2)


@pytest.mark.parametrize("flag", ["above_cap", "above_roofline"])
@pytest.mark.parametrize("kind", ["all", "code"])
def test_the_implausible_is_excluded(flag: str, kind: str) -> None:
    frame = best_config(
        speed_frame(BASE, speed_row(SPEC, 9.0)),
        agreement_frame([(SPEC, HARMLESS)]),
        quality_frame([]),
        physics_frame([(SPEC, flag)], kind),
    )
    assert frame["config"].to_list() == ["baseline"]
    assert f"implausible: {flag} in words" in frame["excluded"][0]


@pytest.mark.parametrize("flag", ["starved", "fits_in_cache"])
def test_other_flags_do_not_exclude(flag: str) -> None:
    row, _ = recommended(speed_row(SPEC, 1.8), agreement=[(SPEC, HARMLESS)], flags=[(SPEC, flag)])
    assert row["config"] == SPEC.name


@pytest.mark.parametrize(("kinds", "word"), [([], "not measured"), (["identical", "unclassified"], "1 of 2 prompts")])
def test_agreement_that_is_not_known_is_none(kinds: list[str], word: str) -> None:
    row, reasons = recommended(speed_row(SPEC, 1.8), agreement=[(SPEC, kinds)])
    assert row["config"] == "baseline"
    assert word in reasons[SPEC.name]


def test_agreement_of_other_contents_does_not_count() -> None:
    stale = agreement_frame([(SPEC, HARMLESS)], speed_key="of an older model file")
    frame = best_config(speed_frame(BASE, speed_row(SPEC, 1.8)), stale, quality_frame([]), physics_frame([]))
    assert frame["config"].to_list() == ["baseline"]


def test_fewer_experts_are_taken_when_enough_questions_show_no_loss() -> None:
    row, _ = recommended(speed_row(FEW, 1.5), quality=[(FEW, (400, 1, 1))])
    assert (row["config"], row["quality"], row["quality_difference"]) == (FEW.name, "within_tolerance", 0)
    assert -0.02 < row["quality_low"] < 0


def test_few_questions_cannot_show_it_and_the_reason_says_how_many_could() -> None:
    row, reasons = recommended(speed_row(FEW, 1.5), quality=[(FEW, (30, 0, 0))])
    assert row["config"] == "baseline"
    assert reasons[FEW.name] == "30 questions cannot show a loss below 2 points; about 189 are needed"
    row, reasons = recommended(speed_row(FEW, 1.5), quality=[(FEW, (30, 2, 1))])
    assert "about 990 are needed" in reasons[FEW.name]
    row, _ = recommended(speed_row(FEW, 1.5), quality=[(FEW, (30, 0, 0))], tolerance=0.2)
    assert (row["config"], row["tolerance"]) == (FEW.name, 0.2)


def test_a_loss_that_is_there_is_named() -> None:
    _, reasons = recommended(speed_row(FEW, 1.5), quality=[(FEW, (400, 0, 40))])
    assert "10 points fewer passed on 400 questions" in reasons[FEW.name]
    assert "worse" in reasons[FEW.name]
    _, reasons = recommended(speed_row(FEW, 1.5), quality=[(FEW, (1000, 14, 25))])
    assert "a loss above 2 points is not ruled out" in reasons[FEW.name]


def test_without_questions_fewer_experts_are_not_taken() -> None:
    _, reasons = recommended(speed_row(FEW, 1.5))
    assert "189" in reasons[FEW.name]


def test_speculation_with_fewer_experts_is_as_good_as_the_fewer_experts() -> None:
    agreement = [(FEW_SPEC, HARMLESS)]
    row, _ = recommended(speed_row(FEW_SPEC, 2.0), agreement=agreement, quality=[(FEW, (400, 1, 1))])
    assert (row["config"], row["quality"], row["quality_difference"]) == (FEW_SPEC.name, "within_tolerance", 0)
    _, reasons = recommended(speed_row(FEW_SPEC, 2.0), agreement=agreement)
    assert reasons[FEW_SPEC.name].startswith(f"{FEW.name}: ")
    row, _ = recommended(
        speed_row(FEW_SPEC, 2.0), agreement=[(FEW_SPEC, ["real_change"])], quality=[(FEW, (400, 1, 1))]
    )
    assert row["config"] == "baseline"


def test_speculation_that_was_asked_and_is_worse_is_not_taken() -> None:
    _, reasons = recommended(speed_row(SPEC, 2.0), agreement=[(SPEC, HARMLESS)], quality=[(SPEC, (400, 0, 40))])
    assert "worse" in reasons[SPEC.name]
    row, _ = recommended(speed_row(SPEC, 2.0), agreement=[(SPEC, HARMLESS)], quality=[(SPEC, (10, 1, 2))])
    assert row["config"] == SPEC.name


def test_threads_change_no_answer_but_the_kind_of_cache_does() -> None:
    row, _ = recommended(speed_row(THREADS, 1.2))
    assert (row["config"], row["quality"]) == (THREADS.name, "inherited")
    cache = Config(runtime=LoadParameters(kv_type="q8_0"))
    row, reasons = recommended(speed_row(cache, 1.2))
    assert row["config"] == "baseline"
    assert cache.name in reasons
    both = replace(SPEC, runtime=LoadParameters(threads=48))
    row, _ = recommended(speed_row(both, 1.9), agreement=[(both, HARMLESS)])
    assert (row["config"], row["quality"]) == (both.name, "inherited")


def test_a_model_without_a_baseline_has_no_row() -> None:
    nothing = (agreement_frame([]), quality_frame([]), physics_frame([]))
    assert best_config(speed_frame(speed_row(THREADS, 1.2)), *nothing).is_empty()
    assert best_config(speed_frame(), *nothing).schema == BEST_CONFIG_SCHEMA
    unmeasured = speed_row(BASELINE, generation_tps=None)
    assert best_config(speed_frame(unmeasured, speed_row(THREADS, 1.2)), *nothing).is_empty()


def test_backends_are_not_mixed() -> None:
    """The other backend's config is faster by its own baseline; the one with more that was measured counts."""
    row, _ = recommended(
        speed_row(THREADS, 1.2),
        speed_row(BASELINE, backend="llama_server"),
        speed_row(SPEC, 5.0, backend="llama_server", enough_rounds=False),
    )
    assert (row["backend"], row["config"], row["considered"]) == ("llama_cpp", THREADS.name, 2)


def test_models_are_kept_apart() -> None:
    frame = best_config(
        speed_frame(BASE, speed_row(BASELINE, model="n"), speed_row(THREADS, 1.2, model="n")),
        agreement_frame([]),
        quality_frame([]),
        physics_frame([]),
    )
    assert dict(frame.select("model", "config").iter_rows()) == {"m": "baseline", "n": THREADS.name}


def test_the_baseline_of_another_measurement_is_not_passed_off_as_that_of_the_same_rounds() -> None:
    row, _ = recommended(speed_row(THREADS, 1.2, measurement_id="second"))
    assert row["baseline_generation_tps"] is None
    row, _ = recommended(speed_row(THREADS, 1.2, measurement_id="second"), baseline_tps={"second": 9.5})
    assert row["baseline_generation_tps"] == 9.5


def test_a_speed_of_another_file_of_the_model_is_not_taken() -> None:
    old, new = speed_row(SPEC, 2.0, measurement_id="second"), speed_row(THREADS, 1.2)
    files = {"first": "of the new file", "second": "of the old file"}
    row, reasons = recommended(old, new, agreement=[(SPEC, HARMLESS)], model_files=files)
    assert row["config"] == THREADS.name
    assert "another file of the model" in reasons[SPEC.name]
    row, _ = recommended(old, new, agreement=[(SPEC, HARMLESS)], model_files=dict.fromkeys(files, "of one file"))
    assert row["config"] == SPEC.name
    runs = speed_runs([(BASELINE, 10.0)])
    assert measured_files(runs) == {"first": "ab" * 32}


def test_from_rounds_with_planted_speeds() -> None:
    runs = speed_runs([(BASELINE, 10.0), (THREADS, 12.0), (SPEC, 20.0)])
    speed = config_speed(runs, sessions_frame("first"))
    frame = best_config(
        speed,
        agreement_frame([(SPEC, HARMLESS)]),
        quality_frame([]),
        physics_frame([]),
        baseline_tps=baseline_speeds(runs),
    )
    (row,) = frame.to_dicts()
    assert row["config"] == SPEC.name
    assert row["speedup_low"] < 2 < row["speedup_high"]
    assert baseline_speeds(runs)["first"] == pytest.approx(row["baseline_generation_tps"])
    assert baseline_speeds(runs.clear()) == {}


def test_what_rests_on_few_or_disturbed_rounds_is_doubted() -> None:
    speed = speed_frame(
        BASE,
        speed_row(THREADS, 1.2, rounds=6, used_rounds=6, contended_rounds=3),
        speed_row(BASELINE, model="few", rounds=3, used_rounds=3, contended_rounds=0),
        speed_row(BASELINE, model="clean", rounds=9, used_rounds=6, contended_rounds=3),
    )
    best = best_config(speed, agreement_frame([]), quality_frame([]), physics_frame([]))
    doubts = {each["model"]: each["doubt"] for each in doubtful_recommendations(best, speed)}
    assert set(doubts) == {"m", "few"}
    assert "3 of the 6 rounds" in doubts["m"]
    assert "3 rounds" in doubts["few"]


@pytest.mark.parametrize("tolerance", [0.0, -0.1, 1.0])
def test_a_tolerance_is_a_share(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance"):
        recommended(tolerance=tolerance)


some_rows = st.builds(
    lambda config, speedup, width, enough: speed_row(config, speedup, width, enough_rounds=enough),
    st.sampled_from([SPEC, LOOKUP, FEW, FEW_SPEC, THREADS]),
    st.floats(0.5, 3),
    st.floats(0, 0.5),
    st.booleans(),
)


@given(
    st.lists(some_rows, unique_by=lambda row: row["config_id"]),
    st.tuples(*(st.lists(st.sampled_from([*HARMLESS, "real_change"]), max_size=2) for _ in range(3))),
    st.sampled_from([None, (400, 1, 1), (10, 0, 0)]),
)
def test_nothing_faster_is_passed_over_in_silence(
    rows: list[dict[str, Any]],
    kinds: tuple[list[str], ...],
    counts: tuple[int, int, int] | None,
) -> None:
    agreement = list(zip([SPEC, LOOKUP, FEW_SPEC], kinds, strict=True))
    row, reasons = recommended(*rows, agreement=agreement, quality=[(FEW, counts)] if counts else [])
    faster = {each["config"] for each in rows if each["speedup"] > row["speedup"]}
    assert faster <= set(reasons)
    assert row["config"] not in reasons
    assert row["config"] == "baseline" or row["speedup_low"] > 1
    assert all(reasons.values())
    assert row["quality"] in ("baseline", "inherited", "within_tolerance")
