"""Passwords: hashed with Argon2id, two at a time, in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vibevariant.errors import Overloaded

AT_ONCE = 2
"""A hash takes 64 MiB on purpose, so that it cannot be guessed at speed; ten at once would take it from everyone."""

MOST_WAITING = 20
"""More than this wait for several seconds, and only somebody who tries passwords out brings so many."""

T = TypeVar("T")


class Passwords:
    """Makes and checks hashes of passwords."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether this is the password. Where none is stored it takes as long to say no."""
        if stored is None:
            if self._nobodys is None:
                self._nobodys = await self.hash("nobody has this password")
            await self._in_turn(lambda: self._verify(self._nobodys or "", password))
            return False
        return await self._in_turn(lambda: self._verify(stored, password))

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Overloaded("Too many try to sign in at once.", retry_after=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
