"""Experiments that never ran, and what was counted of them, for the tests that read them."""

from __future__ import annotations

from dataclasses import replace

from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lessons import History
from vibevariant.experiments.lifecycle import start
from vibevariant.experiments.observations import Observations
from vibevariant.experiments.results import Renewal, Results, renew
from vibevariant.experiments.tallies import Tally

START = 1_760_000_000_000
WEEK = 7 * 86_400_000


def running(
    mode: str = "balanced", arms: int = 2, goals: list[dict[str, object]] | None = None, **definition: object
) -> Experiment:
    """An experiment that has just started; its goals have the ids 1, 2, ..."""
    made = define(
        project_id=1, key="hero", arms=[{"key": f"arm-{n}", "name": f"Page {n}"} for n in range(arms)], mode=mode,
        goals=goals or [{"key": "signup", "role": "primary"}, {"key": "purchase"}], now=START, **definition,
    )  # fmt: skip
    numbered = tuple(replace(goal, id=number) for number, goal in enumerate(made.goals, start=1))
    return start(replace(made, id=1, goals=numbered), START, "owner")


def tallies(
    counts: list[tuple[int, int]], goal_id: int = 1, allocation: int = 1, value: int = 0
) -> list[Tally]:
    """Exposed visitors and conversions of each arm."""
    return [
        tally
        for arm, (exposed, conversions) in enumerate(counts)
        for tally in (
            Tally(arm, allocation, 0, 0, "", exposed, 0, 0, 0),
            Tally(arm, allocation, goal_id, 0, "", 0, conversions, conversions + 1, value),
        )
    ]


def converted(conversions: list[int], goal_id: int, allocation: int = 1) -> list[Tally]:
    """Conversions of another goal, of the same visitors."""
    return [
        Tally(arm, allocation, goal_id, 0, "", 0, count, count, 0) for arm, count in enumerate(conversions)
    ]


def renewed(
    experiment: Experiment,
    counted: list[Tally],
    now: int = START + WEEK,
    history: History | None = None,
    **more: object,
) -> Renewal:
    """What a refresh makes of it; what is more than tallies goes into the observations, the rest to `renew`."""
    observed = {name: more.pop(name) for name in list(more) if name in Observations.__dataclass_fields__}
    return renew(
        experiment, Observations(counted, **observed), history or History.of((), experiment), now=now, **more
    )


def read(*args: object, **more: object) -> Results:
    """The results of the same."""
    return renewed(*args, **more).results
