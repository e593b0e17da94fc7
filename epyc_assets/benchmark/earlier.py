"""What earlier sweeps left behind, as far as a plan needs it: answers by key, rounds by key.

Not here: reading it from the warehouse and the journals (defs.reading, defs.planning), deciding (plan).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Answered:
    """An earlier generation, as far as a plan needs it."""

    generation_id: str
    model: str
    config_id: str
    question_id: str
    generation_key: str
    status: str
    total_ms: float | None = None


@dataclass(frozen=True, slots=True)
class EarlierSpeed:
    """Earlier speed rounds of one config with one set of contents (speed_key).

    rounds: those in which config and baseline answered every prompt. enough: whether the stop rule was met. round_s:
    seconds one round of the config took. failures: measurements in which it did not answer at all, and failure the
    reason of the last one.
    """

    model: str
    config_id: str
    speed_key: str
    rounds: int
    enough: bool
    round_s: float | None = None
    failures: int = 0
    failure: str | None = None


class EarlierAnswers:
    """Earlier generations, looked up by key and by question."""

    def __init__(self, answered: Iterable[Answered]) -> None:
        self.answered_keys: set[tuple[str, str]] = set()
        self.failures: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.questions: set[tuple[str, str, str]] = set()
        times: dict[tuple[str, str], list[float]] = defaultdict(list)
        for old in answered:
            if old.status == "ok":
                self.answered_keys.add((old.model, old.generation_key))
                self.questions.add((old.model, old.config_id, old.question_id))
                if old.total_ms is not None:
                    times[(old.model, old.config_id)].append(old.total_ms)
            else:
                self.failures[(old.model, old.generation_key)].append(old.status)
        self.seconds: dict[str, dict[str, float]] = defaultdict(dict)
        """Median seconds of an answer, by model and config_id."""
        for (model, config_id), values in times.items():
            self.seconds[model][config_id] = median(values) / 1000


class EarlierRounds:
    """Earlier speed rounds, looked up by config."""

    def __init__(self, speeds: Iterable[EarlierSpeed]) -> None:
        self.of_config: dict[tuple[str, str], list[EarlierSpeed]] = defaultdict(list)
        self.seconds: dict[str, dict[str, float]] = defaultdict(dict)
        """Seconds of a round, by model and config_id; of the last one handed over."""
        for speed in speeds:
            self.of_config[(speed.model, speed.config_id)].append(speed)
            if speed.round_s is not None:
                self.seconds[speed.model][speed.config_id] = speed.round_s
