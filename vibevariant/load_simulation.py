"""Load: a simulated crowd visits a running appliance, through its own HTTP API, as the visitors of a site would."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vibevariant.client import CONNECTIONS, Appliance
from vibevariant.experiments.allocation_scenario import AllocationScenario
from vibevariant.experiments.crowd import Crowd
from vibevariant.progress import Advance


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the appliance made of a crowd.

    Args:
        sent: visitors and conversions of each arm, by key, as they were answered and sent.
        results: what the appliance says of them.
    """

    project: str
    experiment: str
    sent: dict[str, tuple[int, int]]
    results: dict[str, Any]

    @property
    def leader(self) -> str:
        """The arm that the appliance holds to be the best."""
        return str(self.results["situation"]["leader"])


async def load(url: str, key: str, scenario: AllocationScenario, crowd: Crowd, advance: Advance) -> Loaded:
    """Takes the crowd through the appliance at this address, in a project of its own.

    Visitors come as fast as they are answered, so weeks take seconds; who converts late does so when as many others
    have come meanwhile as in the simulation. The appliance is told what happens and nothing of the truth.
    """
    async with Appliance.at(url, key) as appliance:
        return await _Load(appliance, scenario, crowd, advance).run()


class _Load:
    def __init__(
        self, appliance: Appliance, scenario: AllocationScenario, crowd: Crowd, advance: Advance
    ) -> None:
        self._appliance = appliance
        self._scenario = scenario
        self._crowd = crowd
        self._advance = advance
        self._token = ""
        self._arms = {arm.key: arm.index for arm in scenario.experiment(0).arms}
        self._shown = dict.fromkeys(self._arms, 0)
        self._converted = dict.fromkeys(self._arms, 0)
        self._due: list[tuple[int, int, str]] = []

    async def run(self) -> Loaded:
        """Makes the experiment, lets everybody in, and asks what the appliance makes of it."""
        key = self._scenario.key
        project = await self._appliance.call(
            "POST", "/api/v1/projects",
            {"key": f"simulated-{time.time_ns() // 1_000_000}", "name": f"Simulated: {self._scenario.name}"},
        )  # fmt: skip
        self._token = project["token"]
        await self._appliance.call(
            "POST", "/api/v1/experiments",
            {
                **self._scenario.definition, **_allocation(self._scenario), "goal": self._scenario.goal,
                "project": project["key"], "start": True,
            },
        )  # fmt: skip
        numbers = iter(range(len(self._crowd)))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONNECTIONS):
                    group.create_task(self._one_by_one(numbers))
        except ExceptionGroup as faults:  # what stopped one visitor stopped the others too
            raise faults.exceptions[0] from None
        await self._convert(self._crowd.ends_at)
        results = await self._appliance.call(
            "GET", f"/api/v1/experiments/{key}/results?project={project['key']}"
        )
        sent = {arm: (self._shown[arm], self._converted[arm]) for arm in self._arms}
        return Loaded(project["key"], key, sent, results)

    async def _one_by_one(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            await self._visit(number)
            await self._convert(int(self._crowd.at[number]))
            self._advance(1)

    async def _visit(self, number: int) -> None:
        visitor, key = self._crowd.visitor_id(number), self._scenario.key
        answer = await self._appliance.call(
            "POST", "/api/v1/assign", {"visitor_id": visitor, "experiments": [key], "expose": True},
            key=self._token,
        )  # fmt: skip
        arm = answer["assignments"][key]["arm"]
        self._shown[arm] += 1
        converted_at = self._crowd.converted_at(number, self._arms[arm])
        if converted_at is not None:
            self._converted[arm] += 1
            heapq.heappush(self._due, (converted_at, number, visitor))

    async def _convert(self, now: int) -> None:
        """Those convert whose time has come."""
        while self._due and self._due[0][0] <= now:
            _, _, visitor = heapq.heappop(self._due)
            await self._appliance.call(
                "POST",
                "/api/v1/events",
                {"visitor_id": visitor, "name": self._scenario.goal},
                key=self._token,
            )


def _allocation(scenario: AllocationScenario) -> dict[str, str]:
    """The allocation as an owner writes it down."""
    if scenario.mode == "fixed":
        return {"allocation": "fixed"}
    return {"allocation": "adaptive", "mode": scenario.mode}
