"""A lease is one holder's at a time, however they come, and nobody's for longer than it was taken for."""

from __future__ import annotations

import random

import pytest

from tests.storage.conftest import START, Storage
from vibevariant.storage.connection import Connection
from vibevariant.storage.leases import Leases

MINUTE = 60_000


async def test_what_one_holds_nobody_else_gets_until_it_runs_out(storage: Storage) -> None:
    leases = Leases(storage.database)
    assert await leases.take("refresh", "one", START, MINUTE)
    assert not await leases.take("refresh", "two", START + MINUTE - 1, MINUTE)
    assert await leases.take("refresh", "two", START + MINUTE, MINUTE)
    assert not await leases.take("refresh", "one", START + MINUTE, MINUTE)


async def test_who_holds_it_may_keep_it(storage: Storage) -> None:
    leases = Leases(storage.database)
    for minutes in (0, 0.5, 1, 5):
        assert await leases.take("refresh", "one", START + int(minutes * MINUTE), MINUTE)
    assert not await leases.take("refresh", "two", START + 6 * MINUTE - 1, MINUTE)


async def test_what_is_released_is_free_at_once_and_only_its_holder_releases_it(storage: Storage) -> None:
    leases = Leases(storage.database)
    assert await leases.take("refresh", "one", START, MINUTE)
    await leases.release("refresh", "two")
    assert not await leases.take("refresh", "two", START, MINUTE)
    await leases.release("refresh", "one")
    assert await leases.take("refresh", "two", START, MINUTE)


async def test_a_clock_that_was_ahead_holds_nobody_up(storage: Storage) -> None:
    leases, year = Leases(storage.database), 365 * 24 * 60 * MINUTE
    assert await leases.take("refresh", "one", START + year, MINUTE)
    assert await leases.take("refresh", "two", START, MINUTE)
    assert not await leases.take("refresh", "three", START - MINUTE, MINUTE)  # its own is a little behind


async def test_leases_of_other_names_are_others(storage: Storage) -> None:
    leases = Leases(storage.database)
    assert await leases.take("refresh", "one", START, MINUTE)
    assert await leases.take("backup", "two", START, MINUTE)


async def test_a_transaction_that_fails_takes_no_lease(storage: Storage) -> None:
    leases = Leases(storage.database)

    async def work(connection: Connection) -> None:
        assert await leases.keep(connection, "refresh", "one", START, MINUTE)
        raise ValueError("what came with it could not be stored")

    with pytest.raises(ValueError, match="could not be stored"):
        await storage.database.write(work)
    assert await leases.take("refresh", "two", START, MINUTE)


async def test_it_is_as_in_a_book_where_one_line_says_who_and_until_when(storage: Storage) -> None:
    leases, rng, now = Leases(storage.database), random.Random(7), START
    holder, until = "", 0
    for _ in range(400):
        now += rng.choice((0, 1, 20_000, MINUTE))
        who = rng.choice("abc")
        if rng.random() < 0.2:
            await leases.release("refresh", who)
            holder, until = ("", 0) if holder == who else (holder, until)
            continue
        free = holder in {"", who} or until <= now
        assert await leases.take("refresh", who, now, MINUTE) is free
        if free:
            holder, until = who, now + MINUTE
