"""The protocol: the same tests against every backend that is installed or found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epyc_assets.inference.backend import (
    FAILURES,
    Backend,
    DraftModel,
    Generation,
    GenerationRequest,
    Session,
    SessionFailure,
    SessionRequest,
)
from epyc_assets.inference.backends import NAMES, BackendUnavailable, availability, make_backend
from epyc_assets.inference.config import (
    BASELINE,
    Config,
    LaunchParameters,
    LoadParameters,
    Lookup,
    Moe,
    Spec,
    Speculation,
)
from epyc_assets.inference.llama_cpp import LlamaCppBackend, WorkerSession
from epyc_assets.inference.server_session import ServerSession
from epyc_assets_tests.inference.every_backend import backend_or_skip
from epyc_assets_tests.models import shipped

PARAMETERS = LoadParameters(context_tokens=512, threads=1)
PROMPT = "<|user|>Repeat: the red cat, the red cat, the red cat, the red<|end|><|assistant|>"
DRAFT = DraftModel(shipped("demo-draft"), PARAMETERS)
SPECULATION = Speculation(draft="small", draft_tokens=4)


@pytest.fixture(scope="module", params=NAMES)
def backend(request: pytest.FixtureRequest) -> Backend:
    return backend_or_skip(request.param)


@pytest.fixture(scope="module")
def session(backend: Backend) -> Iterator[Session]:
    session = opened(backend)
    yield session
    session.close()


@pytest.fixture(scope="module")
def reference() -> Iterator[WorkerSession]:
    """The embedded backend, which the others are held against."""
    session = LlamaCppBackend().open_session(SessionRequest(shipped("demo-target"), PARAMETERS, 60.0))
    yield session
    session.close()


def opened(
    backend: Backend, model: str = "demo-target", parameters: LoadParameters = PARAMETERS, **values: Any
) -> Session:
    return backend.open_session(SessionRequest(shipped(model), parameters, 60.0, **values))


def ask(session: Session, prompt: str = PROMPT, **values: Any) -> Generation:
    return session.generate(GenerationRequest(prompt=prompt, **{"max_tokens": 24, "timeout_s": 30.0, **values}))


def test_greedy_answers_repeat_and_do_not_depend_on_what_was_asked_before(session: Session) -> None:
    first = ask(session)
    ask(session, "Something quite different, and longer.")
    again = ask(session)
    assert first.status == again.status == "ok"
    assert first.token_ids
    assert first.token_ids == again.token_ids
    assert first.text == again.text


def test_prompts_are_read_alike_by_all(session: Session, reference: WorkerSession) -> None:
    for prompt in ("What is 2 + 3?", PROMPT, "<|end|>begins with the begin token", "é ü 漢字 🦙", "a\nb\t c  d"):
        own, other = ask(session, prompt, max_tokens=2), ask(reference, prompt, max_tokens=2)
        assert own.prompt_tokens == other.prompt_tokens == len(reference.tokenize(prompt)), prompt


def test_greedy_answers_are_those_of_the_embedded_backend(session: Session, reference: WorkerSession) -> None:
    own, other = ask(session, max_tokens=8), ask(reference, max_tokens=8)
    assert own.text == other.text
    assert own.token_ids == other.token_ids
    assert own.generated_tokens == other.generated_tokens
    assert own.finish_reason == other.finish_reason


def test_tokens_are_counted_and_the_clock_lies_between_them(session: Session) -> None:
    answer = ask(session, max_tokens=64, ignore_eos=True)
    assert answer.status == "ok"
    assert answer.generated_tokens == 64
    assert answer.finish_reason == "length"
    assert answer.ttft_ms is not None
    assert answer.total_ms is not None
    assert answer.generation_tps is not None
    assert 0 < answer.ttft_ms <= answer.total_ms
    between_ms = 63 / answer.generation_tps * 1000
    assert answer.ttft_ms + between_ms == pytest.approx(answer.total_ms, rel=0.02, abs=0.5)
    assert answer.effective_tps == pytest.approx(64 / (answer.total_ms / 1000))


def test_the_end_of_the_answer_is_no_token_of_it(session: Session) -> None:
    answer = ask(session, "<|user|>What is 2 + 3?<|end|><|assistant|>", max_tokens=64)
    assert answer.finish_reason == "stop"
    assert answer.token_ids is not None
    assert answer.generated_tokens == len(answer.token_ids) < 64
    assert "<|end|>" not in (answer.text or "")


def test_sampling_depends_on_the_seed_alone(session: Session) -> None:
    hot = {"temperature": 3.0, "ignore_eos": True, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "max_tokens": 12}
    texts = {seed: ask(session, seed=seed, **hot).text for seed in (1, 2, 2**31 + 5)}
    assert len(set(texts.values())) > 1
    assert ask(session, seed=2, **hot).text == texts[2]


def test_an_ending_text_stops_the_answer_and_stays_in_it(session: Session) -> None:
    whole = ask(session, max_tokens=16, ignore_eos=True)
    assert whole.text
    ending = whole.text[len(whole.text) // 2]
    stopped = ask(session, max_tokens=16, ignore_eos=True, stop=(ending,))
    assert stopped.finish_reason == "stop"
    assert stopped.text is not None
    assert ending in stopped.text
    assert len(stopped.text) <= len(whole.text)


def test_a_prompt_that_does_not_fit_is_refused_and_the_session_lives(session: Session) -> None:
    answer = ask(session, "word " * 2000)
    assert answer.status == "refused"
    assert answer.text is None
    assert "512" in (answer.status_reason or "")
    assert session.alive
    assert ask(session).status == "ok"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(prompt=st.text(max_size=40), max_tokens=st.integers(1, 6), seed=st.integers(0, 2**33))
def test_any_prompt_gets_a_status_and_a_count(session: Session, prompt: str, max_tokens: int, seed: int) -> None:
    answer = ask(session, prompt, max_tokens=max_tokens, seed=seed, temperature=1.0, ignore_eos=True)
    assert answer.status in ("ok", "refused")
    if answer.status == "ok":
        assert answer.generated_tokens == max_tokens
        assert answer.token_ids is None or len(answer.token_ids) == max_tokens
    assert session.alive


def test_a_prompt_that_begins_with_the_begin_token_has_it_once(backend: Backend, tmp_path: Path) -> None:
    """With a model that wants one before every text."""
    import gguf

    model = tmp_path / "wanting.gguf"
    model.write_bytes(shipped("demo-draft").read_bytes())
    reader = gguf.GGUFReader(model, "r+")
    field = reader.get_field("tokenizer.ggml.add_bos_token")
    assert field is not None
    field.parts[field.data[0]][0] = True
    reader.data.flush()
    session = backend.open_session(SessionRequest(model, PARAMETERS, 60.0))
    begin = session.facts.bos_text
    with_it, without_it = ask(session, f"{begin}What is 2 + 3?"), ask(session, "What is 2 + 3?")
    session.close()
    assert begin
    assert with_it.prompt_tokens == without_it.prompt_tokens
    assert with_it.token_ids == without_it.token_ids


def test_nothing_is_kept_of_the_prompt_before(session: Session) -> None:
    """A prompt that was there a moment ago is processed again, all of it: only then is there a speed."""
    text = "the red cat and the blue dog " * 20
    for answer in (ask(session, text, max_tokens=2), ask(session, text, max_tokens=2)):
        assert answer.status == "ok"
        assert answer.prompt_tps is not None


def test_a_lone_half_of_a_character_is_a_question_mark(session: Session, reference: WorkerSession) -> None:
    assert ask(session, "\ud800 lone").prompt_tokens == ask(reference, "? lone").prompt_tokens


def test_a_slow_answer_ends_at_its_timeout_and_the_session_lives(session: Session) -> None:
    answer = ask(session, max_tokens=400, ignore_eos=True, timeout_s=0.0)
    assert answer.status == "timeout"
    assert answer.text is None
    assert "within 0 s" in (answer.status_reason or "")
    assert session.alive
    assert ask(session).status == "ok"


def test_facts_tell_what_is_needed_to_reproduce(session: Session, backend: Backend) -> None:
    facts = session.facts
    assert facts.backend == backend.name
    assert facts.backend_version
    assert facts.llama_build
    assert facts.host
    assert facts.cpu_model
    assert facts.threads == 1
    assert facts.context_tokens == 512
    assert facts.load_ms > 0
    assert facts.chat_template
    assert facts.eos_text == "<|end|>"
    assert facts.model["parameters"] > 1000
    assert facts.model["vocabulary"] == 1253


def test_readings_and_calibration_come_from_the_machine(session: Session) -> None:
    assert ask(session).readings["load_average_1m"] is not None
    calibration_ms = session.calibrate()
    assert calibration_ms is not None
    assert calibration_ms > 0


@pytest.mark.parametrize(
    ("speculation", "drafting"),
    [
        (SPECULATION, "draft"),
        (Speculation(ngram_tokens=2, lookup_tokens=4), "lookup"),
        (Speculation(draft="small", draft_tokens=3, ngram_tokens=2, lookup_tokens=4), "both"),
    ],
)
def test_drafting_is_counted_and_leaves_the_answer(
    backend: Backend, session: Session, speculation: Speculation, drafting: str
) -> None:
    at_load = speculation if backend.speculation_at_load else None
    speculative = opened(backend, drafts={"small": DRAFT}, speculation=at_load)
    answer = ask(speculative, max_tokens=96, ignore_eos=True, speculation=speculation)
    plain = ask(session, max_tokens=96, ignore_eos=True)
    speculative.close()
    assert answer.status == "ok"
    assert answer.generated_tokens == 96
    counts = answer.speculation
    assert counts is not None, drafting
    assert 0 <= counts.accepted_tokens <= counts.drafted_tokens
    assert counts.drafted_tokens > 0
    # Every evaluation gives its accepted tokens and one more; the first token came with the prompt.
    assert counts.target_evaluations == 95 - counts.accepted_tokens
    assert plain.speculation is None
    assert answer.token_ids is not None
    assert plain.token_ids is not None
    assert answer.token_ids[:8] == plain.token_ids[:8]


def test_a_draft_that_agrees_is_accepted_and_more_at_a_time(backend: Backend) -> None:
    """The target as its own draft: under greedy decoding most of what it proposes is what it chooses, and a larger K
    needs fewer evaluations. A K that did not reach the server would change nothing."""
    twin = {"twin": DraftModel(shipped("demo-target"), PARAMETERS)}
    evaluations: dict[int, int] = {}
    for tokens in (2, 12):
        speculation = Speculation(draft="twin", draft_tokens=tokens)
        at_load = speculation if backend.speculation_at_load else None
        session = opened(backend, drafts=twin, speculation=at_load)
        counts = ask(session, max_tokens=80, ignore_eos=True, speculation=speculation).speculation
        session.close()
        assert counts is not None
        # Not all: where the end is forbidden (ignore_eos), llama.cpp's own draft may still propose it.
        assert counts.accepted_tokens > 0.4 * counts.drafted_tokens
        evaluations[tokens] = counts.target_evaluations or 0
    assert evaluations[12] < 0.7 * evaluations[2]


def test_files_that_cannot_be_loaded_say_why(backend: Backend, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(shipped("demo-draft").read_bytes()[:5000])
    with pytest.raises(SessionFailure, match=r"load") as failure:
        backend.open_session(SessionRequest(broken, PARAMETERS, 60.0))
    assert failure.value.status in FAILURES
    with pytest.raises(SessionFailure):
        backend.open_session(SessionRequest(tmp_path / "absent.gguf", PARAMETERS, 60.0))


def test_a_load_that_takes_too_long_is_given_up(backend: Backend) -> None:
    with pytest.raises(SessionFailure, match="longer than 0 s"):
        backend.open_session(SessionRequest(shipped("demo-draft"), PARAMETERS, load_timeout_s=0.0))


def test_a_launch_prefix_that_does_not_exist_says_so(backend: Backend) -> None:
    with pytest.raises(SessionFailure, match="launch_prefix"):
        opened(backend_or_skip(backend.name, "/no/such/numactl", "--interleave=all"))


def test_closing_twice_is_once(backend: Backend) -> None:
    session = opened(backend, model="demo-draft")
    session.close()
    session.close()
    assert not session.alive
    assert session.peak_memory_bytes
    assert session.peak_memory_bytes > 2**20
    assert ask(session).status == "crashed"
    assert session.calibrate() is None


def test_load_parameters_are_taken(backend: Backend) -> None:
    parameters = LoadParameters(
        context_tokens=256,
        threads=1,
        batch_threads=2,
        batch_tokens=64,
        micro_batch_tokens=32,
        flash_attention="on",
        kv_type="q8_0",
        mmap=False,
    )
    session = opened(backend, parameters=parameters)
    answer = ask(session, PROMPT)
    session.close()
    assert answer.status == "ok"
    assert session.facts.context_tokens == 256
    assert session.facts.threads == 1
    if isinstance(session, ServerSession):
        assert session.process is not None
        assert any("n_threads = 1" in line for line in session.process.log())


def test_fewer_experts_change_answers_or_are_refused_in_words(backend: Backend) -> None:
    moe = Config(moe=Moe("qwen3moe", 1))
    objection = backend.objection(moe)
    if objection is not None:
        assert backend.name == "xllamacpp"
        assert "experts" in objection
        with pytest.raises(SessionFailure, match="metadata"):
            opened(backend, model="demo-moe", parameters=moe.load_parameters(PARAMETERS))
        return
    full = opened(backend, model="demo-moe")
    reduced = opened(backend, model="demo-moe", parameters=moe.load_parameters(PARAMETERS))
    prompts = [f"What is {a} + {b}?" for a, b in ((12, 31), (45, 27), (8, 66))]
    answers = [[ask(each, prompt, max_tokens=12).token_ids for prompt in prompts] for each in (full, reduced)]
    full.close()
    reduced.close()
    assert answers[0] != answers[1]


def test_no_backend_objects_to_what_all_can_do(backend: Backend) -> None:
    for config in (BASELINE, Config(spec=Spec("small", 4)), Config(lookup=Lookup(3, 8))):
        assert backend.objection(config) is None


def test_another_build_that_is_not_there_is_a_failed_load(backend: Backend, tmp_path: Path) -> None:
    launch = LaunchParameters(llama_cpp_library=str(tmp_path))
    with pytest.raises(SessionFailure):
        opened(backend, launch=launch)


def test_a_name_that_is_no_backend_says_which_there_are() -> None:
    with pytest.raises(BackendUnavailable, match="llama_cpp, llama_server, xllamacpp"):
        make_backend("llama.cpp")


def test_a_missing_server_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = availability("llama_server", tmp_path)
    assert not found.available
    with pytest.raises(BackendUnavailable, match=r"docs/backends\.md"):
        make_backend("llama_server", binaries=tmp_path)


def test_only_llama_server_takes_an_address() -> None:
    with pytest.raises(BackendUnavailable, match="running server"):
        make_backend("xllamacpp", url="http://127.0.0.1:1")
    with pytest.raises(BackendUnavailable, match="looks like"):
        make_backend("llama_server", url="127.0.0.1:8080")
