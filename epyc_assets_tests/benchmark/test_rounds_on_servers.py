"""Speed rounds do not know which backend runs: the same on a server, where drafting needs a load of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.benchmark.rounds import StopRule
from epyc_assets.inference.backends import SERVERS
from epyc_assets.inference.config import BASELINE
from epyc_assets_tests.benchmark.fixture_rounds import LOOKUP, PROMPTS, SPEC, loaded, run
from epyc_assets_tests.inference.every_backend import backend_or_skip


@pytest.mark.parametrize("name", SERVERS)
def test_rounds_on_a_server(name: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    outcome = run(journal, (SPEC, LOOKUP), backend=backend_or_skip(name), stop=StopRule(2, 2))
    assert not outcome.left_out
    assert outcome.statuses == {"ok": 2 * 3 * len(PROMPTS)}
    rows = loaded(journal)
    assert not rows.rejects
    assert rows.sessions["backend"].unique().to_list() == [name]
    assert rows.sessions.height == 3, "baseline, draft and lookup are each a load of their own"
    assert rows.sessions["llama_build"].null_count() == 0
    runs = rows.speed_runs
    assert runs["generation_tps"].null_count() == runs["reported_generation_tps"].null_count() == 0
    assert runs["figures_differ"].null_count() == 0
    drafted = {config_id: part["drafted_tokens"].sum() for (config_id,), part in runs.group_by("config_id")}
    assert drafted[SPEC.config_id] > 0
    assert drafted[BASELINE.config_id] == 0
    plain = runs.filter(config_id=BASELINE.config_id)
    assert plain["drafted_tokens"].null_count() == plain.height
