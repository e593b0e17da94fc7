"""Scoring what is due out of the warehouse, in bounded pieces that are written at once.

Imports no dagster. Not here: the asset (scoring.py), judging (epyc_assets.scoring). Memory holds one piece, however
many answers there are; killed at any moment, the pieces that were written are not scored again.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query, stored_relation

ANSWERS_PER_WRITE = 50_000
COUNT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "scorer": pl.String,
    "status": pl.String,
    "passed": pl.Int64,
    "answers": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class ScoringProgress:
    """How far scoring is: answers with their verdict, answers due, answers per second so far."""

    done: int
    total: int
    answers_per_s: float


@dataclass(frozen=True, slots=True)
class Scored:
    """What scoring did. answers: every answer that was looked at (generation_id, scorer); newly_scored: those that
    were due; counts: of these, answers and passes per scorer and status; elapsed_s: from finding them to the last
    write."""

    answers: pl.DataFrame
    newly_scored: int
    counts: pl.DataFrame
    elapsed_s: float

    @property
    def answers_per_s(self) -> float | None:
        """None where nothing was due."""
        return self.newly_scored / self.elapsed_s if self.newly_scored and self.elapsed_s > 0 else None


def score_due(
    store: Warehouse,
    provenance: Provenance,
    *,
    fleet: str | None = None,
    scorer: str | None = None,
    answers_per_write: int = ANSWERS_PER_WRITE,
    processes: int | None = None,
    on_progress: Callable[[ScoringProgress], None] = lambda _: None,
) -> Scored:
    """Scores the stored answers that lack a verdict of their scorer's present version.

    fleet, scorer: only its answers, only answers for it. processes: that judge at a time; None: as many as there are
    CPUs. Nothing is published: the caller does that once all is written.
    Raises the warehouse's errors.
    """
    from epyc_assets.scoring import missing_scores, score_generations
    from epyc_assets.scoring.judging_pool import JudgingPool

    started_s = time.monotonic()
    with store.read(live=True) as connection:
        answers = run_stored_query(connection, "answers_to_score", fleet=fleet, scorer=scorer)
        present = run_stored_query(connection, "scores_present")
    due = missing_scores(answers, present)
    counts = [pl.DataFrame(schema=COUNT_SCHEMA)]
    done = 0

    def judged(count: int) -> None:
        nonlocal done
        done += count
        elapsed_s = max(time.monotonic() - started_s, 1e-9)
        on_progress(ScoringProgress(done, due.height, done / elapsed_s))

    if due.height:
        with _pieces(store, due, answers_per_write) as pieces, JudgingPool(processes) as pool:
            for piece in pieces:
                fresh = score_generations(piece, pool, judged)
                with store.write("scores", publish=False, provenance=provenance) as connection:
                    replace_rows(connection, "scores", fresh, provenance=provenance)
                counts.append(_counted(fresh))
    total = pl.concat(counts).group_by("scorer", "status").agg(pl.col("passed", "answers").sum())
    return Scored(answers, due.height, total.sort("scorer", "status"), time.monotonic() - started_s)


@contextmanager
def _pieces(store: Warehouse, due: pl.DataFrame, rows: int) -> Iterator[Iterator[pl.DataFrame]]:
    """The due answers with their texts, in frames of so many rows.

    They pass through a file, so that the warehouse is open for as long as reading takes and not for as long as
    judging does. The file has no name by the time it is read: a kill leaves nothing behind.
    """
    from pyarrow.parquet import ParquetFile

    with tempfile.TemporaryDirectory(prefix=".scoring-", dir=store.path.parent) as folder:
        path = Path(folder) / "due.parquet"
        with store.read(live=True) as connection:
            connection.register("due_generations", due.select("generation_id"))
            stored_relation(connection, "due_answers").write_parquet(str(path), row_group_size=min(rows, 20_000))
        stream = path.open("rb")
    with stream, ParquetFile(stream) as file:
        yield (pl.DataFrame(pl.from_arrow(batch)) for batch in file.iter_batches(batch_size=rows))


def _counted(scores: pl.DataFrame) -> pl.DataFrame:
    return (
        scores.group_by("scorer", "status")
        .agg(pl.col("passed").fill_null(value=False).sum().cast(pl.Int64), pl.len().cast(pl.Int64).alias("answers"))
        .select(list(COUNT_SCHEMA))
    )
