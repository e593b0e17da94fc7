"""Compute SQuAD's F1 with torchmetrics' functions over random texts, and record the values for the tests.

    python -m epyc_assets_tests.benchmarks.squad_reference PATH_TO_TORCHMETRICS OUTPUT.json VERSION [COUNT]

PATH is a folder with torchmetrics' files; of them `functional/text/squad.py` alone is executed, with plain floats in
the place of tensors, so torch is not needed. Imports nothing of the package.
"""

from __future__ import annotations

import json
import random
import re
import string
import sys
from collections import Counter
from pathlib import Path

TEXT = (
    "the a an The AN cat Cat sat mat naïve café Ünï 東京 日本 Straße straße 42 3.14 1,000 don't don’t well-known U.S. "
    "... ! ? — “the” 'a' (an) theatre ant a.b A.I. x² ½ \u00a0 \u2003 İ ſ ǅ א ש"
)
WORDS = TEXT.split(" ")


def text(draw: random.Random) -> str:
    """Some words, punctuation and odd white space; sometimes nothing."""
    pieces = [draw.choice(WORDS) for _ in range(draw.choice([0, 1, 1, 2, 3, 5, 8]))]
    return "".join(piece + draw.choice([" ", " ", "  ", "\n", "\t", "", ", "]) for piece in pieces)


def reference(root: Path):
    """torchmetrics' `_compute_f1_score`, on floats."""
    source = root.joinpath("torchmetrics", "functional", "text", "squad.py").read_text(encoding="utf-8")
    start, end = source.index("def _normalize_text"), source.index("def _compute_exact_match_score")
    names = {"re": re, "string": string, "Counter": Counter, "Tensor": float, "tensor": float}
    # The published code as it stands, run to record what it says.
    exec(compile(source[start:end], "squad.py", "exec"), names)
    return names["_compute_f1_score"]


def main() -> None:
    """Write [prediction, reference, F1] rows."""
    root, output, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 300
    f1 = reference(root)
    draw = random.Random(20261128)
    rows = []
    for _ in range(count):
        left = text(draw)
        right = draw.choice([left, left.upper(), text(draw), text(draw), left + text(draw)])
        rows.append([left, right, float(f1(left, right))])
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    head = json.dumps({"reference": f"torchmetrics {version}, SQuAD", "fields": ["prediction", "reference", "f1"]})
    output.write_text(head[:-1] + ', "cases": [\n' + lines + "\n]}\n", encoding="utf-8")
    print(len(rows), "rows")


if __name__ == "__main__":
    main()
