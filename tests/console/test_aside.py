"""Work beside the event loop: moves first, the newest wish of each pane, shown all at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from velox_tui.console.aside import Aside


class Threads:
    """Worker and loop of one test: each does its work when told."""

    def __init__(self) -> None:
        self.submitted: list[Callable[[], None]] = []
        self.posted: list[Callable[[], None]] = []
        self.did: list[str] = []
        self.aside = Aside(self.submitted.append, self.posted.append, lambda: self.did.append("moved"))

    def move(self, name: str, changes: bool = True) -> None:
        def work() -> bool:
            self.did.append(name)
            return changes

        self.aside.move(work)

    def look(self, who: str, name: str) -> None:
        def work() -> str:
            self.did.append(name)
            return name

        self.aside.look(who, work, lambda found: self.did.append(f"shown {found}"))

    def run(self) -> list[str]:
        """All that waits, the worker's before the loop's; what was done."""
        while self.submitted or self.posted:
            for waiting in (self.submitted, self.posted):
                while waiting:
                    waiting.pop(0)()
        return self.did


def test_moves_go_in_order_before_looks_and_are_shown_once() -> None:
    on = Threads()
    on.look("pane", "lines")
    on.move("first")
    on.move("second")
    assert not on.aside.idle
    assert on.run() == ["first", "second", "lines", "moved", "shown lines"]
    assert on.aside.idle


def test_a_move_that_changes_nothing_is_not_shown() -> None:
    on = Threads()
    on.move("nowhere", changes=False)
    assert on.run() == ["nowhere"]


def test_of_what_a_pane_wants_the_newest_counts_and_all_are_shown_together() -> None:
    on = Threads()
    for number in range(3):
        on.look("one", f"one {number}")
        on.look("other", f"other {number}")
    for work in on.submitted:
        work()
    assert on.did == ["one 2", "other 2"] and len(on.posted) == 1


def test_what_comes_while_it_works_is_done_as_well() -> None:
    on = Threads()
    on.aside.look("pane", lambda: on.move("during"), lambda _: None)
    assert on.run() == ["during", "moved"] and on.aside.idle


def test_a_fault_is_the_loops_and_the_rest_goes_on() -> None:
    on = Threads()
    on.aside.look("broken", lambda: 1 // 0, lambda _: None)
    on.look("pane", "lines")
    on.submitted.pop()()
    with pytest.raises(ZeroDivisionError):
        on.posted.pop(0)()
    assert on.run() == ["lines", "shown lines"]


def test_once_the_worker_has_gone_nothing_happens() -> None:
    def gone(_: object) -> None:
        raise RuntimeError("cannot schedule new futures after shutdown")

    aside = Aside(gone, gone, pytest.fail)
    aside.move(lambda: True)
    assert aside.idle
