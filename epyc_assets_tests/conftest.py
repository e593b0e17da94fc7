"""What holds for every test. Here: how property tests draw their examples, and the empty warehouse that areas copy.
Not here: fixtures of one area.

A busy machine makes no test fail: no example has a deadline. A test draws the same examples at each run, so that it
fails where the code changed and nowhere else; `pytest --hypothesis-profile explore` draws others, and more of them
where a test names no number.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from epyc_assets.warehouse import Warehouse

_UNHURRIED = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=_UNHURRIED)
settings.register_profile("explore", deadline=None, max_examples=1000, suppress_health_check=_UNHURRIED)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of a warehouse with all tables, no rows and no snapshot, to be copied: the two thousand statements that make
    one take half a second.
    """
    store = Warehouse(tmp_path_factory.mktemp("empty") / "epyc.duckdb")
    with store.write("empty", publish=False):
        pass
    return store.path
