"""The design of an experiment in which several things vary."""

import pytest

from vibevariant.stats.design import Design


def test_arms_are_all_combinations_the_last_element_varying_fastest():
    design = Design((2, 3), (0, 1))
    assert design.arms == 6
    assert design.combinations == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))
    assert [design.arm(each) for each in design.combinations] == list(range(6))


def test_strength_is_shared_from_six_combinations_on():
    assert not Design((2, 2), (0, 0)).shares_strength
    assert Design((2, 3), (0, 0)).shares_strength
    assert Design((2, 2, 2), (0, 0, 0)).shares_strength


@pytest.mark.parametrize(
    ("variants", "controls"),
    [((3,), (0,)), ((1, 3), (0, 0)), ((2, 2), (0,)), ((2, 2), (0, 2)), ((2, 2), (-1, 0))],
)
def test_what_is_no_design_is_refused(variants, controls):
    with pytest.raises(ValueError, match=r"element|design"):
        Design(variants, controls)
