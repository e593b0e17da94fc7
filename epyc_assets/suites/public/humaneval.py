"""HumanEval (Chen et al. 2021, "Evaluating Large Language Models Trained on Code"), and sets in its layout.

Belongs here: task_id, prompt, entry_point, canonical_solution, test. Does not belong here: running them (scoring).
"""

from __future__ import annotations

from collections.abc import Iterator

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, RowRejected, code_lines_tier, text_of
from epyc_assets.suites.public.code_questions import ANSWER_FORM, MAX_TOKENS, fenced, parsed_python

_EASY_LINES = 4
_MIDDLE_LINES = 8


def _read(row: Row, place: Place) -> Iterator[Draft]:
    prompt = text_of(row, "prompt")
    entry_point = text_of(row, "entry_point").strip()
    solution = text_of(row, "canonical_solution")
    test = text_of(row, "test")
    if f"def {entry_point}(" not in prompt:
        raise RowRejected(f"the prompt does not define {entry_point}")
    if "check(" not in test:
        raise RowRejected("test defines no check(candidate)")
    parsed_python(test, "test")
    reference = f"{prompt}\n{solution}" if not prompt.endswith("\n") else f"{prompt}{solution}"
    yield Draft(
        content=prompt,
        tier=code_lines_tier(solution, _EASY_LINES, _MIDDLE_LINES),
        prompt=f"Complete this Python function.\n\n{fenced(prompt)}\n\n{ANSWER_FORM}",
        expected=reference,
        scorer="code_execution",
        # The prompt ends with a docstring, so it is whole by itself: a body continues it, a function replaces it.
        config={
            "language": "python",
            "entry_point": entry_point,
            "prelude": f"{prompt}\n",
            "test_code": test,
            "timeout_s": 10,
        },
        max_tokens=MAX_TOKENS,
        identity=str(row.get("task_id") or ""),
    )


HUMANEVAL = PublicSet(
    suite="humaneval",
    title="HumanEval",
    version="1",
    expects=(
        "HumanEval.jsonl.gz of the original repository",
        "or Parquet such as openai_humaneval/test-00000-of-00001.parquet",
    ),
    licence="MIT",
    read=_read,
    wanted=lambda path: not path.name.casefold().startswith("example_"),
)
