"""What is looked up of many experiments at once is what each of them would have said."""

from __future__ import annotations

from typing import Any

from tests.storage.conftest import START, Storage
from tests.storage.test_ledger import claim, event
from vibevariant.storage.changes import Changes
from vibevariant.storage.posteriors import Posterior, Posteriors

READING: dict[str, Any] = {
    "decision": {"status": "collecting", "reason": "few", "arm": None, "sentence": "Wait."}
}


async def test_the_tallies_of_many_are_those_of_each(storage: Storage) -> None:
    project = await storage.project()
    experiments = [await storage.experiment(project, f"e{n}") for n in range(5)]
    for number, experiment in enumerate(experiments[:4]):
        names = [f"{number}-{n}" for n in range(3 + number)]
        for hour, name in enumerate(names):
            await storage.ledger.claim_assignments(
                [claim(experiment, name, hour % 2, START + hour * 3_600_000)]
            )
        events = [event(experiment, name, "signup", START + 9 * 3_600_000) for name in names[: 1 + number]]
        await storage.ledger.record_events(events)
    asked = [experiments[n] for n in (3, 0, 4, 1)]
    found = await Changes(storage.database).tallies(asked)
    assert found == {each.id: await storage.ledger.tallies(each) for each in asked}
    assert found[experiments[4].id] == []
    assert sum(tally.exposed for tally in found[experiments[3].id]) == 6


async def test_the_tallies_of_many_take_one_query_that_sorts_nothing(storage: Storage) -> None:
    project = await storage.project()
    experiments = [await storage.experiment(project, f"e{n}") for n in range(20)]
    asked: list[str] = []
    await storage.database.reader.set_trace_callback(asked.append)
    await Changes(storage.database).tallies(experiments)
    await storage.database.reader.set_trace_callback(None)
    (statement,) = asked
    plan = await storage.database.reader.execute_fetchall("explain query plan " + statement)
    assert not [step for step in plan if "B-TREE" in step[3]]


async def test_the_digests_are_those_that_were_saved_last(storage: Storage) -> None:
    project, posteriors = await storage.project(), Posteriors(storage.database)
    first, second, third = [await storage.experiment(project, f"e{n}") for n in range(3)]
    for at, experiment, digest in ((1, first, "old"), (2, second, "other"), (3, first, "new")):
        kept = Posterior(experiment.id, START + at, digest, READING)
        await storage.database.write(lambda connection, kept=kept: posteriors.save(connection, kept))  # type: ignore[misc]
    changes = Changes(storage.database)
    assert await changes.digests([first, second, third]) == {first.id: "new", second.id: "other"}
    assert await changes.digests([third]) == {}
