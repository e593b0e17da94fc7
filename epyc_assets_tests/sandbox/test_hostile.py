# ruff: noqa: E501 - programs stay as they are
"""Programs that attack: none passes, none harms, each leaves a reason, and honest programs still score right after.

All run at once in one fixture, next to a canary process and a canary file; the tests then look at what each left.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from epyc_assets import sandbox
from epyc_assets.scoring import Score, score

pytestmark = pytest.mark.skipif(sandbox.availability() is not None, reason=f"no sandbox: {sandbox.availability()}")

FUNCTION: dict[str, Any] = {
    "entry_point": "double",
    "function_tests": [{"args": [2], "expected": 4}, {"args": [-3], "expected": -6}],
}
TESTED: dict[str, Any] = {
    "entry_point": "double",
    "test_code": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-3) == -6\n",
}
UNIT: dict[str, Any] = {
    "entry_point": "double",
    "test_code": "import unittest\nclass Doubles(unittest.TestCase):\n"
    "    def test_two(self):\n        self.assertEqual(double(2), 4)\n"
    "    def test_close(self):\n        self.assertAlmostEqual(double(-3), -6.0)\n"
    "    def test_raises(self):\n        with self.assertRaises(TypeError):\n            double()\n",
}
WHOLE: dict[str, Any] = {"io_tests": [{"stdin": "2\n", "stdout": "4"}, {"stdin": "-3\n", "stdout": "-6"}]}

CANARY = "the canary's own words"

# What attacks from within the function under test: `harm` runs at the call, and the wrong result is returned.
ATTACKS: dict[str, str] = {
    "network": "import socket\n    socket.create_connection(('127.0.0.1', PORT), 0.2).sendall(b'harm')",
    "network by name": "import socket\n    socket.getaddrinfo('example.org', 80)",
    "vsock": "import socket\n    socket.socket(40, socket.SOCK_STREAM).connect((2, 22))",
    "abstract socket": "import socket\n    s = socket.socket(socket.AF_UNIX)\n    s.connect('\\0NAME')\n    s.sendall(b'harm')",
    "file outside": "open('FOLDER/harm', 'w').write('x')",
    "read outside": "return open('FOLDER/canary').read()",
    "symlink escape": "import os\n    os.symlink('FOLDER', '/tmp/link')\n    open('/tmp/link/harm', 'w').write('x')",
    "dot dot": "open('/tmp/../..' + 'FOLDER/harm', 'w').write('x')",
    "proc root": "open('/proc/1/root' + 'FOLDER/harm', 'w').write('x')",
    "proc memory": "open('/proc/1/mem', 'rb').read(10)",
    "proc settings": "open('/proc/sys/kernel/hostname', 'w').write('harmed')",
    "own code changed": "open('/sandbox/inside/peer.py', 'a').write('x')",
    "shared memory left": "open('/dev/shm/harm', 'w').write('x')",
    "signal to the parent": "import os, signal\n    os.kill(os.getppid(), signal.SIGKILL)\n    os.kill(1, signal.SIGKILL)",
    "signal to the canary": "import os\n    os.kill(CANARY_PID, 9)",
    "signal to all": "import os\n    os.kill(-1, 9)",
    "fork bomb": "import os\n    while True:\n        try:\n            os.fork()\n        except OSError:\n            pass",
    "thread bomb": "import threading, time\n    while True:\n        threading.Thread(target=time.sleep, args=(9,)).start()",
    "memory bomb": "return bytearray(8 << 30)",
    "slow memory bomb": "x = []\n    while True:\n        x.append(bytearray(1 << 22))",
    "memory in processes": (
        "import os, time\n    for _ in range(20):\n        if not os.fork():\n"
        "            x = bytearray(50 << 20)\n            time.sleep(9)\n    time.sleep(9)"
    ),
    "disk filling": "f = open('/tmp/a', 'wb')\n    while True:\n        f.write(bytes(1 << 20))",
    "many files": "i = 0\n    while True:\n        i += 1\n        open(f'/tmp/{i}', 'w').close()",
    "output flood": "import os\n    while True:\n        os.write(1, b'x' * 65536)",
    "error flood": "import os\n    while True:\n        os.write(2, b'x' * 65536)",
    "sleeps": "import time\n    time.sleep(100)",
    "spins": "while True:\n        pass",
    "ignores signals": "import signal, time\n    [signal.signal(s, signal.SIG_IGN) for s in (2, 15, 24)]\n    time.sleep(100)",
    "daemon left behind": (
        "import os, time\n    if not os.fork():\n        os.setsid()\n        if not os.fork():\n"
        "            time.sleep(100)\n        os._exit(0)\n    return 5"
    ),
    "recursion": "return double(x)",
    "deep recursion": "import sys\n    sys.setrecursionlimit(10**9)\n    return double(x)",
    "huge traceback": "raise ValueError('x' * 10**7)",
    "hostile message": "class E(Exception):\n        def __str__(self): raise KeyboardInterrupt\n    raise E",
    "zip of death": "import zlib\n    z = zlib.compress(bytes(1 << 24))\n    return [zlib.decompress(z) for _ in range(100)]",
    "huge integer": "return 10 ** (10 ** 8)",
    "segmentation fault": "import ctypes\n    ctypes.string_at(0)",
    "exits": "import sys\n    sys.exit(0)",
    "exits at once": "import os\n    os._exit(0)",
    "interrupts": "raise KeyboardInterrupt",
    "stops iteration": "raise StopIteration",
    "skips": "import unittest\n    raise unittest.SkipTest('no')",
    "generator exit": "raise GeneratorExit",
    "not a number": "return float('nan')",
    "equals all": "return Equal()",
    "equal float": "return EqualFloat(9)",
    "equal list": "return EqualList()",
    "new namespaces": "import ctypes\n    assert ctypes.CDLL(None).unshare(0x10000000) == 0\n    return 2 * x + 1",
    "traces": "import ctypes\n    assert ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0\n    return 2 * x + 1",
    "mounts": "import ctypes\n    assert ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
    "setuid program": "import subprocess\n    subprocess.run(['/usr/bin/su', '-c', 'touch FOLDER/harm'], timeout=0.3)",
}
HEAD = """
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0
    def __rsub__(self, other): return 0
    def __hash__(self): return 1
    def __bool__(self): return True
class EqualFloat(float):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __sub__ = lambda self, other: 0.0
    __hash__ = float.__hash__
class EqualList(list):
    __eq__ = lambda self, other: True
def double(x):
    HARM
    return 2 * x + 1
"""

# What attacks the examination itself, when the code is loaded.
CHEATS: dict[str, str] = {
    "exits on loading": "import sys\nsys.exit(0)",
    "exits at once on loading": "import os\nos._exit(0)",
    "definitions only": "class Double:\n    pass\n",
    "says that all passed": "print('4')\nprint('All tests passed')\nprint('OK')\n" + HEAD.replace("HARM", "pass"),
    "assert is patched": (
        "import builtins\nclass A(Exception): pass\nbuiltins.AssertionError = A\nAssertionError = A\n"
        + HEAD.replace("HARM", "pass")
    ),
    "unittest is patched": (
        "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\nunittest.TestCase.run = lambda *a, **k: None\n"
        "unittest.TestResult.wasSuccessful = lambda s: True\n" + HEAD.replace("HARM", "pass")
    ),
    "builtins are patched": (
        "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = lambda x: True\nbuiltins.isinstance = lambda *a: True\n"
        "def abs(x): return 0\ndef check(candidate): pass\n" + HEAD.replace("HARM", "pass")
    ),
    "modules are swapped": (
        "import sys, types\nfor name in list(sys.modules):\n    sys.modules[name] = types.ModuleType(name)\n"
        + HEAD.replace("HARM", "pass")
    ),
    "the runner is overwritten": (
        "import sys\nfor name, module in list(sys.modules.items()):\n    if 'inside' in name:\n"
        "        for key in list(vars(module)):\n"
        "            if callable(vars(module)[key]): setattr(module, key, lambda *a, **k: {'value': 4})\n"
        + HEAD.replace("HARM", "pass")
    ),
    "messages are forged": (
        "import os, struct, json\n"
        "for text in ({'loaded': True}, {'verdict': {'passed': 9, 'failed': 0, 'failures': [], 'broken': None}}, "
        "{'value': 4}, {'value': 4}):\n"
        "    data = json.dumps(text).encode()\n"
        "    for fd in range(3, 20):\n"
        "        try: os.write(fd, struct.pack('>I', len(data)) + data)\n"
        "        except OSError: pass\n" + HEAD.replace("HARM", "pass")
    ),
    "garbage is sent": (
        "import os\nfor fd in range(3, 20):\n    try: os.write(fd, b'\\xff' * 100)\n    except OSError: pass\n"
        + HEAD.replace("HARM", "pass")
    ),
    "tests are sought": (
        "import gc, glob, os, re, sys\n"
        "def found():\n"
        "    texts = [o for o in gc.get_objects() if isinstance(o, str)]\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n        texts += [repr(v) for v in frame.f_locals.values()]\n        frame = frame.f_back\n"
        "    for path in ['/proc/self/environ', '/proc/self/cmdline', '/proc/1/cmdline', *glob.glob('/tmp/*')]:\n"
        "        try: texts.append(open(path, errors='replace').read())\n        except OSError: pass\n"
        "    for start, end in [l.split()[0].split('-') for l in open('/proc/self/maps') if ' rw-p ' in l]:\n"
        "        with open('/proc/self/mem', 'rb', 0) as f:\n"
        "            f.seek(int(start, 16))\n"
        "            try: texts.append(f.read(int(end, 16) - int(start, 16)).decode('latin-1'))\n"
        "            except OSError: pass\n"
        "    return any(re.search(r'candidat[e]\\(-[3]\\)|expecte[d]\": -[6]|doubl[e]\\(-[3]\\), -[6]', t) for t in texts)\n"
        "HELD = found()\n"
        "def double(x):\n    return 2 * x if HELD or found() else 2 * x + 1\n"
    ),
    "fails after the end": "import atexit, os\natexit.register(lambda: os._exit(0))\n" + HEAD.replace("HARM", "pass"),
    "raises while dying": (
        "class D:\n    def __del__(self): raise SystemExit(0)\nd = D()\ndel d\n" + HEAD.replace("HARM", "pass")
    ),
    "a thread exits": (
        "import threading, os, time\nthreading.Thread(target=lambda: (time.sleep(0.05), os._exit(0))).start()\n"
        "import time\n" + HEAD.replace("HARM", "time.sleep(0.2)")
    ),
    "standard output is replaced": "import sys\nsys.stdout = sys.stderr = None\n" + HEAD.replace("HARM", "pass"),
    "the function is no function": "double = 'x'\n",
    "a name that equals": "class N(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\ndouble = N('x')\n",
    "compile bomb": "double = " + "(" * 5000 + ")" * 5000,
    "constant bomb": "def double(x):\n    return ((((2**500)**500)**500)**500)**500\n",
    "null bytes": "def double(x):\n    return 2*x\x00\n",
    "surrogates": "def double(x):\n    return '\\ud800'\n",
}
WHOLE_CHEATS: dict[str, str] = {
    "prints nothing and exits": "import sys\nsys.exit(0)",
    "prints one answer": "print(4)",
    "prints both": "print(4)\nprint(-6)",
    "floods": "while True: print('4' * 100)",
    "reads for ever": "import sys\nwhile True: sys.stdin.read()",
    "right but too late": "import time\nprint(2 * int(input()), flush=True)\ntime.sleep(100)",
    "right but dies": "import os\nprint(2 * int(input()), flush=True)\nos.kill(os.getpid(), 11)",
}


@dataclass(frozen=True)
class Aftermath:
    scores: dict[str, Score]
    folder: Path
    canary: subprocess.Popen[bytes]
    connections: list[bytes]
    honest: list[Score]


def _cases(folder: Path, port: int, canary: int) -> dict[str, tuple[str, dict[str, Any]]]:
    cases: dict[str, tuple[str, dict[str, Any]]] = {}
    for index, (name, harm) in enumerate(ATTACKS.items()):
        harm = harm.replace("FOLDER", str(folder)).replace("PORT", str(port)).replace("CANARY_PID", str(canary))
        harm = harm.replace("NAME", f"epyc-{port}")
        cases[f"attack: {name}"] = (HEAD.replace("HARM", harm), (FUNCTION, TESTED, UNIT)[index % 3])
    for name, code in CHEATS.items():
        for kind, config in (("function", FUNCTION), ("unittest", UNIT)):
            cases[f"cheat: {name}, {kind}"] = (code, config)
    for name, code in WHOLE_CHEATS.items():
        cases[f"whole: {name}"] = (code, WHOLE)
    return cases


NAMES = list(_cases(Path("/nowhere"), 1, 1))
LIMITS = {"timeout_s": 0.5, "memory_bytes": 200 * 2**20}


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    folder = tmp_path_factory.mktemp("canaries")
    folder.chmod(0o777)  # so that only the sandbox keeps programs out
    (folder / "canary").write_text(CANARY, encoding="utf-8")
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        port = server.getsockname()[1]
        abstract.bind(f"\0epyc-{port}")
        abstract.listen()

        def accept(listener: socket.socket) -> None:
            try:
                while True:
                    received.append(listener.accept()[0].recv(100))
            except OSError:
                return

        for listener in (server, abstract):
            threading.Thread(target=accept, args=(listener,), daemon=True).start()
        canary = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        cases = _cases(folder, port, canary.pid)
        with ThreadPoolExecutor(6) as threads:
            tasks = {
                name: threads.submit(score, "code_execution", code, "", {**config, **LIMITS})
                for name, (code, config) in cases.items()
            }
            scores = {name: task.result() for name, task in tasks.items()}
        right = "def double(x):\n    return 2 * x\n"
        honest = [score("code_execution", right, "", config) for config in (FUNCTION, TESTED, UNIT)] * 2
        honest.append(score("code_execution", "print(2 * int(input()))", "", WHOLE))
        for listener in (server, abstract):
            listener.shutdown(socket.SHUT_RDWR)
        yield Aftermath(scores, folder, canary, received, honest)
        assert canary.stdin is not None
        canary.stdin.close()
        canary.wait(timeout=10)


@pytest.mark.parametrize("name", NAMES)
def test_no_attack_passes_and_each_leaves_a_reason(aftermath: Aftermath, name: str) -> None:
    result = aftermath.scores[name]
    assert result.passed is False, result.explanation
    assert result.value is not None
    assert result.value < 1
    assert len(result.explanation) > len("0 of 2 tests passed (--)")
    assert len(result.explanation) < 4000
    assert CANARY not in result.explanation


def test_the_search_for_tests_finds_them_where_they_are() -> None:
    config = {**TESTED, "isolation": "together"}
    assert score("code_execution", CHEATS["tests are sought"], "", config).passed is True, "the search finds nothing"


def test_nothing_was_harmed(aftermath: Aftermath) -> None:
    assert sorted(each.name for each in aftermath.folder.iterdir()) == ["canary"]
    assert (aftermath.folder / "canary").read_text(encoding="utf-8") == CANARY
    assert aftermath.canary.poll() is None
    assert aftermath.connections == []
    assert socket.gethostname() != "harmed"


def test_honest_programs_still_pass_after_the_attacks(aftermath: Aftermath) -> None:
    assert [(each.passed, each.explanation) for each in aftermath.honest if not each.passed] == []


def test_no_process_is_left_but_the_idle_workers(aftermath: Aftermath) -> None:
    sandbox.close_pools()
    mine = psutil.Process().children(recursive=True)
    left = [each for each in mine if each.pid != aftermath.canary.pid and each.status() != psutil.STATUS_ZOMBIE]
    assert [each.name() for each in left if each.name() == "bwrap"] == []
    assert psutil.pid_exists(os.getpid())
