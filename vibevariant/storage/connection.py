"""What a query needs of a connection, whichever database is behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Connection(Protocol):
    """Runs one statement and gives its rows."""

    def execute_fetchall(self, sql: str, parameters: Any = ..., /) -> Awaitable[Iterable[Any]]:
        """The rows of one statement."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...


Write = Callable[[Connection], Coroutine[Any, Any, T]]
"""Work within a transaction. It waits for nothing but its connection: what else it needs is read before."""
