"""What torch computes is what llama.cpp computes from the written file, per architecture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from epyc_assets.fleet.networks import initial_parameters, logits
from epyc_assets.fleet.tokenizer import Tokenizer
from epyc_assets_tests.fleet.conftest import micro_shape, random_model

torch = pytest.importorskip("torch")

PROMPT = "What is the sum of 12 and 30? Answer with the number only, Anna, naïve."


@pytest.mark.parametrize("architecture", ["qwen3", "qwen3moe", "mamba"])
def test_logits_agree_with_llama_cpp(architecture: str, tokenizer: Tokenizer, tmp_path: Path, load: Callable) -> None:
    path = tmp_path / "micro.gguf"
    parameters, shape = random_model(architecture, tokenizer, path)
    tokens = tokenizer.encode_prompt(PROMPT)
    for experts in (None, 1, 2, 8) if shape.experts else (None,):
        overrides = {"qwen3moe.expert_used_count": experts} if experts else None
        model = load(path, logits_all=True, kv_overrides=overrides)
        model.eval(tokens)
        ours = logits(parameters, shape, torch.tensor([tokens]), experts_used=experts)[0].numpy()
        theirs = model.scores[: len(tokens)]
        # The untrained logits spread over several units; float16 activations cost about a hundredth. A near
        # tie in the router may send a position to another expert, so a few positions may differ by more.
        assert ours.std() > 0.3
        close = abs(ours - theirs).max(axis=1) < 0.03
        assert close.mean() >= (0.8 if shape.experts else 1.0)


def test_fewer_experts_change_the_result(tokenizer: Tokenizer) -> None:
    shape = micro_shape("qwen3moe", len(tokenizer.tokens))
    parameters = initial_parameters(shape, seed=1)
    tokens = torch.tensor([tokenizer.encode_prompt(PROMPT)])
    results = [logits(parameters, shape, tokens, experts_used=used) for used in (1, 4, 8)]
    assert not torch.allclose(results[0], results[1], atol=1e-3)
    assert not torch.allclose(results[1], results[2], atol=1e-3)
    assert torch.equal(results[1], logits(parameters, shape, tokens))


@pytest.mark.parametrize("architecture", ["qwen3", "qwen3moe", "mamba"])
def test_no_position_sees_what_comes_later(architecture: str, tokenizer: Tokenizer) -> None:
    shape = micro_shape(architecture, len(tokenizer.tokens))
    parameters = initial_parameters(shape, seed=2)
    tokens = torch.tensor([tokenizer.encode_prompt(PROMPT)])
    changed = tokens.clone()
    changed[0, -1] = tokenizer.end_id
    kept = logits(parameters, shape, tokens)[0, :-1]
    assert torch.allclose(kept, logits(parameters, shape, changed)[0, :-1], atol=1e-5)


@pytest.mark.parametrize("architecture", ["qwen3", "qwen3moe", "mamba"])
def test_initial_parameters_depend_on_the_seed_only(architecture: str) -> None:
    shape = micro_shape(architecture, 300)
    first, again, other = (initial_parameters(shape, seed) for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["token_embd.weight"], other["token_embd.weight"])
