"""Chat templates: the model's own, hostile and broken ones."""

from __future__ import annotations

import pytest

from epyc_assets.inference.chat_template import TemplateFault, render_prompt

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
    "{% if enable_thinking is defined and not enable_thinking %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}"
    "{% endif %}"
)


def test_without_a_template_the_text_is_sent_as_it_is() -> None:
    assert render_prompt("a {{ b }}", template=None, appended="!") == "a {{ b }}!"


def test_a_template_gets_message_variables_and_what_is_appended() -> None:
    rendered = render_prompt("hi {{ x }}", template=CHATML, variables={"enable_thinking": False}, appended="So")
    assert rendered == "<|im_start|>user\nhi {{ x }}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nSo"


@pytest.mark.parametrize(
    "template",
    [
        "{% for %}",
        "{{ messages[7].content }}{{ 1 / 0 }}",
        "{{ raise_exception('only pairs of messages') }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.clear() }}",
        "{{ undefined_function() }}",
    ],
)
def test_a_template_that_cannot_be_applied_says_what_to_do(template: str) -> None:
    with pytest.raises(TemplateFault, match="prompt_format: raw"):
        render_prompt("hi", template=template)
