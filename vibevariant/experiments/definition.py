"""Definition: from what an owner wrote down to a valid new experiment, or the sentence that says what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any, cast, get_args

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import (
    MAX_ARMS,
    AllocationMode,
    Element,
    Experiment,
    ExperimentType,
    Source,
    Status,
    Variant,
)
from vibevariant.experiments.fields import (
    choice_of,
    flag_of,
    items_of,
    key_of,
    mapping_of,
    printable_of,
    prose_of,
    unique,
)
from vibevariant.experiments.goals import goals_of
from vibevariant.experiments.payload import payload_of
from vibevariant.experiments.priors import prior_of
from vibevariant.experiments.targeting import targeting_of
from vibevariant.experiments.weights import to_traffic, to_weights
from vibevariant.stats.allocation import even_weights

LONGEST_DESCRIPTION = 2000
IMPLIED_ELEMENT = "variant"
"""The key of the one element of an `ab_test`, which its owner never names."""

MOST_ELEMENTS = MAX_ARMS.bit_length() - 1
"""One more, of two variants each, would already combine to more than `MAX_ARMS` arms."""

_MEMBERS = ("name", "is_control", "payload")


def define(
    *,
    project_id: int,
    key: Any,
    goals: Any,
    now: int,
    name: Any = None,
    description: Any = None,
    type: Any = "ab_test",  # noqa: A002 - the word of the glossary
    mode: Any = "fixed",
    source: Any = "live",
    arms: Any = None,
    elements: Any = None,
    weights: Any = None,
    targeting: Any = None,
    traffic: Any = 1,
    prior: Any = "learned",
) -> Experiment:
    """A new experiment, a draft with the id 0, from plain values that nobody has checked yet.

    `arms` belong to an `ab_test` and may each carry a `weight`; `elements` belong to a `multi_element`, whose arms
    are all combinations in order, the last element varying fastest. `weights` are in the order of the arms.
    `prior` is a word (`priors.PriorWord`), or an object with alpha and beta.
    """
    checked_key = key_of(key, "key")
    checked_type = cast("ExperimentType", choice_of(type, "type", get_args(ExperimentType)))
    checked_mode = cast("AllocationMode", choice_of(mode, "mode", get_args(AllocationMode)))
    if checked_type == "ab_test":
        made, arm_weights = _implied(arms, elements)
    else:
        made, arm_weights = _elements_of(elements, arms), None
    return Experiment(
        id=0,
        project_id=project_id,
        key=checked_key,
        name=checked_key if name is None else printable_of(name, "name"),
        description=prose_of(
            "" if description is None else description, "description", longest=LONGEST_DESCRIPTION
        ),
        type=checked_type,
        mode=checked_mode,
        status=Status.DRAFT,
        source=cast("Source", choice_of(source, "source", get_args(Source))),
        elements=made,
        goals=goals_of(goals),
        targeting=() if targeting is None else targeting_of(targeting),
        weights=_weights_of(weights, arm_weights, prod(len(e.variants) for e in made), checked_mode),
        traffic=to_traffic(traffic),
        created_at=now,
        prior=prior_of(prior),
    )


def _implied(arms: Any, elements: Any) -> tuple[tuple[Element, ...], list[Any] | None]:
    """The implied element of an `ab_test`, and the weights that its arms carry, if they do."""
    if elements is not None:
        raise InvalidInput(
            "An `ab_test` has arms, not elements.",
            field="elements",
            hint="Give the options as `arms`, or choose the type `multi_element`.",
        )
    listed = items_of(arms, "arms", "arms", least=2, most=MAX_ARMS)
    plain = [
        mapping_of(a, f"arms[{i}]", required=("key",), optional=(*_MEMBERS, "weight"))
        for i, a in enumerate(listed)
    ]
    weighted = [arm.get("weight") for arm in plain]
    missing = [i for i, weight in enumerate(weighted) if weight is None]
    if 0 < len(missing) < len(plain):
        raise InvalidInput(
            "Some arms have a weight and some have none.",
            field=f"arms[{missing[0]}].weight",
            hint="Give every arm a weight, or none for even shares.",
        )
    element = Element(IMPLIED_ELEMENT, "Variant", _variants_of(plain, "arms", "arms"))
    return (element,), None if missing else weighted


def _elements_of(elements: Any, arms: Any) -> tuple[Element, ...]:
    if arms is not None:
        raise InvalidInput(
            "The arms of a `multi_element` experiment are the combinations of its elements.",
            field="arms",
            hint="Give `elements` with their variants, or choose the type `ab_test`.",
        )
    listed = items_of(elements, "elements", "elements", most=MOST_ELEMENTS)
    if len(listed) < 2:
        raise InvalidInput(
            f"Too few elements: {len(listed)}. With one element it is an `ab_test`.",
            field="elements",
            hint="Add an element, or choose the type `ab_test` and give the variants as `arms`.",
        )
    checked = tuple(_element_of(element, f"elements[{i}]") for i, element in enumerate(listed))
    unique((element.key for element in checked), "elements", "elements")
    arms_made = prod(len(element.variants) for element in checked)
    if arms_made > MAX_ARMS:
        raise InvalidInput(
            f"The elements combine to {arms_made} arms.",
            field="elements",
            hint=f"Take out elements or variants: at most {MAX_ARMS} arms can be told apart.",
        )
    return checked


def _element_of(plain: Any, field: str) -> Element:
    given = mapping_of(plain, field, required=("key", "variants"), optional=("name",))
    key = key_of(given["key"], f"{field}.key")
    listed = items_of(given["variants"], f"{field}.variants", "variants", least=2, most=MAX_ARMS)
    variants = [
        mapping_of(variant, f"{field}.variants[{i}]", required=("key",), optional=_MEMBERS)
        for i, variant in enumerate(listed)
    ]
    return Element(key, _name_of(given, f"{field}."), _variants_of(variants, f"{field}.variants", "variants"))


def _variants_of(plain: Sequence[Any], field: str, what: str) -> tuple[Variant, ...]:
    """The variants with exactly one control: the marked one, else the one with the key `control`, else the first."""
    variants = tuple(variant_of(variant, f"{field}[{i}]") for i, variant in enumerate(plain))
    unique((variant.key for variant in variants), field, what)
    marked = [variant.key for variant in variants if variant.is_control]
    if len(marked) > 1:
        raise InvalidInput(
            f"Both {marked[0]} and {marked[1]} are marked as the control.",
            field=field,
            hint="Mark one: it is what the others are compared with.",
        )
    if not marked:
        marked = [next((v.key for v in variants if v.key == "control"), variants[0].key)]
    return tuple(replace(variant, is_control=variant.key == marked[0]) for variant in variants)


def variant_of(given: Any, field: str = "") -> Variant:
    """One variant as it was written down: a mapping with a key, and a name and a payload where it has them."""
    prefix = f"{field}." if field else ""
    return Variant(
        key=key_of(given["key"], f"{prefix}key"),
        name=_name_of(given, prefix),
        is_control=flag_of(given.get("is_control"), f"{prefix}is_control"),
        payload=payload_of(given.get("payload"), f"{prefix}payload"),
    )


def _name_of(given: Any, prefix: str) -> str:
    name = given.get("name")
    return str(given["key"]) if name is None else printable_of(name, f"{prefix}name")


def _weights_of(weights: Any, arm_weights: list[Any] | None, k: int, mode: AllocationMode) -> tuple[int, ...]:
    if weights is None and arm_weights is None:
        return even_weights(k)
    if weights is not None and arm_weights is not None:
        raise InvalidInput(
            "The weights are given twice.",
            field="weights",
            hint="Give them with the arms or as a list, not both.",
        )
    if weights is None:
        field, each, listed = "arms", "arms[{}].weight", arm_weights
    else:
        field, each, listed = "weights", "weights[{}]", weights
    shares = to_weights(items_of(listed, field, "weights", least=k, most=k), field, each)
    if mode != "fixed" and 0 in shares:
        raise InvalidInput(
            "An adaptive experiment gives every arm a chance.",
            field=each.format(shares.index(0)),
            hint="Give every arm a weight above 0, take the arm out, or choose the allocation `fixed`.",
        )
    return shares
