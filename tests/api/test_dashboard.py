"""The page, its parts and the SDK: served from memory, with the headers that a browser needs, whatever is asked for."""

import asyncio
import gzip
import re
import shutil
from urllib.parse import urljoin

import pytest

from tests.api.conftest import PAGE, built, running
from vibevariant.api.built_page import BuiltPage

SCRIPT = "/assets/vibevariant.js"
SDK = "/sdk/vibevariant.js"


async def test_the_page_is_asked_for_anew_each_time_and_sent_once(fresh):
    page = await fresh.call("GET", "/")
    assert (page.status, page.body) == (200, PAGE["index.html"])
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache"
    again = await fresh.call("GET", "/", if_none_match=page.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == page.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-cache"


async def test_the_page_runs_its_own_files_and_stands_in_nobodys_frame(fresh):
    headers = (await fresh.call("GET", "/")).headers
    assert headers["Content-Security-Policy"].split("; ") == [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ]  # fmt: skip
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_an_asset_is_kept_for_ever_for_its_name_changes_with_it(fresh):
    script = await fresh.call("GET", SCRIPT)
    assert (script.status, script.body) == (200, PAGE["assets/vibevariant.js"])
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    kept = script.headers["Cache-Control"].split(", ")
    assert {"immutable", "max-age=31536000"} <= set(kept)
    icon = await fresh.call("GET", "/icon.svg")
    assert (icon.status, icon.headers["Content-Type"]) == (200, "image/svg+xml")


async def test_pages_of_every_site_may_load_the_sdk(fresh):
    sdk = await fresh.call("GET", SDK, origin="https://site.example", sec_fetch_site="cross-site")
    assert (sdk.status, sdk.body) == (200, PAGE["sdk/vibevariant.js"])
    assert sdk.headers["Access-Control-Allow-Origin"] == "*"
    assert sdk.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert sdk.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "max-age=300" in sdk.headers["Cache-Control"]
    again = await fresh.call("GET", SDK, if_none_match=sdk.headers["ETag"], origin="https://site.example")
    assert again.status == 304
    assert again.headers["Access-Control-Allow-Origin"] == "*"


async def test_the_package_for_npm_is_sent_as_it_is(tmp_path, clock):
    archive = gzip.compress(b"package" * 99)
    page = built(tmp_path / "page", {**PAGE, "sdk/vibevariant-sdk.tgz": archive})
    async with running(tmp_path, clock, page=page) as client:
        answer = await client.call("GET", "/sdk/vibevariant-sdk.tgz", accept_encoding="gzip, br")
        assert (answer.status, answer.body) == (200, archive)
        assert answer.headers["Content-Type"] == "application/gzip"
        assert "Content-Encoding" not in answer.headers


async def test_who_can_unpack_gets_it_packed(tmp_path, clock):
    page = built(tmp_path / "page", {**PAGE, "assets/vibevariant.js.br": b"packed by the build"})
    async with running(tmp_path, clock, page=page) as client:
        tags = set()
        for accepted, coding, body in (
            ("gzip, deflate, br", "br", b"packed by the build"),
            ("gzip", "gzip", PAGE["assets/vibevariant.js"]),
            ("gzip;q=0", None, PAGE["assets/vibevariant.js"]),
        ):
            answer = await client.call("GET", SCRIPT, accept_encoding=accepted)
            assert answer.headers.get("Content-Encoding") == coding
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert int(answer.headers["Content-Length"]) == len(answer.body)
            assert (gzip.decompress(answer.body) if coding == "gzip" else answer.body) == body
            tags.add(answer.headers["ETag"])
            known = await client.call(
                "GET", SCRIPT, accept_encoding=accepted, if_none_match=answer.headers["ETag"]
            )
            assert known.status == 304
            assert known.headers["Vary"] == "Accept-Encoding"
            assert "Content-Encoding" not in known.headers
        assert len(tags) == 3


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("other", 200),
        ("{bare}", 200),
        ('"{bare}-gzip"', 200),
        ('"', 200),
    ],
)
async def test_what_is_known_is_not_sent_again(fresh, known, status):
    tag = (await fresh.call("GET", SCRIPT)).headers["ETag"]
    said = known.format(tag=tag, bare=tag.strip('"'))
    assert (await fresh.call("GET", SCRIPT, if_none_match=said)).status == status


@pytest.mark.parametrize("path", ["/", SCRIPT, SDK, "/icon.svg"])
async def test_a_head_says_what_a_get_would(fresh, path):
    head = await fresh.call("HEAD", path, accept_encoding="gzip")
    got = await fresh.call("GET", path, accept_encoding="gzip")
    assert (head.status, head.body) == (200, b"")
    unlike = {"X-Request-ID"}
    assert {k: v for k, v in head.headers.items() if k not in unlike} == {
        k: v for k, v in got.headers.items() if k not in unlike
    }
    assert (await fresh.call("POST", path)).status == 405


@pytest.mark.parametrize("room", ["assets", "sdk"])
@pytest.mark.parametrize(
    "name",
    [
        "%00", "a" * 300, "a" * 5000, "..%2findex.html", "..%2f..%2fbuild.json", "%2e%2e%2findex.html", "..%5cindex.html",
        "%2fetc%2fpasswd", "....", "%", "%ff%fe", "%ED%A0%80", "%0d%0aX-Injected:%20yes", "vibevariant.js%00.css",
        "vibevariant.js.gz", "Vibevariant.js", "index.html", "%3Cscript%3E", "",
    ],
)  # fmt: skip
async def test_a_name_that_is_not_there_is_a_404_however_hostile(fresh, room, name):
    answer = await fresh.call("GET", f"/{room}/{name}")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["code"] == "not_found"
    assert "X-Injected" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        b"/assets/../index.html", b"/assets/..", b"/assets/.", b"/assets//vibevariant.js", b"//assets/vibevariant.js",
        b"/sdk/%zz", b"/assets/%c0%ae%c0%ae%2findex.html", b"/assets/\xff", b"/assets/a\\..\\index.html",
    ],
)  # fmt: skip
async def test_a_path_that_no_browser_would_send_is_refused_too(fresh, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", fresh.session._base_url.port)
    writer.write(b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert re.match(rb"HTTP/1.1 (400|404) ", answer), answer


@pytest.mark.parametrize("path", ["/build.json", "/index.html", "/sdk", "/assets", "/icon.svg/x", "/web"])
async def test_nothing_else_of_the_folder_is_served(fresh, path):
    assert (await fresh.call("GET", path)).status == 404


async def test_the_page_outlives_the_folder_it_was_read_from(tmp_path, clock):
    page = built(tmp_path / "page")
    shutil.rmtree(tmp_path / "page")
    async with running(tmp_path, clock, page=page) as client:
        assert (await client.call("GET", SCRIPT)).body == PAGE["assets/vibevariant.js"]


@pytest.fixture
async def not_built(tmp_path, clock):
    async with running(tmp_path, clock, page=BuiltPage.read(tmp_path / "nowhere")) as client:
        yield client


async def test_a_page_that_was_not_built_says_how_to_build_it(not_built):
    answer = await not_built.call("GET", "/")
    assert answer.status == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "make run" in answer.text
    assert "install it again" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await not_built.call("GET", SCRIPT)).status == 404
    assert (await not_built.call("GET", "/livez")).status == 200


async def test_no_link_of_a_page_leaves_the_path_a_proxy_gave_it(not_built):
    for path in ("/", "/docs"):
        text = (await not_built.call("GET", path)).text
        links = re.findall(r"(?:href|src|action)=[\"']?([^\"'\s>]+)", text)
        assert links
        for link in links:
            assert urljoin(f"https://my.example/vv{path}", link).startswith("https://my.example/vv/")
