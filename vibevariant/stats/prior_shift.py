"""What early signals add to what is assumed of the arms before their conversions: a small move, and never more.

An arm's effects on engagement and on the log rate are a pair of normal numbers with spreads s_e and s_c and
correlation r. Once the first is known as well as it is, the second has

    mean      r s_c E[e] / s_e,
    variance  s_c^2 (1 - r^2 + r^2 Var[e] / s_e^2),

which for two arms that differ by d in the index, standard error se, and spreads of differences t_c and t_e, is

    N( r t_c t_e d / (t_e^2 + se^2),  t_c^2 (1 - r^2 t_e^2 / (t_e^2 + se^2)) ).

The conversions' likelihood is then multiplied on as ever. It must not count what the index already had from the same
conversions, so the index enters without them: with b the rise of the index for each unit of log rate through its
conversions alone, what is left of an arm's effect is e - b c, whose spread and correlation with c are

    s_e'^2 = s_e^2 - 2 b r s_c s_e + b^2 s_c^2,    r' = (r s_e - b s_c) / s_e'.

Without conversions, b is 0. Where they are common, b is large and little is left for engagement to add.
Evidence never sees any of it.
"""

import math
from dataclasses import dataclass

import numpy as np

from vibevariant.stats.engagement import Engagement
from vibevariant.stats.priors import ARCHIVE_SPREAD
from vibevariant.stats.quadrature import Floats

# Arms' effects on engagement are not believed to be farther from their mean than this many spreads. Where they seem to
# be, arms differ in something that is no engagement (a longer page, a form that only one of them has), and the normal
# curve's word on it would be near certainty.
MOST_SURPRISING = 2.0


@dataclass(frozen=True, slots=True)
class PriorShift:
    """Where the prior of the arms' log rates is moved, and how much of its variance is left.

    Args:
        means: of each arm, in units of the spread of arms, whichever it is; they sum to 0.
        kept: share of the variance of differences that is left, 1 when nothing was learned.
    """

    means: tuple[float, ...]
    kept: float

    @property
    def moves(self) -> bool:
        return self.kept < 1

    def at(self, spread: float) -> tuple[tuple[float, ...], float]:
        """Mean of each arm's log rate around the experiment's, and their standard deviation, for a spread of arms."""
        return tuple(spread * mean for mean in self.means), spread * math.sqrt(self.kept)

    def log_tilt(self, effects: Floats, spreads: Floats, to_free: Floats | None = None) -> Floats:
        """Log of the shifted prior's density over the unshifted one's, shaped (rows, spreads).

        Adding it to the log prior of each spread is all that a posterior needs to take the shift in.

        Args:
            effects: rows of log rates, one for each arm; a shift of a row changes nothing.
            spreads: of arms.
            to_free: of arms that know of each other, what makes independent numbers of their differences
                (`laplace.Basis`); it is these that keep so much of their variance then.
        """
        means = np.array(self.means)
        if to_free is None:
            centred = effects - effects.mean(axis=1, keepdims=True)
        else:
            centred, means = effects @ to_free.T, to_free @ means
        squares = np.einsum("nk,nk->n", centred, centred)[:, None] / spreads**2
        along = (centred @ means)[:, None] / spreads
        moved = (squares - 2 * along + means @ means) / self.kept
        return np.asarray((squares - moved - (len(self.means) - 1) * math.log(self.kept)) / 2)


def no_shift(arms: int) -> PriorShift:
    """What stands where there are no signals."""
    return PriorShift((0.0,) * arms, 1.0)


def prior_shift(
    engagement: Engagement, correlation: float, index_spread: float, spread: float = ARCHIVE_SPREAD
) -> PriorShift:
    """The shift that this engagement justifies.

    Every arm is drawn towards all of them as far as its visitors leave it uncertain: (information + 1 / s_e^2)^-1
    times the score. With unequal numbers of visitors some differences are known better than others; `kept` is their
    average, which for two arms is exact.

    Args:
        correlation: of the arms' effects, r, with the index as it is measured.
        index_spread: of arms in the index, s_e.
        spread: of arms in the log rate, s_c, as far as it takes part in leaving the conversions out.
    """
    arms = len(engagement.score)
    if not 0 <= correlation < 1 or not (0 < index_spread < math.inf and 0 < spread < math.inf):
        raise ValueError("a correlation lies between 0 and 1, and spreads are positive numbers")
    through = engagement.follows * spread
    apart = math.sqrt(index_spread**2 - 2 * correlation * through * index_spread + through**2)
    left = (correlation * index_spread - through) / apart
    if arms < 2 or not engagement.varies or not correlation or left <= 0:
        return no_shift(arms)
    # Conversions that go against engagement cannot make it a better guide than it is.
    left = min(left, correlation)
    covariance = np.linalg.inv(np.eye(arms) + apart**2 * engagement.information)
    effects = apart * covariance @ engagement.apart
    effects -= effects.mean()
    effects *= min(1.0, MOST_SURPRISING / max(float(np.abs(effects).max()), MOST_SURPRISING))
    means = left * effects
    # What is left unknown of differences: of all directions but that of all arms together.
    unknown = (float(np.trace(covariance)) - float(covariance.sum()) / arms) / (arms - 1)
    return PriorShift(tuple(means.tolist()), 1 - left**2 * (1 - unknown))
