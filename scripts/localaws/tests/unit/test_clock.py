"""The clock, and the timetable of what's due."""

from __future__ import annotations

import threading

import pytest

from localaws.clock import Clock, Timetable


class Every:
    """Due at each multiple of `seconds`; records when it ran, and the time of the clock."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds
        self.ran: list[tuple[float, float]] = []
        self.happened = threading.Event()

    def next_due(self, after: float) -> float | None:
        return (after // self.seconds + 1) * self.seconds

    def run(self, moment: float) -> None:
        self.ran.append((moment, self.clock.now()))
        self.happened.set()


class Never:
    def next_due(self, after: float) -> float | None:
        return None

    def run(self, moment: float) -> None:
        raise AssertionError("nothing is due")


class Failing(Every):
    def run(self, moment: float) -> None:
        super().run(moment)
        raise RuntimeError("as asked")


class Blocked(Every):
    """Runs until `go_on` is set."""

    go_on: threading.Event

    def run(self, moment: float) -> None:
        super().run(moment)
        self.go_on.wait(60)


def still(moment: float = 1000.0) -> Clock:
    return Clock(lambda: moment)


def test_moving_runs_what_is_due_in_order_at_its_own_time() -> None:
    clock = still()
    often, seldom = Every(clock, 60), Every(clock, 100)
    timetable = Timetable(clock)
    for entry in (seldom, often, Never()):
        timetable.add(entry)
    timetable.move(200)
    assert often.ran == [(1020, 1020), (1080, 1080), (1140, 1140), (1200, 1200)]
    assert seldom.ran == [(1100, 1100), (1200, 1200)]
    assert clock.now() == 1200
    assert clock.offset == 200
    timetable.move(10)
    assert (len(often.ran), clock.now()) == (4, 1210)


def test_a_failed_entry_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    clock = still()
    failing, sound = Failing(clock, 60), Every(clock, 60)
    timetable = Timetable(clock)
    timetable.add(failing)
    timetable.add(sound)
    timetable.move(60)
    assert len(failing.ran) == len(sound.ran) == 1
    assert "failed" in caplog.text


def test_time_that_passes_by_itself_runs_what_is_due_too() -> None:
    clock = Clock()
    entry = Every(clock, 0.05)
    timetable = Timetable(clock)
    timetable.add(entry)
    timetable.start()
    try:
        assert entry.happened.wait(10)
    finally:
        timetable.close()
    ran = len(entry.ran)
    timetable.changed()
    assert len(entry.ran) == ran


def test_nothing_begins_after_a_halt_which_waits_for_what_runs_but_not_for_ever() -> None:
    clock = still()
    entry, go_on = Blocked(clock, 60), threading.Event()
    entry.go_on = go_on
    timetable = Timetable(clock)
    timetable.add(entry)
    mover = threading.Thread(target=timetable.move, args=(200,))
    mover.start()
    assert entry.happened.wait(60)
    timetable.start()  # its thread waits for the one that moves
    timetable.halt(0.01)
    assert len(entry.ran) == 1
    go_on.set()
    timetable.close()
    mover.join()
    assert [moment for moment, _ in entry.ran] == [1020]


def test_a_clock_is_never_moved_back() -> None:
    clock = still()
    clock.forward_to(900)
    assert clock.now() == 1000
