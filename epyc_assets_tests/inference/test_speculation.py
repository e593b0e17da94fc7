"""Speculative decoding and prompt lookup with real models: the answers stay, the counts are right, and a wrong
verifier is told from near ties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from epyc_assets.inference.backend import (
    DraftModel,
    Generation,
    GenerationRequest,
    SessionFailure,
    SessionRequest,
    SpeculationCounts,
)
from epyc_assets.inference.chat_template import render_prompt
from epyc_assets.inference.config import Config, LaunchParameters, LoadParameters, Lookup, Spec, Speculation
from epyc_assets.inference.llama_cpp import LlamaCppBackend, WorkerSession, launched
from epyc_assets.suites import generate
from epyc_assets_tests.models import shipped

PARAMETERS = LoadParameters(context_tokens=768, threads=1)
DRAFTS = ("demo-draft", "demo-draft-mismatched", "demo-mamba")
TECHNIQUES = {
    "spec, K 1": Config(spec=Spec("demo-draft", 1)),
    "spec, K 5": Config(spec=Spec("demo-draft", 5)),
    "spec, K 48": Config(spec=Spec("demo-draft", 48)),
    "spec, sure ones only": Config(spec=Spec("demo-draft", 8, minimum_probability=0.8)),
    "mismatched": Config(spec=Spec("demo-draft-mismatched", 5)),
    "lookup, n 2": Config(lookup=Lookup(2, 6)),
    "lookup, n 5": Config(lookup=Lookup(5, 24)),
    "both": Config(spec=Spec("demo-draft", 4), lookup=Lookup(3, 10)),
}


def opened(
    model: str = "demo-target", worker: str = "epyc_assets.inference.worker", **parameters: int
) -> WorkerSession:
    loaded = replace(PARAMETERS, **parameters)  # type: ignore[arg-type]
    drafts = {name: DraftModel(shipped(name), PARAMETERS) for name in DRAFTS}
    return LlamaCppBackend(worker=worker).open_session(SessionRequest(shipped(model), loaded, 60.0, drafts=drafts))


@pytest.fixture(scope="module")
def session() -> Iterator[WorkerSession]:
    session = opened()
    yield session
    session.close()


@pytest.fixture(scope="module")
def prompts(session: WorkerSession) -> list[str]:
    template = session.facts.chat_template
    questions = [
        question
        for suite in ("general", "agentic", "thinking")
        for question in generate(suite, count=4, seed=8, wording="demo")
    ]
    return [render_prompt(question.prompt, template=template) for question in questions]


def ask(session: WorkerSession, prompt: str, speculation: Speculation | None, **values: object) -> Generation:
    settings = {"max_tokens": 40, "timeout_s": 30.0, **values}
    return session.generate(GenerationRequest(prompt, speculation=speculation, **settings))  # type: ignore[arg-type]


def counts(generation: Generation) -> SpeculationCounts:
    assert generation.speculation is not None, generation
    return generation.speculation


@pytest.mark.parametrize("technique", TECHNIQUES)
@pytest.mark.parametrize(
    "choosing",
    [{}, {"ignore_eos": True}, {"temperature": 0.9, "seed": 11}, {"temperature": 1.5, "seed": 3, "ignore_eos": True}],
    ids=["greedy", "greedy, no end", "sampled", "sampled, no end"],
)
def test_answers_are_those_without_drafts(
    session: WorkerSession, prompts: list[str], technique: str, choosing: dict[str, object]
) -> None:
    speculation = TECHNIQUES[technique].speculation
    for prompt in prompts[::3]:
        plain, drafted = ask(session, prompt, None, **choosing), ask(session, prompt, speculation, **choosing)
        assert drafted.status == "ok"
        assert (drafted.token_ids, drafted.finish_reason) == (plain.token_ids, plain.finish_reason)
        assert (drafted.text, drafted.prompt_tokens) == (plain.text, plain.prompt_tokens)
        assert plain.speculation is None


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_token_is_accounted_for(session: WorkerSession, prompts: list[str], technique: str) -> None:
    config = TECHNIQUES[technique]
    most = max(part.draft_tokens for part in (config.spec, config.lookup) if part)
    for prompt in prompts:
        answer = ask(session, prompt, config.speculation, ignore_eos=True)
        found = counts(answer)
        assert answer.generated_tokens == 40
        assert found.target_evaluations is not None
        # The first token comes with the prompt; every evaluation gives one of the target's own and the accepted
        # ones. The last token may have been a proposed one: then its evaluation gave none of its own.
        made = found.accepted_tokens + found.target_evaluations
        assert made - 39 in (0, 1)
        assert found.drafted_by_position is not None
        assert found.accepted_by_position is not None
        assert sum(found.drafted_by_position) == found.drafted_tokens >= found.accepted_tokens
        assert sum(found.accepted_by_position) == found.accepted_tokens
        assert len(found.drafted_by_position) <= most
        assert list(found.drafted_by_position) == sorted(found.drafted_by_position, reverse=True)
        if config.lookup is None:
            assert found.lookup_drafted_tokens == 0
        if config.spec is None:
            assert found.draft_evaluations == 0
            assert found.lookup_drafted_tokens == found.drafted_tokens
        assert found.draft_ms is not None


def rate(session: WorkerSession, prompts: list[str], config: Config, **values: object) -> float:
    found = [counts(ask(session, prompt, config.speculation, **values)) for prompt in prompts]
    return sum(each.accepted_tokens for each in found) / sum(each.drafted_tokens for each in found)


def test_the_suited_draft_is_accepted_and_the_mismatched_one_is_not(session: WorkerSession, prompts: list[str]) -> None:
    suited, mismatched = (rate(session, prompts, Config(spec=Spec(name, 4))) for name in DRAFTS[:2])
    assert suited > 0.4
    assert mismatched < suited - 0.3


def test_a_draft_that_only_proposes_what_it_is_sure_of_is_accepted_more(
    session: WorkerSession, prompts: list[str]
) -> None:
    always, sure = (rate(session, prompts, Config(spec=Spec("demo-draft", 8, least))) for least in (None, 0.9))
    assert sure > always + 0.1


def test_lookup_is_accepted_where_the_answer_quotes_and_hardly_elsewhere(session: WorkerSession) -> None:
    template = session.facts.chat_template
    questions = [
        *generate("general", count=80, seed=3, tiers=(3,), wording="demo"),
        *generate("general", count=40, seed=3, tiers=(1,), wording="demo"),
    ]
    by_kind: dict[str, list[str]] = {}
    for question in questions:
        kind = f"{question.prompt.split()[0]} {question.tier}"
        by_kind.setdefault(kind, []).append(render_prompt(question.prompt, template=template))
    config = Config(lookup=Lookup(3, 4))

    def share(prompts: list[str], tokens: int) -> float:
        answers = [ask(session, prompt, config.speculation, max_tokens=tokens, ignore_eos=True) for prompt in prompts]
        return sum(counts(each).accepted_tokens for each in answers) / sum(
            each.generated_tokens or 0 for each in answers
        )

    copied, edited = (share(by_kind[kind][:12], 24) for kind in ("Repeat 3", "Replace 3"))
    fresh = share(by_kind["Write 1"][:10], 14)
    assert copied > 0.5
    assert edited > 0.3
    assert fresh < 0.1


def test_a_recurrent_model_neither_drafts_nor_is_drafted_for(session: WorkerSession) -> None:
    refused = ask(session, "What is 2 + 3?", Speculation(draft="demo-mamba", draft_tokens=4))
    assert refused.status == "refused"
    assert "recurrent" in (refused.status_reason or "")
    mamba = opened("demo-mamba")
    try:
        for config in (Config(lookup=Lookup(2, 4)), Config(spec=Spec("demo-draft", 4))):
            refused = ask(mamba, "What is 2 + 3?", config.speculation)
            assert refused.status == "refused"
            assert "rolled back" in (refused.status_reason or "")
        assert ask(mamba, "What is 2 + 3?", None).status == "ok"
    finally:
        mamba.close()


def test_a_draft_that_is_not_loaded_is_refused_by_name(session: WorkerSession) -> None:
    refused = ask(session, "What is 2 + 3?", Speculation(draft="nobody", draft_tokens=4))
    assert refused.status == "refused"
    assert "nobody" in (refused.status_reason or "")
    assert ask(session, "What is 2 + 3?", None).status == "ok"


def test_small_batches_and_a_full_context_change_nothing(prompts: list[str]) -> None:
    narrow = opened(batch_tokens=16, micro_batch_tokens=16, context_tokens=160)
    try:
        for config in TECHNIQUES.values():
            plain, drafted = (
                ask(narrow, prompts[0], each, max_tokens=500, ignore_eos=True) for each in (None, config.speculation)
            )
            assert plain.finish_reason == drafted.finish_reason == "context"
            assert plain.token_ids == drafted.token_ids
    finally:
        narrow.close()


def test_stop_texts_end_a_drafted_answer_where_they_end_a_plain_one(session: WorkerSession, prompts: list[str]) -> None:
    for prompt in prompts[:4]:
        text = ask(session, prompt, None, ignore_eos=True).text or ""
        stop = text[len(text) // 2 :][:3]
        plain, drafted = (
            ask(session, prompt, each, ignore_eos=True, stop=(stop,)) for each in (None, TECHNIQUES["both"].speculation)
        )
        assert (plain.text, plain.finish_reason) == (drafted.text, drafted.finish_reason)


def test_a_wrong_verifier_changes_answers_and_its_changes_are_no_near_ties(
    session: WorkerSession, prompts: list[str]
) -> None:
    """What a real change looks like: the target prefers its own token by far more than batching moves its logits."""
    speculation = TECHNIQUES["mismatched"].speculation
    faulty = opened(worker="epyc_assets_tests.inference.faulty_worker")
    try:
        for prompt in prompts[:4]:
            plain, changed = ask(session, prompt, None).token_ids, ask(faulty, prompt, speculation).token_ids
            assert plain is not None
            assert changed is not None
            place = next(index for index, pair in enumerate(zip(plain, changed, strict=False)) if len(set(pair)) > 1)
            found = session.compare_choices(prompt, plain[:place], plain[place], changed[place], batch_tokens=6)
            assert found is not None
            assert found.preferred == plain[place]
            assert found.margin > 0.5
            assert found.batch_noise < 0.1
    finally:
        faulty.close()


def test_choices_are_compared_as_a_plain_run_would_make_them(session: WorkerSession, prompts: list[str]) -> None:
    answer = ask(session, prompts[0], None).token_ids
    assert answer is not None
    for place in (0, 1, len(answer) - 1):
        found = session.compare_choices(prompts[0], answer[:place], answer[place], answer[place] ^ 1, batch_tokens=5)
        assert found is not None
        assert found.preferred == answer[place]
        assert found.margin > 0


def test_calibration_is_a_time_and_none_when_the_worker_is_gone() -> None:
    session = opened()
    taken = session.calibrate()
    assert taken is not None
    assert taken > 0
    session.close()
    assert session.calibrate() is None


def test_a_command_carries_what_a_config_fixes_at_the_start() -> None:
    program = ("python", "-m", "worker")
    assert launched(program, ["numactl", "--interleave=all"], LaunchParameters()) == [
        "numactl",
        "--interleave=all",
        *program,
    ]
    launch = LaunchParameters(numa_policy="membind=0 cpunodebind=0", environment={"B": "2", "A": "1 2"})
    assert launched(program, ["ssh", "there", "numactl", "--interleave=all"], launch) == [
        *("ssh", "there", "numactl", "--membind=0", "--cpunodebind=0", "env", "A=1 2", "B=2"),
        *program,
    ]
    library = launched(program, [], LaunchParameters(llama_cpp_library="build/lib"))
    assert library == ["env", "LLAMA_CPP_LIB_PATH=build/lib", *program]


def test_environment_variables_reach_the_worker() -> None:
    launch = LaunchParameters(environment={"LLAMA_CPP_LIB_PATH": "/nowhere"})
    with pytest.raises(SessionFailure, match="nowhere"):
        LlamaCppBackend().open_session(SessionRequest(shipped("demo-draft"), PARAMETERS, 60.0, launch=launch))
