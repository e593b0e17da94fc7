"""Public question sets, read from local copies in the layouts they are published in: an adapter each.

Belongs here: the table of adapters. Does not belong here: downloading anything, drawing questions (`suites.sampling`),
or questions of this project's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from epyc_assets.suites.public.adapter import PublicSet, RowLeftOut, RowRejected
from epyc_assets.suites.public.arc import ARC
from epyc_assets.suites.public.bigcodebench import BIGCODEBENCH
from epyc_assets.suites.public.cruxeval import CRUXEVAL
from epyc_assets.suites.public.debugbench import DEBUGBENCH
from epyc_assets.suites.public.gaia import GAIA
from epyc_assets.suites.public.gpqa import GPQA
from epyc_assets.suites.public.gsm8k import GSM8K
from epyc_assets.suites.public.hellaswag import HELLASWAG
from epyc_assets.suites.public.hotpotqa import HOTPOTQA
from epyc_assets.suites.public.humaneval import HUMANEVAL
from epyc_assets.suites.public.ifeval import IFEVAL
from epyc_assets.suites.public.livecodebench import LIVECODEBENCH
from epyc_assets.suites.public.math_500 import MATH_500
from epyc_assets.suites.public.mbpp import MBPP
from epyc_assets.suites.public.mmlu import MMLU
from epyc_assets.suites.public.reading import (
    Candidate,
    LocalCopy,
    PublicSetMissing,
    Reject,
    question_of,
    read_local_copy,
    reject_of,
)
from epyc_assets.suites.public.simpleqa import SIMPLEQA
from epyc_assets.suites.public.usaco import USACO

ADAPTERS: Mapping[str, PublicSet] = {
    adapter.suite: adapter
    for adapter in (
        *(MMLU, GSM8K, MATH_500, HUMANEVAL, MBPP, ARC, HELLASWAG, IFEVAL, GPQA, SIMPLEQA, HOTPOTQA),
        *(LIVECODEBENCH, DEBUGBENCH, USACO, CRUXEVAL, BIGCODEBENCH, GAIA),
    )
}
"""Suite to adapter, in the order of the registry's public suites."""

__all__ = [
    "ADAPTERS",
    "Candidate",
    "LocalCopy",
    "PublicSet",
    "PublicSetMissing",
    "Reject",
    "RowLeftOut",
    "RowRejected",
    "question_of",
    "read_local_copy",
    "reject_of",
]
