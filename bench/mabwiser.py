"""MABWiser (PyPI `mabwiser`, Fidelity Investments) on the same task, visitor by visitor, where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module, metadata
from importlib.util import find_spec

import numpy as np

VERSION = metadata.version("mabwiser") if find_spec("mabwiser") else None


def mabwiser_regret(policy: str, rates: Sequence[float], visitors: int, seed: int) -> float:
    """Conversions lost on average by the arms it chose, in one experiment. One visitor of each arm starts it."""
    of_package = import_module("mabwiser.mab")
    learning = of_package.LearningPolicy
    rule = learning.ThompsonSampling() if policy == "ThompsonSampling" else learning.UCB1(alpha=1.0)
    arms, rng = list(range(len(rates))), np.random.default_rng([33, seed])
    bandit = of_package.MAB(arms, rule, seed=seed)
    bandit.fit(arms, [int(rng.random() < rate) for rate in rates])
    gaps = [max(rates) - rate for rate in rates]
    lost = sum(gaps)
    for draw in rng.random(visitors - len(arms)).tolist():
        arm = bandit.predict()
        lost += gaps[arm]
        bandit.partial_fit([arm], [int(draw < rates[arm])])
    return lost
