"""Situations with a history: the next call after observations, after an error, plans, and who takes over.

Belongs here: what depends on earlier calls or on a log. Does not belong here: first calls (`requests`).
"""

from __future__ import annotations

import json
import random

from epyc_assets.suites.generators.agentic_tasks.tools import ANSWER_TOKENS, call_task, call_text, catalogue
from epyc_assets.suites.generators.phrases import PEOPLE, with_article
from epyc_assets.suites.task import Task


def _step(name: str, arguments: dict, observation: object) -> str:
    return f"Assistant: {call_text(name, arguments)}\nTool: {json.dumps(observation)}"


def support_case(source: random.Random, tier: int) -> Task:
    """A refund: find the customer, list the orders, look one up, pay back; the next call of a run under way."""
    email = f"{source.choice(PEOPLE).lower()}{source.randint(10, 99)}@example.org"
    customer = f"cu-{source.randint(100, 999)}"
    count = tier + 1
    orders = [f"or-{number}" for number in source.sample(range(100, 1000), count)]
    days = source.sample(range(1, 29), count)
    listed = [{"order_id": order, "placed": f"2026-05-{day:02d}"} for order, day in zip(orders, days, strict=True)]
    newest = orders[days.index(max(days))]
    lines = [
        {"article": f"{letter}-{source.randint(1000, 9999)}", "quantity": source.randint(1, 5),
         "price_cents": source.randint(5, 90) * 10}
        for letter in "ABC"[: tier]
    ]  # fmt: skip
    percent = source.choice((10, 20, 50)) if tier == 3 else 100
    total = sum(line["quantity"] * line["price_cents"] for line in lines) * percent // 100
    share = "all of it" if percent == 100 else f"{percent} % of its total"
    steps = [
        ("find_customer", {"email": email}, {"customer_id": customer}),
        ("list_orders", {"customer_id": customer}, listed),
        ("get_order", {"order_id": newest}, {"order_id": newest, "lines": lines}),
        ("refund_order", {"order_id": newest, "amount_cents": total}, {"ok": True}),
    ]
    done = source.randint(1, 3) if tier < 3 else source.randint(2, 3)
    history = "\n".join(_step(*step) for step in steps[:done])
    name, arguments, _ = steps[done]
    situation = (
        f"User: The customer with the address {email} is unhappy with their newest order. Please look up what "
        f"was paid for "
        f"it and pay back {share}.\n{history}"
    )
    return call_task(
        source,
        key=("support", email, newest, total, done),
        tier=tier,
        names=catalogue(source, ["find_customer", "list_orders", "get_order", "refund_order"], tier),
        situation=situation,
        expected=call_text(name, arguments),
    )


_CODES = {"euros": "EUR", "yen": "JPY", "Swiss francs": "CHF", "pounds sterling": "GBP", "US dollars": "USD"}


def recovery(source: random.Random, tier: int) -> Task:
    """A call came back with an error that says what was wrong: the corrected call."""
    kind = source.randrange(3)
    if kind == 0:
        first, second = source.sample(sorted(_CODES), 2)
        amount = source.randint(20, 9000)
        wrong = {"amount": amount, "from": _CODES[first], "to": second}
        right = {"amount": amount, "from": _CODES[first], "to": _CODES[second]}
        name, said = "convert_currency", f"How much are {amount} {first} in {second}?"
        fault = f"unknown currency '{second}': ISO 4217 codes have three capital letters"
    elif kind == 1:
        number, day, month = source.randint(100, 999), source.randint(13, 28), source.randint(1, 12)
        wrong = {"event_id": f"ev-{number}", "date": f"{day}.{month}.2027"}
        right = {"event_id": f"ev-{number}", "date": f"2027-{month:02d}-{day:02d}"}
        name, said = "move_event", f"Move the event ev-{number} to the {day}.{month}.2027 (day.month.year)."
        fault = "date is not of the form YYYY-MM-DD"
    else:
        order, asked = f"or-{source.randint(100, 999)}", source.randint(6, 12)
        most = source.randint(2, 5)
        article = f"D-{source.randint(1000, 9999)}"
        wrong = {"order_id": order, "article": article, "quantity": asked}
        right = {"order_id": order, "article": article, "quantity": most}
        name = "return_item"
        said = f"Send back {asked} pieces of {article} from {order}, or as many as the order has if there are fewer."
        fault = f"the order has {most} pieces of {article}"
    extra = ""
    if tier > 1:
        extra = (
            f"Assistant: {call_text(name, wrong)}\nTool: " + json.dumps({"error": "timeout, nothing was done"}) + "\n"
        )
    situation = f"User: {said}\n{extra}{_step(name, wrong, {'error': fault})}"
    return call_task(
        source,
        key=("recovery", json.dumps(right)),
        tier=tier,
        names=catalogue(source, [name], tier),
        situation=situation,
        expected=call_text(name, right),
    )


_KINDS = (
    "sketch", "outline", "draft", "review", "table", "figure", "summary", "poster", "brochure", "index", "glossary",
    "digest",
)  # fmt: skip


def plan(source: random.Random, tier: int) -> Task:
    """Tools that turn one kind of document into another: the one shortest chain from what there is to what "
    "is wanted."""
    while True:
        kinds = source.sample(_KINDS, 5 + tier * 2)
        edges: dict[str, tuple[str, str]] = {}
        for name in source.sample("ABCDEFGHJKLMNPQRSTUVWXYZ", len(kinds) + tier + 2):
            left, right = source.sample(kinds, 2)
            edges[f"tool_{name}"] = (left, right)
        start, goal = source.sample(kinds, 2)
        reached: list[tuple[str, list[str]]] = [(start, [])]
        chains: list[list[str]] = []
        for _ in range(tier + 1):
            reached = [
                (right, [*chain, name]) for at, chain in reached for name, (left, right) in edges.items() if left == at
            ]
            chains = [chain for at, chain in reached if at == goal]
            if chains:
                break
        if len(chains) == 1 and len(chains[0]) == tier + 1:
            break
    listed = "\n".join(
        f"- {name}: makes {with_article(right)} from {with_article(left)}" for name, (left, right) in edges.items()
    )
    prompt = (
        f"An agent has these tools:\n{listed}\n\nIt has {with_article(start)} and needs {with_article(goal)}. "
        "Which tools must it call, in order, if it is to use as few "
        "as possible? Reason as you like; the last line must read 'Answer: <tool>, <tool>, ...'."
    )
    return Task(
        key=("plan", start, goal, *chains[0]),
        tier=tier,
        prompt=prompt,
        expected=", ".join(chains[0]),
        worked_answer=f"The shortest chain has {len(chains[0])} tools.\nAnswer: {', '.join(chains[0])}",
        max_tokens=ANSWER_TOKENS[tier],
    )


_ROLES = ("coder", "architect", "reviewer", "researcher", "translator")


def escalation(source: random.Random, tier: int) -> Task:
    """An orchestration log and a stated policy: who gets the task now."""
    limit, budget = source.randint(2, 3), source.randint(3, 8) * 1000
    tasks = [f"T{number}" for number in source.sample(range(10, 100), tier)]
    order = source.sample(_ROLES, 4)
    lines: list[str] = []
    state: dict[str, tuple[int, int, bool]] = {}
    for task in tasks:
        # From tier 2 on every task has a line, so that those of the others must be told apart from them.
        failures, spent, blocked = source.randint(int(tier > 1), limit + 1), 0, source.random() < 0.25
        for attempt in range(failures):
            tokens = source.randint(200, 2500)
            spent += tokens
            lines.append(f"task={task} role={order[0]} attempt={attempt + 1} result=failed tokens={tokens}")
        if blocked:
            lines.append(f"task={task} role={order[0]} result=blocked reason=unclear_requirements tokens=0")
        state[task] = (failures, spent, blocked)
    if tier > 1:
        # Lines of one task keep their order.
        queues = {task: [line for line in lines if f"task={task} " in line] for task in tasks}
        lines = []
        while any(queues.values()):
            lines.append(queues[source.choice([task for task in tasks if queues[task]])].pop(0))
    task = source.choice(tasks)
    failures, spent, blocked = state[task]
    role = order[3] if blocked else order[2] if spent > budget else order[1] if failures >= limit else order[0]
    situation = (
        f"Policy of the orchestrator, the first rule that applies counts: 1. A task whose log says blocked goes to the "
        f"{order[3]}. 2. A task that has used more than {budget} tokens altogether goes to the {order[2]}. 3. "
        f"A task that "
        f"has failed {limit} times or more goes to the {order[1]}. 4. Any other task goes to the {order[0]}.\n\nLog:\n"
        + ("\n".join(lines) or "(empty)")
    )
    prompt = (
        f"{situation}\n\nWho gets the task {task} now? Reply with nothing but the call as JSON: "
        '{"name": "assign", "arguments": {"task": "<task>", "role": "<role>"}}'
    )
    answer = call_text("assign", {"task": task, "role": role})
    return Task(
        key=("escalation", task, role, *lines, limit, budget),
        tier=tier,
        prompt=prompt,
        expected=answer,
        worked_answer=answer,
        scorer="tool_call",
        max_tokens=ANSWER_TOKENS[tier],
    )
