"""DBN as Databento's own library has it: every field of every record, in every version."""

from pathlib import Path

import databento_dbn as official
import numpy as np
import pytest
from backports import zstd
from dbn_maker import INSTRUMENT, START_NS, Exchange, metadata, other_record, record
from plain_book import decoded

from velox_tui.errors import InputError, UsageError
from velox_tui.marketdata.dbn import RECORD, DbnReader
from velox_tui.marketdata.events import FLAWS
from velox_tui.marketdata.source_file import SourceFile

VERSIONS = (1, 2, 3)


def events(path: Path) -> tuple[np.ndarray, DbnReader]:
    with SourceFile(path) as source:
        reader = DbnReader(source)
        return np.concatenate(list(reader.events(str(INSTRUMENT)))), reader


@pytest.mark.parametrize("version", VERSIONS)
def test_our_files_are_read_by_the_official_library(version: int) -> None:
    records = Exchange(version).records(3_000)
    read = decoded(metadata(version) + records.tobytes())
    assert len(read) == len(records)
    for name in (
        "publisher_id",
        "instrument_id",
        "ts_event",
        "order_id",
        "price",
        "size",
        "ts_recv",
        "sequence",
    ):
        assert [getattr(one, name) for one in read] == records[name].tolist(), name
    assert "".join(str(one.action) for one in read).encode() == records["action"].tobytes()
    assert "".join(str(one.side) for one in read).encode() == records["side"].tobytes()


@pytest.mark.parametrize("version", VERSIONS)
def test_official_files_are_read_by_us(version: int, tmp_path: Path) -> None:
    about = official.Metadata(
        dataset="XNAS.ITCH",
        start=START_NS,
        stype_in=official.SType.RAW_SYMBOL,
        stype_out=official.SType.INSTRUMENT_ID,
        schema=official.Schema.MBO,
        symbols=["AAPL", "MSFT"],
        partial=[],
        not_found=["X" * 20],
        mappings=[],
        end=None,
        limit=None,
        ts_out=False,
        version=version,
    )
    one = official.MBOMsg(
        publisher_id=2,
        instrument_id=INSTRUMENT,
        ts_event=START_NS + 1,
        order_id=2**64 - 2,
        price=187_230_000_000,
        size=300,
        action=official.Action.ADD,
        side=official.Side.BID,
        ts_recv=START_NS + 5,
    )
    path = tmp_path / "official.dbn"
    path.write_bytes(about.encode() + bytes(one) * 40)
    read, _ = events(path)
    assert len(read) == 40
    assert read[7].tolist() == (START_NS + 5, 2**64 - 2, 1_872_300, 300, ord("A"), ord("B"), 0, False, 2)


@pytest.mark.parametrize("packed", [False, True])
def test_other_records_are_passed_over_and_counted(packed: bool, tmp_path: Path) -> None:
    """Alone, between runs long enough for the fast path, and at both ends."""
    mine = Exchange(5).records(500)
    parts = [
        other_record(0x16, 176),
        *(mine[at : at + step].tobytes() for at, step in ((0, 1), (1, 3), (4, 90))),
    ]
    parts = [part + other_record(0x01, 80) * (index % 2 + 1) for index, part in enumerate(parts)]
    data = (
        metadata() + b"".join(parts) + mine[94:].tobytes() + other_record(0x17, 320) + other_record(0xEE, 16)
    )
    path = tmp_path / "mixed.dbn"
    path.write_bytes(zstd.compress(data) if packed else data)
    read, reader = events(path)
    assert read["order_id"].tolist() == mine["order_id"].tolist()
    assert reader.skipped == {"symbol_mapping": 1, "mbp_1": 6, "system": 1, "rtype_0xee": 1}


def test_records_with_the_time_of_sending(tmp_path: Path) -> None:
    mine = Exchange(6).records(100)
    longer = np.zeros(len(mine), np.dtype([("record", RECORD), ("ts_out", "<u8")]))
    longer["record"] = mine
    longer["record"]["length"] = 16
    path = tmp_path / "live.dbn"
    path.write_bytes(metadata(ts_out=True) + longer.tobytes())
    read, _ = events(path)
    assert read["order_id"].tolist() == mine["order_id"].tolist()


def test_prices_are_exact_or_flawed(tmp_path: Path) -> None:
    prices = [100_000, 187_230_000_000, 110_015_625_000, 0, -5_000_000_000, 2**63 - 1, 2**62, 2**62 - 87_904]
    path = tmp_path / "prices.dbn"
    path.write_bytes(
        metadata() + np.concatenate([record("A", "B", price, 1, 1) for price in prices]).tobytes()
    )
    read, _ = events(path)
    assert read["price"].tolist() == [1, 1_872_300, 0, 0, 0, 0, 0, 46_116_860_184_273]
    inexact, outside, missing = "price_inexact", "price_out_of_range", "price_missing"
    assert [FLAWS[one] for one in read["flaw"]] == ["", "", inexact, outside, outside, missing, inexact, ""]


def test_a_missing_capture_time_is_the_exchanges(tmp_path: Path) -> None:
    one = record("A", "B", 100_000, 1, 1, at_ns=1000)
    one["ts_recv"] = 2**64 - 1
    path = tmp_path / "one.dbn"
    path.write_bytes(metadata() + one.tobytes())
    assert events(path)[0]["ts_ns"].tolist() == [START_NS + 850]


WHOLE = metadata() + Exchange(1).records(30).tobytes()
DAMAGED = {
    "empty": (b"", "not a DBN file|truncated"),
    "foreign": (b"PK\x03\x04" + bytes(100), "not a DBN file"),
    "magic alone": (b"DBN", "truncated: ends within DBN's metadata"),
    "version 0": (b"DBN\x00" + WHOLE[4:], "DBN version 0"),
    "version 9": (b"DBN\x09" + WHOLE[4:], "DBN version 9; 1 to 3 can be read"),
    "endless metadata": (
        WHOLE[:4] + b"\xff\xff\xff\xff" + WHOLE[8:],
        "truncated: ends within DBN's metadata",
    ),
    "cut record": (WHOLE[:-1], "truncated: ends within a record, at byte 1824"),
    "cut to a byte": (WHOLE[: -RECORD.itemsize + 1], "truncated: ends within a record, at byte 1824"),
    "no length": (WHOLE + bytes(64), "damaged: a record of 0 bytes at byte 1880"),
    "short record": (WHOLE + b"\x0d\xa0" + bytes(62), "damaged: a record of 52 bytes at byte 1880"),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("packed", [False, True])
def test_damage_is_told(name: str, packed: bool, tmp_path: Path) -> None:
    data, said = DAMAGED[name]
    path = tmp_path / "bad.dbn"
    path.write_bytes(zstd.compress(data) if packed else data)
    with pytest.raises(InputError, match=said):
        events(path)


def test_an_instrument_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "one.dbn"
    path.write_bytes(WHOLE)
    with SourceFile(path) as source, pytest.raises(UsageError, match="'ESZ4'"):
        list(DbnReader(source).events("ESZ4"))


def test_metadata_of_any_length_takes_bounded_reads(tmp_path: Path) -> None:
    path = tmp_path / "long.dbn"
    many = metadata(symbols=["S" * 30] * 200_000)
    path.write_bytes(many + record("A", "B", 100_000, 1, 1).tobytes())
    assert len(events(path)[0]) == 1
