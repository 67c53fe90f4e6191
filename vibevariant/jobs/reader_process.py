"""The process that reads many experiments: it answers one question after the other, and ends with the appliance."""

from __future__ import annotations

import signal
import traceback
from multiprocessing.connection import Connection
from typing import Any


class CannotBeRead(Exception):
    """What went wrong with a question, in words: not every exception can be sent from one process to another."""


def serve(pipe: Connection[Any, Any]) -> None:
    """Answers until the other end is closed, which the kernel does for an appliance that was killed.

    A signal to a whole group means the appliance, which may still want the answer under way.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    from vibevariant.jobs.reading import answer  # heavy; first the signals

    try:
        pipe.send(None)  # ready
        while True:
            number, question = pipe.recv()
            try:
                said: Any = answer(question)
            except Exception as fault:  # noqa: BLE001 - it belongs to whoever asked
                said = CannotBeRead(f"{type(fault).__name__}: {fault}")
                said.add_note(traceback.format_exc())
            pipe.send((number, said))
    except (EOFError, OSError):
        return
