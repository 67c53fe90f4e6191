"""The second use of simulate: visitors come to a site whose truth is known, and the appliance sends them where it would."""

from __future__ import annotations

import json
import os
import signal
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vibevariant.cli.work import run_to_end
from vibevariant.errors import InvalidInput
from vibevariant.progress import progress

if TYPE_CHECKING:
    from vibevariant.experiments.allocation_scenario import AllocationScenario
    from vibevariant.experiments.bandits import Each
    from vibevariant.experiments.policy_courses import PolicyCourse
    from vibevariant.experiments.visits import Visits

FILE_ENDINGS = (".toml", ".json")
NAMED = ("headline", "multi-element")
POLICIES = ("even", "learn", "balanced", "earn", "epsilon-greedy", "ucb1", "kl-ucb", "thompson")
RUNS = 20
"""Of every policy: enough to tell them apart in a picture, and done in half a minute."""

LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for beside the scenario."""

    policies: Sequence[str]
    runs: int
    seed: int
    out: Path
    with_visitors: bool
    url: str | None
    key: str


def is_allocation(scenario: str) -> bool:
    """Whether this names a scenario of an allocation: one of ours, or a file."""
    return scenario in NAMED or scenario.endswith(FILE_ENDINGS)


def simulate_allocation(scenario: AllocationScenario, asked: Asked) -> None:
    """Simulates it, writes the files, puts it into an appliance where that is asked for, and says what came of it."""
    if asked.url is not None and not asked.key:
        raise InvalidInput(
            "To load the visitors into an appliance, its secret key is needed.",
            hint="Give --key vv_sk_…, or set VIBEVARIANT_KEY.",
        )
    from vibevariant.cli.allocation_words import loaded_said, policies_said, visits_said
    from vibevariant.experiments.policy_courses import policy_courses
    from vibevariant.experiments.visits import visit
    from vibevariant.load_simulation import load

    policies: Any = [policy for policy in POLICIES if policy in (asked.policies or POLICIES)]
    _writable(asked.out)
    with progress("Simulating visitors", scenario.visitors) as advance:
        visits = visit(scenario, asked.seed, advance=advance)
    loaded = None
    if asked.url is not None:
        with progress("Loading visitors", scenario.visitors) as advance:
            loaded = run_to_end(load(asked.url, asked.key, scenario, visits.crowd, advance))
    with _processes() as each, progress("Playing policies", asked.runs * len(policies)) as advance:
        courses = policy_courses(scenario, policies, asked.runs, asked.seed, each=each, advance=advance)
    written = _write(visits, courses, asked)
    click.echo(f"{visits_said(visits, asked.seed)}\n\n{policies_said(courses)}")
    click.echo(f"\nIn {asked.out}: {', '.join(written)}.")
    if loaded is not None and asked.url is not None:
        click.echo(f"\n{loaded_said(loaded, scenario, asked.url)}")


def read_scenario(name: str) -> AllocationScenario:
    """The scenario of this name, or the one that a file holds."""
    from vibevariant.experiments import allocation_scenario as known

    if name in known.NAMED:
        return known.NAMED[name]
    path = Path(name)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise InvalidInput(
            f"{path} cannot be read ({fault.strerror}).", hint=f"Name a file, or one of: {', '.join(NAMED)}."
        ) from fault
    if len(content) > LARGEST_FILE:
        raise InvalidInput(f"{path} is too large for a scenario.", hint="A scenario takes a few lines.")
    try:
        text = content.decode("utf-8-sig")
        plain = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as fault:
        kind = path.suffix[1:].upper()
        raise InvalidInput(
            f"{path} is no {kind} in UTF-8 ({fault}).", hint="`vibevariant simulate --help` shows a scenario."
        ) from fault
    try:
        return known.scenario_of(plain)
    except InvalidInput as fault:
        where = f"{path}, {fault.field}" if fault.field else str(path)
        raise InvalidInput(f"{where}: {fault.message}", hint=fault.hint) from fault


@contextmanager
def _processes() -> Iterator[Each]:
    """`map` over as many processes as there are processors."""
    processors = os.cpu_count() or 1
    if processors == 1:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(processors, get_context("spawn"), _ignore_interrupts) as pool:
        yield pool.map


def _ignore_interrupts() -> None:
    """Ctrl-C is the business of the process that waits for the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _writable(out: Path) -> None:
    """Makes the directory before the work is done, so that nobody waits for nothing."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise _unwritable(out, fault) from fault


def _unwritable(out: Path, fault: OSError) -> InvalidInput:
    return InvalidInput(
        f"{out} cannot be written to ({fault.strerror}).", hint="Name another directory with --out."
    )


def _write(visits: Visits, courses: list[PolicyCourse], asked: Asked) -> list[str]:
    from vibevariant.cli.allocation_metadata import metadata
    from vibevariant.cli.allocation_pictures import chances_picture, regret_picture, traffic_picture
    from vibevariant.cli.allocation_words import setting
    from vibevariant.experiments.policy_courses import courses_csv
    from vibevariant.experiments.visits_tables import allocations_csv, looks_csv, matrix_csv, visitors_csv

    note = setting(visits.scenario, asked.seed)
    files: dict[str, Callable[[], str]] = {
        "matrix.csv": lambda: matrix_csv(visits),
        "allocations.csv": lambda: allocations_csv(visits),
        "looks.csv": lambda: looks_csv(visits),
        "courses.csv": lambda: courses_csv(courses),
        "metadata.json": lambda: metadata(visits, courses, asked.seed),
        "traffic.svg": lambda: traffic_picture(visits, note),
        "chances.svg": lambda: chances_picture(visits, note),
        "regret.svg": lambda: regret_picture(courses, f"{note}; {asked.runs} runs of each policy"),
    }
    if asked.with_visitors:
        files["visitors.csv"] = lambda: visitors_csv(visits)
    try:
        for name, content in files.items():
            (asked.out / name).write_text(content(), encoding="utf-8", newline="")
    except OSError as fault:
        raise _unwritable(asked.out, fault) from fault
    return list(files)
