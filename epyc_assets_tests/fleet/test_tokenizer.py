"""The fleet's tokenizer gives llama.cpp's token ids, reads any text back, and spells quoted words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epyc_assets.fleet.tokenizer import SPECIAL_TOKENS, Tokenizer, build_tokenizer, split_text
from epyc_assets.suites import generate
from epyc_assets.suites.demo import TAUGHT_SUITES
from epyc_assets_tests.fleet.conftest import random_model

STRANGE = [
    "",
    " ",
    "  leading and trailing  ",
    "tab\tand\r\nlines\n\n\n end",
    "it's we'll I'd they've 'tis don't 's 'LL",
    "naïve café ümlaut €42 日本語 ½ x² ٣٤ Ⅻ",
    "😀😀 e\u0301 \u200bzero\u00a0width\u3000x\u2028y\x85z",
    "\x00\x01\x1c\x7f",
    "a_b __c__ 1_000 C++ <|not special|> [1, 2] {'a': \"b\"}",
    "Anna has the 'marble' lamp. AnnaBen McAnna annA",
    "def f(x):\n    return x[1:3] + 12345\n",
]


@pytest.fixture(scope="module")
def model_path(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "micro.gguf"
    random_model("qwen3", tokenizer, path)
    return path


def test_ids_are_those_of_llama_cpp(tokenizer: Tokenizer, model_path: Path, load: Callable) -> None:
    model = load(model_path)
    texts = [*STRANGE]
    for suite in TAUGHT_SUITES:
        for question in generate(suite, count=30, seed=8, wording="demo"):
            texts += [question.prompt, question.expected]
    for text in texts:
        expected = model.tokenize(text.encode(), add_bos=False, special=False) if text else []
        assert tokenizer.encode(text) == expected, text


def test_ids_of_any_text_are_those_of_llama_cpp(tokenizer: Tokenizer, model_path: Path, load: Callable) -> None:
    model = load(model_path)

    # llama.cpp's own tables of Unicode classes are older than Python's, so newer letters are left out.
    @given(st.text(st.characters(codec="utf-8", max_codepoint=0x2FFF, exclude_categories=["Cn", "Cs"])))
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def same(text: str) -> None:
        if text:
            assert tokenizer.encode(text) == model.tokenize(text.encode(), add_bos=False, special=False)

    same()


def test_the_files_template_lays_prompts_out_as_training_did(
    tokenizer: Tokenizer, model_path: Path, load: Callable
) -> None:
    import jinja2

    model = load(model_path)
    template = jinja2.Environment().from_string(model.metadata["tokenizer.chat_template"])
    text = template.render(messages=[{"role": "user", "content": "What is 1 + 2?"}], add_generation_prompt=True)
    rendered = model.tokenize(text.encode(), add_bos=False, special=True)
    assert rendered == tokenizer.encode_prompt("What is 1 + 2?")
    assert model.token_eos() == tokenizer.end_id
    assert not model._model.add_bos_token()


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_any_text_survives_a_round_trip(text: str) -> None:
    tokenizer = build_tokenizer(["lamp", "has"], ["Anna"])
    encoded = text.encode("utf-8", errors="replace").decode()
    assert "".join(split_text(encoded)) == encoded
    assert tokenizer.decode(tokenizer.encode(encoded)) == encoded


def test_words_are_one_token_after_a_space_and_letters_in_quotes(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode(" lamp")) == 1
    assert len(tokenizer.encode("Anna")) == 1
    assert len(tokenizer.encode(" Anna")) == 1
    assert len(tokenizer.encode("'lamp'")) == 6
    assert len(tokenizer.encode("12345")) == 5


def test_special_tokens_in_plain_text_stay_plain(tokenizer: Tokenizer) -> None:
    special = {tokenizer.ids[token] for token in SPECIAL_TOKENS}
    assert not special & set(tokenizer.encode("a<|end|><|assistant|>b"))
    assert tokenizer.decode([*tokenizer.encode("a"), tokenizer.end_id]) == "a"


def test_broken_utf8_is_shown_not_raised(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("é")[:1]) == "\ufffd"
