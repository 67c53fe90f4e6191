"""One experiment's reading from its counts to its next weights: all that takes time, and nothing that waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vibevariant.experiments.basis import Basis
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lessons import History, Lesson, lesson_of
from vibevariant.experiments.observations import Observations
from vibevariant.experiments.results import allocation_counts, renew
from vibevariant.stats.engagement import VisitorSignals


@dataclass(frozen=True, slots=True)
class Question:
    """What a reading is made from.

    Args:
        signals: of an experiment that has ended, whose visitors teach those that come after it.
    """

    experiment: Experiment
    observations: Observations
    history: History
    now: int
    sample_ratio_log_e_before: float
    signals: Sequence[VisitorSignals] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What it says: the results as they are kept, what they follow from, and what follows from them, in letters too."""

    results: dict[str, Any]
    basis: Basis
    weights: tuple[int, ...] | None
    outcome: str
    lesson: Lesson | None


def answer(question: Question) -> Answer:
    """Reads an experiment. Whose visitors went astray teaches nothing."""
    experiment, observed = question.experiment, question.observations
    renewal = renew(
        experiment,
        observed,
        question.history,
        now=question.now,
        sample_ratio_log_e_before=question.sample_ratio_log_e_before,
    )
    lesson = None
    if question.signals is not None and renewal.results.decision.status != "broken":
        counts = allocation_counts(experiment, observed.tallies, experiment.primary_goal.id)
        lesson = lesson_of(experiment, counts, question.signals)
    return Answer(asdict(renewal.results), renewal.basis, renewal.weights, renewal.outcome, lesson)
