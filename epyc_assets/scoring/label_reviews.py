"""The label audit's checks of reviews: verdicts of judges, with a reason in words.

Belongs here: what reasons show about verdicts. Does not belong here: judging, agreement between judges.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from epyc_assets.scoring.label_findings import ERROR, WARNING, Finding

LEAST_REUSE = 5
"""A reason given for so many different questions was not written for any of them."""


def check_reviews(reviews: pl.DataFrame) -> Iterator[Finding]:
    """Findings about reviews (REVIEW_SCHEMA), of all suites together: reasons are reused across suites."""
    said = reviews.with_columns(
        pl.col("reason").str.strip_chars().alias("reason"),
        pl.concat_str("suite", pl.lit("/"), "question_id").alias("at"),
    ).filter(pl.col("reason").str.len_chars() > 0)
    reused = (
        said.filter(pl.col("passed").is_not_null())
        .sort("review_id")
        .group_by("judge", _alike("reason").alias("alike"), maintain_order=True)
        .agg(
            pl.col("reason").mode().sort().first(),
            pl.col("at").unique().sort(),
            pl.col("review_id"),
            pl.col("passed").sum().alias("passes"),
        )
        .filter(pl.col("at").list.len() >= LEAST_REUSE)
        .sort(pl.col("review_id").list.len(), "reason", descending=[True, False])
    )
    for row in reused.iter_rows(named=True):
        count = len(row["review_id"])
        yield Finding(
            "reused_reason",
            WARNING,
            f"one reason stands under {count} verdicts on {len(row['at'])} questions, {row['passes']} of them passes",
            row["reason"],
            tuple(row["at"]),
            tuple(row["review_id"]),
            scorer=row["judge"],
            detail=row["reason"],
        )
    unverified = said.filter(pl.col("is_unverified") & pl.col("passed"))
    for (judge,), group in unverified.group_by("judge", maintain_order=True):
        yield Finding(
            "unverified_pass",
            ERROR,
            f"{group.height} passes whose reason says that nobody checked whether the answer is right",
            group["reason"].mode().sort()[0],
            tuple(group["at"].unique().sort()),
            tuple(group["review_id"]),
            scorer=str(judge),
        )


def _alike(column: str) -> pl.Expr:
    """A reason without case, spaces and punctuation: a template is one however it is written."""
    return pl.col(column).str.to_lowercase().str.replace_all(r"[\s.,;:!?'\"()-]+", " ").str.strip_chars()
