"""Writes small local copies of public sets in their published layouts, with invented content.

Belongs here: one function per layout, each returning how many questions it holds. Does not belong here: any check.
"""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl


def write_lines(path: Path, rows: Sequence[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    else:
        path.write_text(text, encoding="utf-8")


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_parquet(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(list(rows), infer_schema_length=None).write_parquet(path)


def private(tests: Sequence[dict[str, str]]) -> str:
    """LiveCodeBench's packing of private tests."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests)))).decode()


def mmlu_original(folder: Path) -> int:
    write_text(
        folder / "data/test/elementary_mathematics_test.csv",
        'What is 3 + 4?,5,6,7,8,C\n"Which, of these, is even?",1,3,5,"6, surely",D\n',
    )
    write_text(folder / "data/test/college_physics_test.csv", "Which is a unit of force?,newton,joule,watt,volt,A\n")
    write_text(folder / "data/dev/college_physics_dev.csv", "An example?,a1,b1,c1,d1,A\n")
    write_text(folder / "data/val/college_physics_val.csv", "A validation one?,a1,b1,c1,d1,A\n")
    return 3


def mmlu_parquet(folder: Path) -> int:
    rows = [
        {
            "question": "What is 2 + 2?",
            "subject": "elementary_mathematics",
            "choices": ["3", "4", "5", "6"],
            "answer": 1,
        },
        {
            "question": "Who taught Plato?",
            "subject": "high_school_x",
            "choices": ["Socrates", "b", "c", "d"],
            "answer": 0,
        },
        {
            "question": "A tort is?",
            "subject": "professional_law",
            "choices": ["a fish", "b", "c", "a wrong"],
            "answer": 3,
        },
    ]
    write_parquet(folder / "all/test-00000-of-00001.parquet", rows)
    write_parquet(folder / "all/dev-00000-of-00001.parquet", rows[:1])
    return 3


def gsm8k_lines(folder: Path) -> int:
    rows = [
        {"question": "Two and two apples?", "answer": "2+2=<<2+2=4>>4\n#### 4"},
        {"question": "A big purse?", "answer": "a <<1=1>>\nb <<1=1>>\nc <<1=1>>\n#### 1,234"},
        {"question": "A cold day?", "answer": "<<>><<>><<>><<>>\n#### -5"},
    ]
    write_lines(folder / "test.jsonl", rows)
    write_lines(folder / "train.jsonl", [{"question": "Train?", "answer": "#### 1"}])
    return 3


def gsm8k_parquet(folder: Path) -> int:
    write_parquet(folder / "main/test-00000-of-00001.parquet", [{"question": "One?", "answer": "It is one.\n#### 1"}])
    write_parquet(folder / "socratic/test-00000-of-00001.parquet", [{"question": "One?", "answer": "So?\n#### 1"}])
    return 1


def math_lines(folder: Path) -> int:
    rows = [
        {
            "problem": "Half of one?",
            "solution": "\\boxed{\\frac{1}{2}}",
            "answer": "\\frac{1}{2}",
            "subject": "Algebra",
        },
        {"problem": "Two thirds of 9?", "solution": "", "answer": "6", "subject": "Algebra"},
        {"problem": "The point?", "solution": "", "answer": "(3, 4)", "subject": "Geometry"},
    ]
    write_lines(
        folder / "test.jsonl",
        [
            {**row, "level": level, "unique_id": f"test/{level}.json"}
            for row, level in zip(rows, (1, 3, 5), strict=True)
        ],
    )
    return 3


def math_original(folder: Path) -> int:
    row = {"problem": "x?", "level": "Level 2", "type": "Algebra", "solution": "so $x=\\boxed{x^{2}+1}$."}
    write_text(folder / "MATH/test/algebra/1.json", json.dumps(row))
    return 1


HUMANEVAL_ROW = {
    "task_id": "HumanEval/0",
    "prompt": "from typing import List\n\n\ndef doubled(values: List[int]) -> List[int]:\n"
    '    """ Twice each.\n    """\n',
    "entry_point": "doubled",
    "canonical_solution": "    return [2 * value for value in values]\n",
    "test": "\n\nMETADATA = {}\n\n\ndef check(candidate):\n    assert candidate([1, 2]) == [2, 4]\n"
    "    assert candidate([]) == []\n",
}


def humaneval_gzip(folder: Path) -> int:
    write_lines(folder / "data/HumanEval.jsonl.gz", [HUMANEVAL_ROW])
    write_lines(folder / "data/example_problem.jsonl", [{"task_id": "test/0"}])
    return 1


def humaneval_parquet(folder: Path) -> int:
    write_parquet(folder / "openai_humaneval/test-00000-of-00001.parquet", [HUMANEVAL_ROW])
    return 1


MBPP_ROW = {
    "task_id": 11,
    "text": "Write a function to find the square of a number.",
    "code": "import math\r\ndef square(x):\r\n  return x * x",
    "test_list": ["assert square(3) == 9", "assert square(-2) == 4"],
    "test_setup_code": "",
    "challenge_test_list": ["assert square(0) == 0"],
}


def mbpp_lines(folder: Path) -> int:
    write_lines(folder / "mbpp.jsonl", [MBPP_ROW, {**MBPP_ROW, "task_id": 2, "text": "An example of the prompt."}])
    return 1


def mbpp_sanitized(folder: Path) -> int:
    row = {
        "source_file": "x",
        "task_id": 11,
        "prompt": "Write a function that squares its argument.",
        "code": MBPP_ROW["code"],
        "test_imports": ["import math"],
        "test_list": MBPP_ROW["test_list"],
    }
    write_text(folder / "sanitized-mbpp.json", json.dumps([row]))
    write_lines(folder / "mbpp.jsonl", [MBPP_ROW])
    return 1


def arc_lines(folder: Path) -> int:
    def row(stem: str, labels: str, key: str) -> dict[str, Any]:
        choices = [{"text": f"{stem} {label}", "label": label} for label in labels]
        return {"id": stem, "question": {"stem": f"Which {stem}?", "choices": choices}, "answerKey": key}

    write_lines(folder / "ARC-Easy/ARC-Easy-Test.jsonl", [row("rock", "ABCD", "B"), row("leaf", "1234", "4")])
    write_lines(folder / "ARC-Challenge/ARC-Challenge-Test.jsonl", [row("star", "ABC", "C")])
    write_lines(folder / "ARC-Easy/ARC-Easy-Train.jsonl", [row("train", "ABCD", "B")])
    return 3


def arc_parquet(folder: Path) -> int:
    row = {"id": "x", "question": "Which?", "choices": {"text": ["p", "q"], "label": ["1", "2"]}, "answerKey": "2"}
    write_parquet(folder / "ARC-Challenge/test-00000-of-00001.parquet", [row])
    return 1


HELLASWAG_ROW = {
    "ind": 1,
    "activity_label": "Baking",
    "ctx_a": "A man mixes dough.",
    "ctx_b": "he",
    "ctx": "A man mixes dough. he",
    "endings": ["flies away.", "puts it in the oven.", "paints [step] it red.", "calls a cat."],
}


def hellaswag_lines(folder: Path) -> int:
    write_lines(folder / "data/hellaswag_val.jsonl", [{**HELLASWAG_ROW, "label": 1}])
    write_lines(folder / "data/hellaswag_test.jsonl", [HELLASWAG_ROW])
    return 1


def hellaswag_parquet(folder: Path) -> int:
    write_parquet(folder / "data/validation-00000-of-00001.parquet", [{**HELLASWAG_ROW, "label": "1"}])
    write_parquet(folder / "data/test-00000-of-00001.parquet", [{**HELLASWAG_ROW, "label": ""}])
    return 1


IFEVAL_ROW = {
    "key": 1000,
    "prompt": "Write two lines about rain. Do not use any commas, and mention the word umbrella.",
    "instruction_id_list": ["punctuation:no_comma", "keywords:existence"],
}


def ifeval_lines(folder: Path) -> int:
    write_lines(folder / "input_data.jsonl", [{**IFEVAL_ROW, "kwargs": [{}, {"keywords": ["umbrella"]}]}])
    return 1


def ifeval_parquet(folder: Path) -> int:
    kwargs = [{"keywords": None, "num_words": None}, {"keywords": ["umbrella"], "num_words": None}]
    write_parquet(folder / "data/train-00000-of-00001.parquet", [{**IFEVAL_ROW, "kwargs": kwargs}])
    return 1


def gpqa_csv(folder: Path) -> int:
    head = "Record ID,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3,Subdomain\n"
    first = 'rec1,"Which spin, of these?",one half,zero,two,three,Physics\n'
    write_text(folder / "gpqa_main.csv", head + first + "rec2,Which base?,guanine,iron,salt,water,Biology\n")
    write_text(folder / "gpqa_diamond.csv", head + first)
    return 2


def simpleqa_csv(folder: Path) -> int:
    write_text(
        folder / "simple_qa_test_set.csv",
        "metadata,problem,answer\n"
        "\"{'topic': 'Art', 'urls': ['a', 'b']}\",Who painted the invented mural?,Ada Example\n"
        '"{}",When was it opened?,"July 4, 1990"\n'
        '"{}",How many saw it?,"120,000 (acceptable range: anything between 118k and 122k)"\n'
        '"{}",How many rooms?,12\n',
    )
    return 4


HOTPOT_ROW = {
    "question": "Where was the mayor of Exampleton born?",
    "answer": "Sampleville",
    "type": "bridge",
    "level": "medium",
}


def hotpotqa_json(folder: Path) -> int:
    context = [["Exampleton", ["Its mayor is Ann.", " It is old."]], ["Ann", ["Ann was born in Sampleville."]]]
    rows = [
        {**HOTPOT_ROW, "_id": "a", "supporting_facts": [["Ann", 0]], "context": context},
        {**HOTPOT_ROW, "_id": "b", "question": "Is Ann old?", "answer": "no", "level": "hard", "context": context},
    ]
    write_text(folder / "hotpot_dev_distractor_v1.json", json.dumps(rows))
    write_text(folder / "hotpot_dev_fullwiki_v1.json", json.dumps([{**rows[0], "context": context[:1]}]))
    return 2


def hotpotqa_parquet(folder: Path) -> int:
    context = {"title": ["Exampleton", "Ann"], "sentences": [["Its mayor is Ann."], ["Ann was born in Sampleville."]]}
    facts = {"title": ["Ann"], "sent_id": [0]}
    write_parquet(
        folder / "distractor/validation-00000-of-00001.parquet",
        [{"id": "a", **HOTPOT_ROW, "supporting_facts": facts, "context": context}],
    )
    return 1


def livecodebench_lines(folder: Path) -> int:
    stdin = [{"input": "1 2\n", "output": "3\n", "testtype": "stdin"}]
    hidden = [{"input": "5 6\n", "output": "11\n", "testtype": "stdin"}]
    functional = [{"input": "[1, 2, 3]\n2", "output": "8", "testtype": "functional"}]
    rows = [
        {
            "question_title": "Sum",
            "question_content": "Read two numbers and print their sum.",
            "platform": "atcoder",
            "question_id": "abc_a",
            "starter_code": "",
            "difficulty": "easy",
            "public_test_cases": json.dumps(stdin),
            "private_test_cases": private(hidden),
            "metadata": "{}",
        },
        {
            "question_title": "Sum of list",
            "question_content": "Return the sum of nums and k.",
            "platform": "leetcode",
            "question_id": "1",
            "starter_code": "class Solution:\n    def sumAll(self, nums: List[int], k: int) -> int:\n        ",
            "difficulty": "hard",
            "public_test_cases": json.dumps(functional),
            "private_test_cases": json.dumps([{"input": "[]\n0", "output": "0", "testtype": "functional"}]),
            "metadata": json.dumps({"func_name": "sumAll"}),
        },
    ]
    write_lines(folder / "test.jsonl", rows[:1])
    write_lines(folder / "test2.jsonl", rows[1:])
    return 2


DEBUG_SOLUTION = "class Solution:\n    def largest(self, nums: List[int]) -> int:\n        return max(nums)\n"
DEBUG_ROW = {
    "slug": "largest",
    "examples": ["Input: nums = [1,5,2]\nOutput: 5\nExplanation: 5 is largest.", "Input: nums = [-1]\nOutput: -1"],
    "constraints": "1 <= nums.length",
    "level": "easy",
    "buggy_code": "\nclass Solution:\n    def largest(self, nums: List[int]) -> int:\n        return min(nums)\n",
}


def debugbench_original(folder: Path) -> int:
    row = {**DEBUG_ROW, "description": "Find the largest.", "oracle_code": DEBUG_SOLUTION, "explanations": "min"}
    write_text(folder / "benchmark/python3_variable error.json", json.dumps([row]))
    write_text(folder / "benchmark/cpp_double.json", json.dumps([row]))
    write_text(folder / "dataset_construction/cases/python3.json", json.dumps([{"other": 1}]))
    return 1


def debugbench_hub(folder: Path) -> int:
    row = {
        **DEBUG_ROW,
        "question": "Find the largest.",
        "solution": DEBUG_SOLUTION,
        "language": "python3",
        "category": "logic error",
        "subtype": "variable error",
    }
    write_text(folder / "debugbench.json", json.dumps([row, {**row, "language": "java"}]))
    return 1


USACO_ROW = {
    "name": "Cow Sum",
    "problem_level": "gold",
    "problem_id": "1_gold_cow_sum",
    "description": "Add the numbers of the cows.",
    "num_tests": 2,
    "runtime_limit": 2,
    "memory_limit": 256,
    "solution_python3": "print(sum(map(int, input().split())))",
}


def usaco_folders(folder: Path) -> int:
    base = folder / "data/datasets"
    write_text(base / "usaco_subset307_dict.json", json.dumps({"1_gold_cow_sum": USACO_ROW}))
    for number, (given, wanted) in enumerate((("1 2\n", "3\n"), ("4 5 6\n", "15\n")), start=1):
        write_text(base / f"usaco_v3/tests/1_gold_cow_sum/{number}.in", given)
        write_text(base / f"usaco_v3/tests/1_gold_cow_sum/{number}.out", wanted)
    return 1


def usaco_old_names(folder: Path) -> int:
    write_text(
        folder / "usaco_v2_dict.json",
        json.dumps({"1_gold_cow_sum": {**USACO_ROW, "problem_level": "bronze", "num_tests": 1}}),
    )
    write_text(folder / "tests/1_gold_cow_sum/I.1", "1 2\n")
    write_text(folder / "tests/1_gold_cow_sum/O.1", "3\n")
    return 1


def cruxeval_lines(folder: Path) -> int:
    row = {"code": "def f(text, n):\n    return text * n", "input": "'ab', 2", "output": "'abab'", "id": "sample_0"}
    write_lines(folder / "data/cruxeval.jsonl", [row])
    return 2


BIGCODE_ROW = {
    "task_id": "BigCodeBench/0",
    "complete_prompt": 'import json\n\ndef task_func(text):\n    """Length of the list in text."""\n',
    "instruct_prompt": "Give the length of the JSON list in text.\nStart with:\n"
    "```\nimport json\ndef task_func(text):\n```",
    "canonical_solution": "    return len(json.loads(text))",
    "code_prompt": "import json\ndef task_func(text):\n",
    "test": "import unittest\nclass TestCases(unittest.TestCase):\n    def test_two(self):\n"
    "        self.assertEqual(task_func('[1, 2]'), 2)\n    def test_none(self):\n"
    "        self.assertEqual(task_func('[]'), 0)\n",
    "entry_point": "task_func",
    "libs": "['json', 'unittest']",
}


def bigcodebench_parquet(folder: Path) -> int:
    write_parquet(folder / "data/v0.1.4-00000-of-00001.parquet", [BIGCODE_ROW])
    old = {**BIGCODE_ROW, "instruct_prompt": "An older wording."}
    write_parquet(folder / "data/v0.1.0_hf-00000-of-00001.parquet", [old])
    return 1


def bigcodebench_gzip(folder: Path) -> int:
    write_lines(folder / "BigCodeBench-Hard-v0.1.4.jsonl.gz", [BIGCODE_ROW])
    return 1


def gaia_lines(folder: Path) -> int:
    rows = [
        {"task_id": "a", "Question": "How many towers?", "Level": 1, "Final answer": "17", "file_name": ""},
        {"task_id": "b", "Question": "Which town?", "Level": "3", "Final answer": "Exampleton", "file_name": ""},
        {"task_id": "c", "Question": "What is in it?", "Level": 2, "Final answer": "ink", "file_name": "c.png"},
    ]
    write_lines(folder / "2023/validation/metadata.jsonl", rows)
    write_lines(folder / "2023/test/metadata.jsonl", [{**rows[0], "Final answer": "?"}])
    write_text(folder / "2023/validation/attachment.json", "{}")
    return 2


def simpleqa_zip(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "simpleqa.zip", "w") as archive:
        archive.writestr("simple_qa_test_set.csv", "metadata,problem,answer\n{},Who?,Ada Example\n")
    return 1


LAYOUTS: dict[str, tuple[str, Callable[[Path], int]]] = {
    "mmlu, original": ("mmlu", mmlu_original),
    "mmlu, parquet": ("mmlu", mmlu_parquet),
    "gsm8k, lines": ("gsm8k", gsm8k_lines),
    "gsm8k, parquet": ("gsm8k", gsm8k_parquet),
    "math, lines": ("math_500", math_lines),
    "math, original": ("math_500", math_original),
    "humaneval, gzip": ("humaneval", humaneval_gzip),
    "humaneval, parquet": ("humaneval", humaneval_parquet),
    "mbpp, lines": ("mbpp", mbpp_lines),
    "mbpp, sanitized": ("mbpp", mbpp_sanitized),
    "arc, lines": ("arc", arc_lines),
    "arc, parquet": ("arc", arc_parquet),
    "hellaswag, lines": ("hellaswag", hellaswag_lines),
    "hellaswag, parquet": ("hellaswag", hellaswag_parquet),
    "ifeval, lines": ("ifeval", ifeval_lines),
    "ifeval, parquet": ("ifeval", ifeval_parquet),
    "gpqa, csv": ("gpqa", gpqa_csv),
    "simpleqa, csv": ("simpleqa", simpleqa_csv),
    "simpleqa, zip": ("simpleqa", simpleqa_zip),
    "hotpotqa, json": ("hotpotqa", hotpotqa_json),
    "hotpotqa, parquet": ("hotpotqa", hotpotqa_parquet),
    "livecodebench, lines": ("livecodebench", livecodebench_lines),
    "debugbench, original": ("debugbench", debugbench_original),
    "debugbench, hub": ("debugbench", debugbench_hub),
    "usaco, folders": ("usaco", usaco_folders),
    "usaco, old names": ("usaco", usaco_old_names),
    "cruxeval, lines": ("cruxeval", cruxeval_lines),
    "bigcodebench, parquet": ("bigcodebench", bigcodebench_parquet),
    "bigcodebench, gzip": ("bigcodebench", bigcodebench_gzip),
    "gaia, lines": ("gaia", gaia_lines),
}
