"""The command line: every verb of the appliance."""

from __future__ import annotations

import asyncio
import json
import platform
import sqlite3
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click
from sanic import Sanic

from vibevariant import __version__
from vibevariant.clock import Clock
from vibevariant.errors import VibeVariantError
from vibevariant.flags import setting_options
from vibevariant.progress import progress
from vibevariant.settings import Settings, load_settings
from vibevariant.storage.setup_link import MINUTES, SetupLink


class _Group(click.Group):
    """Says what went wrong in a sentence, and what to do next, instead of a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except VibeVariantError as fault:
            click.echo(f"vibevariant: {fault.message}", err=True)
            if fault.hint:
                click.echo(f"  {fault.hint}", err=True)
            sys.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """VibeVariant: A/B tests and bandits that speak from the first visitor.

    Start with `vibevariant serve --demo`, open the link it prints, and look at the example experiments.
    """


@main.command()
@setting_options()
def serve(**flags: Any) -> None:
    """Start the appliance: API, job and database in one process. Stop it with Ctrl-C."""
    from vibevariant.app import create_app  # heavy: only what serves needs it
    from vibevariant.logs import configure_logs
    from vibevariant.serving import serve as serve_app

    settings = load_settings(**flags)
    configure_logs(settings)
    owners: list[bool] = []

    async def make() -> Sanic[Any, Any]:
        app = await create_app(settings)
        owners.append(await app.ctx.accounts.owner() is not None)
        return app

    serve_app(
        make,
        host=settings.host,
        port=settings.port,
        grace_seconds=settings.grace_seconds,
        on_listening=lambda port: _announce(settings, port, has_owner=owners[0]),
    )


def _announce(settings: Settings, port: int, *, has_owner: bool) -> None:
    url = _url(settings, port)
    lines = [f"VibeVariant {__version__} answers at {url}"]
    if has_owner:
        lines.append("To sign in without a password, make a one-time link: vibevariant setup-link")
    else:
        token = SetupLink(settings.data_dir).make(Clock().now_ms())
        lines.append(f"Make yourself its owner (one click; the link works once, for {MINUTES} minutes):")
        lines.append(f"  {url}/setup?token={token}")
    if settings.demo:
        lines.append(f"Example data fills in behind it; {url}/health says how far it is.")
    lines.append(f"Data: {settings.database_path.resolve()}   Stop: Ctrl-C")
    click.echo("\n".join(lines))
    sys.stdout.flush()


def _url(settings: Settings, port: int) -> str:
    if settings.base_url:
        return settings.base_url
    try:
        address = ip_address(settings.host)
    except ValueError:
        return f"http://{settings.host}:{port}"
    if address.is_loopback or address.is_unspecified:
        return f"http://localhost:{port}"
    return f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"


@main.command("setup-link")
@setting_options("data_dir", "base_url", "host", "port")
def setup_link(**flags: Any) -> None:
    """Print a one-time link that makes you the owner, or signs you in as the owner."""
    settings = load_settings(**flags)
    token = SetupLink(settings.data_dir).make(Clock().now_ms())
    click.echo(f"{_url(settings, settings.port)}/setup?token={token}")
    click.echo(f"The link works once, for {MINUTES} minutes.", err=True)


@main.command()
@click.option("--url", envvar="VIBEVARIANT_URL", default="http://localhost:8000", show_default=True, show_envvar=True,
              help="The running appliance.")  # fmt: skip
@click.option(
    "--key", envvar="VIBEVARIANT_KEY", required=True, show_envvar=True, help="A secret key (vv_sk_…) of it."
)
@click.option("--remove", is_flag=True, help="Remove the example project, with all that is in it.")
@click.option("--json", "as_json", is_flag=True, help="Print what a program reads.")
def demo(url: str, key: str, *, remove: bool, as_json: bool) -> None:
    """Load the example project into a running appliance, or remove it."""
    from vibevariant.client import Appliance

    async def run() -> dict[str, Any]:
        async with Appliance.at(url, key) as appliance:
            if remove:
                await appliance.call("DELETE", "/api/v1/examples")
                return {"state": "absent", "done": 0, "total": 0}
            report = await appliance.call("POST", "/api/v1/examples")
            with progress("Loading the examples", report["total"] or 1, quiet=as_json) as advance:
                done = 0
                while report["state"] == "loading":
                    await asyncio.sleep(0.3)
                    report = await appliance.call("GET", "/api/v1/examples")
                    advance(report["done"] - done)
                    done = report["done"]
            return dict(report)

    report = _run(run())
    if as_json:
        click.echo(json.dumps(report))
    elif remove:
        click.echo("The example project is gone.")
    else:
        click.echo(f"The example project: {report['state']} ({report['done']:,} visitors).")


@main.command()
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

    with file.open(encoding="utf-8", newline="") as lines:
        recorded = read_recorded(lines)
    chosen = [experiment for experiment in recorded if not only or experiment.key in only][
        : len(only) or first
    ]
    if not chosen:
        raise click.ClickException("The file holds none of these experiments with two arms or more.")
    visitors = sum(experiment.exposed for experiment in chosen)

    async def run() -> Any:
        target = Appliance.at(url, key) if url else throwaway_appliance("--refresh-seconds", "1")
        async with target as appliance:
            with progress("Replaying visitors", visitors, quiet=as_json) as advance:
                how = "fixed" if fixed else "adaptive"
                return await run_replay(appliance, chosen, how=how, seed=seed, advance=advance)  # type: ignore[arg-type]

    outcome = _run(run())
    click.echo(json.dumps([asdict(row) for row in outcome]) if as_json else table(outcome))


@main.command()
@setting_options("data_dir", "database_url")
@click.option("--json", "as_json", is_flag=True, help="Print what a program reads.")
def recount(*, as_json: bool, **flags: Any) -> None:
    """Rebuild every tally from the stored facts, and say whether any was off. The appliance must be stopped."""
    from vibevariant.storage.database import Database
    from vibevariant.storage.experiments import Experiments
    from vibevariant.storage.ledger import Ledger
    from vibevariant.storage.live_catalog import LiveCatalog
    from vibevariant.storage.projects import Projects

    settings = load_settings(**flags)

    async def run() -> tuple[int, list[str]]:
        database = await Database.open(settings.database_path, now=Clock().now_ms())
        try:
            catalog = LiveCatalog(Projects(database), Experiments(database))
            experiments = (await catalog.reload()).experiments
            ledger = Ledger(database, lambda: catalog.current)
            off = []
            with progress("Recounting experiments", len(experiments), quiet=as_json) as advance:
                for experiment in experiments:
                    if await ledger.recount(experiment):
                        off.append(experiment.key)
                    advance(1)
            return len(experiments), off
        finally:
            await database.close()

    count, off = _run(run())
    if as_json:
        click.echo(json.dumps({"experiments": count, "off": off}))
    elif off:
        click.echo(f"{count} experiments recounted; the tallies of {', '.join(off)} were off and are mended.")
    else:
        click.echo(f"{count} experiments recounted; every tally was right.")


@main.command()
@setting_options("data_dir", "database_url")
@click.option("--json", "as_json", is_flag=True, help="Print what a program reads.")
def migrate(*, as_json: bool, **flags: Any) -> None:
    """Bring the database to the schema of this version; `serve` does the same when it starts."""
    from vibevariant.storage.database import Database

    settings = load_settings(**flags)

    async def run() -> list[int]:
        database = await Database.open(settings.database_path, now=Clock().now_ms())
        await database.close()
        return database.migrated

    ran = _run(run())
    if as_json:
        click.echo(json.dumps({"migrated": ran}))
    else:
        said = f"Ran migration {', '.join(map(str, ran))}." if ran else "There was nothing to migrate."
        click.echo(f"{said} The database is {settings.database_path.resolve()}.")


@main.command()
def openapi() -> None:
    """Print the description of the API (OpenAPI 3.1)."""
    from vibevariant.api.openapi import document

    click.echo(json.dumps(document(), indent=2))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print what a program reads.")
def version(*, as_json: bool) -> None:
    """Print the version of VibeVariant, Python and SQLite."""
    versions = {
        "vibevariant": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    click.echo(
        json.dumps(versions) if as_json else "  ".join(f"{name} {value}" for name, value in versions.items())
    )


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(130)
