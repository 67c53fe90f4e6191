"""The command line: every verb of the appliance."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

# Before numpy is loaded, which happens in the verbs that need it: the statistics multiply small matrices, and threads
# that wait for each other take two to three times as long for these as one thread.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from vibevariant.cli.about import openapi, version
from vibevariant.cli.analyze import analyze
from vibevariant.cli.data import migrate, recount
from vibevariant.cli.demo import demo
from vibevariant.cli.healthcheck import healthcheck
from vibevariant.cli.replay import replay
from vibevariant.cli.serve import serve, setup_link
from vibevariant.cli.simulate import simulate
from vibevariant.cli.verify import verify
from vibevariant.errors import VibeVariantError


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


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """VibeVariant: A/B tests and bandits that speak from the first visitor.

    Start with `vibevariant serve --demo`, open the link it prints, and look at the example experiments.
    """


for verb in (
    serve,
    setup_link,
    demo,
    replay,
    analyze,
    simulate,
    recount,
    verify,
    migrate,
    healthcheck,
    openapi,
    version,
):
    main.add_command(verb)
