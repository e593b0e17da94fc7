"""Exercises over records: totals, ledgers, joins, nested data, stock.

Belongs here: functions over lists of dicts and nested data. Does not belong here: plain numbers
(`lists`), text formats (`texts`).
"""

from __future__ import annotations

import random
from typing import Any

from epyc_assets.suites.generators.coder_tasks.form import Exercise, filled

_SETTINGS = (
    ("depot", "weight", ("north", "south", "harbour", "hill")),
    ("team", "points", ("reds", "blues", "greens", "golds")),
    ("crop", "yield", ("barley", "oats", "rye", "beans")),
    ("route", "riders", ("M1", "M2", "N7", "S4")),
)


def group_figures(source: random.Random) -> Exercise:
    """One figure per group of records, with a rule for what is left out."""
    group, amount, names = source.choice(_SETTINGS)
    least = source.randint(5, 30)
    what, code = source.choice(
        (
            ("the sum", "sum(numbers)"),
            ("the largest", "max(numbers)"),
            ("the number of entries", "len(numbers)"),
            ("the difference between the largest and the smallest", "max(numbers) - min(numbers)"),
        )
    )
    order, sorting = source.choice(
        (
            ("from the highest figure to the lowest, equal ones by name", "(-item[1], item[0])"),
            ("by name", "item[0]"),
            ("from the lowest figure to the highest, equal ones by name", "(item[1], item[0])"),
        )
    )
    reference = filled(
        """
def figures(records):
    groups = {}
    for record in records:
        number = record.get("$amount")
        if number is None or number < $least:
            continue
        groups.setdefault(record["$group"], []).append(number)
    result = [[name, $code] for name, numbers in groups.items()]
    return sorted(result, key=lambda item: $sorting)
""",
        amount=amount,
        group=group,
        least=least,
        code=code,
        sorting=sorting,
    )

    def records(count: int) -> list[list[dict[str, Any]]]:
        made = []
        for _ in range(count):
            record: dict[str, Any] = {group: source.choice(names), amount: source.randint(0, 60)}
            odd = source.random()
            if odd < 0.1:
                record[amount] = None
            elif odd < 0.2:
                del record[amount]
            made.append(record)
        return [made]

    return Exercise(
        "group figures",
        (group, what, order, least),
        "figures(records: list[dict]) -> list[list]",
        f"Each record has a '{group}' and mostly a '{amount}' (a whole number, or None, or missing). Records without "
        f"a number, or with one below {least}, are left out. For each {group} that still has records, the result "
        f"holds [{group}, {what} of its '{amount}' values], sorted {order}.",
        reference,
        [
            records(4),
            records(5),
            [[]],
            [[{group: names[0]}]],
            [[{group: names[1], amount: least}]],
            [[{group: names[1], amount: least - 1}, {group: names[2], amount: least + 1}]],
            *(records(source.randint(8, 16)) for _ in range(4)),
        ],
        bugs=(
            (f"< {least}", f"<= {least}"),
            ("-item[1]", "item[1]"),
            ("max(numbers)", "min(numbers)"),
            ("number is None or ", "not number or "),
            ("sum(numbers)", "len(numbers)"),
        ),
    )


def ledger(source: random.Random) -> Exercise:
    """Accounts with a limit, a fee and transfers."""
    limit, fee = source.randint(0, 5) * 10, source.randint(1, 5)
    unit = source.choice(("credits", "tokens", "coins"))
    reference = filled(
        """
def settle(events):
    balances = {}
    refused = 0
    for kind, account, amount, *rest in events:
        balances.setdefault(account, 0)
        if kind == "in":
            balances[account] += amount
            continue
        cost = amount + (0 if kind == "out" else $fee)
        if balances[account] - cost < -$limit:
            refused += 1
            continue
        balances[account] -= cost
        if kind == "move":
            balances[rest[0]] = balances.get(rest[0], 0) + amount
    return {"balances": balances, "refused": refused}
""",
        limit=limit,
        fee=fee,
    )

    def events(count: int) -> list[list[list[Any]]]:
        made: list[list[Any]] = []
        for _ in range(count):
            first, second = source.sample(("ada", "bo", "cy", "dee"), 2)
            kind = source.choice(("in", "out", "move"))
            made.append([kind, first, source.randint(5, 60), *([second] if kind == "move" else [])])
        return [made]

    return Exercise(
        "ledger",
        (limit, fee),
        "settle(events: list[list]) -> dict",
        f"Accounts start with 0 {unit} when an event first names them as the second entry. Events come in order: "
        "['in', account, amount] adds; ['out', account, amount] takes off; ['move', account, amount, other] takes "
        f"amount plus a fee of {fee} off the account and adds amount to the other account (which starts with 0 if it "
        f"is new). An 'out' or 'move' that would bring the account below {-limit} is refused and changes no balance, "
        "and a refused 'move' does not open the other account. The result is {'balances': {account: balance}, "
        "'refused': number of refused events}.",
        reference,
        [
            events(4),
            events(5),
            [[]],
            [[["out", "ada", limit]]],
            [[["out", "ada", limit + 1]]],
            [[["move", "bo", 5 + limit, "cy"]]],
            [[["in", "bo", 10], ["move", "bo", 10, "bo"]]],
            *(events(source.randint(8, 16)) for _ in range(4)),
        ],
        bugs=(
            (f"< -{limit}", f"<= -{limit}"),
            ("refused += 1", "refused = 1"),
            ("-= cost", "-= amount"),
            (f'0 if kind == "out" else {fee}', f'{fee} if kind == "out" else 0'),
        ),
    )


def flattened(source: random.Random) -> Exercise:
    """Nested dicts and lists as one level of paths."""
    mark, (opening, closing) = source.choice("./:>"), source.choice(("[]", "()", "<>"))
    start = source.choice((0, 1))
    empty, code = source.choice((("are left out", "pass"), ("have the value None", "result[path] = None")))
    reference = filled(
        """
def flatten(data):
    result = {}

    def visit(value, path):
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                visit(inner, path + "$mark" + key if path else key)
        elif isinstance(value, list) and value:
            for number, inner in enumerate(value, $start):
                visit(inner, path + "$opening" + str(number) + "$closing")
        elif isinstance(value, (dict, list)):
            if path:
                $code
        else:
            result[path] = value

    visit(data, "")
    return result
""",
        mark=mark,
        opening=opening,
        closing=closing,
        start=start,
        code=code,
    )

    def data(depth: int) -> Any:
        roll = source.random()
        if depth == 0 or roll < 0.3:
            return source.choice((source.randint(0, 99), "x", True, None, {}, []))
        if roll < 0.6:
            return [data(depth - 1) for _ in range(source.randint(1, 3))]
        return {
            name: data(depth - 1)
            for name in source.sample(("id", "tags", "size", "meta", "rows"), source.randint(1, 3))
        }

    def top(depth: int) -> list[Any]:
        return [{name: data(depth) for name in source.sample(("a", "b", "c", "d"), 2)}]

    return Exercise(
        "flattened",
        (mark, opening, start, empty),
        "flatten(data: dict) -> dict",
        f"It turns nested dicts and lists into one dict from path to plain value. Keys are joined with {mark!r}; an "
        f"element of a list adds its number, counted from {start}, between {opening!r} and {closing!r} directly after "
        f"the list's path, as in 'a{mark}b{opening}{start}{closing}{mark}c'. Empty dicts and lists inside the data "
        f"{empty}; an empty dict as the whole data gives {{}}. Paths appear in the order in which the data is walked, "
        "but that order is not tested.",
        reference,
        [
            top(2),
            top(2),
            [{}],
            [{"a": {}}],
            [{"a": []}],
            [{"a": [[1, [2]], {"b": None}]}],
            [{"a": {"b": {"c": 0}}}],
            *(top(3) for _ in range(5)),
        ],
        bugs=(
            (f"enumerate(value, {start})", f"enumerate(value, {1 - start})"),
            ("if path else key", "if value else key"),
        ),
    )


def stock_costs(source: random.Random) -> Exercise:
    """What sold goods cost, taken from the oldest or the newest lots."""
    order, fee = source.choice(("oldest", "newest", "cheapest", "dearest")), source.randint(1, 9)
    pick = {
        "oldest": "0",
        "newest": "len(lots) - 1",
        "cheapest": "min(range(len(lots)), key=lambda i: (lots[i][1], i))",
        "dearest": "max(range(len(lots)), key=lambda i: (lots[i][1], -i))",
    }[order]
    reference = filled(
        """
def sale_costs(events):
    lots, costs = [], []
    for kind, count, *price in events:
        if kind == "buy":
            lots.append([count, price[0]])
            continue
        if sum(lot[0] for lot in lots) < count:
            costs.append(None)
            continue
        cost = 0
        while count:
            place = $pick
            taken = min(count, lots[place][0])
            cost += $fee + taken * lots[place][1]
            count -= taken
            lots[place][0] -= taken
            if lots[place][0] == 0:
                lots.pop(place)
        costs.append(cost)
    return costs
""",
        pick=pick,
        fee=fee,
    )

    def events(count: int) -> list[list[list[Any]]]:
        made: list[list[Any]] = [["buy", source.randint(3, 9), source.randint(2, 20)]]
        made += [
            ["buy", source.randint(2, 12), source.randint(2, 20)]
            if source.random() < 0.5
            else ["sell", source.randint(1, 10)]
            for _ in range(count)
        ]
        return [made]

    tie = {
        "oldest": "",
        "newest": "",
        "cheapest": " (of equally cheap ones the oldest)",
        "dearest": " (of equally dear ones the oldest)",
    }[order]
    return Exercise(
        "sale costs",
        (order, fee),
        "sale_costs(events: list[list]) -> list",
        "Events come in order. ['buy', count, price] adds a lot of count pieces that cost price each; ['sell', "
        f"count] takes pieces out, always from the {order} lot{tie} that still has pieces. For each sale the result "
        f"holds what the sold pieces had cost in all plus {fee} for every lot that the sale took pieces from, or None "
        "if fewer pieces are in stock than are to be sold; such a sale takes nothing.",
        reference,
        [
            events(4),
            events(5),
            [[]],
            [[["sell", 1]]],
            [[["buy", 3, 5], ["sell", 3], ["sell", 1]]],
            [[["buy", 2, 9], ["buy", 2, 4], ["buy", 2, 9], ["buy", 2, 4], ["sell", 3], ["sell", 4]]],
            *(events(source.randint(7, 14)) for _ in range(4)),
        ],
    )
