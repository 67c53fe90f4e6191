"""Passwords are slow to guess, and say nothing about who has one."""

import pytest

from vibevariant.api.passwords import Passwords


@pytest.fixture
def passwords():
    return Passwords()


async def test_only_the_password_fits(passwords):
    stored = await passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert await passwords.fits(stored, "correct horse battery")
    assert not await passwords.fits(stored, "correct horse batterx")


async def test_the_same_password_is_stored_differently_each_time(passwords):
    assert await passwords.hash("correct horse battery") != await passwords.hash("correct horse battery")


async def test_where_none_is_stored_none_fits(passwords):
    assert not await passwords.fits(None, "nobody has this password")
    assert not await passwords.fits("not a hash", "anything")
