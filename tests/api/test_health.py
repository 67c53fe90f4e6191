"""Whether the appliance can do its work."""

import pytest

from vibevariant.reports import ExamplesReport, JobReport

PATHS = ["/health", "/api/health", "/api/v1/health"]


@pytest.mark.parametrize("path", PATHS)
async def test_health_passes_with_its_figures(fresh, path):
    fresh.clock.advance(seconds=90)
    answer = await fresh.call("GET", path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/health+json"
    health = answer.json
    assert health["status"] == "pass"
    assert health["service"] == "vibevariant"
    assert health["version"]
    assert health["uptime_seconds"] == 90
    checks = health["checks"]
    assert checks["database:connectivity"][0]["observedUnit"] == "ms"
    assert checks["database:size"][0]["observedValue"] > 10_000
    assert checks["disk:free"][0]["observedValue"] > 0
    assert checks["memory:rss"][0]["observedValue"] > 10_000_000
    assert checks["queue:waiting"][0]["observedValue"] == 0
    assert checks["jobs:refresh"][0]["status"] == "pass"
    assert checks["examples"][0]["observedValue"] == "absent"


async def test_health_fails_when_the_database_does(fresh, monkeypatch):
    async def broken():
        raise OSError("secret inside")

    monkeypatch.setattr(fresh.context.database, "ping", broken)
    answer = await fresh.call("GET", "/health")
    assert (answer.status, answer.json["status"]) == (503, "fail")
    assert "secret inside" not in answer.text
    assert (await fresh.call("GET", "/livez")).status == 200


async def test_health_fails_while_it_stops(fresh):
    fresh.app.state.is_stopping = True
    answer = await fresh.call("GET", "/health")
    assert (answer.status, answer.json["status"]) == (503, "fail")


async def test_a_job_that_failed_is_a_warning_without_its_inside(fresh):
    fresh.context.jobs = lambda: {"refresh": JobReport(1_700_000_000_000, 12.5, "secret inside", 3)}
    answer = await fresh.call("GET", "/health")
    assert (answer.status, answer.json["status"]) == (200, "warn")
    refresh = answer.json["checks"]["jobs:refresh"][0]
    assert (refresh["observedValue"], refresh["time"]) == (12.5, 1_700_000_000_000)
    assert "secret inside" not in answer.text


async def test_the_examples_show_how_far_they_are(fresh):
    fresh.context.examples = lambda: ExamplesReport("loading", 30, 100)
    checks = (await fresh.call("GET", "/health")).json["checks"]
    assert checks["examples"][0]["observedValue"] == "loading 30/100"


async def test_it_can_be_asked_without_a_body(fresh):
    answer = await fresh.call("HEAD", "/health")
    assert (answer.status, answer.body) == (200, b"")
