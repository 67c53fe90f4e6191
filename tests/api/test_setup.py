"""The first run: one link, one owner."""

import asyncio

import pytest

SETUP = "/api/v1/setup"
CHECK = "/api/v1/setup/check"


def link(client):
    return client.context.setup_link.make(client.clock.now_ms())


async def test_without_the_link_nobody_becomes_the_owner(fresh):
    link(fresh)
    for token in ("", "guess", "x" * 200):
        answer = await fresh.call("POST", SETUP, {"token": token})
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
        assert "setup-link" in answer.json["hint"]
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


async def test_whoever_wants_no_key_is_signed_in_without_one(site):
    keys = await site.count("secret_keys")
    answer = await site.call("POST", SETUP, {"token": link(site), "make_key": False})
    assert answer.json["secret_key"] is None
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert (await site.call("GET", "/api/v1/account", by="", cookie=cookie)).json["caller"] == "session"
    assert await site.count("secret_keys") == keys


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


async def check(client, token):
    answer = await client.call("POST", CHECK, {"token": token})
    assert answer.status == 200
    return answer.json["good"], answer.json["first_run"]


async def test_looking_at_a_link_says_what_it_would_do_and_uses_nothing_up(fresh):
    token = link(fresh)
    for _ in range(3):
        assert await check(fresh, token) == (True, True)
    assert [await fresh.count(table) for table in ("users", "sessions", "secret_keys")] == [0, 0, 0]
    assert (await fresh.call("POST", SETUP, {"token": token})).status == 200
    assert await check(fresh, token) == (False, False)
    assert await check(fresh, link(fresh)) == (True, False)


async def test_a_link_that_is_not_good_says_so_to_whoever_looks(fresh):
    assert await check(fresh, "") == (False, True)  # there is no link at all yet
    old = link(fresh)
    token = link(fresh)
    for wrong in ("", "guess", "x" * 200, old, token[:-1], token + "x", token.swapcase()):
        assert await check(fresh, wrong) == (False, True)
    fresh.clock.advance(seconds=30 * 60 - 1)
    assert await check(fresh, token) == (True, True)
    fresh.clock.advance(seconds=1)
    assert await check(fresh, token) == (False, True)


async def test_guessing_is_hopeless_and_ends_nothing(fresh):
    token = link(fresh)
    assert len(token) * 6 >= 256  # each letter of base64 is 6 bits
    guesses = [token[:-1] + letter for letter in "abcdefghij" if letter != token[-1]]
    answers = await asyncio.gather(*(check(fresh, guess) for guess in guesses))
    # The last letter of 43 carries 4 bits, so that another one could spell the same bytes: the text itself counts.
    assert set(answers) == {(False, True)}
    assert await check(fresh, token) == (True, True)


@pytest.mark.parametrize("body", [{}, {"token": 1}, {"token": "x" * 201}, {"token": "t", "project": "a"}])
async def test_looking_takes_a_token_and_nothing_else(fresh, body):
    assert (await fresh.call("POST", CHECK, body)).status == 400


async def test_another_site_cannot_use_the_link_and_it_stays_good(fresh):
    token = link(fresh)
    for headers in ({"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}):
        answer = await fresh.call("POST", SETUP, {"token": token}, **headers)
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
        assert "Set-Cookie" not in answer.headers
    assert await fresh.count("users") == 0
    assert (await fresh.call("POST", SETUP, {"token": token}, sec_fetch_site="same-origin")).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_there_is_no_page_of_its_own_any_more(fresh, method):
    assert (await fresh.call(method, f"/setup?token={link(fresh)}")).status == 404
