"""What is really written to terminals of many, of few and of no colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from terminal_run import TerminalRun

_SGR = re.compile(rb"\x1b\[([0-9;]*)m")


def styles(folder: Path, **environment: str | None) -> tuple[set[str], str]:
    """Every colour that is set while all screens and a dialog are shown, and the text."""
    with TerminalRun(str(folder / "report"), size=(120, 40), environment=environment) as run:
        run.until("exact")  # the first reading is shown
        for keys, wanted in (
            (b"2", "Heat map"),
            (b"3", "Order book"),
            (b"4", "CORE%"),
            (b"5", "Alerts"),
            (b"t", "Tuning"),
        ):
            run.type(keys)
            run.until(wanted)
        run.type(b"\x03")
        run.wait()
        return set().union(*(colours(found) for found in _SGR.findall(run.output))), run.text


def colours(parameters: bytes) -> set[str]:
    """The colours that one SGR sequence sets: `38;2`, `38;5` or the plain number."""
    numbers = parameters.decode().split(";")
    found, place = set(), 0
    while place < len(numbers):
        number = int(numbers[place] or 0)
        if number in (38, 48):
            found.add(f"{number};{numbers[place + 1]}")
            place += 5 if numbers[place + 1] == "2" else 3
            continue
        if 30 <= number <= 49 or 90 <= number <= 107:
            found.add(str(number))
        place += 1
    return found


def test_plain_ssh_gets_256_colours_and_no_more(folder: Path) -> None:
    found, _ = styles(folder, TERM="xterm-256color", COLORTERM=None)
    assert found >= {"38;5", "48;5"}
    assert not found & {"38;2", "48;2"}


def test_truecolor_is_used_where_it_is_said(folder: Path) -> None:
    found, _ = styles(folder, TERM="xterm-256color", COLORTERM="truecolor")
    assert found >= {"38;2", "48;2"}


@pytest.mark.parametrize("terminal", ["xterm", "linux"])
def test_sixteen_colours_where_there_are_no_more(folder: Path, terminal: str) -> None:
    found, text = styles(folder, TERM=terminal, COLORTERM=None)
    assert not {one for one in found if ";" in one}
    assert found
    assert "● LIVE" in text


@pytest.mark.parametrize("theme", ["velox-dark", "velox-light", "ansi-dark", "mono"])
def test_no_color_means_none(folder: Path, theme: str) -> None:
    found, text = styles(folder, NO_COLOR="1", THEME=theme)
    assert found <= {"39", "49"}
    assert "● LIVE" in text, "a state never depends on colour alone"
    assert "✓ exact" in text


def test_the_terminals_own_colours_are_used_by_their_theme(folder: Path) -> None:
    found, _ = styles(folder, TERM="xterm-256color", THEME="ansi-dark", COLORTERM="truecolor")
    assert not found & {"38;2", "48;2"}
