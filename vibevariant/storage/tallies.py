"""Tallies in the database: how one transaction's exposures and events move what is counted of their visitors.

The tallies are kept by difference: what a visitor added before the batch is taken away, what the visitor adds
after it is put in. An exposure that turns out earlier than known picks up the stored events between the two
times, and where a goal has a window, the window is counted anew; so any order of arrival ends in the same tallies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from vibevariant.experiments.assignment import Assignment
from vibevariant.experiments.catalog import Catalog
from vibevariant.experiments.experiment import ExperimentGoal
from vibevariant.experiments.tallies import (
    HOUR,
    Converted,
    Counts,
    DelayKey,
    HourKey,
    TallyKey,
    VisitorState,
    count,
    difference,
    moved_conversions,
)
from vibevariant.storage.facts import NewEvent
from vibevariant.storage.statements import Statements

FOREVER = 1 << 62
"""Later than any time."""

Pair = tuple[int, int]
"""An experiment's and a visitor's number."""

Reached = tuple[int, int, int]
"""An experiment's, a visitor's and a goal's number."""


@dataclass
class Tallying:
    """Counts one batch. `standing` are the assignments of all whom it is about, and learn of earlier exposures."""

    statements: Statements
    catalog: Catalog
    standing: dict[Pair, Assignment]
    newcomers: set[int]
    """Visitors of whom nothing is stored but what is in the batch."""
    earlier: dict[Pair, int] = field(default_factory=dict)
    """Visitors who turn out to have been exposed earlier than known, if that was known at all."""
    first_exposed: set[Pair] = field(default_factory=set)
    """Those of them of whom no exposure was known."""
    matching: dict[Reached, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """The events (time, value) that may change what a visitor has reached."""
    anew: set[Reached] = field(default_factory=set)
    """Where they are all events that count, not only those that were not counted before."""

    async def count(
        self, shown: Mapping[Pair, int], events: Sequence[tuple[int, NewEvent]]
    ) -> frozenset[int]:
        """Counts exposures and new events, each with its visitor's number; gives the experiments that have news."""
        for pair, at in shown.items():
            standing = self.standing.get(pair)
            if standing is not None and at < _exposed(standing):
                self.earlier[pair] = at
                if standing.exposed_at is None:
                    self.first_exposed.add(pair)
        for number, event in events:
            for experiment, goal in self.catalog.counting(event.project_id, event.name):
                standing = self.standing.get((experiment.id, number))
                # Events before the exposure known so far are picked up by _pick_up, if at all.
                if standing is not None and event.at >= _exposed(standing):
                    self.matching[experiment.id, number, goal.id].append((event.at, event.value or 0))
        if self.earlier:
            await self._pick_up(events)
        touched = self.earlier.keys() | {
            (experiment_id, visitor) for experiment_id, visitor, _ in self.matching
        }
        if touched:
            await self._save(touched)
        return frozenset(experiment_id for experiment_id, _ in touched)

    async def _pick_up(self, events: Sequence[tuple[int, NewEvent]]) -> None:
        """Events that an earlier exposure makes count: from its time to the one known so far, or in all its window."""
        spans: list[tuple[Reached, ExperimentGoal, int, int]] = []
        for (experiment_id, visitor), start in self.earlier.items():
            known = _exposed(self.standing[experiment_id, visitor])
            for goal in self.catalog.experiment_by_id[experiment_id].goals:
                reached = (experiment_id, visitor, goal.id)
                if goal.window_hours is None:
                    spans.append((reached, goal, start, known))
                else:  # what counted may be too late now
                    spans.append((reached, goal, start, start + goal.window_hours * HOUR))
                    self.anew.add(reached)
                    self.matching[reached] = []
        stored = await self._events(spans, events)
        for reached, goal, start, end in spans:
            found = [
                (at, value)
                for name, at, value in stored[reached[1]]
                if name == goal.event and start <= at < end
            ]
            if found:
                self.matching[reached] += found

    async def _events(
        self,
        spans: Sequence[tuple[Reached, ExperimentGoal, int, int]],
        events: Sequence[tuple[int, NewEvent]],
    ) -> Mapping[int, list[tuple[str, int, int]]]:
        """The stored events (name, time, value) of these visitors in these times; newcomers' are those of the batch."""
        stored: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
        for number, event in events:
            if number in self.newcomers:
                stored[number].append((event.name, event.at, event.value or 0))
        times: dict[int, list[int]] = defaultdict(list)
        for (_, visitor, _), _, start, end in spans:
            if visitor not in self.newcomers:
                times[visitor] += [start, end]
        if times:
            asked = ((visitor, min(known), max(known)) for visitor, known in times.items())
            for visitor, name, at, value in await self.statements.rows("events_between", asked):
                stored[visitor].append((name, at, value or 0))
        return stored

    async def _save(self, touched: set[Pair]) -> None:
        """Works out each visitor's state before and after, and moves everything by the difference."""
        before = await self._conversions(touched)
        after = {pair: dict(before[pair]) for pair in touched}
        changed: dict[Reached, Converted] = {}
        dropped: list[Reached] = []
        for reached, occurrences in self.matching.items():
            experiment_id, visitor, goal_id = reached
            pair = (experiment_id, visitor)
            known = before[pair].get(goal_id)
            total = self._total(reached, None if reached in self.anew else known, occurrences)
            if total is not None and total != known:
                after[pair][goal_id] = changed[reached] = total
            elif total is None and known is not None:
                del after[pair][goal_id]
                dropped.append(reached)
        tallies: dict[tuple[int, TallyKey], Counts] = {}
        moments: Counter[tuple[int, HourKey | DelayKey]] = Counter()
        for pair in touched:
            standing = self.standing[pair]
            exposed_at = self._exposed_at(pair)
            was = _state(standing, standing.exposed_at, before[pair])
            now = _state(standing, exposed_at, after[pair])
            for key, counts in difference(was, now).items():
                so_far = tallies.get((pair[0], key), Counts())
                tallies[pair[0], key] = Counts(*map(sum, zip(so_far, counts, strict=True)))
            for moment, moved in moved_conversions(was, now).items():
                moments[pair[0], moment] += moved
            self.standing[pair] = replace(standing, exposed_at=exposed_at)
        do = self.statements.do
        await do("expose_assignments", ((*pair, at) for pair, at in self.earlier.items()))
        await do("drop_conversions", dropped)
        await do(
            "save_conversions", ((*reached, c.first_at, c.events, c.value) for reached, c in changed.items())
        )
        await do("add_tallies", ((id_, *key, *counts) for (id_, key), counts in tallies.items()))
        for query, kind in (("add_conversion_hours", HourKey), ("add_conversion_delays", DelayKey)):
            rows = ((id_, *key, n) for (id_, key), n in moments.items() if n and isinstance(key, kind))
            await do(query, rows)

    async def _conversions(self, touched: set[Pair]) -> Mapping[Pair, dict[int, Converted]]:
        """What the visitors have reached so far, by goal id."""
        found: dict[Pair, dict[int, Converted]] = defaultdict(dict)
        exposed = {pair for pair in touched if self.standing[pair].exposed_at is not None}
        if exposed:
            for experiment_id, visitor, goal_id, *sums in await self.statements.rows(
                "standing_conversions", exposed
            ):
                found[experiment_id, visitor][goal_id] = Converted(*sums)
        return found

    def _exposed_at(self, pair: Pair) -> int | None:
        """When a visitor was first shown the arm, the batch included."""
        return self.earlier.get(pair, self.standing[pair].exposed_at)

    def _total(
        self, reached: Reached, known: Converted | None, occurrences: Sequence[tuple[int, int]]
    ) -> Converted | None:
        experiment_id, visitor, goal_id = reached
        experiment = self.catalog.experiment_by_id[experiment_id]
        goal = next(goal for goal in experiment.goals if goal.id == goal_id)
        more = count(
            self._exposed_at((experiment_id, visitor)), occurrences, experiment.ended_at, goal.window_hours
        )
        if known is None or more is None:
            return known or more
        return Converted(
            min(known.first_at, more.first_at), known.events + more.events, known.value + more.value
        )


def _exposed(assignment: Assignment) -> int:
    """When the visitor was first shown the arm, as far as is known."""
    return FOREVER if assignment.exposed_at is None else assignment.exposed_at


def _state(
    assignment: Assignment, exposed_at: int | None, conversions: Mapping[int, Converted]
) -> VisitorState:
    return VisitorState(assignment.arm, assignment.allocation, exposed_at, conversions, assignment.segment)
