"""The log: one line an event, JSON for programs or plain text for a person, and never a secret in it.

What Sanic and APScheduler say through the standard library comes out in the same form.
"""

import logging
import math
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from vibevariant.settings import Settings

SECRET_VALUE = re.compile(r"\b(vv_(?:sk|proj|setup|session)_)[A-Za-z0-9_\-.~+/=]+")
SECRET_IN_URL = re.compile(r"([?&#](?:token|key|secret)=)[^&\s\"']+")
SECRET_IN_PATH = re.compile(r"(/setup/)[\w-]{20,}")
"""The one-time link keeps its token behind a #, which some mail programs turn into a part of the path."""

SECRET_KEY = re.compile(r"token|password|authorization|secret|cookie|api_?key", re.IGNORECASE)
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Control characters: they could fake a second line, or speak to the terminal of whoever reads along."""

SANIC_ADVICE = "Sanic is running in PRODUCTION mode"
DEPTH = 8
"""Deeper than this, nothing that is logged is worth reading."""


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Sends every log line of this process to `stream` (standard error when not given)."""
    stream = stream or sys.stderr
    text = settings.log_format == "text" or (settings.log_format == "auto" and stream.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level]
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                *(_as_text(stream) if text else _as_json()),
            ],
        )
    )
    handler.addFilter(_is_for_us)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("sanic.root", "sanic.error", "sanic.access", "sanic.server", "sanic.websockets"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    # They tell of every connection and every tick; ours tell of what happened.
    for name in ("sanic.access", "sanic.root", "sanic.server", "apscheduler", "asyncio", "aiosqlite"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # A tick that comes while the last one still runs is left out, as it should be; that needs no warning.
    logging.getLogger("apscheduler.scheduler").setLevel(max(level, logging.ERROR))


def without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Takes tokens and passwords out, wherever in the event they are."""
    del logger, method
    return {key: _clean(key, value, DEPTH) for key, value in event.items()}


def _clean(key: str, value: Any, depth: int) -> Any:
    # A number or a flag under such a name ("tokens": 3) is a count and no secret.
    if SECRET_KEY.search(key) and not isinstance(value, bool | int | float | None):
        return "[redacted]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no NaN
    if isinstance(value, bool | int | float | None):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {str(k): _clean(str(k), v, depth - 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", v, depth - 1) for v in value]
    text = value if isinstance(value, str) else str(value)
    for secret in (SECRET_VALUE, SECRET_IN_URL, SECRET_IN_PATH):
        text = secret.sub(r"\1[redacted]", text)
    return text


def _as_json() -> tuple[Processor, ...]:
    """ASCII only: a lone surrogate cannot break the stream, and no sign can pass for a line's end."""
    return (_head_first, structlog.processors.JSONRenderer(ensure_ascii=True))


def _as_text(stream: TextIO) -> tuple[Processor, ...]:
    return (_printable, structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0))


def _head_first(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """When, how bad and what, in this order, and then the rest: a line is read from the left."""
    del logger, method
    head = {key: event.pop(key) for key in ("timestamp", "level", "event", "request_id") if key in event}
    return {**head, **event}


def _printable(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Shows control characters instead of sending them. A trace keeps its lines."""
    del logger, method
    trace = event.pop("exception", None)
    shown = {key: _escaped(value) for key, value in event.items()}
    return (
        shown if trace is None else {**shown, "exception": "\n".join(map(_escaped, str(trace).split("\n")))}
    )


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        value = value.encode("utf-8", "backslashreplace").decode()
        return UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", value)
    return value if isinstance(value, bool | int | float | None) else _escaped(repr(value))


def _is_for_us(record: logging.LogRecord) -> bool:
    """Sanic's advice to use its own --debug flag is about a command line that we do not have."""
    return SANIC_ADVICE not in str(record.msg)
