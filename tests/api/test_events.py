"""What a site saw is taken once, and what is wrong with it is named."""

import asyncio
import uuid

import pytest

from vibevariant.api.events import OLDEST, new_event_id

DAY = 86_400_000


def event(**settings):
    return {"visitor_id": "v", "name": "signup", **settings}


async def stored(site, columns="name, at, value"):
    rows = await site.context.database.reader.execute_fetchall(
        f"select {columns} from events order by received_at, id"
    )
    return [tuple(row) for row in rows]


async def test_nobody_sends_events_without_a_token(site):
    for body in (event(), {"events": [event()]}):
        assert (await site.call("POST", "/api/v1/events", body)).status == 401
    assert await stored(site) == []


async def test_one_event_is_stored_before_the_answer(site):
    now = site.clock.now_ms()
    answer = await site.visit("POST", "/events", event(value=12.5, properties={"page": "/"}), 202)
    assert answer == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert await stored(site, "name, at, value, properties") == [("signup", now, 12_500_000, '{"page": "/"}')]


async def test_a_batch_is_stored_in_one_go(site):
    answer = await site.visit(
        "POST", "/events", {"events": [event(id=str(uuid.uuid4())) for _ in range(500)]}, 202
    )
    assert answer == {"accepted": 500, "duplicates": 0, "rejected": []}
    assert len(await stored(site)) == 500


async def test_a_beacon_needs_neither_header_nor_preflight(site):
    answer = await site.call(
        "POST", "/api/v1/events", {"token": site.token, "events": [event()]}, content_type="text/plain;charset=UTF-8",
        origin="https://site.example",
    )  # fmt: skip
    assert answer.status == 202
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_an_event_that_comes_again_changes_nothing(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    once = event(id=str(uuid.uuid4()))
    assert (await site.visit("POST", "/events", once, 202))["accepted"] == 1
    answer = await site.visit("POST", "/events", {"events": [once, {**once, "id": once["id"].upper()}]}, 202)
    assert answer == {"accepted": 0, "duplicates": 2, "rejected": []}
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["conversions"] == 1


async def test_fifty_of_one_event_at_once_are_one(site):
    body = event(id=str(uuid.uuid4()))
    calls = [site.call("POST", "/api/v1/events", body, by=site.token) for _ in range(50)]
    answers = [answer.json for answer in await asyncio.gather(*calls)]
    assert sum(answer["accepted"] for answer in answers) == 1
    assert sum(answer["duplicates"] for answer in answers) == 49


async def test_what_is_good_in_a_batch_is_kept_and_what_is_not_is_named(site):
    await site.experiment("old", start=False, source="imported")
    batch = [
        event(),
        event(visitor_id=""),
        event(name="$exposure"),
        event(name="$exposure", experiment="nobody-knows"),
        event(name="$exposure", experiment="old"),
        event(name="$identify"),
        event(value=1e10),
        event(id="not-a-uuid"),
        event(at="yesterday"),
        event(properties={"a": {"b": 1}}),
        event(properties={str(n): n for n in range(33)}),
        event(properties={"long": "x" * 9000}),
        event(colour="red"),
        event(name="x" * 65),
        event(name="two\nlines"),
        event(value=True),
        "no event",
        None,
        event(name="last"),
    ]
    answer = await site.visit("POST", "/events", {"events": batch}, 202)
    assert answer["accepted"] == 2
    assert [rejected["index"] for rejected in answer["rejected"]] == list(range(1, 18))
    codes = {rejected["index"]: rejected["code"] for rejected in answer["rejected"]}
    assert codes[2] == codes[3] == "unknown_experiment"
    assert codes[4] == "imported_experiment"
    assert codes[5] == "reserved_name"
    assert {codes[index] for index in (1, *range(6, 18))} == {"invalid_input"}
    details = {rejected["index"]: rejected["detail"] for rejected in answer["rejected"]}
    assert details[6].startswith("`value`")
    assert details[9].startswith("`properties.a`")
    assert "8192 bytes" in details[11]
    assert [name for name, *_ in await stored(site)] == ["signup", "last"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"visitor_id": "v", "name": "x", "value": NaN}',
        b'{"visitor_id": "v", "name": "x", "value": 1e400}',
        b'{"visitor_id": "v", "name": "x", "value": ' + b"9" * 400 + b"}",
        b'{"visitor_id": "\\ud83d", "name": "x"}',
        b'{"visitor_id": "v", "name": "$secret"}',
        b'{"visitor_id": "v", "name": "events", "value": "1"}',
        b'{"events": []}',
        b'{"events": {}}',
        b'{"events": [{"visitor_id": "v", "name": "x", "value": NaN}]',
        b'{"events": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"sent_at": "now", "events": [{"visitor_id": "v", "name": "x"}]}',
        b'{"event": {"visitor_id": "v", "name": "x"}}',
        b"[]",
        b"",
    ],
)
async def test_a_bad_body_is_refused_whole(site, raw):
    answer = await site.call("POST", "/api/v1/events", raw=raw, by=site.token)
    assert answer.status == 400
    assert answer.json["errors"]
    assert await stored(site) == []


@pytest.mark.parametrize("number", [b"NaN", b"1e400", b"-Infinity"])
async def test_a_number_that_is_none_rejects_its_event_alone(site, number):
    raw = (
        b'{"events": [{"visitor_id": "v", "name": "x", "value": %b}, {"visitor_id": "v", "name": "y"}]}'
        % number
    )
    answer = await site.call("POST", "/api/v1/events", raw=raw, by=site.token)
    assert answer.status == 202
    assert [rejected["index"] for rejected in answer.json["rejected"]] == [0]


async def test_501_events_are_refused(site):
    answer = await site.call("POST", "/api/v1/events", {"events": [event()] * 501}, by=site.token)
    assert (answer.status, answer.json["field"]) == (400, "events")
    assert await stored(site) == []


@pytest.mark.parametrize(
    ("at", "sent_ago", "expected"),
    [
        (0, None, 0),
        (-5_000, None, -5_000),
        (60_000, None, 0),  # the future does not exist
        (400 * DAY, None, 0),
        (-365 * DAY, None, -OLDEST),
        (-8 * DAY, None, -OLDEST),
        (-7_200_000, 3_600_000, -3_600_000),  # a clock that is an hour slow
        (3_600_000, -7_200_000, -3_600_000),  # one that is two hours fast
        (0, 90_000, 0),
        (None, 90_000, 0),
    ],
)
async def test_times_are_corrected_by_the_senders_clock_and_held_to_a_week(site, at, sent_ago, expected):
    now = site.clock.now_ms()
    body = {"events": [event(**({} if at is None else {"at": now + at}))]}
    if sent_ago is not None:
        body["sent_at"] = now - sent_ago
    assert (await site.visit("POST", "/events", body, 202))["accepted"] == 1
    assert await stored(site, "at, received_at") == [(now + expected, now)]


async def test_an_exposure_that_comes_after_the_conversion_counts_it(site):
    await site.experiment()
    now = site.clock.now_ms()
    await site.visit("POST", "/assign", {"visitor_id": "v"})
    site.clock.advance(seconds=60)
    await site.visit("POST", "/events", event(at=now + 30_000), 202)
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["conversions"] == 0
    await site.visit("POST", "/events", event(name="$exposure", experiment="hero", at=now + 10_000), 202)
    summary = (await site.manage("GET", "/experiments/hero/results"))["summary"]
    assert (summary["exposed"], summary["conversions"]) == (1, 1)


async def test_the_second_conversion_does_not_count_and_its_value_does(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    for value in (1.5, 2.25):
        await site.visit("POST", "/events", event(value=value), 202)
    results = await site.manage("GET", "/experiments/hero/results")
    assert results["summary"]["conversions"] == 1
    arm = next(arm for arm in results["arms"] if arm["exposed"])
    assert (arm["primary_event_count"], arm["primary_unique_users"], arm["value"]) == (2, 1, 3.75)


async def test_an_ordinary_event_may_name_an_experiment_that_is_gone(site):
    assert (await site.visit("POST", "/events", event(experiment="gone"), 202))["accepted"] == 1


def test_made_ids_are_ordered_by_time_and_place():
    moments = [
        (1_700_000_000_000, 0),
        (1_700_000_000_000, 499),
        (1_700_000_000_001, 0),
        (1_800_000_000_000, 7),
    ]
    ids = [new_event_id(now, place) for now, place in moments]
    assert ids == sorted(ids)
    assert {uuid.UUID(made).version for made in ids} == {7}
    assert {uuid.UUID(made).variant for made in ids} == {uuid.RFC_4122}
