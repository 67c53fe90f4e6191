"""Users, their sessions and their secret keys. Secrets are kept as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from vibevariant.experiments.catalog import Project
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database
from vibevariant.storage.projects import insert_project

SESSION_DAYS = 30
PREFIX_LENGTH = 14
"""Of a secret key, this much is kept readable, so that its owner can tell it from the others."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in to the appliance (a *visitor* never does)."""

    id: int
    email: str | None
    role: str


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A key of the full API as its owner sees it later: never the key itself."""

    prefix: str
    name: str
    project_id: int | None
    created_at: int
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whom a secret key stands for; `project_id` None means every project of theirs."""

    user_id: int
    project_id: int | None
    prefix: str


def hash_of(secret: str) -> str:
    """What is stored of a secret of 192 random bits: nothing slower is needed to keep it from being guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Accounts:
    """Who may do what."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries: Any = database.queries

    async def owner(self) -> User | None:
        """The owner of the appliance, None before the first run is done."""
        row = await self._database.row("owner")
        return None if row is None else User(*row)

    async def make_owner(
        self, *, email: str | None, password_hash: str | None, project_key: str, project_name: str, now: int
    ) -> tuple[User, Project] | None:
        """Makes the owner and a first project in one transaction; None when there is an owner already."""

        async def work(connection: Connection) -> tuple[User, Project] | None:
            id_ = await self._queries.insert_owner(
                connection, email=email, password_hash=password_hash, created_at=now
            )
            if id_ is None:
                return None
            project = await insert_project(
                self._queries, connection, project_key, project_name, is_example=False, now=now
            )
            return User(id_, email, "owner"), project

        return await self._database.write(work)

    async def set_credentials(self, user_id: int, email: str, password_hash: str) -> None:
        """Lets a user sign in with an e-mail address and a password from now on."""

        async def work(connection: Connection) -> None:
            await self._queries.set_credentials(
                connection, id=user_id, email=email, password_hash=password_hash
            )

        await self._database.write(work)

    async def by_email(self, email: str) -> tuple[User, str | None] | None:
        """The user of this e-mail address with the hash of their password."""
        row = await self._database.row("user_by_email", email=email)
        return None if row is None else (User(*row[:3]), row[3])

    async def open_session(self, user_id: int, now: int) -> str:
        """A new session's secret, to be kept by the browser in a cookie."""
        secret = secrets.token_urlsafe(24)
        expires_at = now + SESSION_DAYS * 86_400_000

        async def work(connection: Connection) -> None:
            await self._queries.delete_expired_sessions(connection, now=now)
            await self._queries.insert_session(
                connection, id_hash=hash_of(secret), user_id=user_id, created_at=now, expires_at=expires_at
            )

        await self._database.write(work)
        return secret

    async def session_user(self, secret: str, now: int) -> User | None:
        """Whose session this is, unless it has expired."""
        row = await self._database.row("session_user", id_hash=hash_of(secret), now=now)
        return None if row is None else User(*row)

    async def close_session(self, secret: str) -> None:
        """Signs a browser out."""

        async def work(connection: Connection) -> None:
            await self._queries.delete_session(connection, id_hash=hash_of(secret))

        await self._database.write(work)

    async def make_key(self, user_id: int, name: str, project_id: int | None, now: int) -> str:
        """A new secret key. It is shown once: only its hash is kept."""
        key = f"vv_sk_{secrets.token_urlsafe(24)}"

        async def work(connection: Connection) -> None:
            await self._queries.insert_secret_key(
                connection, key_hash=hash_of(key), prefix=key[:PREFIX_LENGTH], name=name, user_id=user_id,
                project_id=project_id, created_at=now,
            )  # fmt: skip

        await self._database.write(work)
        return key

    async def key_holder(self, key: str) -> KeyHolder | None:
        """Whom this secret key stands for; None when it is unknown or revoked."""
        row = await self._database.row("secret_key", key_hash=hash_of(key))
        return None if row is None else KeyHolder(*row)

    async def keys(self, user_id: int) -> list[SecretKey]:
        """The keys of a user, newest first."""
        return [SecretKey(*row) for row in await self._database.rows("secret_keys_of", user_id=user_id)]

    async def revoke_key(self, user_id: int, prefix: str, now: int) -> bool:
        """Revokes a key by the part of it that is kept readable; whether there was one."""

        async def work(connection: Connection) -> bool:
            row = await self._queries.revoke_secret_key(connection, user_id=user_id, prefix=prefix, now=now)
            return row is not None

        return await self._database.write(work)
