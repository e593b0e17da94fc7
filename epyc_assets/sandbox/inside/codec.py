"""Plain values over a pipe: None, bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict, ...

Belongs here: the one encoding that both sides of a test and the host use. Does not belong here: pickle, or
anything that could run code while decoding. What is decoded is always a fresh value of exactly these types, so an
`__eq__` of the program's never gets out of its process. Integers travel in base 16, which has no limit on digits.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import fractions
import json
import math
from collections.abc import Callable
from typing import Any

Handle = Callable[[Any], "list[Any] | None"]
"""Makes of a value that is not plain the rest of a handle's encoding, or None to refuse it."""
Opened = Callable[["list[Any]"], Any]

MOST_DEPTH = 400
_SAFE_INTEGER = 2**53
_REPR = {
    datetime.datetime: "datetime",
    datetime.date: "date",
    datetime.time: "time",
}


class NotPlain(ValueError):
    """A value cannot be carried; the message says which and why."""


class Malformed(ValueError):
    """Bytes that encode nothing."""


def encode(value: Any, handle: Handle | None = None) -> Any:
    """The value as what JSON can hold.

    Subclasses of plain types (Counter, namedtuple, IntEnum, NumPy's float64) travel as their plain type.

    Raises:
        NotPlain: the value, or one in it, is not plain and `handle` did not take it; or it is nested more than
        400 deep, or in itself.
    """
    return _encode(value, handle, 0)


def _encode(value: Any, handle: Handle | None, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if depth > MOST_DEPTH:
        raise NotPlain(f"the value is nested more than {MOST_DEPTH} deep, or contains itself")
    kind = type(value)
    if kind is str:
        return value
    if kind is int:
        return value if -_SAFE_INTEGER < value < _SAFE_INTEGER else ["i", hex(value)]
    if kind is float:
        return ["f", value.hex()]
    if kind is list:
        return ["l", [_encode(each, handle, depth + 1) for each in value]]
    if kind is tuple:
        return ["t", [_encode(each, handle, depth + 1) for each in value]]
    if kind is dict:
        return ["d", [[_encode(k, handle, depth + 1), _encode(v, handle, depth + 1)] for k, v in value.items()]]
    if kind is set:
        return ["s", [_encode(each, handle, depth + 1) for each in value]]
    if kind is frozenset:
        return ["z", [_encode(each, handle, depth + 1) for each in value]]
    if kind in (bytes, bytearray):
        return ["b" if kind is bytes else "a", base64.b64encode(value).decode()]
    if kind is complex:
        return ["c", value.real.hex(), value.imag.hex()]
    if kind is range:
        return ["r", hex(value.start), hex(value.stop), hex(value.step)]
    if kind is decimal.Decimal:
        return ["D", str(value)]
    if kind is fractions.Fraction:
        return ["Q", hex(value.numerator), hex(value.denominator)]
    if kind in _REPR and getattr(value, "tzinfo", None) is None:
        return ["T", _REPR[kind], value.isoformat()]
    if kind is datetime.timedelta:
        return ["E", value.days, value.seconds, value.microseconds]
    return _encode_other(value, kind, handle, depth)


def _encode_other(value: Any, kind: type, handle: Handle | None, depth: int) -> Any:
    if (
        kind.__module__ in ("numpy", "numpy._core", "numpy.core")
        and hasattr(value, "item")
        and not hasattr(kind, "__len__")
    ):
        return _encode(value.item(), handle, depth + 1)
    if handle is not None:
        made = handle(value)
        if made is not None:
            return ["h", *made]
    # The value beneath a subclass, whatever its own methods say.
    if isinstance(value, dict):
        return _encode(dict(dict.items(value)), handle, depth + 1)
    for plain in (list, tuple, set, frozenset):
        if isinstance(value, plain):
            beneath: Any = plain
            return _encode(plain(beneath.__iter__(value)), handle, depth + 1)
    if isinstance(value, int):
        return _encode(int.__pos__(value), handle, depth + 1)
    if isinstance(value, float):
        return _encode(float.__pos__(value), handle, depth + 1)
    if isinstance(value, str):
        return _encode("".join(str.__iter__(value)), handle, depth + 1)
    raise NotPlain(f"a value of the type {kind.__name__} is not plain (a number, text, list, tuple, set, dict, ...)")


def decode(coded: Any, opened: Opened | None = None) -> Any:
    """The value that `encode` was given, built of plain types alone.

    Raises:
        Malformed: not an encoding, or a handle where none is taken, or nested too deeply.
    """
    try:
        return _decode(coded, opened, 0)
    except Malformed:
        raise
    except (TypeError, ValueError, IndexError, KeyError, ArithmeticError, RecursionError) as error:
        raise Malformed(f"not an encoded value: {error}") from None


def _decode(coded: Any, opened: Opened | None, depth: int) -> Any:
    if coded is None or isinstance(coded, bool | int | str):
        return coded
    if depth > MOST_DEPTH or not isinstance(coded, list):
        raise Malformed("not an encoded value")
    tag, *rest = coded
    if tag in ("l", "t", "s", "z"):
        items = [_decode(each, opened, depth + 1) for each in rest[0]]
        return {"l": list, "t": tuple, "s": set, "z": frozenset}[tag](items)
    if tag == "d":
        return {_decode(key, opened, depth + 1): _decode(value, opened, depth + 1) for key, value in rest[0]}
    if tag == "i":
        return int(rest[0], 16)
    if tag == "f":
        return float.fromhex(rest[0])
    if tag in ("b", "a"):
        return (bytes if tag == "b" else bytearray)(base64.b64decode(rest[0], validate=True))
    if tag == "c":
        return complex(float.fromhex(rest[0]), float.fromhex(rest[1]))
    if tag == "r":
        return range(int(rest[0], 16), int(rest[1], 16), int(rest[2], 16))
    if tag == "D":
        return decimal.Decimal(str(rest[0]))
    if tag == "Q":
        return fractions.Fraction(int(rest[0], 16), int(rest[1], 16))
    if tag == "T":
        return getattr(datetime, {"datetime": "datetime", "date": "date", "time": "time"}[rest[0]]).fromisoformat(
            rest[1]
        )
    if tag == "E":
        return datetime.timedelta(*(int(each) for each in rest))
    if tag == "h" and opened is not None:
        return opened(rest)
    raise Malformed(f"unknown tag {tag!r}"[:80])


def dumps(message: Any) -> bytes:
    """A message of encoded values as bytes.

    Raises:
        NotPlain: it is nested too deeply for JSON.
    """
    try:
        return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()
    except (RecursionError, ValueError, TypeError) as error:
        raise NotPlain(f"the message cannot be written: {error}") from None


def loads(content: bytes) -> Any:
    """The message again.

    Raises:
        Malformed: the bytes are not JSON, or nested too deeply.
    """
    try:
        return json.loads(content, parse_constant=_no_constant)
    except (RecursionError, ValueError) as error:
        raise Malformed(f"not a message: {error}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not sent bare")


def same_value(result: Any, expected: Any, tolerance: float | None) -> bool:
    """Whether a decoded result equals what JSON or Python says is expected.

    A list equals a tuple of the same items, because JSON knows no tuples, and a dict's whole-number keys equal
    JSON's texts of them. tolerance: numbers equal within tolerance x max(1, |expected|); None for exactly. NaN
    equals NaN alone.
    """
    if isinstance(expected, list | tuple):
        if not isinstance(result, list | tuple) or len(result) != len(expected):
            return False
        return all(same_value(one, other, tolerance) for one, other in zip(result, expected, strict=True))
    if isinstance(expected, dict):
        if not isinstance(result, dict) or len(result) != len(expected):
            return False
        if not all(key in result for key in expected):
            result = {_json_key(key): value for key, value in result.items()}
        return len(result) == len(expected) and all(
            key in result and same_value(result[key], value, tolerance) for key, value in expected.items()
        )
    if isinstance(expected, float) and math.isnan(expected):
        return isinstance(result, float) and math.isnan(result)
    number = int | float | complex | decimal.Decimal | fractions.Fraction
    if (
        tolerance is not None
        and isinstance(expected, number)
        and isinstance(result, number)
        and not isinstance(expected, bool)
        and not isinstance(result, bool)
    ):
        try:
            if result == expected:
                return True
            distance = abs(complex(result) - complex(expected))
            return distance <= tolerance * max(1.0, abs(complex(expected))) and math.isfinite(distance)
        except (ArithmeticError, ValueError):
            return False
    if isinstance(expected, bool) != isinstance(result, bool) and isinstance(expected, str | bool | None):
        return False
    return bool(result == expected)


def _json_key(key: Any) -> Any:
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None:
        return "null"
    return str(key) if isinstance(key, int | float) and abs(key) < 2**63 else key
