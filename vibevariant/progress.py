"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

STEPS = 10
"""Plain lines for the whole of a work, where there is no terminal."""


class Advance(Protocol):
    """Says that so many more pieces are done."""

    def __call__(self, pieces: int, /) -> None: ...


@contextmanager
def progress(label: str, total: int, *, quiet: bool = False) -> Iterator[Advance]:
    """Shows how far a work is, on standard error, so that standard output stays what was asked for."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with click.progressbar(length=total, label=label, file=sys.stderr, update_min_steps=50) as bar:
            yield bar.update
    else:
        done = told = 0

        def advance(pieces: int) -> None:
            nonlocal done, told
            done += pieces
            step = done * STEPS // max(total, 1)
            if step > told:
                told = step
                click.echo(f"{label}: {done:,} of {total:,}", err=True)

        yield advance
