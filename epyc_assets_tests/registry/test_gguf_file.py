"""Facts of GGUF files, and which drafts fit which targets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from epyc_assets.registry.gguf_file import GgufFault, draft_fits, read_gguf_facts, shard_files, tensor_kind
from epyc_assets_tests.registry.registries import write_gguf

TOKENS = [f"t{number}" for number in range(300)]


def test_a_dense_model_tells_its_facts(tmp_path: Path) -> None:
    facts = read_gguf_facts(write_gguf(tmp_path / "m.gguf"))
    assert (facts.architecture, facts.name, facts.quantisation) == ("llama", "Tiny", "F32")
    assert (facts.block_count, facts.head_count, facts.kv_head_count) == (1, 4, 2)
    assert (facts.key_length, facts.value_length) == (8, 8), "embedding length over heads where not stated"
    assert (facts.context_tokens, facts.vocabulary_size) == (512, 8)
    assert (facts.bos_token_id, facts.eos_token_id) == (0, 1)
    assert facts.chat_template_sha256 is not None
    assert (facts.is_recurrent, facts.is_hybrid, facts.output_is_tied) == (False, False, False)
    assert facts.parameter_count == 8 * 32 + 32 + 32 * 32 + 32 + 64 * 32 + 8 * 32
    assert facts.active_parameter_count == facts.parameter_count
    expected = {"embedding": 1024, "output": 1024, "attention": 4096, "ffn": 8192, "norm": 256}
    assert {kind: size for kind, size in facts.tensor_bytes.items() if size} == expected
    assert sum(facts.tensor_bytes.values()) == 4 * facts.parameter_count


def test_experts_count_by_the_share_that_is_used(tmp_path: Path) -> None:
    facts = read_gguf_facts(write_gguf(tmp_path / "m.gguf", architecture="qwen3moe", experts=8))
    assert (facts.expert_count, facts.expert_used_count) == (8, 2)
    assert facts.tensor_bytes["experts"] == 8 * 16 * 32 * 4
    assert facts.tensor_bytes["router"] == 8 * 32 * 4
    assert facts.parameter_count - facts.active_parameter_count == 8 * 16 * 32 * 6 // 8


def test_an_output_that_is_the_embedding_is_tied(tmp_path: Path) -> None:
    facts = read_gguf_facts(write_gguf(tmp_path / "m.gguf", tied=True))
    assert facts.output_is_tied
    assert facts.tensor_bytes["output"] == 0


@pytest.mark.parametrize(
    ("architecture", "with_ssm", "with_attention", "recurrent", "hybrid"),
    [
        ("mamba", True, False, True, False),
        ("unheard-of", True, False, True, False),
        ("unheard-of", True, True, False, True),
        ("qwen3next", False, True, False, True),
        ("qwen35", True, True, False, True),
        ("qwen3", False, True, False, False),
    ],
)
def test_recurrence_is_seen_by_name_and_by_metadata(
    tmp_path: Path, architecture: str, with_ssm: bool, with_attention: bool, recurrent: bool, hybrid: bool
) -> None:
    path = write_gguf(tmp_path / "m.gguf", architecture=architecture, with_ssm=with_ssm, with_attention=with_attention)
    facts = read_gguf_facts(path)
    assert (facts.is_recurrent, facts.is_hybrid) == (recurrent, hybrid)


def test_heads_per_layer_tell_the_layers_with_attention(tmp_path: Path) -> None:
    import gguf

    path = tmp_path / "m.gguf"
    writer = gguf.GGUFWriter(path, "jamba")
    writer.add_head_count_kv([0, 8, 0, 8])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    facts = read_gguf_facts(path)
    assert (facts.kv_head_count, facts.attention_block_count) == (8, 2)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("token_embd.weight", "embedding"),
        ("output.weight", "output"),
        ("output_norm.weight", "norm"),
        ("blk.12.attn_norm.weight", "norm"),
        ("blk.12.attn_q_norm.weight", "norm"),
        ("blk.12.attn_q.weight", "attention"),
        ("blk.0.attn_qkv.bias", "attention"),
        ("blk.0.ffn_down.weight", "ffn"),
        ("blk.0.ffn_down_exps.weight", "experts"),
        ("blk.0.ffn_gate.7.weight", "experts"),
        ("blk.0.ffn_down_shexp.weight", "ffn"),
        ("blk.0.ffn_gate_inp.weight", "router"),
        ("blk.0.exp_probs_b.bias", "router"),
        ("blk.0.ssm_conv1d.weight", "ssm"),
        ("blk.0.ssm_a", "ssm"),
        ("blk.0.time_mix_key.weight", "ssm"),
        ("rope_freqs.weight", "other"),
        ("v.patch_embd.weight", "other"),
    ],
)
def test_tensors_are_sorted_by_name(name: str, kind: str) -> None:
    assert tensor_kind(name) == kind


def test_the_fingerprint_is_the_tokenizers_and_nothing_elses(tmp_path: Path) -> None:
    base = read_gguf_facts(write_gguf(tmp_path / "a.gguf")).tokenizer_fingerprint
    assert base == read_gguf_facts(write_gguf(tmp_path / "b.gguf", tied=True)).tokenizer_fingerprint
    others = [
        write_gguf(tmp_path / "c.gguf", tokens=["<s>", "</s>", "a", "b", "c", "d", "e", "F"]),
        write_gguf(tmp_path / "d.gguf", special_ids=(0, 2)),
        write_gguf(tmp_path / "e.gguf", extra={"tokenizer.ggml.merges": ["a b"]}),
    ]
    fingerprints = {read_gguf_facts(path).tokenizer_fingerprint for path in others}
    assert len(fingerprints) == 3
    assert base not in fingerprints


def test_a_large_vocabulary_agrees_with_the_library(tmp_path: Path) -> None:
    from gguf import GGUFReader

    tokens = [f"token-{number}-ü" for number in range(5_000)]
    path = write_gguf(tmp_path / "m.gguf", tokens=tokens)
    facts = read_gguf_facts(path)
    reader = GGUFReader(path)
    assert facts.vocabulary_size == len(tokens)
    assert facts.tensor_count == len(reader.tensors)
    assert facts.parameter_count == sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert sum(facts.tensor_bytes.values()) == sum(int(tensor.n_bytes) for tensor in reader.tensors)


def split(folder: Path, count: int = 2) -> list[Path]:
    """A shard set: metadata in the first file, tensors spread over all."""
    paths = []
    for number in range(1, count + 1):
        extra = {"split.count": count}
        if number == 1:
            path = write_gguf(folder / f"m-{number:05d}-of-{count:05d}.gguf", extra=extra)
        else:
            import gguf
            import numpy as np

            path = folder / f"m-{number:05d}-of-{count:05d}.gguf"
            writer = gguf.GGUFWriter(path, "llama")
            writer.add_uint32("split.count", count)
            writer.add_tensor(f"blk.{number}.attn_k.weight", np.zeros((32, 32), dtype=np.float32))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
        paths.append(path)
    return paths


def test_a_shard_set_is_read_as_one_model(tmp_path: Path) -> None:
    alone = read_gguf_facts(write_gguf(tmp_path / "alone.gguf"))
    parts = split(tmp_path, 3)
    facts = read_gguf_facts(parts[0])
    assert facts.shard_count == 3
    assert facts.parameter_count == alone.parameter_count + 2 * 32 * 32
    assert facts.file_bytes == sum(part.stat().st_size for part in parts)
    assert shard_files(parts[0]) == parts


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    parts = split(tmp_path, 3)
    parts[1].unlink()
    with pytest.raises(GgufFault, match=r"1 of 3 parts are missing: m-00002-of-00003\.gguf"):
        read_gguf_facts(parts[0])


def test_another_part_than_the_first_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GgufFault, match=r"not the first file of its set; give m-00001-of-00002\.gguf"):
        read_gguf_facts(split(tmp_path)[1])


def test_a_part_that_lost_its_name_is_told(tmp_path: Path) -> None:
    first = split(tmp_path, 3)[0].rename(tmp_path / "renamed.gguf")
    with pytest.raises(GgufFault, match="is one of 3 parts, but its name has lost"):
        read_gguf_facts(first)


def fits(tmp_path: Path, target: dict[str, object], draft: dict[str, object]) -> tuple[bool, str]:
    ours = read_gguf_facts(write_gguf(tmp_path / "target.gguf", **target))  # type: ignore[arg-type]
    theirs = read_gguf_facts(write_gguf(tmp_path / "draft.gguf", **draft))  # type: ignore[arg-type]
    verdict = draft_fits(ours, theirs)
    return verdict.fits, verdict.reason


def test_the_same_tokenizer_fits(tmp_path: Path) -> None:
    assert fits(tmp_path, {}, {"tied": True}) == (True, "same tokenizer (8 tokens, same special ids)")


def test_vocabularies_may_differ_in_size_by_128(tmp_path: Path) -> None:
    answer, reason = fits(tmp_path, {"tokens": TOKENS}, {"tokens": TOKENS[:172]})
    assert answer, reason
    assert "sizes differ by 128" in reason
    answer, reason = fits(tmp_path, {"tokens": TOKENS}, {"tokens": TOKENS[:171]})
    assert not answer
    assert "vocabulary sizes differ by 129 (target 300, draft 171; at most 128)" in reason


def test_the_first_five_tokens_may_differ_the_sixth_may_not(tmp_path: Path) -> None:
    for index, expected in ((4, True), (5, False), (200, False)):
        changed = [*TOKENS[:index], "other", *TOKENS[index + 1 :]]
        answer, reason = fits(tmp_path, {"tokens": TOKENS}, {"tokens": changed})
        assert answer is expected, reason
        if not expected:
            assert reason == f"token {index} has a different text in target and draft"


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ({"special_ids": (2, 1)}, "begin-of-text ids differ: target 0, draft 2"),
        ({"special_ids": (0, 3)}, "end-of-text ids differ: target 1, draft 3"),
        (
            {"architecture": "mamba", "with_ssm": True, "with_attention": False},
            "the draft is recurrent (mamba): its state cannot be rolled back",
        ),
    ],
)
def test_reasons_against_a_draft(tmp_path: Path, draft: dict[str, object], expected: str) -> None:
    assert fits(tmp_path, {}, draft) == (False, expected)


def test_a_recurrent_target_takes_no_draft(tmp_path: Path) -> None:
    answer, reason = fits(tmp_path, {"architecture": "qwen35"}, {})
    assert not answer
    assert reason == "the target is hybrid (qwen35): its state cannot be rolled back"


def test_other_tokenizers_never_fit(tmp_path: Path) -> None:
    facts = read_gguf_facts(write_gguf(tmp_path / "m.gguf"))
    verdict = draft_fits(facts, replace(facts, tokenizer_model="llama"))
    assert verdict.reason == "tokenizers differ: target gpt2, draft llama"
