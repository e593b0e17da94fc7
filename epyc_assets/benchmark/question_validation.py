"""Whether questions can be trusted: unique, answered rightly, scored so that right answers pass and wrong ones fail.

Belongs here: the checks and their findings, over questions of any source. Does not belong here: making wrong answers
(wrong_answers), similarity (near_duplicates), finding the questions (suite_sources), scoring itself.

An answer is found right by a second way where there is one: an independent solver that reads the prompt alone
(suites.solvers), Python that the question brings (computed_by), a reference program against its hidden tests. Code runs
in the sandbox only; their number is limited, and what was left out is said.
"""

from __future__ import annotations

import ast
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from epyc_assets.benchmark.near_duplicates import similar_pairs
from epyc_assets.benchmark.scorer_options import alike_choices, shows_all_tests, unasked_words, unread_option
from epyc_assets.benchmark.wrong_answers import WrongAnswer, broken_programs, wrong_answers
from epyc_assets.suites.question import TIERS, Question

if TYPE_CHECKING:
    from epyc_assets.scoring import Score

Severity: TypeAlias = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""error: the question cannot be used as it is. warning: somebody should look. note: what could not be checked."""

DEFAULT_CODE_RUNS = 24
"""Programs that are run in one validation, unless told otherwise."""
COMPUTED_PER_PROGRAM = 10
"""Answers that are computed again for every program: a line of Python with nothing to test costs little."""
MOST_ALIKE_ANSWERS_RATIO = 0.8
FEWEST_FOR_SHARES = 10
PAIRS_SHOWN = 20
SAMPLING_SEED = 5


@dataclass(frozen=True, slots=True)
class Examined:
    """A question to validate. name: as people know it, an id in a file or a question_id. generated: made by templates,
    so that alike prompts are no fault. place: file and line, empty where it stands in none."""

    question: Question
    name: str
    computed_by: str | None = None
    generated: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one question, or about a whole suite (question_id None)."""

    suite: str
    source: str
    question_id: str | None
    name: str
    check: str
    severity: Severity
    detail: str
    place: str = ""


@dataclass(slots=True)
class Validation:
    """What was found. verified: question_ids whose answer a second way confirmed; solved: those that a solver answered.
    code_runs: programs that were run; code_left_out: questions whose program was not, to keep the check quick."""

    findings: list[Finding] = field(default_factory=list)
    examined: int = 0
    verified: set[str] = field(default_factory=set)
    solved: set[str] = field(default_factory=set)
    code_runs: int = 0
    code_left_out: int = 0

    def count(self, severity: Severity) -> int:
        """Findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)


Solvers: TypeAlias = Mapping[str, Callable[[str], str | None]]


def validate_questions(
    questions: Sequence[Examined], *, code_runs: int = DEFAULT_CODE_RUNS, solvers: Solvers | None = None
) -> Validation:
    """All checks over the questions of one suite and source, or of several. Never raises for what a question says.

    solvers: second opinions by suite; None: those of suites.solvers.
    """
    if solvers is None:
        from epyc_assets.suites.solvers import SOLVERS  # many modules, needed here only

        solvers = SOLVERS
    found = Validation(examined=len(questions))
    by_set: dict[tuple[str, str], list[Examined]] = defaultdict(list)
    for each in questions:
        by_set[each.question.suite, each.question.source].append(each)
    chosen = _chosen_for_code(questions, code_runs)
    for members in by_set.values():
        found.findings += _shape_findings(members)
        found.findings += _repetition_findings(members)
        others = {each.question.question_id: each.question.expected for each in members}
        for each in members:
            _validate_one(each, others, solvers, chosen, found)
    _sum_up_notes(found)
    return found


def config_fault(question: Question) -> str | None:
    """Why the question's scorer refuses it, or None. Runs no code."""
    from epyc_assets.scoring import InvalidScorerConfig, UnknownScorer, UnknownVerifier

    # A model that is still thinking has given no program: the config is read, and nothing runs.
    answer = "<think>" if question.scorer == "code_execution" else "an answer"
    try:
        verdict = _score(question, answer)
    except (UnknownScorer, UnknownVerifier, InvalidScorerConfig) as error:
        return str(error)
    return verdict.explanation if verdict.invalid_label and question.scorer == "code_execution" else None


def _finding(each: Examined, check: str, severity: Severity, detail: str) -> Finding:
    question = each.question
    return Finding(
        question.suite, question.source, question.question_id, each.name, check, severity, detail, each.place
    )


def _of_suite(each: Examined, check: str, severity: Severity, detail: str) -> Finding:
    return Finding(each.question.suite, each.question.source, None, "", check, severity, detail)


def _shape_findings(members: Sequence[Examined]) -> Iterable[Finding]:
    first = members[0]
    tiers = Counter(each.question.tier for each in members)
    if missing := [tier for tier in TIERS if not tiers[tier]]:
        yield _of_suite(
            first, "tier_spread", "warning", f"no question of tier {', '.join(map(str, missing))}: write some"
        )
    answers = Counter(each.question.expected.strip().casefold() for each in members if each.question.expected.strip())
    if answers and len(members) >= FEWEST_FOR_SHARES:
        answer, times = answers.most_common(1)[0]
        if times >= MOST_ALIKE_ANSWERS_RATIO * len(members):
            yield _of_suite(
                first, "answer_spread", "warning", f"{times} of {len(members)} questions expect {_short(answer)!r}"
            )
    for each in members:
        question = each.question
        if not any(character.isalnum() for character in question.prompt):
            yield _finding(each, "prompt", "error", "the prompt has no letter or digit: write what is asked")
        # Some public sets show their tests on purpose.
        if each.place and shows_all_tests(question):
            detail = "the prompt shows every test: a table of their results passes; add tests that it does not show"
            yield _finding(each, "shown_tests", "warning", detail)
        if unasked := unasked_words(question):
            said = _short(", ".join(map(repr, unasked)))
            yield _finding(
                each, "unasked_words", "warning",
                f"the scorer looks for {said}, of which the prompt says nothing: ask for it",
            )  # fmt: skip
        if (choices := alike_choices(question)) is not None:
            yield _finding(each, "choices", "error", choices)
        # A token is rarely longer than a word, and never shorter than a byte of it.
        words = len(question.expected.split())
        if words > question.max_tokens:
            yield _finding(
                each, "max_tokens", "error",
                f"the expected answer has {words} words, but an answer may have {question.max_tokens} tokens: raise it",
            )  # fmt: skip
        elif len(question.expected) > 4 * question.max_tokens:
            yield _finding(
                each, "max_tokens", "warning",
                f"the expected answer has {len(question.expected)} characters; {question.max_tokens} tokens may cut it",
            )  # fmt: skip


def _repetition_findings(members: Sequence[Examined]) -> Iterable[Finding]:
    seen: dict[str, Examined] = {}
    by_prompt: dict[str, Examined] = {}
    for each in members:
        question = each.question
        prompt = " ".join(question.prompt.split())
        earlier = by_prompt.setdefault(prompt, each)
        if question.question_id in seen:
            yield _finding(
                each, "unique_ids", "error", f"is the same question as {seen[question.question_id].name}: drop one"
            )
        elif earlier is not each:
            same = question.expected.strip() == earlier.question.expected.strip()
            what = "with the same answer" if same else (
                f"but expects {_short(question.expected)!r}, not {_short(earlier.question.expected)!r}"
            )  # fmt: skip
            yield _finding(
                each,
                "repeated_prompt",
                "warning" if same else "error",
                f"asks what {earlier.name} asks, {what}: keep one, or say in the prompt what is different",
            )
        seen.setdefault(question.question_id, each)
    if members[0].generated:
        return
    distinct = list(by_prompt.values())
    pairs = similar_pairs([each.question.prompt for each in distinct])
    for pair in pairs[:PAIRS_SHOWN]:
        yield _finding(
            distinct[pair.second], "near_duplicate", "warning",
            f"asks almost what {distinct[pair.first].name} asks: {pair.similarity:.0%} of the wording, numbers aside; "
            "keep one, or ask for something else",
        )  # fmt: skip
    if len(pairs) > PAIRS_SHOWN:
        yield _of_suite(members[0], "near_duplicate", "warning", f"{len(pairs) - PAIRS_SHOWN} more pairs are as alike")


def _chosen_for_code(questions: Sequence[Examined], code_runs: int) -> set[str]:
    """Questions whose code is run: a seeded choice, each suite in turn. A tested program is reckoned as three runs."""
    tested: dict[tuple[str, str], list[str]] = defaultdict(list)
    computed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in questions:
        by_suite = tested if each.question.scorer == "code_execution" else computed if each.computed_by else None
        if by_suite is not None:
            by_suite[each.question.suite, each.question.source].append(each.question.question_id)
    return _in_turn(tested, (code_runs + 2) // 3) | _in_turn(computed, COMPUTED_PER_PROGRAM * code_runs)


def _in_turn(by_suite: Mapping[tuple[str, str], Sequence[str]], most: int) -> set[str]:
    """At most so many question_ids, drawn from each suite in turn."""
    source = random.Random(SAMPLING_SEED)
    shuffled = [source.sample(ids, len(ids)) for _, ids in sorted(by_suite.items())]
    in_turn = (
        ids[place] for place in range(max(map(len, shuffled), default=0)) for ids in shuffled if place < len(ids)
    )
    return set(islice(in_turn, most))


def _validate_one(
    each: Examined, others: Mapping[str, str], solvers: Solvers, chosen: set[str], found: Validation
) -> None:
    question = each.question
    fault = config_fault(question)
    if fault is not None:
        found.findings.append(_finding(each, "scorer_config", "error", fault))
        return
    unread = unread_option(question)
    if unread is not None:
        found.findings.append(_finding(each, "scorer_config", "error", unread))
    if question.scorer == "judge":
        found.findings.append(_finding(each, "needs_judge", "note", "no rule can score it: it needs a judge"))
        return
    runs_code = question.question_id in chosen
    if question.scorer == "code_execution":
        if not runs_code:
            found.code_left_out += 1
            return
        _validate_program(each, found)
        return
    _check_solver(each, solvers, found)
    if each.computed_by is not None:
        if runs_code:
            _check_computed(each, found)
        else:
            found.code_left_out += 1
    _check_reference(each, found)
    for wrong in wrong_answers(question, others):
        _check_wrong(each, wrong, found)


def _score(question: Question, answer: str) -> Score:
    from epyc_assets.scoring import score

    return score(question.scorer, answer, question.expected, question.scorer_config)


def _check_solver(each: Examined, solvers: Solvers, found: Validation) -> None:
    question = each.question
    solver = solvers.get(question.suite)
    if solver is None:
        return
    try:
        solved = solver(question.prompt)
    except Exception as error:  # noqa: BLE001 - a solver that fails is a finding, not the end of the validation
        found.findings.append(
            _finding(
                each,
                "solver",
                "warning" if each.generated else "note",
                f"the solver failed: {type(error).__name__}: {error}"[:300],
            )
        )
        return
    if solved is None:
        return
    found.solved.add(question.question_id)
    result = _score(question, solved)
    if result.passed:
        found.verified.add(question.question_id)
    elif result.passed is False:
        # A solver knows the generator's wording; of questions that people wrote it may misread one.
        severity: Severity = "error" if each.generated else "warning"
        detail = f"an independent solver answers {_short(solved)!r}, not {_short(question.expected)!r}"
        found.findings.append(_finding(each, "solver", severity, detail))


def _check_computed(each: Examined, found: Validation) -> None:
    from epyc_assets.scoring import score

    question = each.question
    found.code_runs += 1
    result = score(
        "code_execution",
        f"```python\n{printing_program(each.computed_by or '')}\n```",
        "",
        {"language": "python", "io_tests": [{"stdin": "", "stdout": question.expected}]},
    )
    if result.passed:
        found.verified.add(question.question_id)
    elif result.passed is None:
        found.findings.append(_finding(each, "computed_by", "note", result.explanation))
    else:
        detail = f"computed_by does not give {_short(question.expected)!r}: {_short(result.explanation, 300)}"
        found.findings.append(_finding(each, "computed_by", "error", detail))


def printing_program(computed_by: str) -> str:
    """A program that prints what computed_by works out: an expression's value, or what a program prints."""
    text = computed_by.strip()
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    return text if text.startswith("print(") else f"print({text})"


def _check_reference(each: Examined, found: Validation) -> None:
    question = each.question
    if not question.expected.strip():
        result = _score(question, "an answer")
        if result.explanation.startswith("invalid label"):
            detail = f"no answer can pass: {_short(result.explanation)}; write the answer, or choose another scorer"
            found.findings.append(_finding(each, "reference", "error", detail))
            return
        found.findings.append(
            _finding(each, "reference", "note", "has no reference answer: whether a right one passes was not checked")
        )
        return
    spoken = question.scorer in ("exact_match", "multiple_choice")
    answers = [question.expected, *([f"Final answer: {question.expected}"] if spoken else [])]
    for answer in answers:
        result = _score(question, answer)
        if result.passed is None:
            found.findings.append(_finding(each, "reference", "note", result.explanation))
        elif not result.passed:
            detail = (
                f"the scorer refuses the reference answer, given as {_short(answer)!r}: {_short(result.explanation)}"
            )
            found.findings.append(_finding(each, "reference", "error", detail))
        elif not result.strict_passed and answer == question.expected:
            detail = f"the strict extraction does not find {_short(answer)!r}"
            found.findings.append(_finding(each, "reference", "warning", detail))


def _check_wrong(each: Examined, wrong: WrongAnswer, found: Validation) -> None:
    result = _score(each.question, wrong.text)
    if result.passed and wrong.kind == "prompt" and not wrong.certain and each.generated:
        # By chance the prompt ends in the answer; over many questions that says something, of one it does not.
        found.findings.append(_finding(each, "wrong_answer", "note", "an answer that repeats the prompt passes"))
    elif result.passed:
        detail = f"a wrong answer passes ({wrong.kind}): {_short(wrong.text)!r}; make what is checked stricter"
        found.findings.append(_finding(each, "wrong_answer", "error" if wrong.certain else "warning", detail))


def _validate_program(each: Examined, found: Validation) -> None:
    """The reference program passes its tests; an empty one, and where it is Python a broken one, do not."""
    from epyc_assets.scoring import InvalidScorerConfig, UnknownScorer, UnknownVerifier

    question = each.question
    language = str(question.scorer_config.get("language") or "python")
    tested = any(question.scorer_config.get(key) for key in ("test_code", "function_tests", "io_tests"))
    reference = question.expected if tested else ""

    def run(program: str) -> Score | None:
        found.code_runs += 1
        try:
            return _score(question, f"```{language}\n{program}\n```")
        except (UnknownScorer, UnknownVerifier, InvalidScorerConfig) as error:
            found.findings.append(_finding(each, "scorer_config", "error", str(error)))
            return None

    wrong = [WrongAnswer("no program", "pass" if language == "python" else "")]
    if reference.strip():
        result = run(reference)
        if result is None:
            return
        if result.passed is None:
            found.findings.append(_finding(each, "sandbox", "note", result.explanation))
            return
        if not result.passed:
            detail = f"the reference program does not pass its tests: {_short(result.explanation, 300)}"
            found.findings.append(_finding(each, "reference", "error", detail))
            return
        found.verified.add(question.question_id)
        if language == "python":
            wrong = list(broken_programs(reference)) or wrong
    else:
        found.findings.append(
            _finding(each, "reference", "note", "has no reference program: whether a right one passes was not checked")
        )
    for attempt in wrong:
        result = run(attempt.text)
        if result is None:
            return
        if result.passed is None:
            found.findings.append(_finding(each, "sandbox", "note", result.explanation))
            return
        if result.passed:
            detail = f"a wrong program passes the tests ({attempt.kind}): {_short(attempt.text)!r}; add a test it fails"
            found.findings.append(_finding(each, "wrong_answer", "error" if attempt.certain else "warning", detail))


def _sum_up_notes(found: Validation) -> None:
    """Notes that say the same of many questions of a suite become one."""
    kept = [finding for finding in found.findings if finding.severity != "note"]
    notes: dict[tuple[str, str, str, str], list[Finding]] = defaultdict(list)
    for finding in found.findings:
        if finding.severity == "note":
            notes[finding.suite, finding.source, finding.check, finding.detail].append(finding)
    for (suite, source, check, detail), alike in notes.items():
        if len(alike) == 1:
            kept += alike
        else:
            kept.append(Finding(suite, source, None, "", check, "note", f"{len(alike)} questions: {detail}"))
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    found.findings = sorted(kept, key=lambda finding: (finding.suite, finding.source, order[finding.severity]))


def _short(text: str, most: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
