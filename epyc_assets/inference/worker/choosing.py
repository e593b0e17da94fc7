"""Choosing the next token from logits: NumPy's argmax when greedy, llama.cpp's seeded samplers otherwise.

Here: one choice for one row of an evaluation. Not here: checking drafts against choices (engine).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from epyc_assets.inference.worker.native import EngineError, NativeModel

Choose = Callable[[int], int]
"""From a row of the last evaluation (-1: the last one) to a token."""


class Chooser:
    """Chooses tokens as a request asks. Each choice draws one random number, so that a run that checks drafts
    makes, row after row, the choices that a run without drafts would make with the same seed."""

    def __init__(self, model: NativeModel, request: dict[str, Any]) -> None:
        """request: temperature (0 is greedy), top_k, top_p, min_p, seed, and ignore_eos, which forbids the tokens
        that would end the generation, as llama-server does."""
        self._model = model
        self._forbidden = list(model.end_tokens) if request.get("ignore_eos") else []
        self._chain: Any = None
        if float(request["temperature"]) > 0:
            self._chain = self._sampler_chain(request)
        self.choose: Choose = self._greedy if self._chain is None else self._sampled

    def close(self) -> None:
        """Frees the samplers."""
        if self._chain is not None:
            self._model.api.llama_sampler_free(self._chain)
            self._chain = None

    def _greedy(self, row: int) -> int:
        logits = self._model.logits(row)
        if self._forbidden:
            logits[self._forbidden] = -float("inf")
        token = int(logits.argmax())
        if logits[token] != logits[token]:
            raise EngineError("logits", "the model's logits are not numbers (NaN)")
        return token

    def _sampled(self, row: int) -> int:
        return self._model.api.llama_sampler_sample(self._chain, self._model.context, row)

    def _sampler_chain(self, request: dict[str, Any]) -> Any:
        api = self._model.api
        chain = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
        if self._forbidden:
            biases = (api.llama_logit_bias * len(self._forbidden))()
            for bias, token in zip(biases, self._forbidden, strict=True):
                bias.token, bias.bias = token, -float("inf")
            size = self._model.vocabulary_size
            api.llama_sampler_chain_add(chain, api.llama_sampler_init_logit_bias(size, len(biases), biases))
        for part in (
            api.llama_sampler_init_top_k(int(request.get("top_k", 40))),
            api.llama_sampler_init_top_p(float(request.get("top_p", 0.95)), 1),
            api.llama_sampler_init_min_p(float(request.get("min_p", 0.05)), 1),
            api.llama_sampler_init_temp(float(request["temperature"])),
            api.llama_sampler_init_dist(int(request["seed"]) & 0xFFFFFFFF),
        ):
            api.llama_sampler_chain_add(chain, part)
        return chain
