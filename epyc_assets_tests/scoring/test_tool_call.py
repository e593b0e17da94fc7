from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.scoring import InvalidScorerConfig, score
from epyc_assets.scoring.json_schema import check_schema, schema_fault

WANTED = '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}'
ARGUMENTS = '{"days": 3, "city": "Paris"}'

STRICT = [
    WANTED,
    f"```json\n{WANTED}\n```",
    f"<tool_call>\n{WANTED}\n</tool_call>",
    f"<tool_call>{WANTED}",
    '{"tool_calls": [{"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": '
    '"{\\"city\\": \\"Paris\\", \\"days\\": 3.0}"}}]}',
    f'{{"role": "assistant", "content": null, "tool_calls": [{{"function": {WANTED}}}]}}',
    f'[{{"name": "get_weather", "parameters": {ARGUMENTS}}}]',
    f'{{"type": "tool_use", "id": "1", "name": "get_weather", "input": {ARGUMENTS}}}',
    f"[TOOL_CALLS][{WANTED}]",
    f"[TOOL_CALLS]get_weather[ARGS]{ARGUMENTS}",
    f'<|python_tag|>{{"name": "get_weather", "parameters": {ARGUMENTS}}}<|eom_id|>',
    f"<function=get_weather>{ARGUMENTS}</function>",
    "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
    "</function>\n</tool_call>",
    "<|channel|>analysis<|message|>Weather?<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather "
    f"<|constrain|>json<|message|>{ARGUMENTS}<|call|>",
    f"<think>not get_time</think>{WANTED}",
]
FLEXIBLE = [
    f"I look it up.\n{WANTED}\nOne moment.",
    f"Here:\n```json\n{WANTED}\n```\nDone.",
    f"I look it up. <tool_call>{WANTED}</tool_call>",
    'get_weather(city="Paris", days=3)',
    'get_weather("Paris", 3)',
    '[get_weather(city="Paris", days=3)]',
    '```python\nget_weather(city="Paris", days=3)\n```',
    '```tool_code\nprint(get_weather(city="Paris", days=3))\n```',
    'I call `get_weather(city="Paris", days=3)` now.',
]
WRONG = [
    "",
    "Paris",
    f"<think>{WANTED}",
    WANTED[:-2],
    f"{WANTED}{WANTED}",
    WANTED.replace("3", '"3"'),
    WANTED.replace("3", "true"),
    WANTED.replace("Paris", "paris"),
    WANTED.replace("get_weather", "Get_Weather"),
    WANTED.replace("3}", '3, "unit": "C"}'),
    '{"name": "get_weather", "arguments": {"city": "Paris"}}',
    '{"name": "get_weather", "arguments": ["Paris", 3]}',
    'get_weather(city="Paris", days=4)',
    "get_weather(**arguments)",
    'get_weather("Paris", city="Paris", days=3)',
    'The city {"name": "get_weather", "people": 3} is no call',
]


@pytest.mark.parametrize("answer", STRICT)
def test_a_call_in_any_usual_shape_is_the_call(answer: str) -> None:
    result = score("tool_call", answer, WANTED)
    assert (result.passed, result.strict_passed, result.value) == (True, True, 1.0), result.explanation
    assert json.loads(result.extracted or "")["name"] == "get_weather"


@pytest.mark.parametrize("answer", FLEXIBLE)
def test_text_around_it_and_python_syntax_pass_but_not_strictly(answer: str) -> None:
    result = score("tool_call", answer, WANTED)
    assert (result.passed, result.strict_passed) == (True, False), result.explanation


@pytest.mark.parametrize("answer", WRONG)
def test_another_call_or_none_fails_and_says_why(answer: str) -> None:
    result = score("tool_call", answer, WANTED)
    assert (result.passed, result.strict_passed, result.value) == (False, False, 0.0), result.explanation
    assert result.explanation


SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1, "maximum": 14},
        "unit": {"enum": ["C", "F"], "default": "C"},
        "note": {"type": "string", "pattern": "^[a-z ]+$"},
    },
    "required": ["city"],
}


@pytest.mark.parametrize(
    ("expected", "arguments", "passed"),
    [
        ({"city": "Paris"}, {"city": "Paris"}, True),
        ({"city": "Paris"}, {"city": "Paris", "days": 14, "unit": "F"}, True),
        ({"city": "Paris"}, {"city": "Paris", "days": 15}, False),
        ({"city": "Paris"}, {"city": "Paris", "note": "Hello!"}, False),
        ({"city": "Paris"}, {"city": "Paris", "language": "fr"}, False),
        ({"city": "Paris"}, {"city": "Lyon"}, False),
        ({}, {"city": "anywhere"}, True),
        ({}, {}, False),
        ({"city": "Paris", "unit": "C"}, {"city": "Paris"}, True),
        ({"city": "Paris", "unit": "F"}, {"city": "Paris"}, False),
        ({"city": "Paris", "days": 2}, {"city": "Paris", "days": 2.0}, True),
    ],
)
def test_a_schema_leaves_open_what_the_expected_call_does_not_name(
    expected: dict, arguments: dict, passed: bool
) -> None:
    wanted = json.dumps({"name": "f", "arguments": expected})
    answer = json.dumps({"name": "f", "arguments": arguments})
    for config in (
        {"schema": SCHEMA},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]},
    ):
        assert score("tool_call", answer, wanted, config).passed is passed
    open_schema = {**SCHEMA, "additionalProperties": True}
    extra = json.dumps({"name": "f", "arguments": {**arguments, "extra": 1}})
    assert score("tool_call", extra, wanted, {"schema": open_schema}).passed is (passed or "language" in arguments)


def test_several_calls_in_order_or_in_any_order() -> None:
    first, second = '{"name": "a", "arguments": {"x": 1}}', '{"name": "b", "arguments": {}}'
    wanted = f"[{first}, {second}]"
    assert score("tool_call", wanted, wanted).strict_passed is True
    tagged = f"<tool_call>{first}</tool_call>\n<tool_call>{second}</tool_call>"
    assert score("tool_call", tagged, wanted).strict_passed is True
    assert score("tool_call", "a(x=1)\nb()", wanted).passed is True
    swapped = f"[{second}, {first}]"
    assert score("tool_call", swapped, wanted).passed is False
    assert score("tool_call", swapped, wanted, {"any_order": True}).passed is True
    for answer in (first, f"[{first}, {first}]", f"[{first}, {second}, {second}]"):
        assert score("tool_call", answer, wanted, {"any_order": True}).passed is False
    assert score("tool_call", second, first, {"any_of": [json.loads(second)]}).passed is True


def test_where_no_tool_is_wanted_a_call_fails() -> None:
    assert score("tool_call", "It is sunny.", "[]").passed is True
    assert score("tool_call", WANTED, "[]").passed is False


@pytest.mark.parametrize("expected", ["get the weather", "3", '{"arguments": {}}', '{"name": "a", "arguments": [1]}'])
def test_an_expected_answer_that_is_no_call_is_refused(expected: str) -> None:
    with pytest.raises(InvalidScorerConfig, match="call as JSON"):
        score("tool_call", "", expected)


@pytest.mark.parametrize(
    "schema",
    [3, {"typ": "object"}, {"type": "text"}, {"properties": {"a": 3}}, {"properties": {"a": {"pattern": "("}}},
     {"anyOf": []}, {"$ref": "#/$defs/none"}, {"minimum": "1"}, {"required": "a"}],
)  # fmt: skip
def test_a_schema_that_cannot_be_used_is_refused_whatever_the_answer(schema: object) -> None:
    for answer in ("", WANTED):
        with pytest.raises(InvalidScorerConfig):
            score("tool_call", answer, WANTED, {"schema": schema})


def test_an_empty_reference_is_an_invalid_label() -> None:
    assert score("tool_call", WANTED, " ").invalid_label


@pytest.mark.parametrize(
    ("schema", "fitting", "breaking"),
    [
        ({"anyOf": [{"type": "null"}, {"type": "string", "minLength": 2}]}, [None, "ab"], ["a", 1]),
        ({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}, [2, 3], [6, 5]),
        ({"allOf": [{"minimum": 1}, {"exclusiveMaximum": 2}]}, [1, 1.9], [0, 2]),
        ({"not": {"const": "x"}}, ["y", 1], ["x"]),
        ({"items": {"type": "integer"}, "uniqueItems": True}, [[], [1, 2]], [[1, 1.0], ["a"]]),
        ({"prefixItems": [{"const": 1}], "items": False}, [[1], []], [[2], [1, 2]]),
        ({"patternProperties": {"^x_": {"type": "number"}}, "additionalProperties": False}, [{"x_a": 1}], [{"y": 1}]),
        ({"$defs": {"p": {"pattern": "^a"}}, "properties": {"k": {"$ref": "#/$defs/p"}}}, [{"k": "ab"}], [{"k": "b"}]),
        ({"type": ["string", "null"]}, ["a", None], [1, True]),
        ({"type": "integer"}, [1, 2.0], [1.5, True, "1"]),
    ],
)
def test_the_keywords_of_json_schema(schema: dict, fitting: list, breaking: list) -> None:
    check_schema(schema)
    assert [schema_fault(value, schema) for value in fitting] == [None] * len(fitting)
    assert all(schema_fault(value, schema) for value in breaking)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=6), values, max_size=4))
def test_any_arguments_equal_themselves_in_every_dress_and_not_with_one_more(arguments: dict) -> None:
    call = json.dumps({"name": "f", "arguments": arguments})
    reordered = json.dumps({"arguments": dict(reversed(arguments.items())), "name": "f"}, indent=1, ensure_ascii=False)
    for answer in (call, f" \n{reordered}\n", f"```json\n{reordered}\n```"):
        assert score("tool_call", answer, call).strict_passed is True
    more = json.dumps({"name": "f", "arguments": {**arguments, "one more": 1}})
    assert score("tool_call", more, call).passed is False
