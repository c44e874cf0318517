"""Names of a recording's files.

`run.csv` has `run.meta.json` and `run.frames` beside it. With rotation the parts are `run.0001.csv`,
`run.0002.csv`, …, each with its own header, meta file and frames, so that `run.*.csv` is the whole recording.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from velox_tui.errors import InputError, InputMissingError, RecordingError

SUFFIX = ".csv"
META_SUFFIX = ".meta.json"
FRAMES_SUFFIX = ".frames"
_NUMBER = r"\.([0-9]{4}|[1-9][0-9]{4,})"
"""Of a part, before the suffix: as `numbered` writes it, no other way."""
_PARTS_MANY = 999_999
"""Parts for whose names there must be room: one a minute for two years."""


@dataclass(frozen=True, slots=True)
class PartPaths:
    """The three files of a recording, or of one part of it."""

    csv: Path
    meta: Path
    frames: Path

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """All of them, rows first."""
        return self.csv, self.meta, self.frames

    @property
    def existing(self) -> list[Path]:
        """Those that are there, links that lead nowhere too."""
        return [path for path in self.all if os.path.lexists(path)]


def base_of(target: Path) -> Path:
    """The path without `.csv`; any other ending belongs to the base."""
    return target.with_name(target.name.removesuffix(SUFFIX)) if target.name != SUFFIX else target


def beside(target: Path) -> PartPaths:
    """The files of a recording without rotation."""
    base = base_of(target)
    meta, frames = (base.with_name(base.name + suffix) for suffix in (META_SUFFIX, FRAMES_SUFFIX))
    return PartPaths(target, meta, frames)


def numbered(target: Path, number: int) -> PartPaths:
    """The files of part `number`, from 1."""
    base = base_of(target)
    return beside(base.with_name(f"{base.name}.{number:04d}{SUFFIX}"))


def require_room(target: Path, *, rotated: bool) -> None:
    """RecordingError where a name that the recording will need is longer than its folder can hold."""
    needed = numbered(target, _PARTS_MANY) if rotated else beside(target)
    longest_bytes = max(len(os.fsencode(path.name)) for path in needed.all)
    try:
        most_bytes = os.pathconf(target.parent, "PC_NAME_MAX")
    except OSError:  # what opens the files says why
        return
    if longest_bytes > most_bytes:
        raise RecordingError(
            f"{target}: too long: the recording's files need names of {longest_bytes} bytes, {most_bytes} is "
            f"the most; choose a name shorter by {longest_bytes - most_bytes}"
        )


def number_of(csv: Path) -> int:
    """The number of a rotated recording's part; 0 for any other file."""
    found = re.search(_NUMBER + re.escape(SUFFIX) + r"\Z", csv.name)
    return int(found[1]) if found else 0


def part_numbers(target: Path, *suffixes: str) -> list[int]:
    """The parts that have a file with one of these suffixes, by default their rows; ascending. [] also where
    the folder cannot be read.
    """
    ends = "|".join(map(re.escape, suffixes or (SUFFIX,)))
    pattern = re.compile(f"{re.escape(base_of(target).name)}{_NUMBER}(?:{ends})")
    try:
        names = [one.name for one in target.parent.iterdir()]
    except OSError:
        return []
    return sorted({int(found.group(1)) for found in map(pattern.fullmatch, names) if found})


def existing_parts(target: Path) -> list[Path]:
    """All files of all parts, also of those without rows."""
    numbers = part_numbers(target, SUFFIX, META_SUFFIX, FRAMES_SUFFIX)
    return [path for number in numbers for path in numbered(target, number).existing]


def parts_of(target: Path) -> tuple[PartPaths, ...]:
    """The files of a recording, or of all parts of a rotated one. InputMissingError for none,
    InputError for a folder.
    """
    if target.is_dir():
        raise InputError(f"{target}: a folder, no recording")
    if target.exists():
        return (beside(target),)
    numbers = part_numbers(target)
    if not numbers:
        raise InputMissingError(f"{target}: no such recording")
    return tuple(numbered(target, number) for number in numbers)
