"""What visitors of each arm bring, where the events of a goal carry a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.goals import from_micros
from vibevariant.experiments.observations import BuyerSum
from vibevariant.stats.arm_comparison import lift_levels
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.priors import SpreadPrior
from vibevariant.stats.values import ValueArm, ValueComparison, ValueCounts, compare_values

MOST_BUYERS = 200_000
"""More sums than this are too many to look at one by one on every refresh; then only their total is shown."""


@dataclass(frozen=True, slots=True)
class ValueLift:
    """One arm against the control, by visitor; without numbers, the reason why there are none.

    Args:
        interval_95: of the difference, for one look; `interval_always` holds at every look, approximately.
        lift: relative changes of the mean that the true one is below, by their probabilities; calibrated.
    """

    arm: str
    difference: float | None
    interval_95: tuple[float, float] | None
    interval_always: tuple[float, float] | None
    p_better: float | None
    lift: dict[str, float] | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ValueResult:
    """The value of a goal, by arm.

    Args:
        cap: the sum above which a buyer counts as having brought just that, in all arms alike.
        arms: what a visitor brings, and its two parts: how many buy, and how much a buyer brings.
    """

    cap: float | None
    arms: dict[str, ValueArm]
    comparisons: tuple[ValueLift, ...]


def value_result(
    experiment: Experiment,
    allocations: Sequence[AllocationCounts],
    buyers: Sequence[BuyerSum],
    spread: SpreadPrior,
) -> ValueResult | None:
    """Compares what visitors bring; None where nobody brought anything, or too many did.

    Args:
        allocations: in the order of the experiment's.
    """
    if not buyers or sum(buyer.visitors for buyer in buyers) > MOST_BUYERS:
        return None
    sums: dict[tuple[int, int], list[float]] = defaultdict(list)
    for buyer in buyers:
        sums[buyer.allocation, buyer.arm] += [from_micros(buyer.value)] * buyer.visitors
    counts = [
        ValueCounts(weights, exposed, [sums[stored.number, arm.index] for arm in experiment.arms])
        for stored, (weights, exposed, _) in zip(experiment.allocations, allocations, strict=True)
    ]
    control = experiment.control.index
    found = {
        arm.key: compare_values(counts, control, arm.index, spread)
        for arm in experiment.arms
        if arm.index != control
    }
    if not found:
        return None
    first = next(iter(found.values()))
    return ValueResult(
        cap=first.cap,
        arms={experiment.control.key: first.a} | {key: each.b for key, each in found.items()},
        comparisons=tuple(_lift(key, each) for key, each in found.items()),
    )


def _lift(key: str, found: ValueComparison) -> ValueLift:
    lift = found.lift
    return ValueLift(
        key, found.difference, found.interval_95, found.interval_always,
        None if lift is None else lift.p_better, None if lift is None else lift_levels([lift])[0], found.reason,
    )  # fmt: skip
