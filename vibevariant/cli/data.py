"""recount and migrate work on the data of an appliance that does not run."""

from __future__ import annotations

import json
from typing import Any

import click

from vibevariant.cli.work import run_to_end
from vibevariant.clock import Clock
from vibevariant.flags import setting_options
from vibevariant.progress import progress
from vibevariant.settings import load_settings


@click.command()
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

    count, off = run_to_end(run())
    if as_json:
        click.echo(json.dumps({"experiments": count, "off": off}))
    elif off:
        click.echo(f"{count} experiments recounted; the tallies of {', '.join(off)} were off and are mended.")
    else:
        click.echo(f"{count} experiments recounted; every tally was right.")


@click.command()
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

    ran = run_to_end(run())
    if as_json:
        click.echo(json.dumps({"migrated": ran}))
    else:
        said = f"Ran migration {', '.join(map(str, ran))}." if ran else "There was nothing to migrate."
        click.echo(f"{said} The database is {settings.database_path.resolve()}.")
