"""Numbers as people say them."""

import pytest

from vibevariant.stats import words


def test_frequencies_add_up():
    for p in (0.5, 0.84, 0.85, 0.949, 0.95, 0.974, 0.98):
        for_it, against = (int(said(p).split()[0]) for said in (words.chance, words.chance_against))
        assert for_it + against in (10, 20)
    assert words.chance(0.999) == "more than 99 in 100"
    assert words.chance_against(0.999) == "less than 1 in 100"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.1234, "+12 %"),
        (0.0312, "+3.1 %"),
        (-0.05, "-5.0 %"),
        (0.0, "0 %"),
        (-1e-9, "0 %"),
        (0.0996, "+10 %"),
    ],
)
def test_a_change_is_said_with_its_sign_and_few_digits(ratio, said):
    assert words.change(ratio) == said


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (0.0004, "fewer than 1 in 1,000"),
        (0.004, "about 4 in 1,000"),
        (0.13, "about 13 in 100"),
        (1.2, "nearly all"),
    ],
)
def test_a_part_is_said_as_so_many_of_a_whole(part, said):
    assert words.share(part) == said


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (0.057, "fewer than 6 of every 100"),
        (0.0012, "fewer than 12 of every 10,000"),
        (0.004, "fewer than 4 of every 1,000"),
    ],
)
def test_a_ceiling_is_said_in_the_smallest_whole_that_shows_it(rate, said):
    assert words.fewer_than(rate) == said
