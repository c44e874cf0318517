"""Damage to bytes: what bits that flip, programs that die and people with an editor do, in any mixture."""

from __future__ import annotations

import random

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)
WORDS = (
    *(b"", b"\n", b"\r\n", b"\0", b'"', b"'", b",", b"=", b"[", b"]", b"{", b"}", b"#", b"\xff\xfe"),
    *(b"-1", b"0", b"1e999", b"nan", b"inf", b"-0.0", b"99999999999999999999999", b"0x10", b"true", b"None"),
    *("\u202e".encode(), "\U0001f600".encode(), b"\xc3", b"\x1b[2J", b"%s", b"../" * 8, b"[" * 400),
)


class Mutator:
    """The same seed gives the same damage."""

    def __init__(self, seed: int, corpus: list[bytes]) -> None:
        """Inputs are made of the corpus, which must not be empty."""
        self._chance = random.Random(seed)
        self._corpus = corpus

    def next(self) -> bytes:
        """The next input: one of the corpus after one to eight changes."""
        chance = self._chance
        data = bytearray(chance.choice(self._corpus))
        for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 8))):
            chance.choice(self._changes)(self, data)
        return bytes(data)

    def _span(self, data: bytearray) -> tuple[int, int]:
        begin = self._chance.randint(0, len(data))
        length = int(self._chance.paretovariate(0.7))
        return begin, min(len(data), begin + length)

    def _flip(self, data: bytearray) -> None:
        if data:
            data[self._chance.randrange(len(data))] ^= 1 << self._chance.randrange(8)

    def _set(self, data: bytearray) -> None:
        if data:
            data[self._chance.randrange(len(data))] = self._chance.randrange(256)

    def _number(self, data: bytearray) -> None:
        width = self._chance.choice((1, 2, 4, 8))
        value = (self._chance.choice(EXTREMES) + self._chance.choice((-1, 0, 0, 1))) % 2 ** (8 * width)
        begin = self._chance.randint(0, len(data))
        data[begin : begin + width] = value.to_bytes(width, "little")

    def _cut(self, data: bytearray) -> None:
        begin, end = self._span(data)
        del data[begin:end]

    def _end(self, data: bytearray) -> None:
        del data[self._chance.randint(0, len(data)) :]

    def _again(self, data: bytearray) -> None:
        begin, end = self._span(data)
        data[begin:begin] = data[begin:end] * self._chance.choice((1, 1, 2, 30))

    def _word(self, data: bytearray) -> None:
        begin, end = self._span(data)
        data[begin : self._chance.choice((begin, end))] = self._chance.choice(WORDS)

    def _noise(self, data: bytearray) -> None:
        begin, end = self._span(data)
        data[begin:end] = self._chance.randbytes(self._chance.randint(0, 12))

    def _splice(self, data: bytearray) -> None:
        other = self._chance.choice(self._corpus)
        data[self._chance.randint(0, len(data)) :] = other[self._chance.randint(0, len(other)) :]

    _changes = (_flip, _flip, _set, _number, _number, _cut, _end, _again, _word, _word, _noise, _splice)
