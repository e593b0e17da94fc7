"""Reads one YAML file of the registry into plain values, with the line of every key.

What belongs here: everything that can be wrong with a file before its meaning is looked at: missing, not
UTF-8, not YAML, duplicate keys, keys that are not text, YAML 1.1's surprises (`12:30` is 750), tags,
aliases without end. What does not: what the keys mean (`loading`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from epyc_assets.registry.faults import Fault, KeyPath, shown_path

MOST_BYTES = 16 * 2**20
MOST_VALUES = 300_000
DEEPEST_NESTING = 50

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PREFIX = "tag:yaml.org,2002:"
_PLAIN_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)")
_UNREADABLE: Any = object()
_RESOLVER = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


@dataclass
class Document:
    """A file's plain value, the line of each key path, and what was wrong with it."""

    shown_as: str
    value: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line_of(self, path: KeyPath) -> int | None:
        """Line of the key path, or of the nearest enclosing key that the file has."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


def read_document(path: Path, shown_as: str) -> Document:
    """Read a YAML file. Never raises for what the file holds: see `faults` of the result."""
    document = Document(shown_as)
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MOST_BYTES:
            raise OSError(f"it has {size_bytes} bytes; a registry file has at most {MOST_BYTES}")
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        document.faults.append(Fault(shown_as, "", f"cannot be read: {reason}"))
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        document.faults.append(
            Fault(
                shown_as,
                "",
                f"is not UTF-8 text: byte 0x{raw[error.start]:02x} at offset {error.start}; save the file as UTF-8",
                line,
            )
        )
        return document
    return parse_document(text, shown_as)


def parse_document(text: str, shown_as: str) -> Document:
    """As `read_document`, for text already in memory."""
    document = Document(shown_as)
    loader = None
    try:
        loader = _Loader(text)
        reader = _EventReader(loader, document)
        value = reader.read_stream()
        document.value = None if value is _UNREADABLE else value
    except _GaveUp:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else None
        document.faults.append(Fault(shown_as, "", f"is not valid YAML: {said}", line))
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())[:300]
        document.faults.append(Fault(shown_as, "", f"is not valid YAML: {said}"))
    finally:
        if loader is not None:
            loader.dispose()
    return document


class _GaveUp(Exception):
    """Raised inside this module once going on makes no sense."""


class _EventReader:
    """Turns the parser's events into values, noting lines and faults.

    Events and not `compose`: the C composer recurses without a limit, and a file of thirty thousand
    opening brackets would end the whole process.
    """

    def __init__(self, loader: Any, document: Document) -> None:
        self.loader = loader
        self.document = document
        self.values_read = 0
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open_anchors: set[str] = set()

    def fault(self, path: KeyPath, problem: str, event: Any) -> Any:
        line = event.start_mark.line + 1
        self.document.faults.append(Fault(self.document.shown_as, shown_path(path), problem, line))
        return _UNREADABLE

    def read_stream(self) -> Any:
        self.loader.get_event()
        if isinstance(self.loader.peek_event(), yaml.StreamEndEvent):
            return {}
        self.loader.get_event()
        value = self.value(self.loader.get_event(), ())
        self.loader.get_event()
        following = self.loader.get_event()
        if not isinstance(following, yaml.StreamEndEvent):
            self.fault((), "holds a second document (after `---`): put it into a file of its own", following)
        return value

    def value(self, event: Any, path: KeyPath) -> Any:
        self.count(1, event, path)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        if len(path) > DEEPEST_NESTING:
            self.fault(path[:3], "is nested too deeply to be part of a registry", event)
            raise _GaveUp
        before, anchor = self.values_read, event.anchor
        if anchor:
            self.open_anchors.add(anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(event, path)
        else:
            value = self.mapping(event, path)
        if anchor:
            self.open_anchors.discard(anchor)
            self.anchors[anchor] = (value, self.values_read - before + 1)
        return value

    def count(self, values: int, event: Any, path: KeyPath) -> None:
        self.values_read += values
        if self.values_read > MOST_VALUES:
            self.fault(path, f"the file holds more than {MOST_VALUES} values (aliases counted)", event)
            raise _GaveUp

    def alias(self, event: Any, path: KeyPath) -> Any:
        if event.anchor in self.open_anchors:
            return self.fault(path, f"*{event.anchor} is an alias of something that contains it", event)
        if event.anchor not in self.anchors:
            return self.fault(path, f"*{event.anchor} has no &{event.anchor} before it", event)
        value, values = self.anchors[event.anchor]
        self.count(values, event, path)
        return value

    def sequence(self, event: Any, path: KeyPath) -> Any:
        supported = event.tag in (None, "!", _PREFIX + "seq")
        if not supported:
            self.fault(path, f"the YAML tag {_shown_tag(event.tag)} is not supported: remove it", event)
        values = []
        index = 0
        while not isinstance(child := self.loader.get_event(), yaml.SequenceEndEvent):
            child_path = (*path, index)
            self.document.lines[child_path] = child.start_mark.line + 1
            value = self.value(child, child_path)
            if value is not _UNREADABLE:
                values.append(value)
            index += 1
        return values if supported else _UNREADABLE

    def mapping(self, event: Any, path: KeyPath) -> Any:
        supported = event.tag in (None, "!", _PREFIX + "map")
        if not supported:
            self.fault(path, f"the YAML tag {_shown_tag(event.tag)} is not supported: remove it", event)
        values: dict[str, Any] = {}
        first_lines: dict[str, int] = {}
        while not isinstance(key_event := self.loader.get_event(), yaml.MappingEndEvent):
            key = self.key(key_event, path)
            child_path = path if key is None else (*path, key)
            if key is not None:
                line = key_event.start_mark.line + 1
                if key in first_lines:
                    problem = f"the key appears twice (first on line {first_lines[key]}): keep one"
                    self.fault(child_path, problem, key_event)
                    key = None
                else:
                    first_lines[key] = line
                    self.document.lines[child_path] = line
            # A value under an unusable key is still read, so that its own faults are told as well.
            value = self.value(self.loader.get_event(), child_path if key is not None else (*path, "?"))
            if key is not None and value is not _UNREADABLE:
                values[key] = value
        return values if supported else _UNREADABLE

    def key(self, event: Any, path: KeyPath) -> str | None:
        if isinstance(event, yaml.AliasEvent):
            self.fault(path, f"an alias (*{event.anchor}) cannot be a key", event)
            return None
        if not isinstance(event, yaml.ScalarEvent):
            self.fault(path, "a list or a table cannot be a key", event)
            self.value(event, (*path, "?"))
            return None
        tag = _scalar_tag(event)
        if tag == _PREFIX + "str":
            return event.value
        if tag == _PREFIX + "merge":
            self.fault(path, "merge keys (<<) are not supported: write the values out", event)
            return None
        kind = tag.removeprefix(_PREFIX)
        said = "nothing" if kind == "null" else _KINDS.get(kind, f"a value of type {kind}")
        quoted = f'put it in quotes ("{event.value}")'
        self.fault(path, f"the key `{event.value}` is read by YAML as {said}: {quoted}", event)
        return None

    def scalar(self, event: Any, path: KeyPath) -> Any:
        text = event.value
        full_tag = _scalar_tag(event)
        tag = full_tag.removeprefix(_PREFIX)
        if tag == "str":
            return text
        if tag == "null":
            return None
        node = yaml.ScalarNode(full_tag, text)
        try:
            if tag == "bool":
                return _CONSTRUCTOR.construct_yaml_bool(node)
            if tag == "int" and _PLAIN_INTEGER.fullmatch(text):
                return _CONSTRUCTOR.construct_yaml_int(node)
            if tag == "float" and ":" not in text:
                return _CONSTRUCTOR.construct_yaml_float(node)
            if tag == "timestamp":
                return _CONSTRUCTOR.construct_yaml_timestamp(node)
            if tag in ("int", "float"):
                construct = getattr(_CONSTRUCTOR, f"construct_yaml_{tag}")
                return self.fault(
                    path,
                    f"`{text}` is read by YAML as the number {construct(node)}: "
                    "write the number plainly, or put the text in quotes",
                    event,
                )
        except (ValueError, OverflowError, AttributeError, KeyError, IndexError, TypeError) as error:
            said = " ".join(str(error).split())[:120]
            return self.fault(path, f"`{text[:60]}` cannot be read as {_KINDS.get(tag, tag)}: {said}", event)
        return self.fault(path, f"the YAML tag {_shown_tag(full_tag)} is not supported: remove it", event)


_KINDS = {"bool": "yes or no", "int": "a number", "float": "a number", "timestamp": "a date"}


def _scalar_tag(event: Any) -> str:
    if event.tag is None or event.tag == "!":
        if event.implicit[0] and event.tag is None:
            return str(_RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False)))
        return _PREFIX + "str"
    return str(event.tag)


def _shown_tag(tag: str) -> str:
    return "!!" + tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else tag
