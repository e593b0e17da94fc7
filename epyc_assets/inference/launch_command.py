"""How to start a config by hand: llama-server's command line, the call of llama-cpp-python, and this platform's own.

Here: text for a person, out of the same typed values that sessions are opened with. Not here: which config
(benchmark.recommendation), the flags of llama-server (server_arguments), starting anything.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from epyc_assets.inference.backend import SessionRequest
from epyc_assets.inference.config import LaunchParameters, Speculation
from epyc_assets.inference.llama_cpp import launched
from epyc_assets.inference.server_arguments import server_arguments

KV_TYPE_NAMES = {"f32": "GGML_TYPE_F32", "f16": "GGML_TYPE_F16", "q8_0": "GGML_TYPE_Q8_0", "q4_0": "GGML_TYPE_Q4_0"}
"""KV types as llama-cpp-python calls them."""


@dataclass(frozen=True, slots=True)
class LaunchCommands:
    """server: words of the command. python, platform: Python text. python_notes: where llama-cpp-python has no door for
    what was measured, or another one."""

    server: tuple[str, ...]
    python: str
    python_notes: tuple[str, ...]
    platform: str

    @property
    def server_text(self) -> str:
        """The server's command for a shell, an option a line."""
        lines: list[list[str]] = []
        for word in self.server:
            # Before -m stand prefix and program; -m is the first argument.
            if lines and (lines[-1][0].startswith("-") or word == "-m") and word.startswith("-"):
                lines.append([word])
            elif lines:
                lines[-1].append(word)
            else:
                lines.append([word])
        return " \\\n  ".join(shlex.join(line) for line in lines)


def launch_commands(
    request: SessionRequest,
    speculation: Speculation | None,
    *,
    launch_prefix: Sequence[str] = (),
    program: str = "llama-server",
    host: str = "127.0.0.1",
    port: int = 8080,
) -> LaunchCommands:
    """The three ways to start a config.

    request: how the model is loaded for it, with the drafts it needs; its own speculation is not looked at.
    launch_prefix: the host's. program: llama-server, or its path. Raises KeyError for a draft that is not in request.
    """
    launch = request.launch
    environment = dict(launch.environment)
    if launch.llama_cpp_library is not None:
        # The server finds its libraries as every program does; only the Python door has a variable of its own.
        environment["LD_LIBRARY_PATH"] = launch.llama_cpp_library
    arguments = server_arguments(replace(request, speculation=speculation), host=host, port=port)
    server = launched([program, *arguments], launch_prefix, LaunchParameters(launch.numa_policy, None, environment))
    request = replace(request, speculation=None)
    return LaunchCommands(
        server=tuple(server),
        python=_python(request, speculation),
        python_notes=tuple(_python_notes(request, speculation, launch_prefix)),
        platform=_platform(request, speculation, launch_prefix),
    )


def source_of(value: object, indent: str = "") -> str:
    """Python text that gives the value back: dataclasses with the fields that are not at their default."""
    inner = f"{indent}    "
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        lines = [
            f"{inner}{each.name}={source_of(getattr(value, each.name), inner)},"
            for each in fields(value)
            if not _is_default(each.default, each.default_factory, getattr(value, each.name))
        ]
        return "\n".join([f"{name}(", *lines, f"{indent})"]) if lines else f"{name}()"
    if isinstance(value, Mapping):
        items = [f"{inner}{key!r}: {source_of(item, inner)}," for key, item in value.items()]
        return "\n".join(["{", *items, f"{indent}}}"]) if items else "{}"
    return f"Path({str(value)!r})" if isinstance(value, Path) else repr(value)


def _is_default(default: object, factory: Any, value: object) -> bool:
    return value == default if default is not MISSING else factory is not MISSING and value == factory()


def _python(request: SessionRequest, speculation: Speculation | None) -> str:
    parameters = request.parameters
    lookup = speculation if speculation is not None and speculation.ngram_tokens is not None else None
    variables = dict(request.launch.environment)
    if request.launch.llama_cpp_library is not None:
        variables["LLAMA_CPP_LIB_PATH"] = request.launch.llama_cpp_library
    arguments: dict[str, str | None] = {
        "model_path": repr(str(request.model_path)),
        "n_ctx": _text(parameters.context_tokens),
        "n_threads": _text(parameters.threads),
        "n_threads_batch": _text(parameters.batch_threads or parameters.threads),
        "n_batch": _text(parameters.batch_tokens),
        "n_ubatch": _text(parameters.micro_batch_tokens),
        "flash_attn": {"on": "True", "off": "False"}.get(parameters.flash_attention or ""),
        "type_k": _kv_type(parameters.kv_type),
        "type_v": _kv_type(parameters.kv_type),
        "use_mmap": _text(parameters.mmap),
        "kv_overrides": repr(dict(parameters.metadata_overrides)) if parameters.metadata_overrides else None,
    }
    lines = ["import llama_cpp"]
    if lookup is not None:
        lines.append("from llama_cpp.llama_speculative import LlamaPromptLookupDecoding")
        sizes = {"max_ngram_size": lookup.ngram_tokens, "num_pred_tokens": lookup.lookup_tokens}
        call = ", ".join(f"{name}={size}" for name, size in sizes.items() if size is not None)
        # Without logits_all the call fails as soon as the text is longer than a batch.
        arguments |= {"draft_model": f"LlamaPromptLookupDecoding({call})", "logits_all": "True"}
    if variables:
        settings = [f"os.environ[{name!r}] = {value!r}" for name, value in sorted(variables.items())]
        lines = ["import os", "", *settings, "", *lines]
    given = [f"    {name}={text}," for name, text in arguments.items() if text is not None]
    return "\n".join([*lines, "", "model = llama_cpp.Llama(", *given, ")"])


def _python_notes(
    request: SessionRequest, speculation: Speculation | None, launch_prefix: Sequence[str]
) -> Iterator[str]:
    if speculation is not None and speculation.draft is not None:
        yield (
            "llama-cpp-python has no door for a draft model: this call runs without it, and slower. "
            "Use llama-server or this platform's call."
        )
    if speculation is not None and speculation.ngram_tokens is not None:
        yield (
            "Its prompt lookup quotes the earliest match, not the latest as was measured, and keeps the logits of all "
            "tokens (context x vocabulary x 4 bytes of memory): expect less than the measured speed-up."
        )
    if request.parameters.flash_attention not in ("on", "off"):
        yield "llama-cpp-python has flash attention off unless told; llama.cpp's own choice (auto) was measured."
    prefix = launched([], launch_prefix, LaunchParameters(request.launch.numa_policy))
    if prefix:
        yield f"Start Python through: {shlex.join(prefix)}"


def _platform(request: SessionRequest, speculation: Speculation | None, launch_prefix: Sequence[str]) -> str:
    names = ["SessionRequest", "GenerationRequest", *(["DraftModel"] if request.drafts else [])]
    of_config = [
        *(["LaunchParameters"] if request.launch != LaunchParameters() else []),
        "LoadParameters",
        *(["Speculation"] if speculation is not None else []),
    ]
    prefix = f"launch_prefix={list(launch_prefix)!r}" if launch_prefix else ""
    asked = [f"speculation={source_of(speculation, '        ')}"] if speculation is not None else []
    return "\n".join(
        [
            "from pathlib import Path",
            "",
            f"from epyc_assets.inference.backend import {', '.join(sorted(names))}",
            f"from epyc_assets.inference.config import {', '.join(of_config)}",
            "from epyc_assets.inference.llama_cpp import LlamaCppBackend",
            "",
            f"session = LlamaCppBackend({prefix}).open_session(",
            f"    {source_of(request, '    ')}",
            ")",
            "answer = session.generate(",
            "    GenerationRequest(",
            *(f"        {line}," for line in ('prompt="..."', "max_tokens=256", "timeout_s=600.0", *asked)),
            "    )",
            ")",
            "session.close()",
        ]
    )


def _text(value: object) -> str | None:
    return None if value is None else repr(value)


def _kv_type(name: str | None) -> str | None:
    return None if name is None else f"llama_cpp.{KV_TYPE_NAMES[name]}"
