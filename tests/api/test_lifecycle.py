"""draft -> running <-> paused -> completed, and nothing else."""

import pytest

STEPS = {
    "draft": [],
    "running": ["start"],
    "paused": ["start", "pause"],
    "completed": ["start", "complete"],
}
LEGAL = {
    "draft": {"start": "running"},
    "running": {"pause": "paused", "complete": "completed"},
    "paused": {"start": "running", "complete": "completed"},
    "completed": {},
}


@pytest.mark.parametrize("status", STEPS)
@pytest.mark.parametrize("step", ["start", "pause", "complete"])
async def test_each_step_is_legal_from_some_and_a_409_from_the_others(site, status, step):
    await site.experiment(start=False)
    for before in STEPS[status]:
        await site.manage("POST", f"/experiments/hero/{before}")
    answer = await site.call("POST", f"/api/v1/experiments/hero/{step}", by=site.key)
    if step in LEGAL[status]:
        assert (answer.status, answer.json["status"]) == (200, LEGAL[status][step])
    else:
        assert (answer.status, answer.json["code"]) == (409, "illegal_transition")
        assert answer.json["hint"]
        assert (await site.manage("GET", "/experiments/hero"))["status"] == status


async def test_every_step_is_a_numbered_allocation(site):
    await site.experiment()
    for step in ("pause", "start", "complete"):
        site.clock.advance(hours=1)
        await site.manage("POST", f"/experiments/hero/{step}")
    history = (await site.manage("GET", "/experiments/hero/allocations"))["allocations"]
    assert [a["number"] for a in history] == [1, 2, 3, 4]
    assert [a["cause"] for a in history] == ["start", "pause", "resume", "complete"]
    assert [a["enrolling"] for a in history] == [True, False, True, False]


async def test_the_winner_must_be_an_arm(site):
    await site.experiment()
    for body, status in [({"winner": "nobody"}, 400), ({"winner": 7}, 400), ({"wins": "bold"}, 400)]:
        assert (
            await site.call("POST", "/api/v1/experiments/hero/complete", body, by=site.key)
        ).status == status
    ended = await site.manage("POST", "/experiments/hero/complete", {"winner": "bold"})
    assert (ended["status"], ended["winner"]) == ("completed", "bold")
    assert ended["ended_at"] == site.clock.now_ms()


async def test_after_the_end_nothing_more_counts(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    await site.manage("POST", "/experiments/hero/complete")
    site.clock.advance(seconds=1)
    await site.visit("POST", "/events", {"visitor_id": "v", "name": "signup"}, 202)
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["conversions"] == 0


async def test_a_step_on_one_that_is_gone_is_not_found(site):
    for step in ("start", "pause", "complete"):
        assert (await site.call("POST", f"/api/v1/experiments/nope/{step}", by=site.key)).status == 404
