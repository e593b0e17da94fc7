"""`epyc models`: list and add."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json, print_rows


@click.group("models")
def command() -> None:
    """List models, or add one from its GGUF file."""


@command.command("list")
@fleet_option
@json_option
def list_models(fleet: str, as_json: bool) -> None:
    """List a fleet's models as the registry has them, and whether their files are there."""
    from epyc_assets.registry.hosts import resolve_model_file
    from epyc_assets.registry.loading import load_registry

    registry = load_registry()
    entry = registry.fleet(fleet)
    host = registry.host_of(entry)
    rows = [
        {
            "model": model.name,
            "kind": model.kind,
            "architecture": model.architecture,
            "quantisation": model.quantisation,
            "size_bytes": model.size_bytes,
            "experts": model.expert_count,
            "drafts": model.drafts,
            "file": model.file,
            "present": resolve_model_file(model, host, registry.checkout) is not None,
            "deprecated": model.deprecated is not None,
        }
        for model in entry.models.values()
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ["model", "kind", "architecture", "quantisation", "size_bytes", "present"])


@command.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@fleet_option
@click.option("--dry-run", is_flag=True, help="Only show the entry; change nothing.")
@json_option
def add_model(file: Path, fleet: str, dry_run: bool, as_json: bool) -> None:
    """Draft a registry entry from a GGUF FILE and add it to a fleet, which is made when there is none.

    Says which of the fleet's drafts fit and which techniques are impossible, and why. A file outside the model
    roots is linked into the folder models of the data directory, which is one.
    """
    from epyc_assets.registry.drafting import (
        append_model_to_fleet,
        draft_registry_entry,
        impossible_techniques,
        judged_drafts,
        possible_drafts,
        render_yaml,
    )
    from epyc_assets.registry.entries import Fleet
    from epyc_assets.registry.gguf_file import GgufFault, read_gguf_facts, shard_files
    from epyc_assets.registry.hosts import model_roots, resolve_model_file
    from epyc_assets.registry.loading import load_registry
    from epyc_assets.warehouse.location import model_directory

    registry = load_registry()
    entry = registry.fleets.get(fleet) or Fleet(name=fleet, host="local")
    host = registry.hosts[entry.host]
    facts = read_gguf_facts(file)
    drafts = {}
    for name in possible_drafts(entry):
        path = resolve_model_file(entry.models[name], host, registry.checkout)
        if path is not None:
            with contextlib.suppress(GgufFault):
                drafts[name] = read_gguf_facts(path)
    roots = [root.resolve() for root in model_roots(host, registry.checkout)]
    root = next((root for root in roots if file.resolve().is_relative_to(root)), None)
    model = draft_registry_entry(facts, file, root=root, drafts=drafts)
    linked: list[Path] = []
    if not dry_run:
        if root is None:
            if model_directory().resolve() not in roots:
                raise ValueError(
                    f"{file} lies outside the model roots of host {host.name}: move it under one of them, or add "
                    f"{model_directory()} to model_roots in registry/hosts/{host.name}.yaml and run this again"
                )
            linked = _link(shard_files(file), model_directory())
        try:
            append_model_to_fleet(fleet_file(registry.directory, fleet), model)
        except BaseException:
            for path in linked:
                path.unlink(missing_ok=True)
            raise
    verdicts = {name: verdict.reason for name, verdict in judged_drafts(facts, drafts).items()}
    if as_json:
        row = model.model_dump(mode="json", exclude_defaults=True)
        print_json([{**row, "impossible": impossible_techniques(facts), "drafts_judged": verdicts}])
        return
    click.echo(render_yaml(model).rstrip())
    click.echo("")
    for technique, reason in impossible_techniques(facts).items():
        click.echo(f"{technique} is impossible: {reason}")
    for name, verdict in judged_drafts(facts, drafts).items():
        click.echo(f"draft {name}: {'fits' if verdict.fits else 'does not fit'}: {verdict.reason}")
    if dry_run:
        click.echo("Nothing was changed (--dry-run).")
        return
    for path in linked:
        click.echo(f"linked as {path}")
    click.echo(f"Added to fleet {fleet}. Next: epyc sweep --fleet {fleet} --model {model.name}")


def fleet_file(registry_directory: Path, fleet: str) -> Path:
    """The YAML file that holds a fleet's models, there or not."""
    folder = registry_directory / "fleets" / fleet
    return folder / "models.yaml" if folder.is_dir() else folder.with_name(f"{fleet}.yaml")


def _link(files: Sequence[Path], folder: Path) -> list[Path]:
    """Links files into folder and returns the new links; one that leads to the same file already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    links = {folder / file.name: file.resolve() for file in files}
    absent = {link: file for link, file in links.items() if not (link.exists() and link.resolve() == file)}
    for link in absent:
        if link.exists() or link.is_symlink():
            raise ValueError(f"{link} is there already and is another file; rename {link.name} or remove it")
    for link, file in absent.items():
        link.symlink_to(file)
    return list(absent)
