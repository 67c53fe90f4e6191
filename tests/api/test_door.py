"""What happens to every request: its id, its headers, its line in the log."""

import io
import json
import logging
import random
import uuid

import pytest
import structlog

from tests.api.conftest import running, set_up
from vibevariant.api.routes import ROUTES
from vibevariant.logs import configure_logs

TOKEN_PATHS = sorted({p for route in ROUTES if route.access == "token" for p in (route.path, *route.aliases)})
OTHER_PATHS = sorted({p for route in ROUTES if route.access != "token" for p in (route.path, *route.aliases)})


def concrete(path):
    named = path.replace("{key}", "hero").replace("{user_id}", "v").replace("{prefix}", "p")
    return named.replace("{name}", "vibevariant.js")


async def test_a_request_id_comes_back_when_it_is_sane(fresh):
    assert (await fresh.call("GET", "/livez", x_request_id="trace-1:a.b_c")).headers[
        "X-Request-ID"
    ] == "trace-1:a.b_c"
    for strange in ("x" * 129, "a b", '"quoted"', "<script>", ""):
        made = (await fresh.call("GET", "/livez", x_request_id=strange)).headers["X-Request-ID"]
        assert uuid.UUID(made)


async def test_every_answer_is_held_to_its_type_and_its_site(site):
    for route in ROUTES:
        answer = await site.call(route.method, concrete(route.path))
        assert answer.headers["X-Content-Type-Options"] == "nosniff", route.path
        assert answer.headers["Referrer-Policy"] == "same-origin", route.path
        assert answer.headers["X-Request-ID"], route.path
        assert answer.headers.get("Cache-Control") or route.method != "GET", route.path
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", TOKEN_PATHS)
async def test_a_sites_doors_are_open_to_every_origin_and_never_with_cookies(site, path):
    preflight = await site.call(
        "OPTIONS", concrete(path), origin="https://site.example", access_control_request_method="POST",
        access_control_request_headers="authorization,content-type",
    )  # fmt: skip
    assert preflight.status == 204
    headers = preflight.headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "authorization, content-type" in headers["Access-Control-Allow-Headers"]
    assert headers["Access-Control-Max-Age"] == "86400"
    method = headers["Access-Control-Allow-Methods"].partition(",")[0]
    assert method in ("GET", "POST")
    refused = await site.call(method, concrete(path), origin="https://site.example")
    assert refused.status == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in {**headers, **refused.headers}


async def test_no_other_door_speaks_to_other_origins(site):
    for path in OTHER_PATHS:
        if path in TOKEN_PATHS or path == "/sdk/{name}":  # the SDK, which every site loads from here
            continue
        for method in ("GET", "OPTIONS"):
            answer = await site.call(method, concrete(path), origin="https://site.example", by=site.key)
            assert not [name for name in answer.headers if name.lower().startswith("access-control")], path


async def test_too_large_a_body_can_be_read_by_the_sites_page_too(site):
    answer = await site.call("POST", "/api/v1/events", raw=b"x" * 2_000_000, by=site.token)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (413, "*")


@pytest.fixture
async def logged(tmp_path, clock):
    """An appliance with its log, as JSON at the level DEBUG; the log of the test run comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    async with running(tmp_path, clock, log_level="DEBUG", log_format="json") as client:
        stream = io.StringIO()
        configure_logs(client.context.settings, stream)
        await set_up(client)
        await client.experiment()
        client.lines = lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
        client.log = stream
        yield client
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_every_request_has_one_line_with_id_route_time_and_caller(logged):
    await logged.call("GET", "/api/v1/experiments/hero", by=logged.key, x_request_id="one")
    await logged.call("POST", "/api/v1/assign", {"visitor_id": "v"}, by=logged.token, x_request_id="two")
    await logged.call("GET", "/api/v1/experiments", x_request_id="three")
    await logged.call("GET", "/nothing", x_request_id="four")
    told = {line["request_id"]: line for line in logged.lines() if line.get("event") == "Answered."}
    assert told["one"]["level"] == "info"
    assert told["one"]["route"] == "/api/v1/experiments/{key}"
    assert (told["one"]["method"], told["one"]["status"], told["one"]["caller"]) == ("GET", 200, "key")
    assert told["one"]["duration_ms"] > 0
    assert (told["two"]["level"], told["two"]["caller"]) == ("debug", "token")
    assert (told["three"]["status"], told["three"]["caller"]) == (401, None)
    assert told["four"]["status"] == 404


async def test_no_line_holds_a_secret_or_a_visitor(logged):
    await logged.call("GET", "/api/v1/experiments/hero/assignment/somebody-known", by=logged.token)
    await logged.call("POST", "/api/v1/assign", {"visitor_id": "somebody-known", "token": logged.token})
    link = logged.context.setup_link.make(logged.clock.now_ms())
    await logged.call("GET", f"/?token={link}")
    await logged.call("GET", f"/%23/setup/{link}")
    await logged.call("POST", "/api/v1/setup/check", {"token": link})
    await logged.call(
        "POST", "/api/v1/setup", {"token": link, "email": "a@b.example", "password": "hush hush hush"}
    )
    written = logged.log.getvalue()
    for secret in (logged.key, logged.token, link, "somebody-known", "hush hush"):
        assert secret not in written


GOOD = [
    ("/assign", {"visitor_id": "v", "attributes": {"a": 1}, "experiments": ["hero"], "expose": True}),
    ("/events", {"sent_at": 1, "events": [{"visitor_id": "v", "name": "signup", "at": 1, "value": 1.5, "properties": {}}]}),
    ("/events", {"visitor_id": "v", "name": "$exposure", "experiment": "hero", "id": str(uuid.uuid4())}),
    ("/tracker/assign", {"browser_id": "v", "experiment": "hero"}),
    ("/tracker/convert", {"browser_id": "v", "goal": "signup", "value": 2}),
    ("/experiments", {"key": "new", "arms": [{"key": "a", "weight": 50, "payload": [1]}, {"key": "b", "weight": 50}],
                      "goal": "signup", "targeting": [{"attribute": "a", "operator": "in", "value": [1]}]}),
    ("/experiments", {"key": "new", "type": "multi_element", "goals": [{"key": "g"}], "elements": [
        {"key": "e", "variants": [{"key": "a"}, {"key": "b"}]}, {"key": "f", "variants": [{"key": "a"}, {"key": "b"}]}]}),
    ("/experiments/hero/complete", {"winner": "bold"}),
    ("/projects", {"key": "other", "name": "Other"}),
    ("/keys", {"name": "server", "project": "site"}),
    ("/import", {"experiment": "old", "weights": {"control": 1, "bold": 1}, "visitors": [
        {"visitor_id": "v", "arm": "bold", "at": 1, "events": [{"name": "x", "at": 2}]}]}),
    ("/setup/check", {"token": "t"}),
    ("/setup", {"token": "t", "email": "a@b.example", "password": "long enough"}),
    ("/session", {"email": "a@b.example", "password": "long enough"}),
]  # fmt: skip
STRANGE = [
    None, True, False, 0, -1, 1.5, 1e308, -1e308, 10**30, float("nan"), float("inf"), "", " ", "x" * 2000, "\x00", "\n",
    "\ud800", "\U0001f600", "' or 1=1 --", "../../etc/passwd", "<script>", [], {}, [[]], [None], {"": None}, {"a": {"b": []}},
    list(range(600)), {str(n): n for n in range(200)},
]  # fmt: skip


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, key))


def spoiled(body, rng):
    """A good body with something strange in one place, or with a member too many or too few."""
    copy = json.loads(json.dumps(body))
    path = rng.choice(list(places(copy)))
    if not path:
        return rng.choice(STRANGE)
    home = copy
    for step in path[:-1]:
        home = home[step]
    if isinstance(home, dict) and rng.random() < 0.2:
        value = home.pop(path[-1])
        if rng.random() < 0.5:
            home[f"{path[-1]}x"] = value
    else:
        home[path[-1]] = rng.choice(STRANGE)
    return copy


async def test_no_body_however_strange_is_a_fault_of_ours(site):
    await site.experiment()
    await site.experiment("old", source="imported", start=False)
    rng = random.Random(7)
    for round_ in range(40):
        for path, body in GOOD:
            strange = spoiled(body, rng)
            raw = json.dumps(strange, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
            answer = await site.call("POST", f"/api/v1{path}", raw=raw, by=site.key)
            assert answer.status < 500, (round_, path, raw)
            if answer.status >= 400:
                assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"null", b'""', b"\xff\xfe", b'{"key": "\xff"}', b'{"visitor_id": "\\ud800"}',
        b'{"value": NaN}', b'{"value": 1e400}', b"[" * 10_000, b'{"a":' * 10_000, b"\x00" * 100, b"x" * 100_000,
    ],
)  # fmt: skip
async def test_what_is_not_even_json_is_refused_everywhere(site, raw):
    await site.experiment()
    for route in ROUTES:
        if route.request is None or (route.path.endswith("/complete") and not raw):
            continue
        answer = await site.call(route.method, concrete(route.path), raw=raw, by=site.key)
        assert answer.status == 400, (route.path, answer.text)
        assert answer.json["errors"]
