"""Group benchmarks: the label audit's findings, of the platform's own questions and of the imported record.

Here: the asset, its check, and reading what is audited, a suite at a time. Not here: the checks (scoring.label_audit),
what findings do to outcomes (all_outcomes.sql).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg
import polars as pl

from epyc_assets.defs import metadata
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

if TYPE_CHECKING:
    from epyc_assets.scoring.label_findings import Finding, Scope

GROUP = "benchmarks"
FINDINGS, CONCERNED = "label_findings", "label_finding_answers"
CODE_VERSION = "2"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""
RECORD_TABLES = ("history.routing_question", "history.role_outcome", "history.question_result", "history.source_file")
"""Tables of the record that are read beside the views all_results and all_reviews."""
ORIGINS = ("live", "history")


def label_audit_assets(asset_key_of_table: metadata.AssetKeyOfTable = metadata.main_asset_key) -> dg.Definitions:
    """The asset and its check.

    asset_key_of_table: the asset that a table which is read belongs to, by its qualified name; None for no asset.
    """
    of_record = [key for key in map(asset_key_of_table, RECORD_TABLES) if key is not None]
    own = [
        dg.AssetKey(name)
        for name in ("questions", "question_sets", "generations", "scores", "all_results", "all_reviews")
    ]

    @dg.multi_asset(
        name="audit_labels",
        specs=[
            _spec(
                FINDINGS,
                deps=list(dict.fromkeys([*own, *of_record])),
                description="Labels and verdicts that say less than they seem to: constant references, verdicts that "
                "any containment test would give, error messages scored as answers. Table `label_findings`.",
            ),
            _spec(
                CONCERNED,
                deps=[FINDINGS],
                description="The answers that errors among the findings concern; their outcomes have the status "
                "invalid_label in `all_outcomes`. Table `label_finding_answers`.",
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "no_invalid_labels",
                asset=FINDINGS,
                description="No outcome is without evidence because of its question's label or of how it was scored; "
                "questions that are no longer asked are not counted.",
            )
        ],
    )
    def audit_labels(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> Iterator[dg.MaterializeResult]:
        from epyc_assets.scoring.label_findings import ERROR, NO_LONGER_ASKED, finding_answer_frame, finding_frame

        store = warehouse.open()
        found = audit_warehouse(store, context.log.info)
        findings, answers = finding_frame(found), finding_answer_frame(found)
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        with store.write("label findings") as connection:
            for origin in ORIGINS:
                for table, frame in ((FINDINGS, findings), (CONCERNED, answers)):
                    of_origin = frame.filter(pl.col("origin") == origin)
                    replace_rows(connection, table, of_origin, where={"origin": origin}, provenance=stamp)
        counts = findings.group_by("origin", "severity", "kind").agg(pl.len().alias("findings"), pl.sum("answers"))
        errors = findings.filter(pl.col("severity") == ERROR)
        of_the_past = pl.col("source").fill_null("").str.ends_with(NO_LONGER_ASKED)
        present = errors.filter(~of_the_past)
        invalid = answers.select("origin", "record", "answer_id").n_unique()
        yield dg.MaterializeResult(
            asset_key=FINDINGS,
            metadata={
                **metadata.table_metadata(
                    findings, preview_columns=["origin", "severity", "kind", "suite", "answers", "evidence"]
                ),
                "kinds": dg.MetadataValue.md(
                    metadata.markdown_table(
                        counts.sort("origin", "severity", "findings", descending=[True, False, True])
                    )
                ),
            },
            data_version=metadata.data_version(findings),
            check_results=[
                dg.AssetCheckResult(
                    asset_key=FINDINGS,
                    check_name="no_invalid_labels",
                    passed=present.is_empty(),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={
                        "errors": present.height,
                        "errors_no_longer_asked": errors.height - present.height,
                        "warnings": findings.height - errors.height,
                        "errors_of_the_record": errors.filter(pl.col("origin") == "history").height,
                        "invalid_answers": invalid,
                    },
                )
            ],
        )
        yield dg.MaterializeResult(
            asset_key=CONCERNED,
            metadata={**metadata.table_metadata(answers), "invalid_answers": invalid},
            data_version=metadata.data_version(answers),
        )

    return dg.Definitions(assets=[audit_labels])


def _spec(table: str, *, deps: Sequence[dg.AssetKey | str], description: str) -> dg.AssetSpec:
    """What both tables have in common."""
    return metadata.table_spec(table, deps=deps, group_name=GROUP, code_version=CODE_VERSION, description=description)


def audit_warehouse(store: Warehouse, tell: Callable[[str], None] = lambda _: None) -> "list[tuple[Scope, Finding]]":
    """Every finding about what the warehouse holds. Memory holds one suite of one source at a time."""
    from epyc_assets.scoring.label_audit import audit_reviews, audit_suite
    from epyc_assets.scoring.label_findings import Scope

    with store.read(live=True) as connection:
        suites = run_stored_query(connection, "audited_suites")
    found: list[tuple[Scope, Finding]] = []
    for row in suites.iter_rows(named=True):
        scope = Scope(row["origin"], row["record"], row["suite"], row["source"], is_asked=row["is_asked"])
        where = {"suite": scope.suite, "source": scope.source}
        with store.read(live=True) as connection:
            questions = run_stored_query(
                connection, f"audited_{scope.record}_questions", **where, is_asked=scope.is_asked
            )
            answers = run_stored_query(connection, f"audited_{scope.record}_answers", **where)
        of_suite = audit_suite(scope, questions, answers)
        if of_suite:
            tell(f"{scope.origin} {scope.record} {scope.suite} {scope.source_said()}: {len(of_suite)} findings")
        found += of_suite
    with store.read(live=True) as connection:
        reviews = run_stored_query(connection, "audited_reviews")
    return found + audit_reviews(Scope("history", "review", None, "reviews"), reviews)
