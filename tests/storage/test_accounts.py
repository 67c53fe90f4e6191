"""One owner, sessions and keys that are kept as hashes only."""

from __future__ import annotations

import asyncio

from tests.storage.conftest import START, Storage
from vibevariant.storage.accounts import SESSION_DAYS, Accounts

DAY = 86_400_000


async def owner_of(accounts: Accounts, **fields: str | None) -> int | None:
    settings = {
        "email": None,
        "password_hash": None,
        "project_key": "my-site",
        "project_name": "My site",
    } | fields
    made = await accounts.make_owner(**settings, now=START)  # type: ignore[arg-type]
    return None if made is None else made[0].id


async def test_of_fifty_who_would_be_owner_at_once_one_is(storage: Storage) -> None:
    accounts = Accounts(storage.database)
    made = await asyncio.gather(*(owner_of(accounts) for _ in range(50)))
    assert sum(id_ is not None for id_ in made) == 1
    assert len(await storage.projects.all()) == 1


async def test_a_session_ends_when_it_is_closed_or_old(storage: Storage) -> None:
    accounts = Accounts(storage.database)
    user_id = await owner_of(accounts) or 0
    secret = await accounts.open_session(user_id, START)
    assert (await accounts.session_user(secret, START)) == await accounts.owner()
    assert await accounts.session_user(secret, START + SESSION_DAYS * DAY) is None
    assert await accounts.session_user(secret + "x", START) is None
    await accounts.close_session(secret)
    assert await accounts.session_user(secret, START) is None


async def test_a_key_stands_for_its_maker_until_it_is_revoked(storage: Storage) -> None:
    accounts = Accounts(storage.database)
    user_id = await owner_of(accounts) or 0
    key = await accounts.make_key(user_id, "laptop", None, START)
    holder = await accounts.key_holder(key)
    assert holder is not None
    assert (holder.user_id, holder.project_id) == (user_id, None)
    assert key.startswith(holder.prefix)
    assert len(holder.prefix) < len(key)
    assert await accounts.key_holder(key[:-1]) is None
    assert await accounts.revoke_key(user_id, holder.prefix, START)
    assert await accounts.key_holder(key) is None
    assert not await accounts.revoke_key(user_id, holder.prefix, START)


async def test_no_secret_is_stored_readable(storage: Storage) -> None:
    accounts = Accounts(storage.database)
    user_id = await owner_of(accounts) or 0
    secrets = [
        await accounts.open_session(user_id, START),
        await accounts.make_key(user_id, "k", None, START),
    ]
    folder = storage.database.path.parent
    stored = b"".join(file.read_bytes() for file in folder.iterdir())
    for secret in secrets:
        assert secret.encode() not in stored
