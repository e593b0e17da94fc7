from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.warehouse import location


def test_the_environment_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path / "deep" / "var"))
    paths = [
        location.warehouse_path(),
        location.snapshot_path(),
        location.journal_directory(),
        location.dagster_home(),
        location.index_directory(),
        location.router_directory(),
        location.report_directory(),
        location.cache_directory(),
    ]
    assert all(path.is_relative_to(tmp_path / "deep" / "var") for path in paths)
    assert len(set(paths)) == len(paths)


def test_default_is_inside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPYC_DATA_DIR", raising=False)
    assert location.data_directory(create=False) == Path(__file__).parents[2] / "data" / "var"


def test_an_impossible_directory_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path / "file" / "var"))
    with pytest.raises(location.DataDirectoryUnusable, match="EPYC_DATA_DIR") as caught:
        location.data_directory()
    assert str(tmp_path / "file" / "var") in str(caught.value)
