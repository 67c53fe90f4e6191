"""The design of an experiment in which several things vary: which combination of variants each arm is."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

# With fewer combinations there is little strength to share, and arms are taken as exchangeable.
SHARES_FROM = 6


@dataclass(frozen=True)
class Design:
    """Elements, each with so many variants; the arms are all combinations, the last element varying fastest.

    Args:
        variants: how many variants each element has.
        controls: which of each element's variants is its control.
    """

    variants: tuple[int, ...]
    controls: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.variants) < 2 or any(count < 2 for count in self.variants):
            raise ValueError("a design has two elements or more, of two variants or more each")
        if len(self.controls) != len(self.variants) or any(
            not 0 <= control < count for control, count in zip(self.controls, self.variants, strict=True)
        ):
            raise ValueError("every element has one of its variants as its control")

    @property
    def arms(self) -> int:
        """How many combinations there are."""
        return prod(self.variants)

    @property
    def shares_strength(self) -> bool:
        """Whether there are combinations enough for one to say something of another."""
        return self.arms >= SHARES_FROM

    @cached_property
    def combinations(self) -> tuple[tuple[int, ...], ...]:
        """For every arm, which variant of each element it has."""
        return tuple(product(*(range(count) for count in self.variants)))

    def arm(self, combination: Sequence[int]) -> int:
        """The arm that is this combination."""
        return self.combinations.index(tuple(combination))
