"""Projects in the database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from vibevariant.errors import KeyTaken
from vibevariant.experiments.catalog import Project
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database

_FORGET = ("events", "visitors", "goals", "arrivals", "keys")


def new_project_token() -> str:
    """A public token: whoever holds it can write events and read the assignments of the visitors it names."""
    return f"vv_proj_{secrets.token_urlsafe(18)}"


@dataclass(frozen=True, slots=True)
class Activity:
    """Whether a site has had a visitor assigned, an arm shown, and an event that is no exposure."""

    visitor: bool
    exposure: bool
    event: bool


class Projects:
    """The sites that this appliance serves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries: Any = database.queries

    async def all(self) -> list[Project]:
        """Every project, oldest first."""
        return [
            Project(id_, key, name, token, bool(is_example), created_at)
            for id_, key, name, token, is_example, created_at in await self._database.rows("projects")
        ]

    async def activity(self, id_: int) -> Activity:
        """What has come in for a project. As quick with a million visitors as with one."""
        row = await self._database.row("activity", project_id=id_)
        return Activity(*map(bool, row))

    async def insert(self, key: str, name: str, *, is_example: bool, now: int) -> Project:
        """Stores a new project with a fresh token. Raises KeyTaken when there is one of this key."""

        async def work(connection: Connection) -> Project:
            return await insert_project(self._queries, connection, key, name, is_example=is_example, now=now)

        return await self._database.write(work)

    async def delete(self, id_: int) -> None:
        """Deletes a project whose experiments are gone, with its events, visitors, goals, arrivals and keys."""

        async def work(connection: Connection) -> None:
            for kind in _FORGET:
                await getattr(self._queries, f"forget_project_{kind}")(connection, id=id_)
            await self._queries.forget_project(connection, id=id_)

        await self._database.write(work)


async def insert_project(
    queries: Any, connection: Connection, key: str, name: str, *, is_example: bool, now: int
) -> Project:
    """Stores a project within an open transaction."""
    token = new_project_token()
    id_ = await queries.insert_project(
        connection, key=key, name=name, token=token, is_example=int(is_example), created_at=now
    )
    if id_ is None:
        raise KeyTaken(f"There is a project called '{key}' already.", field="key", hint="Choose another key.")
    return Project(id_, key, name, token, is_example, now)
