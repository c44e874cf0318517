"""Frames: what goes in comes out, and damage never hides what follows."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.errors import InputError, InputMissingError
from velox_tui.recording import shape
from velox_tui.recording.frame_codec import (
    HEAD,
    MARK,
    FrameDamagedError,
    FrameKind,
    decode,
    encode,
    intact,
    parse_head,
    smallest,
)
from velox_tui.recording.frames import (
    MinuteMerger,
    depth_of,
    histogram_arrays,
    histograms_of,
    interval_frame,
    run_frame,
)
from velox_tui.recording.intervals import Interval, intervals, merged, parts_of
from velox_tui.recording.reader import FramesReader
from velox_tui.recording.recorder import FileRecorder, Mode
from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Buckets, Sample

BUCKETS = st.dictionaries(st.integers(0, 2047), st.integers(1, 2**40), max_size=30).map(
    lambda counts: Buckets(
        np.array(sorted(counts), np.uint16),
        np.array([counts[index] for index in sorted(counts)], np.uint64),
        sum(counts.values()),
    )
)


def same(one: Buckets | None, other: Buckets | None) -> bool:
    if one is None or other is None:
        return one is other
    return (
        np.array_equal(one.indices, other.indices)
        and np.array_equal(one.counts, other.counts)
        and one.total == other.total
    )


@given(st.lists(st.none() | BUCKETS, max_size=6))
def test_histograms_come_back(parts: list[Buckets | None]) -> None:
    record = encode(FrameKind.INTERVAL, 1, 2, {}, histogram_arrays(parts))
    _, arrays = decode(record)
    for one, other in zip(parts, histograms_of(arrays, len(parts)), strict=True):
        assert same(one, other)


@given(
    st.binary(max_size=200) | st.binary(max_size=100).map(lambda b: encode(FrameKind.RUN, 0, 0, {}, {}) + b)
)
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    head = parse_head(data, 0)
    if not intact(data):
        with pytest.raises(FrameDamagedError):
            decode(data)
    else:
        assert head is not None and head.end == len(data)


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", zlib.compress(b""), zlib.compress(b"\xff\xff\xff\xff{}"), zlib.compress(b"\x02\0\0\0[]"),
     zlib.compress(b"\x02\0\0\0{}"), zlib.compress(b'\x23\0\0\0{"arrays":[["a","<u8",99999999999]]}'),
     zlib.compress(b'\x19\0\0\0{"arrays":[["a","O",1]]}12345678'), zlib.compress(b"\0" * (70 << 20)),
     zlib.compress(b'\x1b\0\0\0{"arrays":[["a","(,u1",1]]}1')],
)  # fmt: skip
def test_record_with_a_right_crc_and_nonsense_inside_is_refused(body: bytes) -> None:
    checked = HEAD.pack(MARK, 0, 0, 1, 0, 0)[12:] + body
    with pytest.raises(FrameDamagedError):
        decode(HEAD.pack(MARK, len(body), zlib.crc32(checked), 1, 0, 0) + body)


def test_smallest_type_that_holds_them() -> None:
    for highest, dtype in ((0, "|u1"), (255, "|u1"), (256, "<u2"), (2**32 - 1, "<u4"), (2**64 - 1, "<u8")):
        assert smallest(np.array([0, highest], np.uint64)).dtype.str == dtype


def test_interval_holds_what_a_row_cannot(samples: list[Sample]) -> None:
    sample = samples[30]
    fields, arrays = decode(interval_frame(sample))
    assert fields["run_id"] == sample.run.run_id and fields["interval_ns"] == sample.interval_ns
    assert sample.histograms is not None and sample.depth is not None and sample.deltas is not None
    for one, other in zip(sample.histograms, histograms_of(arrays, len(sample.histograms)), strict=True):
        assert same(one, other)
    depth = depth_of(arrays, fields["levels"])
    assert depth is not None
    assert np.array_equal(depth.bids, sample.depth.bids) and np.array_equal(depth.asks, sample.depth.asks)
    assert tuple(fields["cores"]) == sample.cores
    assert [tuple(one) for one in fields["threads"]] == [
        tuple(list(value) if isinstance(value, tuple) else value for value in astuple(one))
        for one in sample.threads
    ]
    fills = [word.index for word in sample.run.topology.words if word.name.startswith("bundle_fill_")]
    assert arrays["fill"].tolist() == sample.deltas[fills].tolist()


def test_first_sample_has_a_frame_without_what_is_unknown(samples: list[Sample]) -> None:
    fields, arrays = decode(interval_frame(replace(samples[0], depth=None, cost=None)))
    assert fields["interval_ns"] is None and fields["levels"] is None
    assert "fill" not in arrays
    assert histograms_of(arrays, 3) == (None, None, None)


def test_run_gives_the_topology_back(samples: list[Sample]) -> None:
    fields, _ = decode(run_frame(samples[0].run))
    assert shape.of_fields(fields["topology"]) == samples[0].run.topology


def test_topology_of_a_newer_program_is_still_understood(samples: list[Sample]) -> None:
    fields = decode(run_frame(samples[0].run))[0]["topology"]
    fields["words"][0] |= {"role": 999, "unit": 999, "colour": "blue"}
    word = shape.of_fields(fields).words[0]
    assert (word.role, word.unit, word.name) == (0, 0, samples[0].run.topology.words[0].name)


def test_merged_pieces_come_to_the_same_in_fewer(
    tmp_path: Path, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a second recording of the same run begins in the middle of a minute."""

    def sums(pieces: Iterable[Interval]) -> tuple[int, list[tuple[int, int]]]:
        total = np.zeros((len(samples[0].run.topology.histograms), 2), np.uint64)
        number = 0
        for piece in pieces:
            number += 1
            for into, one in zip(total, piece.histograms, strict=True):
                if one is not None:
                    into += np.array([one.counts.sum(), one.total % 2**64], np.uint64)
        return number, total.tolist()

    path = tmp_path / "run.csv"
    for mode, some in ((Mode.NEW, samples), (Mode.APPEND, samples[30:150])):
        recorder = FileRecorder(path, samples[0].run, {}, mode=mode)
        for sample in some:
            recorder.write(sample)
        recorder.close(None, "test")
    each, same = sums(intervals(parts_of(path), pytest.fail))
    fewer, found = sums(merged(parts_of(path), pytest.fail))
    assert found == same and fewer < 12 < each


def test_minutes_are_the_sums_of_their_intervals(samples: list[Sample]) -> None:
    merger = MinuteMerger(samples[0].run)
    records = [record for sample in samples if (record := merger.add(sample))]
    last = merger.finish()
    assert last is not None and merger.finish() is None
    heads = [parse_head(record, 0) for record in (*records, last)]
    assert len(heads) == 4
    first_seq = 1
    for record, head in zip((*records, last), heads, strict=True):
        assert head is not None
        fields, arrays = decode(record)
        assert fields["from_seq"] == first_seq
        members = samples[first_seq : head.seq + 1]
        assert fields["from_mono_ns"] == samples[first_seq - 1].mono_ns
        merged = histograms_of(arrays, len(samples[0].run.topology.histograms))
        for place, one in enumerate(merged):
            parts = [part for sample in members if (part := (sample.histograms or ())[place]) is not None]
            assert same(one, histogram.merge(parts))
        first_seq = head.seq + 1
    assert first_seq == len(samples)


@pytest.fixture
def three(samples: list[Sample]) -> list[bytes]:
    return [run_frame(samples[0].run), interval_frame(samples[1]), interval_frame(samples[2])]


def seqs(path: Path) -> list[int]:
    with FramesReader(path) as reader:
        return [head.seq for head in reader.heads if head.kind == FrameKind.INTERVAL]


def test_every_cut_loses_no_more_than_the_cut_record(tmp_path: Path, three: list[bytes]) -> None:
    path = tmp_path / "run.frames"
    whole = b"".join(three)
    for size in (
        0,
        1,
        HEAD.size,
        len(three[0]) - 1,
        len(three[0]),
        len(whole) - len(three[2]) + 5,
        len(whole) - 1,
    ):
        path.write_bytes(whole[:size])
        with FramesReader(path) as reader:
            complete = sum(size >= len(b"".join(three[: n + 1])) for n in range(3))
            assert len(reader.heads) == complete


@pytest.mark.parametrize("torn", [1, 31, 32, 33, 500])
def test_what_was_appended_after_a_torn_record_is_found(
    tmp_path: Path, three: list[bytes], torn: int
) -> None:
    path = tmp_path / "run.frames"
    path.write_bytes(three[0] + three[1][:torn] + three[0] + three[2] + three[1])
    assert seqs(path) == [2, 1]


@pytest.mark.parametrize("junk", [b"", MARK, MARK * 9, b"\0" * 100, MARK + b"\0" * 40])
def test_junk_between_records_is_passed_over(tmp_path: Path, three: list[bytes], junk: bytes) -> None:
    path = tmp_path / "run.frames"
    path.write_bytes(junk + three[1] + junk + three[2] + junk)
    assert [seq for seq in seqs(path) if seq in (1, 2)] == [1, 2]


def test_flipped_bit_is_found_when_the_record_is_asked_for(tmp_path: Path, three: list[bytes]) -> None:
    path = tmp_path / "run.frames"
    damaged = bytearray(three[1])
    damaged[-3] ^= 4
    path.write_bytes(bytes(damaged) + three[2])
    with FramesReader(path) as reader:
        assert len(reader.heads) == 2
        with pytest.raises(InputError, match="damaged"):
            reader.decode(reader.heads[0])
        assert reader.decode(reader.heads[1])[0]["interval_ns"] is not None


def test_reader_follows_a_growing_file(tmp_path: Path, three: list[bytes]) -> None:
    path = tmp_path / "run.frames"
    path.write_bytes(three[0] + three[1][:40])
    with FramesReader(path) as reader:
        assert len(reader.heads) == 1
        assert reader.refresh() == 0
        path.write_bytes(three[0] + three[1] + three[2])
        assert reader.refresh() == 2


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="none"):
        FramesReader(tmp_path / "none")


def test_nonsense_arrays_are_refused() -> None:
    good: dict[str, Any] = histogram_arrays([Buckets(np.array([1], np.uint16), np.array([1], np.uint64), 1)])
    for change in (
        {"step": np.array([5000], "<u2")},
        {"count": np.array([], "<u8")},
        {"buckets": np.array([9], "<u1")},
    ):
        with pytest.raises(ValueError):
            histograms_of(good | change, 1)
