"""Reads the local copy of a public set: its questions, each once, and what could not be used.

Belongs here: choosing splits, joining what stands there twice, rejects, the version of a copy. Does not belong here:
drawing (`suites.sampling`), columns (the adapters), file formats (`files`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, RowLeftOut, RowRejected, content_digest
from epyc_assets.suites.public.files import RAW_CHARACTERS, Unreadable, rows_of
from epyc_assets.suites.public.local_files import BROKEN, DataFile, data_files, missing_shards
from epyc_assets.suites.question import JSON, TIERS, Question, content_key

DATASETS_VARIABLE = "EPYC_DATASETS_DIR"
MOST_REJECTS = 200
"""Of one file; a file in another layout would fill the table with the same reason."""
ODD_ROW = (
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    ValueError,
    SyntaxError,
    RecursionError,
    MemoryError,
)
"""What adapters raise on a row of another shape than any that was published."""


class PublicSetMissing(ValueError):
    """There is no local copy of a public set, or nothing in it can be used; the message says what to put where."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A file or row of a local copy that cannot be used: where, why, and what it says."""

    source: str
    location: str
    reason: str
    raw_text: str

    def __post_init__(self) -> None:
        """Halves of surrogate pairs and bytes that are no UTF-8 are escaped: no table can hold them as they are."""
        for each in fields(self):
            text: str = getattr(self, each.name)
            object.__setattr__(self, each.name, text.encode("utf-8", "backslashreplace").decode())


@dataclass(frozen=True, slots=True)
class Candidate:
    """One question of a public set that could be drawn. key: of its content, the same at every prompt around it."""

    key: str
    tier: int
    draft: Draft
    place: Place


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """What is in the local copy of a set.

    candidates: each question once, ordered by key. files: those that were read, below the set's folder. duplicates:
    rows that say what another row says. left_out: reason to the number of rows that are not asked for it. version: of
    the files' contents and of the adapter.
    """

    adapter: PublicSet
    folder: Path
    candidates: Sequence[Candidate]
    files: Sequence[str]
    split: str
    rejects: Sequence[Reject]
    left_out: Mapping[str, int]
    duplicates: int
    version: str

    @property
    def sources(self) -> list[str]:
        """What rejects call the files that were read."""
        return [f"datasets/{self.adapter.suite}/{name}" for name in self.files]

    def per_tier(self) -> dict[int, int]:
        """Tier to the number of questions."""
        counts = Counter(candidate.tier for candidate in self.candidates)
        return {tier: counts[tier] for tier in TIERS}


def local_folder(adapter: PublicSet, datasets: Path) -> Path:
    """The folder of a set: named as the suite, else with `-` or nothing for `_` and in any case."""
    if (datasets / adapter.suite).is_dir():
        return datasets / adapter.suite
    plain = adapter.suite.replace("_", "")
    if datasets.is_dir():
        for folder in sorted(datasets.iterdir()):
            if folder.is_dir() and folder.name.casefold().replace("-", "").replace("_", "") == plain:
                return folder
    return datasets / adapter.suite


def read_local_copy(adapter: PublicSet, datasets: Path) -> LocalCopy:
    """The questions of a set in `<datasets>/<suite>/`, searched with all folders below.

    Of several splits the best one that is there is read. Raises PublicSetMissing when there is no folder, none of its
    files is the set's, or no row of them can be used; a file or row that cannot be read is a reject and stops nothing.
    """
    folder = local_folder(adapter, datasets)
    if not folder.is_dir():
        raise PublicSetMissing(_what_to_do(adapter, folder, "there is no such folder"))
    found, others = data_files(folder, adapter.wanted)
    if not found:
        there = f"it holds none of them, but {', '.join(others[:5])}" if others else "it is empty"
        raise PublicSetMissing(_what_to_do(adapter, folder, there))
    asked = [file for file in found if _rank(adapter, file.split) is not None]
    if not asked:
        splits = ", ".join(sorted({file.split for file in found}))
        wanted = " or ".join(adapter.splits)
        raise PublicSetMissing(_what_to_do(adapter, folder, f"only the {splits} split is there, not {wanted}"))
    best = min(_rank(adapter, file.split) or 0 for file in asked)
    chosen = [file for file in asked if _rank(adapter, file.split) == best]
    rejects = [
        Reject(
            source_of(adapter, file),
            "",
            f"{len(numbers)} of the files that belong to this one are missing (the first is number {numbers[0]:05d}), "
            "and so are their questions: complete the download",
            "",
        )
        for file, numbers in missing_shards(chosen).items()
    ]
    left_out: Counter[str] = Counter()
    drafts: list[tuple[Draft, Place]] = []
    for file in chosen:
        of_file: list[Reject] = []
        drafts += _drafts(adapter, file, of_file, left_out)
        rejects += of_file[:MOST_REJECTS]
        if len(of_file) > MOST_REJECTS:
            more = f"{len(of_file) - MOST_REJECTS} more rows of this file cannot be used"
            rejects.append(Reject(source_of(adapter, file), "", more, of_file[-1].reason))
    drafts = _of_best_split(adapter, drafts, left_out)
    candidates, duplicates = _each_once(adapter, drafts, rejects)
    if not candidates:
        reasons = [f"{each.source} {each.location}: {each.reason}" for each in rejects[:3]]
        reasons += [f"{count} rows: {reason}" for reason, count in left_out.most_common(3)]
        told = "; ".join(reasons) or "its files are empty"
        raise PublicSetMissing(_what_to_do(adapter, folder, f"no row of its files can be used ({told})"))
    return LocalCopy(
        adapter,
        folder,
        candidates,
        [str(file.name) for file in chosen],
        adapter.splits[best],
        rejects,
        dict(left_out),
        duplicates,
        f"{_contents_hash(chosen)}-{adapter.version}",
    )


def question_of(candidate: Candidate, copy: LocalCopy, seed: int) -> Question:
    """The question of a drawn candidate. Raises RowRejected when what was left for now cannot be decoded."""
    draft, adapter = candidate.draft, copy.adapter
    try:
        config = draft.config() if callable(draft.config) else draft.config
    except (RowRejected, RowLeftOut):
        raise
    except ODD_ROW as error:
        raise RowRejected(f"is not as published: {type(error).__name__}: {error}") from error
    except BROKEN as error:
        raise RowRejected(f"what belongs to it cannot be read: {error}") from error
    config = _as_json(config)
    return Question(
        question_id=content_key(adapter.suite, draft.prompt, draft.expected, draft.scorer, config),
        suite=adapter.suite,
        tier=draft.tier,
        prompt=draft.prompt,
        expected=draft.expected,
        scorer=draft.scorer,
        scorer_config=config,
        max_tokens=draft.max_tokens,
        source=adapter.source,
        source_version=copy.version,
        seed=seed,
        split="test",
    )


def reject_of(candidate: Candidate, copy: LocalCopy, reason: str) -> Reject:
    """The reject of a candidate that turned out not to be usable when it was drawn."""
    source = f"datasets/{copy.adapter.suite}/{candidate.place.file}"
    return Reject(source, candidate.place.location, reason, candidate.draft.content[:RAW_CHARACTERS])


def source_of(adapter: PublicSet, file: DataFile) -> str:
    """What rejects call a file of a local copy."""
    return f"datasets/{adapter.suite}/{file.name}"


def _what_to_do(adapter: PublicSet, folder: Path, fault: str) -> str:
    return (
        f"{adapter.title} has no local copy in {folder}: {fault}. Put its published files there "
        f"({'; '.join(adapter.expects)}), or name the folder above it in {DATASETS_VARIABLE}. See docs/public_sets.md."
    )


def _rank(adapter: PublicSet, split: str) -> int | None:
    """Place of a split in the adapter's order, 0 the best; None for one that is not asked."""
    if not split:
        return 0
    return adapter.splits.index(split) if split in adapter.splits else None


def _drafts(
    adapter: PublicSet, file: DataFile, rejects: list[Reject], left_out: Counter[str]
) -> Iterable[tuple[Draft, Place]]:
    source = source_of(adapter, file)
    for entry in rows_of(file, adapter):
        if isinstance(entry, Unreadable):
            rejects.append(Reject(source, entry.location, entry.reason, entry.raw_text))
            continue
        place, row = entry
        try:
            for draft in adapter.read(row, place):
                content_digest(draft.content, draft.prompt, draft.expected)
                yield draft, place
        except RowLeftOut as error:
            left_out[str(error)] += 1
        except RowRejected as error:
            rejects.append(Reject(source, place.location, str(error), _raw(row)))
        except ODD_ROW as error:
            # Told, and the next one read.
            reason = f"is not as published: {type(error).__name__}: {error}"
            rejects.append(Reject(source, place.location, reason, _raw(row)))


def _raw(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)[:RAW_CHARACTERS]


def _of_best_split(
    adapter: PublicSet, drafts: list[tuple[Draft, Place]], left_out: Counter[str]
) -> list[tuple[Draft, Place]]:
    """Of sets whose rows say what split they are of, the rows of the best one."""
    ranks = [_rank(adapter, draft.split) for draft, _ in drafts]
    known = [rank for rank in ranks if rank is not None]
    best = min(known, default=0)
    for (draft, _), rank in zip(drafts, ranks, strict=True):
        if rank != best:
            left_out[f"of the {draft.split} split; {adapter.splits[best]} is asked"] += 1
    return [each for each, rank in zip(drafts, ranks, strict=True) if rank == best]


def _each_once(
    adapter: PublicSet, drafts: list[tuple[Draft, Place]], rejects: list[Reject]
) -> tuple[list[Candidate], int]:
    """Candidates by key, whatever the order of files and rows, and how many rows said what others say.

    A question that stands there with two different answers to choose from is not asked: nobody knows which is right.
    """
    by_identity: dict[str, tuple[Draft, Place]] = {}
    for draft, place in drafts:
        identity = draft.identity or f"\x1f{draft.content}\x1f{draft.expected}"
        held = by_identity.get(identity)
        if held is None or _order(draft) < _order(held[0]):
            by_identity[identity] = (draft, place)
    by_key: dict[str, list[tuple[Draft, Place]]] = {}
    for draft, place in by_identity.values():
        by_key.setdefault(content_digest(adapter.suite, draft.content), []).append((draft, place))
    candidates: list[Candidate] = []
    contradicted = 0
    for key in sorted(by_key):
        same = sorted(by_key[key], key=lambda each: _order(each[0]))
        answers = {draft.expected for draft, _ in same if draft.scorer in ("multiple_choice", "exact_match")}
        if len(answers) > 1:
            contradicted += len(same)
            for draft, place in same:
                reason = f"the same question stands there with {len(answers)} different answers"
                rejects.append(Reject(f"datasets/{adapter.suite}/{place.file}", place.location, reason, draft.content))
            continue
        draft, place = same[0]
        candidates.append(Candidate(key, draft.tier, draft, place))
    return candidates, len(drafts) - len(candidates) - contradicted


def _order(draft: Draft) -> tuple[int, str]:
    return draft.preference, content_digest(draft.content, draft.prompt, draft.expected)


def _as_json(config: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The config as it comes back from the warehouse; raises RowRejected for what has no JSON text."""
    try:
        text = json.dumps(config, allow_nan=False, sort_keys=True, ensure_ascii=False)
        text.encode()
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise RowRejected(f"its tests or options have no JSON text: {error}") from error


def _contents_hash(files: Sequence[DataFile]) -> str:
    """First 12 hexadecimal digits of SHA-256 over the contents, whatever the files are called."""
    digests = []
    for path in {file.path for file in files}:
        try:
            with path.open("rb") as stream:
                digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError:  # a reject says so
            digests.append("unreadable")
    return hashlib.sha256(" ".join(sorted(digests)).encode()).hexdigest()[:12]
