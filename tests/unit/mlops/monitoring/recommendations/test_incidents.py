"""A broken catalogue is one incident with one message, learnt from at once, and over when clicks are back."""

from datetime import timedelta

import obstore

from mlops.monitoring.archive import Archive
from mlops.monitoring.layout import report_key
from mlops.monitoring.recommendations.headline import write_headline
from mlops.monitoring.state import MonitoringState, States
from mlops.spec.monitoring import Monitoring
from mlops.spec.recommender import Learning
from tests.unit.mlops.monitoring.recommendations.shop import MODEL, MonitoredShop, day

HEALTHY = 10
CLICKED = 0.3


def make_shop(learning: Learning | None = None, **options: object) -> MonitoredShop:
    """A shop with healthy days behind it, all looked at."""
    shop = MonitoredShop(learning or Learning(every_days=365, min_events=2), options)
    for number in range(HEALTHY):
        shop.live(number, CLICKED)
    shop.run(HEALTHY - 1)
    assert read(shop).incident is None
    assert not shop.announcer.sent
    return shop


def read(shop: MonitoredShop) -> MonitoringState:
    return States(shop.records).load(MODEL).state


def test_a_broken_catalogue_is_found_on_its_day_announced_once_and_over_when_it_is_back() -> None:
    shop = make_shop(monitoring=Monitoring(retrain=False))
    shop.live(HEALTHY, 0.0)
    progress = shop.run(HEALTHY)
    incident = read(shop).open_incident
    assert incident
    assert progress[0].incident == incident.id == f"{day(HEALTHY).id}-v1"
    assert incident.cause == "fewer clicks"
    assert incident.loss
    assert incident.loss.now.value == 0
    assert abs(incident.loss.trained.value - CLICKED) < 0.03
    assert shop.announcer.events == ["Model degraded"]
    (message,) = shop.announcer.messages
    assert message.subject == f"shop is degraded: click-through fell to 0 since {day(HEALTHY).id}"
    assert message.text
    assert "below the 10 days before it" in message.text
    shop.live(HEALTHY + 1, 0.0)
    shop.run(HEALTHY + 1)
    shop.run(HEALTHY + 1)
    assert len(shop.announcer.sent) == 2
    shop.live(HEALTHY + 2, CLICKED)
    shop.run(HEALTHY + 2)
    state = read(shop)
    assert state.open_incident is None
    assert state.incident
    assert "back within the margin" in state.incident.steps[-1].what
    assert shop.announcer.events == ["Model degraded", "Model recovered"]
    assert len(shop.announcer.messages) == 1
    assert [each.id for each in Archive(shop.records).read_incidents(MODEL)] == [incident.id]


def test_an_incident_learns_at_once_from_the_events_until_then() -> None:
    shop = make_shop()
    assert not shop.bucket.created
    shop.live(HEALTHY, 0.0)
    shop.run(HEALTHY)
    incident = read(shop).incident
    assert incident
    assert incident.status == "retraining"
    assert incident.retraining
    key = f"datasets/shop/events-{day(HEALTHY).end:%Y%m%dT%H%MZ}.csv.gz"
    assert incident.retraining.key == key
    assert shop.bucket.created == [key]
    assert incident.retraining.new_rows > 500
    # Whoever runs again makes no second one, nor does the schedule.
    shop.run(HEALTHY + 1)
    assert shop.bucket.created == [key]


def test_an_incident_waits_for_enough_events() -> None:
    shop = make_shop(Learning(every_days=365, min_events=100_000))
    shop.live(HEALTHY, 0.0)
    shop.run(HEALTHY)
    incident = read(shop).incident
    assert incident
    assert incident.status == "open"
    assert "of 100,000 events" in incident.steps[-1].what


def test_nothing_is_learnt_where_the_spec_has_it_off() -> None:
    for shop in (make_shop(Learning(every_days=None)), make_shop(monitoring=Monitoring(retrain=False))):
        shop.live(HEALTHY, 0.0)
        shop.run(HEALTHY)
        incident = read(shop).incident
        assert incident
        assert incident.status == "open"
        assert not shop.bucket.created
        assert shop.announcer.messages[0].text
        assert "What happens next: nothing by itself." in shop.announcer.messages[0].text


def test_a_day_of_few_answers_neither_opens_nor_closes_an_incident() -> None:
    shop = make_shop()
    shop.live(HEALTHY, 0.0, answers=100)
    shop.run(HEALTHY)
    assert read(shop).incident is None
    shop.live(HEALTHY + 1, 0.0)
    shop.run(HEALTHY + 1)
    assert read(shop).open_incident
    shop.live(HEALTHY + 2, 1.0, answers=100)
    shop.run(HEALTHY + 2)
    assert read(shop).open_incident


def test_runs_that_were_missed_find_what_they_would_have_found() -> None:
    daily, late = MonitoredShop(), MonitoredShop()
    for number in range(HEALTHY + 2):
        for shop in (daily, late):
            shop.live(number, 0.0 if number == HEALTHY else CLICKED)
        daily.run(number)
    late.run(HEALTHY + 1)
    ours, theirs = read(daily).incident, read(late).incident
    assert ours
    assert theirs
    assert (ours.id, ours.loss, ours.closed_at) == (theirs.id, theirs.loss, theirs.closed_at)


def test_the_report_of_a_day_says_it_in_words_and_pictures_and_escapes_names() -> None:
    shop = make_shop()
    noon = day(HEALTHY).start + timedelta(hours=12)
    shop.live(HEALTHY, 0.0)
    shop.answer(noon, basis="<b>history</b>")
    shop.run(HEALTHY)
    found = Archive(shop.records).read_facts(MODEL, day(HEALTHY).id)
    assert found
    headline = write_headline(found, Archive(shop.records).read_incidents(MODEL))
    assert headline.tone == "unwell"
    assert headline.sentence.startswith(f"Fewer clicks than usual since {day(HEALTHY).id}: 0 % ")
    page = read_page(shop, HEALTHY)
    assert headline.sentence in page
    assert page.count("<svg") == 2
    assert "<b>history" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "✓ no" in read_page(shop, HEALTHY - 1)


def read_page(shop: MonitoredShop, number: int) -> str:
    return bytes(obstore.get(shop.records, report_key(MODEL, day(number).id)).bytes()).decode()


def test_a_quiet_weekday_is_none_where_it_is_quiet_each_week() -> None:
    """Also where a day of too few answers lies between."""
    shop = MonitoredShop()
    for number in range(28):
        quiet = number % 7 == 5 or number == 27
        shop.live(number, 0.1 if quiet else CLICKED, answers=100 if number == 21 else 600)
    shop.run(26)
    test = shop.look(26).test
    assert test
    assert test.usual
    assert abs(test.usual.value - 0.1) < 0.05
    assert read(shop).incident is None
    shop.run(27)
    assert read(shop).open_incident
