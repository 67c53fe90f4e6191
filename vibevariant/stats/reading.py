"""What an experiment's counts say at one moment: its arms, its health, and what to do.

Two layers with two jobs stand side by side. `p_best` and `expected_loss` take the arms' rates as independent (or, of
combinations, as related by what they share): they learn fast, and steer the allocation. Everything called calibrated, and the decision, compare arms under the
weights that were in force: they are what one may say aloud. `analysis` adds what statisticians want beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vibevariant.stats.comparison import compare
from vibevariant.stats.decision import Decision, decide
from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts, evidence, evidence_better, strata
from vibevariant.stats.forecast import Forecast, forecast
from vibevariant.stats.health import SampleRatio, sample_ratio
from vibevariant.stats.posterior import FLAT, Beta, check_counts, posterior
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior
from vibevariant.stats.quantiles import quantiles_of
from vibevariant.stats.ranking import Ranking, rank
from vibevariant.stats.situation import HOUR_MS, WEEK_MS, ArmSituation, Harm, Rival, Situation
from vibevariant.stats.steering import served_arms, steering_chances

# A lift of less than 5 % either way is one that a small site need not care about.
MARGIN = (math.log(0.95), math.log(1.05))
# The same counts make the same forecast.
FORECAST_SEED = 1
# Nothing is forecast before the first conversions: the rate could still be anything.
CONVERSIONS_TO_FORECAST = 5


@dataclass(frozen=True, slots=True)
class ArmReading:
    """One arm.

    Args:
        rate: conversions by exposed visitor; none without visitors.
        interval_95: of the posterior, equal-tailed.
        at_most: the rate that the true one is below with 95 % probability: what to show at 0 conversions.
        p_best: chance of being the best of those that get visitors; steers the allocation (`steering`).
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
    """An experiment's goal at one moment: its arms, health and outlook, and what to do."""

    goal: str
    arms: tuple[ArmReading, ...]
    sample_ratio: SampleRatio
    forecast: Forecast | None
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
    names: Sequence[str] = (),
    matured: Sequence[AllocationCounts] | None = None,
    prior: Beta = FLAT,
    spread_prior: SpreadPrior = BEFORE_HISTORY,
    ranking: Ranking | None = None,
    effective: Sequence[float] | None = None,
    design: Design | None = None,
    harms: Sequence[Harm] = (),
    sample_ratio_log_e_before: float = 0.0,
    silent_since_ms: int | None = None,
    visitors_per_week: float | None = None,
    ended: bool = False,
) -> Reading:
    """Read an experiment.

    Args:
        arms: their keys, in their fixed order.
        control: which of them is the control.
        allocations: in their order, for each the weights, exposed visitors and conversions of every arm; the last
            one is in force.
        started_ms: when the experiment started; None for one that has not.
        names: what people call the arms; their keys unless given.
        matured: what of it is evidence, where the goal has a window: the visitors whose window has closed.
        prior: of each arm's rate on its own.
        spread_prior: how far arms usually lie apart; what is calibrated starts from it.
        ranking: of the arms, where it is at hand (`ranked`).
        effective: what each arm's visitors are worth while conversions are still to come; the allocation reckons with
            it, evidence does not.
        design: which combination of variants each arm is, where several elements vary.
        harms: what is known of the guardrails.
        sample_ratio_log_e_before: the sample ratio's log_e at the last look: two warnings are an alarm.
        silent_since_ms: when the goal was last reached, if it has gone silent since.
        visitors_per_week: as of late, over all arms; None where nothing is to be forecast.
        ended: nothing more will come in.
    """
    check_allocations(arms, control, allocations)
    counted = allocations if matured is None else matured
    exposed = [sum(counts[1][arm] for counts in allocations) for arm in range(len(arms))]
    conversions = [sum(counts[2][arm] for counts in allocations) for arm in range(len(arms))]
    posteriors = [posterior(conversions[arm], exposed[arm], prior) for arm in range(len(arms))]
    independent = compare(posteriors)
    steering = steering_chances(allocations, len(arms), prior=prior, effective=effective, design=design)
    ranking = ranking or ranked(arms, control, counted, spread_prior, design)
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
            p_best=steering[arm],
            expected_loss=independent.expected_loss[arm],
            p_best_calibrated=ranking.p_best[arm],
            expected_loss_calibrated=ranking.loss[arm],
        )
        for arm, key in enumerate(arms)
    )
    health = sample_ratio([(weights, shown) for weights, shown, _ in allocations])
    ahead = None
    if not ended and visitors_per_week and sum(conversions) >= CONVERSIONS_TO_FORECAST:
        ahead = _forecast(counted, ranking, control, visitors_per_week, spread_prior)
    situation = replace(
        _situation(goal, readings, names or arms, control, counted, ranking, started_ms, now_ms),
        expected=health.expected or (0.0,) * len(arms),
        sample_ratio_log_e=health.log_e,
        sample_ratio_log_e_before=sample_ratio_log_e_before,
        ended=ended,
        silent_since_ms=silent_since_ms,
        harms=tuple(harms),
        answer_weeks=() if ahead is None or ahead.p_answer is None else ahead.weeks,
        p_answer=() if ahead is None else ahead.p_answer or (),
    )
    return Reading(goal, readings, health, ahead, situation, decide(situation))


def ranked(
    arms: Sequence[str],
    control: int,
    allocations: Sequence[AllocationCounts],
    spread_prior: SpreadPrior = BEFORE_HISTORY,
    design: Design | None = None,
) -> Ranking:
    """The arms ranked. One that nobody gets any more is out of the running, unless that leaves one alone; at a tie the
    control leads.
    """
    served = served_arms(allocations, len(arms))
    running = served if len(served) > 1 else range(len(arms))
    order = sorted(running, key=lambda arm: arm != control)
    return rank(allocations, order, len(arms), spread_prior, design=design)


def check_allocations(arms: Sequence[str], control: int, allocations: Sequence[AllocationCounts]) -> None:
    """Refuse what no experiment can give."""
    if len(set(arms)) != len(arms) or not 0 <= control < len(arms):
        raise ValueError("an experiment needs arms with keys of their own, and one of them as its control")
    for weights, exposed, conversions in allocations:
        if not len(weights) == len(exposed) == len(conversions) == len(arms):
            raise ValueError("every allocation needs a weight and counts for every arm")
        for converted, shown in zip(conversions, exposed, strict=True):
            check_counts(converted, shown)


def _rivals(ranking: Ranking, control: int) -> list[int]:
    """Those that the leader is proven against: the control and the runner-up."""
    return sorted(arm for arm in {control, ranking.runner_up} - {ranking.leader} if arm is not None)


def _forecast(
    allocations: Sequence[AllocationCounts],
    ranking: Ranking,
    control: int,
    visitors_per_week: float,
    spread_prior: SpreadPrior,
) -> Forecast | None:
    """What to expect of those who still get visitors."""
    served = served_arms(allocations, len(allocations[-1][0]))
    rivals = [arm for arm in _rivals(ranking, control) if arm in served]
    if not rivals or ranking.leader not in served:
        return None
    return forecast(
        allocations,
        ranking.leader,
        ranking.over_leader,
        rivals,
        visitors_per_week=visitors_per_week,
        margin=MARGIN,
        rng=np.random.default_rng(FORECAST_SEED),
        prior=spread_prior,
    )


def _situation(
    goal: str,
    arms: Sequence[ArmReading],
    names: Sequence[str],
    control: int,
    allocations: Sequence[AllocationCounts],
    ranking: Ranking,
    started_ms: int | None,
    now_ms: int,
) -> Situation:
    """What follows from the counts; `read` adds the rest."""
    leader, lifts = ranking.leader, ranking.over_leader
    served = served_arms(allocations, len(arms))
    gain_over = ranking.runner_up if leader == control else control
    # Arms that get no visitors any more cannot become clearer, and nobody waits for them.
    waited_for = [lift for arm, lift in lifts.items() if arm in served] or list(lifts.values())
    widths = np.diff(quantiles_of(waited_for, (0.025, 0.975))).ravel().tolist() if waited_for else []
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
                name=names[index],
            )
            for index, arm in enumerate(arms)
        ),
        leader=arms[leader].key,
        rivals=tuple(
            Rival(arms[arm].key, evidence(strata(allocations, arm, leader)))
            for arm in _rivals(ranking, control)
        ),
        gain_over=None if gain_over is None else arms[gain_over].key,
        # lifts run from the leader to the other arm; the gain runs the other way.
        gain=(
            None
            if gain_over is None
            else (math.expm1(-lifts[gain_over].quantile(0.9)), math.expm1(-lifts[gain_over].quantile(0.1)))
        ),
        interval_ratio=max(widths, default=0.0) / ranking.posterior.prior_width,
        p_negligible=min((lift.probability_within(*MARGIN) for lift in waited_for), default=1.0),
        expected=(0.0,) * len(arms),
        sample_ratio_log_e=0.0,
        sample_ratio_log_e_before=0.0,
        elapsed_hours=elapsed_ms / HOUR_MS,
        full_weeks=weeks,
        next_look_ms=None if started_ms is None else started_ms + (weeks + 1) * WEEK_MS,
        ended=False,
        silent_since_ms=None,
        harms=(),
        answer_weeks=(),
        p_answer=(),
    )
