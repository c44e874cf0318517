"""Names of a recording's files.

`run.csv` has `run.meta.json` and `run.frames` beside it. With rotation the parts are `run.0001.csv`,
`run.0002.csv`, …, each with its own header, meta file and frames, so that `run.*.csv` is the whole recording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from velox_tui.errors import InputError, InputMissingError

SUFFIX = ".csv"


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


def base_of(target: Path) -> Path:
    """The path without `.csv`; any other ending belongs to the base."""
    return target.with_name(target.name.removesuffix(SUFFIX)) if target.name != SUFFIX else target


def beside(target: Path) -> PartPaths:
    """The files of a recording without rotation."""
    base = base_of(target)
    return PartPaths(target, base.with_name(base.name + ".meta.json"), base.with_name(base.name + ".frames"))


def numbered(target: Path, number: int) -> PartPaths:
    """The files of part `number`, from 1."""
    base = base_of(target)
    return beside(base.with_name(f"{base.name}.{number:04d}{SUFFIX}"))


def part_numbers(target: Path) -> list[int]:
    """The parts that exist, ascending; [] also where the folder cannot be read."""
    base = base_of(target)
    pattern = re.compile(re.escape(base.name) + r"\.([0-9]{4,})" + re.escape(SUFFIX))
    try:
        names = [one.name for one in target.parent.iterdir()]
    except OSError:
        return []
    return sorted(int(found.group(1)) for found in map(pattern.fullmatch, names) if found)


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
