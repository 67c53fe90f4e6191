"""Whatever goes wrong is answered in one shape, and tells no more than it should."""

import asyncio
import inspect
import json

import pytest
from sanic.exceptions import MethodNotAllowed, PayloadTooLarge

from tests.api.conftest import running, set_up
from vibevariant import errors
from vibevariant.api.error_handler import answer, status_of
from vibevariant.errors import (
    Conflict,
    DiskFull,
    ExperimentGone,
    IllegalTransition,
    InvalidInput,
    KeyTaken,
    NotFound,
    Overloaded,
    StorageError,
    VibeVariantError,
)


def problem(fault, **options):
    response = answer(fault, "req-1", **options)
    assert response.content_type == "application/problem+json"
    return response, json.loads(response.body)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (InvalidInput("No."), 400, "invalid_input"),
        (errors.Unauthorized(), 401, "unauthorized"),
        (errors.Forbidden(), 403, "forbidden"),
        (NotFound(), 404, "not_found"),
        (ExperimentGone(), 404, "experiment_gone"),
        (Conflict(), 409, "conflict"),
        (IllegalTransition(legal=["start"]), 409, "illegal_transition"),
        (KeyTaken(), 409, "key_taken"),
        (Overloaded(retry_after=3), 503, "overloaded"),
        (DiskFull(), 503, "disk_full"),
        (StorageError(), 503, "storage_error"),
        (PayloadTooLarge("Too large"), 413, "too_large"),
        (MethodNotAllowed("No", "POST", {"GET"}), 405, "method_not_allowed"),
    ],
)
def test_each_error_has_its_number_and_code(fault, status, code):
    response, body = problem(fault)
    assert (response.status, body["status"], body["code"]) == (status, status, code)
    assert body["request_id"] == "req-1"
    assert {"type", "title", "detail"} <= body.keys()


def test_every_error_of_the_tree_has_a_number():
    kinds = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, VibeVariantError)
    ]
    assert len(kinds) > 10
    assert all(400 <= status_of(kind()) < 600 for kind in kinds)


def test_what_is_worth_trying_again_says_when():
    response, body = problem(Overloaded(retry_after=3))
    assert response.headers["Retry-After"] == "3"
    assert body["retry_after_seconds"] == 3
    assert problem(DiskFull())[0].headers["Retry-After"] == "30"


def test_a_field_becomes_a_pointer():
    _, body = problem(InvalidInput("Too much.", field="arms[1].weight", hint="Give less."))
    assert body["field"] == "arms[1].weight"
    assert body["errors"] == [{"pointer": "/arms/1/weight", "detail": "Too much."}]
    assert body["hint"] == "Give less."


def test_production_hides_what_is_inside():
    secret = "password of the database is hunter2"
    _, body = problem(RuntimeError(secret))
    assert body["status"] == 500
    assert body["code"] == "internal_error"
    assert "hunter2" not in json.dumps(body)
    assert "RuntimeError" not in json.dumps(body)


def test_development_shows_the_trace():
    try:
        raise RuntimeError("look here")
    except RuntimeError as fault:
        _, body = problem(fault, development=True)
    assert "RuntimeError: look here" in body["detail"]


def test_half_a_surrogate_pair_in_a_message_is_sent_escaped():
    assert problem(NotFound("There is no \ud800."))[1]["detail"] == "There is no \\ud800."


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/%00", 404),
        ("GET", "/" + "x" * 3000, 404),
        ("GET", "/api/v1/experiments/%ED%A0%80", 401),
        ("DELETE", "/health", 405),
        ("PUT", "/api/v1/assign", 405),
        ("POST", "/docs", 405),
    ],
)
async def test_paths_and_methods_nobody_knows_are_refused_in_the_same_shape(fresh, method, path, status):
    answer = await fresh.call(method, path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    if status == 405:
        assert answer.headers["Allow"]


async def test_a_body_of_ten_megabytes_is_refused(site):
    answer = await site.call(
        "POST", "/api/v1/events", raw=b"x" * 10_000_000, authorization=f"Bearer {site.token}"
    )
    assert answer.status == 413
    assert answer.json["code"] == "too_large"


@pytest.mark.parametrize("env", ["production", "development"])
async def test_a_fault_inside_is_answered_with_its_id(tmp_path, clock, monkeypatch, env):
    async with running(tmp_path, clock, env=env) as client:
        await set_up(client)

        async def broken(*_, **__):
            raise RuntimeError("the inside of it")

        monkeypatch.setattr(client.context.ledger, "record", broken)
        answer = await client.call(
            "POST", "/api/v1/events", {"visitor_id": "v", "name": "x"}, by=client.token
        )
        assert answer.status == 500
        assert answer.json["code"] == "internal_error"
        assert answer.json["request_id"]
        assert ("the inside of it" in answer.text) is (env == "development")


async def test_too_many_at_once_are_told_to_come_back_and_the_others_are_stored(tmp_path, clock):
    async with running(tmp_path, clock, queue_limit=1) as client:
        await set_up(client)
        body = {"visitor_id": "v", "name": "signup"}
        calls = (client.call("POST", "/api/v1/events", body, by=client.token) for _ in range(200))
        answers = await asyncio.gather(*calls)
        assert {answer.status for answer in answers} == {202, 503}
        for answer in answers:
            if answer.status == 503:
                assert answer.json["code"] == "overloaded"
                assert int(answer.headers["Retry-After"]) >= 1
        assert await client.count("events") == sum(answer.status == 202 for answer in answers)


async def test_a_full_disk_is_said_and_nothing_is_half_done(site):
    await site.experiment()
    writer = site.context.database._writer
    [(pages,)] = await writer.run(lambda c: c.execute_fetchall("pragma page_count"))
    await writer.run(lambda c: c.execute_fetchall(f"pragma max_page_count = {pages}"))
    event = {"visitor_id": "v", "name": "signup", "properties": {"filler": "x" * 7000}}
    answers = [await site.call("POST", "/api/v1/events", event, by=site.token) for _ in range(30)]
    full = [answer for answer in answers if answer.status != 202]
    assert full
    assert {(answer.status, answer.json["code"]) for answer in full} == {(503, "disk_full")}
    assert full[0].headers["Retry-After"]
    assert await site.count("events") == len(answers) - len(full)
    await writer.run(lambda c: c.execute_fetchall("pragma max_page_count = 1000000"))
    assert (await site.call("POST", "/api/v1/events", event, by=site.token)).status == 202
