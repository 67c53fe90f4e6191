"""One transaction's worth of facts: claims and events of many requests, stored and tallied together.

The tallies are kept by difference: what a visitor added before the batch is taken away, what the visitor adds
after it is put in. An exposure that turns out earlier than known picks up the stored events between the two
times, so any order of arrival ends in the same tallies, and no event is ever looked at twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vibevariant.experiments.assignment import Assignment, Enrolment, decide
from vibevariant.experiments.catalog import Catalog
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.tallies import Converted, Counts, TallyKey, VisitorState, count, difference
from vibevariant.storage.connection import Connection
from vibevariant.storage.facts import EXPOSURE, Claim, Facts, NewEvent, Recorded

FOREVER = 1 << 62
"""Later than any time."""

Pair = tuple[int, int]
"""An experiment's and a visitor's number."""


@dataclass
class Batch:
    """Applies facts within an open transaction."""

    queries: Any
    connection: Connection
    catalog: Catalog
    numbers: dict[tuple[int, str], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    newcomers: set[int] = field(default_factory=set)
    living: set[int] = field(default_factory=set)
    standing: dict[Pair, Assignment] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)

    async def apply(self, items: Sequence[Facts]) -> list[Recorded]:
        """Stores the facts and gives, for each item, what became of them."""
        claims = [claim for item in items for claim in item.claims]
        events = [event for item in items for event in item.events]
        await self._find_living(claims, events)
        await self._number_visitors(claims, events)
        new_events = await self._insert_events(events)
        await self._assign(claims, new_events)
        await self._count(claims, new_events)
        inserted = set(map(id, new_events))
        return [
            Recorded(
                tuple(self._assignment_for(claim) for claim in item.claims),
                tuple(id(event) in inserted for event in item.events),
                frozenset(self.counted),
            )
            for item in items
        ]

    def _assignment_for(self, claim: Claim) -> Assignment | None:
        return self.standing.get(self._pair(claim.experiment_id, claim))

    def _pair(self, experiment_id: int, fact: Claim | NewEvent) -> Pair:
        return experiment_id, self.numbers[fact.project_id, fact.visitor_id]

    async def _rows(self, query: str, rows: Iterable[Iterable[Any]]) -> list[Any]:
        found = getattr(self.queries, query)(self.connection, rows=_rows_as_json(rows))
        return [row async for row in found]

    async def _do(self, query: str, rows: Iterable[Iterable[Any]]) -> None:
        await getattr(self.queries, query)(self.connection, rows=_rows_as_json(rows))

    async def _find_living(self, claims: list[Claim], events: list[NewEvent]) -> None:
        """An experiment may have been deleted after its visitor's request was read."""
        named = {claim.experiment_id for claim in claims}
        named |= {e.experiment_id for e in events if e.experiment_id is not None}
        for event in events:
            named |= {experiment.id for experiment, _ in self.catalog.counting(event.project_id, event.name)}
        if named:
            self.living = {
                row[0] for row in await self._rows("existing_experiments", ((id_,) for id_ in named))
            }

    async def _number_visitors(self, claims: list[Claim], events: list[NewEvent]) -> None:
        seen: dict[tuple[int, str], int] = {}
        for claim in claims:
            seen.setdefault((claim.project_id, claim.visitor_id), claim.at)
        for event in events:
            seen.setdefault((event.project_id, event.visitor_id), event.received_at)
        rows = [(project_id, visitor, at) for (project_id, visitor), at in seen.items()]
        self.newcomers = {row[0] for row in await self._rows("meet_visitors", rows)}
        for project_id, visitor, number in await self._rows("number_visitors", rows):
            self.numbers[project_id, visitor] = number
            self.names[number] = visitor

    async def _insert_events(self, events: list[NewEvent]) -> list[NewEvent]:
        first: dict[tuple[int, str], NewEvent] = {}
        for event in events:
            first.setdefault((event.project_id, event.id), event)
        if not first:
            return []
        rows = [
            (
                e.project_id, e.id, self.numbers[e.project_id, e.visitor_id],
                e.experiment_id if e.experiment_id in self.living else None,
                e.name, e.at, e.received_at, e.value, json.dumps(e.properties) if e.properties else None,
            )
            for e in first.values()
        ]  # fmt: skip
        return [first[row[0], row[1]] for row in await self._rows("insert_events", rows)]

    async def _assign(self, claims: list[Claim], events: list[NewEvent]) -> None:
        await self._claim([claim for claim in claims if claim.experiment_id in self.living])
        pairs = {self._pair(c.experiment_id, c) for c in claims}
        pairs |= {self._pair(e.experiment_id, e) for e in events if e.experiment_id is not None}
        for event in events:
            for experiment, _ in self.catalog.counting(event.project_id, event.name):
                pairs.add(self._pair(experiment.id, event))
        await self._read_standing(pairs)
        local = [claim for event in self._exposures(events) if (claim := self._local_choice(event))]
        if local:
            await self._claim(local)
            await self._read_standing({self._pair(claim.experiment_id, claim) for claim in local})

    def _local_choice(self, exposure: NewEvent) -> Claim | None:
        """An exposure of a visitor nobody assigned: the site chose by the hash while it could not reach us."""
        experiment = self.catalog.experiment_by_id[exposure.experiment_id or 0]
        if self._pair(experiment.id, exposure) in self.standing:
            return None
        decided = decide(experiment, exposure.visitor_id, exposure.properties or {})
        if not isinstance(decided, Enrolment):
            return None
        arm, allocation = decided.arm.index, decided.allocation
        return Claim(
            exposure.project_id, experiment.id, exposure.visitor_id,
            arm, allocation.number, allocation.weights[arm], exposure.at,
        )  # fmt: skip

    async def _claim(self, claims: list[Claim]) -> None:
        rows = {
            self._pair(c.experiment_id, c): (c.arm, c.allocation, c.propensity, c.at, None)
            for c in reversed(claims)  # of two claims in one batch the first stands
        }
        if rows:
            await self._rows("claim_assignments", (pair + rest for pair, rest in rows.items()))

    async def _read_standing(self, pairs: set[Pair]) -> None:
        if pairs:
            for row in await self._rows("standing_assignments", pairs):
                experiment_id, visitor, *decision = row
                self.standing[experiment_id, visitor] = Assignment(
                    experiment_id, self.names[visitor], *decision
                )

    def _exposures(self, events: list[NewEvent]) -> list[NewEvent]:
        return [
            event
            for event in events
            if event.name == EXPOSURE
            and event.experiment_id in self.living
            and event.experiment_id in self.catalog.experiment_by_id
            and self.catalog.experiment_by_id[event.experiment_id].counts_exposure_at(event.at)
        ]

    async def _count(self, claims: list[Claim], events: list[NewEvent]) -> None:
        """Works out how the batch changes each visitor's state, and moves the tallies by the difference."""
        shown: dict[Pair, int] = {}
        for claim in claims:
            if claim.exposed_at is not None and claim.experiment_id in self.living:
                pair = self._pair(claim.experiment_id, claim)
                shown[pair] = min(shown.get(pair, FOREVER), claim.exposed_at)
        for event in self._exposures(events):
            pair = self._pair(event.experiment_id or 0, event)
            shown[pair] = min(shown.get(pair, FOREVER), event.at)
        earlier = {
            pair: at
            for pair, at in shown.items()
            if (assignment := self.standing.get(pair)) and at < (assignment.exposed_at or FOREVER)
        }
        matching: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
        for event in events:
            for experiment, goal in self.catalog.counting(event.project_id, event.name):
                pair = self._pair(experiment.id, event)
                assignment = self.standing.get(pair)
                if assignment is not None:
                    # Events before the exposure known so far are picked up by _picked_up, if at all.
                    known = FOREVER if assignment.exposed_at is None else assignment.exposed_at
                    if event.at >= known:
                        matching[(*pair, goal.id)].append((event.at, event.value or 0))
        await self._pick_up(earlier, events, matching)
        touched = earlier.keys() | {(experiment_id, visitor) for experiment_id, visitor, _ in matching}
        if touched:
            self.counted = {experiment_id for experiment_id, _ in touched}
            await self._save(touched, earlier, matching)

    async def _pick_up(
        self,
        earlier: dict[Pair, int],
        events: list[NewEvent],
        matching: dict[tuple[int, int, int], list[tuple[int, int]]],
    ) -> None:
        """Events that an earlier exposure makes count: from the new time of exposure to the one known so far."""
        spans = [
            (visitor, at, self.standing[experiment_id, visitor].exposed_at or FOREVER, experiment_id)
            for (experiment_id, visitor), at in earlier.items()
        ]
        stored: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
        for event in events:
            number = self.numbers[event.project_id, event.visitor_id]
            if number in self.newcomers:
                stored[number].append((event.name, event.at, event.value or 0))
        known: dict[int, list[int]] = defaultdict(list)
        for visitor, start, end, _ in spans:
            if visitor not in self.newcomers:
                known[visitor] += [start, end]
        if known:
            rows = ((visitor, min(times), max(times)) for visitor, times in known.items())
            for visitor, name, at, value in await self._rows("events_between", rows):
                stored[visitor].append((name, at, value or 0))
        for visitor, start, end, experiment_id in spans:
            goals = self.catalog.experiment_by_id[experiment_id].goals
            for name, at, value in stored[visitor]:
                if start <= at < end:
                    for goal in goals:
                        if goal.event == name:
                            matching[experiment_id, visitor, goal.id].append((at, value))

    async def _save(
        self,
        touched: set[Pair],
        earlier: dict[Pair, int],
        matching: dict[tuple[int, int, int], list[tuple[int, int]]],
    ) -> None:
        before: dict[Pair, dict[int, Converted]] = defaultdict(dict)
        exposed_before = {pair for pair in touched if self.standing[pair].exposed_at is not None}
        if exposed_before:
            for experiment_id, visitor, goal_id, *sums in await self._rows(
                "standing_conversions", exposed_before
            ):
                before[experiment_id, visitor][goal_id] = Converted(*sums)
        after: dict[Pair, dict[int, Converted]] = {pair: dict(before[pair]) for pair in touched}
        changed: list[tuple[int, ...]] = []
        for (experiment_id, visitor, goal_id), occurrences in matching.items():
            pair = (experiment_id, visitor)
            exposed_at = earlier.get(pair, self.standing[pair].exposed_at)
            more = count(exposed_at, occurrences, self._ended_at(experiment_id))
            if more is not None:
                total = _add(before[pair].get(goal_id), more)
                after[pair][goal_id] = total
                changed.append((*pair, goal_id, total.first_at, total.events, total.value))
        moved: dict[tuple[int, TallyKey], Counts] = {}
        for pair in touched:
            standing = self.standing[pair]
            exposed_at = earlier.get(pair, standing.exposed_at)
            was = VisitorState(standing.arm, standing.allocation, standing.exposed_at, before[pair])
            now = VisitorState(standing.arm, standing.allocation, exposed_at, after[pair])
            for key, counts in difference(was, now).items():
                so_far = moved.get((pair[0], key), Counts())
                moved[pair[0], key] = Counts(*map(sum, zip(so_far, counts, strict=True)))
            if pair in earlier:
                self.standing[pair] = replace(standing, exposed_at=exposed_at)
        if earlier:
            await self._do("expose_assignments", ((*pair, at) for pair, at in earlier.items()))
        if changed:
            await self._do("save_conversions", changed)
        if moved:
            rows = ((experiment_id, *key, *counts) for (experiment_id, key), counts in moved.items())
            await self._do("add_tallies", rows)

    def _ended_at(self, experiment_id: int) -> int | None:
        experiment: Experiment = self.catalog.experiment_by_id[experiment_id]
        return experiment.ended_at


def _add(known: Converted | None, more: Converted) -> Converted:
    if known is None:
        return more
    return Converted(min(known.first_at, more.first_at), known.events + more.events, known.value + more.value)


def _rows_as_json(rows: Iterable[Iterable[Any]]) -> str:
    return json.dumps([list(row) for row in rows], separators=(",", ":"))
