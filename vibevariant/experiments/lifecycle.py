"""Lifecycle: draft -> running <-> paused -> completed, and nothing else. Every step makes a new numbered allocation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

from vibevariant.errors import Conflict, IllegalTransition, InvalidInput
from vibevariant.experiments.experiment import WHOLE, Allocation, Experiment, Status

Step = Literal["start", "pause", "resume", "complete", "reallocate", "drop", "restore", "add"]

LEGAL: dict[Status, tuple[Step, ...]] = {
    Status.DRAFT: ("start", "reallocate"),
    Status.RUNNING: ("pause", "complete", "reallocate", "drop", "restore", "add"),
    Status.PAUSED: ("start", "resume", "complete", "reallocate", "drop", "restore", "add"),
    Status.COMPLETED: (),
}
"""What may be done with an experiment of each status; starting a paused one resumes it."""

STEPS: tuple[Step, ...] = get_args(Step)


def start(experiment: Experiment, now: int, actor: str) -> Experiment:
    """Let visitors in, for the first time or again. An imported experiment lets nobody in, its history is complete."""
    must_be_legal(experiment, "start")
    if experiment.status is Status.PAUSED:
        return resume(experiment, now, actor)
    if len(experiment.arms) < 2:
        raise Conflict(
            f"The experiment `{experiment.key}` cannot start: it has fewer than two arms, so there is nothing to compare.",
            field="arms",
            hint="Add an arm, then start it.",
        )
    if sum(goal.role == "primary" for goal in experiment.goals) != 1:
        raise Conflict(
            f"The experiment `{experiment.key}` cannot start: it needs one primary goal to decide on.",
            field="goals",
            hint="Make one goal primary, then start it.",
        )
    started = replace(experiment, status=Status.RUNNING, started_at=now)
    return allocated(started, now, "start", actor)


def pause(experiment: Experiment, now: int, actor: str) -> Experiment:
    """Let nobody new in for a while. Who is in stays in, and their conversions count on."""
    must_be_legal(experiment, "pause")
    return allocated(replace(experiment, status=Status.PAUSED), now, "pause", actor)


def resume(experiment: Experiment, now: int, actor: str) -> Experiment:
    """Let visitors in again after a pause, with the weights it was paused with."""
    must_be_legal(experiment, "resume")
    return allocated(replace(experiment, status=Status.RUNNING), now, "resume", actor)


def complete(experiment: Experiment, now: int, actor: str, winner: str | None = None) -> Experiment:
    """End the experiment for good. With a winner, everyone gets that arm from now on; nothing counts any more."""
    must_be_legal(experiment, "complete")
    if winner is not None and winner not in experiment.arms_by_key:
        raise InvalidInput(
            f"The experiment `{experiment.key}` has no arm {winner!r:.80}.",
            field="winner",
            hint=f"Name one of its arms, or none: {', '.join(experiment.arms_by_key)}.",
        )
    ended = allocated(replace(experiment, status=Status.COMPLETED, winner=winner), now, "complete", actor)
    return replace(ended, ended_at=ended.allocations[-1].started_at)


def reallocate(
    experiment: Experiment, weights: Sequence[int], traffic: int, now: int, cause: str, actor: str
) -> Experiment:
    """Change the weights or the share of traffic for those who come next. Nobody who is in is moved.

    A draft just takes them; what changes nothing makes no new allocation.
    """
    must_be_legal(experiment, "reallocate")
    weights = tuple(weights)
    if len(weights) != len(experiment.arms) or min(weights) < 0 or sum(weights) != WHOLE:
        raise InvalidInput(
            f"{len(weights)} weights with the sum {sum(weights)} do not fit {len(experiment.arms)} arms.",
            field="weights",
            hint=f"Give one weight for each arm, in ten-thousandths that sum to {WHOLE}.",
        )
    if any(
        weight and arm.key in experiment.dropped for arm, weight in zip(experiment.arms, weights, strict=True)
    ):
        raise Conflict(
            "An arm that was dropped gets no weight.",
            field="weights",
            hint=f"Bring it back first: {', '.join(experiment.dropped)}.",
        )
    if not 1 <= traffic <= WHOLE:
        raise InvalidInput(
            f"A share of traffic of {traffic} ten-thousandths is not possible.",
            field="traffic",
            hint=f"Give 1 to {WHOLE} ten-thousandths; to let nobody in, pause the experiment.",
        )
    if (weights, traffic) == (experiment.weights, experiment.traffic):
        return experiment
    changed = replace(experiment, weights=weights, traffic=traffic)
    return changed if experiment.status is Status.DRAFT else allocated(changed, now, cause, actor)


def follow(stored: Experiment, read: Experiment, weights: Sequence[int], now: int) -> Experiment:
    """Give the experiment the weights that follow from a reading of it, unless its owner took a step meanwhile."""
    if stored.status is not Status.RUNNING or len(stored.allocations) != len(read.allocations):
        return stored
    return reallocate(stored, weights, stored.traffic, now, "refresh", "appliance")


def must_be_legal(experiment: Experiment, step: Step) -> None:
    """Raises IllegalTransition where the step cannot be taken from here."""
    legal = LEGAL[experiment.status]
    if step in legal:
        return
    raise IllegalTransition(
        f"The experiment `{experiment.key}` is {experiment.status}, so `{step}` is not possible.",
        legal=legal,
        field="status",
        hint=None if legal else "A completed experiment stays as it is; make a new one under another key.",
    )


def allocated(experiment: Experiment, now: int, cause: str, actor: str, reason: str = "") -> Experiment:
    """The experiment with its next allocation.

    A clock that was set back must not put an allocation before the one it follows, for then the times in which
    exposures count would overlap or vanish.
    """
    last = experiment.allocation
    following = Allocation(
        number=1 if last is None else last.number + 1,
        weights=experiment.weights,
        traffic=experiment.traffic,
        enrolling=experiment.status is Status.RUNNING and experiment.source == "live",
        started_at=now if last is None else max(now, last.started_at),
        cause=cause,
        actor=actor,
        reason=reason,
    )
    return replace(experiment, allocations=(*experiment.allocations, following))
