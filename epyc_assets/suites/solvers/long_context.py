"""Answers the long-context questions from their prompts alone: patterns over the text, no word from the generator.

Belongs here: finding the question's sentences or lines in the text. Does not belong here: anything imported from the
generators.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime

_FRAME = re.compile(r"--- text ---\n(.*)\n--- end of text ---\n\nQuestion: (.*)", re.DOTALL)
_CODE = r"[a-z]+-\d{4}"


def _code(text: str, question: str) -> str | None:
    building, town = re.findall(r"access code of the ([a-z ]+) in ([A-Z][A-Za-z ]+)\?", question)[0]
    found = set()
    for sentence in re.split(r"(?<=\.)\s", text):
        if "access code" in sentence and f"the {building}" in sentence and re.search(rf"\b{town}\b", sentence):
            found.update(re.findall(rf"{_CODE}(?=\.)", sentence))
    if len(found) > 1:
        return None
    return found.pop() if found else "NONE"


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%d %B %Y").replace(tzinfo=UTC)


def _latest(text: str, question: str) -> str:
    building, town = re.findall(r"did the ([a-z ]+) in ([A-Z][A-Za-z ]+) have", question)[0]
    changes = re.findall(
        rf"On (\d+ [A-Z][a-z]+ \d{{4}}) the access code of the {building} in {town} was changed to ({_CODE})", text
    )
    return max(changes, key=lambda change: _day(change[0]))[1]


def _hops(text: str, question: str) -> str:
    crate = re.findall(r"the ([a-z]+) crate", question)[0]
    (person,) = re.findall(rf"The {crate} crate was handed to (\w+)\.", text)
    (inn,) = re.findall(rf"\b{person} lodges at the (\w+) Inn\.", text)
    if "hook" not in question:
        return inn
    (hook,) = re.findall(rf"key of the {inn} Inn hangs on hook (\d+)\.", text)
    return hook


def _sacks(text: str, question: str) -> str:
    cargo, town = re.findall(r"sacks of ([a-z ]+) were delivered to ([A-Z][A-Za-z ]+) altogether", question)[0]
    return str(sum(map(int, re.findall(rf"delivered (\d+) sacks of {cargo} to {town}\.", text))))


def _inspectors(text: str, question: str) -> str:
    building, town = re.findall(r"inspected the ([a-z ]+) in ([A-Z][A-Za-z ]+), according", question)[0]
    return str(len(set(re.findall(rf"(\w+) inspected the {building} in {town} ", text))))


def _order(text: str, question: str) -> str:
    town = re.findall(r"These things happened in ([A-Z][A-Za-z ]+):", question)[0]
    dated = []
    for letter, event in re.findall(r"^([A-H]): (.+)$", question, re.MULTILINE):
        (day,) = re.findall(rf"In {town}, {re.escape(event)} on (\d+ [A-Z][a-z]+ \d{{4}})\.", text)
        dated.append((_day(day), letter))
    return ", ".join(letter for _, letter in sorted(dated))


def _constant(text: str, question: str) -> str:
    """Parses the source as Python."""
    values: dict[str, str | int] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            values[node.targets[0].id] = value.id if isinstance(value, ast.Name) else ast.literal_eval(value)
    found: str | int = re.findall(r"does ([A-Z_]+) stand", question)[0]
    while isinstance(found, str):
        found = values[found]
    return str(found)


def _callers(text: str, question: str) -> str:
    target = re.findall(r"call (\w+)\?", question)[0]
    found = 0
    for function in ast.parse(text).body:
        if isinstance(function, ast.FunctionDef):
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            found += any(isinstance(called, ast.Name) and called.id == target for called in calls)
    return str(found)


def _log(text: str, question: str) -> str | None:
    pattern = r"^\S+ \w+ (\S+) (\w+): request=(\S+) status=(\d+) duration_ms=(\d+)$"
    lines = re.findall(pattern, text, re.MULTILINE)
    if request := re.search(r"of the request ([A-Z]+-\d+)\?", question):
        found = [line[4] for line in lines if line[2] == request[1]]
    elif wanted := re.search(r"on the host (\S+) with status (\d+) in the service (\w+)", question):
        found = [line[2] for line in lines if (line[0], line[3], line[1]) == wanted.groups()]
    elif wanted := re.search(r"with status (\d+) on the host (\S+)\?", question):
        hits = [line for line in lines if (line[3], line[0]) == wanted.groups()]
        return str(len({line[1] for line in hits}) if "different services" in question else len(hits))
    else:
        return None
    return found[0] if len(found) == 1 else None


def _table(text: str, question: str) -> str | None:
    rows = list(csv.DictReader(text.splitlines()))
    if wanted := re.search(r"of the item ([A-Z]+-\d+)\?", question):
        found = [row["price_cents"] for row in rows if row["item"] == wanted[1]]
        return found[0] if len(found) == 1 else None
    if wanted := re.search(r"in the warehouse (\w+) has exactly (\d+) units", question):
        found = [row["item"] for row in rows if (row["warehouse"], row["units"]) == wanted.groups()]
        return found[0] if len(found) == 1 else None
    wanted = re.search(r"category (\w+) are there(?: in the warehouse (\w+))? altogether", question)
    if wanted is None:
        return None
    return str(
        sum(int(row["units"]) for row in rows if row["category"] == wanted[1] and wanted[2] in (None, row["warehouse"]))
    )


_BY_MARK: tuple[tuple[str, Callable[[str, str], str | None]], ...] = (
    ("what is the access code", _code),
    ("most recent of the changes", _latest),
    ("crate", _hops),
    ("sacks of", _sacks),
    ("different people inspected", _inspectors),
    ("In which order", _order),
    ("stand for", _constant),
    ("functions in it call", _callers),
    ("request", _log),
    ("different services", _log),
    ("item", _table),
    ("units of the category", _table),
)


def solve(prompt: str) -> str | None:
    """The answer computed from the prompt's text; None for a prompt of no known kind."""
    parts = _FRAME.search(prompt)
    if parts is None:
        return None
    for mark, solver in _BY_MARK:
        if mark in parts[2]:
            return solver(parts[1], parts[2])
    return None
