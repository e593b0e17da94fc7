"""The registry's typed entries: hosts, models, roles, quirks, fleets.

What belongs here: the shape of one entry, its units, and questions one entry can answer about itself.
What does not: reading YAML (`yaml_source`, `loading`), checks across entries (`references`, `findings`).

All entries are frozen and take no unknown keys. Units are in the names; a missing value is None,
never 0.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from epyc_assets.registry.faults import nearest
from epyc_assets.registry.vocabulary import (
    PUBLIC_SUITES,
    SUITES,
    GateMetric,
    KvType,
    ModelKind,
    PromptFormat,
    QuestionSource,
    QuirkKind,
    Residency,
    SpeedPromptChoice,
    SuiteName,
    Technique,
    Tier,
    VariantTechnique,
    technique_parts,
)

_SUITE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NO_SUITES = {"all": "means all suites together", "speed": "means the speed rounds"}
"""Words that stand where a suite's name does, in tables and on the command line."""
NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def _checked_name(value: str) -> str:
    if not NAME_PATTERN.fullmatch(value):
        raise ValueError(
            f"{value!r} cannot be a name: use letters, digits, '.', '_' and '-' only, beginning with a "
            "letter or digit (names are partition keys)"
        )
    return value


def _checked_relative_file(value: str) -> str:
    if value.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", value):
        raise ValueError(
            f"{value!r} is an absolute path: write it relative to a model root of the host "
            "(the roots are in registry/hosts/, or in the environment variable EPYC_MODEL_ROOT)"
        )
    if ".." in value.split("/"):
        raise ValueError(f"{value!r} leads out of the model root: '..' is not allowed")
    if not value.strip() or "\x00" in value:
        raise ValueError("the file name is empty or holds a NUL character")
    return value


Name = Annotated[str, AfterValidator(_checked_name)]
RelativeFile = Annotated[str, AfterValidator(_checked_relative_file)]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
LargeCount = Annotated[int, Field(ge=1, le=2**62)]
Bytes = Annotated[int, Field(ge=1, le=2**62)]
Seconds = Annotated[float, Field(gt=0, le=7 * 24 * 3600, allow_inf_nan=False)]
Temperature = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """What all registry entries share: frozen, strict types, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Forbidden(Entry):
    """One technique a model must not be run with, and why. `spec` forbids its compounds too."""

    technique: Technique
    reason: Text


class Thinking(Entry):
    """How a reasoning model is told not to think."""

    off_text: str | None = None
    """Text put at the start of the answer so that the model skips its reasoning."""
    off_suites: list[SuiteName] = Field(default_factory=list)
    """Suites on which thinking is switched off."""
    template_kwargs: dict[str, bool | int | str] = Field(default_factory=dict)
    """Arguments for the chat template, e.g. {enable_thinking: false}."""


class LoadParameters(Entry):
    """Load-time settings that differ from the host's defaults; None takes the default."""

    context_tokens: Count | None = None
    threads: Count | None = None
    batch_tokens: Count | None = None
    ubatch_tokens: Count | None = None
    flash_attention: bool | None = None
    kv_type: str | None = None
    mmap: bool | None = None


class Deprecated(Entry):
    """Since when and why an entry is out of use."""

    date: dt.date | None = None
    reason: Text


class MeasuredFigure(Entry):
    """One figure somebody measured earlier. Kept as it was; doubts stand beside it."""

    name: Name
    """What was measured, in the project's words: generation_tps, speedup_ratio, acceptance_rate ..."""
    value: float = Field(allow_inf_nan=False)
    unit: Text
    conditions: str = ""
    """What else matters and has no key of its own."""
    role: str | None = None
    """The role in whose service it was measured."""
    technique: Technique | None = None
    experts: Count | None = None
    k: Count | None = None
    measured_on: dt.date | None = None
    trusted: bool = True
    doubt: str | None = None


class Model(Entry):
    """One GGUF file or shard set, or a model behind somebody's API (`kind: external`)."""

    name: Name
    file: RelativeFile | None = None
    """Relative to a model root; for a shard set the first file. None only for external models."""
    shard_count: Count = 1
    kind: ModelKind = "chat"
    description: str | None = None
    source: str | None = None
    """Where the file comes from, e.g. a repository id. For external models the provider."""
    architecture: str | None = None
    """llama.cpp's name for it (`general.architecture`), e.g. qwen3moe."""
    quantisation: str | None = None
    size_bytes: Bytes | None = None
    parameter_count: LargeCount | None = None
    active_parameter_count: LargeCount | None = None
    expert_count: Count | None = None
    expert_used_count: Count | None = None
    embedding_dimensions: Count | None = None
    vocabulary_size: Count | None = None
    context_tokens: Count | None = None
    projector_file: RelativeFile | None = None
    suited_for: list[str] = Field(default_factory=list)
    """Jobs somebody thinks the model could do (free words: coder, vision, ingest ...)."""
    drafts: list[str] = Field(default_factory=list)
    """Names of models of this fleet that may draft for it."""
    forbidden: list[Forbidden] = Field(default_factory=list)
    temperatures: dict[str, Temperature] = Field(default_factory=dict)
    """Sampling temperature per suite; the key `default` serves the others."""
    thinking: Thinking | None = None
    prompt_format: PromptFormat = "template"
    residency: Residency = "cold"
    pinned: bool = False
    load_timeout_s: Seconds | None = None
    question_timeout_s: Seconds | None = None
    load_parameters: LoadParameters = Field(default_factory=LoadParameters)
    deprecated: Deprecated | None = None
    measured: list[MeasuredFigure] = Field(default_factory=list)
    note: str | None = None
    """What a person should know about this entry, e.g. how a contradiction was settled."""

    @field_validator("expert_used_count")
    @classmethod
    def _not_more_than_there_are(cls, value: int | None, info: ValidationInfo) -> int | None:
        total = info.data.get("expert_count")
        if value is not None and total is not None and value > total:
            raise ValueError(f"uses {value} experts but the model has only {total} (expert_count)")
        return value

    @field_validator("active_parameter_count")
    @classmethod
    def _not_more_parameters_than_there_are(cls, value: int | None, info: ValidationInfo) -> int | None:
        total = info.data.get("parameter_count")
        if value is not None and total is not None and value > total:
            raise ValueError(f"{value} active parameters, but only {total} in all (parameter_count)")
        return value

    def forbidden_reason(self, technique: str) -> str | None:
        """Why the registry forbids `technique`, or None. A forbidden part forbids every compound of it."""
        parts = technique_parts(technique)
        for entry in self.forbidden:
            if technique_parts(entry.technique) <= parts:
                return entry.reason
        return None

    def temperature(self, suite: str, fallback: float = 0.0) -> float:
        """Sampling temperature for a suite: the suite's own, else `default`, else `fallback`."""
        return self.temperatures.get(suite, self.temperatures.get("default", fallback))

    @property
    def is_moe(self) -> bool:
        """Whether the entry says that the model has experts to choose from."""
        return self.expert_count is not None and self.expert_count > 1


class Gate(Entry):
    """A bar a model must clear to hold a role. At least one bound."""

    suite: SuiteName
    metric: GateMetric = "pass_rate"
    minimum: float | None = Field(default=None, allow_inf_nan=False)
    maximum: float | None = Field(default=None, allow_inf_nan=False)


class ServedWith(Entry):
    """The technique a role's model is served with."""

    technique: Technique
    experts: Count | None = None
    draft: str | None = None
    k: Count | None = None
    ngram: Count | None = None


class ToolAccess(Entry):
    """Which tools the model filling a role may call."""

    web: bool
    categories: list[str] = Field(default_factory=list)
    forbidden: list[str] = Field(default_factory=list)


class Role(Entry):
    """A job in the orchestration stack that a model fills."""

    name: Name
    tier: Tier
    description: Text
    model: str | None = None
    """The model filling the role now."""
    candidates: list[str] = Field(default_factory=list)
    gates: list[Gate] = Field(default_factory=list)
    escalation: list[str] = Field(default_factory=list)
    """Roles that are asked next, in order, when this one fails."""
    served_with: ServedWith | None = None
    alternative: ServedWith | None = None
    """A second way of serving the same model that somebody kept in mind."""
    temperature: Temperature | None = None
    question_timeout_s: Seconds | None = None
    tools: ToolAccess | None = None
    deprecated: Deprecated | None = None
    note: str | None = None


class Service(Entry):
    """A server of the production stack: where it listens and what it runs."""

    name: Name
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    role: str | None = None
    also_roles: list[str] = Field(default_factory=list)
    runs: Text
    """What is started: a GGUF file name, or a model id for other engines."""
    draft_runs: str | None = None
    engine: str = "llama.cpp"
    slots: Count | None = None
    threads: Count | None = None
    memory_bytes: Bytes | None = None
    residency: Residency | None = None
    served_with: ServedWith | None = None
    question_timeout_s: Seconds | None = None
    measured: list[MeasuredFigure] = Field(default_factory=list)
    note: str | None = None


class QuestionSet(Entry):
    """How many questions of a suite a sweep of this fleet asks.

    source says where a suite of this project's own comes from; public sets are read from their local copies.
    """

    suite: Text
    """One of SUITES; an imported one is called as its file calls it."""
    source: QuestionSource | None = None
    """None: generated, or for a public set its local copy."""
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    tiers: list[Annotated[int, Field(ge=1, le=3)]] = Field(default=[1, 2, 3], min_length=1)
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    context_tokens: Annotated[int, Field(ge=300, le=10_000_000)] | None = None
    """Of long_context: about how many tokens the prompts have."""
    needle_ratio: Annotated[float, Field(ge=0, le=1)] | None = None
    """Of long_context: where what is asked for stands, 0 at the start, 1 at the end; None: anywhere."""

    @model_validator(mode="after")
    def _fitting(self) -> QuestionSet:
        if self.suite not in SUITES and self.source != "imported":
            guess = nearest(self.suite, SUITES) or f"; known are {', '.join(SUITES)}"
            raise ValueError(f'no suite named "{self.suite}"{guess} (suites of imported files: `source: imported`)')
        if not _SUITE_NAME.fullmatch(self.suite):
            raise ValueError(f"{self.suite!r} is no name of a suite: small letters, digits and _, a letter first")
        if self.suite in _NO_SUITES:
            raise ValueError(f"{self.suite} {_NO_SUITES[self.suite]}: give the imported file's suite another name")
        if self.source == "imported" and self.suite in PUBLIC_SUITES:
            raise ValueError(
                f"{self.suite} is a public set and is read from its local copy: leave `source` out, or give the "
                "imported file's suite another name"
            )
        if self.source is not None and self.suite in PUBLIC_SUITES:
            raise ValueError(f"{self.suite} is a public set and is read from its local copy: leave `source` out")
        placed = self.context_tokens is not None or self.needle_ratio is not None
        if placed and (self.suite != "long_context" or self.source not in (None, "generated")):
            raise ValueError("context_tokens and needle_ratio are for generated long_context questions only")
        return self


class RuntimeVariant(Entry):
    """One set of runtime choices to measure beside the usual ones; what is left out stays as it is.

    Applied to each of `models` (all, when empty) under each of `techniques`.
    """

    threads: Count | None = None
    batch_threads: Count | None = None
    """Threads that process prompts."""
    batch_tokens: Count | None = None
    ubatch_tokens: Count | None = None
    flash_attention: bool | None = None
    kv_type: KvType | None = None
    mmap: bool | None = None
    numa_policy: Text | None = None
    """Words of numactl without the dashes, e.g. interleave=all."""
    llama_cpp_library: Text | None = None
    """Folder with another build of llama.cpp's shared libraries."""
    environment: dict[Text, str] = Field(default_factory=dict)
    models: list[str] = Field(default_factory=list)
    techniques: list[VariantTechnique] = Field(default=["baseline"], min_length=1)

    @model_validator(mode="after")
    def _sets_something(self) -> RuntimeVariant:
        if not self.model_fields_set - {"models", "techniques"}:
            raise ValueError("sets nothing: give at least one of threads, flash_attention, kv_type, numa_policy ...")
        return self


class SpeedRounds(Entry):
    """When interleaved speed rounds are enough: at least so many, then until every interval is narrow, at most so many.

    Fewer than seven show no difference at the stated error rate (docs/statistics.md)."""

    least: Annotated[int, Field(ge=1, le=1000)] = 5
    most: Annotated[int, Field(ge=1, le=1000)] = 20
    narrow_ratio: Annotated[float, Field(gt=0, le=1)] = 0.03
    """Width of the interval of a speed-up, as a share of it, at which it is narrow."""

    @field_validator("most")
    @classmethod
    def _not_below_the_least(cls, value: int, info: ValidationInfo) -> int:
        least = info.data.get("least")
        if least is not None and value < least:
            raise ValueError(f"at most {value} rounds, but at least {least} (least)")
        return value


class RetiredFile(Entry):
    """A file that was deleted from the model store: kept so that old results can be explained."""

    name: Text
    size_bytes: Bytes | None = None
    deleted: dt.date
    reason: Text
    judged_percent: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    models: list[str] = Field(default_factory=list)
    """Models of this fleet with the same file name, whether or not they are still in use."""


class Fleet(Entry):
    """A registry of models and roles for one host."""

    name: Name
    description: str | None = None
    host: str
    models: dict[str, Model] = Field(default_factory=dict)
    roles: dict[str, Role] = Field(default_factory=dict)
    question_sets: list[QuestionSet] = Field(default_factory=list)
    speed_prompts: SpeedPromptChoice = "written"
    """Prompts that speed is measured on: the written ones, or generated ones for models that know no other language."""
    sweeps: list[RuntimeVariant] = Field(default_factory=list)
    """Runtime choices that the plan measures besides the models' usual ones."""
    speed_rounds: SpeedRounds = Field(default_factory=SpeedRounds)
    services: dict[str, Service] = Field(default_factory=dict)
    retired_files: list[RetiredFile] = Field(default_factory=list)
    history_root: str | None = None
    """Folder of an earlier project's record to import: relative to the checkout, or holding ${VARIABLES}."""

    def models_in_use(self) -> dict[str, Model]:
        """Models that are not deprecated, by name."""
        return {name: model for name, model in self.models.items() if model.deprecated is None}


class Host(Entry):
    """A machine that runs models. What is left out can be read from the machine (`detect_host`)."""

    name: Name
    description: str | None = None
    cpu_model: str | None = None
    cores: Count | None = None
    """Physical cores."""
    threads: Count | None = None
    """Hardware threads."""
    default_threads: Count | None = None
    """Threads a session uses unless told otherwise."""
    memory_bytes: Bytes | None = None
    memory_type: str | None = None
    memory_channels: Count | None = None
    memory_transfers_per_s: LargeCount | None = None
    nominal_bandwidth_bytes_per_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    measured_bandwidth_bytes_per_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    numa_policy: str | None = None
    launch_prefix: list[str] = Field(default_factory=list)
    """Put before the worker's command, e.g. [numactl, --interleave=all] or [ssh, other-host]."""
    model_roots: list[str] = Field(default_factory=list)
    """Folders that hold GGUF files: relative to the checkout, or holding ${VARIABLES} or ${VARIABLES:-defaults}."""
    llama_cpp_binaries: str | None = None
    """Folder of llama-server and friends; may hold ${VARIABLES}."""
    pool: Name = "measured_machine"
    """Dagster pool: one measured job at a time."""
    measured: list[MeasuredFigure] = Field(default_factory=list)
    note: str | None = None


class Affects(Entry):
    """What a quirk touches: any of these."""

    models: list[str] = Field(default_factory=list)
    architectures: list[str] = Field(default_factory=list)
    families: list[str] = Field(default_factory=list)
    """Name prefixes such as Qwen2.5."""
    tools: list[str] = Field(default_factory=list)


class Quirk(Entry):
    """Something that behaves otherwise than one would expect, as a fact."""

    id: Name
    kind: QuirkKind
    statement: Text
    affects: Affects
    since: dt.date | None = None
    resolved: dt.date | None = None
    workaround: str | None = None
    trusted: bool = True
    doubt: str | None = None


class QuirkFile(Entry):
    """Shape of registry/quirks.yaml."""

    quirks: list[Quirk] = Field(default_factory=list)
