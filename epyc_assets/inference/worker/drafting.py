"""Proposing tokens ahead of the target: by a draft model, by prompt lookup, or both.

Here: proposals and the counts of what became of them. Not here: checking them (engine).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from epyc_assets.inference.worker.native import EngineError, NativeModel


class Drafter(Protocol):
    """Proposes what could come next."""

    evaluations: int
    """Evaluations of a draft model since the prompt was read; 0 for a drafter without one."""

    def start(self, prompt: Sequence[int]) -> None:
        """Begins an answer: forgets the one before and reads the prompt."""
        ...

    def propose(self, tokens: Sequence[int], most: int) -> list[int]:
        """At most `most` tokens that may follow tokens: the prompt and the answer so far, which only ever grow."""
        ...


class ModelDrafter:
    """A draft model that answers greedily. Its context keeps what it has evaluated; what the target rejected is
    taken back, so that each proposal evaluates only what is new."""

    def __init__(
        self, model: NativeModel, draft_tokens: int, target_vocabulary: int, minimum_probability: float | None = None
    ) -> None:
        """draft_tokens: K. minimum_probability: stop before a token that the draft gives less. Tokens that the
        target's vocabulary does not have are never proposed."""
        self._model, self._draft_tokens, self._minimum = model, draft_tokens, minimum_probability
        self._usable = min(target_vocabulary, model.vocabulary_size)
        self._seen: list[int] = []
        self._agreed = 0
        self.evaluations = 0

    def start(self, prompt: Sequence[int]) -> None:
        """Reads the prompt but for its last token, whose logits are wanted with the first proposal."""
        self._model.clear()
        self._seen, self._agreed, self.evaluations = [], 0, 0
        if self._fits(prompt):
            self._read(prompt[:-1])
        self.evaluations = 0

    def propose(self, tokens: Sequence[int], most: int) -> list[int]:
        """Greedy continuation; empty where the draft's context is full or it cannot read the tokens."""
        wanted = min(most, self._draft_tokens)
        if wanted < 1 or not self._fits(tokens[self._agreed :]) or len(tokens) + wanted > self._model.context_tokens:
            return []
        while self._agreed < min(len(self._seen), len(tokens) - 1) and self._seen[self._agreed] == tokens[self._agreed]:
            self._agreed += 1
        self._model.take_back(self._agreed)
        del self._seen[self._agreed :]
        self._read(tokens[self._agreed :])
        self._agreed = len(tokens)
        proposed: list[int] = []
        while True:
            token, probability = self._next()
            if probability is not None and probability < (self._minimum or 0.0):
                break
            if token >= self._usable:
                break
            proposed.append(token)
            if len(proposed) == wanted or self._model.is_end(token):
                break
            self._model.evaluate_one(token)
            self._seen.append(token)
            self.evaluations += 1
        return proposed

    def _read(self, tokens: Sequence[int]) -> None:
        if len(tokens) == 1:
            self._model.evaluate_one(tokens[0])
        elif tokens:
            self._model.process(tokens)
        self._seen += tokens
        self.evaluations += bool(tokens)

    def _next(self) -> tuple[int, float | None]:
        """The likeliest token, and its probability where a minimum is asked for."""
        logits = self._model.logits()
        token = int(logits.argmax())
        if self._minimum is None:
            return token, None
        import numpy as np

        return token, 1.0 / float(np.exp(logits - logits[token]).sum())

    def _fits(self, tokens: Sequence[int]) -> bool:
        return all(token < self._model.vocabulary_size for token in tokens)


class LookupDrafter:
    """Prompt lookup: what followed the latest earlier occurrence of the last n tokens.

    An index of all n-grams so far, brought up to date with each proposal, so that the cost does not grow with the
    context.
    """

    evaluations = 0

    def __init__(self, ngram_tokens: int, draft_tokens: int) -> None:
        """ngram_tokens: n. draft_tokens: K."""
        self._size, self._draft_tokens = ngram_tokens, draft_tokens
        self._follows: dict[tuple[int, ...], int] = {}
        self._indexed = 0

    def start(self, prompt: Sequence[int]) -> None:
        """Indexes the prompt."""
        self._follows.clear()
        self._indexed = self._size
        self._index(prompt)

    def propose(self, tokens: Sequence[int], most: int) -> list[int]:
        """The tokens after the latest earlier occurrence; empty where there is none."""
        self._index(tokens)
        if len(tokens) < self._size:
            return []
        place = self._follows.get(tuple(tokens[-self._size :]))
        if place is None:
            return []
        return list(tokens[place : place + min(most, self._draft_tokens)])

    def _index(self, tokens: Sequence[int]) -> None:
        # The n-gram that ends the tokens is looked for, so it must not find itself: it is indexed next time.
        for end in range(self._indexed, len(tokens)):
            self._follows[tuple(tokens[end - self._size : end])] = end
        self._indexed = max(self._indexed, len(tokens))


@dataclass
class Drafting:
    """Drafters in the order in which they are asked, and what became of their proposals."""

    drafters: Sequence[tuple[str, Drafter]]
    clock: Callable[[], int]
    drafted: list[int] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    lookup_drafted: int = 0
    lookup_accepted: int = 0
    target_evaluations: int = 0
    spent_ns: int = 0
    _from: str = ""

    def start(self, prompt: Sequence[int]) -> None:
        """Begins an answer. A draft model reads the prompt now: part of the time to the first token."""
        for _, drafter in self.drafters:
            drafter.start(prompt)

    def propose(self, tokens: Sequence[int], most: int) -> list[int]:
        """The first proposal that is not empty."""
        begun = self.clock()
        proposed: list[int] = []
        for name, drafter in self.drafters:
            proposed = drafter.propose(tokens, most)
            if proposed:
                self._from = name
                break
        self.spent_ns += self.clock() - begun
        return proposed

    def record(self, proposed: int, accepted: int) -> None:
        """So many tokens were proposed, of which so many were accepted."""
        self.target_evaluations += 1
        for counts, number in ((self.drafted, proposed), (self.accepted, accepted)):
            counts.extend([0] * (number - len(counts)))
            for place in range(number):
                counts[place] += 1
        if self._from == "lookup":
            self.lookup_drafted += proposed
            self.lookup_accepted += accepted

    def counts(self) -> dict[str, Any]:
        """The fields of inference.backend.SpeculationCounts."""
        accepted = self.accepted + [0] * (len(self.drafted) - len(self.accepted))
        return {
            "drafted_tokens": sum(self.drafted),
            "accepted_tokens": sum(self.accepted),
            "target_evaluations": self.target_evaluations,
            "draft_evaluations": sum(drafter.evaluations for _, drafter in self.drafters),
            "lookup_drafted_tokens": self.lookup_drafted,
            "lookup_accepted_tokens": self.lookup_accepted,
            "drafted_by_position": self.drafted,
            "accepted_by_position": accepted,
            "draft_ms": self.spent_ns / 1e6,
        }


def drafting_for(
    request: dict[str, Any] | None, target: NativeModel, drafts: dict[str, NativeModel], clock: Callable[[], int]
) -> Drafting | None:
    """The drafters that a request asks for (inference.config.Speculation as a dict); None for none.

    Raises EngineError(refused) for a target whose state cannot be rolled back, and for a draft that is not loaded.
    """
    if request is None:
        return None
    if not target.can_take_back:
        raise EngineError("refused", "a recurrent or hybrid model's state cannot be rolled back after a rejected draft")
    drafters: list[tuple[str, Drafter]] = []
    if request.get("ngram_tokens") is not None:
        drafters.append(("lookup", LookupDrafter(int(request["ngram_tokens"]), int(request["lookup_tokens"]))))
    name = request.get("draft")
    if name is not None:
        if name not in drafts:
            raise EngineError("refused", f"the draft {name!r} is not loaded in this session")
        if not drafts[name].can_take_back:
            raise EngineError("refused", f"the draft {name!r} is recurrent: it cannot take back rejected tokens")
        minimum = request.get("minimum_probability")
        drafter = ModelDrafter(drafts[name], int(request["draft_tokens"]), target.vocabulary_size, minimum)
        drafters.append(("spec", drafter))
    return Drafting(drafters, clock)
