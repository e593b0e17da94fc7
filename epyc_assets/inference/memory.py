"""Memory that a loaded model needs: what a plan asks before it loads one.

Here: an estimate in parts from the facts of a GGUF file and the load parameters. Not here: what the host has
(registry.hosts), bytes read per token (bytes_per_token).

The parts follow what llama.cpp allocates on a CPU. Weights and KV cache are exact for the layouts it knows; compute
buffers are an estimate that was 0 to 5 % above llama.cpp's own figure on the demo models and is less sure for other
shapes. Not counted: the worker process itself (about 50 MB), and two copies of weights while a build repacks them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from epyc_assets.inference.bytes_per_token import sequence_bytes
from epyc_assets.inference.config import LoadParameters
from epyc_assets.registry.gguf_file import GgufFacts

DEFAULT_CONTEXT_TOKENS = 4096
LARGEST_DEFAULT_BATCH = 2048
LARGEST_DEFAULT_MICRO_BATCH = 512
"""What the worker allocates where the load parameters leave the choice (worker.native)."""

CONTEXT_STEP = 256
"""llama.cpp rounds a context up to a multiple of this (GGML_PAD of n_ctx in llama-context.cpp)."""

ASSUMED_FFN_RATIO = 4
"""Width of the feed-forward part over the model's, where the header's summary does not have it."""


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Memory of one loaded model, in bytes. kv_bytes: KV cache at the allocated context and recurrent state.
    compute_bytes: llama.cpp's buffers for intermediate results, estimated."""

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int

    @property
    def total(self) -> int:
        """All parts together."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes

    def __add__(self, other: MemoryNeed) -> MemoryNeed:
        """Two models held at once."""
        return MemoryNeed(
            self.weights_bytes + other.weights_bytes,
            self.kv_bytes + other.kv_bytes,
            self.compute_bytes + other.compute_bytes,
        )


def memory_needed_bytes(facts: GgufFacts, parameters: LoadParameters) -> MemoryNeed:
    """What a model needs when it is loaded with these parameters; unset ones as the worker sets them.

    Raises ValueError for a KV type that does not exist.
    """
    context = parameters.context_tokens or min(DEFAULT_CONTEXT_TOKENS, facts.context_tokens or DEFAULT_CONTEXT_TOKENS)
    context = -(-context // CONTEXT_STEP) * CONTEXT_STEP
    batch = parameters.batch_tokens or min(LARGEST_DEFAULT_BATCH, context)
    micro_batch = min(batch, parameters.micro_batch_tokens or LARGEST_DEFAULT_MICRO_BATCH)
    return MemoryNeed(
        weights_bytes=facts.file_bytes,
        kv_bytes=round(sequence_bytes(facts, context, parameters.kv_type, windowed=False)),
        compute_bytes=_compute_bytes(facts, context, micro_batch, flash=parameters.flash_attention != "off"),
    )


def memory_needed_together(needs: Iterable[MemoryNeed]) -> MemoryNeed:
    """What models need that are loaded in one process, for example a target and its draft."""
    total = MemoryNeed(0, 0, 0)
    for need in needs:
        total += need
    return total


def _compute_bytes(facts: GgufFacts, context: int, micro_batch: int, *, flash: bool) -> int:
    """Buffers of the largest graph: a micro-batch of a prompt.

    The attention mask (micro-batch x context, f16 with flash attention, else f32) lives through all blocks; beside it
    the widest moment counts: logits of every token of the micro-batch, the feed-forward part, or, without flash
    attention, the scores of all heads (micro-batch x context x heads, f32). llama.cpp reserves for all logits however
    few are asked for. The widths beside them (4, 8) are read off its own figures for the demo models.
    """
    width, vocabulary = facts.embedding_length or 0, facts.vocabulary_size or 0
    moments = [vocabulary + 4 * width, 2 * ASSUMED_FFN_RATIO * width + 2 * width]
    mask = 0
    if not facts.is_recurrent:
        mask = context * (2 if flash else 4)
        if not flash:
            moments.append((facts.head_count or 0) * context + 8 * width)
    return micro_batch * (mask + 4 * max(moments))
