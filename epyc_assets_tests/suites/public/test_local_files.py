"""Local copies as downloads leave them: links into a cache, pointers, missing parts, Arrow files."""

from __future__ import annotations

import contextlib
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.suites.public import ADAPTERS, LocalCopy, PublicSetMissing, question_of, read_local_copy
from epyc_assets_tests.suites.public.layouts import usaco_folders, write_lines, write_parquet, write_text

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
ROWS = [{"question": f"Question {number}?", "answer": f"<<1>>\n#### {number}"} for number in range(1, 6)]


def read(folder: Path, suite: str = "gsm8k") -> LocalCopy:
    return read_local_copy(ADAPTERS[suite], folder)


@pytest.mark.parametrize(
    "name", ["main/test-00000-of-00001.parquet", "test.jsonl", "test.jsonl.gz", "test.json", "test.csv"]
)
def test_a_pointer_of_git_lfs_is_said_to_be_one(name: str, tmp_path: Path) -> None:
    write_text(tmp_path / "gsm8k" / name, POINTER)
    with pytest.raises(PublicSetMissing, match="git lfs pull"):
        read(tmp_path)


def test_missing_parts_are_told_and_the_others_read(tmp_path: Path) -> None:
    for number in (0, 3):
        write_parquet(tmp_path / f"gsm8k/main/test-0000{number}-of-00004.parquet", [ROWS[number]])
    write_parquet(tmp_path / "gsm8k/main/train-00000-of-00002.parquet", [ROWS[4]])  # not asked, so nothing lacks
    copy = read(tmp_path)
    assert len(copy.candidates) == 2
    (reject,) = copy.rejects
    assert reject.source in copy.sources  # so that a complete download takes it away
    assert reject.reason.startswith("2 of the files that belong to this one are missing (the first is number 00001)")


def test_links_are_followed_as_the_cache_of_the_hub_has_them(tmp_path: Path) -> None:
    hub = tmp_path / "hub/datasets--openai--gsm8k"
    (hub / "blobs").mkdir(parents=True)
    write_lines(tmp_path / "rows", ROWS)
    (tmp_path / "rows").rename(hub / "blobs/8a7f")
    snapshot = hub / "snapshots/e53f/main"
    snapshot.mkdir(parents=True)
    (snapshot / "test.jsonl").symlink_to("../../../blobs/8a7f")
    folder = tmp_path / "datasets/gsm8k"
    folder.mkdir(parents=True)
    (folder / "snapshot").symlink_to(hub / "snapshots/e53f")
    (folder / "again").symlink_to(folder)
    (folder / "up").symlink_to("..")
    write_lines(tmp_path / "datasets/other/test.jsonl", [{"question": "Of another set?", "answer": "#### 1"}])
    copy = read(tmp_path / "datasets")
    assert list(copy.files) == ["snapshot/main/test.jsonl"]
    assert len(copy.candidates) == len(ROWS)


def test_a_link_to_nothing_is_a_reject_and_stops_nothing(tmp_path: Path) -> None:
    write_lines(tmp_path / "gsm8k/a/test.jsonl", ROWS)
    (tmp_path / "gsm8k/b-test.jsonl").symlink_to("../blobs/gone")
    copy = read(tmp_path)
    assert len(copy.candidates) == len(ROWS)
    assert [reject.source for reject in copy.rejects] == ["datasets/gsm8k/b-test.jsonl"]


def test_tests_beside_a_file_may_be_links_out_of_its_folder(tmp_path: Path) -> None:
    usaco_folders(tmp_path / "blobs")
    (tmp_path / "datasets/usaco").mkdir(parents=True)
    for entry in (tmp_path / "blobs").rglob("*"):
        link = tmp_path / "datasets/usaco" / entry.relative_to(tmp_path / "blobs")
        if entry.is_dir():
            link.mkdir(exist_ok=True)
        else:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(entry)
    copy = read(tmp_path / "datasets", "usaco")
    assert all(question_of(candidate, copy, 1).scorer_config["io_tests"] for candidate in copy.candidates)


def test_tests_are_found_in_the_archive_of_their_problems(tmp_path: Path) -> None:
    usaco_folders(tmp_path / "unpacked")
    (tmp_path / "usaco").mkdir()
    with zipfile.ZipFile(tmp_path / "usaco/data.zip", "w") as archive:
        for path in sorted((tmp_path / "unpacked").rglob("*.*")):
            archive.write(path, path.relative_to(tmp_path / "unpacked"))
    copy = read(tmp_path, "usaco")
    (candidate,) = copy.candidates
    tests = question_of(candidate, copy, 1).scorer_config["io_tests"]
    assert isinstance(tests, list)
    assert len(tests) == 2


def test_of_two_files_with_a_problem_the_one_with_its_solution_counts(tmp_path: Path) -> None:
    usaco_folders(tmp_path / "usaco")
    dictionary = tmp_path / "usaco/data/datasets/usaco_subset307_dict.json"
    rows = json.loads(dictionary.read_text())
    for number in range(4):  # in another wording each, so that no order of theirs decides by chance
        others = {key: {**row, "description": f"Version {number}"} for key, row in rows.items()}
        others["1_gold_cow_sum"].pop("solution_python3")
        write_text(dictionary.with_name(f"usaco_v{number}_dict.json"), json.dumps(others))
    (candidate,) = read(tmp_path, "usaco").candidates
    assert candidate.draft.expected


@pytest.mark.parametrize("stream", [True, False])
def test_arrow_files_of_the_datasets_library_are_read(stream: bool, tmp_path: Path) -> None:
    folder = tmp_path / "gsm8k/openai___gsm8k/main/0.0.0/e53f"
    folder.mkdir(parents=True)
    frame = pl.DataFrame(ROWS)
    (frame.write_ipc_stream if stream else frame.write_ipc)(folder / "gsm8k-test.arrow")
    write_text(folder / "cache-3b8d.arrow", "no data of the set")
    write_text(folder / "dataset_info.json", "{}")
    copy = read(tmp_path)
    assert len(copy.candidates) == len(ROWS)
    assert not copy.rejects
    write_text(folder / "gsm8k-test.arrow", "cut")
    with pytest.raises(PublicSetMissing, match=r"cannot be read|is no Arrow file"):
        read(tmp_path)


def test_few_shot_examples_are_not_asked(tmp_path: Path) -> None:
    rows = [{"metadata": "{}", "problem": f"Who is {name}?", "answer": name} for name in ("Ann", "Bob")]
    write_parquet(tmp_path / "simpleqa/data/test-00000-of-00001.parquet", rows[:1])
    write_parquet(tmp_path / "simpleqa/data/few_shot-00000-of-00001.parquet", rows[1:])
    write_parquet(tmp_path / "simpleqa/data/4-shot-test.parquet", rows[:1])
    assert [candidate.draft.content for candidate in read(tmp_path, "simpleqa").candidates] == ["Who is Ann?"]


@pytest.mark.parametrize("name", ["test.arrow", "test.parquet"])
def test_damaged_files_end_nothing(name: str, tmp_path: Path) -> None:
    """Read in this process: a reader that trusted the lengths in the file would take the tests with it."""
    path = tmp_path / "gsm8k" / name
    path.parent.mkdir()
    frame = pl.DataFrame(ROWS)
    frame.write_ipc_stream(path) if name.endswith("arrow") else frame.write_parquet(path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 16):
        path.write_bytes(whole[:place] + b"\xff\xff\xff\x7f" + whole[place + 4 :])
        with contextlib.suppress(PublicSetMissing):
            read(tmp_path)
