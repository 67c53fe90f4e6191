"""verify makes everything again that was decided about an experiment, and says whether it comes out the same."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from vibevariant.cli.work import run_to_end
from vibevariant.clock import Clock
from vibevariant.errors import Conflict, NotFound
from vibevariant.flags import setting_options
from vibevariant.settings import load_settings

if TYPE_CHECKING:
    from vibevariant.experiments.catalog import Catalog
    from vibevariant.experiments.experiment import Experiment
    from vibevariant.experiments.verification import Checked

MOST_SAID = 10
"""Of what is wrong; with --json all of it."""


@click.command()
@click.argument("experiment")
@click.option(
    "--project", default=None, help="The project's key, where several have an experiment of this key."
)
@setting_options("data_dir", "database_url")
@click.option("--json", "as_json", is_flag=True, help="Print what a program reads.")
def verify(experiment: str, project: str | None, *, as_json: bool, **flags: Any) -> None:
    """Make every assignment, allocation and decision of EXPERIMENT again from the stored facts. It must be stopped.

    Ends with 1 when anything comes out differently.
    """
    from vibevariant.storage.database import Database
    from vibevariant.storage.experiments import Experiments
    from vibevariant.storage.live_catalog import LiveCatalog
    from vibevariant.storage.projects import Projects
    from vibevariant.storage.verification import verify as verified

    settings = load_settings(**flags)

    async def run() -> list[Checked]:
        database = await Database.open(settings.database_path, now=Clock().now_ms())
        try:
            catalog = LiveCatalog(Projects(database), Experiments(database))
            return await verified(database, _named(await catalog.reload(), experiment, project))
        finally:
            await database.close()

    found = run_to_end(run())
    wrong = sum(len(each.wrong) for each in found)
    if as_json:
        click.echo(
            json.dumps({"experiment": experiment, "right": not wrong, "checks": [asdict(f) for f in found]})
        )
    else:
        for each in found:
            _say(each)
        click.echo(
            f"\n{wrong} of it {'is' if wrong == 1 else 'are'} not what it should be." if wrong
            else f"\nAll of {experiment} comes out again as it was stored."
        )  # fmt: skip
    sys.exit(1 if wrong else 0)


def _say(checked: Checked) -> None:
    click.echo(f"{checked.right:>9,}  {checked.what}")
    if checked.left_out:
        click.echo(f"{checked.left_out:>9,}    left out: {checked.why}")
    for sentence in checked.wrong[:MOST_SAID]:
        click.echo(f"    WRONG  {sentence}")
    if len(checked.wrong) > MOST_SAID:
        click.echo(f"           and {len(checked.wrong) - MOST_SAID:,} more; --json names them all")


def _named(catalog: Catalog, key: str, project: str | None) -> Experiment:
    found = [
        each
        for each in catalog.experiments
        if each.key == key and project in (None, catalog.project_by_id[each.project_id].key)
    ]
    if not found:
        keys = sorted({each.key for each in catalog.experiments})
        raise NotFound(
            f"There is no experiment {key!r:.80}{'' if project is None else f' in the project {project!r:.80}'}.",
            hint=f"There are: {', '.join(keys[:20])}." if keys else "There are none yet.",
        )
    if len(found) > 1:
        homes = ", ".join(catalog.project_by_id[each.project_id].key for each in found)
        raise Conflict(
            f"Several projects have an experiment {key}.", hint=f"Name one with --project: {homes}."
        )
    return found[0]
