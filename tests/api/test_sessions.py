"""A browser's session: what opens with the cookie, and what another site cannot do with it."""

import pytest

from tests.api.conftest import running, set_up

V1 = "/api/v1"


async def session_of(client):
    link = client.context.setup_link.make(client.clock.now_ms())
    answer = await client.call("POST", f"{V1}/setup", {"token": link})
    return answer.headers["Set-Cookie"].partition(";")[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"sec_fetch_site": "same-origin"}, 201),
        ({"sec_fetch_site": "none"}, 201),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
async def test_another_site_cannot_write_with_our_cookie(site, headers, status):
    cookie = await session_of(site)
    answer = await site.call("POST", f"{V1}/projects", {"key": "made"}, cookie=cookie, **headers)
    assert answer.status == status
    assert (await site.call("GET", f"{V1}/projects", cookie=cookie, **headers)).status == 200


async def test_our_own_page_writes_with_its_cookie(site):
    cookie = await session_of(site)
    own = str(site.session._base_url).rstrip("/")
    assert (
        await site.call("POST", f"{V1}/projects", {"key": "made"}, cookie=cookie, origin=own)
    ).status == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin", "origin": "https://my.example"}, 201),
        ({"sec_fetch_site": "cross-site", "origin": "https://my.example"}, 403),
        ({"origin": "https://my.example"}, 201),  # a browser of old, which does not say where from
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
async def test_behind_a_proxy_that_adds_a_path_and_renames_the_host_the_same_holds(
    tmp_path, clock, headers, status
):
    async with running(tmp_path, clock, base_url="https://my.example/vv") as client:
        await set_up(client)
        cookie = await session_of(client)
        answer = await client.call(
            "POST", f"{V1}/projects", {"key": "made"}, cookie=cookie, host="inside:9000", **headers
        )
        assert answer.status == status


async def test_a_session_ends_after_its_days(site):
    cookie = await session_of(site)
    assert (await site.call("GET", f"{V1}/account", cookie=cookie)).json["caller"] == "session"
    site.clock.advance(days=30)
    assert (await site.call("GET", f"{V1}/account", cookie=cookie)).status == 401
