"""What each element does, averaged over the others, and what only works together."""

from __future__ import annotations

from dataclasses import dataclass


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
        share: of all that combinations differ by, how much this element accounts for, on average.
    """

    key: str
    name: str
    share: float | None
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
