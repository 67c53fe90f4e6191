"""Whether the verdict hangs on what was assumed before: the same counts, read by three who expect different things."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.priors import ARCHIVE_SPREAD, BEFORE_HISTORY, SpreadPrior, fixed_spread
from vibevariant.stats.ranking import rank
from vibevariant.stats.sentences import LEANING, PROBABLY

# One who has seen many changes do little: arms a tenth apart.
SCEPTICAL_SPREAD = 0.10

Strength = Literal["probably", "leaning", "open"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reader says: who leads, how sure that is, and the band of wording it falls in.

    Args:
        prior: `sceptical` expects spreads of .1, `neutral` those of the archive, `learned` the project's own.
        arm: the leader; none where it is open who leads.
    """

    prior: Literal["sceptical", "neutral", "learned"]
    arm: int | None
    strength: Strength
    p_best: float


@dataclass(frozen=True, slots=True)
class PriorSensitivity:
    """The three verdicts, and whether they differ in more than the chance."""

    verdicts: tuple[Verdict, ...]

    @property
    def flips(self) -> bool:
        """The readers would name different arms, or speak of one in different bands."""
        return len({(verdict.arm, verdict.strength) for verdict in self.verdicts}) > 1


def prior_sensitivity(
    allocations: Sequence[AllocationCounts],
    running: Sequence[int],
    arms: int,
    learned: SpreadPrior = BEFORE_HISTORY,
) -> PriorSensitivity:
    """Read the same counts under three priors of the spread."""
    readers: tuple[tuple[Literal["sceptical", "neutral", "learned"], SpreadPrior], ...] = (
        ("sceptical", fixed_spread(SCEPTICAL_SPREAD)),
        ("neutral", fixed_spread(ARCHIVE_SPREAD)),
        ("learned", learned),
    )
    verdicts = []
    for name, prior in readers:
        ranking = rank(allocations, running, arms, prior)
        p_best = ranking.p_best[ranking.leader]
        strength = _strength(p_best) if len(running) > 1 else "open"
        verdicts.append(Verdict(name, None if strength == "open" else ranking.leader, strength, p_best))
    return PriorSensitivity(tuple(verdicts))


def _strength(p_best: float) -> Strength:
    if p_best >= PROBABLY:
        return "probably"
    return "leaning" if p_best >= LEANING else "open"
