"""What became of a crowd, as tables: by arm, by visitor, by allocation and by look."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from vibevariant.experiments.experiment import WHOLE
from vibevariant.experiments.visits import NEVER, Visits


def matrix_csv(visits: Visits) -> str:
    """One line for each arm: what it is made of, and what was counted. The truth is not in it."""
    elements = [element.key for element in visits.experiment.elements]
    counts = zip(visits.experiment.arms, visits.exposed, visits.conversions, strict=True)
    return in_csv(
        ("arm", *elements, "visitors", "conversions", "rate"),
        (
            (arm.key, *arm.variants.values(), shown, reached, f"{reached / shown:.6f}" if shown else "")
            for arm, shown, reached in counts
        ),
    )


def visitors_csv(visits: Visits) -> str:
    """One line for each visitor; times are epoch ms, the propensity is the chance of getting just this arm."""
    arms, allocations = visits.experiment.arms, visits.experiment.allocations
    course = zip(
        visits.crowd.at.tolist(),
        visits.arms.tolist(),
        visits.allocations.tolist(),
        visits.converted_at.tolist(),
        strict=True,
    )
    return in_csv(
        ("visitor", "at", "arm", "allocation", "propensity", "converted", "converted_at"),
        (
            (
                visits.crowd.visitor_id(number),
                at,
                arms[arm].key,
                allocation,
                allocations[allocation - 1].weights[arm] / WHOLE,
                int(converted_at != NEVER),
                "" if converted_at == NEVER else converted_at,
            )
            for number, (at, arm, allocation, converted_at) in enumerate(course)
        ),
    )


def allocations_csv(visits: Visits) -> str:
    """One line for each allocation: how many visitors had come before it, and each arm's weight."""
    pairs = zip(visits.experiment.allocations, visits.from_visitor, strict=True)
    return in_csv(
        ("allocation", "from_visitor", "at", "cause", *(arm.key for arm in visits.experiment.arms)),
        (
            (each.number, came, each.started_at, each.cause, *(weight / WHOLE for weight in each.weights))
            for each, came in pairs
        ),
    )


def looks_csv(visits: Visits) -> str:
    """One line for each look at the results: what to do, and each arm's chance of being best as it may be said."""
    return in_csv(
        ("visitors", "decision", "reason", "arm", *(arm.key for arm in visits.experiment.arms)),
        (
            (
                look.visitors,
                look.decision.status,
                look.decision.reason,
                look.decision.arm or "",
                *(f"{chance:.6f}" for chance in look.p_best),
            )
            for look in visits.looks
        ),
    )


def in_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The rows under their head."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
