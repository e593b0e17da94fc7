"""llama-server's arguments: each typed value under its present flag, nothing that is not set."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.inference.backend import DraftModel, SessionRequest
from epyc_assets.inference.config import Config, LoadParameters, Lookup, Spec
from epyc_assets.inference.server_arguments import override_argument, server_arguments

MODEL = Path("/models/big.gguf")
DRAFT = DraftModel(Path("/models/small.gguf"), LoadParameters())
GONE = {"--draft-max", "--draft-min", "--draft", "--lookup", "--no-mmap"}
"""Flags that present builds refuse."""


def request(config: Config, parameters: LoadParameters | None = None, slots: int = 1) -> SessionRequest:
    return SessionRequest(
        model_path=MODEL,
        parameters=config.load_parameters(parameters or LoadParameters()),
        drafts={"small": DRAFT},
        speculation=config.speculation,
        slots=slots,
    )


def value_of(words: list[str], flag: str) -> str:
    assert words.count(flag) == 1, words
    return words[words.index(flag) + 1]


def test_nothing_set_is_nothing_said() -> None:
    assert server_arguments(request(Config()), port=81) == ["-m", str(MODEL), "--host", "127.0.0.1", "--port", "81"]


def test_every_load_parameter_has_its_flag() -> None:
    parameters = LoadParameters(
        context_tokens=4096,
        threads=48,
        batch_threads=96,
        batch_tokens=1024,
        micro_batch_tokens=256,
        flash_attention="on",
        kv_type="q8_0",
        mmap=False,
        metadata_overrides={"qwen3moe.expert_used_count": 4},
    )
    words = server_arguments(request(Config(), parameters, slots=3))
    wanted = {
        "-c": "12288",
        "-np": "3",
        "-t": "48",
        "-tb": "96",
        "-b": "1024",
        "-ub": "256",
        "-fa": "on",
        "-ctk": "q8_0",
        "-ctv": "q8_0",
        "--override-kv": "qwen3moe.expert_used_count=int:4",
    }
    assert {flag: value_of(words, flag) for flag in wanted} == wanted
    assert value_of(words, "--load-mode") == "none"
    assert "--spec-type" not in words
    assert not GONE & set(words)


@pytest.mark.parametrize("mmap", [True, None])
def test_mapping_the_file_is_the_default_and_not_said(mmap: bool | None) -> None:
    assert "--load-mode" not in server_arguments(request(Config(), LoadParameters(mmap=mmap)))


def test_a_draft_model_and_lookup_each_bring_their_length() -> None:
    both = Config(spec=Spec("small", 16, 0.75), lookup=Lookup(3, 24))
    words = server_arguments(request(both))
    wanted = {
        "--spec-type": "draft-simple,ngram-simple",
        "-md": "/models/small.gguf",
        "--spec-draft-n-max": "16",
        "--spec-draft-p-min": "0.75",
        "--spec-ngram-simple-size-n": "3",
        "--spec-ngram-simple-size-m": "24",
    }
    assert {flag: value_of(words, flag) for flag in wanted} == wanted
    assert not GONE & set(words)


def test_lookup_alone_needs_no_draft_and_is_not_cut_at_the_default_of_three() -> None:
    words = server_arguments(request(Config(lookup=Lookup(2, 32))))
    assert value_of(words, "--spec-type") == "ngram-simple"
    assert value_of(words, "--spec-draft-n-max") == "32"
    assert "-md" not in words


def test_a_draft_that_is_not_there_is_no_command() -> None:
    with pytest.raises(KeyError, match="other"):
        server_arguments(request(Config(spec=Spec("other", 8))))


@pytest.mark.parametrize(
    ("value", "text"), [(4, "k=int:4"), (True, "k=bool:true"), (0.5, "k=float:0.5"), ("a b", "k=str:a b")]
)
def test_overrides_say_their_type(value: float | bool | str, text: str) -> None:
    assert override_argument("k", value) == text
