"""Exact work of many small steps: counting, sorting, checksums, dates, ciphers, long numbers, small machines.

Belongs here: kinds that running code settles at once and that are slips waiting to happen by hand. Does not belong
here: chains of several such stages (`staged`).
"""

from __future__ import annotations

import datetime
import random
from fractions import Fraction

from epyc_assets.suites.generators.phrases import ordinal, reasoned_task
from epyc_assets.suites.task import Task


def letter_count(source: random.Random, tier: int) -> Task:
    """How often a character occurs in a long string."""
    letters = source.sample("abcdefghijklmnopqrstuvwxyz", 6)
    text = "".join(source.choice(letters) for _ in range((20, 60, 160)[tier - 1]))
    place = source.randrange(len(text) - 1)
    first, second = text[place : place + 2]
    # Two of the same letter would leave open whether overlapping pairs count.
    pair = first != second and source.random() < 0.5
    wanted = f"the letter {first!r} directly followed by {second!r}" if pair else f"the letter {first!r}"
    answer = text.count(first + second) if pair else text.count(first)
    return reasoned_task(
        source,
        key=("letter count", text, first, second if pair else ""),
        tier=tier,
        text=source.choice(
            (
                f"How many times does {wanted} occur in this string?\n{text}\n",
                f"Count the occurrences of {wanted} in the following line.\n{text}\n",
                f"A scan printed this:\n{text}\nHow often does it contain {wanted}?",
            )
        ),
        answer=str(answer),
        steps="Going through the string character by character gives this count.",
    )


def ranked_number(source: random.Random, tier: int) -> Task:
    """The k-th number of a long list after sorting, or the sum of the largest ones."""
    numbers = source.sample(range(100, 1000), (9, 25, 60)[tier - 1])
    place = source.randint(3, len(numbers) // 2)
    descending = sorted(numbers, reverse=True)
    if source.random() < 0.5:
        asked, answer, kind = f"What is the {ordinal(place)} largest of them?", descending[place - 1], "rank"
    else:
        asked, answer, kind = f"What is the sum of the {place} largest of them?", sum(descending[:place]), "top sum"
    what = source.choice(("Readings of a gauge", "Lengths of logs in millimetres", "Ticket numbers", "Scores"))
    return reasoned_task(
        source,
        key=("ranked number", kind, place, *numbers),
        tier=tier,
        text=f"{what}: {', '.join(map(str, numbers))}. {asked}",
        answer=str(answer),
        steps=f"From large to small they begin {', '.join(map(str, descending[:place]))}.",
    )


def check_number(source: random.Random, tier: int) -> Task:
    """A weighted sum of digits modulo a number."""
    code = "".join(source.choice("0123456789") for _ in range((8, 16, 34)[tier - 1]))
    weights = source.sample(range(2, 10), (2, 3, 4)[tier - 1])
    modulus = source.choice((7, 11, 13, 17, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97))
    total = sum(int(digit) * weights[index % len(weights)] for index, digit in enumerate(code))
    return reasoned_task(
        source,
        key=("check number", code, *weights, modulus),
        tier=tier,
        text=(
            f"{source.choice(('A parcel', 'A library card', 'A meter', 'A permit'))} has the number {code}. Multiply "
            f"its digits from left to right by {', '.join(map(str, weights))}, then by {weights[0]} again and so on in "
            f"rotation, and add up the products. What is the remainder of the sum when divided by {modulus}?"
        ),
        answer=str(total % modulus),
        steps=f"The sum is {total}.",
    )


def calendar_day(source: random.Random, tier: int) -> Task:
    """A date so many days on, or the days between two dates."""
    start = datetime.date(source.randint(1950, 2060), source.randint(1, 12), source.randint(1, 28))
    days = (source.randint(10, 60), source.randint(100, 900), source.randint(2000, 30000))[tier - 1]
    end = start + datetime.timedelta(days=days)
    if source.random() < 0.5:
        asked = f"Which date is {days} days after {start.isoformat()}? Write it as YYYY-MM-DD."
        answer, form, config, kind = end.isoformat(), "<YYYY-MM-DD>", {"answer_type": "text"}, "date after"
    else:
        asked = f"How many days after {start.isoformat()} is {end.isoformat()}?"
        answer, form, config, kind = str(days), "<number>", {}, "days between"
    return reasoned_task(
        source,
        key=("calendar day", kind, start.isoformat(), days),
        tier=tier,
        text=source.choice(
            (
                f"In the Gregorian calendar, dates written as year-month-day: {asked}",
                f"{asked} Dates are year-month-day of the Gregorian calendar.",
                f"A contract clerk needs an exact answer, by the Gregorian calendar: {asked}",
            )
        ),
        answer=answer,
        steps="Counting year by year, then month by month, with the leap days.",
        form=form,
        config=config,
    )


def cipher(source: random.Random, tier: int) -> Task:
    """A text after a mechanical transformation."""
    words = [
        "".join(source.choice("bcdfglmnprst") + source.choice("aeiou") for _ in range(source.randint(2, 4)))
        for _ in range((2, 4, 9)[tier - 1])
    ]
    text = " ".join(words)
    shift = source.randint(2, 11)
    rules = (
        (
            f"move every letter {shift} places forward in the alphabet (after z comes a) and keep the spaces",
            _shifted(text, shift),
        ),
        ("write each word backwards, keeping the order of the words", " ".join(word[::-1] for word in words)),
        (
            "put the words in reverse order and drop every vowel (a, e, i, o, u)",
            " ".join(_without_vowels(word) for word in reversed(words)),
        ),
        (
            "exchange the 1st and 2nd character, the 3rd and 4th and so on, spaces counting as characters; a last "
            "one without partner stays",
            _swapped(text),
        ),
    )
    rule, answer = source.choice(rules)
    return reasoned_task(
        source,
        key=("cipher", text, rule),
        tier=tier,
        text=(
            f"{source.choice(('Take the text', 'Here is a text:', 'Given the text'))} '{text}'. Now {rule}. What is "
            "the result? Write it without quotes."
        ),
        answer=answer,
        steps="Working through it character by character gives the result.",
        form="<text>",
        config={"answer_type": "text", "case_sensitive": True},
    )


def _shifted(text: str, shift: int) -> str:
    return "".join(chr((ord(each) - 97 + shift) % 26 + 97) if each.isalpha() else each for each in text)


def _without_vowels(text: str) -> str:
    return "".join(each for each in text if each not in "aeiou")


def _swapped(text: str) -> str:
    pairs = [text[index : index + 2] for index in range(0, len(text), 2)]
    return "".join(pair[::-1] for pair in pairs)


def long_product(source: random.Random, tier: int) -> Task:
    """An exact product or difference of long numbers."""
    digits = (3, 5, 11)[tier - 1]
    first, second = (source.randint(10 ** (digits - 1), 10**digits - 1) for _ in range(2))
    third = source.randint(10 ** (digits - 1), 10 ** (2 * digits - 1))
    answer = first * second - third
    return reasoned_task(
        source,
        key=("long product", first, second, third),
        tier=tier,
        text=(
            f"{source.choice(('Work out', 'Calculate', 'Find the value of', 'Evaluate'))} {first} * {second} - "
            f"{third} exactly. Write all digits without separators."
        ),
        answer=str(answer),
        steps=f"The product is {first * second}.",
    )


def halving_steps(source: random.Random, tier: int) -> Task:
    """How many steps an iteration takes, or where it is after so many."""
    start = source.randint(*((5, 30), (40, 400), (10**9, 10**10))[tier - 1])
    add, rounds = source.choice((3, 5, 7, 9)), (6, 14, 60)[tier - 1]
    value = start
    for _ in range(rounds):
        value = value // 2 if value % 2 == 0 else 3 * value + add
    return reasoned_task(
        source,
        key=("halving steps", start, add, rounds),
        tier=tier,
        text=(
            f"{source.choice(('Start with', 'A counter shows', 'Begin at'))} {start}. One step: if the number is even, "
            f"halve it; if it is odd, multiply it by 3 and add {add}. What is the number after {rounds} steps?"
        ),
        answer=str(value),
        steps="Doing the steps one by one leads there.",
    )


def decimal_digit(source: random.Random, tier: int) -> Task:
    """A digit far behind the decimal point, or a sum of such digits."""
    bottom = source.choice([number for number in range(7, 98) if number % 2 and number % 5])
    top, place = (
        source.randint(1, bottom - 1),
        (source.randint(4, 9), source.randint(20, 60), source.randint(200, 900))[tier - 1],
    )
    digits = str(10**place * top // bottom).rjust(place, "0")
    if source.random() < 0.5:
        asked, answer = f"the {ordinal(place)} digit after the decimal point", int(digits[-1])
    else:
        asked, answer = f"the sum of the first {place} digits after the decimal point", sum(map(int, digits))
    return reasoned_task(
        source,
        key=("decimal digit", top, bottom, place, asked[:7]),
        tier=tier,
        text=source.choice(
            (
                f"The fraction {top}/{bottom} is written as an infinite decimal. What is {asked}?",
                f"Divide {top} by {bottom} and go on for ever. What is {asked}?",
                f"Of the decimal expansion of {top}/{bottom}: what is {asked}?",
            )
        ),
        answer=str(answer),
        steps="Long division gives the digits; they repeat with a fixed period.",
    )


def _machine_round(lines: list[tuple[str, str, str]], registers: dict[str, int]) -> dict[str, int]:
    """The registers after the instructions were carried out once."""
    registers = dict(registers)
    for operation, target, operand in lines:
        value = registers[operand] if operand in registers else int(operand)
        old = registers[target]
        registers[target] = {"add": old + value, "sub": old - value, "set": value, "mod": old % 11 + value}[operation]
    return registers


def small_machine(source: random.Random, tier: int) -> Task:
    """The registers of a machine after a list of instructions with one jump."""
    rounds = (1, 3, 12)[tier - 1]
    told = {
        "add": "add {1} to {0}", "sub": "subtract {1} from {0}", "set": "copy {1} into {0}",
        "mod": "replace {0} by its remainder (0 or more) when divided by 11, then add {1}",
    }  # fmt: skip
    while True:
        registers = {name: source.randint(1, 9) for name in "PQR"}
        start = ", ".join(f"{name} = {value}" for name, value in registers.items())
        lines: list[tuple[str, str, str]] = []
        for _ in range((4, 6, 8)[tier - 1]):
            target, other = source.sample("PQR", 2)
            operation = source.choice(("add", "sub", "set", "mod"))
            lines.append((operation, target, source.choice((other, str(source.randint(2, 9))))))
        after = [dict(registers)]
        for _ in range(rounds):
            after.append(_machine_round(lines, after[-1]))
        # What the first round leaves for good is no work for the others.
        changing = [name for name in "PQR" if len({each[name] for each in after}) > min(rounds, 3)]
        if changing:
            break
    registers = after[-1]
    steps = "; ".join(
        f"{number}. {told[op].format(target, operand)}" for number, (op, target, operand) in enumerate(lines, 1)
    )
    asked = source.choice(changing)
    again = f"The whole list is run {rounds} times." if rounds > 1 else "The list is run once."
    return reasoned_task(
        source,
        key=("small machine", start, steps, rounds, asked),
        tier=tier,
        text=f"A machine has registers {start}. Its instructions are: {steps}. {again} What is then in {asked}?",
        answer=str(registers[asked]),
        steps=f"At the end {', '.join(f'{name} = {value}' for name, value in registers.items())}.",
    )


def sales_table(source: random.Random, tier: int) -> Task:
    """A figure over the rows of a table that fit a condition."""
    towns = source.sample(("Arnholt", "Dunvale", "Larkspur", "Millbrook", "Northam"), 3)
    goods = source.sample(("lamps", "tiles", "ropes", "kettles"), 3)
    rows = [
        (source.choice(towns), source.choice(goods), source.randint(2, 60), source.randint(3, 40))
        for _ in range((6, 14, 40)[tier - 1])
    ]
    town, good, least = source.choice(towns), source.choice(goods), source.randint(5, 30)
    kind = source.randrange(3)
    if kind == 0:
        asked = f"How much money (count times price, added up) did {town} take?"
        answer = sum(count * price for place, _, count, price in rows if place == town)
    elif kind == 1:
        asked = f"How many {good} were sold in rows with a price of at least {least}?"
        answer = sum(count for _, thing, count, price in rows if thing == good and price >= least)
    else:
        asked = f"Over all rows that are neither for {town} nor about {good}, what do the counts add up to?"
        answer = sum(count for place, thing, count, _ in rows if place != town and thing != good)
    table = "\n".join(f"{place},{thing},{count},{price}" for place, thing, count, price in rows)
    return reasoned_task(
        source,
        key=("sales table", table, asked),
        tier=tier,
        text=f"Sales as lines of town,goods,count,price:\n{table}\n{asked}",
        answer=str(answer),
        steps="Adding up the rows that fit gives the figure.",
    )


def price_list(source: random.Random, tier: int) -> Task:
    """An order priced by look-ups in two tables: prices and exchange rates."""
    codes = [f"{source.choice('KLMNP')}{number}" for number in source.sample(range(100, 999), (4, 8, 16)[tier - 1])]
    moneys = source.sample(("doss", "perl", "quin", "tass"), 3)
    rates = {money: Fraction(source.randint(2, 40), source.choice((1, 2, 4, 5))) for money in moneys}
    prices = {code: (source.randint(2, 90), source.choice(moneys)) for code in codes}
    order = [(code, source.randint(1, 12)) for code in source.sample(codes, (2, 4, 8)[tier - 1])]
    total = sum((count * prices[code][0] * rates[prices[code][1]] for code, count in order), Fraction(0))
    listed = "; ".join(f"{code}: {price} {money}" for code, (price, money) in prices.items())
    exchange = ", ".join(f"1 {money} = {_decimal(rate)} crowns" for money, rate in rates.items())
    wanted = ", ".join(f"{count} of {code}" for code, count in order)
    return reasoned_task(
        source,
        key=("price list", listed, exchange, wanted),
        tier=tier,
        text=(
            f"Price list: {listed}. Exchange rates: {exchange}. An order asks for {wanted}. What does it cost in "
            "crowns? Write the exact amount, with decimals if needed."
        ),
        answer=_decimal(total),
        steps="Each item is looked up, multiplied, exchanged and added.",
        form="<amount>",
    )


def _decimal(value: Fraction) -> str:
    """A fraction over 2, 4, 5, 10 or 20 as an exact decimal."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
