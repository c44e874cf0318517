"""Moving old files out of a recording's way without ever replacing one, or taking one from its recorder.

Who moves a file holds its lock until it has its new name, and looks after taking it whether the file is still
the one of that name: of several that begin anew at once, one moves it and the others are refused. (A symbolic
link has no lock.)
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from velox_tui.errors import RecordingError
from velox_tui.recording import opening


def move_aside(paths: Sequence[Path]) -> dict[Path, Path]:
    """Renames what exists of these to `<name>.~1~`, or the first number that is free for all; old → new.

    RecordingError for what no recorder made, what another one holds and what cannot be renamed; nothing is
    moved then.
    """
    present = [path for path in paths if os.path.lexists(path)]
    with ExitStack() as held:
        for path in present:
            _hold(path, held)
        for number in itertools.count(1):
            moved = {path: path.with_name(f"{path.name}.~{number}~") for path in present}
            if not any(map(os.path.lexists, moved.values())) and _rename_all(moved):
                return moved
    raise AssertionError("there is always another number")


def _hold(path: Path, held: ExitStack) -> None:
    """Keeps recorders off the file until `held` is closed."""
    if not path.is_symlink() and not path.is_file():
        raise RecordingError(f"{path}: not a regular file; it stays where it is")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise opening.busy(path) from None
    except OSError:
        return
    held.callback(os.close, descriptor)
    opening.lock(descriptor, path)


def _rename_all(moved: Mapping[Path, Path]) -> bool:
    """False where one of the new names has been taken meanwhile; all files have their old ones then."""
    with ExitStack() as undo:
        for old, new in moved.items():
            try:
                _rename(old, new)
            except FileExistsError:
                return False
            except OSError as error:
                raise RecordingError(f"{old}: cannot be moved aside: {error.strerror}") from None
            undo.callback(_rename_back, old, new)
        undo.pop_all()
    return True


def _rename_back(old: Path, new: Path) -> None:
    with suppress(OSError):
        _rename(new, old)


def _rename(old: Path, new: Path) -> None:
    """Renames a file; FileExistsError where the new name is taken (`rename` would replace it)."""
    try:
        os.link(old, new, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without links, or a file of somebody else's
        if os.path.lexists(new):
            raise FileExistsError from None
        old.rename(new)
        return
    try:
        old.unlink()
    except OSError:
        new.unlink()
        raise
