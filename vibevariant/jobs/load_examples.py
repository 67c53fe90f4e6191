"""The example project: six real experiments brought in as recorded, and one that lives with about a hundred visitors."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import resources
from itertools import islice

import structlog

from vibevariant.clock import Clock
from vibevariant.errors import VibeVariantError
from vibevariant.experiments.assignment import Enrolment, decide
from vibevariant.experiments.catalog import Project
from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import Experiment, Status
from vibevariant.experiments.lifecycle import complete, start
from vibevariant.experiments.recorded import (
    TWO_WEEKS,
    RecordedExperiment,
    RecordedVisitor,
    read_recorded,
    visitors_of,
)
from vibevariant.jobs.refresh_posteriors import RefreshPosteriors
from vibevariant.reports import ExamplesReport
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.facts import Claim, Facts, NewEvent
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog
from vibevariant.storage.projects import Projects

log = structlog.get_logger()

PROJECT_KEY = "example"
PROJECT_NAME = "Example project (example data, safe to delete)"
SOURCE = (
    "Example data: a real headline experiment with {n} visitors, from the Upworthy Research Archive "
    "(Matias, Munger, Aubin Le Quere, Ebersole, Scientific Data 8, 195, 2021), CC BY 4.0. "
    "Test {key}; arms are numbered, not named, in the archive."
)
CHUNK = 500
"""Visitors in one write: small, so that a site's own requests never wait long behind the examples."""

HERO_VISITORS = 96
HERO_SIGNUPS = {"control": 1, "variant_a": 3}
HERO_SPAN = 2 * 86_400_000


class ExampleLoader:
    """Loads the example project in the background, a piece at a time, and takes up where a stopped load ended."""

    def __init__(
        self,
        projects: Projects,
        experiments: Experiments,
        catalog: LiveCatalog,
        ledger: Ledger,
        refresh: RefreshPosteriors,
        clock: Clock,
    ) -> None:
        self._projects = projects
        self._experiments = experiments
        self._catalog = catalog
        self._ledger = ledger
        self._refresh = refresh
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self.report = ExamplesReport("loaded" if self._project() else "absent")

    def wanted(self) -> bool:
        """Whether a start should load the examples: in a new database, or where an earlier load was cut short.

        Who removed them does not get them back.
        """
        projects = self._catalog.current.projects
        return not projects or self._project() is not None

    def start(self) -> None:
        """Begins to load, unless that is under way."""
        if self._task is None or self._task.done():
            self.report = ExamplesReport("loading")
            self._task = asyncio.create_task(self._load(), name="load-examples")

    async def stop(self) -> None:
        """Ends the loading; what is in stays in."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def remove(self) -> bool:
        """Deletes the example project with all that is in it; whether there was one."""
        await self.stop()
        project = self._project()
        if project is not None:
            for experiment in list(self._catalog.current.experiments_of(project.id).values()):
                await self._experiments.delete(experiment.id)
            await self._projects.delete(project.id)
            self._ledger.forget()
            await self._catalog.reload()
        self.report = ExamplesReport()
        return project is not None

    def _project(self) -> Project | None:
        return next((p for p in self._catalog.current.projects if p.is_example), None)

    async def _load(self) -> None:
        try:
            recorded = _recorded()
            total = sum(experiment.exposed for experiment in recorded) + HERO_VISITORS
            self.report = ExamplesReport("loading", 0, total)
            project = self._project()
            if project is None:
                project = await self._projects.insert(
                    PROJECT_KEY, PROJECT_NAME, is_example=True, now=self._clock.now_ms()
                )
                await self._catalog.reload()
            await self._live(project)
            for number, experiment in enumerate(recorded, start=1):
                await self._import(project, number, experiment)
            await self._refresh.all()
            self.report = ExamplesReport("loaded", total, total)
            log.info("The example project is loaded", visitors=total)
        except VibeVariantError as fault:
            self.report = ExamplesReport("failed", self.report.done, self.report.total)
            log.exception("The example project could not be loaded", reason=fault.message)

    def _advance(self, visitors: int) -> None:
        self.report = ExamplesReport("loading", self.report.done + visitors, self.report.total)

    async def _stored(self, project: Project, experiment: Experiment) -> Experiment:
        """The stored experiment of this key; a new one is stored and started at the time it was made for."""
        known = self._catalog.current.experiments_of(project.id).get(experiment.key)
        if known is None:
            started = start(experiment, experiment.created_at, "example")
            id_ = await self._experiments.insert(started)
            known = (await self._catalog.reload()).experiment_by_id[id_]
        return known

    async def _import(self, project: Project, number: int, recorded: RecordedExperiment) -> None:
        now = self._clock.now_ms()
        experiment = await self._stored(
            project,
            define(
                project_id=project.id, key=f"headline-{number}", name=f"Headline test {number} (example data)",
                description=SOURCE.format(n=f"{recorded.exposed:,}", key=recorded.key), source="imported",
                arms=[{"key": arm.arm, "name": f"Headline {index + 1}"} for index, arm in enumerate(recorded.arms)],
                goals=[{"key": "click"}], now=now - TWO_WEEKS,
            ),
        )  # fmt: skip
        if experiment.status is Status.COMPLETED:
            self._advance(recorded.exposed)
            return
        began = experiment.created_at
        visitors = visitors_of(recorded, began, began + TWO_WEEKS, random.Random(recorded.key))
        for chunk in _chunks(visitors):
            await self._ledger.record(_facts(experiment, chunk))
            self._advance(len(chunk))
        await self._experiments.change(experiment.id, lambda e: complete(e, began + TWO_WEEKS, "example"))
        await self._catalog.reload()

    async def _live(self, project: Project) -> None:
        """The experiment that lives: its first visitors are examples, and the project's token lets more in."""
        experiment = await self._stored(
            project,
            define(
                project_id=project.id, key="homepage-hero", name="Homepage Hero Test (example data)",
                description="Example data: a running experiment with its first hundred visitors.",
                arms=[{"key": "control", "name": "Control"}, {"key": "variant_a", "name": "Variant A"}],
                goals=[{"key": "signup"}], mode="balanced", now=self._clock.now_ms() - HERO_SPAN,
            ),
        )  # fmt: skip
        await self._ledger.record(_first_visitors(experiment))
        self._advance(HERO_VISITORS)


def _recorded() -> list[RecordedExperiment]:
    text = (resources.files("vibevariant.jobs") / "examples.csv").read_text(encoding="utf-8")
    return read_recorded(text.splitlines())


def _chunks(visitors: Iterable[RecordedVisitor]) -> Iterator[list[RecordedVisitor]]:
    iterator = iter(visitors)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _facts(experiment: Experiment, visitors: Sequence[RecordedVisitor]) -> Facts:
    weights = experiment.allocations[0].weights
    claims = tuple(
        Claim(
            experiment.project_id, experiment.id, visitor.visitor_id, visitor.arm, 1, weights[visitor.arm],
            visitor.exposed_at, visitor.exposed_at,
        )
        for visitor in visitors
    )  # fmt: skip
    events = tuple(
        _event(experiment, visitor.visitor_id, visitor.converted_at)
        for visitor in visitors
        if visitor.converted_at is not None
    )
    return Facts(claims, events)


def _first_visitors(experiment: Experiment) -> Facts:
    """The same visitors with the same times at every call, so that a repeated load adds nobody."""
    first = experiment.allocations[0]
    began = first.started_at
    claims, events = [], []
    signups = dict(HERO_SIGNUPS)
    at_the_start = replace(experiment, allocations=(first,), status=Status.RUNNING)
    for number in range(HERO_VISITORS):
        visitor = f"example-visitor-{number}"
        at = began + number * HERO_SPAN // HERO_VISITORS
        decided = decide(at_the_start, visitor, {})
        assert isinstance(decided, Enrolment)
        index, key = decided.arm.index, decided.arm.key
        claims.append(
            Claim(
                experiment.project_id,
                experiment.id,
                visitor,
                index,
                first.number,
                first.weights[index],
                at,
                at,
            )
        )
        if signups[key] and number % 5 == 3:
            signups[key] -= 1
            events.append(_event(experiment, visitor, at + 60_000))
    return Facts(tuple(claims), tuple(events))


def _event(experiment: Experiment, visitor: str, at: int) -> NewEvent:
    id_ = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{experiment.key}/{visitor}"))
    return NewEvent(experiment.project_id, id_, visitor, experiment.primary_goal.event, at, at)
