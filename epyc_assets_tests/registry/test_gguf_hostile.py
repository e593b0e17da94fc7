"""Files that are no models, or claim to be more than they are: always one GgufFault with a message."""

from __future__ import annotations

import os
import resource
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from epyc_assets.registry.gguf_file import GgufFacts, GgufFault, read_gguf_facts
from epyc_assets_tests.registry.registries import write_gguf


def header(*, version: int = 3, tensors: int = 0, metadata: int = 0, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, metadata) + rest


def entry(key: bytes, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(key)) + key + struct.pack("<I", kind) + value


def array(item_type: int, count: int, data: bytes = b"") -> bytes:
    return struct.pack("<IQ", item_type, count) + data


ARCHITECTURE = entry(b"general.architecture", 8, struct.pack("<Q", 5) + b"llama")
TENSOR = struct.pack("<Q", 1) + b"t" + struct.pack("<I", 1) + struct.pack("<Q", 32)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "is empty (0 bytes)", id="empty"),
        pytest.param(b"GG", "is no GGUF file: it begins with b'GG'", id="two bytes"),
        pytest.param(b"<!doctype html><title>404</title>", "it begins with b'<!do'", id="a web page"),
        pytest.param(b"ggjt" + bytes(100), "an old GGJT file", id="older format"),
        pytest.param(b"PK\x03\x04" + bytes(100), "a zip archive", id="zip"),
        pytest.param(b"GGUF\x03\x00", "is truncated or corrupt: the version", id="cut in the version"),
        pytest.param(header()[:20], "is truncated or corrupt: the metadata count", id="cut in the counts"),
        pytest.param(header(version=9), "has GGUF version 9; versions 2 and 3 can be read", id="version"),
        pytest.param(b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "is a big-endian GGUF file", id="big-endian"),
        pytest.param(header(metadata=2**60), f"it claims {2**60} metadata entries", id="metadata count"),
        pytest.param(header(tensors=2**60), f"it claims {2**60} tensors", id="tensor count"),
        pytest.param(header(), "does not say its architecture", id="nothing in it"),
        pytest.param(
            header(metadata=1, rest=struct.pack("<Q", 2**62) + b"x" * 64),
            f"metadata entry 0 claims {2**62} bytes",
            id="endless key",
        ),
        pytest.param(
            header(metadata=1, rest=entry(b"k", 8, struct.pack("<Q", 2**62) + b"x" * 64)),
            f"k at offset 45 needs {2**62} bytes, but the file ends at",
            id="endless text",
        ),
        pytest.param(
            header(metadata=1, rest=entry(b"k", 9, array(4, 2**62, bytes(64)))),
            f"metadata k claims {2**62} items",
            id="endless array",
        ),
        pytest.param(
            header(metadata=1, rest=entry(b"k", 9, array(8, 7_000_000, bytes(64)))),
            "is truncated or corrupt: k",
            id="array of texts that are not there",
        ),
        pytest.param(
            header(metadata=1, rest=entry(b"k", 9, array(9, 1) * 8 + array(0, 0))),
            "holds items of the unknown type 9",
            id="arrays in arrays",
        ),
        pytest.param(
            header(metadata=1, rest=entry(b"k", 99, bytes(32))),
            "metadata k has the unknown type 99",
            id="type",
        ),
        pytest.param(header(metadata=1, rest=entry(b"\xff\xfe", 0, bytes(32))), "is not UTF-8 text", id="key not text"),
        pytest.param(
            header(metadata=2, rest=entry(b"k", 0, b"\x01") * 2),
            "the metadata key 'k' appears twice",
            id="twice",
        ),
        pytest.param(
            header(metadata=1, rest=entry(b"general.alignment", 4, struct.pack("<I", 3))),
            "general.alignment is 3, not a power of two",
            id="alignment",
        ),
        pytest.param(
            header(tensors=1, metadata=1, rest=ARCHITECTURE + TENSOR + struct.pack("<IQ", 77, 0)),
            "has a tensor of the unknown type 77 (t)",
            id="tensor type",
        ),
        pytest.param(
            header(tensors=1, metadata=1, rest=ARCHITECTURE + TENSOR + struct.pack("<IQ", 0, 0)),
            "is truncated or corrupt: tensor t should end at byte",
            id="tensor data missing",
        ),
        pytest.param(
            header(tensors=1, metadata=1, rest=ARCHITECTURE + TENSOR + struct.pack("<IQ", 0, 2**64 - 1)),
            "is truncated or corrupt: tensor t should end at byte",
            id="tensor far away",
        ),
        pytest.param(
            header(
                tensors=1,
                metadata=1,
                rest=ARCHITECTURE + struct.pack("<Q", 1) + b"t" + struct.pack("<I", 2**31),
            ),
            f"tensor t has {2**31} dimensions",
            id="dimensions",
        ),
        pytest.param(
            header(metadata=2, rest=ARCHITECTURE + entry(b"llama.block_count", 10, struct.pack("<Q", 2**63))),
            f"llama.block_count is {2**63}",
            id="number of layers",
        ),
        pytest.param(
            header(
                metadata=3,
                rest=ARCHITECTURE
                + entry(b"llama.expert_count", 4, struct.pack("<I", 4))
                + entry(b"llama.expert_used_count", 4, struct.pack("<I", 8)),
            ),
            "it uses 8 experts and has 4",
            id="more experts used than there are",
        ),
    ],
)
def test_each_is_told_in_words(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(GgufFault) as caught:
        read_gguf_facts(path)
    assert str(caught.value).startswith("bad.gguf: ")
    assert expected in str(caught.value)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(GgufFault, match="there is no such file"):
        read_gguf_facts(tmp_path / "none.gguf")
    with pytest.raises(GgufFault, match="is a folder"):
        read_gguf_facts(tmp_path)
    loop = tmp_path / "loop.gguf"
    loop.symlink_to(loop)
    with pytest.raises(GgufFault, match="leads back to itself"):
        read_gguf_facts(loop)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(GgufFault, match="not a regular file"):
        read_gguf_facts(tmp_path / "pipe.gguf")


def test_a_file_without_permission_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_gguf(tmp_path / "m.gguf")

    def refused(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    # The tests may run as root, to whom nothing is forbidden.
    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(GgufFault, match="may not be read by this user"):
        read_gguf_facts(path)


def test_claims_cost_no_memory(tmp_path: Path) -> None:
    """A sparse file of 64 GB that promises an array of billions: refused by its count, not by the memory."""
    path = tmp_path / "sparse.gguf"
    path.write_bytes(header(metadata=1, rest=entry(b"k", 9, array(10, 4_000_000_000))))
    os.truncate(path, 64 * 2**30)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(GgufFault, match="claims 4000000000 items"):
        read_gguf_facts(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 200_000


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("gguf") / "sound.gguf"
    return write_gguf(path, architecture="qwen3moe", experts=4, extra={"tokenizer.ggml.merges": ["a b"]}).read_bytes()


def read_bytes(tmp_path: Path, content: bytes) -> GgufFacts | GgufFault:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    try:
        return read_gguf_facts(path)
    except GgufFault as fault:
        return fault


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(share=st.floats(0, 1, exclude_max=True))
@example(share=0.0)
def test_every_truncation_is_a_fault(tmp_path: Path, sound: bytes, share: float) -> None:
    assert isinstance(read_bytes(tmp_path, sound[: int(share * len(sound))]), GgufFault)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_read_or_told(tmp_path: Path, sound: bytes, changes: list[tuple[float, int]]) -> None:
    damaged = bytearray(sound)
    # Most of the file is tensor data: aim at the header.
    reach = sound.index(b"output.weight") + 40
    for share, value in changes:
        damaged[int(share * reach)] = value
    answer = read_bytes(tmp_path, bytes(damaged))
    if isinstance(answer, GgufFault):
        assert len(str(answer)) < 600
    else:
        assert answer.file_bytes == len(sound)
        assert sum(answer.tensor_bytes.values()) <= len(sound)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(junk=st.binary(max_size=200))
def test_junk_after_the_magic_is_read_or_told(tmp_path: Path, junk: bytes) -> None:
    assert isinstance(read_bytes(tmp_path, b"GGUF" + struct.pack("<I", 3) + junk), GgufFault)
