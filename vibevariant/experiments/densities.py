"""Densities: the posteriors of an experiment's arms as curves to draw beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from vibevariant.experiments.results import Results
from vibevariant.stats.posterior import Beta, rates_to_draw


@dataclass(frozen=True, slots=True)
class ArmDensity:
    """How plausible each of the rates is for one arm."""

    key: str
    name: str
    is_control: bool
    density: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Densities:
    """The curves of all arms over the same rates, which rise and lie closer together where an arm's curve is narrow."""

    experiment: str
    goal: str
    rates: tuple[float, ...]
    arms: tuple[ArmDensity, ...]


def densities(read: Results) -> Densities:
    """The curves behind the results."""
    posteriors = [Beta(arm.posterior.alpha, arm.posterior.beta) for arm in read.arms]
    rates = rates_to_draw(posteriors)
    return Densities(
        experiment=read.experiment,
        goal=read.goal,
        rates=tuple(rates.tolist()),
        arms=tuple(
            ArmDensity(arm.key, arm.name, arm.is_control, tuple(posterior.density(rates).tolist()))
            for arm, posterior in zip(read.arms, posteriors, strict=True)
        ),
    )
