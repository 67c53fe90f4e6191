"""A proxy that serves an appliance under a path of another site, as nginx or Caddy would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

_OF_ONE_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


@asynccontextmanager
async def proxy(target: str, prefix: str) -> AsyncIterator[str]:
    """Where the target answers now: `prefix` is taken away before a request goes on, and nothing else is known."""
    async with ClientSession(auto_decompress=False) as client:

        async def forward(request: web.Request) -> web.Response:
            headers = {
                name: value for name, value in request.headers.items() if name.lower() not in _OF_ONE_HOP
            }
            async with client.request(
                request.method, target + request.raw_path.removeprefix(prefix), headers=headers,
                data=await request.read(), allow_redirects=False,
            ) as answer:  # fmt: skip
                back = [
                    (name, value) for name, value in answer.headers.items() if name.lower() not in _OF_ONE_HOP
                ]
                return web.Response(status=answer.status, headers=back, body=await answer.read())

        app = web.Application()
        app.router.add_route("*", prefix + "/{rest:.*}", forward)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            listener = web.TCPSite(runner, "127.0.0.1", 0)
            await listener.start()
            port = runner.addresses[0][1]
            yield f"http://127.0.0.1:{port}{prefix}"
        finally:
            await runner.cleanup()
