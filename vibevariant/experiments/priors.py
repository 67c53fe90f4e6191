"""Priors: which one the rates of an experiment's arms start from, as its owner writes it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast, get_args

from vibevariant.errors import InvalidInput
from vibevariant.experiments.fields import mapping_of
from vibevariant.stats.posterior import Beta
from vibevariant.stats.priors import RatePrior

PriorWord = Literal["learned", "flat", "jeffreys"]
"""The priors that have a name: learned from the project's past, Beta(1, 1), Beta(1/2, 1/2)."""

LEAST, MOST = 0.01, 1_000_000
"""Of alpha and beta. Below the least a rate is taken to be 0 or 1 before anybody has come; above the most, a million
visitors of an arm would not change what is thought of it."""

LEARNED = RatePrior()


def prior_of(value: Any, field: str = "prior") -> RatePrior:
    """A prior that was written down: a word, or alpha and beta."""
    if isinstance(value, Mapping):
        given = mapping_of(value, field, required=("alpha", "beta"))
        alpha, beta = (_strength_of(given[name], f"{field}.{name}") for name in ("alpha", "beta"))
        return RatePrior("custom", Beta(alpha, beta))
    if not isinstance(value, str) or value not in get_args(PriorWord):
        raise InvalidInput(
            "This is not a prior.",
            field=field,
            hint=f'Use one of: {", ".join(get_args(PriorWord))}; or give your own: {{"alpha": 1, "beta": 19}}.',
        )
    return RatePrior(cast("PriorWord", value))


def written(prior: RatePrior) -> PriorWord | dict[str, float]:
    """The prior as it is written down."""
    if prior.custom is not None:
        return {"alpha": prior.custom.alpha, "beta": prior.custom.beta}
    return cast("PriorWord", prior.kind)


def _strength_of(value: Any, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not LEAST <= value <= MOST:
        raise InvalidInput(
            f"`{field.rpartition('.')[2]}` must be a number from {LEAST} to {MOST:,}.",
            field=field,
            hint="alpha is worth so many conversions, beta so many visitors without one: 1 and 19 expect about 5 %.",
        )
    return float(value)
