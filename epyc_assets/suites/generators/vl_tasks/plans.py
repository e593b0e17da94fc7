"""Plans, maps, clock faces, flow charts and screens.

Belongs here: pictures to find a way in. Does not belong here: objects (`scenes`), numbers (`charts`).
"""

from __future__ import annotations

import random
from collections import deque
from itertools import permutations

from epyc_assets.suites.generators.phrases import counted, reasoned_task
from epyc_assets.suites.task import Task

_ROOMS = (
    "hall", "kitchen", "study", "cellar", "attic", "pantry", "library", "workshop", "bathroom", "bedroom", "veranda",
    "nursery",
)  # fmt: skip
_TURNS = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
_SHORT = ("north", "east", "south", "west")
_BUTTONS = (
    "Save",
    "Print",
    "Share",
    "Export",
    "Undo",
    "Filter",
    "Refresh",
    "Archive",
    "Rename",
    "Settings",
    "Help",
    "Log out",
)


def rooms(source: random.Random, tier: int) -> Task:
    """A floor plan as doors between rooms: the fewest doors from one room to another."""
    names = source.sample(_ROOMS, 4 + tier * 2)
    doors = [(names[place], names[source.randrange(max(0, place - 2), place)]) for place in range(1, len(names))]
    for _ in range(tier):
        pair = tuple(source.sample(names, 2))
        if pair not in doors and pair[::-1] not in doors:
            doors.append((pair[0], pair[1]))
    source.shuffle(doors)
    # Rooms that share a door ask for no way at all: higher tiers ask for rooms farther apart, as far as the plan has.
    ways = {pair: _doors_between(doors, pair[0])[pair[1]] for pair in permutations(names, 2)}
    least = min(tier, max(ways.values()))
    length = source.choice(sorted({each for each in ways.values() if each >= least}))
    start, goal = source.choice([pair for pair, each in ways.items() if each == length])
    drawn = "; ".join(f"{left} - {right}" for left, right in doors)
    text = (
        f"A floor plan shows doors between these pairs of rooms: {drawn}. What is the smallest number of "
        f"doors one must "
        f"pass through to get from the {start} to the {goal}?"
    )
    key = ("rooms", *sorted(map("/".join, doors)), start, goal)
    steps = f"The shortest way has {ways[start, goal]} doors."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(ways[start, goal]), steps=steps)


def _doors_between(doors: list[tuple[str, str]], start: str) -> dict[str, int]:
    """The fewest doors from a room to each that can be reached."""
    distance = {start: 0}
    queue = deque([start])
    while queue:
        room = queue.popleft()
        for left, right in doors:
            for here, there in ((left, right), (right, left)):
                if here == room and there not in distance:
                    distance[there] = distance[room] + 1
                    queue.append(there)
    return distance


def map_walk(source: random.Random, tier: int) -> Task:
    """A walk on a map: where it ends, or how far away in straight blocks."""
    x = y = 0
    facing = source.randrange(4)
    text = f"On a city map with north at the top, a walker starts at the fountain facing {_SHORT[facing]}."
    key: list[str | int] = ["walk", tier, facing]
    for _ in range(2 + tier * 2):
        turn, blocks = source.choice(("left", "right", "around")), source.randint(1, 9)
        facing = (facing + {"left": 3, "right": 1, "around": 2}[turn]) % 4
        across, up = _TURNS[_SHORT[facing]]
        x, y = x + across * blocks, y + up * blocks
        text += f" The walker turns {turn} and walks {counted(blocks, 'block')}."
        key += [turn, blocks]
    if tier == 1:
        text += " Which way does the walker face at the end: north, east, south or west?"
        answer, form, steps = _SHORT[facing], "<direction>", "Following the turns."
    else:
        text += " How many blocks long is the shortest way back to the fountain along the grid of streets?"
        answer, form, steps = str(abs(x) + abs(y)), "<number>", f"The walker is {abs(x)} and {abs(y)} blocks away."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=steps, form=form)


def clock(source: random.Random, tier: int) -> Task:
    """A clock face: the time from the hands' angles, in a mirror, or the angle between them."""
    hour, minute = source.randrange(12), source.randrange(0, 60, 5 if tier == 1 else 2)
    hour_angle, minute_angle = hour * 30 + minute / 2, minute * 6
    place = f"{hour_angle:g} degrees clockwise from the 12, and the long hand {minute_angle} degrees"
    if tier < 3:
        shown = f"{hour or 12}:{minute:02d}"
        text = f"The short hand of a clock stands {place} clockwise from the 12. What time does it show?"
        key, answer = ("clock", hour, minute), shown
    else:
        later = source.randrange(35, 700)
        total = (hour * 60 + minute + later) % 720
        difference = abs(total / 2 - total % 60 * 6) % 360
        difference = min(difference, 360 - difference)
        text = (
            f"The short hand of a clock stands {place} clockwise from the 12. Exactly {later} minutes later, "
            f"what is the "
            "smaller angle between the two hands, in degrees?"
        )
        key, answer = ("clock angle", hour, minute, later), f"{difference:g}"
    form = "<h:mm>" if tier < 3 else "<number>"
    config = {"answer_type": "text"} if tier < 3 else {}
    steps = "The short hand moves half a degree a minute, the long one six."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=steps, form=form, config=config)


def flow_chart(source: random.Random, tier: int) -> Task:
    """A flow chart with one loop over a number."""
    start, limit = source.randint(2, 20), source.randint(60, 200) * tier
    factor, added, taken = source.randint(2, 3), source.randint(1, 9), source.randint(2, 7)
    value, rounds = start, 0
    trace = [value]
    while value <= limit:
        value = value * factor + added if value % 2 == 0 else value + taken
        rounds += 1
        trace.append(value)
    text = (
        f"A flow chart has these boxes. Box 1: set n to {start}. Box 2 (diamond): is n greater than {limit}? "
        f"If yes, go to "
        f"box 5; if no, go on to box 3. Box 3 (diamond): is n even? If yes, multiply n by {factor} and add "
        f"{added}; if no, "
        f"add {taken} to n. Box 4: go back to box 2. Box 5: stop. "
    )
    if tier == 1:
        text, answer = f"{text}What is n at the end?", value
    else:
        text, answer = f"{text}What is n at the end plus the number of times that box 4 was reached?", value + rounds
    key = ("flow chart", tier, start, limit, factor, added, taken)
    steps = f"n: {', '.join(map(str, trace))}"
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(answer), steps=steps)


def screen(source: random.Random, tier: int) -> Task:
    """Buttons with positions and sizes in pixels: which one is clicked, or is nearest to a corner."""
    names = source.sample(_BUTTONS, 3 + tier)
    buttons: list[tuple[str, int, int, int, int]] = []
    for place, name in enumerate(names):
        left, top = (place % 3) * 300 + source.randint(5, 120), (place // 3) * 200 + source.randint(5, 90)
        buttons.append((name, left, top, source.randint(60, 160), source.randint(30, 80)))
    listed = "\n".join(f"- {name}: left {x}, top {y}, width {w}, height {h}" for name, x, y, w, h in buttons)
    text = (
        "A screen shows these buttons (pixels from the left and from the top edge of the screen, y growing "
        "downwards):\n"
        f"{listed}\n"
    )
    name, x, y, w, h = source.choice(buttons)
    if tier == 1:
        across, down = x + source.randint(2, w - 2), y + source.randint(2, h - 2)
        text += f"Which button does a click at ({across}, {down}) hit?"
        answer, form, key = name, "<button>", ("screen", *names, across, down)
    elif tier == 2:
        text += f"What are the coordinates of the centre of {name}'s lower right quarter, rounded down to whole pixels?"
        answer = f"{(4 * x + 3 * w) // 4}, {(4 * y + 3 * h) // 4}"
        form, key = "<x>, <y>", ("screen centre", x, y, w, h)
    else:
        areas = {each[0]: each[3] * each[4] for each in buttons}
        if len(set(areas.values())) < len(areas):
            return screen(source, tier)
        ranked = sorted(areas, key=lambda each: areas[each])
        text += "Name the three buttons with the largest areas, the largest first."
        answer, form = ", ".join(ranked[::-1][:3]), "<first>, <second>, <third>"
        key = ("screen areas", *names, *areas.values())
    steps = "Comparing the edges gives it."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=steps, form=form)
