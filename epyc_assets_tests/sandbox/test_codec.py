"""Plain values come out as they went in, and nothing else comes out at all."""

from __future__ import annotations

import datetime
import enum
import math
from collections import Counter, OrderedDict, namedtuple
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.sandbox.inside.codec import Malformed, NotPlain, decode, dumps, encode, loads, same_value

scalars = (
    st.none() | st.booleans() | st.integers() | st.integers(2**300, 2**301) | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False) | st.text() | st.binary() | st.fractions() | st.decimals(allow_nan=False)
    | st.dates() | st.datetimes() | st.timedeltas() | st.binary().map(bytearray)
)  # fmt: skip
hashable = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.tuples(st.integers(), st.text())
values = st.recursive(
    scalars | st.sets(hashable, max_size=3) | st.frozensets(hashable, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(hashable, inner, max_size=3)
    ),
    max_leaves=8,
)
messages = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(list("ifltszdbacrDQTEh")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=10,
)


def typed(value: Any) -> Any:
    """The value with the type of each part beside it: 1, True and 1.0 are equal, and not the same."""
    if isinstance(value, list | tuple):
        return (type(value), [typed(each) for each in value])
    if isinstance(value, dict):
        return (dict, [(typed(key), typed(each)) for key, each in value.items()])
    return (type(value), value)


@settings(max_examples=60, deadline=None)
@given(values)
def test_plain_values_come_out_as_they_went_in(value: Any) -> None:
    assert typed(decode(loads(dumps(encode(value))))) == typed(value)


@settings(max_examples=80, deadline=None)
@given(messages)
def test_any_message_gives_a_plain_value_or_is_malformed(message: Any) -> None:
    try:
        value = decode(message)
    except Malformed:
        return
    encode(value)


class Colour(enum.IntEnum):
    RED = 3


class Sly(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__

    def __index__(self) -> int:
        return 99


def test_subclasses_travel_as_what_they_extend() -> None:
    pair = namedtuple("pair", "a b")
    given_values = [Counter("aab"), OrderedDict(a=1), pair(1, 2), Colour.RED, Sly(4)]
    back = decode(encode(given_values))
    assert [type(each) for each in back] == [dict, dict, tuple, int, int]
    assert back == [{"a": 2, "b": 1}, {"a": 1}, (1, 2), 3, 4]


@pytest.mark.parametrize("value", [object(), len, iter([]), {1: [object()]}, type, math, [open]])
def test_what_is_not_plain_is_refused_by_its_type(value: Any) -> None:
    with pytest.raises(NotPlain, match="type"):
        encode(value)


def test_values_within_themselves_are_refused() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(NotPlain, match="contains itself"):
        encode(ring)


@pytest.mark.parametrize(
    ("result", "expected", "tolerance", "same"),
    [
        ((1, 2), [1, 2], None, True),
        ([1, 2], [1, 2, 3], None, False),
        ({1: "a"}, {"1": "a"}, None, True),
        ({1: "a", "1": "a"}, {"1": "a"}, None, False),
        (0.1 + 0.2, 0.3, None, False),
        (0.1 + 0.2, 0.3, 1e-9, True),
        ([0.1 + 0.2], (0.3,), 1e-9, True),
        (float("nan"), 0.3, 1e-9, False),
        (float("nan"), float("nan"), None, True),
        (float("inf"), 1e308, 1e300, False),
        (10**400, 1.0, 1e-9, False),
        ("1", 1, 1e9, False),
        (1, True, None, False),
        (True, True, None, True),
        (None, False, None, False),
        ({1}, [1], None, False),
        (Decimal("0.5"), 0.5, None, True),
        (Fraction(1, 2), 0.5, 1e-9, True),
        (datetime.date(2020, 1, 1), "2020-01-01", None, False),
        (b"a", "a", None, False),
    ],
)
def test_results_are_compared_as_json_says(result: Any, expected: Any, tolerance: float | None, same: bool) -> None:
    assert same_value(result, expected, tolerance) is same
