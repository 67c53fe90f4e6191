"""The example project: complete, labelled, loaded once however often it is cut short, gone in one step."""

from __future__ import annotations

import asyncio

from tests.jobs.conftest import Jobs, jobs_over
from vibevariant.experiments.experiment import Status
from vibevariant.experiments.recorded import read_recorded
from vibevariant.jobs.load_examples import PROJECT_KEY
from vibevariant.reports import ExamplesReport

CUT = 3_000


async def load(jobs: Jobs) -> None:
    jobs.examples.start()
    assert jobs.examples._task is not None
    await jobs.examples._task


async def counts(jobs: Jobs) -> dict[str, list[tuple[int, int]]]:
    found = {}
    for experiment in jobs.storage.catalog.current.experiments:
        arms = [[0, 0] for _ in experiment.arms]
        for tally in await jobs.storage.ledger.tallies(experiment):
            arms[tally.arm][0] += tally.exposed
            arms[tally.arm][1] += tally.conversions
        found[experiment.key] = [(exposed, converted) for exposed, converted in arms]
    return found


async def test_the_examples_are_six_real_experiments_as_recorded_and_one_that_lives(jobs: Jobs) -> None:
    await load(jobs)
    assert jobs.examples.report.state == "loaded"
    found = await counts(jobs)
    from importlib import resources

    text = (resources.files("vibevariant.jobs") / "examples.csv").read_text()
    recorded = read_recorded(text.splitlines())
    assert len(recorded) == 6
    for number, experiment in enumerate(recorded, start=1):
        assert found[f"headline-{number}"] == [(arm.exposed, arm.converted) for arm in experiment.arms]
    assert sum(exposed for exposed, _ in found["homepage-hero"]) == 96
    assert sum(converted for _, converted in found["homepage-hero"]) == 4
    experiments = {e.key: e for e in jobs.storage.catalog.current.experiments}
    assert experiments["homepage-hero"].status is Status.RUNNING
    assert [arm.key for arm in experiments["homepage-hero"].arms] == ["control", "variant_a"]
    for experiment in experiments.values():
        assert "xample" in experiment.name
        assert not await jobs.storage.ledger.recount(experiment)


async def test_the_two_with_broken_randomisation_are_called_broken_and_the_others_not(jobs: Jobs) -> None:
    await load(jobs)
    decisions = {}
    for experiment in jobs.storage.catalog.current.experiments:
        posterior = await jobs.posteriors.of(experiment.id)
        assert posterior is not None
        decisions[experiment.key] = posterior.reading["decision"]
    broken = {key for key, decision in decisions.items() if decision["status"] == "broken"}
    assert broken == {"headline-5", "headline-6"}
    assert (decisions["headline-1"]["status"], decisions["headline-1"]["arm"]) == ("ship", "arm-1")
    assert decisions["homepage-hero"]["status"] == "collecting"


async def test_a_load_that_was_cut_short_is_taken_up_and_adds_nobody_twice(jobs: Jobs) -> None:
    jobs.examples.start()
    while jobs.examples.report.done < CUT:
        await asyncio.sleep(0)
    await jobs.examples.stop()
    again = jobs_over(jobs.storage, jobs.clock)
    assert again.examples.wanted()
    jobs.clock.advance(hours=5)
    await load(again)
    cut = await counts(again)
    await again.examples.remove()
    await load(again)
    assert await counts(again) == cut


async def test_removing_takes_all_of_it_and_a_restart_does_not_bring_it_back(jobs: Jobs) -> None:
    ours = await jobs.storage.project("ours")
    await load(jobs)
    assert await jobs.examples.remove()
    assert not await jobs.examples.remove()
    assert jobs.examples.report == ExamplesReport()
    assert [project.key for project in jobs.storage.catalog.current.projects] == [ours.key]
    assert not jobs_over(jobs.storage, jobs.clock).examples.wanted()


async def test_a_new_database_wants_the_examples(jobs: Jobs) -> None:
    assert jobs.examples.wanted()
    await load(jobs)
    assert PROJECT_KEY in {project.key for project in jobs.storage.catalog.current.projects}
