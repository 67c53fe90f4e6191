"""Early signs: what visitors did short of converting, arm by arm, on a card of its own; never a win, never evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.experiments.experiment import Experiment
from vibevariant.stats.decision import Reason
from vibevariant.stats.early_signals import EarlySigns, early_sentence
from vibevariant.stats.engagement import SIGNALS, SignalTable

SPARSE: tuple[Reason, ...] = ("setup", "early")
"""Where conversions say nothing yet, early signs stand first; afterwards they stay on their card, and step back."""


@dataclass(frozen=True, slots=True)
class EarlyArm:
    """What the visitors of one arm did on average; None without visitors.

    Args:
        engagement: the index, in standard deviations of a visitor; 0 is the mean of all.
        signals: how far they got with a form (0 untouched, 1 begun, 2 sent), clicks, the deepest share of the page,
            seconds in view.
        p_best: calibrated chance of being best, if what is assumed beforehand leans with the signs; apart from every
            decision.
    """

    key: str
    visitors: int
    engagement: float | None
    signals: dict[str, float | None]
    p_best: float


@dataclass(frozen=True, slots=True)
class EarlyResult:
    """What engagement says.

    Args:
        sentence: what people read.
        leads: conversions are too few to say anything, so these signs are what there is.
        arm, over: the more engaging arm, and the one it is held against.
        p_right: how often such signs pick the better arm.
        correlation: of arms' effects on engagement and on conversions, as far as is known.
        experiments: finished ones that taught it.
        weights: the part of each signal in the index.
    """

    sentence: str
    leads: bool
    is_claim: bool
    arm: str | None
    over: str | None
    p_right: float | None
    correlation: float
    experiments: int
    weights: dict[str, float]
    arms: tuple[EarlyArm, ...]


def early_result(
    experiment: Experiment,
    table: SignalTable,
    signs: EarlySigns,
    correlation: float,
    shifted: Sequence[float],
    reason: Reason,
) -> EarlyResult:
    """The card.

    Args:
        shifted: the chances of being best with the signs' shift of what is assumed beforehand.
        reason: the row of the decision, which never depends on any of this.
    """
    arms = experiment.arms
    return EarlyResult(
        sentence=early_sentence(signs, [arm.name for arm in arms]),
        leads=reason in SPARSE,
        is_claim=signs.is_claim,
        arm=None if signs.arm is None else arms[signs.arm].key,
        over=None if signs.over is None else arms[signs.over].key,
        p_right=signs.p_right,
        correlation=correlation,
        experiments=signs.experiments,
        weights=signs.weights.shares,
        arms=tuple(
            EarlyArm(
                arm.key,
                int(table.visitors[table.arms == arm.index].sum()),
                signs.engagement.means[arm.index],
                dict(zip(SIGNALS, _means(table, arm.index), strict=True)),
                shifted[arm.index],
            )
            for arm in arms
        ),
    )


def _means(table: SignalTable, arm: int) -> Sequence[float | None]:
    """What the arm's visitors did on average, signal by signal; what was not seen counts as 0."""
    mine = table.arms == arm
    visitors = table.visitors[mine].astype(np.float64)
    if not visitors.sum():
        return [None] * len(SIGNALS)
    means = visitors @ np.nan_to_num(table.signals[mine], nan=0.0) / visitors.sum()
    return [float(mean) for mean in means]
