"""Bytes of an input: Zstandard of every shape, hashes, and files that are none."""

import hashlib
import os
import sys
from pathlib import Path

import pytest
from backports import zstd

from velox_tui.errors import InputError, InputMissingError
from velox_tui.marketdata.source_file import SourceFile

TEXT = bytes(range(256)) * 5_000


def read_all(path: Path, size: int = 10_000) -> bytes:
    with SourceFile(path) as source:
        parts = []
        while part := source.read(size):
            assert len(part) <= size
            parts.append(part)
        assert source.read(size) == b""
        assert source.bytes_read == source.bytes == path.stat().st_size
        assert source.sha256 == hashlib.sha256(path.read_bytes()).digest()
        return b"".join(parts)


FILES = {
    "plain": TEXT,
    "one frame": zstd.compress(TEXT),
    "frames": b"".join(zstd.compress(TEXT[at : at + 70_000]) for at in range(0, len(TEXT), 70_000)),
    "empty frames between": zstd.compress(TEXT) + zstd.compress(b"") * 3,
    "skippable frame": zstd.compress(TEXT) + b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [1_000, 1 << 22])
def test_what_went_in_comes_out(name: str, size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES[name])
    assert read_all(path, size) == TEXT


def test_a_look_ahead_takes_nothing_away(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(zstd.compress(b"abcdef"))
    with SourceFile(path) as source:
        assert [source.peek(3), source.peek(5), source.read(2), source.peek(3)] == [
            b"abc",
            b"abcde",
            b"ab",
            b"cde",
        ]
        assert source.read(9) + source.read(9) == b"cdef"
        assert source.peek(4) == b""


@pytest.mark.parametrize("kept", [5, 100, 500, -1])
def test_a_cut_frame_is_told(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(zstd.compress(os.urandom(5_000))[:kept])
    with pytest.raises(InputError, match="truncated: ends within a Zstandard frame"):
        read_all(path)


def test_rubbish_behind_a_frame_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(zstd.compress(TEXT) + b"rubbish that is no frame")
    with pytest.raises(InputError, match="damaged Zstandard data"):
        read_all(path)


def test_a_small_file_that_stands_for_much_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(zstd.compress(bytes(1 << 30)))
    total = 0
    with SourceFile(path) as source:
        while part := source.read(1 << 16):
            assert len(part) <= 1 << 16
            total += len(part)
    assert total == 1 << 30


def test_without_the_module_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "file"
    path.write_bytes(FILES["one frame"])
    with pytest.raises(InputError, match=r"pip install 'velox-tui\[import\]'"):
        SourceFile(path)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match="not a regular file"):
            SourceFile(path)
    with pytest.raises(InputMissingError, match="No such file"):
        SourceFile(tmp_path / "none")
    with pytest.raises(InputMissingError):
        SourceFile(Path("a\0b"))


def test_a_file_that_shrinks_meanwhile_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    with SourceFile(path) as source:
        source.read(1_000)
        os.truncate(path, 2_000)
        with pytest.raises(InputError, match="became shorter"):
            while source.read(1_000):
                pass


def test_what_is_appended_meanwhile_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    with SourceFile(path) as source:
        with path.open("ab") as file:
            file.write(b"more")
        read = b""
        while part := source.read(1 << 16):
            read += part
        assert read == TEXT
