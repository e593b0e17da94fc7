"""The bytes of one file, and views of them that several formats need: text, lines, JSON, JSON Lines.

Here: decoding, and doubts that can be seen in the bytes alone (encoding, control characters, a missing end). Not
here: what the contents mean (a module per format).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from epyc_assets.history.identity import identity

HUGE_LINE_CHARACTERS = 20_000
HUGE_JSON_LINE_CHARACTERS = 2_000_000
"""A line longer than this is imported, and flagged: no line of the known formats comes near it. JSON holds whole
answers and prompts in a line."""

_SUSPICIOUS_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
"""Control characters that no format uses: all but tab, line feed, form feed, carriage return and escape."""

_ESCAPED = re.compile("[\udc80-\udcff]")
"""What the surrogateescape handler makes of an invalid byte."""

_CUT_WORDS = ("true", "false", "null", "NaN", "Infinity", "-Infinity", ".", "e-", "e+", "E-", "E+")
"""Where JSON is cut inside a word or a number, the fault is at the beginning of one of these."""

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies: its path relative to the record's root, with forward slashes."""

    path: str

    @property
    def source_file_id(self) -> int:
        """Key of the file in every table."""
        return identity("source_file", self.path)

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's folders and its name."""
        return PurePosixPath(self.path).parts

    @property
    def name(self) -> str:
        """The file's name."""
        return PurePosixPath(self.path).name

    @property
    def stem(self) -> str:
        """The file's name without its last ending."""
        return PurePosixPath(self.path).stem

    def folder_below(self, *names: str) -> str | None:
        """The folder that directly follows the folders `names`: `folder_below("results", "runs")` is the run
        directory. None where the path has no such place."""
        folders = self.parts[:-1]
        for start in range(len(folders) - len(names)):
            if folders[start : start + len(names)] == names:
                return folders[start + len(names)]
        return None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why contents could not be read as a format. line: from 1, or None. cut_off: the fault is at the very end."""

    message: str
    line: int | None = None
    cut_off: bool = False


@dataclass(frozen=True)
class Content:
    """The bytes of a file. Everything else is computed from them once, when it is asked for."""

    data: bytes

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes, 64 hex digits."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def encoding(self) -> str:
        """utf-8 unless a byte order mark says otherwise."""
        return next((name for mark, name in _BYTE_ORDER_MARKS if self.data.startswith(mark)), "utf-8")

    @cached_property
    def text(self) -> str:
        """The bytes decoded; invalid ones replaced by U+FFFD. Line ends are kept as they are."""
        text = self.data.decode(self.encoding, "replace")
        return text.removeprefix("\ufeff")

    @cached_property
    def invalid_bytes(self) -> int:
        """How many bytes could not be decoded."""
        if self.encoding not in ("utf-8", "utf-8-sig"):
            return 0
        if b"\xef\xbf\xbd" not in self.data and "\ufffd" not in self.text:
            return 0
        return len(_ESCAPED.findall(self.data.decode("utf-8", "surrogateescape")))

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines without their ends; only line feed and carriage return end a line."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    @cached_property
    def json(self) -> Any:
        """The whole file as one JSON value; a Fault where it is none."""
        try:
            return _DECODER.decode(self.text)
        except json.JSONDecodeError as error:
            message = f"not JSON: {error.msg} at line {error.lineno} column {error.colno}"
            return Fault(message, error.lineno, _is_cut_off(self.text, error))
        except RecursionError:
            return Fault("JSON nested too deeply to be read")
        except ValueError as error:  # an integer of more than 4300 digits
            return Fault(f"not JSON that can be read: {error}")

    @cached_property
    def json_lines(self) -> list[tuple[int, str, Any]]:
        """Each non-blank line as (line number from 1, its text, its JSON value or a Fault)."""
        result: list[tuple[int, str, Any]] = []
        for number, line in enumerate(self.lines, start=1):
            if not line.strip():
                continue
            value: Any
            try:
                value = _DECODER.decode(line)
            except json.JSONDecodeError as error:
                value = Fault(f"not JSON: {error.msg} at column {error.colno}", number, _is_cut_off(line, error))
            except RecursionError:
                value = Fault("JSON nested too deeply to be read", number)
            except ValueError as error:
                value = Fault(f"not JSON that can be read: {error}", number)
            result.append((number, line, value))
        return result

    @cached_property
    def first_json_line(self) -> Any:
        """The first JSON object of the first lines, for telling formats apart; None if there is none."""
        for line in [line for line in self.lines[:50] if line.strip()][:10]:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                return value
        return None

    def text_flags(self) -> list[str]:
        """Doubts that any text file can raise: `invalid_utf8`, `wrong_encoding` (a byte order mark or NUL bytes),
        `control_characters`, `unterminated` (no line end at the end), `huge_line`."""
        flags = []
        if self.invalid_bytes:
            flags.append("invalid_utf8")
        if self.encoding != "utf-8" or b"\x00" in self.data:
            flags.append("wrong_encoding")
        if _SUSPICIOUS_CONTROLS.search(self.text):
            flags.append("control_characters")
        like_json = self.text.lstrip()[:1] in ("{", "[")
        # A whole JSON document shows its end by itself, and is often written without a line end.
        ended = self.data.endswith((b"\n", b"\r")) or (like_json and not isinstance(self.json, Fault))
        if self.data and not ended:
            flags.append("unterminated")
        most = HUGE_JSON_LINE_CHARACTERS if like_json else HUGE_LINE_CHARACTERS
        if len(self.data) > most and max(map(len, self.lines)) > most:
            flags.append("huge_line")
        return flags


def _all_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object with all its members: of a repeated key the later ones are kept as `key (2)`, `key (3)`, ..."""
    whole = dict(pairs)
    if len(whole) == len(pairs):
        return whole
    whole = {}
    numbers: dict[str, int] = {}
    for key, value in pairs:
        # Counted on from the last of the name, or a million of one name would take hours.
        name, number = key, numbers.get(key, 1)
        while name in whole:
            number += 1
            name = f"{key} ({number})"
        numbers[key] = number
        whole[name] = value
    return whole


def _is_cut_off(text: str, error: json.JSONDecodeError) -> bool:
    """Whether JSON ends where more should come: between two values, or in the middle of one."""
    rest = text[error.pos :].rstrip()
    if not rest or error.msg.startswith("Unterminated string"):
        return True
    if error.msg.startswith("Invalid \\"):
        return len(rest) <= len("\\u0000")
    return len(rest) < 10 and any(whole.startswith(rest) for whole in _CUT_WORDS)


_DECODER = json.JSONDecoder(object_pairs_hook=_all_pairs)
"""One for all lines: building it takes as long as reading a short line."""
