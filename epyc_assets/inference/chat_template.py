"""From a question to the exact text that is sent: the model's own chat template, or none.

The template comes out of the GGUF file and is untrusted text, so it runs in jinja2's sandbox. Not here: special
tokens (the worker recognises them while tokenising) and what the registry says about thinking (the sweep decides).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn


class TemplateFault(ValueError):
    """A chat template that cannot be applied; the message says why."""


def render_prompt(
    user_text: str,
    *,
    template: str | None,
    bos_text: str = "",
    eos_text: str = "",
    variables: Mapping[str, Any] | None = None,
    appended: str = "",
) -> str:
    """The prompt for one user message.

    template None: the text itself (a base model, or a registry entry that says raw). variables go to the
    template, for example {"enable_thinking": False}; appended is put after it, for example a closed thinking
    block. Raises TemplateFault for a template that jinja2 cannot read or that refuses the message.
    """
    if template is None:
        return user_text + appended
    import jinja2

    try:
        rendered = _compile(template).render(
            messages=[{"role": "user", "content": user_text}],
            add_generation_prompt=True,
            bos_token=bos_text,
            eos_token=eos_text,
            tools=None,
            **(variables or {}),
        )
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise TemplateFault(
            f"the model's chat template could not be applied: {error}; set prompt_format: raw in the registry "
            "to send the questions without it"
        ) from error
    return rendered + appended


@lru_cache(maxsize=16)
def _compile(template: str) -> Any:
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def raise_exception(message: str) -> NoReturn:
        raise ValueError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = lambda text: datetime.now().astimezone().strftime(text)
    return environment.from_string(template)
