"""Makes the demo fleet: trains every recipe, writes its GGUF, measures it, and keeps the manifest.

Belongs here: the one function behind `epyc fleet train`. Does not belong here: the models' choices
(`recipes`), the training loop (`training`), the file layout (`gguf_writing`).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from epyc_assets.fleet.gguf_writing import write_gguf
from epyc_assets.fleet.heldout import QUESTIONS_PER_SUITE, held_out_rates
from epyc_assets.fleet.manifest import (
    MANIFEST_NAME,
    FleetFile,
    file_sha256,
    read_manifest,
    write_manifest,
)
from epyc_assets.fleet.recipes import Recipe, recipes
from epyc_assets.fleet.tokenizer import Tokenizer, fleet_tokenizer
from epyc_assets.fleet.training import Progress, Trained, train_in_stages

SEEDS_APART = 1000  # between the models of two fleet seeds


class UnknownRecipe(ValueError):
    """A model was asked for that is not part of the fleet."""


def train_fleet(
    output_directory: Path,
    *,
    seed: int = 0,
    minutes_scale: float = 1.0,
    only: Collection[str] | None = None,
    held_out_questions: int = QUESTIONS_PER_SUITE,
    progress: Progress = lambda line: None,
) -> list[FleetFile]:
    """Train the fleet, or the models named by `only`, into a directory; returns the manifest's entries.

    `minutes_scale` multiplies the steps of every model: 1 takes an hour or more on two cores, 0.05 a few
    minutes and gives models that know little. A finished model's file and manifest entry are written at
    once, so an interrupted run keeps what it has; entries of models left out stay as they are. The same
    seed gives the same training data and initial weights; the weights after training can differ in their
    last digits between machines. Raises UnknownRecipe, and ValueError for a scale that is not positive.
    """
    if not minutes_scale > 0:
        raise ValueError(f"minutes_scale is {minutes_scale}: give a number above 0.")
    tokenizer = fleet_tokenizer()
    chosen = recipes(len(tokenizer.tokens))
    known = [recipe.name for recipe in chosen]
    if unknown := sorted(set(only or ()) - set(known)):
        raise UnknownRecipe(f"No model {', '.join(unknown)} in the demo fleet; there are {', '.join(known)}.")
    output_directory.mkdir(parents=True, exist_ok=True)
    entries: dict[str, FleetFile] = {}
    if (output_directory / MANIFEST_NAME).exists():
        entries = {entry.file: entry for entry in read_manifest(output_directory)}
    for recipe in chosen:
        if only and recipe.name not in only:
            continue
        trained = train_in_stages(
            recipe,
            tokenizer,
            seed=seed * SEEDS_APART + recipe.seed_offset,
            minutes_scale=minutes_scale,
            progress=lambda line, name=recipe.name: progress(f"{name}: {line}"),
        )
        entry = save_trained(output_directory, recipe, trained, tokenizer, held_out_questions=held_out_questions)
        entries[entry.file] = entry
        in_order = {f"{name}.gguf": entries[f"{name}.gguf"] for name in known if f"{name}.gguf" in entries}
        write_manifest(output_directory, list(in_order.values()))
        progress(f"{recipe.name}: wrote {entry.file}, {entry.bytes:,} bytes")
    return read_manifest(output_directory)


def save_trained(
    output_directory: Path,
    recipe: Recipe,
    trained: Trained,
    tokenizer: Tokenizer,
    *,
    held_out_questions: int = QUESTIONS_PER_SUITE,
) -> FleetFile:
    """Write a trained model's GGUF, measure it on held-out questions and give its manifest entry."""
    path = output_directory / f"{recipe.name}.gguf"
    shape = trained.shape
    write_gguf(path, trained.parameters, shape, tokenizer, name=recipe.name, description=recipe.description)
    by_experts: dict[str, float] = {}
    for used in range(1, shape.experts + 1):
        rates = held_out_rates(
            trained.parameters, shape, tokenizer, questions_per_suite=held_out_questions, experts_used=used
        )
        by_experts[str(used)] = round(sum(rate["all"] for rate in rates.values()) / len(rates), 4)
    return FleetFile(
        file=path.name,
        sha256=file_sha256(path),
        bytes=path.stat().st_size,
        architecture=shape.architecture,
        description=recipe.description,
        parameters=sum(tensor.numel() for tensor in trained.parameters.values()),
        trained=True,
        trained_on=[dict(stage.mixture) for stage in recipe.stages],
        seed=trained.seed,
        steps=trained.steps,
        final_loss=round(trained.final_loss, 4),
        training_s=round(trained.training_s, 1),
        held_out=held_out_rates(trained.parameters, shape, tokenizer, questions_per_suite=held_out_questions),
        held_out_by_experts=by_experts,
    )
