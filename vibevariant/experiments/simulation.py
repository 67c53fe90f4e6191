"""Simulation: many experiments at once of which the truth is known, with even weights or under a bandit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from vibevariant.errors import InvalidInput
from vibevariant.experiments.screening import Counts, Floats, chances
from vibevariant.stats.allocation import (
    BALANCED_FLOOR,
    EARN_FLOOR,
    EARN_FLOOR_UNTIL,
    EARN_LAST_FLOOR,
    LEARN_FLOOR,
    TEN_THOUSANDTHS,
    WORTH_HALVING,
    WORTH_PUBLISHING,
    Mode,
    even_weights,
    weights_in_mode,
    worth_publishing,
)
from vibevariant.stats.evidence import AllocationCounts

Shape = Literal["flat", "rising", "weekend", "launch"]
Allocation = Literal["fixed", "learn", "balanced", "earn", "adaptive"]
"""Even weights to the end, or what visitors are spent on; "adaptive" is another word for "balanced"."""

# How the base rate moves in the course of an experiment: it triples, doubles on the two last days of either week,
# or starts at three times what it soon comes down to, as after a launch that brought a crowd.
RISE, WEEKEND, LAUNCH = 3.0, 2.0, 3.0
WEEKS = 2
LAUNCH_LASTS = 0.1
MOST_ARMS = 12


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is true, who comes, and how often somebody looks.

    Args:
        base: the control's rate; where it moves, the lowest it has.
        lift: by how much the last arm's rate is above all the others', as a share of theirs.
        look_every: visitors from one look to the next; weights that follow the data are renewed at every look.
        look_at_most: looks become rarer as visitors add up, one whenever there are 2 % more of them, until they are
            this far apart; unless given, they do not.
    """

    arms: int = 2
    base: float = 0.05
    lift: float = 0.0
    shape: Shape = "flat"
    visitors: int = 10_000
    look_every: int = 100
    allocation: Allocation = "fixed"
    look_at_most: int | None = None

    def __post_init__(self) -> None:
        if self.allocation not in get_args(Allocation):
            raise InvalidInput(
                f'There is no allocation "{self.allocation}".',
                hint=f"Use one of: {', '.join(get_args(Allocation))}.",
            )
        if not 2 <= self.arms <= MOST_ARMS:
            raise InvalidInput(f"A simulation has 2 to {MOST_ARMS} arms, not {self.arms}.")
        if not 0 < self.look_every <= self.visitors:
            raise InvalidInput(
                f"A look every {self.look_every:,} visitors does not fit {self.visitors:,} visitors.",
                hint="Look at least once, at the end.",
            )
        if not -1 < self.lift < math.inf:
            raise InvalidInput(
                f"A lift of {self.lift} is none; 0.5 is half as much again, -0.5 half as much."
            )
        highest = self.base * max(1.0, 1 + self.lift) * float(max(self.factors()))
        if not 0 < self.base < 1 or highest >= 1:
            raise InvalidInput(
                f"With a base rate of {self.base} the highest rate is {highest:.2f}; rates lie between 0 and 1.",
                hint="Take a lower base rate, or a smaller lift.",
            )

    @property
    def mode(self) -> Mode | None:
        """What visitors are spent on, where the weights follow the data."""
        if self.allocation == "fixed":
            return None
        return "balanced" if self.allocation == "adaptive" else self.allocation

    @property
    def looks(self) -> tuple[int, ...]:
        """Visitors at each look; the last one is at the end."""
        at, seen = [], 0
        while seen < self.visitors:
            step = min(max(self.look_every, seen // 50), self.look_at_most or self.look_every)
            seen = min(self.visitors, seen + step)
            at.append(seen)
        return tuple(at)

    def factors(self) -> Floats:
        """What the base rate is multiplied by for the visitors before each look."""
        ends = np.array((0, *self.looks)) / self.visitors
        done = (ends[1:] + ends[:-1]) / 2
        match self.shape:
            case "flat":
                return np.ones(len(done))
            case "rising":
                return 1 + (RISE - 1) * done
            case "weekend":
                return np.where((7 * WEEKS * done) % 7 >= 5, WEEKEND, 1.0)
            case "launch":
                return np.asarray(1 + (LAUNCH - 1) * np.exp(-done / LAUNCH_LASTS))

    @property
    def best(self) -> int | None:
        """The arm that is truly best; none where nothing differs, or several are."""
        if self.lift > 0:
            return self.arms - 1
        return 0 if self.lift < 0 and self.arms == 2 else None

    @property
    def conversions(self) -> float:
        """How many are to be expected at most."""
        return float(self.visitors * self.base * (1 + max(self.lift, 0)) * self.factors().mean())


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came between one look and the next, and under which weights: shaped (experiments, looks, arms)."""

    scenario: Scenario
    looks: tuple[int, ...]
    weights: Counts
    exposed: Counts
    converted: Counts

    def allocations(self, experiment: int, look: int) -> list[AllocationCounts]:
        """One experiment as it stood at a look, by allocation; the last one is in force."""
        weights = self.weights[experiment, : look + 1]
        first = np.flatnonzero(np.append(True, np.any(weights[1:] != weights[:-1], axis=1)))
        exposed = np.add.reduceat(self.exposed[experiment, : look + 1], first, axis=0)
        converted = np.add.reduceat(self.converted[experiment, : look + 1], first, axis=0)
        return [
            (tuple(w), tuple(n), tuple(s))
            for w, n, s in zip(weights[first].tolist(), exposed.tolist(), converted.tolist(), strict=True)
        ]


def simulate(
    scenario: Scenario, experiments: int, rng: np.random.Generator, *, lost: float = 0.0
) -> Simulated:
    """Lets visitors come to so many experiments.

    Weights that follow the data follow the chances under flat priors, those of `screening`, which are within .001 of
    the exact ones; as in the appliance, new ones are published when they differ enough.

    Args:
        lost: so many of the last arm's visitors, as a share, never get counted, and neither do their conversions.
    """
    looks, mode = scenario.looks, scenario.mode
    shape = (experiments, len(looks), scenario.arms)
    weights, exposed, converted = (np.zeros(shape, np.int64) for _ in range(3))
    effects = np.where(np.arange(scenario.arms) == scenario.arms - 1, 1 + scenario.lift, 1.0)
    in_force = np.tile(np.array(even_weights(scenario.arms)), (experiments, 1))
    shown, reached = np.zeros_like(in_force), np.zeros_like(in_force)
    came = np.diff((0, *looks))
    for look, factor in enumerate(scenario.factors()):
        weights[:, look] = in_force
        arrived = rng.multinomial(int(came[look]), in_force / TEN_THOUSANDTHS)
        if lost:
            arrived[:, -1] -= rng.binomial(arrived[:, -1], lost)
        exposed[:, look] = arrived
        converted[:, look] = rng.binomial(arrived, scenario.base * factor * effects)
        if mode is not None:
            shown += arrived
            reached += converted[:, look]
            publish(in_force, chances(reached, shown)[0], mode, shown.sum(axis=1))
    return Simulated(scenario, looks, weights, exposed, converted)


def publish(in_force: Counts, p_best: Floats, mode: Mode, visitors: Counts) -> None:
    """Puts the new weights of `weights_in_mode` in force where they differ enough from the old ones.

    Args:
        in_force: of every experiment, as the chances; changed in place.
        visitors: that each experiment has had so far.
    """
    # Rounding moves a weight by less than 1; where none moves far enough, nothing need be rounded.
    wanted = TEN_THOUSANDTHS * _unrounded(p_best, mode, visitors)
    moved = np.abs(wanted - in_force).max(axis=1) > WORTH_PUBLISHING - 1
    left = np.sort([TEN_THOUSANDTHS - weights.max(axis=1) for weights in (wanted, in_force)], axis=0)
    moved |= left[1] + 1 >= WORTH_HALVING * (left[0] - 1)
    for one in np.flatnonzero(moved):
        new = weights_in_mode(p_best[one].tolist(), mode, int(visitors[one]))
        if worth_publishing(in_force[one].tolist(), new):
            in_force[one] = new


def _unrounded(p_best: Floats, mode: Mode, visitors: Counts) -> Floats:
    """The shares that `weights_in_mode` rounds, of many experiments at once."""
    floor: Floats | float = BALANCED_FLOOR
    if mode == "learn":
        p_best, floor = _top_two(p_best), LEARN_FLOOR
    elif mode == "earn":
        decayed = EARN_FLOOR * np.minimum(1.0, EARN_FLOOR_UNTIL / np.maximum(1, visitors))
        floor = np.maximum(decayed, EARN_LAST_FLOOR)[:, None]
    return np.asarray(floor / p_best.shape[1] + (1 - floor) * p_best)


def _top_two(p_best: Floats) -> Floats:
    """The shares of `allocation.top_two`, of many experiments at once."""
    arms = p_best.shape[1]
    apart = 1 - np.eye(arms)
    # By leader and by arm: who is drawn as the best once it is not the leader.
    others = p_best[:, None, :] * apart
    total = others.sum(axis=2, keepdims=True)
    even = np.broadcast_to(apart / (arms - 1), others.shape).copy()
    follows = np.divide(others, total, out=even, where=total > 0)
    return np.asarray((p_best + np.einsum("el,ela->ea", p_best, follows)) / 2)
