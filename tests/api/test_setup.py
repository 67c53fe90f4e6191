"""The first run: one link, one owner."""

import asyncio
import re
from urllib.parse import urlencode

import pytest

SETUP = "/api/v1/setup"


def link(client):
    return client.context.setup_link.make(client.clock.now_ms())


def form(**fields):
    return urlencode(fields).encode()


async def test_without_the_link_nobody_becomes_the_owner(fresh):
    link(fresh)
    for token in ("", "guess", "x" * 200):
        answer = await fresh.call("POST", SETUP, {"token": token})
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
        assert "setup-link" in answer.json["hint"]
        assert (await fresh.call("POST", "/setup", raw=form(token=token))).status == 403
        assert (await fresh.call("GET", f"/setup?token={token}")).status == 403
    assert await fresh.count("users") == await fresh.count("projects") == 0


async def test_the_link_makes_owner_project_key_and_session(fresh):
    answer = await fresh.call("POST", SETUP, {"token": link(fresh)})
    assert answer.status == 200
    assert answer.json["user"] == {"email": None, "role": "owner"}
    assert answer.json["project"]["key"] == "my-site"
    assert answer.json["project"]["token"].startswith("vv_proj_")
    key = answer.json["secret_key"]
    assert (await fresh.call("GET", "/api/v1/projects", by=key)).status == 200
    cookie = answer.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Secure" not in cookie
    signed_in = await fresh.call("GET", "/api/v1/account", cookie=cookie.partition(";")[0])
    assert signed_in.json["caller"] == "session"


@pytest.mark.parametrize("headers", [{"x_forwarded_proto": "https"}])
async def test_over_https_the_cookie_is_secure(fresh, headers):
    answer = await fresh.call("POST", SETUP, {"token": link(fresh)}, **headers)
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_link_is_good_once_and_for_thirty_minutes(fresh):
    token = link(fresh)
    assert (await fresh.call("POST", SETUP, {"token": token})).status == 200
    assert (await fresh.call("POST", SETUP, {"token": token})).status == 403
    token = link(fresh)
    fresh.clock.advance(seconds=30 * 60)
    assert (await fresh.call("POST", SETUP, {"token": token})).status == 403


async def test_fifty_at_once_make_one_owner(fresh):
    token = link(fresh)
    answers = await asyncio.gather(*(fresh.call("POST", SETUP, {"token": token}) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [200] + [403] * 49
    assert [await fresh.count(table) for table in ("users", "projects", "secret_keys", "sessions")] == [
        1,
        1,
        1,
        1,
    ]


async def test_a_second_link_signs_the_owner_in(site):
    answer = await site.call(
        "POST", SETUP, {"token": link(site), "email": "me@site.example", "password": "long enough"}
    )
    assert answer.json["project"]["key"] == "site"
    assert answer.json["user"]["email"] == "me@site.example"
    assert await site.count("users") == await site.count("projects") == 1
    session = {"email": "ME@site.example", "password": "long enough"}
    assert (await site.call("POST", "/api/v1/session", session)).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "me@site.example"},
        {"password": "long enough"},
        {"email": "me@site.example", "password": "short"},
        {"email": "me@site.example", "password": "x" * 1025},
        {"email": "no address", "password": "long enough"},
        {"email": "a@b", "password": "long enough"},
        {"project": "No Key"},
        {"tokn": 1},
    ],
)
async def test_what_is_wrong_does_not_use_the_link_up(fresh, wrong):
    token = link(fresh)
    assert (await fresh.call("POST", SETUP, {"token": token, **wrong})).status == 400
    assert await fresh.count("users") == 0
    assert (await fresh.call("POST", SETUP, {"token": token})).status == 200


async def test_the_page_has_one_button_and_uses_nothing_up(fresh):
    token = link(fresh)
    for _ in range(2):
        page = await fresh.call("GET", f"/setup?token={token}")
        assert page.status == 200
        assert page.text.count("<button") == 1
        assert "<script" not in page.text
        assert 'name="viewport"' in page.text
        assert "prefers-color-scheme: dark" in page.text
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.text)
    assert (await fresh.call("HEAD", f"/setup?token={token}")).status == 200
    assert await fresh.count("users") == 0


async def test_the_button_shows_token_key_and_a_first_experiment(fresh):
    page = await fresh.call(
        "POST", "/setup", raw=form(token=link(fresh), email="", password=""), sec_fetch_site="same-origin"
    )
    assert page.status == 200
    key = re.search(r"vv_sk_[\w-]+", page.text)[0]
    token = re.search(r"vv_proj_[\w-]+", page.text)[0]
    assert (await fresh.call("GET", "/api/v1/experiments", by=key)).status == 200
    assert (await fresh.call("POST", "/api/v1/assign", {"visitor_id": "v"}, by=token)).status == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "vv_session=" in page.headers["Set-Cookie"]
    assert "/docs" in page.text


async def test_what_is_wrong_in_the_form_is_said_on_the_page(fresh):
    token = link(fresh)
    page = await fresh.call("POST", "/setup", raw=form(token=token, email='"><script>', password="short"))
    assert page.status == 400
    assert 'role="alert"' in page.text
    assert "<script" not in page.text
    for raw in (
        b"\xff",
        b"&".join(b"a=1" for _ in range(50)),
        b"token=" + token.encode() + b"&email=%FF&password=%FF",
    ):
        assert (await fresh.call("POST", "/setup", raw=raw)).status in (400, 403)
    assert (
        await fresh.call("POST", "/setup", raw=form(token=token), sec_fetch_site="cross-site")
    ).status == 403
    assert await fresh.count("users") == 0


async def test_an_old_link_says_how_to_get_a_new_one(fresh):
    page = await fresh.call("GET", "/setup?token=old")
    assert page.status == 403
    assert "vibevariant setup-link" in page.text
