"""Doubts about what the registry says of the world: shown by an asset check, no reason to refuse loading.

What belongs here: contradictions and implausible figures in a registry that is sound as YAML. What does not:
dangling names and wrong types (`references`, `loading`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epyc_assets.registry.entries import Fleet, Host, MeasuredFigure, Model
from epyc_assets.registry.gguf_file import HYBRID_ARCHITECTURES, RECURRENT_ARCHITECTURES
from epyc_assets.registry.loading import Registry
from epyc_assets.registry.vocabulary import technique_parts

BITS_PER_WEIGHT = {
    "Q2_K": 3.0,
    "Q3_K_M": 3.9,
    "Q4_0": 4.6,
    "Q4_K_S": 4.6,
    "Q4_K_M": 4.9,
    "Q4_K_XL": 4.9,
    "Q5_K_S": 5.5,
    "Q5_K_M": 5.7,
    "Q6_K": 6.6,
    "Q6_K_L": 6.7,
    "Q8_0": 8.5,
    "F16": 16.0,
    "BF16": 16.0,
    "F32": 32.0,
}
"""Typical bits per weight of a whole file (llama.cpp, tools/quantize); small models lie above."""

FINDING_KINDS = {
    "draft_deprecated": "a draft that is in use elsewhere was taken out of use",
    "draft_without_target": "a draft that no model lists",
    "served_draft_not_listed": "a role is served with a draft that its model does not list",
    "role_model_deprecated": "a role in use is filled by a model that is not",
    "role_without_model": "a role in use that no model fills",
    "deprecation_disagrees": "one role says a file is gone, another uses it",
    "retired_but_in_use": "a file is listed as deleted and used by a role",
    "tier_d_not_a_draft": "a role among the drafts is filled by a model of another kind",
    "size_unknown": "nobody knows how large the file is",
    "size_disagrees": "size, parameters and quantisation do not go together",
    "quantisation_disagrees": "the file name states another quantisation",
    "speculation_on_recurrent": "drafts or lookup are allowed although the architecture is recurrent",
    "untrusted_figure": "figures kept with a doubt",
    "implausible_figure": "a figure no machine of this kind can reach, or that others contradict",
    "untrusted_quirk": "a quirk kept with a doubt",
    "service_runs_other_model": "a service runs another file than its role names",
    "service_without_role": "a service that belongs to no role",
    "service_port_shared": "two services use one port",
    "bandwidth_disagrees": "two figures for the memory bandwidth do not go together",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: in which fleet, about what, of which kind (a key of FINDING_KINDS), and its particulars."""

    fleet: str
    subject: str
    kind: str
    detail: str


def registry_findings(registry: Registry) -> list[Finding]:
    """Every doubt about every fleet, its host included, in the order of the files."""
    findings: list[Finding] = []
    for fleet in registry.fleets.values():
        host = registry.hosts[fleet.host]
        found = (
            *_host_findings(host),
            *_model_findings(fleet, host),
            *_role_findings(fleet),
            *_service_findings(fleet),
            *_retired_findings(fleet),
        )
        findings.extend(Finding(fleet.name, subject, kind, detail) for subject, kind, detail in found)
    for quirk in registry.quirks:
        if not quirk.trusted:
            detail = quirk.doubt or "no doubt is given"
            findings.append(Finding("", f"quirk {quirk.id}", "untrusted_quirk", detail))
    return findings


_Found = tuple[str, str, str]


def _host_findings(host: Host) -> Iterator[_Found]:
    subject = f"host {host.name}"
    nominal = host.nominal_bandwidth_bytes_per_s
    if nominal and host.memory_channels and host.memory_transfers_per_s:
        expected = host.memory_channels * host.memory_transfers_per_s * 8
        if not 0.99 <= nominal / expected <= 1.01:
            given = f"{host.memory_channels} channels give {expected / 1e9:.1f}"
            detail = f"nominal {nominal / 1e9:.1f} GB/s, but {given}"
            yield subject, "bandwidth_disagrees", detail
    for figure in host.measured:
        if figure.name == "memory_bandwidth" and nominal and not figure.trusted:
            detail = f"{figure.value / 1e9:.1f} beside nominal {nominal / 1e9:.1f} GB/s: {figure.doubt}"
            yield subject, "bandwidth_disagrees", detail


def _model_findings(fleet: Fleet, host: Host) -> Iterator[_Found]:
    listed = {draft for model in fleet.models.values() for draft in model.drafts}
    for name, model in fleet.models.items():
        subject = f"model {name}"
        if model.deprecated is None:
            for draft in model.drafts:
                gone = fleet.models[draft].deprecated
                if gone is not None:
                    yield subject, "draft_deprecated", f"lists {draft}: {gone.reason}"
            if model.kind == "draft" and name not in listed:
                yield subject, "draft_without_target", "no model lists it among its drafts"
        if model.kind != "external" and model.size_bytes is None and model.shard_count > 1:
            yield subject, "size_unknown", f"{model.shard_count} files; {model.note or 'no size is given'}"
        yield from _size_findings(subject, model)
        rolls_back = model.architecture not in HYBRID_ARCHITECTURES | RECURRENT_ARCHITECTURES
        if not rolls_back and model.forbidden_reason("spec") is None:
            detail = (
                f"{model.architecture} has recurrent layers, whose state llama.cpp cannot roll back; "
                "only a build that saves and restores it can use drafts"
            )
            yield subject, "speculation_on_recurrent", detail
        doubted = [figure for figure in model.measured if not figure.trusted]
        if doubted:
            doubts = "; ".join(dict.fromkeys(figure.doubt or "" for figure in doubted))
            yield subject, "untrusted_figure", f"{len(doubted)} of {len(model.measured)} figures: {doubts}"
        yield from _figure_findings(subject, model, host)


def _size_findings(subject: str, model: Model) -> Iterator[_Found]:
    quantisation = (model.quantisation or "").upper()
    if model.size_bytes and model.parameter_count and quantisation in BITS_PER_WEIGHT:
        bits = 8 * model.size_bytes / model.parameter_count
        expected = BITS_PER_WEIGHT[quantisation]
        if not 0.75 <= bits / expected <= 1.8:
            detail = f"{bits:.1f} bits per parameter, where {quantisation} has about {expected:g}"
            yield subject, "size_disagrees", detail
    if model.file and quantisation:
        written = re.findall(r"(?<![A-Z0-9])(I?Q\d_(?:K(?:_[SML]|_XL)?|[01])|B?F16|FP16|F32)", model.file.upper())
        stated = {word.replace("FP16", "F16") for word in written[-1:]}
        if stated and not any(quantisation.startswith(word) for word in stated):
            detail = f"{quantisation} here, {written[-1]} in the file name"
            yield subject, "quantisation_disagrees", detail


def _figure_findings(subject: str, model: Model, host: Host) -> Iterator[_Found]:
    bandwidth = host.measured_bandwidth_bytes_per_s or host.nominal_bandwidth_bytes_per_s
    rates = {
        (figure.role, figure.technique, figure.experts, figure.k, figure.conditions): figure
        for figure in model.measured
        if figure.name == "generation_tps"
    }
    for figure in model.measured:
        shown = _shown(figure)
        if figure.name == "generation_tps" and bandwidth and model.size_bytes and not model.is_moe:
            most = bandwidth / model.size_bytes * _most_tokens_per_step(figure)
            if figure.value > most:
                detail = f"{shown}: memory gives at most {most:.1f} ({bandwidth / 1e9:.0f} GB/s)"
                yield subject, "implausible_figure", detail
        if figure.name != "speedup_ratio":
            continue
        most_ratio = _most_tokens_per_step(figure)
        if figure.technique == "spec" and figure.k and figure.value > most_ratio:
            detail = f"{shown}: more than the {most_ratio:g} tokens a step can give at K={figure.k}"
            yield subject, "implausible_figure", detail
        key = (figure.role, figure.technique, figure.experts, figure.k, figure.conditions)
        fast, base = rates.get(key), rates.get((figure.role, "baseline", None, None, ""))
        if fast is not None and base is not None:
            ratio = fast.value / base.value
            if abs(ratio - figure.value) > 0.05 * figure.value:
                detail = f"{shown}, but its rates give {fast.value:g} / {base.value:g} = {ratio:.2f}"
                yield subject, "implausible_figure", detail


def _most_tokens_per_step(figure: MeasuredFigure) -> float:
    """Tokens one pass over the weights can yield: K+1 with a draft, without bound for lookup of unknown K."""
    parts = technique_parts(figure.technique) if figure.technique else frozenset()
    if "lookup" in parts or figure.technique is None:
        return float("inf")
    if "spec" in parts:
        return float(figure.k + 1) if figure.k else float("inf")
    return 1.0


def _shown(figure: MeasuredFigure) -> str:
    words = [
        figure.technique or "",
        f"K={figure.k}" if figure.k else "",
        figure.role or "",
        figure.conditions,
    ]
    return f"{figure.name} {figure.value:g} ({', '.join(word for word in words if word)})"


def _role_findings(fleet: Fleet) -> Iterator[_Found]:
    users: dict[str, list[str]] = {}
    for name, role in fleet.roles.items():
        if role.model is not None:
            users.setdefault(role.model, []).append(name)
        subject = f"role {name}"
        if role.deprecated is None:
            if role.model is None:
                yield subject, "role_without_model", "give it a model, or deprecate it"
            elif (gone := fleet.models[role.model].deprecated) is not None:
                yield subject, "role_model_deprecated", f"{role.model}: {gone.reason}"
            if role.tier == "D" and role.model and fleet.models[role.model].kind not in ("draft", "embedding"):
                yield (
                    subject,
                    "tier_d_not_a_draft",
                    f"{role.model} is of kind {fleet.models[role.model].kind}",
                )
        draft = role.served_with.draft if role.served_with else None
        if draft is not None:
            gone = fleet.models[draft].deprecated
            if gone is not None:
                yield subject, "draft_deprecated", f"is served with {draft}: {gone.reason}"
            if role.model and draft not in fleet.models[role.model].drafts:
                yield subject, "served_draft_not_listed", f"{draft} is not among the drafts of {role.model}"
    for model, names in users.items():
        gone_names = [name for name in names if fleet.roles[name].deprecated is not None]
        if gone_names and len(gone_names) < len(names):
            kept = [name for name in names if name not in gone_names]
            detail = f"out of use for {', '.join(gone_names)}, in use for {', '.join(kept)}"
            yield f"model {model}", "deprecation_disagrees", detail


def _service_findings(fleet: Fleet) -> Iterator[_Found]:
    ports: dict[int, str] = {}
    for name, service in fleet.services.items():
        subject = f"service {name}"
        if service.port is not None:
            if service.port in ports:
                yield (
                    subject,
                    "service_port_shared",
                    f"port {service.port} belongs to {ports[service.port]} too",
                )
            ports.setdefault(service.port, name)
        if service.role is None:
            yield subject, "service_without_role", f"runs {service.runs}"
        roles = [service.role, *service.also_roles] if service.role else service.also_roles
        for role_name in roles:
            model_name = fleet.roles[role_name].model
            file = fleet.models[model_name].file if model_name else None
            if file is not None and _file_stem(file) != _file_stem(service.runs):
                detail = f"runs {service.runs}; role {role_name} names {_file_stem(file)}.gguf"
                yield subject, "service_runs_other_model", detail


def _retired_findings(fleet: Fleet) -> Iterator[_Found]:
    users: dict[str, list[str]] = {}
    for name, role in fleet.roles.items():
        if role.model is not None and role.deprecated is None:
            users.setdefault(role.model, []).append(name)
    for retired in fleet.retired_files:
        for model in _in_order(retired.models):
            if model in users:
                detail = f"deleted {retired.deleted} ({retired.reason}), but used by {', '.join(users[model])}"
                yield f"model {model}", "retired_but_in_use", detail


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _file_stem(file: str) -> str:
    return re.sub(r"(-\d{5}-of-\d{5})?\.gguf$", "", file.rsplit("/", 1)[-1], flags=re.IGNORECASE)
