"""Deadlines of the tick thread, under a virtual clock."""

from velox_tui.session_ticks import Ticks


class Clock:
    """Virtual time for ticks: every turn takes as long as it is told."""

    def __init__(self, durations: list[int]) -> None:
        self.now_ns = 1_000
        self.durations = durations
        self.turns: list[tuple[int, int]] = []
        self.ticks = Ticks(100, self.turn, clock=lambda: self.now_ns)
        self.ticks._stop.wait = self.sleep  # type: ignore[method-assign]

    def turn(self, late_ns: int) -> None:
        self.turns.append((self.now_ns, late_ns))
        self.now_ns += self.durations.pop(0)
        if not self.durations:
            self.ticks._stop.set()

    def sleep(self, timeout: float | None = None) -> bool:
        self.now_ns += round((timeout or 0) * 1e9)
        return False

    def run(self) -> list[tuple[int, int]]:
        self.ticks._run()
        return self.turns


def test_deadlines_are_absolute_and_do_not_drift() -> None:
    clock = Clock([30, 70, 10, 99, 0])
    assert clock.run() == [(1_000, 0), (1_100, 0), (1_200, 0), (1_300, 0), (1_400, 0)]
    assert clock.ticks.missed == 0


def test_deadlines_that_passed_are_left_out_and_counted_never_bunched() -> None:
    clock = Clock([10, 350, 10, 100, 10])
    assert clock.run() == [(1_000, 0), (1_100, 0), (1_500, 0), (1_600, 0), (1_800, 0)]
    assert clock.ticks.missed == 4


def test_lateness_is_told() -> None:
    clock = Clock([10, 10, 0])
    sleep = clock.sleep
    clock.ticks._stop.wait = lambda timeout=None: (sleep((timeout or 0) + 7e-9), False)[1]  # type: ignore[method-assign]
    assert clock.run() == [(1_000, 0), (1_107, 7), (1_207, 7)]
