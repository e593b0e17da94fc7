"""What a test sees of the answer: stand-ins whose every use is a call into the answer's process.

Belongs here: stand-ins for functions, classes, objects and exceptions of the answer's. Does not belong here: running
tests (`examiner.py`). The rule that keeps verdicts honest: a stand-in never lets the answer's code decide how it
compares with a plain value. `==` with one is False, ordering is an error, and arithmetic must give an object again.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Callable
from typing import Any

from .peer import Peer, Raised, Uncarried, builtin_exception, result_of

_STEERING = {"StopIteration", "StopAsyncIteration", "GeneratorExit"}


class AnswerError(RuntimeError):
    """The answer raised what is no ordinary exception, such as SystemExit or StopIteration."""


class Outside:
    """The answer's side as seen from the tests: asking, exceptions by name, notes for the explanation."""

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self.exceptions: dict[str, type[Exception]] = {}
        self.classes: set[str] = set()
        self.notes: list[str] = []
        self.asked = 0
        self.watched: dict[str, dict[str, Any]] = {}

    def note(self, text: str) -> None:
        """Keep something the explanation should say, once."""
        if text not in self.notes and len(self.notes) < 5:
            self.notes.append(text)

    def ask(self, request: dict[str, Any], arguments: tuple[Any, ...] = (), *, stepping: bool = False) -> Any:
        """A request's value; what it raised is raised here, and changes made to arguments are made here too.

        stepping: StopIteration may end a loop. From any other call it would end loops of the test's early.
        """
        assert self.peer is not None
        self.asked += 1
        reply = self.peer.ask(request)
        try:
            value = result_of(self.peer, reply)
        except Raised as raised:
            if stepping and raised.name == "StopIteration":
                raise StopIteration from None
            raise self.translated(raised) from None
        except Uncarried as error:
            self.note(f"a result could not be carried out of the answer's process: {error}")
            raise
        printed = reply.get("printed")
        if isinstance(printed, str):
            sys.stdout.write(printed)
        changed = reply.get("changed")
        if isinstance(changed, dict):
            for index, argument in enumerate(arguments):
                if str(index) in changed:
                    _change(argument, self.peer.value(changed[str(index)]))
        return value

    def refresh(self) -> None:
        """Give the tests the answer's module-level values as they are after a call, in the same list, dict or set."""
        for name, namespace in self.watched.items():
            with contextlib.suppress(Exception):
                value = self.ask({"do": "get", "name": name})
                held = namespace.get(name)
                if type(held) is type(value) and isinstance(held, list | dict | set | bytearray):
                    _change(held, value)
                else:
                    namespace[name] = value

    def translated(self, raised: Raised) -> Exception:
        """An exception of the same class, or of one with the same name and the nearest known base."""
        known = self.exceptions.get(raised.name) or builtin_exception(raised.name)
        if known is None:
            bases = [self.exceptions.get(name) or builtin_exception(name) for name in raised.bases]
            base = next((each for each in bases if each is not None), None)
            if base is None or _STEERING & {raised.name, *raised.bases}:
                return AnswerError(f"{raised.name}: {raised.message}")
            known = type(raised.name, (base,), {})
            self.exceptions[raised.name] = known
        message: Any = raised.message
        if issubclass(known, KeyError):
            with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
                message = ast.literal_eval(message)
        try:
            return known(message)
        except TypeError:  # such as UnicodeDecodeError, which wants five arguments
            methods = {"__init__": Exception.__init__, "__str__": Exception.__str__}
            made: Any = type(raised.name, (known,), methods)
            return made(message)

    def exception_class(self, name: str, bases: list[str]) -> type[Exception]:
        """A class for an exception that the answer defines and the test names."""
        made = [self.exceptions.get(each) or builtin_exception(each) for each in bases]
        base = next((each for each in made if each is not None), Exception)
        return self.exceptions.setdefault(name, type(name, (base,), {}))


def _change(argument: Any, value: Any) -> None:
    """Give a mutable argument the content it has in the answer's process."""
    if isinstance(argument, list | bytearray):
        argument[:] = value
    elif isinstance(argument, dict | set):
        argument.clear()
        argument.update(value)


class AnswerObject:
    """A stand-in for a function or an object of the answer's."""

    __slots__ = ("_epyc_kind", "_epyc_mixed", "_epyc_outside", "_epyc_target", "_epyc_type")

    def __init__(self, outside: Outside, target: dict[str, Any], type_name: str, kind: str) -> None:
        object.__setattr__(self, "_epyc_outside", outside)
        object.__setattr__(self, "_epyc_target", target)
        object.__setattr__(self, "_epyc_type", type_name)
        object.__setattr__(self, "_epyc_kind", kind)
        object.__setattr__(self, "_epyc_mixed", False)

    def _epyc_reference(self) -> list[Any] | None:
        number = self._epyc_target.get("handle")
        return None if number is None else ["answer", number, self._epyc_type, self._epyc_kind]

    def _epyc_ask(self, what: str, *, stepping: bool = False, **request: Any) -> Any:
        return self._epyc_outside.ask({"do": what, **self._epyc_target, **request}, stepping=stepping)

    def _epyc_operator(self, name: str, *operands: Any, reflected: bool = False) -> Any:
        coded = [self._epyc_outside.peer.coded(each) for each in operands]
        return self._epyc_ask("operator", operator=name, operands=coded, reflected=reflected, stepping=name == "next")

    def _epyc_under_test(self) -> bool:
        return self._epyc_type in self._epyc_outside.classes

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        coded = self._epyc_outside.peer.coded
        request = {"do": "call", "echo": True, **self._epyc_target, "args": [coded(each) for each in arguments]}
        request["kwargs"] = {name: coded(each) for name, each in named.items()}
        try:
            return self._epyc_outside.ask(request, arguments)
        finally:
            self._epyc_outside.refresh()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._epyc_ask("get", path=[name])

    def __setattr__(self, name: str, value: Any) -> None:
        self._epyc_ask("set", attribute=name, to=self._epyc_outside.peer.coded(value))

    def __iter__(self) -> Any:
        if self._epyc_kind == "iterator":
            return self
        return self._epyc_operator("iter")

    def __next__(self) -> Any:
        return self._epyc_operator("next")

    def __len__(self) -> int:
        return int(self._epyc_operator("len"))

    def __bool__(self) -> bool:
        return True if self._epyc_kind != "object" else bool(self._epyc_operator("bool"))

    def __str__(self) -> str:
        return str(self._epyc_operator("str"))

    def __repr__(self) -> str:
        return str(self._epyc_operator("repr"))

    def __getitem__(self, index: Any) -> Any:
        return self._epyc_operator("getitem", index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._epyc_operator("setitem", index, value)

    def __delitem__(self, index: Any) -> None:
        self._epyc_operator("delitem", index)

    def __contains__(self, item: Any) -> bool:
        if self._epyc_under_test():
            return bool(self._epyc_operator("contains", item))
        return any(item is each or item == each for each in self)

    def __enter__(self) -> Any:
        return self._epyc_ask("call", path=["__enter__"], args=[], kwargs={})

    def __exit__(self, *_: object) -> bool:
        ended = bool(self._epyc_ask("call", path=["__exit__"], args=[None, None, None], kwargs={}))
        self._epyc_outside.refresh()
        return ended

    def __int__(self) -> int:
        return self._epyc_number("int", int)

    def __float__(self) -> float:
        return self._epyc_number("float", float)

    def __abs__(self) -> Any:
        return self._epyc_number("abs", object)

    def __round__(self, digits: int | None = None) -> Any:
        return self._epyc_number("round", object, *(() if digits is None else (digits,)))

    def _epyc_number(self, name: str, kind: type, *operands: Any) -> Any:
        """What the object is as a number, where the tests name its class.

        Not of what came of arithmetic with a plain value: `abs(x - 3) < 1e-9` would be the answer's own verdict.
        """
        if not self._epyc_under_test() or self._epyc_mixed:
            raise _refused(self, name, 0)
        result = self._epyc_operator(name, *operands)
        if not isinstance(result, kind):
            raise _refused(self, name, result)
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AnswerObject):
            self._epyc_outside.note(f"an object of the type {self._epyc_type} never equals a plain value")
            return False
        if self._epyc_target == other._epyc_target:
            return True
        return self._epyc_under_test() and other._epyc_under_test() and bool(self._epyc_operator("eq", other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        if self._epyc_under_test():
            return int(self._epyc_operator("hash"))
        return hash(str(self._epyc_target))


def _refused(proxy: AnswerObject, name: str, other: Any) -> Uncarried:
    text = (
        f"'{name}' between the answer's object of the type {proxy._epyc_type} and a "
        f"{type(other).__name__} is not left to the answer"
    )
    proxy._epyc_outside.note(text)
    return Uncarried(text)


def _ordering(name: str) -> Callable[[AnswerObject, Any], bool]:
    def compare(self: AnswerObject, other: Any) -> bool:
        if isinstance(other, AnswerObject) and self._epyc_under_test() and other._epyc_under_test():
            return bool(self._epyc_operator(name, other))
        raise _refused(self, name, other)

    return compare


def _arithmetic(name: str, reflected: bool) -> Callable[[AnswerObject, Any], Any]:
    def combine(self: AnswerObject, other: Any) -> Any:
        if not self._epyc_under_test():
            raise _refused(self, name, other)
        result = self._epyc_operator(name, other, reflected=reflected)
        if not isinstance(other, AnswerObject) and not isinstance(result, AnswerObject):
            raise _refused(self, name, other)
        if type(result) is AnswerObject and (self._epyc_mixed or getattr(other, "_epyc_mixed", True)):
            object.__setattr__(result, "_epyc_mixed", True)
        return result

    return combine


for _name in ("lt", "le", "gt", "ge"):
    setattr(AnswerObject, f"__{_name}__", _ordering(_name))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift"):
    _bare = _name.rstrip("_")
    setattr(AnswerObject, f"__{_bare}__", _arithmetic(_name, False))
    setattr(AnswerObject, f"__r{_bare}__", _arithmetic(_name, True))
    setattr(AnswerObject, f"__i{_bare}__", _arithmetic(f"i{_bare}", False))
for _name in ("neg", "pos", "invert"):

    def _unary(self: AnswerObject, name: str = _name) -> Any:
        result = self._epyc_operator(name)
        if not isinstance(result, AnswerObject):
            raise _refused(self, name, result)
        object.__setattr__(result, "_epyc_mixed", self._epyc_mixed)
        return result

    setattr(AnswerObject, f"__{_name}__", _unary)


class AnswerClassKind(type):
    """The class of the answer's classes: calling one makes an object over there."""

    _epyc_stand_in: AnswerObject
    _epyc_bases: list[str]

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        return cls._epyc_stand_in(*arguments, **named)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls._epyc_stand_in, name)

    def __instancecheck__(cls, instance: Any) -> bool:
        if type(instance) is not AnswerObject:
            return False
        return instance._epyc_type == cls.__name__ or cls.__name__ in instance._epyc_ask("bases")

    def __subclasscheck__(cls, subclass: type) -> bool:
        return isinstance(subclass, AnswerClassKind) and cls.__name__ in subclass._epyc_bases


def answer_class(outside: Outside, name: str, bases: list[str]) -> type:
    """A stand-in for a class that the tests name: its objects compare among themselves by their own rules."""
    outside.classes.add(name)
    made = AnswerClassKind(name, (), {})
    made._epyc_bases = [name, *bases]
    made._epyc_stand_in = AnswerObject(outside, {"name": name}, "type", "class")
    return made
