"""simulate runs experiments whose truth is known, and shows what comes of a rule that is looked at all the time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vibevariant.errors import InvalidInput
from vibevariant.progress import progress

if TYPE_CHECKING:
    from vibevariant.experiments.simulation import Scenario
    from vibevariant.experiments.simulation_report import Report

RULES = ("decision", "z-test", "p-best-95", "p-best-99", "expected-loss", "e-value")


@click.command()
@click.option("--rule", "rules", type=click.Choice(RULES), multiple=True,
              help="A rule that names a winner; may be given several times.  [default: all of them]")  # fmt: skip
@click.option(
    "--threshold", type=float, default=None,
    help="What the one rule asks for: a p-value below (z-test), a loss below, as a share of the base rate "
    "(expected-loss), or an e-value of at least (e-value).  [default: 0.05, 0.01, 20]",
)  # fmt: skip
@click.option("--scenario", "shape", type=click.Choice(["flat", "rising", "weekend", "launch"]), default="flat",
              show_default=True, help="How the base rate moves: not at all, to three times as much, twice as much on "
              "weekends, or down from three times as much after a launch.")  # fmt: skip
@click.option("--arms", type=click.IntRange(2, 12), default=2, show_default=True, help="How many arms.")
@click.option(
    "--base", type=float, default=0.05, show_default=True, help="The base rate; where it moves, the lowest."
)
@click.option("--lift", type=float, default=0.0, show_default=True,
              help="By how much the last arm is better, as a share: 0.5 is half as much again.")  # fmt: skip
@click.option("--visitors", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True,
              help="Visitors of each experiment.")  # fmt: skip
@click.option("--look-every", type=click.IntRange(1), default=100, show_default=True,
              help="Visitors from one look to the next.")  # fmt: skip
@click.option("--allocation", type=click.Choice(["fixed", "adaptive"]), default="fixed", show_default=True,
              help="Even weights, or a bandit's, renewed at every look.")  # fmt: skip
@click.option("--tests", type=click.IntRange(1, 1_000_000), default=1_000, show_default=True,
              help="How many experiments.")  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same figures."
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("simulation"), show_default=True,
              help="Directory for calls.csv, lifts.csv and calls.svg.")  # fmt: skip
def simulate(
    rules: tuple[str, ...],
    threshold: float | None,
    tests: int,
    seed: int,
    out: Path,
    **scenario: Any,
) -> None:
    """Run many experiments whose truth is known, and see how often a rule that is looked at all the time is wrong.

    Writes the share of experiments in which each rule has named a winner, by number of visitors, and how far off the
    estimates of the lift are at the end.
    """
    from vibevariant.experiments.simulation import Scenario
    from vibevariant.experiments.simulation_report import report

    checked = Scenario(**scenario)
    chosen = tuple(dict.fromkeys(rules)) or RULES
    if threshold is not None and len(chosen) != 1:
        raise InvalidInput(
            "A threshold belongs to one rule.", hint="Say which, for instance --rule e-value --threshold 10."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        with progress("Simulating experiments", tests) as advance:
            found = report(checked, chosen, tests, seed, threshold=threshold, advance=advance)  # type: ignore[arg-type]
        (out / "calls.csv").write_text(found.calls_csv(), encoding="utf-8", newline="")
        (out / "lifts.csv").write_text(found.lifts_csv(), encoding="utf-8", newline="")
        (out / "calls.svg").write_text(_drawn(found, checked, seed), encoding="utf-8", newline="")
    except OSError as fault:
        raise InvalidInput(
            f"{out} cannot be written to ({fault.strerror}).", hint="Name another directory with --out."
        ) from fault
    click.echo(_table(found, checked, seed))
    click.echo(f"\nIn {out}: calls.csv, lifts.csv and calls.svg.")


def _setting(scenario: Scenario, tests: int, seed: int) -> str:
    truth = f"the last arm {scenario.lift:+.0%}" if scenario.lift else "nothing differs"
    return (
        f"{tests:,} experiments, {scenario.arms} arms, {truth}; base {100 * scenario.base:g} %, {scenario.shape}; "
        f"{scenario.allocation} allocation; a look every {scenario.look_every:,} visitors; seed {seed}"
    )


def _table(found: Report, scenario: Scenario, seed: int) -> str:
    lines = [
        _setting(scenario, found.experiments, seed),
        "",
        f"{'rule':<18}{'names a winner':>16}{'wrongly':>10}{'rightly':>10}{'says harm':>11}",
    ]
    for rule in found.rules:
        end = found.rows[rule][-1]
        shares = (f"{100 * part / found.experiments:.1f} %" for part in (end.named, end.wrong, end.right))
        named, wrong, right = shares
        harm = f"{100 * end.harm / found.experiments:.1f} %" if rule == "decision" else "-"
        lines.append(f"{rule:<18}{named:>16}{wrong:>10}{right:>10}{harm:>11}")
    lines += ["", f"{'log of the lift':<18}{'bias':>16}{'95 % intervals that hold':>28}"]
    for name, each in found.lifts.items():
        bias = "-" if each.bias is None else f"{each.bias:+.3f}"
        cover = "-" if each.coverage is None else f"{100 * each.coverage:.1f} %"
        lines.append(f"{name:<18}{bias:>16}{cover:>28}")
    return "\n".join(lines)


def _drawn(found: Report, scenario: Scenario, seed: int) -> str:
    from vibevariant.cli.pictures import Curve, Panel, most_of, picture

    curves = []
    for rule in found.rules:
        points = [(row.visitors, row.named / found.experiments) for row in found.rows[rule]]
        curves.append(Curve(rule, points, 1 + RULES.index(rule)))
    truth = "nothing differs" if not scenario.lift else f"one arm is {scenario.lift:+.0%}"
    ends = ", ".join(f"{curve.name} {100 * curve.points[-1][1]:.1f} %" for curve in curves)
    return picture(
        f"How often a winner has been named where {truth}",
        f"Share of experiments by number of visitors. At the end: {ends}.",
        [Panel("Share of the experiments, by visitors", curves, most_of(curves))],
        _setting(scenario, found.experiments, seed),
        width=860, height=460, labels=120,
    )  # fmt: skip
