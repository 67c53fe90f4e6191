import json
import random
import uuid
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy.special import chdtrc

from vibevariant.errors import InvalidInput
from vibevariant.experiments.bucketing import arm_at, bucket, fmix32, fnv1a32
from vibevariant.stats.allocation import even_weights

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "bucketing.json").read_text("utf-8"))

NEAR_KEYS = [f"exp-{number:02}" for number in range(50)]
EVEN_TWO, EVEN_THREE = even_weights(2), even_weights(3)
KINDS = ("uuid", "sequential", "timestamp")
FAMILY_ERROR = 1e-3
"""How often a family of checks may fail by chance alone, had the ids been drawn anew each time (they are not)."""


def by_name(case):
    return case["name"]


@lru_cache
def visitor_ids(kind, n):
    """Ids as sites make them; always the same ones."""
    rng = random.Random(20_260_101)
    if kind == "uuid":
        return [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(n)]
    if kind == "sequential":
        return [str(1000 + i) for i in range(n)]
    at, ids = 1_767_268_800_000, []
    for _ in range(n):
        at += rng.randrange(1, 400)
        ids.append(str(at))
    return ids


def buckets_of(ids, key):
    return np.array([bucket(visitor_id, key) for visitor_id in ids])


def arms_of(buckets, weights):
    """What `arm_at` does, for many at once."""
    return np.searchsorted(np.cumsum(weights), buckets, side="right")


def chi_squared(table):
    """Pearson's statistic of independence of a table of counts."""
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    return float(((table - expected) ** 2 / expected).sum())


def fairness(arms, weights):
    observed = np.bincount(arms, minlength=len(weights))
    expected = np.array(weights) * len(arms) / 10_000
    return float(chdtrc(len(weights) - 1, ((observed - expected) ** 2 / expected).sum()))


def slow_fnv1a32(text):
    """FNV-1a from its definition, with unbounded integers and real remainders."""
    value = Fraction(2_166_136_261)
    for byte in text.encode("utf-8"):
        low = int(value) % 256
        value = (value - low + (low ^ byte)) * 16_777_619 % 2**32
    return int(value)


def slow_fmix32(value):
    """The finaliser of MurmurHash3, its shifts as divisions and its exclusive-or bit by bit."""

    def shaken(number, places):
        shifted = f"{number // 2**places:032b}"
        return int("".join(str(int(a != b)) for a, b in zip(f"{number:032b}", shifted, strict=True)), 2)

    value = shaken(value, 16) * 2_246_822_507 % 2**32
    value = shaken(value, 13) * 3_266_489_909 % 2**32
    return shaken(value, 16)


@pytest.mark.parametrize("case", VECTORS["buckets"], ids=by_name)
def test_buckets_are_those_of_the_vectors(case):
    assert fnv1a32(f"{case['visitor']}:{case['key']}".encode()) == case["fnv1a32"]
    assert fmix32(case["fnv1a32"]) == case["fmix32"]
    assert bucket(case["visitor"], case["key"]) == case["bucket"]


@pytest.mark.parametrize("case", VECTORS["buckets"], ids=by_name)
def test_vectors_agree_with_a_slow_computation_from_the_definitions(case):
    hashed = slow_fnv1a32(f"{case['visitor']}:{case['key']}")
    assert hashed == case["fnv1a32"]
    assert slow_fmix32(hashed) == case["fmix32"]
    assert int(Fraction(case["fmix32"], 2**32) * 10_000) == case["bucket"]


@pytest.mark.parametrize("case", VECTORS["arms"], ids=by_name)
def test_arms_are_those_of_the_vectors(case):
    assert sum(case["weights"]) == 10_000
    assert arm_at(case["bucket"], case["weights"]) == case["arm"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=by_name)
def test_half_a_surrogate_pair_is_refused(case):
    with pytest.raises(InvalidInput) as refusal:
        bucket(case["visitor"], case["key"])
    assert refusal.value.field == "visitor_id"


@pytest.mark.parametrize("part", ["buckets", "arms", "refused"])
def test_vectors_are_numbered_and_their_names_are_unique(part):
    cases = VECTORS[part]
    assert [case["number"] for case in cases] == list(range(1, len(cases) + 1))
    assert len({case["name"] for case in cases}) == len(cases)
    assert all(case["description"] for case in cases)


@pytest.mark.parametrize(
    ("visitor", "key", "plain", "mixed", "share"),
    [
        ("visitor-1", "hero", 0x116D623B, 0xB7C9E53B, 0.717924),
        ("visitor-2", "hero", 0xAFA8DBE8, 0xC8AFC117, 0.783932),
        ("user-123", "discount-banner", 0xD9125125, 0x878C0A3F, 0.529481),
        ("é", "x", 0x1BC2851B, 0x0A816312, 0.041037),
        ("visitor-1", "exp-a", 0x502FF890, 0x5D609BBC, 0.364755),
        ("visitor-1", "exp-b", 0x532FFD49, 0x90E26A17, 0.565955),
    ],
)
def test_reference_values_computed_elsewhere_hold(visitor, key, plain, mixed, share):
    assert fnv1a32(f"{visitor}:{key}".encode()) == plain
    assert fmix32(plain) == mixed
    assert mixed / 2**32 == pytest.approx(share, abs=5e-7)
    assert bucket(visitor, key) == int(share * 10_000)


def test_published_fnv1a_values_hold():
    # http://www.isthe.com/chongo/src/fnv/test_fnv.c
    assert fnv1a32(b"") == 0x811C9DC5
    assert fnv1a32(b"a") == 0xE40C292C
    assert fnv1a32(b"foobar") == 0xBF9CF968


def test_published_murmur3_values_of_the_empty_input_hold():
    # MurmurHash3_x86_32 of nothing is the finaliser of its seed.
    assert fmix32(0) == 0
    assert fmix32(1) == 0x514E28B7
    assert fmix32(0xFFFFFFFF) == 0x81F16F39


def test_finaliser_loses_nothing():
    rng = random.Random(3)
    numbers = {rng.getrandbits(32) for _ in range(20_000)}
    assert len({fmix32(number) for number in numbers}) == len(numbers)


def test_same_inputs_give_the_same_bucket_a_thousand_times():
    assert {bucket("visitor-1", "hero") for _ in range(1000)} == {7179}


def test_every_bucket_belongs_to_exactly_one_arm():
    weights = (3334, 0, 3333, 1, 3332)
    given = [arm_at(place, weights) for place in range(10_000)]
    assert given == sorted(given)
    assert [given.count(arm) for arm in range(5)] == list(weights)


def test_bucket_beyond_the_weights_is_a_fault():
    with pytest.raises(ValueError, match="sum to 9999"):
        arm_at(9999, (5000, 4999))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "weights", [EVEN_TWO, EVEN_THREE, (9000, 1000), (3333, 3333, 3334), even_weights(49)], ids=str
)
def test_hundred_thousand_visitors_are_shared_out_as_the_weights_say(kind, weights):
    buckets = hundred_thousand(kind)
    assert fairness(arms_of(buckets, weights), weights) > FAMILY_ERROR / 15


@lru_cache
def hundred_thousand(kind):
    return buckets_of(visitor_ids(kind, 100_000), "hero")


def test_looking_up_many_arms_at_once_is_what_arm_at_does():
    buckets = np.arange(10_000)
    for weights in (EVEN_TWO, EVEN_THREE, (0, 2500, 0, 7500, 0)):
        assert arms_of(buckets, weights).tolist() == [arm_at(place, weights) for place in range(10_000)]


@lru_cache
def near_buckets(kind):
    ids = visitor_ids(kind, 10_000)
    return np.array([buckets_of(ids, key) for key in NEAR_KEYS])


@pytest.mark.parametrize("weights", [EVEN_TWO, EVEN_THREE], ids=["two", "three"])
@pytest.mark.parametrize("kind", KINDS)
def test_arms_of_near_identical_keys_are_independent(kind, weights):
    k = len(weights)
    arms = arms_of(near_buckets(kind), weights)
    indicators = np.array([arms == arm for arm in range(k)], dtype=np.float64)  # arm, key, visitor
    tables = np.einsum("akv,blv->klab", indicators, indicators, optimize=True)
    pairs = list(combinations(range(len(NEAR_KEYS)), 2))
    statistics = np.array([chi_squared(tables[one, other]) for one, other in pairs])
    dof = (k - 1) ** 2
    # No single pair stands out (Bonferroni over all pairs, kinds of id and numbers of arms) ...
    assert chdtrc(dof, statistics).min() > FAMILY_ERROR / (len(pairs) * len(KINDS) * 2)
    # ... and all together are as large as chance makes them: pairs of hashes are pairwise independent, so the mean
    # of their statistics has the standard deviation sqrt(2 dof / pairs); 5 of those are allowed.
    assert abs(statistics.mean() - dof) < 5 * (2 * dof / len(pairs)) ** 0.5


def test_plain_fnv1a_would_fail_the_independence_check():
    # The reason for the finaliser, and a check that the check can fail.
    ids = visitor_ids("sequential", 2000)
    plain = [np.array([fnv1a32(f"{v}:{key}".encode()) for v in ids]) for key in ("exp-00", "exp-01")]
    low = np.histogram2d(plain[0] % 2, plain[1] % 2, bins=2)[0]
    high = np.histogram2d(plain[0] >> 31, plain[1] >> 31, bins=2)[0]
    assert chi_squared(low) == pytest.approx(2000)
    assert chdtrc(1, chi_squared(high)) < 1e-100


@pytest.mark.parametrize("weights", [EVEN_TWO, EVEN_THREE], ids=["two", "three"])
@pytest.mark.parametrize("kind", KINDS)
def test_who_is_let_in_does_not_depend_on_the_arm(kind, weights):
    arms = arms_of(hundred_thousand(kind), weights)
    admitted = hundred_thousand_traffic(kind) < 1000
    table = np.array(
        [[(admitted == let_in)[arms == arm].sum() for let_in in (False, True)] for arm in range(len(weights))]
    )
    assert chdtrc(len(weights) - 1, chi_squared(table)) > FAMILY_ERROR / 6
    assert fairness(arms[admitted], weights) > FAMILY_ERROR / 6


@lru_cache
def hundred_thousand_traffic(kind):
    return buckets_of(visitor_ids(kind, 100_000), "hero/traffic")
