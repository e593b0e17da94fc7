"""Answers the mathematics questions from their prompts alone, by other means than the generator uses.

Belongs here: reading the numbers out of a prompt and brute force or another formula. Does not belong here:
anything imported from the generators: agreement of the two is what shows that a prompt says all it must.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise, permutations, product


def _whole(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", text)]


def _text(value: Fraction | int) -> str:
    value = Fraction(value)
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def _journey(prompt: str) -> str:
    speed, minutes = re.findall(r"(\d+) km/h for (\d+) minutes", prompt)[0]
    metres, walked = re.findall(r"at (\d+) metres per minute for (\d+) minutes", prompt)[0]
    return _text(Fraction(int(speed) * 1000 * int(minutes), 60) + int(metres) * int(walked))


def _recipe(prompt: str) -> str:
    portions, amount = re.findall(r"for (\d+) portions of [a-z ]+ takes ([\d/]+)", prompt)[0]
    wanted = re.findall(r"needed for (\d+) portions", prompt)[0]
    return _text(Fraction(amount) / int(portions) * int(wanted))


def _price_changes(prompt: str) -> str:
    value = Fraction(re.findall(r"at (\d+) crowns", prompt)[0])
    for direction, percent in re.findall(r"(raises|lowers) the price by (\d+)%", prompt):
        change = value * int(percent) / 100
        value = value + change if direction == "raises" else value - change
    cents = value * 100
    return f"{int(cents) // 100}.{int(cents) % 100:02d}"


def _work_rate(prompt: str) -> str:
    fills = [int(hours) for hours in re.findall(r"alone fills it in (\d+) hours", prompt)]
    leaks = [int(hours) for hours in re.findall(r"empty the full [a-z ]+ in (\d+) hours", prompt)]
    common = math.lcm(*fills, *leaks)
    return _text(Fraction(common, sum(common // each for each in fills) - sum(common // each for each in leaks)))


def _mixture(prompt: str) -> str:
    litres, weak = map(int, re.findall(r"has (\d+) litres of [a-z]+ at (\d+)% strength", prompt)[0])
    strong = int(re.findall(r"of [a-z]+ at (\d+)% strength must be added", prompt)[0])
    wanted = int(re.findall(r"exactly (\d+)%", prompt)[0])
    # litres * weak + x * strong = (litres + x) * wanted
    return _text(Fraction(litres * wanted - litres * weak, strong - wanted))


def _packs(prompt: str) -> str:
    offers = [(int(size), int(price)) for size, price in re.findall(r"(\d+) for (\d+) crowns", prompt)]
    needed = int(re.findall(r"at least (\d+)", prompt)[0])

    @cache
    def cheapest(missing: int) -> int:
        return 0 if missing <= 0 else min(price + cheapest(missing - size) for size, price in offers)

    return str(cheapest(needed))


def _shared_bill(prompt: str) -> str:
    bought = re.findall(r"(\d+) [a-z]+ at (\d+) crowns each", prompt)
    voucher = int(re.findall(r"voucher worth (\d+)", prompt)[0])
    paid = int(re.findall(r"pays with (\d+)", prompt)[0])
    return str(paid + voucher - sum(int(count) * int(price) for count, price in bought))


def _tickets(prompt: str) -> str:
    sold, money = map(int, re.findall(r"sold (\d+) tickets it took (\d+)", prompt)[0])
    adult, child = map(int, re.findall(r"adult ticket costs (\d+) crowns and a child ticket (\d+)", prompt)[0])
    found = [count for count in range(sold + 1) if count * adult + (sold - count) * child == money]
    return ", ".join(map(str, found))


_TERM = re.compile(r"([+-]?) ?(\d*)([xyz])")


def _linear_system(prompt: str) -> str:
    """Cramer's rule over fractions."""
    rows, right = [], []
    for equation in re.findall(r"((?:[+-]? ?\d*[xyz] ?)+) = (-?\d+)", prompt):
        factors = {
            letter: (-1 if sign == "-" else 1) * int(number or 1) for sign, number, letter in _TERM.findall(equation[0])
        }
        rows.append(factors)
        right.append(int(equation[1]))
    letters = sorted({letter for row in rows for letter in row})
    matrix = [[row[letter] for letter in letters] for row in rows]
    whole = _determinant(matrix)
    values = []
    for column in range(len(letters)):
        replaced = [
            [value if place == column else row[place] for place in range(len(row))]
            for row, value in zip(matrix, right, strict=True)
        ]
        values.append(_text(Fraction(_determinant(replaced), whole)))
    return ", ".join(values)


def _determinant(rows: list[list[int]]) -> int:
    total = 0
    for order in permutations(range(len(rows))):
        swaps = sum(order[left] > order[right] for left, right in combinations(range(len(order)), 2))
        total += (-1) ** swaps * math.prod(row[column] for row, column in zip(rows, order, strict=True))
    return total


def _quadratic(prompt: str) -> str:
    square, middle, last = re.findall(r"(-?\d*)t\^2(?: ([+-] \d*)t)? ([+-] \d+) = 0", prompt)[0]
    a = int(square) if square not in ("", "-") else int(f"{square}1")
    middle = middle.replace(" ", "")
    b = 0 if not middle else int(middle) if middle[-1].isdigit() else int(f"{middle}1")
    c = int(last.replace(" ", ""))
    root = math.isqrt(b * b - 4 * a * c)
    return ", ".join(_text(each) for each in sorted(Fraction(-b + sign * root, 2 * a) for sign in (1, -1)))


def _tiles(prompt: str) -> str:
    first, step, place = map(
        int, re.findall(r"are (\d+) [a-z]+ in row 1, and each later row has (\d+) more.*in row (\d+)\?", prompt)[0]
    )
    for _ in range(place - 1):
        first += step
    return str(first)


def _recurrence(prompt: str) -> str:
    first, second = map(int, re.findall(r"a\(1\) = (\d+) and a\(2\) = (\d+)", prompt)[0])
    near, far = map(int, re.findall(r"= (\d+) \* a\(n-1\) \+ (\d+) \* a\(n-2\)", prompt)[0])
    place = int(re.findall(r"What is a\((\d+)\)", prompt)[0])

    def term(index: int) -> int:
        return (first, second)[index - 1] if index <= 2 else near * term(index - 1) + far * term(index - 2)

    return str(term(place))


def _squared(prompt: str) -> str:
    value = int(re.findall(r"b\(1\) = (\d+)", prompt)[0])
    add, modulus = map(int, re.findall(r"\^2 \+ (\d+) is divided by (\d+)", prompt)[0])
    place = int(re.findall(r"term, b\((\d+)\)", prompt)[0])
    for _ in range(place - 1):
        value = (value * value + add) % modulus
    return str(value)


def _floor(prompt: str) -> str:
    (width, height), (cut_width, cut_height) = re.findall(r"(\d+) m by (\d+) m", prompt)
    return str(int(width) * (int(height) - int(cut_height)) + (int(width) - int(cut_width)) * int(cut_height))


def _polygon(prompt: str) -> str:
    """By trapezoids under each side, not by the shoelace formula."""
    corners = [(int(x), int(y)) for x, y in re.findall(r"\((-?\d+), (-?\d+)\)", prompt)]
    area = Fraction(0)
    for (left, low), (right, high) in zip(corners, corners[1:] + corners[:1], strict=True):
        area += Fraction((right - left) * (low + high), 2)
    return _text(abs(area))


def _meeting_again(prompt: str) -> str:
    periods = [int(each) for each in re.findall(r"every (\d+) minutes", prompt)]
    longest = max(periods)
    return str(next(time for time in range(longest, 10**7, longest) if all(time % each == 0 for each in periods)))


def _remainders(prompt: str) -> str:
    rows = [(int(modulus), int(rest)) for modulus, rest in re.findall(r"rows of (\d+), (\d+) (?:is|are) left", prompt)]
    number, step = 0, 1
    for modulus, rest in rows:
        while number % modulus != rest:
            number += step
        step *= modulus
    return str(number or step)


def _power_remainder(prompt: str) -> str:
    powers = re.findall(r"(\d+)\^(\d+)", prompt)
    found = re.findall(r"divided by (\d+)|by (\d+) as whole|positions 0 to (\d+)", prompt)[0]
    modulus = int(found[0] or found[1] or int(found[2]) + 1)
    return str(sum(int(base) ** int(exponent) for base, exponent in powers) % modulus)


def _divisors(prompt: str) -> str:
    if "exactly" in prompt:
        low, high, count = map(int, re.findall(r"from (\d+) to (\d+), both included, have exactly (\d+)", prompt)[0])
        counts = Counter(multiple for each in range(1, high + 1) for multiple in range(each, high + 1, each))
        return str(sum(counts[number] == count for number in range(low, high + 1)))
    if "Add up" in prompt:
        number = int(re.findall(r"divisors of (\d+) that", prompt)[0])
        return str(
            sum(each for each in range(1, number + 1) if number % each == 0 and (each % 2 == 0 or each % 3 == 0))
        )
    left, count = int(re.findall(r"does (\d+) have", prompt)[0]), 1
    for prime in range(2, left + 1):
        power = 0
        while left % prime == 0:
            left, power = left // prime, power + 1
        count *= power + 1
    return str(count)


def _bases(prompt: str) -> str:
    base, first, second = re.findall(r"in base (\d): (\d+) and (\d+)", prompt)[0]
    target = int(re.findall(r"written in base (\d)", prompt)[0])
    total = int(first, int(base)) + int(second, int(base))
    written = []
    while total:
        written.append(str(total % target))
        total //= target
    return "".join(reversed(written))


def _ways_to_pay(prompt: str) -> str:
    values = _whole(re.findall(r"coins of ([\d, and]+) groats", prompt)[0])
    amount = int(re.findall(r"exactly (\d+) groats", prompt)[0])
    *rest, last = values
    counts = product(*(range(amount // value + 1) for value in rest))
    left = (amount - sum(count * value for count, value in zip(each, rest, strict=True)) for each in counts)
    return str(sum(each >= 0 and each % last == 0 for each in left))


def _triangles(prompt: str) -> str:
    perimeter = int(re.findall(r"exactly (\d+) decimetres", prompt)[0])
    shortest = int(re.findall(r"shorter than (\d+)", prompt)[0])
    found = {
        tuple(sorted((a, b, perimeter - a - b)))
        for a in range(shortest, perimeter)
        for b in range(shortest, perimeter - a)
        if perimeter - a - b >= shortest and max(a, b, perimeter - a - b) * 2 < perimeter
    }
    return str(len(found))


def _committee(prompt: str) -> str:
    size, left, right = map(int, re.findall(r"of (\d+) is chosen from (\d+) [a-z]+ and (\d+)", prompt)[0])
    least = int((re.findall(r"[Aa]t least (\d+)", prompt) or [0])[0])
    most = int((re.findall(r"at most (\d+)", prompt) or [size])[0])
    people = [True] * left + [False] * right
    return str(sum(least <= sum(chosen) <= most for chosen in combinations(people, size)))


def _paths(prompt: str) -> str:
    width, height = map(int, re.findall(r"x from 0 to (\d+) and y from 0 to (\d+)", prompt)[0])
    closed = re.findall(r"\((\d+), (\d+)\)", prompt.split("closed crossing")[1])
    shut = {(int(x), int(y)) for x, y in closed}

    @cache
    def onward(x: int, y: int) -> int:
        if x > width or y > height or (x, y) in shut:
            return 0
        return 1 if (x, y) == (width, height) else onward(x + 1, y) + onward(x, y + 1)

    return str(onward(0, 0))


def _drawn(prompt: str) -> str:
    stock = [(int(count), colour) for count, colour in re.findall(r"(\d+) (amber|violet|teal|ivory|crimson)", prompt)]
    bag = [colour for count, colour in stock for _ in range(count)]
    if "Three are drawn" in prompt:
        wanted = re.findall(r"of the three is (\w+)", prompt)[0]
        draws = [set(draw) for draw in combinations(bag, 3) if wanted in draw]
        return _text(Fraction(sum(len(draw) == 3 for draw in draws), len(draws)))
    if "Two are drawn" in prompt:
        pairs = list(combinations(bag, 2))
        return _text(Fraction(sum(left == right for left, right in pairs), len(pairs)))
    unwanted = re.findall(r"is not (\w+)\?", prompt)[0]
    return _text(Fraction(sum(colour != unwanted for colour in bag), len(bag)))


def _dice(prompt: str) -> str:
    faces = _whole(re.findall(r"dice with ([\d, and]+) faces", prompt)[0])
    rolls = list(product(*(range(1, count + 1) for count in faces)))
    if exact := re.findall(r"sum is exactly (\d+)", prompt):
        good = sum(sum(roll) == int(exact[0]) for roll in rolls)
    else:
        least, divisor = map(int, re.findall(r"at least (\d+) and the sum is a multiple of (\d+)", prompt)[0])
        good = sum(any(die >= least for die in roll) and sum(roll) % divisor == 0 for roll in rolls)
    return _text(Fraction(good, len(rolls)))


def _prize(prompt: str) -> str:
    prizes = _whole(re.findall(r"prizes ([\d, ]+) crowns", prompt)[0])
    fee = int(re.findall(r"costs (\d+) crowns", prompt)[0])
    threshold = int(re.findall(r"if it is (\d+) crowns or more", prompt)[0])
    gains = [first if first >= threshold else second for first, second in product(prizes, repeat=2)]
    return _text(Fraction(sum(gains), len(gains)) - fee)


def _spaced(prompt: str) -> str:
    seats, signs = map(int, re.findall(r"has (\d+) numbered seats. (\d+) identical", prompt)[0])
    gap = int(re.findall(r"at least (\d)", prompt)[0])
    return str(
        sum(all(right - left > gap for left, right in pairwise(places)) for places in combinations(range(seats), signs))
    )


def _codes(prompt: str) -> str:
    length = int(re.findall(r"of (\d) letters", prompt)[0])
    letters = re.findall(r"each from ([A-Z, ]+);", prompt)[0].split(", ")
    limited = re.findall(r"and ([A-Z]) appears at most (once|twice)", prompt)
    count = 0
    for word in map("".join, product(letters, repeat=length)):
        if re.search(r"(.)\1", word):
            continue
        count += not limited or word.count(limited[0][0]) <= {"once": 1, "twice": 2}[limited[0][1]]
    return str(count)


_BY_MARK: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("How many metres did", _journey),
    ("A recipe for", _recipe),
    ("each time from the price just before", _price_changes),
    ("alone fills it", _work_rate),
    ("% strength must be added", _mixture),
    ("sells", _packs),
    ("voucher worth", _shared_bill),
    ("An adult ticket costs", _tickets),
    ("Give the values of x, y", _linear_system),
    ("t^2", _quadratic),
    (" in row 1,", _tiles),
    ("a(n-2)", _recurrence),
    ("b(n-1)^2", _squared),
    ("missing at one corner", _floor),
    ("has straight sides", _polygon),
    ("at the same moment", _meeting_again),
    ("in full rows", _remainders),
    ("^", _power_remainder),
    ("positive divisors", _divisors),
    ("Two counters", _bases),
    ("groats", _ways_to_pay),
    ("triangular frames", _triangles),
    ("working group", _committee),
    ("Streets form a grid", _paths),
    ("A bag holds", _drawn),
    (" dice with ", _dice),
    ("fairground spinner", _prize),
    ("reserved signs", _spaced),
    ("codes consist of", _codes),
)


def solve(prompt: str) -> str | None:
    """The answer computed from the prompt's text; None for a prompt of no known kind."""
    for mark, solver in _BY_MARK:
        if mark in prompt:
            return solver(prompt)
    return None
