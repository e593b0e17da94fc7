"""Servers as processes: deaths, hangs, what outlives whom, other people's servers, many prompts at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from epyc_assets.inference.backend import (
    DraftModel,
    Generation,
    GenerationRequest,
    SessionFailure,
    SessionRequest,
    figures_differ,
)
from epyc_assets.inference.config import Config, LaunchParameters, LoadParameters, Moe, Spec, Speculation
from epyc_assets.inference.llama_server import (
    LlamaServerBackend,
    RunningServerBackend,
    find_llama_server,
    program_of,
    started_session,
)
from epyc_assets.inference.server_process import free_port, tunnelled
from epyc_assets.inference.server_session import ServerSession
from epyc_assets.inference.server_stream import Stream, generation_of
from epyc_assets.inference.together import answer_together
from epyc_assets_tests.inference.every_backend import backend_or_skip, server_or_skip
from epyc_assets_tests.inference.test_llama_cpp import gone
from epyc_assets_tests.models import shipped

PARAMETERS = LoadParameters(context_tokens=512, threads=1)
LONG = GenerationRequest(prompt="deadly", max_tokens=480, timeout_s=30.0, ignore_eos=True)
SHORT = GenerationRequest(prompt="What is 2 + 3?", max_tokens=8, timeout_s=30.0)


def opened(*launch_prefix: str, model: str = "demo-draft", **values: Any) -> ServerSession:
    session = server_or_skip(*launch_prefix).open_session(SessionRequest(shipped(model), PARAMETERS, 60.0, **values))
    assert isinstance(session, ServerSession)
    return session


@pytest.fixture(scope="module")
def server() -> Iterator[ServerSession]:
    """A server with four slots, which other tests use as if it were somebody else's."""
    session = opened(slots=4)
    yield session
    session.close()


def server_process_of(session: ServerSession) -> int:
    assert session.process is not None
    return session.process.server_process_id


def answered_by_a_struck_server(session: ServerSession, blow: signal.Signals) -> Generation:
    """An answer of a server that was stopped before it was asked, struck while it was asked, and then let go."""
    found: list[Generation] = []
    process = server_process_of(session)
    os.kill(process, signal.SIGSTOP)
    asking = threading.Thread(target=lambda: found.append(session.generate(LONG)))
    asking.start()
    time.sleep(0.1)  # For the request to be under way; sooner the server would be found dead, which is the same status.
    os.kill(process, blow)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGCONT)
    asking.join(timeout=30)
    return found[0]


@pytest.mark.parametrize(
    ("blow", "status", "word"),
    [
        (signal.SIGSEGV, "crashed", "SIGSEGV"),
        (signal.SIGABRT, "crashed", "SIGABRT"),
        (signal.SIGKILL, "killed", "SIGKILL"),
    ],
)
def test_a_death_while_asked_is_a_status(blow: signal.Signals, status: str, word: str) -> None:
    session = opened()
    assert session.generate(SHORT).status == "ok"
    answer = answered_by_a_struck_server(session, blow)
    assert answer.status == status
    assert word in (answer.status_reason or "")
    assert answer.text is None
    assert not session.alive
    assert session.generate(SHORT).status == "crashed"
    session.close()


def test_a_hang_is_a_timeout_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epyc_assets.inference.server_session.GRACE_S", 0.5)
    session = opened()
    assert session.process is not None
    os.kill(server_process_of(session), signal.SIGSTOP)
    answer = session.generate(GenerationRequest(prompt="x", max_tokens=8, timeout_s=0.3))
    assert answer.status == "timeout"
    assert "killed" in (answer.status_reason or "")
    assert not session.alive
    assert gone(session.process.process_id)


@pytest.mark.parametrize("killed", ["parent", "guard"])
def test_a_server_dies_with_its_parent_and_with_its_guard(killed: str) -> None:
    script = (
        "import sys, time\n"
        "from epyc_assets_tests.inference.test_llama_server import opened, server_process_of\n"
        "session = opened()\n"
        "print(session.process.process_id, server_process_of(session), flush=True)\n"
        "time.sleep(60)\n"
    )
    server_or_skip()
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    guard, server = map(int, parent.stdout.readline().split())
    os.kill(server, 0)
    os.kill(parent.pid if killed == "parent" else guard, signal.SIGKILL)
    outlived = not gone(guard)
    parent.kill()
    parent.wait()
    assert not outlived, "the server outlived whoever started it"


def test_a_server_that_dies_while_loading_says_its_last_words(tmp_path: Path) -> None:
    program = tmp_path / "llama-server"
    program.write_text("#!/bin/sh\necho 'error: unknown argument: --spec-type' >&2\nexit 1\n")
    program.chmod(0o755)
    request = SessionRequest(shipped("demo-draft"), PARAMETERS, 60.0)
    with pytest.raises(SessionFailure, match="unknown argument: --spec-type") as failure:
        LlamaServerBackend(program).open_session(request)
    assert failure.value.status == "load_failed"
    with pytest.raises(SessionFailure, match="could not be started"):
        LlamaServerBackend(tmp_path / "absent").open_session(request)


def test_a_port_that_was_taken_is_not_the_end(tmp_path: Path) -> None:
    """The first two starts find their port taken, as llama-server says it; the third is the real one's failure."""
    starts = tmp_path / "starts"
    program = tmp_path / "llama-server"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {starts}\n'
        f'if [ "$(wc -l < {starts})" -lt 3 ]; then echo "couldn\'t bind HTTP server socket" >&2; exit 1; fi\n'
        "echo 'no more excuses' >&2; exit 7\n"
    )
    program.chmod(0o755)
    with pytest.raises(SessionFailure, match=r"status 7.*no more excuses"):
        LlamaServerBackend(program).open_session(SessionRequest(shipped("demo-draft"), PARAMETERS, 60.0))
    ports = [line.split("--port ")[1].split()[0] for line in starts.read_text().splitlines()]
    assert len(set(ports)) == 3


def test_arguments_of_the_surroundings_do_not_reach_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """llama.cpp takes arguments from the environment: one that was left there would change what is measured."""
    monkeypatch.setenv("LLAMA_ARG_CTX_SIZE", "1")
    program = tmp_path / "llama-server"
    program.write_text(f"#!/bin/sh\nenv > {tmp_path}/environment\nexit 1\n")
    program.chmod(0o755)
    launch = LaunchParameters(environment={"LLAMA_ARG_POLL": "0", "OMP_WAIT_POLICY": "active"})
    request = SessionRequest(shipped("demo-draft"), PARAMETERS, 60.0, launch=launch, slots=2)
    with pytest.raises(SessionFailure):
        LlamaServerBackend(program).open_session(request)
    lines = (tmp_path / "environment").read_text().splitlines()
    assert {"LLAMA_ARG_POLL=0", "OMP_WAIT_POLICY=active", "LLAMA_ARG_N_PARALLEL=2"} <= set(lines)
    assert not [line for line in lines if line.startswith("LLAMA_ARG_CTX_SIZE")]


def test_a_numa_policy_is_a_prefix_of_the_whole_server(tmp_path: Path) -> None:
    fake = tmp_path / "numactl"
    fake.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/policies\nshift\nexec "$@"\n')
    fake.chmod(0o755)
    launch = LaunchParameters(environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, numa_policy="interleave=all")
    session = opened("env", f"PATH={tmp_path}:{os.environ['PATH']}", "numactl", "--membind=0", launch=launch)
    assert session.generate(SHORT).status == "ok"
    session.close()
    assert (tmp_path / "policies").read_text() == "--interleave=all\n"


def test_over_ssh_the_port_is_forwarded(tmp_path: Path) -> None:
    """A stand-in for ssh that checks its arguments and runs the command here."""
    fake = tmp_path / "ssh"
    fake.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n'
        'while [ "$1" != "other-host" ]; do shift; done; shift\nexec sh -c "exec $*"\n'
    )
    fake.chmod(0o755)
    session = opened(str(fake), "other-host")
    port = session.address.port
    assert session.generate(SHORT).status == "ok"
    session.close()
    assert f"-L 127.0.0.1:{port}:127.0.0.1:{port}" in (tmp_path / "arguments").read_text()
    assert tunnelled(["numactl", "--membind=0"], 1) == ["numactl", "--membind=0"]


def test_a_running_server_is_used_and_never_stopped(server: ServerSession) -> None:
    session = RunningServerBackend(server.address.url).open_session(
        SessionRequest(shipped("demo-draft"), PARAMETERS, 10.0)
    )
    answer, own = session.generate(SHORT), server.generate(SHORT)
    assert answer.status == "ok"
    assert answer.token_ids == own.token_ids
    assert answer.readings == {}
    assert session.facts.threads is None
    assert session.calibrate() is None
    session.close()
    assert session.generate(SHORT).status == "crashed"
    assert server.generate(SHORT).status == "ok"


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"model_path": shipped("demo-target")}, "it serves demo-draft.gguf"),
        ({"parameters": LoadParameters(context_tokens=513, threads=1)}, "hold 512 tokens"),
        ({"slots": 5}, "4 slots"),
        ({"speculation": Speculation(ngram_tokens=2, lookup_tokens=4)}, "drafting"),
        ({"parameters": LoadParameters(context_tokens=512, threads=1, kv_type="q8_0")}, "cache type"),
        ({"launch": LaunchParameters(environment={"A": "b"})}, "launch parameters"),
        (
            {"parameters": LoadParameters(context_tokens=512, metadata_overrides={"a.expert_used_count": 1})},
            "metadata overrides",
        ),
    ],
)
def test_a_running_server_that_is_not_what_was_asked_for_is_refused(
    server: ServerSession, values: dict[str, Any], word: str
) -> None:
    request = SessionRequest(**{"model_path": shipped("demo-draft"), "parameters": PARAMETERS, **values})
    with pytest.raises(SessionFailure, match=word):
        RunningServerBackend(server.address.url).open_session(request)
    assert server.generate(SHORT).status == "ok"


def test_where_no_server_runs_that_is_said() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(SessionFailure, match="no answer"):
        RunningServerBackend(url).open_session(SessionRequest(shipped("demo-draft"), PARAMETERS))


def test_a_running_server_objects_to_what_it_does_not_show() -> None:
    backend = RunningServerBackend("http://127.0.0.1:1")
    assert backend.objection(Config()) is None
    for config in (Config(spec=Spec("d", 4)), Config(moe=Moe("a", 1)), Config(launch=LaunchParameters("x"))):
        assert "running server" in (backend.objection(config) or "")


def test_drafting_that_the_server_does_not_do_is_a_failed_load() -> None:
    """Asked to draft, a server that was started without it must not be measured as if it did."""
    backend = backend_or_skip("xllamacpp")
    wish = SessionRequest(
        shipped("demo-target"),
        PARAMETERS,
        60.0,
        drafts={"d": DraftModel(shipped("demo-draft"), PARAMETERS)},
        speculation=Speculation(draft="d", draft_tokens=4),
    )
    from epyc_assets.inference.xllamacpp import PROGRAM, server_settings

    def deaf(port: int) -> list[str]:
        settings = {**server_settings(wish, port), "speculation": None}
        return [sys.executable, "-m", PROGRAM, json.dumps(settings)]

    with pytest.raises(SessionFailure, match="does not draft"):
        started_session(deaf, wish, backend=backend.name, launch_prefix=(), python=sys.executable, environment={})


def test_drafting_is_fixed_at_the_start(server: ServerSession) -> None:
    other = GenerationRequest("x", 4, 10.0, speculation=Speculation(ngram_tokens=2, lookup_tokens=4))
    answer = server.generate(other)
    assert answer.status == "refused"
    assert "started with other drafting" in (answer.status_reason or "")
    assert server.alive


def test_prompts_at_once_get_the_answers_they_get_alone(server: ServerSession) -> None:
    requests = [GenerationRequest(f"What is {number} + 3?", 12, 30.0, ignore_eos=True) for number in range(10)]
    together = answer_together(server, requests, at_once=4)
    assert [each.status for each in together.generations] == ["ok"] * 10
    assert together.generated_tokens == 120
    assert together.aggregate_tps == pytest.approx(120 / (together.wall_ms / 1000))
    assert len(together.latencies_ms) == 10
    assert max(together.latencies_ms) <= together.wall_ms
    # Four workers, each busy at most all the time.
    assert sum(together.latencies_ms) <= 4 * together.wall_ms
    assert together.latency_ms(0.95) is None  # Ten answers have no percentile.
    assert together.readings["load_average_1m"] is not None
    alone = [server.generate(request) for request in requests]
    # Batched arithmetic may turn near ties later on; the first token of each is its own prompt's.
    firsts = [(each.token_ids or ())[:1] for each in together.generations]
    assert firsts == [(each.token_ids or ())[:1] for each in alone]
    assert len(set(firsts)) > 1


def test_more_at_once_than_slots_is_a_mistake(server: ServerSession) -> None:
    for at_once in (0, 5):
        with pytest.raises(ValueError, match="4 slots"):
            answer_together(server, [SHORT], at_once)


def test_a_death_among_many_is_the_status_of_all_that_follow() -> None:
    session = opened(slots=2)
    os.kill(server_process_of(session), signal.SIGKILL)
    together = answer_together(session, [SHORT] * 6, at_once=2)
    assert {each.status for each in together.generations} <= {"killed", "crashed"}
    assert together.generations[0].status == "killed"
    assert together.aggregate_tps is None
    assert together.latencies_ms == ()


MS = 1_000_000


def event(at_ms: float, predicted: int, token: int, text: str = "x") -> tuple[int, dict[str, Any]]:
    shown = {"content": text, "tokens": [token], "stop": False, "tokens_predicted": predicted, "tokens_evaluated": 5}
    return int(at_ms * MS), shown


def end(at_ms: float, predicted: int, **values: Any) -> tuple[int, dict[str, Any]]:
    shown = {"content": "", "tokens": [], "stop": True, "tokens_predicted": predicted, "tokens_evaluated": 5}
    return int(at_ms * MS), {**shown, "stop_type": "limit", "stopping_word": "", "timings": {}, **values}


def generation(*events: tuple[int, dict[str, Any]], timed_out: bool = False, speculative: bool = False) -> Generation:
    from datetime import UTC, datetime

    stream = Stream(events, 0, events[-1][0], timed_out)
    return generation_of(stream, SHORT, {"started_at": datetime.now(UTC)}, speculative=speculative)


def test_tokens_inside_a_character_have_no_event_and_are_counted_all_the_same() -> None:
    """Five tokens, four events: the third token ended inside a character, which the fourth completes."""
    answer = generation(
        event(10, 1, 7), event(20, 2, 8), event(40, 4, 9, "é"), event(50, 5, 6), end(50.01, 5, truncated=False)
    )
    assert answer.generated_tokens == 5
    assert answer.token_ids is None
    assert answer.ttft_ms == 10
    assert answer.generation_tps == pytest.approx(4 / 0.040)
    assert answer.finish_reason == "length"


def test_last_tokens_without_an_event_end_with_the_answer() -> None:
    answer = generation(event(10, 1, 7), event(20, 2, 8), end(40, 4))
    assert answer.generation_tps == pytest.approx(3 / 0.030)
    assert answer.token_ids is None


def test_the_end_token_is_a_step_and_no_part_of_the_answer() -> None:
    answer = generation(event(10, 1, 7, "a"), event(20, 2, 8, "b"), event(30, 3, 0, ""), end(31, 3, stop_type="eos"))
    assert (answer.text, answer.token_ids, answer.generated_tokens) == ("ab", (7, 8), 2)
    assert answer.generation_tps == pytest.approx(2 / 0.020)
    assert answer.finish_reason == "stop"


def test_a_full_context_is_not_a_full_length() -> None:
    assert generation(event(10, 1, 7), end(11, 1, truncated=True)).finish_reason == "context"


def test_what_a_server_kept_of_a_prompt_has_no_speed() -> None:
    assert generation(event(10, 1, 7), end(20, 3, timings={"cache_n": 0})).prompt_tps == pytest.approx(500)
    assert generation(event(10, 1, 7), end(20, 3, timings={"cache_n": 4})).prompt_tps is None


def test_an_answer_cut_off_has_a_partial_text_only() -> None:
    answer = generation(event(10, 1, 7, "a"), event(20, 2, 8, "b"), timed_out=True)
    assert (answer.status, answer.text, answer.partial_text) == ("timeout", None, "ab")
    assert answer.generated_tokens == 2
    assert answer.effective_tps is None


def test_a_server_that_drafts_but_found_nothing_drafted_nothing() -> None:
    drafting = generation(event(10, 1, 7), end(20, 3), speculative=True).speculation
    assert drafting is not None
    assert (drafting.drafted_tokens, drafting.accepted_tokens, drafting.target_evaluations) == (0, 0, 2)
    assert generation(event(10, 1, 7), end(20, 3)).speculation is None
    timings = {"draft_n": 8, "draft_n_accepted": 3}
    ended = generation(event(10, 1, 7), end(20, 6, timings=timings, stop_type="eos"), speculative=True).speculation
    assert ended is not None
    assert ended.target_evaluations is None


@pytest.mark.parametrize(("reported", "differs"), [(100.0, False), (109.0, False), (111.0, True), (2800.0, True)])
def test_a_servers_figure_that_is_not_ours_is_told(reported: float, differs: bool) -> None:
    answer = generation(event(0, 1, 7), event(10, 2, 8), end(10, 2, timings={"predicted_per_second": reported}))
    assert answer.generation_tps == pytest.approx(100)
    assert answer.reported_generation_tps == reported
    assert figures_differ(answer) is differs
    assert figures_differ(generation(event(0, 1, 7), end(10, 2))) is None


def test_the_program_is_looked_for_where_builds_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPYC_LLAMA_CPP_BIN", raising=False)
    program = tmp_path / "build" / "bin" / "llama-server"
    program.parent.mkdir(parents=True)
    program.touch()
    assert find_llama_server(tmp_path, str(tmp_path / "nowhere")) is None
    program.chmod(0o755)
    assert find_llama_server(tmp_path, str(tmp_path / "nowhere")) == program
    assert find_llama_server(None, str(program.parent)) == program
    monkeypatch.setenv("EPYC_LLAMA_CPP_BIN", str(tmp_path))
    assert find_llama_server(None, str(tmp_path / "nowhere")) == program
    library = LaunchParameters(llama_cpp_library=str(tmp_path / "build" / "lib"))
    assert program_of("other", library) == str(program)
    assert program_of("other", LaunchParameters()) == "other"
