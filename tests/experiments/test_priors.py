"""A prior is a word or alpha and beta, and what it is not is said at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.errors import InvalidInput
from vibevariant.experiments.priors import LEARNED, LEAST, MOST, prior_of, written
from vibevariant.stats.posterior import FLAT, Beta
from vibevariant.stats.priors import BEFORE_FIRST_ARM, JEFFREYS


@pytest.mark.parametrize(
    ("plain", "rate"),
    [
        ("learned", BEFORE_FIRST_ARM),
        ("flat", FLAT),
        ("jeffreys", JEFFREYS),
        ({"alpha": 2, "beta": 30.5}, Beta(2.0, 30.5)),
        ({"alpha": LEAST, "beta": MOST}, Beta(LEAST, MOST)),
    ],
)
def test_every_prior_comes_back_as_it_was_written(plain, rate):
    prior = prior_of(plain)
    assert prior.from_past([]) == rate
    assert written(prior) == plain


@given(st.floats(LEAST, MOST), st.floats(LEAST, MOST))
def test_a_prior_of_ones_own_is_kept_to_the_last_digit(alpha, beta):
    plain = {"alpha": alpha, "beta": beta}
    assert written(prior_of(plain)) == plain


def test_an_experiment_learns_unless_it_is_told_otherwise(make):
    assert make().prior == LEARNED
    assert make(prior="flat").prior.kind == "flat"
    assert make(prior={"alpha": 3, "beta": 97}).prior.custom == Beta(3.0, 97.0)


@pytest.mark.parametrize(
    ("plain", "field", "says"),
    [
        ("custom", "prior", "not a prior"),
        ("Flat", "prior", "not a prior"),
        (7, "prior", "not a prior"),
        ([1, 19], "prior", "not a prior"),
        ({"alpha": 1}, "prior.beta", "missing"),
        ({"alpha": 1, "beta": 1, "gamma": 1}, "prior", "no member 'gamma'"),
        ({"alpha": 0, "beta": 1}, "prior.alpha", "from 0.01 to 1,000,000"),
        ({"alpha": 1, "beta": -1}, "prior.beta", "from 0.01"),
        ({"alpha": 1_000_001, "beta": 1}, "prior.alpha", "from 0.01"),
        ({"alpha": float("nan"), "beta": 1}, "prior.alpha", "from 0.01"),
        ({"alpha": "1", "beta": 1}, "prior.alpha", "from 0.01"),
        ({"alpha": True, "beta": 1}, "prior.alpha", "from 0.01"),
    ],
)
def test_what_is_no_prior_is_refused_at_its_place_with_what_to_do(plain, field, says):
    with pytest.raises(InvalidInput, match=says) as refused:
        prior_of(plain)
    assert refused.value.field == field
    assert refused.value.hint
