"""Long-context kinds in source code, logs and tables: values, chains of names, rare lines, totals.

Belongs here: needles that are lines of code, of a log or of a table. Does not belong here: needles in prose (`facts`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

from epyc_assets.suites.generators.long_context_tasks.haystack import TIME_OF_LINE, Puzzle
from epyc_assets.suites.generators.long_context_tasks.listings import (
    CATEGORIES,
    HOSTS,
    NOUNS,
    QUALIFIERS,
    SERVICES,
    TABLE_HEADER,
    WAREHOUSES,
    code_lines,
    identifier,
    log_lines,
    table_row,
    table_rows,
)


def code_value(source: random.Random, tier: int) -> Puzzle:
    """The value of a constant, through one alias or more at higher tiers, among constants of similar names."""
    stem = f"{source.choice(QUALIFIERS)}_{source.choice(NOUNS)}".upper()
    ends = source.sample(("LIMIT", "TIMEOUT", "CEILING", "QUOTA", "WINDOW", "BUDGET", "DEPTH", "STEP"), tier + 1)
    names = [f"{stem}_{end}" for end in ends[:tier]]
    value = source.randrange(1001, 99999)
    aliases = [f"{name} = {target}\n\n" for name, target in pairwise(names)]
    near = [f"{stem}_{ends[tier]} = {source.randrange(1001, 99999)}\n\n"]

    def more(stream: random.Random) -> Iterator[str]:
        while True:
            other = f"{stream.choice(QUALIFIERS)}_{stream.choice(NOUNS)}".upper()
            number = stream.randrange(1001, 99999)
            if other != stem and number != value:
                yield f"{other}_{stream.choice(ends)} = {number}\n\n"

    source.shuffle(aliases)
    return Puzzle(
        key=("code value", *names, value),
        style="code",
        opening="Below is Python source from a large code base. The order of the definitions does not matter.",
        question=f"Which number does {names[0]} stand for, every name being replaced by what it is set to?",
        answer=str(value),
        steps=f"{' = '.join(names)} = {value}.",
        filler=code_lines,
        needle=f"{names[-1]} = {value}\n\n",
        others=[*aliases, *near],
        more=more,
        distractors=(4, 12, 40)[tier - 1],
        form="<number>",
    )


def code_callers(source: random.Random, tier: int) -> Puzzle:
    """How many functions call a certain function, which also appears in a comment and under similar names."""
    noun = source.choice(NOUNS)
    target = f"audit_{noun}"
    callers = source.randint(2, 3 + tier * 3)
    others = []
    for number in source.sample(range(100, 1000), callers):
        owner = f"close_{source.choice(QUALIFIERS)}_{number}"
        others.append(
            f"def {owner}(entry):\n    {target}(entry, depth={source.randrange(1, 9)})\n    return entry.owner\n\n"
        )
    decoys = [f"# {target} is slow; see the notes.\n\n"]
    decoys += [
        f"def open_case_{number}(entry):\n    {target}_later(entry)\n    return entry.owner\n\n"
        for number in source.sample(range(100, 1000), tier * 2)
    ]
    mixed = [*others, *decoys]
    source.shuffle(mixed)
    return Puzzle(
        key=("code callers", noun, *others),
        style="code",
        opening="Below is Python source from a large code base.",
        question=(
            f"How many functions in it call {target}? Comments do not count, and neither do calls of functions with a "
            "longer name."
        ),
        answer=str(callers),
        steps=f"{callers} functions call it.",
        filler=code_lines,
        others=mixed,
        form="<number>",
    )


def log_request(source: random.Random, tier: int) -> Puzzle:
    """One line of a log by its request, or by what is special about it."""
    host, service, request = source.choice(HOSTS), source.choice(SERVICES), identifier(source, 3, 5)
    duration = source.randrange(1000, 30000)
    if tier == 1:
        question, answer = f"What was duration_ms of the request {request}?", str(duration)
    else:
        question = f"Which request failed on the host {host} with status 503 in the service {service}?"
        answer = request
    level, status = ("INFO", 200) if tier == 1 else ("ERROR", 503)
    line = f"{TIME_OF_LINE} {level} {host} {service}: request={request} status={status} duration_ms={duration}"
    # As slow as the wanted one, so that its length does not give it away.
    others = [
        f"{TIME_OF_LINE} INFO {source.choice(HOSTS)} {source.choice(SERVICES)}: request={identifier(source, 3, 5)} "
        f"status=200 duration_ms={other}"
        for other in source.sample(range(1000, 30000), 5)
        if tier == 1 and other != duration
    ]
    if tier > 1:
        # Each differs from the wanted line in one respect.
        others += [
            f"{TIME_OF_LINE} ERROR {host} {name}: request={identifier(source, 3, 5)} status=503 duration_ms="
            f"{source.randrange(1000, 30000)}"
            for name in source.sample([each for each in SERVICES if each != service], tier + 1)
        ]
        others += [
            f"{TIME_OF_LINE} ERROR {name} {service}: request={identifier(source, 3, 5)} status=503 duration_ms="
            f"{source.randrange(1000, 30000)}"
            for name in source.sample([each for each in HOSTS if each != host], tier * 2)
        ]
        others.append(
            f"{TIME_OF_LINE} ERROR {host} {service}: request={identifier(source, 3, 5)} status=504 duration_ms="
            f"{source.randrange(1000, 30000)}"
        )
    return Puzzle(
        key=("log request", tier, host, service, request, duration),
        style="log",
        opening="Below is a log of several services.",
        question=question,
        answer=answer,
        steps="One line of the log says so.",
        filler=log_lines,
        needle=line,
        others=others,
        form="<number>" if tier == 1 else "<request>",
        config={} if tier == 1 else {"answer_type": "text"},
    )


def log_count(source: random.Random, tier: int) -> Puzzle:
    """How often one thing failed on one host; at the highest tier, in how many services."""
    host = source.choice(HOSTS)
    failures = source.randint(2, 3 + tier * 3)
    hit = [source.choice(SERVICES) for _ in range(failures)]

    def failure(name: str, service: str, status: int) -> str:
        return (
            f"{TIME_OF_LINE} ERROR {name} {service}: request={identifier(source, 3, 5)} status={status} duration_ms="
            f"{source.randrange(1000, 30000)}"
        )

    others = [failure(host, service, 500) for service in hit]
    others += [failure(host, source.choice(SERVICES), 429) for _ in range(tier)]
    others += [failure(source.choice([each for each in HOSTS if each != host]), source.choice(SERVICES), 500)
               for _ in range(tier * 2)]  # fmt: skip
    source.shuffle(others)
    distinct = tier == 3
    return Puzzle(
        key=("log count", distinct, host, *hit),
        style="log",
        opening="Below is a log of several services.",
        question=(
            f"How many different services answered with status 500 on the host {host}?"
            if distinct
            else f"How many requests were answered with status 500 on the host {host}?"
        ),
        answer=str(len(set(hit)) if distinct else failures),
        steps=f"The lines with status 500 on {host} are of {', '.join(hit)}.",
        filler=log_lines,
        others=others,
        form="<number>",
    )


def table_cell(source: random.Random, tier: int) -> Puzzle:
    """One cell of a table by its row's key, or by two other cells."""
    item, units, price = identifier(source, 3, 5), source.randrange(1, 900), source.randrange(10001, 99999)
    warehouse, category = source.choice(WAREHOUSES), source.choice(CATEGORIES)
    if tier == 1:
        question = f"What is price_cents of the item {item}?"
        answer, row = str(price), table_row(item, warehouse, category, units, price)
        others = [
            table_row(identifier(source, 3, 5), source.choice(WAREHOUSES), source.choice(CATEGORIES),
                      source.randrange(1, 900), other)
            for other in source.sample(range(10001, 99999), 5)
            if other != price
        ]  # fmt: skip
    else:
        units = source.randrange(1000, 9000)
        question = f"Which item in the warehouse {warehouse} has exactly {units} units?"
        answer, row = item, table_row(item, warehouse, category, units, price)
        others = [
            table_row(identifier(source, 3, 5), name, source.choice(CATEGORIES), units, source.randrange(50, 9000))
            for name in source.sample([each for each in WAREHOUSES if each != warehouse], tier * 2)
        ]
    return Puzzle(
        key=("table cell", tier, item, warehouse, units, price),
        style="table",
        opening="Below is a stock table as CSV.",
        question=question,
        answer=answer,
        steps="One row of the table says so.",
        filler=table_rows,
        needle=row,
        others=others,
        form="<number>" if tier == 1 else "<item>",
        config={} if tier == 1 else {"answer_type": "text"},
        header=TABLE_HEADER,
    )


def table_total(source: random.Random, tier: int) -> Puzzle:
    """The units of a category that only some rows have, added up; in one warehouse from tier 2 on."""
    category = source.choice(("clocks", "saddles", "telescopes", "lanterns", "violins", "kayaks"))
    warehouse = source.choice(WAREHOUSES)
    units = [source.randrange(2, 99) for _ in range((3, 4, 7)[tier - 1])]
    rows = [table_row(identifier(source, 3, 5), warehouse if tier > 1 else source.choice(WAREHOUSES), category, each,
                      source.randrange(50, 9000)) for each in units]  # fmt: skip
    if tier > 1:
        rows += [
            table_row(identifier(source, 3, 5), name, category, source.randrange(2, 99), source.randrange(50, 9000))
            for name in source.sample([each for each in WAREHOUSES if each != warehouse], tier + 1)
        ]
    source.shuffle(rows)
    return Puzzle(
        key=("table total", category, warehouse if tier > 1 else "", *units),
        style="table",
        opening="Below is a stock table as CSV.",
        question=(
            f"How many units of the category {category} are there in the warehouse {warehouse} altogether?"
            if tier > 1
            else f"How many units of the category {category} are there altogether, over all warehouses?"
        ),
        answer=str(sum(units)),
        steps=f"{' + '.join(map(str, units))} = {sum(units)}.",
        filler=table_rows,
        others=rows,
        form="<number>",
        header=TABLE_HEADER,
    )
