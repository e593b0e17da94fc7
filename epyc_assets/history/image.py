"""Images: their format and size, and whether their bytes are whole. The pixels stay in the file.

Here: PNG with every chunk's CRC verified; JPEG, GIF, WebP and BMP with the ends and lengths that they state. Not here:
what an image shows, or which question asks about it (prompt).
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Json, as_json
from epyc_assets.history.formats import Format
from epyc_assets.history.rows import Imported, Reject, Row

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_ENDINGS = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "webp": "webp", "bmp": "bmp"}
_LARGEST_SIDE_PX = 2**31 - 1
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bit depths that each PNG colour type allows (PNG specification, table 11.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFile(Row):
    """One whole image. n_chunks: PNG chunks, JPEG segments; None for formats without them."""

    table: ClassVar[str] = "image_file"

    image_format: str
    width_px: int
    height_px: int
    bits_per_channel: int | None
    n_chunks: int | None
    size_bytes: int
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(slots=True)
class ImageReading:
    """What an image's bytes say. error: why it is not whole; then status is truncated or unreadable."""

    image_format: str
    size_bytes: int
    width_px: int | None = None
    height_px: int | None = None
    bits_per_channel: int | None = None
    n_chunks: int | None = None
    status: str = "ok"
    error: str | None = None
    location: str = "the whole file"
    flags: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def fail(self, status: str, error: str, at_byte: int | None = None) -> None:
        """Notes the first fault."""
        if self.error is None:
            self.status, self.error = status, error
            if at_byte is not None:
                self.location = f"byte {at_byte}"


def recognises_image(content: Content, place: Place) -> bool:
    """Whether it has an image's signature, or is named as an image and not empty."""
    if not content.data:
        return False
    return _format_of(content.data) is not None or _named(place) is not None


def read_image(content: Content) -> ImageReading:
    """Size and wholeness of an image. Never raises."""
    data = content.data
    image_format = _format_of(data)
    reading = ImageReading(image_format or "unknown", len(data))
    if image_format is None and PNG_SIGNATURE.startswith(data):
        reading.fail("truncated", "ends inside the signature of PNG", len(data))
        return reading
    if image_format is None:
        reading.fail("unreadable", "the signature is of no image format", 0)
        return reading
    try:
        _READERS[image_format](data, reading)
    except (struct.error, IndexError):
        reading.fail("truncated", "ends inside a header", len(data))
    width, height = reading.width_px, reading.height_px
    if reading.error is None and (not width or not height or max(width, height) > _LARGEST_SIDE_PX):
        reading.fail("unreadable", f"states a size of {width} x {height} pixels")
    return reading


def rows_of_image(reading: ImageReading, place: Place) -> Imported:
    """The row of a whole image; a reject for one that is not."""
    width, height = reading.width_px, reading.height_px
    if reading.error is not None or width is None or height is None:
        shown = reading.image_format if reading.image_format != "unknown" else f"image ({_named(place)} by its name)"
        size = f"; its header states {width} x {height} pixels" if width and height else ""
        error = f"{shown}: {reading.error}{size}"
        reject = Reject(place.path, reading.location, error, "")
        return Imported(
            rejects=[reject], status=reading.status, error=error, records=1, rejected_records=1, flags=reading.flags
        )
    flags = list(reading.flags)
    named = _named(place)
    if named is not None and named != reading.image_format:
        flags.append("wrong_name")
    row = ImageFile(
        source_file_id=place.source_file_id,
        image_format=reading.image_format,
        width_px=width,
        height_px=height,
        bits_per_channel=reading.bits_per_channel,
        n_chunks=reading.n_chunks,
        size_bytes=reading.size_bytes,
        quality_flags=tuple(flags),
        extra=as_json(reading.extra) if reading.extra else None,
    )
    return Imported(rows=[row], records=1, main_rows=1, flags=flags)


def _named(place: Place) -> str | None:
    return _ENDINGS.get(place.name.rpartition(".")[2].lower())


def _format_of(data: bytes) -> str | None:
    if data.startswith(PNG_SIGNATURE):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    # Two letters are no signature: text may begin so. The reserved bytes and a known header size are.
    if data.startswith(b"BM") and data[6:10] == bytes(4) and data[14:18] in _BMP_HEADERS:
        return "bmp"
    return None


_BMP_HEADERS = frozenset(struct.pack("<I", size) for size in (12, 40, 52, 56, 64, 108, 124))


def _read_png(data: bytes, reading: ImageReading) -> None:
    view = memoryview(data)
    at = len(PNG_SIGNATURE)
    kinds: Counter[str] = Counter()
    while at + 8 <= len(data):
        length = int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        if not kind.isalpha() or not kind.isascii():
            reading.fail("unreadable", f"chunk {kinds.total() + 1} has no type of four letters", at)
            break
        name = kind.decode("ascii")
        end = at + 12 + length
        if end > len(data):
            reading.fail("truncated", f"ends inside a chunk {name} of {length:,} bytes", at)
            break
        kinds[name] += 1
        stated = int.from_bytes(view[end - 4 : end], "big")
        if zlib.crc32(view[at + 4 : end - 4]) != stated:
            reading.fail("unreadable", f"chunk {kinds.total()} ({name}) has a wrong CRC", at)
        if kinds.total() == 1 and name != "IHDR":
            reading.fail("unreadable", f"begins with a chunk {name}, not with IHDR", at)
        if name == "IHDR" and length == 13 and reading.width_px is None:
            _read_png_header(view[at + 8 : at + 21], reading)
        at = end
        if name == "IEND":
            break
    reading.n_chunks = kinds.total()
    reading.extra["chunks"] = dict(kinds)
    if not kinds["IEND"]:
        reading.fail("truncated", "has no chunk IEND at its end", len(data))
    elif at < len(data):
        reading.flags.append("trailing_bytes")
        reading.extra["trailing_bytes"] = len(data) - at
    if not kinds["IDAT"]:
        reading.fail("unreadable", "has no chunk IDAT, so no pixels")
    if reading.width_px is None:
        reading.fail("unreadable", "has no header of 13 bytes")


def _read_png_header(header: memoryview, reading: ImageReading) -> None:
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    reading.width_px, reading.height_px, reading.bits_per_channel = width, height, depth
    reading.extra.update(colour_type=colour, interlaced=interlace == 1)
    if depth not in _PNG_DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        reading.fail("unreadable", "the header has values that PNG does not know", len(PNG_SIGNATURE))


def _read_jpeg(data: bytes, reading: ImageReading) -> None:
    at = 2
    segments = 1
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            reading.fail("unreadable", "has bytes between its segments", at)
            return
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in (0x01, *range(0xD0, 0xD8)):
            at += 2
            continue
        if marker == 0xD9:
            break
        segments += 1
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        # All start-of-frame markers; C4, C8 and CC are tables.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            depth, height, width = struct.unpack(">BHH", data[at + 4 : at + 9])
            reading.width_px, reading.height_px, reading.bits_per_channel = width, height, depth
        if marker == 0xDA:  # the pixels follow, up to the end marker
            break
        if length < 2 or at + 2 + length > len(data):
            reading.fail("truncated", "ends inside a segment", at)
            return
        at += 2 + length
    reading.n_chunks = segments
    if data.rfind(b"\xff\xd9", max(len(data) - 4096, at)) < 0:
        reading.fail("truncated", "has no end marker", len(data))
    elif reading.width_px is None:
        reading.fail("unreadable", "has no frame header")
    elif not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        reading.flags.append("trailing_bytes")


def _read_gif(data: bytes, reading: ImageReading) -> None:
    reading.width_px, reading.height_px = struct.unpack("<HH", data[6:10])
    if not data.rstrip(b"\x00").endswith(b";"):
        reading.fail("truncated", "has no trailer at its end", len(data))


def _read_webp(data: bytes, reading: ImageReading) -> None:
    stated = int.from_bytes(data[4:8], "little") + 8
    kind = data[12:16]
    if kind == b"VP8X":
        reading.width_px = int.from_bytes(data[24:27], "little") + 1
        reading.height_px = int.from_bytes(data[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        reading.width_px, reading.height_px = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        reading.width_px, reading.height_px = width & 0x3FFF, height & 0x3FFF
    else:
        reading.fail("unreadable", "begins with no chunk of pixels", 12)
    _compare_length(stated, len(data), reading)


def _read_bmp(data: bytes, reading: ImageReading) -> None:
    if data[14:18] == struct.pack("<I", 12):
        width, height, _, depth = struct.unpack("<HHHH", data[18:26])
    else:
        width, height, _, depth = struct.unpack("<iiHH", data[18:30])
    reading.width_px, reading.height_px, reading.extra["bits_per_pixel"] = width, abs(height), depth
    _compare_length(int.from_bytes(data[2:6], "little"), len(data), reading)


def _compare_length(stated: int, actual: int, reading: ImageReading) -> None:
    if actual < stated:
        reading.fail("truncated", f"states {stated:,} bytes and has {actual:,}", actual)
    elif actual > stated + 1:
        reading.flags.append("trailing_bytes")


_READERS = {"png": _read_png, "jpeg": _read_jpeg, "gif": _read_gif, "webp": _read_webp, "bmp": _read_bmp}

FORMATS: tuple[Format, ...] = (
    Format(
        name="image",
        family="images",
        version=1,
        tables=(ImageFile,),
        recognises=recognises_image,
        read=read_image,
        rows=rows_of_image,
        is_text=False,
    ),
)
