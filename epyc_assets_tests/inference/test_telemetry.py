"""Contention readings from a made-up /proc, so that the machine the tests run on does not matter."""

from __future__ import annotations

import os

import pytest

from epyc_assets.inference import telemetry
from epyc_assets.inference.telemetry import ContentionProbe, Readings, host_facts, oom_kills

SIBLING = 4_000_000
"""Another worker of the same sweep."""
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Machine:
    """Counters of two CPUs that a test moves forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s, self.busy_s, self.steal_s, self.own_s, self.parent_s, self.cpu_wait_s = (
            100.0,
            50.0,
            0.0,
            5.0,
            7.0,
            0.0,
        )
        self.sibling_s = 0.0
        self.absent: set[str] = set()
        monkeypatch.setattr(telemetry, "_read", self.read)
        monkeypatch.setattr(telemetry.time, "monotonic", lambda: self.now_s)
        monkeypatch.setattr(telemetry.os, "cpu_count", lambda: 2)
        monkeypatch.setattr(telemetry.resource, "getrusage", self.usage)

    def usage(self, _: int) -> object:
        machine = self

        class Usage:
            ru_utime, ru_stime, ru_majflt, ru_nivcsw = machine.own_s, 0.0, 3, 4

        return Usage()

    def read(self, path: str, limit: int = -1) -> str:
        if path in self.absent:
            return ""
        if path == "/proc/stat":
            user, steal = round(self.busy_s / TICK_S), round(self.steal_s / TICK_S)
            return f"cpu  {user} 0 0 999999 0 0 0 {steal} 0 0\ncpu0 1 2 3\n"
        if path.endswith("/children"):
            return f"{SIBLING} {os.getpid()} "
        if path.endswith("/stat"):
            work_s = self.sibling_s if path == f"/proc/{SIBLING}/stat" else self.parent_s
            return f"1 (a (odd) name) S 0 0 0 0 0 0 0 0 0 0 {round(work_s / TICK_S)} 0 0 0\n"
        if path == "/proc/pressure/cpu":
            return f"some avg10=0.00 avg60=0.00 avg300=0.00 total={round(self.cpu_wait_s * 1e6)}\n"
        return ""

    def passes(
        self,
        seconds: float,
        *,
        own: float = 0.0,
        parent: float = 0.0,
        sibling: float = 0.0,
        others: float = 0.0,
        steal: float = 0.0,
    ) -> None:
        self.now_s += seconds
        self.own_s += own
        self.parent_s += parent
        self.steal_s += steal
        self.sibling_s += sibling
        self.busy_s += own + parent + sibling + others


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_own_work_and_the_sweeps_are_not_contention(machine: Machine) -> None:
    probe = ContentionProbe()
    probe.start()
    machine.passes(2.0, own=3.0, parent=0.5)
    readings = probe.stop()
    assert readings.other_cpu_ratio == pytest.approx(0.0, abs=0.01)
    assert readings.contended is False


def test_the_work_of_a_session_held_beside_this_one_is_not_contention(machine: Machine) -> None:
    probe = ContentionProbe()
    probe.start()
    machine.passes(2.0, own=1.0, sibling=1.5)
    readings = probe.stop()
    assert readings.other_cpu_ratio == pytest.approx(0.0, abs=0.01)
    assert readings.contended is False


def test_other_work_is_told_as_a_share_of_the_machine(machine: Machine) -> None:
    probe = ContentionProbe()
    probe.start()
    machine.passes(2.0, own=1.0, others=1.0)
    readings = probe.stop()
    assert readings.other_cpu_ratio == pytest.approx(1.0 / 4.0, abs=0.01)
    assert readings.contended is True


def test_time_stolen_by_the_hypervisor_is_contention(machine: Machine) -> None:
    probe = ContentionProbe()
    probe.start()
    machine.passes(1.0, own=1.0, steal=0.4)
    readings = probe.stop()
    assert readings.steal_ratio == pytest.approx(0.2, abs=0.01)
    assert readings.contended is True


def test_what_is_too_short_to_judge_is_not_judged(machine: Machine) -> None:
    probe = ContentionProbe()
    probe.start()
    machine.passes(0.02, others=0.02)
    readings = probe.stop()
    assert readings.other_cpu_ratio is None
    assert readings.contended is None
    assert readings.load_average_1m is not None


def test_many_short_ones_are_judged_over_a_window(machine: Machine) -> None:
    probe = ContentionProbe()

    def last_of(count: int, *, own: float, others: float) -> Readings:
        for _ in range(count - 1):
            probe.start()
            machine.passes(0.02, own=own, others=others)
            probe.stop()
        probe.start()
        machine.passes(0.02, own=own, others=others)
        return probe.stop()

    readings = last_of(100, own=0.01, others=0.01)
    assert readings.other_cpu_ratio == pytest.approx(0.25, abs=0.03)
    # Calm comes: the window slides, and the verdict follows within half a second.
    readings = last_of(40, own=0.02, others=0.0)
    assert readings.other_cpu_ratio == pytest.approx(0.0, abs=0.02)
    assert readings.contended is False


def test_a_kernel_that_does_not_tell_gives_none(machine: Machine) -> None:
    machine.absent = {"/proc/stat", "/proc/pressure/cpu"}
    probe = ContentionProbe()
    probe.start()
    machine.passes(2.0)
    readings = probe.stop()
    assert readings.other_cpu_ratio is None
    assert readings.steal_ratio is None
    assert readings.cpu_pressure_ratio is None
    assert readings.contended is None
    assert oom_kills() is None


def test_facts_of_the_real_machine() -> None:
    facts = host_facts()
    assert facts.host
    assert facts.logical_cpus >= 1
    assert facts.cpu_flags is None or set(facts.cpu_flags.split()) <= telemetry.FLAGS_OF_INTEREST
