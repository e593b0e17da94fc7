"""Decodes LiveCodeBench's private tests: JSON, or base64 of zlib of a pickled JSON text.

Belongs here: the decoding, which must not run what a file says. Does not belong here: what the tests mean
(`livecodebench`).
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import pickle
import zlib
from collections.abc import Mapping
from typing import Any

from epyc_assets.suites.public.adapter import RowRejected

MOST_BYTES = 512 * 2**20
"""Decompressed; the largest published is far below, an archive made to fill the memory is not."""


class _PlainValues(pickle.Unpickler):
    """Unpickles texts, numbers, lists and mappings; whatever else a pickle may name is refused before it is made."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError(f"names {module_name}.{global_name}; only plain values are read")

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("refers to something outside; only plain values are read")


def decoded_tests(value: object) -> list[Mapping[str, Any]]:
    """The tests of a column, each with input, output and testtype. Raises RowRejected for anything else."""
    if isinstance(value, str):
        value = _loaded(value)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise RowRejected(f"its private tests are no JSON: {error}") from error
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise RowRejected(f"its tests are {type(value).__name__}, not a list of objects")
    return value


def _loaded(text: str) -> object:
    if not text.strip():
        return []
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith(("[", "{")):
            raise RowRejected(f"its tests are no JSON: {error}") from error
    try:
        decompressor = zlib.decompressobj()
        plain = decompressor.decompress(base64.b64decode(text, validate=False), MOST_BYTES)
        if decompressor.unconsumed_tail:
            raise RowRejected(f"its private tests are more than {MOST_BYTES:,} bytes")
        if not decompressor.eof:
            raise RowRejected("its private tests are cut off")
    except (binascii.Error, zlib.error, UnicodeError, ValueError) as error:
        if isinstance(error, RowRejected):
            raise
        raise RowRejected(f"its private tests are neither JSON nor base64 of zlib: {error}") from error
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        pass
    try:
        value = _PlainValues(io.BytesIO(plain)).load()
    # A damaged pickle raises whatever its last instruction stumbles over.
    except Exception as error:
        raise RowRejected(f"its private tests cannot be unpickled: {error}") from error
    # Lists in lists that share their parts are small here and endless once they are written out.
    flat = str | int | float | None
    if isinstance(value, list) and any(
        isinstance(each, Mapping) and not all(isinstance(part, flat) for part in each.values()) for each in value
    ):
        raise RowRejected("its private tests hold something other than texts")
    return value
