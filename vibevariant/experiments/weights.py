"""Weights: the shares in which arms are given, as whole ten-thousandths that sum to 10,000."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import WHOLE
from vibevariant.stats.allocation import to_ten_thousandths

TOLERANCE = 1e-6
"""Relative: 33.33333 three times is meant to be 100, 33.3 three times is not."""

_SUMS = (1, 100)


def to_weights(values: Sequence[Any], field: str = "weights", each: str = "weights[{}]") -> tuple[int, ...]:
    """Fractions that sum to 1, or percentages that sum to 100, as whole ten-thousandths that sum to 10,000.

    Shares are taken as the decimals that were written; `field` and `each` are where the caller's owner wrote them, for the refusals.
    """
    shares = [_share_of(value, each.format(i)) for i, value in enumerate(values)]
    total = sum(shares, Fraction())
    if not any(abs(total - whole) <= Fraction(TOLERANCE) * whole for whole in _SUMS):
        raise InvalidInput(
            f"The weights sum to {float(total):.8g}.",
            field=field,
            hint="Let them sum to 1, or to 100 as percentages.",
        )
    weights = to_ten_thousandths([float(share) for share in shares])
    for arm, share in enumerate(shares):
        if share > 0 and weights[arm] == 0:
            raise InvalidInput(
                f"The weight {float(share):g} is too small to give anybody this arm.",
                field=each.format(arm),
                hint="The smallest weight is 0.01 %; give 0 if nobody should get the arm.",
            )
    return weights


def to_traffic(value: Any, field: str = "traffic") -> int:
    """A share of traffic in (0, 1] as whole ten-thousandths."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise InvalidInput(
            "The share of traffic must be a number above 0 and at most 1.",
            field=field,
            hint="Give 1 for all visitors, 0.1 for a tenth; to let nobody in, pause the experiment.",
        )
    traffic = round(Fraction(str(value)) * WHOLE)
    if traffic == 0:
        raise InvalidInput(f"A share of {value:g} lets nobody in.", field=field, hint="The least is 0.0001.")
    return traffic


def _share_of(value: Any, field: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise InvalidInput(
            "A weight must be a number from 0 to 100.", field=field, hint="Give 0.5 or 50 for a half."
        )
    return Fraction(str(value))
