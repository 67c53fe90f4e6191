"""The steps of a trial: each prints one line with its time, and the first thing that is wrong ends it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 60.0
"""Seconds that anything gets on a busy machine; a quiet one takes one or two."""

POLL = 0.005


class WrongError(Exception):
    """What is not as it must be, in a sentence."""


def must(holds: object, sentence: str) -> None:
    """Goes on only when it holds."""
    if not holds:
        raise WrongError(sentence)


def until(holds: Callable[[], object], sentence: str, patience: float = PATIENCE) -> None:
    """Waits for what happens in another process."""
    end = time.monotonic() + patience
    while not holds():
        must(time.monotonic() < end, f"{sentence} within {patience:.0f} seconds.")
        time.sleep(POLL)


@contextmanager
def step(name: str) -> Iterator[list[str]]:
    """One line: how long it took, what was done, and what the block says came out."""
    said: list[str] = []
    began = time.monotonic()
    yield said
    print(f"{time.monotonic() - began:6.2f} s  {name}{': ' if said else ''}{', '.join(said)}", flush=True)
