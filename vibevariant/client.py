"""The appliance from outside: what `replay` and `demo` use to visit one over HTTP, as a site or a program would."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp

from vibevariant.errors import VibeVariantError
from vibevariant.settings import Settings, variables_of

_SETUP_LINK = re.compile(r"(https?://[^/\s]+)/#/setup/(\S+)")
START_SECONDS = 60
STOP_SECONDS = 20
CONNECTIONS = 32


class ApplianceRefused(VibeVariantError):
    """The appliance answered with an error."""

    code = "appliance_refused"


class Appliance:
    """A running appliance and the key or token to speak to it with."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._key = key

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str, key: str) -> AsyncIterator[Self]:
        """The appliance at an address."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield cls(session, url, key)

    async def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The JSON of the answer. Raises ApplianceRefused with what the appliance said."""
        headers = {"authorization": f"Bearer {key or self._key}"}
        try:
            async with self._session.request(method, self._url + path, json=body, headers=headers) as answer:
                content = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise ApplianceRefused(
                f"No appliance answers at {self._url} ({str(fault) or 'it took too long'}).",
                hint="Start one with `vibevariant serve`, or name another with --url.",
            ) from fault
        except ValueError as fault:
            raise ApplianceRefused(
                f"What answers at {self._url} is no appliance.", hint="Look at the address given with --url."
            ) from fault
        if answer.status >= 400:
            said = content if isinstance(content, dict) else {}
            raise ApplianceRefused(
                f"{method} {path}: {answer.status} {said.get('detail', '')}", hint=said.get("hint")
            )
        return content


@asynccontextmanager
async def throwaway_appliance(*flags: str) -> AsyncIterator[Appliance]:
    """An appliance of our own for as long as the block lasts, in a folder that goes with it."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "vibevariant"]
    # What is set for the appliance in earnest, its database above all, must not reach this one.
    foreign = {variable for name in Settings.model_fields for variable in variables_of(name)}
    own = {name: value for name, value in os.environ.items() if name not in foreign}
    with tempfile.TemporaryDirectory(prefix="vibevariant-") as folder:
        process = await asyncio.create_subprocess_exec(
            *program, "serve", "--port", "0", "--data-dir", folder, "--log-level", "WARNING", *flags,
            stdout=asyncio.subprocess.PIPE, env=own,
        )  # fmt: skip
        try:
            url, token = await _setup_link_of(process)
            async with Appliance.at(url, "") as appliance:
                setup = await appliance.call("POST", "/api/v1/setup", {"token": token})
            async with Appliance.at(url, setup["secret_key"]) as appliance:
                yield appliance
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stops it, and makes sure of that: its folder goes away next."""
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.communicate()


async def _setup_link_of(process: asyncio.subprocess.Process) -> tuple[str, str]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            while line := await process.stdout.readline():
                if found := _SETUP_LINK.search(line.decode()):
                    return found[1], found[2]
    except TimeoutError as fault:
        raise ApplianceRefused(f"The appliance did not start within {START_SECONDS} seconds.") from fault
    raise ApplianceRefused("The appliance did not start; what it said is above.")
