"""Comparisons find planted ratios, pair like with like, and call nothing a difference that is noise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from epyc_assets.benchmark.comparison import Comparison, compare
from epyc_assets.benchmark.pairing import comparable_pairs
from epyc_assets.benchmark.selection import Measured, SelectionFault, measured_configs, parse_selection, select
from epyc_assets.inference.config import BASELINE, Config, LaunchParameters, LoadParameters, Lookup, Moe, Spec
from epyc_assets_tests.benchmark.speed_rows import (
    FEW,
    FEW_SPEC,
    FLEET,
    LOOKUP,
    MODEL,
    SPEC,
    START,
    THREADS,
    models_frame,
    sessions_frame,
    speed_runs,
)

LATER = START + timedelta(days=1)
SPEC_LONG = Config(spec=Spec("small", 16))
FEWER = Config(moe=Moe("qwen3moe", 1))


class Bench:
    """Rounds, and comparisons of selections of them."""

    def __init__(self, runs: pl.DataFrame, sessions: pl.DataFrame | None = None, **quantisations: str) -> None:
        self.runs = runs
        found = sessions if sessions is not None else sessions_frame(*runs["measurement_id"].unique())
        self.measured = measured_configs(runs, found, models_frame(dict(quantisations)))

    def pairs(self, a: str, b: str) -> list[tuple[Measured, Measured]]:
        first, second = parse_selection(a), parse_selection(b)
        return comparable_pairs(select(self.measured, first), select(self.measured, second), first, second)

    def names(self, a: str, b: str) -> set[tuple[str, str]]:
        return {(one.config, other.config) for one, other in self.pairs(a, b)}

    def compared(self, a: str, b: str, verdicts: pl.DataFrame | None = None, **options: Any) -> list[Comparison]:
        return compare(self.pairs(a, b), self.runs, verdicts, **options)

    def one(self, a: str, b: str, **options: Any) -> Comparison:
        (found,) = self.compared(a, b, kinds=["all"], **options)
        return found


def test_planted_ratios_are_found_within_rounds_though_rounds_differ() -> None:
    speeds = [(BASELINE, 10.0), (THREADS, 10.0), (SPEC, 15.0)]
    bench = Bench(speed_runs(speeds, prompt_tps=[100, 93, 100], shared_noise=0.3, noise=0.004))
    threads = bench.one("technique=baseline,threads=96", "threads=48")
    assert threads.paired
    assert threads.rounds == 12
    assert threads.measures["decode"].verdict == "equivalent"
    prompt = threads.measures["prompt"]
    assert (prompt.low or 0) <= 0.93 <= (prompt.high or 0)
    assert prompt.verdict == "slower"
    assert threads.sentence().startswith("decode unchanged (")
    assert "prompt processing 7 % slower (0.9" in threads.sentence()
    spec = bench.one("technique=baseline,threads=96", "technique=spec").measures["decode"]
    assert (spec.low or 0) <= 1.5 <= (spec.high or 0)
    assert spec.verdict == "faster"
    assert (spec.b or 0) / (spec.a or 1) == pytest.approx(1.5, rel=0.02)


def test_a_shorter_time_to_the_first_token_is_faster() -> None:
    bench = Bench(speed_runs([(BASELINE, 10.0), (THREADS, 10.0)], prompt_tps=[100, 200]))
    found = bench.one("config=baseline", "threads=48").measures["ttft"]
    assert (found.a or 0) > (found.b or 0)
    assert found.ratio == pytest.approx(2, rel=0.05)
    assert found.verdict == "faster"


def test_turned_round_it_is_the_reciprocal() -> None:
    bench = Bench(speed_runs([(BASELINE, 10.0), (SPEC, 15.0)]))
    there, back = (
        bench.one(*sides).measures for sides in (("technique=baseline", "k=8"), ("k=8", "technique=baseline"))
    )
    for name, found in there.items():
        assert found.ratio == pytest.approx(1 / (back[name].ratio or 0))
        assert found.low == pytest.approx(1 / (back[name].high or 0))
        assert (found.a, found.b) == (back[name].b, back[name].a)


def test_every_kind_of_prompt_has_a_row_and_some_can_be_chosen() -> None:
    bench = Bench(speed_runs([(BASELINE, 10.0), (SPEC, 15.0)]))
    kinds = [each.prompt_kind for each in bench.compared("technique=baseline", "technique=spec")]
    assert kinds == ["all", "code", "prose"]
    (code,) = bench.compared("technique=baseline", "technique=spec", kinds=["code"])
    assert code.prompt_kind == "code"
    assert (code.acceptance_a, code.acceptance_b) == (None, 0.6)
    assert "acceptance none -> 60 %" in code.sentence()


def two_builds(ratio: float, **options: Any) -> Bench:
    runs = pl.concat(
        [
            speed_runs([(BASELINE, 10.0), (SPEC, 15.0)], measurement="old", shared_noise=0.02, **options),
            speed_runs(
                [(BASELINE, 10.0 * ratio), (SPEC, 15.0)],
                measurement="new",
                shared_noise=0.02,
                seed=2,
                started_at=LATER,
                **options,
            ),
        ]
    )
    sessions = pl.concat([sessions_frame("old"), sessions_frame("new", llama_build="b2")])
    return Bench(runs, sessions)


def test_builds_are_compared_config_by_config_and_marked_as_unpaired() -> None:
    bench = two_builds(1.3)
    assert bench.names("build=b1", "build=b2") == {("baseline", "baseline"), (SPEC.name, SPEC.name)}
    found = {each.a.config: each for each in bench.compared("build=b1", "build=b2", kinds=["all"])}
    assert not any(each.paired for each in found.values())
    decode = found["baseline"].measures["decode"]
    assert decode.verdict == "faster"
    assert (decode.low or 0) <= 1.3 <= (decode.high or 0)
    assert found[SPEC.name].measures["decode"].verdict in ("equivalent", "not_shown")
    assert found["baseline"].differs == {"build": ("b1", "b2")}


def test_unpaired_rounds_say_less_than_paired_ones() -> None:
    paired = Bench(speed_runs([(BASELINE, 10.0), (THREADS, 10.3)], shared_noise=0.1)).one(
        "config=baseline", "threads=48"
    )
    apart = two_builds(1.03).one("build=b1,technique=baseline", "build=b2,technique=baseline")
    widths = [(each.measures["decode"].high or 9) - (each.measures["decode"].low or 0) for each in (paired, apart)]
    assert widths[0] < widths[1]


@pytest.mark.parametrize("paired", [True, False])
def test_too_few_rounds_give_no_interval_and_no_verdict(paired: bool) -> None:
    if paired:
        found = Bench(speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], rounds=4)).one(
            "technique=baseline", "technique=spec"
        )
    else:
        found = two_builds(2.0, rounds=4).one("build=b1,config=baseline", "build=b2,config=baseline")
    decode = found.measures["decode"]
    assert decode.ratio == pytest.approx(2, rel=0.1)
    assert decode.low is decode.high is None
    assert decode.verdict == "not_shown"
    assert "too few rounds" in found.sentence()


def test_disturbed_rounds_are_left_out_where_enough_remain_and_counted_where_not() -> None:
    many = Bench(speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], contended_rounds=4)).one("config=baseline", "k=8")
    assert (many.rounds, many.contended_a, many.contended_b) == (8, 0, 0)
    edge = Bench(speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], contended_rounds=5)).one("config=baseline", "k=8")
    assert (edge.rounds, edge.measures["decode"].verdict) == (7, "faster"), "the fewest rounds give no interval"
    few = Bench(speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], contended_rounds=9)).one("config=baseline", "k=8")
    assert (few.rounds, few.contended_a, few.contended_b) == (12, 9, 9)


def test_a_side_that_failed_is_no_comparison() -> None:
    failed = (pl.col("config_id") == SPEC.config_id) & (pl.col("prompt_kind") == "code")
    runs = speed_runs([(BASELINE, 10.0), (SPEC, 20.0)]).with_columns(
        status=pl.when(failed).then(pl.lit("timeout")).otherwise(pl.col("status"))
    )
    kinds = [each.prompt_kind for each in Bench(runs).compared("technique=baseline", "technique=spec")]
    assert kinds == ["prose"]


# Who is compared with whom


def test_parameters_are_varied_with_everything_else_alike() -> None:
    other_draft = Config(spec=Spec("tiny", 8))
    speeds = [(each, 10.0) for each in (BASELINE, SPEC, SPEC_LONG, other_draft, LOOKUP, Config(lookup=Lookup(2, 16)))]
    bench = Bench(speed_runs(speeds, rounds=1))
    assert bench.names("k=8", "k=16") == {(SPEC.name, SPEC_LONG.name)}
    assert bench.names("draft=small", "draft=tiny") == {(SPEC.name, other_draft.name)}
    assert bench.names("technique=baseline", "technique=spec") == {
        ("baseline", each.name) for each in (SPEC, SPEC_LONG, other_draft)
    }
    met = bench.names("technique=lookup,k=8", "technique=spec")
    assert met == {(LOOKUP.name, each.name) for each in (SPEC, SPEC_LONG, other_draft)}


def test_compounds_meet_the_part_they_contain() -> None:
    fewer_spec = Config(moe=FEWER.moe, spec=Spec("small", 8))
    bench = Bench(speed_runs([(each, 10.0) for each in (BASELINE, FEW, FEWER, FEW_SPEC, fewer_spec)], rounds=1))
    assert bench.names("technique=moe", "technique=moe+spec") == {
        (FEW.name, FEW_SPEC.name),
        (FEWER.name, fewer_spec.name),
    }


def test_threads_and_environment_are_varied_within_each_technique() -> None:
    variable = Config(launch=LaunchParameters(environment={"OMP_WAIT_POLICY": "active"}))
    spec_threads = Config(spec=SPEC.spec, runtime=LoadParameters(threads=48))
    bench = Bench(speed_runs([(each, 10.0) for each in (BASELINE, SPEC, THREADS, spec_threads, variable)], rounds=1))
    assert bench.names("threads=96", "threads=48") == {("baseline", THREADS.name), (SPEC.name, spec_threads.name)}
    assert bench.names("config=baseline", "env.OMP_WAIT_POLICY=active") == {("baseline", variable.name)}


def test_quantisations_of_one_model_meet_and_others_do_not() -> None:
    runs = pl.concat(
        [
            speed_runs([(BASELINE, 10.0)], measurement=name, model=name, rounds=1)
            for name in ("one-Q4_K_M", "one-Q8_0", "two-Q4_K_M", "two-Q8_0")
        ]
    )
    quantisations = {name: name.rsplit("-", 1)[1] for name in runs["model"].unique()}
    bench = Bench(runs, **quantisations)
    met = {(one.model, other.model) for one, other in bench.pairs("quantisation=Q4_K_M", "quantisation=Q8_0")}
    assert met == {("one-Q4_K_M", "one-Q8_0"), ("two-Q4_K_M", "two-Q8_0")}
    named = {(one.model, other.model) for one, other in bench.pairs("model=one-Q8_0", "model=two-Q4_K_M")}
    assert named == {("one-Q8_0", "two-Q4_K_M")}


def test_models_do_not_meet_unless_both_are_named() -> None:
    runs = pl.concat(
        [
            speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], measurement=name, model=name, rounds=1)
            for name in ("one", "two")
        ]
    )
    met = {
        (one.model, other.model) for one, other in Bench(runs).pairs("model=one,technique=baseline", "technique=spec")
    }
    assert met == {("one", "one")}


def test_the_latest_rounds_that_both_took_part_in_count() -> None:
    runs = pl.concat(
        [
            speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], measurement="old", rounds=2),
            speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], measurement="both", started_at=LATER, rounds=2),
            speed_runs([(BASELINE, 10.0)], measurement="alone", started_at=LATER + timedelta(days=1), rounds=2),
        ]
    )
    (pair,) = Bench(runs).pairs("technique=baseline", "technique=spec")
    assert [each.measurement_id for each in pair] == ["both", "both"]


def test_a_config_is_not_compared_with_itself() -> None:
    bench = Bench(speed_runs([(BASELINE, 10.0), (SPEC, 20.0)], rounds=1))
    with pytest.raises(SelectionFault, match="same measured config"):
        bench.pairs("technique=spec", "technique=spec")


def test_another_library_is_another_build() -> None:
    other = Config(launch=LaunchParameters(llama_cpp_library="/opt/other"))
    runs = pl.concat([speed_runs([(each, 10.0)], measurement=each.name, rounds=1) for each in (BASELINE, other)])
    sessions = pl.concat([sessions_frame("baseline"), sessions_frame(other.name, llama_build="b2")])
    assert Bench(runs, sessions).names("library=default", "library=/opt/other") == {("baseline", other.name)}


def test_an_obstacle_is_named() -> None:
    runs = pl.concat(
        [
            speed_runs([(BASELINE, 10.0)], measurement="old", rounds=1),
            speed_runs([(SPEC, 20.0)], measurement="new", rounds=1),
        ]
    )
    bench = Bench(runs, pl.concat([sessions_frame("old"), sessions_frame("new", llama_build="b2")]))
    with pytest.raises(SelectionFault, match=r"build \(b1 / b2\)"):
        bench.pairs("technique=baseline", "technique=spec")
    assert bench.pairs("technique=baseline,build=b1", "technique=spec,build=b2")


# Quality


def verdicts(config: Config, passed: int, of: int = 100, model: str = MODEL) -> pl.DataFrame:
    ids = [f"q{number}" for number in range(of)]
    return pl.DataFrame(
        {
            "fleet": FLEET,
            "model": model,
            "config_id": config.config_id,
            "question_id": ids,
            "passed": [number < passed for number in range(of)],
        }
    )


def test_quality_is_b_less_a_on_the_same_questions() -> None:
    bench = Bench(speed_runs([(BASELINE, 10.0), (FEW, 15.0)]))
    answers = pl.concat([verdicts(BASELINE, 80), verdicts(FEW, 50, of=60)])
    found = bench.one("technique=baseline", "technique=moe", verdicts=answers)
    assert found.quality is not None
    assert (found.quality["questions"], found.quality["passes_a"], found.quality["passes_b"]) == (60, 60, 50)
    assert found.quality["difference"] == pytest.approx(-1 / 6)
    assert "-16.7 points passed on 60 questions" in found.sentence()
    row = found.as_dict()
    assert row["quality_p_value"] < 0.01
    assert row["decode_verdict"] == "faster"
    by_kind = bench.compared("technique=baseline", "technique=moe", answers, kinds=["code"])
    assert by_kind[0].quality is None


def test_without_answers_or_with_the_same_ones_there_is_no_quality() -> None:
    bench = two_builds(1.0)
    answers = verdicts(BASELINE, 80)
    assert bench.one("build=b1,config=baseline", "build=b2,config=baseline", verdicts=answers).quality is None
    paired = Bench(speed_runs([(BASELINE, 10.0), (FEW, 15.0)]))
    assert paired.one("technique=baseline", "technique=moe", verdicts=answers).quality is None
