"""Group suites: what questions there are, whether they can be trusted, and question files imported from elsewhere.

Here: the assets and their checks. Not here: the layouts (suites), the validator (benchmark.question_validation).
"""

from collections.abc import Sequence

import dagster as dg
import polars as pl

from epyc_assets.benchmark.question_sets import questions_of
from epyc_assets.benchmark.question_validation import DEFAULT_CODE_RUNS, Finding, Validation, validate_questions
from epyc_assets.benchmark.suite_import import IMPORTED_SCHEMA, SuiteImport, import_suite, kept_imports
from epyc_assets.benchmark.suite_sources import (
    SAMPLE_SEED,
    SAMPLE_SIZE,
    catalogue_frame,
    catalogue_rows,
    examined,
    finding_rows,
    repeated_across,
    suite_sources,
    validate_source,
)
from epyc_assets.defs import metadata
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.location import checkout_root
from epyc_assets.warehouse.rows import record_rejects, replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

GROUP = "suites"
CODE_VERSION = "2"
"""Of the assets here, and on the rows they write; raise it when what they write changes."""
FINDINGS_SHOWN = 40
MOST_VALIDATED = 1000
"""Questions of a fleet that one run of the check looks at."""
ASSETS = ("imported_suites", "suite_catalogue")


class ImportConfig(dg.Config):
    """Files to import now. Empty: only look at what was imported earlier."""

    paths: list[str] = []


class CatalogueConfig(dg.Config):
    """How much is looked at. sample: questions of each generator. code_runs: programs run per source."""

    sample: int = SAMPLE_SIZE
    seed: int = SAMPLE_SEED
    code_runs: int = DEFAULT_CODE_RUNS


def suite_assets() -> dg.Definitions:
    """The group's assets and checks; they do not depend on the fleet."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "yaml", "duckdb"},
        code_version=CODE_VERSION,
        check_specs=[
            dg.AssetCheckSpec(
                "every_question_accounted_for",
                asset="imported_suites",
                blocking=True,
                description="Each question of an imported file is a question here or a reject with its reason.",
            ),
            dg.AssetCheckSpec(
                "files_usable", asset="imported_suites", description="Every file gave at least one question."
            ),
        ],
        description="Question files of other people, read into our layout: suites/<name>.yaml below the data "
        "directory. "
        "What cannot be used is in `rejects`. Importing twice changes nothing. Table `imported_suites`.",
    )
    def imported_suites(
        context: dg.AssetExecutionContext, config: ImportConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        store = warehouse.open()
        # Opened for writing: the first thing that anybody does may be an import, and then there is no warehouse yet.
        with store.write("imported suites") as connection:
            present = run_stored_query(connection, "imported_suites_present")
        kept = kept_imports(present, store.path.parent)
        imported: dict[str, SuiteImport] = {}
        for path in dict.fromkeys(config.paths):
            one = import_suite(path, store.path.parent, kept)
            imported[one.name] = one
            kept = pl.concat([kept.filter(pl.col("name") != one.name), one.frame()])
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        rejects = [reject for one in imported.values() for reject in one.rejects]
        with store.write("imported suites") as connection:
            names = kept["name"].to_list()
            gone = present.filter(~pl.col("name").is_in(names))
            fresh = kept.filter(pl.col("name").is_in(list(imported)))
            replace_rows(connection, "imported_suites", fresh, provenance=stamp)
            for name in gone["name"]:
                replace_rows(
                    connection,
                    "imported_suites",
                    pl.DataFrame(schema=IMPORTED_SCHEMA),
                    where={"name": name},
                    provenance=stamp,
                )
            sources = [*gone["origin"], *(one.row["origin"] for one in imported.values())]
            record_rejects(connection, rejects, stamp, sources_read=sources)
        lost = [name for name, one in imported.items() if one.unaccounted]
        unusable = kept.filter(pl.col("questions") == 0)
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    kept, preview_columns=["name", "suite", "layout", "entries", "questions", "rejects", "needs_judge"]
                ),
                "files_imported_now": len(imported),
                "rejects": len(rejects),
            },
            data_version=metadata.data_version(kept.drop("origin")),
            check_results=[
                dg.AssetCheckResult(
                    check_name="every_question_accounted_for", passed=not lost, metadata={"files": lost}
                ),
                dg.AssetCheckResult(
                    check_name="files_usable",
                    passed=unusable.is_empty(),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"unusable": unusable["origin"].to_list()},
                ),
            ],
        )

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["imported_suites"],
        check_specs=[
            dg.AssetCheckSpec(
                "questions_valid",
                asset="suite_catalogue",
                description="The validator finds no error in a sample of each generator and in all shipped and "
                "imported questions.",
            ),
            dg.AssetCheckSpec(
                "wording",
                asset="suite_catalogue",
                description="The validator finds nothing that somebody should look at.",
            ),
        ],
        description="Every suite by source and tier: how many questions, how they are scored, what share of the "
        "answers "
        "a second way confirmed. Table `suite_catalogue`.",
    )
    def suite_catalogue(
        context: dg.AssetExecutionContext, config: CatalogueConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        store = warehouse.open()
        rows, total = [], Validation()
        sources = list(suite_sources(checkout_root(), store.path.parent, sample=config.sample, seed=config.seed))
        for source in sources:
            found = validate_source(source, code_runs=config.code_runs)
            rows += catalogue_rows(source, found)
            total.findings += found.findings
            total.examined += found.examined
            total.verified |= found.verified
            total.code_runs += found.code_runs
            total.code_left_out += found.code_left_out
        total.findings += repeated_across(sources)
        frame = catalogue_frame(rows)
        with store.write("suite catalogue") as connection:
            connection.execute("DELETE FROM suite_catalogue")
            replace_rows(connection, "suite_catalogue", frame, provenance=Provenance(context.run.run_id, CODE_VERSION))
        said = validation_metadata(total)
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    frame, preview_columns=["suite", "source", "tier", "questions", "verified_share_ratio", "errors"]
                ),
                **said,
            },
            data_version=metadata.data_version(frame.drop("scorers")),
            check_results=[
                dg.AssetCheckResult(
                    check_name="questions_valid",
                    passed=total.count("error") == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata=said,
                ),
                dg.AssetCheckResult(
                    check_name="wording",
                    passed=total.count("warning") == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"warnings": total.count("warning")},
                ),
            ],
        )

    return dg.Definitions(assets=[imported_suites, suite_catalogue])


def questions_valid(questions: pl.DataFrame) -> dg.AssetCheckResult:
    """The result of the check of that name over rows of table questions; of very many, a seeded sample."""
    sample = questions.sample(min(questions.height, MOST_VALIDATED), seed=SAMPLE_SEED)
    found = validate_questions(examined(questions_of(sample)))
    return dg.AssetCheckResult(
        asset_key="questions",
        check_name="questions_valid",
        passed=found.count("error") == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"questions": questions.height, **validation_metadata(found)},
    )


def validation_metadata(found: Validation) -> dict[str, dg.MetadataValue | int]:
    """What was looked at, what not, and the findings as a table."""
    return {
        "examined": found.examined,
        "verified": len(found.verified),
        "code_runs": found.code_runs,
        "programs_left_out": found.code_left_out,
        "errors": found.count("error"),
        "warnings": found.count("warning"),
        "findings": dg.MetadataValue.md(_findings_table(found.findings)),
    }


def _findings_table(findings: Sequence[Finding]) -> str:
    shown = ["suite", "source", "name", "check", "severity", "detail"]
    serious = [finding for finding in findings if finding.severity != "note"]
    frame = pl.DataFrame(finding_rows(serious[:FINDINGS_SHOWN]), infer_schema_length=None)
    return metadata.markdown_table(frame.select(shown) if serious else frame)
