"""Signing in and out."""

import asyncio

import pytest

PASSWORD = "correct horse battery"
SESSION = "/api/v1/session"


@pytest.fixture
async def known(site):
    await site.manage("PUT", "/account", {"email": "Me@Site.example", "password": PASSWORD})
    return site


async def test_the_account_is_shown_without_any_hash(known):
    assert await known.manage("GET", "/account") == {
        "user": {"email": "me@site.example", "role": "owner"},
        "caller": "key",
    }


async def test_the_password_is_stored_as_argon2_only(known):
    rows = await known.context.database.reader.execute_fetchall("select password_hash from users")
    assert next(iter(rows))[0].startswith("$argon2id$")


async def test_signing_in_opens_a_session_and_signing_out_ends_it(known):
    answer = await known.call("POST", SESSION, {"email": " me@site.EXAMPLE ", "password": PASSWORD})
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert (await known.call("GET", "/api/v1/projects", cookie=cookie)).status == 200
    out = await known.call("DELETE", SESSION, cookie=cookie)
    assert out.status == 204
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert (await known.call("GET", "/api/v1/projects", cookie=cookie)).status == 401


@pytest.mark.parametrize(
    "given",
    [
        {"email": "me@site.example", "password": PASSWORD + "x"},
        {"email": "me@site.example", "password": ""},
        {"email": "other@site.example", "password": PASSWORD},
        {"email": "' or 1=1 --", "password": PASSWORD},
        {"email": "", "password": ""},
    ],
)
async def test_wrong_and_unknown_are_refused_alike(known, given):
    answer = await known.call("POST", SESSION, given)
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers
    assert answer.json["detail"] == "The e-mail address or the password is not right."


async def test_anybody_may_ask_whether_they_are_signed_in(fresh):
    nobody = {"signed_in": False, "has_owner": False, "user": None}
    assert (await fresh.call("GET", SESSION)).json == nobody
    link = fresh.context.setup_link.make(fresh.clock.now_ms())
    begun = await fresh.call("POST", "/api/v1/setup", {"token": link})
    cookie = begun.headers["Set-Cookie"].partition(";")[0]
    signed_in = await fresh.call("GET", SESSION, cookie=cookie)
    assert signed_in.json == {
        "signed_in": True, "has_owner": True, "user": {"email": None, "role": "owner"},
    }  # fmt: skip
    assert signed_in.headers["Cache-Control"] == "no-store"
    for headers in ({}, {"cookie": "vv_session=unknown"}, {"cookie": "vv_session="}):
        assert (await fresh.call("GET", SESSION, **headers)).json == {**nobody, "has_owner": True}
    fresh.clock.advance(days=30)
    assert (await fresh.call("GET", SESSION, cookie=cookie)).json == {**nobody, "has_owner": True}


async def test_an_owner_without_a_password_cannot_be_signed_in_with_one(site):
    assert (await site.call("POST", SESSION, {"email": "", "password": PASSWORD})).status == 401


async def test_another_site_cannot_sign_anybody_in_or_out(known):
    given = {"email": "me@site.example", "password": PASSWORD}
    for method in ("POST", "DELETE"):
        answer = await known.call(method, SESSION, given, sec_fetch_site="cross-site")
        assert answer.status == 403


async def test_guessing_at_speed_is_told_to_wait(known):
    given = {"email": "me@site.example", "password": "wrong password"}
    answers = await asyncio.gather(*(known.call("POST", SESSION, given) for _ in range(60)))
    statuses = {answer.status for answer in answers}
    assert statuses == {401, 503}
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 503)


@pytest.mark.parametrize(
    "body",
    [
        {"email": "me@site.example"},
        {"email": "me@site.example", "password": "too short"},
        {"email": "no address", "password": PASSWORD},
        {"email": "a b@c.example", "password": PASSWORD},
        {"email": None, "password": None},
    ],
)
async def test_bad_credentials_are_not_set(site, body):
    assert (await site.call("PUT", "/api/v1/account", body, by=site.key)).status == 400
    assert (await site.manage("GET", "/account"))["user"]["email"] is None
