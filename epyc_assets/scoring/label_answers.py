"""The label audit's checks of answers and their verdicts.

Belongs here: what verdicts show about labels and scoring, and texts that are no answers of a model. Does not belong
here: what questions show by themselves (`label_questions.py`). Each check takes the answers of one suite and source,
joined with their questions (ANSWER_SCHEMA and QUESTION_SCHEMA).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

import polars as pl

from epyc_assets.scoring.code_execution import CODE_EXECUTION
from epyc_assets.scoring.judging import Answer, judge
from epyc_assets.scoring.label_findings import ERROR, WARNING, Finding
from epyc_assets.scoring.label_questions import OF_PROGRAMS
from epyc_assets.scoring.programmatic import PROGRAMMATIC
from epyc_assets.scoring.substring import SUBSTRING

LEAST_ANSWERS = 20
"""Fewer answers than this show no pattern."""
LEAST_OF_EACH = 5
"""Passes and failures that there must at least be for a pattern to tell them apart."""
LEAST_PROGRAMS = 10
LEAST_PHRASE_CHARACTERS = 20
LEAST_OF_ACTOR = 40
MOST_OF_OTHERS = 0.9
MOST_CUT = 0.3
"""Share of the verdicts that may be failures of answers that were cut."""
MOST_EMPTY = 0.1
PROGRAMS_LOOKED_AT = 5000
JUDGED_AGAIN = 200
"""Of the passes and of the failures of a suspicion, so many are judged once more."""
JUDGED_AGAIN_PROGRAMS = 20
LEAST_LIKELY = 0.01
LONGEST_ERROR_CHARACTERS = 1000

_SAID = r"\A\s*(?:(?:[\w.]*(?:[Ee]rror|ERROR|[Ee]xception)):?\s+)?"
_STATUS = (
    r"[45]\d\d (?:(?:Client|Server) Error|Bad Gateway|Bad Request|Service Unavailable|Internal Server Error"
    r"|Gateway Time-?[Oo]ut|Too Many Requests)"
)
ERROR_TEXTS = {
    "harness": r"\A\s*(?:\[(?:ERROR|(?i:time-?out|timed out))\b"
    + r"|(?i:error): (?i:exit (?:code|status)|exited with|no response|empty response|timed? ?out\s*\z))",
    "shell": r"\A\s*\w+: \S+: command not found\s*\z",
    "traceback": r"\A\s*Traceback \(most recent call last\):",
    "http": _SAID
    + rf"(?:HTTP Error [45]\d\d|HTTP/\d(?:\.\d)? [45]\d\d|{_STATUS}|<html>\s*<head>\s*<title>[45]\d\d "
    + r"|\{\s*\"detail\"\s*:\s*\"Internal Server Error\"|Internal Server Error\s*\z|Error code: [45]\d\d\b"
    + r"|(?:Client|Server) error '[45]\d\d|Request failed with status code [45]\d\d"
    + r"|(?i:rate limit (?:exceeded|reached)))",
    "connection": _SAID
    + r"(?:curl: \(\d+\)|(?:requests|urllib3|httpx|httpcore|aiohttp|openai|anthropic)\.(?:\w+\.)*\w*(?:Error|Exception)"
    + r"|API(?:Connection|Timeout|Status)Error\b|ConnectionRefusedError|ConnectionResetError"
    + r"|(?:connect )?ECONN(?:REFUSED|RESET)|\[Errno 1\d\d\]"
    + r"|(?i:connection (?:refused|reset by peer|aborted))|Server disconnected without)",
    "timeout": _SAID
    + r"(?:(?:asyncio\.(?:exceptions\.)?)?TimeoutError\b|Request timed out|Read timed out|ReadTimeout\b|Timed out after"
    + r"|Command '.{0,400}' timed out after)",
    "crash": _SAID
    + r"(?:Segmentation fault|Illegal instruction|Bus error \(core|Aborted \(core|terminate called after throwing"
    + r"|CUDA error|CUDA out of memory)",
    "log": r"\A\s*(?:(?:llama|ggml|gguf|clip|common)_\w+(?::| failed)|llm_load_\w+:|print_info:|load_tensors:"
    + r"|build: \d+ \(|main: error:|(?:\S*ggml\S*:\d+: )?GGML_ASSERT\b|error: (?:failed|unable) to load model)",
    "server": r"\A\s*\{\s*\"error\"\s*:\s*(?:\{[^{}]*\"type\"\s*:\s*\"\w+_error\""
    + r"|\"(?i:model|server|loading|context|slot|unauthorized|request|rate limit)\b[^\"]*\"\s*\}\s*\z)",
}
"""How texts begin that a harness, a server or a library wrote and not a model."""
ASKED_ABOUT = {
    "shell": r"(?i)\bshell\b|\bbash\b|\bterminal\b|\bcommand|" + OF_PROGRAMS.removeprefix("(?i)"),
    "traceback": OF_PROGRAMS,
    "timeout": OF_PROGRAMS,
    "connection": OF_PROGRAMS + r"|\bsockets?\b|\bnetwork",
    "http": r"(?i)\bhttps?\b|\bstatus (?:code|line)|\bweb ?server|\bproxy|\bapis?\b|\b[45]\d\d\b",
    "crash": OF_PROGRAMS + r"|\bmemory\b|\bcrash|\bpointer|\bsignal|\bc\+\+|\bgpu",
    "log": r"(?i)\bllama|\bggml|\bgguf",
    "server": r"(?i)\bjson\b|\berror\b",
}
"""Questions that a model may well answer in such words: what a program does, what a server says."""
_NOTHING_VISIBLE = r"\A[\s\p{Cf}\p{Cc}\x{2800}\x{3164}]*\z"
_ONLY_THOUGHT = r"(?s)\A\s*<think(?:ing)?>.*</think(?:ing)?>\s*\z|\A\s*<think(?:ing)?>(?:[^<]|<[^/])*\z"
_FENCED = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_CODE_BEGINS = re.compile(r"^(?:def|class|import|from|@)\b.*", re.MULTILINE)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def check_answers(answers: pl.DataFrame) -> Iterator[Finding]:
    """Every finding about the answers of one suite and source."""
    yield from _error_texts(answers)
    yield from _empty_answers(answers)
    judged = answers.filter(pl.col("passed").is_not_null())
    yield from _no_difference(judged)
    yield from _always_passes(judged)
    yield from _cut_answers(judged)
    yield from _repeated_answers(judged)
    for (scorer,), group in judged.group_by("scorer", maintain_order=True):
        name = str(scorer) if scorer is not None else None
        yield from _pass_equals_substring(group, name)
        yield from _definitions_only(group, name)


def _error_texts(answers: pl.DataFrame) -> Iterator[Finding]:
    text = pl.col("text").str.strip_chars()
    short = answers.filter(text.str.len_chars().is_between(1, LONGEST_ERROR_CHARACTERS))
    beginning = text.str.slice(0, 20)
    # A question about such a text may well be answered with one.
    asked_for = pl.any_horizontal(
        pl.col(column).fill_null("").str.contains(beginning, literal=True) for column in ("prompt", "expected")
    )
    for kind, pattern in ERROR_TEXTS.items():
        about_it = pl.lit(value=False)
        if kind in ASKED_ABOUT:
            about_it = pl.col("prompt").fill_null("").str.contains(ASKED_ABOUT[kind])
        found = short.filter(pl.col("text").str.contains(pattern) & ~asked_for & ~about_it)
        if found.height:
            short = short.join(found.select("answer_id"), on="answer_id", how="anti", maintain_order="left")
            passes = found["passed"].sum()
            yield Finding(
                "error_text",
                ERROR,
                f"{found.height} of {answers.height} answers are messages of a program and not of a model "
                f"({kind}); {passes} of them passed",
                found["text"][0],
                tuple(found["question_id"]),
                tuple(found["answer_id"]),
                detail=kind,
            )


def _empty_answers(answers: pl.DataFrame) -> Iterator[Finding]:
    text = pl.col("text").fill_null("")
    empty = answers.filter(text.str.contains(_NOTHING_VISIBLE))
    passing = answers.filter(
        pl.col("passed") & (text.str.contains(_NOTHING_VISIBLE) | text.str.contains(_ONLY_THOUGHT))
    )
    if passing.height:
        yield Finding(
            "empty_answer_passes",
            ERROR,
            f"{passing.height} answers without any text, outside of thinking, passed",
            passing["prompt"][0],
            tuple(passing["question_id"]),
            tuple(passing["answer_id"]),
        )
    rest = empty.filter(pl.col("passed").fill_null(value=False).not_())
    if rest.height >= LEAST_OF_EACH and rest.height > MOST_EMPTY * answers.height:
        yield Finding(
            "empty_answers",
            WARNING,
            f"{rest.height} of {answers.height} answers have no text although nothing is said to have gone wrong",
            rest["prompt"][0],
            tuple(rest["question_id"]),
            tuple(rest["answer_id"]),
        )


def _no_difference(judged: pl.DataFrame) -> Iterator[Finding]:
    """All passed or all failed: the suite tells nobody apart. Below LEAST_ANSWERS questions or with one actor nobody
    can say so."""
    if judged["question_id"].n_unique() < LEAST_ANSWERS or judged["actor"].n_unique() < 2:
        return
    passes = judged["passed"].sum()
    if passes in (0, judged.height):
        yield Finding(
            "all_pass" if passes else "all_fail",
            WARNING,
            f"all {judged.height} answers of {judged['actor'].n_unique()} models or actions to "
            f"{judged['question_id'].n_unique()} questions {'passed' if passes else 'failed'}",
            judged["prompt"][0],
            tuple(judged["question_id"]),
            tuple(judged["answer_id"]),
        )


def _always_passes(judged: pl.DataFrame) -> Iterator[Finding]:
    """One actor never fails where others do: its form of answer may be what passes.

    Not said where one as good as the best of the others would do so by chance once in a hundred times or oftener.
    """
    rates = judged.group_by("actor").agg(pl.len().alias("answers"), pl.col("passed").mean().alias("rate")).sort("actor")
    compared = rates.filter(pl.col("answers") >= LEAST_ANSWERS)
    others = compared.filter(pl.col("rate") < MOST_OF_OTHERS)
    if others.is_empty():
        return
    for row in rates.filter((pl.col("rate") == 1) & (pl.col("answers") >= LEAST_OF_ACTOR)).iter_rows(named=True):
        own = judged.filter(pl.col("actor") == row["actor"])
        best = compared.filter((pl.col("actor") != row["actor"]) & (pl.col("rate") < 1))["rate"].max()
        if isinstance(best, float) and best ** row["answers"] >= LEAST_LIKELY:
            continue
        yield Finding(
            "actor_always_passes",
            WARNING,
            f"all {row['answers']} answers of {row['actor']} passed; those of {others.height} others at rates from "
            f"{others['rate'].min():.0%} to {others['rate'].max():.0%}",
            own["prompt"][0],
            tuple(own["question_id"]),
            tuple(own["answer_id"]),
            actor=row["actor"],
        )


def _cut_answers(judged: pl.DataFrame) -> Iterator[Finding]:
    cut = judged.filter(pl.col("is_cut") & ~pl.col("passed"))
    if judged.height >= LEAST_ANSWERS and cut.height > MOST_CUT * judged.height:
        yield Finding(
            "cut_answers",
            WARNING,
            f"{cut.height} of {judged.height} answers failed and were cut at their token limit: the limit may be what "
            "is measured",
            cut["text"][0],
            tuple(cut["question_id"]),
            tuple(cut["answer_id"]),
        )


def _repeated_answers(judged: pl.DataFrame) -> Iterator[Finding]:
    """One text that passes questions which expect different things: it lists them all, or is a phrase that whoever
    scored took for an answer. An instruction such as "no commas" may be followed by one text everywhere."""
    passing = judged.filter(pl.col("passed") & pl.col("scorer").ne_missing(PROGRAMMATIC.name)).with_columns(
        said=pl.col("text").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars(),
        wanted=pl.coalesce(pl.col("expected").str.strip_chars().str.to_lowercase(), "prompt"),
    )
    # Where it is not known what was expected (judges), a short text may be right for several questions.
    known = pl.col("expected").is_not_null() | (pl.col("said").str.len_chars() >= LEAST_PHRASE_CHARACTERS)
    alike = (
        passing.filter(known & (pl.col("said") != ""))
        .group_by("said", maintain_order=True)
        .agg(pl.col("answer_id", "question_id"), pl.col("wanted").n_unique(), pl.col("text").first())
        .filter(pl.col("wanted") >= LEAST_OF_EACH)
    )
    if alike.is_empty():
        return
    most = alike.sort("wanted", "said", descending=[True, False])
    yield Finding(
        "repeated_answer_passes",
        WARNING,
        f"{alike.height} texts passed {LEAST_OF_EACH} or more questions that expect different things, one of them "
        f"{most['wanted'][0]}",
        most["text"][0],
        tuple(question for each in alike["question_id"] for question in each),
        tuple(answer for each in alike["answer_id"] for answer in each),
    )


def _pass_equals_substring(judged: pl.DataFrame, scorer: str | None) -> Iterator[Finding]:
    """Every verdict is what a search for the expected text in the answer would give.

    That is an error where the text is a name which the passing answers define: no test ran. Elsewhere good answers
    hold the reference and bad ones do not. So where the scorer is known it is asked again: nothing is said where it
    gives the same verdicts, and it is an error where it contradicts several. Where it cannot be asked: a warning.
    """
    if scorer == SUBSTRING.name:
        return
    stated = judged.filter(
        (pl.col("expected").str.strip_chars().str.len_chars() > 0) & (pl.col("text").str.len_chars() > 0)
    )
    expected = pl.col("expected").str.strip_chars()
    passes = stated.filter("passed")
    if stated.height < LEAST_ANSWERS or min(passes.height, stated.height - passes.height) < LEAST_OF_EACH:
        return
    longer = passes.filter(pl.col("text").str.len_chars() > 3 * pl.col("expected").str.len_chars() + 20)
    if longer.height < LEAST_OF_EACH:
        return
    text = pl.col("text")
    as_is, lowered = (
        stated.select(found=searched.str.contains(wanted, literal=True) == pl.col("passed"))["found"].all()
        for searched, wanted in ((text, expected), (text.str.to_lowercase(), expected.str.to_lowercase()))
    )
    if not (as_is or lowered):
        return
    named = passes.with_columns(name=expected.str.extract(r"^(?:def\s+)?([A-Za-z_]\w*)\(?$")).drop_nulls("name")
    defining = [
        bool(re.search(rf"\b(?:def|class)\s+{re.escape(name)}\b", text))
        for name, text in named.select("name", "text").iter_rows()
    ]
    severity, why = WARNING, "nothing else was compared"
    if sum(defining) >= max(LEAST_PROGRAMS, passes.height / 2):
        severity, why = ERROR, f"the text is a name, which {sum(defining)} passing answers define: no test ran"
    elif scorer is not None:
        judged_again, contradicted = _contradicted(scorer, stated)
        if judged_again and not contradicted:
            return
        if contradicted:
            severity = ERROR if contradicted >= LEAST_OF_EACH else WARNING
            why = f"{scorer} itself contradicts {contradicted} of {judged_again} that it was asked again"
    yield Finding(
        "pass_equals_substring",
        severity,
        f"all {stated.height} verdicts ({passes.height} passes) are what a search for the expected text in the answer "
        f"gives; {why}",
        longer["text"][0],
        tuple(stated["question_id"]),
        tuple(stated["answer_id"]),
        scorer=scorer,
    )


def _contradicted(scorer: str, stated: pl.DataFrame) -> tuple[int, int]:
    """How many answers the scorer can judge now, of the first that passed and that failed, and how many differently."""
    count = JUDGED_AGAIN_PROGRAMS if scorer == CODE_EXECUTION.name else JUDGED_AGAIN
    again = pl.concat([stated.filter("passed").head(count), stated.filter(~pl.col("passed")).head(count)])
    asked = [Answer(scorer, *row) for row in again.select("text", "expected", "scorer_config").iter_rows()]
    pairs = [
        (verdict.passed, passed)
        for verdict, passed in zip(judge(asked), again["passed"], strict=True)
        if verdict.passed is not None
    ]
    return len(pairs), sum(now is not before for now, before in pairs)


def _definitions_only(judged: pl.DataFrame, scorer: str | None) -> Iterator[Finding]:
    """Programs that only define something pass, and none passes that does anything: whoever scored ran definitions
    and took their silence for success."""
    code = judged.filter(pl.col("text").str.contains(r"(?m)^(?:def|class|import|from) ")).head(PROGRAMS_LOOKED_AT)
    if code.height < 2 * LEAST_PROGRAMS:
        return
    kinds = pl.Series("does", [_does_something(text) for text in code["text"]], dtype=pl.Boolean)
    code = code.with_columns(kinds).drop_nulls("does")
    counts = {
        (does, passed): code.filter((pl.col("does") == does) & (pl.col("passed") == passed)).height
        for does in (False, True)
        for passed in (False, True)
    }
    silent = code.filter(~pl.col("does") & pl.col("passed"))
    if counts[False, True] >= LEAST_PROGRAMS and counts[True, True] == 0 and counts[True, False] >= LEAST_PROGRAMS:
        yield Finding(
            "definitions_only_passes",
            ERROR,
            f"all {counts[False, True]} programs that passed only define something; all {counts[True, False]} that "
            "also run it failed",
            silent["text"][0],
            tuple(judged["question_id"]),
            tuple(judged["answer_id"]),
            scorer=scorer,
        )


def _does_something(text: str) -> bool | None:
    """Whether the program of an answer does more than define; None where there is none that can be read.

    Without a fence it is cut at the first blank line, as the record's scorer cut it.
    """
    fenced = _FENCED.search(text)
    begins = _CODE_BEGINS.search(text)
    if fenced:
        code = fenced.group(1)
    elif begins:
        code = re.split(r"\n[ \t]*\n", text[begins.start() :], maxsplit=1)[0]
    else:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Escapes that a later Python forbids.
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not tree.body:
        return None
    return any(not _defines(statement) for statement in tree.body)


def _defines(statement: ast.stmt) -> bool:
    if isinstance(statement, _DEFINITIONS):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return not any(isinstance(node, ast.Call) for node in ast.walk(statement))
    return False
