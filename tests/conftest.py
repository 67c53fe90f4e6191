"""What every test has: an environment without settings of the machine it happens to run on."""

import os

import pytest

from tests.clock import FakeClock


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for variable in list(os.environ):
        plain = variable in {"PORT", "DATABASE_URL", "LOG_LEVEL", "ENV", "XDG_DATA_HOME"}
        if plain or variable.startswith(("VIBEVARIANT_", "SANIC_")):
            monkeypatch.delenv(variable)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
