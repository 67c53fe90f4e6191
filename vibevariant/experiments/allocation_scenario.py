"""An allocation scenario: a site whose truth is known, as somebody wrote it down, and the two that come along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from vibevariant.errors import InvalidInput
from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import AllocationMode, Experiment, ExperimentType
from vibevariant.experiments.fields import choice_of, key_of, mapping_of, printable_of
from vibevariant.experiments.simulation import Scenario, Shape
from vibevariant.stats.quadrature import Floats

DAYS = 14.0
"""How long all visitors take to come unless it is said otherwise: proof waits for full weeks."""

MOST_DAYS = 365.0
MOST_VISITORS = 1_000_000
DAY = 86_400_000

_MEMBERS = ("name", "goal", "arms", "elements", "true_rates", "drift", "delay_hours",
            "visitors", "visitors_per_day", "days", "mode")  # fmt: skip


@dataclass(frozen=True, slots=True)
class AllocationScenario:
    """Who comes, what they may get, and the truth, which no engine is told.

    Args:
        options: the arms of an `ab_test`, the elements of a `multi_element`, as an owner writes them down.
        rates: true rate of every arm; where they move, the lowest each has.
        drift: how all rates move together in the course of the experiment.
        delay_hours: how long conversions take on average (exponentially distributed); None: they come at once.
        visitors_per_day: in place of `days`, over which all of them come evenly.
    """

    key: str
    name: str
    goal: str
    type: ExperimentType
    options: tuple[Mapping[str, Any], ...]
    rates: tuple[float, ...]
    drift: Shape = "flat"
    delay_hours: float | None = None
    visitors: int = 10_000
    visitors_per_day: float | None = None
    days: float | None = None
    mode: AllocationMode = "balanced"

    @property
    def lasts_ms(self) -> int:
        """From the first visitor to the end."""
        return round(self.lasts_days * DAY)

    @property
    def lasts_days(self) -> float:
        """The same in days."""
        if self.visitors_per_day is not None:
            return self.visitors / self.visitors_per_day
        return DAYS if self.days is None else self.days

    @property
    def best(self) -> int | None:
        """The arm that is truly best; None where several are."""
        return self.rates.index(max(self.rates)) if self.rates.count(max(self.rates)) == 1 else None

    @property
    def definition(self) -> dict[str, Any]:
        """What an owner would write down to ask this question."""
        member = "arms" if self.type == "ab_test" else "elements"
        return {
            "key": self.key,
            "name": self.name,
            "type": self.type,
            member: [dict(o) for o in self.options],
        }

    def experiment(self, now: int) -> Experiment:
        """The experiment that an appliance would make of it, a draft."""
        made = define(
            project_id=1, goals=[{"key": self.goal, "role": "primary"}], now=now, mode=self.mode, **self.definition
        )  # fmt: skip
        return replace(made, id=1, goals=(replace(made.goals[0], id=1),))

    def factors(self) -> Floats:
        """What all rates are multiplied by for each visitor."""
        return Scenario(shape=self.drift, base=1e-6, visitors=self.visitors, look_every=1).factors()

    def changed(
        self,
        *,
        visitors: int | None = None,
        days: float | None = None,
        mode: AllocationMode | None = None,
    ) -> AllocationScenario:
        """The same site with another traffic, or with its visitors spent on something else."""
        changed = replace(self, visitors=visitors or self.visitors, mode=mode or self.mode)
        if days is not None:
            changed = replace(changed, days=days, visitors_per_day=None)
        return _checked(changed)


def scenario_of(plain: Any) -> AllocationScenario:
    """A scenario from plain values that nobody has checked, or the sentence that says what to change."""
    given = mapping_of(plain, "scenario", required=("name", "true_rates"), optional=_MEMBERS)
    name = printable_of(given["name"], "name")
    if "arms" in given and "elements" in given:
        raise InvalidInput(
            "A scenario has `arms` or `elements`, not both.", field="elements", hint="Leave one of them out."
        )
    true_rates = _flat(given["true_rates"], "true_rates")
    is_factorial = "elements" in given
    listed = given.get("elements") if is_factorial else given.get("arms", list(true_rates))
    options = _options(listed, is_factorial=is_factorial)
    scenario = AllocationScenario(
        key=_key_from(name),
        name=name,
        goal=key_of(given.get("goal", "signup"), "goal"),
        type="multi_element" if is_factorial else "ab_test",
        options=options,
        rates=(),
        drift=cast("Shape", choice_of(given.get("drift", "flat"), "drift", get_args(Shape))),
        delay_hours=_number(given, "delay_hours", most=24 * MOST_DAYS),
        visitors=_visitors(given.get("visitors", 10_000)),
        visitors_per_day=_number(given, "visitors_per_day", most=MOST_VISITORS),
        days=_number(given, "days", most=MOST_DAYS),
        mode=_mode(given.get("mode", "balanced")),
    )
    if scenario.days is not None and scenario.visitors_per_day is not None:
        raise InvalidInput(
            "`days` and `visitors_per_day` say the same in two ways.", field="days", hint="Leave one of them out."
        )  # fmt: skip
    arms = [arm.key for arm in scenario.experiment(0).arms]
    return _checked(replace(scenario, rates=_rates(arms, true_rates)))


def _checked(scenario: AllocationScenario) -> AllocationScenario:
    if scenario.lasts_days > MOST_DAYS or scenario.lasts_ms < scenario.visitors:
        raise InvalidInput(
            f"{scenario.visitors:,} visitors in {scenario.lasts_days:g} days cannot be simulated.",
            field="days",
            hint=f"Let them come within {MOST_DAYS:g} days, and not more than one each millisecond.",
        )
    highest = max(scenario.rates) * float(scenario.factors().max())
    if highest >= 1:
        raise InvalidInput(
            f"With the drift `{scenario.drift}` the highest rate is {highest:.4g}; it must stay below 1.",
            field="true_rates",
            hint="Take lower rates, or the drift `flat`.",
        )
    return scenario


def _options(listed: Any, *, is_factorial: bool) -> tuple[Mapping[str, Any], ...]:
    """Arms or elements as `define` takes them; one that needs no more than a key may be just that key."""
    if not isinstance(listed, list | tuple):
        what = "elements" if is_factorial else "arms"
        raise InvalidInput(f"The {what} must be a list.", field=what, hint="Give a list: […].")
    if not is_factorial:
        return tuple(_keyed(arm) for arm in listed)
    options = []
    for element in listed:
        given = dict(mapping_of(element, "elements", required=("key", "variants"), optional=("name",)))
        if isinstance(given["variants"], list | tuple):
            given["variants"] = [_keyed(variant) for variant in given["variants"]]
        options.append(given)
    return tuple(options)


def _keyed(option: Any) -> Any:
    return {"key": option} if isinstance(option, str) else option


def _flat(rates: Any, field: str, before: str = "") -> dict[str, Any]:
    """Rates by arm. Tables within tables are combinations: what TOML makes of a key with a dot that is not quoted."""
    if not isinstance(rates, Mapping):
        raise InvalidInput(
            "The true rates must be an object.", field=field, hint='Give one for each arm: {"control": 0.05, …}.'
        )  # fmt: skip
    found: dict[str, Any] = {}
    for key, rate in rates.items():
        if isinstance(rate, Mapping):
            found |= _flat(rate, field, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = rate
    return found


def _rates(arms: list[str], given: Mapping[str, Any]) -> tuple[float, ...]:
    unknown = [key for key in given if key not in arms]
    missing = [key for key in arms if key not in given]
    if unknown or missing:
        said = (
            f"There is no arm {unknown[0]!r:.80}." if unknown else f"The arm `{missing[0]}` has no true rate."
        )
        raise InvalidInput(said, field="true_rates", hint=f"Give one for each of: {', '.join(arms)}.")
    for key in arms:
        rate = given[key]
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < 1:
            raise InvalidInput(
                "A true rate is a number above 0 and below 1.",
                field=f"true_rates.{key}",
                hint="Rates are shares of visitors: 0.05 is one in twenty.",
            )
    return tuple(float(given[key]) for key in arms)


def _number(given: Mapping[str, Any], member: str, *, most: float) -> float | None:
    value = given.get(member)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise InvalidInput(
            f"`{member}` must be a number above 0 and at most {most:,g}.", field=member, hint="Or leave it out."
        )  # fmt: skip
    return float(value)


def _visitors(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_VISITORS:
        raise InvalidInput(
            f"`visitors` must be a whole number from 1 to {MOST_VISITORS:,}.", field="visitors", hint="Give 10000."
        )  # fmt: skip
    return value


def _mode(value: Any) -> AllocationMode:
    return cast("AllocationMode", choice_of(value, "mode", get_args(AllocationMode)))


def _key_from(name: str) -> str:
    """The name as a key: what is no letter or digit of the Latin alphabet becomes a hyphen."""
    key = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_")[:64]
    if not key:
        raise InvalidInput(
            "No key can be made from this name.", field="name", hint="Use some letters from a to z in it."
        )
    return key


HEADLINE = scenario_of(
    {
        "name": "Headline",
        "goal": "signup",
        "visitors": 6_000,
        "arms": [
            {"key": "control", "name": "Ship your idea today"},
            {"key": "question", "name": "What will you ship today?"},
            {"key": "numbers", "name": "From idea to live site in 11 minutes"},
            {"key": "promise", "name": "The last site builder you will need"},
        ],
        "true_rates": {"control": 0.050, "question": 0.055, "numbers": 0.100, "promise": 0.045},
    }
)
"""Four headlines, of which the one with a number in it is clearly the best."""

MULTI_ELEMENT = scenario_of(
    {
        "name": "Multi-element",
        "goal": "signup",
        "visitors": 10_000,
        "elements": [
            {
                "key": "cta",
                "name": "CTA button",
                "variants": [{"key": key, "name": f"CTA-{key.upper()}"} for key in "abc"],
            },
            {
                "key": "copy",
                "name": "Hero copy",
                "variants": [{"key": key, "name": f"Copy-{key.upper()}"} for key in "xyz"],
            },
        ],
        "true_rates": {
            "a": {"x": 0.030, "y": 0.032, "z": 0.031},
            "b": {"x": 0.026, "y": 0.055, "z": 0.027},
            "c": {"x": 0.031, "y": 0.033, "z": 0.030},
        },
    }
)
"""Two elements of three variants each: CTA-B is the best button with Copy-Y, and the worst with any other copy."""

NAMED = {"headline": HEADLINE, "multi-element": MULTI_ELEMENT}
