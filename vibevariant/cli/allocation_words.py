"""What became of a simulated allocation, in words and tables that a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from vibevariant.experiments.allocation_scenario import AllocationScenario
from vibevariant.experiments.policy_courses import PolicyCourse
from vibevariant.experiments.visits import Visits
from vibevariant.load_simulation import Loaded


def setting(scenario: AllocationScenario, seed: int) -> str:
    """What was simulated, on a line."""
    arms = "combinations" if scenario.type == "multi_element" else "arms"
    moves = "" if scenario.drift == "flat" else f", {scenario.drift}"
    late = "" if scenario.delay_hours is None else f", conversions {scenario.delay_hours:g} hours late"
    return (
        f"{scenario.name}: {scenario.visitors:,} visitors in {scenario.lasts_days:g} days{moves}{late}, "
        f"{len(scenario.rates)} {arms}, {scenario.mode}, seed {seed}"
    )


def visits_said(visits: Visits, seed: int) -> str:
    """The arms, what the results say of them, and whether that is the truth."""
    scenario, came = visits.scenario, visits.scenario.visitors
    rows = [("arm", "visitors", "share", "conversions", "rate", "true rate", "chance of being best")]
    counts = zip(visits.results.arms, visits.exposed, visits.conversions, scenario.rates, strict=True)
    for arm, shown, reached, rate in counts:
        seen = "-" if not shown else _percent(reached / shown)
        chance = _chance(arm.p_best_calibrated)
        rows.append(
            (
                arm.key,
                f"{shown:,}",
                f"{100 * shown / came:.0f} %",
                f"{reached:,}",
                seen,
                _percent(rate),
                chance,
            )
        )
    total, even = sum(visits.conversions), visits.crowd.even_split
    decision = visits.results.decision
    return "\n".join(
        [
            setting(scenario, seed),
            "",
            *in_columns(rows),
            "",
            f"Conversions: {total:,}; an even split brings {even:,.0f} on average ({total / even - 1:+.1%}).",
            f"Decision: {decision.status} ({decision.reason}). {decision.sentence}",
            _found(visits),
        ]
    )


def policies_said(courses: Sequence[PolicyCourse]) -> str:
    """What each policy loses, with twice the standard error, and how often it ends with the best arm."""
    even = next((course.points[-1].regret for course in courses if course.policy == "even"), None)
    rows = [("policy", "conversions lost", "of even's", "ends with the best arm")]
    for course in courses:
        end = course.points[-1]
        share = f"{100 * end.regret / even:.0f} %" if even else "-"
        found = "-" if end.found is None else f"{100 * end.found:.0f} %"
        error = f" ± {2 * end.error:.1f}" if course.runs > 1 else ""
        rows.append((course.policy, f"{end.regret:.1f}{error}", share, found))
    runs = courses[0].runs
    times = "once" if runs == 1 else f"{runs:,} times (± two standard errors)"
    return "\n".join([f"The same site under each policy, {times}:", "", *in_columns(rows)])


def loaded_said(loaded: Loaded, scenario: AllocationScenario, url: str) -> str:
    """What the appliance says of the same visitors."""
    decision = loaded.results["decision"]
    counted = {arm["key"]: (arm["exposed"], arm["conversions"]) for arm in loaded.results["arms"]}
    right = "as sent" if counted == loaded.sent else f"but what was sent is {loaded.sent}"
    visitors, conversions = (sum(counts) for counts in zip(*counted.values(), strict=True))
    found = ""
    if scenario.best is not None:
        best = scenario.experiment(0).arms[scenario.best].key
        found = f" The best arm in truth is {best}: {'found' if loaded.leader == best else 'not found'}."
    return "\n".join(
        [
            f"Loaded into {url}, experiment {loaded.experiment} of the project {loaded.project}.",
            f"It counts {visitors:,} visitors and {conversions:,} conversions, {right}.",
            f"It says: {decision['status']} ({decision['reason']}). {decision['sentence']}",
            f"Its leader is {loaded.leader}.{found}",
        ]
    )


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table: the first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _chance(chance: float) -> str:
    """Never all or nothing."""
    if not 0.0005 <= chance <= 0.9995:
        return "< 0.1 %" if chance < 0.5 else "> 99.9 %"
    return f"{100 * chance:.1f} %"


def _found(visits: Visits) -> str:
    leader = visits.experiment.arms[visits.leader].key
    if visits.scenario.best is None:
        return f"No arm is best in truth; the leader is {leader}."
    best = visits.experiment.arms[visits.scenario.best].key
    if leader == best:
        return f"Found: the leader is {leader}, the best arm in truth."
    return f"Not found: the leader is {leader}, the best arm in truth is {best}."
