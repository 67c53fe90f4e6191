"""Up to fifty arms, up to ten million visitors, any prior: against mpmath, and against a mesh twice as fine."""

import math

import numpy as np
import pytest

from vibevariant.stats import log_odds
from vibevariant.stats.comparison import compare
from vibevariant.stats.posterior import FLAT, Beta, posterior

JEFFREYS = Beta(0.5, 0.5)
SKEPTIC = Beta(1, 19)
SINGULAR = Beta(0.01, 0.99)
ERROR = 1e-12

# Fifty arms, and unlike ones: (prior, conversions and visitors of each), and for some arms P(best) and the loss. mpmath
# at 30 digits: the trapezoid rule over log-odds, with every CDF as a continued fraction.
MANY = {
    "50 arms of 5 % of ten million": (
        FLAT,
        [(500_000 + 40 * k, 10**7) for k in range(50)],
        {
            0: ("5.1578582826801896e-5", "0.00029593932445207542"),
            25: ("0.0054519688678238431", "0.00019593934445207142"),
            48: ("0.098615882377171303", "0.00010393936285206774"),
            49: ("0.10899213871273829", "9.9939363652067579e-5"),
        },
    ),
    "50 arms of 0 to 49 conversions of ten million": (
        JEFFREYS,
        [(k, 10**7) for k in range(50)],
        {
            0: ("8.5111342935537792e-24", "5.6552501328379178e-6"),
            25: ("1.0508834968928406e-5", "3.1552503828378928e-6"),
            48: ("0.17883564818845186", "8.5525061283786975e-7"),
            49: ("0.22042397997652579", "7.5525062283786875e-7"),
        },
    ),
    "50 arms where all or nearly all of ten million converted": (
        FLAT,
        [(10**7 - k, 10**7) for k in range(50)],
        {
            0: ("0.68783367854329967", "3.121662292769634e-8"),
            25: ("3.6655185346841393e-16", "2.5312161229277963e-6"),
            48: ("7.0157766313388529e-34", "4.8312156629278883e-6"),
            49: ("1.0668610154587336e-34", "4.9312156429278923e-6"),
        },
    ),
    "50 arms of 3 visitors under a prior that is singular at both ends": (
        SINGULAR,
        [(k % 3, 3) for k in range(50)],
        {
            0: ("2.6888389673464298e-6", "0.87031798559475017"),
            25: ("0.0040675266943885684", "0.62031798559475018"),
        },
    ),
    "12 arms of 0 to ten million visitors": (
        JEFFREYS,
        [
            *((0, 0), (0, 3), (1, 4), (0, 10**7), (3, 10**7), (400, 10**7)),
            *((5, 5), (7, 100), (0, 50), (350, 9_000_000), (1, 10**6), (10, 90_000)),
        ],
        {
            0: ("0.15365836119319574", "0.43290718868785169"),
            6: ("0.84161980569102209", "0.016240522021185026"),
            10: ("4.655280194301225e-78", "0.93290568868935169"),
            11: ("2.6737707814643734e-48", "0.93279052331746692"),
        },
    ),
}


@pytest.mark.parametrize("case", MANY)
def test_many_arms_agree_with_mpmath_up_to_ten_million_visitors(case):
    prior, counts, golden = MANY[case]
    ours = compare([posterior(s, n, prior) for s, n in counts])
    for arm, (p_best, loss) in golden.items():
        assert abs(ours.p_best[arm] - float(p_best)) < ERROR
        assert abs(ours.expected_loss[arm] - float(loss)) < ERROR


def random_tables(rng, tables, most_arms):
    """Tables of all sizes: every second one of millions of visitors an arm; one arm in ten nobody saw, in one of ten
    nobody converted, in one of ten everybody; the other rates lie close together or anywhere."""
    priors = [FLAT, JEFFREYS, SKEPTIC, SINGULAR, Beta(2.5, 47.5), Beta(1e-3, 1e-3)]
    for _ in range(tables):
        prior, arms = priors[rng.integers(len(priors))], int(rng.integers(2, most_arms + 1))
        visitors = (10 ** rng.uniform(rng.choice([0, 6]), 7, size=arms)).astype(int)
        visitors[rng.random(arms) < 0.1] = 0
        near = 10 ** rng.uniform(-6, 0) * (1 + rng.normal(size=arms) * 10 ** rng.uniform(-4, -0.5))
        kind = rng.random(arms)
        rates = np.select([kind < 0.1, kind < 0.2, kind < 0.8], [0.0, 1.0, near], rng.random(arms)).clip(0, 1)
        yield [posterior(round(n * p), n, prior) for n, p in zip(visitors.tolist(), rates, strict=True)]


def agrees_with_a_mesh_twice_as_fine(arms, monkeypatch):
    coarse = compare(arms)
    with monkeypatch.context() as finer:
        for step in ("PEAK_STEP", "AWAY_STEP", "TAIL_STEP", "LOGISTIC_SCALE"):
            finer.setattr(log_odds, step, getattr(log_odds, step) / 2)
        fine = compare(arms)
    for ours, theirs in ((coarse.p_best, fine.p_best), (coarse.expected_loss, fine.expected_loss)):
        assert np.isfinite(ours).all(), arms
        assert np.abs(np.subtract(ours, theirs)).max() < ERROR, arms
    assert math.fsum(coarse.p_best) == pytest.approx(1, abs=ERROR)


def test_a_mesh_twice_as_fine_says_the_same(monkeypatch):
    for arms in random_tables(np.random.default_rng(7), 150, 12):
        agrees_with_a_mesh_twice_as_fine(arms, monkeypatch)
    for arms in random_tables(np.random.default_rng(8), 10, 50):
        agrees_with_a_mesh_twice_as_fine(arms, monkeypatch)


@pytest.mark.long
def test_a_mesh_twice_as_fine_says_the_same_of_thousands_of_tables(monkeypatch):
    for arms in random_tables(np.random.default_rng(9), 12_000, 12):
        agrees_with_a_mesh_twice_as_fine(arms, monkeypatch)
    for arms in random_tables(np.random.default_rng(10), 1000, 50):
        agrees_with_a_mesh_twice_as_fine(arms, monkeypatch)
