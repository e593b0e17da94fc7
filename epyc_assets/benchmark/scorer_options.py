"""Which options each scorer reads: an option that none reads is a slip of the pen that changes verdicts unseen.

Belongs here: names of options, and what is said about one that is not read. Does not belong here: what an option may
hold (the scorers refuse that themselves), or other checks of a question (`question_validation`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from epyc_assets.suites.question import Question

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "exact_match": (
        "answer_type", "any_of", "case_sensitive", "number_words", "relative_tolerance", "tolerance", "unordered",
    ),
    "multiple_choice": ("choices", "letters"),
    "substring": ("all_of", "allow_negated", "any_of", "case_sensitive", "none_of"),
    "f1": ("any_of", "threshold"),
    "programmatic": ("instruction_id_list", "instructions", "kwargs"),
    "tool_call": ("any_of", "any_order", "schema", "tools"),
    "code_execution": (
        "entry_point", "function_tests", "io_tests", "isolation", "language", "memory_bytes", "prelude", "test_code",
        "timeout", "timeout_s", "tolerance",
    ),
}  # fmt: skip
"""By scorer. A judge reads whatever its rubric says."""


def unread_option(question: Question) -> str | None:
    """What to say about the first option that the question's scorer does not read, or None."""
    options = OPTIONS.get(question.scorer)
    if options is None:
        return None
    for name in question.scorer_config:
        if name not in options:
            near = difflib.get_close_matches(str(name), options, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else "take it out"
            return f"{question.scorer} reads no option {name!r} ({remedy}); its options are {', '.join(options)}"
    return None
