"""Reads the header of one GGUF file within fixed bounds: metadata values, array extents, tensor records.

What belongs here: the file format and its limits. What does not: what the metadata means (`gguf_file`).

The `gguf` library's reader is not used for this: it makes several numpy views for every element of an array
(seconds for a vocabulary of 150,000), trusts the counts in the file, and maps the file, so that a file
truncated while it is read ends the process. Names and block sizes of the tensor types come from the library.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

MOST_METADATA = 100_000
MOST_TENSORS = 1_000_000
MOST_ARRAY_ITEMS = 8_000_000
MOST_HEADER_BYTES = 2**30
MOST_NAME_BYTES = 65_536
DEEPEST_ARRAY = 3
MOST_DIMENSIONS = 4

_STRING, _ARRAY = 8, 9
_SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


class GgufFault(ValueError):
    """A file that is no usable GGUF file; the message says which, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class ArrayExtent:
    """Where an array's items lie in the header: kept as bytes, decoded only when asked."""

    item_type: int
    count: int
    data: bytes

    def numbers(self) -> list[int | float | bool]:
        """The items of an array of numbers; empty for other arrays."""
        scalar = _SCALARS.get(self.item_type)
        return [value for (value,) in scalar.iter_unpack(self.data)] if scalar else []

    @property
    def holds_text(self) -> bool:
        """Whether the items are strings."""
        return self.item_type == _STRING


Value = int | float | bool | str | ArrayExtent


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """One tensor's name, shape, type name, parameters and bytes."""

    name: str
    dimensions: tuple[int, ...]
    type_name: str
    parameter_count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Header:
    """A GGUF file's header."""

    version: int
    metadata: dict[str, Value]
    tensors: list[TensorRecord]
    file_bytes: int


def read_header(path: Path) -> Header:
    """The header of one file. Raises GgufFault for anything that is not a whole GGUF file."""
    shown = path.name
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise GgufFault(f"{shown}: {_open_problem(error)}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise GgufFault(f"{shown}: is {kind}; give a .gguf file")
        return _Cursor(descriptor, status.st_size, shown).header()
    except OSError as error:
        raise GgufFault(f"{shown}: {_open_problem(error)}") from error
    finally:
        os.close(descriptor)


def _open_problem(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file; check the name and the model roots"
    if isinstance(error, PermissionError):
        return "may not be read by this user; check its permissions (chmod a+r)"
    if isinstance(error, IsADirectoryError):
        return "is a folder; give a .gguf file"
    if error.errno == errno.ELOOP:
        return "is a symbolic link that leads back to itself"
    return f"cannot be read: {error.strerror or error}"


class _Cursor:
    """Walks the header; reads ahead in doubling steps and never past the end of the file."""

    def __init__(self, descriptor: int, file_bytes: int, shown: str) -> None:
        self.descriptor = descriptor
        self.file_bytes = file_bytes
        self.shown = shown
        self.data = b""
        self.at = 0
        self.array_items = 0

    def bad(self, problem: str) -> GgufFault:
        return GgufFault(f"{self.shown}: {problem}")

    def need(self, size: int, what: str) -> None:
        """Make `size` bytes from here on available."""
        end = self.at + size
        if end <= len(self.data):
            return
        if end > self.file_bytes:
            raise self.bad(
                f"is truncated or corrupt: {what} at offset {self.at} needs {size} bytes, but the file ends "
                f"at {self.file_bytes}; copy or download it again"
            )
        if end > MOST_HEADER_BYTES:
            raise self.bad(f"has a header of more than {MOST_HEADER_BYTES} bytes, which no model needs")
        wanted = min(max(end, 2 * len(self.data), 2**20), self.file_bytes, MOST_HEADER_BYTES)
        parts = [self.data]
        have = len(self.data)
        while have < wanted:
            part = os.pread(self.descriptor, wanted - have, have)
            if not part:
                raise self.bad("became shorter while it was read; is it still being copied?")
            parts.append(part)
            have += len(part)
        self.data = b"".join(parts)

    def unpack(self, form: struct.Struct, what: str) -> int | float | bool:
        self.need(form.size, what)
        (value,) = form.unpack_from(self.data, self.at)
        self.at += form.size
        return value

    def count(self, form: struct.Struct, what: str) -> int:
        return int(self.unpack(form, what))

    def text_bytes(self, what: str, most: int | None = None) -> bytes:
        length = self.count(_U64, what)
        if most is not None and length > most:
            raise self.bad(f"is corrupt: {what} claims {length} bytes (at most {most} make sense)")
        self.need(length, what)
        self.at += length
        return self.data[self.at - length : self.at]

    def name(self, what: str) -> str:
        raw = self.text_bytes(what, MOST_NAME_BYTES)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise self.bad(f"is corrupt: {what} is not UTF-8 text ({raw[:20]!r})") from None

    def header(self) -> Header:
        if self.file_bytes == 0:
            raise self.bad("is empty (0 bytes); copy or download it again")
        self.need(min(4, self.file_bytes), "the magic")
        magic = self.data[:4]
        if magic != b"GGUF":
            known = {b"ggml": "an old GGML file", b"ggjt": "an old GGJT file", b"PK\x03\x04": "a zip archive"}
            said = known.get(magic, f"it begins with {magic!r} instead of b'GGUF'")
            raise self.bad(f"is no GGUF file: {said}")
        self.at = 4
        version = self.count(_U32, "the version")
        if version & 0xFFFF == 0:
            raise self.bad("is a big-endian GGUF file; convert it to little-endian (gguf-convert-endian)")
        if version not in (2, 3):
            raise self.bad(f"has GGUF version {version}; versions 2 and 3 can be read")
        tensor_count = self.count(_U64, "the tensor count")
        metadata_count = self.count(_U64, "the metadata count")
        remaining = self.file_bytes - self.at
        if metadata_count > min(MOST_METADATA, remaining // 13):
            raise self.bad(f"is corrupt: it claims {metadata_count} metadata entries")
        if tensor_count > min(MOST_TENSORS, remaining // 24):
            raise self.bad(f"is corrupt or truncated: it claims {tensor_count} tensors")
        metadata: dict[str, Value] = {}
        for index in range(metadata_count):
            key = self.name(f"the name of metadata entry {index}")
            if key in metadata:
                raise self.bad(f"is corrupt: the metadata key {key[:80]!r} appears twice")
            metadata[key] = self.value(self.count(_U32, f"the type of {key[:80]}"), key[:80], 0)
        records = [self.tensor(index) for index in range(tensor_count)]
        tensors = self.placed(records, metadata)
        return Header(version, metadata, tensors, self.file_bytes)

    def value(self, kind: int, key: str, depth: int) -> Value:
        scalar = _SCALARS.get(kind)
        if scalar is not None:
            return self.unpack(scalar, key)
        if kind == _STRING:
            return self.text_bytes(key).decode("utf-8", errors="replace")
        if kind == _ARRAY:
            return self.array(key, depth)
        raise self.bad(f"is corrupt: metadata {key} has the unknown type {kind}")

    def array(self, key: str, depth: int) -> ArrayExtent:
        item_type = self.count(_U32, key)
        count = self.count(_U64, key)
        self.array_items += count
        if self.array_items > MOST_ARRAY_ITEMS:
            raise self.bad(f"is corrupt: metadata {key} claims {count} items")
        start = self.at
        scalar = _SCALARS.get(item_type)
        if scalar is not None:
            self.need(count * scalar.size, key)
            self.at += count * scalar.size
        elif item_type == _STRING:
            self.skip_texts(count, key)
        elif item_type == _ARRAY and depth < DEEPEST_ARRAY:
            for _ in range(count):
                self.array(key, depth + 1)
        else:
            raise self.bad(f"is corrupt: metadata {key} holds items of the unknown type {item_type}")
        return ArrayExtent(item_type, count, self.data[start : self.at])

    def skip_texts(self, count: int, key: str) -> None:
        self.need(8 * count, key)
        unpack, data, at = _U64.unpack_from, self.data, self.at
        have = len(data)
        for _ in range(count):
            if at + 8 > have:
                self.at = at
                self.need(8, key)
                data, have = self.data, len(self.data)
            length = unpack(data, at)[0]
            at += 8
            if at + length > have:
                self.at = at
                self.need(length, key)
                data, have = self.data, len(self.data)
            at += length
        self.at = at

    def tensor(self, index: int) -> tuple[str, tuple[int, ...], int, int]:
        name = self.name(f"the name of tensor {index}")
        dimension_count = self.count(_U32, f"tensor {name[:80]}")
        if dimension_count > MOST_DIMENSIONS:
            raise self.bad(f"is corrupt: tensor {name[:80]} has {dimension_count} dimensions")
        dimensions = tuple(self.count(_U64, f"tensor {name[:80]}") for _ in range(dimension_count))
        kind = self.count(_U32, f"tensor {name[:80]}")
        offset = self.count(_U64, f"tensor {name[:80]}")
        return name, dimensions, kind, offset

    def placed(
        self, records: list[tuple[str, tuple[int, ...], int, int]], metadata: dict[str, Value]
    ) -> list[TensorRecord]:
        """Tensor records with sizes, each checked to lie inside the file."""
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            raise self.bad(f"is corrupt: general.alignment is {alignment}, not a power of two")
        data_start = -(-self.at // alignment) * alignment
        tensors: list[TensorRecord] = []
        names: set[str] = set()
        for name, dimensions, kind, offset in records:
            if name in names:
                raise self.bad(f"is corrupt: the tensor {name[:80]} appears twice")
            names.add(name)
            try:
                tensor_type = GGMLQuantizationType(kind)
                block, block_bytes = GGML_QUANT_SIZES[tensor_type]
            except (ValueError, KeyError):
                raise self.bad(
                    f"has a tensor of the unknown type {kind} ({name[:80]}): corrupt, or newer than the "
                    "installed gguf library"
                ) from None
            parameters = 1
            for length in dimensions:
                parameters *= length
            if dimensions and dimensions[0] % block:
                raise self.bad(f"is corrupt: rows of tensor {name[:80]} are no multiple of {block}")
            size_bytes = parameters // block * block_bytes
            if data_start + offset + size_bytes > self.file_bytes:
                raise self.bad(
                    f"is truncated or corrupt: tensor {name[:80]} should end at byte "
                    f"{data_start + offset + size_bytes}, but the file has {self.file_bytes}; is it still "
                    "being copied? Else copy or download it again"
                )
            tensors.append(TensorRecord(name, dimensions, tensor_type.name, parameters, size_bytes))
        claimed = sum(tensor.size_bytes for tensor in tensors)
        if claimed > max(0, self.file_bytes - data_start):
            raise self.bad(
                f"is corrupt: its tensors claim {claimed} bytes, but only {self.file_bytes - data_start} "
                "bytes of data are there (they overlap)"
            )
        return tensors
