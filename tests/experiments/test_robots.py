"""Robots are known by what they say of themselves; people are never taken for one."""

import pytest

from tests.experiments.user_agents import USER_AGENTS
from vibevariant.experiments.robots import is_robot
from vibevariant.experiments.segments import LONGEST_USER_AGENT

PERSON = next(user_agent for kind, user_agent in USER_AGENTS if kind == "desktop")


def test_there_are_enough_user_agents_of_both_kinds():
    robots = sum(kind == "robot" for kind, _ in USER_AGENTS)
    assert robots >= 40
    assert len(USER_AGENTS) - robots >= 30
    assert len({user_agent for _, user_agent in USER_AGENTS}) == len(USER_AGENTS)


@pytest.mark.parametrize(("kind", "user_agent"), USER_AGENTS)
def test_robots_are_told_from_people_and_their_programs(kind, user_agent):
    assert is_robot(user_agent) is (kind == "robot")


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("prefetch", True),
        ("prefetch;prerender", True),
        ("prefetch;anonymous-client-ip", True),
        (" Prefetch", True),
        ("prerender", True),
        ("", False),
        ("navigate", False),
    ],
)
def test_what_is_fetched_in_advance_is_seen_by_nobody(purpose, expected):
    assert is_robot(PERSON, purpose) is expected


def test_who_says_nothing_is_no_robot():
    assert not is_robot("")


def test_an_endless_user_agent_is_read_as_far_as_it_is_worth_it():
    assert is_robot("x" * (LONGEST_USER_AGENT - 4) + " bot" + "y" * 100_000)
    assert not is_robot("x" * LONGEST_USER_AGENT + " bot")
