"""What the build left is read once, with every encoding of it, and the best one for the asker is chosen."""

import gzip
import hashlib

import pytest

from tests.api.conftest import PAGE, built
from vibevariant.api.built_page import BuiltPage, best_coding

ALL = ("br", "gzip", "identity")


def test_every_file_is_read_with_its_type_and_its_hash(tmp_path):
    page = built(tmp_path)
    assert page.files.keys() == PAGE.keys()
    script = page.files["assets/vibevariant.js"]
    assert script.media_type == "text/javascript; charset=utf-8"
    assert hashlib.sha256(PAGE["assets/vibevariant.js"]).hexdigest().startswith(script.digest)
    assert script.bodies["identity"] == PAGE["assets/vibevariant.js"]
    assert script.digest != page.files["sdk/vibevariant.js"].digest


def test_text_is_packed_at_the_start_where_the_build_has_not_done_so(tmp_path):
    text, font, little = b"a" * 5000, b"\x00" * 5000, b"a"
    page = built(tmp_path, {"assets/a.css": text, "assets/a.woff2": font, "assets/b.css": little})
    packed = page.files["assets/a.css"].bodies["gzip"]
    assert gzip.decompress(packed) == text
    assert len(packed) < len(text)
    for name in ("a.woff2", "b.css"):  # packed already, or larger when packed
        assert page.files[f"assets/{name}"].bodies.keys() == {"identity"}
    assert built(tmp_path, {}).files["assets/a.css"].bodies["gzip"] == packed  # the same at every start


def test_what_lies_beside_a_file_is_its_encoding_and_no_file_of_its_own(tmp_path):
    page = built(tmp_path, {"assets/a.js": b"plain" * 99, "assets/a.js.gz": b"GZ", "assets/a.js.br": b"BR"})
    assert page.files.keys() == {"assets/a.js"}
    assert page.files["assets/a.js"].bodies == {"br": b"BR", "gzip": b"GZ", "identity": b"plain" * 99}


def test_an_archive_is_a_file_and_no_encoding(tmp_path):
    page = built(tmp_path, {"sdk/vibevariant-sdk.tgz": b"tgz", "sdk/other.tar.gz": b"tar"})
    assert page.files["sdk/vibevariant-sdk.tgz"].media_type == "application/gzip"
    assert page.files["sdk/vibevariant-sdk.tgz"].bodies == {"identity": b"tgz"}
    assert "sdk/other.tar.gz" in page.files


def test_each_encoding_has_a_tag_of_its_own(tmp_path):
    script = built(tmp_path, {"assets/a.js": b"plain" * 99}).files["assets/a.js"]
    assert len({script.tag(coding) for coding in ALL}) == 3


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert BuiltPage.read(tmp_path / "nowhere").files == {}


@pytest.mark.parametrize(
    ("accepted", "there", "best"),
    [
        ("", ALL, "identity"),
        ("gzip, deflate, br, zstd", ALL, "br"),
        ("gzip, deflate, br", ("gzip", "identity"), "gzip"),
        ("gzip, deflate, br", ("identity",), "identity"),
        ("GZIP", ALL, "gzip"),
        ("x-gzip", ALL, "gzip"),
        ("br;q=0.5, gzip;q=0.8", ALL, "gzip"),
        ("br ; q=0.5 ,gzip; Q=0.8", ALL, "gzip"),
        ("br;q=0, gzip", ALL, "gzip"),
        ("br;q=0.001", ALL, "br"),
        ("br;q=0", ALL, "identity"),
        ("identity, gzip;q=0.5", ALL, "identity"),
        ("identity;q=0, gzip;q=0.001", ALL, "gzip"),
        ("*", ALL, "br"),
        ("*;q=0.5, gzip", ALL, "gzip"),
        ("br;q=0, *", ALL, "gzip"),
        ("gzip, *;q=0", ALL, "gzip"),
        # Nothing is right: a plain answer helps more than none.
        ("*;q=0", ALL, "identity"),
        ("identity;q=0", ALL, "identity"),
        ("zstd", ALL, "identity"),
        # Nobody can say what this means, so it means nothing.
        ("gzip;q=2, br;q=x, ,;;,\udcff;q=1", ALL, "identity"),
    ],
)
def test_the_best_encoding_is_the_one_the_asker_likes_most(accepted, there, best):
    assert best_coding(accepted, there) == best
