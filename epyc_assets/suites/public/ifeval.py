"""IFEval (Zhou et al. 2023, "Instruction-Following Evaluation for Large Language Models").

Belongs here: its columns and the ids of its instructions. Does not belong here: verifying them (scoring).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, RowRejected, text_of
from epyc_assets.suites.question import JSON

INSTRUCTIONS: Mapping[str, tuple[str, ...]] = {
    "keywords:existence": ("keywords",),
    "keywords:frequency": ("keyword", "frequency", "relation"),
    "keywords:forbidden_words": ("forbidden_words",),
    "keywords:letter_frequency": ("letter", "let_frequency", "let_relation"),
    "language:response_language": ("language",),
    "length_constraints:number_sentences": ("num_sentences", "relation"),
    "length_constraints:number_paragraphs": ("num_paragraphs",),
    "length_constraints:number_words": ("num_words", "relation"),
    "length_constraints:nth_paragraph_first_word": ("num_paragraphs", "nth_paragraph", "first_word"),
    "detectable_content:number_placeholders": ("num_placeholders",),
    "detectable_content:postscript": ("postscript_marker",),
    "detectable_format:number_bullet_lists": ("num_bullets",),
    "detectable_format:constrained_response": (),
    "detectable_format:number_highlighted_sections": ("num_highlights",),
    "detectable_format:multiple_sections": ("section_spliter", "num_sections"),
    "detectable_format:json_format": (),
    "detectable_format:title": (),
    "combination:two_responses": (),
    "combination:repeat_prompt": ("prompt_to_repeat",),
    "startend:end_checker": ("end_phrase",),
    "startend:quotation": (),
    "change_case:capital_word_frequency": ("capital_frequency", "capital_relation"),
    "change_case:english_capital": (),
    "change_case:english_lowercase": (),
    "punctuation:no_comma": (),
}
"""The published registry: instruction to the arguments without which nobody can tell whether it was followed."""


def _read(row: Row, place: Place) -> Iterator[Draft]:
    prompt = text_of(row, "prompt")
    names, all_kwargs = row.get("instruction_id_list"), row.get("kwargs")
    if isinstance(all_kwargs, str):
        all_kwargs = json.loads(all_kwargs)
    if isinstance(names, str):
        names = json.loads(names)
    if not isinstance(names, list) or not isinstance(all_kwargs, list) or len(names) != len(all_kwargs) or not names:
        raise RowRejected("instruction_id_list and kwargs are not two lists of the same length")
    unknown = sorted({str(name) for name in names} - INSTRUCTIONS.keys())
    if unknown:
        raise RowRejected(f"has instructions that are not in the published registry: {', '.join(unknown)}")
    instructions: list[JSON] = []
    for name, kwargs in zip(names, all_kwargs, strict=True):
        loaded = json.loads(kwargs) if isinstance(kwargs, str) else kwargs
        if loaded is not None and not isinstance(loaded, Mapping):
            raise RowRejected(f"the kwargs of {name} are {type(loaded).__name__}")
        # Parquet copies hold every argument of every instruction, NULL (or NaN) where it does not apply.
        given = {key: value for key, value in (loaded or {}).items() if value is not None and value == value}
        missing = [key for key in INSTRUCTIONS[str(name)] if given.get(key) in (None, "", [])]
        if missing:
            raise RowRejected(f"the kwargs of {name} have no {' or '.join(missing)}")
        unknown = sorted(map(str, given.keys() - set(INSTRUCTIONS[str(name)])))
        if unknown:
            raise RowRejected(f"the kwargs of {name} hold {', '.join(unknown)}, which it does not take")
        instructions.append({"id": str(name), "kwargs": given})
    yield Draft(
        content=prompt,
        tier=min(3, len(instructions)),
        prompt=prompt,
        expected="",
        scorer="programmatic",
        config={"instructions": instructions},
        max_tokens=2048,
    )


IFEVAL = PublicSet(
    suite="ifeval",
    title="IFEval",
    version="1",
    expects=("input_data.jsonl with key, prompt, instruction_id_list, kwargs (or a Parquet copy)",),
    licence="Apache 2.0",
    read=_read,
    wanted=lambda path: "response" not in path.name.casefold(),
)
