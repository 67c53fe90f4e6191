"""The one-time link: whoever can read the data directory may become the owner, or sign in as the owner."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from vibevariant.errors import StorageError
from vibevariant.storage.accounts import hash_of

MINUTES = 30


class SetupLink:
    """A token kept by its hash in a file that only this user can read; using it up removes the file.

    It is a file, not a row, so that the command line can make another while the appliance runs.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "setup-link.json"

    def make(self, now: int) -> str:
        """A new token, good for 30 minutes; an older one is good no longer."""
        token = secrets.token_urlsafe(32)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = self._path.with_suffix(f".{os.getpid()}.new")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump({"token_hash": hash_of(token), "expires_at": now + MINUTES * 60_000}, file)
            fresh.replace(self._path)
        except OSError as fault:
            raise StorageError(
                f"The data directory {self._path.parent} cannot be used ({fault.strerror}).",
                hint="Name another with --data-dir, or check who owns it.",
            ) from fault
        return token

    def is_good(self, token: str, now: int) -> bool:
        """Whether this token may still be used."""
        try:
            kept = json.loads(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return False
        return secrets.compare_digest(str(kept["token_hash"]), hash_of(token)) and now < int(
            kept["expires_at"]
        )

    def use_up(self, token: str, now: int) -> bool:
        """Uses the token; of several at once, one succeeds."""
        if not self.is_good(token, now):
            return False
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
