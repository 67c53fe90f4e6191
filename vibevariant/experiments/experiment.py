"""An experiment: a question with a key, arms, goals and a status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import product
from typing import Any, Literal

from vibevariant.stats.allocation import TEN_THOUSANDTHS
from vibevariant.stats.design import Design
from vibevariant.stats.priors import RatePrior

WHOLE = TEN_THOUSANDTHS
"""Weights, propensities and shares of traffic are whole ten-thousandths of this."""

MAX_ARMS = 49
"""More combinations than this cannot be told apart at the sizes this appliance is for."""

ExperimentType = Literal["ab_test", "multi_element"]
AllocationKind = Literal["fixed", "adaptive"]
AllocationMode = Literal["fixed", "learn", "balanced", "earn"]
"""Weights that stay as they are, or what the visitors of an adaptive experiment are spent on."""

Source = Literal["live", "imported"]
GoalRole = Literal["primary", "guardrail", "secondary"]
Operator = Literal["equals", "in", "exists"]
JsonValue = Any
"""A JSON value as the owner gave it; it is carried to the visitor and never looked into."""


class Status(StrEnum):
    """Where an experiment is in its life."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Variant:
    """One option of an element; exactly one of them is the element's control."""

    key: str
    name: str
    is_control: bool = False
    payload: JsonValue = None


@dataclass(frozen=True, slots=True)
class Element:
    """A thing that varies, such as a headline."""

    key: str
    name: str
    variants: tuple[Variant, ...]

    @property
    def control(self) -> Variant:
        return next(variant for variant in self.variants if variant.is_control)


@dataclass(frozen=True, slots=True)
class Arm:
    """What a visitor gets: one variant of every element."""

    index: int
    key: str
    name: str
    variants: Mapping[str, str]
    payload: JsonValue
    is_control: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A targeting rule on one attribute of the visitor; all of an experiment's must hold."""

    attribute: str
    operator: Operator
    value: JsonValue = None


@dataclass(frozen=True, slots=True)
class ExperimentGoal:
    """A goal as one experiment uses it; events later than `window_hours` after the exposure do not count."""

    id: int
    key: str
    event: str
    role: GoalRole
    window_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """A numbered set of weights over the arms; every change of weights, traffic or pause makes a new one.

    `weights` are whole ten-thousandths that sum to 10,000, `traffic` the ten-thousandths of visitors let in,
    and while `enrolling` is false (paused, ended) nobody is. `cause` is the step that made it, `reason` what its actor
    said of it. An arm that came later has the weight 0 in all allocations before.
    """

    number: int
    weights: tuple[int, ...]
    traffic: int
    enrolling: bool
    started_at: int
    cause: str
    actor: str
    reason: str = ""


@dataclass(frozen=True)
class Experiment:
    """A question with its arms and goals. `allocations` are all there ever were, oldest first.

    `prior` is what the rate of each arm starts from, `dropped` are the keys of arms that nobody is served any more.
    """

    id: int
    project_id: int
    key: str
    name: str
    description: str
    type: ExperimentType
    mode: AllocationMode
    status: Status
    source: Source
    elements: tuple[Element, ...]
    goals: tuple[ExperimentGoal, ...]
    targeting: tuple[Condition, ...]
    weights: tuple[int, ...]
    traffic: int
    created_at: int
    started_at: int | None = None
    ended_at: int | None = None
    winner: str | None = None
    allocations: tuple[Allocation, ...] = field(default=())
    prior: RatePrior = field(default=RatePrior())
    dropped: tuple[str, ...] = ()

    @property
    def kind(self) -> AllocationKind:
        """Whether the weights follow what visitors do."""
        return "fixed" if self.mode == "fixed" else "adaptive"

    @cached_property
    def design(self) -> Design | None:
        """Which combination each arm is, where several elements vary."""
        if self.type == "ab_test":
            return None
        return Design(
            tuple(len(element.variants) for element in self.elements),
            tuple(element.variants.index(element.control) for element in self.elements),
        )

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """The arms in their fixed order: the control comes first only if its owner put it first."""
        return arms_of(self.type, self.elements)

    @cached_property
    def arms_by_key(self) -> Mapping[str, Arm]:
        return {arm.key: arm for arm in self.arms}

    @cached_property
    def control(self) -> Arm:
        return next(arm for arm in self.arms if arm.is_control)

    @cached_property
    def primary_goal(self) -> ExperimentGoal:
        return next(goal for goal in self.goals if goal.role == "primary")

    @property
    def allocation(self) -> Allocation | None:
        """The allocation in force; none before the first start."""
        return self.allocations[-1] if self.allocations else None

    @cached_property
    def _enrolling_windows(self) -> tuple[tuple[int, int | None], ...]:
        starts = [allocation.started_at for allocation in self.allocations]
        return tuple(
            (allocation.started_at, end)
            for allocation, end in zip(self.allocations, [*starts[1:], None], strict=False)
            if allocation.enrolling
        )

    def counts_exposure_at(self, at: int) -> bool:
        """Whether a visitor first shown an arm at this time is a trial: not before the start, in a pause or after."""
        if self.source == "imported":
            return True
        return any(start <= at and (end is None or at < end) for start, end in self._enrolling_windows)

    def counts_event_at(self, at: int) -> bool:
        """Whether an event of this time can still be a conversion: nothing counts after the end."""
        return self.ended_at is None or at <= self.ended_at


def arms_of(type_: ExperimentType, elements: tuple[Element, ...]) -> tuple[Arm, ...]:
    """Every combination of one variant of each element, the last element varying fastest."""
    arms = []
    for index, choice in enumerate(product(*(element.variants for element in elements))):
        pairs = list(zip(elements, choice, strict=True))
        payload = choice[0].payload if type_ == "ab_test" else {e.key: v.payload for e, v in pairs}
        arms.append(
            Arm(
                index=index,
                key=".".join(variant.key for variant in choice),
                name=" + ".join(variant.name for variant in choice),
                variants={element.key: variant.key for element, variant in pairs},
                payload=payload,
                is_control=all(variant.is_control for variant in choice),
            )
        )
    return tuple(arms)
