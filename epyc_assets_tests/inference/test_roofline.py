from __future__ import annotations

import pytest

from epyc_assets.inference.roofline import FLAGS, plausibility_flag, roofline_fraction, roofline_tps

MIB = 2**20


def flag(**values: object) -> str | None:
    """Kind of the flag of a 4 GiB model on a machine with a 32 MiB cache, other values as given."""
    defaults: dict[str, object] = {
        "bytes_per_token": 4096 * MIB,
        "roofline_ratio": 0.6,
        "last_level_cache_bytes": 32 * MIB,
        "speculative": False,
    }
    found = plausibility_flag(**(defaults | values))  # type: ignore[arg-type]
    assert found is None or found.kind in FLAGS
    return found.kind if found else None


def test_the_roofline_is_bandwidth_over_bytes() -> None:
    assert roofline_tps(460.8e9, 9.05e9) == pytest.approx(50.9, abs=0.05)
    # Phi-4 Q4_K_M of 8.43 GiB at 28.74 tokens per second on twelve channels of DDR5-4800.
    assert roofline_fraction(28.74, 460.8e9, 8.43 * 2**30) == pytest.approx(0.565, abs=0.001)
    with pytest.raises(ValueError, match="roofline"):
        roofline_tps(0, 1)


def test_what_is_not_known_gives_no_fraction() -> None:
    assert roofline_fraction(None, 1e9, 1e9) is None
    assert roofline_fraction(1.0, None, 1e9) is None
    assert roofline_fraction(1.0, 1e9, None) is None


def test_a_sound_figure_has_no_flag() -> None:
    assert flag() is None
    assert flag(roofline_ratio=1.04) is None
    assert flag(measured_speedup=2.0, predicted_cap=2.0) is None
    assert flag(roofline_ratio=None) is None
    assert flag(bytes_per_token=None) is None


def test_more_than_the_memory_gives_cannot_be() -> None:
    assert flag(roofline_ratio=1.2) == "above_roofline"
    assert flag(roofline_ratio=1.2, last_level_cache_bytes=None) == "above_roofline"


def test_a_model_that_fits_into_the_cache_is_said_to_and_not_doubted() -> None:
    for ratio in (0.1, 0.6, 40.0, None):
        assert flag(bytes_per_token=2 * MIB, roofline_ratio=ratio) == "fits_in_cache"


def test_starved_is_said_of_models_larger_than_the_cache_only() -> None:
    assert flag(roofline_ratio=0.11) == "starved"
    assert flag(roofline_ratio=0.11, last_level_cache_bytes=None) is None
    assert flag(roofline_ratio=0.30) is None


def test_a_speculative_config_reads_weights_less_than_once_per_token() -> None:
    assert flag(roofline_ratio=1.9, speculative=True) is None
    assert flag(roofline_ratio=0.1, speculative=True) is None


def test_a_speedup_above_its_cap_is_flagged_wherever_the_weights_lie() -> None:
    # gemma-3-27B with a 1B draft, K = 16: 8.9 was reported, (16 + 1) / (16 x 0.069 + 1) = 8.1 is possible.
    assert flag(measured_speedup=8.9, predicted_cap=8.1, speculative=True) == "above_cap"
    assert flag(measured_speedup=8.9, predicted_cap=8.1, bytes_per_token=MIB, speculative=True) == "above_cap"
