"""What the appliance says of its own work: read by /health, written by the jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class JobReport:
    """How a job last went. Times are epoch ms."""

    last_run_at: int | None = None
    last_took_ms: float | None = None
    last_error: str | None = None
    runs: int = 0


@dataclass(frozen=True, slots=True)
class ExamplesReport:
    """How far the loading of the example project is, in visitors."""

    state: Literal["absent", "loading", "loaded", "failed"] = "absent"
    done: int = 0
    total: int = 0
