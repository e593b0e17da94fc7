from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.inference.bytes_per_token import (
    bytes_per_token,
    distinct_experts,
    fewer_experts_speedup,
    sequence_bytes,
    verification_bytes,
    weight_bytes_read,
)
from epyc_assets.registry.gguf_file import GgufFacts, read_gguf_facts
from epyc_assets_tests.models import shipped


def facts_of(name: str) -> GgufFacts:
    return read_gguf_facts(shipped(name))


def test_a_dense_model_with_a_tied_output_reads_every_weight() -> None:
    facts = facts_of("demo-target")
    assert weight_bytes_read(facts) == sum(facts.tensor_bytes.values())


def test_of_an_embedding_that_is_not_the_output_one_row_is_read() -> None:
    facts = facts_of("demo-target")
    untied = replace(facts, output_is_tied=False, tensor_bytes={**facts.tensor_bytes, "output": 320768})
    row = facts.tensor_bytes["embedding"] / 1253
    assert weight_bytes_read(untied) == pytest.approx(524288 + 1179648 + 5632 + 320768 + row)


def test_of_experts_those_used_are_read() -> None:
    facts = facts_of("demo-moe")
    shared = 240576 + 221184 + 9216 + 3456
    assert weight_bytes_read(facts) == pytest.approx(shared + 1327104 * 4 / 8)
    assert weight_bytes_read(facts, experts_used=1) == pytest.approx(shared + 1327104 / 8)
    assert weight_bytes_read(facts, experts_used=8) == pytest.approx(sum(facts.tensor_bytes.values()))
    with pytest.raises(ValueError, match="9 experts"):
        weight_bytes_read(facts, experts_used=9)


def test_keys_and_values_grow_with_the_context_by_type() -> None:
    facts = facts_of("demo-target")
    per_token = 4 * 4 * (32 + 32)  # blocks x KV heads x (key + value)
    assert sequence_bytes(facts, 100, windowed=True) == 100 * per_token * 2
    assert sequence_bytes(facts, 100, "f32", windowed=True) == 100 * per_token * 4
    assert sequence_bytes(facts, 100, "q8_0", windowed=True) == 100 * per_token * 34 / 32
    assert sequence_bytes(facts, 100, "q4_0", windowed=True) == 100 * per_token * 18 / 32
    assert sequence_bytes(facts, 0, windowed=True) == 0
    with pytest.raises(ValueError, match="KV type"):
        sequence_bytes(facts, 100, "q2_k", windowed=True)
    with pytest.raises(ValueError, match="context"):
        sequence_bytes(facts, -1, windowed=True)


def test_grouped_heads_share_keys_and_values() -> None:
    facts = facts_of("demo-target")
    grouped = replace(facts, kv_head_count=1)
    assert sequence_bytes(grouped, 100, windowed=True) == sequence_bytes(facts, 100, windowed=True) / 4


def test_blocks_with_a_window_read_no_more_than_it() -> None:
    facts = replace(facts_of("demo-target"), sliding_window=512, sliding_block_count=3)
    one_block = 4 * 64 * 2
    assert sequence_bytes(facts, 400, windowed=True) == 4 * 400 * one_block
    assert sequence_bytes(facts, 10_000, windowed=True) == (10_000 + 3 * 512) * one_block
    assert sequence_bytes(facts, 10_000, windowed=False) == 4 * 10_000 * one_block


def test_a_recurrent_model_keeps_a_state_of_one_size() -> None:
    facts = facts_of("demo-mamba")
    state = 3 * (3 * 128 + 8 * 128) * 4  # blocks x ((conv - 1) inner + state inner) x f32
    assert sequence_bytes(facts, 10, windowed=True) == sequence_bytes(facts, 10_000, windowed=True) == state


def test_a_hybrid_keeps_both() -> None:
    facts = replace(facts_of("demo-target"), is_hybrid=True, attention_block_count=1, recurrent_state_bytes=5000)
    assert sequence_bytes(facts, 100, windowed=True) == 100 * 4 * 64 * 2 + 5000


def test_fewer_experts_promise_the_ratio_of_bytes() -> None:
    facts = facts_of("demo-moe")
    own, fewer = (bytes_per_token(facts, context_tokens=200, experts_used=used).total for used in (4, 2))
    assert fewer_experts_speedup(facts, 2, context_tokens=200) == pytest.approx(own / fewer)
    assert fewer_experts_speedup(facts, 4, context_tokens=200) == 1
    assert fewer_experts_speedup(facts_of("demo-target"), 2, context_tokens=200) is None


@pytest.mark.parametrize(("batch", "expected"), [(0, 0), (1, 8.0), (2, 15.5), (5, 35.3), (9, 56.4), (17, 85.3)])
def test_distinct_experts_of_128_with_8_used(batch: int, expected: float) -> None:
    assert distinct_experts(128, 8, batch) == pytest.approx(expected, abs=0.05)


@given(st.integers(1, 256), st.data())
def test_distinct_experts_grow_with_the_batch_up_to_all(expert_count: int, data: st.DataObject) -> None:
    used = data.draw(st.integers(1, expert_count))
    batch = data.draw(st.integers(1, 64))
    fewer, more = distinct_experts(expert_count, used, batch), distinct_experts(expert_count, used, batch + 1)
    assert used - 1e-9 <= fewer <= more + 1e-9 <= expert_count + 2e-9
    assert fewer <= batch * used + 1e-9


def test_checking_a_draft_reads_more_experts_but_no_more_of_a_dense_model() -> None:
    dense, sparse = facts_of("demo-target"), facts_of("demo-moe")
    one_token = bytes_per_token(dense, context_tokens=100).total
    assert verification_bytes(dense, 9, context_tokens=100) == one_token
    assert verification_bytes(sparse, 1, context_tokens=100) == bytes_per_token(sparse, context_tokens=100).total
    all_experts = bytes_per_token(sparse, context_tokens=100, experts_used=8).total
    assert verification_bytes(sparse, 40, context_tokens=100) == pytest.approx(all_experts)
