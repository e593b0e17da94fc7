"""Running whole programs: Python, C++ and Java, compiled inside the sandbox too.

Belongs here: languages. Does not belong here: tests of functions (`calls.py`, `examination.py`) or verdicts.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from epyc_assets.sandbox.outcome import CompilerMissing, Limits, Outcome
from epyc_assets.sandbox.pool import pool
from epyc_assets.sandbox.running import Running, follow, twice
from epyc_assets.sandbox.worker import Worker

Language = Literal["python", "cpp", "java"]
LANGUAGES: tuple[str, ...] = get_args(Language)

COMPILE_LIMITS = Limits(
    wall_s=30.0, memory_bytes=2**30, processes=64, disk_bytes=64 * 2**20, output_bytes=64 * 1024
)  # fmt: skip
_JAVA_PROCESSES = 256  # threads count, and a Java machine starts some thirty before the program's first line
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}
_KINDS = r"(?:final\s+|abstract\s+)*(?:class|record|enum|interface)\s+(\w+)"
_PUBLIC_CLASS = re.compile(rf"\bpublic\s+{_KINDS}")
_ANY_CLASS = re.compile(
    r"(?:^|[;}])\s*(?:public\s+|final\s+|abstract\s+)*(?:class|record|enum|interface)\s+(\w+)", re.MULTILINE
)
_MAIN = re.compile(r"\bstatic\s+(?:(?:final|public|synchronized|strictfp)\s+)*void\s+main\s*\(")
_PACKAGE = re.compile(r"\bpackage\s+[\w.]+\s*;")
# What is not closed reaches to the end: looking for it again from each later start would take hours.
_COMMENT_OR_LITERAL = re.compile(
    r"//[^\n]*|/\*(?:.*?\*/|.*\Z)|\"\"\"(?:.*?\"\"\"|.*\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?", re.DOTALL
)
# A main thread may use all of its memory as stack, as on judges; others get the usual size, not as much each.
_THREADS = """#include <pthread.h>
__attribute__((constructor)) static void usual_stacks() {
    pthread_attr_t usual;
    if (pthread_attr_init(&usual) || pthread_attr_setstacksize(&usual, 8 << 20)) return;
    pthread_setattr_default_np(&usual);
}
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A program ready to run: the worker's role, its job, and whether its address space can be limited."""

    role: str
    job: dict[str, Any]
    limit_address_space: bool
    least_processes: int


def compiler_of(language: str) -> str | None:
    """What is missing here to run programs of that language, or None.

    Only what lies under /usr is seen in the sandbox.
    """
    needed = {"cpp": ("g++",), "java": ("javac", "java")}.get(language, ())
    for name in needed:
        path = shutil.which(name)
        if path is None or not str(Path(path).resolve()).startswith("/usr/"):
            return name
    return None


def run_program(
    source: str, *, language: Language = "python", stdin: bytes = b"", limits: Limits | None = None
) -> Outcome:
    """Run one program to its end.

    Raises:
        SandboxUnavailable: programs cannot be run here.
        CompilerMissing: not those of this language.
        SandboxFault: the sandbox failed, twice.
    """
    return next(iter(run_program_cases(source, [stdin], language=language, limits=limits)))


def run_program_cases(
    source: str, inputs: Iterable[bytes], *, language: Language = "python", limits: Limits | None = None
) -> Iterator[Outcome]:
    """Run one program once per standard input, compiled once; lazily, so the caller may stop.

    A program that does not compile gives one outcome, with status exit, timeout, ... and a reason that begins
    with "does not compile". Raises as `run_program` does.
    """
    limits = limits or Limits()
    missing = compiler_of(language)
    if missing is not None:
        raise CompilerMissing(f"no {missing} here")
    prepared = twice(lambda: _prepared(source, language))
    if isinstance(prepared, Outcome):
        yield prepared
        return
    limits = replace(limits, processes=max(limits.processes, prepared.least_processes))
    if language == "java":
        heap = max(16, limits.memory_bytes // 2**20)
        prepared.job["command"][1:1] = [f"-Xmx{heap}m"]
        limits = replace(limits, memory_bytes=limits.memory_bytes + 256 * 2**20)  # the machine's own
    for stdin in inputs:

        def once(stdin: bytes = stdin) -> Outcome:
            with pool().worker() as worker:
                return run_in(worker, prepared, limits, stdin)

        yield twice(once)


def run_in(
    worker: Worker, prepared: Prepared, limits: Limits, stdin: bytes = b"", collect: list[str] | None = None
) -> Outcome:
    """Run a prepared program in a worker. Raises WorkerDamaged."""
    running = Running(
        worker, prepared.role, prepared.job, limits, stdin=stdin, collect=collect,
        limit_address_space=prepared.limit_address_space,
    )  # fmt: skip
    follow([running])
    assert running.outcome is not None
    return running.outcome


def _prepared(source: str, language: str) -> Prepared | Outcome:
    if language == "python":
        return Prepared("program", {"source": source}, True, 0)
    if language == "cpp":
        return _prepared_cpp(source)
    source = _without_package(source)
    bare = _without_comments(source)
    public = _PUBLIC_CLASS.search(bare)
    first = _ANY_CLASS.search(bare)
    name = public.group(1) if public else first.group(1) if first else "Main"
    javac, java = (str(Path(shutil.which(each) or each).resolve()) for each in ("javac", "java"))
    limits = replace(COMPILE_LIMITS, processes=_JAVA_PROCESSES)
    flags = ["-J-Xmx512m", "-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1", "-nowarn", "-encoding", "UTF-8"]
    built = _built(
        {f"{name}.java": source}, [javac, *flags, "-d", "/tmp", f"/tmp/{name}.java"], ["*.class"], False, limits
    )
    if isinstance(built, Outcome):
        return built
    flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss32m", "-XX:-UsePerfData", "-Dfile.encoding=UTF-8"]
    return Prepared(
        "execute", _job(built, [java, *flags, "-cp", "/tmp", _main_class(bare, name)]), False, _JAVA_PROCESSES
    )


def _prepared_cpp(source: str) -> Prepared | Outcome:
    """Compiled as judges compile; C++20 only for what is no C++17, where some names have another meaning."""
    first: Outcome | None = None
    for standard in ("-std=gnu++17", "-std=gnu++20"):
        flags = ["-O2", standard, "-DONLINE_JUDGE", "-w", "-fmax-errors=5", "-o", "/tmp/program"]
        command = ["/usr/bin/g++", *flags, "/tmp/program.cpp", "/tmp/threads.cpp"]
        built = _built({"program.cpp": source, "threads.cpp": _THREADS}, command, ["program"], True, COMPILE_LIMITS)
        if not isinstance(built, Outcome):
            return Prepared("execute", _job(built, ["/tmp/program"]), True, 0)
        first = first or built
        if built.status != "exit":  # it broke a limit, and would again
            break
    assert first is not None
    return first


def _without_package(source: str) -> str:
    """Java without its package line: the class is then found under its own name."""
    found = _PACKAGE.search(_without_comments(source))
    return source[: found.start()] + source[found.end() :] if found else source


def _without_comments(source: str) -> str:
    """Java with blanks for what stands in comments and literals, so that names and brackets there do not count."""
    return _COMMENT_OR_LITERAL.sub(lambda found: re.sub(r"\S", " ", found.group()), source)


def _main_class(source: str, default: str) -> str:
    """The class whose body holds `main`: the last one declared outside of any other before it."""
    main = _MAIN.search(source)
    if main is None:
        return default
    before = [
        each.group(1)
        for each in _ANY_CLASS.finditer(source, 0, main.start())
        if source.count("{", 0, each.start(1)) == source.count("}", 0, each.start(1))
    ]
    return before[-1] if before else default


def _job(files: dict[str, bytes], command: list[str]) -> dict[str, Any]:
    coded = {name: base64.b64encode(content).decode() for name, content in files.items()}
    return {"command": command, "environment": _ENVIRONMENT, "files": coded}


def _built(
    files: dict[str, str], command: list[str], wanted: list[str], limit_address_space: bool, limits: Limits
) -> dict[str, bytes] | Outcome:
    """What a compiler made, or its failed outcome."""
    coded = {name: text.encode("utf-8", "replace") for name, text in files.items()}
    with pool().worker() as worker:
        outcome = run_in(worker, Prepared("execute", _job(coded, command), limit_address_space, 0), limits, b"", wanted)
    if outcome.ok and outcome.collected:
        return outcome.collected
    said = outcome.error_text.strip() or outcome.text.strip()
    what = outcome.reason if outcome.status != "exit" or not said else said[:600]
    return replace(outcome, status="exit" if outcome.ok else outcome.status, reason=f"does not compile: {what}")
