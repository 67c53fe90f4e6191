"""The quadrature against three independent ways to the same numbers: exact fractions, mpmath at 30 digits, and
Evan Miller's closed form (evanmiller.org/bayesian-ab-testing.html)."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibevariant.stats.comparison import compare, probability_better
from vibevariant.stats.posterior import FLAT, Beta, posterior

JEFFREYS = Beta(0.5, 0.5)
SKEPTIC = Beta(1, 19)
SINGULAR = Beta(0.01, 0.99)
ERROR = 1e-12

# P(second is best), expected loss of the first, for (prior, conversions, exposed, conversions, exposed). mpmath at 34
# digits: density of the gap between the two log-odds by the trapezoid rule, then Gauss-Legendre over the gaps.
GOLDEN = [
    (FLAT, (0, 50, 1, 50), "0.75247524752475246725", "0.023898431665421957492"),
    (JEFFREYS, (0, 50, 1, 50), "0.81990539447245499838", "0.022225020169771069989"),
    (FLAT, (20, 1000, 35, 1000), "0.9794360287033515727", "0.015026625193272470211"),
    (FLAT, (500_000, 10**7, 501_000, 10**7), "0.84743450990941338418", "0.00010773762653435593923"),
    (JEFFREYS, (0, 10**7, 3, 10**7), "0.9668545092855227844", "3.0278871381610877086e-7"),
    (FLAT, (10**7, 10**7, 10**7 - 1, 10**7), "0.24999998750000063601", "2.4999991250002367689e-8"),
    (SINGULAR, (0, 50, 1, 50), "0.99324538635678406006", "0.019666875848695585581"),
    (SKEPTIC, (100, 1000, 0, 3), "0.10336874996636120919", "0.0040586661820222773033"),
    (FLAT, (2_000_000, 10**7, 1, 20), "0.057646184181308168425", "0.0025154713267320045922"),
    (FLAT, (5_000_000, 10**7, 5_002_000, 10**7), "0.81445330786372322701", "0.0002226873288359434653"),
    (FLAT, (1_000_000, 10**7, 1_000_500, 10**7), "0.64529049841106813287", "0.000082203766350200308639"),
    (FLAT, (100_000, 10**7, 100_400, 10**7), "0.81541851269246289135", "0.000044489409282854526093"),
    (FLAT, (30, 1000, 100, 1000), "0.9999999999542550652", "0.069860279441194511561"),
    (FLAT, (50, 1000, 90, 1000), "0.99977970786490228232", "0.039920796434010966961"),
    (SKEPTIC, (3, 10**7, 9, 10**7), "0.95385747424306587237", "6.0722533583011755174e-7"),
    (JEFFREYS, (10, 10**7, 30, 10**7), "0.99937587287564060969", "2.0001092771825098978e-6"),
    (JEFFREYS, (9_999_990, 10**7, 9_999_997, 10**7), "0.97608047862465853217", "7.0343885355295026613e-7"),
]


def exact(arms):
    """P(best) and expected loss of arms with small whole parameters: polynomials with fractions, integrated."""

    def times(p, q):
        out = [Fraction(0)] * (len(p) + len(q) - 1)
        for i, a in enumerate(p):
            for j, b in enumerate(q):
                out[i + j] += a * b
        return out

    def antiderivative(p):
        return [Fraction(0), *(c / (i + 1) for i, c in enumerate(p))]

    def product(ps):
        out = [Fraction(1)]
        for p in ps:
            out = times(out, p)
        return out

    densities = []
    for arm in arms:
        a, b = int(arm.alpha), int(arm.beta)
        scale = Fraction(math.factorial(a + b - 1), math.factorial(a - 1) * math.factorial(b - 1))
        falling = [Fraction((-1) ** i * math.comb(b - 1, i)) for i in range(b)]
        densities.append([Fraction(0)] * (a - 1) + [scale * c for c in falling])
    cdfs = [antiderivative(density) for density in densities]
    mean_of_best = 1 - sum(antiderivative(product(cdfs)))
    p_best, loss = [], []
    for k, arm in enumerate(arms):
        others = product(cdf for j, cdf in enumerate(cdfs) if j != k)
        p_best.append(float(sum(antiderivative(times(densities[k], others)))))
        loss.append(float(mean_of_best - Fraction(int(arm.alpha), int(arm.alpha + arm.beta))))
    return p_best, loss


def by_mpmath(arms):
    """The same for larger whole parameters: the trapezoid rule on log-odds, which converges geometrically there, with
    every CDF as a binomial sum."""
    with mpmath.workdps(30):
        sd = [mpmath.sqrt(mpmath.mpf(1) / arm.alpha + mpmath.mpf(1) / arm.beta) for arm in arms]
        peak = [mpmath.log(mpmath.mpf(arm.alpha) / arm.beta) for arm in arms]
        low = min(m - 9 * s - 40 / arm.alpha for m, s, arm in zip(peak, sd, arms, strict=True))
        high = max(m + 9 * s + 40 / arm.beta for m, s, arm in zip(peak, sd, arms, strict=True))
        # The best of many arms is narrower than any one of them.
        step = min(*sd, 1) / (3 + math.log2(len(arms)))
        constants = [
            mpmath.gamma(arm.alpha + arm.beta) / mpmath.gamma(arm.alpha) / mpmath.gamma(arm.beta)
            for arm in arms
        ]
        p_best, loss = [mpmath.mpf(0)] * len(arms), [mpmath.mpf(0)] * len(arms)
        for i in range(int((high - low) / step) + 1):
            odds = mpmath.exp(low + i * step)
            x, y = odds / (1 + odds), 1 / (1 + odds)
            density, cdf = [], []
            for arm, constant in zip(arms, constants, strict=True):
                a, b = int(arm.alpha), int(arm.beta)
                density.append(constant * x**a * y**b)
                # Below a conversions of a + b - 1, when each has probability x.
                term = y ** (a + b - 1)
                tail = term
                for j in range(1, a):
                    term = term * (a + b - j) / j * odds
                    tail += term
                cdf.append(1 - tail)
            for k in range(len(arms)):
                others = mpmath.fprod(cdf[:k] + cdf[k + 1 :])
                p_best[k] += step * density[k] * others
                loss[k] += step * cdf[k] * (1 - others) * x * y
        return [float(p) for p in p_best], [float(each) for each in loss]


def evan_miller(a, b):
    """P(b's rate is above a's) for whole parameters, equation 6."""

    def log_beta(x, y):
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    return math.fsum(
        math.exp(
            log_beta(a.alpha + i, a.beta + b.beta)
            - math.log(b.beta + i)
            - log_beta(1 + i, b.beta)
            - log_beta(a.alpha, a.beta)
        )
        for i in range(int(b.alpha))
    )


def test_one_conversion_against_none_is_75_in_100_for_flat_priors():
    assert compare([posterior(1, 50), posterior(0, 50)]).p_best[0] == pytest.approx(76 / 101, abs=1e-14)


def test_one_arm_is_best_and_loses_nothing():
    assert compare([posterior(3, 50)]) == compare([FLAT])
    assert compare([FLAT]).p_best == (1.0,)
    assert compare([FLAT]).expected_loss == (0.0,)


def test_no_arm_cannot_be_compared():
    with pytest.raises(ValueError, match="no arm"):
        compare([])


@pytest.mark.parametrize("arms", [2, 3, 9, 50])
def test_without_visitors_every_arm_is_as_good_as_another(arms):
    ours = compare([FLAT] * arms)
    assert ours.p_best == pytest.approx([1 / arms] * arms, abs=1e-14)
    # The mean of the largest of so many uniform numbers, less one half.
    assert ours.expected_loss == pytest.approx([arms / (arms + 1) - 0.5] * arms, abs=1e-14)


@pytest.mark.parametrize(("prior", "counts", "p_second", "loss_first"), GOLDEN)
def test_two_arms_agree_with_mpmath_up_to_ten_million_visitors(prior, counts, p_second, loss_first):
    s_a, n_a, s_b, n_b = counts
    ours = compare([posterior(s_a, n_a, prior), posterior(s_b, n_b, prior)])
    assert abs(ours.p_best[1] - float(p_second)) < ERROR
    assert abs(ours.expected_loss[0] - float(loss_first)) < ERROR * 1e-2


@pytest.mark.parametrize(
    "counts",
    [
        [(0, 3), (1, 3)],
        [(0, 5), (0, 5), (5, 5)],
        [(1, 4), (2, 4), (3, 4), (0, 9), (9, 9)],
        [(i % 4, 3 + i % 3) for i in range(12)],
        [(k % 3, 3) for k in range(50)],
    ],
)
def test_few_visitors_agree_with_exact_fractions(counts):
    arms = [posterior(min(s, n), n) for s, n in counts]
    ours, (p_best, loss) = compare(arms), exact(arms)
    assert np.abs(np.subtract(ours.p_best, p_best)).max() < 1e-14
    assert np.abs(np.subtract(ours.expected_loss, loss)).max() < 1e-14


@pytest.mark.parametrize(
    "counts",
    [
        [(20, 1000), (35, 1000)],
        [(20, 1000), (24, 1000), (0, 30)],
        [(5, 100), (7, 100), (30, 1000), (1, 4), (0, 0)],
        [(20 + k, 1000) for k in range(9)],
        [(10 + k % 7, 1000 + 10 * k) for k in range(50)],
    ],
    ids=["2 arms", "3 arms", "5 unlike arms", "9 arms", "50 arms"],
)
def test_a_thousand_visitors_an_arm_agree_with_mpmath(counts):
    arms = [posterior(s, n) for s, n in counts]
    ours, (p_best, loss) = compare(arms), by_mpmath(arms)
    assert np.abs(np.subtract(ours.p_best, p_best)).max() < ERROR
    assert np.abs(np.subtract(ours.expected_loss, loss)).max() < ERROR


@given(
    st.tuples(st.integers(0, 400), st.integers(0, 400)), st.tuples(st.integers(0, 400), st.integers(0, 400))
)
def test_two_arms_agree_with_the_closed_form(a, b):
    first, second = Beta(1 + a[0], 1 + a[1]), Beta(1 + b[0], 1 + b[1])
    assert probability_better(first, second) == pytest.approx(evan_miller(first, second), abs=1e-11)


def test_a_loss_that_hardly_ever_happens_keeps_its_digits():
    ours = compare([posterior(30, 1000), posterior(100, 1000)])
    _, loss = by_mpmath([posterior(30, 1000), posterior(100, 1000)])
    assert loss[1] < 1e-11
    assert ours.expected_loss[1] == pytest.approx(loss[1], rel=1e-6)


@st.composite
def tables(draw):
    prior = draw(st.sampled_from([FLAT, JEFFREYS, SKEPTIC, SINGULAR, Beta(2.5, 47.5)]))
    arms = []
    for _ in range(draw(st.integers(2, 12))):
        exposed = draw(st.one_of(st.integers(0, 100), st.integers(0, 10**7)))
        rate = draw(st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1), st.floats(0.049, 0.051)))
        arms.append(posterior(int(exposed * rate), exposed, prior))
    return arms


@settings(max_examples=300)
@given(tables())
def test_any_table_gives_probabilities_and_losses(arms):
    ours = compare(arms)
    assert all(0 <= p <= 1 for p in ours.p_best)
    assert all(0 <= loss <= 1 for loss in ours.expected_loss)
    assert math.fsum(ours.p_best) == pytest.approx(1, abs=1e-12)
    # E[best] - E[j] differs between arms by the difference of their means.
    for arm, loss in zip(arms, ours.expected_loss, strict=True):
        assert loss - ours.expected_loss[0] == pytest.approx(arms[0].mean - arm.mean, abs=1e-12)


@given(tables(), st.randoms(use_true_random=False))
def test_relabelling_arms_permutes_the_answers(arms, random):
    order = list(range(len(arms)))
    random.shuffle(order)
    straight, shuffled = compare(arms), compare([arms[arm] for arm in order])
    for place, arm in enumerate(order):
        assert shuffled.p_best[place] == pytest.approx(straight.p_best[arm], abs=ERROR)
        assert shuffled.expected_loss[place] == pytest.approx(straight.expected_loss[arm], abs=ERROR)


@given(tables())
def test_reading_gains_as_losses_turns_two_arms_around(arms):
    a, b = arms[:2]
    mirrored = probability_better(Beta(a.beta, a.alpha), Beta(b.beta, b.alpha))
    assert mirrored == pytest.approx(1 - probability_better(a, b), abs=ERROR)
