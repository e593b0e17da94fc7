"""Reads YAML of the record within bounds, and keeps the text of every value that YAML's typing would change.

Here: from text to plain values, what could be read of a broken file, and doubts (duplicate keys, tags). Not here: the
registry that a person edits (registry/yaml_source, which refuses what this module keeps), or what any key means.

A value is a number only where its text is the number's usual spelling (72, 7.28), so that `text_of` gives back what
the file says; dates, `yes`, `0x1f` and `1.10` stay text. Keys are always text; a merge key is a key named `<<`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.fields import as_json
from epyc_assets.history.rows import Imported, Reject

MOST_VALUES = 500_000
"""Values of one file, aliases counted as what they stand for; reading stops there. No known file has 10,000."""

DEEPEST_NESTING = 60

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?\d{1,20}\.\d{1,20}(?:e[-+]\d{1,3})?")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

_RAW_TEXT_CHARACTERS = 10_000

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in a YAML file that its value does not show. raw_text: the part of the file that is meant."""

    path: KeyPath
    line: int
    reason: str
    raw_text: str


@dataclass(slots=True)
class YamlDocument:
    """What a YAML file says.

    value: plain objects, lists, texts, numbers, true, false and None; of a broken file, what came before the fault.
    fault: why reading stopped, or None. fault_path: key path of the value in which it stopped: the values on this path
    are incomplete, all others that `value` has are whole.
    """

    value: Any = None
    fault: Fault | None = None
    fault_path: KeyPath = ()
    doubts: list[Doubt] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


def read_yaml(text: str) -> YamlDocument:
    """The first document of the text. Never raises; a second document is a fault."""
    document = YamlDocument()
    printable = _UNPRINTABLE.sub("\ufffd", text)
    if printable != text:
        document.flags.append("characters_replaced")
    reader = _Reader(printable, document)
    loader: Any = None
    try:
        loader = _Loader(printable)
        reader.run(loader)
    except _Stop as stop:
        document.fault = Fault(f"not YAML that can be read: {stop.reason}", stop.line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else None
        last_line = printable.rstrip().count("\n") + 1
        document.fault = Fault(f"not YAML: {said}", line, cut_off=line is not None and line >= last_line)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        document.fault = Fault("not YAML: " + " ".join(str(error).split())[:300])
    finally:
        if loader is not None:
            loader.dispose()
    if document.fault is not None:
        document.fault_path = reader.path()
    if document.doubts:
        document.flags.append("yaml_doubts")
    return document


def text_of(value: object) -> str | None:
    """A scalar that `read_yaml` gave, as the file spells it; None for null, objects and lists."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return None


def begin_yaml(document: YamlDocument, place: Place) -> Imported:
    """An Imported with the status, flags and rejects that follow from the YAML alone: a fault is a reject, and so is
    what a repeated key holds."""
    imported = Imported(flags=list(document.flags))
    for doubt in document.doubts:
        location = f"line {doubt.line}: " + "/".join(map(str, doubt.path))
        imported.rejects.append(Reject(place.path, location, doubt.reason, doubt.raw_text))
    fault = document.fault
    if fault is not None:
        imported.status = "truncated" if fault.cut_off else "unreadable"
        imported.error = fault.message
        location = f"line {fault.line}" if fault.line else "/".join(map(str, document.fault_path))
        imported.rejects.append(Reject(place.path, location, fault.message, ""))
    return imported


def no_object(imported: Imported, document: YamlDocument, place: Place) -> Imported:
    """The file's value is not the object that its format asks for: one record, rejected."""
    imported.records = imported.rejected_records = 1
    imported.rejects.append(Reject(place.path, "line 1", "the file is no object of keys", raw_of(document.value)))
    if imported.status == "ok":
        imported.status, imported.error = "unreadable", "the file is no object of keys"
    return imported


def finish_yaml(imported: Imported) -> Imported:
    """Settles the status once the records are counted: what was read in part is truncated, what had records and
    gave no row is unreadable."""
    if imported.main_rows and imported.status == "unreadable":
        imported.status = "truncated"
    elif imported.records and not imported.main_rows and imported.status == "ok":
        imported.status, imported.error = "unreadable", f"none of its {imported.records} records could be read"
    return imported


def is_cut(document: YamlDocument, where: tuple[str | int, ...]) -> bool:
    """Whether reading stopped inside the value at the key path, which is incomplete then."""
    return document.fault is not None and document.fault_path[: len(where)] == where


def raw_of(value: object) -> str:
    """A value of a YAML or JSON file as text for a reject, cut to 10,000 characters."""
    return as_json(value)[:_RAW_TEXT_CHARACTERS]


def is_yaml(content: Content, place: Place) -> bool:
    """Whether the file is named as YAML."""
    # The contents of a YAML file can be those of any text, so its name has to say it.
    return place.name.endswith((".yaml", ".yml")) and not content.data.startswith(b"{")


class _Stop(Exception):
    def __init__(self, reason: str, line: int | None) -> None:
        self.reason = reason
        self.line = line


@dataclass(slots=True)
class _Open:
    """A list or object that has begun. key: of the member that is being read; size: values in it so far."""

    value: Any
    anchor: str | None
    size: int = 1
    key: str | None = None
    begins: int = 0
    is_repeat: bool = False
    repeat_begins: int = 0


class _Reader:
    """Turns the parser's events into values. Events and a stack of its own, not `compose` and not recursion: the C
    composer recurses without a limit, and thirty thousand opening brackets would end the process."""

    def __init__(self, text: str, document: YamlDocument) -> None:
        self.text = text
        self.document = document
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.values = 0

    def path(self) -> KeyPath:
        """Where in the document reading is."""
        steps: list[str | int] = []
        for each in self.stack:
            if isinstance(each.value, list):
                steps.append(max(len(each.value) - 1, 0))
            elif each.key is not None:
                steps.append(each.key)
        return tuple(steps)

    def run(self, loader: Any) -> None:
        documents = 0
        while True:
            event = loader.get_event()
            if isinstance(event, yaml.StreamEndEvent) or event is None:
                return
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Stop("a second document begins here", event.start_mark.line + 1)
            elif isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, yaml.SequenceStartEvent):
                self.begin([], event)
            elif isinstance(event, yaml.MappingStartEvent):
                self.begin({}, event)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self.end(event)
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event)

    def begin(self, value: Any, event: Any) -> None:
        if self.is_key():
            raise _Stop("a list or an object is used as a key", event.start_mark.line + 1)
        if len(self.stack) >= DEEPEST_NESTING:
            raise _Stop(f"nested more than {DEEPEST_NESTING} deep", event.start_mark.line + 1)
        self.tag(event, ("seq", "map"))
        self.add(value, 1, event)
        self.stack.append(_Open(value, event.anchor, begins=event.start_mark.index))

    def end(self, event: Any) -> None:
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.value, done.size)
        if self.stack:
            self.stack[-1].size += done.size
            self.close_member(event)
        done.key = None

    def scalar(self, event: Any) -> None:
        if self.is_key():
            self.key(event.value, event)
            return
        self.tag(event, ("str", "int", "float", "bool", "null", "timestamp"))
        value = _typed(event.value) if event.style in (None, "") and event.implicit[0] else event.value
        self.add(value, 1, event)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        if self.stack:
            self.stack[-1].size += 1
            self.close_member(event)

    def alias(self, event: Any) -> None:
        found = self.anchors.get(event.anchor)
        if found is None:
            raise _Stop(f"*{event.anchor} has no finished &{event.anchor} before it", event.start_mark.line + 1)
        value, size = found
        if self.is_key():
            text = text_of(value)
            if text is None:
                raise _Stop("a list or an object is used as a key", event.start_mark.line + 1)
            self.key(text, event)
            return
        self.add(value, size, event)
        if self.stack:
            self.stack[-1].size += size
            self.close_member(event)

    def is_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def key(self, text: str, event: Any) -> None:
        holder = self.stack[-1]
        holder.key = text
        holder.is_repeat = text in holder.value
        holder.repeat_begins = event.start_mark.index
        self.count(1, event)

    def add(self, value: Any, size: int, event: Any) -> None:
        self.count(size, event)
        if not self.stack:
            self.document.value = value
            return
        holder = self.stack[-1]
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif not holder.is_repeat:
            holder.value[holder.key] = value

    def close_member(self, event: Any) -> None:
        holder = self.stack[-1]
        if isinstance(holder.value, dict):
            if holder.is_repeat:
                # Cut here: repeats within repeats would otherwise be copied once a level.
                end = min(event.end_mark.index, holder.repeat_begins + _RAW_TEXT_CHARACTERS)
                raw = self.text[holder.repeat_begins : end]
                reason = "the key appears a second time; the first value is kept"
                self.document.doubts.append(Doubt(self.path(), event.start_mark.line + 1, reason, raw))
                holder.is_repeat = False
            holder.key = None

    def count(self, values: int, event: Any) -> None:
        self.values += values
        if self.values > MOST_VALUES:
            raise _Stop(f"more than {MOST_VALUES} values, aliases counted", event.start_mark.line + 1)

    def tag(self, event: Any, known: tuple[str, ...]) -> None:
        tag = event.tag
        if tag is None or tag == "!" or tag.removeprefix("tag:yaml.org,2002:") in known:
            return
        reason = f"the tag {tag[:80]} is not understood; the value is kept without it"
        raw = self.text[event.start_mark.index : event.end_mark.index][:_RAW_TEXT_CHARACTERS]
        self.document.doubts.append(Doubt(self.path(), event.start_mark.line + 1, reason, raw))


def _typed(text: str) -> Any:
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.fullmatch(text):
        return 0 if text == "-0" else int(text)
    if _DECIMAL.fullmatch(text):
        number = float(text)
        return number if repr(number) == text else text
    return text
