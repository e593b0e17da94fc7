"""Reads one YAML file of questions into plain values, with the line and the written text of every value.

Belongs here: everything that can be wrong before its meaning is looked at: not UTF-8, not YAML, tags, aliases
without end, keys that stand there twice, YAML 1.1's surprises (`no`, `12:30`, `010` and `2025-12-16` stay the texts
that somebody wrote). Does not belong here: what the keys mean (`suite_file`, `foreign_layouts`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from epyc_assets.suites.question import JSON

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list places from the top of a file down to a value."""

MOST_BYTES = 64 * 2**20
MOST_VALUES = 500_000
DEEPEST_NESTING = 50

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PREFIX = "tag:yaml.org,2002:"
_READ_AS_PLAIN = frozenset(
    f"{_PREFIX}{name}" for name in ("int", "float", "bool", "null", "timestamp", "value", "merge")
)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,1000})")
_COMMENT_AFTER = re.compile(r"[ \t]+#")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")


class YamlFault(ValueError):
    """A file that is no YAML of plain values; the message says where, why and what to do."""


@dataclass(frozen=True, slots=True)
class RepeatedKey:
    """A key that stands in one mapping twice: the later one, whose value is not in the document's value."""

    path: KeyPath
    line: int
    first_line: int
    value: JSON

    @property
    def key(self) -> str:
        """The key itself."""
        return str(self.path[-1]) if self.path else ""


@dataclass(slots=True)
class YamlText:
    """A file's plain value. lines: where each value stands. texts: each scalar as written, except null. cut_short:
    texts without quotes that a comment follows on their line, which may be the rest of what somebody meant."""

    shown_as: str
    value: JSON = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    texts: dict[KeyPath, str] = field(default_factory=dict)
    repeated: list[RepeatedKey] = field(default_factory=list)
    cut_short: set[KeyPath] = field(default_factory=set)
    written: str = ""

    def line_of(self, path: KeyPath) -> int:
        """Line of a value, or of the nearest one around it that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def text(self, path: KeyPath) -> str | None:
        """A scalar as it was written (`010`, `no`, `1.50`); None for null, a list, a mapping or nothing."""
        return self.texts.get(path)

    def place(self, path: KeyPath) -> str:
        """File and line, for messages."""
        return f"{self.shown_as}:{self.line_of(path)}"


def read_yaml(path: Path, shown_as: str | None = None) -> YamlText:
    """The value of a YAML file. Raises YamlFault."""
    shown_as = shown_as or str(path)
    try:
        if path.is_dir():
            raise YamlFault(f"{shown_as}: is a folder: name a YAML file")
        size_bytes = path.stat().st_size
        if size_bytes > MOST_BYTES:
            raise YamlFault(f"{shown_as}: has {size_bytes:,} bytes; at most {MOST_BYTES:,} are read: divide the file")
        raw = path.read_bytes()
    except OSError as error:
        raise YamlFault(f"{shown_as}: cannot be read: {error.strerror or error}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise YamlFault(
            f"{shown_as}:{line}: is not UTF-8 text (byte 0x{raw[error.start]:02x} at offset {error.start}): "
            "save the file as UTF-8"
        ) from error
    return parse_yaml(text, shown_as)


def parse_yaml(text: str, shown_as: str) -> YamlText:
    """As `read_yaml`, for text already in memory."""
    document = YamlText(shown_as)
    try:
        _require_shallow(text, shown_as)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        said = " ".join(str(getattr(error, "problem", None) or error).split())
        raise YamlFault(f"{shown_as}{line}: is not YAML: {said}") from error
    except YamlFault:
        raise
    except (RecursionError, ValueError) as error:
        raise YamlFault(f"{shown_as}: is not YAML that can be read: {type(error).__name__}: {error}") from error
    if node is None:
        return document
    _require_bounded(node, shown_as)
    document.written = text
    document.value = _plain(node, (), document)
    document.written = ""
    return document


def _require_shallow(text: str, shown_as: str) -> None:
    """Refuses deep nesting from the stream of events: composing it would overflow the stack of the C library."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST_NESTING:
                line = event.start_mark.line + 1
                raise YamlFault(f"{shown_as}:{line}: is nested more than {DEEPEST_NESTING} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _require_bounded(top: yaml.Node, shown_as: str) -> None:
    """Refuses what would grow without end when its aliases are written out, and what is nested too deeply."""
    sizes: dict[int, tuple[int, int]] = {}
    inside: set[int] = set()

    def measured(node: yaml.Node, depth: int) -> tuple[int, int]:
        """Values below a node with aliases written out, and its height."""
        known = sizes.get(id(node))
        if known is not None:
            if depth + known[1] > DEEPEST_NESTING:
                raise _too_deep(node, shown_as)
            return known
        if id(node) in inside:
            raise YamlFault(f"{shown_as}:{_line(node)}: an alias contains itself: write the value out")
        if depth > DEEPEST_NESTING:
            raise _too_deep(node, shown_as)
        inside.add(id(node))
        size, height = 1, 0
        for child in _children(node):
            child_size, child_height = measured(child, depth + 1)
            size, height = size + child_size, max(height, child_height + 1)
        inside.discard(id(node))
        if size > MOST_VALUES:
            raise YamlFault(
                f"{shown_as}:{_line(node)}: has more than {MOST_VALUES:,} values (aliases written out): "
                "write fewer, or divide the file"
            )
        sizes[id(node)] = (size, height)
        return size, height

    measured(top, 0)


def _too_deep(node: yaml.Node, shown_as: str) -> YamlFault:
    return YamlFault(f"{shown_as}:{_line(node)}: is nested more than {DEEPEST_NESTING} levels deep")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _plain(node: yaml.Node, path: KeyPath, document: YamlText) -> JSON:
    document.lines.setdefault(path, _line(node))
    if isinstance(node, yaml.ScalarNode):
        value = _scalar(node, document)
        if value is not None:
            document.texts[path] = node.value
        if not node.style and _COMMENT_AFTER.match(document.written, node.end_mark.index):
            document.cut_short.add(path)
        return value
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_PREFIX}seq":
        return [_plain(child, (*path, place), document) for place, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_PREFIX}map":
        return _mapping(node, path, document)
    raise _unknown_tag(node, document)


def _mapping(node: yaml.MappingNode, path: KeyPath, document: YamlText) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    first_lines: dict[str, int] = {}
    merged: list[yaml.Node] = []
    for key_node, value_node in node.value:
        if key_node.tag == f"{_PREFIX}merge":
            merged.extend(value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node])
            continue
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlFault(f"{document.shown_as}:{_line(key_node)}: a key is a list or a mapping: use a text")
        key = key_node.value
        below = (*path, key)
        if key in first_lines:
            aside = YamlText(document.shown_as)
            document.repeated.append(
                RepeatedKey(below, _line(key_node), first_lines[key], _plain(value_node, below, aside))
            )
            continue
        first_lines[key] = _line(key_node)
        document.lines[below] = _line(key_node)
        found[key] = _plain(value_node, below, document)
    for each in merged:
        if not isinstance(each, yaml.MappingNode):
            raise YamlFault(f"{document.shown_as}:{_line(each)}: '<<' merges mappings only: write the keys out")
        aside = YamlText(document.shown_as)
        for key, value in _mapping(each, path, aside).items():
            if key not in found:
                found[key] = value
                inner = {place: text for place, text in aside.texts.items() if place[: len(path) + 1] == (*path, key)}
                document.texts.update(inner)
                document.lines.setdefault((*path, key), _line(each))
    return found


def _scalar(node: yaml.ScalarNode, document: YamlText) -> JSON:
    if _SURROGATE.search(node.value):
        raise YamlFault(f"{document.shown_as}:{_line(node)}: holds half a character (a lone surrogate): write it whole")
    if node.tag == f"{_PREFIX}str":
        # YAML 1.1 takes 1e5 for a text; 1.2 and everybody else for a number.
        plain = not node.style and _FLOAT.fullmatch(node.value)
        return float(node.value) if plain else node.value
    if node.tag not in _READ_AS_PLAIN:
        raise _unknown_tag(node, document)
    text = node.value
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _unknown_tag(node: yaml.Node, document: YamlText) -> YamlFault:
    return YamlFault(f"{document.shown_as}:{_line(node)}: the tag {node.tag!r} is not read: write a plain value")


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
