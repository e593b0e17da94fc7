"""Scorer `programmatic`: every instruction of a question is verified by rule, as IFEval does.

Belongs here: reading the instructions of a question and combining the findings. Does not belong here: the
verifiers (`verifiers/`).

Config: `instructions`: a list of {"id": ..., "kwargs": {...}}, or IFEval's own layout `instruction_id_list`
and `kwargs` side by side; or one `verifier` with its options beside it, as the original project's question files have
it. All of them must hold.

Strict and loose are IFEval's (Zhou et al. 2023, arXiv 2311.07911, section 2.3): loose also tries the answer
without its first line, its last line, both, and each of these without asterisks. The flexible verdict is the
loose one.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from epyc_assets.scoring.extraction import visible_answer
from epyc_assets.scoring.json_values import loaded_json
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    Scorer,
    UnknownVerifier,
    failed,
    not_scored,
)
from epyc_assets.scoring.verifiers import VERIFIERS, Arguments, Finding, Verifier
from epyc_assets.suites.foreign_scorers import NoEquivalent, mapped_scorer


def loose_variants(text: str) -> list[str]:
    """The answer and its seven relaxed forms, in IFEval's order, without repeats."""
    lines = text.split("\n")
    forms = [text]
    forms.extend("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))
    return list(dict.fromkeys([*forms, *(form.replace("*", "") for form in forms)]))


def _instructions(config: Config, expected: str) -> list[tuple[Verifier, Arguments]]:
    if "instruction_id_list" in config:
        entries: Any = _side_by_side(config)
    elif "verifier" in config:
        entries = _foreign(config)
    else:
        entries = config.get("instructions")
    if isinstance(entries, Mapping):
        entries = [entries]
    if not isinstance(entries, list) or not entries:
        raise InvalidScorerConfig(
            '\'instructions\' must be a list with at least one {"id": ..., "kwargs": {...}}; IFEval\'s own '
            "'instruction_id_list' and 'kwargs' will do as well."
        )
    return [_instruction(entry, expected) for entry in entries]


def _side_by_side(config: Config) -> list[dict[str, Any]]:
    """Ids and their arguments from IFEval's layout; arguments may be absent where no instruction takes any."""
    identifiers, all_kwargs = config["instruction_id_list"], config.get("kwargs")
    if isinstance(identifiers, list) and all_kwargs is None:
        all_kwargs = [{} for _ in identifiers]
    if not isinstance(identifiers, list) or not isinstance(all_kwargs, list) or len(identifiers) != len(all_kwargs):
        raise InvalidScorerConfig("'instruction_id_list' and 'kwargs' must be lists of the same length.")
    return [{"id": name, "kwargs": kwargs} for name, kwargs in zip(identifiers, all_kwargs, strict=True)]


def _foreign(config: Config) -> Any:
    """One verifier with its options beside it: by a name of ours, or of the original project's question files."""
    options = {key: value for key, value in config.items() if key != "verifier"}
    if isinstance(config["verifier"], str) and config["verifier"] in VERIFIERS:
        return [{"id": config["verifier"], "kwargs": options}]
    try:
        return mapped_scorer("programmatic", config).config["instructions"]
    except NoEquivalent as error:
        name = config["verifier"]
        kind = UnknownVerifier if "is not known; known are" in str(error) else InvalidScorerConfig
        raise kind(f"{error}.{_near(name) if kind is UnknownVerifier else ''}") from error


def _near(name: Any) -> str:
    """The verifiers with a name like the one given."""
    folded = str(name).lower()
    same_end = [known for known in VERIFIERS if known.split(":")[1] == folded.split(":")[-1]]
    near = same_end or difflib.get_close_matches(folded, VERIFIERS, n=3, cutoff=0.65)
    return (f" Is {' or '.join(near)} meant?" if near else "") + " `epyc score methods --verifiers` lists them all."


_ENTRY_KEYS = ("id", "instruction_id", "kwargs")


def _instruction(entry: Any, expected: str) -> tuple[Verifier, Arguments]:
    if isinstance(entry, str):
        entry = {"id": entry}
    name = entry.get("id", entry.get("instruction_id")) if isinstance(entry, Mapping) else None
    if not isinstance(name, str):
        raise InvalidScorerConfig(f"An instruction must be an object with an 'id'; got {entry!r}.")
    verifier = VERIFIERS.get(name.strip())
    if verifier is None:
        raise UnknownVerifier(f"There is no verifier named {name!r}.{_near(name)}")
    kwargs = entry.get("kwargs")
    if kwargs is None:  # or written beside the id
        kwargs = {key: value for key, value in entry.items() if key not in _ENTRY_KEYS}
    if isinstance(kwargs, str):  # as some Parquet copies hold them
        _, kwargs = loaded_json(kwargs)
    if not isinstance(kwargs, Mapping):
        raise InvalidScorerConfig(f"Instruction '{name}': 'kwargs' must be an object; got {entry['kwargs']!r}.")
    # Copies of IFEval hold every key of every instruction: null, NaN, "" or [] where it does not apply.
    given = {
        key: value
        for key, value in kwargs.items()
        if value is not None and value == value and (value or key in verifier.keys)
    }
    unknown = sorted(set(given) - set(verifier.keys) - {"prompt"})
    if unknown:
        raise InvalidScorerConfig(
            f"Instruction '{name}' does not take {unknown}; it takes {list(verifier.keys) or 'nothing'}."
        )
    return verifier, Arguments(verifier.instruction_id, given, expected)


def _strict(verifier: Verifier, arguments: Arguments, text: str) -> Finding:
    return verifier.check(text, arguments)


def _loose(verifier: Verifier, arguments: Arguments, text: str, strict: Finding) -> Finding:
    if strict.holds:
        return strict
    undecided = strict if strict.holds is None else None
    for form in loose_variants(text)[1:]:
        if form.strip():
            finding = verifier.check(form, arguments)
            if finding.holds:
                return finding
            undecided = undecided or (finding if finding.holds is None else None)
    return undecided or strict


def _combined(findings: list[Finding]) -> tuple[float | None, bool | None]:
    """The share of instructions that hold, and whether all do; None where nobody can tell."""
    if any(finding.holds is False for finding in findings):
        return sum(finding.holds is True for finding in findings) / len(findings), False
    if any(finding.holds is None for finding in findings):
        return None, None
    return 1.0, True


def score_programmatic(answer: str, expected: str, config: Config) -> Score:
    """Verify every instruction; value is the share that hold, passed is that all do.

    Raises:
        UnknownVerifier: an instruction's id is not known.
        InvalidScorerConfig: an instruction's arguments cannot be used.
    """
    instructions = _instructions(config, expected)
    visible = visible_answer(answer)
    # An unusable question must show even when the answer is empty.
    text = visible.text if visible.text is not None else " "
    strict = [_strict(verifier, arguments, text) for verifier, arguments in instructions]
    if visible.text is None:
        return failed(visible.fault or "no answer was given")
    loose = [
        _loose(verifier, arguments, text, finding)
        for (verifier, arguments), finding in zip(instructions, strict, strict=True)
    ]
    value, passed = _combined(loose)
    strict_value, strict_passed = _combined(strict)
    explanation = "; ".join(
        f"{verifier.instruction_id}: {_word(finding, strictly)} ({finding.detail})"
        for (verifier, _), finding, strictly in zip(instructions, loose, strict, strict=True)
    )
    if passed is None:
        return not_scored(explanation)
    return Score(value, passed, text.strip(), explanation, strict_value, strict_passed, text.strip())


def _word(loose: Finding, strict: Finding) -> str:
    if loose.holds is None:
        return "cannot be told"
    if loose.holds:
        return "holds" if strict.holds else "holds only loosely"
    return "does not hold"


PROGRAMMATIC = Scorer(
    name="programmatic",
    version=3,
    function=score_programmatic,
    config_keys={
        "instructions": 'list of {"id": ..., "kwargs": {...}}; all must hold',
        "instruction_id_list": "IFEval's own layout: ids, with kwargs side by side",
        "kwargs": "IFEval's own layout: a list of arguments, one object for each id",
        "verifier": "one verifier by name, with its options beside it",
    },
)
