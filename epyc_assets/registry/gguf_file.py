"""What a GGUF file tells about itself: `read_gguf_facts`, and whether one model can draft for another.

What belongs here: the meaning of metadata and tensor names, shard sets, tokenizer identity. What does not:
the file format (`gguf_header`), walking folders (`gguf_scan`).
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from epyc_assets.registry.gguf_header import ArrayExtent, GgufFault, Header, TensorRecord, Value, read_header
from epyc_assets.registry.sequence_memory import attention_block_count, recurrent_state_bytes, sliding_block_count

__all__ = ["GgufFacts", "GgufFault", "Verdict", "draft_fits", "read_gguf_facts", "shard_files"]

RECURRENT_ARCHITECTURES = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"})
"""`llm_arch_is_recurrent` in llama.cpp's llama-arch.cpp."""

HYBRID_ARCHITECTURES = frozenset(
    {
        "jamba",
        "falcon-h1",
        "plamo2",
        "granitehybrid",
        "lfm2",
        "lfm2moe",
        "nemotron_h",
        "nemotron_h_moe",
        "qwen3next",
        "kimi-linear",
        "qwen35",
        "qwen35moe",
    }
)
"""`llm_arch_is_hybrid` in llama.cpp's llama-arch.cpp."""

TENSOR_KINDS = ("embedding", "output", "attention", "ffn", "experts", "router", "norm", "ssm", "other")

LARGEST_VOCABULARY_DIFFERENCE = 128
"""SPEC_VOCAB_MAX_SIZE_DIFFERENCE in llama.cpp's common/speculative.cpp."""
FIRST_COMPARED_TOKEN = 5
"""SPEC_VOCAB_CHECK_START_TOKEN_ID, same file: the first ids may differ."""

_SHARD = re.compile(r"^(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$", re.IGNORECASE)
_TOKENIZER = "tokenizer.ggml."
_SPECIAL_IDS = (
    "bos",
    "eos",
    "eot",
    "unknown",
    "seperator",
    "padding",
)  # "seperator" is the format's spelling


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What the header of a GGUF file or shard set says. None where it says nothing."""

    architecture: str
    name: str | None
    quantisation: str | None
    gguf_version: int
    file_bytes: int
    shard_count: int
    tensor_count: int
    parameter_count: int
    active_parameter_count: int
    """Parameters of all tensors, of the experts only the share used for one token."""
    tensor_bytes: dict[str, int]
    """Bytes by kind: embedding, output, attention, ffn, experts, router, norm, ssm, other."""
    output_is_tied: bool
    """No output tensor of its own: the token embedding is read for it."""
    block_count: int | None
    embedding_length: int | None
    head_count: int | None
    kv_head_count: int | None
    attention_block_count: int | None
    """Blocks with attention where the file tells them apart, else None."""
    key_length: int | None
    value_length: int | None
    sliding_window: int | None
    expert_count: int | None
    expert_used_count: int | None
    context_tokens: int | None
    vocabulary_size: int | None
    tokenizer_model: str | None
    tokenizer_pre: str | None
    bos_token_id: int | None
    eos_token_id: int | None
    adds_bos: bool | None
    adds_eos: bool | None
    chat_template_sha256: str | None
    is_recurrent: bool
    is_hybrid: bool
    tokenizer_fingerprint: str | None
    """sha256 over tokenizer model, tokens, scores, token types, merges and special ids."""
    token_data: bytes = field(default=b"", repr=False, compare=False)
    """The token texts from id 5 on, as in the file: what `draft_fits` compares."""
    sliding_block_count: int | None = None
    """Blocks that attend to the sliding window only, where known."""
    recurrent_state_bytes: int | None = None
    """State that recurrent blocks keep of a sequence of any length; None without such blocks."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a draft fits a target, and why."""

    fits: bool
    reason: str


def shard_files(path: Path) -> list[Path]:
    """The files of the set that `path` belongs to: `path` alone when its name has no `-00001-of-00004`."""
    match = _SHARD.match(path.name)
    if match is None:
        return [path]
    count = int(match["count"])
    if not 1 <= count <= 10_000:
        raise GgufFault(f"{path.name}: a set of {count} files makes no sense")
    suffix = path.name[-5:]
    return [path.with_name(f"{match['stem']}-{number:05d}-of-{count:05d}{suffix}") for number in range(1, count + 1)]


def read_gguf_facts(path: Path) -> GgufFacts:
    """Facts of a GGUF file; of a shard set, given its first file, of the whole set.

    Raises GgufFault, with a message for people, for everything that is not a whole, readable model.
    """
    path = Path(path)
    parts = shard_files(path)
    if path.name != parts[0].name:
        raise GgufFault(f"{path.name}: is not the first file of its set; give {parts[0].name}")
    first = read_header(path)
    stated = _integer(first.metadata.get("split.count"))
    if stated is not None and stated > 1 and len(parts) == 1:
        raise GgufFault(
            f"{path.name}: is one of {stated} parts, but its name has lost the -00001-of-{stated:05d}; "
            "give the parts their original names"
        )
    if stated is not None and len(parts) > 1 and stated != len(parts):
        raise GgufFault(f"{path.name}: its name says {len(parts)} parts, its metadata {stated}")
    missing = [part.name for part in parts if not part.exists()]
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise GgufFault(f"{path.name}: {len(missing)} of {len(parts)} parts are missing: {shown}")
    headers = [first, *(read_header(part) for part in parts[1:])]
    tensors = [tensor for header in headers for tensor in header.tensors]
    promised = _integer(first.metadata.get("split.tensors.count"))
    if promised is not None and len(parts) > 1 and promised != len(tensors):
        raise GgufFault(f"{path.name}: the parts hold {len(tensors)} tensors, but {promised} are promised")
    if len(parts) > 1 and len({tensor.name for tensor in tensors}) != len(tensors):
        raise GgufFault(f"{path.name}: two parts hold the same tensor: the set is mixed up")
    return _facts(path, first, headers, tensors)


def draft_fits(target: GgufFacts, draft: GgufFacts) -> Verdict:
    """Whether `draft` can draft for `target`, by llama.cpp's rule (common/speculative.cpp).

    Same tokenizer kind, same special ids where they are added, sizes at most 128 apart, and the same text for
    every id both have (the first five excepted). Neither may be recurrent or hybrid: their state cannot be
    rolled back after a rejected draft.
    """
    for model, said in ((target, "the target"), (draft, "the draft")):
        if model.is_recurrent or model.is_hybrid:
            kind = "recurrent" if model.is_recurrent else "hybrid"
            return Verdict(False, f"{said} is {kind} ({model.architecture}): its state cannot be rolled back")
        if model.vocabulary_size is None:
            return Verdict(False, f"{said} has no vocabulary in its file")
    if target.tokenizer_model != draft.tokenizer_model:
        return Verdict(False, f"tokenizers differ: target {target.tokenizer_model}, draft {draft.tokenizer_model}")
    if target.adds_bos != draft.adds_bos and (target.adds_bos or draft.adds_bos):
        return Verdict(False, f"add_bos differs: target {target.adds_bos}, draft {draft.adds_bos}")
    for said, ours, theirs in (
        ("begin-of-text", target.bos_token_id, draft.bos_token_id),
        ("end-of-text", target.eos_token_id, draft.eos_token_id),
    ):
        if ours != theirs:
            return Verdict(False, f"{said} ids differ: target {ours}, draft {theirs}")
    sizes = (target.vocabulary_size or 0, draft.vocabulary_size or 0)
    difference = abs(sizes[0] - sizes[1])
    if difference > LARGEST_VOCABULARY_DIFFERENCE:
        return Verdict(
            False,
            f"vocabulary sizes differ by {difference} (target {sizes[0]}, draft {sizes[1]}; "
            f"at most {LARGEST_VOCABULARY_DIFFERENCE})",
        )
    if target.tokenizer_fingerprint == draft.tokenizer_fingerprint:
        return Verdict(True, f"same tokenizer ({sizes[0]} tokens, same special ids)")
    if not (target.token_data and draft.token_data):
        return Verdict(False, "the token texts were not kept: read both files again to compare them")
    shorter, longer = sorted((target.token_data, draft.token_data), key=len)
    if not longer.startswith(shorter):
        token = _first_difference(target.token_data, draft.token_data)
        return Verdict(False, f"token {token} has a different text in target and draft")
    if difference:
        return Verdict(
            True,
            f"same tokens up to id {min(sizes) - 1}; sizes differ by {difference}, which llama.cpp tolerates",
        )
    return Verdict(True, f"same {sizes[0]} tokens and special ids")


def _facts(path: Path, first: Header, headers: list[Header], tensors: list[TensorRecord]) -> GgufFacts:
    metadata = first.metadata
    architecture = _text(metadata.get("general.architecture"))
    if not architecture:
        raise GgufFault(f"{path.name}: does not say its architecture (general.architecture)")

    def number(key: str) -> int | None:
        value = _integer(metadata.get(f"{architecture}.{key}"))
        if value is not None and not 0 <= value < 2**31:
            raise GgufFault(f"{path.name}: is corrupt: {architecture}.{key} is {value}")
        return value

    sizes: Counter[str] = Counter(dict.fromkeys(TENSOR_KINDS, 0))
    counts: Counter[str] = Counter()
    types: Counter[str] = Counter()
    for tensor in tensors:
        kind = tensor_kind(tensor.name)
        sizes[kind] += tensor.size_bytes
        counts[kind] += tensor.parameter_count
        types[tensor.type_name] += tensor.size_bytes
    experts, used = number("expert_count"), number("expert_used_count")
    if experts is not None and used is not None and used > experts:
        raise GgufFault(f"{path.name}: is corrupt: it uses {used} experts and has {experts}")
    parameters = sum(counts.values())
    idle = counts["experts"] * (1 - used / experts) if experts and used and used <= experts else 0
    head_count = number("attention.head_count")
    embedding_length = number("embedding_length")
    head_length = embedding_length // head_count if embedding_length and head_count else None
    has_ssm = any(key.startswith((f"{architecture}.ssm.", f"{architecture}.wkv.")) for key in metadata)
    has_attention = sizes["attention"] > 0
    block_count = number("block_count")
    attention_blocks = attention_block_count(architecture, metadata, block_count)
    recurrent = architecture in RECURRENT_ARCHITECTURES or (has_ssm and not has_attention)
    hybrid = not recurrent and (
        architecture in HYBRID_ARCHITECTURES
        or (has_ssm and has_attention)
        or f"{architecture}.full_attention_interval" in metadata
    )
    template = metadata.get("tokenizer.chat_template")
    tokens = metadata.get(_TOKENIZER + "tokens")
    vocabulary = tokens.count if isinstance(tokens, ArrayExtent) else number("vocab_size")
    return GgufFacts(
        architecture=architecture,
        name=_text(metadata.get("general.name")),
        quantisation=_quantisation(metadata, types),
        gguf_version=first.version,
        file_bytes=sum(header.file_bytes for header in headers),
        shard_count=len(headers),
        tensor_count=len(tensors),
        parameter_count=parameters,
        active_parameter_count=round(parameters - idle),
        tensor_bytes={kind: sizes[kind] for kind in TENSOR_KINDS},
        output_is_tied=counts["output"] == 0 and counts["embedding"] > 0,
        block_count=block_count,
        embedding_length=embedding_length,
        head_count=head_count,
        kv_head_count=number("attention.head_count_kv"),
        attention_block_count=attention_blocks,
        key_length=number("attention.key_length") or head_length,
        value_length=number("attention.value_length") or head_length,
        sliding_window=number("attention.sliding_window") or None,
        expert_count=experts or None,
        expert_used_count=used or None,
        context_tokens=number("context_length"),
        vocabulary_size=vocabulary,
        tokenizer_model=_text(metadata.get(_TOKENIZER + "model")),
        tokenizer_pre=_text(metadata.get(_TOKENIZER + "pre")),
        bos_token_id=_token_id(metadata.get(_TOKENIZER + "bos_token_id")),
        eos_token_id=_token_id(metadata.get(_TOKENIZER + "eos_token_id")),
        adds_bos=_flag(metadata.get(_TOKENIZER + "add_bos_token")),
        adds_eos=_flag(metadata.get(_TOKENIZER + "add_eos_token")),
        chat_template_sha256=(
            hashlib.sha256(template.encode("utf-8")).hexdigest() if isinstance(template, str) else None
        ),
        is_recurrent=recurrent,
        is_hybrid=hybrid,
        tokenizer_fingerprint=_fingerprint(metadata),
        token_data=_tokens_from(tokens, FIRST_COMPARED_TOKEN) if isinstance(tokens, ArrayExtent) else b"",
        sliding_block_count=sliding_block_count(architecture, metadata, block_count),
        recurrent_state_bytes=recurrent_state_bytes(architecture, metadata, block_count, attention_blocks or 0),
    )


def tensor_kind(name: str) -> str:
    """Which of TENSOR_KINDS a tensor is, by llama.cpp's naming (llama-arch.cpp, LLM_TENSOR_NAMES)."""
    part = re.sub(r"^(?:enc\.|dec\.)?blk\.\d+\.", "", name)
    base = part.rsplit(".", 1)[0] if part.endswith((".weight", ".bias", ".scale")) else part
    if base in ("token_embd", "token_types", "position_embd", "per_layer_token_embd"):
        return "embedding"
    if base in ("output", "cls", "cls.output"):
        return "output"
    if base.startswith(("ssm_", "time_mix", "shortconv")):
        return "ssm"
    if base.endswith(("norm", "norm_2", "norm_enc")):
        return "norm"
    if base.endswith("_exps") or re.fullmatch(r"ffn_(gate|up|down)\.\d+", base):
        return "experts"
    if base.startswith(("ffn_gate_inp", "exp_probs")):
        return "router"
    if base.startswith(("attn_", "cross_attn")):
        return "attention"
    if base.startswith(("ffn_", "channel_mix")):
        return "ffn"
    return "other"


def _quantisation(metadata: dict[str, Value], bytes_by_type: Counter[str]) -> str | None:
    from gguf.constants import LlamaFileType

    stated = _integer(metadata.get("general.file_type"))
    if stated is not None:
        try:
            return LlamaFileType(stated).name.removeprefix("MOSTLY_").removeprefix("ALL_")
        except ValueError:
            pass
    return bytes_by_type.most_common(1)[0][0] if bytes_by_type else None


def _fingerprint(metadata: dict[str, Value]) -> str | None:
    tokens = metadata.get(_TOKENIZER + "tokens")
    if not isinstance(tokens, ArrayExtent):
        return None
    digest = hashlib.sha256()
    for key in ("model", "tokens", "scores", "token_type", "merges"):
        value = metadata.get(_TOKENIZER + key)
        data = value.data if isinstance(value, ArrayExtent) else str(value).encode()
        digest.update(struct.pack("<Q", len(data)) + data)
    ids = [_token_id(metadata.get(f"{_TOKENIZER}{key}_token_id")) for key in _SPECIAL_IDS]
    flags = [_flag(metadata.get(f"{_TOKENIZER}add_{key}_token")) for key in ("bos", "eos")]
    digest.update(repr((ids, flags)).encode())
    return digest.hexdigest()


def _tokens_from(tokens: ArrayExtent, first: int) -> bytes:
    if not tokens.holds_text:
        return b""
    at = 0
    for _ in range(min(first, tokens.count)):
        at += 8 + struct.unpack_from("<Q", tokens.data, at)[0]
    return tokens.data[at:]


def _first_difference(ours: bytes, theirs: bytes) -> int:
    """Id of the first token whose text differs. Where the bytes part is found by halving; only the tokens before that
    are walked, which is what takes time."""
    same, differs = 0, min(len(ours), len(theirs)) + 1
    while differs - same > 1:
        middle = (same + differs) // 2
        same, differs = (middle, differs) if ours[same:middle] == theirs[same:middle] else (same, middle)
    token, at = FIRST_COMPARED_TOKEN, 0
    while at + 8 <= same:
        at += 8 + int.from_bytes(ours[at : at + 8], "little")
        if at > same:
            break
        token += 1
    return token


def _integer(value: Value | None) -> int | None:
    """A whole number; of a per-layer array the largest."""
    if isinstance(value, ArrayExtent):
        numbers = [int(item) for item in value.numbers() if isinstance(item, int)]
        return max(numbers, default=None)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value


def _token_id(value: Value | None) -> int | None:
    """A token's id; None also for the largest 32-bit number, which files use for "there is none"."""
    token = _integer(value)
    return token if token is not None and 0 <= token < 2**31 else None


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) and value else None


def _flag(value: Value | None) -> bool | None:
    return value if isinstance(value, bool) else None
