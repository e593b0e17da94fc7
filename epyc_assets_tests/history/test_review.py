"""Importing review files: every header, ragged and damaged rows, words that say nobody checked."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.history import review_csv
from epyc_assets.history.content import Content, Place
from epyc_assets.history.naming import question_pk
from epyc_assets.history.review import FORMATS, ReviewFile, ReviewScore, recognises_review
from epyc_assets.history.review_csv import cells_of, header_of, read_table
from epyc_assets.history.review_reason import is_unverified
from epyc_assets.history.rows import Imported, frames_of
from epyc_assets_tests.history.conftest import files_of, imported

FOLDER = "benchmarks/results/reviews/"
STANDARD = "suite,question_id,tokens_per_second,claude_score,score_reason\n"
SOUND = (
    STANDARD + "math,t1_q1_sum,12.5,3,Right sum\n"
    'coder,t2_q2_sort,7,2,"Sorts, but in place"\n'
    "general,t1_q3_list,,0,Nothing but blanks\n"
)


def _review(text: str | bytes, name: str = "frontdoor_baseline.csv") -> tuple[ReviewFile, list[ReviewScore], Imported]:
    """The file's own row, its scores, and all that was imported; holds that the counts reconcile."""
    found, result = imported(text, FOLDER + name)
    assert found == "review"
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    assert result.rejected_records == len(result.rejects)
    (file,) = [row for row in result.rows if isinstance(row, ReviewFile)]
    scores = [row for row in result.rows if isinstance(row, ReviewScore)]
    assert len(scores) == result.main_rows == file.n_rows
    assert [score.ordinal for score in scores] == list(range(1, len(scores) + 1))
    return file, scores, result


def test_a_plain_review_becomes_a_file_and_a_row_per_question():
    file, scores, result = _review(SOUND)
    assert (file.kind, file.role, file.config, file.run_stem) == (
        "plain",
        "frontdoor",
        "baseline",
        "frontdoor_baseline",
    )
    assert (file.scale_max, file.quality_flags, file.result_pk, file.alias_of) == (3, (), None, None)
    assert (result.status, result.records, result.rejects) == ("ok", 3, [])
    assert [(s.suite, s.question_id, s.tps, s.score, s.reason) for s in scores] == [
        ("math", "t1_q1_sum", 12.5, 3, "Right sum"),
        ("coder", "t2_q2_sort", 7.0, 2, "Sorts, but in place"),
        ("general", "t1_q3_list", None, 0, "Nothing but blanks"),
    ]
    assert scores[0].question_pk == question_pk("math", "t1_q1_sum")
    assert all(score.quality_flags == () and score.extra is None for score in scores)


@pytest.mark.parametrize(
    ("name", "kind", "stem"),
    [
        ("frontdoor_moe4_rescored.csv", "rescored", "frontdoor_moe4"),
        ("worker_math_spec_draft_small_k8.csv", "plain", "worker_math_spec_draft_small_k8"),
        ("renamed_by_hand_rescored.csv", "rescored", None),
        ("orchestrator_20260101_101010.csv", "orchestrator", None),
    ],
)
def test_the_name_tells_kind_and_run(name: str, kind: str, stem: str | None):
    file, _, _ = _review(SOUND, name)
    assert (file.kind, file.run_stem) == (kind, stem)


def test_line_ends_of_windows_change_nothing():
    _, scores, _ = _review(SOUND)
    file, windows, _ = _review(SOUND.replace("\n", "\r\n"))
    assert windows == scores
    assert file.header == STANDARD.strip()


def test_words_for_no_speed_are_null_and_kept():
    rows = "".join(f"math,t1_q{n},{word},2,Fine\n" for n, word in enumerate(["", "null", "N/A", "None", "nan", "8.5"]))
    _, scores, _ = _review(STANDARD + rows)
    assert [score.tps for score in scores] == [None] * 5 + [8.5]
    assert [json.loads(score.extra or "{}").get("tokens_per_second") for score in scores] == [
        None, "null", "N/A", "None", "nan", None,
    ]  # fmt: skip


def test_unquoted_commas_go_back_into_the_reason():
    _, scores, _ = _review(STANDARD + "math,t1_q1,3.5,2,Right, but long, and wordy\nmath,t1_q2,3.5,3,Right\n")
    assert scores[0].reason == "Right, but long, and wordy"
    assert scores[0].quality_flags == ("ragged",)
    assert scores[0].extra is None
    assert (scores[0].score, scores[1].quality_flags) == (2, ())


def test_a_ragged_row_whose_cells_lost_their_quotes_keeps_its_line():
    line = 'math,t1_q1,3.5,2,Right,"so, it says",in the end'
    _, scores, _ = _review(STANDARD + line + "\n")
    assert scores[0].reason == "Right,so, it says,in the end"
    assert json.loads(scores[0].extra or "")["raw_line"] == line


@pytest.mark.parametrize("word", ["2.5", "2/3", "three", "3 - correct", "0x2", "2.0"])
def test_a_score_that_is_no_whole_number_is_null_and_flagged(word: str):
    _, (score,), _ = _review(STANDARD + f"math,t1_q1,1.5,{word},Reason\n")
    assert (score.score, score.score_raw, score.quality_flags) == (None, word, ("score_not_integer",))


@pytest.mark.parametrize(
    ("word", "flag"), [("", "score_missing"), ("4", "score_out_of_scale"), ("-1", "score_out_of_scale")]
)
def test_a_score_that_is_none_of_the_scale_is_null_and_flagged(word: str, flag: str):
    _, (score,), _ = _review(STANDARD + f"math,t1_q1,1.5,{word},Reason\n")
    assert (score.score, score.score_raw, score.quality_flags) == (None, word or None, (flag,))


def test_without_a_score_column_scores_are_null_and_never_zero():
    file, scores, _ = _review("suite,question_id,tokens_per_second,score_reason\nmath,t1_q1,2.5,Good\n")
    assert file.quality_flags == ("unknown_header", "missing_score_column")
    assert (scores[0].score, scores[0].reason, scores[0].tps) == (None, "Good", 2.5)
    assert scores[0].quality_flags == ("score_missing",)


@pytest.mark.parametrize("damaged", ["sui\x01e", "suit", "suite_", "Suite\ufffd", "s\ufffdite"])
def test_a_header_with_one_damaged_name_is_understood_and_flagged(damaged: str):
    file, scores, _ = _review(SOUND.replace("suite,", damaged + ",", 1))
    _, sound, _ = _review(SOUND)
    assert "damaged_header" in file.quality_flags
    assert file.header == STANDARD.strip().replace("suite,", damaged + ",", 1)
    assert scores == sound


def test_another_known_name_is_not_taken_for_a_damaged_one():
    header = header_of("suite,question_id,tokens_per_second,score,score_reason")
    assert header.columns[3] == "score"
    assert "damaged_header" not in header.flags


def test_a_file_without_its_header_is_read_by_the_usual_one():
    file, scores, _ = _review(SOUND.removeprefix(STANDARD))
    _, sound, _ = _review(SOUND)
    assert (file.header, file.quality_flags) == (None, ("missing_header",))
    assert [(s.question_pk, s.score) for s in scores] == [(s.question_pk, s.score) for s in sound]


def test_a_row_stuck_to_the_header_is_a_reject_and_the_others_are_read():
    file, scores, result = _review(SOUND.replace("score_reason\n", "score_reason;"))
    assert file.quality_flags == ("damaged_header",)
    assert [score.question_id for score in scores] == ["t2_q2_sort", "t1_q3_list"]
    (reject,) = result.rejects
    assert (reject.source, reject.location) == (FOLDER + "frontdoor_baseline.csv", "line 1")
    assert "t1_q1_sum" in reject.raw_text


def test_a_row_stuck_to_another_row_is_flagged():
    _, scores, _ = _review(SOUND.replace("Right sum\n", "Right sum;"))
    assert scores[0].quality_flags == ("ragged", "swallowed_row")
    assert "t2_q2_sort" in (scores[0].reason or "")


def test_an_unclosed_quote_swallows_no_row():
    text = STANDARD + 'math,t1_q1,1.5,3,"Opened and left\nmath,t1_q2,1.5,1,Plain\nmath,t1_q3,1.5,2,"Good, too"\n'
    assert len(list(csv.reader(io.StringIO(text)))) == 2  # the csv module: a header and one row
    _, scores, result = _review(text)
    assert [(s.question_id, s.score, s.reason) for s in scores] == [
        ("t1_q1", 3, "Opened and left"),
        ("t1_q2", 1, "Plain"),
        ("t1_q3", 2, "Good, too"),
    ]
    assert [score.quality_flags for score in scores] == [("unclosed_quote",), (), ()]
    assert json.loads(scores[0].extra or "")["raw_line"].startswith("math,t1_q1")
    assert result.rejects == []


@pytest.mark.parametrize("line", ['"math,t1_q1,1.5,3,Reason', 'math,"t1_q1,1.5,3,Reason', 'math,t1_q1,1.5,"3,Reason'])
def test_an_unclosed_quote_early_in_a_row_hides_no_cell(line: str):
    _, scores, _ = _review(STANDARD + line + "\nmath,t1_q2,1.5,1,Plain\n")
    assert [(s.suite, s.question_id, s.score) for s in scores] == [("math", "t1_q1", 3), ("math", "t1_q2", 1)]
    assert scores[0].quality_flags == ("unclosed_quote",)


def test_a_reason_of_several_lines_stays_one_reason():
    _, scores, _ = _review(
        STANDARD + 'math,t1_q1,1.5,3,"First, then\nsecond, third, fourth, and fifth."\nmath,t1_q2,2,1,X\n'
    )
    assert scores[0].reason == "First, then\nsecond, third, fourth, and fifth."
    assert [(score.line, score.quality_flags) for score in scores] == [(2, ()), (4, ())]


def test_comments_and_blank_lines_are_counted_kept_and_name_the_section():
    text = (
        "model,suite,question_id,claude_score,score_reason\n"
        "# Small model\nsmall,math,t1_q1,3,Right\n\n# Large model, later\nlarge,math,t1_q1,2,Nearly\n"
        "large,math,t1_q2,1,No\n"
    )
    file, scores, result = _review(text, "several_models_scores.csv")
    assert (result.records, result.main_rows, result.dropped_records) == (6, 3, 3)
    assert (file.kind, file.scale_max, file.n_comment_lines, file.run_stem) == ("plain", 3, 2, None)
    assert json.loads(file.comments or "") == [
        {"line": 2, "text": "# Small model"},
        {"line": 5, "text": "# Large model, later"},
    ]
    assert [(s.subject_model, s.score) for s in scores] == [("small", 3), ("large", 2), ("large", 1)]
    assert [json.loads(s.extra or "")["section"] for s in scores] == [
        "Small model",
        "Large model, later",
        "Large model, later",
    ]


def test_a_row_whose_first_letter_became_a_number_sign_is_no_comment():
    _, scores, _ = _review(SOUND.replace("general,", "#eneral,"))
    assert (len(scores), scores[2].suite, scores[2].quality_flags) == (3, "#eneral", ("odd_identifier",))


def test_relative_scores_have_their_suite_in_the_name_and_ten_points():
    text = "model,question_id,score,score_reason\nfrontdoor,t1_q1,10,Best\nworker,t1_q1,11,Too good\n"
    file, scores, _ = _review(text, "long_context_relative_scores.csv")
    assert (file.kind, file.scale_max) == ("relative", 10)
    assert [(s.suite, s.subject_model, s.score) for s in scores] == [
        ("long_context", "frontdoor", 10),
        ("long_context", "worker", None),
    ]
    assert scores[1].quality_flags == ("score_out_of_scale",)


def test_legacy_files_have_their_suite_before_the_slash():
    file, scores, _ = _review("question_id,score,reason\ngeneral/t1_q1,2,Fine\nt1_q2,1,Poor\n", "draft_small.csv")
    assert (file.kind, file.scale_max) == ("legacy", 3)
    assert (scores[0].suite, scores[0].question_id, scores[0].score, scores[0].reason) == (
        "general",
        "t1_q1",
        2,
        "Fine",
    )
    assert json.loads(scores[0].extra or "") == {"question_id": "general/t1_q1"}
    assert (scores[1].suite, scores[1].question_pk) == (None, None)


def test_orchestrator_headers_give_tier_latency_and_turns():
    file, (first,), _ = _review(
        "suite,question_id,tier,latency_ms,claude_score,score_reason\nmath,t3_q1,3,10500,2,Good, nearly\n",
        "STACK_1.csv",
    )
    assert (file.kind, first.tier, first.latency_ms, first.score, first.reason) == (
        "orchestrator",
        3,
        10500.0,
        2,
        "Good, nearly",
    )
    _, (second,), _ = _review(
        "suite,question_id,latency_ms,turns,claude_score,score_reason\nmath,t3_q1,99,4,1,Bad\n", "o.csv"
    )
    assert (second.latency_ms, second.turns, second.score) == (99.0, 4, 1)


def test_wide_summaries_become_rows_without_a_score():
    file, scores, _ = _review(
        "model,questions,total,tps\nsmall,20,40/60,9.5\nlarge,20,50/60\nbig,20,5/6,7,x\n", "small_summary.csv"
    )
    assert (file.kind, file.scale_max) == ("wide", None)
    assert [(s.subject_model, s.score, s.suite) for s in scores] == [
        ("small", None, None),
        ("large", None, None),
        ("big", None, None),
    ]
    cells = [json.loads(score.extra or "")["cells"] for score in scores]
    assert cells == [
        {"model": "small", "questions": "20", "total": "40/60", "tps": "9.5"},
        ["large", "20", "50/60"],
        ["big", "20", "5/6", "7", "x"],
    ]
    assert [score.quality_flags for score in scores] == [(), ("short_row",), ("ragged",)]


def test_a_wide_summary_with_names_of_any_kind_is_read():
    _, scores, _ = _review("Category,Model (quant),Score/3,% passed\nvl,small,2/3,66\n", "some_scoring.csv")
    assert scores[0].subject_model == "small"
    assert json.loads(scores[0].extra or "")["cells"]["% passed"] == "66"


def test_repeated_questions_and_short_rows_are_flagged_and_a_single_word_is_a_reject():
    _, scores, result = _review(STANDARD + "math,t1_q1,1,3,A\nmath,t1_q1,1,2,B\nmath,t1_q2,1\nlost\n")
    assert [score.quality_flags for score in scores] == [(), ("repeated_question",), ("short_row", "score_missing")]
    assert json.loads(scores[2].extra or "")["cells"] == ["math", "t1_q2", "1"]
    assert [(reject.location, reject.raw_text) for reject in result.rejects] == [("line 5", "lost")]


def test_two_columns_of_one_name_hide_nothing():
    _, scores, _ = _review("suite,question_id,claude_score,note,note,score_reason\nmath,t1_q1,2,a,b,Fine\n")
    assert (scores[0].score, scores[0].reason) == (2, "Fine")
    assert json.loads(scores[0].extra or "") == {"note": "a", "note#5": "b"}


def test_a_snapshot_of_the_reviews_is_no_source_of_scores():
    for path in (
        "benchmarks/results/reviews/backup_1/frontdoor_baseline.csv",
        "backup/results/reviews/frontdoor_baseline.csv",
    ):
        found, result = imported(SOUND, path)
        assert found == "review"
        assert (result.status, result.rows, result.records, result.flags) == ("ok", [], 0, ["backup"])


def test_what_has_no_header_is_a_reject_and_not_a_table():
    _, result = imported("{\n}\n", FOLDER + "broken.csv")
    assert (result.status, result.rows, result.rejected_records) == ("unreadable", [], 1)
    assert result.rejects[0].raw_text == "{"


def test_only_reviews_are_taken_for_reviews():
    elsewhere = Place("benchmarks/results/eval/sweep.csv")
    assert recognises_review(Content(SOUND.encode()), elsewhere)
    assert not recognises_review(Content(b"concurrency,tps\n1,2\n"), elsewhere)
    assert not recognises_review(Content(b""), Place(FOLDER + "empty.csv"))
    assert recognises_review(Content(SOUND.encode("utf-8-sig")), elsewhere)
    assert recognises_review(Content(b"\xff\xfe" + SOUND.encode("utf-16-le")), elsewhere)


def test_a_huge_field_is_kept():
    reason = "long " * 60_000
    _, scores, _ = _review(STANDARD + f'math,t1_q1,1,3,"{reason}"\nmath,t1_q2,1,3,Short\n')
    assert [score.reason for score in scores] == [reason, "Short"]


@pytest.mark.parametrize(
    "reason",
    [
        "Math work shown (correctness not verified)",
        "Response generated",
        "Comprehensive response generated",
        "Content present",
        "Format needs manual review",
        "Neat answer, format unclear",
        "Attempt, but unclear if correct",
        "Reads the sign; cannot verify the picture",
    ],
)
def test_reasons_that_say_that_nobody_checked_are_flagged(reason: str):
    _, (score,), _ = _review(STANDARD + f'math,t1_q1,1,2,"{reason}"\n')
    assert score.quality_flags == ("unverified_reason",)
    assert is_unverified(f"  {reason.upper()} ")


@pytest.mark.parametrize(
    "reason",
    [
        "Right answer, verified by a second way",
        "No response generated",
        "Empty output present",
        "Does not verify the constraint",
        "JSON response present but the key is wrong",
        "All four solutions found; a good response generated on the way",
        "",
    ],
)
def test_judgements_are_not_taken_for_unverified(reason: str):
    assert not is_unverified(reason)


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12), min_size=2, max_size=6
        )
    )
)
def test_cells_are_those_of_the_csv_module(rows: list[list[str]]):
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="").writerow(row)
        assert cells_of(buffer.getvalue()) == (row, False)


@given(st.text('ab,"" ', max_size=25))
def test_cells_of_damaged_lines_are_those_of_the_csv_module_too(line: str):
    if line:
        assert cells_of(line)[0] == next(csv.reader([line]))


_SAMPLES = [
    SOUND,
    STANDARD + 'math,t1_q1,1.5,3,"Opened\nmath,t1_q2,null,1,Plain, ragged\n',
    "model,suite,question_id,claude_score,score_reason\n# m\nsmall,math,t1_q1,3,Right\n\nlarge,math,t1_q1,2,Nearly\n",
    "model,total,tps\nsmall,40/60,9.5\nlarge,50/60\n",
    "question_id,score,reason\ngeneral/t1_q1,2,Fine\n",
]


@pytest.mark.parametrize("seed", range(300))
def test_no_corruption_stops_the_import_or_loses_a_record_in_silence(seed: int):
    chance = random.Random(seed)
    data = bytearray(chance.choice(_SAMPLES).encode())
    for _ in range(chance.randrange(1, 5)):
        kind = chance.randrange(5)
        at = chance.randrange(len(data) or 1)
        if kind == 0:
            del data[at:]
        elif kind == 1 and data:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            data[at:at] = chance.choice([b'"', b"\n", b"\r", b",", b"\x00", b"\xff\xfe", b"#", b"[" * 2000, b"9" * 400])
        elif kind == 3:
            del data[at : at + chance.randrange(20)]
        else:
            data[:] = data.decode("utf-8", "replace").encode("utf-16-le" if chance.random() < 0.5 else "utf-16")
    content, place = Content(bytes(data)), Place(FOLDER + "frontdoor_baseline.csv")
    recognises_review(content, place)
    result = FORMATS[0].rows(FORMATS[0].read(content), place)
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    assert result.rejected_records == len(result.rejects)
    frames = frames_of(result.rows)
    if "review_score" in frames:
        assert frames["review_score"].select("review_pk", "ordinal").is_unique().all()
    table = read_table(content)
    if table.header.shape != "none":
        words = sum(1 for line in content.lines if line.strip())
        read = sum(1 + record.text.count("\n") for record in table.records) + len(table.comments)
        blank_inside = sum(1 for record in table.records for line in record.text.split("\n") if not line.strip())
        assert read - blank_inside + (table.header.found is not None) == words


@pytest.mark.parametrize("line", ['a","b', '"', 'math,t1_q1,1,3,"open', '""",', "#,", 'x"a"b'])
def test_hostile_quotes_cost_no_more_than_their_length(line: str, monkeypatch: pytest.MonkeyPatch):
    """Each character is looked at a bounded number of times, however often a quote stays open."""
    seen = 0

    def counting(text: str) -> tuple[list[str], bool]:
        nonlocal seen
        seen += len(text) + 1
        return cells_of(text)

    monkeypatch.setattr(review_csv, "cells_of", counting)
    text = STANDARD + f"{line}\n" * 5_000
    read_table(Content(text.encode()))
    assert 0 < seen < 6 * len(text)


def test_the_record_is_read_as_the_csv_module_reads_it(record: Path):
    """Every review of the real record against a naive reading: as many rows, the same scores and reasons."""
    kinds: Counter[str] = Counter()
    for path, file in files_of(record, "benchmarks/results/reviews/*.csv"):
        content = Content(file.read_bytes())
        if file.name == "summary.csv" or not content.data.strip():
            continue
        row, scores, result = _review(content.data, file.name)
        kinds[row.kind] += 1
        header, *naive = csv.reader(io.StringIO(content.text, newline=""))
        rows = [cells for cells in naive if cells and not cells[0].startswith("#")]
        assert (len(scores), result.records, result.rejects) == (len(rows), len(naive), []), path
        if row.kind == "wide":
            continue
        last = len(header) - 1
        position = next(header.index(name) for name in ("claude_score", "score") if name in header)
        assert [score.reason or "" for score in scores] == [",".join(cells[last:]) for cells in rows], path
        assert [score.score_raw or "" for score in scores] == [cells[position] for cells in rows], path
        assert [score.score for score in scores if score.score is not None] == [
            int(cells[position]) for cells in rows if cells[position].strip().lstrip("-").isdigit()
        ], path
        assert sum("ragged" in score.quality_flags for score in scores) == sum(
            len(cells) > len(header) for cells in rows
        )
    assert kinds["plain"] > kinds["rescored"] > 0
