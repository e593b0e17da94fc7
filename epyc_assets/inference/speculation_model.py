"""What drafting can gain: acceptance of single tokens, expected speed-up, and the most that is possible.

Here: pure functions over counts and measured times. The model is that of Y. Leviathan, M. Kalman and Y. Matias 2023,
"Fast inference from transformers via speculative decoding" (arXiv 2211.17192): each drafted token is accepted with the
same probability alpha, independently, until one is not. It is generalised to a CPU, where checking K + 1 tokens takes
longer than deciding on one. Not here: what the memory allows (roofline).
"""

from __future__ import annotations

from collections.abc import Sequence

_STEPS = 100
"""Halvings of [0, 1]: more than a double can tell apart."""


def expected_tokens(alpha: float, draft_tokens: float) -> float:
    """Tokens per evaluation of the target: E = (1 - alpha^(K+1)) / (1 - alpha), which is K + 1 at alpha = 1.

    draft_tokens: K, tokens drafted each time; may be a mean. Raises ValueError for an alpha outside [0, 1] or a
    negative K.
    """
    if not 0 <= alpha <= 1 or draft_tokens < 0:
        raise ValueError(f"alpha {alpha} with {draft_tokens} drafted tokens makes no sense")
    if alpha == 1:
        return draft_tokens + 1
    return (1 - alpha ** (draft_tokens + 1)) / (1 - alpha)


def alpha_from_tokens(tokens_per_evaluation: float, draft_tokens: float) -> float | None:
    """The alpha at which E(alpha, K) is what was measured, 1 + accepted / evaluations, by bisection.

    Right where each evaluation had K drafted tokens; drafts that are often shorter (the draft stops early, lookup finds
    nothing) make it too small: use alpha_from_positions then. None when nothing was drafted (K = 0). Raises ValueError
    for figures outside [1, K + 1].
    """
    if draft_tokens <= 0:
        return None
    if not 1 <= tokens_per_evaluation <= (draft_tokens + 1) * (1 + 1e-9):
        raise ValueError(f"{tokens_per_evaluation} tokens per evaluation cannot come of {draft_tokens} drafted tokens")
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if expected_tokens(middle, draft_tokens) < tokens_per_evaluation:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def alpha_from_positions(drafted_by_position: Sequence[int], accepted_by_position: Sequence[int]) -> float | None:
    """The likeliest alpha given how often the token at each place was there and accepted, for drafts of any lengths.

    The token at place i is decided on when it is there and the one before it was accepted; it is accepted with
    probability alpha. So with n decisions and a acceptances alpha = a / n. A draft that ends after an accepted token
    is told apart from one that was refused by the places: of the tokens at place i, as many were decided on as were
    there and followed an accepted one. Only how many drafts reach place i is known, not which, so those that end early
    are taken to end independently of acceptance. None when nothing was drafted. Raises ValueError for counts that
    cannot be.
    """
    if len(drafted_by_position) != len(accepted_by_position):
        raise ValueError("drafted and accepted counts must be of the same places")
    decided = accepted = 0.0
    before: tuple[int, int] | None = None
    for there, taken in zip(drafted_by_position, accepted_by_position, strict=True):
        if not 0 <= taken <= there or (before is not None and (there > before[0] or taken > before[1])):
            raise ValueError(f"{taken} of {there} accepted tokens at a place after {before} makes no sense")
        if before is None:
            decided += there
        elif before[0]:
            # Of the drafts with a token here, the share whose token before was accepted.
            decided += max(taken, there * before[1] / before[0])
        accepted += taken
        before = (there, taken)
    return accepted / decided if decided else None


def fitted_alpha(
    *,
    accepted_tokens: int,
    target_evaluations: int | None,
    draft_tokens: int,
    drafted_by_position: Sequence[int] | None = None,
    accepted_by_position: Sequence[int] | None = None,
) -> tuple[float, str] | None:
    """Alpha and how it was fitted: "positions" where the counts by place are known, else "tokens". None when nothing
    was drafted or too little is known."""
    if drafted_by_position and accepted_by_position:
        alpha = alpha_from_positions(drafted_by_position, accepted_by_position)
        return None if alpha is None else (alpha, "positions")
    if not target_evaluations:
        return None
    alpha = alpha_from_tokens(1 + accepted_tokens / target_evaluations, draft_tokens)
    return None if alpha is None else (alpha, "tokens")


def expected_speedup(
    alpha: float, draft_tokens: float, *, draft_cost_ratio: float, verify_cost_ratio: float = 1.0
) -> float:
    """Predicted speed-up E / (K c + v).

    draft_cost_ratio: c, time to draft a token over the target's time for a token without drafting; about 0 for lookup.
    verify_cost_ratio: v(K), time of one evaluation of K + 1 tokens over that of one token; 1 in the paper, more on a
    CPU and with experts. Raises ValueError for costs that make no sense.
    """
    if draft_cost_ratio < 0 or verify_cost_ratio <= 0:
        raise ValueError(f"costs of {draft_cost_ratio} for drafting and {verify_cost_ratio} for checking make no sense")
    return expected_tokens(alpha, draft_tokens) / (draft_tokens * draft_cost_ratio + verify_cost_ratio)


def speedup_cap(draft_tokens: float, *, draft_cost_ratio: float, verify_cost_ratio: float = 1.0) -> float:
    """The most that drafting can give: expected_speedup at alpha = 1, (K + 1) / (K c + v)."""
    return expected_speedup(1.0, draft_tokens, draft_cost_ratio=draft_cost_ratio, verify_cost_ratio=verify_cost_ratio)


def best_draft_tokens(
    alpha: float, *, draft_cost_ratio: float, verify_cost_ratios: Sequence[float]
) -> tuple[int, float]:
    """The K with the highest expected speed-up, and that speed-up; K = 0 where drafting does not pay.

    verify_cost_ratios[K]: v(K) for K = 0, 1, ...; the first is 1 by definition. Raises ValueError when it is empty.
    """
    if not verify_cost_ratios:
        raise ValueError("no cost of checking is known")
    found = [
        (expected_speedup(alpha, count, draft_cost_ratio=draft_cost_ratio, verify_cost_ratio=cost), -count)
        for count, cost in enumerate(verify_cost_ratios)
    ]
    speedup, count = max(found)
    return -count, speedup


def measured_costs(
    *,
    steps_s: float,
    target_evaluations: int,
    draft_s: float | None,
    drafted_tokens: int,
    baseline_token_s: float,
) -> tuple[float, float] | None:
    """c and v out of what was measured: (draft time per drafted token, time per evaluation without drafting), both
    over the baseline's time for a token. None when there was no evaluation, nothing was drafted, or draft_s is not
    known.

    steps_s: all time between tokens, drafting included; draft_s: the part of it spent drafting. Overhead of a step is
    thereby part of v. Where only some evaluations had a draft, v is their mean. Raises ValueError for negative times.
    """
    if min(steps_s, draft_s or 0.0) < 0 or baseline_token_s <= 0 or (draft_s or 0.0) > steps_s:
        raise ValueError("times of drafting and decoding make no sense")
    if not target_evaluations or not drafted_tokens or draft_s is None:
        return None
    return (
        draft_s / drafted_tokens / baseline_token_s,
        (steps_s - draft_s) / target_evaluations / baseline_token_s,
    )
