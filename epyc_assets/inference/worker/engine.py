"""The engine: one model and one context on llama.cpp's low-level interface, with the clock beside the tokens.

Here: loading, tokenising, prompt processing, the token loop and its timing. Not here: processes, protocols,
chat templates. The high-level Llama class is not used: it keeps context x vocabulary logits, reuses prefixes
silently and costs a tenth of the speed of small models.

Timing. t0 is taken when the request arrives, t1 when the first token has been chosen, and one clock reading
follows each evaluation and each choice after that. ttft_ms = t1 - t0; decode_ms sums the evaluations after t1,
sampling_ms every choice; generation_tps = steps after the first / (last choice - t1). The choice of the
end-of-generation token is a step like any other: the model was evaluated for it.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from epyc_assets.inference.telemetry import ContentionProbe, host_facts

PROGRESS_EVERY_NS = 500_000_000
KV_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}
"""ggml type numbers of the cache types a session may ask for."""


class EngineError(Exception):
    """Something the engine cannot do; kind is a word for programs: load_failed, context, logits, protocol."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Engine:
    """A loaded model. Methods raise EngineError; native crashes end the process, which is why it is one."""

    def __init__(self, model_path: str, parameters: dict[str, Any]) -> None:
        """Loads model_path and warms it up. parameters: inference.config.LoadParameters as a dict, with
        context_tokens and threads resolved."""
        import llama_cpp

        started_ns = time.perf_counter_ns()
        self._api: Any = llama_cpp
        self._parameters = parameters
        api = self._api
        api.llama_backend_init()
        self._model = self._load_model(model_path, parameters)
        self._vocabulary = api.llama_model_get_vocab(self._model)
        self._vocabulary_size = api.llama_vocab_n_tokens(self._vocabulary)
        self._context = self._create_context(parameters)
        self._memory = api.llama_get_memory(self._context)
        self._batch_tokens = api.llama_n_batch(self._context)
        self._context_tokens = api.llama_n_ctx(self._context)
        self._one = (ctypes.c_int32 * 1)()
        self._probe = ContentionProbe()
        self._warm_up()
        self._load_ms = (time.perf_counter_ns() - started_ns) / 1e6

    def close(self) -> None:
        """Frees context and model."""
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def facts(self) -> dict[str, Any]:
        """What a session must record: library versions, machine, model and the parameters in force."""
        api = self._api
        return {
            "backend_version": metadata.version("llama_cpp_python"),
            "llama_build": _llama_build(api),
            "system_info": api.llama_print_system_info().decode(errors="replace"),
            "host": asdict(host_facts()),
            "load_ms": self._load_ms,
            "context_tokens": self._context_tokens,
            "batch_tokens": self._batch_tokens,
            "threads": api.llama_n_threads(self._context),
            "chat_template": self._metadata("tokenizer.chat_template"),
            "bos_text": self._token_text(api.llama_vocab_bos(self._vocabulary)),
            "eos_text": self._token_text(api.llama_vocab_eos(self._vocabulary)),
            "model": {
                "description": _text_through(api.llama_model_desc, self._model),
                "parameters": api.llama_model_n_params(self._model),
                "size_bytes": api.llama_model_size(self._model),
                "trained_context_tokens": api.llama_model_n_ctx_train(self._model),
                "vocabulary": self._vocabulary_size,
                "recurrent": bool(api.llama_model_is_recurrent(self._model)),
                "hybrid": bool(api.llama_model_is_hybrid(self._model)),
            },
        }

    def tokenize(self, text: str) -> list[int]:
        """Token ids of text, special tokens recognised, the begin-of-sequence token added where the model wants
        one and the text does not already start with it."""
        api, raw = self._api, text.encode("utf-8", errors="replace")
        bos = self._token_text(api.llama_vocab_bos(self._vocabulary))
        add_special = not (bos and text.startswith(bos))
        count = len(raw) + 8
        while True:
            tokens = (ctypes.c_int32 * count)()
            got = api.llama_tokenize(self._vocabulary, raw, len(raw), tokens, count, add_special, True)
            if got >= 0:
                return list(tokens[:got])
            if -got <= count:
                raise EngineError("tokenize", f"the tokenizer refused {text[:80]!r}")
            count = -got

    def generate(self, request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Answers one prompt; the result's fields are those of the `generated` event.

        timeout_s is checked between tokens; a single evaluation that hangs is the parent's to end. Text so far
        goes to progress about every half second. Raises EngineError(context) for a prompt that does not fit.
        """
        api, context, vocabulary = self._api, self._context, self._vocabulary
        clock, decode, is_eog = time.perf_counter_ns, api.llama_decode, api.llama_vocab_is_eog
        self._probe.start()
        start_ns = clock()
        deadline_ns = start_ns + int(request["timeout_s"] * 1e9)
        prompt = self.tokenize(request["prompt"])
        if not prompt:
            raise EngineError("refused", "the prompt is empty")
        room = self._context_tokens - len(prompt)
        if room < 1:
            raise EngineError(
                "context", f"the prompt has {len(prompt)} tokens, the context holds {self._context_tokens}"
            )
        limit, ignore_eos = min(request["max_tokens"], room), bool(request.get("ignore_eos"))
        stops = [stop.encode() for stop in request.get("stop") or []]
        choose, free_sampler = self._chooser(request)
        one, batch = self._one, api.llama_batch_get_one(self._one, 1)
        try:
            api.llama_memory_clear(self._memory, True)
            prompt_start_ns = clock()
            self._process(prompt)
            prompt_end_ns = clock()
            token = choose()
            first_ns = last_ns = progress_ns = clock()
            sampling_ns, decode_ns, steps = first_ns - prompt_end_ns, 0, 0
            tokens: list[int] = []
            finish = "length"
            while True:
                if is_eog(vocabulary, token) and not ignore_eos:
                    finish = "stop"
                    break
                tokens.append(token)
                if stops and (ended := self._stopped(tokens, stops)):
                    finish = ended
                    break
                if len(tokens) >= limit:
                    finish = "length" if limit == request["max_tokens"] else "context"
                    break
                if last_ns > deadline_ns:
                    finish = "timeout"
                    break
                if last_ns - progress_ns > PROGRESS_EVERY_NS:
                    progress({"event": "progress", "tokens": len(tokens), "text": self._text(tokens)})
                    progress_ns = clock()
                one[0] = token
                before_ns = clock()
                if decode(context, batch) != 0:
                    raise EngineError("decode", f"llama_decode failed after {len(tokens)} tokens")
                decoded_ns = clock()
                token = choose()
                last_ns = clock()
                decode_ns += decoded_ns - before_ns
                sampling_ns += last_ns - decoded_ns
                steps += 1
        finally:
            free_sampler()
        readings = self._probe.stop()
        return {
            "text": self._text(tokens),
            "token_ids": tokens,
            "finish_reason": finish,
            "prompt_tokens": len(prompt),
            "generated_tokens": len(tokens),
            "steps": steps,
            "ttft_ms": (first_ns - start_ns) / 1e6,
            "prompt_ms": (prompt_end_ns - prompt_start_ns) / 1e6,
            "decode_ms": decode_ns / 1e6,
            "sampling_ms": sampling_ns / 1e6,
            "between_tokens_ms": (last_ns - first_ns) / 1e6,
            "total_ms": (last_ns - start_ns) / 1e6,
            "readings": readings.as_dict(),
        }

    def _process(self, tokens: list[int]) -> None:
        """Prompt processing in batches; logits are kept for the last token only."""
        api = self._api
        for begin in range(0, len(tokens), self._batch_tokens):
            part = tokens[begin : begin + self._batch_tokens]
            array = (ctypes.c_int32 * len(part))(*part)
            if api.llama_decode(self._context, api.llama_batch_get_one(array, len(part))) != 0:
                raise EngineError("decode", f"llama_decode failed on the prompt at token {begin}")
        api.llama_synchronize(self._context)

    def _chooser(self, request: dict[str, Any]) -> tuple[Callable[[], int], Callable[[], None]]:
        """How the next token is chosen from the logits, and how to clean up: NumPy's argmax when greedy,
        llama.cpp's sampler chain (top-k, top-p, min-p, temperature, seeded) otherwise."""
        import numpy as np

        api, context = self._api, self._context
        temperature = float(request["temperature"])
        if temperature <= 0:
            size, logits_of = self._vocabulary_size, api.llama_get_logits_ith
            from_pointer = np.ctypeslib.as_array

            def greedy() -> int:
                logits = from_pointer(logits_of(context, -1), shape=(size,))
                token = int(logits.argmax())
                if logits[token] != logits[token]:
                    raise EngineError("logits", "the model's logits are not numbers (NaN)")
                return token

            return greedy, lambda: None
        chain = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
        for part in (
            api.llama_sampler_init_top_k(int(request.get("top_k", 40))),
            api.llama_sampler_init_top_p(float(request.get("top_p", 0.95)), 1),
            api.llama_sampler_init_min_p(float(request.get("min_p", 0.05)), 1),
            api.llama_sampler_init_temp(temperature),
            api.llama_sampler_init_dist(int(request["seed"]) & 0xFFFFFFFF),
        ):
            api.llama_sampler_chain_add(chain, part)
        sample = api.llama_sampler_sample
        return lambda: sample(chain, context, -1), lambda: api.llama_sampler_free(chain)

    def _stopped(self, tokens: list[int], stops: list[bytes]) -> str | None:
        # A stop text can begin in an earlier token; so many bytes before it can matter, and a token has one or more.
        longest = max(map(len, stops))
        tail = b"".join(self._piece(token) for token in tokens[-longest - 1 :])
        return "stop" if any(stop in tail for stop in stops) else None

    def _text(self, tokens: list[int]) -> str:
        return b"".join(map(self._piece, tokens)).decode("utf-8", errors="replace")

    def _piece(self, token: int, *, special: bool = False) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            got = self._api.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, special)
            if got >= 0:
                return buffer.raw[:got]
            size = -got

    def _token_text(self, token: int) -> str:
        return "" if token < 0 else self._piece(token, special=True).decode("utf-8", errors="replace")

    def _metadata(self, key: str) -> str | None:
        size = 1024
        while True:
            buffer = ctypes.create_string_buffer(size)
            got = self._api.llama_model_meta_val_str(self._model, key.encode(), buffer, size)
            if got < 0:
                return None
            if got < size:
                return buffer.value.decode("utf-8", errors="replace")
            size = got + 1

    def _warm_up(self) -> None:
        """Touches weights and code paths once, untimed: a prompt of some tokens, then single ones."""
        token = max(0, self._api.llama_vocab_bos(self._vocabulary))
        self._process([token] * min(16, self._batch_tokens, self._context_tokens - 4))
        for _ in range(3):
            self._one[0] = token
            self._api.llama_decode(self._context, self._api.llama_batch_get_one(self._one, 1))
        self._api.llama_synchronize(self._context)
        self._api.llama_memory_clear(self._memory, True)

    def _load_model(self, model_path: str, parameters: dict[str, Any]) -> Any:
        api = self._api
        if not Path(model_path).is_file():
            raise EngineError("load_failed", f"no file {model_path}")
        params = api.llama_model_default_params()
        params.n_gpu_layers = 0
        if parameters.get("mmap") is not None:
            _set_memory_map(api, params, bool(parameters["mmap"]))
        overrides = _metadata_overrides(api, parameters.get("metadata_overrides") or {})
        if overrides is not None:
            params.kv_overrides = overrides
        model = api.llama_model_load_from_file(model_path.encode(), params)
        if not model:
            raise EngineError("load_failed", f"llama.cpp could not load {model_path}; its own words are in the log")
        return model

    def _create_context(self, parameters: dict[str, Any]) -> Any:
        api = self._api
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
        context = api.llama_init_from_model(self._model, params)
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


def _llama_build(api: Any) -> str | None:
    """llama.cpp's version: its build number where the library exports one, else the version of ggml inside."""
    version = getattr(api, "llama_build_info", None)
    if version is not None:
        return version().decode(errors="replace")
    for path in sorted(Path(api.__file__).parent.glob("lib/libggml-base.so.*"), key=lambda found: -len(found.name)):
        return f"ggml {path.name.partition('.so.')[2]}"
    return None
