"""Images: their size by their own headers, and no damage that a checksum or an end marker can show goes unnoticed."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.formats import format_named
from epyc_assets.history.image import PNG_SIGNATURE, ImageFile
from epyc_assets.history.rows import Imported
from epyc_assets_tests.history.conftest import imported
from epyc_assets_tests.history.faults import check

PATH = "benchmarks/images/vl/rye.png"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 3, height: int = 2, *, depth: int = 8, colour: int = 2, body: bytes | None = None) -> bytes:
    rows = b"".join(b"\0" + bytes(3 * min(width, 9)) for _ in range(height))
    return (
        PNG_SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
        + chunk(b"tEXt", b"Title\0Rye")
        + chunk(b"IDAT", zlib.compress(rows) if body is None else body)
        + chunk(b"IEND", b"")
    )


JPEG = (
    b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    + b"\xff\xc0" + struct.pack(">HBHH", 11, 8, 2, 3) + b"\x01\x01\x11\x00"
    + b"\xff\xda" + struct.pack(">H", 8) + bytes(6) + b"pixels\xff\x00" + b"\xff\xd9"
)  # fmt: skip
GIF = b"GIF89a" + struct.pack("<HH", 3, 2) + b"\0\0\0" + b"\x2c" + bytes(12) + b";"
WEBP = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + b"\2\0\0\1\0\0"
BMP = b"BM" + struct.pack("<IIIIiiHH", 58, 0, 54, 40, 3, -2, 1, 24) + bytes(28)
OTHERS = {"jpeg": JPEG, "gif": GIF, "webp": WEBP, "bmp": BMP}


def row_of(result: Imported) -> ImageFile:
    (row,) = result.rows
    assert isinstance(row, ImageFile)
    return row


def test_a_png_has_its_size_and_its_chunks() -> None:
    found, result = imported(png(), PATH)
    row = row_of(result)
    assert (found, result.status, result.records, result.main_rows, result.rejects) == ("image", "ok", 1, 1, [])
    assert (row.image_format, row.width_px, row.height_px, row.bits_per_channel, row.n_chunks) == ("png", 3, 2, 8, 4)
    assert (row.size_bytes, row.quality_flags) == (len(png()), ())


@pytest.mark.parametrize("kind", sorted(OTHERS))
def test_other_formats_have_their_size(kind: str) -> None:
    row = row_of(imported(OTHERS[kind], f"images/rye.{kind}")[1])
    assert (row.image_format, row.width_px, row.height_px, row.quality_flags) == (kind, 3, 2, ())


def test_an_image_is_known_by_its_signature_whatever_its_name() -> None:
    found, result = imported(png(), "images/rye.dat")
    assert (found, row_of(result).quality_flags) == ("image", ())
    assert row_of(imported(png(), "images/rye.jpg")[1]).quality_flags == ("wrong_name",)


def test_every_flipped_bit_of_a_png_is_a_reject() -> None:
    whole = png()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << (position % 8)
        found, result = imported(bytes(damaged), PATH)
        assert (found, result.rows, len(result.rejects), result.rejected_records) == ("image", [], 1, 1), position
        assert result.status in ("truncated", "unreadable")


@pytest.mark.parametrize("kind", ["png", *sorted(OTHERS)])
def test_every_cut_is_a_reject(kind: str) -> None:
    whole = png() if kind == "png" else OTHERS[kind]
    for length in range(1, len(whole)):
        found, result = imported(whole[:length], f"images/rye.{kind}")
        assert (found, result.rows, len(result.rejects)) == ("image", [], 1), length
        assert result.status in ("truncated", "unreadable")
    assert imported(b"", f"images/rye.{kind}")[1].status == "empty"


def test_a_cut_png_is_truncated_and_the_reason_says_where() -> None:
    _, result = imported(png()[:-12], PATH)
    assert (result.status, result.error) == (
        "truncated",
        "png: has no chunk IEND at its end; its header states 3 x 2 pixels",
    )
    assert imported(png()[:-20], PATH)[1].status == "truncated"
    assert imported(PNG_SIGNATURE[:4], PATH)[1].status == "truncated"


def test_a_wrong_checksum_names_the_chunk() -> None:
    _, result = imported(png().replace(b"Title\0Rye", b"Title\0Dye"), PATH)
    assert (result.status, result.rejects[0].location) == ("unreadable", "byte 33")
    assert "chunk 2 (tEXt) has a wrong CRC" in (result.error or "")


@pytest.mark.parametrize(
    "broken",
    [
        png(0, 2),
        png(2**31, 2),
        png(depth=3),
        png(colour=5),
        png().replace(b"IDAT", b"IDBT"),
        PNG_SIGNATURE + chunk(b"IEND", b""),
    ],
)
def test_impossible_headers_and_missing_pixels_are_rejects(broken: bytes) -> None:
    _, result = imported(broken, PATH)
    assert (result.rows, result.status, len(result.rejects)) == ([], "unreadable", 1)


def test_bytes_after_the_end_are_flagged() -> None:
    _, result = imported(png() + b"more", PATH)
    assert (result.status, result.flags, row_of(result).quality_flags) == (
        "ok",
        ["trailing_bytes"],
        ("trailing_bytes",),
    )


def test_text_named_as_an_image_is_a_reject() -> None:
    found, result = imported("Rye\n", PATH)
    assert (found, result.status, len(result.rejects)) == ("image", "unreadable", 1)


def test_text_that_begins_as_a_bitmap_does_is_text() -> None:
    assert imported("BMI of bread\n", "notes.txt")[0] == "text"


@given(chance=st.data())
@settings(max_examples=300, deadline=None)
def test_damage_never_stops_the_import(chance: st.DataObject) -> None:
    whole = bytearray(chance.draw(st.sampled_from([png(), *OTHERS.values()])))
    for position in chance.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[position] = chance.draw(st.integers(0, 255))
    cut = chance.draw(st.integers(0, len(whole)))
    result = check(format_named("image"), bytes(whole[:cut]) + chance.draw(st.binary(max_size=9)), PATH)
    assert (result.records, result.main_rows + result.rejected_records) == (1, 1)
