"""Running test code against an answer that lives in another process, and counting what was really tested.

Belongs here: finding what the tests look at, counting assertions, unittest and check(candidate). Does not belong
here: the stand-ins (`proxies.py`), or the answer's code, which never runs in the examiner's process.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import copy
import importlib
import io
import reprlib
import socket
import sys
import traceback
import types
import unittest
from collections.abc import Mapping
from typing import Any

from .peer import Connection, Gone, Peer, Uncarried, kind_of
from .proxies import AnswerObject, Outside, answer_class

_MOST_FAILURES_TOLD = 10
_MOST_FAILURES = 10_000
_USUAL_ALIASES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot"}
_ANSWER_MODULES = {
    "answer", "solution", "main", "submission", "program", "candidate", "module", "my_module", "your_module",
    "__main__",
}  # fmt: skip


class Tests:
    """Test code, made to count. Raises SyntaxError where it is no Python."""

    def __init__(self, source: str) -> None:
        self.source = source
        tree = ast.parse(source)
        self.from_answer: set[str] = set()
        self.modules: dict[str, set[str]] = {}
        tree.body = [each for each in tree.body if not self._imports_the_answer(each) and not _runs_tests(each)]
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self.modules:
                self.modules[node.value.id].add(node.attr)
        used = set().union(*self.modules.values()) if self.modules else set()
        self.names = (_free_names(tree) - set(self.modules)) | self.from_answer | used
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and _asserts(node):
                _keep_arguments(node)
                _see_both_sides(node)
        self.called = {
            node.func.id
            for statement in tree.body
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
            for node in ast.walk(statement)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        tree.body = _counting(tree.body, continuing=True)
        self._code = compile(ast.fix_missing_locations(tree), "tests", "exec", dont_inherit=True)
        self._lines = source.splitlines()
        self.passed = 0
        self.failures: list[str] = []
        self.failed = 0
        self.broken: str | None = None
        self._seen: dict[str, Any] = {}
        self.awaits = any(
            isinstance(node, ast.Await | ast.AsyncFunctionDef) or (isinstance(node, ast.Name) and node.id == "asyncio")
            for node in ast.walk(tree)
        )

    def _imports_the_answer(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.ImportFrom) and statement.module in _ANSWER_MODULES and not statement.level:
            self.from_answer |= {alias.asname or alias.name for alias in statement.names}
            return True
        if isinstance(statement, ast.Import) and all(alias.name in _ANSWER_MODULES for alias in statement.names):
            self.modules.update({alias.asname or alias.name: set() for alias in statement.names})
            return True
        return False

    def run(self, namespace: dict[str, Any], candidate: Any) -> None:
        """Run everything: the code, check(candidate) where defined, unittest classes, test_ functions."""
        namespace["__epyc_passed__"] = self._count_pass
        namespace["__epyc_failed__"] = self._count_failure
        namespace["__epyc_exception__"] = Exception
        namespace["__epyc_kept__"] = _kept
        namespace["__epyc_seen__"] = self._see
        for name, attributes in self.modules.items():
            found = {each: namespace[each] for each in attributes if each in namespace}
            namespace[name] = types.SimpleNamespace(**found)
        if candidate is not None:
            namespace.setdefault("candidate", candidate)
        # What the tests bind counts as theirs, also under a name that the answer has bound: answers bring their own
        # `class TestCases` and `def check`.
        known = dict(namespace)
        try:
            exec(self._code, namespace)
            check = namespace.get("check")
            if check is not known.get("check") and callable(check) and "check" not in self.called:
                check(candidate)
            self._run_cases(namespace, known)
        except Gone:
            self.broken = "the program ended before its tests did"
        except BaseException as error:  # noqa: BLE001 - told, never raised: it is a verdict
            self.broken = _shown(error, self._lines)

    def _run_cases(self, namespace: dict[str, Any], known: Mapping[str, Any]) -> None:
        own = {name: value for name, value in namespace.items() if name not in known or value is not known[name]}
        cases = [
            each
            for each in own.values()
            if isinstance(each, type)
            and issubclass(each, unittest.TestCase)
            and each.__module__ == namespace.get("__name__")
        ]
        loader = unittest.TestLoader()
        result = _Result(self)
        for case in dict.fromkeys(cases):
            loader.loadTestsFromTestCase(case).run(result)
        for name, value in own.items():
            if name in self.called or value in cases:
                continue
            if name.startswith("test") and isinstance(value, types.FunctionType) and not value.__code__.co_argcount:
                self._run_one(name, value)
            elif name.startswith("Test") and type(value) is type and value.__module__ == namespace.get("__name__"):
                for method in [each for each in vars(value) if each.startswith("test")]:
                    self._run_one(f"{name}.{method}", getattr(value(), method))

    def _run_one(self, name: str, function: Any) -> None:
        try:
            function()
            self._count_pass()
        except Exception as error:  # noqa: BLE001
            self.count_failure(f"{name}: {_shown(error, self._lines)}")

    def _see(self, side: str, value: Any) -> Any:
        self._seen[side] = value
        return value

    def _count_pass(self) -> None:
        self._seen.clear()
        self.passed += 1

    def _count_failure(self, line: int, error: Exception) -> None:
        text = self._lines[line - 1].strip() if 0 < line <= len(self._lines) else "?"
        why = str(error)[:200] if isinstance(error, AssertionError) else f"{type(error).__name__}: {str(error)[:200]}"
        if isinstance(error, AssertionError) and len(self._seen) == 2:
            seen = f"got {_plainly(self._seen['got'])}, expected {_plainly(self._seen['expected'])}"
            why = f"{seen}: {why}" if why else seen
        self._seen.clear()
        self.count_failure(f"line {line}: {text[:160]}" + (f" ({why})" if why else ""))

    def count_failure(self, text: str) -> None:
        """Count one failed test and keep the first few to tell."""
        self.failed += 1
        if len(self.failures) < _MOST_FAILURES_TOLD:
            self.failures.append(text)
        if self.failed >= _MOST_FAILURES:
            raise RuntimeError(f"{_MOST_FAILURES} failed assertions: the rest was not run")

    def verdict(self) -> dict[str, Any]:
        """The counts and what failed."""
        return {
            "passed": self.passed, "failed": self.failed, "failures": self.failures, "broken": self.broken,
        }  # fmt: skip


class _Result(unittest.TestResult):
    def __init__(self, tests: Tests) -> None:
        super().__init__()
        self._tests = tests

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's name
        self._tests._count_pass()

    def _told(self, test: Any, error: Any) -> None:
        if isinstance(error[1], Gone):
            raise error[1]
        name = test.id().split(".", 1)[-1] if hasattr(test, "id") else str(test)
        self._tests.count_failure(f"{name}: {_shown(error[1], self._tests._lines)}")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._told(test, err)

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._told(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            self._told(subtest, err)

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._tests.count_failure(f"{test.id()}: succeeded where a failure is expected")


def _shown(error: BaseException, lines: list[str]) -> str:
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == "tests" and frame.lineno and frame.lineno <= len(lines):
            place = f" at line {frame.lineno}: {lines[frame.lineno - 1].strip()[:160]}"
    try:
        message = str(error)[:300]
    except Exception:  # noqa: BLE001
        message = "?"
    return f"{type(error).__name__}{': ' if message else ''}{message}{place}"


def _counting(body: list[ast.stmt], *, continuing: bool) -> list[ast.stmt]:
    """The statements with each assertion counted; where `continuing`, a failed one does not end the run."""
    made: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            made.append(statement)  # unittest counts its own tests
        elif _asserts(statement):
            count = ast.Expr(ast.Call(ast.Name("__epyc_passed__", ast.Load()), [], []))
            if continuing:
                failed = ast.Call(
                    ast.Name("__epyc_failed__", ast.Load()),
                    [ast.Constant(statement.lineno), ast.Name("__epyc_error__", ast.Load())],
                    [],
                )
                caught = ast.ExceptHandler(
                    ast.Name("__epyc_exception__", ast.Load()), "__epyc_error__", [ast.Expr(failed)]
                )
                attempt = ast.Try([statement], [caught], [count], [])
                made.append(ast.copy_location(attempt, statement))
            else:
                made += [statement, ast.copy_location(count, statement)]
        else:
            inner = continuing and isinstance(statement, ast.For | ast.While | ast.If)
            if isinstance(statement, ast.FunctionDef):
                inner = continuing and statement.name == "check"
            # `try: f(-1); assert False` and `except ValueError: pass`: coming to the handler is what is tested.
            wants_error = isinstance(statement, ast.Try) and _never((statement.orelse or statement.body)[-1])
            for field in ("body", "orelse", "finalbody"):
                part = getattr(statement, field, None)
                if isinstance(part, list) and part:
                    setattr(statement, field, _counting(part, continuing=inner))
            for handler in getattr(statement, "handlers", []):
                silent = not any(_asserts(node) for node in ast.walk(handler) if isinstance(node, ast.stmt))
                handler.body = _counting(handler.body, continuing=False)
                if wants_error and silent and not _catches_assertions(handler):
                    count = ast.Expr(ast.Call(ast.Name("__epyc_passed__", ast.Load()), [], []))
                    handler.body.insert(0, ast.copy_location(count, handler))
            made.append(statement)
    return made


def _never(statement: ast.stmt) -> bool:
    """Whether a statement says that this place must not be reached: `assert False`, `raise AssertionError`."""
    if isinstance(statement, ast.Assert):
        return isinstance(statement.test, ast.Constant) and not statement.test.value
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "AssertionError"
    return False


def _catches_assertions(handler: ast.ExceptHandler) -> bool:
    """Whether the handler would take the failed assertion itself for what is expected."""
    if handler.type is None:
        return True
    broad = {"Exception", "BaseException", "AssertionError"}
    return any(isinstance(node, ast.Name) and node.id in broad for node in ast.walk(handler.type))


def _asserts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assert):
        return True
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    function = statement.value.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return isinstance(function, ast.Attribute) and name.startswith("assert")


def _keep_arguments(statement: ast.stmt) -> None:
    """In `assert f(x) == sorted(x)` give f a copy of x: changing it must not change what is expected."""
    uses: dict[str, int] = {}
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    for call in calls:
        for argument in call.args:
            if isinstance(argument, ast.Name):
                uses[argument.id] = uses.get(argument.id, 0) + 1
    for call in calls:
        if isinstance(call.func, ast.Name) and hasattr(builtins, call.func.id):
            continue
        for index, argument in enumerate(call.args):
            if isinstance(argument, ast.Name) and uses[argument.id] > 1:
                kept = ast.Call(ast.Name("__epyc_kept__", ast.Load()), [argument], [])
                call.args[index] = ast.copy_location(kept, argument)


def _runs_tests(statement: ast.stmt) -> bool:
    """`unittest.main()` and the like: the cases are run anyway, and it would end the process."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) in ("unittest.main", "pytest.main")


def _see_both_sides(statement: ast.stmt) -> None:
    """In `assert f(x) == y` keep both values, so that a failure can tell them without calling f again."""
    test = statement.test if isinstance(statement, ast.Assert) else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.Is):
        for side, value in (("got", test.left), ("expected", test.comparators[0])):
            call = ast.Call(ast.Name("__epyc_seen__", ast.Load()), [ast.Constant(side), value], [])
            if side == "got":
                test.left = ast.copy_location(call, value)
            else:
                test.comparators[0] = ast.copy_location(call, value)


def _plainly(value: Any) -> str:
    """A value in few words. The answer's objects are not asked for theirs."""
    return f"an object of the type {value._epyc_type}" if type(value) is AnswerObject else reprlib.repr(value)


def _kept(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, list | dict | set | bytearray) else value


def _free_names(tree: ast.AST) -> set[str]:
    """Names that the code reads and never binds, and that are not built in."""
    read: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return {name for name in read - bound if not hasattr(builtins, name) and not name.startswith("__")}


def examine(job: dict[str, Any], channel: socket.socket, verdict: socket.socket) -> None:
    """Run the job's tests over `channel` and send the verdict to the host."""
    report = Connection(verdict)
    try:
        tests = Tests(job["test_code"])
        entry = ast.parse(job["entry_point"], mode="eval") if job.get("entry_point") else None
    except (SyntaxError, ValueError, RecursionError) as error:
        report.send({"unusable": f"the tests are not Python: {error}"})
        return
    outside = Outside()
    start = Connection(channel)
    try:
        loaded = start.receive()
        if not isinstance(loaded, dict) or loaded.get("loaded") is not True:
            report.send({"not_loaded": True})
            return
        outside.peer = Peer(channel, "test", _perform, _opener(outside), _may_be_handle)
        namespace = _prelude_names(job.get("prelude") or "")
        wanted = tests.names - set(namespace)
        entry_names = {node.id for node in ast.walk(entry) if isinstance(node, ast.Name)} if entry else set()
        missing = _stand_ins(outside, namespace, wanted | entry_names, entry_names, awaited=tests.awaits)
        if missing:
            report.send({"missing": sorted(missing)})
            return
        candidate = eval(compile(entry, "entry point", "eval"), namespace) if entry else None
    except Gone:
        report.send({"not_loaded": True})
        return
    for name in entry_names:  # Test code that reads the entry point finds it as `candidate` too.
        namespace.setdefault(name, candidate)
    if entry is None:
        answered = [namespace[name] for name in sorted(wanted) if isinstance(namespace.get(name), AnswerObject)]
        candidate = answered[0] if len(answered) == 1 else None
    before = outside.asked
    tests.run(namespace, candidate)
    if outside.asked == before and tests.broken is None:
        tests.broken = "the tests never used the program"
    report.send({"verdict": {**tests.verdict(), "notes": outside.notes}})


def _prelude_names(prelude: str) -> dict[str, Any]:
    """What the question itself defines before the answer's code, e.g. helper functions that tests use."""
    module = types.ModuleType("tests")
    sys.modules["tests"] = module
    with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
        exec(compile(prelude, "prelude", "exec", dont_inherit=True), module.__dict__)
    module.__dict__["__builtins__"] = builtins
    return module.__dict__


def _stand_ins(
    outside: Outside, namespace: dict[str, Any], names: set[str], required: set[str], *, awaited: bool
) -> set[str]:
    """Put a stand-in for each of the names into the namespace; the required ones that the answer lacks.

    awaited: the tests await coroutines; others get the results of coroutine functions at once.
    """
    missing = set()
    for name in sorted(names):
        description = outside.ask({"do": "describe", "name": name})
        kind = description[0] if isinstance(description, list) and description else "missing"
        if kind == "module" or (kind == "missing" and name not in required):
            _import(namespace, name, description[1] if kind == "module" else name)
        elif kind == "missing":
            missing.add(name)
        elif kind == "exception":
            namespace[name] = outside.exception_class(name, [str(each) for each in description[1]])
        elif kind == "class":
            namespace[name] = answer_class(outside, name, [str(each) for each in description[1]])
        elif kind == "value":
            namespace[name] = outside.ask({"do": "get", "name": name})
            outside.watched[name] = namespace
        else:
            stand_in = AnswerObject(outside, {"name": name}, "function", "callable")
            namespace[name] = _coroutine_function(stand_in) if kind == "coroutine" and awaited else stand_in
    return missing


def _coroutine_function(stand_in: AnswerObject) -> Any:
    async def call(*arguments: Any, **named: Any) -> Any:
        return stand_in(*arguments, **named)

    return call


def _import(namespace: dict[str, Any], name: str, module: str) -> None:
    """A module of the standard library, or a usual one under its usual name; never one the answer made."""
    module = _USUAL_ALIASES.get(name, module)
    if module.split(".")[0] in sys.stdlib_module_names or module in _USUAL_ALIASES.values():
        with contextlib.suppress(ImportError):
            namespace[name] = importlib.import_module(module)


def _opener(outside: Outside) -> Any:
    def opened(peer: Peer, number: int, name: str, kind: str) -> Any:
        return AnswerObject(outside, {"handle": number}, name, kind)

    return opened


def _may_be_handle(value: Any) -> bool:
    """Functions of the test's, and objects of classes that the test or its prelude defines."""
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType | type):
        return True
    return kind_of(value) == "iterator" or type(value).__module__ == "tests"


def _perform(peer: Peer, request: dict[str, Any]) -> dict[str, Any]:
    """What the answer may do with the test's objects: call, iterate, index, read and set plain attributes."""
    target = peer.held(request.get("handle"))
    what = request["do"]
    own = type(target).__module__ == "tests"
    if what == "call" and callable(target):
        arguments = [peer.value(each) for each in request["args"]]
        return {"value": peer.coded(target(*arguments, **{k: peer.value(v) for k, v in request["kwargs"].items()}))}
    if what == "get" and own and len(request["path"]) == 1 and not str(request["path"][0]).startswith("_"):
        return {"value": peer.coded(getattr(target, request["path"][0]))}
    if what == "set" and own and not str(request["attribute"]).startswith("_"):
        setattr(target, request["attribute"], peer.value(request["to"]))
        return {"value": None}
    if what == "operator" and request["operator"] in ("iter", "next", "len", "getitem"):
        function = {"iter": iter, "next": next, "len": len, "getitem": lambda one, key: one[key]}[request["operator"]]
        return {"value": peer.coded(function(target, *[peer.value(each) for each in request["operands"]]))}
    raise Uncarried(f"the answer may not {what} this object of the test's")
