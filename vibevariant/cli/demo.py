"""demo loads the example project into a running appliance, or removes it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click

from vibevariant.cli.work import run_to_end
from vibevariant.progress import progress


@click.command()
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

    report = run_to_end(run())
    if as_json:
        click.echo(json.dumps(report))
    elif remove:
        click.echo("The example project is gone.")
    else:
        click.echo(f"The example project: {report['state']} ({report['done']:,} visitors).")
