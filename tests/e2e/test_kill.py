"""`kill -9` in the middle of a load loses nothing that was acknowledged, and counts nothing twice."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.appliance import Appliance, command
from tests.e2e.load import Site
from tests.e2e.recount import counted, kept

CONNECTIONS = 24
EXPERIMENTS = ("hero", "price")


def as_left_behind(appliance: Appliance, folder: Path) -> Path:
    """A copy of what the killed process left: reading the original would mend it before the program can."""
    folder.mkdir()
    for name in ("vibevariant.db", "vibevariant.db-wal"):
        if (appliance.data_dir / name).exists():
            shutil.copy(appliance.data_dir / name, folder)
    return folder / "vibevariant.db"


async def killed_again_and_again(
    appliance: Appliance, folder: Path, *, kills: int, seed: int
) -> dict[str, int]:
    rng = random.Random(seed)
    site = Site(appliance.token, EXPERIMENTS, connections=CONNECTIONS, seed=seed)
    lost: list[str] = []
    restarts = 0.0
    for number in range(kills):
        known_before = set(site.known.arms)
        load = site.run(appliance.port)
        await site.until(site.answers + rng.randint(500, 4_000))
        await asyncio.sleep(rng.uniform(0, 0.02))  # anywhere within a transaction
        assert not load.done()
        appliance.kill()
        await load
        lost += site.known.missing_in(as_left_behind(appliance, folder / f"killed-{number}"))
        shutil.rmtree(folder / f"killed-{number}")
        began = asyncio.get_running_loop().time()
        appliance.start()
        restarts += asyncio.get_running_loop().time() - began
        newcomers = {visitor for _, visitor in set(site.known.arms) - known_before}
        assert newcomers
        await site.ask_again(appliance.port, newcomers)
    await site.send_again(appliance.port)
    assert appliance.stop() == 0
    lost += site.known.missing_in(appliance.database)
    assert (lost, site.known.contradictions, dict(site.known.refused)) == ([], [], {})
    with closing(sqlite3.connect(appliance.database)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        (stored_events,), (stored_assignments,) = (
            connection.execute(f"select count(*) from {table}").fetchone()
            for table in ("events", "assignments")
        )
        (distinct,) = connection.execute("select count(distinct project_id || id) from events").fetchone()
        (allocations,) = connection.execute("select count(*) from allocations").fetchone()
    tallied, facts = kept(appliance.database), counted(appliance.database)
    twice = stored_events - distinct + sum((tallied - facts).values())
    assert (twice, facts - tallied) == (0, {})
    again = command("recount", "--json", "--data-dir", appliance.data_dir)
    assert again.json == {"experiments": len(EXPERIMENTS), "off": []}
    # Everything that was sent is acknowledged by now, so what is stored beyond it would be made up.
    assert stored_events == len(site.known.events)
    return {
        "kills": kills, "requests answered": site.answers, "assignments acknowledged": len(site.known.arms),
        "assignments stored": stored_assignments, "events acknowledged": len(site.known.events),
        "events stored": stored_events, "lost": len(lost), "twice": twice, "allocations": allocations,
        "ms to be back": round(restarts / kills * 1000),
    }  # fmt: skip


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.long)])
async def test_nothing_acknowledged_is_lost_or_counted_twice(
    appliance_on: Callable[..., Appliance], tmp_path: Path, record_property: Callable[..., None], kills: int
):
    appliance = appliance_on("--refresh-seconds", "0.3").start().set_up()
    appliance.experiment("hero", allocation="adaptive")
    appliance.experiment("price", allocation="fixed")
    counts = await killed_again_and_again(appliance, tmp_path, kills=kills, seed=20_260 + kills)
    for name, count in counts.items():
        record_property(name, count)
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))
