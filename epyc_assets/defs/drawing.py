"""Drawing a fleet's questions and writing them down, with what was seen, in one transaction.

Not here: the asset around it (`benchmarks`), what a draw is (epyc_assets.benchmark.question_sets).
"""

from __future__ import annotations

import json

import polars as pl

from epyc_assets.benchmark.question_sets import DrawnQuestions, draw_questions, newly_seen
from epyc_assets.defs.reading import seen_of, seen_questions
from epyc_assets.registry.entries import Fleet
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import record_rejects, replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

_MOST_DRAWS = 3


class DrawingDisturbed(RuntimeError):
    """Other runs kept drawing for the same fleet while this one did; the message says what to do."""


def draw_and_record(store: Warehouse, fleet: Fleet, stamp: Provenance) -> tuple[DrawnQuestions, int]:
    """Draws the fleet's question sets and writes tables questions, question_sets, questions_seen and rejects.

    Drawn again when another run has recorded draws of the fleet meanwhile, so that two seeds drawn at once do not share
    questions. Returns what was drawn, and how many questions were not seen before. Raises the suites' ValueErrors, and
    then nothing is written; DrawingDisturbed.
    """
    for _ in range(_MOST_DRAWS):
        before = seen_questions(store, fleet)
        drawn = draw_questions(fleet, before)
        with store.write("questions") as connection:
            present = run_stored_query(connection, "questions_seen", fleet=fleet.name)
            if seen_of(present.to_dicts()) != before:
                continue
            replace_rows(connection, "questions", drawn.questions, provenance=stamp)
            replace_rows(connection, "question_sets", drawn.sets, where={"fleet": fleet.name}, provenance=stamp)
            # Files that were taken away or renamed since count as read: what they held is nobody's fault any more.
            suites = json.dumps(drawn.public["suite"].unique().sort().to_list())
            earlier = run_stored_query(connection, "public_sets_rejected", suites=suites)["source"]
            record_rejects(connection, drawn.rejects, stamp, sources_read=[*drawn.sources_read, *earlier])
            added = newly_seen(drawn.seen, present).with_columns(
                pl.lit(fleet.name).alias("fleet"), pl.lit(stamp.written_at).alias("first_seen_at")
            )
            replace_rows(connection, "questions_seen", added, provenance=stamp)
        return drawn, added.height
    raise DrawingDisturbed(
        f"Questions of fleet {fleet.name} were drawn by other runs {_MOST_DRAWS} times while this one drew: "
        "materialize `questions` again when they are done."
    )
