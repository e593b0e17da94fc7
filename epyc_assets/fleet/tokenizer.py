"""The fleet's tokenizer: byte-level BPE of llama.cpp's "gpt2" kind, small enough for tiny models.

Belongs here: the vocabulary made from a list of words, encoding, decoding and the chat layout.
Does not belong here: writing it into a GGUF file (`gguf_writing`).

Words after a space and capitalised words are one token each; everything else is read byte by byte. To keep
it so, every merge extends a word from its left end: the merges of "Ġlamp" are (Ġ,l) (Ġl,a) (Ġla,m)
(Ġlam,p). Words in quotes follow no space and so stay letters, which is what spelling tasks need, and digits
are never merged.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from epyc_assets.fleet.vocabulary import WORDS_AFTER_A_SPACE, WORDS_AT_THE_START

USER, ASSISTANT, SYSTEM, END, PADDING = "<|user|>", "<|assistant|>", "<|system|>", "<|end|>", "<|pad|>"
SPECIAL_TOKENS = (END, USER, ASSISTANT, SYSTEM, PADDING)

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

_CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


def byte_alphabet() -> list[str]:
    """The 256 characters that stand for the bytes 0 to 255 in GPT-2's vocabulary, in byte order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(moved)) for byte in range(256)]


_ALPHABET = byte_alphabet()
_BYTE_OF = {character: byte for byte, character in enumerate(_ALPHABET)}


def split_text(text: str) -> list[str]:
    r"""The pieces within which merges happen, as llama.cpp's "gpt-2" pre-tokenizer makes them.

    By hand, since the expression
    `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    needs Unicode classes that the standard library does not have.
    """
    pieces: list[str] = []
    position = 0
    while position < len(text):
        contraction = next((part for part in _CONTRACTIONS if text.startswith(part, position)), None)
        if contraction:
            pieces.append(contraction)
            position += len(contraction)
            continue
        start = position
        body = position + 1 if text[position] == " " else position
        if body < len(text) and _kind(text[body]) != "space":
            kind = _kind(text[body])
            position = body + 1
            while position < len(text) and _kind(text[position]) == kind:
                position += 1
        else:
            while position < len(text) and _kind(text[position]) == "space":
                position += 1
            if position < len(text) and position - start > 1:
                position -= 1  # the last white space belongs to what follows
        pieces.append(text[start:position])
    return pieces


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LN":
        return category[0]
    return "space" if character.isspace() and character not in "\x1c\x1d\x1e\x1f" else "other"


@dataclass(frozen=True)
class Tokenizer:
    """Tokens in the order of their ids, and merges in the order of their rank."""

    tokens: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]
    _pieces: dict[str, list[int]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def ids(self) -> dict[str, int]:
        return {token: index for index, token in enumerate(self.tokens)}

    @cached_property
    def ranks(self) -> dict[tuple[str, str], int]:
        return {merge: rank for rank, merge in enumerate(self.merges)}

    @property
    def end_id(self) -> int:
        return self.ids[END]

    @property
    def padding_id(self) -> int:
        return self.ids[PADDING]

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text; special tokens are not looked for."""
        result: list[int] = []
        for piece in split_text(text):
            if piece not in self._pieces:
                self._pieces[piece] = self._encode_piece(piece)
            result += self._pieces[piece]
        return result

    def encode_prompt(self, prompt: str) -> list[int]:
        """Token ids of one user message as the chat template lays it out, ready for the answer."""
        ids = self.ids
        return [ids[USER], *self.encode(prompt), ids[END], ids[ASSISTANT]]

    def decode(self, token_ids: Iterable[int]) -> str:
        """Text of token ids; special tokens are left out, broken UTF-8 becomes replacement characters."""
        data = bytearray()
        for token_id in token_ids:
            token = self.tokens[token_id]
            if token not in SPECIAL_TOKENS:
                data += bytes(_BYTE_OF[character] for character in token)
        return data.decode("utf-8", errors="replace")

    def _encode_piece(self, piece: str) -> list[int]:
        symbols = [_ALPHABET[byte] for byte in piece.encode()]
        while len(symbols) > 1:
            ranked = [
                (self.ranks[pair], index)
                for index, pair in enumerate(itertools.pairwise(symbols))
                if pair in self.ranks
            ]
            if not ranked:
                break
            _, index = min(ranked)
            symbols[index : index + 2] = [symbols[index] + symbols[index + 1]]
        return [self.ids[symbol] for symbol in symbols]


def build_tokenizer(after_a_space: Sequence[str], at_the_start: Sequence[str] = ()) -> Tokenizer:
    """A tokenizer with these words as tokens, the first list with a space before them."""
    # Words with their space come first: in " Anna" the space and A must merge before A and n do.
    merges: dict[tuple[str, str], None] = {}
    for word in [*(f" {word}" for word in after_a_space), *at_the_start]:
        symbols = [_ALPHABET[byte] for byte in word.encode()]
        for length in range(1, len(symbols)):
            merges[("".join(symbols[:length]), symbols[length])] = None
    return tokenizer_from_merges(list(merges))


def fleet_tokenizer() -> Tokenizer:
    """The one tokenizer that all models of the fleet share."""
    return build_tokenizer(WORDS_AFTER_A_SPACE, WORDS_AT_THE_START)


def tokenizer_from_merges(merges: Sequence[tuple[str, str]]) -> Tokenizer:
    """Bytes, then what the merges make, then the special tokens."""
    made = dict.fromkeys(left + right for left, right in merges)
    return Tokenizer(tokens=(*_ALPHABET, *made, *SPECIAL_TOKENS), merges=tuple(merges))
