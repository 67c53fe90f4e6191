"""Projects, their keys, and the example project."""

import asyncio
from urllib.parse import urljoin

import pytest


async def test_a_project_is_made_listed_shown_and_deleted(site):
    made = await site.call("POST", "/api/v1/projects", {"key": "blog", "name": "The blog"}, by=site.key)
    assert made.status == 201
    assert urljoin("/vv/api/v1/projects", made.headers["Location"]) == "/vv/api/v1/projects/blog"
    assert made.json["token"].startswith("vv_proj_")
    assert await site.manage("GET", "/projects/blog") == made.json
    assert [p["key"] for p in (await site.manage("GET", "/projects"))["projects"]] == ["site", "blog"]
    await site.manage("DELETE", "/projects/blog", expect=204)
    assert (await site.call("GET", "/api/v1/projects/blog", by=site.key)).status == 404


async def test_a_project_takes_all_that_is_in_it_along(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    await site.visit("POST", "/events", {"visitor_id": "v", "name": "signup"}, 202)
    await site.manage("DELETE", "/projects/site", expect=204)
    for table in ("projects", "experiments", "visitors", "events", "assignments", "tallies", "goals"):
        assert await site.count(table) == 0
    answer = await site.call("POST", "/api/v1/experiments", {"key": "a"}, by=site.key)
    assert answer.status == 400
    assert (await site.call("POST", "/api/v1/assign", {"visitor_id": "v"}, by=site.key)).status == 404


@pytest.mark.parametrize(
    "body", [{"key": "A"}, {"key": ""}, {}, {"key": "a", "name": ""}, {"key": "a", "token": "mine"}]
)
async def test_a_bad_project_is_refused(site, body):
    assert (await site.call("POST", "/api/v1/projects", body, by=site.key)).status == 400
    assert await site.count("projects") == 1


async def test_of_many_of_one_key_at_once_one_is_made(site):
    calls = (site.call("POST", "/api/v1/projects", {"key": "blog"}, by=site.key) for _ in range(10))
    assert sorted(answer.status for answer in await asyncio.gather(*calls)) == [201] + [409] * 9


async def test_a_key_is_shown_once_and_listed_without_its_secret(site):
    made = await site.manage("POST", "/keys", {"name": "server", "project": "site"}, 201)
    listed = await site.call("GET", "/api/v1/keys", by=site.key)
    assert made["key"] not in listed.text
    shown = next(key for key in listed.json["keys"] if key["prefix"] == made["prefix"])
    assert (shown["name"], shown["project"], shown["revoked_at"]) == ("server", "site", None)
    rows = await site.context.database.reader.execute_fetchall("select key_hash from secret_keys")
    assert made["key"] not in str([tuple(row) for row in rows])
    for body, status in [({"name": ""}, 400), ({}, 400), ({"name": "a", "project": "nobody"}, 404)]:
        assert (await site.call("POST", "/api/v1/keys", body, by=site.key)).status == status


async def test_a_deleted_projects_own_key_opens_nothing(site):
    await site.manage("POST", "/projects", {"key": "blog"}, 201)
    made = await site.manage("POST", "/keys", {"name": "server", "project": "blog"}, 201)
    await site.manage("DELETE", "/projects/blog", expect=204)
    assert (await site.call("GET", "/api/v1/projects", by=made["key"])).status == 401


async def test_there_are_no_examples_until_they_are_loaded(site):
    assert await site.manage("GET", "/examples") == {"state": "absent", "done": 0, "total": 0}
    assert (await site.call("DELETE", "/api/v1/examples", by=site.key)).status == 404


async def activity(site, project="site"):
    found = await site.manage("GET", f"/projects/{project}/activity")
    return found["visitor"], found["exposure"], found["event"]


async def test_activity_tells_step_by_step_what_has_come_in(site):
    await site.experiment()
    await site.manage("POST", "/projects", {"key": "blog"}, 201)
    assert await activity(site) == (False, False, False)
    await site.visit("POST", "/assign", {"visitor_id": "v"})
    assert await activity(site) == (True, False, False)
    await site.visit("POST", "/events", {"visitor_id": "v", "name": "$exposure", "experiment": "hero"}, 202)
    assert await activity(site) == (True, True, False)
    await site.visit("POST", "/events", {"visitor_id": "v", "name": "anything"}, 202)
    assert await activity(site) == (True, True, True)
    assert await activity(site, "blog") == (False, False, False)


@pytest.mark.parametrize("name", ["signup", "!before", "#", "Ä", "exposure"])
async def test_every_event_but_an_exposure_is_one(site, name):
    await site.visit("POST", "/events", {"visitor_id": "v", "name": name}, 202)
    assert await activity(site) == (False, False, True)


async def test_what_was_recorded_elsewhere_is_no_visitor_of_the_site(site):
    await site.experiment("old", source="imported", start=False)
    visitors = [{"visitor_id": "v", "arm": "bold", "at": 1, "exposed_at": 1}]
    imported = {"experiment": "old", "weights": {"control": 50, "bold": 50}, "visitors": visitors}
    await site.manage("POST", "/import", imported)
    assert await site.count("assignments") == 1
    assert await activity(site) == (False, False, False)


async def test_the_activity_of_nobodys_project_is_not_found(site):
    assert (await site.call("GET", "/api/v1/projects/nobody/activity", by=site.key)).status == 404
