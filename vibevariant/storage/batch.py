"""One transaction's worth of facts: claims and events of many requests, stored and tallied together."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from vibevariant.experiments.assignment import Assignment, Enrolment, decide
from vibevariant.experiments.catalog import Catalog
from vibevariant.experiments.segments import UNKNOWN, segment_of
from vibevariant.experiments.tallies import HOUR
from vibevariant.storage.facts import EXPOSURE, Claim, Facts, NewEvent, Recorded
from vibevariant.storage.statements import Statements
from vibevariant.storage.tallies import FOREVER, Pair, Tallying

_COUNTED, _ROBOT, _DUPLICATE = range(3)
"""The places of what came in, in the columns of the arrivals."""


@dataclass
class Batch:
    """Applies facts within an open transaction."""

    statements: Statements
    catalog: Catalog
    numbers: dict[tuple[int, str], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    first_seen: dict[int, int] = field(default_factory=dict)
    newcomers: set[int] = field(default_factory=set)
    living: set[int] = field(default_factory=set)
    standing: dict[Pair, Assignment] = field(default_factory=dict)
    counted: frozenset[int] = frozenset()

    async def apply(self, items: Sequence[Facts]) -> list[Recorded]:
        """Stores the facts and gives, for each item, what became of them."""
        claims = [claim for item in items for claim in item.claims]
        events = [event for item in items for event in item.events]
        await self._find_living(claims, events)
        await self._number_visitors(claims, events)
        new_events = await self._insert_events(events)
        await self._assign(claims, new_events)
        tallying = await self._count(claims, new_events)
        inserted = set(map(id, new_events))
        await self._note_arrivals(items, inserted, tallying)
        return [
            Recorded(
                tuple(self._assignment_for(claim) for claim in item.claims),
                tuple(id(event) in inserted for event in item.events),
                self.counted,
            )
            for item in items
        ]

    def _assignment_for(self, claim: Claim) -> Assignment | None:
        return self.standing.get(self._pair(claim.experiment_id, claim))

    def _pair(self, experiment_id: int, fact: Claim | NewEvent) -> Pair:
        return experiment_id, self.numbers[fact.project_id, fact.visitor_id]

    async def _find_living(self, claims: list[Claim], events: list[NewEvent]) -> None:
        """An experiment may have been deleted after its visitor's request was read."""
        named = {claim.experiment_id for claim in claims}
        named |= {e.experiment_id for e in events if e.experiment_id is not None}
        for event in events:
            named |= {experiment.id for experiment, _ in self.catalog.counting(event.project_id, event.name)}
        if named:
            self.living = {
                row[0]
                for row in await self.statements.rows("existing_experiments", ((id_,) for id_ in named))
            }

    async def _number_visitors(self, claims: list[Claim], events: list[NewEvent]) -> None:
        seen: dict[tuple[int, str], int] = {}
        for claim in claims:
            seen.setdefault((claim.project_id, claim.visitor_id), claim.at)
        for event in events:
            seen.setdefault((event.project_id, event.visitor_id), event.received_at)
        rows = [(project_id, visitor, at) for (project_id, visitor), at in seen.items()]
        self.newcomers = {row[0] for row in await self.statements.rows("meet_visitors", rows)}
        for project_id, visitor, number, first_seen_at in await self.statements.rows("number_visitors", rows):
            self.numbers[project_id, visitor] = number
            self.names[number] = visitor
            self.first_seen[number] = first_seen_at

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
        return [first[row[0], row[1]] for row in await self.statements.rows("insert_events", rows)]

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
            arm, allocation.number, allocation.weights[arm], exposure.at, device=exposure.device,
        )  # fmt: skip

    async def _claim(self, claims: list[Claim]) -> None:
        rows = {
            self._pair(c.experiment_id, c): (c.arm, c.allocation, c.propensity, c.at, None, self._segment(c))
            for c in reversed(claims)  # of two claims in one batch the first stands
        }
        if rows:
            await self.statements.rows("claim_assignments", (pair + rest for pair, rest in rows.items()))

    def _segment(self, claim: Claim) -> str:
        if self._is_recorded(claim.experiment_id):
            return UNKNOWN
        first_seen_at = self.first_seen[self.numbers[claim.project_id, claim.visitor_id]]
        return segment_of(first_seen_at, claim.at, claim.device)

    async def _read_standing(self, pairs: set[Pair]) -> None:
        if pairs:
            for row in await self.statements.rows("standing_assignments", pairs):
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

    async def _count(self, claims: list[Claim], events: list[NewEvent]) -> Tallying:
        """Counts the exposures and the new events; gives what came of it."""
        shown: dict[Pair, int] = {}
        for claim in claims:
            if claim.exposed_at is not None and claim.experiment_id in self.living:
                pair = self._pair(claim.experiment_id, claim)
                shown[pair] = min(shown.get(pair, FOREVER), claim.exposed_at)
        for event in self._exposures(events):
            pair = self._pair(event.experiment_id or 0, event)
            shown[pair] = min(shown.get(pair, FOREVER), event.at)
        tallying = Tallying(self.statements, self.catalog, self.standing, self.newcomers)
        numbered = [(self.numbers[event.project_id, event.visitor_id], event) for event in events]
        self.counted = await tallying.count(shown, numbered)
        return tallying

    async def _note_arrivals(self, items: Sequence[Facts], inserted: set[int], tallying: Tallying) -> None:
        """Counts what came in, by project and hour; what was recorded elsewhere did not come in from a site."""
        arrived: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        first_exposed = set(tallying.first_exposed)
        for item in items:
            if any(self._is_recorded(claim.experiment_id) for claim in item.claims):
                continue
            for event in item.events:
                which = _COUNTED if id(event) in inserted else _DUPLICATE
                arrived[event.project_id, event.received_at // HOUR][which] += 1
            for claim in item.claims:
                pair = self._pair(claim.experiment_id, claim)
                if claim.exposed_at is not None and pair in first_exposed:
                    first_exposed.remove(pair)
                    arrived[claim.project_id, claim.at // HOUR][_COUNTED] += 1
            if item.robot is not None:
                arrived[item.robot.project_id, item.robot.at // HOUR][_ROBOT] += item.robot.count
        await self.statements.do("add_arrivals", ((*place, *counts) for place, counts in arrived.items()))

    def _is_recorded(self, experiment_id: int) -> bool:
        experiment = self.catalog.experiment_by_id.get(experiment_id)
        return experiment is not None and experiment.source == "imported"
