"""The schedule: every job there is, and when it runs."""

from __future__ import annotations

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from vibevariant.jobs.refresh_posteriors import RefreshPosteriors

SOON_SECONDS = 2.0
"""Between two looks for experiments that have grown by so much that they need not wait for the others."""


def schedule(refresh: RefreshPosteriors, refresh_seconds: float) -> AsyncIOScheduler:
    """The scheduler with all jobs, not yet started. A late run still happens, and none overlaps itself."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(refresh.all, "interval", seconds=refresh_seconds, id="refresh")
    scheduler.add_job(refresh.soon, "interval", seconds=min(SOON_SECONDS, refresh_seconds), id="refresh-soon")
    return scheduler
