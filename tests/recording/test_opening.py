"""What is never done to files that exist."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from velox_tui.errors import RecordingError
from velox_tui.recording import opening

HEADER = b"a,b\n"


def test_existing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(b"precious")
    with pytest.raises(RecordingError, match=r"--append.*--force"):
        opening.create(path)
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("target", ["missing", "present"])
def test_links_are_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "present").write_bytes(HEADER)
    link = tmp_path / "run.csv"
    link.symlink_to(tmp_path / target)
    with pytest.raises(RecordingError):
        opening.create(link)
    with pytest.raises(RecordingError, match="symbolic link"):
        opening.continue_rows(link, HEADER)
    assert (tmp_path / "present").read_bytes() == HEADER and not (tmp_path / "missing").exists()


def test_what_is_no_regular_file_is_not_continued(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(RecordingError):
            opening.continue_rows(path, HEADER)
        assert path.exists()


@pytest.mark.parametrize("content", [b"", HEADER])
def test_file_of_several_names_is_not_continued(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    path = tmp_path / "run.csv"
    path.hardlink_to(tmp_path / "other")
    with pytest.raises(RecordingError, match=r"run\.csv: a hard link, one of 2 names .*--force"):
        opening.continue_rows(path, HEADER)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"precious\n", b"MARL", b"ARK", b"\0\0\0\0"])
def test_file_of_something_else_gets_no_records(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.frames"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"run\.frames: cannot be continued: it begins with"):
        opening.continue_records(path, b"MARK")
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"MA", b"MARK", b"MARK and more"])
def test_file_that_began_with_the_mark_goes_on(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.frames"
    path.write_bytes(content)
    os.close(opening.continue_records(path, b"MARK"))


@pytest.mark.parametrize("path", ["none/run.csv", "file/run.csv"])
def test_place_that_cannot_hold_a_file_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="cannot be created"):
        opening.create(tmp_path / path)


@pytest.mark.parametrize(
    ("content", "cut", "after"),
    [
        (b"", 0, HEADER),
        (b"a,", 2, HEADER),
        (HEADER, 0, HEADER),
        (HEADER + b"1,2\n", 0, HEADER + b"1,2\n"),
        (HEADER + b"1,2\n3", 1, HEADER + b"1,2\n"),
        (HEADER + b"1,2\n" + b"x" * 200_000, 200_000, HEADER + b"1,2\n"),
    ],
)
def test_unterminated_tail_is_cut_off(tmp_path: Path, content: bytes, cut: int, after: bytes) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(content)
    descriptor, found = opening.continue_rows(path, HEADER)
    os.close(descriptor)
    assert (found, path.read_bytes()) == (cut, after)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"a,c\n1,2\n", "column 2.*'c'.*'b'"),
        (b"a,b,d\n", "column 3.*'d'.*'nothing'"),
        (b"a\n", "column 2.*'nothing'.*'b'"),
        (b"precious", "column 1.*'precious'"),
        (b"precious" * 9, "column 1.*'precious"),
    ],
)
def test_other_header_is_refused_and_the_column_named(tmp_path: Path, content: bytes, named: str) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=named):
        opening.continue_rows(path, HEADER)
    assert path.read_bytes() == content


def test_second_recorder_is_kept_out_until_the_first_has_closed(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    first = opening.create(path)
    with pytest.raises(RecordingError, match="another recorder"):
        opening.continue_rows(path, HEADER)
    os.close(first)
    descriptor, _ = opening.continue_rows(path, HEADER)
    os.close(descriptor)
