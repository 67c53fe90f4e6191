"""The basis of a decision: all that it and the next weights follow from, as it was at one moment.

It is small and can be written down, so that every decision and every allocation there ever was can be made again from
what it was made from.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vibevariant.experiments.experiment import AllocationMode, Experiment, Status
from vibevariant.experiments.tallies import EXPOSED, Tally
from vibevariant.stats.allocation import weights_in_mode, worth_publishing
from vibevariant.stats.decision import proven_harms
from vibevariant.stats.evidence import AllocationCounts, evidence_better, strata
from vibevariant.stats.posterior import Beta
from vibevariant.stats.priors import SpreadPrior
from vibevariant.stats.ranking import Ranking
from vibevariant.stats.reading import Reading, read
from vibevariant.stats.situation import Harm

ENGINE = 3
"""Rises whenever the same counts would be read differently: what an older version read is then read again."""

ByArm = tuple[int, ...]
Counts = tuple[ByArm, ByArm]


@dataclass(frozen=True, slots=True)
class GoalCounts:
    """What was counted for one goal: visitors and conversions of every arm, for each allocation in turn.

    Args:
        matured: what of it is evidence, where the goal has a window.
    """

    goal: str
    counts: tuple[Counts, ...]
    matured: tuple[Counts, ...] | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision follows from.

    Args:
        at: the moment it was read.
        goal: the one that is read; `guardrails` are watched beside it.
        rate, spread: the priors.
        effective: what each arm's visitors are worth while conversions are still to come; None where they come at once.
        sample_ratio_log_e_before: at the look before.
        silent_since_ms: when the goal was last reached, if it has gone silent since.
        visitors_per_week: as of late; None where nothing is to be forecast.
    """

    at: int
    mode: AllocationMode
    status: Status
    ended_at: int | None
    goal: GoalCounts
    guardrails: tuple[GoalCounts, ...]
    rate: Beta
    spread: SpreadPrior
    effective: tuple[float, ...] | None
    sample_ratio_log_e_before: float
    silent_since_ms: int | None
    visitors_per_week: float | None


def outcome_of(reading: Reading, weights: tuple[int, ...] | None) -> str:
    """What came of a reading, in letters that two readings share only if they agree in every digit."""
    outcome = {
        "decision": asdict(reading.decision),
        "p_best": [arm.p_best for arm in reading.arms],
        "p_best_calibrated": [arm.p_best_calibrated for arm in reading.arms],
        "weights": weights,
    }
    return json.dumps(outcome, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def basis_from(plain: dict[str, Any]) -> Basis:
    """The basis that was written down as plain values."""
    return Basis(
        **plain
        | {
            "status": Status(plain["status"]),
            "goal": _goal_from(plain["goal"]),
            "guardrails": tuple(_goal_from(each) for each in plain["guardrails"]),
            "rate": Beta(**plain["rate"]),
            "spread": SpreadPrior(tuple(plain["spread"]["spreads"]), tuple(plain["spread"]["weights"])),
            "effective": None if plain["effective"] is None else tuple(plain["effective"]),
        }
    )


def _goal_from(plain: dict[str, Any]) -> GoalCounts:
    counts, matured = (
        None if each is None else tuple((tuple(exposed), tuple(converted)) for exposed, converted in each)
        for each in (plain["counts"], plain["matured"])
    )
    return GoalCounts(plain["goal"], counts or (), matured)


def reading_of(experiment: Experiment, basis: Basis, ranking: Ranking | None = None) -> Reading:
    """What the basis says of the experiment.

    Args:
        ranking: of the arms by what is evidence, where it is at hand.
    """
    return read(
        [arm.key for arm in experiment.arms],
        experiment.control.index,
        weighed(experiment, basis.goal.counts),
        goal=basis.goal.goal,
        names=[arm.name for arm in experiment.arms],
        matured=evidence_counts(experiment, basis.goal),
        prior=basis.rate,
        spread_prior=basis.spread,
        ranking=ranking,
        effective=basis.effective,
        design=experiment.design,
        started_ms=experiment.started_at,
        now_ms=basis.at if basis.ended_at is None else min(basis.at, basis.ended_at),
        harms=harms_of(experiment, basis.guardrails),
        sample_ratio_log_e_before=basis.sample_ratio_log_e_before,
        silent_since_ms=basis.silent_since_ms,
        visitors_per_week=basis.visitors_per_week,
        ended=basis.ended_at is not None,
    )


def counted(experiment: Experiment, tallies: Sequence[Tally], goal_id: int) -> tuple[Counts, ...]:
    """The visitors of every arm and their conversions, for each allocation in turn."""
    arms = len(experiment.arms)
    exposed: dict[int, list[int]] = defaultdict(lambda: [0] * arms)
    conversions: dict[int, list[int]] = defaultdict(lambda: [0] * arms)
    for tally in tallies:
        if tally.goal_id == EXPOSED:
            exposed[tally.allocation][tally.arm] += tally.exposed
        elif tally.goal_id == goal_id:
            conversions[tally.allocation][tally.arm] += tally.conversions
    return tuple(
        (tuple(exposed[allocation.number]), tuple(conversions[allocation.number]))
        for allocation in experiment.allocations
    )


def weighed(experiment: Experiment, counts: Sequence[Counts]) -> tuple[AllocationCounts, ...]:
    """The counts with the weights under which they came."""
    return tuple(
        (allocation.weights, exposed, converted)
        for allocation, (exposed, converted) in zip(experiment.allocations, counts, strict=True)
    )


def evidence_counts(experiment: Experiment, goal: GoalCounts) -> tuple[AllocationCounts, ...]:
    """What of a goal's counts is evidence: all, or where it has a window, the visitors whose window has closed."""
    return weighed(experiment, goal.counts if goal.matured is None else goal.matured)


def harms_of(experiment: Experiment, guardrails: Sequence[GoalCounts]) -> tuple[Harm, ...]:
    """How strongly each guardrail speaks against each arm but the control."""
    control = experiment.control.index
    return tuple(
        Harm(
            arm.key, goal.goal, evidence_better(strata(evidence_counts(experiment, goal), arm.index, control))
        )
        for goal in guardrails
        for arm in experiment.arms
        if arm.index != control
    )


def next_weights(experiment: Experiment, reading: Reading) -> tuple[int, ...] | None:
    """The weights that follow from a reading, or None when those in force should stay.

    Only a running adaptive experiment moves, and a broken one is frozen: its counts cannot be trusted. An arm that is
    proven to hurt the goal or a guardrail falls to its floor. Small moves are not published, so that the allocations
    stay few.
    """
    mode = experiment.mode
    if mode == "fixed" or experiment.status is not Status.RUNNING or experiment.source == "imported":
        return None
    visitors = sum(arm.exposed for arm in reading.arms)
    if reading.decision.status == "broken" or not visitors:
        return None
    harmed = {harm.arm for harm in proven_harms(reading.situation)}
    weights = weights_in_mode(
        [arm.p_best for arm in reading.arms],
        mode,
        visitors,
        served=[arm.index for arm in experiment.arms if arm.key not in experiment.dropped],
        harmed={arm.index for arm in experiment.arms if arm.key in harmed},
    )
    return weights if worth_publishing(experiment.weights, weights) else None
