"""Constraints: why a config of a model must not be run, in words.

Reasons come from the registry (out of use, forbidden), from the model files (recurrent state, tokenizers), from limits
(memory, context) and from the backend. Not here: which configs there are (matrix), and that a file is missing is no
reason against a config but told apart (missing_file).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from epyc_assets.benchmark.loads import needed_bytes, resolved_load_parameters
from epyc_assets.benchmark.matrix import TECHNIQUES, Target, configs_of, registry_spelling
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.presets import Preset
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import BASELINE, Config
from epyc_assets.registry.entries import Fleet, Host, Model
from epyc_assets.registry.gguf_file import HYBRID_ARCHITECTURES, RECURRENT_ARCHITECTURES, Verdict, draft_fits

SERVED_KINDS = ("chat", "draft", "base")
"""Kinds of model that can be asked questions; embedding and vision models need other questions."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What decides beside the config. files: by model name, those that are there. verdicts: whether a draft fits a
    target, by (target, draft), for pairs that both have a file; a pair without one is told by the registry alone."""

    fleet: Fleet
    host: Host
    backend: Backend
    files: Mapping[str, ModelFile]
    verdicts: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A config of a model. not_allowed: why it must not be run, None where it may. no_file: the file it lacks."""

    config: Config
    not_allowed: str | None
    no_file: str | None = None


def candidates(
    model: Model, conditions: Conditions, preset: Preset, techniques: Collection[str] = TECHNIQUES
) -> list[Candidate]:
    """All configs of a model that a preset holds, of the given techniques, with the reasons against them.

    A model that is not run at all has one, its baseline. A model of kind draft that lists no drafts is measured for its
    own speed, and not speculated for. Raises ValueError for a technique that does not exist.
    """
    unknown = [technique for technique in techniques if technique not in TECHNIQUES]
    if unknown:
        raise ValueError(f"no sweep runs the technique {unknown[0]!r}; there is: {', '.join(TECHNIQUES)}")
    reason = model_objection(model)
    if reason is not None:
        return [Candidate(BASELINE, reason)] if BASELINE.technique in techniques else []
    found: list[Candidate] = []
    speculated_for = model.kind != "draft" or bool(model.drafts)
    for config in configs_of(target_of(model, conditions), preset):
        if config.technique in techniques and (speculated_for or not config.is_speculative):
            not_allowed = objection(model, config, conditions)
            no_file = missing_file(model, config, conditions) if not_allowed is None else None
            found.append(Candidate(config, not_allowed, no_file))
    return found


def target_of(model: Model, conditions: Conditions) -> Target:
    """What the matrix is made from: the file's own facts before the registry entry's.

    Drafts that can be used come first, so that a preset of few drafts does not spend them on refused ones. Where
    speculation is ruled out and no draft is listed, the fleet's
    first draft stands for all, so that the reason is told.
    """
    file = conditions.files.get(model.name)
    facts = file.facts if file else None
    architecture = facts.architecture if facts else model.architecture
    used = facts.expert_used_count if facts else model.expert_used_count
    drafts = sorted(dict.fromkeys(model.drafts), key=lambda name: _cannot_be_used(model, name, conditions))
    if not drafts and _speculation_is_ruled_out(model, conditions):
        drafts = [name for name, other in conditions.fleet.models_in_use().items() if other.kind == "draft"][:1]
    variants = tuple(each for each in conditions.fleet.sweeps if not each.models or model.name in each.models)
    return Target(architecture, used, tuple(drafts), variants)


def model_objection(model: Model) -> str | None:
    """Why a model is not run at all; such a model has one config in the plan, its baseline, with this reason."""
    if model.kind not in SERVED_KINDS:
        return f"a model of kind {model.kind} is not asked text questions"
    if model.deprecated is not None:
        return f"deprecated in the registry: {model.deprecated.reason}"
    if (reason := model.forbidden_reason("baseline")) is not None:
        return f"forbidden in the registry: {reason}"
    return None


def objection(model: Model, config: Config, conditions: Conditions) -> str | None:
    """Why a config must not be run, the most telling reason first; None where it may."""
    reason = model_objection(model)
    if reason is None and (forbidden := model.forbidden_reason(registry_spelling(config.technique))) is not None:
        reason = f"forbidden in the registry: {forbidden}"
    if reason is None and config.is_speculative:
        reason = _state_objection(model, conditions)
    if reason is None and config.spec is not None:
        reason = _draft_objection(model, config.spec.draft, conditions)
    return reason or _limit_objection(model, config, conditions) or conditions.backend.objection(config)


def missing_file(model: Model, config: Config, conditions: Conditions) -> str | None:
    """Which file a config lacks, in words; None where all are there."""
    if model.name not in conditions.files:
        return f"no file {model.file} under the model roots of the host"
    draft = config.spec.draft if config.spec else None
    if draft is not None and draft not in conditions.files:
        return f"no file {conditions.fleet.models[draft].file} of the draft {draft} under the model roots of the host"
    return None


def read_verdicts(pairs: Iterable[tuple[str, str]], files: Mapping[str, ModelFile]) -> dict[tuple[str, str], Verdict]:
    """Whether drafts fit targets, by (target, draft), of the pairs with both files' facts. Facts must hold the tokens
    (as read_gguf_facts gives them) unless the tokenizers are equal."""
    found: dict[tuple[str, str], Verdict] = {}
    for target, draft in pairs:
        facts = [file.facts if (file := files.get(name)) else None for name in (target, draft)]
        if facts[0] is not None and facts[1] is not None:
            found[(target, draft)] = draft_fits(facts[0], facts[1])
    return found


def _state_objection(model: Model, conditions: Conditions, said: str = "the model") -> str | None:
    """A state that cannot be rolled back, by the file's metadata; without a file by the entry's architecture."""
    file = conditions.files.get(model.name)
    if file is not None and file.facts is not None:
        architecture = file.facts.architecture
        kind = "recurrent" if file.facts.is_recurrent else "hybrid" if file.facts.is_hybrid else None
    else:
        architecture = model.architecture
        recurrent, hybrid = architecture in RECURRENT_ARCHITECTURES, architecture in HYBRID_ARCHITECTURES
        kind = "recurrent" if recurrent else "hybrid" if hybrid else None
    if kind is None:
        return None
    return f"{said} is {kind} ({architecture}): its state cannot be rolled back after a rejected draft"


def _draft_objection(model: Model, draft: str, conditions: Conditions) -> str | None:
    other = conditions.fleet.models.get(draft)
    if other is None:
        return f"there is no model {draft} in fleet {conditions.fleet.name} that could draft"
    if draft == model.name:
        return "a model cannot draft for itself: a draft costs as much as the answer"
    if other.deprecated is not None:
        return f"the draft {draft} is deprecated in the registry: {other.deprecated.reason}"
    files = conditions.files.get(model.name), conditions.files.get(draft)
    if files[0] is not None and files[1] is not None and files[0].sha256 and files[0].sha256 == files[1].sha256:
        return f"the draft {draft} has the same file as the model: a draft costs as much as the answer"
    reason = _state_objection(other, conditions, f"the draft {draft}")
    if reason is not None:
        return reason
    verdict = conditions.verdicts.get((model.name, draft))
    if verdict is not None and not verdict.fits:
        return f"the draft {draft} does not fit: {verdict.reason}"
    return None


def _limit_objection(model: Model, config: Config, conditions: Conditions) -> str | None:
    parameters = resolved_load_parameters(model, conditions.host, config)
    context = parameters.context_tokens or 0
    longest = max((part.draft_tokens for part in (config.spec, config.lookup) if part), default=0)
    if longest and context and longest >= context:
        return f"drafts of {longest} tokens do not fit into a context of {context} tokens"
    drafts = [conditions.fleet.models[config.spec.draft]] if config.spec else []
    there = conditions.host.memory_bytes
    try:
        needed = needed_bytes(model, parameters, drafts, conditions.files)
    except ValueError as error:  # A KV type that does not exist, say.
        return str(error)
    if needed is None or not there or needed <= there:
        return None
    beside = f" with the draft {drafts[0].name}" if drafts else ""
    return (
        f"does not fit into memory{beside}: needs about {needed / 2**30:.1f} GiB, the host has {there / 2**30:.1f} GiB"
    )


def _cannot_be_used(model: Model, draft: str, conditions: Conditions) -> bool:
    return draft not in conditions.files or _draft_objection(model, draft, conditions) is not None


def _speculation_is_ruled_out(model: Model, conditions: Conditions) -> bool:
    forbidden = model.forbidden_reason("spec") is not None
    return model.kind != "draft" and (forbidden or _state_objection(model, conditions) is not None)
