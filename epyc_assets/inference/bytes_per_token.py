"""Bytes that decoding one token reads: weights, and what is kept of the sequence.

Here: pure functions over the facts of a GGUF file. Formulas and sources are in docs/physics.md. Not here: what follows
for speed (roofline), what must fit into memory (memory).
"""

from __future__ import annotations

from dataclasses import dataclass

from epyc_assets.registry.gguf_file import GgufFacts

KV_ITEM_BYTES = {"f32": 4.0, "f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of one number in the KV cache. The quantised types keep 32 numbers and a 2-byte scale in a block of 34 or 18
bytes (ggml-common.h, block_q8_0 and block_q4_0)."""

DEFAULT_KV_TYPE = "f16"


@dataclass(frozen=True, slots=True)
class TokenBytes:
    """What is read to decode one token, in bytes. weights_bytes: tensors, of the experts only those used.
    kv_bytes: keys and values of the context, and the recurrent state (read; writing it back is not counted)."""

    weights_bytes: float
    kv_bytes: float

    @property
    def total(self) -> float:
        """All bytes read for one token."""
        return self.weights_bytes + self.kv_bytes


def bytes_per_token(
    facts: GgufFacts, *, context_tokens: float, kv_type: str | None = None, experts_used: float | None = None
) -> TokenBytes:
    """Bytes read to decode one token with context_tokens before it.

    kv_type: f16 unless given. experts_used: other than the model's own number; may be a mean. Raises ValueError for an
    unknown KV type, a negative context, or more experts than there are.
    """
    return TokenBytes(
        weight_bytes_read(facts, experts_used=experts_used),
        sequence_bytes(facts, context_tokens, kv_type, windowed=True),
    )


def weight_bytes_read(facts: GgufFacts, *, experts_used: float | None = None) -> float:
    """Bytes of weights read for one token.

    Every tensor once, but: of the token embedding one row, unless it serves as output matrix too; of the routed
    experts k of E. W = sum of tensors - embedding (1 - 1/vocabulary) - experts (1 - k/E).
    """
    sizes = facts.tensor_bytes
    read = float(sum(sizes.values()))
    embedding = sizes.get("embedding", 0)
    if not facts.output_is_tied:
        read -= embedding * (1 - 1 / facts.vocabulary_size) if facts.vocabulary_size else embedding
    used = facts.expert_used_count if experts_used is None else experts_used
    if facts.expert_count and used is not None:
        if not 0 < used <= facts.expert_count:
            raise ValueError(f"{used:g} experts cannot be used of {facts.expert_count}")
        read -= sizes.get("experts", 0) * (1 - used / facts.expert_count)
    return read


def sequence_bytes(facts: GgufFacts, tokens: float, kv_type: str | None = None, *, windowed: bool) -> float:
    """Bytes that a sequence of so many tokens keeps: keys and values, and recurrent state.

    KV = kv heads x (key length + value length) x bytes per number, times tokens, over the blocks that attend; with
    windowed, blocks with a sliding window count min(tokens, window) (what decoding reads), else all tokens (what
    llama-cpp-python allocates: swa_full). Numbers that the file does not state count as 0.
    """
    if tokens < 0:
        raise ValueError(f"a context of {tokens} tokens makes no sense")
    item = KV_ITEM_BYTES.get(kv_type or DEFAULT_KV_TYPE)
    if item is None:
        raise ValueError(f"unknown KV type {kv_type!r}; there is: {', '.join(KV_ITEM_BYTES)}")
    state = facts.recurrent_state_bytes or 0
    if facts.is_recurrent:
        return float(state)
    blocks = facts.block_count or 0
    attending = blocks if facts.attention_block_count is None else facts.attention_block_count
    sliding = min(attending, facts.sliding_block_count or 0) if windowed and facts.sliding_window else 0
    numbers = (facts.kv_head_count or facts.head_count or 0) * ((facts.key_length or 0) + (facts.value_length or 0))
    seen = (attending - sliding) * tokens + sliding * min(tokens, facts.sliding_window or 0)
    return numbers * item * seen + state


def fewer_experts_speedup(
    facts: GgufFacts, experts_used: int, *, context_tokens: float, kv_type: str | None = None
) -> float | None:
    """Predicted speed-up of using so many experts: the ratio of bytes read; None for a model without experts.

    Speed is taken to follow bytes alone, so it is an upper bound.
    """
    if not facts.expert_count or not facts.expert_used_count:
        return None
    own = bytes_per_token(facts, context_tokens=context_tokens, kv_type=kv_type).total
    fewer = bytes_per_token(facts, context_tokens=context_tokens, kv_type=kv_type, experts_used=experts_used).total
    return own / fewer


def distinct_experts(expert_count: int, expert_used_count: int, batch_tokens: int) -> float:
    """Experts that a batch reads when its tokens choose independently and evenly: E (1 - (1 - k/E)^B).

    Tokens of one text choose alike, so it is an upper bound. Raises ValueError for counts that make no sense.
    """
    if not 0 < expert_used_count <= expert_count or batch_tokens < 0:
        raise ValueError(f"{expert_used_count} of {expert_count} experts for {batch_tokens} tokens makes no sense")
    return expert_count * (1 - (1 - expert_used_count / expert_count) ** batch_tokens)


def verification_bytes(
    facts: GgufFacts, batch_tokens: int, *, context_tokens: float, kv_type: str | None = None
) -> float:
    """Bytes read to check batch_tokens tokens in one evaluation: as for one token, but with the experts that so many
    tokens choose (distinct_experts). Over bytes_per_token it is the least that a verification costs."""
    experts: float | None = None
    if facts.expert_count and facts.expert_used_count:
        experts = distinct_experts(facts.expert_count, facts.expert_used_count, batch_tokens)
    return bytes_per_token(facts, context_tokens=context_tokens, kv_type=kv_type, experts_used=experts).total
