"""The label audit's checks of questions and their references.

Belongs here: what can be wrong with a label before anybody looks at an answer. Does not belong here: what verdicts
show (`label_answers.py`). Each check takes the questions of one suite and source (QUESTION_SCHEMA) and gives findings
without answers; `label_audit.py` adds the answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from epyc_assets.scoring.catalogue import SCORERS
from epyc_assets.scoring.code_execution import CODE_EXECUTION
from epyc_assets.scoring.exact_match import EXACT_MATCH
from epyc_assets.scoring.f1 import F1
from epyc_assets.scoring.judging import INVALID_LABEL, NOT_SCORED, Answer, judge
from epyc_assets.scoring.label_findings import ERROR, WARNING, Finding
from epyc_assets.scoring.multiple_choice import MULTIPLE_CHOICE
from epyc_assets.scoring.programmatic import PROGRAMMATIC
from epyc_assets.scoring.substring import SUBSTRING
from epyc_assets.scoring.tool_call import TOOL_CALL

LEAST_QUESTIONS = 20
"""Fewer questions than this show no pattern."""
MOST_OF_ONE_LETTER = 0.6
"""Share of multiple-choice questions that may have the same right letter."""
LONG_EXPECTED_CHARACTERS = 40
EMPTY_PROGRAM = "```python\npass\n```"
MOST_OF_ONE_VALUE = 0.8
"""Share of questions with another form of answer that may have the same one."""

COMPARED = frozenset({EXACT_MATCH.name, MULTIPLE_CHOICE.name, SUBSTRING.name, F1.name})
"""Scorers that compare the answer with `expected`; for the others it is a solution, a call or nothing."""
_UNUSED = re.compile(r"(\d+) of (\d+) tests passed.*the tests never used the program")
_LETTER = re.compile(r"\(?[A-Ja-j]\)?\.?")
_PLACEHOLDER = r"\A(?:None|(?i:nan|null|<na>|#?n/a|undefined|tbd|to ?do|fixme|placeholder))\z"
_BLANKS = re.compile(r"(?<=\S)[ \t]+")
"""Within a line: an indent says something."""
OF_PROGRAMS = r"(?i)\bexceptions?\b|\btraceback\b|\braises?\b|\bprint(?:s|ed)?\b|\boutputs?\b|\breturns?\b"
"""Questions about what a program does."""
_STATES_FINAL_ANSWER = re.compile(r"####|\\boxed|(?i:answer)")


def check_questions(questions: pl.DataFrame) -> Iterator[Finding]:
    """Every finding about the questions of one suite and source."""
    for (scorer,), group in questions.group_by("scorer", maintain_order=True):
        name = str(scorer) if scorer is not None else None
        yield from _constant_expected(group, name)
        if name is None or name in COMPARED:
            yield from _placeholder_expected(group, name)
        yield from _conflicting_expected(group, name)
        yield from _repeated_question(group, name)
        if name is not None and name in COMPARED:
            yield from _expected_in_prompt(group, name)
            yield from _expected_too_long(group, name)
        if name is not None and (name in COMPARED | {PROGRAMMATIC.name, TOOL_CALL.name} or name not in SCORERS):
            yield from _rejected_reference(group, name)
        if name == CODE_EXECUTION.name:
            yield from _passed_by_nothing(group)


def _stated(questions: pl.DataFrame) -> pl.DataFrame:
    """Those with a reference that says something."""
    return questions.filter(pl.col("expected").str.strip_chars().str.len_chars() > 0)


def _constant_expected(questions: pl.DataFrame, scorer: str | None) -> Iterator[Finding]:
    """One expected answer that passes all questions, or nearly all; the scorer says whether it does."""
    if scorer is not None and scorer not in COMPARED:
        return
    stated = _stated(questions).unique("prompt", keep="first", maintain_order=True)
    if stated.height < LEAST_QUESTIONS:
        return
    said = stated.select(said_in("expected"))["expected"]
    commonest, count = (
        said.value_counts(sort=True, name="questions").sort("questions", "expected", descending=[True, False]).row(0)
    )
    value = stated["expected"].filter(said == commonest)[0].strip()
    if scorer is not None:
        asked = [Answer(scorer, value, *row) for row in stated.select("expected", "scorer_config").iter_rows()]
        count = sum(verdict.passed is True for verdict in judge(asked))
    kind, severity = "constant_expected", WARNING
    if count == stated.height:
        severity, what = ERROR, f"all {count} different questions have the expected answer {value!r}"
    elif count > MOST_OF_ONE_LETTER * stated.height and _LETTER.fullmatch(value):
        kind, what = "constant_letter", f"{count} of {stated.height} questions have the right letter {value!r}"
    elif count > MOST_OF_ONE_VALUE * stated.height:
        what = f"{count} of {stated.height} questions have the expected answer {value!r}"
    else:
        return
    yield Finding(
        kind,
        severity,
        f"{what}, or one that it passes for: whoever always says that passes {count / stated.height:.0%}",
        stated["prompt"][0],
        tuple(stated["question_id"]),
        scorer=scorer,
    )


def _placeholder_expected(questions: pl.DataFrame, scorer: str | None) -> Iterator[Finding]:
    """References that a table has where it has nothing, or that somebody meant to fill in."""
    found = questions.filter(
        pl.col("expected").str.strip_chars().str.contains(_PLACEHOLDER)
        & ~pl.col("prompt").str.contains(OF_PROGRAMS)
        & ~pl.col("prompt")
        .str.to_lowercase()
        .str.contains(pl.col("expected").str.strip_chars().str.to_lowercase(), literal=True)
    )
    if found.height:
        yield Finding(
            "placeholder_expected",
            WARNING,
            f"{found.height} of {questions.height} questions have an expected answer that stands for a missing one, "
            f"for example {found['expected'][0]!r}",
            found["prompt"][0],
            tuple(found["question_id"]),
            scorer=scorer,
        )


def _conflicting_expected(questions: pl.DataFrame, scorer: str | None) -> Iterator[Finding]:
    """The same prompt with references of which the scorer lets neither pass for the other. Prompts that differ in
    case, spaces or punctuation may well ask for different things (indented code): a warning."""
    if scorer is not None and scorer not in COMPARED:
        return
    whole = _stated(questions).filter(pl.col("prompt_is_whole")).with_columns(_alike("prompt").alias("alike"))
    asked = whole.group_by("alike", "scorer_config", maintain_order=True).agg(
        pl.col("question_id", "prompt", "expected")
    )
    for row in asked.filter(pl.col("question_id").list.len() > 1).iter_rows(named=True):
        first, config = row["expected"][0], row["scorer_config"]
        for place, other in enumerate(row["expected"][1:], start=1):
            pair = [
                Answer(scorer or EXACT_MATCH.name, one, two, config) for one, two in ((first, other), (other, first))
            ]
            if other == first or not all(verdict.passed is False for verdict in judge(pair)):
                continue
            same = _BLANKS.sub(" ", row["prompt"][0]).strip() == _BLANKS.sub(" ", row["prompt"][place]).strip()
            yield Finding(
                "conflicting_expected",
                ERROR if same and scorer in (EXACT_MATCH.name, MULTIPLE_CHOICE.name) else WARNING,
                f"{'the same prompt' if same else 'a prompt that differs in case, spaces or punctuation alone'} has "
                f"the expected answers {first!r} and {other!r}, of which neither passes for the other",
                row["prompt"][0],
                tuple(row["question_id"]),
                scorer=scorer,
                detail=row["question_id"][0],
            )
            break


def _repeated_question(questions: pl.DataFrame, scorer: str | None) -> Iterator[Finding]:
    """Questions that differ in spaces, punctuation or case alone, with the same reference: they count twice."""
    whole = questions.filter(pl.col("prompt_is_whole") & (pl.col("prompt").str.len_chars() > 0))
    repeated = (
        whole.with_columns(
            _alike("prompt").alias("squeezed"),
            pl.col("expected").fill_null("").str.strip_chars().str.to_lowercase().alias("said"),
        )
        .unique(["question_id"], maintain_order=True)
        .group_by("squeezed", "said", "scorer_config", maintain_order=True)
        .agg(pl.col("question_id", "prompt"))
        .filter(pl.col("question_id").list.len() > 1)
    )
    if repeated.is_empty():
        return
    ids = [question for group in repeated["question_id"].to_list() for question in group]
    yield Finding(
        "near_duplicates",
        WARNING,
        f"{len(ids)} questions are {repeated.height} when case, spaces and punctuation are left aside",
        repeated["prompt"][0][0],
        tuple(ids),
        scorer=scorer,
    )


def _expected_in_prompt(questions: pl.DataFrame, scorer: str) -> Iterator[Finding]:
    """A long reference that the prompt holds word for word, where the scorer lets the prompt pass as an answer."""
    held = questions.filter(
        (pl.col("expected").str.strip_chars().str.len_chars() >= LONG_EXPECTED_CHARACTERS)
        & _squeezed("prompt").str.contains(_squeezed("expected"), literal=True)
    )
    echoes = [Answer(scorer, *row) for row in held.select("prompt", "expected", "scorer_config").iter_rows()]
    found = held.filter(pl.Series([bool(verdict.passed) for verdict in judge(echoes)], dtype=pl.Boolean))
    if found.height:
        yield Finding(
            "expected_in_prompt",
            WARNING,
            f"an echo of the prompt passes {found.height} of {questions.height} questions: it holds the whole expected "
            f"answer, of {LONG_EXPECTED_CHARACTERS} characters or more",
            found["prompt"][0],
            tuple(found["question_id"]),
            scorer=scorer,
        )


def _expected_too_long(questions: pl.DataFrame, scorer: str) -> Iterator[Finding]:
    """References of more words than the answer may have tokens. A word is a token at least, so no answer can pass;
    not said of references that end in a final answer, nor of F1, where part of it can be enough."""
    if scorer not in (SUBSTRING.name, EXACT_MATCH.name):
        return
    words = pl.col("expected").str.count_matches(r"\S+")
    too_long = questions.filter((words > pl.col("max_tokens")) & pl.col("max_tokens").is_not_null())
    if scorer == EXACT_MATCH.name:
        too_long = too_long.filter(~pl.col("expected").str.contains(_STATES_FINAL_ANSWER.pattern))
    if too_long.height:
        yield Finding(
            "expected_too_long",
            ERROR,
            f"the expected answer of {too_long.height} of {questions.height} questions has more words than an answer "
            "may have tokens",
            too_long["prompt"][0],
            tuple(too_long["question_id"]),
            scorer=scorer,
        )


def _rejected_reference(questions: pl.DataFrame, scorer: str) -> Iterator[Finding]:
    """References that their own scorer does not accept as an answer, and those that it cannot use at all."""
    asked = [
        Answer(scorer, row["expected"] or "", row["expected"], row["scorer_config"])
        for row in questions.iter_rows(named=True)
    ]
    verdicts = judge(asked)
    places: dict[str, list[int]] = {"unusable_expected": [], "rejects_own_reference": [], "cannot_be_scored": []}
    for place, (answer, verdict) in enumerate(zip(asked, verdicts, strict=True)):
        if verdict.status == INVALID_LABEL:
            places["unusable_expected"].append(place)
        elif verdict.status == NOT_SCORED:
            places["cannot_be_scored"].append(place)
        # Where the config lists references, answers are compared with those and not with `expected`.
        elif (
            verdict.passed is False
            and scorer != PROGRAMMATIC.name
            and (scorer == TOOL_CALL.name or "[" not in (answer.config or ""))
        ):
            places["rejects_own_reference"].append(place)
    for kind, severity, what in (
        ("unusable_expected", ERROR, "an expected answer that nothing can match"),
        ("rejects_own_reference", ERROR, "an expected answer that its own scorer does not accept"),
        ("cannot_be_scored", WARNING, "a scorer that cannot judge any answer to it"),
    ):
        if places[kind]:
            found, first = questions[places[kind]], verdicts[places[kind][0]]
            yield Finding(
                kind,
                severity,
                f"{found.height} of {questions.height} questions have {what}, for example {found['expected'][0]!r} "
                f"({first.explanation})",
                found["prompt"][0],
                tuple(found["question_id"]),
                scorer=scorer,
            )


def _passed_by_nothing(questions: pl.DataFrame) -> Iterator[Finding]:
    """Tests that a program passes that does nothing, and tests that decide nothing. Runs the tests, in the sandbox;
    without one says nothing. The scorer adds a failed test where none used the program: then all the others passed."""
    python = questions.filter(~pl.col("scorer_config").fill_null("").str.contains(r'"language"\s*:\s*"(?:cpp|java)"'))
    verdicts = judge(
        Answer(CODE_EXECUTION.name, EMPTY_PROGRAM, row["expected"], row["scorer_config"])
        for row in python.iter_rows(named=True)
    )
    passing = [place for place, verdict in enumerate(verdicts) if verdict.passed or _unused(verdict.explanation)]
    unusable = [place for place, verdict in enumerate(verdicts) if verdict.status == INVALID_LABEL]
    for kind, places, what in (
        ("tests_pass_without_code", passing, "tests that pass for a program that does nothing"),
        ("unusable_expected", unusable, "tests that decide nothing"),
    ):
        if places:
            found = python[places]
            yield Finding(
                kind,
                ERROR,
                f"{len(places)} of {python.height} questions have {what} ({verdicts[places[0]].explanation})",
                found["prompt"][0],
                tuple(found["question_id"]),
                scorer=CODE_EXECUTION.name,
            )


def _unused(explanation: str) -> bool:
    counts = _UNUSED.match(explanation)
    return counts is not None and 1 <= int(counts[1]) == int(counts[2]) - 1


def said_in(column: str) -> pl.Expr:
    """What a short reference says, without case, brackets around it and a full stop."""
    return pl.col(column).str.to_lowercase().str.strip_chars(" \t\r\n().!")


def _alike(column: str) -> pl.Expr:
    """Without case, extra spaces, punctuation at the ends of words, and quotation marks around them. What stands within
    a word, a number or code stays: 1.5 is not 15, [1,2] is not [12]."""
    return (
        pl.col(column)
        .str.to_lowercase()
        .str.replace_all(r"[.,;:!?'\"`“”‘’]+(\s|$)", "$1")
        .str.replace_all(r"(^|\s)['\"`“”‘’]+", "$1")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )


def _squeezed(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.replace_all(r"\s+", " ")
