"""The tools that agentic questions offer, as JSON Schemas, and the prompt around them.

Belongs here: descriptions of tools, among them near misses, and `call_task`. Does not belong here: situations
(`requests`, `histories`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence

from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Task

ANSWER_TOKENS: Mapping[int, int] = {1: 1024, 2: 2048, 3: 2048}
CITIES = (
    "Lisbon",
    "Oslo",
    "Nairobi",
    "Quito",
    "Hanoi",
    "Tallinn",
    "Perth",
    "Lima",
    "Dakar",
    "Zagreb",
    "Osaka",
    "Turin",
)


def _tool(name: str, description: str, required: Sequence[str], **properties: JSON) -> dict[str, JSON]:
    return {
        "name": name,
        "description": description,
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        },
    }


def _text(description: str) -> dict[str, JSON]:
    return {"type": "string", "description": description}


def _whole(description: str) -> dict[str, JSON]:
    return {"type": "integer", "description": description}


_DATE = _text("date as YYYY-MM-DD")
_CITY = _text("name of the city")

TOOLS: Mapping[str, dict[str, JSON]] = {
    tool["name"]: tool  # type: ignore[misc]
    for tool in (
        _tool("get_current_weather", "Weather in a city right now.", ["city"], city=_CITY),
        _tool("get_forecast", "Weather forecast for one later day.", ["city", "date"], city=_CITY, date=_DATE),
        _tool("get_climate_average", "Average weather of a city in a month (1-12).", ["city", "month"], city=_CITY,
              month=_whole("month, 1 to 12")),
        _tool("create_event", "Puts an event into the calendar.", ["title", "date", "start", "minutes"],
              title=_text("title exactly as given"), date=_DATE, start=_text("start as HH:MM, 24 hours"),
              minutes=_whole("length in minutes")),
        _tool("move_event", "Moves an event that exists to another day.", ["event_id", "date"],
              event_id=_text("id such as ev-123"), date=_DATE),
        _tool("cancel_event", "Removes an event from the calendar.", ["event_id"], event_id=_text("id such as ev-123")),
        _tool("set_timer", "Starts a countdown.", ["seconds"], seconds=_whole("length in seconds")),
        _tool("set_alarm", "Sets an alarm at a time of day.", ["time"], time=_text("HH:MM, 24 hours")),
        _tool("convert_currency", "Converts money.", ["amount", "from", "to"],
              amount={"type": "number"}, **{"from": _text("ISO 4217 code"), "to": _text("ISO 4217 code")}),
        _tool("order_item", "Orders articles from the shop.", ["article", "quantity"],
              article=_text("article number"), quantity=_whole("how many pieces")),
        _tool("return_item", "Sends back articles of an order.", ["order_id", "article", "quantity"],
              order_id=_text("id such as or-123"), article=_text("article number"), quantity=_whole("how many pieces")),
        _tool("get_order", "Looks an order up.", ["order_id"], order_id=_text("id such as or-123")),
        _tool("find_customer", "Finds a customer's id by e-mail address.", ["email"], email=_text("e-mail address")),
        _tool("list_orders", "Lists a customer's orders.", ["customer_id"], customer_id=_text("id such as cu-123")),
        _tool("refund_order", "Pays an amount of an order back.", ["order_id", "amount_cents"],
              order_id=_text("id such as or-123"), amount_cents=_whole("amount in cents")),
        _tool("read_file", "Returns the text of a file.", ["path"], path=_text("path from the root of the project")),
        _tool("delete_file", "Deletes a file for good.", ["path"], path=_text("path from the root of the project")),
        _tool("move_file", "Renames or moves a file.", ["source", "target"], source=_text("path now"),
              target=_text("path afterwards")),
        _tool("search_files", "Lists files whose text contains a phrase.", ["phrase"], phrase=_text("phrase, exact")),
        _tool("run_query", "Runs one SQL query that only reads.", ["sql"], sql=_text("the query")),
    )
}  # fmt: skip
"""By name."""

FAMILIES = (
    ("get_current_weather", "get_forecast", "get_climate_average"),
    ("create_event", "move_event", "cancel_event", "set_timer", "set_alarm"),
    ("order_item", "return_item", "get_order", "list_orders", "find_customer", "refund_order"),
    ("read_file", "delete_file", "move_file", "search_files", "run_query"),
)


def catalogue(source: random.Random, needed: Sequence[str], tier: int, without: Sequence[str] = ()) -> list[str]:
    """Names of the tools offered: those needed, their near misses, and others; more at higher tiers."""
    near = [name for family in FAMILIES for name in family if set(family) & {*needed, *without}]
    others = [name for name in TOOLS if name not in near]
    names = [*needed, *source.sample(near, min(len(near), tier + 1)), *source.sample(others, min(len(others), tier))]
    chosen = sorted({name for name in names if name not in without})
    return source.sample(chosen, len(chosen))


def shown(names: Sequence[str]) -> str:
    """The tools as JSON, one a line."""
    return "\n".join(json.dumps(TOOLS[name]) for name in names)


def call_text(name: str, arguments: Mapping[str, JSON]) -> str:
    """A call as it is to be answered."""
    return json.dumps({"name": name, "arguments": arguments})


_ONE = (
    'Answer with the one next tool call as JSON, {"name": ..., "arguments": {...}}, and nothing else.',
    'Reply with nothing but a JSON object {"name": ..., "arguments": {...}}: the next tool call.',
)
NONE_FITS = 'If none of the tools can do what is asked, the call is {"name": "none", "arguments": {}}.'
ASK = (
    'If something that the right tool requires was not said, the call is {"name": "ask_user", "arguments": {"missing": '
    '"<name of the parameter>"}}.'
)


def call_task(
    source: random.Random,
    *,
    key: Sequence[JSON],
    tier: int,
    names: Sequence[str],
    situation: str,
    expected: str,
    config: Mapping[str, JSON] | None = None,
    form: str | None = None,
) -> Task:
    """A task answered with one call (or, where form says so, a list of them)."""
    prompt = (
        f"You are an assistant that acts through tools. The tools, as JSON:\n{shown(names)}\n{NONE_FITS} {ASK}\n\n"
        f"{situation}\n\n{form or source.choice(_ONE)}"
    )
    return Task(
        key=tuple(key),
        tier=tier,
        prompt=prompt,
        expected=expected,
        worked_answer=expected,
        scorer="tool_call",
        scorer_config=dict(config or {}),
        max_tokens=ANSWER_TOKENS[tier],
    )
