"""Results: what is known of an experiment, from the tallies, for the days, the goal and the arm asked for."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import scope
from vibevariant.api.auth import context_of
from vibevariant.api.body import EventName, Key, Query, read_query
from vibevariant.api.context import Context
from vibevariant.api.door import reply
from vibevariant.errors import InvalidInput, NotFound
from vibevariant.experiments.densities import densities
from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.results import Results, renew
from vibevariant.experiments.tallies import HOUR

ANY_EVENT = -1
"""The goal id under which an event is counted that is no goal of the experiment."""

_LAST = 1 << 53
_Moment = Annotated[str, Field(max_length=40)]


class ResultsQuery(Query):
    """Which part of the results; all filters compose."""

    start_date: _Moment | None = Field(
        None,
        description="Visitors first exposed from here on: a date, a date with time, or epoch ms; in whole hours.",
    )
    end_date: _Moment | None = Field(
        None, description="To here: a date (that day included), a date with time, or epoch ms."
    )
    goal: Key | None = Field(None, description="The goal's key; none: the primary goal.")
    event_type: EventName | None = Field(None, description="Any event, by its name, instead of a goal.")
    primary_event_type: EventName | None = Field(None, description="The same.")
    variant_id: str | None = Field(None, max_length=1000, description="Only this arm, beside the control.")
    project: Key | None = None


async def show_results(request: Request[Any, Any], key: str) -> HTTPResponse:
    return reply(await _asked_for(request, key))


async def show_densities(request: Request[Any, Any], key: str) -> HTTPResponse:
    return reply(densities(await _asked_for(request, key)))


async def _asked_for(request: Request[Any, Any], key: str) -> Results:
    """The part of an experiment's results that the query names."""
    query = read_query(ResultsQuery, request.get_query_args(keep_blank_values=True))
    context = context_of(request)
    experiment = scope.experiment(request.ctx.manager, context.catalog.current, key, query.project)
    goal = _goal(experiment, query)
    first_ms = _from(query.start_date, "start_date", ends=False)
    end_ms = _from(query.end_date, "end_date", ends=True)
    if first_ms is not None and end_ms is not None and first_ms >= end_ms:
        raise InvalidInput("The end lies before the start.", field="end_date")
    read = await read_results(context, experiment, goal, first_ms, end_ms)
    return read if query.variant_id is None else _of_arm(read, query.variant_id)


async def read_results(
    context: Context,
    experiment: Experiment,
    goal: ExperimentGoal | None = None,
    first_ms: int | None = None,
    end_ms: int | None = None,
) -> Results:
    """The results of an experiment; the statistics are worked out beside the loop."""
    now = context.clock.now_ms()
    seen = await context.observer.observe(
        experiment, goal or experiment.primary_goal, now,
        first_hour=None if first_ms is None else first_ms // HOUR,
        end_hour=None if end_ms is None else end_ms // HOUR,
    )  # fmt: skip
    renewed = await asyncio.to_thread(
        renew,
        experiment,
        seen.observations,
        seen.history,
        now=now,
        goal=goal,
        first_ms=first_ms,
        end_ms=end_ms,
    )
    return renewed.results


def _goal(experiment: Experiment, query: ResultsQuery) -> ExperimentGoal | None:
    asked = [name for name in (query.goal, query.event_type, query.primary_event_type) if name is not None]
    if len(set(asked)) > 1:
        raise InvalidInput("Ask for one goal or one event at a time.", field="event_type")
    if query.goal is not None:
        for goal in experiment.goals:
            if goal.key == query.goal:
                return goal
        raise NotFound(
            f"The experiment has no goal `{query.goal}`.", field="goal",
            hint=f"Its goals: {', '.join(goal.key for goal in experiment.goals)}.",
        )  # fmt: skip
    if not asked:
        return None
    for goal in experiment.goals:
        if goal.event == asked[0]:
            return goal
    return ExperimentGoal(ANY_EVENT, asked[0], asked[0], "secondary")


def _of_arm(read: Results, key: str) -> Results:
    if key not in {arm.key for arm in read.arms}:
        raise NotFound(
            f"The experiment has no arm `{ascii(key)[1:-1]:.64}`.", field="variant_id",
            hint=f"Its arms: {', '.join(arm.key for arm in read.arms)}.",
        )  # fmt: skip
    return replace(
        read,
        arms=tuple(arm for arm in read.arms if arm.key == key or arm.is_control),
        comparisons=tuple(comparison for comparison in read.comparisons if comparison.arm == key),
    )


def _from(text: str | None, field: str, *, ends: bool) -> int | None:
    """A time on a whole hour: a start is taken down to it, an end up, so that what was asked for is all there."""
    if text is None:
        return None
    try:
        moment = _moment(text, ends=ends)
    except (ValueError, OverflowError) as fault:
        raise InvalidInput(
            f"`{ascii(text)[1:-1]:.40}` is not a time.", field=field,
            hint="Give 2026-01-31, 2026-01-31T12:00:00Z or epoch milliseconds.",
        ) from fault  # fmt: skip
    if not 0 <= moment <= _LAST:
        raise InvalidInput("This time is out of bounds.", field=field)
    return -(-moment // HOUR) * HOUR if ends else moment // HOUR * HOUR


def _moment(text: str, *, ends: bool) -> int:
    if re.fullmatch(r"[0-9]{1,16}", text):
        return int(text)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return int((day + timedelta(days=1 if ends else 0)).timestamp() * 1000)
    # A bare + in a query arrives as a blank.
    moment = datetime.fromisoformat(re.sub(r" (\d{2}:?\d{2})$", r"+\1", text) if "T" in text else text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
