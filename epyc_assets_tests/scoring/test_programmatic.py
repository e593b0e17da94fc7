from __future__ import annotations

import json

import pytest

from epyc_assets.scoring import InvalidScorerConfig, UnknownVerifier, score
from epyc_assets.scoring.programmatic import loose_variants
from epyc_assets.scoring.verifiers import VERIFIERS
from epyc_assets.scoring.verifiers.lengths import count_sentences

# The published registry of IFEval (Zhou et al. 2023), all twenty-five.
PUBLISHED = {
    "keywords:existence",
    "keywords:frequency",
    "keywords:forbidden_words",
    "keywords:letter_frequency",
    "language:response_language",
    "length_constraints:number_sentences",
    "length_constraints:number_paragraphs",
    "length_constraints:number_words",
    "length_constraints:nth_paragraph_first_word",
    "detectable_content:number_placeholders",
    "detectable_content:postscript",
    "detectable_format:number_bullet_lists",
    "detectable_format:constrained_response",
    "detectable_format:number_highlighted_sections",
    "detectable_format:multiple_sections",
    "detectable_format:json_format",
    "detectable_format:title",
    "combination:two_responses",
    "combination:repeat_prompt",
    "startend:end_checker",
    "startend:quotation",
    "change_case:capital_word_frequency",
    "change_case:english_capital",
    "change_case:english_lowercase",
    "punctuation:no_comma",
}

# (id, kwargs, answers that follow strictly, answers that do not even loosely)
CASES = [
    (
        "keywords:existence",
        {"keywords": ["cat", "mat"]},
        ["The Cat on a mat", "concatenate mats"],
        ["a cat", "x"],
    ),
    ("keywords:frequency", {"keyword": "cat", "frequency": 2, "relation": "at least"}, ["cat CAT"], ["cat"]),
    (
        "keywords:frequency",
        {"keyword": "cat", "frequency": 2, "relation": "less than"},
        ["cat", "dog"],
        ["cat cat cat"],
    ),
    ("keywords:frequency", {"keyword": "a.c", "frequency": 1, "relation": "at least"}, ["a.c"], ["abc"]),
    ("keywords:forbidden_words", {"forbidden_words": ["cat"]}, ["concatenate"], ["a Cat.", "cat"]),
    (
        "keywords:letter_frequency",
        {"letter": "E", "let_frequency": 3, "let_relation": "at least"},
        ["eEe"],
        ["ee"],
    ),
    (
        "keywords:letter_frequency",
        {"letter": "q", "let_frequency": 1, "let_relation": "less than"},
        ["ee"],
        ["q q"],
    ),
    (
        "language:response_language",
        {"language": "de"},
        ["Der Hund ist nicht auf dem Tisch und die Katze auch"],
        ["The dog is not on the table and that is it"],
    ),
    (
        "language:response_language",
        {"language": "hi"},
        ["यह किताब बहुत अच्छी है और मेरे पास भी है"],
        ["The dog is on the table"],
    ),
    ("language:response_language", {"language": "ja"}, ["これは猫です"], ["这是一只猫，它很可爱"]),
    (
        "language:response_language",
        {"language": "ru"},
        ["Это не кошка, она была в доме и он тоже"],
        ["Това не е котка, която ще се да е с"],
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "at least"},
        ["One. Two! Three?", "Dr. Smith met J. Doe at 5 p.m. today. Yes. He did."],
        ["One. Two.", "Dr. No vs. Mr. T"],
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        ["Only one, by Dr. Who"],
        ["One. Two. Three."],
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        ["one\n***\ntwo", "***\none\n***\ntwo\n***"],
        ["one", "one *** *** two", "one***two***three***four"],
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3, "relation": "at least"},
        ["one two three", "a-b c"],
        ["one two"],
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3, "relation": "less than"},
        ["one two"],
        ["one two three"],
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Dear"},
        ["Hi\n\n'Dear, you", "Hi\n\nDEAR."],
        ["Dear\n\nHi", "Hi\n\nDear\n\nBye\n\nNow", "Hi"],
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        ["[a] and [b]"],
        ["[a", "[a]", "] ["],
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        ["Bye\nP.S. hi", "p. s. hi"],
        ["PS hi", "Bye"],
    ),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, ["P.P.S hi", "p. p. s"], ["P.S. hi"]),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        ["* a\n* b", "- a\n  - b", "* a\n**no**\n- b"],
        ["* a", "1. a\n2. b", "**a**\n**b**", "* a\n* b\n* c\n* d\n* e"],
    ),
    ("detectable_format:constrained_response", {}, ["My answer is yes."], ["yes", "my answer is yes"]),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 3},
        ["*a* *b* *c*", "*a* and *b*\n**c**"],
        ["*a* *b*", "** ** ** **", "* a\n* b\n* c"],
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        ["Section 1\nx\nSection 2"],
        ["Section 1", "Section A Section B"],
    ),
    (
        "detectable_format:json_format",
        {},
        ['{"a": 1}', '```json\n{"a": 1}\n```', "[]"],
        ['Here: {"a": 1} ok', "{a: 1}", "[" * 200_000],
    ),
    ("detectable_format:title", {}, ["<<poem>>\nx", "a <<b>> c"], ["<<>>", "<< >>", "<poem>", "<<a\nb>>"]),
    (
        "combination:two_responses",
        {},
        ["one\n******\ntwo"],
        ["one", "one******one", "a****** ******b", "a******b******c******d"],
    ),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say hi"}, ["say HI\nhi"], ["hi. Say hi"]),
    (
        "startend:end_checker",
        {"end_phrase": "The end."},
        ["x the END.", '"x The end."'],
        ["The end. x", "The end"],
    ),
    ("startend:quotation", {}, ['"hi"', ' "hi" '], ['"hi', "hi", '"', "'hi'"]),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 3, "capital_relation": "at least"},
        ["A BIG CAT", "I DON'T"],
        ["A Big Cat", "BIG-CAT X"],
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 1, "capital_relation": "less than"},
        ["none"],
        ["A CAT"],
    ),
    (
        "change_case:english_capital",
        {},
        ["THE CAT IS ON THE MAT", "MIA RED CUP"],
        ["The CAT", "DER HUND IST NICHT AUF DEM TISCH UND DIE KATZE AUCH"],
    ),
    (
        "change_case:english_lowercase",
        {},
        ["the cat is on the mat", "mia red cup"],
        ["The cat", "der hund ist nicht auf dem tisch und die katze auch"],
    ),
    ("punctuation:no_comma", {}, ["no comma"], ["a, b"]),
    (
        "keywords:repeat_count",
        {"word": "jar", "count": 3},
        ["jar, Jar jar", "jar jar jars jar"],
        ["jar jar", "jar jar jar jar"],
    ),
    ("keywords:repeat_count", {"word": "jar", "count": 2, "only": True}, ["jar, jar"], ["jar and jar"]),
    (
        "format:exact_list",
        {"items": ["b", "a"]},
        ["b, a", "- b\n- a", "[b, a]", "1. B\n2. A"],
        ["a, b", "b", "b, a, c", "so: b, a"],
    ),
    ("format:exact_list", {"items": ["b", "a"], "ordered": False}, ["a, b"], ["a, a"]),
    (
        "format:tool_call",
        {"name": "add", "arguments": {"a": 1, "b": [2.0]}},
        [
            '{"name": "add", "arguments": {"b": [2], "a": 1}}',
            '```json\n{"name": "add", "arguments": {"a": 1, "b": [2]}}\n```',
            '<tool_call>{"name": "add", "arguments": {"a": 1, "b": [2]}}</tool_call>',
            '{"function": {"name": "add", "arguments": "{\\"a\\": 1, \\"b\\": [2]}"}}',
            '{"tool": "add", "args": {"a": 1, "b": [2]}}',
        ],
        [
            '{"name": "sub", "arguments": {"a": 1, "b": [2]}}',
            '{"name": "add", "arguments": {"a": true, "b": [2]}}',
            '{"name": "add", "arguments": {"a": 1, "b": [2], "c": 3}}',
            '{"name": "add"}',
            "add(1, 2)",
            '{"name": 3}',
            'I call {"name": "add", "arguments": {"a": 1, "b": [2]}} now',
        ],
    ),
    (
        "format:tool_call",
        {"name": "add", "arguments": {"a": 1}, "embedded": True},
        ['I call {"name": "add", "arguments": {"a": 1}} now'],
        ['{"name": "add", "arguments": {"a": 1}} {"name": "add", "arguments": {"a": 1}} x', "x"],
    ),
    (
        "format:json_schema",
        {
            "schema": {
                "type": "object",
                "required": ["a"],
                "additionalProperties": False,
                "properties": {
                    "a": {"type": "integer", "minimum": 1},
                    "b": {"type": "array", "items": {"enum": ["x", "y"]}, "maxItems": 2},
                },
            }
        },
        ['{"a": 1}', '{"a": 2.0, "b": ["x", "y"]}'],
        [
            '{"a": 0}',
            '{"a": true}',
            '{"b": []}',
            '{"a": 1, "c": 1}',
            '{"a": 1, "b": ["z"]}',
            '{"a": 1, "b": ["x", "x", "x"]}',
            "[]",
            "a",
        ],
    ),
    ("count:words", {"count": 3, "relation": "exactly"}, ["I don't know", "one - two three"], ["one two", "a b c d"]),
    ("count:paragraphs", {"count": 2, "relation": "at most"}, ["a\n\nb", "a\nb"], ["a\n\nb\n \nc\n\nd\n\ne"]),
    ("count:bullet_lines", {"count": 2, "relation": "at least"}, ["- a\n* b", "• a\n+ b"], ["- a", "**a**\n-b"]),
    ("count:numbered_lines", {"count": 2, "relation": "more than"}, ["1. a\n2) b\n3. c"], ["1. a\n2. b", "1. a\n3. c"]),
    ("count:comma_entries", {"count": 3, "relation": "exactly"}, ["a, b, c.", "a,b,c"], ["a, b", "a,,c", "a, b\nc"]),
    ("start:text", {"text": "Dear Sir"}, ["Dear Sir, hello", "**dear  sir**"], ["Dear Sirs", "Hello, Dear Sir"]),
    ("case:capitals", {}, ["ÇA VA 1?"], ["Ça va", "12"]),
    ("case:small", {}, ["ça va 1?"], ["Ça va", "12"]),
]


def judged(instruction_id: str, kwargs: dict, answer: str):
    return score("programmatic", answer, "", {"instructions": [{"id": instruction_id, "kwargs": kwargs}]})


def test_every_published_instruction_has_a_verifier_and_a_case() -> None:
    assert set(VERIFIERS) >= PUBLISHED
    assert {case[0] for case in CASES} == set(VERIFIERS)


@pytest.mark.parametrize(("instruction_id", "kwargs", "following", "breaking"), CASES)
def test_what_follows_an_instruction_and_what_does_not(
    instruction_id: str, kwargs: dict, following: list[str], breaking: list[str]
) -> None:
    for answer in following:
        result = judged(instruction_id, kwargs, answer)
        assert (result.passed, result.strict_passed) == (True, True), (answer[:80], result.explanation)
    for answer in [*breaking, ""]:
        result = judged(instruction_id, kwargs, answer)
        assert (result.passed, result.strict_passed) == (False, False), (answer[:80], result.explanation)


def test_an_unknown_verifier_is_an_error_and_never_a_substring() -> None:
    with pytest.raises(UnknownVerifier, match="epyc score methods --verifiers"):
        score("programmatic", "banana", "banana", {"instructions": [{"id": "banana"}]})


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"instructions": []},
        {"instructions": "no_comma"},
        {"instructions": [{"kwargs": {}}]},
        {"instructions": [{"id": "keywords:existence"}]},
        {"instructions": [{"id": "keywords:existence", "kwargs": {"keywords": []}}]},
        {"instructions": [{"id": "keywords:existence", "kwargs": {"keywords": ["a", ""]}}]},
        {"instructions": [{"id": "keywords:forbidden_words", "kwargs": {"forbidden_words": []}}]},
        {"instructions": [{"id": "keywords:frequency", "kwargs": {"keyword": "a", "frequency": 1}}]},
        {
            "instructions": [
                {
                    "id": "keywords:frequency",
                    "kwargs": {"keyword": "a", "frequency": -1, "relation": "at least"},
                }
            ]
        },
        {"instructions": [{"id": "punctuation:no_comma", "kwargs": {"surprise": 1}}]},
        {"instructions": [{"id": "format:json_schema", "kwargs": {"schema": {"pattern": "("}}}]},
        {"instructions": [{"id": "format:tool_call", "kwargs": {}}]},
        {"instruction_id_list": ["punctuation:no_comma"], "kwargs": []},
    ],
)
@pytest.mark.parametrize("answer", ["some answer", ""])
def test_instructions_that_cannot_be_meant_are_errors_whatever_the_answer(config: dict, answer: str) -> None:
    with pytest.raises(InvalidScorerConfig):
        score("programmatic", answer, "", config)


def test_all_instructions_must_hold_and_the_value_is_their_share() -> None:
    config = {
        "instructions": [
            {"id": "punctuation:no_comma", "kwargs": {}},
            {"id": "keywords:existence", "kwargs": {"keywords": ["cat"]}},
            {"id": "startend:quotation", "kwargs": None},
        ]
    }
    result = score("programmatic", "the cat", "", config)
    assert result.passed is False
    assert result.value == pytest.approx(2 / 3)
    assert "startend:quotation: does not hold" in result.explanation
    assert score("programmatic", '"the cat"', "", config).passed is True


def test_the_published_layout_with_its_empty_keys_is_read() -> None:
    config = {
        "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
        "kwargs": [
            {"num_words": None, "relation": None},
            {"num_words": 2, "relation": "at least", "prompt": None},
        ],
    }
    assert score("programmatic", "two words", "", config).passed is True


def test_loose_forgives_an_opening_line_a_closing_line_and_asterisks() -> None:
    result = judged("startend:quotation", {}, 'Sure, here it is:\n"hello"\nHope that helps!')
    assert (result.passed, result.strict_passed) == (True, False)
    assert "only loosely" in result.explanation
    assert judged("startend:end_checker", {"end_phrase": "bye"}, "so **bye**").passed is True
    assert loose_variants("a\nb*\nc") == ["a\nb*\nc", "b*\nc", "a\nb*", "b*", "a\nb\nc", "b\nc", "a\nb", "b"]


def test_thinking_is_left_out_and_unclosed_thinking_follows_nothing() -> None:
    assert judged("punctuation:no_comma", {}, "<think>a, b</think>no comma").strict_passed is True
    assert judged("punctuation:no_comma", {}, "<think>no comma").passed is False
    kwargs = {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "hi"}
    assert judged("length_constraints:nth_paragraph_first_word", kwargs, "<think>x</think>\n\nHi").passed is True


@pytest.mark.parametrize(
    "config",
    [
        {"instructions": [{"id": "length_constraints:number_words", "num_words": 3, "relation": "at least"}]},
        {
            "instructions": {
                "instruction_id": "length_constraints:number_words",
                "kwargs": {"num_words": 3, "relation": "at least"},
            }
        },
        {"verifier": "length_constraints:number_words", "num_words": 3, "relation": "at least"},
        {"verifier": "word_count_min", "threshold": 3},
    ],
)
def test_instructions_may_be_written_in_the_layouts_they_come_in(config: dict) -> None:
    assert score("programmatic", "one two three", "", config).passed is True
    assert score("programmatic", "one two", "", config).passed is False


@pytest.mark.parametrize("empty", [None, float("nan"), "", [], {}])
def test_keys_of_other_instructions_are_passed_over_where_they_are_empty(empty: object) -> None:
    kwargs = {"num_words": 3.0, "relation": "at least", "keywords": empty, "language": None}
    for given in (kwargs, json.dumps(kwargs)):
        config = {"instruction_id_list": ["length_constraints:number_words"], "kwargs": [given]}
        assert score("programmatic", "one two three", "", config).passed is True
        assert score("programmatic", "one two", "", config).passed is False


def test_ids_alone_will_do_where_no_instruction_takes_arguments() -> None:
    for config in ({"instructions": ["punctuation:no_comma"]}, {"instruction_id_list": ["punctuation:no_comma"]}):
        assert score("programmatic", "a, b", "", config).passed is False
        assert score("programmatic", "a b", "", config).passed is True


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"instructions": [{"id": "punctuation:no_coma"}]}, "Is punctuation:no_comma meant"),
        ({"instruction_id_list": ["no_comma"]}, "Is punctuation:no_comma meant"),
        ({"verifier": "word_count_most"}, "word_count_max"),
        ({"verifier": ["word_count_max"]}, "known are"),
    ],
)
def test_an_unknown_verifier_is_answered_with_the_near_ones(config: dict, said: str) -> None:
    with pytest.raises(UnknownVerifier, match=said):
        score("programmatic", "", "", config)


@pytest.mark.parametrize(
    "config",
    [
        {"verifier": "word_count_max"},
        {"verifier": "word_count_max", "max": 3},
        {"instruction_id_list": ["a"], "kwargs": []},
    ],
)
def test_a_verifier_without_what_it_needs_is_refused(config: dict) -> None:
    with pytest.raises(InvalidScorerConfig):
        score("programmatic", "", "", config)


def test_a_language_that_cannot_be_told_is_not_scored_unless_something_else_fails() -> None:
    language = {"id": "language:response_language", "kwargs": {"language": "fr"}}
    alone = score("programmatic", "12345", "", {"instructions": [language]})
    assert (alone.passed, alone.value) == (None, None)
    assert "cannot be told" in alone.explanation
    both = {"instructions": [language, {"id": "punctuation:no_comma", "kwargs": {}}]}
    assert score("programmatic", "1, 2", "", both).passed is False


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("no end", 1),
        ("It is 3.14.\n- Next.", 2),
        ("In Jan. 2020 it rained.", 1),
        ("See e.g. this. Done.", 3),  # Punkt learned from newspapers, which do not write e.g.
        ("At 5 p.m. we left. At 6 p.m. He came.", 3),
        ("Wait... what? Yes!", 2),
        ('He said "Stop!" and left.', 2),
        ("好。我走了。", 2),
        ("Really?! Yes.", 2),
    ],
)
def test_sentences_are_counted(text: str, count: int) -> None:
    assert count_sentences(text) == count


def test_tool_call_may_take_its_reference_from_the_expected_answer() -> None:
    config = {"instructions": [{"id": "format:tool_call"}]}
    expected = '{"name": "add", "arguments": {"a": 1}}'
    assert score("programmatic", '{"arguments": {"a": 1}, "name": "add"}', expected, config).passed is True
    assert score("programmatic", '{"name": "add", "arguments": {}}', expected, config).passed is False
