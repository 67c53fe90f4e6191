"""A clock that goes when it is told to."""

from vibevariant.clock import Clock


class FakeClock(Clock):
    """Stands still at `now_ms` (2026-01-01 12:00 UTC unless told) until it is moved."""

    def __init__(self, now_ms: int = 1_767_268_800_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, *, ms: int = 0, seconds: float = 0, hours: float = 0, days: float = 0) -> int:
        """Moves on (or back, with negative numbers) and says what time it is then."""
        self._now_ms += ms + round(1000 * (seconds + 3600 * (hours + 24 * days)))
        return self._now_ms
