"""Local copies as they are found: broken rows, odd files, several splits, the same question twice, none at all."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.scoring import score
from epyc_assets.suites.public import (
    ADAPTERS,
    LocalCopy,
    PublicSetMissing,
    RowRejected,
    question_of,
    read_local_copy,
)
from epyc_assets.suites.public.adapter import Config
from epyc_assets.suites.public.debugbench import example_test
from epyc_assets.suites.public.math_500 import is_set, last_boxed
from epyc_assets.suites.public.private_tests import decoded_tests
from epyc_assets_tests.suites.public.layouts import (
    HUMANEVAL_ROW,
    LAYOUTS,
    MBPP_ROW,
    hellaswag_lines,
    livecodebench_lines,
    mmlu_original,
    usaco_old_names,
    write_lines,
    write_parquet,
    write_text,
)

GSM8K = ADAPTERS["gsm8k"]
SHARED = Path(__file__).parents[4] / "shared"


def gsm8k(number: int, answer: int = 0) -> dict[str, str]:
    return {"question": f"Question {number}?", "answer": f"<<1>>\n#### {answer or number}"}


def copy_of(folder: Path, suite: str = "gsm8k") -> LocalCopy:
    return read_local_copy(ADAPTERS[suite], folder)


def prompts(copy: LocalCopy) -> list[str]:
    return sorted(candidate.draft.content for candidate in copy.candidates)


def test_rows_that_cannot_be_read_are_rejects_and_stop_nothing(tmp_path: Path) -> None:
    good = json.dumps(gsm8k(1)).encode()
    odd = [
        b'{"question": "cut off',
        b"[1, 2]",
        b'{"question": "\xff", "answer": "#### 1"}',
        json.dumps({"question": "lone \ud800", "answer": "#### 1"}).encode(),
        json.dumps({"question": "no mark", "answer": "4"}).encode(),
        json.dumps({"question": "", "answer": "#### 4"}).encode(),
        json.dumps({"question": ["a"], "answer": "#### 4"}).encode(),
        json.dumps({"frage": "x"}).encode(),
        b"[" * 100_000,
    ]
    path = tmp_path / "gsm8k/test.jsonl"
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join([good, b"", *odd, json.dumps(gsm8k(2)).encode()]))
    copy = copy_of(tmp_path)
    assert prompts(copy) == ["Question 1?", "Question 2?"]
    assert [reject.location for reject in copy.rejects] == [f"line {number}" for number in range(3, 3 + len(odd))]
    assert all(reject.source == "datasets/gsm8k/test.jsonl" and reject.reason for reject in copy.rejects)
    assert copy.rejects[0].raw_text == '{"question": "cut off'


def test_files_that_cannot_be_read_are_rejects(tmp_path: Path) -> None:
    folder = tmp_path / "gsm8k"
    write_lines(folder / "test.jsonl", [gsm8k(1)])
    for name in ("test-0.parquet", "test.jsonl.gz", "test.json"):
        (folder / name).write_bytes(b"PAR1 this is nothing")
    (folder / "test.zip").write_bytes(b"PK no archive")
    copy = copy_of(tmp_path)
    assert prompts(copy) == ["Question 1?"]
    assert {reject.source.rsplit("/", 1)[1] for reject in copy.rejects} >= {"test-0.parquet", "test.json"}
    assert len(copy.rejects) >= 3


def test_a_file_in_another_layout_does_not_flood_the_rejects(tmp_path: Path) -> None:
    write_lines(tmp_path / "gsm8k/test.jsonl", [gsm8k(1), *({"other": number} for number in range(1000))])
    copy = copy_of(tmp_path)
    assert len(copy.rejects) == 201
    assert "800 more rows" in copy.rejects[-1].reason


def test_the_order_of_files_and_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [gsm8k(number) for number in range(1, 40)]
    write_lines(tmp_path / "a/gsm8k/test.jsonl", rows)
    random.Random(1).shuffle(rows)
    write_lines(tmp_path / "b/gsm8k/deep/er/test-0.jsonl", rows[:20])
    write_lines(tmp_path / "b/gsm8k/test-1.jsonl.gz", rows[20:])
    one, other = copy_of(tmp_path / "a"), copy_of(tmp_path / "b")
    assert [candidate.key for candidate in one.candidates] == [candidate.key for candidate in other.candidates]


def test_the_version_tells_contents_apart_and_not_names(tmp_path: Path) -> None:
    write_lines(tmp_path / "a/gsm8k/test.jsonl", [gsm8k(1)])
    write_lines(tmp_path / "b/gsm8k/copy/test.jsonl", [gsm8k(1)])
    write_lines(tmp_path / "c/gsm8k/test.jsonl", [gsm8k(1, answer=5)])
    a, b, c = (copy_of(tmp_path / name).version for name in "abc")
    assert a == b != c
    assert a.endswith(f"-{GSM8K.version}")


def test_the_same_question_is_asked_once_and_two_answers_to_it_never(tmp_path: Path) -> None:
    write_lines(tmp_path / "gsm8k/test.jsonl", [gsm8k(1), gsm8k(1), gsm8k(2, 5), gsm8k(2, 6), gsm8k(3)])
    copy = copy_of(tmp_path)
    assert prompts(copy) == ["Question 1?", "Question 3?"]
    assert copy.duplicates == 1
    assert ["different answers" in reject.reason for reject in copy.rejects] == [True, True]


def test_the_test_split_is_asked_before_others(tmp_path: Path) -> None:
    write_lines(tmp_path / "gsm8k/train.jsonl", [gsm8k(9)])
    copy = copy_of(tmp_path)
    assert (copy.split, prompts(copy)) == ("train", ["Question 9?"])
    write_lines(tmp_path / "gsm8k/test.jsonl", [gsm8k(1)])
    copy = copy_of(tmp_path)
    assert (copy.split, prompts(copy)) == ("test", ["Question 1?"])


def test_mbpp_reads_its_split_from_the_task_number(tmp_path: Path) -> None:
    numbered = [{**MBPP_ROW, "task_id": number, "text": f"Task {number}."} for number in (2, 11, 510, 511, 700)]
    write_lines(tmp_path / "mbpp/mbpp.jsonl", numbered)
    copy = copy_of(tmp_path, "mbpp")
    assert sorted(candidate.draft.identity for candidate in copy.candidates) == ["11", "510"]
    assert sum(copy.left_out.values()) == 3


@pytest.mark.parametrize("suite", ADAPTERS)
def test_a_missing_copy_says_what_to_put_where(suite: str, tmp_path: Path) -> None:
    adapter = ADAPTERS[suite]
    with pytest.raises(PublicSetMissing) as missing:
        read_local_copy(adapter, tmp_path)
    for told in (adapter.title, str(tmp_path / suite), adapter.expects[0][:20], "EPYC_DATASETS_DIR"):
        assert told in str(missing.value)
    write_text(tmp_path / suite / "README.md", "nothing")
    with pytest.raises(PublicSetMissing, match=r"README\.md"):
        read_local_copy(adapter, tmp_path)


def test_only_splits_without_answers_are_said_to_be_so(tmp_path: Path) -> None:
    write_lines(tmp_path / "hellaswag/hellaswag_test.jsonl", [{"ctx": "A", "endings": ["a", "b"]}])
    with pytest.raises(PublicSetMissing, match="only the test split"):
        copy_of(tmp_path, "hellaswag")


def test_a_folder_in_another_spelling_is_found(tmp_path: Path) -> None:
    write_lines(tmp_path / "MATH-500/test.jsonl", [{"problem": "p", "answer": "1", "level": 1}])
    assert len(copy_of(tmp_path, "math_500").candidates) == 1
    rows = [{"problem": problem, "answer": "1", "level": 1} for problem in "pq"]
    write_lines(tmp_path / "math_500/test.jsonl", rows)
    assert len(copy_of(tmp_path, "math_500").candidates) == 2  # its own name before others


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_survives_being_cut_or_garbled(layout: str, tmp_path: Path) -> None:
    suite, write = LAYOUTS[layout]
    write(tmp_path / "whole" / suite)
    for number, damage in enumerate((lambda data: data[: len(data) // 2], lambda data: data.replace(b'"', b"'", 9))):
        place = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", place)
        for path in place.rglob("*"):
            if path.is_file():
                path.write_bytes(damage(path.read_bytes()))
        try:
            copy = copy_of(place, suite)
        except PublicSetMissing:
            continue
        for candidate in copy.candidates:
            with contextlib.suppress(RowRejected):
                question_of(candidate, copy, 1)


def test_mmlu_csv_may_have_a_header_and_its_subjects_give_tiers(tmp_path: Path) -> None:
    mmlu_original(tmp_path / "mmlu")
    write_text(tmp_path / "mmlu/test/world_religions_test.csv", "question,A,B,C,D,answer\nWho?,a,b,c,d,B\n")
    copy = copy_of(tmp_path, "mmlu")
    assert not copy.rejects
    assert sorted(candidate.tier for candidate in copy.candidates) == [1, 1, 2, 3]


def test_gpqa_letters_do_not_depend_on_the_order_of_columns_or_rows(tmp_path: Path) -> None:
    head = "Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3\n"
    rows = [f"Question {number}?,right,wrong a,wrong b,wrong c\n" for number in range(40)]
    write_text(tmp_path / "a/gpqa/gpqa_main.csv", head + "".join(rows))
    turned = [row.replace("wrong a,wrong b,wrong c", "wrong c,wrong a,wrong b") for row in reversed(rows)]
    write_text(tmp_path / "b/gpqa/gpqa_main.csv", head + "".join(turned))
    drafts = [
        [(each.draft.prompt, each.draft.expected) for each in copy_of(tmp_path / name, "gpqa").candidates]
        for name in "ab"
    ]
    assert drafts[0] == drafts[1]
    assert {expected for _, expected in drafts[0]} == set("ABCD")


def test_an_undrawn_question_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    livecodebench_lines(tmp_path / "livecodebench")
    decoded: list[object] = []
    monkeypatch.setattr(
        "epyc_assets.suites.public.livecodebench.decoded_tests",
        lambda value: decoded.append(value) or decoded_tests(value),
    )
    copy = copy_of(tmp_path, "livecodebench")
    assert not decoded
    question_of(copy.candidates[0], copy, 1)
    assert len(decoded) == 2


def test_livecodebench_is_the_same_from_lines_and_parquet(tmp_path: Path) -> None:
    livecodebench_lines(tmp_path / "a/livecodebench")
    rows = [
        row
        for path in sorted((tmp_path / "a").rglob("*.jsonl"))
        for row in map(json.loads, path.read_text().splitlines())
    ]
    write_parquet(tmp_path / "b/livecodebench/test-0.parquet", rows)
    made = []
    for name in "ab":
        copy = copy_of(tmp_path / name, "livecodebench")
        made.append(
            [(each.question_id, each.prompt) for each in (question_of(one, copy, 1) for one in copy.candidates)]
        )
    assert made[0] == made[1]


def test_humaneval_takes_a_body_or_a_whole_function() -> None:
    prelude = f"{HUMANEVAL_ROW['prompt']}\n"
    for answer in (HUMANEVAL_ROW["canonical_solution"], "def doubled(values):\n    return values + values\n"):
        compile(prelude + answer, "answer", "exec")


@pytest.mark.parametrize(
    ("example", "read"),
    [
        ("Input: nums = [2,2,1], k = 3\nOutput: 1", ({"nums": [2, 2, 1], "k": 3}, 1)),
        ('Input: s = "a, b = 1"\nOutput: "x"\nExplanation: because\nOutput: 3', ({"s": "a, b = 1"}, "x")),
        ("Input: root = [1,null,2]\nOutput: true", ({"root": [1, None, 2]}, True)),
        ('Input\n["LRUCache"]\nOutput\n[null]', None),
        ("no example", None),
        ("Input: a = 1 2\nOutput: 3", None),
    ],
)
def test_examples_of_debugbench(example: str, read: object) -> None:
    assert example_test(example) == read


@pytest.mark.parametrize(
    ("solution", "boxed"),
    [
        ("so \\boxed{4}", "4"),
        ("\\boxed{1} then \\boxed{\\frac{1}{2}}.", "\\frac{1}{2}"),
        ("\\boxed{\\{1,2\\}}", "\\{1,2\\}"),
        ("\\fbox{x}", "x"),
        ("\\boxed 7", "7"),
        ("\\boxed{open", ""),
        ("none", ""),
    ],
)
def test_the_last_box(solution: str, boxed: str) -> None:
    assert last_boxed(solution) == boxed


def test_the_real_gsm8k_is_read_whole() -> None:
    if not (SHARED / "datasets/gsm8k/test.jsonl").is_file():
        pytest.skip("no ../shared/datasets/gsm8k beside the checkout")
    copy = read_local_copy(GSM8K, SHARED / "datasets")
    assert len(copy.candidates) == 1319
    assert not copy.rejects
    assert min(copy.per_tier().values()) > 300


def test_parquet_with_another_type_of_column_is_told(tmp_path: Path) -> None:
    (tmp_path / "gsm8k").mkdir()
    pl.DataFrame({"question": [1.5, None], "answer": ["#### 1", "#### 2"]}).write_parquet(
        tmp_path / "gsm8k/test.parquet"
    )
    copy = copy_of(tmp_path)
    assert (len(copy.candidates), len(copy.rejects)) == (1, 1)


def test_mbpp_setup_code_may_use_a_class_of_the_answer(tmp_path: Path) -> None:
    row = {
        "task_id": 20,
        "text": "Write a function that gives the depth of a chain of nodes.",
        "code": "class Link:\n  def __init__(self, rest):\n    self.rest = rest\ndef depth(link):\n"
        "  return 0 if link is None else 1 + depth(link.rest)",
        "test_setup_code": "chain = Link(Link(None))",
        "test_list": ["assert depth(chain) == 2", "assert depth(None) == 0"],
        "challenge_test_list": [],
    }
    write_lines(tmp_path / "mbpp/mbpp.jsonl", [row])
    copy = copy_of(tmp_path, "mbpp")
    question = question_of(copy.candidates[0], copy, 1)
    for code, passed in ((row["code"], True), (str(row["code"]).replace("1 +", "2 +"), False)):
        verdict = score(question.scorer, f"```python\n{code}\n```", question.expected, question.scorer_config)
        if verdict.passed is None:
            pytest.skip(verdict.explanation)
        assert verdict.passed is passed, verdict


def test_ifeval_arguments_that_do_not_apply_are_dropped(tmp_path: Path) -> None:
    kwargs = [{"num_words": float("nan"), "keywords": None}, {"num_words": 3.0, "relation": "at least"}]
    row = {"prompt": "p", "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"]}
    write_lines(tmp_path / "ifeval/input_data.jsonl", [{**row, "kwargs": kwargs}])
    copy = copy_of(tmp_path, "ifeval")
    question = question_of(copy.candidates[0], copy, 1)
    assert score("programmatic", "three words here", "", question.scorer_config).passed is True
    assert score("programmatic", "two words", "", question.scorer_config).passed is False
    write_lines(tmp_path / "ifeval/input_data.jsonl", [{**row, "instruction_id_list": ["new:kind"], "kwargs": [{}]}])
    with pytest.raises(PublicSetMissing, match="new:kind"):
        copy_of(tmp_path, "ifeval")
    write_lines(tmp_path / "ifeval/input_data.jsonl", [{**row, "kwargs": [{}, {"relation": "at least"}]}])
    with pytest.raises(PublicSetMissing, match="number_words have no num_words"):
        copy_of(tmp_path, "ifeval")
    write_lines(tmp_path / "ifeval/input_data.jsonl", [{**row, "kwargs": [{"mood": 1}, kwargs[1]]}])
    with pytest.raises(PublicSetMissing, match="no_comma hold mood"):
        copy_of(tmp_path, "ifeval")


def test_nothing_is_no_text_and_no_option(tmp_path: Path) -> None:
    row = {"question": "Which?", "subject": "x", "choices": ["a", "b", "c", "d"], "answer": 1}
    nothing = [None, float("nan"), float("inf")]
    odd = [{**row, "choices": ["a", "b", each, "d"]} for each in nothing]
    odd += [{**row, "question": each} for each in nothing]
    odd += [{**row, "answer": each} for each in nothing]
    write_lines(tmp_path / "mmlu/test.jsonl", [*odd, {**row, "choices": ["None", "nan", 3, 4.5]}])
    copy = copy_of(tmp_path, "mmlu")
    assert [candidate.draft.config for candidate in copy.candidates] == [{"choices": ["None", "nan", "3", "4.5"]}]
    assert len(copy.rejects) == len(odd)


def test_rejects_hold_only_what_a_table_can_hold(tmp_path: Path) -> None:
    lines = ['{"question": "\\ud800 is half of a pair", "answer": "#### 3"}', '{"\\udfff": 1}', json.dumps(gsm8k(1))]
    write_text(tmp_path / "gsm8k/test.jsonl", "\n".join(lines))
    (tmp_path / "gsm8k/more.csv").write_bytes(b"question,answer\nNot UTF-8: \xff,#### 4\n")
    copy = copy_of(tmp_path)
    assert len(copy.candidates) == 1
    assert len(copy.rejects) == 3
    for reject in copy.rejects:
        assert f"{reject.location}{reject.reason}{reject.raw_text}".encode()
    assert any("ud800 is half" in reject.raw_text for reject in copy.rejects)


def test_one_broken_entry_of_an_object_of_rows_stops_no_other(tmp_path: Path) -> None:
    usaco_old_names(tmp_path / "usaco")
    path = tmp_path / "usaco/usaco_v2_dict.json"
    write_text(path, json.dumps({**json.loads(path.read_text()), "2_gold": {"problem_id": "2_gold"}, "3_gold": None}))
    copy = copy_of(tmp_path, "usaco")
    assert len(copy.candidates) == 1
    assert sorted(reject.location for reject in copy.rejects) == ["['2_gold']", "['3_gold']"]


def test_cruxeval_rows_without_a_value_are_rejects(tmp_path: Path) -> None:
    row = {"code": "def f(x=0):\n    return x", "input": "1", "output": "1", "id": "a"}
    odd = [{**row, "id": "b", "input": None}, {**row, "id": "c", "input": "float('inf')", "output": "inf"}]
    write_lines(tmp_path / "cruxeval/test.jsonl", [row, *odd, {**row, "id": "d", "input": "", "output": "0"}])
    copy = copy_of(tmp_path, "cruxeval")
    assert sorted(candidate.draft.identity for candidate in copy.candidates) == [
        *("a/input", "a/output", "d/input", "d/output")
    ]
    assert len(copy.rejects) == 2


def test_simpleqa_no_is_not_found_in_another_word(tmp_path: Path) -> None:
    write_text(tmp_path / "simpleqa/simple_qa_test_set.csv", 'metadata,problem,answer\n"{}",Was it open?,No\n')
    copy = copy_of(tmp_path, "simpleqa")
    question = question_of(copy.candidates[0], copy, 1)
    verdicts = [score(question.scorer, said, "No", question.scorer_config).passed for said in ("No.", "I have no idea")]
    assert verdicts == [True, False]


def test_simple_copies_tell_subject_and_answer_in_capitals(tmp_path: Path) -> None:
    head = ",Question,A,B,C,D,Answer,Subject\n"
    write_text(tmp_path / "mmlu/mmlu.csv", head + '0,"Which, then?",1,2,3,4,B,elementary_mathematics\n')
    write_text(tmp_path / "math_500/math_500_test.csv", "Question,Answer\nHalf of $1$?,\\frac{1}{2}\n")
    (asked,) = copy_of(tmp_path, "mmlu").candidates
    assert (asked.tier, asked.draft.expected) == (1, "B")
    (asked,) = copy_of(tmp_path, "math_500").candidates
    assert (asked.tier, asked.draft.expected) == (2, "\\frac{1}{2}")


def test_a_file_that_cannot_be_read_when_drawn_makes_a_reject(tmp_path: Path) -> None:
    usaco_old_names(tmp_path / "usaco")
    copy = copy_of(tmp_path, "usaco")
    draft = replace(copy.candidates[0].draft, config=lambda: {"code": (tmp_path / "gone").read_text()})
    with pytest.raises(RowRejected, match=r"cannot be read: .*gone"):
        question_of(replace(copy.candidates[0], draft=draft), copy, 1)
    path = tmp_path / "usaco/usaco_v2_dict.json"
    rows = json.loads(path.read_text())
    write_text(path, json.dumps({**rows, "long": {**rows["1_gold_cow_sum"], "problem_id": "9" * 5000}}))
    assert ["is no plain name" in reject.reason for reject in copy_of(tmp_path, "usaco").rejects] == [True]


def test_usaco_is_not_asked_with_fewer_tests_than_published(tmp_path: Path) -> None:
    usaco_old_names(tmp_path / "usaco")
    path = tmp_path / "usaco/usaco_v2_dict.json"
    row = json.loads(path.read_text())["1_gold_cow_sum"]
    write_text(path, json.dumps({"1_gold_cow_sum": {**row, "num_tests": 3}}))
    copy = copy_of(tmp_path, "usaco")
    with pytest.raises(RowRejected, match="1 of its 3 tests"):
        question_of(copy.candidates[0], copy, 1)


def test_a_clone_of_cruxeval_is_read_without_what_models_answered(tmp_path: Path) -> None:
    row = {"code": "def f(x):\n    return x", "input": "1", "output": "1", "id": "a"}
    write_lines(tmp_path / "cruxeval/data/cruxeval.jsonl", [row])
    for name in ("samples/evaluation_results/scored.json", "openai/cache.json", "model_generations/a/generations.json"):
        write_text(tmp_path / "cruxeval" / name, json.dumps({"sample_0": ["f(1)"]}))
    copy = copy_of(tmp_path, "cruxeval")
    assert (list(copy.files), copy.rejects) == (["data/cruxeval.jsonl"], [])


def test_lists_that_are_no_lists_are_rejects(tmp_path: Path) -> None:
    hellaswag_lines(tmp_path / "hellaswag")
    path = tmp_path / "hellaswag/data/hellaswag_val.jsonl"
    row = json.loads(path.read_text())
    odd = ["[1", "(", "[" * 3000, "f(x)", "{'a': 1}", "\x00"]
    broken = [{**row, "ctx": f"Another {number}.", "endings": each} for number, each in enumerate(odd)]
    write_lines(path, [row, *broken])
    copy = copy_of(tmp_path, "hellaswag")
    assert (len(copy.candidates), len(copy.rejects)) == (1, len(odd))


def test_what_an_adapter_stumbles_over_when_drawn_is_a_reject(tmp_path: Path) -> None:
    write_lines(tmp_path / "gsm8k/test.jsonl", [gsm8k(1)])
    copy = copy_of(tmp_path)

    def stumble() -> Config:
        raise KeyError("input")

    odd = replace(copy.candidates[0], draft=replace(copy.candidates[0].draft, config=stumble))
    with pytest.raises(RowRejected, match="not as published: KeyError"):
        question_of(odd, copy, 1)


@pytest.mark.parametrize(
    ("problem", "answer", "several"),
    [
        ("Find all roots.", "1,-2", True),
        ("Find all roots.", r"\frac{1}{2}, -3", True),
        ("Find the point.", "(1,-2)", False),
        ("Find the interval.", r"\left[-1, 2\right)", False),
        ("How many?", "1,234,567", False),
        ("How much?", r"\$32,348", False),
        ("How many?", r"10{,}000", False),
        ("List the roots in increasing order.", "-2,1", False),
        ("Name it.", "6", False),
    ],
)
def test_the_order_of_roots_says_nothing(problem: str, answer: str, several: bool) -> None:
    assert is_set(problem, answer) is several


def test_roots_of_math_500_pass_in_either_order(tmp_path: Path) -> None:
    write_lines(tmp_path / "math_500/test.jsonl", [{"problem": "Find all roots.", "answer": "1,-2", "level": 2}])
    copy = copy_of(tmp_path, "math_500")
    question = question_of(copy.candidates[0], copy, 1)
    told = [r"\boxed{-2, 1}", r"\boxed{1,-2}", r"\boxed{1}", r"\boxed{2,1}"]
    verdicts = [score(question.scorer, each, question.expected, question.scorer_config).passed for each in told]
    assert verdicts == [True, True, False, False]
