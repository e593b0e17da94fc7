"""Outcomes, limits, threads, and that nothing is left behind when the host is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from epyc_assets import sandbox
from epyc_assets.sandbox import Call, Limits, SandboxUnavailable, call_functions, examine, run_program
from epyc_assets.sandbox.inside.supervisor import cpu_use_s, left_s
from epyc_assets.sandbox.pool import pool
from epyc_assets.sandbox.running import twice
from epyc_assets.sandbox.worker import Worker, WorkerDamaged

pytestmark = pytest.mark.skipif(sandbox.availability() is not None, reason=f"no sandbox: {sandbox.availability()}")
SHORT = Limits(wall_s=20, memory_bytes=100 * 2**20, processes=8, output_bytes=1000)
# No process maps more than its own limit of memory shared with others, and together they do.
SHARED = "import mmap, os, time\nfor _ in range(6):\n    m = mmap.mmap(-1, 30 << 20)\n    if os.fork(): continue\n"


@pytest.mark.parametrize(
    ("source", "status", "reason"),
    [
        ("print('é')", "ok", "exit code 0"),
        ("import sys; sys.exit(3)", "exit", "exit code 3"),
        ("1 / 0", "exit", "ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 11)", "signal", "segmentation fault"),
        ("import time; time.sleep(9)", "timeout", "longer than 0.4 s"),
        ("bytearray(1 << 30)", "memory", "100 MiB"),
        (f"{SHARED}    m.write(bytes(len(m))); time.sleep(9)\ntime.sleep(9)", "memory", "100 MiB"),
        (
            f"{SHARED}    m.write(bytes(len(m))); m.madvise(mmap.MADV_DONTNEED); time.sleep(9)\ntime.sleep(9)",
            "memory",
            "100 MiB",
        ),
        ("print('x' * 5000)", "output", "1000 bytes"),
        (
            "import os, time\nfor _ in range(20): os.fork() or time.sleep(9)\ntime.sleep(9)",
            "processes",
            "more than 8 processes",
        ),
    ],
)
def test_how_a_program_ended_is_told(source: str, status: str, reason: str) -> None:
    outcome = run_program(source, limits=replace(SHORT, wall_s=0.4) if status == "timeout" else SHORT)
    assert outcome.status == status, outcome
    assert reason in outcome.reason
    assert len(outcome.stdout) <= 1000


def test_time_spent_waiting_for_a_core_is_not_the_programs(tmp_path: Path) -> None:
    """Told from files as the kernel writes them: a test must not load the machine, or hang on its load."""
    for pid, threads in {"1": ["1"], "7": ["7", "8"], "9": ["9"]}.items():
        for thread in threads:
            folder = tmp_path / pid / "task" / thread
            folder.mkdir(parents=True)
            if thread != "9":  # has ended since it was listed
                (folder / "schedstat").write_text(f"400000000 {thread if pid != '1' else 99}000000000 12\n")
        (tmp_path / pid / "stat").write_text(f"{pid} (a ) b) R {'0 ' * 10}100 50 25 25 {'0 ' * 30}\n")
    (tmp_path / "meminfo").write_text("")
    used_s, waited_s = cpu_use_s(str(tmp_path))
    assert (used_s * os.sysconf("SC_CLK_TCK"), waited_s) == (400.0, 8.0), "process 1 is the supervisor"
    assert left_s(2, 12, 2.5, 1.0, 0.0) < 0, "it slept"
    assert left_s(2, 12, 2.5, 1.0, 3.0) == 2.5, "it waited"
    assert left_s(2, 12, 2.5, 4.0, 3.0) < 0, "its own processes wait for each other"
    assert left_s(2, 12, 12.5, 1.0, 60.0) < 0, "there is an end to it"
    assert Limits(wall_s=2).longest_s > 2 * 4


def test_input_and_output_of_any_size_pass() -> None:
    text = os.urandom(300_000)
    outcome = run_program("import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])", stdin=text)
    assert outcome.stdout == text[::-1]
    assert run_program("print(1)", stdin=text).ok, "input that nobody reads must not block"


def test_programs_leave_nothing_for_the_next() -> None:
    assert run_program(
        "open('/tmp/left', 'w').write('x')\nimport json\njson.loads = None\nimport os\nos.environ['A'] = 'x'"
    ).ok
    seen = run_program("import json, os\nprint(os.listdir('/tmp'), json.loads('1'), os.environ.get('A'))")
    assert seen.text == "[] 1 None\n"


def test_the_same_program_says_the_same() -> None:
    source = "print(hash('a'), list({'a', 'b', 'c', 'd'}))"
    assert run_program(source).stdout == run_program(source).stdout


def test_many_threads_each_get_their_own_answer() -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda n: run_program(f"print({n})").text, range(24)))
    assert outcomes == [f"{n}\n" for n in range(24)]


def test_a_damaged_worker_is_replaced() -> None:
    with pool().worker() as worker:
        os.kill(worker.pid, signal.SIGKILL)
        psutil.Process(worker.pid).wait(5)
    assert run_program("print(1)").ok
    tries: list[int] = []

    def always_damaged() -> None:
        tries.append(1)
        raise WorkerDamaged("as a test")

    with pytest.raises(sandbox.SandboxFault, match="twice"):
        twice(always_damaged)
    assert len(tries) == 2


def test_results_before_the_end_of_the_program_count_and_later_ones_do_not() -> None:
    source = "import os\ndef f(x):\n    if x == 2:\n        os._exit(0)\n    return x"
    called = call_functions(source, [Call("f", (n,), {}) for n in range(4)])
    assert [each.value for each in called.results] == [0, 1]
    assert called.outcome.status == "ok"


def test_the_answer_cannot_look_into_objects_of_the_tests() -> None:
    source = "def f(callback):\n    return callback.__globals__['secret'] if hasattr(callback, '__globals__') else 0"
    tests = "secret = 42\nassert f(lambda: 1) == secret"
    assert examine(source, tests).failed == 1
    reached = "def f(callback):\n    return callback()"
    assert examine(reached, tests.replace("lambda: 1", "lambda: 42")).passed == 1


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("bwrap: Creating new namespace failed: Operation not permitted", "seccomp=unconfined"),
        ("bwrap: setting up uid map: Permission denied", "apparmor_restrict_unprivileged_userns=0"),
        ("bwrap: Unknown option --clearenv", "too old"),
    ],
)
def test_a_refusal_says_what_to_do(said: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bwrap").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SandboxUnavailable, match=f"{re.escape(said)}.*{advice}"):
        Worker()


def test_nothing_is_left_when_the_host_is_killed() -> None:
    code = (
        "import sys, threading, time\nfrom epyc_assets import sandbox\n"
        "threading.Thread(target=sandbox.run_program, args=('import time; time.sleep(60)',), daemon=True).start()\n"
        "print('started', flush=True)\ntime.sleep(60)\n"
    )
    host = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert host.stdout is not None
    assert host.stdout.readline() == b"started\n"
    below: list[psutil.Process] = []
    deadline = time.monotonic() + 30
    # bubblewrap, its process 1 (the warm worker), the supervisor and the program
    while len(below) < 4 and time.monotonic() < deadline:
        below = psutil.Process(host.pid).children(recursive=True)
    assert len(below) >= 4
    host.kill()
    host.wait(10)
    _, alive = psutil.wait_procs(below, timeout=5)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    host.stdout.close()


def test_the_workers_of_a_process_that_ends_are_collected() -> None:
    code = (
        "import psutil\nfrom epyc_assets.sandbox import run_program\nfrom epyc_assets.sandbox.pool import pool\n"
        "assert run_program('print(1)').ok\n"
        "with pool().worker() as worker: below = psutil.Process(worker.pid).children(recursive=True)\n"
        "print(worker.pid, *[each.pid for each in below])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    left = [int(each) for each in done.stdout.split()]
    assert len(left) >= 2
    assert not [each for each in left if psutil.pid_exists(each)], "a process of the sandbox was not collected"


def test_a_closed_worker_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is killed leaves its child to a process that may never collect it."""
    worker = Worker()
    monkeypatch.setattr(worker._process, "kill", lambda: pytest.fail("it was killed"))
    worker.close()
    assert not worker.alive
