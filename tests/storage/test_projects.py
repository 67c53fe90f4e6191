"""Projects: what has come in for one is known without reading through what has come in."""

from __future__ import annotations

from tests.storage.conftest import START, Storage
from tests.storage.test_ledger import claim, event
from vibevariant.storage.facts import EXPOSURE
from vibevariant.storage.projects import Activity


async def test_activity_is_of_one_project_alone(storage: Storage) -> None:
    site, blog = await storage.project(), await storage.project("blog")
    hero = await storage.experiment(site)
    await storage.ledger.claim_assignments([claim(hero, "v", arm=1)])
    await storage.ledger.record_events([event(hero, "v", "signup", START + 10)])
    assert (await storage.projects.activity(site.id)).event
    assert await storage.projects.activity(blog.id) == Activity(visitor=False, exposure=False, event=False)


async def test_many_exposures_are_no_event(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, f"v{n}", arm=0) for n in range(50)])
    await storage.ledger.record_events([event(hero, f"v{n}", EXPOSURE, START + n) for n in range(50)])
    found = await storage.projects.activity(hero.project_id)
    assert found == Activity(visitor=True, exposure=True, event=False)


async def test_looking_for_activity_reads_no_table_through(storage: Storage) -> None:
    plan = await storage.database.reader.execute_fetchall(
        f"explain query plan {storage.database.queries.activity.sql}",
        {"project_id": 1, "exposure": EXPOSURE},
    )
    steps = [row[3] for row in plan]
    assert not [step for step in steps if step.startswith("SCAN ") and step != "SCAN CONSTANT ROW"], steps
    for table in ("a", "t", "e"):
        assert any(step.startswith(f"SEARCH {table} USING") for step in steps), steps
    # Not one of a million exposures is stepped over on the way to another event.
    for side in "<>":
        assert any(step.endswith(f"events_by_name (project_id=? AND name{side}?)") for step in steps), steps
