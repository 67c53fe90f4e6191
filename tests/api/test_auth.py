"""Who may open which door."""

import pytest

from tests.api.conftest import running, set_up
from vibevariant.api.routes import ROUTES

V1 = "/api/v1"
ACCESS = {
    "token": {
        f"POST {V1}/assign",
        f"POST {V1}/events",
        f"POST {V1}/tracker/assign",
        f"POST {V1}/tracker/convert",
        "POST /tracker/assign",
        "POST /tracker/convert",
        f"POST {V1}/experiments/{{key}}/assign",
        f"POST {V1}/experiments/{{key}}/convert",
        "POST /api/experiments/{key}/assign",
        "POST /api/experiments/{key}/convert",
        f"GET {V1}/experiments/{{key}}/assignment/{{user_id}}",
    },
    "key": {
        f"GET {V1}/experiments",
        "GET /api/experiments",
        f"POST {V1}/experiments",
        "POST /api/experiments",
        f"GET {V1}/experiments/{{key}}",
        "GET /api/experiments/{key}",
        f"PATCH {V1}/experiments/{{key}}",
        f"DELETE {V1}/experiments/{{key}}",
        f"POST {V1}/experiments/{{key}}/start",
        f"POST {V1}/experiments/{{key}}/pause",
        f"POST {V1}/experiments/{{key}}/complete",
        f"POST {V1}/experiments/{{key}}/arms",
        f"POST {V1}/experiments/{{key}}/arms/{{arm}}/drop",
        f"POST {V1}/experiments/{{key}}/arms/{{arm}}/restore",
        f"GET {V1}/experiments/{{key}}/results",
        f"GET {V1}/experiments/{{key}}/analytics",
        "GET /api/experiments/{key}/analytics",
        f"GET {V1}/experiments/{{key}}/densities",
        f"GET {V1}/experiments/{{key}}/allocations",
        f"GET {V1}/experiments/{{key}}/decisions",
        f"POST {V1}/import",
        f"GET {V1}/projects",
        f"POST {V1}/projects",
        f"GET {V1}/projects/{{key}}",
        f"GET {V1}/projects/{{key}}/activity",
        f"DELETE {V1}/projects/{{key}}",
        f"GET {V1}/examples",
        f"POST {V1}/examples",
        f"DELETE {V1}/examples",
        f"GET {V1}/account",
        f"PUT {V1}/account",
        f"GET {V1}/keys",
        f"POST {V1}/keys",
        f"DELETE {V1}/keys/{{prefix}}",
    },
    "public": {
        f"POST {V1}/setup",
        f"POST {V1}/setup/check",
        f"GET {V1}/session",
        f"POST {V1}/session",
        f"DELETE {V1}/session",
        "GET /health",
        "GET /api/health",
        f"GET {V1}/health",
        "GET /livez",
        "GET /assets/{name}",
        "GET /sdk/{name}",
        "GET /icon.svg",
        "GET /docs",
        "GET /openapi.json",
        "GET /",
    },
}
"""Every path that this appliance answers. One that is missing here, or stands in the wrong set, fails below."""

BODIES = {
    "/assign": {"visitor_id": "v"},
    "/events": {"visitor_id": "v", "name": "signup"},
    "tracker/assign": {"browser_id": "v", "experiment": "hero"},
    "tracker/convert": {"browser_id": "v", "experiment": "hero"},
    "hero/assign": {"visitor_id": "v"},
    "hero/convert": {"visitor_id": "v"},
}


def classified(access):
    return sorted(ACCESS[access])


def concrete(path):
    for name, value in {
        "key": "hero",
        "user_id": "v",
        "prefix": "vv_sk_nothing",
        "name": "vibevariant.js",
    }.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def body_for(path):
    return next((BODIES[end] for end in sorted(BODIES, key=len, reverse=True) if path.endswith(end)), {})


def test_every_route_is_classified():
    found = {access: set() for access in ACCESS}
    for route in ROUTES:
        found[route.access] |= {f"{route.method} {path}" for path in (route.path, *route.aliases)}
    assert found == ACCESS


@pytest.fixture
async def two(tmp_path, clock):
    """Two projects; `hero` runs in the first one, and nothing in the second."""
    async with running(tmp_path, clock) as client:
        await set_up(client)
        await client.experiment()
        client.other = (await client.manage("POST", "/projects", {"key": "other"}, 201))["token"]
        yield client


async def statuses(client, routes, **credentials):
    """What each route answers, as the set of answers with the routes that gave them."""
    found = {}
    for route in routes:
        method, path = route.split(" ")
        answer = await client.call(method, concrete(path), body_for(concrete(path)), **credentials)
        assert answer.headers["Content-Type"] == "application/problem+json", route
        found.setdefault((answer.status, answer.json["code"]), []).append(route)
    return found


async def test_nobody_comes_in_without_credentials(two):
    routes = classified("token") + classified("key")
    assert await statuses(two, routes) == {(401, "unauthorized"): routes}


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
async def test_nobody_comes_in_with_unknown_credentials(two, scheme):
    routes = classified("token") + classified("key")
    unknown = ["vv_proj_unknown", "vv_sk_unknown", two.key[:-1], two.token + "x", "", "x" * 5000]
    for credential in unknown if scheme == "Bearer" else [two.key]:
        assert await statuses(two, routes, authorization=f"{scheme} {credential}") == {
            (401, "unauthorized"): routes
        }


async def test_nobody_comes_in_with_an_unknown_session(two):
    routes = classified("token") + classified("key")
    assert await statuses(two, routes, cookie="vv_session=unknown") == {(401, "unauthorized"): routes}


async def test_a_project_token_opens_no_management(two):
    routes = classified("key")
    for token in (two.token, two.other):
        assert await statuses(two, routes, by=token) == {(403, "forbidden"): routes}


@pytest.mark.parametrize("route", classified("token"))
async def test_a_project_token_opens_the_doors_of_its_site(two, route):
    method, path = route.split(" ")
    path = concrete(path)
    if method == "GET":
        assert (await two.call(method, path, by=two.token)).status == 200
    else:
        assert (await two.call(method, path, body_for(path), by=two.token)).status in (200, 202)
        in_body = await two.call(
            method, path, {**body_for(path), "token": two.token}, content_type="text/plain"
        )
        assert in_body.status in (200, 202)


@pytest.mark.parametrize("route", classified("token"))
async def test_another_projects_token_sees_nothing_of_it(two, route):
    method, path = route.split(" ")
    path = concrete(path)
    body = {**body_for(path), **({"experiments": ["hero"]} if path.endswith("v1/assign") else {})}
    answer = await two.call(method, path, None if method == "GET" else body, by=two.other)
    if path.endswith("/events"):
        assert answer.json["accepted"] == 1  # into its own project
    else:
        assert answer.status == 404
    named = await two.call(
        method, path, None if method == "GET" else {**body, "project": "site"}, by=two.other
    )
    assert named.status == 404
    assert await two.count("assignments") == 0


@pytest.mark.parametrize("route", classified("token") + classified("key"))
async def test_a_secret_key_is_let_in_everywhere(two, route):
    method, path = route.split(" ")
    path = concrete(path)
    body = None if method == "GET" else body_for(path)
    if path.endswith(("v1/assign", "v1/events")):
        body["project"] = "site"
    answer = await two.call(method, path, body, by=two.key)
    assert answer.status not in (401, 403)
    assert answer.status < 500


@pytest.mark.parametrize("route", classified("public"))
async def test_public_doors_ask_for_nothing(two, route):
    method, path = route.split(" ")
    answer = await two.call(method, concrete(path), {} if method == "POST" else None)
    assert answer.status in {200, 204, 400}


async def test_a_key_of_one_project_opens_that_project_only(two):
    made = await two.manage("POST", "/keys", {"name": "for the other site", "project": "other"}, 201)
    for method, path, body, status in [
        ("GET", "/experiments/hero", None, 404),
        ("DELETE", "/experiments/hero", None, 404),
        ("GET", "/experiments?project=site", None, 404),
        ("GET", "/projects/site", None, 404),
        ("POST", "/assign", {"visitor_id": "v", "experiments": ["hero"]}, 404),
        ("POST", "/assign", {"visitor_id": "v", "project": "site"}, 404),
        (
            "POST",
            "/import",
            {"experiment": "hero", "visitors": [{"visitor_id": "v", "arm": "bold", "at": 1}]},
            404,
        ),
        ("POST", "/projects", {"key": "third"}, 403),
        ("DELETE", "/projects/other", None, 403),
        ("GET", "/keys", None, 403),
        ("POST", "/keys", {"name": "more"}, 403),
        ("GET", "/account", None, 403),
        ("PUT", "/account", {"email": "a@b.example", "password": "long enough"}, 403),
        ("POST", "/examples", None, 403),
        ("DELETE", "/examples", None, 403),
        ("POST", "/assign", {"visitor_id": "v"}, 200),
    ]:
        answer = await two.call(method, V1 + path, body, by=made["key"])
        assert answer.status == status, (method, path)
    listed = (await two.call("GET", f"{V1}/projects", by=made["key"])).json["projects"]
    assert [project["key"] for project in listed] == ["other"]
    assert (await two.call("GET", f"{V1}/experiments", by=made["key"])).json == {"experiments": []}


async def test_a_revoked_key_opens_nothing(two):
    made = await two.manage("POST", "/keys", {"name": "short-lived"}, 201)
    assert (await two.call("GET", f"{V1}/projects", by=made["key"])).status == 200
    await two.manage("DELETE", f"/keys/{made['prefix']}", expect=204)
    assert (await two.call("GET", f"{V1}/projects", by=made["key"])).status == 401
    await two.manage("DELETE", f"/keys/{made['prefix']}", expect=404)


async def test_a_visitors_page_looks_up_its_own_visitor_only(two):
    path = f"{V1}/experiments/hero/assignment"
    assert (await two.call("GET", f"{path}/v-1", by=two.token, cookie="vv_id=v-1")).status == 200
    refused = await two.call("GET", f"{path}/v-2", by=two.token, cookie="vv_id=v-1")
    assert refused.status == 403
    assert (await two.call("GET", f"{path}/v-2", by=two.key, cookie="vv_id=v-1")).status == 200
