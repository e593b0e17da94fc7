"""The validator finds what is wrong with questions, and nothing in sound ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets import sandbox
from epyc_assets.benchmark.near_duplicates import shingles, similar_pairs
from epyc_assets.benchmark.question_validation import (
    Examined,
    Validation,
    config_fault,
    printing_program,
    validate_questions,
)
from epyc_assets.benchmark.scorer_options import shows_all_tests
from epyc_assets.benchmark.suite_sources import file_source, repeated_across
from epyc_assets.benchmark.wrong_answers import broken_programs, perturbed_numbers, wrong_answers
from epyc_assets.scoring import score
from epyc_assets.suites.question import Question, content_key


def question(prompt: str, expected: str, scorer: str = "exact_match", tier: int = 1, **config: object) -> Question:
    key = content_key("math", prompt, expected, scorer, config)  # type: ignore[arg-type]
    return Question(key, "math", tier, prompt, expected, scorer, config, 64, "shipped:math", "1", 0, "test")  # type: ignore[arg-type]


def validated(*questions: Question, computed_by: str | None = None, generated: bool = False) -> Validation:
    examined = [Examined(each, f"q{place}", computed_by, generated) for place, each in enumerate(questions)]
    return validate_questions(examined, solvers={})


def found(validation: Validation, check: str) -> list[tuple[str, str]]:
    return [(each.name, each.severity) for each in validation.findings if each.check == check]


SOUND = (
    question("What is 17 + 25? Answer with the number only.", "42"),
    question("Which of these burns? (A) stone (B) paper (C) water (D) sand", "B", "multiple_choice", 2),
    question("Who wrote the letter in the drawer, by the note above? The note says: Ines did.", "Ines", tier=3),
)


def test_sound_questions_have_no_findings() -> None:
    assert validated(*SOUND).findings == []


@pytest.mark.parametrize(
    ("bad", "check"),
    [
        (question("", "7"), "prompt"),
        (question("Say it.", "one two three four", max_words=1), "max_tokens"),
        (question("How many?", "7", "no_such_scorer"), "scorer_config"),
        (question("How many?", "7", "exact_match", tolerance="wide"), "scorer_config"),
        (question("Write it.", "", "programmatic", instructions=[{"id": "no:such"}]), "scorer_config"),
        (question("How many?", "no letter", "multiple_choice"), "scorer_config"),
        (question("How many?", "7", "exact_match", tolerence=1), "scorer_config"),
        (question("\u200b\u200b", "7"), "prompt"),
        (question("Which? A) x B) x", "B", "multiple_choice", choices=["x", "x "]), "choices"),
        (question("Which? A) x B) x", "B", "multiple_choice", choices={"A": "x", "B": "x"}), "choices"),
        (question("Which river?", ""), "reference"),
        (question("Which river?", "", "substring"), "reference"),
        (question("Shout.", "quietly", "programmatic", instructions=[{"id": "case:capitals"}]), "reference"),
    ],
)
def test_each_fault_is_an_error_of_its_check(bad: Question, check: str) -> None:
    if check == "max_tokens":
        bad = replace(bad, max_tokens=2, scorer_config={})
    assert ("q1", "error") in found(validated(SOUND[0], bad), check)


def test_a_scorer_that_passes_wrong_answers_is_found() -> None:
    lax = question("How many apples and pears are there, in words and numbers together?", "about 7 of 9 apples", "f1")
    assert ("q0", "warning") in found(validated(lax), "wrong_answer")
    anything = question("Say something nice.", "nice", "programmatic", instructions=[{"id": "punctuation:no_comma"}])
    assert ("q0", "warning") in found(validated(anything), "wrong_answer")
    tolerant = question("What is 17 + 25?", "42", tolerance=5)
    assert not found(validated(tolerant), "wrong_answer"), "a number past the tolerance is tried"
    for wide in (
        question("What is 17 + 25?", "42", tolerance=1e9),
        question("What is 17 + 25?", "42", relative_tolerance=1.0),
    ):
        assert ("q0", "warning") in found(validated(wide), "wrong_answer")


def test_words_that_are_checked_and_not_asked_for_are_found() -> None:
    rule = {"id": "keywords:existence", "kwargs": {"keywords": ["Zebra", "sea"]}}
    silent = question(
        "Write two sentences about the sea.", "The zebra sees the sea.", "programmatic", instructions=[rule]
    )
    asked = question(
        "Write on the sea; use the word zebra.", "The zebra sees the sea.", "programmatic", instructions=[rule]
    )
    result = validated(silent, asked)
    assert found(result, "unasked_words") == [("q0", "warning")]
    assert "'Zebra'" in next(each.detail for each in result.findings if each.check == "unasked_words")


def test_tests_that_the_prompt_shows_are_found_where_all_are_shown() -> None:
    said = "Write f(x), the square of x, such that assert f(2) == 4 and f(3) is 9. Input 5 prints 25."
    shown = (
        {"test_code": "assert f(2)  == 4\n"},
        {"function_tests": [{"args": [2], "expected": 4}, {"args": [3], "expected": 9}]},
        {"io_tests": [{"stdin": "5\n", "stdout": "25\n"}]},
    )
    hidden = ({"test_code": "assert f(2) == 4\nassert f(7) == 49"}, {"function_tests": [{"args": [4], "expected": 16}]})
    for config in (*shown, *hidden, {}):
        assert shows_all_tests(question(said, "", "code_execution", 1, **config)) is (config in shown), config


def test_a_prompt_that_two_files_ask_is_found_once_with_both_places(tmp_path: Path) -> None:
    head = 'suite: math\nversion: "1"\ndefaults: {scorer: exact_match}\nquestions:\n'
    for name, expected in (("one", "4"), ("two", "4"), ("three", "5")):
        text = f"{head}  - {{id: {name}, tier: 1, prompt: 'What is  2 + 2?', expected: '{expected}'}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    sources = [file_source(tmp_path / f"{name}.yaml") for name in ("one", "two", "three")]
    again = repeated_across(sources)
    assert [(each.name, each.severity) for each in again] == [("two", "warning"), ("three", "error")]
    assert all("one.yaml:5" in each.detail and each.place.startswith(str(tmp_path)) for each in again)
    assert repeated_across(sources[:1]) == []


def test_repeats_and_contradictions_are_told_apart() -> None:
    first = question("What is 17 + 25? Answer with the number only.", "42")
    assert found(validated(first, first), "unique_ids") == [("q1", "error")]
    assert found(validated(first, replace(first, question_id="x", expected="43")), "repeated_prompt") == [
        ("q1", "error")
    ]
    again = question(first.prompt, "42", tier=2, tolerance=0)
    assert found(validated(first, again), "repeated_prompt") == [("q1", "warning")]


def test_near_duplicates_are_found_among_written_questions_and_not_among_generated_ones() -> None:
    one = question("A train leaves the town at 9 and drives 60 km per hour for 3 hours: how far does it come?", "180")
    two = question("A train leaves the town at 7 and drives 80 km per hour for 2 hours: how far does it come?", "160")
    assert found(validated(one, two, SOUND[2]), "near_duplicate") == [("q1", "warning")]
    spoken = "A train leaves the tówn at seven and drives eighty km per hour, for 2 hours - HOW far does it come"
    assert shingles(spoken.replace(" -", "")) == shingles(one.prompt)
    assert shingles("What is 3 + 4?") != shingles("What is 3 - 4?"), "signs of arithmetic count"
    assert found(validated(one, two, SOUND[2], generated=True), "near_duplicate") == []


def test_a_solver_that_disagrees_is_an_error_and_one_that_agrees_confirms() -> None:
    right, wrong = question("What is 17 + 25?", "42"), question("What is 20 + 25?", "44")
    examined = [Examined(each, name, None, True) for each, name in ((right, "right"), (wrong, "wrong"))]
    result = validate_questions(
        examined, solvers={"math": lambda prompt: str(sum(map(int, prompt[8:-1].split(" + "))))}
    )
    assert found(result, "solver") == [("wrong", "error")]
    assert result.verified == {right.question_id}
    assert len(result.solved) == 2
    broken = validate_questions(examined, solvers={"math": lambda prompt: str(1 // 0)})
    assert found(broken, "solver") == [("right", "warning"), ("wrong", "warning")]


def test_no_tier_left_out_and_no_answer_everywhere() -> None:
    same = [question(f"Is {n} a number, truly and without any doubt at all?", "yes") for n in range(12)]
    result = validated(*same, generated=True)
    assert found(result, "tier_spread") == [("", "warning")]
    assert found(result, "answer_spread") == [("", "warning")]


def test_what_cannot_be_checked_is_a_note_and_counted_once() -> None:
    asked = [question(f"Explain {word}.", "", "judge") for word in ("rain", "snow", "wind")]
    result = validated(*asked)
    assert [(each.severity, each.detail[:11]) for each in result.findings if each.check == "needs_judge"] == [
        ("note", "3 questions")
    ]


def test_programs_run_in_the_sandbox_and_as_many_as_allowed() -> None:
    tests = "assert add(2, 3) == 5\nassert add(-1, 1) == 0"
    good = question("Write add.", "def add(a, b):\n    return a + b", "code_execution", test_code=tests)
    bad = question("Write add, again.", "def add(a, b):\n    return a - b", "code_execution", test_code=tests)
    lax = question(
        "Write add, once more.", "def add(a, b):\n    return a + b", "code_execution", test_code="assert add(1, 2) != 4"
    )
    if score("code_execution", "```python\npass\n```", "", {"test_code": "assert True"}).passed is None:
        pytest.skip("there is no sandbox on this machine: programs are never run bare")
    result = validated(good, bad, lax)
    assert found(result, "reference") == [("q1", "error")]
    assert ("q2", "error") in found(result, "wrong_answer")
    assert result.verified == {good.question_id, lax.question_id}
    none = validate_questions([Examined(good, "q")], code_runs=0)
    assert (none.code_runs, none.code_left_out) == (0, 1)
    computed = question("What is six times seven?", "42")
    assert validated(computed, computed_by="6 * 7").verified == {computed.question_id}
    assert found(validated(computed, computed_by="print(6 * 8)"), "computed_by") == [("q0", "error")]


def test_every_answer_that_a_file_computes_is_computed() -> None:
    examined = [
        Examined(
            question(f"What is twice {number}?", "36" if number == 17 else str(2 * number)),
            str(number),
            f"2 * {number}",
        )
        for number in range(20)
    ]
    result = validate_questions(examined, solvers={})
    if any(each.check == "computed_by" and each.severity == "note" for each in result.findings):
        pytest.skip("there is no sandbox on this machine: programs are never run bare")
    assert found(result, "computed_by") == [("17", "error")]
    assert result.code_left_out == 0
    assert len(result.verified) == 19
    none = validate_questions(examined, code_runs=0, solvers={})
    assert (none.code_runs, none.code_left_out) == (0, 20)


def test_wrong_answers_are_wrong() -> None:
    for asked in SOUND:
        tried = list(wrong_answers(asked, {each.question_id: each.expected for each in SOUND}))
        assert {"empty", "refusal"} < {each.kind for each in tried}
        for each in tried:
            if each.certain:
                assert score(asked.scorer, each.text, asked.expected, asked.scorer_config).passed is False, each


@given(number=st.integers(0, 10**9) | st.decimals(0, 10**6, places=2), tolerance=st.floats(0, 100))
@settings(max_examples=40, deadline=None)
def test_a_moved_number_is_past_the_tolerance(number: object, tolerance: float) -> None:
    moved = perturbed_numbers(f"is {number} km", {"tolerance": tolerance})
    assert moved is not None
    assert abs(float(moved.split()[1]) - float(str(number))) > tolerance


def test_broken_programs_do_something_else() -> None:
    program = "def f(a, b):\n    return a + b if a < b else a - b\n"
    kinds = {each.kind: each.text for each in broken_programs(program)}
    assert "return None" in kinds["empty body"]
    assert kinds["mutation"] != program
    assert list(broken_programs("int main() { return 0; }")) == []


@pytest.mark.parametrize(
    ("given_text", "program"),
    [
        ("1 + 1", "print(1 + 1)"),
        ("print(3)", "print(3)"),
        ("x = 2\nprint(x)", "x = 2\nprint(x)"),
        (" 7 \n", "print(7)"),
    ],
)
def test_an_expression_is_printed_and_a_program_runs_as_it_is(given_text: str, program: str) -> None:
    assert printing_program(given_text) == program


def test_the_scorer_says_why_a_question_cannot_be_used() -> None:
    assert config_fault(SOUND[0]) is None
    assert "no scorer named" in str(config_fault(replace(SOUND[0], scorer="nothing")))
    assert "'language' must be" in str(config_fault(question("Write f.", "", "code_execution", language="rust")))
    if sandbox.availability() is None:
        assert "not Python" in str(config_fault(question("Write f.", "", "code_execution", test_code="assert (")))


words = st.sampled_from(["the", "a", "cat", "dog", "sees", "runs", "in", "on", "hill", "lake", "1", "22", "far"])


@given(
    prompts=st.lists(st.lists(words, min_size=1, max_size=14).map(" ".join), max_size=14),
    least=st.sampled_from([0.5, 0.9]),
)
@settings(max_examples=60, deadline=None)
def test_similar_pairs_are_those_of_comparing_all_with_all(prompts: list[str], least: float) -> None:
    naive = set()
    for second, one in enumerate(prompts):
        for first, other in enumerate(prompts[:second]):
            a, b = shingles(one), shingles(other)
            if len(a & b) / len(a | b) >= least:
                naive.add((first, second))
    assert {(pair.first, pair.second) for pair in similar_pairs(prompts, least)} == naive
