"""Robots are counted and take part in nothing; a visitor's device is the browser's word, else the server's."""

import uuid

import pytest

from tests.experiments.user_agents import USER_AGENTS

ROBOT = next(user_agent for kind, user_agent in USER_AGENTS if kind == "robot")
PHONE = next(user_agent for kind, user_agent in USER_AGENTS if kind == "mobile")
MAC = next(user_agent for kind, user_agent in USER_AGENTS if kind == "desktop" and "Macintosh" in user_agent)
NOBODY = [
    {"user_agent": ROBOT},
    {"sec_purpose": "prefetch;prerender", "user_agent": PHONE},
    {"purpose": "prefetch"},
]
KEPT = ("visitors", "assignments", "events", "tallies", "conversions")


async def ask(site, path, body=None, by=None, method="POST", **headers):
    answer = await site.call(method, f"/api/v1{path}", body, by=by or site.token, **headers)
    assert answer.status in (200, 202), answer.text
    return answer.json


async def arrived(site):
    rows = await site.context.database.reader.execute_fetchall(
        "select hour, counted, robots, duplicates from arrivals order by hour"
    )
    return [tuple(row) for row in rows]


async def segments(site):
    rows = await site.context.database.reader.execute_fetchall(
        "select v.visitor, a.segment from assignments a join visitors v on v.id = a.visitor_id"
    )
    return dict(map(tuple, rows))


@pytest.mark.parametrize("nobody", NOBODY)
async def test_a_robot_gets_the_control_at_every_door_and_leaves_nothing_but_a_count(site, nobody):
    await site.experiment()
    hour = site.clock.now_ms() // 3_600_000
    assert await ask(site, "/assign", {"visitor_id": "v", "expose": True}, **nobody) == {
        "visitor_id": "v", "assignments": {}, "excluded": {"hero": "robot"},
    }  # fmt: skip
    for method, path, body in (
        ("POST", "/tracker/assign", {"visitor_id": "v", "experiment": "hero"}),
        ("POST", "/experiments/hero/assign", {"visitor_id": "v"}),
        ("GET", "/experiments/hero/assignment/v", None),
    ):
        given = await ask(site, path, body, method=method, **nobody)
        assert (given["arm"], given["allocation"], given["excluded"]) == ("control", None, "robot")
    once = {"visitor_id": "v", "name": "signup", "id": str(uuid.uuid4())}
    shown = {"visitor_id": "v", "name": "$exposure", "experiment": "hero"}
    sent = {"events": [once, once, shown, {"visitor_id": "v", "name": "$own"}]}
    answer = await ask(site, "/events", sent, **nobody)
    assert (answer["accepted"], answer["duplicates"], len(answer["rejected"])) == (3, 0, 1)
    converted = await ask(site, "/tracker/convert", {"visitor_id": "v", "experiment": "hero"}, **nobody)
    assert converted == {"accepted": 1, "duplicates": 0, "goals": ["signup"]}
    assert [await site.count(table) for table in KEPT] == [0] * len(KEPT)
    assert await arrived(site) == [(hour, 0, 4 + 3 + 1, 0)]


async def test_a_robot_is_not_shown_what_a_visitor_of_the_same_id_got(site):
    await site.experiment()
    await ask(site, "/assign", {"visitor_id": "v", "expose": True}, user_agent=PHONE)
    answer = await ask(site, "/assign", {"visitor_id": "v", "expose": True}, user_agent=ROBOT)
    assert answer["excluded"] == {"hero": "robot"}


async def test_a_robot_sees_what_everyone_is_shown_in_the_end(site):
    await site.experiment()
    await site.manage("POST", "/experiments/hero/complete", {"winner": "bold"})
    answer = await ask(site, "/assign", {"visitor_id": "v"}, user_agent=ROBOT)
    assert answer["assignments"]["hero"]["arm"] == "bold"
    assert await site.count("assignments") == 0


async def test_a_server_is_never_judged_by_what_it_calls_itself(site):
    await site.experiment()
    for headers in NOBODY:
        body = {"visitor_id": "v", "expose": True, "attributes": {"device": "tablet"}}
        answer = await ask(site, "/assign", body, by=site.key, **headers)
        assert list(answer["assignments"]) == ["hero"]
        sent = await ask(site, "/events", {"visitor_id": "v", "name": "signup"}, by=site.key, **headers)
        assert sent["accepted"] == 1
    assert await segments(site) == {"v": "new/tablet"}
    assert await site.count("events") == len(NOBODY)


async def test_what_came_in_is_counted_once_and_what_came_again_as_that(site):
    await site.experiment()
    hour = site.clock.now_ms() // 3_600_000
    await ask(site, "/assign", {"visitor_id": "v"})
    for _ in range(2):
        await ask(site, "/assign", {"visitor_id": "v", "expose": True})
    once = {"visitor_id": "v", "name": "signup", "id": str(uuid.uuid4())}
    for _ in range(3):
        await ask(site, "/events", once)
    assert await arrived(site) == [(hour, 2, 0, 2)]


@pytest.mark.parametrize(
    ("headers", "attributes", "segment"),
    [
        ({"user_agent": PHONE}, {}, "new/mobile"),
        ({"user_agent": PHONE}, {"device": "desktop"}, "new/mobile"),
        ({"user_agent": MAC, "sec_ch_ua_mobile": "?0"}, {}, "new/desktop"),
        ({"sec_ch_ua_mobile": "?1"}, {}, "new/mobile"),
        ({"user_agent": "okhttp/4.12.0"}, {"device": "tablet"}, "new/tablet"),
        ({"user_agent": "okhttp/4.12.0"}, {"device": "watch"}, "new/unknown"),
    ],
)
async def test_the_device_is_the_browsers_word_else_the_sites(site, headers, attributes, segment):
    await site.experiment()
    await ask(site, "/assign", {"visitor_id": "v", "attributes": attributes}, **headers)
    assert await segments(site) == {"v": segment}


async def test_a_page_that_chose_by_itself_says_with_which_device(site):
    await site.experiment()
    shown = {"visitor_id": "v", "name": "$exposure", "experiment": "hero"}
    await ask(site, "/events", shown, user_agent=PHONE)
    told = {**shown, "visitor_id": "w", "properties": {"device": "desktop"}}
    await ask(site, "/events", told, by=site.key, user_agent=PHONE)
    assert await segments(site) == {"v": "new/mobile", "w": "new/desktop"}


async def test_who_was_here_half_an_hour_before_is_returning(site):
    await site.experiment()
    await ask(site, "/events", {"visitor_id": "v", "name": "other"}, user_agent=PHONE)
    await ask(site, "/events", {"visitor_id": "w", "name": "other"}, user_agent=MAC)
    site.clock.advance(seconds=30 * 60)
    await ask(site, "/assign", {"visitor_id": "v"}, user_agent=PHONE)
    site.clock.advance(ms=1)
    await ask(site, "/assign", {"visitor_id": "w"}, user_agent=MAC)
    assert await segments(site) == {"v": "new/mobile", "w": "returning/desktop"}
