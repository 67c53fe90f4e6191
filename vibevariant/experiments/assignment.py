"""Assignment: which arm a visitor gets, decided by the hash for first-timers and by the stored row ever after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vibevariant.experiments.bucketing import arm_at, bucket
from vibevariant.experiments.experiment import Allocation, Arm, Experiment, Status
from vibevariant.experiments.targeting import eligible

Exclusion = Literal["draft", "imported", "paused", "completed", "targeting", "traffic", "robot"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The sticky decision visitor -> arm. `arm` is the arm's index, `propensity` in ten-thousandths.

    `segment` is what kind of visitor it was then; empty in what was stored before kinds were.
    """

    experiment_id: int
    visitor_id: str
    arm: int
    allocation: int
    propensity: int
    assigned_at: int
    exposed_at: int | None = None
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The arm that the hash gives a first-timer under the allocation in force."""

    arm: Arm
    allocation: Allocation


@dataclass(frozen=True, slots=True)
class Shipped:
    """The experiment is over and its winner is shown to everyone."""

    arm: Arm
    allocation: Allocation


def shown(experiment: Experiment, arm: int) -> Arm:
    """What a visitor of this arm is shown: the arm, or the control since it was dropped. What is counted stays."""
    meant = experiment.arms[arm]
    return experiment.control if meant.key in experiment.dropped else meant


Decided = Enrolment | Shipped | Exclusion


def decide(experiment: Experiment, visitor_id: str, attributes: Mapping[str, Any]) -> Decided:
    """What a visitor who has no stored assignment gets: an arm, the winner, or the reason to stay out.

    Eligibility comes before enrolment, and each question has its own salt: one hash with two jobs would admit
    the visitors of one arm only.
    """
    allocation = experiment.allocation
    if experiment.source == "imported":
        return "imported"
    if experiment.status is Status.DRAFT or allocation is None:
        return "draft"
    if experiment.status is Status.COMPLETED:
        if experiment.winner is None:
            return "completed"
        return Shipped(experiment.arms_by_key[experiment.winner], allocation)
    if experiment.status is Status.PAUSED:
        return "paused"
    if not eligible(experiment.targeting, attributes):
        return "targeting"
    if bucket(visitor_id, f"{experiment.key}/traffic") >= allocation.traffic:
        return "traffic"
    arm = arm_at(bucket(visitor_id, experiment.key), allocation.weights)
    return Enrolment(experiment.arms[arm], allocation)
