from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from epyc_assets.cli.main import command
from epyc_assets.scoring import SCORERS
from epyc_assets.scoring.verifiers import VERIFIERS


def score_one(answer: bytes | str, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(command, ["score", "one", *arguments], input=answer)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("answer", "arguments", "passed", "status"),
    [
        ("The answer is 42.\n", ["--method", "exact_match", "--expected", "42"], True, "scored"),
        ("The answer is 43.", ["--method", "exact_match", "--expected", "42"], False, "scored"),
        ("", ["--method", "exact_match", "--expected", "42"], False, "scored"),
        ("anything", ["--method", "substring", "--expected", ""], None, "invalid_label"),
        ("anything", ["--method", "judge", "--expected", "x"], None, "not_scored"),
        ("Brücke", ["--method", "substring", "--expected", "Brücke"], True, "scored"),
        ("-1", ["--method", "exact_match", "--expected", "-1"], True, "scored"),
    ],
)
def test_the_verdict_is_one_json_object_and_the_exit_code_0_whatever_it_says(
    answer: str, arguments: list[str], passed: bool | None, status: str
) -> None:
    code, output, _ = score_one(answer, *arguments, "--json")
    row = json.loads(output)
    assert (code, row["passed"], row["status"]) == (0, passed, status)
    assert row["explanation"]
    assert (row["value"] is None) is (passed is None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--method", "regex", "--expected", "x"], "exact_match, multiple_choice"),
        (
            ["--method", "programmatic", "--config", '{"instructions": [{"id": "no"}]}'],
            "epyc score methods --verifiers",
        ),
        (["--method", "exact_match", "--expected", "1", "--config", "{"], "--config is not JSON"),
        (["--method", "exact_match", "--expected", "1", "--config", "[1]"], "must be a JSON object"),
        (["--method", "exact_match", "--expected", "1", "--config", '{"tolerance": "x"}'], "'tolerance'"),
        (["--method", "exact_match", "--expected", "1", "--config", "@/no/such/file"], "cannot be read"),
        (["--method", "exact_match", "--expected", "1", "--answer", "/no/such/file"], "cannot be read"),
        (["--method", "tool_call", "--expected", "x"], "call as JSON"),
        (["--method", "multiple_choice", "--expected", "Z"], "neither one of the letters"),
    ],
)
def test_what_cannot_be_meant_is_a_message_and_exit_code_2(arguments: list[str], says: str) -> None:
    code, output, errors = score_one("42", *arguments, "--json")
    assert (code, output) == (2, "")
    assert says in errors
    assert "Traceback" not in errors


def test_files_stand_in_for_reference_config_and_answer(tmp_path: Path) -> None:
    (tmp_path / "expected").write_text("NYC\n")
    (tmp_path / "config.json").write_text('{"any_of": ["New York"]}')
    (tmp_path / "answer").write_bytes(b"new york\xff\xfe" + b"\n\n**New York**")
    code, output, _ = score_one(
        "not read",
        *("--method", "exact_match", "--expected", f"@{tmp_path}/expected"),
        *("--config", f"@{tmp_path}/config.json", "--answer", f"{tmp_path}/answer", "--json"),
    )
    assert (code, json.loads(output)["passed"]) == (0, True)
    code, output, _ = score_one("@home", "--method", "exact_match", "--expected", "@@home", "--json")
    assert (code, json.loads(output)["passed"]) == (0, True)


def test_the_answer_is_read_unchanged_and_printed_for_people() -> None:
    code, output, errors = score_one(
        b"  \xff two\r\n words ", "--method", "f1", "--expected", "two words", "--config", '{"treshold": 1}'
    )
    assert code == 0
    assert "passed (value 0.8)" in output
    assert "why: F1 0.800" in output
    assert "treshold" in errors
    assert "threshold" in errors
    whole = '{"instructions": [{"id": "startend:quotation"}]}'
    assert "strictly failed" in score_one('x\n"a b"', "--method", "programmatic", "--config", whole)[1]


def test_a_lone_surrogate_in_an_answer_can_be_printed() -> None:
    answer = '{"name": "f", "arguments": {"x": "\\ud800"}}'
    for extra in ([], ["--json"]):
        code, output, _ = score_one(answer, "--method", "tool_call", "--expected", answer, *extra)
        assert code == 0, output


def test_a_long_or_hostile_answer_does_not_flood_or_steer_the_terminal() -> None:
    long = "word " * 100_000
    code, output, _ = score_one(long, "--method", "f1", "--expected", "word")
    assert code == 0
    assert len(output) < 3000
    assert "--json prints them" in output
    _, output, _ = score_one(long, "--method", "f1", "--expected", "word", "--json")
    assert json.loads(output)["extracted"] == long.strip()
    _, output, _ = score_one("\x1b[2Jred", "--method", "f1", "--expected", "red")
    assert "\x1b" not in output
    assert "\\x1b[2Jred" in output


def test_each_scorer_with_options_names_them() -> None:
    assert all(scorer.config_keys for scorer in SCORERS.values())


def test_the_scorers_and_verifiers_are_listed() -> None:
    done = CliRunner().invoke(command, ["score", "methods", "--json"])
    assert {row["method"]: row["version"] for row in json.loads(done.stdout)} == {
        name: scorer.version for name, scorer in SCORERS.items()
    }
    assert "any_of" in CliRunner().invoke(command, ["score", "methods"]).stdout
    done = CliRunner().invoke(command, ["score", "methods", "--verifiers", "--json"])
    assert {row["verifier"] for row in json.loads(done.stdout)} == set(VERIFIERS)


def test_scoring_one_answer_loads_no_database_and_no_graph() -> None:
    code = (
        "import sys; from epyc_assets.cli.main import main;"
        "main(['score', 'one', '--method', 'exact_match', '--expected', '1', '--json']);"
        "print([name for name in ('dagster', 'duckdb', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], input="1", capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "[]", done.stdout
