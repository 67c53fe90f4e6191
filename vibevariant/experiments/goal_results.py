"""What arms do to the goals beside the one that is read: guardrails, each on its own, and secondary goals together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vibevariant.experiments.experiment import Experiment, ExperimentGoal, GoalRole
from vibevariant.stats.arm_comparison import ArmEvidence, arm_evidence, lift_levels
from vibevariant.stats.evidence import AllocationCounts, evidence_better, strata
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.multiplicity import discoveries, harmed
from vibevariant.stats.priors import SpreadPrior


@dataclass(frozen=True, slots=True)
class GoalArm:
    """One arm and one goal.

    Args:
        lift: relative changes from the control that the true one is below, by their probabilities; calibrated. None
            for the control.
        p_better: calibrated chance that its rate is above the control's.
        evidence: of a difference.
        log_e_worse: of being worse than the control, one-sided.
        changed: for a secondary goal, that the difference is told from luck; of all that are, 1 in 20 is false at most.
        harmed: for a guardrail, that the arm is proven to be worse.
    """

    arm: str
    exposed: int
    conversions: int
    rate: float | None
    lift: dict[str, float] | None
    p_better: float | None
    evidence: ArmEvidence | None
    log_e_worse: float
    changed: bool
    harmed: bool


@dataclass(frozen=True, slots=True)
class GoalResult:
    """A goal beside the one that is read."""

    key: str
    event: str
    role: GoalRole
    arms: tuple[GoalArm, ...]


def goal_results(
    experiment: Experiment,
    counts: Mapping[int, Sequence[AllocationCounts]],
    matured: Mapping[int, Sequence[AllocationCounts]],
    goals: Sequence[ExperimentGoal],
    spread: SpreadPrior,
) -> tuple[GoalResult, ...]:
    """Reads the goals.

    Args:
        counts: by goal id, for each allocation, all that was counted.
        matured: the same of what is evidence.
    """
    control = experiment.control.index
    others = [arm.index for arm in experiment.arms if arm.index != control]
    worse = {
        (goal.id, arm): evidence_better(strata(matured[goal.id], arm, control))
        for goal in goals
        for arm in others
    }
    seen = {(goal.id, arm): arm_evidence(matured[goal.id], control, arm) for goal in goals for arm in others}
    secondary = [(goal.id, arm) for goal in goals if goal.role == "secondary" for arm in others]
    found = dict(zip(secondary, discoveries([seen[pair].log_e for pair in secondary]), strict=True))
    results = []
    for goal in goals:
        known = Hierarchical(matured[goal.id], len(experiment.arms), spread)
        lifts = {arm: known.lift(control, arm) for arm in others}
        levels = dict(zip(others, lift_levels(list(lifts.values())), strict=True))
        arms = []
        for arm in experiment.arms:
            index = arm.index
            exposed, conversions = (sum(each[part][index] for each in counts[goal.id]) for part in (1, 2))
            lift = lifts.get(index)
            log_e_worse = worse.get((goal.id, index), 0.0)
            arms.append(
                GoalArm(
                    arm=arm.key,
                    exposed=exposed,
                    conversions=conversions,
                    rate=conversions / exposed if exposed else None,
                    lift=levels.get(index),
                    p_better=None if lift is None else lift.p_better,
                    evidence=seen.get((goal.id, index)),
                    log_e_worse=log_e_worse,
                    changed=found.get((goal.id, index), False),
                    harmed=goal.role == "guardrail"
                    and bool(harmed({goal.key: log_e_worse}, among=len(others))),
                )
            )
        results.append(GoalResult(goal.key, goal.event, goal.role, tuple(arms)))
    return tuple(results)
