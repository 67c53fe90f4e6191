"""The arms of one visitor: the one call behind every door that assigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibevariant.api.context import Context
from vibevariant.api.scope import missing
from vibevariant.api.sender import Sender
from vibevariant.errors import Conflict, ExperimentGone
from vibevariant.experiments.assignment import Assignment, Enrolment, Exclusion, Shipped, decide, shown
from vibevariant.experiments.catalog import Project
from vibevariant.experiments.experiment import WHOLE, Arm, Experiment, Status
from vibevariant.storage.facts import Claim, RobotVisit


@dataclass(frozen=True, slots=True)
class GivenArm:
    """The arm a visitor gets, under which allocation, and how likely it was (in ten-thousandths)."""

    arm: Arm
    allocation: int
    propensity: int


async def arms_of(
    context: Context,
    project: Project,
    visitor_id: str,
    keys: Sequence[str] | None,
    attributes: Mapping[str, Any],
    sender: Sender,
    *,
    expose: bool,
) -> dict[str, GivenArm | Exclusion]:
    """The visitor's arm in each experiment asked for (none named: in all that run), or the reason there is none."""
    now = context.clock.now_ms()
    found: dict[str, GivenArm | Exclusion] = {}
    claims: dict[str, Claim] = {}
    experiments = _asked_for(context.catalog.current.experiments_of(project.id), keys)
    if sender.is_robot:
        await context.ledger.count_robot(RobotVisit(project.id, now, 1))
        return {experiment.key: _for_robot(experiment, visitor_id) for experiment in experiments}
    for experiment in experiments:
        standing = None
        if experiment.status in (Status.RUNNING, Status.PAUSED):
            standing = context.ledger.known(experiment, visitor_id)
            if standing is not None and not _shows(experiment, standing, expose=expose):
                found[experiment.key] = _given(experiment, standing)
                continue
        decided = decide(experiment, visitor_id, attributes)
        if isinstance(decided, Shipped):
            found[experiment.key] = GivenArm(decided.arm, decided.allocation.number, WHOLE)
        elif isinstance(decided, Enrolment):
            index, allocation = decided.arm.index, decided.allocation
            claims[experiment.key] = Claim(
                project.id, experiment.id, visitor_id, index, allocation.number, allocation.weights[index], now,
                now if expose else None, sender.device(attributes),
            )  # fmt: skip
        else:
            standing = standing or await _standing(context, experiment, visitor_id, decided)
            if standing is None:
                found[experiment.key] = decided
            elif _shows(experiment, standing, expose=expose):
                claims[experiment.key] = Claim(
                    project.id, experiment.id, visitor_id, standing.arm, standing.allocation, standing.propensity,
                    now, now,
                )  # fmt: skip
            else:
                found[experiment.key] = _given(experiment, standing)
    if claims:
        try:
            stand = await context.ledger.claim_assignments(list(claims.values()))
        except ExperimentGone:  # deleted while we asked: as if it had never been there
            await context.catalog.reload()
            return await arms_of(context, project, visitor_id, keys, attributes, sender, expose=expose)
        assignments = dict(zip(claims, stand, strict=True))
        for experiment in experiments:
            if experiment.key in assignments:
                found[experiment.key] = _given(experiment, assignments[experiment.key])
    return found


def _for_robot(experiment: Experiment, visitor_id: str) -> GivenArm | Exclusion:
    """A robot takes part in nothing; what is shown to everyone, such as a search engine finds, it sees too."""
    decided = decide(experiment, visitor_id, {})
    if isinstance(decided, Shipped):
        return GivenArm(decided.arm, decided.allocation.number, WHOLE)
    return "robot"


def _asked_for(experiments: Mapping[str, Experiment], keys: Sequence[str] | None) -> list[Experiment]:
    if keys is None:
        return [e for e in experiments.values() if e.source == "live" and _is_shown(e)]
    unknown = [key for key in dict.fromkeys(keys) if key not in experiments]
    if unknown:
        raise missing(unknown)
    asked = [experiments[key] for key in dict.fromkeys(keys)]
    for experiment in asked:
        refuse_imported(experiment)
    return asked


def refuse_imported(experiment: Experiment) -> None:
    """What was recorded elsewhere is never mixed with what happens here."""
    if experiment.source == "imported":
        raise Conflict(
            f"The experiment `{experiment.key}` was recorded elsewhere, so nobody can be assigned here.",
            field="experiment",
            hint="Make a live experiment under another key.",
        )


def _is_shown(experiment: Experiment) -> bool:
    """A paused one too: whoever is in it keeps their arm."""
    return experiment.status in (Status.RUNNING, Status.PAUSED) or experiment.winner is not None


def _shows(experiment: Experiment, standing: Assignment, *, expose: bool) -> bool:
    """Whether this is the visitor's first exposure, which must be stored. None begins during a pause."""
    return expose and standing.exposed_at is None and experiment.status is Status.RUNNING


async def _standing(
    context: Context, experiment: Experiment, visitor_id: str, reason: Exclusion
) -> Assignment | None:
    """The stored row of somebody who would be left out today: rules decide before enrolment, never after."""
    if reason not in ("paused", "targeting", "traffic"):
        return None
    allocation = experiment.allocation
    if (
        reason == "traffic"
        and allocation
        and all(a.traffic <= allocation.traffic for a in experiment.allocations)
    ):
        return None  # the hash has never let this visitor in, so there is no need to look
    return await context.ledger.assignment(experiment, visitor_id)


def _given(experiment: Experiment, standing: Assignment) -> GivenArm:
    return GivenArm(shown(experiment, standing.arm), standing.allocation, standing.propensity)
