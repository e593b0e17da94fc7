"""The engine: one target and its drafts, with the clock beside the tokens.

Here: the token loop, checking drafts, timing, and what the logits say about a difference between two answers. Not
here: llama.cpp's calls (native), proposals (drafting), processes and protocols, chat templates.

Timing. t0 is taken when the request arrives, t1 when the first token has been chosen, and one clock reading
follows each evaluation and each choice after that. ttft_ms = t1 - t0; decode_ms sums the evaluations after t1,
sampling_ms every choice, draft_ms every proposal; generation_tps = tokens chosen after the first / (last choice -
t1). The choice of the end-of-generation token counts like any other: the model was evaluated for it.

Drafts. The target evaluates its last token and the proposal in one batch and keeps the logits of each; then tokens
are chosen row after row, exactly as without a draft, for as long as the choice is the proposed token. For a proposal
without probabilities this is the rejection rule of Leviathan et al. 2023 (arXiv 2211.17192): a proposed token is
kept with the target's probability for it, and what replaces it is drawn from the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from epyc_assets.inference.telemetry import ContentionProbe, calibration_ms, host_facts
from epyc_assets.inference.worker.choosing import Chooser
from epyc_assets.inference.worker.drafting import drafting_for
from epyc_assets.inference.worker.native import EngineError, NativeModel

__all__ = ["Engine", "EngineError"]

PROGRESS_EVERY_NS = 500_000_000
NOISE_BATCHES = (2, 5)
"""Batch sizes, besides the config's own, in which an answer is evaluated again to see how far its logits move."""


class Engine:
    """A loaded model. Methods raise EngineError; native crashes end the process, which is why it is one."""

    def __init__(
        self, model_path: str, parameters: dict[str, Any], drafts: dict[str, dict[str, Any]] | None = None
    ) -> None:
        """Loads model_path and its drafts and warms them up. parameters: inference.config.LoadParameters as a dict,
        with context_tokens and threads resolved. drafts: name to {"path", "parameters"}."""
        started_ns = time.perf_counter_ns()
        self._target = NativeModel(model_path, parameters)
        self._drafts = {name: _loaded_draft(name, draft) for name, draft in (drafts or {}).items()}
        self._probe = ContentionProbe()
        for model in (self._target, *self._drafts.values()):
            model.warm_up()
        self._load_ms = (time.perf_counter_ns() - started_ns) / 1e6

    def close(self) -> None:
        """Frees all models."""
        for model in (self._target, *self._drafts.values()):
            model.close()

    def facts(self) -> dict[str, Any]:
        """What a session must record: library versions, machine, model and the parameters in force."""
        target = self._target
        return {
            "backend_version": metadata.version("llama_cpp_python"),
            "llama_build": _llama_build(target.api),
            "system_info": target.api.llama_print_system_info().decode(errors="replace"),
            "host": asdict(host_facts()),
            "load_ms": self._load_ms,
            "context_tokens": target.context_tokens,
            "batch_tokens": target.batch_tokens,
            "threads": target.threads,
            "chat_template": target.metadata("tokenizer.chat_template"),
            "bos_text": target.begin_text,
            "eos_text": target.end_text,
            "model": target.facts(),
        }

    def tokenize(self, text: str) -> list[int]:
        """Token ids of text as the target reads it."""
        return self._target.tokenize(text)

    def calibrate(self) -> float:
        """Milliseconds that a fixed piece of work takes now."""
        return calibration_ms()

    def generate(self, request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Answers one prompt; the result's fields are those of the `generated` event.

        timeout_s is checked between evaluations; a single one that hangs is the parent's to end. Text so far goes to
        progress about every half second. Raises EngineError(context) for a prompt that does not fit.
        """
        target, clock = self._target, time.perf_counter_ns
        self._probe.start()
        start_ns = clock()
        deadline_ns = start_ns + int(request["timeout_s"] * 1e9)
        prompt = self._read_prompt(request["prompt"])
        limit = min(request["max_tokens"], target.context_tokens - len(prompt))
        ignore_eos = bool(request.get("ignore_eos"))
        stops = [stop.encode() for stop in request.get("stop") or []]
        drafting = drafting_for(request.get("speculation"), target, self._drafts, clock)
        chooser = Chooser(target, request)
        choose = chooser.choose
        try:
            target.clear()
            prompt_start_ns = clock()
            target.process(prompt)
            prompt_end_ns = clock()
            if drafting:
                drafting.start(prompt)
            drafts_read_ns = clock()
            token = choose(-1)
            first_ns = last_ns = progress_ns = clock()
            sampling_ns, decode_ns, steps = first_ns - drafts_read_ns, 0, 0
            tokens: list[int] = []
            history = list(prompt)  # prompt and answer in one list that only grows: drafters keep their place in it
            proposed: list[int] = []
            row = 0
            while True:
                if target.is_end(token) and not ignore_eos:
                    finish = "stop"
                    break
                tokens.append(token)
                history.append(token)
                if stops and (ended := self._stopped(tokens, stops)):
                    finish = ended
                    break
                if len(tokens) >= limit:
                    finish = "length" if limit == request["max_tokens"] else "context"
                    break
                if row < len(proposed) and self._accepts(token, proposed[row]):
                    row += 1
                    before_ns = clock()
                    token = choose(row)
                    last_ns = clock()
                    sampling_ns += last_ns - before_ns
                    steps += 1
                    continue
                if drafting:
                    if proposed:
                        target.take_back(target.position - len(proposed) + row)
                    if steps:
                        drafting.record(len(proposed), row)
                if last_ns > deadline_ns:
                    finish = "timeout"
                    break
                if last_ns - progress_ns > PROGRESS_EVERY_NS:
                    progress({"event": "progress", "tokens": len(tokens), "text": target.text(tokens)})
                    progress_ns = clock()
                row, proposed = 0, []
                if drafting:
                    # One token is the target's own, and a batch holds it and the proposal.
                    proposed = drafting.propose(history, min(limit - len(tokens), target.batch_tokens) - 1)
                before_ns = clock()
                if proposed:
                    target.evaluate_all([token, *proposed])
                else:
                    target.evaluate_one(token)
                decoded_ns = clock()
                token = choose(0 if proposed else -1)
                last_ns = clock()
                decode_ns += decoded_ns - before_ns
                sampling_ns += last_ns - decoded_ns
                steps += 1
            if drafting and steps and finish != "timeout":
                # The token that ended the answer may have been a proposed one.
                drafting.record(len(proposed), row + (row < len(proposed) and self._accepts(token, proposed[row])))
        finally:
            chooser.close()
        readings = self._probe.stop()
        return {
            "text": target.text(tokens),
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
            "speculation": drafting.counts() if drafting else None,
            "readings": readings.as_dict(),
        }

    def compare_choices(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the logits say about two tokens that could follow a prompt and the start of its answer.

        request: prompt, answer (token ids before the difference), reference_token, config_token, batch_tokens (K + 1).
        Evaluates the answer token by token, as a run without drafts does, and again in batches. margin: logit of
        reference_token minus that of config_token, token by token. batch_noise: the largest difference of one of the
        two logits between token by token and a batch size of batch_tokens or NOISE_BATCHES. preferred: the likeliest
        token.
        """
        prompt, answer = request["prompt"], list(request["answer"])
        pair = [int(request["reference_token"]), int(request["config_token"])]
        alone = self._logits_after(prompt, answer, 1)
        noise = 0.0
        for size in sorted({max(2, min(int(request["batch_tokens"]), self._target.batch_tokens)), *NOISE_BATCHES}):
            together = self._logits_after(prompt, answer, size)
            noise = max(noise, *(abs(float(alone[token] - together[token])) for token in pair))
        return {
            "margin": float(alone[pair[0]] - alone[pair[1]]),
            "batch_noise": noise,
            "preferred": int(alone.argmax()),
        }

    def _logits_after(self, prompt: str, answer: list[int], batch_tokens: int) -> Any:
        target = self._target
        tokens = self._read_prompt(prompt)
        target.clear()
        target.process(tokens)
        for begin in range(0, len(answer), batch_tokens):
            part = answer[begin : begin + batch_tokens]
            if len(part) == 1:
                target.evaluate_one(part[0])
            else:
                target.evaluate_all(part)
        return target.logits(-1).copy()

    def _read_prompt(self, text: str) -> list[int]:
        """The prompt's tokens. Raises EngineError for one that is empty or leaves no room for an answer."""
        prompt = self._target.tokenize(text)
        if not prompt:
            raise EngineError("refused", "the prompt is empty")
        if len(prompt) >= self._target.context_tokens:
            raise EngineError(
                "context", f"the prompt has {len(prompt)} tokens, the context holds {self._target.context_tokens}"
            )
        return prompt

    def _accepts(self, chosen: int, proposed: int) -> bool:
        """Whether a proposed token is what the target itself chose."""
        return chosen == proposed

    def _stopped(self, tokens: list[int], stops: list[bytes]) -> str | None:
        # A stop text can begin in an earlier token; so many bytes before it can matter, and a token has one or more.
        longest = max(map(len, stops))
        tail = b"".join(self._target.piece(token) for token in tokens[-longest - 1 :])
        return "stop" if any(stop in tail for stop in stops) else None


def _loaded_draft(name: str, draft: dict[str, Any]) -> NativeModel:
    try:
        return NativeModel(draft["path"], draft["parameters"])
    except EngineError as error:
        raise EngineError(error.kind, f"the draft {name}: {error}", draft=name) from error


def _llama_build(api: Any) -> str | None:
    """llama.cpp's version: its build number where the library exports one, else the version of ggml inside."""
    version = getattr(api, "llama_build_info", None)
    if version is not None:
        return version().decode(errors="replace")
    for path in sorted(Path(api.__file__).parent.glob("lib/libggml-base.so.*"), key=lambda found: -len(found.name)):
        return f"ggml {path.name.partition('.so.')[2]}"
    return None
