"""Facts: what a request hands over to be stored, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vibevariant.experiments.assignment import Assignment
from vibevariant.experiments.segments import UNKNOWN, Device

EXPOSURE = "$exposure"
"""The name of the event that says a visitor was shown the arm."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A visitor's wish to be assigned, with the arm that first-timers get. Times are epoch ms."""

    project_id: int
    experiment_id: int
    visitor_id: str
    arm: int
    allocation: int
    propensity: int
    at: int
    exposed_at: int | None = None
    device: Device = UNKNOWN


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as it came in, its time already corrected. `value` is in millionths.

    `device` is what it was sent from, for a visitor whom it assigns.
    """

    project_id: int
    id: str
    visitor_id: str
    name: str
    at: int
    received_at: int
    value: int | None = None
    properties: Mapping[str, Any] | None = None
    experiment_id: int | None = None
    device: Device = UNKNOWN


@dataclass(frozen=True, slots=True)
class RobotVisit:
    """What a robot asked for or sent: counted, and never stored."""

    project_id: int
    at: int
    count: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What one request hands over."""

    claims: tuple[Claim, ...] = ()
    events: tuple[NewEvent, ...] = ()
    robot: RobotVisit | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of them: the assignment that stands for each claim (None: the experiment is gone), and whether
    each event was new. `experiments` are those whose counts may have moved, for whoever shared the transaction.
    """

    assignments: tuple[Assignment | None, ...] = ()
    inserted: tuple[bool, ...] = ()
    experiments: frozenset[int] = frozenset()
