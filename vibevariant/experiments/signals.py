"""Signals: what a visitor does short of converting, sent under names that are the appliance's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vibevariant.stats.engagement import VisitorSignals

SCROLL, TIME, CLICK = "$scroll", "$time", "$click"
FORM_START, FORM_SUBMIT = "$form_start", "$form_submit"

LONGEST_VIEW = 86_400
"""Seconds: a page is sent on its way at least once a day, so more than this in view at one go is a fault of a clock."""

SCROLL_STEPS = 20
"""Scrolling is kept to a twentieth of the page, less than a screen of most."""

TIME_STEP = 5
"""Seconds in view are kept to 5; pages say so no more often, and only the order of visitors matters."""


@dataclass(frozen=True, slots=True)
class SignalValue:
    """What the value of a signal means, and how large it may be; none is ever negative."""

    meaning: str
    most: float


SIGNAL_EVENTS: Mapping[str, SignalValue | None] = {
    SCROLL: SignalValue("the deepest share of the page that was in view", 1),
    TIME: SignalValue("the seconds in view since it was last sent", LONGEST_VIEW),
    CLICK: None,
    FORM_START: None,
    FORM_SUBMIT: None,
}
"""Every signal that a site may send; None: that it happened says it all, and no value is looked at."""


def fault_of(name: str, value: float | None) -> str | None:
    """What is wrong with the value of an event, if that is a signal, as a sentence; None where nothing is."""
    wanted = SIGNAL_EVENTS.get(name)
    if wanted is None or (value is not None and 0 <= value <= wanted.most):
        return None
    return f"The value of `{name}` is {wanted.meaning}: a number from 0 to {wanted.most:g}."


class SeenVisitor(NamedTuple):
    """One visitor who was shown an arm. `form` is 0, 1 (begun) or 2 (sent), `scroll` a share, `seconds` in view."""

    arm: int
    allocation: int
    converted: bool
    form: int
    clicks: int
    scroll: float
    seconds: float


def grouped(visitors: Iterable[SeenVisitor]) -> list[VisitorSignals]:
    """The visitors as the statistics take them, those alike together, in an order of their own.

    A signal must not be the goal itself. As soon as one visitor both sent a form and reached the goal, the goal may be
    that form, and `form` tells of nobody more than that it was begun. Of nobody, not only of those who converted: the
    others' forms would then count for more than theirs, and sending one would look like a reason not to convert.
    """
    seen = list(visitors)
    most = 1 if any(visitor.converted and visitor.form > 1 for visitor in seen) else 2
    alike = Counter(
        visitor._replace(
            form=min(visitor.form, most),
            scroll=round(visitor.scroll * SCROLL_STEPS) / SCROLL_STEPS,
            seconds=round(visitor.seconds / TIME_STEP) * TIME_STEP,
        )
        for visitor in seen
    )
    return [
        VisitorSignals(
            arm=visitor.arm, allocation=visitor.allocation, converted=visitor.converted, form=visitor.form,
            click=visitor.clicks, scroll=visitor.scroll, time=visitor.seconds, visitors=count,
        )
        for visitor, count in sorted(alike.items())
    ]  # fmt: skip
