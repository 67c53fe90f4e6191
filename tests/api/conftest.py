"""A real appliance on a real port, with its owner, a project and a key."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from tests.clock import FakeClock
from vibevariant.api.built_page import BuiltPage
from vibevariant.api.context import Context
from vibevariant.app import create_app
from vibevariant.serving import listening
from vibevariant.settings import load_settings

PAGE = {
    "index.html": b'<!doctype html><script type="module" src="./assets/vibevariant.js"></script>',
    "icon.svg": b"<svg/>",
    "build.json": b'{"digest": "0"}',
    "assets/vibevariant.js": b"const page = 1;\n" * 99,
    "sdk/vibevariant.js": b"export const sdk = 1;\n" * 99,
}
"""What the build leaves, in small; one name is in both folders."""


def built(folder: Path, files: dict[str, bytes] | None = None) -> BuiltPage:
    """A page as if it had just been built."""
    for path, body in (PAGE if files is None else files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
    return BuiltPage.read(folder)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """Speaks to an appliance, without ever keeping a cookie."""

    session: aiohttp.ClientSession
    app: Sanic
    clock: FakeClock
    key: str = ""
    token: str = ""

    @property
    def context(self) -> Context:
        return self.app.ctx

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: str | None = None,
        raw: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """`by` is a token or a key; `raw` is sent as it is. An underscore in a header's name is a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if by:
            named["authorization"] = f"Bearer {by}"
        data = io.BytesIO(raw or b"") if body is None else json.dumps(body).encode()
        async with self.session.request(
            method, path, data=data, headers=named, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def manage(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        answer = await self.call(method, f"/api/v1{path}", body, by=self.key)
        assert answer.status == expect, answer.text
        return answer.json if answer.body else None

    async def visit(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        answer = await self.call(method, f"/api/v1{path}", body, by=self.token)
        assert answer.status == expect, answer.text
        return answer.json

    async def experiment(self, key: str = "hero", *, start: bool = True, **settings: Any) -> Any:
        """An experiment with two arms and the goal signup."""
        given = {
            "key": key,
            "arms": [{"key": "control"}, {"key": "bold"}],
            "goal": "signup",
            "allocation": "fixed",
        }
        made = await self.manage(
            "POST", "/experiments", {k: v for k, v in (given | settings).items() if v is not None}, 201
        )
        return await self.manage("POST", f"/experiments/{key}/start") if start else made

    async def count(self, table: str) -> int:
        rows = await self.context.database.reader.execute_fetchall(f"select count(*) from {table}")
        return next(iter(rows))[0]


@asynccontextmanager
async def running(
    folder: Path, clock: FakeClock, page: BuiltPage | None = None, **flags: Any
) -> AsyncIterator[Client]:
    """An appliance that answers, before its first run; with a page that does not depend on what was built here."""
    Sanic.test_mode = True  # apps of the same name may follow each other
    settings = load_settings(data_dir=folder / "data", refresh_seconds=86_400, **flags)
    app = await create_app(settings, clock, dashboard=page or built(folder / "page"))
    async with (
        listening(app, host="127.0.0.1", port=0, grace_seconds=5) as port,
        aiohttp.ClientSession(
            f"http://127.0.0.1:{port}",
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers={"Accept-Encoding"},
            auto_decompress=False,
        ) as session,  # fmt: skip
    ):
        yield Client(session, app, clock)


async def set_up(client: Client, project: str = "site") -> None:
    link = client.context.setup_link.make(client.clock.now_ms())
    answer = await client.call("POST", "/api/v1/setup", {"token": link, "project": project})
    assert answer.status == 200, answer.text
    client.key, client.token = answer.json["secret_key"], answer.json["project"]["token"]


@pytest.fixture
async def fresh(tmp_path, clock) -> AsyncIterator[Client]:
    async with running(tmp_path, clock) as client:
        yield client


@pytest.fixture
async def site(fresh) -> Client:
    await set_up(fresh)
    return fresh
