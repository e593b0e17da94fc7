"""Drafts a registry entry from a GGUF file, and adds entries to a fleet's YAML without touching the rest.

What belongs here: guesses from a file's facts (kind, impossible techniques, fitting drafts), the YAML text of
an entry, and the careful edit of a fleet file. What does not: the command line around it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from epyc_assets.registry.entries import Fleet, Forbidden, Model
from epyc_assets.registry.faults import Fault, RegistryFault
from epyc_assets.registry.gguf_file import GgufFacts, Verdict, draft_fits
from epyc_assets.registry.loading import load_registry
from epyc_assets.registry.yaml_source import parse_document

_SHARD_SUFFIX = re.compile(r"-\d{5}-of-\d{5}$")
_LARGEST_DRAFT_PARAMETERS = 2_000_000_000
_EMBEDDING_ARCHITECTURES = frozenset({"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "gemma-embedding"})
_PROJECTOR_ARCHITECTURES = frozenset({"clip", "mmproj"})
_QUESTIONS_OF_NEW_FLEET = """
# What a sweep asks each model. Change counts and suites as you like; what was answered already is kept.
question_sets:
  - {suite: math, count: 30, seed: 1}
  - {suite: coder, count: 30, seed: 1}
  - {suite: agentic, count: 30, seed: 1}
  - {suite: general, count: 30, seed: 1}
  - {suite: instruction_precision, count: 30, seed: 1}
  - {suite: long_context, count: 30, seed: 1}
  - {suite: thinking, count: 30, seed: 1}
  - {suite: vl, count: 30, seed: 1}
  - {suite: mode_advantage, count: 30, seed: 1}
  - {suite: mode_advantage_hard, count: 30, seed: 1}
  - {suite: web_research, count: 30, seed: 1}
  - {suite: skill_transfer, count: 30, seed: 1}
"""


def model_name(path: Path) -> str:
    """The name a file gets: its stem without the shard numbers, other characters than names allow as `-`."""
    stem = _SHARD_SUFFIX.sub("", path.name[:-5] if path.name.lower().endswith(".gguf") else path.name)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")
    return (name or "model")[:200]


def draft_registry_entry(
    facts: GgufFacts,
    path: Path,
    *,
    root: Path | None = None,
    drafts: Mapping[str, GgufFacts] | None = None,
) -> Model:
    """The registry entry a file suggests.

    `root` is the model root that holds the file (else only its name is written). `drafts` are the facts of
    the fleet's draft models by name; those that fit are listed.
    """
    name = model_name(path)
    file = path.name
    if root is not None and path.resolve().is_relative_to(root.resolve()):
        file = path.resolve().relative_to(root.resolve()).as_posix()
    forbidden = [
        Forbidden(technique=technique, reason=reason)  # type: ignore[arg-type]
        for technique, reason in impossible_techniques(facts).items()
    ]
    fitting = [other for other, verdict in judged_drafts(facts, drafts or {}).items() if verdict.fits]
    has_experts = (facts.expert_count or 0) > 1
    return Model(
        name=name,
        file=file,
        shard_count=facts.shard_count,
        kind=guessed_kind(facts, name),  # type: ignore[arg-type]
        architecture=facts.architecture,
        quantisation=facts.quantisation,
        size_bytes=facts.file_bytes,
        parameter_count=facts.parameter_count or None,
        active_parameter_count=facts.active_parameter_count if has_experts else None,
        expert_count=facts.expert_count,
        expert_used_count=facts.expert_used_count if facts.expert_count else None,
        context_tokens=facts.context_tokens or None,
        vocabulary_size=facts.vocabulary_size or None,
        drafts=[other for other in fitting if other != name],
        forbidden=forbidden,
        prompt_format="template" if facts.chat_template_sha256 else "raw",
    )


def guessed_kind(facts: GgufFacts, name: str) -> str:
    """chat, draft, base, embedding or vision, guessed from architecture, template, size and name."""
    lowered = f"{name} {facts.name or ''}".lower()
    if facts.architecture in _EMBEDDING_ARCHITECTURES or re.search(r"embed|bge-|(^|[-_ ])e5[-_ ]", lowered):
        return "embedding"
    if facts.architecture in _PROJECTOR_ARCHITECTURES or "vl" in facts.architecture:
        return "vision"
    if re.search(r"(^|[-_. ])(draft|pard)([-_. ]|$)", lowered):
        return "draft"
    if not facts.chat_template_sha256:
        return "base"
    return "chat"


def impossible_techniques(facts: GgufFacts) -> dict[str, str]:
    """Techniques the file rules out, each with its reason."""
    impossible: dict[str, str] = {}
    if (facts.expert_count or 0) <= 1:
        impossible["moe"] = "the model has no experts to choose from"
    if facts.is_recurrent or facts.is_hybrid:
        kind = "recurrent" if facts.is_recurrent else "partly recurrent"
        reason = f"the model is {kind} ({facts.architecture}): its state cannot be rolled back"
        impossible["spec"] = impossible["lookup"] = reason
        impossible["eagle"] = reason
    return impossible


def judged_drafts(target: GgufFacts, drafts: Mapping[str, GgufFacts]) -> dict[str, Verdict]:
    """For each possible draft whether it fits `target`: tokenizer first, then whether it is smaller."""
    verdicts: dict[str, Verdict] = {}
    for name, draft in drafts.items():
        verdict = draft_fits(target, draft)
        if verdict.fits and draft.active_parameter_count >= target.active_parameter_count:
            verdict = Verdict(False, "tokenizers agree, but it is not smaller than the target")
        verdicts[name] = verdict
    return verdicts


def possible_drafts(fleet: Fleet) -> list[str]:
    """Names of the fleet's models that are drafts by kind, or small enough to serve as one."""
    return [
        name
        for name, model in fleet.models_in_use().items()
        if model.kind == "draft"
        or (
            model.kind in ("chat", "base")
            and model.parameter_count is not None
            and model.parameter_count <= _LARGEST_DRAFT_PARAMETERS
        )
    ]


def render_yaml(entry: Model) -> str:
    """The entry as it stands below `models:`, two spaces in; what is at its default is left out."""
    values = entry.model_dump(exclude_defaults=True, exclude={"name"}, mode="python")
    lines = [f"  {_scalar(entry.name)}:"]
    for key, value in values.items():
        lines.extend(_rendered(key, value, "    "))
    return "\n".join(lines) + "\n"


def append_model_to_fleet(fleet_file: Path, entry: Model, *, host: str = "local") -> None:
    """Add `entry` to a fleet's YAML file, leaving every other line as it is.

    The new text is loaded together with the whole registry before the file is replaced in one step. A missing
    file is created, for `host`, with question sets like the demo fleet's. Raises RegistryFault if the name is
    taken or the result would not load; the file is then as it was.
    """
    fleet_file = Path(fleet_file)
    shown = f"{fleet_file.parent.name}/{fleet_file.name}"
    try:
        text = fleet_file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        text = f"host: {_scalar(host)}\n\nmodels:\n{_QUESTIONS_OF_NEW_FLEET}"
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryFault([Fault(shown, "", f"cannot be read: {error}")]) from error
    document = parse_document(text, shown)
    if document.faults:
        raise RegistryFault(document.faults)
    table = document.value.get("models") if isinstance(document.value, dict) else None
    if isinstance(table, dict) and entry.name in table:
        line = document.lines.get(("models", entry.name))
        raise RegistryFault([Fault(shown, f"models.{entry.name}", "the name is already taken", line)])
    line_end = "\r\n" if "\r\n" in text else "\n"
    changed = _with_entry(text.replace("\r\n", "\n"), entry, shown).replace("\n", line_end)
    _check_whole_registry(fleet_file, changed)
    _replace(fleet_file, changed)


def _with_entry(text: str, entry: Model, shown: str) -> str:
    """The text with the entry as the last one below `models:`."""
    lines = text.splitlines(keepends=True)
    starts = [index for index, line in enumerate(lines) if re.match(r"""["']?models["']?\s*:""", line)]
    if not starts:
        gap = "" if not text or text.endswith("\n\n") else ("\n" if text.endswith("\n") else "\n\n")
        return text + gap + "models:\n" + render_yaml(entry)
    start = starts[0]
    after_key = re.sub(r"""^["']?models["']?\s*:""", "", lines[start]).split("#")[0].strip()
    if after_key in ("{}", "~", "null"):
        lines[start] = "models:\n"
    elif after_key:
        problem = "is written in one line ({...}): put each model below `models:` on lines of its own first"
        raise RegistryFault([Fault(shown, "models", problem, start + 1)])
    end = start + 1
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if line.strip() and not line.startswith((" ", "\t", "#")):
            break
        if line.strip() and line.startswith((" ", "\t")):
            end = index + 1
    if lines[end - 1] and not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    gap = "" if end == start + 1 else "\n"
    return (
        "".join(lines[:end]) + gap + _indented_like(lines[start + 1 : end], render_yaml(entry)) + "".join(lines[end:])
    )


def _indented_like(neighbours: list[str], rendered: str) -> str:
    """The rendered entry with the indentation its neighbours have."""
    for line in neighbours:
        stripped = line.lstrip(" ")
        if stripped.strip() and not stripped.startswith("#"):
            extra = len(line) - len(stripped) - 2
            if extra > 0:
                return "".join(" " * extra + each for each in rendered.splitlines(keepends=True))
            if extra < 0:
                return "".join(each[-extra:] for each in rendered.splitlines(keepends=True))
            return rendered
    return rendered


def _check_whole_registry(fleet_file: Path, text: str) -> None:
    """Load the registry with the changed file in place of the present one; raises RegistryFault."""
    directory = next((parent.parent for parent in fleet_file.parents if parent.name == "fleets"), None)
    if directory is None:
        problem = "is not below a folder called fleets/, so it would never be read"
        raise RegistryFault([Fault(fleet_file.name, "", problem)])
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / directory.name
        wanted = fleet_file.relative_to(directory)
        for path in [*directory.rglob("*.yaml"), fleet_file]:
            relative = path.relative_to(directory)
            target = copy / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf-8") if relative == wanted else path.read_bytes())
        load_registry(copy)


def _replace(fleet_file: Path, text: str) -> None:
    fleet_file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=fleet_file.parent, prefix=f".{fleet_file.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mode = fleet_file.stat().st_mode & 0o777 if fleet_file.exists() else 0o644
        temporary.chmod(mode)
        temporary.replace(fleet_file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _rendered(key: str, value: Any, indentation: str) -> list[str]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        lines = [f"{indentation}{key}:"]
        for item in value:
            first = True
            for inner, content in item.items():
                lead = "  - " if first else "    "
                lines.extend(_rendered(inner, content, indentation + lead))
                first = False
        return lines
    if isinstance(value, dict):
        lines = [f"{indentation}{key}:"]
        for inner, content in value.items():
            lines.extend(_rendered(_scalar(inner), content, indentation + "  "))
        return lines
    if isinstance(value, list):
        return [f"{indentation}{key}: [{', '.join(_scalar(item) for item in value)}]"]
    return [f"{indentation}{key}: {_scalar(value)}"]


def _scalar(value: Any) -> str:
    """One value in YAML, quoted exactly where YAML would read it as something else."""
    if isinstance(value, str | float):
        plain = yaml.safe_dump(value, width=10**9, allow_unicode=True, default_flow_style=True)
        return plain.removesuffix("\n").removesuffix("\n...")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
