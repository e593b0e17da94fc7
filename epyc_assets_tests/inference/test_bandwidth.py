from __future__ import annotations

import sys
from pathlib import Path

import pytest

from epyc_assets.inference.bandwidth import BandwidthFault, last_level_cache_bytes, measure_bandwidth, thread_counts


def test_the_probe_reads_real_memory_in_a_process_of_its_own() -> None:
    found = measure_bandwidth([1, 2], repetitions=3, least_s=0.02, array_bytes=2**26)
    assert found.array_bytes == 2**26
    assert found.host_name
    assert [reading.threads for reading in found.readings] == [1, 2]
    for reading in found.readings:
        assert len(reading.bytes_per_s) == 3
        assert 0 < min(reading.bytes_per_s) <= reading.median_bytes_per_s <= reading.best_bytes_per_s
        assert reading.kernel_ratio > 0
    assert found.best.best_bytes_per_s == max(reading.best_bytes_per_s for reading in found.readings)


def test_the_launch_prefix_is_put_before_the_probe(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = tmp_path / "prefix"
    script.write_text(f'#!/bin/sh\necho "$@" > {told}\nexec "$@"\n')
    script.chmod(0o755)
    measure_bandwidth([1], launch_prefix=[str(script)], repetitions=1, least_s=0.001, array_bytes=2**20)
    assert told.read_text().split()[:3] == [sys.executable, "-m", "epyc_assets.inference.bandwidth"]


def test_faults_say_what_to_do() -> None:
    with pytest.raises(BandwidthFault, match="launch_prefix"):
        measure_bandwidth([1], launch_prefix=["/no/such/numactl"])
    with pytest.raises(BandwidthFault, match="status 3"):
        measure_bandwidth([1], launch_prefix=["sh", "-c", "exit 3"])
    with pytest.raises(BandwidthFault, match="something else"):
        measure_bandwidth([1], launch_prefix=["echo"])
    with pytest.raises(BandwidthFault, match="longer than"):
        measure_bandwidth([1], launch_prefix=["sh", "-c", "sleep 20"], timeout_s=0.2)


@pytest.mark.parametrize(("cores", "expected"), [(1, [1]), (2, [1, 2]), (3, [1, 3]), (96, [1, 48, 96]), (0, [1])])
def test_one_half_and_all_cores_are_tried(cores: int, expected: list[int]) -> None:
    assert thread_counts(cores) == expected


def cache(folder: Path, processor: int, index: int, level: int, size: str, shared: str, kind: str = "Unified") -> None:
    place = folder / f"cpu{processor}" / "cache" / f"index{index}"
    place.mkdir(parents=True)
    for name, text in (("level", str(level)), ("size", size), ("shared_cpu_list", shared), ("type", kind)):
        (place / name).write_text(text + "\n")


def test_last_level_caches_are_counted_once_each(tmp_path: Path) -> None:
    for processor in range(4):
        cache(tmp_path, processor, 0, 1, "32K", str(processor), "Instruction")
        cache(tmp_path, processor, 2, 2, "1024K", str(processor))
        cache(tmp_path, processor, 3, 3, "32768K", "0-1" if processor < 2 else "2-3")
    assert last_level_cache_bytes(tmp_path) == 2 * 32 * 2**20


def test_a_kernel_that_does_not_say_gives_none(tmp_path: Path) -> None:
    assert last_level_cache_bytes(tmp_path) is None
    cache(tmp_path, 0, 0, 1, "unknown", "0")
    assert last_level_cache_bytes(tmp_path) is None


def test_a_machine_without_a_third_level_has_its_second_counted(tmp_path: Path) -> None:
    for processor in range(2):
        cache(tmp_path, processor, 0, 2, "2M", str(processor), "Data")
        cache(tmp_path, processor, 1, 2, "1M", str(processor), "Instruction")
    assert last_level_cache_bytes(tmp_path) == 4 * 2**20
