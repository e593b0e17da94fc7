"""What a model keeps of a sequence, by the metadata of its file: recurrent state, and blocks that see a window only.

What belongs here: llama.cpp's rules for these (llama-hparams.cpp, n_embd_r, n_embd_s and set_swa_pattern) over GGUF
metadata. What does not: how many bytes a context takes then (`inference.bytes_per_token`), the file format.
"""

from __future__ import annotations

from collections.abc import Mapping

from epyc_assets.registry.gguf_header import ArrayExtent, Value

SLIDING_WINDOW_PERIODS = {
    "cohere2": 4,
    "exaone4": 4,
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "olmo2": 4,
    "plamo3": 8,
    "smallthinker": 4,
}
"""Of so many blocks one sees the whole context and the others a window, where the file itself does not say: the
defaults of llama.cpp's loaders (set_swa_pattern in llama-model.cpp). Other architectures with a window are taken to
see everything, which is llama.cpp's own reading of phi3 and an upper bound for the rest."""

_STATE_ITEM_BYTES = 4
"""Recurrent state is kept in f32 (llama-memory-recurrent.cpp, default types)."""


def attention_block_count(architecture: str, metadata: Mapping[str, Value], block_count: int | None) -> int | None:
    """Blocks that attend and so keep keys and values, where the file tells them apart; else None."""
    heads = metadata.get(f"{architecture}.attention.head_count_kv")
    if isinstance(heads, ArrayExtent):
        return sum(1 for count in heads.numbers() if count)
    interval = metadata.get(f"{architecture}.full_attention_interval")
    if isinstance(interval, int) and interval > 0 and block_count:
        return block_count // interval
    return None


def sliding_block_count(architecture: str, metadata: Mapping[str, Value], block_count: int | None) -> int | None:
    """Blocks that attend to a sliding window only. None: without a window, or where nothing says which blocks."""
    window = metadata.get(f"{architecture}.attention.sliding_window")
    if not isinstance(window, int) or window <= 0 or not block_count:
        return None
    pattern = metadata.get(f"{architecture}.attention.sliding_window_pattern")
    if isinstance(pattern, ArrayExtent):
        slides = [bool(item) for item in pattern.numbers()]
        return sum(slides[block % len(slides)] for block in range(block_count)) if slides else None
    period = pattern if isinstance(pattern, int) else SLIDING_WINDOW_PERIODS.get(architecture)
    if period is None:
        return None
    if period == 0:
        return block_count
    return sum(block % period < period - 1 for block in range(block_count))


def recurrent_state_bytes(
    architecture: str, metadata: Mapping[str, Value], block_count: int | None, attention_blocks: int
) -> int | None:
    """Bytes of the state that recurrent blocks keep of one sequence, whatever its length; None where there is none.

    Per block (d_conv - 1)(d_inner + 2 groups d_state) + d_state d_inner numbers for Mamba, embedding x (shifts +
    head size) for RWKV, embedding x (l_cache - 1) for short convolutions; the blocks are those without attention.
    """

    def number(key: str) -> int:
        value = metadata.get(f"{architecture}.{key}")
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    embedding, head = number("embedding_length"), number("wkv.head_size")
    inner, state = number("ssm.inner_size"), number("ssm.state_size")
    if head:
        shifts = number("token_shift_count") or 2
        per_block = embedding * (shifts + head)
    elif cache := number("shortconv.l_cache"):
        per_block = embedding * (cache - 1)
    elif inner and state:
        convolution = max(0, number("ssm.conv_kernel") - 1) * (inner + 2 * number("ssm.group_count") * state)
        per_block = convolution + state * inner
    else:
        return None
    # In some hybrids (falcon-h1) every block attends and keeps a state too.
    blocks = (block_count or 0) - attention_blocks or (block_count or 0)
    return per_block * blocks * _STATE_ITEM_BYTES
