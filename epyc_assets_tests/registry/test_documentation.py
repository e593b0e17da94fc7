"""docs/registry.md names every key that a registry file may hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from epyc_assets.registry import entries
from epyc_assets.registry.vocabulary import TECHNIQUES

TEXT = (Path(__file__).resolve().parents[2] / "docs/registry.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
NAMED = set(re.findall(r"[a-z][a-z0-9_]*", " ".join(re.findall(r"`([^`\n]+)`", PROSE))))


@pytest.mark.parametrize(
    "entry",
    [
        entries.Model,
        entries.Forbidden,
        entries.Thinking,
        entries.LoadParameters,
        entries.Deprecated,
        entries.MeasuredFigure,
        entries.Host,
        entries.Role,
        entries.Gate,
        entries.ServedWith,
        entries.ToolAccess,
        entries.Service,
        entries.QuestionSet,
        entries.RetiredFile,
        entries.RuntimeVariant,
        entries.Quirk,
        entries.Affects,
        entries.Fleet,
    ],
)
def test_every_key_is_documented(entry: type[entries.Entry]) -> None:
    undocumented = set(entry.model_fields) - NAMED - {"name", "models", "roles", "quirks"}
    assert not undocumented


def test_every_technique_is_documented() -> None:
    assert set(TECHNIQUES) <= NAMED


def test_the_examples_of_the_page_load(tmp_path: Path) -> None:
    from epyc_assets.registry import load_registry
    from epyc_assets_tests.registry.registries import write_registry

    model, host, role, quirk = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    others = (
        "  Other-Model-Q4_K_M: {file: other.gguf}\n"
        "host: here\n" + role + "  architect: {tier: B, description: Decides.}\n"
    )
    registry = load_registry(write_registry(tmp_path, model + others, host=host, quirks=quirk))
    assert registry.fleet("small").roles["coder"].gates[0].minimum == 0.60
