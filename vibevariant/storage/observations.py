"""Observations in the database: what a reading needs, in few queries whose cost does not grow with the events."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.observations import BuyerSum, HourCount, Observations, SegmentTally
from vibevariant.experiments.tallies import EXPOSED, HOUR, Tally
from vibevariant.stats.delay import DelayCounts
from vibevariant.stats.silence import Arrivals
from vibevariant.storage.database import Database
from vibevariant.storage.tallies import FOREVER


async def observations_of(
    database: Database, experiment: Experiment, goal: ExperimentGoal, now: int, first_hour: int, end_hour: int
) -> Observations:
    """All that a reading of one goal needs, of those first exposed from one hour to another (not included).

    Each query sees what is committed when it begins; the tallies come last, so that no part is more than its whole.
    A goal that is none of the experiment's is an event, which is counted from the events themselves.
    """
    number = {"experiment_id": experiment.id}
    hours = {"first_hour": first_hour, "end_hour": end_hour}
    between = {"first_at": first_hour * HOUR, "end_at": end_hour * HOUR}
    # Nothing counts after the end, so a window that is still open then never closes.
    until = now if experiment.ended_at is None else min(now, experiment.ended_at)
    arrivals = await _arrivals(database, experiment)
    matured = await _matured(database, experiment, until, first_hour, end_hour)
    if goal.id not in {each.id for each in experiment.goals}:
        counted = await event_tallies_of(database, experiment, goal.event, goal.id, first_hour, end_hour)
        return Observations(
            await tallies_of(database, experiment, first_hour, end_hour) + counted, matured, arrivals=arrivals
        )
    asked = number | {"goal_id": goal.id}
    buyers = [BuyerSum(*row) for row in await database.rows("buyers_of", **asked, **between)]
    happened = await database.rows("conversions_by_hour", **asked)
    delays = await database.rows("conversions_by_delay", **asked)
    segments = [SegmentTally(*row) for row in await database.rows("segment_tallies_of", **asked, **hours)]
    exposures = await database.rows("exposures_by_hour", **number)
    return Observations(
        tallies=await tallies_of(database, experiment, first_hour, end_hour),
        matured=matured,
        hours=_hours(exposures, happened),
        delays=_delays(len(experiment.arms), exposures, delays, until),
        segments=segments,
        buyers=buyers,
        arrivals=arrivals,
    )


async def tallies_of(
    database: Database, experiment: Experiment, first_hour: int, end_hour: int
) -> list[Tally]:
    """The tallies by arm, allocation and goal."""
    rows = await database.rows(
        "tallies_of", experiment_id=experiment.id, first_hour=first_hour, end_hour=end_hour
    )
    return [_tally(first_hour, *row) for row in rows]


async def event_tallies_of(
    database: Database, experiment: Experiment, name: str, goal_id: int, first_hour: int, end_hour: int
) -> list[Tally]:
    """The same for any event by its name, counted from the stored events: slow where there are many."""
    rows = await database.rows(
        "event_tallies_of",
        experiment_id=experiment.id, project_id=experiment.project_id, name=name,
        first_at=first_hour * HOUR, end_at=end_hour * HOUR,
        ended_at=FOREVER if experiment.ended_at is None else experiment.ended_at,
    )  # fmt: skip
    return [_tally(first_hour, arm, allocation, goal_id, 0, *sums) for arm, allocation, *sums in rows]


async def _matured(
    database: Database, experiment: Experiment, until: int, first_hour: int, end_hour: int
) -> Mapping[int, Sequence[Tally]]:
    """For each goal that has a window, the tallies of the hours of exposure whose last visitor's window has closed."""
    closed = [
        (goal.id, min(end_hour, until // HOUR - goal.window_hours))
        for goal in experiment.goals
        if goal.window_hours is not None
    ]
    matured: dict[int, list[Tally]] = {goal_id: [] for goal_id, _ in closed}
    if closed:
        rows = await database.rows(
            "matured_tallies_of", experiment_id=experiment.id, first_hour=first_hour, rows=json.dumps(closed)
        )
        for goal_id, *row in rows:
            matured[goal_id].append(_tally(first_hour, *row))
    return matured


async def _arrivals(database: Database, experiment: Experiment) -> Arrivals:
    """What came in while the experiment ran."""
    if experiment.started_at is None:
        return Arrivals(0, 0, 0)
    last = FOREVER if experiment.ended_at is None else experiment.ended_at
    row = await database.row(
        "arrivals_of",
        project_id=experiment.project_id, first_hour=experiment.started_at // HOUR, last_hour=last // HOUR,
    )  # fmt: skip
    return Arrivals(*row)


def _hours(exposures: Iterable[Any], conversions: Iterable[Any]) -> list[HourCount]:
    exposed: dict[int, int] = defaultdict(int)
    for hour, _, visitors in exposures:
        exposed[hour] += visitors
    converted: dict[int, int] = dict(conversions)
    return [
        HourCount(hour, exposed.get(hour, 0), converted.get(hour, 0))
        for hour in sorted(exposed.keys() | converted)
    ]


def _delays(arms: int, exposures: Iterable[Any], conversions: Iterable[Any], until: int) -> list[DelayCounts]:
    """Visitors by their age and conversions by their delay; all visitors of an hour are as old as those of its middle."""
    ages: list[dict[int, int]] = [defaultdict(int) for _ in range(arms)]
    for hour, arm, visitors in exposures:
        ages[arm][max(0, (until - hour * HOUR - HOUR // 2) // HOUR)] += visitors
    delays: list[dict[int, int]] = [{} for _ in range(arms)]
    for arm, hours, count in conversions:
        delays[arm][hours] = count
    return [DelayCounts(_row(age), _row(delay)) for age, delay in zip(ages, delays, strict=True)]


def _row(counts: Mapping[int, int]) -> list[int]:
    """The counts of the bins 0, 1, 2, ... to the last that holds any."""
    row = [0] * (max(counts, default=-1) + 1)
    for place, count in counts.items():
        row[place] = count
    return row


def _tally(
    hour: int,
    arm: int,
    allocation: int,
    goal_id: int,
    exposed: int,
    conversions: int,
    events: int,
    value: int,
) -> Tally:
    assert goal_id == EXPOSED or exposed == 0
    return Tally(arm, allocation, goal_id, hour, "", exposed, conversions, events, value)
