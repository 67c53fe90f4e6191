"""Quantiles and probabilities of lifts against mpmath, against closed forms, and against integrals by scipy."""

import math
from itertools import pairwise

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from vibevariant.stats.comparison import probability_better
from vibevariant.stats.lift_quantiles import LEVELS, independent_lift, lift_quantiles, lift_quantiles_over
from vibevariant.stats.posterior import FLAT, Beta, posterior

JEFFREYS = Beta(0.5, 0.5)
SKEPTIC = Beta(1, 19)
SINGULAR = Beta(0.01, 0.99)
USUAL = (FLAT, JEFFREYS, SKEPTIC, Beta(2.5, 47.5))
ERROR = 1e-9

# Prior, conversions and visitors of a and of b, and the quantiles .025, .5 and .975 of log(1 + relative lift) and of
# the absolute lift. mpmath at 34 digits: the trapezoid rule with the CDFs as continued fractions, and a Newton step.
GOLDEN = [
    (
        FLAT,
        (0, 50, 1, 50),
        (-1.6425365644007044, 0.8789537268514679, 4.344359799237457),
        (-0.04310592066162476, 0.016745828921877585, 0.09059329428615298),
    ),
    (
        JEFFREYS,
        (0, 50, 1, 50),
        (-1.7363659862256944, 1.6311693776615563, 7.850487885457188),
        (-0.029347557604515576, 0.01586342566975672, 0.08274912348444097),
    ),
    (
        JEFFREYS,
        (0, 0, 0, 0),
        (-5.5722739168707305, 0.0, 5.572273916870729),
        (-0.9229923166605702, 0.0, 0.9229923166605701),
    ),
    (
        FLAT,
        (0, 0, 3, 40),
        (-3.1417486715015652, -1.6687496778179511, 1.3375041969504577),
        (-0.8927187481420503, -0.40476190476193535, 0.08084854920307133),
    ),
    (
        SKEPTIC,
        (20, 1000, 35, 1000),
        (0.021579054569042178, 0.5455711777834644, 1.0962643112732435),
        (0.000592133441500568, 0.014629919047095685, 0.029242444247602542),
    ),
    (
        JEFFREYS,
        (50, 50, 49, 50),
        (-0.08684273951499609, -0.01608841218730808, 0.030200304233268846),
        (-0.08274912348444098, -0.015863425669756712, 0.029347557604515573),
    ),
    (
        SINGULAR,
        (0, 50, 1, 50),
        (2.4670389415143164, 69.33073269890123, 368.9039600543002),
        (0.0003871418975514119, 0.013822170284849252, 0.07138383439696881),
    ),
    (
        FLAT,
        (5000, 10**5, 5010, 10**5),
        (-0.03618695934643338, 0.001997733055300116, 0.04018296341742065),
        (-0.001811402370029995, 9.999549487112222e-05, 0.0020114126051258606),
    ),
    (
        JEFFREYS,
        (0, 10**7, 3, 10**7),
        (-0.14257383056844314, 2.6276770509525336, 8.800493361167138),
        (-2.246814950234569e-08, 2.734649227773671e-07, 7.627382499813055e-07),
    ),
    (
        FLAT,
        (10**7, 10**7, 9_999_999, 10**7),
        (-4.843099644497081e-07, -8.576766652689716e-08, 2.3025848127355532e-07),
        (-4.843098206901144e-07, -8.57676569811589e-08, 2.302584317382326e-07),
    ),
    (
        JEFFREYS,
        (10**7, 10**7, 0, 10**7),
        (-23.73709167454076, -17.59884041709363, -15.197039157005882),
        (-0.9999999974682192, -0.9999999306852855, -0.9999996311121149),
    ),
    (
        FLAT,
        (500_000, 10**7, 501_000, 10**7),
        (-0.0018206614286461014, 0.0019979999662778154, 0.005816666742229905),
        (-9.112423210049044e-05, 9.999995494551915e-05, 0.0002911243344829073),
    ),
    (
        SKEPTIC,
        (2_000_000, 10**7, 1, 20),
        (-3.4622251858350634, -1.5449981795973722, -0.3947903955329861),
        (-0.19372870570592096, -0.15733719595251103, -0.06523549570242608),
    ),
    (
        FLAT,
        (5_000_000, 10**7, 5_002_000, 10**7),
        (-0.00047642723117014414, 0.00039991995468160313, 0.001276267345370132),
        (-0.00023826124135198067, 0.00019999996666667094, 0.0006382611234659008),
    ),
]


@st.composite
def pairs(draw, priors=USUAL):
    prior = draw(st.sampled_from(priors))
    arms = []
    for _ in range(2):
        exposed = draw(st.one_of(st.integers(0, 100), st.integers(0, 10**7)))
        rate = draw(st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1), st.floats(0.049, 0.051)))
        arms.append(posterior(int(exposed * rate), exposed, prior))
    return arms


@pytest.mark.parametrize(("prior", "counts", "log_ratio", "absolute"), GOLDEN)
def test_quantiles_are_those_of_mpmath_up_to_ten_million_visitors(prior, counts, log_ratio, absolute):
    s_a, n_a, s_b, n_b = counts
    a, b, levels = posterior(s_a, n_a, prior), posterior(s_b, n_b, prior), (0.025, 0.5, 0.975)
    for ours in (lift_quantiles(a, b, levels), *lift_quantiles_over(a, [b], levels)):
        assert np.log(ours.ratio) == pytest.approx(log_ratio, abs=ERROR)
        assert ours.absolute == pytest.approx(absolute, abs=min(ERROR, 1e-6 * max(map(abs, absolute))))
        assert ours.relative == pytest.approx(np.expm1(log_ratio), rel=ERROR, abs=ERROR)


def test_a_step_that_hits_the_level_exactly_is_the_last():
    ours = independent_lift(Beta(1, 55), Beta(1, 131))
    assert ours.relative_below(ours.quantiles((0.03125,)).relative[0]) == pytest.approx(0.03125, abs=1e-13)


def test_without_visitors_the_lifts_are_those_of_two_uniform_numbers():
    ours = lift_quantiles(FLAT, FLAT)
    assert ours.levels == LEVELS
    # P(V / U <= r) is r / 2 up to 1, and 1 - 1 / 2r above; V - U has a triangle for its density.
    assert ours.ratio == pytest.approx((0.05, 0.5, 1.0, 2.0, 20.0), rel=ERROR)
    ends = 1 - math.sqrt(2 * 0.025), 1 - math.sqrt(2 * 0.25)
    assert ours.absolute == pytest.approx((-ends[0], -ends[1], 0.0, ends[1], ends[0]), abs=ERROR)


def test_one_conversion_against_none_allows_nearly_everything():
    ours = lift_quantiles(posterior(0, 50), posterior(1, 50), (0.025, 0.975))
    assert ours.relative == pytest.approx((-0.81, 76.04), abs=0.005)


@pytest.mark.parametrize(
    ("a", "b"),
    [(Beta(21, 981), Beta(36, 966)), (Beta(3, 40), Beta(9, 4)), (Beta(1.5, 7.5), Beta(4.25, 2))],
)
def test_probabilities_are_those_of_scipy(a, b):
    ours = independent_lift(a, b)

    def by_scipy(bound):
        def mass(x):
            return scipy.stats.beta.pdf(x, a.alpha, a.beta) * scipy.stats.beta.cdf(bound(x), b.alpha, b.beta)

        pieces = [0.0, a.quantile(0.001), *np.linspace(a.mean, 1, 9)]
        return sum(
            scipy.integrate.quad(mass, low, high, epsabs=1e-14, epsrel=1e-13, limit=200)[0]
            for low, high in pairwise(pieces)
        )

    for lift in (-0.5, -0.01, 0.0, 0.02, 0.3, 1.5):
        assert ours.relative_below(lift) == pytest.approx(by_scipy(lambda x, g=lift: x * (1 + g)), abs=1e-8)
        if lift < 1:
            assert ours.absolute_below(lift) == pytest.approx(by_scipy(lambda x, d=lift: x + d), abs=1e-8)


def test_where_one_rate_leaves_its_range_the_absolute_lift_is_that_of_fractions():
    # a ~ Beta(1, 1), b ~ Beta(2, 1): P(b - a <= d) = 1 - (1 - d)^2 (2 + d) / 3 for d >= 0.
    ours = independent_lift(Beta(1, 1), Beta(2, 1))
    for d in (0.0, 0.3, 0.9, 0.999):
        assert ours.absolute_below(d) == pytest.approx(1 - (1 - d) ** 2 * (2 + d) / 3, abs=1e-14)


def test_no_lift_lies_beyond_the_possible():
    ours = independent_lift(FLAT, posterior(3, 50))
    assert [ours.relative_below(lift) for lift in (-2.0, -1.0, math.inf)] == [0.0, 0.0, 1.0]
    assert [ours.absolute_below(lift) for lift in (-1.5, -1.0, 1.0, 7.0)] == [0.0, 0.0, 1.0, 1.0]


@given(pairs())
def test_the_chance_of_a_lift_above_0_is_the_chance_of_being_better(arms):
    ours, better = independent_lift(*arms), probability_better(*arms)
    assert ours.p_better == pytest.approx(better, abs=1e-12)
    assert 1 - ours.relative_below(0.0) == pytest.approx(better, abs=1e-12)
    assert 1 - ours.absolute_below(0.0) == pytest.approx(better, abs=1e-12)


@settings(deadline=None)
@given(pairs())
def test_swapping_the_arms_turns_the_quantiles_around(arms):
    levels = (0.01, 0.2, 0.5, 0.8, 0.99)
    ours, swapped = lift_quantiles(*arms, levels), lift_quantiles(*arms[::-1], levels)
    assert swapped.absolute[::-1] == pytest.approx([-lift for lift in ours.absolute], abs=ERROR)
    assert swapped.ratio[::-1] == pytest.approx([1 / ratio for ratio in ours.ratio], rel=ERROR)


@settings(max_examples=200, deadline=None)
@given(pairs(), st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=8))
def test_quantiles_rise_and_the_probability_below_each_is_its_level(arms, levels):
    levels = sorted(levels)
    lift = independent_lift(*arms)
    ours = lift.quantiles(levels)
    for many in (ours.ratio, ours.relative, ours.absolute):
        assert all(low <= high + ERROR * abs(high) for low, high in pairwise(many))
    for level, relative, absolute in zip(levels, ours.relative, ours.absolute, strict=True):
        # As close as the numbers around the quantile: -1 + 1e-16 is hardly a number any more.
        for below, quantile in ((lift.relative_below, relative), (lift.absolute_below, absolute)):
            room = 1e-12 + 2e-15 * abs(quantile)
            assert below(quantile - room) - 1e-10 <= level <= below(quantile + room) + 1e-10


@settings(deadline=None)
@given(pairs((SINGULAR, Beta(1e-3, 1e-3), Beta(1e-3, 10.0))))
def test_no_table_and_no_prior_is_refused(arms):
    ours = lift_quantiles(*arms, (1e-12, 0.025, 0.5, 0.975, 1 - 1e-12))
    assert np.isfinite([ours.ratio, ours.relative, ours.absolute]).all()
    assert min(ours.ratio) >= 0
    assert min(ours.relative) >= -1
    assert max(np.abs(ours.absolute)) <= 1


def test_a_lift_without_bounds_is_still_a_number():
    ours = lift_quantiles(Beta(0.01, 0.99), Beta(50, 50), (0.5, 0.975))
    assert 1e12 < ours.relative[0] < ours.relative[1] < 1e200
    assert 1e307 < lift_quantiles(Beta(1e-4, 1), Beta(50, 50), (0.975,)).relative[0] < math.inf


def test_more_visitors_narrow_the_interval():
    widths = []
    for n in (10**k for k in range(2, 8)):
        low, high = lift_quantiles(posterior(n // 20, n), posterior(n // 16, n), (0.025, 0.975)).absolute
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


@settings(max_examples=60, deadline=None)
@given(pairs((*USUAL, Beta(0.3, 9.7))), pairs((*USUAL, SINGULAR)))
def test_lifts_worked_out_together_are_those_of_each_pair(some, others):
    control, *rest = [*some, *others]
    for ours, arm in zip(lift_quantiles_over(control, rest), rest, strict=True):
        alone = lift_quantiles(control, arm)
        assert ours.levels == alone.levels == LEVELS
        widths = [alone.absolute[-1] - alone.absolute[0], math.log(alone.ratio[-1] / alone.ratio[0])]
        assert ours.absolute == pytest.approx(alone.absolute, rel=ERROR, abs=ERROR * widths[0])
        assert np.log(ours.ratio) == pytest.approx(np.log(alone.ratio), abs=ERROR * max(widths[1], 1e-3))


def test_equal_arms_and_no_arms_have_lifts_too():
    assert lift_quantiles_over(FLAT, []) == ()
    for rate in (FLAT, Beta(5, 100), Beta(500_000, 9_500_000)):
        (ours,) = lift_quantiles_over(rate, [rate])
        assert ours.ratio[2] == pytest.approx(1, abs=ERROR)
        assert ours.absolute[::-1] == pytest.approx([-lift for lift in ours.absolute], abs=ERROR)


@pytest.mark.parametrize("level", [0.0, 1.0, 1e-5, math.nan])
def test_levels_in_the_far_tails_are_not_asked_for_together(level):
    with pytest.raises(ValueError, match="well inside 0 and 1"):
        lift_quantiles_over(FLAT, [FLAT], (0.5, level))


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, math.nan])
def test_a_level_outside_0_and_1_is_refused(level):
    with pytest.raises(ValueError, match="inside 0 and 1"):
        lift_quantiles(FLAT, FLAT, (0.5, level))


@pytest.mark.long
def test_thousands_of_tables_have_quantiles_whose_probability_is_their_level():
    rng = np.random.default_rng(20)
    priors = [*USUAL, SINGULAR]
    for _ in range(4000):
        prior = priors[rng.integers(len(priors))]
        visitors = (10 ** rng.uniform(0, 7, size=2)).astype(int)
        rates = np.clip(10 ** rng.uniform(-6, 0) * (1 + rng.normal(size=2) / 5), 0, 1)
        rates = np.where(rng.random(2) < 0.15, rng.integers(0, 2, size=2), rates)
        arms = [posterior(int(n * p), int(n), prior) for n, p in zip(visitors, rates, strict=True)]
        lift = independent_lift(*arms)
        ours = lift.quantiles()
        assert np.isfinite([ours.ratio, ours.relative, ours.absolute]).all()
        for level, ratio, absolute in zip(ours.levels, ours.ratio, ours.absolute, strict=True):
            # A lift is told from -1 and from 1 to 16 digits only.
            if ratio > 1e-3:
                assert lift.relative_below(ratio * (1 - 1e-9) - 1) - 1e-9 <= level, arms
                assert level <= lift.relative_below(ratio * (1 + 1e-9) - 1) + 1e-9, arms
            assert lift.absolute_below(absolute - ERROR) <= level <= lift.absolute_below(absolute + ERROR), (
                arms
            )
