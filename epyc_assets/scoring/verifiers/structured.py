"""Verifiers of structured answers: `format:tool_call`, `format:exact_list`, `format:json_schema`.

Belongs here: answers that must be JSON with a certain content, or a certain list. Does not belong here:
whether an answer is JSON at all (`layout.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from epyc_assets.scoring.json_schema import check_schema, schema_fault
from epyc_assets.scoring.json_values import loaded_json
from epyc_assets.scoring.quantities import plain, split_list
from epyc_assets.scoring.tool_calls import Call, as_call, call_fault, calls_in
from epyc_assets.scoring.verdicts import InvalidScorerConfig
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier


def tool_call(answer: str, arguments: Arguments) -> Finding:
    """The answer calls tool `name` with exactly `arguments`.

    Where `name` is absent, the question's expected answer (a tool call as JSON) says both. With `embedded`
    true the call may stand inside other text; then there must be exactly one.
    """
    wanted = _wanted_call(arguments)
    whole, value = loaded_json(answer)
    if whole:
        call = as_call(value)
        if call is None:
            return Finding(False, "the answer is JSON but not a tool call")
    elif arguments.flag("embedded", False):
        calls = calls_in(answer).calls
        if len(calls) != 1:
            return Finding(False, f"{len(calls)} tool calls stand in the answer, wanted one")
        call = calls[0]
    else:
        return Finding(False, "the answer is not JSON")
    fault = call_fault(call, wanted)
    return Finding(fault is None, fault or f"{call.name} is called with the wanted arguments")


def _wanted_call(arguments: Arguments) -> Call:
    if arguments.values.get("name") is not None:
        wanted = arguments.values.get("arguments")
        if wanted is not None and not isinstance(wanted, Mapping):
            raise InvalidScorerConfig("Instruction 'format:tool_call': 'arguments' must be an object.")
        return Call(arguments.text("name"), wanted or {})
    whole, value = loaded_json(arguments.expected)
    call = as_call(value) if whole else None
    if call is None or not isinstance(call.arguments, Mapping):
        raise InvalidScorerConfig(
            "Instruction 'format:tool_call' needs 'name' and 'arguments', or an expected answer that is a "
            "tool call "
            f"as JSON; the expected answer is {arguments.expected[:80]!r}."
        )
    return call


def exact_list(answer: str, arguments: Arguments) -> Finding:
    """The answer is the list `items` and nothing else, by commas, lines or bullets."""
    wanted = arguments.values.get("items")
    if not isinstance(wanted, list | tuple) or not wanted:
        raise InvalidScorerConfig(f"Instruction 'format:exact_list': 'items' must be a list; got {wanted!r}.")
    folded = [plain(str(entry)).casefold() for entry in wanted]
    entries = split_list(answer)
    given = [entry.casefold() for entry in (entries if entries is not None else [plain(answer)])]
    if not arguments.flag("ordered", True):
        folded, given = sorted(folded), sorted(given)
    return Finding(
        folded == given,
        f"the list has {len(given)} entries, wanted {len(folded)}" + ("" if folded == given else ": they differ"),
    )


def json_schema(answer: str, arguments: Arguments) -> Finding:
    """The whole answer is JSON (a fence aside) that fits `schema`, a JSON Schema (see `json_schema.py`)."""
    schema = arguments.values.get("schema")
    if not isinstance(schema, Mapping) or not schema:
        raise InvalidScorerConfig(f"Instruction 'format:json_schema': 'schema' must be an object; got {schema!r}.")
    check_schema(schema)
    whole, value = loaded_json(answer)
    if not whole:
        return Finding(False, "the answer is not JSON")
    try:
        fault = schema_fault(value, schema)
    except RecursionError:
        fault = "the answer is nested too deeply to check"
    return Finding(fault is None, fault or "the answer fits the schema")


VERIFIERS = (
    Verifier("format:tool_call", ("name", "arguments", "embedded"), tool_call),
    Verifier("format:exact_list", ("items", "ordered"), exact_list),
    Verifier("format:json_schema", ("schema",), json_schema),
)
