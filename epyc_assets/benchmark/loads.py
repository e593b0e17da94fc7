"""Loads: with what a model is loaded for a config, which configs can share that, and what measuring a group of configs
costs in loads.

Pure functions over typed values. Not here: which configs there are (matrix), opening sessions (journalled_session),
running rounds (rounds).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from epyc_assets.benchmark.matrix import identity
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import BASELINE, Config, LoadParameters
from epyc_assets.inference.memory import memory_needed_bytes
from epyc_assets.registry.entries import Host, Model

DEFAULT_CONTEXT_TOKENS = 4096
"""Context allocated where the registry says nothing and the model was trained for no less."""

MEMORY_MARGIN_RATIO = 1.05
"""Memory a loaded model is taken to need over its file size where the header was not read: KV cache, buffers."""

ASSUMED_READ_BYTES_PER_S = 2e9
"""Reading a model file into memory: what one NVMe drive gives; used until a load of the model was measured."""

REFERENCE = "compared with"
"""Reason of an item that is measured because others are compared with it."""


@dataclass(frozen=True, slots=True)
class SpeedItem:
    """One config to measure in interleaved rounds. reason: missing, stale, or compared with (REFERENCE)."""

    model: Model
    config: Config
    speed_key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Load:
    """One way a model is loaded, and what shares it. drafts: loaded beside the model. needed_bytes: None when a size
    is not known."""

    key: str
    config_ids: tuple[str, ...]
    drafts: tuple[str, ...]
    needed_bytes: int | None


@dataclass(frozen=True, slots=True)
class MeasuringGroup:
    """What one model's rounds load. items: the configs, references among them, in the order of their loads.

    side_by_side: all loads are held at once; else each round goes through them one after another. load_s: loading the
    model once; measured_load says whether it was measured or is the file over ASSUMED_READ_BYTES_PER_S; None when
    neither is known.
    """

    model: Model
    items: tuple[SpeedItem, ...]
    loads: tuple[Load, ...]
    side_by_side: bool
    memory_bytes: int | None
    load_s: float | None
    measured_load: bool

    @property
    def needed_bytes(self) -> int | None:
        """Memory of all loads together."""
        sizes = [load.needed_bytes for load in self.loads]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def speed_keys(self) -> dict[str, str]:
        """By config_id, references among them: what a measuring job is given."""
        return {identity(item.config): item.speed_key for item in self.items}

    def load_count(self, rounds: int) -> int:
        """How often the model is loaded for so many rounds."""
        return len(self.loads) if self.side_by_side else len(self.loads) * rounds

    def alternating_s(self, rounds: int) -> float | None:
        """Seconds spent on loading beyond what holding all loads at once would take; 0 where they are held."""
        if self.load_s is None:
            return None
        return self.load_s * (self.load_count(rounds) - len(self.loads))

    def sentence(self, rounds: int) -> str:
        """How the loads are held and why, in words."""
        count, there, needed = len(self.loads), self.memory_bytes, self.needed_bytes
        of_memory = f"{(needed or 0) / 1e9:.4g} of {(there or 0) / 1e9:.4g} GB"
        if count == 1:
            return "one load for all configs" + (f" ({of_memory})" if needed and there else "")
        if self.side_by_side:
            return f"side by side: {count} loads held at once ({of_memory})"
        why = f"all at once would take {of_memory}" if needed and there else "how large they are is not known"
        lost = self.alternating_s(rounds)
        source = "by an earlier load" if self.measured_load else f"assuming {ASSUMED_READ_BYTES_PER_S / 1e9:g} GB/s"
        cost = "" if lost is None else f", about {lost:,.0f} s more than side by side, {source}"
        return f"alternating: {why}; {self.load_count(rounds)} loads in {rounds} rounds{cost}"


def resolved_load_parameters(model: Model, host: Host, config: Config) -> LoadParameters:
    """Load parameters of a config: its own over the model's registry entry over the host's defaults."""
    own = model.load_parameters
    flash = own.flash_attention
    of_model = LoadParameters(
        context_tokens=own.context_tokens,
        threads=own.threads,
        batch_tokens=own.batch_tokens,
        micro_batch_tokens=own.ubatch_tokens,
        flash_attention=None if flash is None else "on" if flash else "off",
        kv_type=own.kv_type,
        mmap=own.mmap,
    )
    context = min(DEFAULT_CONTEXT_TOKENS, model.context_tokens or DEFAULT_CONTEXT_TOKENS)
    defaults = LoadParameters(context_tokens=context, threads=host.default_threads or host.cores or 1)
    return config.load_parameters(of_model.merged_over(defaults))


def load_key(model: Model, host: Host, config: Config, backend: Backend) -> str:
    """Configs of a model with the same key can share a session."""
    speculation = config.speculation if backend.speculation_at_load else None
    return repr((resolved_load_parameters(model, host, config), config.launch, speculation))


def size_bytes(model: Model, files: Mapping[str, ModelFile]) -> int | None:
    """Size of a model's file: as its header says, else as the registry does."""
    file = files.get(model.name)
    return file.facts.file_bytes if file and file.facts else model.size_bytes


def needed_bytes(
    model: Model, parameters: LoadParameters, drafts: Iterable[Model], files: Mapping[str, ModelFile]
) -> int | None:
    """Memory that a load takes: weights, caches at the context and buffers of the model and of its drafts, which are
    loaded with the model's context; without a header the file's size and a margin. None where a size is not known."""
    total = 0
    for each in (model, *drafts):
        file = files.get(each.name)
        if file is not None and file.facts is not None:
            own = parameters if each is model else replace(parameters, kv_type=None, metadata_overrides={})
            total += memory_needed_bytes(file.facts, own).total
        elif each.size_bytes is not None:
            total += round(each.size_bytes * MEMORY_MARGIN_RATIO)
        else:
            return None
    return total


def measuring_group(
    items: Sequence[SpeedItem],
    *,
    models: Mapping[str, Model],
    host: Host,
    backend: Backend,
    files: Mapping[str, ModelFile],
    measured_load_s: Mapping[str, float],
) -> MeasuringGroup:
    """The loads of one model's items, as few as measuring allows: configs with the same load key share one.

    items: at least one, of one model, references included. models: of the fleet, for the drafts. On a backend that
    fixes speculation at the start each speculation has a load of its own (load_key); others load all drafts beside the
    model once. Only where these do not fit into memory together is a load split by draft.
    """
    model = items[0].model
    by_key: dict[str, list[SpeedItem]] = {}
    for item in items:
        by_key.setdefault(load_key(model, host, item.config, backend), []).append(item)
    there = host.memory_bytes
    loads: list[Load] = []
    for key, sharing in by_key.items():
        load = _load(key, model, sharing, models, host, files)
        if there and load.needed_bytes is not None and load.needed_bytes > there and len(load.drafts) > 1:
            parts = _by_draft(sharing).items()
            loads += [_load(f"{key} with {draft}", model, part, models, host, files) for draft, part in parts]
        else:
            loads.append(load)
    sizes = [load.needed_bytes for load in loads]
    known = [size for size in sizes if size is not None]
    side_by_side = len(loads) == 1 or (bool(there) and len(known) == len(sizes) and sum(known) <= (there or 0))
    measured_s, size = measured_load_s.get(model.name), size_bytes(model, files)
    order = {config_id: place for place, load in enumerate(loads) for config_id in load.config_ids}
    return MeasuringGroup(
        model=model,
        items=tuple(sorted(items, key=lambda item: order[identity(item.config)])),
        loads=tuple(loads),
        side_by_side=side_by_side,
        memory_bytes=there,
        load_s=measured_s if measured_s is not None else size / ASSUMED_READ_BYTES_PER_S if size else None,
        measured_load=measured_s is not None,
    )


def references(configs: Iterable[Config]) -> list[Config]:
    """What configs are compared with in the same rounds: the baseline, and of a speculative config the same one
    without speculation. Each once, the baseline first."""
    found = {identity(BASELINE): BASELINE}
    for config in configs:
        if config.is_speculative:
            found.setdefault(identity(config.without_speculation), config.without_speculation)
    return list(found.values())


def _load(
    key: str,
    model: Model,
    sharing: Sequence[SpeedItem],
    models: Mapping[str, Model],
    host: Host,
    files: Mapping[str, ModelFile],
) -> Load:
    drafts = tuple(dict.fromkeys(item.config.spec.draft for item in sharing if item.config.spec))
    parameters = resolved_load_parameters(model, host, sharing[0].config)
    needed = needed_bytes(model, parameters, [models[name] for name in drafts], files)
    return Load(key, tuple(identity(item.config) for item in sharing), drafts, needed)


def _by_draft(sharing: Sequence[SpeedItem]) -> dict[str, list[SpeedItem]]:
    """Items by draft; those without one go with the first."""
    drafts = [item.config.spec.draft for item in sharing if item.config.spec]
    parts: dict[str, list[SpeedItem]] = {draft: [] for draft in drafts}
    for item in sharing:
        parts[item.config.spec.draft if item.config.spec else drafts[0]].append(item)
    return parts
