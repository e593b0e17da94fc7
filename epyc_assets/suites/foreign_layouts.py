"""Reads two foreign YAML layouts of questions, and our own, for `epyc suites import`.

Belongs here: telling the layouts apart, and turning each of their questions into one of ours or a reject with its
reason; none is dropped. Does not belong here: what a scoring method becomes (`foreign_scorers`), our own layout
(`suite_file`).

Layout `questions_list`: `questions` is a list of {id, tier, prompt, expected, scoring_method, scoring_config, ...},
with defaults under `scoring_default: {method, config}`, or `scoring_method` and `scoring_config`, at the top.
Layout `prompts_map`: `prompts` maps names to {tier, name, prompt, expected, reference_answer, scoring, ...}, where
`scoring` is a weighted rubric; they need a judge. Questions whose context or picture is made elsewhere are rejected.
In both, `inference_params: {max_tokens}` at the top holds for all questions.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from epyc_assets.suites.foreign_scorers import Mapped, NoEquivalent, mapped_scorer
from epyc_assets.suites.question import JSON, TIERS, Question, content_key
from epyc_assets.suites.suite_file import FileQuestion, SuiteFile, SuiteFileFault, suite_file_of
from epyc_assets.suites.yaml_text import KeyPath, YamlFault, YamlText, read_yaml

LAYOUTS = ("questions_list", "prompts_map", "own")
MIDDLE_TIER = 2
MAX_TOKENS = 2048
"""Of imported questions whose files do not say how long an answer may be."""
_RAW_CHARACTERS = 4000
_LIST_KEYS = (
    *("id", "tier", "prompt", "expected", "scoring_method", "scoring_config", "category", "mode_advantage"),
    *("tags", "difficulty", "source", "notes", "name", "description", "image_path", "max_tokens"),
)
_MAP_KEYS = (
    *("tier", "name", "prompt", "expected", "reference_answer", "scoring", "auto_score", "description", "notes"),
    *("context_tokens", "context_type", "needle", "needle_position", "image_path", "max_tokens"),
)
_TOP_KEYS = (
    *("suite", "domain", "version", "questions", "prompts", "scoring_default", "scoring_method", "scoring_config"),
    *("name", "title", "description", "note", "notes", "created", "updated", "author", "authors", "source", "sources"),
    *("category", "tags", "license", "licence", "url", "inference_params"),
)
_CHANGES_THE_QUESTION = frozenset(
    ("attachments", "choices", "context", "contexts", "documents", "files", "image", "images", "input", "inputs")
) | frozenset(("messages", "options", "passage", "system", "system_prompt", "tools"))


@dataclass(frozen=True, slots=True)
class ImportReject:
    """A question, or a whole file, that cannot be used: where it stands, why, and its text."""

    source: str
    location: str
    reason: str
    raw_text: str


@dataclass(slots=True)
class ImportedSuite:
    """What one file came to. methods: "their method -> our scorer" of each question; notes: what is said otherwise."""

    source: str
    layout: str | None = None
    file: SuiteFile | None = None
    rejects: list[ImportReject] = field(default_factory=list)
    methods: dict[str, str] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    entries: int = 0
    """Questions that the file holds, in any state."""


def import_file(path: Path, shown_as: str | None = None) -> ImportedSuite:
    """The questions of a file in any of the layouts. Never raises for what the file holds: that is a reject."""
    source = shown_as or str(path)
    found = ImportedSuite(source)
    try:
        document = read_yaml(path, source)
        if _is_own(document.value):
            found.layout = "own"
            found.file = suite_file_of(document, source="imported")
            found.entries = len(found.file.questions)
            found.methods = {
                each.name: f"{each.question.scorer} -> {each.question.scorer}" for each in found.file.questions
            }
            return found
        _Importing(document, path, found).run()
    except (YamlFault, SuiteFileFault) as error:
        # Of a file in our own layout a fault is a fault of the file: its author repairs it.
        found.rejects.append(ImportReject(source, "whole file", str(error), ""))
    return found


def _is_own(value: JSON) -> bool:
    if not isinstance(value, Mapping) or "prompts" in value or "scoring_default" in value or "scoring_method" in value:
        return False
    entries = value.get("questions")
    if not isinstance(entries, list):
        return False
    foreign = ("scoring_method", "scoring_config")
    if any(key in entry for entry in entries if isinstance(entry, Mapping) for key in foreign):
        return False
    return "defaults" in value or any("scorer" in entry for entry in entries if isinstance(entry, Mapping))


class _Importing:
    """One pass over a foreign file."""

    def __init__(self, document: YamlText, path: Path, found: ImportedSuite) -> None:
        self.document, self.found, self.path = document, found, path
        self.questions: list[FileQuestion] = []
        self.names: dict[str, int] = {}
        self.suite = self.version = ""
        self.tokens: JSON = MAX_TOKENS
        self.of_all: list[str] = []
        """Notes on the file, and so on each of its questions."""

    def run(self) -> None:
        top = self.document.value
        if not isinstance(top, Mapping):
            raise YamlFault(f"{self.found.source}: is not a mapping with `questions` (a list) or `prompts` (a mapping)")
        named = self.document.text(("suite",)) or self.document.text(("domain",)) or self.path.stem
        self.suite = re.sub(r"[^a-z0-9_]+", "_", named.lower()).strip("_0123456789")[:64] or "imported"
        if self.suite != named:
            self.of_all.append(f"suite {named!r} is called {self.suite} here")
        self.version = self.document.text(("version",)) or "1"
        self._top_keys(top)
        prompts, questions = top.get("prompts"), top.get("questions")
        if isinstance(questions, list):
            self.found.layout = "questions_list"
            self._questions(questions, self._default_scoring(top))
        if isinstance(prompts, Mapping):  # beside a list of questions too
            self.found.layout = "prompts_map"
            self._prompts(prompts)
        if self.found.layout is None:
            raise YamlFault(
                f"{self.found.source}: has neither `questions` (a list) nor `prompts` (a mapping of questions): "
                f"its keys are {', '.join(list(top)[:12]) or 'none'}"
            )
        if not self.found.entries:
            raise YamlFault(f"{self.found.source}: has no questions in it")
        self._repeated_keys()
        self.found.notes.update(dict.fromkeys(self.of_all, len(self.questions)))
        if self.questions:
            description = self.document.text(("description",)) or ""
            self.found.file = SuiteFile(
                self.found.source, self.suite, self.version, description.strip(), tuple(self.questions)
            )

    def _top_keys(self, top: Mapping[str, JSON]) -> None:
        """Says what is not read of the file's own keys. Raises YamlFault for one that is part of every question."""
        for key in sorted(set(top) - set(_TOP_KEYS)):
            if key in _CHANGES_THE_QUESTION:
                raise YamlFault(
                    f"{self.found.source}:{self.document.line_of((key,))}: has the key {key!r} at the top, which is "
                    "part of what is asked and not read here: write it into each prompt"
                )
            self.of_all.append(f"the key {key!r} at the top left out: it is not known here")
        params = top.get("inference_params")
        if isinstance(params, Mapping):
            self.tokens = params.get("max_tokens", MAX_TOKENS)
            for key in sorted(set(params) - {"max_tokens"}):
                self.of_all.append(f"{key} of inference_params left out: a sweep says how models are run")

    def _default_scoring(self, top: Mapping[str, JSON]) -> tuple[str | None, Mapping[str, JSON]]:
        default = top.get("scoring_default")
        if default is None:
            method, config = top.get("scoring_method"), top.get("scoring_config")
        elif isinstance(default, Mapping):
            method, config = default.get("method"), default.get("config")
        else:
            method, config = default, None
        if (method is not None and not isinstance(method, str)) or not isinstance(config, Mapping | None):
            raise YamlFault(
                f"{self.found.source}: the default scoring is no method (a text) with a config (a mapping): "
                f"{default if default is not None else method!r}"
            )
        return method, config or {}

    def _questions(self, entries: list[JSON], default: tuple[str | None, Mapping[str, JSON]]) -> None:
        for place, entry in enumerate(entries):
            path: KeyPath = ("questions", place)
            name = self.document.text((*path, "id")) or f"question_{place + 1}"
            self._take(path, name, entry, _LIST_KEYS, lambda each, at: self._listed_scorer(each, at, default))

    def _prompts(self, entries: Mapping[str, JSON]) -> None:
        for name, entry in entries.items():
            self._take(("prompts", name), name, entry, _MAP_KEYS, self._rubric)

    def _take(self, path: KeyPath, name: str, entry: JSON, known: tuple[str, ...], scorer_of) -> None:
        self.found.entries += 1
        try:
            if not isinstance(entry, Mapping):
                raise NoEquivalent("is not a mapping with a prompt")
            self._question(path, name, entry, known, scorer_of(entry, path))
        except NoEquivalent as error:
            raw = json.dumps(entry, ensure_ascii=False, indent=1)[:_RAW_CHARACTERS]
            self.found.rejects.append(ImportReject(self.found.source, self._location(path, name), str(error), raw))

    def _question(
        self, path: KeyPath, name: str, entry: Mapping[str, JSON], known: tuple[str, ...], mapped: tuple[str, Mapped]
    ) -> None:
        method, said = mapped
        notes = list(said.notes)
        for key in sorted(set(entry) - set(known)):
            if key in _CHANGES_THE_QUESTION:
                raise NoEquivalent(f"has the key {key!r}, which is part of what is asked and not read here")
            notes.append(f"the key {key!r} left out: it is not known here")
        repeated = [each for each in self.document.repeated if each.path[: len(path)] == path and each.path != path]
        if repeated:
            each = repeated[0]
            raise NoEquivalent(
                f"the key {each.key!r} stands there twice (lines {each.first_line} and {each.line}): which counts?"
            )
        prompt = self.document.text((*path, "prompt"))
        if prompt is None or not prompt.strip():
            raise NoEquivalent("has no prompt, or one that is no text")
        if entry.get("image_path") is not None:
            raise NoEquivalent(f"needs the picture {entry['image_path']!r}, which is not part of the file")
        context = entry.get("context_tokens") or entry.get("context_type") or entry.get("needle")
        if context is not None:
            raise NoEquivalent(
                f"its context ({entry.get('context_tokens', 'some')} tokens of {entry.get('context_type', 'text')}) is "
                "made by a program that is not part of the file, and without it the prompt cannot be answered"
            )
        tier = entry.get("tier")
        if tier is None:
            tier = MIDDLE_TIER
            notes.append(f"no tier given: {MIDDLE_TIER}")
        if isinstance(tier, bool) or tier not in TIERS or not isinstance(tier, int):
            raise NoEquivalent(f"its tier is {tier!r}, not 1, 2 or 3")
        if isinstance(entry.get("expected"), Mapping | list):
            raise NoEquivalent("its expected answer is a list or a mapping, not a text")
        expected = (self.document.text((*path, "expected")) or "").strip("\n")
        if not expected.strip() and said.scorer in ("exact_match", "multiple_choice", "f1", "substring"):
            raise NoEquivalent(f"has no expected answer, which {said.scorer} compares with")
        tokens = entry.get("max_tokens", self.tokens)
        if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 1:
            raise NoEquivalent(f"its max_tokens is {tokens!r}, not a whole number above zero")
        if name in self.names:
            raise NoEquivalent(f"its name {name!r} is that of the question in line {self.names[name]}")
        self.names[name] = self.document.line_of(path)
        question = Question(
            question_id=content_key(self.suite, prompt.strip(), expected, said.scorer, said.config),
            suite=self.suite,
            tier=tier,
            prompt=prompt.strip(),
            expected=expected,
            scorer=said.scorer,
            scorer_config=said.config,
            max_tokens=tokens,
            source=f"imported:{self.suite}",
            source_version=self.version,
            seed=0,
            split="test",
        )
        self.questions.append(FileQuestion(name, self.document.line_of(path), question))
        self.found.methods[name] = f"{method} -> {said.scorer}"
        self.found.notes.update(notes)

    def _listed_scorer(
        self, entry: Mapping[str, JSON], path: KeyPath, default: tuple[str | None, Mapping[str, JSON]]
    ) -> tuple[str, Mapped]:
        method, own = entry.get("scoring_method", default[0]), entry.get("scoring_config")
        if not isinstance(method, str):
            raise NoEquivalent("names no scoring method, and neither does the file")
        if not isinstance(own, Mapping | None):
            raise NoEquivalent(f"its scoring_config is {own!r}, not a mapping")
        # The file's default config is that of its default method alone.
        shared = default[1] if method == default[0] else {}
        config = {**shared, **(own or {})}
        verifier = config.get("verifier")
        return (f"{method}:{verifier}" if verifier is not None else method), mapped_scorer(method, config)

    def _rubric(self, entry: Mapping[str, JSON], path: KeyPath) -> tuple[str, Mapped]:
        rubric = entry.get("scoring")
        if not isinstance(rubric, list) or not rubric:
            raise NoEquivalent("has no rubric under `scoring` (a list of criteria with weights)")
        for each in rubric:
            weight = each.get("weight") if isinstance(each, Mapping) else None
            if (
                not isinstance(each, Mapping)
                or not isinstance(each.get("criterion"), str)
                or isinstance(weight, bool)
                or not isinstance(weight, int | float)
            ):
                raise NoEquivalent(f"its rubric holds {each!r}, not a criterion (a text) with a weight (a number)")
        config: dict[str, JSON] = {"criteria": rubric}
        reference = self.document.text((*path, "reference_answer"))
        if reference:
            config["reference_answer"] = reference.strip()
        if entry.get("auto_score") is not None:
            config["auto_score"] = entry["auto_score"]
        return "rubric", mapped_scorer("rubric", config)

    def _repeated_keys(self) -> None:
        """What a key that stands there twice has the second time is a reject; within a question it is that question."""
        for each in self.document.repeated:
            raw = json.dumps(each.value, ensure_ascii=False)[:_RAW_CHARACTERS]
            if len(each.path) == 2 and each.path[0] == "prompts":
                self.found.entries += 1
                reason = f"its name stands there twice: first in line {each.first_line}, which is kept"
            elif len(each.path) > 2:
                continue
            else:
                reason = f"the key stands there twice: that of line {each.first_line} is kept"
            self.found.rejects.append(ImportReject(self.found.source, f"line {each.line}: {each.key}", reason, raw))

    def _location(self, path: KeyPath, name: str) -> str:
        return f"line {self.document.line_of(path)}: {name}"
