"""Every parser of foreign bytes in Python, each with a corpus and the errors that it may raise."""

from __future__ import annotations

import os
import struct
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from velox_tui.console import themes
from velox_tui.console.bindings.keys import remap
from velox_tui.engine.options import EngineOptions
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.errors import VeloxError
from velox_tui.marketdata.importing import Wanted, import_file
from velox_tui.recording import frame_codec, meta
from velox_tui.recording.frame_codec import HEAD, FrameDamagedError, FrameKind
from velox_tui.recording.reader import FramesReader, Recording
from velox_tui.recording.recorder import FileRecorder
from velox_tui.settings import TABLE
from velox_tui.settings_load import load
from velox_tui.sources import canned
from velox_tui.sources.reader import SegmentReader

sys.path.append(str(Path(__file__).parents[1] / "marketdata"))
import dbn_maker

Run = Callable[[bytes, Path], None]


@dataclass(frozen=True, slots=True)
class Parser:
    """One parser. `run` is given the bytes and a folder of its own."""

    run: Run
    corpus: Callable[[Path], list[bytes]]
    errors: tuple[type[Exception], ...] = (VeloxError,)


def _write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _recording(folder: Path) -> Path:
    """Three rows, made once."""
    path = folder / "corpus" / "run.csv"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        samples = list(canned.samples(3))
        recorder = FileRecorder(path, samples[0].run, {"arguments": []})
        for sample in samples[:-1]:
            recorder.write(sample)
        recorder.close(samples[-1], "duration")
    return path


def _beside(suffix: str) -> Callable[[Path], list[bytes]]:
    return lambda folder: [_recording(folder).with_suffix(suffix).read_bytes()]


def _frame_body(data: bytes, folder: Path) -> None:
    """Behind compression and checksum, which keep all else out."""
    body = zlib.compress(data, 1)
    head = HEAD.pack(frame_codec.MARK, len(body), 0, FrameKind.INTERVAL, 1, 1)
    frame_codec.decode(
        struct.pack("<4sII", head[:4], len(body), zlib.crc32(head[12:] + body)) + head[12:] + body
    )


def _frame_bodies(folder: Path) -> list[bytes]:
    with FramesReader(_recording(folder).with_suffix(".frames")) as reader:
        raw = _recording(folder).with_suffix(".frames").read_bytes()
        return [zlib.decompress(raw[head.offset + HEAD.size : head.end]) for head in reader.heads]


def _frames(data: bytes, folder: Path) -> None:
    with FramesReader(_write(folder, "f.frames", data)) as reader:
        for head in reader.heads:
            reader.decode(head)


def _look_at_all(recording: Recording) -> None:
    for stretch in recording.stretches:
        recording.run(stretch)
    number = len(recording)
    recording.times(0, number)
    recording.eventful()
    for name in ("output_delivered_total", "seq"):
        recording.wholes(name, 0, number)
    recording.floats("e2e_p99_ns", 0, number)
    if recording.stretches:
        recording.cells(number - 1)
        recording.number_at(recording.axis_ns(number - 1))


def _replayed(suffix: str) -> Run:
    def run(data: bytes, folder: Path) -> None:
        for name in (".csv", ".frames", ".meta.json"):
            path, source = folder / f"r{name}", _recording(folder).with_suffix(name)
            if name == suffix:
                path.write_bytes(data)
            elif not path.exists():
                os.link(source, path)
        recording = Recording(folder / "r.csv")
        try:
            _look_at_all(recording)
        finally:
            recording.close()

    return run


def _meta(data: bytes, folder: Path) -> None:
    meta.read(_write(folder, "m.meta.json", data))


def _imported(suffix: str) -> Run:
    def run(data: bytes, folder: Path) -> None:
        out = folder / "out.vtx"
        import_file(_write(folder, f"in{suffix}", data), out, Wanted(force=True), lambda *_: None)

    return run


def _dbn(folder: Path) -> list[bytes]:
    records = [
        dbn_maker.record(*order, order_id=7, at_ns=at)
        for at, order in enumerate(
            (("A", "B", 10**11, 5), ("M", "B", 10**11, 3), ("C", "B", 10**11, 3), ("R",))
        )
    ]
    body = b"".join(one.tobytes() for one in records)
    return [dbn_maker.metadata(version) + body * times for version, times in ((1, 1), (2, 1), (3, 10))]


def _csv(folder: Path) -> list[bytes]:
    return [
        b"time,price,size,side,action,order_id\n1700000000000000000,100.25,5,B,A,1\n"
        b"1700000000000001000,100.5,2,A,A,2\n1700000000000002000,100.25,5,B,C,1\n",
        b'"ts","px","qty","side","action"\n2023-11-14T22:13:20.5Z,"99.0001",1,B,A\r\n2023-11-14T22:13:21Z,98,2,S,A\r\n',
    ]


def _config(data: bytes, folder: Path) -> None:
    effective = load({}, {}, _write(folder, "c.toml", data))
    remap(effective.settings.keys)


def _configs(folder: Path) -> list[bytes]:
    return [
        b'rate = "200k"\nrings = [64, 64, 64]\ninterval = "250ms"\ntheme = "mono"\n[keys]\nburst = "f5"\n',
        b'pattern = "ramp"\nseed = 5\nbundle_max = 3\nfail_on = "run.ingress_dropped_total>0"\n',
    ]


def _flags(data: bytes, folder: Path) -> None:
    """The first byte chooses the setting, the rest is its text."""
    setting = TABLE[data[0] % len(TABLE)] if data else TABLE[0]
    load({setting.key: data[1:].decode(errors="surrogateescape")}, {}, Path(os.devnull))


def _texts(folder: Path) -> list[bytes]:
    texts = (
        b"100k",
        b"250ms",
        b"64,64,64",
        b"0-3",
        b"run.a>0,interval.b_p99_ns>=1e6",
        b"1d",
        b"100M",
        b"0.01",
        b"on",
    )
    return [bytes([place]) + text for place in range(len(TABLE)) for text in texts]


def _theme(data: bytes, folder: Path) -> None:
    themes.read(_write(folder, "t.toml", data)).to_textual()


def _themes(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(themes.directories({})[0].glob("*.toml"))]


def _segment(data: bytes, folder: Path) -> None:
    segment = Segment(_write(folder, "s.seg", data))
    try:
        SegmentReader(segment, "attached").read()
    finally:
        segment.close()


def _segments(folder: Path) -> list[bytes]:
    simulation = Simulation(EngineOptions(levels=64, segment_dir=folder, cut_interval_ns=10**6))
    simulation.run_until(5 * 10**6)
    whole = simulation.segment_path.read_bytes()
    simulation.destroy()
    return [whole]


PARSERS: Mapping[str, Parser] = {
    "config": Parser(_config, _configs),
    "csv-import": Parser(_imported(".csv"), _csv),
    "dbn-import": Parser(_imported(".dbn"), _dbn),
    "flags": Parser(_flags, _texts),
    "frame": Parser(_frame_body, _frame_bodies, (FrameDamagedError,)),
    "frames": Parser(_frames, _beside(".frames"), (VeloxError, FrameDamagedError)),
    "meta": Parser(_meta, _beside(".meta.json")),
    "replay-csv": Parser(_replayed(".csv"), _beside(".csv")),
    "replay-frames": Parser(_replayed(".frames"), _beside(".frames")),
    "replay-meta": Parser(_replayed(".meta.json"), _beside(".meta.json")),
    "segment": Parser(_segment, _segments),
    "theme": Parser(_theme, _themes, (ValueError,)),
}
