"""Policies on one site, side by side: what each loses on the way, and whether it ends with the best arm."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.experiments.allocation_scenario import AllocationScenario
from vibevariant.experiments.bandits import Each, Policy, World, play
from vibevariant.experiments.visits_tables import in_csv

MOST_POINTS = 50
"""Of a course that are kept: more are not seen in a picture."""


@dataclass(frozen=True, slots=True)
class PolicyPoint:
    """By so many visitors.

    Args:
        regret: conversions lost on average; `error` is the standard error of that.
        found: the share of runs in which the policy would pick the best arm if it ended here; None where several
            are best.
    """

    visitors: int
    regret: float
    error: float
    found: float | None


@dataclass(frozen=True, slots=True)
class PolicyCourse:
    """What came of one policy in so many runs."""

    policy: Policy
    runs: int
    points: tuple[PolicyPoint, ...]


def world_of(scenario: AllocationScenario) -> World:
    """The same site, for policies that are no part of an appliance."""
    per_hour = scenario.visitors / (24 * scenario.lasts_days)
    return World(
        rates=scenario.rates,
        design=scenario.experiment(0).design,
        shape=scenario.drift,
        delay=None if scenario.delay_hours is None else scenario.delay_hours * per_hour,
        visitors=scenario.visitors,
    )


def policy_courses(
    scenario: AllocationScenario,
    policies: Sequence[Policy],
    runs: int,
    seed: int,
    *,
    each: Each = map,
    advance: Callable[[int], object] = lambda _: None,
) -> list[PolicyCourse]:
    """Plays every policy so many times; the same seed gives the same courses, however many processes play them."""
    world = world_of(scenario)
    return [_course(scenario, world, policy, runs, seed, each, advance) for policy in policies]


def _course(
    scenario: AllocationScenario,
    world: World,
    policy: Policy,
    runs: int,
    seed: int,
    each: Each,
    advance: Callable[[int], object],
) -> PolicyCourse:
    played = play(world, policy, runs, seed, each=each, advance=advance)
    kept = np.unique(np.linspace(0, len(played.visitors) - 1, MOST_POINTS).round().astype(int))
    points = []
    for place in kept.tolist():
        lost, leader = played.regret[:, place], played.leader[:, place]
        points.append(
            PolicyPoint(
                visitors=int(played.visitors[place]),
                regret=float(lost.mean()),
                error=float(lost.std(ddof=1)) / math.sqrt(runs) if runs > 1 else 0.0,
                found=None if scenario.best is None else float((leader == scenario.best).mean()),
            )
        )
    return PolicyCourse(policy, runs, tuple(points))


def courses_csv(courses: Sequence[PolicyCourse]) -> str:
    """One line for each policy and number of visitors."""
    return in_csv(
        ("policy", "runs", "visitors", "regret", "regret_error", "found_best"),
        (
            (
                course.policy, course.runs, point.visitors, f"{point.regret:.4f}", f"{point.error:.4f}",
                "" if point.found is None else f"{point.found:.4f}",
            )
            for course in courses
            for point in course.points
        ),
    )  # fmt: skip
