"""No text, however long or odd, raises or takes more than linear time in any scorer."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.scoring import score

QUESTIONS: list[tuple[str, str, dict]] = [
    ("exact_match", "42", {}),
    ("exact_match", "Paris", {}),
    ("exact_match", "1, 2, 3", {}),
    ("exact_match", '{"a": 1}', {}),
    ("multiple_choice", "B", {}),
    ("multiple_choice", "B", {"choices": ["London", "Paris"]}),
    ("substring", "Paris", {}),
    ("substring", "4", {}),
    ("f1", "Paris", {}),
    ("code_execution", "", {}),
    ("tool_call", '{"name": "a", "arguments": {"x": 1}}', {}),
    (
        "programmatic",
        '{"name": "x"}',
        {
            "instructions": [
                {"id": "keywords:frequency", "kwargs": {"keyword": "a", "frequency": 1, "relation": "at least"}},
                {"id": "keywords:forbidden_words", "kwargs": {"forbidden_words": ["a"]}},
                {"id": "language:response_language", "kwargs": {"language": "en"}},
                {"id": "length_constraints:number_sentences", "kwargs": {"num_sentences": 1, "relation": "at least"}},
                {"id": "length_constraints:number_paragraphs", "kwargs": {"num_paragraphs": 1}},
                {"id": "detectable_content:number_placeholders", "kwargs": {"num_placeholders": 1}},
                {"id": "detectable_content:postscript", "kwargs": {"postscript_marker": "P.S."}},
                {"id": "detectable_format:number_bullet_lists", "kwargs": {"num_bullets": 1}},
                {"id": "detectable_format:number_highlighted_sections", "kwargs": {"num_highlights": 1}},
                {"id": "detectable_format:multiple_sections", "kwargs": {"section_spliter": "S", "num_sections": 1}},
                {"id": "detectable_format:json_format"},
                {"id": "detectable_format:title"},
                {"id": "combination:two_responses"},
                {"id": "change_case:english_capital"},
                {
                    "id": "change_case:capital_word_frequency",
                    "kwargs": {"capital_frequency": 1, "capital_relation": "at least"},
                },
                {"id": "format:tool_call", "kwargs": {"embedded": True}},
                {"id": "format:exact_list", "kwargs": {"items": ["a"]}},
                {"id": "format:json_schema", "kwargs": {"schema": {"type": "object"}}},
            ]
        },
    ),
]

fragments = st.sampled_from(
    [
        "42",
        "$",
        "%",
        "1,234",
        "1/2",
        "-",
        "−",
        "Final answer:",
        "The answer is",
        "####",
        "\\boxed{",
        "}",
        "{",
        "\\frac{1}{2}",
        "<think>",
        "</think>",
        "Answer:",
        "A",
        "(B)",
        "I",
        "not",
        "Paris",
        "**",
        "*",
        "`",
        "\n",
        " ",
        "\ud800",
        "\x00",
        "½",
        "10^",
        "e9",
        "wait",
        "actually",
        "?",
        ".",
        ",",
        "[1, 2",
        "]",
        "twenty",
        '{"a":',
        "<<",
        ">>",
        "\u2028",
        "\ufffd",
        "²",
        "٣",
        "Ⅷ",
        "𝟙",
    ]
)
answers = (
    st.text()
    | st.text(st.characters(categories=["Cs", "Nd", "No", "Sm", "Sc", "Zs", "Cc"]))
    | st.lists(fragments, max_size=25).map("".join)
)


@settings(max_examples=120, deadline=None)
@given(answers)
def test_any_text_is_scored_and_always_alike(answer: str) -> None:
    for method, expected, config in QUESTIONS:
        result = score(method, answer, expected, config)
        assert result == score(method, answer, expected, config)
        assert result.value is None or 0 <= result.value <= 1
        assert (result.value is None) is (result.passed is None)
        assert result.explanation


@settings(max_examples=100, deadline=None)
@given(answers, answers)
def test_any_text_may_be_the_reference_and_then_passes_only_with_something_to_match(answer: str, expected: str) -> None:
    for method in ("exact_match", "substring", "f1"):
        result = score(method, answer, expected)
        if not expected.strip():
            assert not result.passed


LONG = [
    "(",
    "[",
    "{",
    "<<",
    "*",
    "-",
    "1",
    "1,111,",
    "1 ",
    "1/2",
    "½",
    "\\boxed{",
    "\\frac{",
    '{"a":',
    "<think>",
    "answer: ? ",
    "answer is ",
    "\n",
    " ",
    "* \n",
    "A ",
    "(A) or ",
    "not ",
    "it is ",
    "wait ",
    "a.b ",
    ". ",
    " - ",
    "twenty ",
    "\u2009",
]

IN_A_CHILD = """
import time
from epyc_assets.scoring import degeneracy, score
from epyc_assets_tests.scoring.test_hostile_text import LONG, QUESTIONS

def taken_s(function, fragment, characters):
    text = fragment * (characters // len(fragment)) + "x"
    start = time.process_time()
    function(text)
    return time.process_time() - start

functions = {"degeneracy": degeneracy}
for index in (0, 1, 2, 5, 6, 10, 11):
    method, expected, config = QUESTIONS[index]
    functions[f"{method} {expected}"] = lambda text, given=(method, expected, config): score(given[0], text, *given[1:])
for name, function in functions.items():
    function("warm up")
    for fragment in LONG:
        # Four times the text takes four times as long, and 16 times where a pattern is quadratic.
        large = taken_s(function, fragment, 10_000)
        if large > 0.2 and large > 10 * taken_s(function, fragment, 2_500):
            print("more than linear:", name, repr(fragment))
print("done")
"""


def test_long_repetitive_text_takes_linear_time() -> None:
    # By the ratio of two sizes, which says nothing about speed; in a child, so that a pattern that takes for ever ends.
    child = subprocess.run([sys.executable, "-c", IN_A_CHILD], capture_output=True, text=True, timeout=60, check=False)
    assert child.stdout == "done\n", child.stdout + child.stderr[-2000:]


def test_hundreds_of_thousands_of_openings_are_scored() -> None:
    for fragment in ("(", "<think>"):
        text = fragment * (300_000 // len(fragment))
        for method, expected, config in QUESTIONS[:1] + QUESTIONS[4:5]:
            assert score(method, text, expected, config).passed is False
