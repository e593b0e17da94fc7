"""The fleet's architectures in torch, with their parameters under the names that GGUF files use.

Belongs here: shapes, initial parameters and the forward pass of `qwen3` (dense), `qwen3moe` (mixture of
experts) and `mamba` (recurrent), each as llama.cpp computes it. Does not belong here: training, files.

A model is a dictionary from GGUF tensor name to tensor plus a `Shape`; matrices are stored (output, input),
as in torch, which is also how GGUF writes them. Input and output embedding are one matrix.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    Parameters = dict[str, torch.Tensor]

RMS_EPSILON = 1e-6
ROPE_BASE = 10000.0


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of one network. `hidden` is the feed-forward width, of one expert where there are experts."""

    architecture: str  # qwen3 | qwen3moe | mamba
    vocabulary: int
    width: int
    layers: int
    heads: int = 4
    head_width: int = 32
    hidden: int = 0
    experts: int = 0
    experts_used: int = 0
    state: int = 0
    inner: int = 0
    convolution: int = 4
    step_rank: int = 0
    context: int = 1024


def initial_parameters(shape: Shape, seed: int) -> Parameters:
    """Fresh parameters, float32, the same for the same shape and seed."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    width = shape.width

    def matrix(*sizes: int, scale: float = 1.0) -> torch.Tensor:
        return torch.randn(*sizes, generator=generator) * (scale / math.sqrt(sizes[-1]))

    residual = 1 / math.sqrt(2 * shape.layers)
    made: Parameters = {
        "token_embd.weight": torch.randn(shape.vocabulary, width, generator=generator) * 0.05,
        "output_norm.weight": torch.ones(width),
    }
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        made[f"{block}.attn_norm.weight"] = torch.ones(width)
        if shape.architecture == "mamba":
            inner, state = shape.inner, shape.state
            made[f"{block}.ssm_in.weight"] = matrix(2 * inner, width)
            made[f"{block}.ssm_conv1d.weight"] = matrix(inner, shape.convolution)
            made[f"{block}.ssm_conv1d.bias"] = torch.zeros(inner)
            made[f"{block}.ssm_x.weight"] = matrix(shape.step_rank + 2 * state, inner)
            made[f"{block}.ssm_dt.weight"] = matrix(inner, shape.step_rank)
            # Steps from 0.001 to 0.1 after the softplus, evenly on a logarithmic scale (Mamba's own choice).
            steps = torch.exp(torch.linspace(math.log(1e-3), math.log(1e-1), inner))
            made[f"{block}.ssm_dt.bias"] = steps + torch.log(-torch.expm1(-steps))
            made[f"{block}.ssm_a"] = torch.arange(1.0, state + 1).log().repeat(inner, 1)
            made[f"{block}.ssm_d"] = torch.ones(inner)
            made[f"{block}.ssm_out.weight"] = matrix(width, inner, scale=residual)
            continue
        attention = shape.heads * shape.head_width
        for name in ("attn_q", "attn_k", "attn_v"):
            made[f"{block}.{name}.weight"] = matrix(attention, width)
        made[f"{block}.attn_q_norm.weight"] = torch.ones(shape.head_width)
        made[f"{block}.attn_k_norm.weight"] = torch.ones(shape.head_width)
        made[f"{block}.attn_output.weight"] = matrix(width, attention, scale=residual)
        made[f"{block}.ffn_norm.weight"] = torch.ones(width)
        if shape.experts:
            made[f"{block}.ffn_gate_inp.weight"] = matrix(shape.experts, width)
            made[f"{block}.ffn_gate_exps.weight"] = matrix(shape.experts, shape.hidden, width)
            made[f"{block}.ffn_up_exps.weight"] = matrix(shape.experts, shape.hidden, width)
            made[f"{block}.ffn_down_exps.weight"] = matrix(shape.experts, width, shape.hidden, scale=residual)
        else:
            made[f"{block}.ffn_gate.weight"] = matrix(shape.hidden, width)
            made[f"{block}.ffn_up.weight"] = matrix(shape.hidden, width)
            made[f"{block}.ffn_down.weight"] = matrix(width, shape.hidden, scale=residual)
    return made


def hidden_states(
    parameters: Parameters, shape: Shape, tokens: torch.Tensor, *, experts_used: int | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Normalised last states (batch, time, width) for token ids (batch, time), and the balance penalty.

    The penalty is the load balancing loss of the Switch Transformer (Fedus et al. 2021, eq. 4), summed over
    layers, 0 for models without experts. `experts_used` takes experts away, as llama.cpp's override does.
    """
    import torch

    states = parameters["token_embd.weight"][tokens]
    penalty = states.new_zeros(())
    rotation = None if shape.architecture == "mamba" else _rotation(tokens.shape[1], shape.head_width)
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        normed = _rms_norm(states, parameters[f"{block}.attn_norm.weight"])
        if shape.architecture == "mamba":
            states = states + _selective_scan(parameters, shape, block, normed)
            continue
        assert rotation is not None
        states = states + _attention(parameters, shape, block, normed, rotation)
        normed = _rms_norm(states, parameters[f"{block}.ffn_norm.weight"])
        if shape.experts:
            used = shape.experts_used if experts_used is None else experts_used
            mixed, layer_penalty = _experts(parameters, shape, block, normed, used)
            states, penalty = states + mixed, penalty + layer_penalty
        else:
            gate = torch.nn.functional.silu(normed @ parameters[f"{block}.ffn_gate.weight"].T)
            up = normed @ parameters[f"{block}.ffn_up.weight"].T
            states = states + (gate * up) @ parameters[f"{block}.ffn_down.weight"].T
    return _rms_norm(states, parameters["output_norm.weight"]), penalty


def logits(
    parameters: Parameters, shape: Shape, tokens: torch.Tensor, *, experts_used: int | None = None
) -> torch.Tensor:
    """Logits (batch, time, vocabulary) for token ids (batch, time)."""
    states, _ = hidden_states(parameters, shape, tokens, experts_used=experts_used)
    return states @ parameters["token_embd.weight"].T


def _rms_norm(states: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    scale = states.pow(2).mean(-1, keepdim=True).add(RMS_EPSILON).rsqrt()
    return states * scale * weight


def _rotation(length: int, head_width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines (time, head_width / 2) of rotary positions (Su et al. 2021)."""
    import torch

    frequencies = ROPE_BASE ** (-torch.arange(0, head_width, 2) / head_width)
    angles = torch.arange(length)[:, None] * frequencies[None, :]
    return angles.cos(), angles.sin()


def _rotate(states: torch.Tensor, rotation: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Rotary positions in the "NEOX" layout: first half of a head against its second half."""
    import torch

    cosine, sine = rotation
    first, second = states.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)


def _attention(
    parameters: Parameters,
    shape: Shape,
    block: str,
    states: torch.Tensor,
    rotation: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    import torch

    batch, time, _ = states.shape

    def heads(name: str) -> torch.Tensor:
        projected = states @ parameters[f"{block}.{name}.weight"].T
        return projected.view(batch, time, shape.heads, shape.head_width).transpose(1, 2)

    query = _rotate(_rms_norm(heads("attn_q"), parameters[f"{block}.attn_q_norm.weight"]), rotation)
    key = _rotate(_rms_norm(heads("attn_k"), parameters[f"{block}.attn_k_norm.weight"]), rotation)
    mixed = torch.nn.functional.scaled_dot_product_attention(query, key, heads("attn_v"), is_causal=True)
    mixed = mixed.transpose(1, 2).reshape(batch, time, shape.heads * shape.head_width)
    return mixed @ parameters[f"{block}.attn_output.weight"].T


def _experts(
    parameters: Parameters, shape: Shape, block: str, states: torch.Tensor, used: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mixture of experts with renormalised top-k weights, computed as one wide masked feed-forward."""
    import torch

    flat = states.reshape(-1, shape.width)
    chances = (flat @ parameters[f"{block}.ffn_gate_inp.weight"].T).softmax(-1)
    best, chosen = chances.topk(used, dim=-1)
    weights = torch.zeros_like(chances).scatter(1, chosen, best / best.sum(-1, keepdim=True))
    load = (weights > 0).float().mean(0) / used
    penalty = shape.experts * (load * chances.mean(0)).sum()
    gate = flat @ parameters[f"{block}.ffn_gate_exps.weight"].reshape(-1, shape.width).T
    up = flat @ parameters[f"{block}.ffn_up_exps.weight"].reshape(-1, shape.width).T
    inner = (torch.nn.functional.silu(gate) * up).view(-1, shape.experts, shape.hidden)
    inner = (inner * weights[:, :, None]).reshape(-1, shape.experts * shape.hidden)
    down = parameters[f"{block}.ffn_down_exps.weight"].transpose(1, 2).reshape(-1, shape.width)
    return (inner @ down).view_as(states), penalty


def _selective_scan(parameters: Parameters, shape: Shape, block: str, states: torch.Tensor) -> torch.Tensor:
    """Mamba's mixer (Gu and Dao 2023, algorithm 2), the recurrence as a plain loop over time.

    `ssm_a` is trained as the logarithm of -A; the file stores A itself.
    """
    import torch

    functional = torch.nn.functional
    values, gate = (states @ parameters[f"{block}.ssm_in.weight"].T).chunk(2, dim=-1)
    padded = functional.pad(values.transpose(1, 2), (shape.convolution - 1, 0))
    kernel = parameters[f"{block}.ssm_conv1d.weight"][:, None, :]
    values = functional.conv1d(padded, kernel, parameters[f"{block}.ssm_conv1d.bias"], groups=shape.inner)
    values = functional.silu(values.transpose(1, 2))
    step, into, out = (values @ parameters[f"{block}.ssm_x.weight"].T).split(
        (shape.step_rank, shape.state, shape.state), dim=-1
    )
    step = functional.softplus(step @ parameters[f"{block}.ssm_dt.weight"].T + parameters[f"{block}.ssm_dt.bias"])
    decay = torch.exp(step[..., None] * -parameters[f"{block}.ssm_a"].exp())
    driven = (step * values)[..., None] * into[:, :, None, :]
    memory = torch.zeros_like(driven[:, 0])
    seen = []
    for kept, added in zip(decay.unbind(1), driven.unbind(1), strict=True):
        memory = kept * memory + added
        seen.append(memory)
    mixed = (torch.stack(seen, dim=1) * out[:, :, None, :]).sum(-1)
    mixed = mixed + parameters[f"{block}.ssm_d"] * values
    return (mixed * functional.silu(gate)) @ parameters[f"{block}.ssm_out.weight"].T
