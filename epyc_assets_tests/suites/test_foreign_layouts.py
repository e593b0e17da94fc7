"""Foreign question files: each of their questions becomes one of ours or a reject that says why; none is dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.scoring import score
from epyc_assets.suites.foreign_layouts import ImportedSuite, import_file
from epyc_assets.suites.foreign_scorers import NoEquivalent, mapped_scorer
from epyc_assets.suites.suite_file import parse_suite_file, suite_text

RECORD = Path(__file__).parents[3] / "shared" / "history" / "benchmarks" / "prompts"

LIST = """
suite: mixed
version: "2.1"
scoring_default: {method: exact_match, config: {extract_pattern: '#### (\\S+)'}}
questions:
  - {id: a, tier: 1, prompt: "What is 1 + 1?", expected: 2}
  - id: b
    tier: 2
    prompt: Write five words.
    expected: ""
    scoring_method: programmatic
    scoring_config: {verifier: word_count_range, min_val: 5, max_val: 5}
  - {id: c, tier: 3, prompt: Code., expected: "", scoring_method: code_execution,
     scoring_config: {test_code: "assert f(1) == 2", timeout: 10}}
  - {id: d, prompt: Who?, expected: Ada Lovelace, scoring_method: f1, scoring_config: {threshold: 0.5}}
  - {id: e, tier: 1, prompt: P, expected: x, scoring_method: programmatic, scoring_config: {verifier: is_nice}}
  - {id: f, tier: 1, prompt: P, expected: x, scoring_method: vibes}
  - {id: g, tier: 9, prompt: P, expected: x}
  - {id: h, tier: 1, prompt: "", expected: x}
  - {id: i, tier: 1, prompt: P, expected: ""}
  - {id: a, tier: 1, prompt: Again, expected: x}
  - {id: j, tier: 1, prompt: P, prompt: Q, expected: x}
  - just a text
  - {id: k, tier: 1, prompt: P, expected: x, image: pictures/1.png}
  - {id: l, tier: 1, prompt: P, expected: x, mood: good}
  - {id: m, tier: 1, prompt: P, expected: x, scoring_config: {extract_pattern: 'said (.+) first'}}
  - {id: n, tier: 1, prompt: P, expected: "", scoring_method: code_execution}
"""

MAP = """
version: 1
domain: thinking
prompts:
  one:
    tier: 1
    name: First
    prompt: Why?
    expected: Because
    reference_answer: |
      Because it is so.
    scoring: [{criterion: Right, weight: 60}, {criterion: Clear, weight: 40}]
  two:
    tier: 2
    prompt: Find it above.
    expected: x
    context_tokens: 12000
    context_type: code_files
    scoring: [{criterion: Found, weight: 100}]
  three: {tier: 3, prompt: No rubric, expected: x}
  four: {tier: 3, prompt: Bad rubric, expected: x, scoring: [{criterion: A, weight: heavy}]}
  one: {tier: 1, prompt: Twice, expected: x, scoring: [{criterion: B, weight: 1}]}
inference_params: {temperature: 0}
"""


def imported(tmp_path: Path, text: str, name: str = "file") -> ImportedSuite:
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return import_file(path)


def accounted(found: ImportedSuite) -> bool:
    taken = len(found.file.questions) if found.file else 0
    return found.entries == taken + len(found.rejects)


def test_each_question_of_a_list_is_a_question_or_a_reject_with_its_reason(tmp_path: Path) -> None:
    found = imported(tmp_path, LIST)
    assert found.layout == "questions_list"
    assert found.file is not None
    by_name = {each.name: each.question for each in found.file.questions}
    assert list(by_name) == ["a", "b", "c", "d", "l"]
    assert (by_name["a"].expected, by_name["a"].scorer, by_name["a"].scorer_config) == ("2", "exact_match", {})
    assert by_name["c"].scorer_config == {"test_code": "assert f(1) == 2", "timeout_s": 10}
    assert by_name["d"].tier == 2
    assert found.notes["no tier given: 2"] == 1
    assert found.notes["the key 'mood' left out: it is not known here"] == 1
    reasons = {reject.location.split(": ")[-1]: reject.reason for reject in found.rejects}
    for name, said in {
        "e": "verifier 'is_nice' is not known",
        "f": "scoring method 'vibes' is not known",
        "g": "tier is 9",
        "h": "has no prompt",
        "i": "has no expected answer",
        "a": "is that of the question in line",
        "j": "'prompt' stands there twice",
        "question_12": "is not a mapping",
        "k": "'image', which is part of what is asked",
        "m": "no marker of a final answer",
        "n": "no test_code",
    }.items():
        assert said in reasons[name], (name, reasons.get(name))
    assert accounted(found)
    assert found.entries == 16
    assert all(reject.raw_text for reject in found.rejects)


def test_verifiers_judge_as_theirs_say(tmp_path: Path) -> None:
    found = imported(tmp_path, LIST)
    assert found.file is not None
    five = next(each.question for each in found.file.questions if each.name == "b")
    for answer, passes in {
        "waves roll in, don't stop": True,
        "one two three four": False,
        "one two three four five six": False,
        "": False,
    }.items():
        assert score(five.scorer, answer, "", five.scorer_config).passed is passes, answer


@pytest.mark.parametrize(
    ("config", "good", "bad"),
    [
        ({"verifier": "word_count_max", "threshold": 3}, "it's quite short", "this one is too long"),
        ({"verifier": "word_count_min", "threshold": 3}, "one two three", "one two"),
        ({"verifier": "word_count_range", "min_val": 2, "max_val": 3}, "a b c", "a b c d"),
        ({"verifier": "contains_keyword", "keyword": "loyal"}, "Dogs are LOYAL.", "Dogs bark."),
        ({"verifier": "no_keyword", "keyword": "light"}, "Plants grow.", "Plants need light."),
        ({"verifier": "numbered_list"}, "1. Apple\n2. Pear", "- Apple\n- Pear"),
        ({"verifier": "numbered_list"}, "1) Apple\n2) Pear", "2. Apple\n1. Pear"),
        ({"verifier": "bullet_list"}, "- a\n• b", "a\nb"),
        ({"verifier": "json_valid"}, '{"a": 1}', 'Here you are: {"a": 1}'),
        ({"verifier": "starts_with", "text": "Code"}, "Code falls like rain", "Codex falls"),
        ({"verifier": "ends_with", "text": "frost bites"}, "Snow. Frost bites", "Frost bites hard"),
        ({"verifier": "all_uppercase"}, "DNA IS 1 MOLECULE.", "DNA is"),
        ({"verifier": "all_lowercase"}, "a compiler", "A compiler"),
        ({"verifier": "comma_separated"}, "France, Germany, Spain", "France and Germany"),
        ({"verifier": "paragraph_count", "threshold": 2}, "One.\n\nTwo.", "One.\nTwo."),
        ({"verifier": "sentence_count_min", "threshold": 2}, "One. Two.", "One, two."),
    ],
)
def test_each_verifier_passes_what_it_should_and_nothing_else(config: dict[str, object], good: str, bad: str) -> None:
    mapped = mapped_scorer("programmatic", config)  # type: ignore[arg-type]
    assert score(mapped.scorer, good, "", mapped.config).passed is True
    assert score(mapped.scorer, bad, "", mapped.config).passed is False


@pytest.mark.parametrize(
    ("method", "config"),
    [
        ("programmatic", {"verifier": "contains_keyword"}),
        ("programmatic", {"verifier": "contains_keyword", "keyword": " "}),
        ("programmatic", {"verifier": "word_count_range", "min_val": 9, "max_val": 3}),
        ("programmatic", {"verifier": "json_valid", "schema": {}}),
        ("programmatic", {}),
        ("exact_match", {"unknown": 1}),
    ],
)
def test_what_would_check_nothing_or_something_else_is_refused(method: str, config: dict[str, object]) -> None:
    with pytest.raises(NoEquivalent):
        mapped_scorer(method, config)  # type: ignore[arg-type]


def test_rubrics_wait_for_a_judge_and_made_contexts_are_rejects(tmp_path: Path) -> None:
    found = imported(tmp_path, MAP)
    assert found.layout == "prompts_map"
    assert found.file is not None
    (one,) = found.file.questions
    assert one.name == "one"
    assert one.question.scorer == "judge"
    assert one.question.scorer_config["reference_answer"] == "Because it is so."
    verdict = score("judge", "Because", one.question.expected, one.question.scorer_config)
    assert verdict.passed is None
    assert verdict.explanation.startswith("not scored: needs a judge")
    reasons = [reject.reason for reject in found.rejects]
    assert [text for text in reasons if "12000 tokens of code_files" in text]
    assert [text for text in reasons if "no rubric" in text]
    assert [text for text in reasons if "not a criterion" in text]
    assert [text for text in reasons if "stands there twice" in text]
    assert found.entries == 5
    assert accounted(found)


def test_a_default_method_at_the_top_serves_questions_without_one(tmp_path: Path) -> None:
    text = "scoring_method: f1\nscoring_config: {threshold: 0.7}\nquestions:\n- {id: a, prompt: p, expected: x}\n"
    found = imported(tmp_path, text, "web_research")
    assert found.file is not None
    assert found.file.suite == "web_research"
    assert found.file.questions[0].question.scorer_config == {"threshold": 0.7}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just text",
        "a: 1",
        "questions: 3",
        "prompts: [1]",
        "questions: []",
        "prompts: {}",
        "scoring_default: [1]\nquestions: []",
        "[" * 999,
    ],
)
def test_what_is_no_question_file_is_one_reject(tmp_path: Path, text: str) -> None:
    found = imported(tmp_path, text)
    assert found.file is None
    assert len(found.rejects) == 1
    assert str(tmp_path) in found.rejects[0].reason


def test_what_stands_at_the_top_is_read_told_or_refused(tmp_path: Path) -> None:
    both = LIST + "prompts:\n  z: {tier: 1, prompt: Why?, scoring: [{criterion: Right, weight: 1}]}\n"
    found = imported(tmp_path, both + "inference_params: {max_tokens: 300, temperature: 0.3}\nmood: good\n")
    assert accounted(found)
    assert found.file is not None
    assert [each.question.max_tokens for each in found.file.questions if each.name in ("a", "z")] == [300, 300]
    assert found.notes["the key 'mood' at the top left out: it is not known here"] == len(found.file.questions)
    assert found.notes["temperature of inference_params left out: a sweep says how models are run"] > 1
    asked_otherwise = imported(tmp_path, LIST + "system_prompt: You are a pirate.\n")
    assert asked_otherwise.file is None
    assert "'system_prompt' at the top" in asked_otherwise.rejects[0].reason


def test_a_long_name_of_a_suite_is_cut_to_what_can_be_read_again(tmp_path: Path) -> None:
    found = imported(tmp_path, LIST.replace("suite: mixed", f"suite: {'long ' * 30}"))
    assert found.file is not None
    assert parse_suite_file(suite_text(found.file)).suite == found.file.suite


def test_our_own_layout_is_recognised(tmp_path: Path) -> None:
    text = 'suite: math\nversion: "1"\nquestions: [{id: a, tier: 1, prompt: p, expected: x, scorer: exact_match}]\n'
    found = imported(tmp_path, text)
    assert (found.layout, len(found.rejects)) == ("own", 0)
    broken = imported(tmp_path, text.replace("tier: 1", "tier: 7"))
    assert "tier is 7" in broken.rejects[0].reason


@pytest.mark.skipif(not RECORD.is_dir(), reason="the record of the earlier project is not beside this checkout")
def test_every_question_of_the_record_is_accounted_for() -> None:
    files = sorted(RECORD.glob("debug/*.yaml")) + sorted(RECORD.glob("v1/*.yaml"))
    found = {path.relative_to(RECORD).as_posix(): import_file(path) for path in files}
    assert files
    for name, each in found.items():
        assert accounted(each), name
        assert each.entries > 0, name
        if name.startswith("debug"):
            assert not each.rejects, (name, each.rejects[0])
        elif each.file is not None:
            assert {one.question.scorer for one in each.file.questions} == {"judge"}
