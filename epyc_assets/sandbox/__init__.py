"""Running hostile programs: bubblewrap, warm workers, limits, and calls that only plain values pass.

Belongs here: running code that nobody has read. Does not belong here: finding the code in an answer and judging it
(`scoring/code_execution.py`). docs/sandbox.md says what is confined how.
"""

from __future__ import annotations

from epyc_assets.sandbox.bubblewrap import PYTHON_VARIABLE
from epyc_assets.sandbox.calls import Call, Called, Result, call_functions
from epyc_assets.sandbox.examination import Examination, examine, examine_together
from epyc_assets.sandbox.outcome import CompilerMissing, Limits, Outcome, SandboxFault, SandboxUnavailable, Status
from epyc_assets.sandbox.pool import availability, close_pools
from epyc_assets.sandbox.programs import LANGUAGES, Language, run_program, run_program_cases

__all__ = [
    "LANGUAGES",
    "PYTHON_VARIABLE",
    "Call",
    "Called",
    "CompilerMissing",
    "Examination",
    "Language",
    "Limits",
    "Outcome",
    "Result",
    "SandboxFault",
    "SandboxUnavailable",
    "Status",
    "availability",
    "call_functions",
    "close_pools",
    "examine",
    "examine_together",
    "run_program",
    "run_program_cases",
]
