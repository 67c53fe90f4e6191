"""Refresh: tallies -> readings, decisions and new allocations, in one transaction for each experiment."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import asdict

import structlog

from vibevariant.clock import Clock
from vibevariant.errors import NotFound
from vibevariant.experiments.experiment import Experiment, Status
from vibevariant.experiments.lessons import Lesson, lesson_of
from vibevariant.experiments.lifecycle import reallocate
from vibevariant.experiments.results import Results, allocation_counts, next_weights, results
from vibevariant.experiments.tallies import Tally
from vibevariant.reports import JobReport
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog
from vibevariant.storage.observer import Observer
from vibevariant.storage.posteriors import Posterior, Posteriors

log = structlog.get_logger()

LITTLE_KNOWN = 2_000
"""Below this many exposed visitors a few more may change what is known, so the next look comes soon."""

ENGINE = 2
"""Rises whenever the same counts would be read differently: what an older version read is then read again."""

QUARTER_DAY = 6 * 3_600_000
"""Decisions also depend on the time that passed; an experiment without news is read again this often."""


class RefreshPosteriors:
    """Reads what changed and publishes what follows from it."""

    def __init__(
        self,
        database: Database,
        catalog: LiveCatalog,
        experiments: Experiments,
        ledger: Ledger,
        posteriors: Posteriors,
        observer: Observer,
        clock: Clock,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._experiments = experiments
        self._ledger = ledger
        self._posteriors = posteriors
        self._observer = observer
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._exposed: dict[int, int] = {}
        self._stopping = False
        self.report = JobReport()

    async def all(self) -> int:
        """Refreshes every experiment that changed; how many did."""
        return await self._run([e for e in self._catalog.current.experiments if e.status is not Status.DRAFT])

    async def soon(self) -> int:
        """Refreshes the experiments of which little is known and that have news."""
        news = [
            experiment
            for experiment in self._catalog.current.experiments
            if self._ledger.news[experiment.id] and self._exposed.get(experiment.id, 0) < LITTLE_KNOWN
        ]
        return await self._run(news) if news else 0

    async def finish(self) -> None:
        """Waits for a refresh that is under way; it ends with the experiment it is at, and none follows."""
        self._stopping = True
        async with self._one_at_a_time:
            pass

    async def _run(self, experiments: list[Experiment]) -> int:
        async with self._one_at_a_time:
            started = time.perf_counter()
            refreshed, reallocated, error = 0, False, None
            for experiment in experiments:
                if self._stopping:
                    break
                try:
                    changed = await self._refresh(experiment)
                except NotFound:
                    continue  # deleted while it was being read
                except Exception as fault:  # one experiment's fault must not stop the others' refresh
                    log.exception("An experiment could not be refreshed", experiment=experiment.key)
                    error = f"{experiment.key}: {fault}"
                else:
                    refreshed += changed is not None
                    reallocated |= bool(changed)
            if reallocated:
                await self._catalog.reload()
            self.report = JobReport(
                last_run_at=self._clock.now_ms(),
                last_took_ms=round((time.perf_counter() - started) * 1000, 1),
                last_error=error,
                runs=self.report.runs + 1,
            )
            return refreshed

    async def _refresh(self, experiment: Experiment) -> bool | None:
        """None when nothing changed, otherwise whether a new allocation was published."""
        now = self._clock.now_ms()
        news = self._ledger.news.pop(experiment.id, 0)
        try:
            tallies = await self._ledger.tallies(experiment)
            self._exposed[experiment.id] = sum(tally.exposed for tally in tallies)
            lessons = await self._observer.lessons.of_project(experiment.project_id)
            digest = digest_of(experiment, tallies, lessons, now)
            last = await self._posteriors.of(experiment.id)
            if last is not None and last.digest == digest:
                return None
            before = last.reading["sample_ratio"]["log_e"] if last else 0.0
            seen = await self._observer.observe(experiment, experiment.primary_goal, now, lessons=lessons)
            read = await asyncio.to_thread(
                results,
                experiment,
                seen.observations,
                seen.history,
                now=now,
                sample_ratio_log_e_before=before,
            )
            lesson = await self._lesson(experiment, tallies, read)
            return await self._publish(experiment, read, digest, now, lesson)
        except BaseException:
            self._ledger.news[experiment.id] += news  # it is still to be done
            raise

    async def _lesson(self, experiment: Experiment, tallies: list[Tally], read: Results) -> Lesson | None:
        """What the experiment teaches, once it has ended. Whose visitors went astray teaches nothing."""
        if experiment.ended_at is None or read.decision.status == "broken":
            return None
        goal = experiment.primary_goal
        signals = await self._observer.signals.signals_of(experiment, goal)
        return await asyncio.to_thread(
            lesson_of, experiment, allocation_counts(experiment, tallies, goal.id), signals
        )

    async def _publish(
        self, experiment: Experiment, read: Results, digest: str, now: int, lesson: Lesson | None
    ) -> bool:
        weights = next_weights(experiment, read)

        async def work(connection: Connection) -> bool:
            await self._posteriors.save(connection, Posterior(experiment.id, now, digest, asdict(read)))
            if lesson is not None:
                await self._observer.lessons.save(connection, lesson)
            if weights is None:
                return False
            return await self._experiments.step(
                connection, experiment.id, lambda stored: _take(stored, weights, now)
            )

        published = await self._database.write(work)
        if published:
            log.info("A new allocation was published", experiment=experiment.key, weights=weights)
        return published


def _take(stored: Experiment, weights: tuple[int, ...], now: int) -> Experiment:
    """The stored experiment with the new weights, unless its owner paused or ended it meanwhile."""
    if stored.status is not Status.RUNNING:
        return stored
    return reallocate(stored, weights, stored.traffic, now, "refresh", "appliance")


def digest_of(experiment: Experiment, tallies: list[Tally], lessons: list[Lesson], now: int) -> str:
    """What a reading depends on, in short: the same digest means the same numbers."""
    started_at = experiment.started_at or now
    others = sorted(lesson.experiment_id for lesson in lessons if lesson.experiment_id != experiment.id)
    basis = (
        ENGINE, experiment.status, len(experiment.allocations), tallies, others, (now - started_at) // QUARTER_DAY
    )  # fmt: skip
    return hashlib.blake2b(repr(basis).encode(), digest_size=12).hexdigest()
