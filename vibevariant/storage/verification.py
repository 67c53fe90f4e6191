"""The stored facts as a verification needs them: who was assigned what, and when each fact was known."""

from __future__ import annotations

import json

from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.tallies import HOUR
from vibevariant.experiments.verification import (
    Checked,
    Known,
    Made,
    StoredAssignment,
    check_assignments,
    check_counts,
    check_history,
    check_outcomes,
)
from vibevariant.storage.database import Database
from vibevariant.storage.facts import EXPOSURE
from vibevariant.storage.posteriors import Posteriors
from vibevariant.storage.readings import Readings
from vibevariant.storage.tallies import FOREVER


async def verify(database: Database, experiment: Experiment) -> list[Checked]:
    """Makes everything again that was decided about an experiment, and compares."""
    number = {"experiment_id": experiment.id}
    stored = [StoredAssignment(*row) for row in await database.rows("assignments_of", **number)]
    made = [
        Made(kept.at, kept.engine, kept.allocation, kept.basis, kept.outcome)
        for kept in await Readings(database).of(experiment.id)
    ]
    decisions = {past.at: past.sentence for past in await Posteriors(database).history(experiment.id)}
    exposed = [
        Known(allocation, arm, at, at if received is None else max(at, received))
        for allocation, arm, at, received in await database.rows(
            "exposures_known", **number, exposure=EXPOSURE
        )
    ]
    converted = {}
    for goal in experiment.goals:
        rows = await database.rows(
            "conversions_known", **number, exposure=EXPOSURE, event=goal.event,
            ended_at=FOREVER if experiment.ended_at is None else experiment.ended_at,
            window=FOREVER if goal.window_hours is None else goal.window_hours * HOUR,
        )  # fmt: skip
        converted[goal.key] = [
            Known(allocation, arm, at, max(received, shown, shown_at or shown))
            for allocation, arm, at, received, shown, shown_at in rows
        ]
    return [
        check_assignments(experiment, stored),
        check_history(experiment, made, decisions, _outcome),
        check_outcomes(experiment, made),
        check_counts(experiment, made, exposed, converted),
    ]


def _outcome(outcome: str) -> tuple[str, object]:
    """The sentence and the weights in an outcome; nothing of one that nobody has written so."""
    try:
        plain = json.loads(outcome)
        return plain["decision"]["sentence"], plain["weights"]
    except (ValueError, LookupError, TypeError):
        return "", None
