"""The numbers on the screens, against arithmetic of this test's own on the same Samples: words by name, plain
fractions, no helper of the console's or of telemetry.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from stage import Scene, scene

from velox_tui.telemetry.sample import Sample

WIDE, TALL = 200, 60
MOMENTS = (2, 13, 21, 41, 100)
"""Samples seen: the second, the burst with drops, the stall, the late poll, a quiet time."""
STAGES = ("Ingress", "OrderBook", "Bundle", "Output")
NAMES = ("ingress", "order_book", "bundle", "output")
OUT = ("ingress_pushed_total", "order_book_out_total", "bundle_out_total", "output_bundles_total")
EXITS = ("ingress_exit", "order_book_exit", "bundle_exit", "e2e")
RINGS = ("Ingress→Book", "Book→Bundle", "Bundle→Output")
CAPACITIES = (4096, 4096, 1024)
BARS = re.compile(r"[✗▲▏▎▍▌▋▊▉█░▒▓▁▂▃▄▅▆▇┊│·▸]+")


def three(value: Fraction, *units: str) -> str:
    """Three significant digits and the unit a thousand apart; whole numbers below a thousand as they are."""
    if 0 <= value < 1000 and value.denominator == 1:
        return f"{value}{units[0]}"
    number = Decimal(value.numerator) / Decimal(value.denominator)
    place = number.adjusted()
    rounded = number.quantize(Decimal(1).scaleb(place - 2), ROUND_HALF_EVEN)
    place = rounded.adjusted()
    step = min(max(place, 0) // 3, len(units) - 1)
    decimals = min(max(2 - (place - 3 * step), 0), 2)
    return f"{rounded.scaleb(-3 * step):.{decimals}f}{units[step]}"


def count(value: Fraction | int) -> str:
    return three(Fraction(value), "", "k", "M", "G", "T")


def time(value_ns: Fraction | int) -> str:
    return three(Fraction(value_ns), "ns", "µs", "ms", "s")


def share(value: Fraction) -> str:
    """Percent; a little is told with a decimal."""
    if 0 < value < Fraction(995, 10_000):
        return f"{float(100 * value):.1f}%"
    return f"{float(100 * value):.0f}%"


class Own:
    """This test's arithmetic on the Samples of the last ten seconds."""

    def __init__(self, on: Scene) -> None:
        self.samples = on.seen
        self.now = self.samples[-1]
        self.before = self.samples[-2]
        self.topology = self.now.run.topology
        self.seconds = Fraction(self.now.mono_ns - self.before.mono_ns, 10**9)

    def value(self, name: str, sample: Sample | None = None) -> int:
        return int((sample or self.now).words[self.topology.by_name[name].index])

    def rate(self, name: str) -> Fraction:
        return (self.value(name) - self.value(name, self.before)) / self.seconds

    def counts(self, name: str, samples: int = 10) -> dict[int, int]:
        """Bucket → how many, over that many Samples."""
        (index,) = [one.index for one in self.topology.histograms if one.name == name]
        merged: dict[int, int] = {}
        for sample in self.samples[-samples:]:
            buckets = (sample.histograms or ())[index] if sample.histograms else None
            if buckets is not None:
                for bucket, number in zip(buckets.indices.tolist(), buckets.counts.tolist(), strict=True):
                    merged[bucket] = merged.get(bucket, 0) + number
        return merged

    def total(self, name: str, samples: int = 10) -> int:
        """Exact sum of the recorded values."""
        (index,) = [one.index for one in self.topology.histograms if one.name == name]
        parts = [(one.histograms or ())[index] for one in self.samples[-samples:] if one.histograms]
        return sum(part.total for part in parts if part is not None)

    def percentile(self, name: str, p: Fraction) -> int:
        """Highest value of the bucket of rank ceil(p × n)."""
        counts = self.counts(name)
        rank = math.ceil(p * sum(counts.values()))
        for bucket in sorted(counts):
            rank -= counts[bucket]
            if rank <= 0:
                return highest(bucket)
        raise AssertionError("no such rank")

    def high_water(self, ring: int, samples: int) -> int:
        return min(CAPACITIES[ring], highest(max(self.counts(f"ring{ring}_occupancy", samples))))


def highest(bucket: int) -> int:
    """64 exact values, then 64 buckets an octave."""
    if bucket < 64:
        return bucket
    octave, place = divmod(bucket - 64, 64)
    return ((64 + place + 1) << octave) - 1


def row(text: str, name: str, *, after: str) -> list[str]:
    """The words of the first line that begins with the name, below the heading, without bars."""
    below = text[text.index(after) :]
    (line, *_) = [one for one in below.splitlines()[1:] if one.lstrip(" ▸").startswith(name)]
    return BARS.sub(" ", line).split()


@pytest.mark.parametrize("samples", MOMENTS)
async def test_stages(samples: int) -> None:
    async with scene(size=(WIDE, TALL), samples=samples) as on:
        own, text = Own(on), on.text()
        for stage, label in enumerate(STAGES):
            dropped = "ingress_dropped_total" if stage == 0 else None
            busy = own.rate(f"{NAMES[stage]}_busy_ns_total") / 10**9
            hits = own.rate(f"{NAMES[stage]}_worked_cycles_total") / own.rate(f"{NAMES[stage]}_cycles_total")
            assert row(text, label, after="STAGE        CORE")[:11] == [
                label,
                str(stage),
                count(own.rate(OUT[stage])),
                f"{own.value(OUT[stage]):,}",
                count(own.rate(dropped)) if dropped else "0",
                f"{own.value(dropped):,}" if dropped else "0",
                share(busy),
                share(hits),
                *(time(own.percentile(EXITS[stage], Fraction(p))) for p in ("0.5", "0.99", "0.999")),
            ]


@pytest.mark.parametrize("samples", MOMENTS)
async def test_rings_and_bundles(samples: int) -> None:
    async with scene(size=(80, 24), samples=samples) as on:
        own, text = Own(on), on.text()
        for ring, label in enumerate(RINGS):
            slots, full = own.value(f"ring{ring}_occupancy_slots"), own.rate(f"ring{ring}_full_total")
            marks = (own.high_water(ring, 10), own.high_water(ring, samples))
            assert row(text, label, after="─ Rings ") == [
                label,
                str(CAPACITIES[ring]),
                count(full),
                *(share(Fraction(one, CAPACITIES[ring])) for one in (slots, *marks)),
            ]
        bundles = own.rate("bundle_bundles_total")
        fill = float(own.rate("bundle_out_total") / bundles)
        size = float(100 * own.rate("bundle_flush_size_total") / bundles)
        expected = "—" if own.rate("ingress_burst_total") else f"{expected_fill():.2f}"
        assert f"bundles fill {fill:.2f} (expected {expected})  size {size:4.1f}%" in text


def expected_fill() -> float:
    """E[min(16, 1 + Poisson(λT))] at 100k/s and 100 µs, summed."""
    mean = 10.0
    chances = [math.exp(-mean) * mean**k / math.factorial(k) for k in range(60)]
    return sum(chance * min(16, 1 + k) for k, chance in enumerate(chances))


@pytest.mark.parametrize("samples", MOMENTS)
async def test_the_ledger_is_that_of_the_cut(samples: int) -> None:
    async with scene(size=(120, 40), samples=samples) as on:
        own, text = Own(on), on.text()
        assert own.now.cut is not None
        cut = {word.name: int(own.now.cut.words[word.index]) for word in own.topology.words}
        generated, pushed = cut["ingress_generated_total"], cut["ingress_pushed_total"]
        dropped, delivered = cut["ingress_dropped_total"], cut["output_delivered_total"]
        held = cut["bundle_open"]
        assert generated == pushed + dropped
        assert pushed == delivered + held
        assert f"─ Ledger at cut {pushed:,} ─" in text
        assert f"generated {generated:,} = pushed {pushed:,} + dropped {dropped:,}" in text
        whole = (
            f"generated {generated:,} = delivered {delivered:,} + dropped {dropped:,} + open bundle {held:,}"
        )
        assert whole in text
        assert "✓ residual 0" in text


@pytest.mark.parametrize("samples", MOMENTS)
async def test_latencies(samples: int) -> None:
    places = ("0.5", "0.9", "0.99", "0.999", "0.9999")
    named = zip(
        ("Ingress exit", "OrderBook exit", "Bundle exit", "end to end", "without wait", "generator late"),
        (*EXITS, "e2e_no_wait", "ingress_lateness"),
        strict=True,
    )
    async with scene(size=(120, 40), samples=samples) as on:
        await on.press("2")
        own, text = Own(on), on.text()
        for label, name in named:
            counts = own.counts(name)
            number = sum(counts.values())
            assert row(text, label, after="SINCE ARRIVAL, AT") == [
                *label.split(),
                f"{number:,}",
                time(Fraction(own.total(name), number)),
                *(time(own.percentile(name, Fraction(p))) for p in places),
                time(highest(max(counts))),
            ]


async def test_means_in_parts_add_up_to_the_mean_end_to_end() -> None:
    async with scene(size=(120, 40)) as on:
        await on.press("2")
        own, text = Own(on), on.text()
        mean = Fraction(own.total("e2e"), sum(own.counts("e2e").values()))
        assert re.search(rf"end to end +{time(mean)}\n", text)


@pytest.mark.parametrize("samples", MOMENTS)
async def test_cores(samples: int) -> None:
    async with scene(size=(120, 40), samples=samples) as on:
        await on.press("4")
        own, text = Own(on), on.text()
        for stage, (label, name) in enumerate(zip(STAGES, NAMES, strict=True)):
            busy = own.rate(f"{name}_busy_ns_total") / 10**9
            blocked = own.rate(f"{name}_blocked_ns_total") / 10**9
            hits = own.rate(f"{name}_worked_cycles_total") / own.rate(f"{name}_cycles_total")
            used = own.now.cores[stage]
            thread = own.now.threads[stage]
            assert used is not None
            assert thread.cpu_ratio is not None
            assert row(text, f"{stage} {label}", after="CORE STAGE")[:9] == [
                str(stage),
                label,
                share(busy),
                share(blocked),
                share(1 - busy - blocked),
                share(Fraction(used)),
                share(Fraction(thread.cpu_ratio)),
                share(hits),
                time(own.value(f"{name}_longest_cycle_ns")),
            ]


async def test_the_book_shows_its_best_prices_and_levels() -> None:
    async with scene(size=(120, 40)) as on:
        await on.press("3")
        own, text = Own(on), on.text()
        depth, window = own.now.depth, own.topology.book
        assert depth is not None
        assert window is not None
        bids, asks = depth.bids.nonzero()[0], depth.asks.nonzero()[0]
        bid, ask = int(bids[-1]), int(asks[0])

        def price(level: int, *, upper: bool) -> str:
            ticks = window.base_price + (level + upper) * window.ticks_per_level - upper
            return f"{ticks / 10_000:.4f}"

        assert f"best {price(bid, upper=False)} / {price(ask, upper=True)}" in text
        for level in range(bid, bid - 5, -1):
            assert re.search(rf"BID +{price(level, upper=False)} +{int(depth.bids[level]):,} ", text)
        for level in range(ask, ask + 5):
            assert re.search(rf"ASK +{price(level, upper=True)} +{int(depth.asks[level]):,} ", text)


async def test_the_first_reading_shows_no_rate_and_no_spike() -> None:
    async with scene(size=(WIDE, TALL), samples=1) as on:
        words = row(on.text(), "Ingress", after="STAGE        CORE")
        assert words[2] == "—"
        assert words[4] == "—"


async def test_a_late_poll_divides_by_the_measured_time() -> None:
    async with scene(samples=41) as on:
        own = Own(on)
        assert own.seconds > Fraction(103, 100)
        assert count(own.rate("ingress_pushed_total")) in row(on.text(), "Ingress", after="STAGE")
