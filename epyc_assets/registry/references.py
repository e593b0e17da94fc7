"""Checks across entries: what a name refers to must exist, escalation must end, bounds must make sense.

What belongs here: faults that make the registry unusable. What does not: doubts about the world's data, such
as an implausible figure (`findings`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from epyc_assets.registry.entries import Fleet, Gate, MeasuredFigure, Model, Quirk, ServedWith
from epyc_assets.registry.faults import KeyPath, nearest
from epyc_assets.registry.vocabulary import SUITES, technique_parts

Problem = tuple[KeyPath, str]


def fleet_problems(
    fleet: Fleet,
    hosts: Collection[str],
    *,
    models: Collection[str] | None = None,
    roles: Collection[str] | None = None,
) -> Iterator[Problem]:
    """Everything in a fleet that refers to nothing, or contradicts itself.

    `models` and `roles` are the names that may be referred to; by default those of the fleet. They are
    more than those when some entries were refused for other faults.
    """
    model_names = fleet.models if models is None else models
    role_names = fleet.roles if roles is None else roles
    if fleet.host not in hosts:
        known = ", ".join(sorted(hosts)) or "none"
        yield ("host",), f'no host named "{fleet.host}"{nearest(fleet.host, hosts)}; hosts are: {known}'
    for name, model in fleet.models.items():
        yield from _model_problems(model_names, ("models", name), model)
        for index, figure in enumerate(model.measured):
            if figure.role is not None:
                yield from _one_role(role_names, ("models", name, "measured", index, "role"), figure.role)
    yield from _repeated_files(fleet)
    for name, role in fleet.roles.items():
        path: KeyPath = ("roles", name)
        if role.name != name:
            yield (*path, "name"), f'says "{role.name}", but the role is called "{name}": remove the line'
        yield from _one_model(model_names, (*path, "model"), role.model)
        yield from _model_references(model_names, (*path, "candidates"), role.candidates)
        yield from _repeated((*path, "candidates"), role.candidates)
        for index, target in enumerate(role.escalation):
            yield from _one_role(role_names, (*path, "escalation", index), target)
        for index, gate in enumerate(role.gates):
            yield from _gate_problems((*path, "gates", index), gate)
        for key, served in (("served_with", role.served_with), ("alternative", role.alternative)):
            if served is not None:
                yield from _served_problems(model_names, (*path, key), served)
    yield from _escalation_cycles(fleet)
    for name, service in fleet.services.items():
        path = ("services", name)
        if service.name != name:
            yield (*path, "name"), f'says "{service.name}", but the service is called "{name}"'
        if service.role is not None:
            yield from _one_role(role_names, (*path, "role"), service.role)
        for index, role_name in enumerate(service.also_roles):
            yield from _one_role(role_names, (*path, "also_roles", index), role_name)
        yield from _figure_problems((*path, "measured"), service.measured)
        if service.served_with is not None:
            yield from _served_problems(model_names, (*path, "served_with"), service.served_with)
    seen_suites: set[tuple[str, str, int]] = set()
    for index, questions in enumerate(fleet.question_sets):
        key = (questions.suite, questions.source or "generated", questions.seed)
        if key in seen_suites:
            yield (
                ("question_sets", index),
                f"the suite {questions.suite} with seed {questions.seed} is already listed: its questions "
                "would be asked twice",
            )
        seen_suites.add(key)
    for index, variant in enumerate(fleet.sweeps):
        yield from _model_references(model_names, ("sweeps", index, "models"), variant.models)
    for index, retired in enumerate(fleet.retired_files):
        yield from _model_references(model_names, ("retired_files", index, "models"), retired.models)


def quirk_problems(quirks: Iterable[Quirk], fleets: Mapping[str, Fleet]) -> Iterator[Problem]:
    """Quirks of the same id, and quirks that affect models no fleet has."""
    known = {name for fleet in fleets.values() for name in fleet.models}
    first: dict[str, int] = {}
    for index, quirk in enumerate(quirks):
        path: KeyPath = ("quirks", index)
        if quirk.id in first:
            yield (*path, "id"), f'the id "{quirk.id}" is already used by quirks[{first[quirk.id]}]'
        first.setdefault(quirk.id, index)
        affects = quirk.affects
        if not (affects.models or affects.architectures or affects.families or affects.tools):
            yield (*path, "affects"), "name at least one model, architecture, family or tool"
        for position, name in enumerate(affects.models):
            if name not in known:
                yield (
                    (*path, "affects", "models", position),
                    f'no model named "{name}" in any fleet{nearest(name, known)}',
                )
        if quirk.since and quirk.resolved and quirk.resolved < quirk.since:
            yield (*path, "resolved"), f"{quirk.resolved} is before since ({quirk.since})"


def _model_problems(model_names: Collection[str], path: KeyPath, model: Model) -> Iterator[Problem]:
    if model.name != path[-1]:
        yield (*path, "name"), f'says "{model.name}", but the model is called "{path[-1]}": remove the line'
    if model.kind == "external" and model.file is not None:
        yield (*path, "file"), "an external model has no file: remove it, or change kind"
    if model.kind != "external" and model.file is None:
        yield path, 'the key "file" is missing (only models of kind external have none)'
    if model.file is not None and not model.file.lower().endswith(".gguf"):
        yield (*path, "file"), f'"{model.file}" does not end in .gguf'
    if model.expert_used_count is not None and model.expert_count is None:
        yield (*path, "expert_used_count"), "is given without expert_count"
    yield from _model_references(model_names, (*path, "drafts"), model.drafts)
    yield from _repeated((*path, "drafts"), model.drafts)
    if model.name in model.drafts:
        yield (*path, "drafts", model.drafts.index(model.name)), "a model cannot be its own draft"
    seen: set[str] = set()
    for index, entry in enumerate(model.forbidden):
        if entry.technique in seen:
            yield (*path, "forbidden", index), f"{entry.technique} is already forbidden above"
        if entry.technique == "baseline":
            yield (*path, "forbidden", index), "baseline cannot be forbidden: deprecate the model instead"
        seen.add(entry.technique)
    for suite in model.temperatures:
        if suite != "default" and suite not in SUITES:
            guess = nearest(suite, (*SUITES, "default"))
            yield (*path, "temperatures", suite), f'no suite named "{suite}"{guess}'
    yield from _figure_problems((*path, "measured"), model.measured)


def _figure_problems(path: KeyPath, figures: Iterable[MeasuredFigure]) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], int] = {}
    for index, figure in enumerate(figures):
        key = (figure.name, figure.role, figure.technique, figure.experts, figure.k, figure.conditions)
        if key in seen:
            problem = f"is the same figure under the same conditions as measured[{seen[key]}]: keep one"
            yield (*path, index), problem
        seen.setdefault(key, index)
        if not figure.trusted and not figure.doubt:
            yield (*path, index), "trusted is false: say why in doubt"


def _model_references(model_names: Collection[str], path: KeyPath, names: Iterable[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        yield from _one_model(model_names, (*path, index), name)


def _one_model(model_names: Collection[str], path: KeyPath, name: str | None) -> Iterator[Problem]:
    if name is not None and name not in model_names:
        yield path, f'no model named "{name}" in this fleet{nearest(name, model_names)}'


def _one_role(role_names: Collection[str], path: KeyPath, name: str) -> Iterator[Problem]:
    if name not in role_names:
        yield path, f'no role named "{name}" in this fleet{nearest(name, role_names)}'


def _repeated(path: KeyPath, names: list[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (*path, index), f'"{name}" is already listed'


def _repeated_files(fleet: Fleet) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, model in fleet.models.items():
        if model.file is None:
            continue
        if model.file in first:
            yield (
                ("models", name, "file"),
                f'is also the file of "{first[model.file]}": one model has one entry; roles may share it',
            )
        first.setdefault(model.file, name)


def _gate_problems(path: KeyPath, gate: Gate) -> Iterator[Problem]:
    if gate.minimum is None and gate.maximum is None:
        yield path, "a gate needs a minimum or a maximum"
    if gate.minimum is not None and gate.maximum is not None and gate.minimum > gate.maximum:
        yield path, f"minimum {gate.minimum} is above maximum {gate.maximum}: nothing can pass"
    if gate.metric in ("pass_rate", "mean_score"):
        for key, bound in (("minimum", gate.minimum), ("maximum", gate.maximum)):
            if bound is not None and not 0 <= bound <= 1:
                said = f"{gate.metric} is a ratio from 0 to 1 (70 % is 0.70), but this is {bound}"
                yield (*path, key), said


def _served_problems(model_names: Collection[str], path: KeyPath, served: ServedWith) -> Iterator[Problem]:
    parts = technique_parts(served.technique)
    if served.draft is not None:
        yield from _one_model(model_names, (*path, "draft"), served.draft)
    for key, part in (("draft", "spec"), ("k", "spec"), ("experts", "moe"), ("ngram", "lookup")):
        if getattr(served, key) is not None and part not in parts:
            yield (*path, key), f'has no meaning for technique "{served.technique}" (it belongs to {part})'
    if "spec" in parts and served.draft is None:
        yield path, f'technique "{served.technique}" needs a draft'


def _escalation_cycles(fleet: Fleet) -> Iterator[Problem]:
    """Each cycle once, told at the first of its roles (in the order of the file)."""
    state: dict[str, int] = {}
    for start in fleet.roles:
        if start in state:
            continue
        stack: list[tuple[str, int]] = [(start, 0)]
        trail = [start]
        state[start] = 1
        while stack:
            role, position = stack[-1]
            targets = [name for name in fleet.roles[role].escalation if name in fleet.roles]
            if position == len(targets):
                state[role] = 2
                stack.pop()
                trail.pop()
                continue
            stack[-1] = (role, position + 1)
            target = targets[position]
            if state.get(target) == 1:
                cycle = [*trail[trail.index(target) :], target]
                yield (
                    ("roles", role, "escalation", fleet.roles[role].escalation.index(target)),
                    "escalation goes in a circle: " + " -> ".join(cycle),
                )
            elif target not in state:
                state[target] = 1
                stack.append((target, 0))
                trail.append(target)
