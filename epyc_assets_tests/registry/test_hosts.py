"""Machines: detection fills gaps only, roots and files are found where they are declared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from epyc_assets.registry.entries import Host, Model
from epyc_assets.registry.hosts import (
    detect_host,
    llama_cpp_binaries,
    model_roots,
    named_model_roots,
    resolve_model_file,
    usable_cores,
)


def test_detection_fills_what_is_missing_and_keeps_what_is_stated() -> None:
    detected = detect_host(Host(name="here", cores=7, numa_policy="interleave=all"))
    assert detected.cores == 7
    assert detected.numa_policy == "interleave=all"
    assert detected.cpu_model
    assert detected.memory_bytes is not None
    assert detected.memory_bytes > 2**26
    assert detected.default_threads == usable_cores()
    assert usable_cores() >= 1
    assert detected.threads is not None
    assert detected.threads >= usable_cores()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity here")
def test_usable_cores_follow_the_affinity() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_the_environment_comes_before_the_registry(tmp_path: Path) -> None:
    host = Host(name="here", model_roots=["data/fleet", "${MY_MODELS}/gguf", "${UNSET}/x"])
    environment = {"EPYC_MODEL_ROOT": os.pathsep.join(["/first", "/second"]), "MY_MODELS": "/mine"}
    assert named_model_roots(host, tmp_path, environment) == {
        "EPYC_MODEL_ROOT[0]": Path("/first"),
        "EPYC_MODEL_ROOT[1]": Path("/second"),
        "data/fleet": tmp_path / "data/fleet",
        "${MY_MODELS}/gguf": Path("/mine/gguf"),
    }


def test_a_variable_can_have_a_default(tmp_path: Path) -> None:
    host = Host(name="here", model_roots=["${MY_DATA:-data/var}/models", "${UNSET}/${MY_DATA:-x}"])
    unset = {"${MY_DATA:-data/var}/models": tmp_path / "data/var/models"}
    assert named_model_roots(host, tmp_path, {}) == unset
    assert named_model_roots(host, tmp_path, {"MY_DATA": ""}) == unset
    assert model_roots(host, tmp_path, {"MY_DATA": "/elsewhere"}) == [Path("/elsewhere/models")]


def test_a_relative_folder_in_the_environment_starts_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    host = Host(name="here", model_roots=["${MY_DATA:-data/var}/models"])
    assert model_roots(host, tmp_path / "checkout", {"MY_DATA": "mine"}) == [tmp_path / "mine/models"]


@pytest.mark.parametrize("name", ["local", "epyc9655"])
def test_files_linked_by_models_add_lie_under_a_root(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from epyc_assets.registry.loading import load_registry
    from epyc_assets.warehouse.location import model_directory

    registry = load_registry()
    assert registry.checkout / "data/var/models" in model_roots(registry.hosts[name], registry.checkout, {})
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path))
    assert model_directory() in model_roots(registry.hosts[name], registry.checkout)


def test_a_root_declared_twice_is_walked_once(tmp_path: Path) -> None:
    host = Host(name="here", model_roots=["models", "models"])
    environment = {"EPYC_MODEL_ROOT": str(tmp_path / "models")}
    assert model_roots(host, tmp_path, environment) == [tmp_path / "models"]


def test_a_model_is_found_in_the_first_root_that_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPYC_MODEL_ROOT", raising=False)
    host = Host(name="here", model_roots=["a", "b"])
    model = Model(name="m", file="sub/m.gguf")
    assert resolve_model_file(model, host, tmp_path) is None
    for root in ("b", "a"):
        file = tmp_path / root / "sub/m.gguf"
        file.parent.mkdir(parents=True)
        file.touch()
        assert resolve_model_file(model, host, tmp_path) == file
    assert resolve_model_file(Model(name="api", kind="external"), host, tmp_path) is None


def test_binaries_are_none_until_the_variable_is_set(tmp_path: Path) -> None:
    host = Host(name="here", llama_cpp_binaries="${LLAMA}/bin")
    assert llama_cpp_binaries(host, tmp_path, {}) is None
    assert llama_cpp_binaries(host, tmp_path, {"LLAMA": "/opt"}) == Path("/opt/bin")
