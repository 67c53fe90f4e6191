"""What each element does, averaged over the others, and what only works together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vibevariant.experiments.experiment import Experiment
from vibevariant.stats.arm_comparison import lift_levels
from vibevariant.stats.factorial import Interaction, element_effects, importance, interactions
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.reading import ArmReading
from vibevariant.stats.words import LEANING, in_100


@dataclass(frozen=True, slots=True)
class ElementVariant:
    """One variant of an element, against the element's control, averaged over all variants of the other elements.

    Args:
        lift: relative changes that the true one is below, by their probabilities; calibrated. None for the control.
        p_better: calibrated chance that it is better than the control.
    """

    key: str
    name: str
    is_control: bool
    lift: dict[str, float] | None
    p_better: float | None


@dataclass(frozen=True, slots=True)
class ElementResult:
    """One element.

    Args:
        share: of all that combinations differ by, how much this element accounts for by itself, on average.
    """

    key: str
    name: str
    share: float
    variants: tuple[ElementVariant, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Two variants of two elements that do together what neither does alone.

    Args:
        variants: the key of the variant of each of the two elements.
        extra: relative change beyond what the two do by themselves, the median.
        p_matters: chance that it is more than 5 % either way.
        works_only_together: it is what makes them good; otherwise they get in each other's way.
    """

    variants: dict[str, str]
    name: str
    extra: float
    p_matters: float
    works_only_together: bool


@dataclass(frozen=True, slots=True)
class ElementResults:
    """Of a `multi_element` experiment.

    Args:
        together: pairs of variants with an interaction that is likely; most of them have none.
        sentences: the same in words.
    """

    elements: tuple[ElementResult, ...]
    together: tuple[Together, ...]
    sentences: tuple[str, ...]


def element_results(
    experiment: Experiment, posterior: Hierarchical, leader: ArmReading, counted: Sequence[int]
) -> ElementResults | None:
    """Reads the elements; None where only one thing varies.

    Args:
        posterior: of all combinations.
        leader: the combination that is most likely the best.
        counted: conversions of every combination; nothing is said before the first.
    """
    design = experiment.design
    if design is None:
        return None
    effects = {(each.element, each.variant): each.lift for each in element_effects(posterior, design)}
    levels = dict(zip(effects, lift_levels(list(effects.values())), strict=True))
    elements = tuple(
        ElementResult(
            element.key,
            element.name,
            share,
            tuple(
                ElementVariant(
                    variant.key,
                    variant.name,
                    variant.is_control,
                    levels.get((place, number)),
                    effects[place, number].p_better if (place, number) in effects else None,
                )
                for number, variant in enumerate(element.variants)
            ),
        )
        for place, (element, share) in enumerate(
            zip(experiment.elements, importance(posterior, design), strict=True)
        )
    )
    together = tuple(
        _together(experiment, each)
        for each in interactions(posterior, design)
        if each.works_only_together or each.in_each_others_way
    )
    sentences = tuple(_sentences(experiment, leader, elements, together)) if any(counted) else ()
    return ElementResults(elements, together, sentences)


def _together(experiment: Experiment, found: Interaction) -> Together:
    pair = [
        (experiment.elements[element], experiment.elements[element].variants[variant])
        for element, variant in zip(found.elements, found.variants, strict=True)
    ]
    return Together(
        variants={element.key: variant.key for element, variant in pair},
        name=" + ".join(variant.name for _, variant in pair),
        extra=found.size,
        p_matters=found.p_matters,
        works_only_together=found.works_only_together,
    )


def _sentences(
    experiment: Experiment,
    leader: ArmReading,
    elements: Sequence[ElementResult],
    together: Sequence[Together],
) -> Iterator[str]:
    name = experiment.arms_by_key[leader.key].name
    yield f"Most likely the best combination: {name} ({in_100(leader.p_best_calibrated)})."
    for element in elements:
        others = [each for each in element.variants if each.p_better is not None]
        best = max(others, key=lambda each: each.p_better or 0)
        control = next(each.name for each in element.variants if each.is_control)
        chance = best.p_better or 0
        if chance >= LEANING:
            said = f"averaged over everything else, {best.name} is better than {control} ({in_100(chance)})"
        elif chance <= 1 - LEANING:
            said = f"averaged over everything else, {control} is better than the others ({in_100(1 - chance)} or more)"
        else:
            said = "nothing to choose between its variants so far"
        yield f"{element.name}: {said}."
    for pair in together:
        if pair.works_only_together:
            yield f"{pair.name} work only together: most of what they bring, neither brings by itself."
        else:
            yield f"{pair.name} get in each other's way: together they bring less than one of them alone."
