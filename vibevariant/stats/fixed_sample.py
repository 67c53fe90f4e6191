"""Two arms as a statistics textbook would read them: every classical test and interval, side by side.

For statisticians and for comparison with other tools. All of it holds for one look at a number of visitors fixed
beforehand, and no decision rests on it.
"""

from dataclasses import dataclass

from vibevariant.stats.exact_tests import BarnardTest, FisherTest, barnard_test, fisher_test
from vibevariant.stats.frequentist import (
    ChiSquared,
    ZTest,
    agresti_caffo_interval,
    chi_squared,
    has_no_width,
    newcombe_interval,
    two_proportion_z_test,
    wald_interval,
    yates_chi_squared,
)


@dataclass(frozen=True, slots=True)
class FixedSample:
    """The classical tests of two arms, and intervals for the rate of b minus that of a.

    Args:
        few_expected: some expected count is below 5, so that z and chi-squared are rough guides: see Barnard's.
        newcombe_95: the interval to be shown; the other two are there for comparison.
        wald_has_no_width: the textbook interval claims to know the difference exactly, which nobody does.
    """

    z: ZTest
    chi_squared: ChiSquared
    yates: ChiSquared
    fisher: FisherTest
    barnard: BarnardTest
    smallest_expected: float | None
    few_expected: bool
    newcombe_95: tuple[float, float] | None
    agresti_caffo_95: tuple[float, float] | None
    wald_95: tuple[float, float] | None
    wald_has_no_width: bool


def fixed_sample(conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int) -> FixedSample:
    """Everything that the classical methods have to say about two arms."""
    table = (conversions_a, exposed_a, conversions_b, exposed_b)
    plain = chi_squared((conversions_a, conversions_b), (exposed_a, exposed_b))
    wald = wald_interval(*table)
    return FixedSample(
        z=two_proportion_z_test(*table),
        chi_squared=plain,
        yates=yates_chi_squared(*table),
        fisher=fisher_test(*table),
        barnard=barnard_test(*table),
        smallest_expected=plain.smallest_expected,
        few_expected=plain.is_rough,
        newcombe_95=newcombe_interval(*table),
        agresti_caffo_95=agresti_caffo_interval(*table),
        wald_95=wald,
        wald_has_no_width=has_no_width(wald),
    )
