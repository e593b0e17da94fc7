"""Prompt lookup against a search by hand, and the books that are kept about drafts."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.inference.worker.drafting import Drafting, LookupDrafter

tokens = st.lists(st.integers(0, 3), max_size=60)


def found_by_search(history: Sequence[int], size: int, most: int) -> list[int]:
    """The latest place before the end where the last tokens stood, looked for from the end."""
    wanted = list(history[-size:])
    if len(wanted) < size:
        return []
    for end in range(len(history) - 1, size - 1, -1):
        if list(history[end - size : end]) == wanted:
            return list(history[end : end + most])
    return []


@given(tokens, tokens, st.integers(1, 5), st.integers(1, 9))
def test_lookup_finds_what_a_search_finds_at_every_step(
    prompt: list[int], answer: list[int], size: int, most: int
) -> None:
    drafter = LookupDrafter(size, most)
    drafter.start(prompt)
    history = list(prompt)
    for token in answer:
        history.append(token)
        assert drafter.propose(history, most) == found_by_search(history, size, most)


@given(tokens, tokens, st.integers(1, 4))
def test_lookup_forgets_the_answer_before(first: list[int], second: list[int], size: int) -> None:
    used, fresh = LookupDrafter(size, 4), LookupDrafter(size, 4)
    used.start(first)
    used.propose(first, 4)
    for drafter in (used, fresh):
        drafter.start(second)
    assert used.propose(second, 4) == fresh.propose(second, 4)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda pair: (max(pair), min(pair))), max_size=30))
def test_the_books_balance(steps: list[tuple[int, int]]) -> None:
    drafting = Drafting([], clock=lambda: 0)
    for proposed, accepted in steps:
        drafting.record(proposed, accepted)
    counts = drafting.counts()
    assert counts["drafted_tokens"] == sum(proposed for proposed, _ in steps)
    assert counts["accepted_tokens"] == sum(accepted for _, accepted in steps)
    assert counts["target_evaluations"] == len(steps)
    assert len(counts["drafted_by_position"]) == len(counts["accepted_by_position"])
    for place, (drafted, accepted) in enumerate(
        zip(counts["drafted_by_position"], counts["accepted_by_position"], strict=True)
    ):
        assert drafted == sum(proposed > place for proposed, _ in steps)
        assert accepted == sum(taken > place for _, taken in steps)
