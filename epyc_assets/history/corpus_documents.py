"""Measurements of the record that are JSON documents of their own: the n-gram corpus index, soft matching with word
embeddings, and a draft model beside its target.

Here: the top-level JSON lists and the embedding coverage of `results/runs`. Not here: result files (run_result), the
other documents of run directories (run_documents).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from epyc_assets.history import naming
from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, clean_text, finite_number
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import Harvest, Record, Unfit, from_document
from epyc_assets.history.rows import Row
from epyc_assets.history.run_documents import document_format, merged_extra, number_of, numbered, run_dir_of, texts_of

RATE_ROUNDING = 0.001
"""A rate in percent is recorded to one decimal: what differs from the counts by more is not rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarMeasurement(Row):
    """One prompt answered with a draft model beside the target."""

    table: ClassVar[str] = "sidecar_measurement"

    ordinal: int
    run_pk: int
    run_dir: str
    prompt_id: str | None
    model: str | None
    generation_tps: float | None
    effective_tps: float | None
    generated_tokens: int | None
    n_drafted: int | None
    n_accepted: int | None
    acceptance_rate: float | None
    acceptance_rate_raw: float | None
    wall_s: float | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusQuery(Row):
    """One prompt whose n-grams were looked up in the corpus index, three ways."""

    table: ClassVar[str] = "corpus_query"

    ordinal: int
    run_pk: int
    run_dir: str
    prompt_id: str | None
    keyword_grams: int | None
    keyword_hits: int | None
    keyword_matches: int | None
    first_tokens_grams: int | None
    first_tokens_hits: int | None
    first_tokens_matches: int | None
    full_output_grams: int | None
    full_output_hits: int | None
    full_output_matches: int | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftMatchQuery(Row):
    """One query of the soft matching search."""

    table: ClassVar[str] = "soft_match_query"

    ordinal: int
    run_pk: int
    run_dir: str
    query: str | None
    category: str | None
    tokens: tuple[str, ...]
    unknown_tokens: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftMatchThreshold(Row):
    """What a query of the soft matching search found at one threshold of similarity."""

    table: ClassVar[str] = "soft_match_threshold"

    ordinal: int
    threshold_position: int
    threshold: float | None
    n_matches: int | None
    latency_ms: float | None
    sample_matches: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingCoverage(Row):
    """How many tokens of a code corpus one word embedding knows."""

    table: ClassVar[str] = "embedding_coverage"

    embedding: str
    n_tokens: int | None
    n_covered: int | None
    coverage: float | None
    coverage_pct_raw: float | None
    most_frequent_unknown: Json | None
    most_frequent_covered: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingCoveragePart(Row):
    """The coverage of a word embedding in one language or one category of tokens."""

    table: ClassVar[str] = "embedding_coverage_part"

    embedding: str
    breakdown: str
    name: str
    n_tokens: int | None
    n_covered: int | None
    coverage: float | None
    coverage_pct_raw: float | None
    extra: Json | None


def recognises_embedding_coverage(content: Content, _place: Place) -> bool:
    """An object of embeddings, each with `total`, `covered` and a breakdown by language or category."""
    if b'"covered"' not in content.data or not (b'"by_lang"' in content.data or b'"by_category"' in content.data):
        return False
    value = content.json
    return isinstance(value, dict) and any(
        isinstance(each, dict) and "covered" in each and ("by_lang" in each or "by_category" in each)
        for each in value.values()
    )


def recognises_list_of(*keys: str) -> Callable[[Content, Place], bool]:
    """A JSON list in which an object has all these keys."""

    def recognises(content: Content, _place: Place) -> bool:
        if not all(b'"%s"' % key.encode() in content.data for key in keys):
            return False
        value = content.json
        return isinstance(value, list) and any(
            isinstance(each, dict) and all(key in each for key in keys) for each in value
        )

    return recognises


@from_document(list)
def rows_sidecar(value: list[Any], harvest: Harvest) -> None:
    """A row per prompt."""
    harvest.take(numbered(value), lambda record, each: [_sidecar(each, number_of(record), harvest.place)])


@from_document(list)
def rows_corpus_queries(value: list[Any], harvest: Harvest) -> None:
    """A row per prompt."""
    harvest.take(numbered(value), lambda record, each: [_corpus_query(each, number_of(record), harvest.place)])


@from_document(list)
def rows_soft_matches(value: list[Any], harvest: Harvest) -> None:
    """A row per query, and one per threshold of it."""
    harvest.take(numbered(value), lambda record, each: _soft_match(each, number_of(record), harvest.place))


@from_document(dict)
def rows_embedding_coverage(value: dict[str, Any], harvest: Harvest) -> None:
    """A row per embedding, and one per language and category of it."""
    names: set[str] = set()

    def rows(record: Record, each: Mapping[str, Any]) -> list[Row]:
        if record.location in names:
            raise Unfit("an embedding of this name came before")
        names.add(record.location)
        return _coverage(record.location, each, harvest.place)

    harvest.take((Record(clean_text(name), each) for name, each in value.items()), rows)


def _sidecar(record: Mapping[str, Any], ordinal: int, place: Place) -> SidecarMeasurement:
    fields = Fields(record)
    drafted, accepted = fields.integer("draft_n"), fields.integer("draft_accepted")
    tokens, wall, raw = fields.integer("tokens"), fields.number("wall_time"), fields.number("acceptance_rate")
    has_counts = drafted is not None and accepted is not None and 0 <= accepted <= drafted and drafted > 0
    rate = accepted / drafted if has_counts and accepted is not None and drafted is not None else None
    wrong = rate is not None and raw is not None and abs(raw / 100 - rate) > RATE_ROUNDING
    run_dir = run_dir_of(place)
    return SidecarMeasurement(
        source_file_id=place.source_file_id,
        ordinal=ordinal,
        run_pk=naming.run_pk(run_dir),
        run_dir=run_dir,
        prompt_id=fields.text("prompt_id"),
        model=fields.text("model"),
        generation_tps=fields.number("speed_tps"),
        effective_tps=tokens / wall if tokens is not None and wall is not None and wall > 0 else None,
        generated_tokens=tokens,
        n_drafted=drafted,
        n_accepted=accepted,
        acceptance_rate=rate,
        acceptance_rate_raw=raw,
        wall_s=wall,
        quality_flags=("acceptance_invalid",) if wrong else (),
        extra=fields.rest(),
    )


def _corpus_query(record: Mapping[str, Any], ordinal: int, place: Place) -> CorpusQuery:
    fields = Fields(record)
    run_dir = run_dir_of(place)
    keyword, first, full = (Fields(fields.mapping(key)) for key in ("keyword", "first_tokens", "full_output"))
    return CorpusQuery(
        source_file_id=place.source_file_id,
        ordinal=ordinal,
        run_pk=naming.run_pk(run_dir),
        run_dir=run_dir,
        prompt_id=fields.text("prompt_id"),
        keyword_grams=keyword.integer("grams"),
        keyword_hits=keyword.integer("hits"),
        keyword_matches=keyword.integer("total_matches"),
        first_tokens_grams=first.integer("grams"),
        first_tokens_hits=first.integer("hits"),
        first_tokens_matches=first.integer("total_matches"),
        full_output_grams=full.integer("grams"),
        full_output_hits=full.integer("hits"),
        full_output_matches=full.integer("total_matches"),
        extra=merged_extra(fields, keyword=keyword, first_tokens=first, full_output=full),
    )


def _soft_match(record: Mapping[str, Any], ordinal: int, place: Place) -> list[Row]:
    fields = Fields(record)
    run_dir = run_dir_of(place)
    thresholds = fields.mapping("thresholds")
    if not all(isinstance(each, dict) for each in thresholds.values()):
        fields.put_back("thresholds")
    query = SoftMatchQuery(
        source_file_id=place.source_file_id,
        ordinal=ordinal,
        run_pk=naming.run_pk(run_dir),
        run_dir=run_dir,
        query=fields.text("query"),
        category=fields.text("category"),
        tokens=texts_of(fields, "tokens"),
        unknown_tokens=texts_of(fields, "oov_tokens"),
        extra=fields.rest(),
    )
    found: list[Row] = [query]
    for position, (name, each) in enumerate(thresholds.items(), start=1):
        if not isinstance(each, dict):
            continue
        threshold = finite_number(name, from_text=True)
        cells = Fields(each if threshold is not None else {**each, "threshold": name})
        found.append(
            SoftMatchThreshold(
                source_file_id=place.source_file_id,
                ordinal=ordinal,
                threshold_position=position,
                threshold=threshold,
                n_matches=cells.integer("n_matches"),
                latency_ms=cells.number("latency_ms"),
                sample_matches=cells.json("sample_matches"),
                extra=cells.rest(),
            )
        )
    return found


def _coverage(embedding: str, record: Mapping[str, Any], place: Place) -> list[Row]:
    fields = Fields(record)
    parts: list[Row] = []
    for breakdown, key in (("language", "by_lang"), ("category", "by_category")):
        names: set[str] = set()
        for name, each in fields.mapping(key).items():
            if not isinstance(each, dict) or clean_text(name) in names:
                fields.put_back(key)
                continue
            names.add(clean_text(name))
            cells = Fields(each)
            tokens, covered = cells.integer("total"), cells.integer("covered")
            parts.append(
                EmbeddingCoveragePart(
                    source_file_id=place.source_file_id,
                    embedding=embedding,
                    breakdown=breakdown,
                    name=clean_text(name),
                    n_tokens=tokens,
                    n_covered=covered,
                    coverage=_share(covered, tokens),
                    coverage_pct_raw=cells.number("pct"),
                    extra=cells.rest(),
                )
            )
    tokens, covered = fields.integer("total"), fields.integer("covered")
    whole = EmbeddingCoverage(
        source_file_id=place.source_file_id,
        embedding=embedding,
        n_tokens=tokens,
        n_covered=covered,
        coverage=_share(covered, tokens),
        coverage_pct_raw=fields.number("coverage_pct"),
        most_frequent_unknown=fields.json("top50_oov"),
        most_frequent_covered=fields.json("top50_covered"),
        extra=fields.rest(),
    )
    return [whole, *parts]


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole is not None and 0 <= part <= whole and whole > 0 else None


FORMATS: tuple[Format, ...] = (
    document_format("sidecar", recognises_list_of("draft_n", "draft_accepted"), rows_sidecar, SidecarMeasurement),
    document_format("corpus_queries", recognises_list_of("prompt_id", "full_output"), rows_corpus_queries, CorpusQuery),
    document_format(
        "soft_matches", recognises_list_of("query", "thresholds"), rows_soft_matches, SoftMatchQuery, SoftMatchThreshold
    ),
    document_format(
        "embedding_coverage",
        recognises_embedding_coverage,
        rows_embedding_coverage,
        EmbeddingCoverage,
        EmbeddingCoveragePart,
    ),
)
