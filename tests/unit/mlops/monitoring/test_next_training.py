"""When a model is trained again by itself next is noted, and is when it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mlops.monitoring.due import GRACE
from mlops.monitoring.state import NextTraining, States
from mlops.records.window import Window
from mlops.spec.monitoring import Monitoring
from tests.unit.mlops.monitoring.learning.test_learner import Shop
from tests.unit.mlops.monitoring.recommendations import shop as recommender
from tests.unit.mlops.monitoring.world import DELAY, MODEL, World, after, day, well, worse


def decided(number: int) -> datetime:
    """When the n-th day may be looked at."""
    return Window.of_day(day(number)).end + DELAY + GRACE


def run_days(world: World, days: int) -> None:
    for number in range(days):
        world.script(number, well() if number == 0 else worse(number))
        world.run(after(number))


def test_a_model_that_is_well_is_trained_by_nobody() -> None:
    world = World()
    world.script(0, well())
    world.run(after(0))
    assert world.state.next_training is None


def test_an_incident_that_waits_for_truth_may_train_with_each_day_that_follows() -> None:
    world = World()
    run_days(world, 3)
    assert world.status() == "open"
    assert world.state.next_training == NextTraining(due=decided(3), source="feedback")
    world.serve(3, rows=12)
    world.script(3, worse(3))
    # A minute before, the day isn't due.
    world.run(decided(3) - timedelta(minutes=1))
    assert world.status() == "open"
    world.run(decided(3))
    assert world.status() == "retraining"
    assert world.state.next_training is None


def test_an_incident_trains_nothing_where_the_spec_says_so() -> None:
    world = World()
    world.spec = replace(world.spec, monitoring=Monitoring(retrain=False))
    run_days(world, 3)
    assert world.status() == "open"
    assert world.state.next_training is None


def test_the_cool_down_after_a_training_is_waited_for() -> None:
    world = World()
    run_days(world, 2)
    cooled = Window.of_day(day(6)).end
    retrained = cooled - timedelta(days=world.spec.monitoring.cooldown_days)
    States(world.records).update(MODEL, lambda state: state.model_copy(update={"retrained_at": retrained}))
    world.script(2, worse(2))
    world.run(after(2))
    assert world.state.next_training == NextTraining(due=decided(6), source="feedback")


def test_a_learner_makes_a_dataset_in_the_first_run_that_is_due_and_not_before() -> None:
    shop = Shop()
    shop.happen(("e1", "ann", "i2", "view"), ("e2", "cid", "i1", "purchase"))
    due = shop.next_due()
    assert due == datetime(2026, 11, 30, 7, 5, tzinfo=UTC)  # a week after 06:30, with the whole hour's last events
    assert shop.learn(due - timedelta(seconds=1)) is None
    made = shop.learn(due)
    assert made
    assert made.key
    assert shop.next_due() == due + timedelta(days=7)


def test_a_recommender_that_never_learns_by_itself_has_no_such_time() -> None:
    shop = Shop()
    shop.learning = replace(shop.learning, every_days=None)
    assert shop.next_due() is None


def test_a_recommenders_next_training_is_noted_with_what_it_waits_for() -> None:
    world = recommender.MonitoredShop()
    world.live(0, clicks=0.2)
    world.run(0)
    planned = States(world.records).load(recommender.MODEL).state.next_training
    assert planned
    assert planned.source == "events"
    assert planned.due > recommender.day(0).end
