"""Bandits side by side: what each policy loses on the way, in many experiments whose truth is known.

Ours take the way of the appliance: the same chances, weights and threshold for a new allocation, refresh by refresh
(`steered`). The others choose for every single visitor (`policies`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal, Protocol, get_args

import numpy as np

from vibevariant.errors import InvalidInput
from vibevariant.experiments.policies import Counts, Floats, let_through
from vibevariant.experiments.simulation import Scenario, Shape
from vibevariant.experiments.steered import Late, steer
from vibevariant.stats.allocation import Mode
from vibevariant.stats.design import Design
from vibevariant.stats.posterior import Beta
from vibevariant.stats.priors import BEFORE_FIRST_ARM

Policy = Literal["even", "learn", "balanced", "earn", "epsilon-greedy", "ucb1", "kl-ucb", "thompson"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
Measure = Literal["thompson-at-floor"]
"""Nobody's choice: what Earn would be, if every visitor had weights of their own."""

STEERED = ("even", "learn", "balanced", "earn")

# A refresh whenever there is so much more of the whole traffic, and never after fewer visitors than that.
REFRESHES, FEWEST_BETWEEN = 200, 10
# Experiments that are played together, with a seed of their own. One by one they take longer than side by side, ours
# can only go one by one.
TOGETHER, ONE_BY_ONE = 100, 10


@dataclass(frozen=True)
class World:
    """What is true, and who comes.

    Args:
        rates: of the arms; where rates move, the lowest they have.
        design: where the arms are combinations.
        delay: of conversions on average, in visitors; it is exponential. None for at once.
        refresh_every: visitors from one look of ours to the next; a 200th of all unless given, and at least 10.
        prior: of each arm's rate, from which ours start.
    """

    rates: tuple[float, ...]
    design: Design | None = None
    shape: Shape = "flat"
    delay: float | None = None
    visitors: int = 10_000
    refresh_every: int | None = None
    prior: Beta = BEFORE_FIRST_ARM

    def __post_init__(self) -> None:
        if len(self.rates) < 2 or not all(0 < rate < 1 for rate in self.rates):
            raise InvalidInput(
                "The true rates are those of two arms or more, each between 0 and 1.",
                hint="For instance 0.05 and 0.06.",
            )
        if self.design is not None and self.design.arms != len(self.rates):
            raise InvalidInput(
                f"{len(self.rates)} rates do not fit a design of {self.design.arms} combinations."
            )
        if self.visitors < 1 or (self.refresh_every is not None and self.refresh_every < 1):
            raise InvalidInput("There is at least one visitor, and at least one from refresh to refresh.")
        if self.delay is not None and not 0 < self.delay < np.inf:
            raise InvalidInput(
                f"A mean delay of {self.delay} visitors is none.", hint="Leave it out for none."
            )
        if max(self.rates) * float(self.factors.max()) >= 1:
            raise InvalidInput(
                "Where rates move, the highest would be above 1.", hint="Take lower rates, or flat."
            )

    @property
    def arms(self) -> int:
        return len(self.rates)

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Visitors at each checkpoint, which is a refresh for ours; the last one is the end."""
        return self._course.looks

    @cached_property
    def factors(self) -> Floats:
        """What the rates are multiplied by before each checkpoint."""
        return self._course.factors()

    @property
    def _course(self) -> Scenario:
        every = self.refresh_every or max(FEWEST_BETWEEN, self.visitors // REFRESHES)
        return Scenario(
            base=min(self.rates) / 10,
            shape=self.shape,
            visitors=self.visitors,
            look_every=min(every, self.visitors),
        )

    @cached_property
    def even_regret(self) -> Floats:
        """Conversions lost on average by each checkpoint, where all arms get the same share."""
        came = np.diff((0, *self.ends))
        return np.asarray(np.cumsum(came * self.factors) * float(self._gaps.mean()))

    @property
    def _gaps(self) -> Floats:
        return max(self.rates) - np.array(self.rates)

    def regret(self, shown: Counts) -> Floats:
        """Conversions lost on average by each checkpoint, given who got what: shaped (runs, checkpoints)."""
        came = np.diff(shown, axis=1, prepend=0)
        return np.asarray(np.cumsum((came @ self._gaps) * self.factors, axis=1))


@dataclass(frozen=True, slots=True)
class Course:
    """What came of a policy in so many runs, at every checkpoint.

    Args:
        visitors: at each checkpoint; shaped (checkpoints).
        regret: conversions lost on average, by who was sent where; (runs, checkpoints).
        shown: visitors of each arm so far; (runs, checkpoints, arms).
        converted: conversions that have arrived; shaped alike.
        weights: in ten-thousandths, under which the visitors before the checkpoint came; None where each visitor is
            a choice of its own.
        p_best: chances of being best as they stand at the checkpoint; None where the policy knows of none.
        leader: the arm that the policy would pick if it ended there: the likeliest best, or the highest rate seen.
    """

    visitors: Counts
    regret: Floats
    shown: Counts
    converted: Counts
    weights: Counts | None
    p_best: Floats | None
    leader: Counts


class Advance(Protocol):
    """Says that so many more runs are done."""

    def __call__(self, runs: int, /) -> object: ...


Each = Callable[[Callable[["Part"], Course], Iterable["Part"]], Iterable[Course]]
"""`map`, or that of a pool of processes, which keeps the order too."""


@dataclass(frozen=True, slots=True)
class Part:
    """Runs that are played together, with a seed of their own."""

    world: World
    policy: Policy | Measure
    late: Late
    runs: int
    seed: tuple[int, ...]


def play(
    world: World,
    policy: Policy | Measure,
    runs: int,
    seed: int,
    *,
    late: Late = "discounted",
    each: Each = map,
    advance: Advance = lambda _: None,
) -> Course:
    """Lets the same world come about so many times. The same seed brings the same course, whoever plays its parts."""
    size = ONE_BY_ONE if policy in STEERED else TOGETHER
    parts = [
        Part(world, policy, late, min(size, runs - start), (seed, start, *policy.encode()))
        for start in range(0, runs, size)
    ]
    courses = []
    for part, course in zip(parts, each(played, parts), strict=True):
        courses.append(course)
        advance(part.runs)
    return _joined(courses)


def played(part: Part) -> Course:
    """The runs of one part."""
    rng, world = np.random.default_rng(part.seed), part.world
    match part.policy:
        case "even":
            return _steered(part, None, rng)
        case "learn" | "balanced" | "earn":
            return _steered(part, part.policy, rng)
        case _:
            came = let_through(
                part.policy, world.rates, world.factors, world.ends, part.runs, rng, delay=world.delay
            )
            return _course(world, came.shown, came.converted)


def _steered(part: Part, mode: Mode | None, rng: np.random.Generator) -> Course:
    world = part.world
    runs = [
        steer(
            mode,
            world.rates,
            world.factors,
            world.ends,
            rng,
            prior=world.prior,
            design=world.design,
            delay=world.delay,
            late=part.late,
        )
        for _ in range(part.runs)
    ]
    shown, converted, weights, p_best = (
        np.stack([getattr(run, name) for run in runs]) for name in ("shown", "converted", "weights", "p_best")
    )
    return _course(world, shown, converted, weights, None if mode is None else p_best)


def _course(
    world: World,
    shown: Counts,
    converted: Counts,
    weights: Counts | None = None,
    p_best: Floats | None = None,
) -> Course:
    standing = converted / np.maximum(shown, 1) if p_best is None else p_best
    return Course(
        visitors=np.array(world.ends),
        regret=world.regret(shown),
        shown=shown,
        converted=converted,
        weights=weights,
        p_best=p_best,
        leader=np.asarray(standing.argmax(axis=2)),
    )


def _joined(courses: Sequence[Course]) -> Course:
    def all_of(name: str) -> Any:
        parts = [getattr(course, name) for course in courses]
        return None if parts[0] is None else np.concatenate(parts)

    joined = {each.name: all_of(each.name) for each in fields(Course) if each.name != "visitors"}
    return Course(visitors=courses[0].visitors, **joined)
