"""The generated pages are up to date, and what the pages tell people to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from epyc_assets.cli import references
from epyc_assets.cli.references import command, reference_pages, render_command_reference
from epyc_assets_tests.cli.examples import (
    CHECKOUT,
    calls,
    faults_of_call,
    faults_of_fence,
    faults_of_python,
    faults_of_sql,
    fences,
    inline_commands,
    pages,
)

PAGES = pages()


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """The pages as the code generates them now; that takes seconds, so once."""
    return reference_pages()


@pytest.fixture(autouse=True)
def generated_once(generated: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "reference_pages", lambda: generated)


def test_the_committed_references_are_up_to_date() -> None:
    result = CliRunner().invoke(command, [str(CHECKOUT / "docs"), "--check"])
    assert result.exit_code == 0, result.output


def test_writing_and_checking(tmp_path: Path, generated: dict[str, str]) -> None:
    runner = CliRunner()
    assert runner.invoke(command, [str(tmp_path), "--check"]).exit_code == 1
    assert list(tmp_path.iterdir()) == []
    assert runner.invoke(command, [str(tmp_path)]).exit_code == 0
    assert {page.name: page.read_text() for page in tmp_path.iterdir()} == generated
    assert runner.invoke(command, [str(tmp_path), "--check"]).exit_code == 0
    with (tmp_path / "cli.md").open("a") as page:
        page.write("More.\n")
    result = runner.invoke(command, [str(tmp_path), "--check"])
    assert result.exit_code == 1
    assert "-More." in result.output
    assert "cli.md: not what the code generates now. Run `make docs`" in result.output
    assert "tables.md" not in result.output


def test_the_command_reference_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = render_command_reference()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("EPYC_FLEET", "another")
    assert render_command_reference() == wide
    assert all(f"\n## {path}\n" in wide for path in ("epyc", "epyc sweep", "epyc models add", "epyc fleet train"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_is_real(page: Path) -> None:
    faults = [fault for fence in fences(page) for fault in faults_of_fence(fence)]
    for line in inline_commands(page):
        faults += [fault for words in calls(line) for fault in faults_of_call(words, whole=False)]
    assert not faults, "\n".join(faults)


def test_the_pages_have_examples_of_every_kind() -> None:
    languages = {fence.language for page in PAGES for fence in fences(page)}
    assert {"sh", "sql", "python"} <= languages
    assert any(words[:2] == ["make", "demo"] for fence in fences(CHECKOUT / "README.md") for words in calls(fence.text))


@pytest.mark.parametrize(
    "wrong",
    [
        "epyc swep --fleet demo",
        "epyc sweep --flet demo",
        "epyc models add",
        "epyc models add a.gguf b.gguf",
        "epyc sweep --questions many",
        "epyc sql 'SELECT 1' --format yaml",
        "epyc sql 'SELECT no_such_column FROM generations'",
        "EPYC_FLEET=mine .venv/bin/epyc sweep && epyc models",
        "epyc plan | epyc nothing",
        "make damo",
        "cd folder; make ui PORT=1 nothing",
        "python -m epyc_assets.cli.nothing",
    ],
)
def test_a_wrong_call_is_noticed(wrong: str) -> None:
    assert [fault for words in calls(wrong) for fault in faults_of_call(words)]


def test_right_calls_are_not_complained_of() -> None:
    shell = """
    epyc sql "SELECT model, count(*)   -- # this is SQL
              FROM generations GROUP BY ALL" --format csv > out.csv   # epyc nothing; make nothing
    EPYC_TRACE=1 epyc models add FILE.gguf --fleet mine && make ui PORT=3001; epyc --help
    epyc sql - < query.sql | head; epyc; make
    some-other-program --with=options
    """
    assert [words[0] for words in calls(shell)][:3] == ["epyc", "epyc", "make"]
    assert [fault for words in calls(shell) for fault in faults_of_call(words)] == []
    assert list(calls("$ epyc plan\nmake nothing of this\n$ make ui")) == [["epyc", "plan"], ["make", "ui"]]


def test_running_text_may_only_name_a_command() -> None:
    for early in (["epyc", "sql"], ["epyc", "models"], ["epyc", "COMMAND", "--help"]):
        assert faults_of_call(early, whole=False) == []
    assert faults_of_call(["epyc", "modles"], whole=False)
    assert faults_of_call(["epyc", "sql", "--yaml"], whole=False)


def test_wrong_sql_and_python_are_noticed() -> None:
    assert faults_of_sql("ATTACH 'x.duckdb' AS other (READ_ONLY); SELECT text FROM generations") == []
    assert faults_of_sql("SELECT 1; SELECT nothing FROM answers")
    assert faults_of_sql("SELEKT 1")
    assert (
        faults_of_python("from epyc_assets.warehouse import Warehouse\nconnection.sql('SELECT 1 FROM answers')") == []
    )
    assert faults_of_python("from epyc_assets.warehouse import Warenhaus")
    assert faults_of_python("connection.sql('SELECT nothing FROM answers').pl()")
    assert faults_of_python("def python is not:")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target, anchor in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
        if "://" in target:
            continue
        other = (page.parent / target).resolve() if target else page
        assert other.exists(), f"{page.name} links to {target}, which is not there"
        if anchor and other.suffix == ".md":
            titles = re.findall(r"^#+ (.+)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor in anchors, f"{page.name} links to {target}#{anchor}, which is not there"


def test_the_readme_names_every_environment_variable() -> None:
    code = [*(CHECKOUT / "epyc_assets").rglob("*.py"), *(CHECKOUT / "registry").rglob("*.yaml")]
    used = {name for file in code for name in re.findall(r"EPYC_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8"))}
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(EPYC_[A-Z_]+)`", readme, re.MULTILINE)) == used


def test_no_page_has_a_path_of_one_machine() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(root|home|work|tmp|mnt)/", text), page.name
