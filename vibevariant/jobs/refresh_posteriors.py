"""Refresh: tallies -> readings, decisions and new allocations, in one transaction for each experiment."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog

from vibevariant.clock import Clock
from vibevariant.errors import NotFound
from vibevariant.experiments.basis import ENGINE
from vibevariant.experiments.experiment import Experiment, Status
from vibevariant.experiments.lessons import Lesson
from vibevariant.experiments.lifecycle import follow
from vibevariant.experiments.tallies import Tally
from vibevariant.jobs.reader import MANY, Reader
from vibevariant.jobs.reading import Answer, Question
from vibevariant.reports import JobReport
from vibevariant.storage.changes import Changes
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.leases import Leases
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog
from vibevariant.storage.observer import Observer
from vibevariant.storage.posteriors import Posterior, Posteriors
from vibevariant.storage.readings import KeptReading, Readings

log = structlog.get_logger()

SHARE = 200
"""An experiment is read before its time when it has grown by one part in so many: a bandit that looks this often loses
no more conversions than one that looks after every visitor."""

QUARTER_DAY = 6 * 3_600_000
"""Decisions also depend on the time that passed; an experiment without news is read again this often."""

AT_A_LOOK = 10
"""Experiments whose counts are looked up together: so few that nobody waits long behind them."""

LEASE, LEASE_MS = "refresh", 20_000
"""Whose turn it is, kept with every experiment that is read, which takes far less. After a crash nothing is refreshed
for so long."""


@dataclass(frozen=True, slots=True)
class Change:
    """An experiment that is not any more as it was read last, with what it was seen to be."""

    experiment: Experiment
    digest: str
    counted: int
    lessons: list[Lesson]
    news: int


@dataclass(slots=True)
class Run:
    """How far one run has come."""

    to_read: int = 0
    refreshed: int = 0
    has_turn: bool = False
    published: dict[int, Experiment] = field(default_factory=dict)
    error: str | None = None


class RefreshPosteriors:
    """Reads what changed and publishes what follows from it. Of all on one database, one does so at a time."""

    def __init__(
        self,
        database: Database,
        catalog: LiveCatalog,
        experiments: Experiments,
        ledger: Ledger,
        posteriors: Posteriors,
        observer: Observer,
        changes: Changes,
        leases: Leases,
        reader: Reader,
        clock: Clock,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._experiments = experiments
        self._ledger = ledger
        self._posteriors = posteriors
        self._observer = observer
        self._readings = Readings(database)
        self._changes = changes
        self._leases = leases
        self._reader = reader
        self._clock = clock
        self._holder = secrets.token_hex(8)
        self._one_at_a_time = asyncio.Lock()
        self._counted: dict[int, int] = {}  # each experiment's visitors and conversions as last read
        self._stopping = False
        self.report = JobReport()

    async def all(self) -> int:
        """Refreshes every experiment that changed; how many did."""
        return await self._run(lambda: [experiment.id for experiment in self._begun()])

    async def soon(self) -> int:
        """Refreshes the experiments that have grown by so much that they need not wait for the others."""
        return await self._run(self._due, grown=True) if self._due() else 0

    async def finish(self) -> None:
        """Waits for a refresh that is under way; it ends with the experiment it is at, and none follows."""
        self._stopping = True
        async with self._one_at_a_time:
            await self._reader.close()
            try:
                await self._leases.release(LEASE, self._holder)
            except Exception:  # it runs out by itself, and whoever stops has more to close
                log.exception("The lease of the refresh could not be released")

    def _begun(self) -> Iterator[Experiment]:
        return (e for e in self._catalog.current.experiments if e.status is not Status.DRAFT)

    def _due(self) -> list[int]:
        """Those with news enough. Each stands for a request, which may have brought less: the tallies say."""
        news = self._ledger.news
        return [e.id for e in self._begun() if news[e.id] >= self._share(e.id)]

    def _share(self, id_: int) -> int:
        return max(1, self._counted.get(id_, 0) // SHARE)

    async def _run(self, chosen: Callable[[], list[int]], *, grown: bool = False) -> int:
        async with self._one_at_a_time:
            started, run, ids = time.perf_counter(), Run(), chosen()
            for first in range(0, len(ids), AT_A_LOOK):
                if self._stopping:
                    break
                known = self._catalog.current.experiment_by_id
                some = [known[id_] for id_ in ids[first : first + AT_A_LOOK] if id_ in known]
                try:
                    goes_on = await self._refresh_some(some, run, grown=grown)
                except Exception as fault:  # the others may fare better
                    log.exception("Experiments could not be looked at", experiments=len(some))
                    goes_on, run.error = True, str(fault)
                if run.published:
                    await self._catalog.advance(run.published)
                    run.published = {}
                if not goes_on:
                    break
            self.report = JobReport(
                last_run_at=self._clock.now_ms(),
                last_took_ms=round((time.perf_counter() - started) * 1000, 1),
                last_error=run.error,
                runs=self.report.runs + 1,
            )
            return run.refreshed

    async def _refresh_some(self, experiments: Sequence[Experiment], run: Run, *, grown: bool) -> bool:
        """Refreshes those of them that changed; whether to go on, which ends where it is another process's turn."""
        waiting = deque(await self._changed(experiments, grown=grown))
        run.to_read += len(waiting)
        try:
            if waiting and not run.has_turn:
                now = self._clock.now_ms()
                run.has_turn = await self._leases.take(LEASE, self._holder, now, LEASE_MS)
                if not run.has_turn:
                    return False
            while waiting and not self._stopping:
                change = waiting[0]
                try:
                    if not await self._refresh(change, run):
                        return False
                except NotFound:
                    pass  # deleted while it was being read
                except Exception as fault:  # one experiment's fault must not stop the others' refresh
                    log.exception("An experiment could not be refreshed", experiment=change.experiment.key)
                    run.error = f"{change.experiment.key}: {fault}"
                    self._ledger.news[change.experiment.id] += change.news
                else:
                    self._counted[change.experiment.id] = change.counted
                    run.refreshed += 1
                waiting.popleft()
            return True
        finally:
            for change in waiting:  # they are still to be read, by whoever's turn it is
                self._ledger.news[change.experiment.id] += change.news

    async def _changed(self, experiments: Sequence[Experiment], *, grown: bool) -> list[Change]:
        """Takes the news of these experiments and gives those that are to be read."""
        news = {experiment.id: self._ledger.news.pop(experiment.id, 0) for experiment in experiments}
        try:
            tallies = await self._changes.tallies(experiments)
            digests = await self._changes.digests(experiments)
            lessons = {
                id_: await self._observer.lessons.of_project(id_)
                for id_ in sorted({experiment.project_id for experiment in experiments})
            }
        except BaseException:
            self._ledger.news.update(news)
            raise
        now, changed = self._clock.now_ms(), []
        for experiment in experiments:
            id_, taught = experiment.id, lessons[experiment.project_id]
            counted = sum(tally.exposed + tally.conversions for tally in tallies[id_])
            digest = digest_of(experiment, tallies[id_], taught, now)
            more = counted - self._counted.get(id_, counted)
            if digests.get(id_) == digest:
                self._counted[id_] = counted
            elif grown and id_ in self._counted and more < self._share(id_):
                self._ledger.news[id_] += more  # what they really brought
            else:
                changed.append(Change(experiment, digest, counted, taught, news[id_]))
        return changed

    async def _refresh(self, change: Change, run: Run) -> bool:
        """Reads an experiment and publishes what follows; False when it is not this process's turn any more."""
        experiment, now = change.experiment, self._clock.now_ms()
        goal = experiment.primary_goal
        last = await self._posteriors.of(experiment.id)
        seen = await self._observer.observe(experiment, goal, now, lessons=change.lessons)
        signals = None
        if experiment.ended_at is not None:
            signals = await self._observer.signals.signals_of(experiment, goal)
        question = Question(
            experiment,
            seen.observations,
            seen.history,
            now,
            last.reading["sample_ratio"]["log_e"] if last else 0.0,
            signals,
        )
        read = await self._reader.read(question, many=run.to_read >= MANY)
        return await self._publish(question, read, change.digest, run)

    async def _publish(self, question: Question, read: Answer, digest: str, run: Run) -> bool:
        experiment, weights, now = question.experiment, read.weights, question.now
        after = experiment

        def followed(stored: Experiment) -> Experiment:
            nonlocal after
            assert weights is not None
            after = follow(stored, experiment, weights, now)
            return after

        async def work(connection: Connection) -> bool | None:
            if not await self._leases.keep(connection, LEASE, self._holder, self._clock.now_ms(), LEASE_MS):
                return None
            changed = await self._posteriors.save(
                connection, Posterior(experiment.id, now, digest, read.results)
            )
            if read.lesson is not None:
                await self._observer.lessons.save(connection, read.lesson)
            published = weights is not None and await self._experiments.step(
                connection, experiment.id, followed
            )
            if changed or published:
                number = len(experiment.allocations) + 1 if published else None
                await self._readings.save(
                    connection, KeptReading(experiment.id, now, ENGINE, number, read.basis, read.outcome)
                )
            return published

        published = await self._database.write(work)
        if published:
            log.info("A new allocation was published", experiment=experiment.key, weights=weights)
            run.published[experiment.id] = after
        return published is not None


def digest_of(experiment: Experiment, tallies: list[Tally], lessons: list[Lesson], now: int) -> str:
    """What a reading depends on, in short: the same digest means the same numbers."""
    started_at = experiment.started_at or now
    until = now if experiment.ended_at is None else experiment.ended_at
    others = sorted(lesson.experiment_id for lesson in lessons if lesson.experiment_id != experiment.id)
    basis = (
        ENGINE, experiment.status, experiment.mode, len(experiment.allocations), tallies, others,
        (until - started_at) // QUARTER_DAY,
    )  # fmt: skip
    return hashlib.blake2b(repr(basis).encode(), digest_size=12).hexdigest()
