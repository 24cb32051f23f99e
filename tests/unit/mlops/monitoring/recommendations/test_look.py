"""A day's records and events → facts."""

from datetime import timedelta

import pytest

from mlops.monitoring.recommender_facts import CatalogFacts, EventFacts
from mlops.spec.click_through import ClickThrough
from tests.unit.mlops.monitoring.recommendations.shop import MonitoredShop, day

NOON = day(0).start + timedelta(hours=12)
LATER = NOON + timedelta(hours=2)


def test_an_answer_counts_once_however_often_it_is_clicked_and_recorded() -> None:
    shop = MonitoredShop()
    first, _ = shop.answers(NOON, ["ann", "bob"])
    shop.happen(LATER, first, ("e1", "i0", "click"), ("e2", "i1", "click"), ("e3", "i1", "purchase"))
    shop.happen(LATER + timedelta(hours=1), first, ("e1", "i0", "click"))
    facts = shop.look(0)
    assert facts.all_answers
    assert (facts.all_answers.answers, facts.all_answers.users, facts.all_answers.items) == (2, 2, 6)
    assert facts.all_answers.clicks.value == 0.5
    assert facts.all_answers.conversions
    assert facts.all_answers.conversions.value == 0.5
    assert [each.clicks.value for each in facts.positions] == [0.5, 0.5, 0.0]
    assert facts.click_names == ("click", "purchase")
    assert facts.conversion_names == ("purchase",)


def test_what_was_shown_or_disliked_is_no_click_and_the_spec_may_say_what_is() -> None:
    shop = MonitoredShop()
    answer = shop.answer(NOON)
    shop.happen(LATER, answer, ("e1", "i0", "shown"), ("e2", "i1", "dislike"))
    facts = shop.look(0)
    assert facts.all_answers
    assert facts.all_answers.clicks.value == 0
    assert facts.events.attributed == 2
    shop.options = {"click_through": ClickThrough(clicks=("shown",), conversions=("dislike",))}
    facts = shop.look(0)
    assert facts.all_answers
    assert facts.all_answers.clicks.value == 1
    assert facts.all_answers.conversions
    assert facts.all_answers.conversions.value == 1


def test_versions_roles_and_bases_are_told_apart_and_the_champion_is_tested() -> None:
    shop = MonitoredShop()
    best = shop.answer(NOON)
    shop.answer(NOON, "bob", basis="trending", explored=True)
    shop.answer(NOON, "cid", model_version=2, role="challenger", unavailable=["recent"], unknown_items=3)
    shop.happen(LATER, best, ("e1", "i2", "click"))
    facts = shop.look(0)
    assert [(each.version, each.role, each.answers, each.clicks.value) for each in facts.versions] == [
        (1, "champion", 2, 0.5),
        (2, "challenger", 1, 0.0),
    ]
    assert [(each.basis, each.answers) for each in facts.bases] == [("history", 2), ("trending", 1)]
    shares = [facts.explored, facts.unavailable, facts.unknown_items]
    assert [each.value for each in shares if each] == pytest.approx([1 / 3] * 3)
    assert facts.test
    assert facts.test.clicks.rows == 2
    assert facts.test.reason == "2 answers of 2 users are too few: 200 are needed"


def test_every_event_has_its_place_and_delays_are_known() -> None:
    shop = MonitoredShop()
    answer = shop.answer(NOON)
    shop.happen(LATER, answer, ("e1", "i0", "click"), ("e2", "nothing shown", "click"))
    shop.happen(LATER, None, ("e3", "i0", "click"))
    shop.happen(LATER, "019a0000-0000-7000-8000-000000000001", ("e4", "i0", "click"))
    shop.happen(LATER, answer[:-1] + ("0" if answer[-1] != "0" else "1"), ("e5", "i0", "click"))
    events = shop.look(0).events
    assert events.delay_median == pytest.approx(2)
    assert events.delay_90 == pytest.approx(2)
    assert events.model_copy(update={"delay_median": None, "delay_90": None}) == EventFacts(
        received=5, attributed=1, unattributed=1, earlier=1, unknown=1, elsewhere=1
    )


def test_a_click_soon_after_midnight_counts_for_the_answer_and_as_an_event_of_the_next_day() -> None:
    shop = MonitoredShop()
    answer = shop.answer(day(0).end - timedelta(minutes=2))
    shop.happen(day(0).end + timedelta(minutes=3), answer, ("e1", "i0", "click"))
    facts = shop.look(0)
    assert facts.all_answers
    assert facts.all_answers.clicks.value == 1
    assert facts.events.received == 0
    assert shop.look(1).events.earlier == 1


def test_items_that_were_not_recommended_before_are_new_and_looking_again_finds_the_same() -> None:
    shop = MonitoredShop()
    shop.answers(NOON, ["ann", "bob"], ["i0", "i1"])
    shop.answer(NOON + timedelta(days=1), "ann", ["i0", "i1", "i2", "i3"])
    assert shop.look(0).catalog == CatalogFacts(recommended=2, available=40, top_ten=1.0, new=None)
    second = shop.look(1)
    assert second.catalog == CatalogFacts(recommended=4, available=40, top_ten=1.0, new=2)
    assert second.catalog.share == 0.1
    assert shop.look(1) == second


def test_a_day_without_answers_has_no_shares() -> None:
    facts = MonitoredShop().look(0)
    assert facts.all_answers is None
    assert facts.explored is None
    assert facts.catalog is None
    assert facts.test is None
    assert facts.events == EventFacts()


def test_answers_of_nobody_count_each_for_itself() -> None:
    shop = MonitoredShop()
    shop.answers(NOON, [None, None, None])
    facts = shop.look(0)
    assert facts.all_answers
    assert facts.all_answers.users == 3
