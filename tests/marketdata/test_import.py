"""`velox-tui import`: files, counts, exit codes; what fails leaves nothing behind."""

from __future__ import annotations

import hashlib
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from backports import zstd
from dbn_maker import INSTRUMENT, Exchange, metadata, other_record, record, write
from hypothesis import given
from hypothesis import strategies as some
from plain_book import rebuilt
from replays import LONG_NS, header, replayed, simulated, transactions, word

from velox_tui.cli.main import main
from velox_tui.engine import order_book
from velox_tui.errors import InputError, OutputError
from velox_tui.marketdata import vtx
from velox_tui.marketdata.importing import Wanted, import_file

DAY = Exchange(11).records(3_000)


def run(*arguments: object) -> int:
    return main(["import", *(str(one) for one in arguments)])


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def report(text: str) -> dict[tuple[str, str], str]:
    rows = (line.split() for line in text.replace("no change", "unchanged").splitlines())
    return {(row[0], row[1]): row[-1] for row in rows}


def test_the_transaction_is_the_engines() -> None:
    assert vtx.TRANSACTION == order_book.TRANSACTION
    assert vtx.HEADER.itemsize == 4096


def test_a_file_is_imported_and_all_of_it_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = DAY[:40].copy()
    other["instrument_id"] = 8
    odd = np.concatenate(
        [record("A", "B", 110_015_625_000, 5, 3), record("C", "B", 1, 1, 77), record("A", "N", 10**9)]
    )
    source = tmp_path / "day.dbn"
    source.write_bytes(
        metadata() + DAY.tobytes() + other_record(0x17, 320) * 3 + other.tobytes() + odd.tobytes()
    )
    out = tmp_path / "day.vtx"
    assert run(source, out) == 0
    told = report(capsys.readouterr().out)
    assert told["skipped", "system"] == "3" and told["skipped", "other_instrument"] == "40"
    assert told["rejected", "price_inexact"] == told["rejected", "order_unknown"] == "1"
    assert told["rejected", "side_missing"] == "1" and told["note", "time_backwards"] == "3"
    counted = sum(
        int(value.replace(",", ""))
        for (group, _), value in told.items()
        if group in ("taken", "unchanged", "skipped", "rejected")
    )
    assert counted == len(DAY) + 3 + 40 + 3
    about = header(out)
    assert about["source"] == b"day.dbn"
    assert bytes(about["source_sha256"]) == hashlib.sha256(source.read_bytes()).digest()
    assert about["count"] == len(transactions(out)) and about["magic"] == b"VELOXVTX"
    assert (order_book.validate(transactions(out)) == 0).all()


def test_compressed_or_not_is_the_same(tmp_path: Path) -> None:
    plain = write(tmp_path / "day.dbn", DAY)
    packed = tmp_path / "day.dbn.zst"
    packed.write_bytes(zstd.compress(plain.read_bytes()))
    assert run(plain, tmp_path / "a.vtx") == run(packed, tmp_path / "b.vtx") == 0
    assert (transactions(tmp_path / "a.vtx") == transactions(tmp_path / "b.vtx")).all()
    assert header(tmp_path / "a.vtx")["base_price"] == header(tmp_path / "b.vtx")["base_price"]


def test_csv_of_the_same_market_is_the_same_book(tmp_path: Path) -> None:
    source = write(tmp_path / "day.dbn", DAY)
    rows = [
        f"{one['ts_recv']},{one['price'] / 1e9 if one['size'] else ''},{one['size']},{chr(one['side'])},"
        f"{chr(one['action'])},{one['order_id']}"
        for one in DAY
    ]
    csv = tmp_path / "day.csv"
    csv.write_text("\n".join(("t,p,q,s,a,o", *rows)) + "\n")
    columns = "time=t,price=p,size=q,side=s,action=a,order=o"
    assert run(csv, tmp_path / "csv.vtx", "--map", columns) == 0
    assert replayed(tmp_path / "csv.vtx", tmp_path) == rebuilt(source, INSTRUMENT)
    assert run(source, tmp_path / "dbn.vtx") == 0
    assert (transactions(tmp_path / "csv.vtx") == transactions(tmp_path / "dbn.vtx")).all()


def test_which_columns_were_taken_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for first, told in (
        ("ts,px,qty,side,action,order_id", "order=order_id"),
        ("ts,px,qty,side,action,my_order", "no order ids: each row adds to or takes from its price"),
    ):
        source = tmp_path / "market.csv"
        source.write_text(f"{first}\n1,100.0,5,B,A,1\n2,100.1,5,S,A,2\n")
        assert main(["import", str(source), str(tmp_path / "out.vtx"), "--force"]) == 0
        (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("columns")]
        assert "time=ts, price=px, size=qty" in line and line.endswith(told)


def test_the_busiest_instrument_is_taken_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mixed = DAY.copy()
    mixed["instrument_id"][:1_000] = 8
    source = write(tmp_path / "mixed.dbn", mixed)
    assert run(source, tmp_path / "a.vtx") == 0
    assert f"instrument {INSTRUMENT}, the busiest of 2" in capsys.readouterr().out
    assert run(source, tmp_path / "b.vtx", "--instrument", 8) == 0
    assert "instrument 8\n" in capsys.readouterr().out
    assert run(source, tmp_path / "c.vtx", "--instrument", 9) == 65


def test_an_existing_output_is_kept_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = write(tmp_path / "day.dbn", DAY), tmp_path / "day.vtx"
    out.write_text("precious")
    assert run(source, out) == 73
    assert capsys.readouterr().err == f"velox-tui: {out}: exists; --force writes over it\n"
    assert out.read_text() == "precious"
    bad = tmp_path / "bad.dbn"
    bad.write_bytes(source.read_bytes()[:-1])
    assert run(bad, out, "--force") == 65
    assert out.read_text() == "precious", "what fails changes nothing"
    assert run(source, out, "--force") == 0
    assert header(out)["magic"] == b"VELOXVTX"


FAILURES = {
    "missing": (["none.dbn", "out.vtx"], 66, "none.dbn: cannot be opened: No such file"),
    "folder": ([".", "out.vtx"], 65, "not a regular file"),
    "endless": (["/dev/zero", "out.vtx"], 65, "not a regular file"),
    "foreign": (["photo.jpg", "out.vtx"], 65, "neither a DBN file nor, by its name, a CSV file"),
    "trades only": (["trades.dbn", "out.vtx"], 65, "nothing to import: trades 2"),
    "no records": (["none_in.dbn", "out.vtx"], 65, "nothing to import: it holds no records"),
    "no folder": (["day.dbn", "no/where.vtx"], 73, "cannot be written: No such file"),
    "output is a folder": (["day.dbn", ".", "--force"], 73, "is a directory"),
    "onto itself": (["day.dbn", "day.dbn", "--force"], 2, "the same file"),
    "bad map": (["day.csv", "out.vtx", "--map", "time"], 2, "--map: 'time' is not FIELD=COLUMN"),
    "bad flag": (["day.dbn", "out.vtx", "--forse"], 2, "unknown flag '--forse'"),
    "one name": (["day.dbn"], 2, "OUT.vtx"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_is_one_line_and_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("day.dbn"), DAY)
    Path("photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    Path("trades.dbn").write_bytes(metadata() + other_record(0, 48) * 2)
    Path("none_in.dbn").write_bytes(metadata())
    before = sorted(Path().iterdir())
    arguments, code, said = FAILURES[name]
    assert run(*arguments) == code
    told = capsys.readouterr()
    assert told.out == "" and said in told.err and told.err.count("\n") == 1
    assert sorted(Path().iterdir()) == before


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    source = write(tmp_path / "day.dbn", Exchange(1).records(60_000))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    ended = subprocess.run(
        [sys.executable, "-m", "velox_tui", "import", source, tmp_path / "day.vtx"],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 73
    assert ended.stderr == f"velox-tui: {tmp_path / 'day.vtx'}: cannot be written: File too large\n"
    assert names(tmp_path) == ["day.dbn"]


WHOLE = metadata(symbols=[]) + Exchange(5).records(40).tobytes()


@given(
    changes=some.lists(some.tuples(some.integers(0, len(WHOLE) - 1), some.integers(0, 255)), max_size=12),
    kept=some.integers(0, len(WHOLE)) | some.just(len(WHOLE)),
    packed=some.booleans(),
)
def test_damage_of_any_kind_is_taken_or_told(
    changes: list[tuple[int, int]], kept: int, packed: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Changed bytes, a cut tail: a valid output whose records are all counted, or one clear error."""
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    folder = tmp_path_factory.mktemp("damage")
    source, out = folder / "a.dbn", folder / "a.vtx"
    source.write_bytes(zstd.compress(bytes(data[:kept])) if packed else data[:kept])
    try:
        counted = import_file(source, out, Wanted(), lambda phase, done, of: None)
    except InputError:
        assert names(folder) == ["a.dbn"]
        return
    assert (order_book.validate(transactions(out)) == 0).all()
    assert header(out)["count"] == counted.transactions == len(transactions(out))
    with simulated(out, folder) as (simulation, segment):
        simulation.run_until(LONG_NS)
        assert word(segment, "ingress_input_out_of_order_total") == 0
        rejected = counted.transactions - word(segment, "order_book_applied_total")
        assert rejected == word(segment, "order_book_rejected_window_total") == counted.outside


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    source = tmp_path / "long.dbn"
    source.write_bytes(metadata() + np.tile(Exchange(1).records(20_000), 100).tobytes())
    process = subprocess.Popen(
        [sys.executable, "-m", "velox_tui", "import", source, tmp_path / "out.vtx"],
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    while not list(tmp_path.glob(".out.vtx*")):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(number)
    assert process.wait() == 128 + number
    assert names(tmp_path) == ["long.dbn"]


def test_a_name_taken_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out.vtx"
    origin, window = vtx.Origin("x", bytes(32)), vtx.BookWindow(1, 1, 64)
    with pytest.raises(OutputError, match="exists"), vtx.VtxWriter(out, force=False) as writer:
        out.write_text("another's")
        writer.commit(origin, window)
    assert out.read_text() == "another's" and names(tmp_path) == ["out.vtx"]
