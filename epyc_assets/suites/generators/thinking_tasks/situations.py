"""Situations to be followed step by step: things that move, clocks, plans, circuits.

Belongs here: questions answered by carrying a state along. Does not belong here: puzzles that need a search
(`arrangements`, `statements`) or invented arithmetic (`inventions`).
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.phrases import listed, reasoned_task
from epyc_assets.suites.task import Task


def moving_things(source: random.Random, tier: int) -> Task:
    """How many things are in a box after moves, swaps and moves that depend on the state."""
    boxes = source.sample(("red", "blue", "green", "white", "black"), 3 if tier < 3 else 4)
    thing = source.choice(("pebbles", "keys", "tickets", "corks", "dominoes"))
    holds = {box: source.randint(4, 15) for box in boxes}
    start = ", ".join(f"the {box} box {count}" for box, count in holds.items())
    moves, trail = [], []
    for _ in range((3, 7, 12)[tier - 1]):
        first, second = source.sample(boxes, 2)
        kind = source.randrange(2 if tier == 1 else 5)
        number = source.randint(1, 5)
        if kind <= 1 and holds[first] >= number:
            moves.append(f"Move {number} from {first} to {second}.")
            holds[first], holds[second] = holds[first] - number, holds[second] + number
        elif kind == 2:
            moves.append(f"Swap all that is in {first} with all that is in {second}.")
            holds[first], holds[second] = holds[second], holds[first]
        elif kind == 3:
            moves.append(f"Move half of {first}, rounded down, to {second}.")
            half = holds[first] // 2
            holds[first], holds[second] = holds[first] - half, holds[second] + half
        else:
            moves.append(
                f"If {first} now holds more than {second}, put {number} more into {second}; else put {number} more "
                f"into {first}."
            )
            target = second if holds[first] > holds[second] else first
            holds[target] += number
        trail.append(", ".join(f"{box} {count}" for box, count in holds.items()))
    asked = source.choice(boxes)
    text = (
        f"Boxes hold {thing}: {start}. These steps are done in order. {' '.join(moves)} How many {thing} are in the "
        f"{asked} box at the end?"
    )
    return reasoned_task(
        source,
        key=("moving things", start, *moves, asked),
        tier=tier,
        text=text,
        answer=str(holds[asked]),
        steps="After each step: " + "; ".join(trail) + ".",
    )


def walk(source: random.Random, tier: int) -> Task:
    """Where a robot stands after turns and steps."""
    x = y = 0
    directions = ((0, 1), (1, 0), (0, -1), (-1, 0))
    facing = source.randrange(4)
    first = ("north", "east", "south", "west")[facing]
    orders = []
    for index in range((4, 8, 14)[tier - 1]):
        # Every other order goes somewhere, so that turns do not only undo each other.
        kind = source.choice((2, 3)[: 1 if tier == 1 else 2]) if index % 2 else source.randrange(3 if tier == 1 else 5)
        if kind == 0:
            facing = (facing + 1) % 4
            orders.append("turn right")
        elif kind == 1:
            facing = (facing - 1) % 4
            orders.append("turn left")
        elif kind == 2 or (kind == 4 and tier < 3):
            steps = source.randint(2, 9)
            x, y = x + directions[facing][0] * steps, y + directions[facing][1] * steps
            orders.append(f"go forward {steps}")
        elif kind == 3:
            steps = source.randint(2, 6)
            x, y = x - directions[facing][0] * steps, y - directions[facing][1] * steps
            orders.append(f"go back {steps} without turning")
        else:
            x, y = y, x
            orders.append("jump to the point whose coordinates are yours exchanged, keeping your direction")
    machine = source.choice(("A robot", "A mowing machine", "A toy tank", "A survey drone"))
    text = (
        f"{machine} stands at (0, 0) of a grid facing {first}. North raises y by 1 per step and east raises x by 1. "
        f"Its orders are: {'; '.join(orders)}. At which point does it end?"
    )
    return reasoned_task(
        source,
        key=("walk", first, *orders),
        tier=tier,
        text=text,
        answer=f"({x}, {y})",
        steps=f"Following each order leads to x = {x} and y = {y}.",
        form="(<x>, <y>)",
    )


def time_chain(source: random.Random, tier: int) -> Task:
    """A clock time from a chain of relative times told out of order."""
    events = source.sample(
        (
            "the bell", "the parade", "the fire drill", "the auction", "the tide turn", "the lecture", "the eclipse",
            "the launch", "the delivery", "the rehearsal", "the weigh-in", "the blackout",
        ),
        (3, 5, 7)[tier - 1],
    )  # fmt: skip
    start = source.randint(9 * 12, 14 * 12) * 5
    times = {events[0]: start}
    lines = [f"{events[0][0].upper()}{events[0][1:]} came at {_clock(start)}."]
    for index, event in enumerate(events[1:]):
        # From one of the last two: so several steps lie between the time that is told and the one that is asked for.
        base = events[index] if tier == 1 else source.choice(events[max(0, index - 1) : index + 1])
        minutes = source.randint(2, 22) * (5 if tier == 1 else 1) + source.choice((0, 0, 60))
        sign = source.choice((1, -1))
        times[event] = times[base] + sign * minutes
        side = "after" if sign > 0 else "before"
        lines.append(f"{event[0].upper()}{event[1:]} came {minutes} minutes {side} {base}.")
    if tier > 1:
        source.shuffle(lines)
    text = (
        f"Notes from one day: {' '.join(lines)} At what time did {events[-1]} come? Give it as HH:MM on the 24-hour "
        "clock."
    )
    return reasoned_task(
        source,
        key=("time chain", *sorted(lines)),
        tier=tier,
        text=text,
        answer=_clock(times[events[-1]]),
        steps=" ".join(f"{event}: {_clock(time)}." for event, time in times.items()),
        form="<HH:MM>",
        config={"answer_type": "text"},
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def plan(source: random.Random, tier: int) -> Task:
    """When the last of several jobs with prerequisites is done, with many hands or with two."""
    count = 5 if tier == 2 else 8
    letters = "ABCDEFGH"[:count]
    needs: dict[str, list[str]] = {}
    hours: dict[str, int] = {}
    for index, letter in enumerate(letters):
        hours[letter] = source.randint(2, 9)
        needs[letter] = sorted(source.sample(letters[:index], min(index, source.choice((0, 1, 1, 2)))))
    lines = [
        f"{letter} takes {hours[letter]} hours"
        + (f" and needs {listed(needs[letter])} to be finished" if needs[letter] else "")
        + "."
        for letter in letters
    ]
    source.shuffle(lines)
    if tier == 2:
        done: dict[str, int] = {}
        for letter in letters:
            done[letter] = max((done[each] for each in needs[letter]), default=0) + hours[letter]
        rule = "There are enough workers, so each job starts as soon as the jobs that it needs are finished."
    else:
        done = _two_workers(letters, hours, needs)
        rule = (
            "There are two workers. One job takes one worker from start to end. Whenever a worker is free and some "
            "job that is not started has all it needs finished, that worker at once starts the alphabetically first "
            "such job."
        )
    trade = source.choice(("A boatyard", "A film crew", "A bakery", "A museum", "A print shop"))
    text = (
        f"{trade} has jobs {', '.join(letters)}. {' '.join(lines)} {rule} After how many hours are all jobs finished?"
    )
    return reasoned_task(
        source,
        key=("plan", tier, *lines),
        tier=tier,
        text=text,
        answer=str(max(done.values())),
        steps="Finished at: " + ", ".join(f"{letter} {time}" for letter, time in sorted(done.items())) + ".",
    )


def _two_workers(letters: str, hours: dict[str, int], needs: dict[str, list[str]]) -> dict[str, int]:
    done: dict[str, int] = {}
    running: dict[str, int] = {}
    now = 0
    while len(done) < len(letters):
        for letter in [each for each, end in running.items() if end == now]:
            done[letter] = running.pop(letter)
        for letter in letters:
            free = letter not in done and letter not in running and all(each in done for each in needs[letter])
            if free and len(running) < 2:
                running[letter] = now + hours[letter]
        now = min(running.values(), default=now)
    return done


def circuit(source: random.Random, tier: int) -> Task:
    """Which lamps of a chain of gates shine after one switch is turned over."""
    switches = ["S1", "S2", "S3"] if tier == 2 else ["S1", "S2", "S3", "S4"]
    while True:
        state = {switch: source.random() < 0.5 for switch in switches}
        start = dict(state)
        turned = source.choice(switches)
        rules = []
        for index in range(4 if tier == 2 else 7):
            earlier = [*switches, *(f"L{number + 1}" for number in range(index))]
            first, second = source.sample(earlier[-5:] if index > 2 else earlier, 2)
            gate = source.choice(("and", "or", "one", "not"))
            rules.append((f"L{index + 1}", gate, first, second))
        before = _shining(start, rules)
        start[turned] = not start[turned]
        after = _shining(start, rules)
        if after and after != before:
            break
    said = {
        "and": "both {} and {} are on",
        "or": "at least one of {} and {} is on",
        "one": "exactly one of {} and {} is on",
        "not": "{} is on and {} is off",
    }
    lines = " ".join(f"{lamp} is on exactly when {said[gate].format(a, b)}." for lamp, gate, a, b in rules)
    given = ", ".join(f"{switch} is {'on' if on else 'off'}" for switch, on in state.items())
    text = (
        f"A panel has switches {listed(switches)} and lamps L1 to L{len(rules)}. {lines} At first {given}. Then "
        f"{turned} is turned over and nothing else is touched. Which lamps are on afterwards? List them in numerical "
        "order, separated by commas."
    )
    return reasoned_task(
        source,
        key=("circuit", lines, given, turned),
        tier=tier,
        text=text,
        answer=", ".join(after),
        steps=f"Before the change {', '.join(before) or 'no lamp'} shone; afterwards {', '.join(after)}.",
        form="<lamps>",
    )


def _shining(switches: dict[str, bool], rules: list[tuple[str, str, str, str]]) -> list[str]:
    on = dict(switches)
    for lamp, gate, first, second in rules:
        a, b = on[first], on[second]
        on[lamp] = {"and": a and b, "or": a or b, "one": a != b, "not": a and not b}[gate]
    return [lamp for lamp, *_ in rules if on[lamp]]
