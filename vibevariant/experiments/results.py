"""Results: the counts of an experiment, what they say of its arms, and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vibevariant.experiments.arm_results import ArmResult, Events, arm_results
from vibevariant.experiments.basis import (
    Basis,
    GoalCounts,
    counted,
    evidence_counts,
    next_weights,
    outcome_of,
    reading_of,
    weighed,
)
from vibevariant.experiments.data_health import DataHealth, data_health, visitors_per_week
from vibevariant.experiments.early_results import EarlyResult, early_result
from vibevariant.experiments.element_results import ElementResults, element_results
from vibevariant.experiments.experiment import Experiment, ExperimentGoal, Status
from vibevariant.experiments.goal_results import GoalResult, goal_results
from vibevariant.experiments.lessons import History
from vibevariant.experiments.observations import Observations
from vibevariant.experiments.rate_results import Rates, rates
from vibevariant.experiments.segment_results import SegmentResults, segment_results
from vibevariant.experiments.tallies import Tally
from vibevariant.experiments.value_results import ValueResult, value_result
from vibevariant.stats.analysis import Overall, analyse
from vibevariant.stats.arm_comparison import ArmComparison
from vibevariant.stats.decision import Decision
from vibevariant.stats.early_signals import early_signs
from vibevariant.stats.engagement import signal_table
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.forecast import Forecast
from vibevariant.stats.health import SampleRatio
from vibevariant.stats.ranking import Ranking
from vibevariant.stats.reading import Reading, ranked
from vibevariant.stats.sensitivity import Verdict
from vibevariant.stats.situation import Situation

OPINIONS_DIFFER = (
    "Whoever expects smaller or larger changes than usual here would judge otherwise: look at the priors."
)


@dataclass(frozen=True, slots=True)
class Summary:
    """All arms together."""

    exposed: int
    conversions: int
    conversion_rate: float | None


@dataclass(frozen=True, slots=True)
class PriorResult:
    """What was assumed beforehand.

    Args:
        kind: of the prior of each arm's rate, a Beta(alpha, beta).
        spread: the standard deviation of arms' log rates that is expected, learned from finished `experiments`.
        verdicts: what a sceptical, a neutral and this reader say of the same counts.
        flips: they do not agree.
    """

    kind: str
    alpha: float
    beta: float
    spread: float
    experiments: int
    verdicts: tuple[Verdict, ...]
    flips: bool


@dataclass(frozen=True, slots=True)
class Results:
    """What is known of an experiment for one goal, of the visitors first exposed from `first_ms` to `end_ms`.

    Args:
        overall: the chi-squared test over all arms.
        situation: all that the decision and its sentences are made from.
        goals: the other goals of the experiment.
        elements, values, segments, early: None where there is nothing to say.
        notes: what to know before relying on a number, in sentences.
    """

    experiment: str
    status: Status
    goal: str
    event: str
    allocation: int | None
    read_at: int
    first_ms: int | None
    end_ms: int | None
    summary: Summary
    rates: Rates
    arms: tuple[ArmResult, ...]
    comparisons: tuple[ArmComparison, ...]
    overall: Overall
    sample_ratio: SampleRatio
    decision: Decision
    situation: Situation
    forecast: Forecast | None
    prior: PriorResult
    elements: ElementResults | None
    goals: tuple[GoalResult, ...]
    health: DataHealth
    values: ValueResult | None
    segments: SegmentResults | None
    early: EarlyResult | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renewal:
    """Results with what they follow from, and the weights that follow from them: None where those in force stay.

    `outcome` is what came of it in letters, for the record.
    """

    results: Results
    basis: Basis
    weights: tuple[int, ...] | None
    outcome: str


def renew(
    experiment: Experiment,
    observed: Observations,
    history: History,
    *,
    now: int,
    goal: ExperimentGoal | None = None,
    first_ms: int | None = None,
    end_ms: int | None = None,
    sample_ratio_log_e_before: float = 0.0,
) -> Renewal:
    """Reads what was observed of an experiment for one goal (the primary one unless named).

    `now` decides how many weeks it has run; one that has ended is read as at its end. A sample ratio that was off
    at the look before too alarms sooner.
    """
    goal = goal or experiment.primary_goal
    others = [each for each in experiment.goals if each.id != goal.id]
    health = data_health(experiment, observed, goal)
    basis = _basis(experiment, observed, history, now, goal, health, sample_ratio_log_e_before)
    counts = weighed(experiment, basis.goal.counts)
    matured = evidence_counts(experiment, basis.goal)
    ranking = ranked(
        [arm.key for arm in experiment.arms],
        experiment.control.index,
        matured,
        history.spread,
        experiment.design,
    )
    reading = reading_of(experiment, basis, ranking)
    analysis = analyse(reading, ranking, counts, matured=matured, spread_prior=history.spread)
    every = {each.id: _goal_counts(experiment, observed, each) for each in others}
    beside = goal_results(
        experiment,
        {id_: weighed(experiment, each.counts) for id_, each in every.items()},
        {id_: evidence_counts(experiment, each) for id_, each in every.items()},
        others,
        history.spread,
    )
    mixes = (each.traffic_mix.note for each in analysis.comparisons)
    notes = dict.fromkeys(note for note in (*mixes, *health.notes) if note is not None)
    if analysis.sensitivity.flips and reading.decision.status != "broken":
        notes[OPINIONS_DIFFER] = None
    shown = rates(counts, analysis.had_all_seen)
    exposed = sum(arm.exposed for arm in reading.arms)
    conversions = sum(arm.conversions for arm in reading.arms)
    read = Results(
        experiment=experiment.key,
        status=experiment.status,
        goal=goal.key,
        event=goal.event,
        allocation=experiment.allocation.number if experiment.allocation else None,
        read_at=now,
        first_ms=first_ms,
        end_ms=end_ms,
        summary=Summary(exposed, conversions, conversions / exposed if exposed else None),
        rates=shown,
        arms=arm_results(
            experiment, reading, analysis.had_all_seen, shown.method, _events(observed.tallies, goal.id)
        ),
        comparisons=analysis.comparisons,
        overall=analysis.overall,
        sample_ratio=reading.sample_ratio,
        decision=reading.decision,
        situation=reading.situation,
        forecast=reading.forecast,
        prior=PriorResult(
            experiment.prior.kind, history.rate.alpha, history.rate.beta, history.spread.mean,
            history.experiments, analysis.sensitivity.verdicts, analysis.sensitivity.flips,
        ),
        elements=element_results(
            experiment, ranking.posterior, reading.arms[ranking.leader], [arm.conversions for arm in reading.arms]
        ),
        goals=beside,
        health=health,
        values=value_result(experiment, counts, observed.buyers, history.spread),
        segments=segment_results(experiment, observed.segments),
        early=_early(experiment, observed, history, ranking, reading),
        notes=tuple(notes),
    )  # fmt: skip
    weights = next_weights(experiment, reading)
    return Renewal(read, basis, weights, outcome_of(reading, weights))


def _basis(
    experiment: Experiment,
    observed: Observations,
    history: History,
    now: int,
    goal: ExperimentGoal,
    health: DataHealth,
    sample_ratio_log_e_before: float,
) -> Basis:
    silent = health.silence if health.silence is not None and health.silence.is_silent else None
    ended = experiment.ended_at is not None
    return Basis(
        at=now,
        mode=experiment.mode,
        status=experiment.status,
        ended_at=experiment.ended_at,
        goal=_goal_counts(experiment, observed, goal),
        guardrails=tuple(_goal_counts(experiment, observed, each) for each in experiment.goals if each.role == "guardrail" and each.id != goal.id),
        rate=history.rate,
        spread=history.spread,
        effective=None if health.delay is None else tuple(arm.effective_visitors for arm in health.delay.arms),
        sample_ratio_log_e_before=sample_ratio_log_e_before,
        silent_since_ms=silent.last_seen_ms if silent is not None and experiment.status is Status.RUNNING else None,
        visitors_per_week=None if ended else visitors_per_week(observed.hours, experiment.started_at, now),
    )  # fmt: skip


def allocation_counts(
    experiment: Experiment, tallies: Sequence[Tally], goal_id: int
) -> tuple[AllocationCounts, ...]:
    """The visitors and conversions of every arm, by allocation."""
    return weighed(experiment, counted(experiment, tallies, goal_id))


def _goal_counts(experiment: Experiment, observed: Observations, goal: ExperimentGoal) -> GoalCounts:
    matured = observed.matured.get(goal.id)
    return GoalCounts(
        goal.key,
        counted(experiment, observed.tallies, goal.id),
        None if matured is None else counted(experiment, matured, goal.id),
    )


def _events(tallies: Sequence[Tally], goal_id: int) -> Mapping[int, Events]:
    """How many events of the goal each arm's visitors made, and the sum of their values."""
    found: dict[int, Events] = defaultdict(Events)
    for tally in tallies:
        if tally.goal_id == goal_id:
            found[tally.arm] = Events(
                found[tally.arm].events + tally.events, found[tally.arm].value + tally.value
            )
    return found


def _early(
    experiment: Experiment,
    observed: Observations,
    history: History,
    ranking: Ranking,
    reading: Reading,
) -> EarlyResult | None:
    """The card of early signs, on which alone the prior leans with them."""
    arms = len(experiment.arms)
    # A site that sends no signals has none to show.
    if arms < 2 or not any(any(seen.signals) for seen in observed.signals):
        return None
    table = signal_table(observed.signals)
    signs = early_signs(
        table, arms, experiment.control.index,
        weights=history.weights, correlation=history.correlation, spread=history.spread,
    )  # fmt: skip
    shifted = ranking.posterior.under(history.spread, signs.shift).p_best(ranking.running)
    return early_result(experiment, table, signs, history.correlation.used, shifted, reading.decision.reason)
