"""The bare Sanic echo that everything is measured against: the same server, the same settings, nothing done."""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse, Request, Sanic, json

from vibevariant.serving import sanic_config, serve


def main() -> None:
    app: Sanic[Any, Any] = Sanic("echo", config=sanic_config(), configure_logging=False)

    async def echo(request: Request[Any, Any]) -> HTTPResponse:
        return json(request.json)

    app.add_route(echo, "/echo", methods=["POST"])
    serve(
        app, host="127.0.0.1", port=0, grace_seconds=2,
        on_listening=lambda port: print(f"Echo answers at http://127.0.0.1:{port}\nData: none", flush=True),
    )  # fmt: skip


if __name__ == "__main__":
    main()
