"""Writes a trained network and the fleet's tokenizer as one GGUF file.

Belongs here: metadata keys, tensor types and layouts as llama.cpp reads them. Does not belong here: reading
GGUF files of unknown origin, which is the registry's work.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy

from epyc_assets.fleet.networks import RMS_EPSILON, ROPE_BASE, Shape
from epyc_assets.fleet.tokenizer import CHAT_TEMPLATE, SPECIAL_TOKENS, Tokenizer

if TYPE_CHECKING:
    import gguf

    from epyc_assets.fleet.networks import Parameters

# llama.cpp multiplies with these element by element or in float32 kernels only.
_FLOAT32_ENDINGS = (".bias", "ssm_conv1d.weight", "ssm_a", "ffn_gate_inp.weight")


def stored_parameters(parameters: Parameters) -> dict[str, numpy.ndarray]:
    """The arrays as they go into the file: float16 matrices, float32 for the rest, A instead of log(-A)."""
    stored = {}
    for name, tensor in parameters.items():
        values = tensor.detach().numpy()
        if name.endswith("ssm_a"):
            values = -numpy.exp(values)
        single = values.ndim == 1 or name.endswith(_FLOAT32_ENDINGS)
        stored[name] = numpy.ascontiguousarray(values, dtype=numpy.float32 if single else numpy.float16)
    return stored


def write_gguf(
    path: Path, parameters: Parameters, shape: Shape, tokenizer: Tokenizer, *, name: str, description: str
) -> None:
    """Write the file in one step: a reader sees the old file or the whole new one."""
    import gguf

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    writer = gguf.GGUFWriter(unfinished, shape.architecture)
    try:
        _add_description(writer, shape, name, description)
        _add_tokenizer(writer, tokenizer)
        for tensor_name, values in stored_parameters(parameters).items():
            writer.add_tensor(tensor_name, values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
    unfinished.replace(path)


def _add_description(writer: gguf.GGUFWriter, shape: Shape, name: str, description: str) -> None:
    import gguf

    writer.add_name(name)
    writer.add_description(description)
    writer.add_license("MIT")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_layer_norm_rms_eps(RMS_EPSILON)
    if shape.architecture == "mamba":
        writer.add_feed_forward_length(0)
        writer.add_head_count(0)
        writer.add_ssm_conv_kernel(shape.convolution)
        writer.add_ssm_inner_size(shape.inner)
        writer.add_ssm_state_size(shape.state)
        writer.add_ssm_time_step_rank(shape.step_rank)
        return
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_rope_freq_base(ROPE_BASE)
    if shape.experts:
        writer.add_feed_forward_length(shape.hidden * shape.experts_used)
        writer.add_expert_feed_forward_length(shape.hidden)
        writer.add_expert_count(shape.experts)
        writer.add_expert_used_count(shape.experts_used)
    else:
        writer.add_feed_forward_length(shape.hidden)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    import gguf

    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(list(tokenizer.tokens))
    writer.add_token_types(
        [gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL for token in tokenizer.tokens]
    )
    writer.add_token_merges([" ".join(merge) for merge in tokenizer.merges])
    # The format wants a start token; this fleet has none, so the end token stands in and is never added.
    writer.add_bos_token_id(tokenizer.end_id)
    writer.add_eos_token_id(tokenizer.end_id)
    writer.add_pad_token_id(tokenizer.padding_id)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
