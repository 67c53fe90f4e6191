"""serve starts the appliance; setup-link makes another one-time link to become its owner or to sign in."""

from __future__ import annotations

import gc
import shlex
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import click

from vibevariant import __version__
from vibevariant.clock import Clock
from vibevariant.flags import setting_options
from vibevariant.settings import Settings, load_settings
from vibevariant.storage.setup_link import MINUTES, SetupLink

if TYPE_CHECKING:  # heavy: every verb imports this file
    from sanic import Sanic


@click.command()
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

    _spare_what_stays()
    serve_app(
        make,
        host=settings.host,
        port=settings.port,
        grace_seconds=settings.grace_seconds,
        on_listening=lambda port: _announce(settings, port, has_owner=owners[0]),
    )


def _spare_what_stays() -> None:
    """Keeps the collector from going through what lives as long as the process: modules, and known visitors.

    Its rare full pass over a hundred thousand cached assignments is what the slowest answers waited for. Nothing of
    ours refers to itself in a circle request by request, so it has little to find there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 1_000)


def _announce(settings: Settings, port: int, *, has_owner: bool) -> None:
    url = _url(settings, port)
    lines = [f"VibeVariant {__version__} answers at {url}"]
    if has_owner:
        lines.append(
            f"To sign in without a password, make a one-time link: {_setup_link_command(settings, port)}"
        )
    else:
        token = SetupLink(settings.data_dir).make(Clock().now_ms())
        lines.append(f"Make yourself its owner (one click; the link works once, for {MINUTES} minutes):")
        lines.append(f"  {_setup_link(url, token)}")
    if settings.demo:
        lines.append(f"Example data fills in behind it; {url}/health says how far it is.")
    lines.append(f"Data: {settings.database_path.resolve()}   Stop: Ctrl-C")
    click.echo("\n".join(lines))
    sys.stdout.flush()


def _setup_link_command(settings: Settings, port: int) -> str:
    """The command that finds the same appliance again from the same folder."""
    words = ["vibevariant", "setup-link", "--data-dir", str(settings.data_dir)]
    return shlex.join([*words, *([] if settings.base_url or port == 8000 else ["--port", str(port)])])


def _setup_link(url: str, token: str) -> str:
    """What stands behind the # stays in the browser: no log between there and here ever holds the token."""
    return f"{url}/#/setup/{token}"


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


@click.command("setup-link")
@setting_options("data_dir", "base_url", "host", "port")
def setup_link(**flags: Any) -> None:
    """Print a one-time link that makes you the owner, or signs you in as the owner."""
    settings = load_settings(**flags)
    token = SetupLink(settings.data_dir).make(Clock().now_ms())
    click.echo(_setup_link(_url(settings, settings.port), token))
    click.echo(f"The link works once, for {MINUTES} minutes.", err=True)
