"""Runs the HTTP server on an event loop of our own, from the first signal handler to a clean stop.

Sanic's own way of stopping waits for `Server.wait_closed()` before it closes idle connections. Since Python
3.12.1 that waits for every open connection (https://github.com/python/cpython/issues/104344), so that one
browser tab keeps the process alive for ever; and one request under way costs the whole grace period. Here the
listener closes, idle connections go at once, and whoever is being answered gets until the grace is over.
"""

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sanic import Sanic
from sanic.config import Config

from vibevariant.errors import CannotListen

BACKLOG = 4096
"""Connections that may wait to be accepted. With the usual 100, 3,000 at once take 19 s instead of 0.1 s: the
kernel drops what does not fit, and clients try again after a second."""

SWEEP_SECONDS = 0.02
"""How often a stopping server looks which connections are idle by now."""

MAX_BODY = 1024 * 1024
"""Bytes of a request's body. The largest honest one is 500 events of about a kilobyte."""


MakeApp = Callable[[], Awaitable[Sanic[Any, Any]]]


def sanic_config(*, grace_seconds: float = 8.0) -> Config:
    """How Sanic is set up; its own SANIC_… variables have no say, for the settings name every one of ours."""
    config = Config(
        {
            "ACCESS_LOG": False,  # one log line a request is ours to write
            "AUTO_EXTEND": False,
            "GRACEFUL_SHUTDOWN_TIMEOUT": grace_seconds,
            "KEEP_ALIVE_TIMEOUT": 30,
            "MOTD": False,
            "NO_COLOR": True,
            "REQUEST_MAX_SIZE": MAX_BODY,
            "REQUEST_TIMEOUT": 10,
            "RESPONSE_TIMEOUT": 60,
            # Takes the signals that nobody listens to out of Sanic's methods, which doubles the requests a second.
            # It rewrites them from their source, which a frozen program therefore brings (packaging/vibevariant.spec).
            "TOUCHUP": True,
        },
        env_prefix=None,
    )
    config.FALLBACK_ERROR_FORMAT = "json"  # a property, which the constructor passes over
    return config


def serve(
    app: Sanic[Any, Any] | MakeApp,
    *,
    host: str,
    port: int,
    grace_seconds: float,
    on_listening: Callable[[int], None] | None = None,
    use_uvloop: bool = True,
) -> None:
    """Serves until SIGTERM or SIGINT, then stops within the grace. Raises CannotListen when the port is taken.

    An app whose making needs the loop (it opens a database) is given as the coroutine function that makes it.
    """

    async def run() -> None:
        stop, cut = asyncio.Event(), asyncio.Event()
        _listen_to_signals(stop, cut)
        async with listening(app, host=host, port=port, grace_seconds=grace_seconds, cut=cut) as bound:
            if on_listening is not None and not stop.is_set():
                on_listening(bound)
            await stop.wait()

    with asyncio.Runner(loop_factory=_loop_factory(use_uvloop=use_uvloop)) as runner:
        runner.run(run())


@asynccontextmanager
async def listening(
    app: Sanic[Any, Any] | MakeApp,
    *,
    host: str,
    port: int,
    grace_seconds: float,
    cut: asyncio.Event | None = None,
) -> AsyncIterator[int]:
    """The app, answering on the port it yields, on the loop that runs; a clean stop on leaving.

    Its after_server_stop listeners run whether the start went well or not. When `cut` is set, the stop waits
    for nobody any more.
    """
    sock = _bind(host, port)  # first, so that a taken port costs nothing
    try:
        app = app if isinstance(app, Sanic) else await app()
        try:
            server: Any = await app.create_server(
                sock=sock, backlog=BACKLOG, asyncio_server_kwargs={"start_serving": False}
            )
            await server.startup()
        except BaseException:  # what the app holds open would keep the process alive for ever
            loop = asyncio.get_running_loop()
            await app.dispatch("server.shutdown.after", inline=True, context={"app": app, "loop": loop})
            raise
        bound = int(sock.getsockname()[1])
        try:
            await server.before_start()
            try:
                await server.start_serving()
            except OSError as fault:
                raise _cannot_listen(host, port, fault) from fault
            await server.after_start()
            yield bound
        finally:
            await _stop(server, grace_seconds=grace_seconds, cut=cut or asyncio.Event())
    finally:
        sock.close()


async def _stop(server: Any, *, grace_seconds: float, cut: asyncio.Event) -> None:
    app, connections = server.app, server.connections
    app.state.is_stopping = True  # a handler that streams for long looks at this
    app.config.KEEP_ALIVE = False
    # What the kernel has taken already is let in and read before the door closes.
    await asyncio.sleep(SWEEP_SECONDS)
    if server.server is not None:
        server.server.close()  # never wait_closed(): see above
    log = structlog.get_logger()
    log.info("Stopping.", connections=len(connections))
    await asyncio.sleep(SWEEP_SECONDS)
    unfinished = await _sweep(connections, grace_seconds=grace_seconds, cut=cut)
    if unfinished:
        log.warning("Cut off requests that outlasted the grace.", requests=unfinished)
    try:
        await server.before_stop()
    finally:
        await server.after_stop()


async def _sweep(connections: set[Any], *, grace_seconds: float, cut: asyncio.Event) -> int:
    """Closes connections as they fall idle; says how many had to be cut off when the grace was over.

    A closed connection stays in the set until its last byte is on its way, so an empty set means all is said.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + grace_seconds
    busy: list[Any] = []
    while connections:
        busy = [connection for connection in list(connections) if not connection.close_if_idle()]
        if loop.time() >= deadline or cut.is_set():
            break
        for connection in busy:
            connection.http.keep_alive = False  # its answer says "Connection: close"
        await asyncio.sleep(min(SWEEP_SECONDS, max(0.0, deadline - loop.time())))
    else:
        return 0
    for connection in list(connections):
        connection.abort()
    await asyncio.sleep(SWEEP_SECONDS)  # whoever was cut off may clean up before the database goes
    return len(busy)


def _listen_to_signals(stop: asyncio.Event, cut: asyncio.Event) -> None:
    """SIGTERM and SIGINT stop; a second SIGINT stops without grace; a third one is Python's own."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        if stop.is_set():
            cut.set()
            loop.remove_signal_handler(signal.SIGINT)
        stop.set()

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, interrupted)


def _loop_factory(*, use_uvloop: bool) -> Callable[[], asyncio.AbstractEventLoop]:
    if use_uvloop:
        try:
            import uvloop
        except ImportError:  # no wheel for this machine; asyncio's own loop does the same, slower
            return asyncio.new_event_loop
        return uvloop.new_event_loop
    return asyncio.new_event_loop


def _bind(host: str, port: int) -> socket.socket:
    """Takes the port. Nobody can connect before the server listens."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as fault:
        raise _cannot_listen(host, port, fault) from fault
    # "localhost" may name both; IPv4 is what every client tries.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # "::" lets IPv4 in as well
        sock.bind(address)
    except OSError as fault:
        sock.close()
        raise _cannot_listen(host, port, fault) from fault
    sock.setblocking(False)
    return sock


def _cannot_listen(host: str, port: int, fault: OSError) -> CannotListen:
    if fault.errno == errno.EADDRINUSE:
        return CannotListen(
            f"Port {port} on {host} is taken by another program.",
            field="port",
            hint=f"Stop that program, or choose another port: --port {port + 1 if port < 65535 else 8000}"
            " (0 takes any that is free).",
        )
    if fault.errno == errno.EACCES:
        return CannotListen(
            f"Port {port} may not be used without special rights.",
            field="port",
            hint="Choose a port from 1024 on, and let a proxy listen on the low one.",
        )
    return CannotListen(
        f"{host} cannot be listened on: {fault.strerror or fault}.",
        field="host",
        hint="Use 127.0.0.1 for this machine alone, or 0.0.0.0 for all its addresses.",
    )
