"""replay takes real experiments through an appliance, and ends with what became of them."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from vibevariant.cli.work import run_to_end
from vibevariant.errors import InvalidInput
from vibevariant.progress import progress


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--first",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Replay this many experiments of the file.",
)
@click.option(
    "--only", multiple=True, metavar="TEST_ID", help="Replay just this one; may be given several times."
)
@click.option(
    "--fixed", is_flag=True, help="Bring the recorded counts in as they are, through the import door."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of who converts.")
@click.option("--url", envvar="VIBEVARIANT_URL", default=None, show_envvar=True,
              help="A running appliance; without it, one is started for the replay and thrown away.")  # fmt: skip
@click.option(
    "--key", envvar="VIBEVARIANT_KEY", default="", show_envvar=True, help="A secret key of that appliance."
)
@click.option("--json", "as_json", is_flag=True, help="Print what a program reads.")
def replay(
    file: Path,
    first: int,
    only: tuple[str, ...],
    seed: int,
    url: str | None,
    key: str,
    *,
    fixed: bool,
    as_json: bool,
) -> None:
    """Take real experiments through an appliance and see what it decides.

    FILE is CSV with the columns test_id, arm, impressions, clicks.
    """
    from vibevariant.client import Appliance, throwaway_appliance
    from vibevariant.experiments.recorded import read_recorded
    from vibevariant.replay import replay as run_replay
    from vibevariant.replay import table

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            recorded = read_recorded(lines)
    except (UnicodeDecodeError, csv.Error) as fault:
        raise InvalidInput(
            f"{file} is no CSV in UTF-8 ({fault}).", hint="See `vibevariant replay --help` for its columns."
        ) from fault
    missing = [key for key in only if key not in {experiment.key for experiment in recorded}]
    if missing or not recorded:
        named = f" called {', '.join(missing)}" if missing else ""
        raise InvalidInput(f"{file} holds no experiment{named} with two arms or more.")
    chosen = [experiment for experiment in recorded if not only or experiment.key in only]
    chosen = chosen if only else chosen[:first]
    visitors = sum(experiment.exposed for experiment in chosen)

    async def run() -> Any:
        target = Appliance.at(url, key) if url else throwaway_appliance("--refresh-seconds", "1")
        async with target as appliance:
            with progress("Replaying visitors", visitors, quiet=as_json) as advance:
                how = "fixed" if fixed else "adaptive"
                return await run_replay(appliance, chosen, how=how, seed=seed, advance=advance)  # type: ignore[arg-type]

    outcome = run_to_end(run())
    click.echo(json.dumps([asdict(row) for row in outcome]) if as_json else table(outcome))
