"""Arms that come and go while an experiment runs: dropped, brought back, or added, each by a numbered allocation.

Nothing that was counted changes. A visitor of a dropped arm is shown the control from now on, and stays in the counts
of the arm that was meant: what was intended is what is analysed.
"""

from __future__ import annotations

from dataclasses import replace

from vibevariant.errors import Conflict, InvalidInput
from vibevariant.experiments.experiment import MAX_ARMS, WHOLE, Arm, Experiment, Variant, arms_of
from vibevariant.experiments.lifecycle import allocated, must_be_legal
from vibevariant.stats.allocation import to_ten_thousandths


def drop(experiment: Experiment, key: str, now: int, actor: str, reason: str = "") -> Experiment:
    """Let nobody have the arm any more; its share goes to the others, in proportion to theirs."""
    must_be_legal(experiment, "drop")
    arm = _arm(experiment, key)
    if arm.is_control:
        raise Conflict(
            f"{key} is the control, which all others are compared with, so it cannot be dropped.",
            field="arm",
            hint="To let nobody have it, end the experiment with another arm as its winner.",
        )
    if key in experiment.dropped:
        raise Conflict(f"{key} was dropped already.", field="arm", hint="Bring it back, or leave it.")
    left = [each for each in experiment.arms if each.key not in (key, *experiment.dropped)]
    if len(left) < 2:
        raise Conflict(
            f"Without {key} there is nothing left to compare.",
            field="arm",
            hint=f"End the experiment with {left[0].key} as its winner.",
        )
    kept = [experiment.weights[each.index] if each in left else 0 for each in experiment.arms]
    if not any(kept):
        kept = [int(each in left) for each in experiment.arms]
    changed = replace(experiment, dropped=(*experiment.dropped, key), weights=to_ten_thousandths(kept))
    return allocated(changed, now, "drop", actor, reason)


def restore(experiment: Experiment, key: str, now: int, actor: str, reason: str = "") -> Experiment:
    """Let visitors have a dropped arm again, with an even share at first; its old visitors see it again."""
    must_be_legal(experiment, "restore")
    arm = _arm(experiment, key)
    if key not in experiment.dropped:
        raise Conflict(f"{key} was not dropped.", field="arm", hint="There is nothing to bring back.")
    changed = replace(
        experiment,
        dropped=tuple(each for each in experiment.dropped if each != key),
        weights=_with_even_share(experiment, experiment.weights, arm.index),
    )
    return allocated(changed, now, "restore", actor, reason)


def add(experiment: Experiment, variant: Variant, now: int, actor: str, reason: str = "") -> Experiment:
    """Take another arm in, behind the others, with an even share at first. Who is in stays where they are."""
    must_be_legal(experiment, "add")
    if experiment.type != "ab_test":
        raise Conflict(
            "The arms of a `multi_element` experiment are the combinations of its elements, which are fixed at the start.",
            field="arm",
            hint="Make another experiment with the elements you want.",
        )
    if variant.key in experiment.arms_by_key:
        raise Conflict(
            f"The experiment has an arm {variant.key} already.",
            field="key",
            hint="Choose another key; an arm that was dropped can be brought back.",
        )
    if len(experiment.arms) >= MAX_ARMS:
        raise Conflict(
            f"An experiment has at most {MAX_ARMS} arms.", field="key", hint="Make another experiment."
        )
    (element,) = experiment.elements
    elements = (replace(element, variants=(*element.variants, replace(variant, is_control=False))),)
    arms = len(arms_of(experiment.type, elements))
    changed = replace(
        experiment,
        elements=elements,
        weights=_with_even_share(experiment, (*experiment.weights, 0), arms - 1),
        allocations=tuple(replace(each, weights=(*each.weights, 0)) for each in experiment.allocations),
    )
    return allocated(changed, now, "add", actor, reason)


def _arm(experiment: Experiment, key: str) -> Arm:
    arm = experiment.arms_by_key.get(key)
    if arm is None:
        raise InvalidInput(
            f"The experiment `{experiment.key}` has no arm {key!r:.80}.",
            field="arm",
            hint=f"Its arms: {', '.join(experiment.arms_by_key)}.",
        )
    return arm


def _with_even_share(experiment: Experiment, weights: tuple[int, ...], arm: int) -> tuple[int, ...]:
    """The weights with an even share for one more arm, taken from the others in proportion."""
    served = len(experiment.arms) - len(experiment.dropped) + 1
    others = WHOLE - WHOLE / served
    return to_ten_thousandths(
        [WHOLE / served if place == arm else weight * others / WHOLE for place, weight in enumerate(weights)]
    )
