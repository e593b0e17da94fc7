"""One way to write an option's letter: full-width, circled, look-alike, in angles, underscored.

Belongs here: notation alone. Does not belong here: which letter an answer settles on (`multiple_choice.py`).
"""

from __future__ import annotations

import re

from epyc_assets.scoring.extraction import readable

_FULL_WIDTH = (
    {0xFF21 + index: ord("A") + index for index in range(26)}
    | {0xFF41 + index: ord("a") + index for index in range(26)}
    | {start + index: ord("A") + index for start in (0x24B6, 0x1F130, 0x1F150, 0x1F170) for index in range(26)}
    | {0x24D0 + index: ord("a") + index for index in range(26)}
    | str.maketrans("（）：。【】「」『』", "():.()()()")
)
# Cyrillic and Greek capitals that look like an option's letter, where they stand for one: "Ответ: В".
_LOOK_ALIKES = str.maketrans("АВСЕНІЈΑΒΕΗΙ", "ABCEHIJABEHI")
_LOOK_ALIKE = re.compile(r"(?<!\w)[АВСЕНІЈΑΒΕΗΙ](?=[)\]}*_.,:]|\s*(?:$|\n))")
_UNDERSCORED = re.compile(r"(?<![^\W_])(_{1,3})([(\[]?[A-J][)\].:]?)\1(?![^\W_])")
_IN_ANGLES = re.compile(r"<{1,2}\s?([A-J])\s?>{1,2}(?!.{0,200}</\1>)", re.DOTALL)
_AFTER_IDEOGRAPH = re.compile(
    r"(?<=(?<![A-Za-z])[A-J])(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
    r"|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?=[A-J](?![A-Za-z]))"
)


def plain_letters(text: str) -> str:
    """The text with the many ways to set an option's letter as plain ones, and a letter after an ideograph alone."""
    text = readable(_IN_ANGLES.sub(r"(\1)", text) if "<" in text else text)
    if "_" in text:
        text = _UNDERSCORED.sub(r"**\2**", text)
    if text.isascii():
        return text
    text = _LOOK_ALIKE.sub(lambda found: found.group().translate(_LOOK_ALIKES), text)
    return _AFTER_IDEOGRAPH.sub(" ", text.translate(_FULL_WIDTH))
