"""What every test has: an environment without settings of the machine, and the real program to be asked for."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# As the command line has it, and before anything loads numpy: small matrices are not for threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.appliance import Appliance
from tests.clock import FakeClock

SHOWN = 8_000
"""Characters of the end of a log that a failed test shows."""

_status = pytest.StashKey[int]()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for variable in list(os.environ):
        plain = variable in {"PORT", "DATABASE_URL", "LOG_LEVEL", "ENV", "XDG_DATA_HOME"}
        if plain or variable.startswith(("VIBEVARIANT_", "SANIC_")):
            monkeypatch.delenv(variable)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


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


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus) -> None:
    session.config.stash[_status] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config) -> None:
    """Ends the run even when a test left a thread that would keep it alive for ever, and calls that a failure.

    A database connection that is not closed is such a thread.
    """
    left = [thread for thread in threading.enumerate() if thread.is_alive() and not thread.daemon]
    left.remove(threading.main_thread())
    for thread in left:
        thread.join(timeout=1)
    names = [thread.name for thread in left if thread.is_alive()]
    if names:
        print(f"Threads that no test has ended: {', '.join(names)}", flush=True)
        sys.stderr.flush()
        os._exit(config.stash.get(_status, 1) or 1)
