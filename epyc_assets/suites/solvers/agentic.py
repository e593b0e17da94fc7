"""Answers the agentic questions from their prompts alone: rules over the words, the history and the tools offered.

Belongs here: reading a situation back from its prompt. Does not belong here: anything imported from the generators.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WHEN = r"(in \d+ days|\d+ weeks from today|on the \w+ \w+ after today)"


def _call(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "arguments": dict(arguments)}


def _day(said: str, today: date) -> str:
    """Walks day by day."""
    if number := re.search(r"in (\d+) days", said):
        return str(today + timedelta(days=int(number[1])))
    if number := re.search(r"(\d+) weeks", said):
        return str(today + timedelta(days=7 * int(number[1])))
    nth, weekday = re.findall(r"the (\w+) (\w+) after", said)[0]
    left, day = {"first": 1, "second": 2, "third": 3}[nth], today
    while left:
        day += timedelta(days=1)
        left -= _DAYS[day.weekday()] == weekday
    return str(day)


_RULES: tuple[tuple[str, Callable[[re.Match[str], date], dict[str, Any]]], ...] = (
    (rf"be like in (\w+) {_WHEN}\?", lambda m, t: _call("get_forecast", {"city": m[1], "date": _day(m[2], t)})),
    (
        r"when (\d+) minutes and (\d+) seconds",
        lambda m, t: _call("set_timer", {"seconds": 60 * int(m[1]) + int(m[2])}),
    ),
    (
        rf"The meeting (\S+) has to take place {_WHEN}",
        lambda m, t: _call("move_event", {"event_id": m[1], "date": _day(m[2], t)}),
    ),
    (
        r"need (\d+) boxes of article (\S+); a box holds (\d+)",
        lambda m, t: _call("order_item", {"article": m[2], "quantity": int(m[1]) * int(m[3])}),
    ),
    (
        r"(\w+)\.txt lies in the folder (\w+) but belongs into (\w+)",
        lambda m, t: _call("move_file", {"source": f"{m[2]}/{m[1]}.txt", "target": f"{m[3]}/{m[1]}.txt"}),
    ),
    (
        rf"Block (\d+) minutes for '([^']+)' {_WHEN}, starting at (\d+):(\d+) in the afternoon",
        lambda m, t: _call(
            "create_event",
            {"title": m[2], "date": _day(m[3], t), "start": f"{int(m[4]) + 12}:{m[5]}", "minutes": int(m[1])},
        ),
    ),
    (r"How warm is it in (\w+) at this moment", lambda m, t: _call("get_current_weather", {"city": m[1]})),
)


def _requests(prompt: str) -> str:
    today = date.fromisoformat(re.findall(r"Today is \w+, (\S+)\.", prompt)[0])
    said = prompt.split("User: ", 1)[1]
    found = [(match.start(), make(match, today)) for pattern, make in _RULES for match in re.finditer(pattern, said)]
    calls = [call for _, call in sorted(found, key=lambda each: each[0])]
    return json.dumps(calls if "JSON list of all the tool calls" in prompt else calls[0])


def _support(prompt: str) -> str:
    seen = [json.loads(line) for line in re.findall(r"^Tool: (.*)$", prompt, re.MULTILINE)]
    if len(seen) == 1:
        return json.dumps(_call("list_orders", seen[0]))
    if len(seen) == 2:
        newest = max(seen[1], key=lambda order: order["placed"])
        return json.dumps(_call("get_order", {"order_id": newest["order_id"]}))
    total = sum(line["quantity"] * line["price_cents"] for line in seen[2]["lines"])
    if percent := re.search(r"pay back (\d+) %", prompt):
        total = total * int(percent[1]) // 100
    return json.dumps(_call("refund_order", {"order_id": seen[2]["order_id"], "amount_cents": total}))


def _recovery(prompt: str) -> str | None:
    call = json.loads(re.findall(r"^Assistant: (.*)$", prompt, re.MULTILINE)[-1])
    fault = json.loads(re.findall(r"^Tool: (.*)$", prompt, re.MULTILINE)[-1])["error"]
    arguments = call["arguments"]
    if "ISO 4217" in fault:
        codes = {"euros": "EUR", "yen": "JPY", "Swiss francs": "CHF", "pounds sterling": "GBP", "US dollars": "USD"}
        arguments["to"] = codes[arguments["to"]]
    elif "YYYY-MM-DD" in fault:
        day, month, year = map(int, arguments["date"].split("."))
        arguments["date"] = str(date(year, month, day))
    elif pieces := re.search(r"the order has (\d+) pieces", fault):
        arguments["quantity"] = int(pieces[1])
    else:
        return None
    return json.dumps(call)


def _plan(prompt: str) -> str:
    """Backwards from what is wanted, a layer at a time."""
    tools = {
        name: (left, right) for name, right, left in re.findall(r"- (\w+): makes an? (\w+) from an? (\w+)", prompt)
    }
    start, goal = re.findall(r"It has an? (\w+) and needs an? (\w+)\.", prompt)[0]
    chains: list[tuple[str, tuple[str, ...]]] = [(goal, ())]
    while all(at != start for at, _ in chains):
        chains = [
            (left, (name, *chain)) for at, chain in chains for name, (left, right) in tools.items() if right == at
        ]
    return ", ".join(next(chain for at, chain in chains if at == start))


def _escalation(prompt: str) -> str:
    task = re.findall(r"Who gets the task (\S+) now", prompt)[0]
    lines = [line for line in prompt.splitlines() if line.startswith(f"task={task} ")]
    blocked, spender, failing, other = re.findall(r"goes to the (\w+)\.", prompt)
    most = int(re.findall(r"more than (\d+) tokens", prompt)[0])
    times = int(re.findall(r"has failed (\d+) times", prompt)[0])
    role = other
    if sum("result=failed" in line for line in lines) >= times:
        role = failing
    if sum(int(line.rsplit("=", 1)[1]) for line in lines) > most:
        role = spender
    if any("result=blocked" in line for line in lines):
        role = blocked
    return json.dumps(_call("assign", {"task": task, "role": role}))


def _offered(prompt: str) -> set[str]:
    return set(re.findall(r'^\{"name": "(\w+)", "description"', prompt, re.MULTILINE))


_NEEDS = (
    (r"Remove the event", "cancel_event"), (r"US dollars in euros", "convert_currency"), (r"for good", "delete_file"),
    (r"Will it rain", "get_forecast"), (r"back to the customer", "refund_order"),
    (r"Send back .* from the order", "return_item"),
)  # fmt: skip


def _single(prompt: str) -> str | None:
    said = prompt.split("User: ", 1)[1].split("\n")[0]
    for pattern, tool in _NEEDS:
        if re.search(pattern, said):
            return None if tool in _offered(prompt) else json.dumps(_call("none", {}))
    return None


def solve(prompt: str) -> str | None:
    """The call or list computed from the prompt's text; None where the words need a reader."""
    if "An agent has these tools" in prompt:
        return _plan(prompt)
    if "Policy of the orchestrator" in prompt:
        return _escalation(prompt)
    if "unhappy with their newest order" in prompt:
        return _support(prompt)
    if '{"error"' in prompt:
        return _recovery(prompt)
    if "User: " not in prompt:
        return None
    if "Today is" in prompt:
        return _requests(prompt)
    return _single(prompt)
