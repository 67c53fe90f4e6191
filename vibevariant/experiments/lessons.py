"""Lessons: what every finished experiment teaches its project, and what all of them together say to the next one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.stats.effect_correlation import (
    EffectCorrelation,
    EffectPair,
    effect_pairs,
    learned_correlation,
)
from vibevariant.stats.engagement import VisitorSignals, engagement, signal_table
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.hierarchical import log_marginals
from vibevariant.stats.posterior import Beta
from vibevariant.stats.priors import BEFORE_HISTORY, PastArm, SpreadPrior
from vibevariant.stats.signal_weights import BEFORE_CONVERSIONS, SignalWeights


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one finished experiment teaches, by its primary goal; small, and no visitor in it.

    Args:
        event: of the primary goal.
        ended_at: when the experiment ended.
        log_marginals: how well each spread foretold it.
        arms: conversions and exposed visitors of each.
        weights: of the signals after it, had it been the first.
        pairs: how far every two arms lay apart in engagement and in conversions.
    """

    experiment_id: int
    event: str
    ended_at: int
    log_marginals: tuple[float, ...] = ()
    arms: tuple[PastArm, ...] = ()
    weights: SignalWeights = BEFORE_CONVERSIONS
    pairs: tuple[EffectPair, ...] = ()

    @property
    def teaches(self) -> bool:
        """Whether at least two arms were seen; otherwise nothing was compared and there is nothing to learn."""
        return sum(exposed > 0 for _, exposed in self.arms) > 1


def lesson_of(
    experiment: Experiment, allocations: Sequence[AllocationCounts], signals: Sequence[VisitorSignals] = ()
) -> Lesson:
    """The lesson of an experiment that has ended. Of many arms it takes a while: their pairs are many more.

    Args:
        allocations: weights, exposed visitors and conversions for the primary goal.
        signals: what its visitors did, by the same goal; none where that is not known.
    """
    if experiment.ended_at is None:
        raise ValueError(f"the experiment {experiment.key} has not ended, so it has no lesson yet")
    arms = len(experiment.arms)
    counts = tuple(
        (
            sum(converted[arm] for _, _, converted in allocations),
            sum(shown[arm] for _, shown, _ in allocations),
        )
        for arm in range(arms)
    )
    lesson = Lesson(experiment.id, experiment.primary_goal.event, experiment.ended_at, arms=counts)
    if not lesson.teaches:
        return lesson
    table = signal_table(signals)
    weights = BEFORE_CONVERSIONS.after(table)
    pairs = effect_pairs(engagement(table, arms, weights.mean), allocations)
    # Conversions are those of all visitors, signals perhaps of the first ones only: as far as the conversions are
    # other people's, their noise has nothing to do with that of the signals. With n of N it is sqrt(n / N) as much.
    shared = math.sqrt(min(1.0, int(table.visitors.sum()) / sum(shown for _, shown in counts)))
    return replace(
        lesson,
        log_marginals=log_marginals(allocations, arms, design=experiment.design),
        weights=weights,
        pairs=tuple(replace(pair, noise=pair.noise * shared) for pair in pairs),
    )


@dataclass(frozen=True, slots=True)
class History:
    """What a project's past says to one experiment, before its first visitor.

    Args:
        rate: the prior of each arm's rate.
        spread: how far arms usually lie apart.
        weights: of the signals of engagement.
        correlation: of engagement and conversions.
        experiments: finished ones that have taught it.
    """

    rate: Beta
    spread: SpreadPrior
    weights: SignalWeights
    correlation: EffectCorrelation
    experiments: int

    @classmethod
    def of(
        cls, lessons: Sequence[Lesson], experiment: Experiment, goal: ExperimentGoal | None = None
    ) -> History:
        """What these lessons of its project say to an experiment, in whatever order they are.

        Of its own lesson and of those that came after its end it learns nothing: what is read of it stays as it was.
        Rates are learned from experiments that counted the same event, everything else from all of them.

        Args:
            goal: the one that is read, the primary one unless named.
        """
        known = sorted(
            (lesson for lesson in lessons if lesson.teaches and _came_before(lesson, experiment)),
            key=lambda lesson: lesson.experiment_id,  # so that sums are the same to the last digit
        )
        event = (goal or experiment.primary_goal).event
        spread = BEFORE_HISTORY
        if known:
            spread = BEFORE_HISTORY.after([lesson.log_marginals for lesson in known])
        return cls(
            rate=experiment.prior.from_past(
                [arm for lesson in known if lesson.event == event for arm in lesson.arms]
            ),
            spread=spread,
            weights=_weights_after([lesson.weights for lesson in known]),
            correlation=learned_correlation([lesson.pairs for lesson in known], spread),
            experiments=len(known),
        )


def _came_before(lesson: Lesson, experiment: Experiment) -> bool:
    if lesson.experiment_id == experiment.id:
        return False
    return experiment.ended_at is None or lesson.ended_at < experiment.ended_at


def _weights_after(each: Sequence[SignalWeights]) -> SignalWeights:
    """What experiments that all began with the usual weights have taught together.

    Every posterior is the prior times a likelihood, and all are normal: the likelihoods' precisions add up, and so do
    the precisions times the means, while the prior counts once. No order is in it, and taking one out undoes it.
    """
    taught = [weights for weights in each if weights.conversions]
    if not taught:
        return BEFORE_CONVERSIONS
    usual = np.array(BEFORE_CONVERSIONS.precision)
    pull = usual @ np.array(BEFORE_CONVERSIONS.mean)
    precisions = [np.array(weights.precision) for weights in taught]
    pulls = [
        precision @ np.array(weights.mean) for precision, weights in zip(precisions, taught, strict=True)
    ]
    precision = usual + np.sum([one - usual for one in precisions], axis=0)
    mean = np.linalg.solve(precision, pull + np.sum([one - pull for one in pulls], axis=0))
    return SignalWeights(
        tuple(mean.tolist()),
        tuple(tuple(line) for line in precision.tolist()),
        sum(weights.conversions for weights in taught),
    )
