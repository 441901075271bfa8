"""Swapping a file's content where there is neither an exchange of names nor a hard link (exFAT, network disks)."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Iterator

import pytest

from cmos.files import exchange
from cmos.files.scan import digest

OLD, NEW, THEIRS = b"status: Current\n", b"status: Completed\n", b"status: Current # theirs\n"


@pytest.fixture(params=["links", "no links"])
def poor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A file system without the call, and with or without hard links: what it says is all that is changed."""
    monkeypatch.setattr(exchange, "_rename_exchange", lambda one, other: False)
    if request.param == "no links":

        def refuse(*_: object) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    yield request.param


def swap(folder: Path, old: bytes = OLD) -> exchange.Written:
    path = str(folder / "a.yaml")
    temporary = exchange.temporary_for(path)
    return exchange.exchange(path, NEW, old_hash=digest(old), temporary=temporary, aside=str(folder / "aside"))


def test_a_write_happens(tmp_path: Path, poor: str) -> None:
    (tmp_path / "a.yaml").write_bytes(OLD)
    assert swap(tmp_path).late is None
    assert (tmp_path / "a.yaml").read_bytes() == NEW
    assert sorted(os.listdir(str(tmp_path))) == ["a.yaml", "aside"]


def test_a_save_before_it_is_put_back(tmp_path: Path, poor: str) -> None:
    (tmp_path / "a.yaml").write_bytes(THEIRS)
    with pytest.raises(exchange.Changed) as changed:
        swap(tmp_path)
    assert changed.value.texts == () and (tmp_path / "a.yaml").read_bytes() == THEIRS
    assert os.listdir(str(tmp_path)) == ["a.yaml"]


def test_a_save_that_takes_the_name_in_between_stays(tmp_path: Path, poor: str, monkeypatch) -> None:
    if poor == "links":
        pytest.skip("there is no moment without the file")
    path = tmp_path / "a.yaml"
    path.write_bytes(OLD)
    rename = os.rename

    def rename_and_save(one: str, other: str, **options: object) -> None:
        rename(one, other)
        if one == str(path):
            path.write_bytes(THEIRS)

    monkeypatch.setattr(os, "rename", rename_and_save)
    with pytest.raises(exchange.Changed) as changed:
        swap(tmp_path)
    assert changed.value.texts == (OLD,) and path.read_bytes() == THEIRS
    assert os.listdir(str(tmp_path)) == ["a.yaml"]


@pytest.mark.parametrize("left", [None, b""])
def test_a_file_that_a_crash_left_without_its_name_gets_it_again(tmp_path: Path, left) -> None:
    temporary = str(tmp_path / ".cmos-1-01234567.tmp")
    Path(temporary + exchange.OLD).write_bytes(OLD)
    if left is not None:
        (tmp_path / "a.yaml").write_bytes(left)
    exchange.put_back(str(tmp_path / "a.yaml"), temporary)
    assert (tmp_path / "a.yaml").read_bytes() == OLD


def test_a_file_that_has_its_name_is_left_alone(tmp_path: Path) -> None:
    temporary = str(tmp_path / ".cmos-1-01234567.tmp")
    Path(temporary + exchange.OLD).write_bytes(OLD)
    (tmp_path / "a.yaml").write_bytes(NEW)
    exchange.put_back(str(tmp_path / "a.yaml"), temporary)
    assert (tmp_path / "a.yaml").read_bytes() == NEW


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(OLD)
    (tmp_path / "a.yaml").symlink_to("outside")
    with pytest.raises((exchange.Changed, OSError)):
        swap(tmp_path)
    assert (tmp_path / "outside").read_bytes() == OLD and (tmp_path / "a.yaml").is_symlink()
