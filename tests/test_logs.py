"""What is written to the log, and what never is."""

import io
import json
import logging

import pytest
import structlog

from vibevariant.logs import configure_logs
from vibevariant.settings import load_settings

TOKEN = "vv_sk_c2VjcmV0LXNlY3JldA"
LINK = "c2VjcmV0-bGluay1vZi10aGUtZmlyc3QtcnVu_x"


@pytest.fixture
def written():
    """Starts a log and hands over what is written to it; the log of the test run comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def start(**flags) -> io.StringIO:
        stream = io.StringIO()
        configure_logs(load_settings(**flags), stream)
        return stream

    yield start
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_json_object_with_time_level_and_request(written):
    stream = written()
    structlog.contextvars.bind_contextvars(request_id="01J")
    structlog.get_logger().info("Stored events.", count=3)
    line = json.loads(stream.getvalue())
    assert list(line)[:4] == ["timestamp", "level", "event", "request_id"]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["event"], line["request_id"], line["count"]) == (
        "info",
        "Stored events.",
        "01J",
        3,
    )


def test_what_libraries_say_comes_in_the_same_form(written):
    stream = written()
    logging.getLogger("sanic.error").error("It broke: %s", "here", extra={"request_id": "01J"})
    logging.getLogger("apscheduler.executors.default").warning("late")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["level"], first["request_id"]) == ("It broke: here", "error", "01J")
    assert second["event"] == "late"


def test_the_chatter_of_libraries_stays_out(written):
    stream = written(log_level="DEBUG")
    logging.getLogger("apscheduler.scheduler").info("tick")
    logging.getLogger("apscheduler.scheduler").warning("skipped: maximum number of running instances reached")
    logging.getLogger("sanic.root").info("Starting worker")
    logging.getLogger("sanic.error").warning("Sanic is running in PRODUCTION mode. Consider using '--debug'")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_no_secret_is_written(written, log_format):
    stream = written(log_format=log_format)
    log = structlog.get_logger()
    log.info(f"came with {TOKEN}", headers={"Authorization": "Bearer abc.def", "x": [TOKEN, (TOKEN,)]})  # noqa: G004
    log.info(
        "in", password="hunter2", api_key=b"hunter2", path="/setup?token=hunter2&x=1", cookie="s=hunter2"
    )
    log.info("mangled", route=f"none: /#/setup/{LINK}")
    logging.getLogger("sanic.error").warning("GET /?key=%s", TOKEN)
    try:
        raise ValueError(f"bad token {TOKEN}")
    except ValueError:
        log.exception("failed")
    text = stream.getvalue()
    for secret in (TOKEN[6:], LINK, "hunter2", "abc.def"):
        assert secret not in text
    assert text.count("redacted") >= 8
    assert "bad token vv_sk_[redacted]" in text


def test_a_path_that_only_looks_like_a_link_stays_readable(written):
    stream = written()
    structlog.get_logger().info("Answered.", route="/api/v1/setup/check")
    assert json.loads(stream.getvalue())["route"] == "/api/v1/setup/check"


def test_a_count_of_tokens_is_no_secret(written):
    stream = written()
    structlog.get_logger().info("made", tokens=3)
    assert json.loads(stream.getvalue())["tokens"] == 3


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize(
    "nasty", ["a\nb", "a\r\nb", "\x1b[2Ja", "a\x00b", "a\u2028b", "a\x9bb", "\ud800", "a\x85b"]
)
def test_one_event_is_one_line_without_control_characters(written, log_format, nasty):
    stream = written(log_format=log_format)
    structlog.get_logger().info(nasty, visitor=nasty, more={"x": nasty})
    text = stream.getvalue()
    assert len(text.splitlines()) == 1
    assert text.rstrip("\n").isprintable()
    text.encode()


def test_numbers_that_json_lacks_become_text(written):
    stream = written()
    structlog.get_logger().info("odd", rate=float("nan"))
    assert json.loads(stream.getvalue(), parse_constant=pytest.fail)["rate"] == "nan"


def test_a_level_keeps_the_lesser_lines_out(written):
    stream = written(log_level="WARNING")
    structlog.get_logger().info("small")
    structlog.get_logger().warning("great")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["great"]


def test_a_trace_in_text_keeps_its_lines_and_loses_its_control_characters(written):
    stream = written(log_format="text")
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert len(stream.getvalue().splitlines()) > 3
    assert "\x1b" not in stream.getvalue()
