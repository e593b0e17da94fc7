"""Word problems about quantities: units, percentages, rates, mixtures, money, with numbers that do not matter.

Belongs here: questions that turn a described situation into exact arithmetic. Does not belong here: equations
given as such (`algebra`), counting and chance (`chance`).
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product

from epyc_assets.suites.generators.phrases import GOODS, PEOPLE, TOWNS, fraction_text, reasoned_task
from epyc_assets.suites.task import Task


def journey(source: random.Random, tier: int) -> Task:
    """Distance of a trip in two parts, given in different units."""
    name, town, other = source.choice(PEOPLE), *source.sample(TOWNS, 2)
    speed, quarters = source.randint(4, 24) * 2, source.randint(3, 13)
    metres, minutes = source.randint(40, 95), source.randint(6, 45)
    passengers = source.randint(11, 60)
    vehicle = source.choice(("a ferry", "a tram", "a cargo bike", "a minibus"))
    first = Fraction(speed * quarters * 15 * 1000, 60)
    total = first + metres * minutes
    text = (
        f"{name} leaves {town} on {vehicle} that keeps a steady {speed} km/h for {quarters * 15} minutes, then walks "
        f"at {metres} metres per minute for {minutes} minutes to reach {other}. The {vehicle.split(' ', 1)[1]} carried "
        f"{passengers} passengers. How many metres did {name} travel in all?"
    )
    steps = f"First part: {speed} km/h x {quarters * 15} min = {first} m. Walk: {metres * minutes} m."
    key = ("journey", speed, quarters, metres, minutes)
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(total), steps=steps)


def recipe(source: random.Random, tier: int) -> Task:
    """A fraction of a measure scaled to another number of portions."""
    dish, stuff = source.choice(
        (("lentil soup", "stock"), ("flatbread", "flour"), ("plum jam", "sugar"), ("rice pudding", "milk"))
    )
    amount = Fraction(source.randint(2, 11), source.choice((2, 3, 4, 5, 6)))
    portions = source.randint(3, 9)
    wanted = source.choice([count for count in range(4, 25) if count != portions])
    answer = amount * wanted / portions
    unit = source.choice(("cups", "litres", "kilograms"))
    text = (
        f"A recipe for {portions} portions of {dish} takes {fraction_text(amount)} {unit} of {stuff} and bakes or "
        f"simmers for {source.randint(3, 9) * 5} minutes. How many {unit} of {stuff} are needed for {wanted} portions? "
        "Give an exact fraction in lowest terms, or a whole number."
    )
    return reasoned_task(
        source,
        key=("recipe", str(amount), portions, wanted),
        tier=tier,
        text=text,
        answer=fraction_text(answer),
        steps=f"{fraction_text(amount)} / {portions} x {wanted} = {fraction_text(answer)}.",
        form="<fraction or whole number>",
    )


def price_changes(source: random.Random, tier: int) -> Task:
    """A price after successive changes in percent, exact to the cent."""
    thing = source.choice(("a workbench", "a violin", "a tent", "a freight crate", "a loom", "a telescope"))
    while True:
        price = source.randint(4, 90) * 10
        changes = [source.choice((5, 10, 15, 20, 25, 30, 40, 50)) for _ in range(tier + 1)]
        signs = [source.choice((1, -1)) for _ in changes]
        value, trail = Fraction(price), []
        for percent, sign in zip(changes, signs, strict=True):
            value *= Fraction(100 + sign * percent, 100)
            trail.append(value)
        if (value * 100).denominator == 1:
            break
    moves = [
        f"{'raises' if sign > 0 else 'lowers'} the price by {percent}%"
        for percent, sign in zip(changes, signs, strict=True)
    ]
    answer = f"{float(value):.2f}"
    text = (
        f"A shop lists {thing} at {price} crowns. One after another it {', then '.join(moves)}, each time from the "
        "price just before. What is the price at the end, in crowns with two decimals?"
    )
    return reasoned_task(
        source,
        key=("price changes", price, *changes, *signs),
        tier=tier,
        text=text,
        answer=answer,
        steps=" -> ".join([str(price), *(f"{float(each):.6g}" for each in trail)]) + ".",
        form="<amount with two decimals>",
    )


def work_rate(source: random.Random, tier: int) -> Task:
    """Two or three pumps, one of which may drain, filling a basin together."""
    hours = source.sample(range(3, 16), 2 if tier < 3 else 3)
    drains = source.randint(max(hours) + 1, 40) if tier > 1 else None
    rate = sum((Fraction(1, each) for each in hours), Fraction(0)) - (Fraction(1, drains) if drains else 0)
    answer = 1 / rate
    basin = source.choice(("reservoir", "swimming pool", "brewing vat", "fish tank", "lock chamber"))
    pumps = ", ".join(
        f"pump {letter} alone fills it in {each} hours" for letter, each in zip("PQR", hours, strict=False)
    )
    leak = f" A leak alone would empty the full {basin} in {drains} hours." if drains else ""
    text = (
        f"Pumps serve a {basin}: {pumps}.{leak} All pumps start together with the {basin} "
        f"empty{' and the leak open' if drains else ''}. After how many hours is it full? Give an exact fraction in "
        "lowest terms, or a whole number."
    )
    return reasoned_task(
        source,
        key=("work rate", *hours, drains),
        tier=tier,
        text=text,
        answer=fraction_text(answer),
        steps=f"Together {fraction_text(rate)} of the {basin} per hour, so {fraction_text(answer)} hours.",
        form="<fraction or whole number>",
    )


def mixture(source: random.Random, tier: int) -> Task:
    """How much of a stronger solution brings a weaker one to a wanted strength."""
    weak, wanted, strong = sorted(source.sample(range(4, 90), 3))
    litres = source.randint(3, 40)
    answer = Fraction(litres * (wanted - weak), strong - wanted)
    liquid = source.choice(("brine", "vinegar", "syrup", "bleach", "antifreeze"))
    text = (
        f"A technician has {litres} litres of {liquid} at {weak}% strength in a drum that holds "
        f"{math.ceil(litres + answer) + source.randint(5, 60)} litres. How many litres of {liquid} at {strong}% "
        f"strength must be added to reach exactly {wanted}%? Give an exact fraction in lowest terms, or a whole number."
    )
    return reasoned_task(
        source,
        key=("mixture", weak, wanted, strong, litres),
        tier=tier,
        text=text,
        answer=fraction_text(answer),
        steps=f"x = {litres} x ({wanted} - {weak}) / ({strong} - {wanted}) = {fraction_text(answer)}.",
        form="<fraction or whole number>",
    )


def packs(source: random.Random, tier: int) -> Task:
    """The least cost of at least so many pieces from packs of fixed sizes and prices."""
    goods = source.choice(GOODS)
    sizes = sorted(source.sample(range(3, 20), 2 if tier < 3 else 3))
    prices = [size * source.randint(17, 29) // 10 + source.randint(1, 5) for size in sizes]
    needed = source.randint(25, 60) if tier < 3 else source.randint(70, 140)
    ranges = [range(needed // size + 2) for size in sizes]
    cost, counts = min(
        (sum(count * price for count, price in zip(counts, prices, strict=True)), counts)
        for counts in product(*ranges)
        if sum(count * size for count, size in zip(counts, sizes, strict=True)) >= needed
    )
    offers = ", ".join(f"{size} for {price} crowns" for size, price in zip(sizes, prices, strict=True))
    text = (
        f"A supplier sells {goods} only in packs: {offers}. {source.choice(PEOPLE)} needs at least {needed} {goods}; "
        "spare ones do no harm, and any number of packs of each size may be bought. What is the lowest possible cost "
        "in crowns?"
    )
    bought = ", ".join(f"{count} packs of {size}" for count, size in zip(counts, sizes, strict=True))
    return reasoned_task(
        source,
        key=("packs", *sizes, *prices, needed),
        tier=tier,
        text=text,
        answer=str(cost),
        steps=f"Cheapest: {bought}.",
    )


def shared_bill(source: random.Random, tier: int) -> Task:
    """Change from a note after buying two goods with a fixed discount."""
    name, (first, second) = source.choice(PEOPLE), source.sample(GOODS, 2)
    counts, prices = [source.randint(2, 9) for _ in range(2)], source.sample(range(3, 19), 2)
    discount = source.randint(2, 9)
    total = counts[0] * prices[0] + counts[1] * prices[1] - discount
    note = (total // 50 + 1) * 50
    text = (
        f"{name} buys {counts[0]} {first} at {prices[0]} crowns each and {counts[1]} {second} at {prices[1]} crowns "
        f"each, uses a voucher worth {discount} crowns, and pays with {note} crowns. The queue was "
        f"{source.randint(3, 12)} people long. How many crowns does {name} get back?"
    )
    return reasoned_task(
        source,
        key=("shared bill", *counts, *prices, discount),
        tier=tier,
        text=text,
        answer=str(note - total),
        steps=f"Cost {total} crowns, so {note} - {total} = {note - total}.",
    )
