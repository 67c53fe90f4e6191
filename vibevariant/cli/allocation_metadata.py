"""What is to be known of a simulated allocation, the truth included, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json

from vibevariant import __version__
from vibevariant.experiments.basis import ENGINE
from vibevariant.experiments.policy_courses import PolicyCourse
from vibevariant.experiments.visits import Visits


def metadata(visits: Visits, courses: Sequence[PolicyCourse], seed: int) -> str:
    """The truth, what was asked for, and what came of it; `results` are what the appliance's API would answer."""
    scenario, experiment = visits.scenario, visits.experiment
    keys = [arm.key for arm in experiment.arms]
    true_rates = dict(zip(keys, scenario.rates, strict=True))
    results = json.loads(to_json(visits.results, inf_nan_mode="null"))
    best = None if scenario.best is None else keys[scenario.best]
    about: dict[str, Any] = {
        "scenario": scenario.name,
        "experiment": experiment.key,
        "type": experiment.type,
        "goal": scenario.goal,
        "mode": scenario.mode,
        "seed": seed,
        "visitors": scenario.visitors,
        "days": scenario.lasts_days,
        "drift": scenario.drift,
        "delay_hours": scenario.delay_hours,
        "version": __version__,
        "engine": ENGINE,
        "true_rates": true_rates,
        "best_arm": best,
    }
    if experiment.type == "multi_element":
        about["elements"] = {
            element.key: [variant.key for variant in element.variants] for element in experiment.elements
        }
        about["combination_conversion_rates"] = true_rates
    return _written(
        about
        | {
            "leader": keys[visits.leader],
            "found_best": None if best is None else keys[visits.leader] == best,
            "conversions": sum(visits.conversions),
            "even_split_conversions": visits.crowd.even_split,
            "lost_conversions": visits.crowd.lost(visits.arms),
            "allocations": len(experiment.allocations),
            "decision": results["decision"],
            "policies": {course.policy: _policy(course) for course in courses},
            "results": results,
        }
    )


def _policy(course: PolicyCourse) -> dict[str, Any]:
    end = course.points[-1]
    return {
        "runs": course.runs,
        "lost_conversions": end.regret,
        "error": end.error,
        "found_best": end.found,
    }


def _written(about: dict[str, Any]) -> str:
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"
