"""A worker whose verifier is wrong: it keeps proposed tokens that the target would not have chosen."""

from __future__ import annotations

import sys

from epyc_assets.inference.worker.__main__ import main
from epyc_assets.inference.worker.engine import Engine


class TrustingEngine(Engine):
    """Believes the draft every other time."""

    _checks = 0

    def _accepts(self, chosen: int, proposed: int) -> bool:
        self._checks += 1
        return chosen == proposed or self._checks % 2 == 0


if __name__ == "__main__":
    import epyc_assets.inference.worker.__main__ as entry

    entry.Engine = TrustingEngine  # type: ignore[misc]
    sys.exit(main())
