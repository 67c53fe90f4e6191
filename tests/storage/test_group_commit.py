"""Who waits shares a transaction; a bad item fails alone; nobody is answered before the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.storage.conftest import Storage
from vibevariant.errors import Overloaded
from vibevariant.storage.connection import Connection
from vibevariant.storage.group_commit import GROUP_LIMIT


async def insert(connection: Connection, keys: Sequence[str]) -> list[str]:
    for key in keys:
        await connection.execute_fetchall(
            "insert into projects (key, name, token, is_example, created_at) values (?, ?, ?, 0, 0)",
            (key, key, key),
        )
    return list(keys)


async def keys(storage: Storage) -> set[str]:
    return {project.key for project in await storage.projects.all()}


async def test_each_caller_gets_the_answer_to_its_own_item(storage: Storage) -> None:
    names = [f"p{n}" for n in range(GROUP_LIMIT + 50)]
    answers = await asyncio.gather(*(storage.database.write_together(insert, name) for name in names))
    assert answers == names
    assert await keys(storage) == set(names)


async def test_a_bad_item_fails_alone(storage: Storage) -> None:
    names = ["a", "b", "a", "c"]
    answers = await asyncio.gather(
        *(storage.database.write_together(insert, name) for name in names), return_exceptions=True
    )
    assert [isinstance(answer, Exception) for answer in answers] == [False, False, True, False]
    assert await keys(storage) == {"a", "b", "c"}


async def test_a_write_that_raises_leaves_nothing_behind(storage: Storage) -> None:
    async def half(connection: Connection) -> None:
        await insert(connection, ["half"])
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await storage.database.write(half)
    assert await keys(storage) == set()


async def test_a_caller_that_goes_away_does_not_take_its_facts_along(storage: Storage) -> None:
    call = asyncio.create_task(storage.database.write_together(insert, "gone"))
    await asyncio.sleep(0)  # the item is handed over, its commit still to come
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await storage.database.write_together(insert, "after")
    assert await keys(storage) == {"gone", "after"}


async def test_more_than_may_wait_is_refused_and_told_when_to_come_back(storage: Storage) -> None:
    limit = 10_000
    first = [
        asyncio.create_task(storage.database.write_together(insert, f"w{n}", limit // 2)) for n in range(3)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refusal:
        await storage.database.write_together(insert, "one-too-many", limit)
    assert refusal.value.retry_after >= 1
    answers = await asyncio.gather(*first, return_exceptions=True)
    assert any(answer == "w0" for answer in answers)
    assert "one-too-many" not in await keys(storage)


async def test_closing_commits_what_was_handed_over(storage: Storage, tmp_path: object) -> None:
    calls = [asyncio.create_task(storage.database.write_together(insert, f"p{n}")) for n in range(20)]
    await asyncio.sleep(0)
    await storage.database.close()
    assert await asyncio.gather(*calls) == [f"p{n}" for n in range(20)]
    with pytest.raises(Overloaded):
        await storage.database.write_together(insert, "late")
