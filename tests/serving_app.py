"""A small site for test_serving: says on standard output what happens to it, a line each.

python -m tests.serving_app uvloop|asyncio PORT GRACE [start|routes: what shall fail]
"""

import asyncio
import sys

import aiosqlite
from sanic import Request, Sanic, text

from vibevariant.errors import VibeVariantError
from vibevariant.serving import sanic_config, serve


def say(*words: object) -> None:
    print(*words, flush=True)


async def make_app(fail: str) -> Sanic:
    app = Sanic("site", config=sanic_config(), configure_logging=False)
    # Its thread is no daemon: left open, it keeps the process alive for ever.
    app.ctx.database = await aiosqlite.connect(":memory:")

    @app.get("/")
    async def hello(request: Request):
        return text("hello")

    @app.get("/loop")
    async def loop(request: Request):
        return text(type(asyncio.get_running_loop()).__module__.partition(".")[0])

    @app.get("/slow")
    async def slow(request: Request):
        say("in flight")
        try:
            await asyncio.sleep(float(request.args["seconds"][0]))
        finally:
            say("handler done")
        return text("finished")

    @app.get("/large")
    async def large(request: Request):
        say("in flight")
        return text("x" * 8_000_000)

    @app.before_server_start
    async def before_start(app: Sanic) -> None:
        say("starting", asyncio.get_running_loop().__class__.__module__)
        await asyncio.sleep(0.2)
        if fail == "start":
            raise VibeVariantError("The start failed.")

    @app.before_server_stop
    async def before_stop(app: Sanic) -> None:
        say("before stop")

    @app.after_server_stop
    async def after_stop(app: Sanic) -> None:
        await app.ctx.database.close()
        say("after stop")

    if fail == "routes":
        app.add_route(hello, "/other", name="loop")
    return app


def main() -> None:
    loop, port, grace = sys.argv[1:4]
    try:
        serve(
            lambda: make_app("".join(sys.argv[4:])),
            host="127.0.0.1",
            port=int(port),
            grace_seconds=float(grace),
            on_listening=lambda bound: say("listening", bound),
            use_uvloop=loop == "uvloop",
        )
    except VibeVariantError as fault:
        sys.exit(f"{fault.message} {fault.hint}")
    say("stopped")


if __name__ == "__main__":
    main()
