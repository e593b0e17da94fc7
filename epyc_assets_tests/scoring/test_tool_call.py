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
        ({"items": [{"type": "integer"}, {"const": "a"}]}, [[1, "a", None]], [["a"], [1, "b"]]),
        ({"minimum": 1, "exclusiveMinimum": True, "maximum": 2, "exclusiveMaximum": False}, [1.5, 2], [1, 3]),
        ({"dependentRequired": {"a": ["b"]}}, [{"b": 1}, {"a": 1, "b": 2}], [{"a": 1}]),
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


WEATHER = '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}'
TYPED = {
    "schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
    }
}
DIALECTS: list[tuple[str, str, bool, dict]] = [
    (WEATHER, WEATHER, True, {}),
    (
        '{"type":"function","function":{"name":"get_weather","arguments":"{\\"city\\": \\"Paris\\", \\"days\\": 3}"}}',
        WEATHER,
        True,
        {},
    ),
    (
        '{"tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\": \\"Paris\\", \\"days\\": 3}"}}]}',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\": \\"Paris\\", \\"days\\": 3}"}}]}',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '{"choices":[{"message":{"role":"assistant","tool_calls":[{"function":{"name":"get_weather","arguments":"{\\"city\\": \\"Paris\\", \\"days\\": 3}"}}]}}]}',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '{"function_call":{"name":"get_weather","arguments":"{\\"city\\": \\"Paris\\", \\"days\\": 3}"}}',
        WEATHER,
        True,
        {},
    ),
    ('{"type":"tool_use","id":"t1","name":"get_weather","input":{"city": "Paris", "days": 3}}', WEATHER, True, {}),
    (
        '{"content":[{"type":"text","text":"I will look."},{"type":"tool_use","id":"t1","name":"get_weather","input":{"city": "Paris", "days": 3}}]}',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '[{"type":"text","text":"I will look."},{"type":"tool_use","id":"t1","name":"get_weather","input":{"city": "Paris", "days": 3}}]',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    ('{"functionCall":{"name":"get_weather","args":{"city": "Paris", "days": 3}}}', WEATHER, True, {}),
    (
        '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"get_weather","args":{"city": "Paris", "days": 3}}}]}}]}',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    ('{"parts":[{"functionCall":{"name":"get_weather","args":{"city": "Paris", "days": 3}}}]}', WEATHER, True, {}),
    (
        '{"output":[{"type":"function_call","call_id":"x","name":"get_weather","arguments":"{\\"city\\": \\"Paris\\", \\"days\\": 3}"}]}',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '{"type":"function_call","name":"get_weather","arguments":"{\\"city\\": \\"Paris\\", \\"days\\": 3}"}',
        WEATHER,
        True,
        {},
    ),
    ('{"name": "get_weather", "parameters": {"city": "Paris", "days": 3}}', WEATHER, True, {}),
    ('<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris", "days": 3}}<|eom_id|>', WEATHER, True, {}),
    ('<function=get_weather>{"city": "Paris", "days": 3}</function>', WEATHER, True, {}),
    ('<|python_tag|>get_weather.call(city="Paris", days=3)', WEATHER, True, {}),
    ('[get_weather(city="Paris", days=3)]', WEATHER, True, {}),
    (
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\n</tool_call>',
        WEATHER,
        True,
        {},
    ),
    (
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>",
        WEATHER,
        True,
        {},
    ),
    ('✿FUNCTION✿: get_weather\n✿ARGS✿: {"city": "Paris", "days": 3}', WEATHER, True, {}),
    ('[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}]', WEATHER, True, {}),
    ('[TOOL_CALLS]get_weather{"city": "Paris", "days": 3}', WEATHER, True, {}),
    ('[TOOL_CALLS]get_weather[ARGS]{"city": "Paris", "days": 3}', WEATHER, True, {}),
    ('Thought: need weather\nAction: get_weather\nAction Input: {"city": "Paris", "days": 3}', WEATHER, True, {}),
    (
        'Action: get_weather\nAction Input: {"city": "Paris", "days": 3}\nObservation: sunny\nFinal Answer: sunny',
        WEATHER,
        True,
        {},
    ),
    (
        'Action:\n```json\n{"action": "get_weather", "action_input": {"city": "Paris", "days": 3}}\n```',
        WEATHER,
        True,
        {},
    ),
    ('{"action": "get_weather", "action_input": {"city": "Paris", "days": 3}}', WEATHER, True, {}),
    (
        '<function_calls>\n<invoke name="get_weather">\n<parameter name="city">Paris</parameter>\n<parameter name="days">3</parameter>\n</invoke>\n</function_calls>',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '<invoke name="get_weather"><parameter name="city">Paris</parameter><parameter name="days">3</parameter></invoke>',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
        WEATHER,
        True,
        {},
    ),
    (
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Paris", "days": 3}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris", "days": 3}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Paris", "days": 3}<|tool_call_end|><|tool_calls_section_end|>',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    (
        '<|tool_call|>[{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}]<|/tool_call|>',
        WEATHER,
        True,
        {},
    ),
    ('<|tool_call|>{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}', WEATHER, True, {}),
    ('```tool_code\nget_weather(city="Paris", days=3)\n```', WEATHER, True, {}),
    ('```tool_call\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\n```', WEATHER, True, {}),
    ('functools[{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}]', WEATHER, True, {}),
    ('get_weather(city="Paris", days=3)', WEATHER, True, {}),
    ("get_weather(city='Paris', days=3)", WEATHER, True, {}),
    ('get_weather("Paris", 3)', WEATHER, False, {}),
    ('get_weather("Paris", 3)', WEATHER, True, TYPED),
    ('get_weather("Paris", days=3)', WEATHER, True, TYPED),
    ('get_weather(3, "Paris")', WEATHER, False, TYPED),
    ('print(get_weather(city="Paris", days=3))', WEATHER, True, {}),
    ('result = get_weather(city="Paris", days=3)', WEATHER, True, {}),
    ('await get_weather(city="Paris", days=3)', WEATHER, True, {}),
    ('get_weather({"city": "Paris", "days": 3})', WEATHER, True, {}),
    ("{'name': 'get_weather', 'arguments': {'city': 'Paris', 'days': 3}}", WEATHER, True, {}),
    ('{"name": "get_weather", "arguments": {"city": "Paris", "days": 3,}}', WEATHER, True, {}),
    ('{"name": "get_weather", "arguments": {"city": "Paris", "days": "3"}}', WEATHER, False, {}),
    ('{"name": "get_weather", "arguments": {"city": "Paris", "days": 3.0}}', WEATHER, True, {}),
    ('{"name": "get_weather", "arguments": {"city": "paris", "days": 3}}', WEATHER, False, {}),
    ('{"name": "Get_Weather", "arguments": {"city": "Paris", "days": 3}}', WEATHER, False, {}),
    ('{"name": "get_weather", "arguments": {"city": "Paris", "days": 3, "unit": null}}', WEATHER, False, {}),
    (
        '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3, "unit": null}}',
        WEATHER,
        True,
        {
            "schema": {
                "type": "object",
                "properties": {
                    "city": {"type": "string"},
                    "days": {"type": "integer"},
                    "unit": {"type": ["string", "null"]},
                },
            }
        },
    ),
    ('{"name": "get_weather", "arguments": {"city": "Par\\u0069s", "days": 3}}', WEATHER, True, {}),
    (
        '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}',  # noqa: E501
        WEATHER,
        False,
        {},
    ),
    (
        '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}',  # noqa: E501
        WEATHER,
        False,
        {},
    ),
    (
        '[{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}},{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}]',  # noqa: E501
        WEATHER,
        False,
        {},
    ),
    (
        '<think>{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}</think>I do not know.',
        WEATHER,
        False,
        {},
    ),
    (
        '<think>{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}</think>{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    ('<think>{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}', WEATHER, False, {}),
    (
        'I will call the tool:\n```json\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\n```',
        WEATHER,
        True,
        {},
    ),
    (
        'I will call the tool:\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\nDone.',
        WEATHER,
        True,
        {},
    ),
    (
        'For example, `{"name": "x", "arguments": {}}` is a call. Mine:\n```json\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\n```',  # noqa: E501
        WEATHER,
        True,
        {},
    ),
    ('You could call get_weather(city="Paris", days=3) but I will not.', WEATHER, False, {}),
    ("The weather is fine.", "[]", True, {}),
    ("", "[]", False, {}),
    ('{"answer": 3}', "[]", True, {}),
    (WEATHER, "[]", False, {}),
    ("[]", "[]", True, {}),
    ('{"name":"ping","arguments":{}}', '{"name":"ping","arguments":{}}', True, {}),
    ('{"name":"ping"}', '{"name":"ping","arguments":{}}', True, {}),
    ('{"name":"ping","arguments":null}', '{"name":"ping","arguments":{}}', True, {}),
    ("ping()", '{"name":"ping","arguments":{}}', True, {}),
    ('{"name":"ping","arguments":""}', '{"name":"ping","arguments":{}}', True, {}),
    ('{"name":"ping","arguments":[]}', '{"name":"ping","arguments":{}}', False, {}),
    ('{"tool": "get_weather", "tool_input": {"city": "Paris", "days": 3}}', WEATHER, True, {}),
    ('{"tool_name": "get_weather", "tool_arguments": {"city": "Paris", "days": 3}}', WEATHER, True, {}),
    ('{"function": "get_weather", "arguments": {"city": "Paris", "days": 3}}', WEATHER, True, {}),
    ('{"recipient_name": "functions.get_weather", "parameters": {"city": "Paris", "days": 3}}', WEATHER, True, {}),
    (
        '{"tool_uses":[{"recipient_name":"functions.get_weather","parameters":{"city": "Paris", "days": 3}}]}',
        WEATHER,
        True,
        {},
    ),
    ('{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}<|im_end|>', WEATHER, True, {}),
    (
        'Sure!\n<tool_call>{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}</tool_call>\nWaiting.',
        WEATHER,
        True,
        {},
    ),
    ('**Tool call:** `get_weather(city="Paris", days=3)`', WEATHER, True, {}),
    ('- get_weather(city="Paris", days=3)', WEATHER, True, {}),
    ('Call: get_weather(city="Paris", days=3)', WEATHER, True, {}),
]


@pytest.mark.parametrize(("answer", "expected", "passed", "config"), DIALECTS)
def test_calls_in_the_dialects_of_real_models(answer: str, expected: str, passed: bool, config: dict) -> None:
    result = score("tool_call", answer, expected, config)
    assert result.passed is passed, result.explanation


PARIS = '{"city": "Paris", "days": 3}'
TEXTS = '{"name": "f", "arguments": {"s": "3", "code": "  if x:\\n    y"}}'
QWEN = "<function=f>\n<parameter=s>\n3\n</parameter>\n<parameter=code>\n  if x:\n    y\n</parameter>\n</function>"
TYPES = '{"name": "f", "arguments": {"n": 3, "ok": true, "none": null, "items": ["a", null]}}'
MORE_DIALECTS: list[tuple[str, str, bool, dict]] = [
    # Between tags 3 and "3" look alike; which is meant, the wanted call says.
    (f"<tool_call>\n{QWEN}\n</tool_call>", TEXTS, True, {}),
    (QWEN.replace("\n3\n", "\n4\n"), TEXTS, False, {}),
    (
        "<function=f><parameter=n>3</parameter><parameter=ok>True</parameter><parameter=none>None</parameter>"
        "<parameter=items>['a', None]</parameter></function>",
        TYPES,
        True,
        {},
    ),
    (
        "<tool_call>f<arg_key>s</arg_key><arg_value>3</arg_value></tool_call>",
        '{"name": "f", "arguments": {}}',
        True,
        {"schema": {"properties": {"s": {"type": "string"}}}},
    ),
    # DeepSeek says which it is.
    (
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="f">\n<｜DSML｜parameter name="n" string="false">3'
        '</｜DSML｜parameter>\n<｜DSML｜parameter name="s" string="true">3</｜DSML｜parameter>\n</｜DSML｜invoke>\n'
        "</｜DSML｜function_calls>",
        '{"name": "f", "arguments": {"n": 3, "s": "3"}}',
        True,
        {},
    ),
    (
        '<｜DSML｜invoke name="f"><｜DSML｜parameter name="n" string="true">3</｜DSML｜parameter></｜DSML｜invoke>',
        '{"name": "f", "arguments": {"n": 3}}',
        False,
        {},
    ),
    (f"[TOOL_CALLS]get_weather[CALL_ID]a1B2c3D4e[ARGS]{PARIS}</s>", WEATHER, True, {}),
    (f"[TOOL_CALLS]get_weather[ARGS]{PARIS}[TOOL_CALLS]get_weather[ARGS]{PARIS}", f"[{WEATHER}, {WEATHER}]", True, {}),
    (f"<|channel|>analysis to=functions.get_weather <|constrain|>json<|message|>{PARIS}<|call|>", WEATHER, True, {}),
    (
        "<|channel|>analysis<|message|>I could send to=functions.get_weather.<|end|><|start|>assistant"
        "<|channel|>final<|message|>No.<|return|>",
        WEATHER,
        False,
        {},
    ),
    ('<|python_start|>[get_weather(city="Paris", days=3)]<|python_end|><|eot|>', WEATHER, True, {}),
    ('<|tool_call_start|>[get_weather(city="Paris", days=3)]<|tool_call_end|>', WEATHER, True, {}),
    ('<TOOLCALL>[get_weather(city="Paris", days=3)]</TOOLCALL>', WEATHER, True, {}),
    ('<function_calls>\nget_weather(city="Paris", days=3)\n</function_calls>', WEATHER, True, {}),
    (f'<|tools_prefix|>[{{"get_weather": {PARIS}}}]<|tools_suffix|>', WEATHER, True, {}),
    (f'{{"get_weather": {PARIS}}}', "[]", True, {}),
    (f'{{"get_weather": {PARIS}}}', "[]", False, {"tools": [{"name": "get_weather"}]}),
    (f">>>get_weather\n{PARIS}", WEATHER, True, {}),
    (f"get_weather\n{PARIS}", WEATHER, True, {}),
    (f"get_time\n{PARIS}", WEATHER, False, {}),
    (f"**Action:** get_weather\n**Action Input:** {PARIS}", WEATHER, True, {}),
    (f"<tool>get_weather</tool><tool_input>{PARIS}</tool_input>", WEATHER, True, {}),
    (
        "<invoke>\n<tool_name>get_weather</tool_name>\n<parameters>\n<city>Paris</city>\n<days>3</days>\n</parameters>"
        "\n</invoke>",
        WEATHER,
        True,
        {},
    ),
    (
        '<function name="get_weather"><param name="city">Paris</param><param name="days">3</param></function>',
        WEATHER,
        True,
        {},
    ),
    ('```tool_code\nprint(default_api.get_weather(city="Paris", days=3))\n```', WEATHER, True, {}),
    ("f(ok=true, none=null, n=3, items=['a', null])", TYPES, True, {}),
    ('{"name": "math_add", "arguments": {}}', '{"name": "math.add", "arguments": {}}', True, {}),
    ('{"name": "math.add", "arguments": {}}', '{"name": "math_add", "arguments": {}}', False, {}),
    ('{"name": "f", "arguments": {"x": "a\nb"}}', '{"name": "f", "arguments": {"x": "a\\nb"}}', True, {}),
    # A mark inside of a text is text.
    (
        '<think>so</think>{"name": "f", "arguments": {"x": "</s> <think> </tool_call>"}}',
        '{"name": "f", "arguments": {"x": "</s> <think> </tool_call>"}}',
        True,
        {},
    ),
    (
        f"analysisWeather, then.assistantcommentary to=functions.get_weather json{PARIS}",  # without special tokens
        WEATHER,
        True,
        {},
    ),
    (f"<scratch_pad>{WEATHER}</scratch_pad> No.", WEATHER, False, {}),
    ('get_weather(city="Paris", days=3).', WEATHER, True, {}),
    ("<tool_call>now\n</tool_call>", '{"name": "now", "arguments": {}}', True, {}),
    ("Take a <tool>hammer</tool>.", "[]", True, {}),
    # What is no call, and what is a broken one.
    (f'{WEATHER}\nThe city is {{"name": "Paris"}}, not {{"name": ["Lyon"]}}.', WEATHER, True, {}),
    ('{"name": "Ada", "age": 36}', "[]", True, {}),
    ('{"name": "now", "zone": "UTC"}', '{"name": "now", "arguments": {}}', False, {}),
    ('{"name": "f", "arguments": "{\\"x\\": "}', "[]", False, {}),
    ("```python\nimport os\nos.getcwd()\n```", "[]", True, {}),
    ('```python\nget_weather(city="Paris", days=3)\n```', "[]", False, {"tools": [{"name": "get_weather"}]}),
]


@pytest.mark.parametrize(("answer", "expected", "passed", "config"), MORE_DIALECTS)
def test_texts_between_tags_and_the_dialects_of_later_models(
    answer: str, expected: str, passed: bool, config: dict
) -> None:
    result = score("tool_call", answer, expected, config)
    assert result.passed is passed, result.explanation


PARAMETERS = {"type": "object", "properties": {"x": {"type": "integer"}, "u": {"type": "string"}}, "required": ["x"]}


@pytest.mark.parametrize(
    "config",
    [
        {"schema": {"type": "function", "function": {"name": "f", "parameters": PARAMETERS}}},
        {"schema": {"name": "f", "input_schema": PARAMETERS}},
        {
            "schema": {
                "properties": {"name": {"const": "f"}, "arguments": PARAMETERS},
                "required": ["name", "arguments"],
            }
        },
        {"tools": [{"name": "f", "inputSchema": PARAMETERS}]},
        {"tools": [{"functionDeclarations": [{"name": "f", "parameters": PARAMETERS}]}]},
        {"schema": {"type": "dict", "properties": {"x": {"type": "float"}, "u": {"type": "any"}}, "required": ["x"]}},
        {"schema": {"type": "OBJECT", "properties": {"x": {"type": "INTEGER"}, "u": {"type": "STRING"}}}},
    ],
)
def test_tools_are_described_in_the_layouts_of_their_collections(config: dict) -> None:
    wanted = '{"name": "f", "arguments": {"x": 1}}'
    assert score("tool_call", '{"name": "f", "arguments": {"x": 1, "u": "c"}}', wanted, config).passed is True
    assert score("tool_call", '{"name": "f", "arguments": {"x": 1, "v": "c"}}', wanted, config).passed is False


def test_an_expected_call_that_breaks_its_own_schema_is_an_invalid_label() -> None:
    result = score("tool_call", "", '{"name": "f", "arguments": {"x": "one"}}', {"schema": PARAMETERS})
    assert result.invalid_label
    assert "x is not of type integer" in result.explanation


def test_in_any_order_a_free_call_does_not_take_what_another_needs() -> None:
    wanted = '[{"name": "f", "arguments": {"x": 1}}, {"name": "f", "arguments": {"u": "a"}}]'
    given = ['{"name": "f", "arguments": {"x": 1, "u": "a"}}', '{"name": "f", "arguments": {"x": 1}}']
    config = {"schema": {**PARAMETERS, "required": []}, "any_order": True}
    for answer in (given, given[::-1]):
        assert score("tool_call", f"[{', '.join(answer)}]", wanted, config).passed is True


@pytest.mark.parametrize(
    "answer", ["{'name': 'ping', 'arguments': {}}", '{"name": "ping", "arguments": {},}', "ping()"]
)
def test_json_that_is_only_nearly_right_does_not_pass_strictly(answer: str) -> None:
    result = score("tool_call", answer, '{"name": "ping", "arguments": {}}')
    assert (result.passed, result.strict_passed) == (True, False)


def test_arguments_by_position_have_names_only_by_a_schema() -> None:
    wanted = '{"name": "f", "arguments": {"a": 1, "b": 2}}'
    assert score("tool_call", "f(1, 2)", wanted).passed is False
    order = {"schema": {"properties": {"b": {}, "a": {}}}}
    assert score("tool_call", "f(1, 2)", wanted, order).passed is False
    assert score("tool_call", "f(2, 1)", wanted, order).passed is True
