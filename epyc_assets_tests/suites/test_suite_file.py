"""Question files: what is written is read again unchanged, faults name their place, selection is seeded and even."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.suites.question import Question, content_key
from epyc_assets.suites.suite_file import (
    FileQuestion,
    SuiteFile,
    SuiteFileFault,
    TooFewQuestions,
    parse_suite_file,
    read_suite_file,
    select_questions,
    shipped_suites,
    suite_text,
    write_suite_file,
)
from epyc_assets.suites.yaml_text import parse_yaml

ROOT = Path(__file__).parents[2]
HEAD = 'suite: math\nversion: "1"\ndefaults: {scorer: exact_match}\nquestions:\n'
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() == text and text.strip("\n") == text
)


def question(prompt: str, expected: str = "1", tier: int = 1, **config: object) -> Question:
    return Question(
        content_key("math", prompt, expected, "exact_match", config),  # type: ignore[arg-type]
        *("math", tier, prompt, expected, "exact_match", config, 64, "shipped:math", "1", 0, "test"),  # type: ignore[arg-type]
    )


@given(prompt=texts, expected=texts, option=texts, computed=st.none() | texts)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again_unchanged(prompt: str, expected: str, option: str, computed: str | None) -> None:
    asked = question(prompt, expected, any_of=[option, "no", "010"], tolerance=0.5)
    file = SuiteFile("text", "math", "1", "", (FileQuestion("a", 1, asked, computed),))
    again = parse_suite_file(suite_text(file)).questions[0]
    assert again.question == asked
    assert again.computed_by == computed


@pytest.mark.parametrize("written", ["010", "no", "12:30", "1.50", "2025-12-16", "1e3", "0x10", "~0", "on"])
def test_answers_stay_the_texts_that_somebody_wrote(written: str) -> None:
    file = parse_suite_file(f"{HEAD}- {{id: a, tier: 1, prompt: p, expected: {written}}}\n")
    assert file.questions[0].question.expected == written


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "- {id: a, tier: 4, prompt: p, expected: x}", "text:5: question 'a': tier is 4"),
        (HEAD + "- {id: a, tier: true, prompt: p, expected: x}", "tier is True"),
        (HEAD + "- {id: a, tier: 1.0, prompt: p, expected: x}", "text:5: question 'a': tier is 1.0"),
        (HEAD + '- {id: "a\\nb", tier: 1, prompt: p, expected: x}', "use a short plain name"),
        (
            HEAD + "- id: a\n  tier: 1\n  prompt: Is 5 € much?  # 3\n  expected: x # y",
            "text:7: question 'a': the prompt is cut",
        ),
        (HEAD + "- {id: a, tier: 1, prompt: '  ', expected: x}", "prompt is missing or empty"),
        (HEAD + "- {id: a, tier: 1, prompt: p}", "expected is missing"),
        (HEAD + "- {id: a, tier: 1, prompt: p, expected: [1]}", "expected is missing or no text"),
        (HEAD + "- {id: a, tier: 1, prompt: p, expected: x, scoring: y}", "the key 'scoring' is not known"),
        (HEAD + "- {id: a, tier: 1, prompt: p, expected: x, max_tokens: 0}", "max_tokens is 0"),
        (HEAD + "- {id: a, tier: 1, prompt: p, expected: x, scorer_config: [1]}", "scorer_config is not a mapping"),
        (HEAD + "- {id: a, tier: 1, prompt: p, expected: x, prompt: q}", "second time (first in line 5)"),
        (
            HEAD + "- {id: a, tier: 1, prompt: p, expected: x}\n- {id: a, tier: 1, prompt: q, expected: x}",
            "text:6: question 'a': its id is that of the question in line 5",
        ),
        (HEAD.replace("math", "My Suite") + "- {id: a, tier: 1, prompt: p, expected: x}", "suite is 'My Suite'"),
        ('suite: math\nversion: "1"\nquestions: []', "questions is not a list with at least one"),
        ('suite: math\nversion: "1"\nquestions: [{id: a, tier: 1, prompt: p, expected: x}]', "names no scorer"),
        ("- 1", "is not a mapping"),
        ("", "is not a mapping"),
        ("a: [1", "is not YAML"),
        ("a: !!python/object/apply:os.system [ls]", "tag"),
        ("a: &a [*a]", "contains itself"),
        ("[" * 5000, "nested more than"),
        ('a: "\\ud800"', "is not YAML"),
    ],
)
def test_faults_say_where_what_and_what_to_do(text: str, told: str) -> None:
    with pytest.raises(SuiteFileFault) as fault:
        parse_suite_file(text)
    assert told in str(fault.value)


def test_every_fault_of_a_file_is_told_at_once() -> None:
    text = HEAD + "- {id: a, tier: 0, prompt: p, expected: x}\n- {id: b, tier: 1, prompt: '', expected: x}"
    with pytest.raises(SuiteFileFault) as fault:
        parse_suite_file(text)
    assert "text:5: question 'a'" in str(fault.value)
    assert "text:6: question 'b'" in str(fault.value)


def test_aliases_that_grow_without_end_are_refused_at_once() -> None:
    names = "abcdefghi"
    bomb = f"{names[0]}: &{names[0]} [{', '.join(['x'] * 9)}]\n"
    bomb += "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in itertools.pairwise(names))
    with pytest.raises(SuiteFileFault, match="aliases written out"):
        parse_suite_file(bomb)


def test_files_that_are_no_utf_8_or_not_there_give_a_message(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"suite: math\nversion: \xff\n")
    with pytest.raises(SuiteFileFault, match=r"bad\.yaml:2: is not UTF-8"):
        read_suite_file(bad)
    for missing in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(SuiteFileFault, match=r"cannot be read|is a folder"):
            read_suite_file(missing)


def test_merged_keys_are_read_and_own_ones_win() -> None:
    document = parse_yaml("base: &b {x: 1, y: 010}\nuse: {<<: *b, x: 2}\n", "t")
    assert document.value == {"base": {"x": 1, "y": "010"}, "use": {"y": "010", "x": 2}}


def test_default_config_is_that_of_the_default_scorer_alone() -> None:
    text = HEAD.replace("exact_match}", "exact_match, scorer_config: {tolerance: 1, case_sensitive: true}}")
    text += "- {id: a, tier: 1, prompt: p, expected: x, scorer_config: {tolerance: 2}}\n"
    text += "- {id: b, tier: 1, prompt: q, expected: x, scorer: f1}\n"
    first, second = parse_suite_file(text).questions
    assert first.question.scorer_config == {"tolerance": 2, "case_sensitive": True}
    assert second.question.scorer_config == {}


@given(sizes=st.tuples(*[st.integers(0, 12)] * 3), seed=st.integers(0, 2**60), data=st.data())
@settings(max_examples=30, deadline=None)
def test_fewer_questions_are_a_prefix_with_each_tiers_share(
    sizes: tuple[int, ...], seed: int, data: st.DataObject
) -> None:
    questions = [question(f"{tier}/{n}", tier=tier) for tier, size in enumerate(sizes, 1) for n in range(size)]
    count = data.draw(st.integers(0, len(questions)))
    chosen = select_questions(questions, count, seed=seed)
    assert chosen == select_questions(questions[::-1], len(questions), seed=seed)[:count]
    for tier, size in enumerate(sizes, 1):
        share = count * size / max(1, len(questions))
        assert abs(sum(each.tier == tier for each in chosen) - share) <= 1.5


def test_another_seed_chooses_others_and_too_many_are_refused_with_their_number() -> None:
    questions = [question(str(n)) for n in range(40)]
    assert select_questions(questions, 5, seed=1) != select_questions(questions, 5, seed=2)
    with pytest.raises(TooFewQuestions, match="data/x has 40 questions, not the 41 asked for"):
        select_questions(questions, 41, seed=1, named="data/x")
    with pytest.raises(TooFewQuestions, match="has 0 questions of tiers 3"):
        select_questions(questions, 1, seed=1, tiers=[3])


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    file = SuiteFile("text", "math", "1", "", (FileQuestion("a", 1, question("p")),))
    assert write_suite_file(tmp_path / "below" / "x.yaml", file)
    assert not write_suite_file(tmp_path / "below" / "x.yaml", file)
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["x.yaml"]


@pytest.mark.parametrize("suite", sorted(shipped_suites(ROOT)))
def test_shipped_files_hold_at_least_twelve_questions_of_all_tiers(suite: str) -> None:
    file = read_suite_file(shipped_suites(ROOT)[suite])
    assert file.suite == suite
    assert len(file.questions) >= 12
    assert {each.question.tier for each in file.questions} == {1, 2, 3}
