"""The hand-kept master table: rows of 18, 19 and 20 cells put straight."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from epyc_assets.history.committed_summary import FORMATS, CommittedSummaryLine, layout_of
from epyc_assets.history.content import Content, Place
from epyc_assets.history.review import ReviewFile, ReviewScore
from epyc_assets.history.review_csv import SUMMARY_LAYOUT
from epyc_assets.history.rows import Imported
from epyc_assets_tests.history.conftest import imported

PATH = "benchmarks/results/reviews/summary.csv"
HEADER = ",".join(SUMMARY_LAYOUT)
OLD = 'small,1/10,2/10,3/10,4/10,5/10,6/11,-,21/61,34%†,8.1,draft_a,9.5,"k4:9.0,k8:9.5",,,,'
OLD_WITH_NOTE = "old-vl,-,1/10,-,3/10,-,-,0/10,4/30,13%†,45.0,,,,,,,,Loops over plants"
NEW = "large,10/10,9/10,8/10,7/10,6/10,5/11,4/9,3/12,52/82,63.4%,2.5,,,,3.5,n3:3.5,,"
NEW_WITHOUT_VL = "wide,9/10,9/10,9/10,9/10,9/10,9/11,4/9,,58/70,83%,2.5,,,,,,,"
NEW_WITH_NOTE = "seer,-,-,-,-,-,-,-,7/12,7/12,58%†,4.7,,,,,,,,Cut off; 21% faster"
ROWS = (OLD, OLD_WITH_NOTE, NEW, NEW_WITHOUT_VL, NEW_WITH_NOTE)


def _read(*rows: str) -> tuple[list[CommittedSummaryLine], list[ReviewScore], Imported]:
    found, result = imported("\n".join((HEADER, *rows, "")), PATH)
    assert found == "committed_summary"
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    lines = [row for row in result.rows if isinstance(row, CommittedSummaryLine)]
    return lines, [row for row in result.rows if isinstance(row, ReviewScore)], result


def test_each_width_is_put_straight():
    lines, scores, result = _read(*ROWS)
    assert [(line.n_cells, line.layout) for line in lines] == [
        (18, "without_vl"),
        (19, "without_vl_note"),
        (19, "with_vl"),
        (19, "with_vl"),
        (20, "with_vl_note"),
    ]
    assert [line.total for line in lines] == ["21/61", "4/30", "52/82", "58/70", "7/12"]
    assert [line.pct_str for line in lines] == ["34%†", "13%†", "63.4%", "83%", "58%†"]
    assert [line.vl for line in lines] == [None, None, "3/12", None, "7/12"]
    assert [line.long_context for line in lines] == ["-", "0/10", "4/9", "4/9", "-"]
    assert [line.avg_tps for line in lines] == ["8.1", "45.0", "2.5", "2.5", "4.7"]
    assert [line.note for line in lines] == [None, "Loops over plants", None, None, "Cut off; 21% faster"]
    assert [line.has_dagger for line in lines] == [True, True, False, False, True]
    assert (lines[0].spec_draft, lines[0].spec_best_tps, lines[0].spec_k_results) == ("draft_a", "9.5", "k4:9.0,k8:9.5")
    assert (lines[2].lookup_best_tps, lines[2].lookup_n_results) == ("3.5", "n3:3.5")
    assert [line.line for line in lines] == [2, 3, 4, 5, 6]
    assert all(line.quality_flags == () for line in lines)
    assert (result.status, result.main_rows, len(scores)) == ("ok", 5, 5)


def test_cells_stay_as_they_were_found():
    lines, _, _ = _read(*ROWS)
    assert [json.loads(line.cells) for line in lines] == list(csv.reader(ROWS))


def test_its_rows_are_rows_of_a_wide_review_too():
    _, scores, result = _read(*ROWS)
    (file,) = [row for row in result.rows if isinstance(row, ReviewFile)]
    assert (file.kind, file.name, file.n_rows) == ("wide", "summary", 5)
    assert [score.subject_model for score in scores] == ["small", "old-vl", "large", "wide", "seer"]
    assert all(score.score is None for score in scores)


def test_a_row_of_no_known_width_is_a_reject():
    lines, _, result = _read(OLD, "small,1/10,2/10")
    assert [line.model for line in lines] == ["small"]
    (reject,) = result.rejects
    assert (reject.location, reject.raw_text) == ("line 3", "small,1/10,2/10")
    assert "3 cells" in reject.reason


def test_a_row_whose_percentage_is_gone_is_flagged():
    lines, _, _ = _read(OLD.replace("34%†", "34"))
    assert lines[0].quality_flags == ("odd_percentage",)
    assert not lines[0].has_dagger


def test_a_damaged_header_is_understood_and_another_is_a_reject():
    _, result = imported("\n".join((HEADER.replace("thinking", "thinki\ufffdg"), NEW, "")), PATH)
    assert (result.main_rows, result.flags) == (1, ["damaged_header"])
    _, result = imported("alpha,beta\n" + NEW, PATH)
    assert (result.status, result.rows, result.rejected_records) == ("unreadable", [], 1)


def test_a_snapshot_of_it_is_no_source():
    found, result = imported("\n".join((HEADER, NEW, "")), "benchmarks/results/reviews/backup_1/summary.csv")
    assert (found, result.rows, result.records, result.flags) == ("committed_summary", [], 0, ["backup"])


def test_other_files_of_that_name_are_not_it():
    found, _ = imported("feature,verdict\na,1.0\n", "benchmarks/results/runs/feature_validation/summary.csv")
    assert found != "committed_summary"


@pytest.mark.parametrize("width", [0, 1, 17, 21, 40])
def test_other_widths_have_no_layout(width: int):
    assert layout_of(["x"] * width) is None


@pytest.mark.parametrize("seed", range(100))
def test_no_corruption_stops_the_import(seed: int):
    chance = random.Random(seed)
    data = bytearray("\n".join((HEADER, *ROWS, "")).encode())
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(data))
        if chance.random() < 0.3:
            data[at : at + chance.randrange(200)] = chance.choice([b"", b'"', b"\n", b"\x00\xff", b"," * 5000])
        elif at < len(data):
            data[at] ^= 1 << chance.randrange(8)
    content, place = Content(bytes(data) or b"x"), Place(PATH)
    result = FORMATS[0].rows(FORMATS[0].read(content), place)
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    keys = [row.line for row in result.rows if isinstance(row, CommittedSummaryLine)]
    assert len(keys) == len(set(keys)) == result.main_rows


def test_the_real_table_adds_up_once_it_is_put_straight(record: Path):
    """In the real table every percentage is under pct_str, every total under total, and totals add up but for one."""
    path = record / PATH
    if not path.exists():
        pytest.skip("this part of the record has no summary.csv")
    content = Content(path.read_bytes())
    result = FORMATS[0].rows(FORMATS[0].read(content), Place(PATH))
    lines = [row for row in result.rows if isinstance(row, CommittedSummaryLine)]
    naive = list(csv.reader(io.StringIO(content.text, newline="")))[1:]
    assert Counter(line.n_cells for line in lines) == Counter(map(len, naive))
    assert not result.rejects
    assert all(line.pct_str and re.fullmatch(r"\d+(\.\d+)?%†?", line.pct_str) for line in lines)
    assert all(line.total and re.fullmatch(r"\d+/\d+", line.total) for line in lines)
    wrong = []
    for line in lines:
        cells = [getattr(line, suite) for suite in SUMMARY_LAYOUT[1:9]]
        pairs = [tuple(map(int, cell.split("/"))) for cell in cells if cell and "/" in cell]
        if f"{sum(p for p, _ in pairs)}/{sum(n for _, n in pairs)}" != line.total:
            wrong.append(line.line)
    assert len(wrong) <= 1
