"""What a recommender recommends to a user and why, by the code that serves; no address and no log has a user's id."""

import csv
import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mlops.artifact.recommender.histories import hash_user
from mlops.contract import Privacy
from mlops.recommend.models import Popularity
from mlops.serving.recommend.recent import UserEvent
from tests.console_world import Visitor, World
from tests.unit.mlops.serving.recommend.shop import SHOP, make_contract, put_shop

PAGE = f"/console/models/{SHOP}/recommend"


@pytest.fixture
def shop(world: World) -> World:
    """A shop in which Ann bought Item 0: item i speaks for the next two, by 1 and by a half."""
    put_shop(world.models, privacy="keep", key="")
    return world


@pytest.fixture
def ann(shop: World) -> Visitor:
    """Somebody who operates the models."""
    visitor = Visitor(shop.open_app())
    assert visitor.follow(shop.make_link()).status_code == 200
    return visitor


@pytest.fixture
def today(shop: World) -> Visitor:
    """The same today: the table of events forgets by the machine's clock."""
    shop.now = datetime.now(UTC)
    visitor = Visitor(shop.open_app())
    assert visitor.follow(shop.make_link()).status_code == 200
    return visitor


def test_a_user_gets_items_with_exactly_what_speaks_for_them(ann: Visitor) -> None:
    page = ann.act(PAGE, user="ann", count=2).text
    assert "Ranked by 1 item that the user prefers; known are 2 items of the training data." in page
    assert page.index("Item 1") < page.index("What of the history counts")
    assert "purchase of Item 0 (3.00)" in page
    assert "Trending" not in page


def test_what_of_the_history_counts_is_summed_over_the_items(ann: Visitor) -> None:
    page = ann.act(PAGE, user="ann", count=2).text
    influences = page[page.index("What of the history counts") :]
    # Item 0 was bought, 3, and speaks for one of the items whole; nothing else is liked.
    assert "purchase of Item 0" in influences
    assert "<svg" in influences


def act(world: World, user: str, *events: tuple[str, str, int], privacy: Privacy = "keep") -> None:
    """What a user did: item, kind, and minutes ago."""
    contract, at = make_contract(privacy), round(world.now.timestamp() * 1000)
    hashed = hash_user(contract.user, user, b"")
    rows = [
        (hashed, UserEvent(f"e{place}", item, name, at - minutes * 60_000))
        for place, (item, name, minutes) in enumerate(events)
    ]
    world.functions.open_events().write(SHOP, rows)


def test_what_a_user_did_of_late_is_listed_the_latest_first(shop: World, today: Visitor) -> None:
    act(shop, "ann", ("i4", "view", 50), ("i7", "purchase", 5), ("gone", "view", 90))
    page = today.act(PAGE, user="ann", count=2).text
    history = page[page.index("What the user did of late") : page.index("What of the history counts")]
    assert history.index("Item 7") < history.index("Item 4") < history.index("gone")
    assert "purchase" in history
    moment = (shop.now - timedelta(minutes=5)).isoformat(timespec="seconds")
    assert f'<time datetime="{moment}">' in history
    assert history.count("unknown to this version") == 1
    assert "Rating" not in history
    assert "the latest first." in history


def test_the_history_is_there_as_csv(shop: World, today: Visitor) -> None:
    act(shop, "ann", ("i4", "view", 50), ("i7", "purchase", 5))
    answer = today.act(f"{PAGE}/history.csv", user="ann", count=2)
    assert answer.headers["content-disposition"] == f'attachment; filename="{SHOP}-history.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["item"], row["title"], row["event"], row["known"]) for row in rows] == [
        ("i7", "Item 7", "purchase", "True"),
        ("i4", "Item 4", "view", "True"),
    ]


def test_a_long_history_is_cut(shop: World, today: Visitor) -> None:
    act(shop, "ann", *(("i4", "view", minutes) for minutes in range(150)))
    page = today.act(PAGE, user="ann", count=2).text
    assert "30 of 150 events" in page
    assert page.count('<td class="short"><time') == 30
    assert len(today.act(f"{PAGE}/history.csv", user="ann", count=2).text.splitlines()) == 101


def test_a_user_who_did_nothing_of_late_has_no_events(ann: Visitor) -> None:
    assert "No event of this user came as feedback" in ann.act(PAGE, user="ann", count=2).text


def test_a_table_that_cant_be_read_is_said(shop: World, ann: Visitor) -> None:
    shop.functions.events.away = True
    page = ann.act(PAGE, user="ann", count=2).text
    assert "The table of events can't be read now." in page
    assert "Could not be read: recent." in page


@pytest.mark.parametrize(("privacy", "shown"), [("keep", True), ("hash", True), ("drop", False)])
def test_events_are_shown_by_the_privacy_rule_of_users(world: World, privacy: Privacy, *, shown: bool) -> None:
    put_shop(world.models, privacy=privacy, key="")
    world.now = datetime.now(UTC)
    act(world, "ann", ("i7", "purchase", 5), privacy=privacy)
    visitor = Visitor(world.open_app())
    visitor.follow(world.make_link())
    page = visitor.act(PAGE, user="ann", count=2).text
    assert ("What the user did of late" in page) == shown
    assert ("ids of users are dropped" in page) != shown
    assert visitor.act(f"{PAGE}/history.csv", user="ann", count=2).text.count("purchase") == shown


def test_a_user_of_whom_nothing_is_known_gets_what_is_trending(ann: Visitor) -> None:
    page = ann.act(PAGE, user="nobody", count=3).text
    assert "What is trending: nothing is known" in page
    assert page.index("Item 5") < page.index("Item 3") < page.index("Item 1")


def test_the_page_begins_with_what_is_trending(ann: Visitor) -> None:
    page = ann.get(PAGE).text
    assert "Trending, for users of whom nothing is known" in page
    assert page.index("Item 5") < page.index("Item 3")
    assert 'aria-current="page">Recommend' in page


def test_reasons_are_there_as_csv_and_add_up_to_the_score(ann: Visitor) -> None:
    answer = ann.act(f"{PAGE}.csv", user="ann", count=2)
    assert answer.headers["content-disposition"] == f'attachment; filename="{SHOP}-recommendations.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    for item in {row["item"] for row in rows}:
        of_item = [row for row in rows if row["item"] == item]
        assert sum(float(row["contribution"]) for row in of_item) == pytest.approx(float(of_item[0]["score"]))


def test_a_version_whose_scores_are_no_sums_recommends_without_reasons(shop: World, ann: Visitor) -> None:
    put_shop(shop.models, 2, items=Popularity(np.arange(12.0)), privacy="keep", key="")
    shop.now = shop.now.replace(minute=30)
    page = ann.act(PAGE, user="ann", count=2).text
    assert "Without reasons:" in page
    assert "What of the history counts" not in page


def test_nothing_of_it_is_logged(shop: World, ann: Visitor, capsys: pytest.CaptureFixture[str]) -> None:
    ann.act(PAGE, user="very-private-person", count=2)
    printed = capsys.readouterr()
    assert "very-private-person" not in printed.out + printed.err


@pytest.mark.parametrize(
    "fields", [{"user": ""}, {"user": " "}, {"user": "x" * 201}, {"count": "0"}, {"count": "51"}, {"count": "many"}]
)
def test_a_field_that_cant_be_used_is_named(shop: World, ann: Visitor, fields: dict[str, str]) -> None:
    answer = ann.act(PAGE, **{"user": "ann", "count": "2", **fields})
    assert answer.status_code == 400
    assert next(iter(fields)) in answer.text


def test_a_model_of_tables_has_no_such_page_and_no_such_tab(ann: Visitor) -> None:
    assert ann.get("/console/models/churn/recommend").status_code == 404
    assert ann.act("/console/models/churn/recommend", user="ann", count=2).status_code == 404
    assert "/churn/recommend" not in ann.get("/console/models/churn").text


def test_a_recommender_of_which_no_version_serves_says_so(world: World) -> None:
    put_shop(world.models, privacy="keep", key="", champion=False)
    visitor = Visitor(world.open_app())
    visitor.follow(world.make_link())
    assert "No version serves" in visitor.get(PAGE).text
    assert visitor.act(PAGE, user="ann", count=2).status_code == 404


def test_who_may_only_look_asks_nothing(shop: World) -> None:
    visitor = Visitor(shop.open_app())
    visitor.post("/console/sign-in", {"key": shop.make_key()})
    page = visitor.get(PAGE).text
    assert "needs the scope operate" in page
    assert 'name="user"' not in page
    for path in (PAGE, f"{PAGE}.csv", f"{PAGE}/history.csv"):
        assert visitor.act(path, user="ann", count=2).status_code == 403
    assert shop.functions.asked == []


def test_a_form_of_another_site_is_refused(shop: World, ann: Visitor) -> None:
    form = {"form_token": ann.token(), "user": "ann", "count": 2}
    assert ann.post(PAGE, form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert ann.post(PAGE, {**form, "form_token": "0" * 64}).status_code == 403
    assert shop.functions.asked == []


@pytest.mark.parametrize("fault", ["failing", "crashing"])
def test_without_an_answer_the_page_says_so_and_keeps_the_form(shop: World, ann: Visitor, fault: str) -> None:
    setattr(shop.functions, fault, True)
    answer = ann.act(PAGE, user="ann", count=2)
    assert "Try again in a moment" in answer.text
    assert 'value="ann"' in answer.text
    assert "Try again in a moment" in ann.get(PAGE).text
