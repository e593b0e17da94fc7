"""A micro fleet for the tests: one tokenizer and one model per architecture, trained or random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from epyc_assets.fleet.gguf_writing import write_gguf
from epyc_assets.fleet.networks import Shape, initial_parameters
from epyc_assets.fleet.tokenizer import Tokenizer, fleet_tokenizer

if TYPE_CHECKING:
    from llama_cpp import Llama

torch = pytest.importorskip("torch")
pytest.importorskip("llama_cpp")


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return fleet_tokenizer()


def micro_shape(architecture: str, vocabulary: int) -> Shape:
    """The smallest network of an architecture that llama.cpp takes."""
    sizes: dict[str, Any] = {
        "qwen3": {"heads": 2, "hidden": 96},
        "qwen3moe": {"heads": 2, "hidden": 32, "experts": 8, "experts_used": 4},
        "mamba": {"inner": 128, "state": 8, "step_rank": 8},
    }[architecture]
    return Shape(architecture, vocabulary, width=64, layers=2, **sizes)


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[..., Llama]]:
    """Loads a GGUF in llama.cpp with one thread; closes what it opened."""
    from llama_cpp import Llama

    opened: list[Llama] = []

    def _load(path: Path, **options: Any) -> Llama:
        settings: dict[str, Any] = {"n_ctx": 256, "n_threads": 1, "n_threads_batch": 1, "verbose": False}
        opened.append(Llama(str(path), **{**settings, **options}))
        return opened[-1]

    yield _load
    for model in opened:
        model.close()


def random_model(architecture: str, tokenizer: Tokenizer, path: Path) -> tuple[dict[str, Any], Shape]:
    """An untrained model, written to `path`; its matrices hold float16 values, as the file does."""
    shape = micro_shape(architecture, len(tokenizer.tokens))
    parameters = initial_parameters(shape, seed=3)
    noise = torch.Generator().manual_seed(4)
    for name, tensor in parameters.items():
        if "norm" in name:
            tensor += 0.1 * torch.randn(tensor.shape, generator=noise)
        elif tensor.dim() > 1 and not name.endswith("ssm_a"):
            parameters[name] = tensor.half().float()
    write_gguf(path, parameters, shape, tokenizer, name="micro", description="untrained test model")
    return parameters, shape
