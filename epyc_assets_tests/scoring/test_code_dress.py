# ruff: noqa: E501 - answers stay as they are
"""Code is found whole in whatever models and web pages wrap it in, and text that is not closed takes no time."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from epyc_assets.sandbox.programs import _without_comments, _without_package
from epyc_assets.scoring.code_blocks import find_program
from epyc_assets.scoring.code_trees import parsed

CODE = (
    "def f(x: int) -> int:\n    # it's <b> & co\n    if x < 3 and x > 0:\n        return x * 10\n\n"
    "    s = [y for y in range(x)]\n    return 10 * len(s)"
)


def fenced(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}\n```"


def each_line(form: str, first: int = 1) -> str:
    return "\n".join(form.format(number, line) for number, line in enumerate(CODE.split("\n"), first))


ESCAPED = html.escape(CODE)
DRESSED = {
    "numbers": fenced(each_line("{:2d}  {}")),
    "numbers with a colon": fenced(each_line("{}: {}", 3)),
    "numbers with a bar": fenced(each_line("{:3d} | {}")),
    "numbers and a tab, no fence": each_line("{:6d}\t{}"),
    "a diff": fenced(
        "--- a/s.py\n+++ b/s.py\n@@ -1,2 +1,7 @@\n-def f(x):\n-    return 0\n" + each_line("+{1}"), "diff"
    ),
    "a diff with context": fenced(
        "@@ -1,8 +1,7 @@\n" + each_line(" {1}").replace("         return x", "-        return 0\n+        return x"),
        "diff",
    ),
    "added lines": fenced(each_line("+ {1}")),
    "HTML entities": fenced(ESCAPED),
    "HTML entities that parse": fenced(html.escape("def f(x):\n    return x * 10 if x < 99 else 0")),
    "HTML": f"<p>Use <code>f</code>:</p>\n<pre><code class='language-python'>{ESCAPED}</code></pre>\n<p>Done</p>",
    "bare HTML": f"<PRE>\n{CODE}\n</PRE>",
    "blanks that do not break": fenced(CODE.replace("    ", "\u00a0" * 4)),
    "blanks that do not break, in HTML": fenced(ESCAPED.replace("    ", "&nbsp;" * 4)),
    "a blank without width": fenced(CODE.replace("def", "\u200bdef")),
    "JSON": json.dumps({"explanation": "It multiplies.", "code": CODE}),
    "fenced JSON with a fence within": fenced(json.dumps({"solution": fenced(CODE)}), "json"),
    "indented Markdown": "The code:\n\n" + each_line("    {1}") + "\n\nThat is it.",
    "a notebook": fenced("!pip install x\n%matplotlib inline\n" + CODE),
    "single backticks": f"`{CODE}`",
    "an end mark": CODE + "<|im_end|>",
    "a mark of another kind": CODE + "</s>",
    "a signature after it": fenced(CODE) + "\nIts signature:\n" + fenced("def f(x: int) -> int: ..."),
    "a part after it": fenced(CODE.replace("x * 10", "TEN * x")) + "\nwhere\n" + fenced("TEN = 10"),
}


@pytest.mark.parametrize("dress", DRESSED)
def test_code_is_found_in_what_it_wears(dress: str) -> None:
    found = find_program(DRESSED[dress], "python", "f", "")
    names: dict[str, Any] = {}
    exec(found.source, names)
    assert [names["f"](x) for x in (1, 2, 5)] == [10, 20, 50], found.source


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    return x.replace('<', '&lt;')", "def f(x, lt=1):\n    return x &lt",
        "def f(x):\n    return '''\n1 a\n2 b\n'''", "def f(x):\n    return (+x\n+ 1)", "def f(x):\n    return '\u00a0' + x",
    ],
)  # fmt: skip
def test_code_that_wears_nothing_stays_as_it_is(code: str) -> None:
    assert find_program(fenced(code), "python", "f", "").source.strip() == code.strip()


def test_other_languages_are_read_from_html_and_end_with_their_last_bracket() -> None:
    code = '#include <cstdio>\nint main() { for (int i = 0; i < 3; i++) std::puts("a"); }'
    for answer in (
        html.escape(code),
        f"<pre>{html.escape(code)}</pre>",
        f"Here:\n{code}\n\nIt prints three lines.\n</answer>",
    ):
        assert find_program(answer, "cpp", None, "").source.strip() == code


def test_names_in_comments_and_literals_of_java_do_not_count() -> None:
    source = '// package a;\n/* package b;\n*/ package c.d;\nclass A { char b = \'{\'; String s = "}\\"}"; }'
    assert _without_package(source) == source.replace("package c.d;", "")
    assert _without_comments(source).count("{") == 1
    assert not _without_comments("/* " * 20_000).strip(), "a comment that is not closed reaches to the end"
    assert not _without_comments('"' + '\\"' * 20_000).strip()


@pytest.mark.parametrize("part", ["<pre>", "<pre>\n</pre>", "&lt;", "+x y\n", "1 x y\n", "`x\n", "</s>", "    x y\n\n"])
def test_much_of_what_is_no_code_is_read_and_gives_none(part: str) -> None:
    """Searches that begin anew at each of the parts would take minutes here."""
    text = part * (60_000 // len(part))
    assert parsed(find_program(text, "python", "f", "").source) is None
    assert "class" not in find_program(text, "java", None, "").source
