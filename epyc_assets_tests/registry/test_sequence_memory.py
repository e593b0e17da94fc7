from __future__ import annotations

import struct

import pytest

from epyc_assets.registry.gguf_header import ArrayExtent, Value
from epyc_assets.registry.sequence_memory import attention_block_count, recurrent_state_bytes, sliding_block_count

INT32, BOOL = 5, 7


def numbers(values: list[int]) -> ArrayExtent:
    return ArrayExtent(INT32, len(values), struct.pack(f"<{len(values)}i", *values))


def flags(values: list[bool]) -> ArrayExtent:
    return ArrayExtent(BOOL, len(values), bytes(values))


@pytest.mark.parametrize(
    ("architecture", "blocks", "pattern", "sliding"),
    [
        ("gemma3", 18, None, 15),  # gemma-3-270m: blocks 6, 12 and 18 see everything
        ("gemma2", 26, None, 13),
        ("gpt-oss", 24, None, 12),
        ("cohere2", 32, None, 24),
        ("phi3", 32, None, None),
        ("anything", 8, 4, 6),
        ("anything", 8, 0, 8),
        ("anything", 8, 1, 0),
        ("anything", 6, flags([True, True, False]), 4),
        ("anything", 6, flags([]), None),
    ],
)
def test_which_blocks_slide(architecture: str, blocks: int, pattern: Value | None, sliding: int | None) -> None:
    metadata: dict[str, Value] = {f"{architecture}.attention.sliding_window": 512}
    if pattern is not None:
        metadata[f"{architecture}.attention.sliding_window_pattern"] = pattern
    assert sliding_block_count(architecture, metadata, blocks) == sliding
    assert sliding_block_count(architecture, {}, blocks) is None
    assert sliding_block_count(architecture, metadata, None) is None


def test_attention_is_told_apart_by_heads_or_by_an_interval() -> None:
    assert attention_block_count("a", {"a.attention.head_count_kv": numbers([0, 8, 0, 8, 0])}, 5) == 2
    assert attention_block_count("qwen3next", {"qwen3next.full_attention_interval": 4}, 48) == 12
    assert attention_block_count("a", {"a.attention.head_count_kv": 8}, 5) is None


def test_state_of_mamba_rwkv_and_short_convolutions() -> None:
    mamba: dict[str, Value] = {
        "m.embedding_length": 64,
        "m.ssm.conv_kernel": 4,
        "m.ssm.inner_size": 128,
        "m.ssm.state_size": 16,
        "m.ssm.group_count": 2,
    }
    assert recurrent_state_bytes("m", mamba, 10, 0) == 10 * (3 * (128 + 2 * 2 * 16) + 16 * 128) * 4
    assert recurrent_state_bytes("m", mamba, 10, 4) == 6 * (3 * (128 + 2 * 2 * 16) + 16 * 128) * 4
    # Every block attends and keeps a state too.
    assert recurrent_state_bytes("m", mamba, 10, 10) == recurrent_state_bytes("m", mamba, 10, 0)
    rwkv: dict[str, Value] = {"r.embedding_length": 2048, "r.wkv.head_size": 64}
    assert recurrent_state_bytes("r", rwkv, 24, 0) == 24 * 2048 * (2 + 64) * 4
    convolution: dict[str, Value] = {"l.embedding_length": 1024, "l.shortconv.l_cache": 3}
    assert recurrent_state_bytes("l", convolution, 16, 6) == 10 * 1024 * 2 * 4
    assert recurrent_state_bytes("a", {"a.embedding_length": 64}, 4, 4) is None
