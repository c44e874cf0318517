"""The command line's manners: one line for every mistake, documented codes, nothing heavy imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from velox_tui import __version__
from velox_tui.cli import faults, main
from velox_tui.cli.main import COMMANDS, find
from velox_tui.cli.main import main as velox_tui
from velox_tui.settings import TABLE


def stderr_line(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("velox-tui: ")
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--rtae", "5"], "unknown flag '--rtae' (did you mean "),
        (["--rat", "5"], "unknown flag '--rat'"),
        (["--rate"], "--rate: expected one argument"),
        (["--rate", "0"], "--rate: '0' is not allowed; allowed: 1 to 1G per second"),
        (["--rate", "abc"], "--rate: 'abc' is not a rate"),
        (["--rate=1e99"], "--rate: '1e99'"),
        (["--cores", "99"], "--cores: '99' is not allowed"),
        (["--cores", "0,0"], "--cores: '0,0'"),
        (["--rings", "1000,4096,1024"], "--rings: '1000,4096,1024' is not allowed; allowed: 3 powers of two"),
        (["--rings", "4096"], "--rings: '4096'"),
        (["--bundle-max", "17"], "--bundle-max: '17' is not allowed; allowed: 1 to 16"),
        (["--bundle-timeout", "5"], "--bundle-timeout: '5' is not a time"),
        (["--interval", "1us"], "--interval: '1us' is not allowed; allowed: 10ms to 1h"),
        (["--duration", "-1"], "--duration"),
        (["--pattern", "poison"], "--pattern: 'poison' is not allowed; allowed: poisson"),
        (["--fail-on", "x"], "--fail-on: 'x' is not a condition"),
        (["--rotate", "1d"], "--rotate needs --record FILE"),
        (["--append"], "--append needs --record FILE"),
        (["--force", "--record", "-"], "--force needs --record FILE"),
        (["--record", "a.csv", "--append", "--force"], "exclude"),
        (["--record", ""], "--record needs"),
        (["--record", "-", "--console"], "exclude"),
        (["--console", "--headless"], "exclude"),
        (["--record", "a.csv", "--console"], "needs a terminal"),
        (["--headless", "surplus"], "unknown argument 'surplus'"),
        (
            ["--duration", "1s", "--warm-up", "1s", "--fail-on", "interval.e2e_p99_ns>1"],
            "--warm-up 1s leaves nothing of --duration 1s to check",
        ),
        (["confg"], "unknown command 'confg' (did you mean 'config'?)"),
        (["config", "--thme", "x"], "unknown flag '--thme' (did you mean '--theme'"),
        (["config", "surplus"], "unknown argument 'surplus'"),
    ],
)
def test_mistake_is_one_line_and_code_2(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert velox_tui(arguments) == 2
    assert named in stderr_line(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "environ", "named"),
    [
        ("rtae = 5", {}, "unknown key 'rtae'"),
        ("rate = true", {}, "rate: True has the wrong type"),
        ("[[", {}, "not valid TOML"),
        ("rate = 1" + "0" * 5000, {}, "not valid TOML"),
        ("rtae = 0x" + "f" * 5000, {}, "not valid TOML"),
        ("keys = 0x" + "f" * 5000, {}, "not valid TOML"),
        ("[rtae" + ".a" * 2000 + "]", {}, "not valid TOML"),
        ("", {"VELOX_RATE": "fast"}, "VELOX_RATE: 'fast'"),
        ("", {"VELOX_CONFIG": "none.toml"}, "none.toml: no such"),
        ('[keys]\nbrust = "f5"\n', {}, "config.toml: keys.brust: no such binding"),
        ('[keys]\nburst = "t"\n', {}, "config.toml: keys.burst: 't' is the key of tune"),
    ],
)
@pytest.mark.parametrize("command", [[], ["config"], ["attach"], ["replay", "run.csv"]])
def test_bad_configuration_is_one_line_and_code_78(
    text: str,
    environ: dict[str, str],
    named: str,
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / ".config" / "velox-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert velox_tui(command) == 78
    assert named in stderr_line(capsys)


def test_line_cannot_control_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert velox_tui(["--config", "a\n\x1b[31m\x07\x9b.toml"]) == 78
    assert "\\n\\x1b[31m\\x07\\x9b" in stderr_line(capsys)


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert velox_tui(["--version"]) == 0
    assert capsys.readouterr().out == f"velox-tui {__version__}\n"
    assert velox_tui(["--help"]) == 0
    text = capsys.readouterr().out
    for one in TABLE:
        assert one.group == "alerts" or one.flag in text
    for command in COMMANDS:
        assert command.name in text
    assert "examples:" in text and "exit codes:" in text


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        assert velox_tui([command.name, "--help"]) == 0
        assert "examples:" in capsys.readouterr().out


def test_themes_are_listed_with_their_files_and_what_failed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ".config" / "velox-tui" / "themes"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("name = 3")
    assert velox_tui(["themes"]) == 0
    captured = capsys.readouterr()
    names = [line.split()[0] for line in captured.out.splitlines()]
    assert "velox-dark" in names and names == sorted(names)
    assert all(Path(line.split()[2]).is_file() for line in captured.out.splitlines())
    assert "broken.toml" in captured.err and len(captured.err.splitlines()) == 1


def test_flags_belong_to_the_command_after_which_they_stand() -> None:
    assert find(["config", "--rate", "5"])[1] == ["--rate", "5"]
    assert find(["--rate", "5"])[0].name == ""
    assert find([])[0].name == ""


def test_fault_of_ours_is_one_line_that_says_where_the_details_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(arguments: object) -> object:
        raise RuntimeError("planted")

    monkeypatch.setattr(main, "find", broken)
    assert velox_tui([]) == 70
    line = stderr_line(capsys)
    assert "internal fault: RuntimeError: planted; details: " in line
    details = Path(line.rpartition("details: ")[2])
    assert "planted" in details.read_text() and "Traceback" in details.read_text()
    assert details.stat().st_mode & 0o777 == 0o600
    details.unlink()
    monkeypatch.setenv("VELOX_DEBUG", "1")
    assert velox_tui([]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_details_are_kept_back_where_they_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    assert faults.report_fault(ValueError("planted")) == 70
    assert "VELOX_DEBUG=1" in stderr_line(capsys)


def test_fault_is_one_line_also_where_nothing_more_can_be_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "traceback", None)
    assert faults.report_fault(MemoryError("planted")) == 70
    assert stderr_line(capsys) == "velox-tui: internal fault: MemoryError: planted"


def test_home_that_is_no_folder_holds_no_configuration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", "/dev/null")
    assert velox_tui(["config"]) == velox_tui(["themes"]) == 0
    assert capsys.readouterr().err == ""


def test_pipe_that_is_closed_early_is_a_clean_end() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "velox_tui", "config"],
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


BROKEN_OFF = """
import os, signal, sys

class Finder:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
import velox_tui.__main__
"""


@pytest.mark.parametrize("module", ["velox_tui.cli.main", "velox_tui.errors"])
def test_ctrl_c_before_anything_began_ends_it_without_a_word(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN_OFF, module], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


RECORD = """
import json, sys
from velox_tui.cli.run import run
from velox_tui.sources.canned import CannedSource
code = run(sys.argv[1:], source_factory=lambda settings: CannedSource(3))
print(json.dumps([code, sorted(sys.modules)]))
"""


def test_recording_never_imports_the_console(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RECORD, "--record", "run.csv", "--interval", "10ms"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    code, modules = json.loads(done.stdout)
    assert code == 0 and (tmp_path / "run.csv").exists()
    assert not [name for name in modules if name.partition(".")[0] in ("textual", "rich")]
    assert not [name for name in modules if name.startswith("velox_tui.console")]


@pytest.mark.parametrize("module", ["velox_tui.cli.main", "velox_tui.cli.parser"])
def test_command_line_alone_imports_nothing_heavy(module: str) -> None:
    heavy = ("textual", "cffi", "_cffi_backend", "psutil")
    code = f"import sys, {module}; print([one for one in {heavy} if one in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
