from __future__ import annotations

import json
from pathlib import Path

import pytest

from epyc_assets.scoring import score

PATH = Path(__file__).resolve().parents[3] / "shared" / "datasets" / "gsm8k" / "test.jsonl"


def perturbed(gold: str) -> set[str]:
    """Numbers that are easily taken for the gold one."""
    number = int(gold)
    digits = str(abs(number))
    others = {number + 1, number - 1, number * 10, -number, int(digits[::-1]), int("1" + digits)}
    if number % 10 == 0:
        others.add(number // 10)
    return {str(other) for other in others - {number}}


@pytest.mark.skipif(not PATH.exists(), reason=f"GSM8K is not at {PATH}")
def test_all_gold_answers_are_right_and_no_perturbed_one_is() -> None:
    rows = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 1319
    wrong: list[tuple[str, str]] = []
    for index, row in enumerate(rows):
        gold = row["answer"].rsplit("####", 1)[1].strip().replace(",", "")
        result = score("exact_match", row["answer"], gold)
        if not (result.passed and result.strict_passed):
            wrong.append((row["answer"], gold))
        others = sorted(perturbed(gold))
        # Two of them each time, so that the test stays quick; over the rows every kind has its turn.
        chosen = others[index % len(others)], others[(index + 1) % len(others)]
        wrong += [(row["answer"], other) for other in chosen if score("exact_match", row["answer"], other).passed]
    assert wrong == []
