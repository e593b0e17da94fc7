"""Requests answered with a first call: choosing, computing arguments, none that fits, something missing, several.

Belongs here: situations without a history. Does not belong here: those with one (`histories`).
"""

from __future__ import annotations

import json
import random
from datetime import date, timedelta

from epyc_assets.suites.generators.agentic_tasks.tools import CITIES, call_task, call_text, catalogue
from epyc_assets.suites.generators.phrases import PEOPLE
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Task

_TITLES = (
    "Budget review",
    "Dentist",
    "Choir practice",
    "Roof inspection",
    "Stand-up",
    "Interview",
    "Tax call",
    "Lunch",
)
_ARTICLES = ("A-1172", "B-2040", "C-3391", "D-4415", "E-5068", "F-6127", "G-7733", "H-8290")
_FOLDERS = ("notes", "src", "reports", "config", "drafts", "data")
_FILES = ("summary", "plan", "invoice", "readme", "schema", "minutes")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Call = tuple[str, dict[str, JSON]]


def _today(source: random.Random) -> date:
    return date(2026, 1, 1) + timedelta(days=source.randrange(1000))


def _said_day(source: random.Random, today: date, tier: int) -> tuple[str, date]:
    """A later day in words, and the day."""
    days = source.randint(2, 9 if tier == 1 else 60)
    if tier == 1:
        return f"in {days} days", today + timedelta(days=days)
    if tier == 2 and source.random() < 0.5:
        weeks = source.randint(2, 9)
        return f"{weeks} weeks from today", today + timedelta(weeks=weeks)
    weekday, nth = source.randrange(7), source.randint(1, 3)
    first = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    which = ("first", "second", "third")[nth - 1]
    return f"on the {which} {_WEEKDAYS[weekday]} after today", first + timedelta(weeks=nth - 1)


def _action(source: random.Random, today: date, tier: int) -> tuple[str, Call]:
    """One request in words and the call that it asks for."""
    kind = source.randrange(7)
    when, day = _said_day(source, today, tier)
    city, folder, name = source.choice(CITIES), source.choice(_FOLDERS), source.choice(_FILES)
    if kind == 0:
        return f"What will the weather be like in {city} {when}?", ("get_forecast", {"city": city, "date": str(day)})
    if kind == 1:
        minutes, seconds = source.randint(2, 50), source.choice((10, 15, 20, 30, 45))
        said = f"Tell me when {minutes} minutes and {seconds} seconds have passed."
        return said, ("set_timer", {"seconds": minutes * 60 + seconds})
    if kind == 2:
        event = f"ev-{source.randint(100, 999)}"
        said = f"The meeting {event} has to take place {when} instead."
        return said, ("move_event", {"event_id": event, "date": str(day)})
    if kind == 3:
        article, boxes, size = source.choice(_ARTICLES), source.randint(2, 12), source.choice((4, 6, 8, 12, 24))
        said = f"We need {boxes} boxes of article {article}; a box holds {size} pieces."
        return said, ("order_item", {"article": article, "quantity": boxes * size})
    if kind == 4:
        target = source.choice([each for each in _FOLDERS if each != folder])
        said = f"{name}.txt lies in the folder {folder} but belongs into {target}; please put it there."
        return said, ("move_file", {"source": f"{folder}/{name}.txt", "target": f"{target}/{name}.txt"})
    if kind == 5:
        title, hour, half = source.choice(_TITLES), source.randint(1, 9), source.choice(("00", "30"))
        length = source.choice((30, 45, 60, 90, 120))
        said = f"Block {length} minutes for '{title}' {when}, starting at {hour}:{half} in the afternoon."
        call = ("create_event", {"title": title, "date": str(day), "start": f"{hour + 12}:{half}", "minutes": length})
        return said, call
    return f"How warm is it in {city} at this moment?", ("get_current_weather", {"city": city})


def request(source: random.Random, tier: int) -> Task:
    """One request, whose arguments need dates, times and sums at higher tiers."""
    today = _today(source)
    said, (name, arguments) = _action(source, today, tier)
    return call_task(
        source,
        key=("request", name, json.dumps(arguments)),
        tier=tier,
        names=catalogue(source, [name], tier),
        situation=f"Today is {_WEEKDAYS[today.weekday()]}, {today}.\nUser: {said}",
        expected=call_text(name, arguments),
    )


def parallel(source: random.Random, tier: int) -> Task:
    """Several independent requests in one message: several calls, in the order asked."""
    today = _today(source)
    actions: list[tuple[str, Call]] = []
    while len(actions) < tier + 1:
        action = _action(source, today, tier)
        if action[1][0] not in {call[0] for _, call in actions}:
            actions.append(action)
    calls = [{"name": name, "arguments": arguments} for _, (name, arguments) in actions]
    return call_task(
        source,
        key=("parallel", json.dumps(calls)),
        tier=tier,
        names=catalogue(source, [call[0] for _, call in actions], tier),
        situation=f"Today is {_WEEKDAYS[today.weekday()]}, {today}.\nUser: {' '.join(said for said, _ in actions)}",
        expected=json.dumps(calls),
        form=(
            'Answer with a JSON list of all the tool calls, [{"name": ..., "arguments": {...}}, ...], in the order '
            "of the requests, and nothing else."
        ),
    )


_IMPOSSIBLE = (
    ("cancel_event", "Remove the event ev-{number} from my calendar.", "move_event"),
    ("convert_currency", "How much are {number} US dollars in euros?", "set_timer"),
    ("delete_file", "Delete the file drafts/minutes-{number}.txt for good.", "move_file"),
    ("get_forecast", "Will it rain in {city} in {days} days?", "get_current_weather"),
    ("refund_order", "Pay {number} cents of the order or-4{number} back to the customer.", "get_order"),
    ("return_item", "Send back {days} pieces of article A-1172 from the order or-5{number}.", "order_item"),
)


def no_tool(source: random.Random, tier: int) -> Task:
    """A request whose tool is not offered, while its near misses are."""
    missing, wording, near = source.choice(_IMPOSSIBLE)
    numbers = {"number": source.randint(100, 999), "days": source.randint(4, 9), "city": source.choice(CITIES)}
    names = catalogue(source, [near], tier, without=[missing])
    said = wording.format(**numbers)
    return call_task(
        source,
        key=("no tool", missing, said),
        tier=tier,
        names=names,
        situation=f"User: {said}",
        expected=call_text("none", {}),
    )


_INCOMPLETE = (
    ("move_event", "The event ev-{number} clashes with my trip. Move it to another day.", "date"),
    ("get_forecast", "I travel on 2027-03-{day}. What will the weather be like there?", "city"),
    ("order_item", "Order more of the article B-{number}.", "quantity"),
    ("return_item", "Send back {day} pieces of the article C-{number}; they were faulty.", "order_id"),
    ("set_alarm", "Set an alarm for when my train number {number} arrives; I do not know when that is.", "time"),
    ("refund_order", "The customer of the order or-{number} wants part of the money back.", "amount_cents"),
    ("list_orders", "What has the customer from flat {number} ordered? I have no address.", "customer_id"),
    ("move_file", "Move the file data/table-{number}.csv somewhere else.", "target"),
)


def missing_argument(source: random.Random, tier: int) -> Task:
    """A request that lacks something that the right tool requires: ask for it."""
    name, wording, missing = source.choice(_INCOMPLETE)
    said = wording.format(number=source.randint(1000, 9999), day=source.randint(10, 28))
    if tier > 1:
        said = f"{source.choice(PEOPLE)} here. {said}"
    names = catalogue(source, [name], tier, without=["find_customer"] if name == "list_orders" else [])
    return call_task(
        source,
        key=("missing", name, said),
        tier=tier,
        names=names,
        situation=f"User: {said}",
        expected=call_text("ask_user", {"missing": missing}),
    )
