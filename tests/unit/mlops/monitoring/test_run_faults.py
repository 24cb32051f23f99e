"""Runs that are killed, repeated, missed, or that happen at the same time end in the same state, and announce once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mlops.errors.data import DatasetGone
from mlops.monitoring.incident import Incident
from mlops.monitoring.state import Announcement
from mlops.monitoring.windows.monitor import Look, State
from mlops.records.window import Window
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.versions import Versions
from tests.unit.mlops.monitoring.world import (
    LEASE,
    MODEL,
    FakeAnnouncer,
    World,
    after,
    day,
    read_all,
    well,
    worse,
)
from tests.unit.mlops.registry.faults import Breaker, Interrupted
from tests.unit.mlops.registry.samples import FILES, make_recommender_manifest

NIGHT = Window.of_day(day(1)).end
DUE = NIGHT + timedelta(minutes=20)
"""The day of the loss and its last hour are due."""


def make_world() -> World:
    """A model that lost on its second day, monitored but for that day and its last hour."""
    world = World()
    world.serve(1)
    world.script(0, well())
    world.script(1, worse(1))
    world.run(NIGHT - timedelta(minutes=30))
    assert world.announcer.sent == []
    return world


def outcome(world: World) -> dict[str, Any]:
    """What must be the same whatever happened on the way."""
    return {
        "written": {key: content for key, content in read_all(world).items() if not key.endswith("state.json")},
        "state": world.state,
        "dataset": [world.bucket.objects[key] for key in world.bucket.created],
    }


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    world = make_world()
    world.run(DUE)
    assert sorted(world.announcer.events) == ["Model degraded"]
    return outcome(world)


def kill(world: World, call: int, *, late: bool) -> bool:
    """Run until the n-th call, and die before or after it; whether it got that far."""
    breaker = Breaker(call, after=late, store=world.records)
    guarded = (world.bucket, ("create", "download", "read_json")), (world.announcer, ("send",))
    with breaker.installed(*guarded):
        try:
            world.run(DUE, "killed")
        except Interrupted:
            return True
        except ExceptionGroup:
            return True  # it died within DuckDB, which makes an error of it
    return False


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_call_is_finished_by_the_next(undisturbed: dict[str, Any], *, late: bool) -> None:
    call = twice = 0
    start = make_world()
    while True:
        call += 1
        world = start.copy()
        if not kill(world, call, late=late):
            break
        # The stated exception: it was sent, and the run died before it noted that.
        unnoted = {each.id for each in world.announcer.sent} & {each.id for each in world.state.outbox}
        twice += len(unnoted)
        world.clock = DUE + LEASE + timedelta(seconds=1)
        world.run(DUE, "next")
        assert outcome(world) == undisturbed, call
        assert len(world.bucket.created) == 1, call
        assert len(world.announcer.sent) == 2 + len(unnoted), call
    assert call > 20
    # The event and the message have one such moment each: between the sending and the next call.
    assert twice == 2


def test_a_repeated_run_changes_nothing(undisturbed: dict[str, Any]) -> None:
    world = make_world()
    for _ in range(3):
        world.run(DUE)
    assert outcome(world) == undisturbed
    assert len(world.announcer.sent) == 2


def test_missed_runs_are_caught_up_with_and_end_alike() -> None:
    on_time, missed = World(), World()
    for world in (on_time, missed):
        world.serve(0)
        world.serve(1)
        world.script(0, worse(0))
        world.script(1, worse(1))
    for hour in range(1, 49):
        on_time.run(Window.of_day(day(0)).start + timedelta(hours=hour, minutes=20))
    missed.run(DUE)
    assert missed.incident.id == f"{day(0)}-v1"
    assert outcome(missed) == outcome(on_time)
    assert [each.id for each in missed.announcer.sent] == [each.id for each in on_time.announcer.sent]


def test_what_is_older_than_the_records_is_given_up() -> None:
    world = World()
    world.run(after(100))
    windows = sorted({key.split("/")[2] for key in read_all(world) if key.endswith("/report.json")})
    days = [window for window in windows if "T" not in window]
    hours = [window for window in windows if "T" in window]
    # Whole days that began no more than 35 days ago, and hours no more than 48 hours ago.
    assert (days, len(hours)) == ([day(number).isoformat() for number in range(67, 101)], 47)


def test_a_run_out_of_time_is_continued_by_the_next() -> None:
    world = World()
    world.seconds_left = 0
    world.run(after(1))
    assert world.state.daily is None
    world.seconds_left = 100
    world.run(after(1))
    assert world.state.daily == day(1).isoformat()


class Waiting(FakeAnnouncer):
    """Sends only when it's told to: until then its run stands still in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = threading.Event(), threading.Event()

    def send(self, announcement: Announcement) -> None:
        self.reached.set()
        assert self.go.wait(30)
        super().send(announcement)


def test_a_run_beside_one_that_is_sending_sends_nothing_twice(undisturbed: dict[str, Any]) -> None:
    world, slow = make_world(), Waiting()
    thread = threading.Thread(target=world.run, args=(DUE, "slow", slow))
    thread.start()
    assert slow.reached.wait(30)
    world.run(DUE, "beside")
    slow.go.set()
    thread.join(30)
    assert not thread.is_alive()
    assert sorted(each.id for each in (*slow.sent, *world.announcer.sent)) == [
        f"{day(1)}-v1/degraded",
        f"{day(1)}-v1/message",
    ]
    assert outcome(world) == undisturbed


def test_two_runs_that_look_at_the_same_window_leave_one_incident_and_one_dataset(undisturbed: dict[str, Any]) -> None:
    world = make_world()
    looks, barrier = world.looks.look, threading.Barrier(2, timeout=30)
    met: Iterator[int] = iter(range(2))

    def look(model: str, window: Window, state: State | None) -> Look:
        if next(met, None) is not None:
            barrier.wait()
        return looks(model, window, state)

    world.looks.look = look  # type: ignore[method-assign]
    runs = [threading.Thread(target=world.run, args=(DUE, name)) for name in ("one", "other")]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
        assert not run.is_alive()
    assert outcome(world) == undisturbed
    assert len(world.bucket.created) == 1
    assert sorted(each.id for each in world.announcer.sent) == [f"{day(1)}-v1/degraded", f"{day(1)}-v1/message"]


def test_a_topic_that_is_away_keeps_no_window_from_being_looked_at_and_is_tried_again() -> None:
    world = make_world()
    world.announcer.away = True
    with pytest.raises(ExceptionGroup):
        world.run(DUE)
    assert world.state.daily == day(1).isoformat()
    assert world.bucket.created
    assert len(world.state.outbox) == 2
    world.announcer.away = False
    world.run(DUE)
    assert len(world.announcer.sent) == 2
    assert not world.state.outbox


def test_a_data_bucket_that_is_away_delays_the_dataset_and_not_the_message() -> None:
    world = make_world()
    world.bucket.broken = ConnectionError("S3 doesn't answer")
    with pytest.raises(ExceptionGroup):
        world.run(DUE)
    assert len(world.announcer.messages) == 1
    assert world.status() == "open"
    world.bucket.broken = None
    world.run(DUE)
    assert world.status() == "retraining"


def test_a_model_that_cant_be_monitored_keeps_no_other_from_it() -> None:
    world = World()
    looks = world.looks.look

    def look(model: str, window: Window, state: State | None) -> Look:
        if model == "broken":
            raise DatasetGone("records", None)
        return looks(model, window, state)

    world.looks.look = look  # type: ignore[method-assign]
    alias = world.registry
    import obstore

    obstore.put(
        alias, "broken/aliases/champion.json", bytes(obstore.get(alias, f"{MODEL}/aliases/champion.json").bytes())
    )
    with pytest.raises(ExceptionGroup, match="1 of 2 models"):
        world.run(after(0))
    assert world.state.daily == day(0).isoformat()


def test_incidents_survive_a_round_trip_as_json() -> None:
    world = make_world()
    world.run(DUE)
    assert Incident.model_validate_json(world.incident.model_dump_json()) == world.incident


def test_a_recommender_without_a_spec_is_looked_at_and_keeps_no_other_model_from_its_turn() -> None:
    world = make_world()
    shop = make_recommender_manifest()
    Versions(world.registry, shop.model).write(shop, FILES)
    aliases = Aliases(world.registry, shop.model, now=lambda: Window.of_day(day(0)).start)
    aliases.move(CHAMPION, 1, by="training", why="passed its gates", seen=None)
    done = {progress.model: progress for progress in world.run(DUE + timedelta(hours=1))}
    assert (done["shop"].windows, done["shop"].error) == ([day(0).isoformat(), day(1).isoformat()], None)
    assert world.log.getvalue().count('"events aren\'t a dataset yet"') == 1
    assert done[MODEL].windows
    written = [
        *(f"{day(number).isoformat()}/{name}" for number in (0, 1) for name in ("report.html", "report.json")),
        "state.json",
    ]
    assert [key for key in read_all(world) if "shop" in key] == [f"monitoring/shop/{name}" for name in written]
