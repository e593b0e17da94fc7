"""What names of the record say: model files, config names, the stems of result and review files.

The record has nothing but names for configs, so here, and only here, they are parsed; a config of the live platform
is a typed value. Not here: which row of a summary a name belongs to (warehouse/derived/history).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from epyc_assets.history.identity import identity

_SHARD = re.compile(r"-\d{5}-of-\d{5}$")
_CONFIG = re.compile(
    r"(?:moe(?P<experts>\d{1,4}))?"
    r"(?:(?:^|(?<=\d)_)(?:spec(?:_(?P<draft>\w+?))?_k(?P<k>\d{1,5})(?P<with_lookup>_lookup)?|lookup_n(?P<n>\d{1,4})))?"
)
_STEM = re.compile(
    r"(?P<role>.+?)_(?P<config>baseline|(?:moe\d+)(?:_(?:spec|lookup)_\w+)?|spec_\w*k\d+(?:_lookup)?|lookup_n\d+)$"
)
_FAMILIES = {
    (False, False, False): "baseline",
    (True, False, False): "moe",
    (False, True, False): "spec",
    (False, False, True): "lookup",
    (True, True, False): "moe+spec",
    (True, False, True): "moe+lookup",
    (False, True, True): "spec+lookup",
    (True, True, True): "moe+spec+lookup",
}


@dataclass(frozen=True, slots=True)
class ConfigName:
    """A config name taken apart.

    family: baseline, moe, spec, lookup or their compounds; unknown for a name of no known form. draft_role: as in
    the name, with its draft_ prefix; None where the name has none (spec_k8). base: baseline or moeN, the config whose
    row a speed-only config belongs to. is_speed_only: speculation or lookup, which measure speed and inherit quality.
    """

    name: str
    family: str
    moe_experts: int | None = None
    draft_role: str | None = None
    k: int | None = None
    ngram_n: int | None = None
    uses_lookup: bool = False

    @property
    def is_speed_only(self) -> bool:
        """Speculation or lookup is part of it."""
        return self.k is not None or self.uses_lookup

    @property
    def base(self) -> str:
        """The config without speculation and lookup."""
        return "baseline" if self.moe_experts is None else f"moe{self.moe_experts}"

    @property
    def config_id(self) -> int:
        """Key of the config."""
        return identity("config", self.name)


def config_of(name: str) -> ConfigName:
    """The parts of a config name; family `unknown` when it has no known form."""
    if name == "baseline":
        return ConfigName(name, "baseline")
    match = _CONFIG.fullmatch(name)
    if not name or match is None:
        return ConfigName(name, "unknown")
    experts, k, n = (int(match[each]) if match[each] else None for each in ("experts", "k", "n"))
    with_lookup = n is not None or match["with_lookup"] is not None
    return ConfigName(
        name,
        _FAMILIES[experts is not None, k is not None, with_lookup],
        moe_experts=experts,
        draft_role=match["draft"],
        k=k,
        ngram_n=n,
        uses_lookup=with_lookup,
    )


def model_of(model_path: str) -> str:
    """Name of a model: its file's name without .gguf and without the shard number.

    >>> model_of("/models/Qwen3-Coder-480B-Q4_K_M-00001-of-00008.gguf")
    'Qwen3-Coder-480B-Q4_K_M'
    """
    return _SHARD.sub("", PurePosixPath(model_path.replace("\\", "/")).name.removesuffix(".gguf"))


def role_and_config(stem: str) -> tuple[str, str] | None:
    """Role and config name of a file stem `<role>_<config>`; None when it ends in no config name.

    >>> role_and_config("architect_coding_moe4_spec_draft_gemma3_k8")
    ('architect_coding', 'moe4_spec_draft_gemma3_k8')
    """
    match = _STEM.fullmatch(stem)
    return (match["role"], match["config"]) if match and config_of(match["config"]).family != "unknown" else None


def role_id(role: str) -> int:
    """Key of a role."""
    return identity("role", role)


def model_id(model: str) -> int:
    """Key of a model, from its name as `model_of` gives it."""
    return identity("model", model)


def run_pk(run_dir: str) -> int:
    """Key of a run, from its directory's name."""
    return identity("run", run_dir)


def suite_id(suite: str) -> int:
    """Key of a suite."""
    return identity("suite", suite)


def question_pk(suite: str, question_id: str) -> int:
    """Key of a question of a suite."""
    return identity("question", suite, question_id)


def result_pk(path: str) -> int:
    """Key of a result file, from its path relative to the record's root."""
    return identity("result", path)
