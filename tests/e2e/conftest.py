"""What the tests of the real program share: appliances that always end, and that show their log when a test fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.appliance import Appliance

SHOWN = 8_000
"""Characters of the end of a log that a failed test shows."""


@pytest.fixture
def appliance_on(tmp_path: Path) -> Iterator[Callable[..., Appliance]]:
    """Makes appliances, each on a folder of its own unless one is named, and ends them."""
    made: list[Appliance] = []

    def make(*flags: str, folder: str | None = None) -> Appliance:
        appliance = Appliance(tmp_path / (folder or f"data-{len(made)}"), *flags)
        made.append(appliance)
        return appliance

    yield make
    for appliance in made:
        appliance.end()
        print(f"--- {appliance.log_path.name}\n{appliance.stderr()[-SHOWN:]}")


@pytest.fixture
def appliance(appliance_on: Callable[..., Appliance]) -> Appliance:
    """A running appliance with an owner and a project."""
    return appliance_on().start().set_up()
