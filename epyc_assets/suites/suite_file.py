"""Our YAML layout of questions: reads and writes it, and selects from it (docs/suites.md has the layout).

Belongs here: what a file of questions may say, with faults that name file, line and remedy. Does not belong here:
other people's layouts (`foreign_layouts`), whether the answers are right (`benchmark.question_validation`).
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from epyc_assets.suites.question import JSON, TIERS, Question, content_key
from epyc_assets.suites.yaml_text import KeyPath, YamlFault, YamlText, parse_yaml, read_yaml

SHIPPED_FOLDER = Path("data/suites")
"""Below the checkout: one file per suite, named after it."""
IMPORTED_FOLDER = Path("suites")
"""Below the data directory: what `epyc suites import` has read."""
NOT_A_SUITE = frozenset({"speed"})
"""Files in the shipped folder that are no suites: prompts that are not scored."""

DEFAULT_MAX_TOKENS = 1024
LARGEST_MAX_TOKENS = 100_000
FAULTS_SHOWN = 20

_TOP_KEYS = ("suite", "version", "description", "defaults", "questions")
_DEFAULT_KEYS = ("scorer", "scorer_config", "max_tokens")
_QUESTION_KEYS = ("id", "tier", "prompt", "expected", "scorer", "scorer_config", "max_tokens", "computed_by")
_SUITE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class SuiteFileFault(ValueError):
    """A file of questions that cannot be used; the message lists what is wrong with it, a line each."""


class TooFewQuestions(ValueError):
    """More questions were asked for than a file has."""


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """A question with its name in the file. computed_by: Python that works out the expected answer, or None."""

    name: str
    line: int
    question: Question
    computed_by: str | None = None


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """A file of questions, in the order of the file."""

    shown_as: str
    suite: str
    version: str
    description: str
    questions: tuple[FileQuestion, ...]


def shipped_suites(checkout: Path) -> dict[str, Path]:
    """Suite to its file in data/suites."""
    files = sorted((checkout / SHIPPED_FOLDER).glob("*.yaml"))
    return {path.stem: path for path in files if path.stem not in NOT_A_SUITE}


def imported_files(data_directory: Path) -> list[Path]:
    """The files that were imported, by name."""
    return sorted((data_directory / IMPORTED_FOLDER).glob("*.yaml"))


def read_suite_file(path: Path, *, source: str = "shipped", shown_as: str | None = None) -> SuiteFile:
    """The questions of a file. source: shipped or imported, kept with each question. Raises SuiteFileFault."""
    try:
        return suite_file_of(read_yaml(path, shown_as), source=source)
    except YamlFault as error:
        raise SuiteFileFault(str(error)) from error


def parse_suite_file(text: str, *, source: str = "shipped", shown_as: str = "text") -> SuiteFile:
    """As `read_suite_file`, for text already in memory."""
    try:
        return suite_file_of(parse_yaml(text, shown_as), source=source)
    except YamlFault as error:
        raise SuiteFileFault(str(error)) from error


def suite_file_of(document: YamlText, *, source: str) -> SuiteFile:
    """The questions of a parsed file. Raises SuiteFileFault with everything that is wrong with it."""
    reading = _Reading(document)
    found = reading.file(source)
    if reading.faults or found is None:
        shown = reading.faults[:FAULTS_SHOWN]
        more = len(reading.faults) - len(shown)
        raise SuiteFileFault("\n".join([*shown, *([f"and {more} more faults"] if more else [])]))
    return found


def select_questions(
    questions: Sequence[Question], count: int, *, seed: int, tiers: Sequence[int] = TIERS, named: str = "the file"
) -> list[Question]:
    """`count` of the questions, seeded, spread over tiers as they have questions; a smaller count gives a prefix.

    Raises TooFewQuestions, which says how many there are.
    """
    by_tier: dict[int, list[Question]] = defaultdict(list)
    for question in questions:
        if question.tier in tiers:
            by_tier[question.tier].append(question)
    there_are = sum(len(each) for each in by_tier.values())
    if count > there_are:
        of_tiers = "" if tuple(sorted(tiers)) == TIERS else f" of tiers {', '.join(map(str, sorted(tiers)))}"
        raise TooFewQuestions(
            f"{named} has {there_are} questions{of_tiers}, not the {count} asked for: ask for at most {there_are}."
        )
    # The k-th of a tier's n questions stands at (k + 1/2) / n, so that every prefix has each tier's share.
    placed = [
        ((place + 0.5) / len(each), tier, question)
        for tier, each in by_tier.items()
        for place, question in enumerate(sorted(each, key=lambda one: _drawn(one, seed)))
    ]
    return [question for _, _, question in sorted(placed, key=lambda entry: entry[:2])[:count]]


def _drawn(question: Question, seed: int) -> str:
    return hashlib.sha256(f"{seed}/{question.question_id}".encode()).hexdigest()


def suite_text(file: SuiteFile) -> str:
    """The file in our layout; reading it again gives the same questions."""
    entries: list[dict[str, Any]] = []
    for each in file.questions:
        question = each.question
        entry: dict[str, Any] = {
            "id": each.name,
            "tier": question.tier,
            "prompt": question.prompt,
            "expected": question.expected,
            "scorer": question.scorer,
        }
        if question.scorer_config:
            entry["scorer_config"] = _plain_copy(question.scorer_config)
        entry["max_tokens"] = question.max_tokens
        if each.computed_by is not None:
            entry["computed_by"] = each.computed_by
        entries.append(entry)
    content = {"suite": file.suite, "version": file.version, "description": file.description, "questions": entries}
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def write_suite_file(path: Path, file: SuiteFile) -> bool:
    """Writes the file at once or not at all; False when it is there already with the same text."""
    text = suite_text(file)
    if path.exists() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return True


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, every other text in quotes where YAML 1.1 would take it for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    block = "\n" in value and not any(line.endswith((" ", "\t")) for line in value.split("\n")) and "\t" not in value
    plain = value.isprintable() or "\n" in value
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block and plain else '"')


_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(
    dict,
    lambda dumper, value: yaml.MappingNode(
        "tag:yaml.org,2002:map",
        [
            (dumper.represent_scalar("tag:yaml.org,2002:str", str(key)), dumper.represent_data(each))
            for key, each in value.items()
        ],
        flow_style=False,
    ),
)


def _plain_copy(value: JSON) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain_copy(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain_copy(each) for each in value]
    return value


class _Reading:
    """One pass over a parsed file that collects faults."""

    def __init__(self, document: YamlText) -> None:
        self.document = document
        self.faults: list[str] = []

    def file(self, source: str) -> SuiteFile | None:
        value, document = self.document.value, self.document
        for each in document.repeated:
            self.faults.append(
                f"{document.shown_as}:{each.line}: the key {each.key!r} stands here a second time "
                f"(first in line {each.first_line}): keep one"
            )
        if not isinstance(value, Mapping):
            self._fault((), f"is not a mapping with {', '.join(_TOP_KEYS)}")
            return None
        self._unknown((), value, _TOP_KEYS)
        suite, version = self._text(("suite",), "a suite's name"), self._text(("version",), "a text such as 1")
        if suite and not _SUITE_NAME.fullmatch(suite):
            self._fault(("suite",), f"suite is {suite!r}: use small letters, digits and _, beginning with a letter")
        defaults = value.get("defaults")
        if defaults is None:
            defaults = {}
        if not isinstance(defaults, Mapping):
            self._fault(("defaults",), f"defaults is not a mapping with {', '.join(_DEFAULT_KEYS)}")
            defaults = {}
        self._unknown(("defaults",), defaults, _DEFAULT_KEYS)
        entries = value.get("questions")
        if not isinstance(entries, list) or not entries:
            self._fault(("questions",), "questions is not a list with at least one question")
            return None
        asked = _Asked(suite or "", f"{source}:{suite}", version or "")
        found = [self._question(("questions", place), entry, defaults, asked) for place, entry in enumerate(entries)]
        questions = [each for each in found if each is not None]
        names: dict[str, int] = {}
        for each in questions:
            if each.name in names:
                self.faults.append(
                    f"{document.shown_as}:{each.line}: question {each.name!r}: its id is that of the question in line "
                    f"{names[each.name]}: give each an id of its own"
                )
            names.setdefault(each.name, each.line)
        description = document.text(("description",)) or ""
        return SuiteFile(document.shown_as, suite or "", version or "", description.strip(), tuple(questions))

    def _question(self, path: KeyPath, entry: JSON, defaults: Mapping[str, JSON], asked: _Asked) -> FileQuestion | None:
        before = len(self.faults)
        if not isinstance(entry, Mapping):
            self._fault(path, f"is not a mapping with {', '.join(_QUESTION_KEYS)}")
            return None
        self._unknown(path, entry, _QUESTION_KEYS)
        name = self._text((*path, "id"), "a name that no other question has")
        if name is not None and not name.isprintable():
            self._fault((*path, "id"), "the id has line ends or invisible characters: use a short plain name")
        prompt = self._text((*path, "prompt"), "a text that is not empty")
        if (*path, "prompt") in self.document.cut_short:
            self._fault((*path, "prompt"), "the prompt is cut at ' #', which begins a comment: put it in quotes")
        tier = entry.get("tier")
        if isinstance(tier, bool) or not isinstance(tier, int) or tier not in TIERS:
            self._fault((*path, "tier"), f"tier is {tier!r}: it is 1 (easy), 2 or 3 (hard)")
        expected = self.document.text((*path, "expected"))
        if expected is None:
            if "expected" not in entry or entry["expected"] is not None:
                self._fault(
                    (*path, "expected"), 'expected is missing or no text: write the answer in quotes, "" for none'
                )
            expected = ""
        scorer = self.document.text((*path, "scorer")) or self.document.text(("defaults", "scorer"))
        if not scorer:
            self._fault(path, "names no scorer: give `scorer`, here or under defaults")
        config = self._config(path, entry, defaults, scorer)
        tokens = entry.get("max_tokens", defaults.get("max_tokens", DEFAULT_MAX_TOKENS))
        if isinstance(tokens, bool) or not isinstance(tokens, int) or not 1 <= tokens <= LARGEST_MAX_TOKENS:
            self._fault(
                (*path, "max_tokens"),
                f"max_tokens is {tokens!r}: it is a whole number from 1 to {LARGEST_MAX_TOKENS:,}",
            )
        computed_by = self.document.text((*path, "computed_by"))
        if "computed_by" in entry and not (computed_by or "").strip():
            self._fault((*path, "computed_by"), "computed_by is empty: write Python, or leave the key out")
        if len(self.faults) > before or name is None or prompt is None or scorer is None:
            return None
        assert isinstance(tokens, int)
        assert isinstance(tier, int)
        prompt, expected = prompt.strip(), expected.strip("\n")
        question = Question(
            question_id=content_key(asked.suite, prompt, expected, scorer, config),
            suite=asked.suite,
            tier=tier,
            prompt=prompt,
            expected=expected,
            scorer=scorer,
            scorer_config=config,
            max_tokens=tokens,
            source=asked.source,
            source_version=asked.version,
            seed=0,
            split="test",
        )
        return FileQuestion(name, self.document.line_of(path), question, computed_by)

    def _config(
        self, path: KeyPath, entry: Mapping[str, JSON], defaults: Mapping[str, JSON], scorer: str | None
    ) -> dict[str, JSON]:
        """The question's config over the default one, which is that of the default scorer alone."""
        own, shared = entry.get("scorer_config"), defaults.get("scorer_config")
        for place, config in (((*path, "scorer_config"), own), (("defaults", "scorer_config"), shared)):
            if config is not None and not isinstance(config, Mapping):
                self._fault(place, "scorer_config is not a mapping of the scorer's options")
            elif _not_finite(config):
                self._fault(place, "scorer_config holds a number that is not finite: write a finite one")
        merged: dict[str, JSON] = {}
        if isinstance(shared, Mapping) and scorer == self.document.text(("defaults", "scorer")):
            merged.update(shared)
        if isinstance(own, Mapping):
            merged.update(own)
        return merged

    def _text(self, path: KeyPath, wanted: str) -> str | None:
        text = self.document.text(path)
        if text is None or not text.strip():
            self._fault(path, f"{path[-1]} is missing or empty: give {wanted}")
            return None
        return text.strip()

    def _unknown(self, path: KeyPath, entry: Mapping[str, JSON], known: Sequence[str]) -> None:
        for key in entry:
            if key not in known:
                self._fault((*path, key), f"the key {key!r} is not known: the keys are {', '.join(known)}")

    def _fault(self, path: KeyPath, message: str) -> None:
        self.faults.append(f"{self.document.place(path)}: {self._question_name(path)}{message}")

    def _question_name(self, path: KeyPath) -> str:
        if len(path) < 2 or path[0] != "questions":
            return ""
        name = self.document.text((*path[:2], "id"))
        return f"question {name!r}: " if name else f"question {int(path[1]) + 1}: "


@dataclass(frozen=True, slots=True)
class _Asked:
    """What all questions of a file share."""

    suite: str
    source: str
    version: str


def _not_finite(value: JSON) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        return any(_not_finite(each) for each in value.values())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(_not_finite(each) for each in value)
