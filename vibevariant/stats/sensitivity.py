"""Whether the verdict hangs on what was assumed before: the same counts, read by three who expect different things."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.priors import ARCHIVE_SPREAD, BEFORE_HISTORY, SpreadPrior, fixed_spread
from vibevariant.stats.ranking import leading
from vibevariant.stats.words import LEANING, PROBABLY

# One who has seen many changes do little: arms a tenth apart.
SCEPTICAL_SPREAD = 0.10

Strength = Literal["probably", "leaning", "open"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reader says: who leads, how sure that is, and the band of wording it falls in.

    Args:
        prior: `sceptical` expects spreads of .1, `neutral` those of the archive, `learned` the project's own.
        arm: key of the leader; none where it is open who leads.
    """

    prior: Literal["sceptical", "neutral", "learned"]
    arm: str | None
    strength: Strength
    p_best: float


@dataclass(frozen=True, slots=True)
class PriorSensitivity:
    """The three verdicts.

    Args:
        flips: the readers would name different arms, or speak of one in different bands.
    """

    verdicts: tuple[Verdict, ...]
    flips: bool


def prior_sensitivity(
    allocations: Sequence[AllocationCounts],
    running: Sequence[int],
    arms: Sequence[str],
    learned: SpreadPrior = BEFORE_HISTORY,
    posterior: Hierarchical | None = None,
    design: Design | None = None,
) -> PriorSensitivity:
    """Read the same counts under three priors of the spread.

    Args:
        arms: the keys of all.
        running: the arms in the running, the one that leads at a tie first.
        posterior: under the learned prior, where it is at hand; it knows its own design.
        design: of arms that are combinations of elements.
    """
    readers: tuple[tuple[Literal["sceptical", "neutral", "learned"], SpreadPrior], ...] = (
        ("sceptical", fixed_spread(SCEPTICAL_SPREAD)),
        ("neutral", fixed_spread(ARCHIVE_SPREAD)),
        ("learned", learned),
    )
    posterior = posterior or Hierarchical(allocations, len(arms), learned, design=design)
    verdicts = []
    for name, prior in readers:
        read = posterior if name == "learned" else posterior.under(prior)
        p_best = read.p_best(running)
        leader = leading(p_best, running)
        strength = _strength(p_best[leader]) if len(running) > 1 else "open"
        verdicts.append(Verdict(name, None if strength == "open" else arms[leader], strength, p_best[leader]))
    differ = {(verdict.arm, verdict.strength) for verdict in verdicts}
    return PriorSensitivity(tuple(verdicts), flips=len(differ) > 1)


def _strength(p_best: float) -> Strength:
    if p_best >= PROBABLY:
        return "probably"
    return "leaning" if p_best >= LEANING else "open"
