"""What an allocation did, as pictures: who got what, how sure it was of the best, and what each policy loses."""

from __future__ import annotations

from collections.abc import Sequence

from vibevariant.cli.pictures import Curve, Panel, most_above, percent, picture
from vibevariant.experiments.experiment import WHOLE
from vibevariant.experiments.policy_courses import PolicyCourse
from vibevariant.experiments.visits import Visits

# More arms than these are not told apart by colour: the ones with the fewest visitors are drawn as one.
MOST_NAMED = 6
LONGEST_NAME = 18
WIDTH, HEIGHT, LABELS = 860, 460, 160


def traffic_picture(visits: Visits, note: str) -> str:
    """Which share of the visitors each arm gets."""
    ends = [*visits.from_visitor[1:], visits.scenario.visitors]
    groups = _groups(visits)
    curves = []
    for colour, (name, arms) in enumerate(groups, start=1):
        points = []
        for allocation, first, end in zip(
            visits.experiment.allocations, visits.from_visitor, ends, strict=True
        ):
            share = sum(allocation.weights[arm] for arm in arms) / WHOLE
            points += [(first, share), (end, share)]
        curves.append(Curve(name, points, colour))
    shown = ", ".join(f"{name} {sum(visits.exposed[arm] for arm in arms):,}" for name, arms in groups)
    return picture(
        "Who gets what",
        f"Share of the next visitors by number of visitors so far. Visitors in all: {shown}.",
        [Panel("Share of the next visitors, by visitors so far", curves, 1.0, stacked=True, steady=True)],
        note, width=WIDTH, height=HEIGHT, labels=LABELS,
    )  # fmt: skip


def chances_picture(visits: Visits, note: str) -> str:
    """How likely each arm was to be the best: as it steered the visitors, and as it may be said."""
    steering = [(each.visitors, each.p_best) for each in visits.refreshed]
    said = [(look.visitors, look.p_best) for look in visits.looks]
    panels = [
        Panel(title, _chances(visits, course), 1.0)
        for title, course in (("As it steers visitors", steering), ("As it may be said", said))
    ]
    ends = ", ".join(f"{curve.name} {percent(round(curve.points[-1][1], 3))}" for curve in panels[1].curves)
    return picture(
        "How likely each arm is to be the best",
        f"Chance of being the best arm by number of visitors. At the end it may be said: {ends}.",
        panels, note, width=2 * WIDTH - 300, height=HEIGHT, labels=LABELS,
    )  # fmt: skip


def regret_picture(courses: Sequence[PolicyCourse], note: str) -> str:
    """Conversions that each policy loses on the way; twice the standard error is shaded."""
    curves = []
    colours = iter(range(1, len(courses) + 1))
    for course in courses:
        points = [(0, 0.0), *((point.visitors, point.regret) for point in course.points)]
        errors = [0.0, *(2 * point.error for point in course.points)]
        colour = None if course.policy == "even" else next(colours)
        curves.append(Curve(course.policy, points, colour, errors))
    most = most_above(
        max(
            lost + error
            for curve in curves
            for (_, lost), error in zip(curve.points, curve.errors, strict=True)
        )
    )
    ends = ", ".join(f"{curve.name} {curve.points[-1][1]:.1f}" for curve in curves)
    return picture(
        "Conversions lost on the way to the best arm",
        f"Conversions lost on average, by number of visitors. At the end: {ends}.",
        [Panel("Conversions lost so far, by visitors", curves, most, steady=True, said=lambda lost: f"{lost:g}")],
        note, width=WIDTH, height=HEIGHT, labels=LABELS,
    )  # fmt: skip


def _chances(visits: Visits, course: Sequence[tuple[int, Sequence[float]]]) -> list[Curve]:
    return [
        Curve(name, [(visitors, sum(p_best[arm] for arm in arms)) for visitors, p_best in course], colour)
        for colour, (name, arms) in enumerate(_groups(visits), start=1)
    ]


def _groups(visits: Visits) -> list[tuple[str, list[int]]]:
    """The arms in their order, each by itself; of many those with the most visitors, and the others together."""
    arms = visits.experiment.arms
    named = [arm.index for arm in arms]
    if len(arms) > MOST_NAMED:
        by_visitors = sorted(named, key=lambda arm: (-visits.exposed[arm], arm))
        named = sorted(by_visitors[: MOST_NAMED - 1])
    groups = [(_short(arms[arm].key), [arm]) for arm in named]
    others = [arm.index for arm in arms if arm.index not in named]
    return [*groups, (f"the other {len(others)}", others)] if others else groups


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_NAME else f"{key[: LONGEST_NAME - 1]}…"
