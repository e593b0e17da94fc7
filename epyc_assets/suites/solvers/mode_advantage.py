"""Answers the mode_advantage questions from their prompts alone.

Belongs here: reading a prompt's data and doing the work in another way than the generator. Does not belong here:
anything imported from the generators. Questions of knowledge and tone (what is a bird, who is pleased) have no solver.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise


def _letters(prompt: str) -> str:
    wanted = re.findall(r"the letter '(\w)'(?: directly followed by '(\w)')?", prompt)[0]
    text = max(re.findall(r"^[a-z]+$", prompt, re.MULTILINE), key=len)
    if not wanted[1]:
        return str(sum(each == wanted[0] for each in text))
    return str(sum(pair == wanted for pair in pairwise(text)))


def _ranked(prompt: str) -> str:
    numbers = [int(each) for each in re.findall(r": ([\d, ]+)\. What", prompt)[0].split(", ")]
    if found := re.findall(r"sum of the (\d+) largest", prompt):
        total = 0
        for _ in range(int(found[0])):
            total += max(numbers)
            numbers.remove(max(numbers))
        return str(total)
    place = int(re.findall(r"the (\d+)(?:st|nd|rd|th) largest", prompt)[0])
    return str(next(each for each in numbers if sum(other > each for other in numbers) == place - 1))


def _check(prompt: str) -> str:
    code = re.findall(r"has the number (\d+)\.", prompt)[0]
    weights = [int(each) for each in re.findall(r"left to right by ([\d, ]+), then", prompt)[0].split(", ")]
    total = sum(weight * int(digit) for start, weight in enumerate(weights) for digit in code[start :: len(weights)])
    return str(total % int(re.findall(r"divided by (\d+)", prompt)[0]))


def _days(prompt: str) -> str:
    dates = [datetime.date.fromisoformat(each) for each in re.findall(r"\d{4}-\d\d-\d\d", prompt)]
    if len(dates) == 2:
        return str(dates[1].toordinal() - dates[0].toordinal())
    days = int(re.findall(r"is (\d+) days after", prompt)[0])
    return datetime.date.fromordinal(dates[0].toordinal() + days).isoformat()


def _cipher(prompt: str) -> str:
    text = re.findall(r"text:? '([a-z ]+)'", prompt)[0]
    if found := re.findall(r"every letter (\d+) places", prompt):
        alphabet = "abcdefghijklmnopqrstuvwxyz"
        turned = alphabet[int(found[0]) :] + alphabet[: int(found[0])]
        return text.translate(str.maketrans(alphabet, turned))
    if "each word backwards" in prompt:
        return " ".join(reversed(text[::-1].split(" ")))
    if "reverse order and drop" in prompt:
        return " ".join(re.sub("[aeiou]", "", word) for word in text.split(" ")[::-1])
    return re.sub(r"(.)(.)", r"\2\1", text)


def _product(prompt: str) -> str:
    first, second, third = map(int, re.findall(r"(\d+) \* (\d+) - (\d+)", prompt)[0])
    total = 0
    for place, digit in enumerate(reversed(str(second))):
        total += first * int(digit) * 10**place
    return str(total - third)


def _steps(prompt: str) -> str:
    value = int(re.findall(r"(?:with|shows|at) (\d+)\. One step", prompt)[0])
    add = int(re.findall(r"by 3 and add (\d+)", prompt)[0])
    for _ in range(int(re.findall(r"after (\d+) steps", prompt)[0])):
        value = value * 3 + add if value & 1 else value >> 1
    return str(value)


def _decimals(prompt: str) -> str:
    top, bottom = map(int, (re.findall(r"(\d+)/(\d+)", prompt) or re.findall(r"Divide (\d+) by (\d+)", prompt))[0])
    whole = re.findall(r"sum of the first (\d+) digits|the (\d+)(?:st|nd|rd|th) digit", prompt)[0]
    digits, rest = [], top
    for _ in range(int(whole[0] or whole[1])):
        digit, rest = divmod(rest * 10, bottom)
        digits.append(digit)
    return str(sum(digits) if whole[0] else digits[-1])


def _machine(prompt: str) -> str:
    registers = {name: int(value) for name, value in re.findall(r"\b([PQR]) = (-?\d+)", prompt)}
    steps = re.findall(r"\d+\. ([a-z][^;]+?)(?:; |\. The)", prompt)
    repeat = re.findall(r"run (\d+) times", prompt)

    def value(text: str) -> int:
        return registers[text] if text in registers else int(text)

    for _ in range(int(repeat[0]) if repeat else 1):
        for step in steps:
            if found := re.fullmatch(r"add (\w+) to (\w)", step):
                registers[found[2]] += value(found[1])
            elif found := re.fullmatch(r"subtract (\w+) from (\w)", step):
                registers[found[2]] -= value(found[1])
            elif found := re.fullmatch(r"copy (\w+) into (\w)", step):
                registers[found[2]] = value(found[1])
            elif found := re.fullmatch(r"replace (\w) by .* divided by 11, then add (\w+)", step):
                registers[found[1]] = registers[found[1]] % 11 + value(found[2])
    return str(registers[re.findall(r"What is then in ([PQR])", prompt)[0]])


def _sales(prompt: str) -> str:
    rows = re.findall(r"^(\w+),(\w+),(\d+),(\d+)$", prompt, re.MULTILINE)
    if found := re.findall(r"added up\) did (\w+) take", prompt):
        return str(sum(int(count) * int(price) for town, _, count, price in rows if town == found[0]))
    if found := re.findall(r"How many (\w+) were sold in rows with a price of at least (\d+)", prompt):
        good, least = found[0]
        return str(sum(int(count) for _, thing, count, price in rows if thing == good and int(price) >= int(least)))
    town, good = re.findall(r"neither for (\w+) nor about (\w+)", prompt)[0]
    return str(sum(int(count) for place, thing, count, _ in rows if place != town and thing != good))


def _prices(prompt: str) -> str:
    prices = {code: (int(price), money) for code, price, money in re.findall(r"([A-Z]\d+): (\d+) (\w+)", prompt)}
    rates = {money: Decimal(rate) for money, rate in re.findall(r"1 (\w+) = ([\d.]+) crowns", prompt)}
    total = Decimal(0)
    for count, code in re.findall(r"(\d+) of ([A-Z]\d+)", prompt):
        price, money = prices[code]
        total += int(count) * price * rates[money]
    return f"{total.normalize():f}"


def _story(prompt: str) -> str:
    stock = int(re.findall(r"keeps a shop with (\d+)", prompt)[0])
    for day in re.findall(r"On day \d+, ([^.]+)\.", prompt):
        number = int((re.findall(r"^\d+", day) or [0])[0])
        if "come in" in day:
            stock += number
        elif "given away" in day:
            stock = max(0, stock - number)
        elif "as many" in day:
            stock += stock
        else:
            stock -= stock // {"half": 2, "third": 3, "quarter": 4}[re.findall(r"half|third|quarter", day)[0]]
    return str(stock)


def _jobs(prompt: str) -> str:
    told, formula = re.findall(r"each other: (.+)\. What is (.+?)\?", prompt)[0]
    values = {}
    for letter, job in re.findall(r"([A-E]) is (.+?)(?:; (?=[A-E] is)|$)", told):
        values[letter] = _job(job)
    return str(sum(int(factor) * values[letter] for factor, letter in re.findall(r"(\d+) \* ([A-E])", formula)))


def _job(job: str) -> int:
    numbers = [int(each) for each in re.findall(r"\d+", job)]
    if "digit sum" in job:
        total = 0
        while numbers[0]:
            numbers[0], digit = divmod(numbers[0], 10)
            total += digit
        return total
    if "vowels" in job:
        return len(re.findall("[aeiou]", job.split(") in ")[1]))
    if "primes" in job:
        return sum(
            number > 1 and not re.fullmatch(r"(11+)\1+", "1" * number) for number in range(numbers[0], numbers[1] + 1)
        )
    if "different values" in job:
        return sum(number not in numbers[:place] for place, number in enumerate(numbers))
    if "remainder" in job:
        return numbers[0] - numbers[0] // numbers[1] * numbers[1]
    value, count = numbers[0] ** numbers[1], 0
    while value:
        value, count = value // 10, count + 1
    return count


def _noted(prompt: str) -> str | None:
    asked = re.findall(r"What is the ([a-z ]+)\?", prompt)
    found = re.findall(rf"The {asked[0]} is (.+?)\. (?=The |What )", prompt) if asked else []
    return found[0] if found else None


_BY_MARK: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("directly followed by", _letters),
    ("the letter '", _letters),
    ("largest of them", _ranked),
    ("in rotation", _check),
    ("Gregorian", _days),
    ("Write it without quotes", _cipher),
    ("Write all digits", _product),
    ("One step:", _steps),
    ("after the decimal point", _decimals),
    ("A machine has registers", _machine),
    ("town,goods,count,price", _sales),
    ("Price list:", _prices),
    ("keeps a shop with", _story),
    ("do not depend on each other", _jobs),
    ("The meeting room is", _noted),
    ("The contact is", _noted),
    ("The colour code is", _noted),
    ("The caterer is", _noted),
    ("The entrance is", _noted),
)


def solve(prompt: str) -> str | None:
    """The answer computed from the prompt's text; None for kinds that ask for knowledge and for unknown prompts."""
    for mark, solver in _BY_MARK:
        if mark in prompt:
            return solver(prompt)
    return None
