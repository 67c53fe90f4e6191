"""Everything there is to say about an experiment's goal at one moment, from its counts alone.

Two layers with two jobs stand side by side. `p_best` and `expected_loss` take the arms' rates as independent: they
are exact, learn fast, and steer the allocation. Everything called calibrated, the lifts and the decision compare
arms under the weights that were in force: they are what one may say aloud.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.stats.comparison import compare
from vibevariant.stats.decision import Decision, decide
from vibevariant.stats.evidence import AllocationCounts, evidence, evidence_better, strata
from vibevariant.stats.frequentist import ChiSquared, chi_squared
from vibevariant.stats.health import SampleRatio, sample_ratio
from vibevariant.stats.lift import ArmComparison, compare_with_control
from vibevariant.stats.posterior import FLAT, Beta, check_counts, posterior
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior
from vibevariant.stats.ranking import Ranking, rank
from vibevariant.stats.situation import HOUR_MS, WEEK_MS, ArmSituation, Rival, Situation

# A lift of less than 5 % either way is one that a small site need not care about.
MARGIN = (math.log(0.95), math.log(1.05))


@dataclass(frozen=True, slots=True)
class ArmReading:
    """One arm.

    Args:
        rate: conversions by exposed visitor; none without visitors.
        interval_95: of the posterior, equal-tailed.
        at_most: the rate that the true one is below with 95 % probability: what to show at 0 conversions.
        p_best: chance of being best, rates taken as independent; steers the allocation.
        expected_loss: conversions lost by visitor, on average, by choosing this arm; rates taken as independent.
        p_best_calibrated: chance of being best that may be said aloud.
        expected_loss_calibrated: share of the best arm's conversions lost on average by choosing this arm.
    """

    key: str
    is_control: bool
    exposed: int
    conversions: int
    rate: float | None
    posterior: Beta
    interval_95: tuple[float, float]
    at_most: float
    p_best: float
    expected_loss: float
    p_best_calibrated: float
    expected_loss_calibrated: float


@dataclass(frozen=True, slots=True)
class Reading:
    """An experiment's goal at one moment: its arms, comparisons, health and what to do."""

    goal: str
    arms: tuple[ArmReading, ...]
    comparisons: tuple[ArmComparison, ...]
    chi_squared: ChiSquared
    sample_ratio: SampleRatio
    situation: Situation
    decision: Decision


def read(
    arms: Sequence[str],
    control: int,
    allocations: Sequence[AllocationCounts],
    *,
    goal: str,
    started_ms: int | None,
    now_ms: int,
    prior: Beta = FLAT,
    spread_prior: SpreadPrior = BEFORE_HISTORY,
    sample_ratio_log_e_before: float = 0.0,
    ended: bool = False,
) -> Reading:
    """Read an experiment.

    Args:
        arms: their keys, in their fixed order.
        control: which of them is the control.
        allocations: in their order, for each the weights, exposed visitors and conversions of every arm; the last
            one is in force.
        started_ms: when the experiment started; None for one that has not.
        prior: of each arm's rate on its own.
        spread_prior: how far arms usually lie apart; what is calibrated starts from it.
        sample_ratio_log_e_before: the sample ratio's log_e at the last look: two warnings are an alarm.
        ended: nothing more will come in.
    """
    _check(arms, control, allocations)
    exposed = [sum(counts[1][arm] for counts in allocations) for arm in range(len(arms))]
    conversions = [sum(counts[2][arm] for counts in allocations) for arm in range(len(arms))]
    posteriors = [posterior(conversions[arm], exposed[arm], prior) for arm in range(len(arms))]
    independent = compare(posteriors)
    served = [arm for arm in range(len(arms)) if not allocations or allocations[-1][0][arm]]
    # An arm that nobody gets any more is out of the running, unless that leaves one alone. At a tie the control leads.
    running = served if len(served) > 1 else range(len(arms))
    by_tie = sorted(running, key=lambda arm: arm != control)
    ranking = rank(allocations, by_tie, len(arms), spread_prior)
    readings = tuple(
        ArmReading(
            key=key,
            is_control=arm == control,
            exposed=exposed[arm],
            conversions=conversions[arm],
            rate=conversions[arm] / exposed[arm] if exposed[arm] else None,
            posterior=posteriors[arm],
            interval_95=posteriors[arm].interval(),
            at_most=posteriors[arm].quantile(0.95),
            p_best=independent.p_best[arm],
            expected_loss=independent.expected_loss[arm],
            p_best_calibrated=ranking.p_best[arm],
            expected_loss_calibrated=ranking.loss[arm],
        )
        for arm, key in enumerate(arms)
    )
    health = sample_ratio([(weights, shown) for weights, shown, _ in allocations])
    situation = _situation(
        goal=goal,
        arms=readings,
        control=control,
        allocations=allocations,
        served=served,
        ranking=ranking,
        health=health,
        log_e_before=sample_ratio_log_e_before,
        started_ms=started_ms,
        now_ms=now_ms,
        ended=ended,
    )
    return Reading(
        goal=goal,
        arms=readings,
        comparisons=tuple(
            compare_with_control(arms, control, arm, allocations, ranking.posterior)
            for arm in range(len(arms))
            if arm != control
        ),
        chi_squared=chi_squared(conversions, exposed),
        sample_ratio=health,
        situation=situation,
        decision=decide(situation),
    )


def _check(arms: Sequence[str], control: int, allocations: Sequence[AllocationCounts]) -> None:
    if len(set(arms)) != len(arms) or not 0 <= control < len(arms):
        raise ValueError("an experiment needs arms with keys of their own, and one of them as its control")
    for weights, exposed, conversions in allocations:
        if not len(weights) == len(exposed) == len(conversions) == len(arms):
            raise ValueError("every allocation needs a weight and counts for every arm")
        for converted, shown in zip(conversions, exposed, strict=True):
            check_counts(converted, shown)


def _situation(
    *,
    goal: str,
    arms: Sequence[ArmReading],
    control: int,
    allocations: Sequence[AllocationCounts],
    served: Sequence[int],
    ranking: Ranking,
    health: SampleRatio,
    log_e_before: float,
    started_ms: int | None,
    now_ms: int,
    ended: bool,
) -> Situation:
    leader, lifts = ranking.leader, ranking.over_leader
    gain_over = ranking.runner_up if leader == control else control
    rivals = sorted(arm for arm in {control, ranking.runner_up} - {leader} if arm is not None)
    # Arms that get no visitors any more cannot become clearer, and nobody waits for them.
    waited_for = [lift for arm, lift in lifts.items() if arm in served] or list(lifts.values())
    widths = [high - low for low, high in (lift.interval_95 for lift in waited_for)]
    elapsed_ms = 0 if started_ms is None else max(0, now_ms - started_ms)
    weeks = elapsed_ms // WEEK_MS
    return Situation(
        goal=goal,
        arms=tuple(
            ArmSituation(
                key=arm.key,
                is_control=arm.is_control,
                is_served=index in served,
                exposed=arm.exposed,
                conversions=arm.conversions,
                p_best=arm.p_best_calibrated,
                loss=arm.expected_loss_calibrated,
                log_e_worse=0.0 if arm.is_control else evidence_better(strata(allocations, index, control)),
                at_most=arm.at_most,
            )
            for index, arm in enumerate(arms)
        ),
        leader=arms[leader].key,
        rivals=tuple(Rival(arms[arm].key, evidence(strata(allocations, arm, leader))) for arm in rivals),
        gain_over=None if gain_over is None else arms[gain_over].key,
        # lifts run from the leader to the other arm; the gain runs the other way.
        gain=(
            None
            if gain_over is None
            else (math.expm1(-lifts[gain_over].quantile(0.9)), math.expm1(-lifts[gain_over].quantile(0.1)))
        ),
        interval_ratio=max(widths, default=0.0) / ranking.posterior.prior_width,
        p_negligible=min((lift.probability_within(*MARGIN) for lift in waited_for), default=1.0),
        expected=health.expected or (0.0,) * len(arms),
        sample_ratio_log_e=health.log_e,
        sample_ratio_log_e_before=log_e_before,
        elapsed_hours=elapsed_ms / HOUR_MS,
        full_weeks=weeks,
        next_look_ms=None if started_ms is None else started_ms + (weeks + 1) * WEEK_MS,
        ended=ended,
    )
