"""Programming for real models: functions with hidden tests, programs, bugs to mend, output to foresee.

Belongs here: which kinds are asked in which tier. Does not belong here: the kinds themselves (`coder_tasks/`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial

from epyc_assets.suites.generators.coder_tasks import (
    algorithms,
    calendars,
    languages,
    lists,
    machines,
    predictions,
    programs,
    records,
    texts,
)
from epyc_assets.suites.generators.coder_tasks.form import Exercise, hidden_results, repair_function, write_function
from epyc_assets.suites.task import Generator, Task

FUNCTIONS: Mapping[int, tuple[Callable[[random.Random], Exercise], ...]] = {
    1: (
        lists.window_spread,
        lists.long_runs,
        lists.turned_chunks,
        partial(lists.chained_steps, count=2),
        texts.masked,
        texts.shifted_letters,
        records.group_figures,
    ),
    2: (
        lists.ranks,
        lists.merged_windows,
        lists.diagonals,
        partial(lists.chained_steps, count=4),
        texts.duration,
        texts.wrapped_text,
        languages.tree_score,
        records.ledger,
        records.flattened,
        calendars.working_days,
        partial(machines.state_machine, count=3),
        algorithms.build_order,
        machines.cell_rows,
        machines.counters,
    ),
    3: (
        partial(lists.chained_steps, count=7),
        texts.key_values,
        languages.own_calculator,
        calendars.shift_minutes,
        records.stock_costs,
        partial(machines.state_machine, count=5),
        machines.rolling_robot,
        algorithms.cheapest_route,
        algorithms.counted_words,
        algorithms.edit_cost,
        algorithms.even_teams,
    ),
}
"""Exercises by tier: functions to write, or to mend one tier lower."""

PROGRAMS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {
    1: (programs.tally,),
    2: (programs.grid_commands, programs.access_log),
    3: (programs.stack_machine, programs.hall_plan),
}

FEWEST_RESULTS = 3
"""Different results that the hidden tests of a function must ask for, so that no constant passes for it."""

PREDICTIONS: tuple[Callable[[random.Random, int], Task], ...] = (
    predictions.branching_loop,
    predictions.list_surgery,
    predictions.text_loop,
    predictions.counting_dict,
    predictions.recursion,
)


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier: half of them functions to write, the others programs, repairs and predictions."""
    form = source.choices(("function", "program", "repair", "prediction"), weights=(50, 15, 17, 18))[0]
    if form == "program":
        return source.choice(PROGRAMS[tier])(source, tier)
    if form == "prediction":
        kinds = PREDICTIONS if tier == 1 else (*PREDICTIONS, predictions.closures)
        return source.choice(kinds)(source, tier)
    if form == "repair":
        while True:
            exercise = source.choice(FUNCTIONS[tier])(source)
            if exercise.bugs and (task := repair_function(source, exercise, tier)) is not None:
                return task
    while True:
        task = write_function(source, source.choice(FUNCTIONS[tier])(source), tier)
        if hidden_results(task) >= FEWEST_RESULTS:
            return task


GENERATOR = Generator(suite="coder", version="2", draw=draw)
