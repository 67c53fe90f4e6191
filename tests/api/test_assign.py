"""Which arms a visitor gets."""

import asyncio

import pytest

from vibevariant.experiments.bucketing import arm_at, bucket


async def test_nobody_is_assigned_without_a_token(site):
    await site.experiment()
    answer = await site.call("POST", "/api/v1/assign", {"visitor_id": "v"})
    assert answer.status == 401
    assert await site.count("assignments") == 0


async def test_who_may_not_come_in_is_not_told_what_is_wrong_with_the_body(site):
    for raw in (b"{", b"{}", b'{"token": "vv_proj_nobody"}', b'{"token": 7, "visitor_id": ""}'):
        assert (await site.call("POST", "/api/v1/assign", raw=raw)).status == 401
    told = await site.call("POST", "/api/v1/assign", {"token": site.token})
    assert (told.status, told.json["field"]) == (400, "visitor_id")


async def test_the_answer_holds_what_the_contract_says(site):
    await site.experiment(
        arms=[{"key": "control", "weight": 30}, {"key": "bold", "weight": 70, "payload": {"colour": "red"}}]
    )
    visitor = next(v for v in map(str, range(99)) if arm_at(bucket(v, "hero"), (3000, 7000)) == 1)
    assert await site.visit("POST", "/assign", {"visitor_id": visitor}) == {
        "visitor_id": visitor,
        "assignments": {
            "hero": {
                "arm": "bold",
                "variants": {"variant": "bold"},
                "payload": {"colour": "red"},
                "allocation": 1,
                "propensity": 0.7,
            }
        },
        "excluded": {},
    }


async def test_the_hash_decides_for_first_timers(site):
    await site.experiment(arms=[{"key": "a"}, {"key": "b"}, {"key": "c"}])
    for number in range(40):
        answer = await site.visit("POST", "/assign", {"visitor_id": f"v{number}"})
        expected = "abc"[arm_at(bucket(f"v{number}", "hero"), (3334, 3333, 3333))]
        assert answer["assignments"]["hero"]["arm"] == expected


async def test_the_variants_of_every_element_are_named(site):
    await site.experiment(
        arms=None, type="multi_element",
        elements=[
            {"key": "headline", "variants": [{"key": "plain"}, {"key": "bold", "payload": 1}]},
            {"key": "button", "variants": [{"key": "green"}, {"key": "red"}, {"key": "blue"}]},
        ],
    )  # fmt: skip
    given = (await site.visit("POST", "/assign", {"visitor_id": "v"}))["assignments"]["hero"]
    assert given["variants"].keys() == given["payload"].keys() == {"headline", "button"}
    assert given["arm"] == f"{given['variants']['headline']}.{given['variants']['button']}"


async def test_the_same_visitor_gets_the_same_arm_a_thousand_times(site):
    await site.experiment()
    answers = [await site.visit("POST", "/assign", {"visitor_id": "v"}) for _ in range(1000)]
    assert all(answer == answers[0] for answer in answers)
    assert await site.count("assignments") == 1


async def test_fifty_at_once_are_one_row_and_one_answer(site):
    await site.experiment()
    calls = [site.call("POST", "/api/v1/assign", {"visitor_id": "v"}, by=site.token) for _ in range(50)]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert await site.count("assignments") == 1


async def test_what_is_stored_decides_and_not_the_memory(site):
    await site.experiment()
    before = await site.visit("POST", "/assign", {"visitor_id": "v"})
    await site.manage("PATCH", "/experiments/hero", {"weights": {"control": 0, "bold": 1}})
    site.context.ledger.forget()
    assert await site.visit("POST", "/assign", {"visitor_id": "v"}) == before


async def test_a_change_of_weights_moves_nobody_and_counts_for_who_comes_next(site):
    await site.experiment()
    visitors = [f"v{number}" for number in range(30)]
    before = {v: await site.visit("POST", "/assign", {"visitor_id": v}) for v in visitors}
    await site.manage("PATCH", "/experiments/hero", {"weights": {"control": 0, "bold": 100}})
    assert {v: await site.visit("POST", "/assign", {"visitor_id": v}) for v in visitors} == before
    newcomer = (await site.visit("POST", "/assign", {"visitor_id": "newcomer"}))["assignments"]["hero"]
    assert (newcomer["arm"], newcomer["allocation"], newcomer["propensity"]) == ("bold", 2, 1.0)


async def test_only_who_is_exposed_is_a_trial(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "v"})
    exposed = "select count(*) from assignments where exposed_at is not null"
    rows = await site.context.database.reader.execute_fetchall(exposed)
    assert next(iter(rows))[0] == 0
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    results = await site.manage("GET", "/experiments/hero/results")
    assert results["summary"]["exposed"] == 1
    site.clock.advance(hours=5)
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["exposed"] == 1


async def test_without_names_all_that_run_are_answered(site):
    for key in ("one", "two"):
        await site.experiment(key)
    await site.experiment("draft", start=False)
    await site.experiment("imported", start=False, source="imported")
    await site.experiment("ended")
    await site.manage("POST", "/experiments/ended/complete")
    answer = await site.visit("POST", "/assign", {"visitor_id": "v"})
    assert list(answer["assignments"]) == ["one", "two"]
    assert answer["excluded"] == {}
    named = await site.visit("POST", "/assign", {"visitor_id": "v", "experiments": ["two", "two"]})
    assert list(named["assignments"]) == ["two"]


async def test_an_experiment_nobody_knows_is_named(site):
    await site.experiment()
    answer = await site.call(
        "POST", "/api/v1/assign", {"visitor_id": "v", "experiments": ["hero", "her0", "zero"]}, by=site.token
    )
    assert answer.status == 404
    assert "`her0`, `zero`" in answer.json["detail"]
    assert await site.count("assignments") == 0


async def test_drafts_and_ended_ones_give_their_reason(site):
    await site.experiment("draft", start=False)
    await site.experiment("ended")
    await site.manage("POST", "/experiments/ended/complete")
    answer = await site.visit("POST", "/assign", {"visitor_id": "v", "experiments": ["draft", "ended"]})
    assert answer == {
        "visitor_id": "v",
        "assignments": {},
        "excluded": {"draft": "draft", "ended": "completed"},
    }


async def test_an_imported_experiment_assigns_nobody(site):
    await site.experiment("old", start=False, source="imported")
    answer = await site.call(
        "POST", "/api/v1/assign", {"visitor_id": "v", "experiments": ["old"]}, by=site.token
    )
    assert (answer.status, answer.json["code"]) == (409, "conflict")


async def test_everyone_gets_the_winner_and_nothing_is_stored(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "old", "expose": True})
    await site.manage("POST", "/experiments/hero/complete", {"winner": "bold"})
    for visitor in ("old", "new-1", "new-2"):
        given = (await site.visit("POST", "/assign", {"visitor_id": visitor, "expose": True}))["assignments"][
            "hero"
        ]
        assert (given["arm"], given["propensity"]) == ("bold", 1.0)
    assert await site.count("assignments") == 1


async def test_in_a_pause_newcomers_stay_out_and_the_others_keep_their_arm(site):
    await site.experiment()
    before = await site.visit("POST", "/assign", {"visitor_id": "old"})
    await site.manage("POST", "/experiments/hero/pause")
    for remembered in (True, False):
        if not remembered:
            site.context.ledger.forget()
        assert await site.visit("POST", "/assign", {"visitor_id": "old", "expose": True}) == before
    new = await site.visit("POST", "/assign", {"visitor_id": "new"})
    assert (new["assignments"], new["excluded"]) == ({}, {"hero": "paused"})
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["exposed"] == 0
    await site.manage("POST", "/experiments/hero/start")
    assert "hero" in (await site.visit("POST", "/assign", {"visitor_id": "new"}))["assignments"]


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        ({"attribute": "country", "operator": "equals", "value": "NL"}, {"country": "NL"}, {"country": "nl"}),
        ({"attribute": "plan", "operator": "in", "value": ["pro", 3]}, {"plan": 3}, {"plan": "free"}),
        ({"attribute": "member", "operator": "exists"}, {"member": False}, {}),
        ({"attribute": "member", "operator": "exists", "value": False}, {}, {"member": 1}),
    ],
)
async def test_rules_decide_before_enrolment_and_never_after(site, condition, inside, outside):
    await site.experiment(targeting=[condition])
    out = await site.visit("POST", "/assign", {"visitor_id": "v", "attributes": outside})
    assert (out["assignments"], out["excluded"]) == ({}, {"hero": "targeting"})
    assert await site.count("assignments") == 0
    let_in = await site.visit("POST", "/assign", {"visitor_id": "v", "attributes": inside})
    for remembered in (True, False):
        if not remembered:
            site.context.ledger.forget()
        assert await site.visit("POST", "/assign", {"visitor_id": "v", "attributes": outside}) == let_in
    site.context.ledger.forget()
    await site.visit("POST", "/assign", {"visitor_id": "v", "attributes": outside, "expose": True})
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["exposed"] == 1


async def test_a_share_of_traffic_stays_in_when_the_share_shrinks(site):
    await site.experiment(traffic=0.5)
    visitors = [f"v{number}" for number in range(60)]

    async def inside():
        return {
            v for v in visitors if (await site.visit("POST", "/assign", {"visitor_id": v}))["assignments"]
        }

    half = await inside()
    assert 15 < len(half) < 45
    assert half == {v for v in visitors if bucket(v, "hero/traffic") < 5000}
    await site.manage("PATCH", "/experiments/hero", {"traffic": 0.01})
    for remembered in (True, False):
        if not remembered:
            site.context.ledger.forget()
        assert await inside() == half


async def test_an_experiment_deleted_in_this_very_moment_was_never_there(site):
    made = await site.experiment()
    await site.experiment("stays")
    experiment = site.context.catalog.current.experiments_of(1)[made["key"]]
    await site.context.experiments.delete(experiment.id)  # the catalog does not know yet
    answer = await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    assert list(answer["assignments"]) == ["stays"]
    assert (
        await site.call("POST", "/api/v1/experiments/hero/assign", {"visitor_id": "w"}, by=site.token)
    ).status == 404


async def test_a_project_deleted_in_this_very_moment_is_a_clear_refusal(site):
    token = (await site.manage("POST", "/projects", {"key": "gone"}, 201))["token"]
    gone = site.context.catalog.current.project_by_token[token]
    await site.context.projects.delete(gone.id)  # the catalog does not know yet
    answers = await asyncio.gather(
        site.call("POST", "/api/v1/events", {"visitor_id": "v", "name": "signup"}, by=token),
        site.call("POST", "/api/v1/events", {"visitor_id": "v", "name": "signup"}, by=site.token),
    )
    assert [answer.status for answer in answers] == [409, 202]
    assert await site.count("events") == 1


async def test_deleting_while_visitors_come_breaks_nothing(site):
    token = (await site.manage("POST", "/projects", {"key": "gone"}, 201))["token"]
    for project in ("gone", "site"):
        await site.experiment(project=project, start=False)
        await site.manage("POST", f"/experiments/hero/start?project={project}")

    async def visit(number):
        by = (token, site.token)[number % 2]
        body = {"visitor_id": f"v{number}"}
        if number % 3:
            return await site.call("POST", "/api/v1/assign", {**body, "expose": True}, by=by)
        return await site.call("POST", "/api/v1/events", {**body, "name": "signup"}, by=by)

    async def delete(path):
        return await site.call("DELETE", f"/api/v1{path}", by=site.key)

    calls = [visit(number) for number in range(300)]
    calls[60:60] = [delete("/experiments/hero?project=site"), delete("/projects/gone")]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} <= {200, 202, 204, 401, 404, 409}
    assert (await site.call("POST", "/api/v1/assign", {"visitor_id": "v"}, by=token)).status == 401
    assert (await site.visit("POST", "/assign", {"visitor_id": "v"}))["assignments"] == {}
    assert await site.count("assignments") == 0


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"visitor_id": ""}, "visitor_id"),
        ({"visitor_id": "x" * 129}, "visitor_id"),
        ({"visitor_id": "a\x00b"}, "visitor_id"),
        ({"visitor_id": None}, "visitor_id"),
        ({"visitor_id": "v", "attributes": {"a": {"b": 1}}}, "attributes.a"),
        ({"visitor_id": "v", "attributes": {str(n): n for n in range(65)}}, "attributes"),
        ({"visitor_id": "v", "attributes": {"x": float("nan")}}, "attributes.x"),
        ({"visitor_id": "v", "experiments": "hero"}, "experiments"),
        ({"visitor_id": "v", "experiments": ["No Key"]}, "experiments[0]"),
        ({"visitor_id": "v", "expose": "yes"}, "expose"),
        ({"visitor_id": "v", "user": "u"}, "user"),
    ],
)
async def test_a_bad_request_names_the_place(site, body, place):
    answer = await site.call("POST", "/api/v1/assign", body, by=site.token)
    assert (answer.status, answer.json["field"]) == (400, place)


async def test_129_characters_are_too_many_and_128_of_any_script_are_not(site):
    await site.experiment()
    assert "hero" in (await site.visit("POST", "/assign", {"visitor_id": "\U0001f600" * 128}))["assignments"]
