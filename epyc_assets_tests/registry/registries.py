"""Small registries and GGUF files for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from epyc_assets.registry import RegistryFault, load_registry

HOST = "model_roots: [models]\n"

FLEET = """\
host: here
models:
  target:
    file: target.gguf
    drafts: [draft]
  draft:
    file: draft.gguf
    kind: draft
roles:
  frontdoor:
    tier: A
    description: Talks.
    model: target
    candidates: [target]
    gates:
      - {suite: math, minimum: 0.7}
    escalation: [expert]
  expert:
    tier: B
    description: Knows.
    model: target
question_sets:
  - {suite: math, count: 3}
"""


def write_registry(
    folder: Path,
    fleet: str | bytes = FLEET,
    *,
    host: str | bytes = HOST,
    quirks: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Path:
    """A registry with one host `here` and one fleet `small` below `folder`; returns its folder."""
    registry = folder / "registry"
    files: dict[str, str | bytes] = {"hosts/here.yaml": host, "fleets/small.yaml": fleet, **(more or {})}
    if quirks is not None:
        files["quirks.yaml"] = quirks
    for name, content in files.items():
        path = registry / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return registry


def faults_of(registry: Path) -> list[str]:
    """The lines of the RegistryFault that loading raises."""
    with pytest.raises(RegistryFault) as caught:
        load_registry(registry)
    lines = [str(fault) for fault in caught.value.faults]
    assert all(line in str(caught.value) for line in lines)
    return lines


def write_gguf(
    path: Path,
    *,
    architecture: str = "llama",
    tokens: Sequence[str] = ("<s>", "</s>", "a", "b", "c", "d", "e", "f"),
    experts: int = 0,
    tied: bool = False,
    special_ids: tuple[int, int] = (0, 1),
    extra: Mapping[str, Any] | None = None,
    template: str | None = "{{ messages }}",
    with_ssm: bool = False,
    with_attention: bool = True,
) -> Path:
    """A GGUF file of a few kilobytes with the metadata and tensor names of a real model."""
    import gguf
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("Tiny")
    writer.add_block_count(1)
    writer.add_context_length(512)
    writer.add_embedding_length(32)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_file_type(0)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(2)
    if with_ssm:
        writer.add_ssm_state_size(16)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(list(tokens))
    writer.add_token_types([1] * len(tokens))
    writer.add_bos_token_id(special_ids[0])
    writer.add_eos_token_id(special_ids[1])
    if template is not None:
        writer.add_chat_template(template)
    for key, value in (extra or {}).items():
        if isinstance(value, list):
            writer.add_array(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        else:
            writer.add_string(key, value)
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (len(tokens), 32), "output_norm.weight": (32,)}
    if with_attention:
        shapes["blk.0.attn_q.weight"] = (32, 32)
        shapes["blk.0.attn_norm.weight"] = (32,)
    if experts:
        shapes["blk.0.ffn_up_exps.weight"] = (experts, 16, 32)
        shapes["blk.0.ffn_gate_inp.weight"] = (experts, 32)
    else:
        shapes["blk.0.ffn_up.weight"] = (64, 32)
    if with_ssm:
        shapes["blk.0.ssm_in.weight"] = (64, 32)
    if not tied:
        shapes["output.weight"] = (len(tokens), 32)
    for name, shape in shapes.items():
        writer.add_tensor(name, np.full(shape, 0.5, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
