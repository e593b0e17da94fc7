"""What a finding of the label audit is, and the frames that the audit takes and gives.

Belongs here: `Finding`, its identity and its frames. Does not belong here: looking for any (`label_audit.py`,
`label_questions.py`, `label_answers.py`, `label_reviews.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

ERROR = "error"
WARNING = "warning"
NO_LONGER_ASKED = ", no longer asked"
"""After the source of findings about questions that no present set holds."""

QUESTION_SCHEMA: dict[str, Any] = {
    "question_id": pl.String,
    "prompt": pl.String,
    "expected": pl.String,
    "scorer": pl.String,
    "scorer_config": pl.String,
    "max_tokens": pl.Int64,
    "prompt_is_whole": pl.Boolean,
}
"""One row is one question of the suite and source that is looked at. scorer: NULL where nobody knows how answers were
scored. prompt_is_whole: false where the record kept only its beginning."""

ANSWER_SCHEMA: dict[str, Any] = {
    "answer_id": pl.String,
    "question_id": pl.String,
    "actor": pl.String,
    "text": pl.String,
    "passed": pl.Boolean,
    "is_cut": pl.Boolean,
}
"""One row is one answer that is said to have gone well (no infrastructure error). actor: model, or role and mode.
passed: NULL where there is no verdict. is_cut: whether it ended at a token limit."""

REVIEW_SCHEMA: dict[str, Any] = {
    "review_id": pl.String,
    "judge": pl.String,
    "suite": pl.String,
    "question_id": pl.String,
    "passed": pl.Boolean,
    "reason": pl.String,
    "is_unverified": pl.Boolean,
}
"""One row is one judgment. is_unverified: the judge says in words that nobody checked whether the answer is right."""

FINDING_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String,
    "origin": pl.String,
    "record": pl.String,
    "kind": pl.String,
    "severity": pl.String,
    "suite": pl.String,
    "source": pl.String,
    "scorer": pl.String,
    "question_id": pl.String,
    "actor": pl.String,
    "detail": pl.String,
    "questions": pl.Int64,
    "answers": pl.Int64,
    "evidence": pl.String,
    "example": pl.String,
}
FINDING_ANSWER_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String,
    "origin": pl.String,
    "record": pl.String,
    "answer_id": pl.String,
}
WHAT_TO_DO = {
    "constant_expected": "Give the questions references that differ, or leave the suite out.",
    "constant_letter": "Shuffle the options.",
    "conflicting_expected": "Correct one of the labels, or leave the question out.",
    "placeholder_expected": "Look where the labels come from; fill them in, or leave the questions out.",
    "unusable_expected": "Give a reference that an answer can match.",
    "rejects_own_reference": "Correct the reference or the scorer's config; epyc score one shows the verdict.",
    "cannot_be_scored": "Correct the scorer's name, its config or the reference; epyc score methods lists the scorers.",
    "expected_too_long": "Raise max_tokens, or shorten the reference.",
    "expected_in_prompt": "Ask in other words, or use a scorer that an echo does not satisfy.",
    "near_duplicates": "Keep one of each.",
    "tests_pass_without_code": "Let the tests call the program and assert on what it gives.",
    "error_text": "They are left out, being no answers of a model; mend what wrote them.",
    "empty_answer_passes": "Look at the scorer or judge that passed them.",
    "empty_answers": "Look at the chat template, the stop words and the token limit of models that think.",
    "all_pass": "Add harder questions.",
    "all_fail": "Read some answers: is the format asked for, are the labels right, are the questions too hard?",
    "actor_always_passes": "Read some of its answers beside their references.",
    "repeated_answer_passes": "Read it; use a scorer that takes one answer only, such as exact_match.",
    "labels_shifted": "Compare the questions with their original, and import them again.",
    "pass_equals_substring": "Score the answers again, programs by tests.",
    "definitions_only_passes": "Run tests against the programs (scorer code_execution).",
    "cut_answers": "Raise max_tokens for the suite.",
    "unverified_pass": "Have these answers judged again, against a reference.",
    "reused_reason": "Have a sample judged again by another judge, and compare.",
}
"""By kind of finding; the evidence ends with it."""
_LONGEST_EXAMPLE_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the audit looks: one suite of one source. record: generation, outcome, result or review. is_asked: false
    for questions that no present set holds any more."""

    origin: str
    record: str
    suite: str | None
    source: str | None
    is_asked: bool = True

    def source_said(self) -> str | None:
        """The source as findings name it."""
        return self.source if self.is_asked else f"{self.source}{NO_LONGER_ASKED}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about labels or verdicts. answer_ids: the answers it concerns; question_ids: their questions."""

    kind: str
    severity: str
    evidence: str
    example: str | None
    question_ids: tuple[str, ...]
    answer_ids: tuple[str, ...] = ()
    scorer: str | None = None
    actor: str | None = None
    detail: str | None = None

    def question_id(self) -> str | None:
        """The question, where it is one."""
        return self.question_ids[0] if len(self.question_ids) == 1 else None


def finding_id(scope: Scope, finding: Finding) -> str:
    """First 16 hexadecimal digits of a SHA-256 over where and what it is; numbers are not part of it."""
    parts = [scope.origin, scope.record, finding.kind, scope.suite, scope.source_said(), finding.scorer]
    parts += [finding.question_id(), finding.actor, finding.detail]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()[:16]


def finding_frame(found: Sequence[tuple[Scope, Finding]]) -> pl.DataFrame:
    """Columns as in FINDING_SCHEMA; one row per finding."""
    rows = [
        (
            finding_id(scope, each),
            scope.origin,
            scope.record,
            each.kind,
            each.severity,
            scope.suite,
            scope.source_said(),
            each.scorer,
            each.question_id(),
            each.actor,
            each.detail,
            len(set(each.question_ids)),
            len(set(each.answer_ids)),
            f"{each.evidence}. {WHAT_TO_DO[each.kind]}",
            shortened(each.example),
        )
        for scope, each in found
    ]
    return pl.DataFrame(rows, schema=FINDING_SCHEMA, orient="row").unique(
        "finding_id", keep="first", maintain_order=True
    )


def finding_answer_frame(found: Sequence[tuple[Scope, Finding]]) -> pl.DataFrame:
    """Columns as in FINDING_ANSWER_SCHEMA; one row per answer that an error concerns."""
    rows = [
        (finding_id(scope, each), scope.origin, scope.record, answer_id)
        for scope, each in found
        if each.severity == ERROR
        for answer_id in each.answer_ids
    ]
    return pl.DataFrame(rows, schema=FINDING_ANSWER_SCHEMA, orient="row").unique(maintain_order=True)


def shortened(text: str | None) -> str | None:
    """A text for people, cut."""
    if text is None or len(text) <= _LONGEST_EXAMPLE_CHARACTERS:
        return text
    return text[:_LONGEST_EXAMPLE_CHARACTERS] + "…"
