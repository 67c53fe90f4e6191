"""What changed is read again, and what follows is published: few allocations, each with its reason."""

from __future__ import annotations

import asyncio

from tests.jobs.conftest import Jobs
from tests.storage.conftest import START
from tests.storage.test_ledger import claim, event
from vibevariant.experiments.experiment import Experiment, Status
from vibevariant.experiments.lifecycle import complete, pause
from vibevariant.jobs.refresh_posteriors import SHARE

DAY = 86_400_000


async def visit(
    jobs: Jobs, experiment: Experiment, arm: int, visitors: int, conversions: int, tag: str = ""
) -> None:
    names = [f"{tag}{arm}-{n}" for n in range(visitors)]
    at = jobs.clock.now_ms()
    await jobs.storage.ledger.claim_assignments([claim(experiment, name, arm, at) for name in names])
    await jobs.storage.ledger.record_events(
        [event(experiment, name, "signup", at) for name in names[:conversions]]
    )


async def current(jobs: Jobs, experiment: Experiment) -> Experiment:
    [stored] = [e for e in await jobs.storage.experiments.all() if e.id == experiment.id]
    return stored


async def test_a_conversion_moves_the_weights_of_newcomers(jobs: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project(), mode="balanced")
    await visit(jobs, hero, 0, 60, 1)
    await visit(jobs, hero, 1, 60, 12)
    assert await jobs.refresh.all() == 1
    moved = await current(jobs, hero)
    assert sum(moved.weights) == 10_000
    assert moved.weights[1] > 7_500
    assert moved.weights[0] >= 2_000
    last = moved.allocations[-1]
    assert (last.number, last.cause, last.actor, last.weights) == (2, "refresh", "appliance", moved.weights)
    assert jobs.storage.catalog.current.experiment_by_id[hero.id] == moved


async def test_fixed_weights_stay_whatever_comes(jobs: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project(), mode="fixed")
    await visit(jobs, hero, 0, 60, 1)
    await visit(jobs, hero, 1, 60, 12)
    await jobs.refresh.all()
    assert len((await current(jobs, hero)).allocations) == 1


async def test_what_did_not_change_is_skipped(jobs: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project(), mode="balanced")
    await visit(jobs, hero, 0, 30, 1)
    await visit(jobs, hero, 1, 30, 2)
    while await jobs.refresh.all():  # a new allocation is a change that the next look takes in
        pass
    before = await jobs.posteriors.of(hero.id)
    jobs.clock.advance(seconds=30)
    assert await jobs.refresh.all() == 0
    assert await jobs.posteriors.of(hero.id) == before


async def test_time_alone_is_a_change_since_decisions_wait_for_full_weeks(jobs: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project())
    await visit(jobs, hero, 0, 1000, 50)
    await visit(jobs, hero, 1, 1000, 90)
    await jobs.refresh.all()
    jobs.clock.advance(days=15)
    assert await jobs.refresh.all() == 1
    history = await jobs.posteriors.history(hero.id)
    assert [(d.status, d.reason, d.arm) for d in history] == [
        ("keep testing", "weekend", "b"),
        ("ship", "proven", "b"),
    ]


async def test_a_broken_sample_ratio_freezes_the_weights(jobs: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project(), mode="balanced")
    await visit(jobs, hero, 0, 610, 10)
    await visit(jobs, hero, 1, 390, 40)
    await jobs.refresh.all()
    assert (await current(jobs, hero)).weights == (5000, 5000)
    reading = await jobs.posteriors.of(hero.id)
    assert reading is not None
    assert (reading.reading["decision"]["status"], reading.reading["decision"]["reason"]) == (
        "broken",
        "split",
    )


async def test_a_paused_or_ended_experiment_gets_no_new_weights(jobs: Jobs) -> None:
    project = await jobs.storage.project()
    for key, step in (("paused", pause), ("ended", complete)):
        hero = await jobs.storage.experiment(project, key, mode="balanced")
        await visit(jobs, hero, 0, 60, 1, key)
        await visit(jobs, hero, 1, 60, 12, key)
        await jobs.storage.experiments.change(hero.id, lambda e, step=step: step(e, START + 1, "owner"))
        await jobs.storage.catalog.reload()
        await jobs.refresh.all()
        assert (await current(jobs, hero)).weights == (5000, 5000)


async def test_an_experiment_is_read_before_its_time_when_it_has_grown_by_its_share(jobs: Jobs) -> None:
    project = await jobs.storage.project()
    small = await jobs.storage.experiment(project, "small")
    large = await jobs.storage.experiment(project, "large")
    await visit(jobs, small, 0, 3, 1, "s")
    await visit(jobs, large, 0, 10 * SHARE, 0, "l")
    assert await jobs.refresh.soon() == 2
    assert await jobs.refresh.soon() == 0
    await visit(jobs, small, 1, 1, 0, "s")
    for visitor in range(9):
        await visit(jobs, large, 1, 1, 0, f"l{visitor}")
        assert await jobs.refresh.soon() == (visitor == 0)  # of the small one
    await visit(jobs, large, 1, 1, 0, "the tenth")
    assert await jobs.refresh.soon() == 1
    await visit(jobs, large, 1, 1, 0, "less than a share")
    assert await jobs.refresh.soon() == 0
    assert await jobs.refresh.all() == 1


async def test_requests_that_bring_nothing_new_do_not_make_an_experiment_grow(jobs: Jobs) -> None:
    large = await jobs.storage.experiment(await jobs.storage.project())
    await visit(jobs, large, 0, 10 * SHARE, 0)
    await jobs.refresh.all()
    await visit(jobs, large, 1, 1, 1)
    jobs.storage.ledger.news[large.id] += 500  # as from requests that shared a commit with this one
    assert await jobs.refresh.soon() == 0
    assert jobs.storage.ledger.news[large.id] == 2  # a visitor and a conversion


async def test_a_refresh_at_the_same_time_as_another_waits_for_it(jobs: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project(), mode="balanced")
    await visit(jobs, hero, 0, 60, 1)
    await visit(jobs, hero, 1, 60, 12)
    await asyncio.gather(*(jobs.refresh.all() for _ in range(5)))
    numbers = [allocation.number for allocation in (await current(jobs, hero)).allocations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 2


async def test_an_experiment_deleted_meanwhile_stops_nobody(jobs: Jobs) -> None:
    project = await jobs.storage.project()
    hero = await jobs.storage.experiment(project, mode="balanced")
    other = await jobs.storage.experiment(project, "other", mode="balanced")
    for experiment in (hero, other):
        await visit(jobs, experiment, 0, 60, 1, experiment.key)
        await visit(jobs, experiment, 1, 60, 12, experiment.key)
    await jobs.storage.experiments.delete(hero.id)  # the catalog still names it
    await jobs.refresh.all()
    assert jobs.refresh.report.last_error is None
    assert (await current(jobs, other)).weights != (5000, 5000)


async def test_the_report_says_when_it_ran_and_for_how_long(jobs: Jobs) -> None:
    assert jobs.refresh.report.last_run_at is None
    await jobs.refresh.all()
    assert jobs.refresh.report.last_run_at == START
    assert jobs.refresh.report.last_took_ms is not None
    assert jobs.refresh.report.runs == 1


async def test_the_same_counts_give_the_same_weights(jobs: Jobs) -> None:
    project = await jobs.storage.project()
    weights = set()
    for key in ("one", "two"):
        hero = await jobs.storage.experiment(project, key, mode="balanced")
        await visit(jobs, hero, 0, 40, 2, key)
        await visit(jobs, hero, 1, 40, 5, key)
        await jobs.refresh.all()
        weights.add((await current(jobs, hero)).weights)
    assert len(weights) == 1
    assert jobs.storage.catalog.current.experiments[0].status is Status.RUNNING


async def test_a_stop_waits_for_the_experiment_that_is_being_read_and_begins_no_other(jobs: Jobs) -> None:
    project = await jobs.storage.project()
    for key in ("one", "two", "three"):
        hero = await jobs.storage.experiment(project, key, mode="balanced")
        await visit(jobs, hero, 0, 60, 1, key)
    under_way = asyncio.create_task(jobs.refresh.all())
    await asyncio.sleep(0)
    await jobs.refresh.finish()
    assert under_way.done()
    assert under_way.result() <= 1
    assert await jobs.refresh.all() == 0


async def test_a_finished_experiment_teaches_the_next_ones_of_its_project_and_no_other(jobs: Jobs) -> None:
    project, elsewhere = await jobs.storage.project(), await jobs.storage.project("elsewhere")
    lessons = jobs.observer.lessons
    hero = await jobs.storage.experiment(project)
    await visit(jobs, hero, 0, 500, 150)
    await visit(jobs, hero, 1, 500, 140)
    await jobs.refresh.all()
    assert await lessons.of_project(project.id) == []  # it has not ended
    jobs.clock.advance(days=1)
    ended_at = jobs.clock.now_ms()
    await jobs.storage.experiments.change(hero.id, lambda e: complete(e, ended_at, "owner"))
    await jobs.storage.catalog.reload()
    await jobs.refresh.all()
    (lesson,) = await lessons.of_project(project.id)
    assert (lesson.experiment_id, lesson.arms) == (hero.id, ((150, 500), (140, 500)))

    second = await jobs.storage.experiment(project, key="second")
    taught = await jobs.observer.observe(second, second.primary_goal, jobs.clock.now_ms())
    assert taught.history.experiments == 1
    assert 0.1 < taught.history.rate.mean < 0.3  # half-way from the usual 5 % to the 29 % that were seen
    own = await jobs.observer.observe(hero, hero.primary_goal, jobs.clock.now_ms())
    assert own.history.experiments == 0
    other = await jobs.storage.experiment(elsewhere, key="third")
    untaught = await jobs.observer.observe(other, other.primary_goal, jobs.clock.now_ms())
    assert untaught.history.experiments == 0

    await jobs.storage.experiments.delete(hero.id)
    assert await lessons.of_project(project.id) == []


async def test_an_experiment_whose_visitors_went_astray_teaches_nothing(jobs: Jobs) -> None:
    project = await jobs.storage.project()
    hero = await jobs.storage.experiment(project)
    await visit(jobs, hero, 0, 300, 30)
    await visit(jobs, hero, 1, 100, 30)
    ended_at = jobs.clock.now_ms()
    await jobs.storage.experiments.change(hero.id, lambda e: complete(e, ended_at, "owner"))
    await jobs.storage.catalog.reload()
    await jobs.refresh.all()
    last = await jobs.posteriors.of(hero.id)
    assert last is not None
    assert last.reading["decision"]["reason"] == "split"
    assert await jobs.observer.lessons.of_project(project.id) == []
