"""A process that judges answers: pickled lists of answers on standard input, pickled lists of verdicts on output.

Started by `judging_pool.py` as `python -m epyc_assets.scoring.judging_process`; ends when its input ends, so it does
not outlive whoever started it. Not here: judging, or sharing out the work.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import suppress

from epyc_assets.scoring.judging import Answer, judge


def main() -> None:
    """Answers requests until the input ends."""
    # Ctrl-C reaches the whole terminal; whoever started this decides when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as replies, suppress(BrokenPipeError):
        # Nothing that a library prints may get among the replies.
        os.dup2(2, 1)
        while True:
            try:
                answers = pickle.load(requests)
            except EOFError:
                return
            pickle.dump([tuple(verdict) for verdict in judge(Answer(*each) for each in answers)], replies, protocol=5)
            replies.flush()


if __name__ == "__main__":
    main()
    sys.exit(0)
