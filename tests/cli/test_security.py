"""What others on the machine, and files from elsewhere, cannot make the program do."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_record_live import check, read, wait_for_rows

Velox = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[bytes]]
SHM = Path("/dev/shm")


@pytest.fixture(params=[0o000, 0o027, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """For the program that the test starts."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_segment_is_private_whatever_the_umask_and_recordings_follow_it(
    start: Start, tmp_path: Path, umask: int
) -> None:
    process = start("--record", "run.csv", "--interval", "50ms")
    wait_for_rows(process, tmp_path / "run.csv")
    (segment,) = SHM.glob(f"velox-{os.geteuid()}-{process.pid}-*.seg")
    assert stat.S_IMODE(segment.stat().st_mode) == 0o600
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process.communicate()
    assert not segment.exists()
    written = sorted(tmp_path.glob("run.*"))
    assert [path.name for path in written] == ["run.csv", "run.frames", "run.meta.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o666 & ~umask}


def refused(done: subprocess.CompletedProcess[str], named: str) -> None:
    """Code 73 and one line that names the file."""
    assert done.returncode == 73, done.stderr
    assert len(done.stderr.splitlines()) == 1 and named in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("planted", ["run.csv", "run.frames", "run.meta.json"])
@pytest.mark.parametrize("mode", [(), ("--append",)], ids=["new", "append"])
@pytest.mark.parametrize("target", ["precious", "none"])
def test_a_planted_link_is_not_followed(
    velox: Velox, tmp_path: Path, planted: str, mode: tuple[str, ...], target: str
) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / planted).symlink_to(tmp_path / target)
    done = velox("--record", "run.csv", "--duration", "200ms", *mode)
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "none").exists()
    # Beside an --append that begins anew, a file that is not ours is moved aside as it is.
    if planted == "run.csv" or not mode:
        refused(done, planted)
        assert (tmp_path / planted).is_symlink()
    else:
        assert done.returncode in (0, 73)
        assert done.returncode == 0 or len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("planted", ["run.csv", "run.frames", "run.meta.json"])
def test_a_planted_hard_link_is_not_written_to(velox: Velox, tmp_path: Path, planted: str) -> None:
    assert velox("--record", "run.csv", "--duration", "200ms").returncode == 0
    (tmp_path / planted).unlink()
    (tmp_path / "precious").touch()
    (tmp_path / planted).hardlink_to(tmp_path / "precious")
    done = velox("--record", "run.csv", "--append", "--duration", "200ms")
    assert (tmp_path / "precious").read_bytes() == b""
    if planted == "run.meta.json":  # moved aside
        assert done.returncode == 0
    else:
        refused(done, planted)


@pytest.mark.parametrize("kind", ["fifo", "folder", "device"])
@pytest.mark.parametrize("mode", [(), ("--append",), ("--force",)], ids=["new", "append", "force"])
def test_what_is_no_file_is_neither_written_nor_waited_for(
    velox: Velox, tmp_path: Path, kind: str, mode: tuple[str, ...]
) -> None:
    path = tmp_path / "run.csv"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/null")
    before = path.lstat()
    refused(velox("--record", str(path), "--duration", "200ms", *mode), path.name)
    assert path.lstat().st_ino == before.st_ino


def test_a_pipe_in_place_of_a_meta_file_is_not_waited_for(velox: Velox, tmp_path: Path) -> None:
    assert velox("--record", "run.csv", "--duration", "200ms").returncode == 0
    (tmp_path / "run.meta.json").unlink()
    os.mkfifo(tmp_path / "run.meta.json")
    assert velox("diff", "run.csv", "run.csv").returncode == 0
    refused(velox("--record", "run.csv", "--append", "--duration", "200ms"), "run.meta.json")


EVIL = "__import__('os').system('touch pwned')"
SHELL = "$(touch pwned) `touch pwned` ; touch pwned"


@pytest.mark.parametrize("text", [EVIL, SHELL, "{0.__class__}%s%n", "../../../../etc/passwd"])
@pytest.mark.parametrize("key", ["rate", "theme", "rings", "fail_on"])
def test_a_configured_value_is_only_ever_a_value(velox: Velox, tmp_path: Path, key: str, text: str) -> None:
    (tmp_path / "my.toml").write_text(f"{key} = {json.dumps(text)}\n")
    done = velox("--config", "my.toml", "--headless", "--duration", "200ms")
    assert not (tmp_path / "pwned").exists()
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 78) and len(done.stderr.splitlines()) <= 1


def test_a_foreign_meta_file_is_only_ever_data(velox: Velox, tmp_path: Path) -> None:
    assert velox("--record", "run.csv", "--duration", "200ms").returncode == 0
    meta = tmp_path / "run.meta.json"
    content = json.loads(meta.read_text())
    content["runs"][0] |= {"run_id": EVIL, "host": SHELL, "arguments": [EVIL], "settings": {"rate": EVIL}}
    content["__reduce__"] = EVIL
    meta.write_text(json.dumps(content))
    assert velox("--record", "run.csv", "--append", "--duration", "500ms").returncode == 0
    assert not (tmp_path / "pwned").exists()
    frame = read(tmp_path / "run.csv")
    check(frame[frame["run_id"] == frame["run_id"].iloc[-1]].reset_index(drop=True))
    assert json.loads(meta.read_text())["runs"][0]["host"] == SHELL


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("stat", "\udcff.seg"), 66),
        (("attach", "\udcff.seg"), 66),
        (("--headless", "--input", "\udcff.vtx"), 66),
        (("--journal", "none/\udcff.vtx"), 73),
    ],
)
def test_a_name_that_is_no_text_is_a_name(velox: Velox, arguments: tuple[str, ...], code: int) -> None:
    done = velox(*arguments, "--duration", "200ms") if arguments[0] != "stat" else velox(*arguments)
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == 1 and (".seg: " in done.stderr or ".vtx: " in done.stderr)


CONTROLS = b"\x1b]0;x\x07\n\xc2\x9b1m"
"""Sets a terminal's title, ends a line, and turns on bold with a control character of two bytes in UTF-8."""


def tell(content: bytearray, shown: str) -> None:
    """Puts the controls in place of the beginning of every occurrence of the text."""
    at = content.find(shown.encode())
    assert at >= 0
    while at >= 0:
        content[at : at + len(CONTROLS)] = CONTROLS
        at = content.find(shown.encode(), at)


def test_texts_of_a_foreign_segment_control_nothing(start: Start, velox: Velox, tmp_path: Path) -> None:
    owner = start("--headless")
    assert owner.stderr is not None
    segment = Path(owner.stderr.readline().decode().split()[4].rstrip(";"))
    said = json.loads(velox("stat", str(segment), "--json").stdout)
    content = bytearray(segment.read_bytes())
    owner.kill()
    owner.communicate()
    tell(content, said["run_id"])
    tell(content, next(text for text in said["texts"].values() if len(text) > len(CONTROLS)))
    content = content.replace(b"Ingress\0", b"\xc2\x9b1mx\0\0\0")
    copy = tmp_path / "copy.seg"
    copy.write_bytes(content)
    for how in ((), ("--json",), ("--openmetrics",)):
        done = velox("stat", str(copy), *how)
        assert (done.returncode, done.stderr) == (0, "")
        assert "\ufffd" in done.stdout
        assert all(line.isprintable() for line in done.stdout.splitlines())
    done = velox("attach", str(copy), "--record", "run.csv", "--duration", "300ms", "--until-end")
    assert done.stderr.count("\n") <= 1
    frame = read(tmp_path / "run.csv")
    assert len(frame) == len((tmp_path / "run.csv").read_text().splitlines()) - 1


EVIL_NAME = "a\x1b]0;x\x07\n\x9bb"
"""Sets a terminal's title, ends a line, and has a control character of two bytes."""


def plain(done: subprocess.CompletedProcess[str]) -> None:
    """The name was printed, and nothing that controls a terminal."""
    assert done.returncode == 0, done.stderr
    printed = done.stdout + done.stderr
    assert "]0;x" in printed
    assert all(line.isprintable() for line in printed.split("\n")), printed


def test_names_in_market_data_control_nothing(velox: Velox, tmp_path: Path) -> None:
    source = tmp_path / f"{EVIL_NAME}.csv"
    header = 'time,price,size,side,action,order,"sym\x1b]0;x\x07\x9bbol"'
    source.write_text(f"{header}\n1,100,1,b,a,1,A\x1b]0;PWN\x07\x9bB\n")
    mapped = "instrument=sym\x1b]0;x\x07\x9bbol"
    done = velox("import", str(source), str(tmp_path / f"{EVIL_NAME}.vtx"), "--map", mapped)
    plain(done)
    assert "A\\x1b]0;PWN\\x07\\x9bB" in done.stdout


def test_names_of_themes_control_nothing(velox: Velox, tmp_path: Path) -> None:
    home = tmp_path / EVIL_NAME
    folder = home / "velox-tui" / "themes"
    folder.mkdir(parents=True)
    shipped = next(line.split()[2] for line in velox("themes").stdout.splitlines() if line.startswith("mono"))
    (folder / "mine.toml").write_text(Path(shipped).read_text().replace('"mono"', '"mine"'))
    (folder / f"{EVIL_NAME}.toml").write_text("no theme")
    done = velox("themes", environ={"XDG_CONFIG_HOME": str(home)})
    plain(done)
    assert "mine" in done.stdout


def test_names_and_values_of_settings_control_nothing(velox: Velox, tmp_path: Path) -> None:
    config = tmp_path / f"{EVIL_NAME}.toml"
    config.write_text('journal = "a\\u009b1m\\u0007\\u202e"\n')
    done = velox("config", "--config", str(config), environ={"VELOX_INPUT": EVIL_NAME})
    plain(done)
    again = tmp_path / "again.toml"
    again.write_text(done.stdout)
    assert velox("config", "--config", str(again)).stdout.count(r"\u009b1m\u0007\u202e") == 1


@pytest.mark.parametrize("how", ["--json", "diff", "diff --json"])
def test_texts_of_a_foreign_recording_control_nothing(velox: Velox, tmp_path: Path, how: str) -> None:
    path = tmp_path / f"{EVIL_NAME}.csv"
    assert velox("--record", "run.csv", "--duration", "300ms", "--interval", "50ms").returncode == 0
    for suffix in (".csv", ".frames", ".meta.json"):
        (tmp_path / f"run{suffix}").rename(path.with_suffix(suffix))
    meta = path.with_suffix(".meta.json")
    content = json.loads(meta.read_text())
    content["runs"][0]["host"] = EVIL_NAME
    content["runs"][0]["settings"]["rate"] = {"value": EVIL_NAME, "set_by": EVIL_NAME}
    meta.write_text(json.dumps(content))
    header, rows = path.read_text().split("\n", 1)
    path.write_text(f"{header},a\x07\x9bu_total\n" + rows.replace("\n", ",b\x1b]0;x\x07\x9b\n"))
    done = velox(*how.split(), str(path), str(path)) if "diff" in how else velox("export", str(path), how)
    plain(done)


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_words_of_the_environment_control_nothing(velox: Velox, how: tuple[str, ...]) -> None:
    plain(velox("doctor", *how, environ={"TERM": EVIL_NAME, "PYTHONIOENCODING": "utf-8"}))
