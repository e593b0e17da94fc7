"""Importer of the questions that models were asked: the YAML files of benchmarks/prompts, in three layouts.

Here: question maps (`prompts:`, the v1 generation), question lists (`questions:`, the debug generation), files in
sections (planning prompts), and the manifest of suites. Not here: prompt files that are JSON or plain text (document,
text), or what answers score (scoring).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, as_json
from epyc_assets.history.formats import Format
from epyc_assets.history.naming import question_pk, suite_id
from epyc_assets.history.rows import Imported, Reject, Row
from epyc_assets.history.yaml_text import (
    YamlDocument,
    begin_yaml,
    finish_yaml,
    is_cut,
    is_yaml,
    no_object,
    raw_of,
    read_yaml,
    text_of,
)

_QUESTIONS = re.compile(r"^(?:prompts|questions)\s*:", re.MULTILINE)
_QUESTION_KEYS = ("prompts", "questions")
_SECTIONS = re.compile(r"^judge_prompts\s*:", re.MULTILINE)
_SUITES = re.compile(r"^(?:suites|yaml_only_suites)\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Row):
    """One question of a suite."""

    table: ClassVar[str] = "prompt"

    ordinal: int
    question_pk: int
    generation: str
    layout: str
    suite_id: int
    suite: str
    question_id: str
    tier: int | None
    name: str | None
    category: str | None
    prompt: str | None
    expected: str | None
    reference_answer: str | None
    scoring_method: str | None
    scoring: Json | None
    auto_score: Json | None
    image_path: str | None
    context_tokens: int | None
    context_type: str | None
    needle: str | None
    needle_position: str | None
    is_mode_advantage: bool | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSuite(Row):
    """What a prompt file says of all its questions."""

    table: ClassVar[str] = "prompt_suite"

    suite_id: int
    suite: str
    generation: str
    layout: str
    version: str | None
    description: str | None
    created: str | None
    updated: str | None
    note: str | None
    inference_params: Json | None
    scoring_method: str | None
    scoring: Json | None
    question_count: int
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSection(Row):
    """One entry of a prompt file that is laid out in sections of its own."""

    table: ClassVar[str] = "prompt_section"

    ordinal: int
    section: str
    entry: str | None
    prompt: str | None
    content: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptManifest(Row):
    """One suite in the manifest of suites."""

    table: ClassVar[str] = "prompt_manifest"

    ordinal: int
    suite_id: int
    suite: str
    kind: str
    manifest_version: str | None
    manifest_updated: str | None
    description: str | None
    question_count: int | None
    adapter: str | None
    source: str | None
    reason: str | None
    reconstruction_command: str | None
    sources: Json | None
    manifest_extra: Json | None
    extra: Json | None


def read_prompts(content: Content) -> YamlDocument:
    """The file's YAML value; what is wrong with it is in its fault and doubts."""
    return read_yaml(content.text)


def recognises_questions(content: Content, place: Place) -> bool:
    """A YAML file with questions under `prompts` or `questions`."""
    return is_yaml(content, place) and _QUESTIONS.search(content.text) is not None


def recognises_sections(content: Content, place: Place) -> bool:
    """A YAML file of planning prompts: it has judge prompts beside its sections."""
    return is_yaml(content, place) and _SECTIONS.search(content.text) is not None


def recognises_manifest(content: Content, place: Place) -> bool:
    """A YAML file that lists suites."""
    return is_yaml(content, place) and _SUITES.search(content.text) is not None


def rows_questions(document: YamlDocument, place: Place) -> Imported:
    """A row per question, one for the file. Questions that are no objects, repeat an id or are cut off are rejects."""
    imported = begin_yaml(document, place)
    if not isinstance(document.value, dict):
        return no_object(imported, document, place)
    file = Fields(document.value, from_text=True)
    layout, questions = _questions(document.value, file)
    folder = place.folder_below("prompts")
    flags: list[str] = []
    suite = file.text("suite") or file.text("domain")
    if suite is None:
        suite = place.stem
        flags.append("suite_from_file_name")
    generation = folder if folder is not None else {"map": "v1", "list": "debug"}[layout]
    default = file.mapping("scoring_default")
    default_method = file.text("scoring_method")
    if default_method is None and isinstance(default.get("method"), str):
        default_method = default["method"]
    if not questions and (wrong := [key for key in _QUESTION_KEYS if document.value.get(key) not in (None, {}, [])]):
        imported.records = imported.rejected_records = 1
        imported.rejects.append(Reject(place.path, wrong[0], "no list and no map of questions", raw_of(document.value)))
    seen: set[str] = set()
    for number, (key, where, record) in enumerate(questions, start=1):
        imported.records += 1
        reason = None
        question_id = text_of(record.get("id")) if layout == "list" and isinstance(record, dict) else key
        if is_cut(document, where):
            reason = f"the file ends or is broken inside this question: {document.fault.message}"  # type: ignore[union-attr]
        elif not isinstance(record, dict):
            reason = "a question is an object with a prompt"
        elif not question_id:
            reason = "the question has no id"
        elif question_id in seen:
            reason = f"the id {question_id[:100]} appears a second time in this file"
        if reason is not None or question_id is None:
            imported.rejected_records += 1
            location = "/".join(map(str, where))
            imported.rejects.append(Reject(place.path, location, reason or "", raw_of(record)))
            continue
        seen.add(question_id)
        row = _prompt(record, place, number, generation, layout, suite, question_id, default_method)
        imported.rows.append(row)
        imported.main_rows += 1
    imported.rows.append(
        PromptSuite(
            source_file_id=place.source_file_id,
            suite_id=suite_id(suite),
            suite=suite,
            generation=generation,
            layout=layout,
            version=_spelled(file, document.value, "version"),
            description=file.text("description"),
            created=_spelled(file, document.value, "created"),
            updated=_spelled(file, document.value, "updated"),
            note=file.text("note"),
            inference_params=file.json("inference_params"),
            scoring_method=default_method,
            scoring=as_json(default) if default else file.json("scoring_config"),
            question_count=imported.records,
            quality_flags=tuple(flags),
            extra=file.rest(),
        )
    )
    return finish_yaml(imported)


def rows_sections(document: YamlDocument, place: Place) -> Imported:
    """A row per entry of each section: members of objects and lists, and single values as they are."""
    imported = begin_yaml(document, place)
    if not isinstance(document.value, dict):
        return no_object(imported, document, place)
    for section, value in document.value.items():
        members: list[tuple[str | None, Any]] = [(None, value)]
        if isinstance(value, dict) and value:
            members = list(value.items())
        elif isinstance(value, list) and value:
            members = [(str(number), each) for number, each in enumerate(value)]
        for entry, content in members:
            imported.records += 1
            imported.main_rows += 1
            prompt = content.get("prompt") if isinstance(content, dict) else None
            imported.rows.append(
                PromptSection(
                    source_file_id=place.source_file_id,
                    ordinal=imported.records,
                    section=section,
                    entry=entry,
                    prompt=prompt if isinstance(prompt, str) else None,
                    content=as_json(content),
                )
            )
    return finish_yaml(imported)


def rows_manifest(document: YamlDocument, place: Place) -> Imported:
    """A row per suite, of those with an adapter and of those that are YAML only."""
    imported = begin_yaml(document, place)
    if not isinstance(document.value, dict):
        return no_object(imported, document, place)
    file = Fields(document.value, from_text=True)
    suites = [("adapter", "suites", *each) for each in file.mapping("suites").items()]
    suites += [("yaml_only", "yaml_only_suites", *each) for each in file.mapping("yaml_only_suites").items()]
    version = _spelled(file, document.value, "version")
    updated = _spelled(file, document.value, "last_updated")
    left = file.rest()
    for kind, key, suite, record in suites:
        imported.records += 1
        if not isinstance(record, dict) or is_cut(document, (key, suite)):
            imported.rejected_records += 1
            reason = "the file ends or is broken inside this suite" if isinstance(record, dict) else "no object"
            imported.rejects.append(Reject(place.path, f"{key}/{suite}", reason, raw_of(record)))
            continue
        fields = Fields(record, from_text=True)
        imported.main_rows += 1
        imported.rows.append(
            PromptManifest(
                source_file_id=place.source_file_id,
                ordinal=imported.records,
                suite_id=suite_id(suite),
                suite=suite,
                kind=kind,
                manifest_version=version,
                manifest_updated=updated,
                description=fields.text("description"),
                question_count=fields.integer("count"),
                adapter=fields.text("adapter"),
                source=fields.text("source"),
                reason=fields.text("reason"),
                reconstruction_command=fields.text("reconstruction_command"),
                sources=fields.json("sources"),
                manifest_extra=left,
                extra=fields.rest(),
            )
        )
    return finish_yaml(imported)


def _questions(value: dict[str, Any], file: Fields) -> tuple[str, list[tuple[str, tuple[str | int, ...], Any]]]:
    """Layout, and for each question its key, its key path and its record."""
    for key in _QUESTION_KEYS:
        questions = value.get(key)
        if isinstance(questions, dict):
            file.mapping(key)
            return "map", [(name, (key, name), record) for name, record in questions.items()]
        if isinstance(questions, list):
            file.items(key)
            return "list", [(str(place), (key, place), record) for place, record in enumerate(questions)]
    return "map" if "prompts" in value else "list", []


def _prompt(
    record: dict[str, Any],
    place: Place,
    ordinal: int,
    generation: str,
    layout: str,
    suite: str,
    question_id: str,
    default_method: str | None,
) -> Prompt:
    fields = Fields(record, from_text=True)
    flags: list[str] = []
    if layout == "list":
        _spelled(fields, record, "id")
    method = fields.text("scoring_method")
    if method is None and default_method is not None:
        method = default_method
        flags.append("scoring_of_file")
    prompt = fields.text("prompt")
    if not prompt:
        flags.append("no_prompt")
    expected = _spelled(fields, record, "expected")
    return Prompt(
        source_file_id=place.source_file_id,
        ordinal=ordinal,
        question_pk=question_pk(suite, question_id),
        generation=generation,
        layout=layout,
        suite_id=suite_id(suite),
        suite=suite,
        question_id=question_id,
        tier=fields.integer("tier"),
        name=_spelled(fields, record, "name"),
        category=fields.text("category"),
        prompt=prompt,
        expected=expected,
        reference_answer=_spelled(fields, record, "reference_answer"),
        scoring_method=method,
        scoring=fields.json("scoring_config") if "scoring" not in record else fields.json("scoring"),
        auto_score=fields.json("auto_score"),
        image_path=fields.text("image_path"),
        context_tokens=fields.integer("context_tokens"),
        context_type=fields.text("context_type"),
        needle=_spelled(fields, record, "needle"),
        needle_position=_spelled(fields, record, "needle_position"),
        is_mode_advantage=fields.flag("mode_advantage"),
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )


def _spelled(fields: Fields, record: dict[str, Any], key: str) -> str | None:
    """A scalar as the file spells it: an answer of 72 without quotes is the text 72."""
    value = record.get(key)
    if isinstance(value, dict | list):
        return None
    fields.json(key)
    return text_of(value)


FORMATS: tuple[Format, ...] = (
    Format(
        name="prompt_questions",
        family="prompts",
        version=1,
        tables=(Prompt, PromptSuite),
        recognises=recognises_questions,
        read=read_prompts,
        rows=rows_questions,
    ),
    Format(
        name="prompt_sections",
        family="prompts",
        version=1,
        tables=(PromptSection,),
        recognises=recognises_sections,
        read=read_prompts,
        rows=rows_sections,
    ),
    Format(
        name="prompt_manifest",
        family="prompts",
        version=1,
        tables=(PromptManifest,),
        recognises=recognises_manifest,
        read=read_prompts,
        rows=rows_manifest,
    ),
)
