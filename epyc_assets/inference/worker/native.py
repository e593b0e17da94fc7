"""A model and its context in llama.cpp: loading, tokens and text, evaluating, logits, taking back.

Here: what both a target and a draft need, straight on llama.cpp's low-level interface. Not here: the token loop
and its clock (engine), proposing tokens (drafting), choosing them (choosing).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

KV_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}
"""ggml type numbers of the cache types a session may ask for."""


class EngineError(Exception):
    """Something the engine cannot do; kind is a word for programs: load_failed, context, logits, protocol. draft: the
    draft that could not be loaded."""

    def __init__(self, kind: str, message: str, draft: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.draft = draft


class NativeModel:
    """A loaded model with one context of one sequence. Methods raise EngineError.

    position counts the tokens in the context's memory. The high-level Llama class is not used: it keeps
    context x vocabulary logits, reuses prefixes silently and costs a tenth of the speed of small models.
    """

    def __init__(self, path: str, parameters: dict[str, Any]) -> None:
        """Loads path. parameters: inference.config.LoadParameters as a dict, context_tokens and threads resolved."""
        api = self.api = _library()
        self.path = path
        self._model = _load_model(api, path, parameters)
        self.vocabulary = api.llama_model_get_vocab(self._model)
        self.vocabulary_size: int = api.llama_vocab_n_tokens(self.vocabulary)
        self.context = _create_context(api, self._model, parameters)
        self.memory = api.llama_get_memory(self.context)
        self.batch_tokens: int = api.llama_n_batch(self.context)
        self.context_tokens: int = api.llama_n_ctx(self.context)
        self.position = 0
        self.can_take_back = not (api.llama_model_is_recurrent(self._model) or api.llama_model_is_hybrid(self._model))
        self._one = (ctypes.c_int32 * 1)()
        self._one_batch = api.llama_batch_get_one(self._one, 1)
        self._many: Any = None
        self._many_capacity = 0

    def close(self) -> None:
        """Frees context and model."""
        if self._many is not None:
            self.api.llama_batch_free(self._many)
        self.api.llama_free(self.context)
        self.api.llama_model_free(self._model)

    def facts(self) -> dict[str, Any]:
        """What llama.cpp says about the model."""
        api = self.api
        return {
            "description": _text_through(api.llama_model_desc, self._model),
            "parameters": api.llama_model_n_params(self._model),
            "size_bytes": api.llama_model_size(self._model),
            "trained_context_tokens": api.llama_model_n_ctx_train(self._model),
            "vocabulary": self.vocabulary_size,
            "recurrent": bool(api.llama_model_is_recurrent(self._model)),
            "hybrid": bool(api.llama_model_is_hybrid(self._model)),
        }

    @property
    def threads(self) -> int:
        """Threads used for decoding."""
        return self.api.llama_n_threads(self.context)

    def clear(self) -> None:
        """Forgets everything that was evaluated."""
        self.api.llama_memory_clear(self.memory, True)
        self.position = 0

    def take_back(self, position: int) -> None:
        """Forgets the tokens from `position` on. Raises EngineError where the model cannot (recurrent state)."""
        if position == self.position:
            return
        if not self.can_take_back or not self.api.llama_memory_seq_rm(self.memory, 0, position, -1):
            raise EngineError("refused", "the model's state cannot be rolled back after a rejected draft")
        self.position = position

    def process(self, tokens: Sequence[int]) -> None:
        """Evaluates tokens in batches, as a prompt; logits are kept for the last one only."""
        api = self.api
        for begin in range(0, len(tokens), self.batch_tokens):
            part = tokens[begin : begin + self.batch_tokens]
            array = (ctypes.c_int32 * len(part))(*part)
            if api.llama_decode(self.context, api.llama_batch_get_one(array, len(part))) != 0:
                raise EngineError("decode", f"llama_decode failed on the prompt at token {self.position + begin}")
        api.llama_synchronize(self.context)
        self.position += len(tokens)

    def evaluate_one(self, token: int) -> None:
        """Evaluates one token."""
        self._one[0] = token
        if self.api.llama_decode(self.context, self._one_batch) != 0:
            raise EngineError("decode", f"llama_decode failed at token {self.position}")
        self.position += 1

    def evaluate_all(self, tokens: Sequence[int]) -> None:
        """Evaluates tokens in one batch and keeps the logits of each: row i is that of tokens[i].

        llama.cpp keeps as many rows as are asked for, so that the memory is tokens x vocabulary and not
        context x vocabulary. Raises EngineError(decode) where llama.cpp refuses.
        """
        count = len(tokens)
        batch = self._batch(count)
        batch.n_tokens = count
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = self.position + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = 1
        if self.api.llama_decode(self.context, batch) != 0:
            raise EngineError("decode", f"llama_decode failed on {count} tokens at token {self.position}")
        self.position += count

    def logits(self, row: int = -1) -> np.ndarray:
        """Logits of a row of the last evaluation, shape (vocabulary,); llama.cpp's own memory, valid until the next
        one. Waits for the evaluation to end."""
        import numpy as np

        return np.ctypeslib.as_array(self.api.llama_get_logits_ith(self.context, row), shape=(self.vocabulary_size,))

    def is_end(self, token: int) -> bool:
        """Whether a token ends the generation."""
        return bool(self.api.llama_vocab_is_eog(self.vocabulary, token))

    @cached_property
    def end_tokens(self) -> tuple[int, ...]:
        """All tokens that end a generation."""
        is_eog, vocabulary = self.api.llama_vocab_is_eog, self.vocabulary
        return tuple(token for token in range(self.vocabulary_size) if is_eog(vocabulary, token))

    def tokenize(self, text: str) -> list[int]:
        """Token ids of text, special tokens recognised, the begin-of-sequence token added where the model wants
        one and the text does not already start with it."""
        api, raw = self.api, text.encode("utf-8", errors="replace")
        bos = self.begin_text
        add_special = not (bos and text.startswith(bos))
        count = len(raw) + 8
        while True:
            tokens = (ctypes.c_int32 * count)()
            got = api.llama_tokenize(self.vocabulary, raw, len(raw), tokens, count, add_special, True)
            if got >= 0:
                return list(tokens[:got])
            if -got <= count:
                raise EngineError("tokenize", f"the tokenizer refused {text[:80]!r}")
            count = -got

    @cached_property
    def begin_text(self) -> str:
        """Text of the begin-of-sequence token; empty where there is none."""
        return self._token_text(self.api.llama_vocab_bos(self.vocabulary))

    @cached_property
    def end_text(self) -> str:
        """Text of the end-of-sequence token."""
        return self._token_text(self.api.llama_vocab_eos(self.vocabulary))

    def text(self, tokens: Sequence[int]) -> str:
        """Text of tokens; incomplete characters become replacement characters."""
        return b"".join(map(self.piece, tokens)).decode("utf-8", errors="replace")

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Bytes of one token. special: also of a special one."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            got = self.api.llama_token_to_piece(self.vocabulary, token, buffer, size, 0, special)
            if got >= 0:
                return buffer.raw[:got]
            size = -got

    def metadata(self, key: str) -> str | None:
        """A text of the GGUF's metadata."""
        size = 1024
        while True:
            buffer = ctypes.create_string_buffer(size)
            got = self.api.llama_model_meta_val_str(self._model, key.encode(), buffer, size)
            if got < 0:
                return None
            if got < size:
                return buffer.value.decode("utf-8", errors="replace")
            size = got + 1

    def warm_up(self) -> None:
        """Touches weights and code paths once, untimed: a prompt of some tokens, single ones, and a small batch of
        which all logits are kept."""
        token = max(0, self.api.llama_vocab_bos(self.vocabulary))
        self.process([token] * min(16, self.batch_tokens, self.context_tokens - 4))
        for _ in range(3):
            self.evaluate_one(token)
        self.api.llama_synchronize(self.context)
        self.clear()

    def _batch(self, count: int) -> Any:
        """A batch that holds at least so many tokens."""
        if count > self._many_capacity:
            if self._many is not None:
                self.api.llama_batch_free(self._many)
            self._many_capacity = max(64, count)
            self._many = self.api.llama_batch_init(self._many_capacity, 0, 1)
        return self._many

    def _token_text(self, token: int) -> str:
        return "" if token < 0 else self.piece(token, special=True).decode("utf-8", errors="replace")


def _library() -> Any:
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        folder = os.environ.get("LLAMA_CPP_LIB_PATH")
        where = f" from {folder} (LLAMA_CPP_LIB_PATH)" if folder else ""
        raise EngineError("load_failed", f"llama.cpp's library could not be loaded{where}: {error}") from error
    return llama_cpp


def _load_model(api: Any, path: str, parameters: dict[str, Any]) -> Any:
    if not Path(path).is_file():
        raise EngineError("load_failed", f"no file {path}")
    params = api.llama_model_default_params()
    params.n_gpu_layers = 0
    if parameters.get("mmap") is not None:
        _set_memory_map(api, params, bool(parameters["mmap"]))
    overrides = _metadata_overrides(api, parameters.get("metadata_overrides") or {})
    if overrides is not None:
        params.kv_overrides = overrides
    model = api.llama_model_load_from_file(path.encode(), params)
    if not model:
        raise EngineError("load_failed", f"llama.cpp could not load {path}; its own words are in the log")
    return model


def _create_context(api: Any, model: Any, parameters: dict[str, Any]) -> Any:
    params = api.llama_context_default_params()
    threads = int(parameters["threads"])
    params.n_ctx = int(parameters["context_tokens"])
    params.n_threads = threads
    params.n_threads_batch = int(parameters.get("batch_threads") or threads)
    params.n_batch = int(parameters.get("batch_tokens") or min(2048, params.n_ctx))
    params.n_ubatch = int(parameters.get("micro_batch_tokens") or min(512, params.n_batch))
    params.n_seq_max = 1
    params.no_perf = True
    flash = {"auto": -1, "off": 0, "on": 1}[parameters.get("flash_attention") or "auto"]
    if hasattr(params, "flash_attn_type"):
        params.flash_attn_type = flash
    else:
        params.flash_attn = flash == 1
    kv_type = KV_TYPES[parameters.get("kv_type") or "f16"]
    params.type_k = params.type_v = kv_type
    context = api.llama_init_from_model(model, params)
    if not context:
        raise EngineError(
            "load_failed",
            f"llama.cpp could not make a context of {params.n_ctx} tokens; its own words are in the log",
        )
    return context


def _set_memory_map(api: Any, params: Any, mmap: bool) -> None:
    if hasattr(params, "load_mode"):
        params.load_mode = api.LLAMA_LOAD_MODE_MMAP if mmap else api.LLAMA_LOAD_MODE_NONE
    else:
        params.use_mmap = mmap


def _metadata_overrides(api: Any, overrides: dict[str, int | float | bool | str]) -> Any:
    """The C array for kv_overrides, ended by an empty key; None for no overrides."""
    if not overrides:
        return None
    array = (api.llama_model_kv_override * (len(overrides) + 1))()
    for entry, (key, value) in zip(array, overrides.items(), strict=False):
        entry.key = key.encode()
        if isinstance(value, bool):
            entry.tag, entry.value.val_bool = api.LLAMA_KV_OVERRIDE_TYPE_BOOL, value
        elif isinstance(value, int):
            entry.tag, entry.value.val_i64 = api.LLAMA_KV_OVERRIDE_TYPE_INT, value
        elif isinstance(value, float):
            entry.tag, entry.value.val_f64 = api.LLAMA_KV_OVERRIDE_TYPE_FLOAT, value
        else:
            entry.tag, entry.value.val_str = api.LLAMA_KV_OVERRIDE_TYPE_STR, value.encode()[:127]
    array[len(overrides)].key = b"\0"
    return array


def _text_through(function: Callable[..., int], model: Any) -> str:
    buffer = ctypes.create_string_buffer(256)
    function(model, buffer, len(buffer))
    return buffer.value.decode("utf-8", errors="replace")
