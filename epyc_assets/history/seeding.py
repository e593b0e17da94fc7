"""Seeding runs: several roles put to sampled questions, whose rewards fill a router's memory.

Here: the seeding JSON of the orchestrator; an outcome in it has the shape of the evaluation's (routing_eval), with
fewer fields and without modes. Not here: the evaluation's own JSON Lines (routing_eval).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json
from epyc_assets.history.formats import Format
from epyc_assets.history.identity import identity
from epyc_assets.history.json_records import (
    Harvest,
    Record,
    Unfit,
    from_document,
    has_keys,
    ordinal_of,
    read_document,
    records_of,
)
from epyc_assets.history.naming import question_pk, suite_id
from epyc_assets.history.routing_eval import OutcomeRow, RewardRow, outcome_rows, reward_rows
from epyc_assets.history.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedingRun(Row):
    """One seeding run: several roles put to sampled questions, to fill the router's memory."""

    table: ClassVar[str] = "seeding_run"

    seeded_at: datetime | None
    seed: int | None
    sample_size: int | None
    is_dry_run: bool | None
    suites: Json | None
    roles: Json | None
    modes: Json | None
    config: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedingQuestion(Row):
    """One question of a seeding run."""

    table: ClassVar[str] = "seeding_question"

    rq_pk: int
    ordinal: int
    suite_id: int
    suite: str
    question_pk: int
    question_id: str
    prompt: str | None
    expected: str | None
    asked_at: datetime | None
    rewards_injected: int | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedingOutcome(OutcomeRow):
    """How one role fared on a question of a seeding run."""

    table: ClassVar[str] = "seeding_outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedingReward(RewardRow):
    """What one role earned on a question of a seeding run."""

    table: ClassVar[str] = "seeding_reward"


def recognises_seeding(content: Content, place: Place) -> bool:
    """An object with a seeding's config (roles and suites) and a list of results."""
    del place
    if not has_keys(content, "config", "results"):
        return False
    config, results = content.json["config"], content.json["results"]
    if not isinstance(results, list):
        return False
    with_outcomes = bool(results) and isinstance(results[0], dict) and "role_results" in results[0]
    return with_outcomes or (isinstance(config, dict) and "roles" in config and "suites" in config)


@from_document(dict)
def rows_seeding(document: Mapping[str, Any], harvest: Harvest) -> None:
    """Rows of a seeding run; the questions are the records."""
    source = harvest.place.source_file_id
    fields = Fields(document)

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        return _seeding_rows(value, record, harvest)

    harvest.take(records_of("results", fields.items("results")), rows_of)
    found = document.get("config")
    config = Fields(found) if isinstance(found, dict) else Fields({})
    harvest.imported.rows.append(
        SeedingRun(
            source_file_id=source,
            seeded_at=fields.time("timestamp"),
            seed=config.integer("seed"),
            sample_size=config.integer("sample_size"),
            is_dry_run=config.flag("dry_run"),
            suites=config.json("suites"),
            roles=config.json("roles"),
            modes=config.json("modes"),
            config=fields.json("config"),
            extra=fields.rest(),
        )
    )


def _seeding_rows(value: Mapping[str, Any], record: Record, harvest: Harvest) -> list[Row]:
    fields = Fields(value)
    suite, question = fields.text("suite"), fields.text("question_id")
    if suite is None or question is None:
        raise Unfit("no suite or no question_id")
    ordinal = ordinal_of(record)
    rq_pk = identity("seeding_question", harvest.place.path, ordinal)
    outcomes, rewards = fields.mapping("role_results"), fields.mapping("rewards")
    rows: list[Row] = [
        SeedingQuestion(
            source_file_id=harvest.place.source_file_id,
            rq_pk=rq_pk,
            ordinal=ordinal,
            suite_id=suite_id(suite),
            suite=suite,
            question_pk=question_pk(suite, question),
            question_id=question,
            prompt=fields.text("prompt"),
            expected=fields.text("expected"),
            asked_at=fields.time("timestamp"),
            rewards_injected=fields.integer("rewards_injected"),
            extra=fields.rest(),
        )
    ]
    rows += outcome_rows(SeedingOutcome, outcomes, rq_pk, record.location, harvest)
    rows += reward_rows(SeedingReward, rewards, rq_pk, record.location, harvest)
    return rows


FORMATS: tuple[Format, ...] = (
    Format(
        name="seeding",
        family="routing",
        version=1,
        tables=(SeedingQuestion, SeedingRun, SeedingOutcome, SeedingReward),
        recognises=recognises_seeding,
        read=read_document,
        rows=rows_seeding,
    ),
)
