"""The table of whole texts: what keeps every word of a file that is not taken apart into rows.

Here: its row, shared by the formats of logs, evidence and free text. Not here: any of these formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import clean_text
from epyc_assets.history.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class RawText(Row):
    """The whole text of one file. text: decoded, invalid bytes replaced by U+FFFD, line ends as found."""

    table: ClassVar[str] = "raw_text"

    text: str


def raw_text_of(content: Content) -> str:
    """The text of contents as a column can hold it."""
    return clean_text(content.text)


def raw_text_row(text: str, place: Place) -> RawText:
    """The row that keeps a file's text."""
    return RawText(source_file_id=place.source_file_id, text=text)
