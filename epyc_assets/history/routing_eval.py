"""Routing evaluations: questions put to several roles, how each fared, and the rewards that were made of it.

Here: the JSON Lines of the three-way evaluation (3way_*.jsonl) and of the questions already seen
(seen_questions.jsonl). Not here: the seeding files of the orchestrator, of nearly the same shape (orchestrator); which
outcomes a router may learn from (derived tables).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, clean_text, finite_number
from epyc_assets.history.formats import Format
from epyc_assets.history.identity import identity
from epyc_assets.history.json_records import Harvest, Lines, Record, Unfit, finish_lines, kind_of, raw_of, read_lines
from epyc_assets.history.naming import question_pk, role_id, suite_id
from epyc_assets.history.rows import Imported, Row

PROMPT_CHARACTERS_KEPT = 200
"""The evaluation logged no more of a prompt than this; a prompt of this length was cut."""

ANSWER_CHARACTERS_KEPT = 8192
"""It logged no more of an answer than this, and a few words that say so."""

LONGEST_ANSWER_CHARACTERS = ANSWER_CHARACTERS_KEPT + 100

_INFRASTRUCTURE_ERROR = re.compile(r"timed out\b|\[Errno (?:104|111)\]")
"""Beginnings of errors that the evaluation calls infrastructure, for the seeding files, which do not yet classify."""

MOST_OUTCOMES = 1000
"""A question with more outcomes or rewards is rejected whole: the evaluation has no more than a dozen actions."""

Number = TypeVar("Number", int, float)
AnyOutcome = TypeVar("AnyOutcome", bound="OutcomeRow")
AnyReward = TypeVar("AnyReward", bound="RewardRow")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingQuestion(Row):
    """One question as it was put once; a retry is another row."""

    table: ClassVar[str] = "routing_question"

    rq_pk: int
    line: int
    suite_id: int
    suite: str
    question_pk: int
    question_id: str
    attempt: int
    prompt: str | None
    expected: str | None
    asked_at: datetime | None
    is_retry: bool
    retry_tag: str | None
    retry_batch_id: int | None
    all_infra: bool | None
    rewards_injected: int | None
    quality_flags: tuple[str, ...]
    metadata: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow(Row):
    """How one role in one mode fared on one question; the columns of role_outcome and of seeding_outcome."""

    rq_pk: int
    role_mode: str
    role_id: int | None
    role: str | None
    mode: str | None
    passed: bool | None
    error_type: str | None
    error: str | None
    answer: str | None
    elapsed_s: float | None
    tokens_generated: int | None
    predicted_tps: float | None
    generation_ms: float | None
    prompt_eval_ms: float | None
    http_overhead_ms: float | None
    turns: int | None
    tokens_used: int | None
    routed_to: str | None
    role_history: Json | None
    tools_used: int | None
    tools_called: Json | None
    tools_success: bool | None
    delegation_success: bool | None
    delegation_events: Json | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOutcome(OutcomeRow):
    """How one role in one mode fared on a question of the evaluation."""

    table: ClassVar[str] = "role_outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRow(Row):
    """What one action earned on one question; the columns of reward and of seeding_reward."""

    rq_pk: int
    action: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward(RewardRow):
    """What one action earned on a question of the evaluation."""

    table: ClassVar[str] = "reward"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenQuestion(Row):
    """One question that an evaluation session noted as asked."""

    table: ClassVar[str] = "seen_question"

    line: int
    suite_id: int | None
    suite: str | None
    question_pk: int | None
    prompt_id: str
    seen_at: datetime | None
    session: str | None
    extra: Json | None


def recognises_eval(content: Content, place: Place) -> bool:
    """JSON Lines whose records have a question and role_results; by name where no line can be read."""
    if b'"role_results"' in content.data:
        first = content.first_json_line
        if first is not None:
            return "role_results" in first and "question_id" in first
    return place.name.startswith("3way_") and place.name.endswith(".jsonl") and _has_no_readable_line(content)


def recognises_seen(content: Content, place: Place) -> bool:
    """JSON Lines of prompt_id and session; by name where no line can be read, as in the empty ones."""
    if b'"prompt_id"' in content.data:
        first = content.first_json_line
        if first is not None:
            return "prompt_id" in first and "session" in first and "results" not in first
    return place.name.startswith("seen_questions.jsonl") and _has_no_readable_line(content)


def rows_eval(lines: Lines, place: Place) -> Imported:
    """Rows of an evaluation's questions, their outcomes and rewards; the questions are the records."""
    harvest = Harvest(place)
    attempts: Counter[tuple[str, str]] = Counter()

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        return _question_rows(record, value, harvest, attempts)

    harvest.take(lines.records, rows_of)
    return finish_lines(harvest, lines)


def rows_seen(lines: Lines, place: Place) -> Imported:
    """Rows of the questions seen."""
    harvest = Harvest(place)

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        fields = Fields(value)
        suite, prompt_id = fields.text("suite"), fields.text("prompt_id")
        if prompt_id is None:
            raise Unfit("no prompt_id")
        row = SeenQuestion(
            source_file_id=place.source_file_id,
            line=line_of(record),
            suite_id=None if suite is None else suite_id(suite),
            suite=suite,
            question_pk=None if suite is None else question_pk(suite, prompt_id),
            prompt_id=prompt_id,
            seen_at=fields.time("timestamp"),
            session=fields.text("session"),
            extra=fields.rest(),
        )
        return [row]

    harvest.take(lines.records, rows_of)
    return finish_lines(harvest, lines)


def _question_rows(
    record: Record, value: Mapping[str, Any], harvest: Harvest, attempts: Counter[tuple[str, str]]
) -> list[Row]:
    fields = Fields(value)
    suite, question = fields.text("suite"), fields.text("question_id")
    if suite is None or question is None:
        raise Unfit("no suite or no question_id")
    line = line_of(record)
    rq_pk = identity("routing_question", harvest.place.path, line)
    prompt = fields.text("prompt")
    outcomes, rewards = fields.mapping("role_results"), fields.mapping("rewards")
    metadata = value.get("metadata")
    about = Fields(metadata) if isinstance(metadata, dict) else Fields({})
    flags = []
    if prompt is not None and len(prompt) >= PROMPT_CHARACTERS_KEPT:
        flags.append("prompt_truncated" if len(prompt) == PROMPT_CHARACTERS_KEPT else "overlong_text")
    if not outcomes:
        flags.append("no_outcomes")
        if value.get("role_results") not in (None, {}):
            harvest.reject(
                f"{record.location}, role_results",
                f"{kind_of(value['role_results'])} where an object should be",
                raw_of(value["role_results"]),
            )
    rows: list[Row] = [
        RoutingQuestion(
            source_file_id=harvest.place.source_file_id,
            rq_pk=rq_pk,
            line=line,
            suite_id=suite_id(suite),
            suite=suite,
            question_pk=question_pk(suite, question),
            question_id=question,
            attempt=attempts[suite, question] + 1,
            prompt=prompt,
            expected=fields.text("expected"),
            asked_at=fields.time("timestamp"),
            # The evaluation wrote the mark only when it asked again, so its absence means a first asking.
            is_retry=about.flag("is_retry") is True,
            retry_tag=about.text("retry_tag"),
            retry_batch_id=about.integer("retry_batch_id"),
            all_infra=about.flag("all_infra"),
            rewards_injected=fields.integer("rewards_injected"),
            quality_flags=tuple(flags),
            metadata=fields.json("metadata"),
            extra=fields.rest(),
        )
    ]
    rows += outcome_rows(RoleOutcome, outcomes, rq_pk, record.location, harvest)
    rows += reward_rows(Reward, rewards, rq_pk, record.location, harvest)
    attempts[suite, question] += 1
    return rows


def outcome_rows(
    kind: type[AnyOutcome], outcomes: Mapping[str, Any], rq_pk: int, location: str, harvest: Harvest
) -> list[AnyOutcome]:
    """A row for each role and mode of one question; what is no outcome becomes a reject of the harvest.

    Raises Unfit for more of them than a question can have.
    """
    _bound(outcomes, "outcomes")
    rows: list[AnyOutcome] = []
    taken: set[str] = set()
    for key, value in outcomes.items():
        role_mode = clean_text(key)
        if not isinstance(value, dict) or role_mode in taken:
            reason = "a second outcome of one name" if role_mode in taken else f"{kind_of(value)} instead of an outcome"
            harvest.reject(f"{location}, role_results/{key}", reason, raw_of(value))
            continue
        taken.add(role_mode)
        rows.append(_outcome(kind, value, rq_pk, role_mode, harvest.place))
    return rows


def reward_rows(
    kind: type[AnyReward], rewards: Mapping[str, Any], rq_pk: int, location: str, harvest: Harvest
) -> list[AnyReward]:
    """A row for each reward of one question; what is no number becomes a reject of the harvest.

    Raises Unfit for more of them than a question can have.
    """
    _bound(rewards, "rewards")
    rows: list[AnyReward] = []
    taken: set[str] = set()
    for key, value in rewards.items():
        action, number = clean_text(key), finite_number(value)
        if number is None or action in taken:
            reason = "a second reward of one name" if action in taken else f"{kind_of(value)} instead of a reward"
            harvest.reject(f"{location}, rewards/{key}", reason, raw_of(value))
            continue
        taken.add(action)
        rows.append(kind(source_file_id=harvest.place.source_file_id, rq_pk=rq_pk, action=action, value=number))
    return rows


def _outcome(kind: type[AnyOutcome], value: Mapping[str, Any], rq_pk: int, role_mode: str, place: Place) -> AnyOutcome:
    fields = Fields(value)
    role, answer = fields.text("role"), fields.text("answer")
    passed, error_type, error = fields.flag("passed"), fields.text("error_type"), fields.text("error")
    flags = []
    if error_type == "infrastructure":
        flags.append("infra_error")
    elif error_type is None and error:
        flags.append("infra_error" if _INFRASTRUCTURE_ERROR.match(error) else "unclassified_error")
    if passed is None:
        flags.append("no_verdict")
    if answer is not None and answer.startswith("[ERROR:"):
        flags.append("error_answer")  # a backend's error text, scored as if it were an answer
    if answer is not None and len(answer) >= ANSWER_CHARACTERS_KEPT:
        flags.append("answer_truncated" if len(answer) <= LONGEST_ANSWER_CHARACTERS else "overlong_text")
    return kind(
        source_file_id=place.source_file_id,
        rq_pk=rq_pk,
        role_mode=role_mode,
        role_id=None if role is None else role_id(role),
        role=role,
        mode=fields.text("mode"),
        passed=passed,
        error_type=error_type,
        error=error,
        answer=answer,
        elapsed_s=measured(fields.number("elapsed_seconds"), fields, "elapsed_seconds"),
        tokens_generated=measured(fields.integer("tokens_generated"), fields, "tokens_generated"),
        predicted_tps=measured(fields.number("predicted_tps"), fields, "predicted_tps"),
        generation_ms=measured(fields.number("generation_ms"), fields, "generation_ms"),
        prompt_eval_ms=measured(fields.number("prompt_eval_ms"), fields, "prompt_eval_ms"),
        http_overhead_ms=measured(fields.number("http_overhead_ms"), fields, "http_overhead_ms"),
        turns=measured(fields.integer("turns"), fields, "turns"),
        tokens_used=measured(fields.integer("tokens_used"), fields, "tokens_used"),
        routed_to=fields.text("routed_to"),
        role_history=fields.json("role_history"),
        tools_used=fields.integer("tools_used"),
        tools_called=fields.json("tools_called"),
        tools_success=fields.flag("tools_success"),
        delegation_success=fields.flag("delegation_success"),
        delegation_events=fields.json("delegation_events"),
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )


def _bound(found: Mapping[str, Any], name: str) -> None:
    if len(found) > MOST_OUTCOMES:
        raise Unfit(f"more than {MOST_OUTCOMES} {name}")


def measured(number: Number | None, fields: Fields, key: str) -> Number | None:
    """None for 0, which is these fields' default and means that nothing was measured; the raw 0 goes to the rest."""
    if number == 0:
        fields.put_back(key)
        return None
    return number


def line_of(record: Record) -> int:
    """Line number of a record of JSON Lines."""
    return int(record.location.removeprefix("line "))


def _has_no_readable_line(content: Content) -> bool:
    return content.first_json_line is None


FORMATS: tuple[Format, ...] = (
    Format(
        name="routing_eval",
        family="routing",
        version=1,
        tables=(RoutingQuestion, RoleOutcome, Reward),
        recognises=recognises_eval,
        read=read_lines,
        rows=rows_eval,
    ),
    Format(
        name="seen_questions",
        family="routing",
        version=1,
        tables=(SeenQuestion,),
        recognises=recognises_seen,
        read=read_lines,
        rows=rows_seen,
    ),
)
