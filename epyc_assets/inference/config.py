"""Configs: a technique with its parameters, as typed values.

Here: what can be chosen about how a model is run, its identity and its name for people. Not here: whether a
choice is allowed for a model (epyc_assets.benchmark.matrix), nor how it is carried out (the backends).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class LoadParameters:
    """Everything that is fixed when a model is loaded; None leaves the choice to the host or to llama.cpp.

    context_tokens: context window to allocate. threads: decoding threads. batch_threads: prompt-processing
    threads (None = threads). batch_tokens, micro_batch_tokens: logical and physical batch. flash_attention:
    auto, on or off. kv_type: f16, f32, q8_0 or q4_0. mmap: map the file instead of reading it.
    metadata_overrides: GGUF metadata replaced at load time, for example qwen3moe.expert_used_count.
    """

    context_tokens: int | None = None
    threads: int | None = None
    batch_threads: int | None = None
    batch_tokens: int | None = None
    micro_batch_tokens: int | None = None
    flash_attention: str | None = None
    kv_type: str | None = None
    mmap: bool | None = None
    metadata_overrides: dict[str, int | float | bool | str] = field(default_factory=dict)

    def merged_over(self, base: LoadParameters) -> LoadParameters:
        """These parameters where they are set, else those of base; overrides are united, these winning."""
        values = {
            name: own if (own := getattr(self, name)) is not None else getattr(base, name)
            for name in self.__dataclass_fields__
            if name != "metadata_overrides"
        }
        return LoadParameters(**values, metadata_overrides={**base.metadata_overrides, **self.metadata_overrides})


@dataclass(frozen=True, slots=True)
class LaunchParameters:
    """What is fixed when the process is started that loads the model; None and empty: as the host has it.

    numa_policy: words of numactl without the dashes, for example interleave=all; replaces the host's launch prefix.
    llama_cpp_library: folder with another build of llama.cpp's shared libraries. environment: environment
    variables, for example {"OMP_WAIT_POLICY": "active"}.
    """

    numa_policy: str | None = None
    llama_cpp_library: str | None = None
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speculation:
    """How tokens are drafted ahead of the target. At least one of draft and ngram_tokens is set.

    draft: name of a draft model of the session, with draft_tokens (K) and minimum_probability as in Spec.
    ngram_tokens, lookup_tokens: n and K of prompt lookup, which is asked first; where it finds nothing the draft
    model is.
    """

    draft: str | None = None
    draft_tokens: int | None = None
    minimum_probability: float | None = None
    ngram_tokens: int | None = None
    lookup_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Moe:
    """Fewer experts: so many experts are used per token instead of the model's own number."""

    architecture: str
    expert_used_count: int


@dataclass(frozen=True, slots=True)
class Spec:
    """Speculative decoding with a draft model: it proposes tokens, the target checks them in one evaluation.

    draft: the draft's name in the fleet. draft_tokens: most tokens proposed at a time (K). minimum_probability:
    drafting stops before a token that the draft itself gives less than this; None never stops early.
    """

    draft: str
    draft_tokens: int
    minimum_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """Prompt lookup: what followed the latest earlier occurrence of the last ngram_tokens tokens is proposed.

    draft_tokens: most tokens proposed at a time (K).
    """

    ngram_tokens: int
    draft_tokens: int


PARTS = ("moe", "spec", "lookup")
"""Parts of a technique, in the order in which a compound names them."""


@dataclass(frozen=True, slots=True)
class Config:
    """A technique with its parameters. The technique follows from which parts are present.

    runtime and launch hold only what this config sets itself; unset values come from the model's registry entry and
    the host, so a change of the host's defaults does not make another config.
    """

    moe: Moe | None = None
    runtime: LoadParameters = field(default_factory=LoadParameters)
    spec: Spec | None = None
    lookup: Lookup | None = None
    launch: LaunchParameters = field(default_factory=LaunchParameters)

    @property
    def technique(self) -> str:
        """baseline, or the parts joined by +, such as moe+spec."""
        return "+".join(name for name in PARTS if getattr(self, name) is not None) or "baseline"

    @property
    def name(self) -> str:
        """The config in words, for people; never parsed."""
        words: list[str] = []
        if self.moe:
            words.append(f"moe {self.moe.expert_used_count} experts")
        if self.spec:
            words.append(f"spec {self.spec.draft} K={self.spec.draft_tokens}")
            if self.spec.minimum_probability is not None:
                words.append(f"p>={self.spec.minimum_probability:g}")
        if self.lookup:
            words.append(f"lookup n={self.lookup.ngram_tokens} K={self.lookup.draft_tokens}")
        words = words or ["baseline"]
        runtime = asdict(self.runtime)
        overrides = runtime.pop("metadata_overrides")
        words += [f"{key} {value}" for key, value in runtime.items() if value is not None]
        words += [f"{key}={value}" for key, value in sorted(overrides.items())]
        launch = asdict(self.launch)
        environment = launch.pop("environment")
        words += [f"{key} {value}" for key, value in launch.items() if value is not None]
        words += [f"{key}={value}" for key, value in sorted(environment.items())]
        return ", ".join(words)

    @property
    def is_speculative(self) -> bool:
        """Whether tokens are proposed ahead and checked; claimed to leave answers unchanged."""
        return self.spec is not None or self.lookup is not None

    @property
    def speculation(self) -> Speculation | None:
        """How tokens are drafted, as a backend is told; None without spec and lookup."""
        if not self.is_speculative:
            return None
        return Speculation(
            draft=self.spec.draft if self.spec else None,
            draft_tokens=self.spec.draft_tokens if self.spec else None,
            minimum_probability=self.spec.minimum_probability if self.spec else None,
            ngram_tokens=self.lookup.ngram_tokens if self.lookup else None,
            lookup_tokens=self.lookup.draft_tokens if self.lookup else None,
        )

    @property
    def without_speculation(self) -> Config:
        """The config whose answers this one must repeat token for token when greedy, and whose quality it
        inherits then: the same loads and experts, nothing drafted."""
        return Config(moe=self.moe, runtime=self.runtime, launch=self.launch)

    @property
    def config_id(self) -> str:
        """First 12 hex digits of the SHA-256 over the typed values that are set, in canonical JSON."""
        return hashlib.sha256(canonical_json(_set_values(asdict(self))).encode()).hexdigest()[:12]

    def values(self) -> dict[str, Any]:
        """The typed values that are set, ready for JSON; config_from_values gives the config back."""
        return cast(dict[str, Any], _set_values(asdict(self)))

    def load_parameters(self, base: LoadParameters) -> LoadParameters:
        """What to load with: the runtime choices over base, and the expert count as a metadata override."""
        parameters = self.runtime.merged_over(base)
        if self.moe is None:
            return parameters
        override: dict[str, int | float | bool | str] = {
            f"{self.moe.architecture}.expert_used_count": self.moe.expert_used_count
        }
        return LoadParameters(metadata_overrides=override).merged_over(parameters)


BASELINE = Config()


def config_from_values(values: Mapping[str, Any]) -> Config:
    """The config whose values() these are. Raises ValueError for values that no config has."""
    parts = {"moe": Moe, "spec": Spec, "lookup": Lookup, "runtime": LoadParameters, "launch": LaunchParameters}
    if unknown := sorted(set(values) - set(parts)):
        raise ValueError(f"a config has no part {unknown[0]!r}; it has {', '.join(parts)}")
    try:
        return Config(**{name: parts[name](**part) for name, part in values.items()})
    except TypeError as error:
        raise ValueError(f"not the values of a config: {error}") from error


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces: the text that identities are hashed from."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _set_values(value: object) -> object:
    """Without the unset parts, so that a field added later does not change the identity of older configs."""
    if isinstance(value, dict):
        kept = {key: _set_values(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, {})}
    return value
