"""Writing whole records whatever the disk does. A file size limit gives real short writes and failures."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from velox_tui.recording import opening
from velox_tui.recording.append_file import AppendFile


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Writes beyond it are cut short, then fail with EFBIG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_every_record_is_on_the_disk_before_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    there: list[bytes] = []
    real = os.fdatasync

    def looked_at(descriptor: int) -> None:
        real(descriptor)
        there.append(path.read_bytes())

    monkeypatch.setattr(os, "fdatasync", looked_at)
    for synced in (False, True):
        file = AppendFile(opening.create(path), synced=synced)
        assert file.append(b"1\n") and file.append(b"2\n")
        assert there == ([b"1\n", b"1\n2\n"] if synced else [])
        file.close()
        assert there.pop() == b"1\n2\n"  # at the end in any case
        there.clear()
        path.unlink()


def test_short_write_is_undone_counted_and_writing_goes_on_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "a"
    file = AppendFile(opening.create(path), synced=True)
    assert file.append(b"first\n")
    with file_size_limit(10):
        assert not file.append(b"second\n")
        assert path.read_bytes() == b"first\n"
        assert file.trouble is not None
        assert file.append(b"3\n")
        assert not file.append(b"third\n")
    assert file.append(b"fourth\n")
    assert (file.kept, file.lost, file.trouble) == (3, 2, None)
    file.close()
    assert path.read_bytes() == b"first\n3\nfourth\n"


def test_failed_write_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a"
    file = AppendFile(opening.create(path), synced=False)
    file.append(b"12345\n")
    with file_size_limit(6):
        assert not file.append(b"x\n")
    assert file.lost == 1 and path.read_bytes() == b"12345\n"
    file.close()


def test_deleted_file_is_noticed_and_all_it_held_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a"
    file = AppendFile(opening.create(path), synced=True)
    file.append(b"1\n")
    path.unlink()
    assert not file.append(b"2\n")
    assert not file.append(b"3\n")
    assert (file.kept, file.lost) == (0, 3)
    assert file.trouble == "was deleted while recording"
    file.close()


def test_emptied_file_is_noticed_and_never_filled_with_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a"
    file = AppendFile(opening.create(path), synced=True)
    file.append(b"first\n")
    os.truncate(path, 0)
    assert file.append(b"second\n")
    os.truncate(path, 0)
    with file_size_limit(3):
        assert not file.append(b"third\n")
    assert path.read_bytes() == b""
    assert file.append(b"fourth\n")
    assert (file.kept, file.lost) == (1, 3)
    file.close()
    assert path.read_bytes() == b"fourth\n"


@pytest.mark.parametrize(
    ("size", "left"),
    [(0, b"h,h\n"), (2, b"h,h\n"), (4, b"h,h\n"), (7, b"h,h\n"), (8, b"h,h\n1,1\n"), (9, b"h,h\n1,1\n")],
)
def test_lines_of_a_file_that_was_cut_anywhere_stay_readable(tmp_path: Path, size: int, left: bytes) -> None:
    path = tmp_path / "a"
    file = AppendFile(opening.create(path), synced=True, lines=True, head=b"h,h\n", head_end=4)
    assert file.append(b"1,1\n") and file.append(b"2,2\n")
    os.truncate(path, size)
    assert file.append(b"3,3\n") and file.append(b"4,4\n")
    assert (file.kept, file.lost, file.trouble) == (2, 2, None)
    file.close()
    assert path.read_bytes() == left + b"3,3\n4,4\n"


@pytest.mark.parametrize(
    ("added", "kept"), [(b"x", b""), (b"x,x\n", b"x,x\n"), (b"x,x\nx", b"x,x\n"), (b"\0" * 99, b"")]
)
def test_half_a_line_of_somebody_else_does_not_spoil_the_next(
    tmp_path: Path, added: bytes, kept: bytes
) -> None:
    path = tmp_path / "a"
    file = AppendFile(opening.create(path), synced=True, lines=True, head=b"h\n", head_end=2)
    assert file.append(b"1\n")
    with path.open("ab") as other:
        other.write(added)
    assert file.append(b"2\n")
    assert (file.kept, file.lost) == (2, 0)
    file.close()
    assert path.read_bytes() == b"h\n1\n" + kept + b"2\n"


def test_head_that_found_no_room_comes_before_the_first_record_that_does(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    file = AppendFile(opening.open_existing(path), synced=False, head=b"head", head_end=7)
    with file_size_limit(5):
        assert not file.append(b"1")
    assert path.read_bytes() == b"old"
    assert file.append(b"2") and file.append(b"3")
    os.truncate(path, 5)
    assert file.append(b"4") and file.append(b"5")
    file.close()
    assert path.read_bytes() == b"oldhehead45"


def test_moved_file_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    file = AppendFile(opening.create(path), synced=True)
    path.rename(tmp_path / "b")
    assert file.append(b"1\n")
    file.close()
    assert (tmp_path / "b").read_bytes() == b"1\n"


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old\n")
    file = AppendFile(opening.open_existing(path), synced=True)
    assert file.size_bytes == 4
    with file_size_limit(6):
        file.append(b"longer\n")
    file.append(b"new\n")
    file.close()
    assert path.read_bytes() == b"old\nnew\n"


def test_modes_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        os.close(opening.create(tmp_path / "a"))
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
