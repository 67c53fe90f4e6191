"""Brings a database to the schema of this version: each migration in one transaction with its record."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from vibevariant.errors import DatabaseTooNew
from vibevariant.storage.connection import Connection
from vibevariant.storage.sqlite import IDENTITY

_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema."""

    number: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """All migrations of this version, in order."""
    found = []
    for file in resources.files("vibevariant.storage.migrations").iterdir():
        if match := _NAME.fullmatch(file.name):
            sql = file.read_text(encoding="utf-8").replace("{identity}", IDENTITY)
            found.append(Migration(int(match[1]), match[2], sql))
    return sorted(found, key=lambda migration: migration.number)


def statements(sql: str) -> Iterator[str]:
    """The single statements of a script."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if re.sub(r"--.*", "", pending).strip():
        yield pending.strip()


async def migrate(connection: Connection, now: int, steps: list[Migration] | None = None) -> list[int]:
    """Runs what is missing and gives the numbers of what it ran; again, it does nothing.

    A process killed at any statement leaves the schema of the last whole migration.
    Raises DatabaseTooNew when the database was made by a newer version.
    """
    known = migrations() if steps is None else steps
    ran: list[int] = []
    for migration in known:
        await connection.execute_fetchall("begin immediate")
        try:
            await connection.execute_fetchall(
                "create table if not exists migrations (number bigint primary key, name text, applied_at bigint)"
            )
            rows = await connection.execute_fetchall("select number from migrations")
            applied = {int(row[0]) for row in rows}
            newest = known[-1].number
            if applied and max(applied) > newest:
                raise DatabaseTooNew(
                    f"This database has schema {max(applied)}; this version of VibeVariant knows up to {newest}.",
                    hint="Start the newer version that made it, or restore a backup from before the upgrade.",
                )
            if migration.number not in applied:
                for statement in statements(migration.sql):
                    await connection.execute_fetchall(statement)
                await connection.execute_fetchall(
                    "insert into migrations (number, name, applied_at) values (?, ?, ?)",
                    (migration.number, migration.name, now),
                )
                ran.append(migration.number)
            await connection.execute_fetchall("commit")
        except BaseException:
            if connection.in_transaction:
                await connection.execute_fetchall("rollback")
            raise
    return ran
