"""The sections of the model registry beside its roles: quirks, deprecated models, servers, settings.

Here: a function per section, from its YAML value to rows. Not here: roles (model_registry).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from epyc_assets.history.fields import Fields, Json, as_json
from epyc_assets.history.naming import model_id, model_of, role_id
from epyc_assets.history.registry_figures import figure_of
from epyc_assets.history.registry_tables import (
    RegistryDeprecatedModel,
    RegistryQuirk,
    RegistryRole,
    RegistryServerEndpoint,
    RegistrySetting,
)

_NOTE = re.compile(r"\s*\(.*", re.DOTALL)
_MOST_NAME_CHARACTERS = 500
_MOST_COMPARISONS = 5_000_000


def day(fields: Fields, key: str) -> date | None:
    """The value as a date; what is no date, or has a time of day, stays in the rest."""
    moment = fields.time(key)
    if moment is None:
        return None
    if (moment.hour, moment.minute, moment.second, moment.microsecond) != (0, 0, 0, 0):
        fields.put_back(key)
        return None
    return moment.date()


def quirk_rows(value: Mapping[str, Any], source_file_id: int) -> tuple[list[RegistryQuirk], list[tuple[str, Any]]]:
    """A row per quirk, and (key path, value) of what is no quirk."""
    rows: list[RegistryQuirk] = []
    others: list[tuple[str, Any]] = []
    for group_key, group in value.items():
        holder = Fields(group if isinstance(group, dict) else {"quirks": group}, from_text=True)
        description = holder.text("description")
        quirks = holder.items("quirks")
        group_extra = holder.rest()
        if not quirks:
            others.append((group_key, group))
            continue
        for number, quirk in enumerate(quirks):
            if not isinstance(quirk, dict):
                others.append((f"{group_key}.quirks.{number}", quirk))
                continue
            fields = Fields(quirk, from_text=True)
            rows.append(
                RegistryQuirk(
                    source_file_id=source_file_id,
                    ordinal=len(rows) + 1,
                    group_key=group_key,
                    group_description=description,
                    issue=fields.text("issue"),
                    explanation=fields.text("explanation"),
                    workaround=fields.text("workaround"),
                    status=fields.text("status"),
                    discovered=day(fields, "discovered"),
                    updated=day(fields, "updated"),
                    extra=fields.rest(),
                    group_extra=group_extra,
                )
            )
    return rows, others


def deprecated_rows(
    value: Sequence[Any], roles: Sequence[RegistryRole], source_file_id: int
) -> tuple[list[RegistryDeprecatedModel], list[tuple[str, Any]]]:
    """A row per deprecated model, and (key path, value) of what is none."""
    rows: list[RegistryDeprecatedModel] = []
    others: list[tuple[str, Any]] = []
    active = [(role.role, _plain(role.model_path)) for role in roles if not role.is_deprecated and role.model_path]
    may_compare = len(active) * len(value) <= _MOST_COMPARISONS
    for number, entry in enumerate(value):
        if not isinstance(entry, dict):
            others.append((str(number), entry))
            continue
        fields = Fields(entry, from_text=True)
        model = fields.text("model")
        users = _users(model, active) if may_compare else ()
        blind_score = fields.text("blind_score")
        figure = figure_of("blind_score", blind_score)
        rows.append(
            RegistryDeprecatedModel(
                source_file_id=source_file_id,
                ordinal=len(rows) + 1,
                model=model,
                path_was=fields.text("path_was"),
                size_gb=fields.number("size_gb"),
                blind_score=blind_score,
                blind_score_share=figure.value / 100 if figure.value is not None and figure.unit == "percent" else None,
                reason=fields.text("reason"),
                deleted_date=day(fields, "deleted"),
                used_by_roles=users,
                quality_flags=("still_used",) if users else (),
                extra=fields.rest(),
            )
        )
    return rows, others


def endpoint_rows(
    sections: Sequence[tuple[str, Any]], roles: Mapping[str, RegistryRole], source_file_id: int
) -> tuple[list[RegistryServerEndpoint], list[tuple[str, Any]]]:
    """A row per server of the sections, and (key path, value) of what is none. A member whose members are all
    objects is a group of servers itself."""
    rows: list[RegistryServerEndpoint] = []
    others: list[tuple[str, Any]] = []
    for section, members in sections:
        for name, entry in members.items() if isinstance(members, dict) else ():
            nested = isinstance(entry, dict) and entry and all(isinstance(each, dict) for each in entry.values())
            group = entry.items() if nested else [(name, entry)]
            for each_name, each in group:
                where = f"{section}.{name}" if nested else section
                if not isinstance(each, dict):
                    others.append((f"{where}.{each_name}", each))
                    continue
                rows.append(_endpoint(where, each_name, each, roles, source_file_id, len(rows) + 1))
    return rows, others


def settings(section: str, value: object, path: str = "") -> Iterator[tuple[str, str, Json]]:
    """Section, dotted key path and JSON of every leaf: what is no object, or an empty one."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from settings(section, each, f"{path}.{key}" if path else key)
    else:
        yield section, path, as_json(value)


def setting_rows(found: Sequence[tuple[str, str, Json]], source_file_id: int) -> list[RegistrySetting]:
    """A row per setting."""
    return [
        RegistrySetting(source_file_id=source_file_id, ordinal=number, section=section, key_path=key_path, value=value)
        for number, (section, key_path, value) in enumerate(found, start=1)
    ]


def _endpoint(
    section: str,
    name: str,
    entry: dict[str, Any],
    roles: Mapping[str, RegistryRole],
    source_file_id: int,
    ordinal: int,
) -> RegistryServerEndpoint:
    fields = Fields(entry, from_text=True)
    role = fields.text("model_role")
    model_file = fields.text("model")
    model = model_of(model_file) if model_file else None
    flags: list[str] = []
    known = roles.get(role) if role else None
    if role is None:
        flags.append("no_role")
    elif known is None:
        flags.append("unknown_role")
    elif model is not None and _plain(model) != _plain(known.model):
        flags.append("other_model_than_role")
    return RegistryServerEndpoint(
        source_file_id=source_file_id,
        ordinal=ordinal,
        section=section,
        name=name,
        role_id=role_id(role) if role else None,
        role=role,
        url=fields.text("url"),
        port=fields.integer("port"),
        slots=fields.integer("slots"),
        model_id=model_id(model) if model else None,
        model=model,
        model_file=model_file,
        draft_model_file=fields.text("draft_model"),
        memory_gb=fields.number("memory_gb"),
        tier=fields.text("tier"),
        throughput=fields.number("throughput"),
        description=fields.text("description"),
        notes=fields.text("notes"),
        acceleration=fields.json("acceleration"),
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )


def _users(model: str | None, active: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Active roles whose model file has the deprecated name; a name with a remark (duplicate, all copies) is another
    copy of a file that may well stay."""
    if not model or _NOTE.search(model):
        return ()
    wanted = _plain(model).removesuffix("-gguf")
    return tuple(role for role, path in active if wanted and wanted in path)


def _plain(name: str) -> str:
    return name[:_MOST_NAME_CHARACTERS].lower().replace(".", "-").replace("_", "-")
