"""How a verb that waits for something is run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

import click


def run_to_end(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine; Ctrl-C ends it without a traceback."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(130)
