"""The program that hosts xllamacpp's server: `python -m epyc_assets.inference.xllamacpp_server SETTINGS`.

Here: from settings (JSON, made by xllamacpp.server_settings) to the package's parameters, and staying alive. It ends
when it is killed; its guard sees to that. Not here: anything that the server is asked.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
from typing import Any

FLASH_ATTENTION = {"auto": "AUTO", "off": "DISABLED", "on": "ENABLED"}


def main(settings: dict[str, Any]) -> int:
    """Serves until a signal ends the process; 1 when the server cannot be started."""
    try:
        server = _library().Server(parameters_of(settings))
    except Exception as error:  # noqa: BLE001, whatever native code throws ends this program, with its reason said
        print(f"- E xllamacpp could not start its server: {error}", file=sys.stderr)  # noqa: T201
        return 1
    while server is not None:
        signal.pause()
    return 0


def parameters_of(settings: dict[str, Any]) -> Any:
    """xllamacpp's CommonParams. Unset parameters keep llama.cpp's defaults."""
    xllamacpp = _library()
    given, slots = settings["parameters"], settings["slots"]
    params = xllamacpp.CommonParams()
    params.model.path = settings["model_path"]
    params.hostnames, params.port = ["127.0.0.1"], settings["port"]
    params.n_parallel = slots
    params.n_gpu_layers = 0
    # As for a llama-server that is measured: no prompts kept, no context changed to fit, no pages.
    params.cache_ram_mib, params.n_ctx_checkpoints = 0, 0
    params.fit_params = params.ui = params.cache_idle_slots = False
    if given["context_tokens"] is not None:
        params.n_ctx = given["context_tokens"] * slots
    if given["threads"] is not None:
        params.cpuparams.n_threads = given["threads"]
        params.cpuparams_batch.n_threads = given["batch_threads"] or given["threads"]
    if given["batch_tokens"] is not None:
        params.n_batch = given["batch_tokens"]
    if given["micro_batch_tokens"] is not None:
        params.n_ubatch = given["micro_batch_tokens"]
    if given["flash_attention"] is not None:
        kind = FLASH_ATTENTION[given["flash_attention"]]
        params.flash_attn_type = getattr(xllamacpp.llama_flash_attn_type, f"LLAMA_FLASH_ATTN_TYPE_{kind}")
    if given["kv_type"] is not None:
        params.cache_type_k = params.cache_type_v = getattr(
            xllamacpp.ggml_type, f"GGML_TYPE_{given['kv_type'].upper()}"
        )
    if given["mmap"] is not None:
        mode = "MMAP" if given["mmap"] else "NONE"
        params.load_mode = getattr(xllamacpp.llama_load_mode, f"LLAMA_LOAD_MODE_{mode}")
    if settings["speculation"] is not None:
        _set_speculation(params, settings)
    return params


def _set_speculation(params: Any, settings: dict[str, Any]) -> None:
    kinds, chosen = _library().common_speculative_type, settings["speculation"]
    speculative = params.speculative
    types = []
    if chosen["ngram_tokens"] is not None:
        types.append(kinds.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE)
        lookup = speculative.ngram_simple
        lookup.size_n = chosen["ngram_tokens"]
        lookup.size_m = chosen["lookup_tokens"]
    if chosen["draft"] is not None:
        types.append(kinds.COMMON_SPECULATIVE_TYPE_DRAFT_SIMPLE)
        draft = speculative.draft
        draft.mparams.path = settings["draft_path"]
        draft.n_max = chosen["draft_tokens"]
        draft.n_gpu_layers = 0
        draft.p_min = chosen["minimum_probability"] or 0.0
        threads = settings["parameters"]["threads"]
        if threads is not None:
            draft.cpuparams.n_threads = draft.cpuparams_batch.n_threads = threads
    speculative.types = types


def _library() -> Any:
    # A module written in C without type stubs.
    return importlib.import_module("xllamacpp")


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
