"""The time, handed in wherever it matters, so that a test can say what time it is."""

import time


class Clock:
    """The clock of this machine."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        return time.time_ns() // 1_000_000
