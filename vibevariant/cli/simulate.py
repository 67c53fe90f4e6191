"""simulate runs experiments whose truth is known: what comes of a rule that is looked at all the time, or of an allocation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from vibevariant.cli.simulate_allocation import (
    FILE_ENDINGS,
    NAMED,
    POLICIES,
    RUNS,
    Asked,
    is_allocation,
    read_scenario,
    simulate_allocation,
)
from vibevariant.errors import InvalidInput
from vibevariant.progress import progress

if TYPE_CHECKING:
    from vibevariant.experiments.simulation import Scenario
    from vibevariant.experiments.simulation_report import Report

RULES = ("decision", "z-test", "p-best-95", "p-best-99", "expected-loss", "e-value")
SHAPES = ("flat", "rising", "weekend", "launch")

ONLY_RULES = ("rules", "threshold", "arms", "base", "lift", "look_every", "allocation")
ONLY_ALLOCATION = ("mode", "days", "policies", "with_visitors", "load")
"""Options that make sense in one of the two uses."""

EXAMPLE = """\b
A scenario of your own is a file in TOML (or the same as JSON):

\b
  name = "Pricing page"
  visitors = 20000             # 10000 unless given
  visitors_per_day = 1500      # or days = 14, as it is without both
  mode = "earn"                # learn, balanced, earn or fixed; balanced unless given
  goal = "purchase"            # signup unless given
  drift = "weekend"            # flat, rising, weekend or launch: how all rates move together
  delay_hours = 6              # how long conversions take on average; at once unless given
  arms = ["control", "yearly"]
  true_rates = { control = 0.030, yearly = 0.036 }

\b
Where several things vary, it has elements in place of arms, and a rate for each combination:

\b
  [[elements]]
  key = "button"
  variants = ["green", "red"]
  [[elements]]
  key = "copy"
  variants = ["short", "long"]
  [true_rates]
  "green.short" = 0.030
  "green.long" = 0.031
  "red.short" = 0.028
  "red.long" = 0.045
"""


def _scenario(context: click.Context, option: click.Parameter, value: str) -> str:
    """A shape for rules, a named scenario or a file for an allocation."""
    if value not in SHAPES and not is_allocation(value):
        known, endings = ", ".join((*SHAPES, *NAMED)), " or ".join(FILE_ENDINGS)
        raise click.BadParameter(
            f"{value!r} is not one of {known}, and no file that ends in {endings}.", context, option
        )
    return value


@click.command(epilog=EXAMPLE)
@click.option("--rule", "rules", type=click.Choice(RULES), multiple=True,
              help="A rule that names a winner; may be given several times.  [default: all of them]")  # fmt: skip
@click.option(
    "--threshold", type=float, default=None,
    help="What the one rule asks for: a p-value below (z-test), a loss below, as a share of the base rate "
    "(expected-loss), or an e-value of at least (e-value).  [default: 0.05, 0.01, 20]",
)  # fmt: skip
@click.option("--scenario", "shape", metavar="NAME|FILE", callback=_scenario, default="flat",
              show_default=True, help="For rules, how the base rate moves: flat, rising (to three times as much), "
              "weekend (twice as much then) or launch (down from three times as much). For an allocation: headline, "
              "multi-element, or a file in TOML or JSON.")  # fmt: skip
@click.option("--mode", type=click.Choice(["learn", "balanced", "earn", "fixed"]), default=None,
              help="What visitors are spent on in an allocation.  [default: the scenario's, or balanced]")  # fmt: skip
@click.option("--days", type=click.FloatRange(0, min_open=True), default=None,
              help="How long the visitors of an allocation take to come.  [default: the scenario's, or 14]")  # fmt: skip
@click.option("--policy", "policies", type=click.Choice(POLICIES), multiple=True,
              help="A policy to compare on the same site; may be given several times.  [default: all]")  # fmt: skip
@click.option(
    "--visitors-csv", "with_visitors", is_flag=True, help="Write visitors.csv too, a line for each of them."
)
@click.option("--load", metavar="URL", default=None,
              help="Let the same visitors come to a running appliance as well, through its API.")  # fmt: skip
@click.option(
    "--key", envvar="VIBEVARIANT_KEY", default="", show_envvar=True, help="A secret key of that appliance."
)
@click.option("--arms", type=click.IntRange(2, 12), default=2, show_default=True, help="How many arms.")
@click.option(
    "--base", type=float, default=0.05, show_default=True, help="The base rate; where it moves, the lowest."
)
@click.option("--lift", type=float, default=0.0, show_default=True,
              help="By how much the last arm is better, as a share: 0.5 is half as much again.")  # fmt: skip
@click.option("--visitors", type=click.IntRange(1, 1_000_000), default=10_000,
              help="Visitors of each experiment, or of the site.  [default: 10000, or the scenario's]")  # fmt: skip
@click.option("--look-every", type=click.IntRange(1), default=100, show_default=True,
              help="Visitors from one look to the next.")  # fmt: skip
@click.option("--allocation", type=click.Choice(["fixed", "adaptive"]), default="fixed", show_default=True,
              help="Even weights, or a bandit's, renewed at every look.")  # fmt: skip
@click.option("--tests", type=click.IntRange(1, 1_000_000), default=1_000,
              help=f"How many experiments, or how many runs of each policy.  [default: 1000, or {RUNS}]")  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same figures."
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("simulation"), show_default=True,
              help="Directory for what is written.")  # fmt: skip
@click.pass_context
def simulate(context: click.Context, /, shape: str, **options: Any) -> None:
    """Run experiments whose truth is known.

    Rules: many experiments, and how often a rule that is looked at all the time is wrong. Writes the share of
    experiments in which each rule has named a winner, by number of visitors, and how far off the estimates of the lift
    are at the end.

    Allocation (--scenario headline, multi-element or a file): visitors come to a site, are assigned and reallocated by
    the code that serves, and convert at rates that it is not told. Writes the counts, every allocation and decision,
    the truth beside them, and what other policies would have lost.
    """
    given = {name for name in options if context.get_parameter_source(name) is not ParameterSource.DEFAULT}
    wrong = given & set(ONLY_RULES if is_allocation(shape) else ONLY_ALLOCATION)
    if wrong:
        flags = {option.name: option.opts[0] for option in context.command.params}
        raise InvalidInput(
            f"{', '.join(sorted(flags[name] for name in wrong))} does not go with --scenario {shape}.",
            hint=f"It is for an allocation: --scenario {', '.join(NAMED)} or a file."
            if set(ONLY_ALLOCATION) & wrong
            else f"It is for rules: --scenario {', '.join(SHAPES)}. Rates of an allocation stand in its file.",
        )
    if is_allocation(shape):
        _allocation(shape, given, **options)
    else:
        _rules(
            shape=shape,
            **{name: value for name, value in options.items() if name not in (*ONLY_ALLOCATION, "key")},
        )


def _allocation(name: str, given: set[str], **options: Any) -> None:
    scenario = read_scenario(name).changed(
        visitors=options["visitors"] if "visitors" in given else None, days=options["days"], mode=options["mode"]
    )  # fmt: skip
    asked = Asked(
        policies=options["policies"],
        runs=options["tests"] if "tests" in given else RUNS,
        seed=options["seed"],
        out=options["out"],
        with_visitors=options["with_visitors"],
        url=options["load"],
        key=options["key"],
    )
    simulate_allocation(scenario, asked)


def _rules(
    *, rules: tuple[str, ...], threshold: float | None, tests: int, seed: int, out: Path, **scenario: Any
) -> None:
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
