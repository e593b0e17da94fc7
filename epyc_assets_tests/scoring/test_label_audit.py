"""The label audit: each kind of finding on made-up suites, and as many sound suites that must have none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from epyc_assets.scoring import SCORERS, score
from epyc_assets.scoring.label_audit import audit_reviews, audit_suite
from epyc_assets.scoring.label_findings import (
    ANSWER_SCHEMA,
    QUESTION_SCHEMA,
    REVIEW_SCHEMA,
    WHAT_TO_DO,
    Finding,
    Scope,
    finding_answer_frame,
    finding_frame,
)
from epyc_assets.warehouse.location import checkout_root

SCOPE = Scope("live", "generation", "math", "generated")


def questions(count: int, **columns: Any) -> pl.DataFrame:
    """Questions with the columns given: a value for all, or a function of the number."""
    defaults: dict[str, Any] = {
        "question_id": lambda number: f"q{number}",
        "prompt": lambda number: f"What is {number} plus {number}?",
        "expected": lambda number: str(2 * number),
        "scorer": "exact_match",
        "scorer_config": "{}",
        "max_tokens": 64,
        "prompt_is_whole": True,
    }
    made = {**defaults, **columns}
    rows = [[value(number) if callable(value) else value for value in made.values()] for number in range(count)]
    return pl.DataFrame(rows, schema=QUESTION_SCHEMA, orient="row")


def answers(rows: Sequence[tuple[str, str, str | None, bool | None]], cut: bool = False) -> pl.DataFrame:
    """Answers (question, actor, text, passed)."""
    made = [(f"a{number}", *row, cut) for number, row in enumerate(rows)]
    return pl.DataFrame(made, schema=ANSWER_SCHEMA, orient="row")


def found(asked: pl.DataFrame, given: pl.DataFrame | None = None) -> dict[str, Finding]:
    """Findings by kind."""
    given = answers([]) if given is None else given
    return {finding.kind: finding for _, finding in audit_suite(SCOPE, asked, given)}


def mixed(count: int, text: Any, actors: int = 2) -> pl.DataFrame:
    """Answers of which every third fails; text(number, passed)."""
    return answers(
        [
            (f"q{number}", f"model{actor}", text(number, (number + actor) % 3 != 0), (number + actor) % 3 != 0)
            for number in range(count)
            for actor in range(actors)
        ]
    )


def test_a_sound_suite_has_no_findings() -> None:
    given = mixed(30, lambda number, passed: f"The answer is {2 * number if passed else 2 * number + 1}.")
    assert found(questions(30), given) == {}


def test_one_expected_answer_for_all_is_an_error_that_concerns_every_answer() -> None:
    given = mixed(25, lambda number, passed: "def f(): pass" if passed else "no")
    finding = found(questions(25, expected="def ", scorer=None), given)["constant_expected"]
    assert finding.severity == "error"
    assert len(finding.answer_ids) == 50
    assert "constant_expected" not in found(questions(19, expected="def "))
    assert "constant_expected" not in found(questions(25, expected="", scorer="programmatic"))
    assert "constant_expected" not in found(questions(25, expected="7", scorer="code_execution"))
    assert "constant_expected" not in found(questions(25, prompt="the same question", expected="7"))


@pytest.mark.parametrize(
    ("scorer", "spellings", "kind"),
    [
        ("exact_match", ["yes", "Yes", "YES."], "constant_expected"),
        ("exact_match", ["4", "4.0", "four"], "constant_expected"),
        ("multiple_choice", ["A", "(A)", "a"], "constant_expected"),
        ("multiple_choice", ["A", "(A)", "a", "B"], "constant_letter"),
        ("exact_match", ["4", "5", "6"], None),
        (None, ["yes", "Yes."], "constant_expected"),
    ],
)
def test_one_answer_in_several_spellings_is_one(scorer: str | None, spellings: list[str], kind: str | None) -> None:
    kinds = found(questions(24, expected=lambda number: spellings[number % len(spellings)], scorer=scorer))
    assert set(kinds) == ({kind} if kind else set())


@pytest.mark.parametrize(
    ("prompt", "expected", "is_missing"),
    [
        ("Who wrote it?", "nan", True),
        ("Who wrote it?", "None", True),
        ("Who wrote it?", "TODO", True),
        ("Which of them fit? Say none if none does.", "none", False),
        ("What does print(f()) show?", "None", False),
        ("What is the JSON of nothing, null or {}?", "null", False),
        ("Who wrote it?", "Nan Goldin", False),
    ],
)
def test_what_stands_for_a_missing_label_is_a_warning(prompt: str, expected: str, is_missing: bool) -> None:
    kinds = found(questions(1, prompt=prompt, expected=expected))
    assert {kind: finding.severity for kind, finding in kinds.items()} == (
        {"placeholder_expected": "warning"} if is_missing else {}
    )


LETTERS = "ABDCCBADBBDACADDCABCDABBACDDACBADCCBBADACBDCADBABDCACBDDBACA"
"""In no order."""


@pytest.mark.parametrize(
    ("expected", "said", "severity"),
    [
        (lambda n: str(2 * n + 2), lambda n, actor: str(2 * n), "error"),
        (lambda n: str(2 * n - 2), lambda n, actor: f"The answer is {2 * n}.", "error"),
        (lambda n: str(2 * n if n < 30 else 2 * n + 2), lambda n, actor: str(2 * n), "error"),
        (lambda n: str(2 * n), lambda n, actor: str(2 * n + 2 * (actor == 0)), "warning"),
        (lambda n: LETTERS[n - 1], lambda n, actor: LETTERS[n], "error"),
        (lambda n: LETTERS[n], lambda n, actor: LETTERS[(7 * n + actor) % 60], None),
        (lambda n: LETTERS[n], lambda n, actor: "C", None),
        (lambda n: ("yes", "no")[n % 2], lambda n, actor: ("no", "yes")[n % 2], None),
    ],
)
def test_references_that_slipped_by_a_row(expected: Any, said: Any, severity: str | None) -> None:
    scorer = "multiple_choice" if expected(0) in "ABCD" else "exact_match"
    asked = questions(60, expected=expected, scorer=scorer, prompt=lambda number: f"Question {number}?")
    rows = [
        (f"q{n}", f"m{k}", said(n, k), said(n, k).strip(".").endswith(expected(n))) for n in range(60) for k in (0, 1)
    ]
    given = answers([*rows, *((f"q{n}", f"silly{k}", "no idea", False) for n in range(60) for k in range(3))])
    finding = found(asked, given).get("labels_shifted")
    assert (finding and finding.severity) == severity


def thing(number: int) -> str:
    return f"{('river', 'stone', 'piano', 'Oslo')[number % 4]} {100 + 37 * number}"


@pytest.mark.parametrize(
    ("expected", "said", "severity"),
    [
        (lambda n: thing(23 * n % 60), lambda n, actor: f"It is {thing(n)}.", "error"),
        (lambda n: str(1007 + 31 * (23 * n % 60)), lambda n, actor: f"The answer is {1007 + 31 * n}.", "error"),
        (lambda n: thing(23 * n % 60 if n % 2 else n), lambda n, actor: f"The answer is {thing(n)}.", "warning"),
        (thing, lambda n, actor: thing((7 * n + 11 * actor + 5) % 60), None),
        (thing, lambda n, actor: thing(3), None),
        (lambda n: str(n % 20), lambda n, actor: str((7 * n + 3) % 20), None),
    ],
)
def test_references_that_stand_with_wrong_questions_in_no_order(expected: Any, said: Any, severity: str | None) -> None:
    asked = questions(60, expected=expected, prompt=lambda number: f"Question {number}?")
    rows = [
        (f"q{n}", f"m{k}", said(n, k), score("exact_match", said(n, k), expected(n), {}).passed)
        for n in range(60)
        for k in (0, 1)
    ]
    finding = found(asked, answers(rows)).get("labels_shifted")
    assert (finding and finding.severity) == severity


def test_one_text_that_passes_questions_which_expect_different_things() -> None:
    everything = "It is one of " + ", ".join(map(str, range(0, 60, 2)))
    rows = [(f"q{number}", "m", everything, True) for number in range(20)]
    finding = found(questions(20), answers(rows))["repeated_answer_passes"]
    assert finding.severity == "warning"
    assert len(finding.answer_ids) == 20
    alike = questions(20, expected=lambda number: "AB"[number % 2], scorer="multiple_choice")
    letters = [(f"q{number}", "m", "AB"[number % 2], True) for number in range(20)]
    assert "repeated_answer_passes" not in found(alike, answers(letters))


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("What is 2 plus 2?", "what is  2 plus 2 ?", True),
        ('Who wrote "Emma"?', "Who wrote Emma", True),
        ("Is 1.5 odd?", "Is 15 odd?", False),
        ("How long is [1,2]?", "How long is [12]?", False),
        ("How many words in 'ab c'?", "How many words in 'a bc'?", False),
        ("What is len('ab')?", "What is len(ab)?", False),
    ],
)
def test_near_duplicates_differ_in_nothing_that_is_asked(first: str, second: str, is_same: bool) -> None:
    kinds = found(questions(2, prompt=lambda number: (first, second)[number], expected="2"))
    assert set(kinds) == ({"near_duplicates"} if is_same else set())


def test_one_expected_answer_for_nearly_all_is_a_warning() -> None:
    asked = questions(25, expected=lambda number: "7" if number > 2 else str(number))
    assert found(asked)["constant_expected"].severity == "warning"
    assert found(questions(25, expected=lambda number: "yes" if number % 3 else "no")) == {}


@pytest.mark.parametrize(
    ("tests", "kind"),
    [
        ("assert True\nassert 1 + 1 == 2", "tests_pass_without_code"),
        ("f(1)", "unusable_expected"),
        ("assert f(1) == 2\nassert isinstance(1, int)", None),
    ],
)
def test_tests_that_no_program_is_needed_for(tests: str, kind: str | None) -> None:
    asked = questions(1, expected=tests, scorer="code_execution")
    if score("code_execution", "```python\npass\n```", tests).passed is None and kind != "unusable_expected":
        pytest.skip("no sandbox")
    kinds = {name: finding.severity for name, finding in found(asked).items()}
    assert kinds == ({kind: "error"} if kind else {})


def test_a_call_that_its_own_schema_refuses_is_no_label() -> None:
    call = '{"name": "f", "arguments": {"a": 1}}'
    of_text = '{"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}'
    assert found(questions(1, expected=call, scorer="tool_call")) == {}
    broken = questions(1, expected=call, scorer="tool_call", scorer_config=of_text)
    (finding,) = found(broken).values()
    assert finding.kind in ("rejects_own_reference", "unusable_expected")
    assert finding.severity == "error"
    assert found(questions(1, expected="f(a=1)", scorer="tool_call"))["cannot_be_scored"].severity == "warning"


def test_one_letter_for_most_multiple_choice_questions_is_a_warning() -> None:
    letters = lambda number: "B" if number % 4 else "C"  # noqa: E731
    assert found(questions(40, expected=letters, scorer="multiple_choice"))["constant_letter"].severity == "warning"
    even = lambda number: "ABCD"[number % 4]  # noqa: E731
    assert found(questions(40, expected=even, scorer="multiple_choice")) == {}


def test_the_same_prompt_with_answers_that_exclude_each_other() -> None:
    asked = questions(
        2, prompt=lambda number: "What  is it?" if number else "What is it?", expected=lambda n: str(n + 4)
    )
    finding = found(asked)["conflicting_expected"]
    assert finding.severity == "error"
    assert set(finding.question_ids) == {"q0", "q1"}
    same = questions(2, prompt="What is it?", expected=lambda number: "1,000" if number else "1000")
    assert "conflicting_expected" not in found(same)
    wider = questions(2, prompt="Who?", expected=lambda number: "cat food" if number else "cat", scorer="substring")
    assert "conflicting_expected" not in found(wider), "the one passes for the other"
    cut = asked.with_columns(prompt_is_whole=pl.lit(value=False))
    assert "conflicting_expected" not in found(cut)
    indented = "x = 0\nfor i in range(3):\n    x += i\n{}print(x)"
    programs = questions(2, prompt=lambda number: indented.format("    " * number), expected=lambda n: str(n + 4))
    assert found(programs)["conflicting_expected"].severity == "warning", "an indent makes another program of it"


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("unusable_expected", {"expected": "  "}),
        ("rejects_own_reference", {"expected": "A and B", "scorer": "multiple_choice"}),
        ("expected_too_long", {"expected": "one two three four", "scorer": "substring", "max_tokens": 3}),
    ],
)
def test_references_that_no_answer_can_match_are_errors_unless_one_did(kind: str, columns: dict[str, Any]) -> None:
    asked = questions(1, **columns)
    assert found(asked, answers([("q0", "m", "x", False)]))[kind].severity == "error"
    passed = found(asked, answers([("q0", "m", "x", True)]))[kind].severity
    assert passed == ("error" if kind == "unusable_expected" else "warning")


def test_questions_that_no_answer_could_be_judged_for_are_a_warning() -> None:
    config = '{"instructions": [{"id": "nonsense"}]}'
    finding = found(questions(1, scorer="programmatic", scorer_config=config))["cannot_be_scored"]
    assert finding.severity == "warning"
    assert "nonsense" in finding.evidence


def test_a_reference_that_states_its_final_answer_need_not_be_repeated() -> None:
    solution = "Add the one to the other and you get the sum.\n#### 4"
    assert found(questions(1, expected=solution, max_tokens=5)) == {}


def test_a_long_reference_that_stands_in_the_prompt_is_a_warning() -> None:
    sentence = "the quick brown fox jumps over the lazy dog near the river"
    asked = questions(1, expected=sentence, prompt=f"Repeat: {sentence}", scorer="substring")
    assert found(asked)["expected_in_prompt"].severity == "warning"
    assert found(questions(1, expected="fox", prompt="Is the fox quick?", scorer="substring")) == {}
    assert found(asked.with_columns(scorer=pl.lit("exact_match"))) == {}, "its echo does not pass"


def test_questions_that_differ_in_spaces_and_case_alone() -> None:
    asked = questions(2, prompt=lambda number: "What is it?" if number else "what IS it", expected="4")
    assert found(asked)["near_duplicates"].severity == "warning"
    signs = questions(2, prompt=lambda number: "What is 3+3?" if number else "What is 3-3?", expected="4")
    assert found(signs) == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[ERROR: Inference failed: Request timed out after 60s]", "harness"),
        ("Traceback (most recent call last):\n  File 'x'", "traceback"),
        ("HTTP Error 502: Bad Gateway", "http"),
        ("503 Server Error: Service Unavailable", "http"),
        ("Error: connect ECONNREFUSED 127.0.0.1:8080", "connection"),
        ("requests.exceptions.ConnectionError: refused", "connection"),
        ("Request timed out.", "timeout"),
        ("llama_model_loader: loaded meta data", "log"),
        ('{"error":{"code":500,"message":"loading","type":"server_error"}}', "server"),
        ('{"error":"model not found"}', "server"),
        ("[TIMEOUT]", "harness"),
        ("ERROR: exit code -9", "harness"),
        ("Error: timeout", "harness"),
        ("bash: llama-cli: command not found", "shell"),
        ("502 Bad Gateway", "http"),
        ("Internal Server Error", "http"),
        ("Error: Request failed with status code 500", "http"),
        ("openai.BadRequestError: Error code: 400 - {'error': {}}", "http"),
        ("Rate limit exceeded", "http"),
        ("Error: connection refused", "connection"),
        ("APIConnectionError: Connection error.", "connection"),
        ("aiohttp.client_exceptions.ClientConnectorError: no host", "connection"),
        ("Command '['llama-cli']' timed out after 120 seconds", "timeout"),
        ("asyncio.exceptions.TimeoutError", "timeout"),
        ("Segmentation fault (core dumped)", "crash"),
        ("CUDA error: out of memory", "crash"),
        ("/src/ggml.c:3000: GGML_ASSERT(a) failed", "log"),
        ("error: failed to load model 'm.gguf'", "log"),
        ("common_init_from_params: failed to create context", "log"),
    ],
)
def test_messages_of_programs_are_errors(text: str, kind: str) -> None:
    given = answers([("q1", "m", text, True), ("q2", "m", f"It says: {text}", False), ("q3", "m", "6", True)])
    finding = found(questions(5), given)["error_text"]
    assert (finding.severity, finding.detail, finding.answer_ids) == ("error", kind, ("a0",))
    about_it = questions(5, prompt=lambda number: f"{number}: what does this mean?\n{text}")
    assert "error_text" not in found(about_it, given)


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("What does this program print?\n1 / x", "Traceback (most recent call last):\nZeroDivisionError"),
        ("Which exception does a read past the deadline raise?", "TimeoutError"),
        ("What is the first line of an HTTP reply for a missing page?", "HTTP/1.1 404 Not Found"),
    ],
)
def test_a_wrong_answer_about_programs_is_an_answer(prompt: str, text: str) -> None:
    given = answers([("q1", "m", text, False)])
    asked = questions(5, prompt=lambda number: f"{number}. {prompt}", expected="other words")
    assert "error_text" not in found(asked, given)
    harness = answers([("q1", "m", "[ERROR: Read timed out]", False)])
    assert found(asked, harness)["error_text"].severity == "error"


def test_an_answer_that_goes_on_after_a_message_is_one() -> None:
    text = "Traceback (most recent call last): this line opens what Python prints. " + "It goes on. " * 100
    assert found(questions(5), answers([("q1", "m", text, True)])) == {}


@pytest.mark.parametrize(
    "text",
    [
        *("Error analysis shows 4.", "HTTP is a protocol.", "Timed events.", "main: 3", "502", "504 is the answer"),
        *("Timeout is 30 s, so 4", "The error is 4%", "Error: the question has no answer", "Segmentation of markets"),
        *('{"error": 4, "result": 8}', "Rate limits matter: 5", "build: 4 houses", "Internal combustion", "Killed"),
    ],
)
def test_answers_that_only_resemble_messages_are_none(text: str) -> None:
    assert found(questions(5), answers([("q1", "m", text, True)])) == {}


@pytest.mark.parametrize("text", [" \n", "\u200b\ufeff\u00a0", "<think>It is 2.</think>\n", "<think>It is"])
def test_empty_answers(text: str) -> None:
    given = answers([("q1", "m", text, True), *((f"q{number}", "m", "", False) for number in range(5))])
    kinds = found(questions(5), given)
    assert kinds["empty_answer_passes"].answer_ids == ("a0",)
    assert kinds["empty_answers"].severity == "warning"


@pytest.mark.parametrize(("passed", "kind"), [(True, "all_pass"), (False, "all_fail")])
def test_a_suite_that_tells_nobody_apart(passed: bool, kind: str) -> None:
    rows = [(f"q{number}", f"m{actor}", f"{number}?", passed) for number in range(20) for actor in range(2)]
    assert found(questions(20), answers(rows))[kind].severity == "warning"
    assert found(questions(20), answers(rows[:-2])) == {}, "nineteen questions cannot tell"
    alone = [row for row in rows if row[1] == "m0"]
    assert found(questions(20), answers(alone)) == {}, "one model cannot tell"


def test_one_that_never_fails_where_others_do() -> None:
    rows = [(f"q{number}", actor, "x", actor == "a" or number % 2 == 0) for number in range(40) for actor in "ab"]
    finding = found(questions(40), answers(rows))["actor_always_passes"]
    assert (finding.actor, finding.severity) == ("a", "warning")


def names(number: int) -> str:
    return f"solve_{number}"


def test_verdicts_that_a_containment_test_gives() -> None:
    asked = questions(30, expected=names, scorer=None)
    code = mixed(30, lambda number, passed: f"def {names(number) if passed else 'other'}(x):\n    return x + 1\n" * 2)
    finding = found(asked, code)["pass_equals_substring"]
    assert finding.severity == "error"
    assert len(finding.answer_ids) == 60
    prose = mixed(
        30,
        lambda number, passed: (
            f"After some thought I would call the tool {names(number) if passed else 'nothing'} for that."
        ),
    )
    assert found(asked, prose)["pass_equals_substring"].severity == "warning"
    denied = prose.with_columns(
        text=pl.when(pl.col("answer_id") == "a1").then(pl.lit("It is not solve_0.")).otherwise("text"),
        passed=pl.when(pl.col("answer_id") == "a1").then(pl.lit(value=False)).otherwise("passed"),
    )
    assert "pass_equals_substring" not in found(asked, denied), "one verdict says otherwise"
    assert "pass_equals_substring" not in found(questions(30, expected=names, scorer="substring"), prose)


def test_good_numbers_are_in_good_answers_and_that_is_no_finding_of_a_known_scorer() -> None:
    text = lambda number, passed: f"First we add them, and so we get {1000 + number if passed else 7} in the end."  # noqa: E731
    asked = questions(30, expected=lambda number: str(1000 + number))
    assert found(asked, mixed(30, text)) == {}


def test_a_known_scorer_is_asked_whether_it_gave_the_verdicts_of_a_search() -> None:
    asked = questions(30, expected=lambda number: str(1000 + number))
    lying = "We get {} at first; but that is wrong.\n\nFinal answer: 7"
    searched = mixed(30, lambda number, passed: lying.format(1000 + number if passed else 5))
    finding = found(asked, searched)["pass_equals_substring"]
    assert (finding.severity, len(finding.answer_ids)) == ("error", 60)
    words = lambda number: f"the keeper of lamp {number:02}"  # noqa: E731
    named = mixed(30, lambda number, passed: f"After some thought I say that it was {words(number) if passed else 'I'}")
    good = questions(30, expected=words, scorer="f1", scorer_config='{"threshold": 0.4}')
    assert "pass_equals_substring" not in found(good, named), "F1 says so too"


def test_one_that_never_fails_beside_one_that_hardly_does() -> None:
    def rows(failures: int) -> list[tuple[str, str, str | None, bool | None]]:
        return [
            (f"q{number}", actor, "x", actor == "a" or (number >= failures if actor == "b" else number % 2 == 0))
            for number in range(60)
            for actor in "abc"
        ]

    assert "actor_always_passes" not in found(questions(60), answers(rows(2))), "0.97 to the power of 60 is 0.13"
    assert "actor_always_passes" in found(questions(60), answers(rows(7))), "0.88 to the power of 60 is 0.0006"


SILENT = "```python\ndef main():\n    print(int(input()) * 2)\n```"
RUNNING = "```python\nvalue = int(input())\nprint(value * 2)\n```"


def test_programs_that_pass_because_they_do_nothing() -> None:
    asked = questions(30, expected="", scorer=None)
    programs = mixed(30, lambda number, passed: SILENT if passed else RUNNING.replace("value", f"v{number}"))
    programs = programs.with_columns(pl.col("text").str.replace("```python\n", "```python\nimport sys\n", literal=True))
    finding = found(asked, programs)["definitions_only_passes"]
    assert finding.severity == "error"
    assert len(finding.answer_ids) == 60
    one_ran = programs.with_columns(passed=(pl.col("answer_id") == "a0") | pl.col("passed"))
    assert "definitions_only_passes" not in found(asked, one_ran), "a program that ran passed too"


def test_many_answers_cut_at_their_limit() -> None:
    given = answers([(f"q{number}", "m", "and then", False) for number in range(20)], cut=True)
    assert found(questions(20), given)["cut_answers"].severity == "warning"
    assert "cut_answers" not in found(questions(20), given.with_columns(is_cut=pl.lit(value=False)))


def test_reviews_with_one_reason_for_all_and_passes_that_nobody_checked() -> None:
    said = ["Well structured", "Well structured.", "well-structured", "Well structured", "WELL STRUCTURED!"]
    rows = [(f"r{number}", "plain", "math", f"q{number}", True, said[number], False) for number in range(5)]
    rows.append(("r9", "plain", "math", "q9", True, "Response generated, not verified", True))
    rows.append(("r8", "plain", "math", "q8", False, "Wrong, and not verified", True))
    reviews = pl.DataFrame(rows, schema=REVIEW_SCHEMA, orient="row")
    scope = Scope("history", "review", None, "reviews")
    pairs = audit_reviews(scope, reviews)
    assert {finding.kind: finding.severity for _, finding in pairs} == {
        "reused_reason": "warning",
        "unverified_pass": "error",
    }
    assert finding_answer_frame(pairs)["answer_id"].to_list() == ["r9"]
    assert audit_reviews(scope, reviews.head(4)) == []


def test_every_kind_of_finding_is_explained_and_says_what_to_do() -> None:
    page = (checkout_root() / "docs" / "label_audit.md").read_text(encoding="utf-8")
    first_cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    kinds = {kind for cell in first_cells for kind in re.findall(r"`(\w+)`", cell)}
    assert kinds - {"valid", "infrastructure_error", "invalid_label", "not_scored"} - set(SCORERS) == set(WHAT_TO_DO)
    pairs = [(SCOPE, finding) for finding in found(questions(24, expected="yes")).values()]
    (evidence,) = finding_frame(pairs)["evidence"]
    assert evidence.endswith(WHAT_TO_DO["constant_expected"])


def test_a_finding_keeps_its_identity_and_one_row() -> None:
    few, more = questions(20, expected="x"), questions(30, expected="x")
    first, second = (finding_frame(audit_suite(SCOPE, asked, answers([]))) for asked in (few, more))
    assert first["finding_id"].to_list() == second["finding_id"].to_list()
    assert second["questions"].to_list() == [30]
    assert finding_frame([]).is_empty()


def test_no_suite_makes_the_audit_fail() -> None:
    odd = [("q0", "m", "\x00\ud7ff def (", True), ("q1", "m", None, None), ("nowhere", "m", "x", True)]
    asked = questions(
        2, prompt="(?[", expected=lambda number: None if number else "*\\", scorer="f1", scorer_config="{"
    )
    assert isinstance(found(asked, answers(odd)), dict)
    assert isinstance(found(asked.clear(), answers(odd)), dict)
