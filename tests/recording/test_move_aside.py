"""Old files moved aside: never replaced, never taken from who records into them."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from velox_tui.errors import RecordingError
from velox_tui.recording import opening
from velox_tui.recording.aside import move_aside


def before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, happening: Callable[[], None]) -> None:
    """Has something happen once, just before a call of a module's function."""
    real, waiting = getattr(module, name), [happening]

    def interrupted(*arguments: Any, **options: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, interrupted)


def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_moved_files_keep_their_content_under_the_first_free_number(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("run.csv", "run.frames", "run.meta.json")]
    for path in paths[:2]:
        path.write_text(path.name)
    (tmp_path / "run.frames.~1~").write_text("older")
    moved = move_aside(paths)
    assert [new.name for new in moved.values()] == ["run.csv.~2~", "run.frames.~2~"]
    assert [new.read_text() for new in moved.values()] == ["run.csv", "run.frames"]
    assert (tmp_path / "run.frames.~1~").read_text() == "older"
    assert move_aside(paths) == {}


def test_link_itself_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    link = tmp_path / "run.csv"
    link.symlink_to(tmp_path / "precious")
    move_aside([link])
    assert not link.is_symlink() and (tmp_path / "precious").read_text() == "x"


def test_what_is_no_regular_file_stays(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(RecordingError, match="not a regular file"):
            move_aside([path])
        assert path.exists()


def test_file_that_is_being_recorded_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    first = opening.create(path)
    with pytest.raises(RecordingError, match="another recorder"):
        move_aside([path])
    os.close(first)
    assert [new.name for new in move_aside([path]).values()] == ["run.csv.~1~"]


@pytest.mark.parametrize("call", ["link", "rename"])
def test_of_two_that_begin_anew_at_once_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path, refused = tmp_path / "run.csv", []
    path.write_text("old")
    if call == "rename":
        without_links(monkeypatch)

    def second() -> None:
        try:
            move_aside([path])
            os.close(opening.create(path))
        except RecordingError as error:
            refused.append(str(error))

    before(monkeypatch, os, call, second)
    move_aside([path])
    assert contents(tmp_path) == {"run.csv.~1~": "old"}
    assert refused == [f"{path}: another recorder is writing to it"]


def test_file_that_came_in_place_of_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.csv"
    path.write_text("old")

    def second() -> None:
        path.rename(tmp_path / "elsewhere")
        path.write_text("new")

    before(monkeypatch, fcntl, "flock", second)
    with pytest.raises(RecordingError, match="another recorder"):
        move_aside([path])
    assert contents(tmp_path) == {"elsewhere": "old", "run.csv": "new"}


@pytest.mark.parametrize("links", [True, False])
def test_name_that_is_taken_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    paths = [tmp_path / name for name in ("run.csv", "run.frames")]
    for path in paths:
        path.write_text(path.name)
    if not links:
        without_links(monkeypatch)
    before(monkeypatch, os, "link", lambda: (tmp_path / "run.frames.~1~").write_text("precious") and None)
    assert [new.name for new in move_aside(paths).values()] == ["run.csv.~2~", "run.frames.~2~"]
    assert contents(tmp_path) == {
        "run.csv.~2~": "run.csv",
        "run.frames.~2~": "run.frames",
        "run.frames.~1~": "precious",
    }


def test_what_cannot_be_moved_whole_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("run.csv", "run.frames")]
    for path in paths:
        path.write_text(path.name)
    real = os.unlink

    def unlink(path: Path) -> None:
        if path == paths[1]:
            raise OSError(errno.EPERM, "Operation not permitted")
        real(path)

    monkeypatch.setattr(os, "unlink", unlink)
    with pytest.raises(RecordingError, match=r"run\.frames: cannot be moved aside: Operation not permitted"):
        move_aside(paths)
    assert contents(tmp_path) == {"run.csv": "run.csv", "run.frames": "run.frames"}
