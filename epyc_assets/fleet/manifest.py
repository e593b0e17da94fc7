"""The manifest beside the shipped files: what each file is, how it came to be and what was measured on it.

Belongs here: reading, writing and checking `manifest.json`. Does not belong here: training or measuring.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 1
LICENCE = "MIT"
MANIFEST_NAME = "manifest.json"
NOTE = (
    "Tiny models trained by `epyc fleet train` on generated questions. Numbers measured with them say "
    "nothing about real models."
)


class ManifestFault(ValueError):
    """The manifest cannot be read or does not describe the files beside it."""


@dataclass(frozen=True, slots=True)
class FleetFile:
    """One file of the fleet.

    `trained_on` weighs suites by number of examples, a mapping per stage. `held_out` is the share of test
    questions answered word for word, by suite and tier; `held_out_by_experts` its mean over all suites, for every
    number of experts used.
    """

    file: str
    sha256: str
    bytes: int
    architecture: str
    description: str
    parameters: int
    trained: bool
    trained_on: Sequence[Mapping[str, float]]
    seed: int
    steps: int
    final_loss: float
    training_s: float
    held_out: Mapping[str, Mapping[str, float]]
    held_out_by_experts: Mapping[str, float]
    licence: str = LICENCE


def file_sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(directory: Path) -> list[FleetFile]:
    """The entries of `directory/manifest.json`; raises ManifestFault when it is missing or malformed."""
    path = directory / MANIFEST_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [FleetFile(**entry) for entry in content["files"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestFault(
            f"Cannot read the fleet's manifest {path}: {error}. `epyc fleet train` writes a new one."
        ) from error


def write_manifest(directory: Path, files: list[FleetFile]) -> None:
    """Write `manifest.json` in one step, entries in the order given."""
    content = {
        "format": FORMAT,
        "note": NOTE,
        "licence": LICENCE,
        "files": [asdict(entry) for entry in files],
    }
    path = directory / MANIFEST_NAME
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def verify_files(directory: Path) -> list[FleetFile]:
    """Check that every file of the manifest is there with its sha256; returns the entries.

    Raises ManifestFault naming every file that differs.
    """
    entries = read_manifest(directory)
    faults = []
    for entry in entries:
        path = directory / entry.file
        if not path.is_file():
            faults.append(f"{entry.file} is missing")
        elif file_sha256(path) != entry.sha256:
            faults.append(f"{entry.file} has other content than its sha256 in the manifest")
    if faults:
        raise ManifestFault(
            f"The fleet in {directory} is not what its manifest says: {'; '.join(faults)}. "
            "Check the files out again, or run `epyc fleet train`."
        )
    return entries


def markdown_tables(entries: list[FleetFile]) -> str:
    """The manifest as the two tables of docs/demo_fleet.md: the files, and the held-out shares in percent."""
    lines = [
        "| model | architecture | parameters | MB | steps | seed | final loss | training, s |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {entry.file.removesuffix('.gguf')} | {entry.architecture} | {entry.parameters:,} | {entry.bytes / 1e6:.1f} "
        f"| {entry.steps} | {entry.seed} | {entry.final_loss:.3f} | {entry.training_s:.0f} |"
        for entry in entries
    ]
    suites = sorted({suite for entry in entries for suite in entry.held_out})
    lines += ["", f"| model | {' | '.join(suites)} |", f"|---|{'---:|' * len(suites)}"]
    for entry in entries:
        cells = [
            f"{_percent(rates.get('all'))} ({'/'.join(_percent(rates.get(tier)) for tier in '123')})"
            for rates in (entry.held_out.get(suite, {}) for suite in suites)
        ]
        lines.append(f"| {entry.file.removesuffix('.gguf')} | {' | '.join(cells)} |")
    for entry in entries:
        if entry.held_out_by_experts:
            used, shares = zip(*entry.held_out_by_experts.items(), strict=True)
            lines += [
                "",
                f"| experts used by {entry.file.removesuffix('.gguf')} | {' | '.join(used)} |",
                f"|---|{'---:|' * len(used)}",
                f"| mean over suites | {' | '.join(_percent(share) for share in shares)} |",
            ]
    return "\n".join(lines) + "\n"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}"
