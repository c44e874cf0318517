"""CSV: columns found or named, values exact, rows that cannot be read counted by kind."""

from pathlib import Path

import databento_dbn as official
import numpy as np
import pytest
from dbn_maker import START_NS, Exchange, metadata
from hypothesis import given
from hypothesis import strategies as some

from velox_tui.errors import InputError, UsageError
from velox_tui.marketdata import csv_values as values
from velox_tui.marketdata.csv_map import CsvFormat, CsvReader
from velox_tui.marketdata.events import INEXACT, NO_PRICE, OUT_OF_RANGE, Events
from velox_tui.marketdata.source_file import SourceFile

HEADER = "ts_event,price,size,side,action,order_id\n"


def read(path: Path, how: CsvFormat | None = None, instrument: str = "") -> tuple[Events, CsvReader]:
    with SourceFile(path) as source:
        reader = CsvReader(source, how or CsvFormat())
        return np.concatenate(list(reader.events(instrument))), reader


def text_file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_become_events(tmp_path: Path) -> None:
    path = text_file(tmp_path / "a.csv", HEADER + "17,100.25,5,B,A,9\n18,100.25,2,,C,9\r\n19,,,,R,\n")
    found, reader = read(path)
    assert found.tolist() == [
        (17, 9, 1_002_500, 5, ord("A"), ord("B"), 0, False, 0),
        (18, 9, 1_002_500, 2, ord("C"), ord("N"), 0, False, 0),
        (19, 0, 0, 0, ord("R"), ord("N"), NO_PRICE, False, 0),
    ]
    assert reader.by_order and not +reader.rejected


def test_columns_are_named_units_given_and_delimiters_found(tmp_path: Path) -> None:
    path = text_file(tmp_path / "b.csv", "when;px;n;bs;what\n1700000000.5;10025;7;buy;new\n")
    how = CsvFormat({"time": "when", "size": "n", "side": "bs", "action": "what"}, 10**9, "0.01")
    found, reader = read(path, how)
    assert found.tolist() == [(1_700_000_000_500_000_000, 0, 1_002_500, 7, ord("A"), ord("B"), 0, False, 0)]
    assert not reader.by_order


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("x,1,1,B,A,1", "time_malformed"),
        ("-5,1,1,B,A,1", "time_malformed"),
        ("2024-13-01T00:00:00Z,1,1,B,A,1", "time_malformed"),
        ("99999999999999999999,1,1,B,A,1", "time_malformed"),
        ("1,1e,1,B,A,1", "price_malformed"),
        (f"1,{'1' * 50},1,B,A,1", "price_malformed"),
        ("1,1,1.5,B,A,1", "size_malformed"),
        ("1,1,-1,B,A,1", "size_malformed"),
        ("1,1,,B,A,1", "size_malformed"),
        ("1,1,4294967295,B,A,1", "size_too_large"),
        ("1,1,1,up,A,1", "side_unknown"),
        ("1,1,1,B,A,18446744073709551616", "order_id_malformed"),
        ("1,1,1,B,A", "row_malformed"),
        ("1,1,1,B,A,1,7", "row_malformed"),
    ],
)
def test_a_row_that_cannot_be_read_is_counted_by_kind(row: str, kind: str, tmp_path: Path) -> None:
    found, reader = read(text_file(tmp_path / "c.csv", f"{HEADER}{row}\n\n1,1,1,B,A,1\n"))
    assert len(found) == 1
    assert +reader.rejected == {kind: 1}


def test_databentos_own_csv_is_read_without_a_map(tmp_path: Path) -> None:
    """The columns of `dbn --csv`, prices as integers of 1e-9."""
    records = Exchange(1).records(50)
    names = (
        "ts_recv",
        "ts_event",
        "rtype",
        "publisher_id",
        "instrument_id",
        "action",
        "side",
        "price",
        "size",
    )
    names = (*names, "channel_id", "order_id", "flags", "ts_in_delta", "sequence")
    rows = [
        ",".join(chr(one[name]) if name in ("action", "side") else str(one[name]) for name in names)
        for one in records
    ]
    path = text_file(tmp_path / "d.csv", "\n".join((",".join(names), *rows)))
    found, reader = read(path, CsvFormat(price_unit="1e-9"), str(records["instrument_id"][0]))
    assert found["order_id"].tolist() == records["order_id"].tolist()
    assert found["ts_ns"].tolist() == records["ts_recv"].tolist()
    assert set(found["book"]) == {1}
    priced = np.isin(records["action"], [ord("A"), ord("C"), ord("M")])
    assert (found["price"][priced] == records["price"][priced] // 100_000).all()
    assert not +reader.rejected


def test_rows_of_other_instruments_are_counted(tmp_path: Path) -> None:
    path = text_file(
        tmp_path / "e.csv", "ts,price,size,side,action,symbol\n1,1,1,B,A,X\n2,1,1,B,A,Y\n3,1,1,B,A,X\n"
    )
    with SourceFile(path) as source:
        assert list(CsvReader(source, CsvFormat()).survey()) == [{"X": 2, "Y": 1}]
    found, reader = read(path, instrument="Y")
    assert len(found) == 1 and reader.skipped == {"other_instrument": 2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column for time"),
        ("a,b\n1,2\n", "no column for time: the first row has a, b; --map time=COLUMN names it"),
        (HEADER + '1,"' + "x" * 200_000 + '",1,B,A,1\n', "line 2: field larger"),
        (HEADER + "1,2,3\x00,B,A,1\n", None),
    ],
)
def test_what_is_no_such_csv_is_told(text: str, said: str | None, tmp_path: Path) -> None:
    path = text_file(tmp_path / "bad.csv", text)
    if said is None:
        assert +read(path)[1].rejected == {"size_malformed": 1}
        return
    with pytest.raises(InputError, match=said):
        read(path)


def test_bytes_that_are_no_text_and_lines_without_end_are_told(tmp_path: Path) -> None:
    path = tmp_path / "bytes.csv"
    path.write_bytes(HEADER.encode() + b"1,1,1,B,A,1\n\xff\xfe,1,1,B,A,1\n")
    with pytest.raises(InputError, match="line 3: not UTF-8 text"):
        read(path)
    path.write_bytes(HEADER.encode() + b"1" * 3_000_000)
    with pytest.raises(InputError, match="line 2: too long for CSV"):
        read(path)


def test_a_map_of_unknown_fields_or_columns_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no field 'prize'; fields: time, price"):
        CsvFormat({"prize": "px"})
    path = text_file(tmp_path / "f.csv", HEADER)
    with pytest.raises(InputError, match="no column 'px'; the first row has ts_event, price"):
        read(path, CsvFormat({"price": "px"}))
    with pytest.raises(UsageError, match="--price-unit '0'"):
        read(path, CsvFormat(price_unit="0"))


@given(some.integers(1, 2**53))
def test_prices_are_exact(price: int) -> None:
    """Text → fixed point, with all of their decimals."""
    plain = values.prices("1")
    assert plain(f"{price // 10_000}.{price % 10_000:04}") == (price, 0)
    assert values.prices("1e-9")(str(price * 100_000)) == (price, 0)
    if price < 2**53 // 10:
        assert plain(f"{price // 10_000}.{price % 10_000:04}0000000001") == (0, INEXACT)


def test_prices_that_are_none_or_outside() -> None:
    plain = values.prices("1")
    assert [plain(text)[1] for text in ("", "nan", "inf", "9223372036854775807")] == [NO_PRICE] * 4
    assert [plain(text)[1] for text in ("0", "-1.5", "1e300", "900719925474.0993")] == [OUT_OF_RANGE] * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-11-14T22:13:20Z", START_NS),
        ("2023-11-14 22:13:20.000000123", START_NS + 123),
        ("2023-11-14T23:13:20,5+01:00", START_NS + 500_000_000),
        ("2023-11-14T22:13:20.000002885Z", START_NS + 2_885),
        ("1700000000000000000", START_NS),
    ],
)
def test_times_are_exact_to_the_nanosecond(text: str, expected: int) -> None:
    assert values.time_ns(text, 1) == expected


def test_pretty_times_are_those_of_the_official_library() -> None:
    decoder = official.DBNDecoder()
    decoder.write(metadata() + Exchange(4).records(20).tobytes())
    records = [one for one in decoder.decode() if isinstance(one, official.MBOMsg)]
    assert len(records) >= 20
    for one in records:
        assert (
            values.time_ns(one.pretty_ts_recv.isoformat().replace(" ", "T"), 1) // 1000 == one.ts_recv // 1000
        )


def test_a_carriage_return_within_the_header_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"time,price\rsize,side\n1,2,3,4\n")
    with SourceFile(path) as source, pytest.raises(InputError, match=r"x\.csv: line 1: "):
        CsvReader(source, CsvFormat())
