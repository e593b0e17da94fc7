"""The llama_cpp backend against real models and real deaths of its worker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from epyc_assets.inference.backend import GenerationRequest, SessionFailure, SessionRequest
from epyc_assets.inference.config import LoadParameters
from epyc_assets.inference.llama_cpp import LlamaCppBackend, WorkerSession
from epyc_assets_tests.models import shipped

LAUNCHER = [sys.executable, str(Path(__file__).with_name("faulty_launcher.py"))]
PARAMETERS = LoadParameters(context_tokens=512, threads=1)


def opened(*launch_prefix: str, parameters: LoadParameters = PARAMETERS, model: str = "demo-draft") -> WorkerSession:
    return LlamaCppBackend(launch_prefix).open_session(SessionRequest(shipped(model), parameters, 60.0))


@pytest.fixture(scope="module")
def session() -> Iterator[WorkerSession]:
    session = opened()
    yield session
    session.close()


def ask(session: WorkerSession, prompt: str = "What is 2 + 3?", **values: object):
    settings = {"max_tokens": 16, "timeout_s": 30.0, **values}
    return session.generate(GenerationRequest(prompt=prompt, **settings))  # type: ignore[arg-type]


def test_greedy_answers_repeat_and_do_not_depend_on_what_was_asked_before(session: WorkerSession) -> None:
    first = ask(session)
    ask(session, "Something quite different, and longer.")
    again = ask(session)
    assert first.status == again.status == "ok"
    assert first.token_ids == again.token_ids
    assert first.text == again.text


def test_timings_add_up(session: WorkerSession) -> None:
    answer = ask(session, max_tokens=32, ignore_eos=True)
    assert answer.generated_tokens == 32
    assert answer.finish_reason == "length"
    assert answer.ttft_ms is not None
    assert answer.decode_ms is not None
    assert answer.sampling_ms is not None
    assert answer.total_ms is not None
    assert answer.generation_tps is not None
    # 31 steps lie between the first and the last token; decoding is a part of the time between them.
    between_ms = answer.total_ms - answer.ttft_ms
    assert answer.generation_tps == pytest.approx(31 / (between_ms / 1000))
    assert answer.decode_ms <= between_ms
    assert answer.effective_tps == pytest.approx(32 / (answer.total_ms / 1000))
    assert answer.prompt_ms is not None
    assert answer.prompt_ms <= answer.ttft_ms


def test_sampling_depends_on_the_seed_alone(session: WorkerSession) -> None:
    hot = {"temperature": 3.0, "ignore_eos": True, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    texts = {seed: ask(session, seed=seed, **hot).token_ids for seed in (1, 2, 3)}
    assert len(set(texts.values())) > 1
    assert ask(session, seed=2, **hot).token_ids == texts[2]


def test_an_ending_text_stops_the_answer(session: WorkerSession) -> None:
    whole = ask(session, max_tokens=12, ignore_eos=True)
    assert whole.text
    ending = whole.text[len(whole.text) // 2]
    stopped = ask(session, max_tokens=12, ignore_eos=True, stop=(ending,))
    assert stopped.finish_reason == "stop"
    assert stopped.text is not None
    assert ending in stopped.text
    assert len(stopped.text) <= len(whole.text)


def test_a_prompt_that_does_not_fit_is_refused_and_the_session_lives(session: WorkerSession) -> None:
    answer = ask(session, "word " * 2000)
    assert answer.status == "refused"
    assert answer.text is None
    assert "512" in (answer.status_reason or "")
    assert session.alive
    assert ask(session).status == "ok"


@pytest.mark.parametrize("prompt", ["", "\0", "\ud800 lone", "é" * 40, "<|end|>" * 3, "🦙"])
def test_odd_prompts_get_a_status(session: WorkerSession, prompt: str) -> None:
    answer = ask(session, prompt, max_tokens=4)
    assert answer.status in ("ok", "refused")
    assert session.alive


def test_a_slow_answer_ends_at_its_timeout_with_what_there_was(session: WorkerSession) -> None:
    answer = ask(session, max_tokens=400, ignore_eos=True, timeout_s=0.0)
    assert answer.status == "timeout"
    assert answer.text is None
    assert answer.partial_text
    assert ask(session).status == "ok"


def test_facts_tell_what_is_needed_to_reproduce(session: WorkerSession) -> None:
    facts = session.facts
    assert facts.backend == "llama_cpp"
    assert facts.backend_version
    assert facts.threads == 1
    assert facts.context_tokens == 512
    assert facts.chat_template
    assert facts.model["parameters"] > 1000
    assert facts.model["recurrent"] is False


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [("segv", "crashed", "SIGSEGV"), ("abort", "crashed", "SIGABRT"), ("kill", "killed", "SIGKILL")],
)
def test_a_death_in_the_middle_is_a_status(fault: str, status: str, word: str) -> None:
    session = opened(*LAUNCHER, fault, "deadly")
    assert ask(session, "harmless").status == "ok"
    answer = ask(session, "deadly", max_tokens=480, ignore_eos=True)
    assert answer.status == status
    assert word in (answer.status_reason or "")
    assert answer.text is None
    assert not session.alive
    session.close()


def test_a_hang_is_a_timeout_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epyc_assets.inference.llama_cpp.GRACE_S", 0.5)
    session = opened(*LAUNCHER, "stop", "deadly")
    answer = ask(session, "deadly", timeout_s=0.5)
    assert answer.status == "timeout"
    assert "killed" in (answer.status_reason or "")
    assert not session.alive
    assert gone(session.process_id)


@pytest.fixture
def memory_group() -> Iterator[Path]:
    """A control group with 12 MiB of memory, by either version of the interface."""
    for root, limit in (("memory", "memory.limit_in_bytes"), ("", "memory.max")):
        group = Path("/sys/fs/cgroup") / root / "epyc_assets_tests"
        if not (group.parent / "cgroup.procs").exists():
            continue
        try:
            group.mkdir(exist_ok=True)
            (group / limit).write_text(str(12 * 2**20))
        except OSError:
            continue
        yield group
        for _ in range(100):
            with contextlib.suppress(OSError):
                group.rmdir()
                return
            time.sleep(0.05)
        return
    pytest.skip("no memory control group that may be written to; run as root to see this test")


def test_running_out_of_memory_kills_the_worker_not_the_sweep(memory_group: Path) -> None:
    into_group = ["sh", "-c", f'echo $$ > {memory_group}/cgroup.procs; exec "$@"', "sh"]
    with pytest.raises(SessionFailure, match="memory ran out") as failure:
        opened(*into_group).close()
    assert failure.value.status == "out_of_memory"


def gone(group: int) -> bool:
    """Whether a process group has no living process, now or within 20 s."""
    deadline = time.monotonic() + 20
    while processes_of_group(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes_of_group(group)


def processes_of_group(group: int) -> list[int]:
    """Living processes of a process group; a dead one that nobody has waited for does not live."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(status.parent.name))
    return found


def test_a_worker_dies_with_its_parent() -> None:
    script = (
        "import sys, time\n"
        "from epyc_assets_tests.inference.test_llama_cpp import opened\n"
        "session = opened()\n"
        "print(session.process_id, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    os.kill(worker, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone(worker), "the worker outlived its parent"


def test_files_that_cannot_be_loaded_say_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(shipped("demo-draft").read_bytes()[:5000])
    with pytest.raises(SessionFailure, match="could not load"):
        LlamaCppBackend().open_session(SessionRequest(broken, PARAMETERS, 60.0))
    with pytest.raises(SessionFailure, match="no file"):
        LlamaCppBackend().open_session(SessionRequest(tmp_path / "absent.gguf", PARAMETERS, 60.0))


def test_a_launch_prefix_that_does_not_exist_says_so() -> None:
    with pytest.raises(SessionFailure, match="launch_prefix"):
        opened("/no/such/numactl", "--interleave=all")


def test_what_native_code_prints_does_not_disturb_the_protocol() -> None:
    chatty = ["sh", "-c", 'echo "not json"; exec "$@"', "sh"]
    session = opened(*chatty)
    assert ask(session).status == "ok"
    session.close()


def test_fewer_experts_are_a_load_parameter() -> None:
    overridden = LoadParameters(context_tokens=512, threads=1, metadata_overrides={"qwen3moe.expert_used_count": 1})
    full, reduced = opened(model="demo-moe"), opened(model="demo-moe", parameters=overridden)
    prompts = [f"What is {a} + {b}?" for a, b in ((12, 31), (45, 27), (8, 66))]
    answers = [[ask(session, prompt, max_tokens=12).token_ids for prompt in prompts] for session in (full, reduced)]
    full.close()
    reduced.close()
    assert answers[0] != answers[1]


def test_closing_from_another_thread_than_the_one_that_asked() -> None:
    session = opened()
    closing = threading.Thread(target=session.close)
    closing.start()
    closing.join()
    assert not session.alive
    assert session.peak_memory_bytes
    assert ask(session).status == "crashed"


def test_what_comes_too_late_is_not_taken_for_the_answer_to_something_else() -> None:
    """A comparison of a large model may take longer than it is waited for."""
    session = LlamaCppBackend().open_session(
        SessionRequest(shipped("demo-target"), LoadParameters(context_tokens=256, threads=1), 60.0)
    )
    tokens = (session.tokenize("One two three four five six seven.") * 20)[:150]
    assert session.compare_choices("Count:", tokens, 5, 6, 5, timeout_s=0.0) is None
    time.sleep(0.5)
    try:
        assert session.compare_choices("Count:", [], 5, 5, 5) is None, "the session can tell nothing any more"
        assert not session.alive
    finally:
        session.close()
