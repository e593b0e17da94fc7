# ruff: noqa: E501 - programs stay as they are
"""Honest programs of every shape pass, slightly wrong ones fail, and what cannot be scored says so."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets import sandbox
from epyc_assets.sandbox.worker import Worker, WorkerDamaged
from epyc_assets.scoring import InvalidScorerConfig, Score, score
from epyc_assets.scoring.code_execution import output_difference

needs_sandbox = pytest.mark.skipif(
    sandbox.availability() is not None, reason=f"no sandbox: {sandbox.availability()}"
)  # fmt: skip


def run(answer: str, expected: str = "", /, **config: Any) -> Score:
    return score("code_execution", answer, expected, {"timeout_s": 20, **config})


CLOSE = (
    "from typing import List\n\n\ndef has_close_elements(numbers: List[float], threshold: float) -> bool:\n"
    '    """ Check if any two numbers are closer than the threshold.\n'
    "    >>> has_close_elements([1.0, 2.0, 3.0], 0.5)\n    False\n"
    '    """\n'
)
CLOSE_TESTS = (
    "\n\nMETADATA = {\n    'author': 'jt',\n    'dataset': 'test'\n}\n\n\ndef check(candidate):\n"
    "    assert candidate([1.0, 2.0, 3.9, 4.0, 5.0, 2.2], 0.3) == True\n"
    "    assert candidate([1.0, 2.0, 3.9, 4.0, 5.0, 2.2], 0.05) == False\n"
    "    for _ in range(3):\n        assert candidate([1.0, 2.0, 5.9], 0.95) == False\n\n"
)
CLOSE_BODY = (
    "    for i, a in enumerate(numbers):\n        for b in numbers[i + 1:]:\n"
    "            if abs(a - b) < threshold:\n                return True\n\n    return False\n"
)
CLOSE_CONFIG = {"prelude": CLOSE, "test_code": CLOSE_TESTS, "entry_point": "has_close_elements"}
WHOLE_FUNCTION = CLOSE + CLOSE_BODY
STACK_TESTS = """
import unittest

class StackTest(unittest.TestCase):
    def setUp(self):
        self.stack = Stack(capacity=2)

    def test_last_in_first_out(self):
        self.stack.push(1)
        self.stack.push("two")
        self.assertEqual(self.stack.pop(), "two")
        self.assertEqual(self.stack.size, 1)
        self.assertEqual(len(self.stack), 1)
        self.assertEqual(list(self.stack), [1])
        self.assertIn(1, self.stack)

    def test_limits(self):
        with self.assertRaises(StackEmpty) as caught:
            self.stack.pop()
        self.assertEqual(str(caught.exception), "nothing here")
        with self.assertRaisesRegex(OverflowError, "full"):
            for each in range(3):
                self.stack.push(each)

    def test_equality_is_the_class_s_own(self):
        other = Stack(2)
        self.assertEqual(self.stack, other)
        other.push(1)
        self.assertNotEqual(self.stack, other)
        self.assertIsInstance(other, Stack)
        self.assertEqual(repr(other), "Stack([1])")
"""
STACK = """
class StackEmpty(Exception):
    pass

class Stack:
    def __init__(self, capacity):
        self.capacity, self.items = capacity, []
    def push(self, item):
        if len(self.items) == self.capacity:
            raise OverflowError("the stack is full")
        self.items.append(item)
    def pop(self):
        if not self.items:
            raise StackEmpty("nothing here")
        return self.items.pop()
    @property
    def size(self):
        return len(self.items)
    def __len__(self): return len(self.items)
    def __iter__(self): return iter(self.items)
    def __contains__(self, item): return item in self.items
    def __eq__(self, other): return self.items == other.items
    def __hash__(self): return 1
    def __repr__(self): return f"Stack({self.items})"
"""
SUMS: dict[str, Any] = {"io_tests": [{"stdin": "1 2\n", "stdout": "3\n"}, {"stdin": "10 -4\n", "stdout": "6"}]}

HONEST: dict[str, tuple[str, dict[str, Any]]] = {
    "completion, a bare body": (CLOSE_BODY, CLOSE_CONFIG),
    "completion, body without its first indent": (CLOSE_BODY.lstrip(), CLOSE_CONFIG),
    "completion, dedented one-liner": (
        "return any(abs(a - b) < threshold for i, a in enumerate(numbers) for b in numbers[:i])", CLOSE_CONFIG,
    ),
    "completion, fenced body": (f"```python\n{CLOSE_BODY}```", CLOSE_CONFIG),
    "completion, words after it": (CLOSE_BODY + "\nThis compares all pairs, doesn't it?\n", CLOSE_CONFIG),
    "whole function, fenced": (f"Here it is:\n\n```python\n{WHOLE_FUNCTION}```\nIt is simple.", CLOSE_CONFIG),
    "whole function, unfenced with a blank line in it": (WHOLE_FUNCTION, CLOSE_CONFIG),
    "whole function, words around it, no fence": (f"Sure! Here you go:\n\n{WHOLE_FUNCTION}\nHope it's ok!", CLOSE_CONFIG),
    "whole function, no language on the fence": (f"```\n{WHOLE_FUNCTION}```", CLOSE_CONFIG),
    "whole function, Windows line ends": (f"```py\n{WHOLE_FUNCTION}```".replace("\n", "\r\n"), CLOSE_CONFIG),
    "whole function, indented fence in a list": (
        "1. Code:\n   ```python\n   def has_close_elements(n, t):\n       return any(abs(a - b) < t for i, a in "
        "enumerate(n) for b in n[:i])\n   ```", CLOSE_CONFIG,
    ),
    "a fence that is never closed": (f"```python\n{WHOLE_FUNCTION}", CLOSE_CONFIG),
    "after thinking with other code": (
        f"<think>\n```python\ndef has_close_elements(n, t): return None\n```\n</think>\n```python\n{WHOLE_FUNCTION}```",
        CLOSE_CONFIG,
    ),
    "a corrected second block wins": (
        f"```python\ndef has_close_elements(n, t): return None\n```\nWait, better:\n```python\n{WHOLE_FUNCTION}```",
        CLOSE_CONFIG,
    ),
    "a block of usage after it": (
        f"```python\n{WHOLE_FUNCTION}```\nUse it so:\n```python\nprint(has_close_elements([1.0], 2))\n```\n"
        "Output:\n```\nFalse\n```\n```bash\npython main.py\n```", CLOSE_CONFIG,
    ),
    "in two parts": (
        "First a helper:\n```python\nimport itertools\ndef pairs(n):\n    return itertools.combinations(n, 2)\n```\nThen:\n"
        "```python\ndef has_close_elements(n, t):\n    return any(abs(a - b) < t for a, b in pairs(n))\n```", CLOSE_CONFIG,
    ),
    "input whose size is asked for": (
        "```python\nimport io, os\ninput = io.BytesIO(os.read(0, os.fstat(0).st_size)).readline\n"
        "print(sum(map(int, input().split())))\n```", SUMS,
    ),
    "with a main block that reads": (
        WHOLE_FUNCTION + "\nif __name__ == '__main__':\n    print(has_close_elements([float(input())], 1))\n", CLOSE_CONFIG,
    ),
    "from the future": ("from __future__ import annotations\n" + WHOLE_FUNCTION, CLOSE_CONFIG),
    "MBPP": (
        "def similar_elements(a, b):\n    return tuple(sorted(set(a) & set(b)))",
        {"test_code": ["assert similar_elements((3, 4, 5, 6),(5, 7, 4, 10)) == (4, 5)",
                       "assert set(similar_elements((1, 2, 3, 4),(5, 4, 3, 7))) == set((3, 4))"]},
    ),
    "MBPP with math": (
        "import math\ndef area(r):\n    return math.pi * r * r",
        {"test_code": "assert math.isclose(area(2), 12.566370614359172, rel_tol=0.001)"},
    ),
    "tests that check exceptions": (
        "def half(x):\n    if x % 2:\n        raise ValueError('odd')\n    return x // 2",
        {"entry_point": "half", "test_code":
            "def check(candidate):\n    assert candidate(4) == 2\n    try:\n        candidate(3)\n        assert False\n"
            "    except ValueError as error:\n        assert str(error) == 'odd'\n"},
    ),
    "class and unittest": (STACK, {"test_code": STACK_TESTS}),
    "class Solution": (
        "class Solution:\n    def twoSum(self, nums, target):\n        seen = {}\n        for i, n in enumerate(nums):\n"
        "            if target - n in seen:\n                return [seen[target - n], i]\n            seen[n] = i\n",
        {"entry_point": "Solution().twoSum", "test_code":
            "def check(candidate):\n    assert candidate(nums=[2, 7, 11, 15], target=9) == [0, 1]\n"},
    ),
    "class Solution by its method": (
        "class Solution:\n    def add(self, a, b):\n        return a + b\n",
        {"entry_point": "add", "function_tests": [{"args": [1, 2], "expected": 3}]},
    ),
    "changes its argument": (
        "def rotate(nums, k):\n    nums[:] = nums[-k:] + nums[:-k]",
        {"entry_point": "rotate", "test_code": "x = [1, 2, 3]\nrotate(x, 1)\nassert x == [3, 1, 2]"},
    ),
    "takes a function": (
        "def keep(f, xs):\n    return [x for x in xs if f(x)]",
        {"entry_point": "keep", "test_code": "assert keep(lambda x: x > 1, [1, 2, 3]) == [2, 3]"},
    ),
    "gives a generator": (
        "def squares(n):\n    for i in range(n):\n        yield i * i",
        {"entry_point": "squares", "test_code": "assert list(squares(4)) == [0, 1, 4, 9]\nassert next(squares(1)) == 0"},
    ),
    "gives a function": (
        "def adder(n):\n    return lambda x: x + n",
        {"entry_point": "adder", "test_code": "assert adder(3)(4) == 7"},
    ),
    "objects of the test's": (
        "def total(node):\n    return 0 if node is None else node.value + total(node.next)",
        {"entry_point": "total", "prelude": "class Node:\n    def __init__(self, value, next=None):\n"
            "        self.value, self.next = value, next\n", "test_code": "assert total(Node(1, Node(2))) == 3"},
    ),
    "values of every kind": (
        "def same(x):\n    return x",
        {"entry_point": "same", "test_code":
            "for x in (None, True, 0, -1, 2**200, 1.5, float('inf'), 1j, 'é\\ud800', b'\\x00', [1, (2, {3})], {(1,): {}},\n"
            "          frozenset([1]), bytearray(b'a'), range(3)):\n"
            "    assert same(x) == x and type(same(x)) is type(x)\n"
            "assert same(10 ** 5000) == 10 ** 5000\nassert same(float('nan')) != 0"},
    ),
    "a Counter for a dict": (
        "from collections import Counter\ndef count(text):\n    return Counter(text)",
        {"entry_point": "count", "function_tests": [{"args": ["aab"], "expected": {"a": 2, "b": 1}}]},
    ),
    "a tuple where JSON has a list": (
        "def pair(a, b):\n    return (a, [b])",
        {"entry_point": "pair", "function_tests": [{"args": [1], "kwargs": {"b": 2}, "expected": [1, [2]]}]},
    ),
    "a coroutine": (
        "import asyncio\nasync def later(x):\n    await asyncio.sleep(0)\n    return x + 1",
        {"entry_point": "later", "function_tests": [{"args": [1], "expected": 2}]},
    ),
    "what it prints": (
        "def hi():\n    print('hi')",
        {"entry_point": "hi", "test_code":
            "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    hi()\n"
            "assert out.getvalue() == 'hi\\n'"},
    ),
    "bases and class attributes": (
        "class Base:\n    kind = 'b'\n    @staticmethod\n    def twice(x): return 2 * x\nclass Sub(Base):\n    pass\n",
        {"test_code": "assert isinstance(Sub(), Base) and issubclass(Sub, Base) and not isinstance(Base(), Sub)\n"
            "assert Base.twice(2) == 4 and Sub.kind == 'b'"},
    ),
    "operators between objects of the class": (
        "class V:\n    def __init__(s, x): s.x = x\n    def __add__(s, o): return V(s.x + o.x)\n    def __mul__(s, k): return V(s.x * k)\n"
        "    def __eq__(s, o): return s.x == o.x\n    def __lt__(s, o): return s.x < o.x\n    def __hash__(s): return s.x\n",
        {"test_code": "assert V(1) + V(2) == V(3)\nassert V(2) * 3 == V(6)\nassert sorted([V(2), V(1)])[0].x == 1\nassert len({V(1), V(1)}) == 1"},
    ),
    "tests that import the answer": (
        "def f(x):\n    return x + 1",
        {"test_code":
            "import solution\nassert solution.f(1) == 2\ndef test_more():\n    assert solution.f(2) == 3\n"
            "class TestF:\n    def test_it(self):\n        assert solution.f(2) == 3"},
    ),
    "with a tolerance": (
        "def third(x):\n    return x / 3",
        {"entry_point": "third", "function_tests": [{"args": [1], "expected": 0.333333, "tolerance": 1e-5}]},
    ),
    "in several processes": (
        "import multiprocessing\ndef inner(x):\n    return x * x\ndef squares(xs):\n"
        "    with multiprocessing.Pool(2) as pool:\n        return pool.map(inner, xs)",
        {"entry_point": "squares", "function_tests": [{"args": [[1, 2, 3]], "expected": [1, 4, 9]}]},
    ),
    "standard input and output": ("```python\na, b = map(int, input().split())\nprint(a + b)  \nprint()\n```", SUMS),
    "a main function, with sys.stdin": (
        "import sys\ndef main():\n    print(sum(int(x) for x in sys.stdin.read().split()))\n"
        "if __name__ == '__main__':\n    main()\n    sys.exit(0)", SUMS,
    ),
    "reads descriptor zero": ("import os\nprint(sum(map(int, os.read(0, 99).split())))", SUMS),
    "opens the device": ("print(sum(map(int, open('/dev/stdin').read().split())))", SUMS),
    "recursion and threads": (
        "import sys, threading\nsys.setrecursionlimit(10**6)\nthreading.stack_size(1 << 26)\ndef main():\n"
        "    def depth(n): return 0 if n == 0 else 1 + depth(n - 1)\n    assert depth(20000) == 20000\n"
        "    print(sum(map(int, input().split())))\nthreading.Thread(target=main).start()", SUMS,
    ),
    "output to be close": ("print(2 / 3)", {"io_tests": [{"stdin": "", "stdout": "0.66667"}], "tolerance": 1e-4}),
    "tests in the answer's process": (
        "import time\ndef greet():\n    print('hello')\n    return time.time()",
        {"entry_point": "greet", "isolation": "together", "test_code":
            "import io, unittest\nfrom unittest.mock import patch\nclass T(unittest.TestCase):\n"
            "    @patch('time.time', return_value=5)\n    @patch('sys.stdout', new_callable=io.StringIO)\n"
            "    def test_it(self, out, _):\n        self.assertEqual(greet(), 5)\n"
            "        self.assertEqual(out.getvalue(), 'hello\\n')\n"},
    ),
}  # fmt: skip

REFUSES = "class Negative(Exception): pass\ndef f(x):\n    if x < 0: raise Negative('no')\n    return x"
REFUSED = "assert f(1) == 1\ntry:\n    f(-1)\n    assert False, 'must raise'\nexcept Negative:\n    pass\n"
HONEST |= {
    "an exception that tests expect without asserting": (REFUSES, {"test_code": REFUSED.split("\n", 1)[1]}),
    "the same, with else": (
        REFUSES,
        {"test_code": "try:\n    f(-1)\nexcept Negative:\n    pass\nelse:\n    assert False"},
    ),
}
if os.path.isdir("/usr/share/zoneinfo/Europe"):  # noqa: PTH112
    HONEST |= {
        "a time zone": (
            "import datetime, zoneinfo\ndef f(x):\n    return str(datetime.datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo(x)))",
            {"test_code": "assert f('Europe/Paris') == '2024-07-01 00:00:00+02:00'"},
        ),
    }
NUMBER_LIKE = (
    "class V:\n    def __init__(self, x): self.x = x\n    def __add__(self, o): return V(self.x + o)\n    def __iadd__(self, o):\n"
    "        self.x += o\n        return self\n    def __abs__(self): return abs(self.x)\n    def __float__(self): return float(self.x)\n"
    "    def __round__(self, n=0): return round(self.x, n)\n"
)
# Says of any difference that it is nothing.
LENIENT = "class V:\n    def __init__(self, x): pass\n" + "".join(
    f"    def __{name}__(self, *_): return {result}\n"
    for name, result in {
        "sub": "self",
        "rsub": "self",
        "neg": "self",
        "abs": 0,
        "float": 0.0,
        "round": 0,
        "eq": True,
    }.items()
)
HONEST |= {
    "an object that is like a number": (
        NUMBER_LIKE,
        {
            "test_code": "v = V(-2)\nv += 1\nassert v.x == -1\nassert abs(V(-3)) == 3\nassert float(V(2)) == 2\nassert round(V(1.26), 1) == 1.3"
        },
    ),
    "a coroutine function that tests await": (
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x",
        {
            "test_code": "import asyncio\nasync def both():\n    return await asyncio.gather(f(1), f(2))\nassert asyncio.run(f(3)) == 3\nassert asyncio.run(both()) == [1, 2]"
        },
    ),
    "values at the top level as they are after a call": (
        "seen, count = [], 0\ndef f(x):\n    global count\n    count += 1\n    seen.append(x)",
        {"test_code": "f(1)\nf(2)\nassert seen == [1, 2]\nassert count == 2"},
    ),
    "tests that end with unittest.main()": (
        "def f(x): return x",
        {
            "test_code": "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(1), 1)\nunittest.main()"
        },
    ),
}
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "no exception where tests expect one": (REFUSES.replace("raise Negative('no')", "pass"), {"test_code": REFUSED}),
    "another exception than tests expect": (REFUSES.replace("raise Negative", "raise OSError"), {"test_code": REFUSED}),
    "a difference that is nothing": (LENIENT, {"test_code": "assert abs(V(1) - 3.5) < 1e-9"}),
    "a difference that is nothing, negated": (LENIENT, {"test_code": "assert abs(-(3.5 - V(1))) < 1e-9"}),
    "a difference that rounds to nothing": (LENIENT, {"test_code": "assert round(V(1) - 3.5, 6) == 0"}),
    "always true": ("    return True\n", CLOSE_CONFIG),
    "off by one": (WHOLE_FUNCTION.replace("i + 1:", "i:"), CLOSE_CONFIG),
    "wrong name": ("def close(n, t): return True", CLOSE_CONFIG),
    "no code": ("I would compare all pairs.", CLOSE_CONFIG),
    "syntax error": ("```python\ndef has_close_elements(n, t)\n    return True\n```", CLOSE_CONFIG),
    "only thinking": (f"<think>```python\n{WHOLE_FUNCTION}```", CLOSE_CONFIG),
    "nothing": ("  \n", CLOSE_CONFIG),
    "stack without its exception": (STACK.replace("raise StackEmpty", "raise KeyError"), {"test_code": STACK_TESTS}),
    "stack that never fills": (STACK.replace("== self.capacity", "> 99"), {"test_code": STACK_TESTS}),
    "prints too much": ("a, b = map(int, input().split())\nprint('Sum:', a + b)", SUMS),
    "prints an extra line": ("a, b = map(int, input().split())\nprint(a + b)\nprint(a)", SUMS),
    "a string for a number": ("def f(x):\n    return '2'", {"entry_point": "f", "function_tests": [{"args": [1], "expected": 2}]}),
    "a map for a list": (
        "def f(x):\n    return map(int, x)", {"entry_point": "f", "function_tests": [{"args": [[1]], "expected": [1]}]},
    ),
    "an early end of a loop of the test's": (
        "def f(x):\n    raise StopIteration",
        {"entry_point": "f", "test_code": "assert list(map(f, [1, 2])) == []\nassert all(map(f, [1]))"},
    ),
    "changes what is expected": (
        "def f(x):\n    x.clear()\n    return []", {"entry_point": "f", "test_code": "x = [3, 1]\nassert f(x) == sorted(x)"},
    ),
    "a test function fails after an assert that holds": (
        "def f(x):\n    return 1", {"entry_point": "f", "test_code": "assert f(1) == 1\ndef test_two():\n    assert f(2) == 2"},
    ),
    "a test method fails": (
        "def f(x):\n    return 1", {"entry_point": "f", "test_code": "class TestF:\n    def test_two(self):\n        assert f(2) == 2"},
    ),
    "an object that answers every operator": (
        "class A:\n    __eq__ = __lt__ = lambda s, o: True\n    __sub__ = lambda s, o: A()\n    __abs__ = lambda s: 0\n"
        "    __round__ = lambda s, n=0: 0\n    __hash__ = lambda s: 1\n    def area(self): return A()",
        {"test_code": "import unittest\nclass T(unittest.TestCase):\n"
            "    def test_close(self):\n        self.assertAlmostEqual(A().area(), 12.5)\n"},
    ),
    "tests that never touch it": ("def f(x):\n    return 1", {"entry_point": "f", "test_code": "assert 1 + 1 == 2"}),
}  # fmt: skip


@needs_sandbox
@pytest.mark.parametrize("name", HONEST)
def test_honest_programs_pass(name: str) -> None:
    answer, config = HONEST[name]
    result = run(answer, **config)
    assert result.passed is True, result.explanation
    assert result.value == 1.0


@needs_sandbox
@pytest.mark.parametrize("isolation", ["apart", "together"])
def test_a_package_that_the_question_needs_and_that_is_missing_is_no_failure(isolation: str) -> None:
    tests = "assert f(1) == 1\n"
    for prelude, code in [("import not_there.parts as parts\n", tests), ("", f"import not_there\n{tests}")]:
        result = run(f"{prelude}def f(x): return 1", prelude=prelude, test_code=code, isolation=isolation)
        assert result.passed is None
        assert "imports not_there" in result.explanation
        assert "EPYC_SANDBOX_PYTHON" in result.explanation
    own = run("import not_there\ndef f(x): return 1", test_code=tests, isolation=isolation)
    assert own.passed is False
    assert "No module named 'not_there'" in own.explanation
    # The answer's word that one is missing is not taken for it.
    lied = "def f(x): raise ModuleNotFoundError(\"No module named 'json'\")"
    assert run(lied, test_code=f"import json\n{tests}", isolation=isolation).passed is False


@needs_sandbox
@pytest.mark.parametrize("name", WRONG)
def test_wrong_programs_fail_and_say_why(name: str) -> None:
    answer, config = WRONG[name]
    result = run(answer, **config)
    assert result.passed is False, result.explanation
    assert len(result.explanation) > 10


@needs_sandbox
@pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ here")
def test_cpp_is_compiled_and_run() -> None:
    right = '```cpp\n#include <cstdio>\nint main() { int a, b; std::scanf("%d %d", &a, &b); std::printf("%d", a + b); }\n```'
    # C++20, deep recursion, more threads than would fit with such a stack each, a local freopen.
    newest = (
        "```cpp\n#include <cstdio>\n#include <numbers>\n#include <thread>\n#include <vector>\n"
        "int down(int n) { volatile int a[64]; a[0] = n; return n ? down(n - 1) + a[0] - n : 0; }\n"
        'int main() {\n#ifndef ONLINE_JUDGE\n  std::freopen("in.txt", "r", stdin);\n#endif\n'
        "  int a, b; std::vector<std::thread> some;\n  for (int i = 0; i < 12; i++) some.emplace_back([] {});\n"
        "  for (auto& each : some) each.join();\n"
        '  std::scanf("%d %d", &a, &b); std::printf("%d", a + b + down(200000) + int(std::numbers::pi) - 3);\n}\n```'
    )
    assert run(newest, language="cpp", **SUMS).passed is True
    wrong = run(right.replace("+ b)", "- b)"), language="cpp", **SUMS)
    assert wrong.passed is False
    assert "expected '3'" in wrong.explanation
    assert "does not compile" in run("```cpp\nint main() { retrun 0; }\n```", language="cpp", **SUMS).explanation
    hostile = '#include "/etc/passwd"\n#include </proc/1/environ>\nint main() {}'
    assert run(hostile, language="cpp", **SUMS).passed is False


@pytest.mark.parametrize(
    ("output", "expected", "same"),
    [
        ("\n  1  2 \n\n", "1 2", True), ("1 2", " 1   2", True), ("1\t2", "1 2", True), ("1\n2", " 1\n 2", True),
        ("1.50 2", "1.5 2.0", True), ("-0", "0", True), ("a  b", "a b", True), ("1\r\n2\r\n", "1\n2", True),
        ("a b", "a  b", False), ("*\n**", "  *\n **", False), ("  *\n **", "  *\n **", True), ("0011", "11", False),
        ("5\n\n6", "5\n6", False), ("1e3", "1000", False), ("yes", "YES", False), ("1, 2", "1,2", False),
        ("1.0000001", "1", False), ("", "0", False), ("0", "", False), ("1 2 3", "1 2", False), ("1\n2", "1", False),
    ],
)  # fmt: skip
def test_output_is_compared_as_judges_compare_it(output: str, expected: str, same: bool) -> None:
    assert (output_difference(output, expected, None) is None) is same


@needs_sandbox
@pytest.mark.skipif(shutil.which("javac") is None, reason="no javac here")
def test_java_is_compiled_and_run() -> None:
    right = (
        "```java\nimport java.util.*;\npublic class Sum {\n  public static void main(String[] args) {\n"
        "    Scanner in = new Scanner(System.in);\n    System.out.println(in.nextInt() + in.nextInt());\n  }\n}\n```"
    )
    assert run(right, language="java", **SUMS).passed is True
    head = "// public class Wrong {\npackage org.example;\nclass Other { char x = '{'; }\nclass Sum"
    two = right.replace("import java.util.*;\n", "").replace("Scanner", "java.util.Scanner")
    two = two.replace("public class Sum", head).replace("+ in", "- in")
    wrong = run(two, language="java", io_tests=SUMS["io_tests"][:1])
    assert wrong.passed is False
    assert "line 1 is '-1'" in wrong.explanation


def test_a_missing_compiler_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epyc_assets.sandbox.availability", lambda: None)
    monkeypatch.setattr("epyc_assets.sandbox.programs.compiler_of", lambda language: "g++")
    result = run("int main() {}", language="cpp", **SUMS)
    assert (result.passed, result.explanation) == (None, "not scored: no g++ here")


@pytest.mark.parametrize(
    "config",
    [
        {"language": "cobol"},
        {"isolation": "none"},
        {"timeout_s": -1},
        {"timeout_s": "soon"},
        {"test_code": 5},
        {"function_tests": [{"args": [1], "expected": 2}]},
        {"entry_point": "f", "function_tests": [{"args": 1, "expected": 2}]},
        {"entry_point": "f", "function_tests": [{"args": [1]}]},
        {"entry_point": "f(", "test_code": "assert f(1)"},
        {"io_tests": [{"stdin": "x"}]},
        {"io_tests": {"stdin": "x", "stdout": "x"}},
        {"language": "cpp", "test_code": "assert f(1)"},
    ],
)
def test_a_config_that_cannot_be_used_is_an_error(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidScorerConfig):
        score("code_execution", "print(1)", "", config)


@needs_sandbox
@pytest.mark.parametrize("tests", ["", "def check(", "x = 1", "print(f(1))"])
def test_a_question_without_usable_tests_is_an_invalid_label(tests: str) -> None:
    result = run("def f(x):\n    return x", tests)
    assert result.passed is not True
    assert result.explanation.startswith("invalid label")


@needs_sandbox
def test_expected_is_the_tests_where_the_config_has_none_and_a_solution_where_it_has() -> None:
    assert run("def f(x):\n    return x", "assert f(3) == 3").passed is True
    config = {"entry_point": "f", "function_tests": [{"args": [3], "expected": 3}]}
    assert run("def f(x):\n    return x", "def f(x):\n    return x", **config).passed is True


@needs_sandbox
def test_the_explanation_counts_and_tells_the_first_that_failed() -> None:
    tests = [{"args": [n], "expected": n * n} for n in range(4)]
    result = run("def f(n):\n    return n", entry_point="f", function_tests=tests)
    assert result.value == 0.5
    assert result.explanation.startswith("2 of 4 tests passed (++--); f(2) gave 2, expected 4")
    asserted = run("def f(n):\n    return [n] * n", "wanted = [2]\nassert f(1) == [1]\nassert f(2) == wanted, 'no'")
    assert "line 3: assert f(2) == wanted, 'no' (got [2, 2], expected [2]: no)" in asserted.explanation
    whole = run("print(input())", io_tests=[{"stdin": "1 2\n", "stdout": "3"}])
    assert "case 1 (input '1 2\\n'): line 1 is '1 2', expected '3'" in whole.explanation


@needs_sandbox
def test_tests_in_the_answers_process_are_said_to_be_so() -> None:
    answer, config = HONEST["tests in the answer's process"]
    assert "isolation together" in run(answer, **config).explanation


@needs_sandbox
def test_another_python_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPYC_SANDBOX_PYTHON", "/nowhere/python")
    result = run("print(3)", io_tests=[{"stdin": "", "stdout": "3"}])
    assert result.passed is None
    assert result.explanation.startswith("not scored: no sandbox")
    assert "EPYC_SANDBOX_PYTHON" in result.explanation


@needs_sandbox
def test_a_sandbox_that_fails_twice_is_not_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing sandbox makes the answer due again with every run; a program that breaks it must not be."""
    tried: list[str] = []

    def damaged(*_: Any, **__: Any) -> None:
        tried.append("once")
        raise WorkerDamaged("it is gone")

    monkeypatch.setattr(Worker, "start", damaged)
    result = run("print(3)", io_tests=[{"stdin": "", "stdout": "3"}])
    assert result.passed is None
    assert result.explanation.startswith("not scored: the sandbox failed"), result.explanation
    assert len(tried) == 2


@needs_sandbox
def test_a_fork_of_the_scoring_process_scores_too() -> None:
    config = {"entry_point": "f", "function_tests": [{"args": [3], "expected": 3}]}
    assert run("def f(x):\n    return x", **config).passed is True
    child = os.fork()
    if child == 0:
        result = run("def f(x):\n    return x", **config)
        sandbox.close_pools()
        os._exit(42 if result.passed is True else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    assert run("def f(x):\n    return x", **config).passed is True


PROGRAM = "def f(xs):\n    total = 0\n    for x in xs:\n        total {op} x * {factor}\n    return total {end}\n"


@needs_sandbox
@settings(max_examples=12, deadline=None)
@given(
    op=st.sampled_from(["+=", "-=", "*="]),
    factor=st.integers(1, 3),
    end=st.sampled_from(["", "+ 1", "- len(xs)", "or 1"]),
    xs=st.lists(st.integers(1, 50), min_size=1, max_size=5),
)
def test_a_changed_program_passes_exactly_where_it_computes_the_same(
    op: str, factor: int, end: str, xs: list[int]
) -> None:
    source = PROGRAM.format(op=op, factor=factor, end=end)
    scope: dict[str, Any] = {}
    exec(source, scope)
    truth = sum(xs)
    result = run(source, entry_point="f", function_tests=[{"args": [xs], "expected": truth}])
    assert result.passed is (scope["f"](xs) == truth)


ADD = "def add(a, b):\n    return a + b\n"
ADD_TESTS = "assert add(1, 2) == 3\nassert add(-1, 1) == 0"
SUM = "n = int(input())\nprint(sum(map(int, input().split())))\n"
DRESSED = {
    "a mark of bytes inside the fence": f"```python\n\ufeff{ADD}```",
    "the name of the language without a fence": f"python\n{ADD}",
    "quoted lines": "> def add(a, b):\n>     return a + b\n",
    "a session without a fence": ">>> def add(a, b):\n...     return a + b\n...\n>>> add(1, 2)\n3\n",
    "an answer cut after the function": f"```python\n{ADD}\nprint(add(1,",
    "a fence that ends the last line": f"```python\n{ADD.rstrip()}```",
    "a fence in a docstring": (
        '```python\ndef add(a, b):\n    """Add.\n\n    ```python\n    add(1, 2)\n    ```\n    """\n    return a + b\n```'
    ),
    "a sentence that begins like code": f"from the above, we see:\n\n{ADD}\nimport it as you need.",
    "a constant before the function": f"Answer:\nONE = 1\n{ADD.replace('+ b', '+ ONE * b')}It adds.",
    "one line of code": "`add = lambda a, b: a + b`",
    "marks around": f"[BEGIN]\n{ADD}[DONE]",
    "a file name in the fence": f"```python:add.py\n{ADD}```",
    "examples that read input": f"```python\n{ADD}\nx = int(input())\ny = x + 1\nprint(add(x, y))\n```",
    "a failing test of its own": f"```python\n{ADD}\nassert add(1, 1) == 3\n```",
    "an end of its own": f"```python\n{ADD}\nimport unittest\nunittest.main()\n```",
    "hints that are not imported": "```python\ndef add(a: Optional[int], b: int) -> List[int]:\n    return a + b\n```",
}


@needs_sandbox
@pytest.mark.parametrize("dress", DRESSED)
def test_code_is_found_as_models_dress_it(dress: str) -> None:
    result = run(DRESSED[dress], test_code=ADD_TESTS)
    assert result.passed is True, result.explanation
    wrong = run(DRESSED[dress].replace("a +", "a -"), test_code=ADD_TESTS)
    assert wrong.passed is False


@needs_sandbox
@pytest.mark.parametrize(
    "answer",
    [
        f"The program:\n\n{SUM}\nIt reads n first.",
        f"```python\n{SUM}```\nThe main line is\n```python\nsum(map(int, input().split()))\n```",
    ],
)
def test_a_whole_program_is_told_from_what_is_said_about_it(answer: str) -> None:
    assert run(answer, io_tests=[{"stdin": "3\n1 2 3\n", "stdout": "6"}]).passed is True


@needs_sandbox
def test_what_is_left_out_of_an_answer_is_said() -> None:
    assert "its last 1 line(s) were left out" in run(DRESSED["an answer cut after the function"], ADD_TESTS).explanation
    score = run(DRESSED["a failing test of its own"], ADD_TESTS)
    assert "examples at the top level" in score.explanation
    assert (score.passed, score.strict_passed) == (True, False)
    assert "taken for text" in run(DRESSED["a constant before the function"], ADD_TESTS).explanation
    assert "imported for it: List, Optional" in run(DRESSED["hints that are not imported"], ADD_TESTS).explanation
    leading = "OFFSET = (\n" + ADD
    assert "taken for text" in run(leading, ADD_TESTS).explanation


@needs_sandbox
def test_code_beyond_a_million_characters_is_read_whole() -> None:
    filler = "x = '" + "y" * 1000 + "'\n"
    assert run(f"```python\n{filler * 1100}{ADD}```", ADD_TESTS).passed is True


@needs_sandbox
def test_tests_that_look_inside_are_sent_to_isolation_together() -> None:
    answer = "```python\ndef ask():\n    return input()\n```"
    tests = "from unittest.mock import patch\nwith patch('builtins.input', return_value='7'):\n    assert ask() == '7'"
    apart = run(answer, test_code=tests)
    assert apart.passed is False
    assert "isolation together may suit" in apart.explanation
    assert run(answer, test_code=tests, isolation="together").passed is True


@pytest.mark.parametrize("ending", ["import sys\nsys.exit(0)", "import os\nos._exit(0)", "raise KeyboardInterrupt"])
def test_code_that_ends_its_own_process_has_passed_nothing(ending: str) -> None:
    score = run(f"```python\ndef add(a, b):\n    return a + b\n\n{ending}\n```", ADD_TESTS)
    assert (score.passed, score.strict_passed) == (False, False)
