"""What a verifier is given and returns: `Arguments`, `Finding`, `Verifier`.

Belongs here: reading a verifier's arguments with errors that say what to change. Does not belong here: any
check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from epyc_assets.scoring.verdicts import InvalidScorerConfig


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an answer follows one instruction (None: cannot be told), and what was seen."""

    holds: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one instruction, each read by a method that refuses what cannot be meant."""

    instruction_id: str
    values: Mapping[str, Any]
    expected: str

    def _refuse(self, key: str, wanted: str) -> InvalidScorerConfig:
        return InvalidScorerConfig(
            f"Instruction '{self.instruction_id}': '{key}' must be {wanted}; got {self.values.get(key)!r}."
        )

    def text(self, key: str) -> str:
        """A text that is not blank, stripped."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._refuse(key, "a text that is not empty")
        return value.strip()

    def texts(self, key: str) -> list[str]:
        """A list with at least one text, none of them blank."""
        value = self.values.get(key)
        if not isinstance(value, list | tuple) or not value:
            raise self._refuse(key, "a list with at least one text")
        if any(not isinstance(entry, str) or not entry.strip() for entry in value):
            raise self._refuse(key, "a list of texts, none of them empty")
        return list(value)

    def count(self, key: str) -> int:
        """A whole number of zero or more (3.0, as some data sets store it, is 3)."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1 or value < 0:
            raise self._refuse(key, "a whole number of zero or more")
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        """A boolean, or the default where absent."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._refuse(key, "true or false")
        return value

    def compared(self, actual: int, count_key: str, relation_key: str, what: str) -> Finding:
        """Compare a count by the relation named in the arguments.

        IFEval knows "less than" and "at least"; "at most", "more than" and "exactly" are understood as well.
        """
        threshold = self.count(count_key)
        relation = self.values.get(relation_key)
        relations = {
            "less than": actual < threshold,
            "at least": actual >= threshold,
            "at most": actual <= threshold,
            "more than": actual > threshold,
            "exactly": actual == threshold,
        }
        if relation not in relations:
            raise self._refuse(relation_key, " or ".join(f'"{name}"' for name in relations))
        return Finding(relations[relation], f"{actual} {what}, wanted {relation} {threshold}")


@dataclass(frozen=True, slots=True)
class Verifier:
    """One kind of instruction: its published id, the arguments it takes, and its check."""

    instruction_id: str
    keys: tuple[str, ...]
    check: Callable[[str, Arguments], Finding]
