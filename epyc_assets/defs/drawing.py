"""Drawing a fleet's questions and writing them down, with what was seen, in one transaction.

Not here: the asset around it (`benchmarks`), what a draw is (epyc_assets.benchmark.question_sets).
"""

from __future__ import annotations

import polars as pl

from epyc_assets.benchmark.question_sets import DrawnQuestions, draw_questions, newly_seen
from epyc_assets.defs.reading import seen_questions
from epyc_assets.registry.entries import Fleet
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import record_rejects, replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query


def draw_and_record(store: Warehouse, fleet: Fleet, stamp: Provenance) -> tuple[DrawnQuestions, int]:
    """Draws the fleet's question sets and writes tables questions, question_sets, questions_seen and rejects.

    Returns what was drawn, and how many questions were not seen before. Raises the suites' ValueErrors, and then
    nothing is written.
    """
    drawn = draw_questions(fleet, seen_questions(store, fleet))
    with store.write("questions") as connection:
        replace_rows(connection, "questions", drawn.questions, provenance=stamp)
        replace_rows(connection, "question_sets", drawn.sets, where={"fleet": fleet.name}, provenance=stamp)
        record_rejects(connection, drawn.rejects, stamp, sources_read=drawn.sources_read)
        present = run_stored_query(connection, "questions_seen", fleet=fleet.name)
        added = newly_seen(drawn.seen, present).with_columns(
            pl.lit(fleet.name).alias("fleet"), pl.lit(stamp.written_at).alias("first_seen_at")
        )
        replace_rows(connection, "questions_seen", added, provenance=stamp)
    return drawn, added.height
