"""The one-time link: once, in time, and for whoever can read the data directory."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from vibevariant.errors import StorageError
from vibevariant.storage.setup_link import MINUTES, SetupLink

NOW = 1_760_000_000_000


def test_a_token_is_good_once(tmp_path: Path) -> None:
    link = SetupLink(tmp_path)
    token = link.make(NOW)
    assert link.is_good(token, NOW)
    assert link.use_up(token, NOW)
    assert not link.use_up(token, NOW)


def test_a_token_is_good_for_half_an_hour(tmp_path: Path) -> None:
    link = SetupLink(tmp_path)
    token = link.make(NOW)
    assert link.is_good(token, NOW + MINUTES * 60_000 - 1)
    assert not link.use_up(token, NOW + MINUTES * 60_000)


def test_a_new_token_ends_the_old_one(tmp_path: Path) -> None:
    link = SetupLink(tmp_path)
    old, new = link.make(NOW), link.make(NOW)
    assert not link.use_up(old, NOW)
    assert link.use_up(new, NOW)


def test_a_guess_neither_succeeds_nor_uses_the_token_up(tmp_path: Path) -> None:
    link = SetupLink(tmp_path)
    token = link.make(NOW)
    assert not link.use_up("", NOW)
    assert not link.use_up(token + "x", NOW)
    assert link.use_up(token, NOW)


def test_the_file_is_for_its_owner_alone_and_holds_no_token(tmp_path: Path) -> None:
    token = SetupLink(tmp_path / "data").make(NOW)
    file = tmp_path / "data" / "setup-link.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in file.read_text()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"file/data cannot be used") as caught:
        SetupLink(tmp_path / "file/data").make(NOW)
    assert "--data-dir" in (caught.value.hint or "")
