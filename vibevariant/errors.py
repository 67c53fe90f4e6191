"""What can go wrong, as one tree.

    VibeVariantError
    ├── SettingsError                a flag, a variable or config.toml holds what it cannot
    ├── CannotListen                 the port is taken, forbidden, or the address is not ours
    ├── InvalidInput                 a value from outside is not acceptable
    ├── Unauthorized                 no token, or one that is not known
    ├── Forbidden                    the token is known and does not open this
    ├── NotFound                     nothing has that name
    │   └── ExperimentGone           it was there a moment ago
    ├── Conflict                     acceptable by itself, not with what is already there
    │   ├── IllegalTransition        a step the experiment's status does not allow
    │   └── KeyTaken                 the key names another one
    ├── Overloaded                   more waits than may; come back after `retry_after` seconds
    └── StorageError                 the database cannot do its part
        ├── DatabaseTooNew           written by a later version
        ├── DatabaseLocked           another process has it
        └── DiskFull                 no room for another write

A docstring is its error's default message. `code` is for programs and never changes. `hint` says what to do
next. HTTP numbers are the business of the API's error handler.
"""

import inspect
from collections.abc import Sequence
from typing import ClassVar


class VibeVariantError(Exception):
    """VibeVariant could not do this."""

    code: ClassVar[str] = "error"
    default_hint: ClassVar[str] = ""

    def __init__(
        self, message: str | None = None, *, field: str | None = None, hint: str | None = None
    ) -> None:
        self.message = message or _default_message(type(self))
        self.field = field
        self.hint = self.default_hint if hint is None else hint
        super().__init__(self.message)


def _default_message(kind: type[VibeVariantError]) -> str:
    """The docstring on one line. `python -OO` takes docstrings away; the code is left then."""
    return " ".join((inspect.getdoc(kind) or kind.code).split())


class SettingsError(VibeVariantError):
    """A setting has a value it cannot have."""

    code = "invalid_setting"
    default_hint = "`vibevariant serve --help` lists every setting with its values."


class CannotListen(VibeVariantError):
    """The address cannot be listened on."""

    code = "cannot_listen"


class InvalidInput(VibeVariantError):
    """A value is not acceptable."""

    code = "invalid_input"

    def __init__(
        self,
        message: str | None = None,
        *,
        faults: Sequence[tuple[str, str]] = (),
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.faults = tuple(faults)
        """Each place that is wrong, as a JSON pointer, with what is wrong there."""
        super().__init__(message, field=field, hint=hint)


class Unauthorized(VibeVariantError):
    """This needs a token, and none that is known came along."""

    code = "unauthorized"
    default_hint = "Send the header `Authorization: Bearer <token>` with a token of this project."


class Forbidden(VibeVariantError):
    """This token does not allow that."""

    code = "forbidden"


class NotFound(VibeVariantError):
    """There is nothing with that name."""

    code = "not_found"


class ExperimentGone(NotFound):
    """The experiment was deleted in the meantime."""

    code = "experiment_gone"


class Conflict(VibeVariantError):
    """This does not go together with what is already there."""

    code = "conflict"


class IllegalTransition(Conflict):
    """The experiment's status does not allow this step."""

    code = "illegal_transition"

    def __init__(
        self,
        message: str | None = None,
        *,
        legal: Sequence[str] = (),
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.legal = tuple(legal)
        if hint is None:
            hint = f"Possible now: {', '.join(self.legal)}." if self.legal else "No step is possible now."
        super().__init__(message, field=field, hint=hint)


class KeyTaken(Conflict):
    """This key already names another one."""

    code = "key_taken"
    default_hint = "Choose another key."


class Overloaded(VibeVariantError):
    """More requests wait than can be answered in time."""

    code = "overloaded"

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: int = 1,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(message, field=field, hint=hint or f"Try again in {retry_after} s.")


class StorageError(VibeVariantError):
    """The database could not do its part."""

    code = "storage_error"


class DatabaseTooNew(StorageError):
    """The database was written by a later version of VibeVariant."""

    code = "database_too_new"
    default_hint = "Start that version, or restore a backup from before the upgrade."


class DatabaseLocked(StorageError):
    """Another process uses this database."""

    code = "database_locked"
    default_hint = "Stop the other process, or give this one a directory of its own with --data-dir."


class DiskFull(StorageError):
    """The disk is full, so nothing more can be stored."""

    code = "disk_full"
    default_hint = "Free some space; no restart is needed."
