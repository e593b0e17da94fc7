"""The plan: every model, config and question set has a status and, where it will not run, a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from epyc_assets.benchmark.earlier import EarlierSpeed
from epyc_assets.benchmark.estimates import ASSUMED_ROOFLINE_RATIO, weights_read_bytes
from epyc_assets.benchmark.loads import REFERENCE
from epyc_assets.benchmark.matrix import TECHNIQUES
from epyc_assets.benchmark.plan import MOST_ATTEMPTS, SPEED_SUITE, Answered, ModelFile, Plan, PlanRow, build_plan
from epyc_assets.benchmark.presets import PRESETS
from epyc_assets.benchmark.prompt_settings import PromptSettings, generation_key
from epyc_assets.inference.config import BASELINE, Config, Moe
from epyc_assets.registry.entries import Deprecated, Fleet, Forbidden, Host, Model, SpeedRounds, Thinking
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets.suites.generation import generate
from epyc_assets.suites.speed_prompts import generated_prompts
from epyc_assets_tests.models import shipped

HOST = Host(name="here", default_threads=1, memory_bytes=8 * 2**30)
QUESTIONS = [*generate("math", count=3, seed=1, wording="demo"), *generate("coder", count=2, seed=1, wording="demo")]


def fleet(**values: Any) -> Fleet:
    model = Model(**{"name": "m", "file": "m.gguf", **values})
    return Fleet(name="f", host="here", models={"m": model})


def files(sha256: str = "a") -> dict[str, ModelFile]:
    return {"m": ModelFile(Path("m.gguf"), sha256)}


def rows(fleet: Fleet, answered: list[Answered] | None = None, **values: Any) -> dict[str, PlanRow]:
    plan = build_plan(fleet, HOST, QUESTIONS, values.pop("files", files()), answered or [], **values)
    for row in plan.rows:
        assert row.done + row.missing + row.stale + row.failed == row.questions
    return {row.suite: row for row in plan.rows}


def answers(fleet: Fleet, status: str = "ok", times: int = 1, **values: Any) -> list[Answered]:
    """What answering everything that is planned leaves behind."""
    items = build_plan(fleet, HOST, QUESTIONS, values.get("files", files())).items
    return [
        Answered(
            f"{n}{i.generation_key}", "m", i.config.config_id, i.question.question_id, i.generation_key, status, 500.0
        )
        for i in items
        for n in range(times)
    ]


def test_at_first_everything_is_missing_and_then_nothing() -> None:
    assert {row.status for row in rows(fleet()).values()} == {"missing"}
    assert len(build_plan(fleet(), HOST, QUESTIONS, files()).items) == 5
    after = rows(fleet(), answers(fleet()))
    assert {row.status for row in after.values()} == {"done"}
    assert build_plan(fleet(), HOST, QUESTIONS, files(), answers(fleet())).items == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"temperatures": {"default": 0.7}},
        {"prompt_format": "raw"},
        {"thinking": Thinking(off_text="<think></think>", off_suites=["math", "coder"])},
    ],
)
def test_other_prompt_settings_make_answers_stale(changed: dict[str, Any]) -> None:
    after = rows(fleet(**changed), answers(fleet()))
    assert {row.status for row in after.values()} == {"stale"}
    assert after["math"].stale == 3
    assert "prompt settings" in (after["math"].reason or "")


def test_another_file_of_the_same_name_makes_answers_stale() -> None:
    assert {row.status for row in rows(fleet(), answers(fleet()), files=files("b")).values()} == {"stale"}


def test_the_same_file_under_two_names_is_asked_under_each() -> None:
    twins = Fleet(name="f", host="here", models={name: Model(name=name, file="m.gguf") for name in ("m", "twin")})
    both = {**files(), "twin": files()["m"]}
    plan = build_plan(twins, HOST, QUESTIONS, both, answers(fleet()))
    assert {item.model.name for item in plan.items} == {"twin"}
    assert len(plan.items) == len(QUESTIONS)


def test_a_temperature_for_one_suite_touches_that_suite_only() -> None:
    after = rows(fleet(temperatures={"math": 0.5}), answers(fleet()))
    assert (after["math"].status, after["coder"].status) == ("stale", "done")


def test_what_does_not_change_answers_does_not_make_them_stale() -> None:
    after = rows(fleet(residency="hot", description="other words", question_timeout_s=7.0), answers(fleet()))
    assert {row.status for row in after.values()} == {"done"}


@pytest.mark.parametrize("status", ["timeout", "crashed", "killed", "out_of_memory", "refused"])
def test_failures_are_tried_again_so_many_times(status: str) -> None:
    once = build_plan(fleet(), HOST, QUESTIONS, files(), answers(fleet(), status))
    assert [item.attempt for item in once.items] == [2] * 5
    assert status in (once.rows[0].reason or "")
    exhausted = rows(fleet(), answers(fleet(), status, MOST_ATTEMPTS))
    assert {row.status for row in exhausted.values()} == {"failed"}
    again = build_plan(fleet(), HOST, QUESTIONS, files(), answers(fleet(), status, MOST_ATTEMPTS), retry_failed=True)
    assert [item.attempt for item in again.items] == [MOST_ATTEMPTS + 1] * 5


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"kind": "embedding"}, "embedding"),
        ({"deprecated": Deprecated(reason="weights deleted")}, "weights deleted"),
        ({"forbidden": [Forbidden(technique="baseline", reason="broken template")]}, "broken template"),
        ({"size_bytes": 271 * 2**30}, "does not fit into memory"),
    ],
)
def test_what_is_not_allowed_is_a_row_with_its_reason(values: dict[str, Any], word: str) -> None:
    plan = build_plan(fleet(**values), HOST, QUESTIONS, files())
    assert {row.status for row in plan.rows} == {"not_allowed"}
    assert all(word in (row.reason or "") for row in plan.rows)
    assert plan.items == ()


def test_a_model_without_a_file_says_which() -> None:
    row = rows(fleet(), files={})["math"]
    assert row.status == "no_file"
    assert "m.gguf" in (row.reason or "")


def test_the_estimate_comes_from_the_models_own_answers() -> None:
    half = answers(fleet())[:2]
    assert sum(row.estimated_s or 0 for row in rows(fleet(), half).values()) == pytest.approx(3 * 0.5)
    assert all(row.estimated_s is None for row in rows(fleet()).values())


@pytest.mark.parametrize("wrong", [{"models": ["n"]}, {"suites": ["poetry"]}, {"techniques": ["telepathy"]}])
def test_names_that_do_not_exist_are_told_with_those_that_do(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="there is"):
        build_plan(fleet(), HOST, QUESTIONS, files(), **wrong)


# Speed


PROMPTS = generated_prompts(per_kind=1)
DRAFT = Model(name="d", file="d.gguf", kind="draft")
ROUNDS = SpeedRounds().least
BOTH = {"m": ModelFile(Path("m.gguf"), "a"), "d": ModelFile(Path("d.gguf"), "b")}


def pair(**values: Any) -> Fleet:
    """A model with experts and a draft."""
    model = Model(
        **{
            "name": "m",
            "file": "m.gguf",
            "architecture": "qwen3moe",
            "expert_count": 8,
            "expert_used_count": 4,
            "drafts": ["d"],
            **values,
        }
    )
    return Fleet(name="f", host="here", models={"m": model, "d": DRAFT})


def speed_plan(fleet: Fleet | None = None, **values: Any) -> Plan:
    """The plan of model m's speed."""
    found = build_plan(
        fleet or pair(),
        HOST,
        QUESTIONS,
        values.pop("files", BOTH),
        models=["m"],
        **{"speed_prompts": PROMPTS, **values},
    )
    for row in found.rows:
        assert row.done + row.missing + row.stale + row.failed == row.questions
        assert (row.reason is not None) or row.status in ("done", "missing")
    for group in found.groups:
        assert len({item.config.config_id for item in group.items}) == len(group.items)
    return found


def measured(plan: Plan, **values: Any) -> list[EarlierSpeed]:
    """What measuring everything in a plan leaves behind."""
    found = {"rounds": 5, "enough": True, **values}
    return [
        EarlierSpeed(model="m", config_id=item.config.config_id, speed_key=item.speed_key, **found)
        for item in plan.speed_items
    ]


def speed_rows(plan: Plan) -> dict[str, PlanRow]:
    """The rows of speed, by config_id."""
    return {row.config_id: row for row in plan.rows if row.suite == SPEED_SUITE}


def test_every_config_has_one_row_for_its_speed_and_questions_only_where_answers_are_its_own() -> None:
    plan = speed_plan()
    configs = [row.config_id for row in plan.rows if row.suite == SPEED_SUITE]
    assert len(configs) == len(set(configs))
    assert {row.technique for row in speed_rows(plan).values()} == set(TECHNIQUES)
    assert {row.technique for row in plan.rows if row.suite != SPEED_SUITE} == {"baseline", "moe"}
    assert {item.config.technique for item in plan.items} == {"baseline", "moe"}
    assert all(row.questions == len(PROMPTS) for row in speed_rows(plan).values())
    assert {item.config.config_id for item in plan.speed_items} == set(configs)


def test_what_was_measured_enough_is_done_and_nothing_is_left_to_measure() -> None:
    first = speed_plan()
    after = speed_plan(speeds=measured(first))
    assert {row.status for row in speed_rows(after).values()} == {"done"}
    assert {row.estimated_s for row in speed_rows(after).values()} <= {None, 0.0}
    assert after.groups == ()


def test_of_configs_that_are_named_only_what_is_missing_is_measured_with_their_own_loads() -> None:
    whole = speed_plan()
    one = next(item.config for item in whole.speed_items if item.config.technique == "moe+spec")
    named = speed_plan(config_ids=[one.config_id])
    assert named.rows == whole.rows
    wanted = {BASELINE.config_id, one.without_speculation.config_id, one.config_id}
    assert {item.config.config_id for item in named.groups[0].items} == wanted
    assert len(named.groups[0].loads) == 2 < len(whole.groups[0].loads)
    done = [each for each in measured(whole) if each.config_id == one.config_id]
    assert speed_plan(config_ids=[one.config_id], speeds=done).groups == ()


def test_too_few_rounds_are_missing_and_say_so() -> None:
    after = speed_plan(speeds=measured(speed_plan(), rounds=3, enough=False))
    assert {(row.status, row.missing) for row in speed_rows(after).values()} == {("missing", len(PROMPTS))}
    assert "3 rounds" in (speed_rows(after)[BASELINE.config_id].reason or "")


@pytest.mark.parametrize(
    ("changed", "stale"),
    [
        ({"files": {**BOTH, "m": ModelFile(Path("m.gguf"), "other")}}, set(TECHNIQUES)),
        ({"files": {**BOTH, "d": ModelFile(Path("d.gguf"), "other")}}, {each for each in TECHNIQUES if "spec" in each}),
        ({"speed_prompts": generated_prompts(per_kind=2)}, set(TECHNIQUES)),
        ({"speed_prompts": list(reversed(PROMPTS))}, set()),
    ],
)
def test_other_contents_make_a_speed_stale(changed: dict[str, Any], stale: set[str]) -> None:
    after = speed_rows(speed_plan(speeds=measured(speed_plan()), **changed))
    assert {row.technique for row in after.values() if row.status == "stale"} == stale
    assert {row.status for row in after.values() if row.technique not in stale} <= {"done"}


def test_a_config_that_never_answered_is_failed_until_it_is_to_be_tried_again() -> None:
    once = measured(speed_plan(), rounds=0, enough=False, failures=1, failure="the worker died")
    assert {row.status for row in speed_rows(speed_plan(speeds=once)).values()} == {"missing"}
    often = measured(speed_plan(), rounds=0, enough=False, failures=MOST_ATTEMPTS, failure="the worker died")
    failed = speed_plan(speeds=often)
    assert {row.status for row in speed_rows(failed).values()} == {"failed"}
    assert "the worker died" in (speed_rows(failed)[BASELINE.config_id].reason or "")
    assert failed.groups == ()
    assert speed_plan(speeds=often, retry_failed=True).groups


def test_what_is_measured_has_what_it_is_compared_with_in_the_same_rounds() -> None:
    speeds = measured(speed_plan())
    open_config = next(item.config for item in speed_plan().speed_items if item.config.technique == "moe+spec")
    plan = speed_plan(speeds=[each for each in speeds if each.config_id != open_config.config_id])
    (group,) = plan.groups
    reasons = {item.config.config_id: item.reason for item in group.items}
    without = open_config.without_speculation.config_id
    assert reasons == {BASELINE.config_id: REFERENCE, without: REFERENCE, open_config.config_id: "missing"}
    assert [item.config for item in plan.speed_items] == [open_config]
    assert set(group.speed_keys) == set(reasons)


def test_a_speculative_config_is_asked_questions_once_it_really_changes_answers() -> None:
    spec = next(item.config for item in speed_plan().speed_items if item.config.technique == "spec")
    plan = speed_plan(changed_answers={("m", spec.config_id), ("other", spec.config_id)})
    asked = [item for item in plan.items if item.config == spec]
    assert len(asked) == len(QUESTIONS)
    draft = build_plan(
        pair(),
        HOST,
        QUESTIONS,
        {**BOTH, "d": ModelFile(Path("d.gguf"), "other")},
        models=["m"],
        changed_answers={("m", spec.config_id)},
    )
    keys = {item.generation_key for item in draft.items if item.config == spec}
    assert keys.isdisjoint({item.generation_key for item in asked}), "another draft file gives other answers"
    of_baseline = {item.generation_key for item in draft.items if item.config == BASELINE}
    assert of_baseline == {item.generation_key for item in plan.items if item.config == BASELINE}


def test_keys_of_answers_without_a_draft_stay_what_they_were() -> None:
    """Taken down before drafts came in: a change here would make every stored answer stale."""
    settings = PromptSettings("template", 0.0, 1, 64, "<think></think>", {"a": True})
    assert generation_key("ab" * 32, BASELINE, "q1", settings) == "cd335213d301614a6305fd5b"
    assert generation_key("ab" * 32, Config(moe=Moe("qwen3moe", 2)), 'q"ü', settings) == "c7b98cccb13a32bb223b6dd5"
    assert generation_key("ab" * 32, BASELINE, "q1", settings, "draft") != "cd335213d301614a6305fd5b"


def test_a_missing_draft_is_no_file_and_the_model_is_measured_without_it() -> None:
    plan = speed_plan(files={"m": BOTH["m"]}, speeds=measured(speed_plan(), enough=False, round_s=2.0))
    for row in speed_rows(plan).values():
        assert (row.status == "no_file") is ("spec" in row.technique)
        assert row.status != "no_file" or "d.gguf of the draft d" in (row.reason or "")
        assert (row.estimated_s is None) is (row.status == "no_file")
    assert not [item for item in plan.speed_items if item.config.spec]


def test_speed_alone_and_questions_alone() -> None:
    alone = speed_plan(suites=[SPEED_SUITE])
    assert {row.suite for row in alone.rows} == {SPEED_SUITE}
    assert alone.items == ()
    questions = speed_plan(suites=["math"])
    assert {row.suite for row in questions.rows} == {"math"}
    assert questions.groups == ()


def test_a_larger_preset_keeps_the_rows_of_a_smaller_one() -> None:
    sizes = [set(speed_rows(speed_plan(preset=name))) for name in PRESETS]
    assert sizes[0] < sizes[1] < sizes[2]
    with pytest.raises(ValueError, match="there is: quick, nightly, full"):
        speed_plan(preset="weekly")


def test_one_technique_of_the_plan() -> None:
    assert {row.technique for row in speed_plan(techniques=["lookup"]).rows} == {"lookup"}


def test_rounds_are_estimated_from_other_configs_of_the_model() -> None:
    first = speed_plan()
    baseline = [each for each in measured(first, round_s=2.0) if each.config_id == BASELINE.config_id]
    rows = speed_rows(speed_plan(speeds=baseline))
    assert rows[BASELINE.config_id].estimated_s == 0
    assert {row.estimated_s for key, row in rows.items() if key != BASELINE.config_id} == {2.0 * ROUNDS}
    fewer = pair().model_copy(update={"speed_rounds": SpeedRounds(least=2)})
    rows = speed_rows(speed_plan(fewer, speeds=baseline))
    assert {row.estimated_s for key, row in rows.items() if key != BASELINE.config_id} == {4.0}


def test_fewer_experts_are_estimated_to_be_faster_by_the_bytes_they_read() -> None:
    path = shipped("demo-moe")
    files = {**BOTH, "m": ModelFile(path, "a", read_gguf_facts(path))}
    first = speed_plan(files=files)
    baseline = [each for each in measured(first, round_s=2.0) if each.config_id == BASELINE.config_id]
    rows = speed_plan(files=files, speeds=baseline).rows
    seconds = [row.estimated_s for row in rows if row.technique == "moe" and row.suite == SPEED_SUITE]
    assert len(seconds) == 2
    assert 0 < (seconds[1] or 0) < (seconds[0] or 0) < 2.0 * ROUNDS


def test_a_file_and_a_bandwidth_give_an_estimate_before_anything_was_measured() -> None:
    path = shipped("demo-target")
    facts = read_gguf_facts(path)
    files = {"m": ModelFile(path, "a", facts)}
    known = HOST.model_copy(update={"nominal_bandwidth_bytes_per_s": 1e9})
    rows = build_plan(fleet(), known, QUESTIONS, files, speed_prompts=PROMPTS).rows
    tokens = sum(prompt.max_tokens for prompt in PROMPTS)
    baseline = next(row for row in rows if row.suite == SPEED_SUITE and row.technique == "baseline")
    read = weights_read_bytes(facts, BASELINE)
    assert facts.output_is_tied or read < sum(facts.tensor_bytes.values())
    assert baseline.estimated_s == pytest.approx(ROUNDS * tokens * read / (1e9 * ASSUMED_ROOFLINE_RATIO))
    assert all(
        row.estimated_s is None for row in build_plan(fleet(), HOST, QUESTIONS, files, speed_prompts=PROMPTS).rows
    )
