"""Walking model roots: what is there, what is not readable, and what need not be hashed again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from epyc_assets.registry import gguf_scan
from epyc_assets.registry.gguf_scan import KnownFile, ScanProgress, ScanResult, scan_model_roots
from epyc_assets_tests.registry.registries import write_gguf
from epyc_assets_tests.registry.test_gguf_file import split


def known(result: ScanResult) -> dict[tuple[str, str], KnownFile]:
    return {(file.root, file.path): KnownFile(file.size_bytes, file.mtime_ns, file.sha256) for file in result.files}


def test_files_are_found_described_and_hashed(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "family/m.GGUF")
    (tmp_path / "notes.txt").write_text("no model")
    result = scan_model_roots({"models": tmp_path})
    (file,) = result.files
    assert (file.root, file.path) == ("models", "family/m.GGUF")
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file.size_bytes == path.stat().st_size == result.hashed_bytes
    assert file.facts.architecture == "llama"
    assert file.facts.token_data == b"", "a scan of a hundred models must not keep their vocabularies"
    assert result.rejects == []


def test_what_is_known_by_size_and_time_is_not_read_again(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf")
    first = scan_model_roots({"r": tmp_path})
    second = scan_model_roots({"r": tmp_path}, known(first))
    assert second.hashed_bytes == 0
    assert second.files == first.files
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))
    third = scan_model_roots({"r": tmp_path}, known(first))
    assert third.hashed_bytes == len(content)
    assert third.files[0].sha256 != first.files[0].sha256


def test_a_shard_set_is_one_row_with_one_hash(tmp_path: Path) -> None:
    parts = split(tmp_path, 3)
    result = scan_model_roots({"r": tmp_path})
    (file,) = result.files
    assert file.path == "m-00001-of-00003.gguf"
    hashes = b"".join(hashlib.sha256(part.read_bytes()).digest() for part in parts)
    assert file.sha256 == hashlib.sha256(hashes).hexdigest()
    # A newer second part is noticed even when another part is newer still.
    os.utime(parts[1], ns=(1, parts[1].stat().st_mtime_ns - 10**9))
    assert scan_model_roots({"r": tmp_path}, known(result)).hashed_bytes == file.size_bytes


def test_everything_unreadable_becomes_a_reject(tmp_path: Path) -> None:
    (tmp_path / "empty.gguf").touch()
    (tmp_path / "page.gguf").write_text("<html>quota exceeded</html>")
    (tmp_path / "cut.gguf").write_bytes(write_gguf(tmp_path / "whole.gguf").read_bytes()[:-10])
    (tmp_path / "gone.gguf").symlink_to(tmp_path / "nowhere.gguf")
    split(tmp_path / "set", 3)[0].unlink()
    result = scan_model_roots({"r": tmp_path, "file": tmp_path / "page.gguf"})
    assert [file.path for file in result.files] == ["whole.gguf"]
    reasons = {reject.location: reject.reason for reject in result.rejects}
    assert reasons["r/empty.gguf"].startswith("empty.gguf: is empty (0 bytes)")
    assert "is no GGUF file" in reasons["r/page.gguf"]
    assert "is it still being copied?" in reasons["r/cut.gguf"]
    assert "there is no such file" in reasons["r/gone.gguf"]
    assert "m-00001-of-00003.gguf) is missing" in reasons["r/set/m-00002-of-00003.gguf"]
    assert "cannot be read" in reasons["file/."]
    raw = {reject.location: reject.raw_text for reject in result.rejects}
    assert raw["r/page.gguf"] == "<html>quota exceeded</html>"
    assert {reject.source for reject in result.rejects} == {"gguf_files"}


def test_a_root_that_is_not_there_is_listed_and_no_reject(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf")
    (tmp_path / "unmounted").symlink_to(tmp_path / "nowhere")
    roots = {"absent": tmp_path / "no folder", "r": tmp_path, "unmounted": tmp_path / "unmounted"}
    result = scan_model_roots(roots)
    assert result.absent_roots == ["absent", "unmounted"]
    assert (result.rejects, [file.root for file in result.files]) == ([], ["r"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_a_root_that_may_not_be_looked_at_is_a_reject(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "models").mkdir(parents=True)
    closed.chmod(0)
    try:
        result = scan_model_roots({"r": closed / "models"})
    finally:
        closed.chmod(0o700)
    assert result.absent_roots == []
    assert "cannot be read" in result.rejects[0].reason


def test_a_name_that_no_table_can_hold_is_a_reject(tmp_path: Path) -> None:
    source = write_gguf(tmp_path / "m.gguf")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.gguf")).write_bytes(source.read_bytes())
        (tmp_path / "a\nb.gguf").write_bytes(source.read_bytes())
    except OSError:
        pytest.skip("this file system holds no such names")
    result = scan_model_roots({"r": tmp_path})
    assert [file.path for file in result.files] == ["m.gguf"]
    assert len(result.rejects) == 2
    assert all("rename the file" in reject.reason for reject in result.rejects)
    assert all(reject.location.isascii() and reject.location.isprintable() for reject in result.rejects)


def test_links_are_followed_and_circles_are_not(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    write_gguf(elsewhere / "far.gguf")
    root = tmp_path / "root"
    write_gguf(root / "near.gguf")
    (root / "again.gguf").symlink_to(root / "near.gguf")
    (root / "link").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(root)
    (root / "self").symlink_to(root)
    result = scan_model_roots({"r": root})
    assert sorted(Path(file.path).name for file in result.files) == ["again.gguf", "far.gguf"]
    assert result.rejects == []


def test_a_file_that_changes_while_it_is_hashed_is_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_gguf(tmp_path / "m.gguf")
    hash_of_set = gguf_scan._hash_of_set

    def hash_and_append(*arguments: object) -> str:
        sha256 = hash_of_set(*arguments)  # type: ignore[arg-type]
        with path.open("ab") as file:
            file.write(b"more")
        return sha256

    monkeypatch.setattr(gguf_scan, "_hash_of_set", hash_and_append)
    result = scan_model_roots({"r": tmp_path})
    assert result.files == []
    assert "changed while it was read" in result.rejects[0].reason


def test_progress_counts_files_and_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_gguf(tmp_path / f"{name}.gguf")
    told: list[ScanProgress] = []
    scan_model_roots({"r": tmp_path}, on_progress=told.append)
    assert [step.path for step in told if step.files_done == 2][-1] == "b.gguf"
    assert all(step.files_found == 2 and 0 < step.bytes_done <= step.bytes_total for step in told)
