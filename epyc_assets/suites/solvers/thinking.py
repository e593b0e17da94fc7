"""Answers the reasoning questions from their prompts alone, by trying every case.

Belongs here: reading clues, statements and steps out of a prompt. Does not belong here: anything imported from the
generators.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

_NAME = r"[A-Z][a-z]+"


def _names(text: str) -> list[str]:
    return re.findall(_NAME, text)


def _ordering(prompt: str) -> str:
    names = _names(re.findall(r": ([\w, ]+)\. Position 1", prompt)[0])
    asked = int(re.findall(r"Who is at position (\d+)\?", prompt)[0])
    before = re.findall(rf"({_NAME}) [a-z]+ somewhere before ({_NAME})\.", prompt)
    directly = re.findall(rf"({_NAME}) [a-z]+ directly before ({_NAME})\.", prompt)
    between = re.findall(rf"Exactly (\d+) (?:person is|people are) between ({_NAME}) and ({_NAME})\.", prompt)
    ends = re.findall(rf"({_NAME}) is not (first|last)\.", prompt)
    fixed = re.findall(rf"({_NAME}) is at position (\d+)\.", prompt)
    found = set()
    for places in itertools.permutations(range(1, len(names) + 1)):
        at = dict(zip(names, places, strict=True))
        if (
            all(at[a] < at[b] for a, b in before)
            and all(at[a] + 1 == at[b] for a, b in directly)
            and all(abs(at[a] - at[b]) - 1 == int(count) for count, a, b in between)
            and all(at[name] != (1 if end == "first" else len(names)) for name, end in ends)
            and all(at[name] == int(place) for name, place in fixed)
        ):
            found.add(names[places.index(asked)])
    return "/".join(sorted(found))


def _logic_grid(prompt: str) -> str:
    names = _names(prompt.split(" are compared")[0])
    attributes = {
        noun: values.split(", ") for noun, values in re.findall(r"Each has a different ([\w ]+): ([\w, ]+)\.", prompt)
    }
    group_of = {value: noun for noun, values in attributes.items() for value in values}
    word = re.compile(r"\b(" + "|".join(sorted([*group_of, *names], key=len, reverse=True)) + r")\b")
    body, question = re.split(r" Which (?=[\w ]+ belongs to )", re.split(r"Each has a different [^.]+\.", prompt)[-1])
    clues = []
    for sentence in body.strip().split(". "):
        first, second = word.findall(sentence)
        clues.append(("not true" in sentence, first, second))
    noun = question.split(" belongs to ")[0]
    asked = word.findall(question.split(" belongs to ")[1].split("?")[0])[0]
    found = set()
    for world in itertools.product(*(itertools.permutations(values) for values in attributes.values())):
        owner = {name: name for name in names}
        for values in world:
            owner.update(zip(values, names, strict=True))
        if all((owner[first] != owner[second]) == denied for denied, first, second in clues):
            found |= {value for value in attributes[noun] if owner[value] == owner[asked]}
    return "/".join(sorted(found))


def _team(prompt: str) -> str:
    size, listed = re.findall(r"Exactly (\d) of ([\w, ]+) are sent", prompt)[0]
    names = _names(listed)
    rules = prompt.split(" are sent to ")[1]
    pairs: list[tuple[str, Callable[[bool, bool], bool]]] = [
        (rf"If ({_NAME}) goes, ({_NAME}) must go too", lambda a, b: b if a else True),
        (rf"({_NAME}) and ({_NAME}) cannot both go", lambda a, b: not (a and b)),
        (rf"At least one of ({_NAME}) and ({_NAME}) must go", lambda a, b: a or b),
        (rf"If ({_NAME}) stays behind, ({_NAME}) must go", lambda a, b: b if not a else True),
        (rf"Exactly one of ({_NAME}) and ({_NAME}) goes", lambda a, b: a is not b),
    ]
    read = [(holds, a, b) for pattern, holds in pairs for a, b in re.findall(pattern, rules)]
    found = [
        sorted(chosen)
        for chosen in itertools.combinations(names, int(size))
        if all(holds(a in chosen, b in chosen) for holds, a, b in read)
    ]
    return " or ".join(", ".join(chosen) for chosen in found)


def _knights(prompt: str) -> str:
    truthful, lying = re.findall(r"either a (\w+), who always tells the truth, or a (\w+),", prompt)[0]
    said = re.findall(rf"({_NAME}) says: '([^']+)'", prompt)
    names = [name for name, _ in said]
    found = []
    for honest in itertools.product((True, False), repeat=len(names)):
        kind = dict(zip(names, honest, strict=True))
        if all(_claimed(text, speaker, kind, truthful, lying) == kind[speaker] for speaker, text in said):
            found.append([name for name in names if kind[name]])
    return " or ".join(", ".join(each) for each in found)


def _claimed(text: str, speaker: str, kind: dict[str, bool], truthful: str, lying: str) -> bool:
    people = [name for name in _names(text) if name in kind]
    if text.startswith("Exactly"):
        return list(kind.values()).count(False) == int(text.split()[1])
    if "same kind" in text:
        return kind[people[0]] is kind[speaker]
    if "different kinds" in text:
        return kind[people[0]] is not kind[people[1]]
    if text.startswith("At least"):
        return kind[people[0]] or kind[people[1]]
    if text.startswith("If"):
        return not (kind[people[0]] and kind[people[1]])
    return not kind[people[0]]


def _culprit(prompt: str) -> str:
    said = re.findall(rf"({_NAME}): '([^']+)'", prompt)
    names = [name for name, _ in said]
    true = int(re.findall(r"Exactly (\d+) of these statements", prompt)[0])
    found = []
    for guilty in names:
        count = 0
        for _, text in said:
            named = guilty in _names(text)
            count += not named if "not" in text or "neither" in text else named
        if count == true:
            found.append(guilty)
    return "/".join(found)


def _syllogism(prompt: str) -> str:
    """Looks for a world that makes each option false, one sort of thing after another."""
    kinds = re.findall(r"each of these kinds: ([\w, ]+)\.", prompt)[0].split(", ")
    given = prompt.split("kinds: ", 1)[1].split(". ", 1)[1].split(" Which one")[0]
    statement = re.compile(r"(All|No|Some) (\w+) are (not )?(\w+)\.")
    premises = statement.findall(given)
    options = re.findall(r"^([A-D])\) (.+)$", prompt, re.MULTILINE)
    negated = {"All": ("Some", "not "), "No": ("Some", "")}
    sure = []
    for letter, text in options:
        quantity, left, nots, right = statement.findall(text)[0]
        if quantity == "Some":
            denial = ("All" if nots else "No", left, "", right)
        else:
            denial = (negated[quantity][0], left, negated[quantity][1], right)
        if not _satisfiable([*premises, denial], kinds):
            sure.append(letter)
    return "/".join(sure)


def _satisfiable(statements: list[tuple[str, str, str, str]], kinds: list[str]) -> bool:
    possible = []
    for member in itertools.product((False, True), repeat=len(kinds)):
        sort = dict(zip(kinds, member, strict=True))
        if any(quantity == "All" and sort[a] and not sort[b] for quantity, a, _, b in statements):
            continue
        if any(quantity == "No" and sort[a] and sort[b] for quantity, a, _, b in statements):
            continue
        possible.append(sort)
    witnessed = all(any(sort[kind] for sort in possible) for kind in kinds)
    return witnessed and all(
        any(sort[a] and sort[b] != bool(nots) for sort in possible)
        for quantity, a, nots, b in statements
        if quantity == "Some"
    )


def _moving(prompt: str) -> str:
    start, steps = prompt.split(" These steps are done in order. ")
    holds = {box: int(count) for box, count in re.findall(r"the (\w+) box (\d+)", start)}
    for step in re.findall(r"(?:Move|Swap|If) [^.]+\.", steps):
        boxes = [word for word in re.findall(r"[a-z]+", step) if word in holds]
        numbers = [int(number) for number in re.findall(r"\d+", step)]
        a, b = boxes[0], boxes[1]
        if step.startswith("Swap"):
            holds[a], holds[b] = holds[b], holds[a]
        elif step.startswith("Move half"):
            holds[b] += holds[a] // 2
            holds[a] -= holds[a] // 2
        elif step.startswith("Move"):
            holds[a] -= numbers[0]
            holds[b] += numbers[0]
        else:
            holds[b if holds[a] > holds[b] else a] += numbers[0]
    return str(holds[re.findall(r"are in the (\w+) box at the end", prompt)[0]])


def _walk(prompt: str) -> str:
    place, heading = 0 + 0j, {"north": 1j, "east": 1 + 0j, "south": -1j, "west": -1 + 0j}
    facing = heading[re.findall(r"facing (\w+)\.", prompt)[0]]
    for order in re.findall(r"orders are: (.+)\. At which", prompt)[0].split("; "):
        if order.startswith("turn"):
            facing *= -1j if order.endswith("right") else 1j
        elif order.startswith("jump"):
            place = complex(place.imag, place.real)
        else:
            steps = int(re.findall(r"\d+", order)[0])
            place += facing * (steps if "forward" in order else -steps)
    return f"({int(place.real)}, {int(place.imag)})"


def _time_chain(prompt: str) -> str:
    known: dict[str, int] = {}
    for event, hours, minutes in re.findall(r"(?:^|[.:] )The ([\w -]+) came at (\d\d):(\d\d)\.", prompt):
        known[event] = int(hours) * 60 + int(minutes)
    links = re.findall(r"The ([\w -]+) came (\d+) minutes (after|before) the ([\w -]+)\.", prompt)
    for _ in links:
        for event, minutes, side, base in links:
            if base in known:
                known[event] = known[base] + (int(minutes) if side == "after" else -int(minutes))
    time = known[re.findall(r"did the ([\w -]+) come\?", prompt)[0]]
    return f"{time // 60:02d}:{time % 60:02d}"


def _plan(prompt: str) -> str:
    """Hour by hour."""
    jobs = {
        letter: (int(hours), re.findall(r"[A-H]", needs))
        for letter, hours, needs in re.findall(r"([A-H]) takes (\d+) hours(?: and needs ([A-H, and]+) to)?", prompt)
    }
    workers = 2 if "two workers" in prompt else len(jobs)
    left = {letter: hours for letter, (hours, _) in jobs.items()}
    running: set[str] = set()
    hour = 0
    while any(left.values()):
        for letter in sorted(jobs):
            ready = left[letter] and letter not in running and all(left[each] == 0 for each in jobs[letter][1])
            if ready and len(running) < workers:
                running.add(letter)
        for letter in list(running):
            left[letter] -= 1
            if left[letter] == 0:
                running.remove(letter)
        hour += 1
    return str(hour)


def _circuit(prompt: str) -> str:
    on = {
        switch: state == "on" for switch, state in re.findall(r"(S\d) is (on|off)(?=[,.])", prompt.split("At first")[1])
    }
    turned = re.findall(r"Then (S\d) is turned over", prompt)[0]
    on[turned] = not on[turned]
    for lamp, rule in re.findall(r"(L\d) is on exactly when ([^.]+)\.", prompt):
        a, b = re.findall(r"[SL]\d", rule)
        if "and" in rule and rule.endswith("is off"):
            on[lamp] = on[a] and not on[b]
        else:
            lit = on[a] + on[b]
            on[lamp] = lit == 2 if rule.startswith("both") else lit == 1 if rule.startswith("exactly") else lit >= 1
    return ", ".join(name for name in on if name.startswith("L") and on[name])


def _operator(prompt: str) -> str:
    sign, left, right, direction, shift = re.findall(
        r"a (\S) b is (\d+) times a, minus (\d+) times b, (plus|minus) (\d+)", prompt
    )[0]
    add = int(shift) if direction == "plus" else -int(shift)
    tokens = re.findall(r"What is (.+?)\?", prompt)[0].split()

    def value(words: list[str]) -> int:
        if len(words) == 1:
            return int(words[0])
        if "from the right" in prompt:
            a, operator, b = int(words[0]), words[1], value(words[2:])
        else:
            a, operator, b = value(words[:-2]), words[-2], int(words[-1])
        return int(left) * a - int(right) * b + add if operator == sign else max(a, b) - min(a, b)

    return str(value(tokens))


def _money(prompt: str) -> str:
    (per_middle, small, middle), (per_large, _, large) = re.findall(r"(\d+) (\w+) make one (\w+)", prompt)
    total = {unit: sum(map(int, re.findall(rf"(\d+) {unit}\b(?! make)", prompt))) for unit in (small, middle, large)}
    while total[small] >= int(per_middle):
        total[small] -= int(per_middle)
        total[middle] += 1
    while total[middle] >= int(per_large):
        total[middle] -= int(per_large)
        total[large] += 1
    return f"{total[large]}, {total[middle]}, {total[small]}"


def _week(prompt: str) -> str:
    days = re.findall(r"in this order: ([\w, ]+);", prompt)[0].split(", ")
    today = re.findall(r"Today is (\w+)\.", prompt)[0]
    back = "before today" in prompt
    shift = int(re.findall(r"(\d+) days(?: before today)?\?", prompt)[0])
    cycle = days[::-1] if back else days
    turning = itertools.cycle(cycle)
    while next(turning) != today:
        pass
    for _ in range(shift - 1):
        next(turning)
    return next(turning)


def _overlaps(prompt: str) -> str:
    total = int(re.findall(r"Of (\d+) people", prompt)[0])
    single = {club: int(count) for count, club in re.findall(r"(\d+) are in the (\w+) club", prompt)}
    pairs = [int(count) for count in re.findall(r"(\d+) (?:is|are) in both", prompt)]
    everywhere = [int(count) for count in re.findall(r"(\d+) (?:is|are) in all three", prompt)]
    nowhere = [int(count) for count in re.findall(r"(\d+) (?:is|are) in none of the three", prompt)]
    if nowhere:
        three = total - nowhere[0] - sum(single.values()) + sum(pairs)
        return str(sum(single.values()) - 2 * sum(pairs) + 3 * three)
    return str(total - sum(single.values()) + sum(pairs) - sum(everywhere))


_BY_MARK: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("Who is at position", _ordering),
    ("are compared. Each has a different", _logic_grid),
    (" are sent to ", _team),
    ("who always tells the truth", _knights),
    ("of these statements", _culprit),
    ("each of these kinds", _syllogism),
    ("These steps are done in order", _moving),
    ("Its orders are", _walk),
    ("Notes from one day", _time_chain),
    ("are all jobs finished", _plan),
    ("is turned over", _circuit),
    ("In a game of symbols", _operator),
    ("In an old market", _money),
    ("On the island of", _week),
    ("in both the", _overlaps),
)


def solve(prompt: str) -> str | None:
    """The answer computed from the prompt's text; None for a prompt of no known kind.

    Where more than one answer fits, all are given, so that agreement also shows that there is only one.
    """
    for mark, solver in _BY_MARK:
        if mark in prompt:
            return solver(prompt)
    return None
