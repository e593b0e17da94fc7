"""Packed tests: read in every packing, never run, and never longer than what was packed."""

from __future__ import annotations

import base64
import json
import pickle
import zlib

import pytest

from epyc_assets.suites.public import RowRejected
from epyc_assets.suites.public.private_tests import decoded_tests
from epyc_assets_tests.suites.public.layouts import private


class _Harmful:
    def __reduce__(self):
        return (print, ("harm",))


def test_private_tests_never_run_what_a_pickle_says(capsys: pytest.CaptureFixture[str]) -> None:
    packed = base64.b64encode(zlib.compress(pickle.dumps([_Harmful()]))).decode()
    with pytest.raises(RowRejected, match="only plain values"):
        decoded_tests(packed)
    assert not capsys.readouterr().out
    # The naive way does run it: what is tested can fail.
    pickle.loads(zlib.decompress(base64.b64decode(packed)))
    assert capsys.readouterr().out == "harm\n"


@pytest.mark.parametrize(
    "value", ["@@@", "aGVsbG8=", "[1, 2]", '{"a": 1}', "[", base64.b64encode(b"x\x9c").decode(), 5]
)
def test_private_tests_that_are_none_are_refused(value: object) -> None:
    with pytest.raises(RowRejected):
        decoded_tests(value)


def test_private_tests_that_grow_without_end_are_refused() -> None:
    grown: list[object] = ["x"]
    for _ in range(40):
        grown = [grown, grown]
    packed = base64.b64encode(zlib.compress(pickle.dumps([{"input": grown, "output": "1"}]))).decode()
    with pytest.raises(RowRejected, match="other than texts"):
        decoded_tests(packed)


def test_private_tests_in_every_packing() -> None:
    tests = [{"input": "é\n", "output": "2", "testtype": "stdin"}]
    plain = json.dumps(tests)
    for value in (tests, plain, private(tests), base64.b64encode(zlib.compress(plain.encode())).decode()):
        assert decoded_tests(value) == tests
    assert decoded_tests("") == decoded_tests(None) == []
