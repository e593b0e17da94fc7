"""The process of a program: run it whole, serve calls into it, hand over to a compiled one, or examine another.

Belongs here: what happens in a confined process once every right is gone. Does not belong here: anything a verdict
rests on. The code of an answer shares this process and may change everything in it.
"""

from __future__ import annotations

import base64
import builtins
import io
import os
import socket
import sys
import traceback
import types
from typing import Any, NoReturn

from . import codec, examiner
from .peer import Connection, Gone, Peer

_TRACEBACK_LIMIT = 12
_IS_COROUTINE = 0x80  # inspect.CO_COROUTINE, without the price of the import
_MOST_PRINTED_CHARACTERS = 2**20
_PLAIN_KINDS = (int, float, str, bytes, bytearray, complex, list, tuple, dict, set, frozenset)


def run(role: str, job_descriptor: int, channels: list[int]) -> NoReturn:
    """Read the job, play the role, end the process."""
    with os.fdopen(job_descriptor, "rb") as file:
        job = codec.loads(file.read())
    for name, content in job.get("files", {}).items():
        # Executable: what a compiler made comes back as such a file.
        with os.fdopen(os.open(f"/tmp/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700), "wb") as file:
            file.write(base64.b64decode(content))
    code = 1
    try:
        if role == "execute":
            for channel in channels:
                os.close(channel)
            os.execve(job["command"][0], job["command"], job["environment"])
        _fresh_streams()
        if role == "program":
            code = _whole(job)
        elif role == "serve":
            code = _serve(job, socket.socket(fileno=channels[0]))
        elif role == "examine":
            examiner.examine(job, socket.socket(fileno=channels[0]), socket.socket(fileno=channels[1]))
            code = 0
        elif role == "together":
            code = _together(job, socket.socket(fileno=channels[0]))
    except BaseException:  # noqa: BLE001 - the end of the process, whatever it was
        _show_error()
    finally:
        os._exit(code)


def _fresh_streams() -> None:
    """Standard streams over this process's own descriptors, as a Python just started has them."""
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        raw = io.FileIO(number, mode, closefd=False)
        buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
        errors = "surrogateescape" if name == "stdin" else "backslashreplace"
        stream = io.TextIOWrapper(buffered, encoding="utf-8", errors=errors, line_buffering=name == "stderr")
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _module(name: str) -> types.ModuleType:
    """A new module for the program's code, found under its name."""
    module = types.ModuleType(name)
    module.__dict__["__builtins__"] = builtins
    sys.modules[name] = module
    sys.argv = ["answer.py"]
    return module


def _load(source: str, name: str) -> types.ModuleType:
    import linecache

    module = _module(name)
    linecache.cache["answer.py"] = (len(source), None, source.splitlines(True), "answer.py")
    exec(compile(source, "answer.py", "exec", dont_inherit=True), module.__dict__)
    return module


def _show_error() -> None:
    """The error on standard error, without the frames of this package, at a bounded length."""
    try:
        kind, error, trace = sys.exc_info()
        while trace is not None and trace.tb_frame.f_code.co_filename != "answer.py":
            trace = trace.tb_next
        lines = traceback.format_exception(kind, error, trace, limit=_TRACEBACK_LIMIT)
        os.write(2, "".join(lines)[-8000:].encode("utf-8", "backslashreplace"))
    except BaseException:  # noqa: BLE001 - a hostile __str__, or no memory left to say so
        os.write(2, b"an error that cannot be shown")


def _whole(job: dict[str, Any]) -> int:
    """Run the program as Python runs a file; its exit code."""
    code = 0
    try:
        _load(job["source"], "__main__")
    except SystemExit as error:
        code = _exit_code(error)
    except BaseException:  # noqa: BLE001
        _show_error()
        code = 1
    import atexit
    import threading

    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001
        _show_error()
        code = code or 120
    return code


def _exit_code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 255
    os.write(2, str(error.code)[:2000].encode("utf-8", "backslashreplace"))
    return 1


def _serve(job: dict[str, Any], channel: socket.socket) -> int:
    """Load the program, say how that went, then do the calls that are asked for."""
    start = Connection(channel)
    try:
        module = _load(job["source"], "answer")
    except BaseException as error:  # noqa: BLE001
        _show_error()
        from .peer import described

        start.send({"loaded": False, "raised": described(error)})
        return 1
    start.send({"loaded": True})

    def perform(peer: Peer, request: dict[str, Any]) -> dict[str, Any]:
        return _perform(peer, module, request)

    Peer(channel, "answer", perform, _TestObject, _may_be_handle).serve()
    return 0


def _may_be_handle(value: Any) -> bool:
    return not isinstance(value, _PLAIN_KINDS) or type(value).__name__ in ("IntEnum",)


def _perform(peer: Peer, module: types.ModuleType, request: dict[str, Any]) -> dict[str, Any]:
    """One request of the examiner's or the host's: describe a name, call, read, set, or an operator."""
    what = request["do"]
    if what == "describe":
        return {"value": peer.coded(_description(module, request["name"]))}
    target = _named(module, request["name"]) if "name" in request else peer.held(request["handle"])
    for name in request.get("path", ()):
        target = getattr(target, name)
    if what == "get":
        return {"value": peer.coded(target)}
    if what == "bases":
        return {"value": peer.coded(_bases(type(target)))}
    if what == "set":
        setattr(target, request["attribute"], peer.value(request["to"]))
        return {"value": None}
    if what == "operator":
        import operator

        operands = [peer.value(each) for each in request["operands"]]
        built_in = (iter, next, len, bool, str, repr, hash, int, float, abs, round)
        functions: dict[str, Any] = {each.__name__: each for each in built_in}
        function = functions.get(request["operator"]) or getattr(operator, request["operator"])
        if request.get("reflected"):
            return {"value": peer.coded(function(*operands, target))}
        return {"value": peer.coded(function(target, *operands))}
    arguments = [peer.value(each) for each in request["args"]]
    named = {name: peer.value(each) for name, each in request["kwargs"].items()}
    printed = io.StringIO()
    usual = sys.stdout
    if request.get("echo"):
        sys.stdout = printed
    try:
        result = target(*arguments, **named)
        if hasattr(result, "__await__"):
            import asyncio

            result = asyncio.run(_awaited(result))
    finally:
        sys.stdout = usual
    reply = {"value": codec.encode(result) if request.get("plain") else peer.coded(result)}
    if printed.tell():
        reply["printed"] = printed.getvalue()[:_MOST_PRINTED_CHARACTERS]
    changed = {}
    for index, value in enumerate(arguments):
        if isinstance(value, list | dict | set | bytearray):
            coded = peer.coded(value)
            if coded != request["args"][index]:
                changed[str(index)] = coded
    if changed:
        reply["changed"] = changed
    return reply


def _named(module: types.ModuleType, name: str) -> Any:
    """What the program has under a name, or an expression such as `Solution().solve`."""
    if name in module.__dict__:
        return module.__dict__[name]
    if not name.isidentifier():
        return eval(name, module.__dict__)
    holder = module.__dict__.get("Solution")
    if isinstance(holder, type) and hasattr(holder, name):
        return getattr(holder(), name)
    raise NameError(f"name {name!r} is not defined")


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _description(module: types.ModuleType, name: str) -> Any:
    """What the program has under a name: kind, and for an exception class the names of its bases."""
    try:
        value = _named(module, name)
    except NameError:
        return ["missing"]
    if isinstance(value, types.ModuleType):
        return ["module", value.__name__]
    if isinstance(value, type) and issubclass(value, BaseException):
        return ["exception", [each.__name__ for each in value.__mro__[1:]]]
    if isinstance(value, type):
        return ["class", _bases(value)]
    if hasattr(value, "__code__") and value.__code__.co_flags & _IS_COROUTINE:
        return ["coroutine"]
    return ["callable"] if callable(value) else ["value"]


def _bases(kind: type) -> list[str]:
    return [str(each.__name__) for each in kind.__mro__]


class _TestObject:
    """In the answer's process: an object of the test's. Calls, plain attributes, items and iteration go back to it."""

    def __init__(self, peer: Peer, number: int, name: str, kind: str) -> None:
        object.__setattr__(self, "_epyc", (peer, number, name, kind))

    def _epyc_reference(self) -> list[Any]:
        _, number, name, kind = object.__getattribute__(self, "_epyc")
        return ["test", number, name, kind]

    def _epyc_ask(self, **request: Any) -> Any:
        from .peer import result_of

        peer, number, _, _ = object.__getattribute__(self, "_epyc")
        return result_of(peer, peer.ask({**request, "handle": number}))

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        peer = object.__getattribute__(self, "_epyc")[0]
        coded = [peer.coded(each) for each in arguments]
        return self._epyc_ask(do="call", args=coded, kwargs={k: peer.coded(v) for k, v in named.items()})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._epyc_ask(do="get", path=[name])

    def __setattr__(self, name: str, value: Any) -> None:
        peer = object.__getattribute__(self, "_epyc")[0]
        self._epyc_ask(do="set", attribute=name, to=peer.coded(value))

    def __iter__(self) -> Any:
        return self._epyc_ask(do="operator", operator="iter", operands=[])

    def __next__(self) -> Any:
        from .peer import Raised

        try:
            return self._epyc_ask(do="operator", operator="next", operands=[])
        except Raised as error:
            if error.name == "StopIteration":
                raise StopIteration from None
            raise

    def __getitem__(self, index: Any) -> Any:
        peer = object.__getattribute__(self, "_epyc")[0]
        return self._epyc_ask(do="operator", operator="getitem", operands=[peer.coded(index)])

    def __len__(self) -> int:
        return self._epyc_ask(do="operator", operator="len", operands=[])


def _together(job: dict[str, Any], verdict: socket.socket) -> int:
    """Program and tests in one process, for tests that look into it. What this proves is less: see the docs."""
    report = Connection(verdict)
    tests = examiner.Tests(job["test_code"])
    try:
        module = _load(job["source"], "__main__" if job.get("as_main") else "answer")
    except BaseException as error:  # noqa: BLE001
        _show_error()
        from .peer import described

        report.send({"loaded": False, "raised": described(error)})
        return 1
    try:
        nonce = report.receive() if report.send({"loaded": True}) is None else None
        candidate = module.__dict__.get(job["entry_point"]) if job.get("entry_point") else None
        tests.run(module.__dict__, candidate)
        report.send({"verdict": tests.verdict(), "nonce": nonce})
    except Gone:
        return 1
    return 0
