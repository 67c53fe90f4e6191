"""healthcheck asks the appliance on this machine how it is: for containers, which have no curl."""

from __future__ import annotations

import http.client
import json
import sys
from ipaddress import ip_address
from typing import Any

import click

from vibevariant.flags import setting_options
from vibevariant.settings import Settings, load_settings

PATIENCE = 4.0
"""Seconds for the answer. The appliance gives its own database two, and a container is asked every half minute."""


@click.command()
@setting_options("data_dir", "host", "port")
def healthcheck(**flags: Any) -> None:
    """Ask the appliance on this machine how it is; exit code 1 when it cannot do its work."""
    settings = load_settings(**flags)
    host = _host(settings)
    fault = _fault(host, settings.port)
    if fault:
        click.echo(f"vibevariant: {host} port {settings.port}: {fault}", err=True)
        sys.exit(1)
    click.echo("healthy")


def _host(settings: Settings) -> str:
    """Where to ask: at the address it listens on, or at this machine's own when it listens on all."""
    try:
        address = ip_address(settings.host)
    except ValueError:
        return settings.host
    if not address.is_unspecified:
        return settings.host
    return "127.0.0.1" if address.version == 4 else "::1"


def _fault(host: str, port: int) -> str:
    """What is wrong; empty when nothing is."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health", headers={"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} seconds"
    except (OSError, http.client.HTTPException) as fault:
        return f"no answer ({fault})"
    finally:
        connection.close()
    if answer.status == 200:
        return ""
    return f"it answers {answer.status}. {_said(body)}".strip()


def _said(body: bytes) -> str:
    """What the appliance says is wrong with it."""
    try:
        said = json.loads(body)
        parts = [
            said.get("output"),
            *(check.get("output") for each in said["checks"].values() for check in each),
        ]
    except (ValueError, LookupError, AttributeError, TypeError):
        return ""
    return " ".join(part for part in parts if part)
