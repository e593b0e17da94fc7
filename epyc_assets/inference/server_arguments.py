"""The arguments of llama-server for a session: one place that knows how its flags are spelt.

Here: from typed values to words of a command line, for starting servers and for printing the command. Not here: finding
the program, starting it, talking to it; the host's launch prefix (`llama_cpp.launched`).

Spelt as llama.cpp builds since 2026 want it: `--spec-type` names the kinds of drafting, and the older `--draft-max` and
`--draft-min` are gone. What a request says about drafting is not looked at by a server: it is fixed at the start.
"""

from __future__ import annotations

from epyc_assets.inference.backend import SessionRequest
from epyc_assets.inference.config import LoadParameters, Speculation

DRAFT_TYPE = "draft-simple"
LOOKUP_TYPE = "ngram-simple"


def server_arguments(request: SessionRequest, *, host: str = "127.0.0.1", port: int = 8080) -> list[str]:
    """Everything after the program's name. Unset parameters are left out: llama-server's own defaults hold then.

    context_tokens is for each slot; a server shares its context out among the slots, so that it is asked for
    context_tokens times slots. Raises KeyError when the speculation names a draft that the request does not bring.
    """
    words = ["-m", str(request.model_path), "--host", host, "--port", str(port)]
    words += _of_parameters(request.parameters, request.slots)
    if request.slots != 1:
        words += ["-np", str(request.slots)]
    if request.speculation is not None:
        words += _of_speculation(request, request.speculation)
    return words


def override_argument(key: str, value: float | bool | str) -> str:
    """A metadata override as `--override-kv` takes it: KEY=TYPE:VALUE with the type int, float, bool or str."""
    if isinstance(value, bool):
        return f"{key}=bool:{str(value).lower()}"
    kind = "str" if isinstance(value, str) else "int" if isinstance(value, int) else "float"
    return f"{key}={kind}:{value}"


def _of_parameters(parameters: LoadParameters, slots: int) -> list[str]:
    words: list[str] = []
    context = parameters.context_tokens
    flags = {
        "-c": None if context is None else context * slots,
        "-t": parameters.threads,
        "-tb": parameters.batch_threads,
        "-b": parameters.batch_tokens,
        "-ub": parameters.micro_batch_tokens,
        "-fa": parameters.flash_attention,
        "-ctk": parameters.kv_type,
        "-ctv": parameters.kv_type,
    }
    for flag, value in flags.items():
        if value is not None:
            words += [flag, str(value)]
    if parameters.mmap is False:
        words += ["--load-mode", "none"]  # Builds of late 2026 have no --no-mmap any more.
    for key, value in sorted(parameters.metadata_overrides.items()):
        words += ["--override-kv", override_argument(key, value)]
    return words


def _of_speculation(request: SessionRequest, speculation: Speculation) -> list[str]:
    types = [DRAFT_TYPE] if speculation.draft is not None else []
    types += [LOOKUP_TYPE] if speculation.ngram_tokens is not None else []
    words = ["--spec-type", ",".join(types)]
    if speculation.draft is not None:
        words += ["-md", str(request.drafts[speculation.draft].path)]
    # Said for lookup too: a build that holds all drafts to this limit would cut them at its default of 3.
    most = speculation.draft_tokens if speculation.draft is not None else speculation.lookup_tokens
    if most is not None:
        words += ["--spec-draft-n-max", str(most)]
    if speculation.draft is not None and speculation.minimum_probability is not None:
        words += ["--spec-draft-p-min", f"{speculation.minimum_probability:g}"]
    if speculation.ngram_tokens is not None:
        words += ["--spec-ngram-simple-size-n", str(speculation.ngram_tokens)]
        if speculation.lookup_tokens is not None:
            words += ["--spec-ngram-simple-size-m", str(speculation.lookup_tokens)]
    return words
