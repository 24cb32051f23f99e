"""A first dataset of interactions becomes a spec that loads and that the dataset keeps."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from mlops.recommend.data.load import check_table
from mlops.recommend.draft.columns import find_roles
from mlops.recommend.draft.draft import InteractionDraft, draft_interactions
from mlops.recommend.draft.spec_file import write_recommender_spec
from mlops.spec import RecommenderSpec
from tests.unit.mlops.recommend.bench import shop_files

NOW = datetime(2026, 11, 29, tzinfo=UTC)
START = 1_790_000_000


def table(header: str, *columns: list[Any]) -> pa.Table:
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    return read_csv("\n".join([header, *rows, ""]).encode())


def of(draft: InteractionDraft) -> tuple[str | None, ...]:
    roles = draft.roles
    return roles.user, roles.item, roles.time, roles.event, roles.rating


def loaded(draft: InteractionDraft) -> RecommenderSpec:
    """The spec that the file of a draft has."""
    scope: dict[str, Any] = {}
    exec(write_recommender_spec(draft, "events.csv"), scope)
    spec: RecommenderSpec = scope["spec"]
    return spec


USERS, ITEMS = [f"u{row % 7}" for row in range(60)], [f"i{row % 11}" for row in range(60)]
TIMES = [START + row for row in range(60)]

TABLES: dict[str, tuple[pa.Table, tuple[str | None, ...]]] = {
    "the usual names": (
        table("user_id,item_id,timestamp,event_type", USERS, ITEMS, TIMES, ["view", "purchase"] * 30),
        ("user_id", "item_id", "timestamp", "event_type", None),
    ),
    "RetailRocket's names": (
        table("timestamp,visitorid,event,itemid", [t * 1000 for t in TIMES], USERS, ["addtocart"] * 60, ITEMS),
        ("visitorid", "itemid", "timestamp", "event", None),
    ),
    "a log's names": (
        table("Customer ID,Product,Action,When", USERS, ITEMS, ["Add to Cart"] * 60, ["2026-01-01 10:00:00"] * 60),
        ("Customer ID", "Product", "When", "Action", None),
    ),
    "ratings": (
        table("userId,movieId,rating,timestamp", USERS, ITEMS, [0.5, 3, 5] * 20, TIMES),
        ("userId", "movieId", "timestamp", None, "rating"),
    ),
    "no times": (table("user,item", USERS, ITEMS), ("user", "item", None, None, None)),
    "no names": (table("a,b,c", [f"p{row}" for row in range(60)], ITEMS, TIMES), ("a", "b", "c", None, None)),
}


@pytest.mark.parametrize("which", TABLES)
def test_columns_are_found_by_name_or_by_look_and_the_dataset_keeps_the_spec(which: str) -> None:
    given, roles = TABLES[which]
    draft = draft_interactions(given, "shop", NOW)
    assert of(draft) == roles
    spec = loaded(draft)
    assert spec == draft.to_spec()
    assert len(check_table(given, spec, NOW).interactions) > 0


def test_what_was_guessed_is_said() -> None:
    draft = draft_interactions(TABLES["no names"][0], "shop", NOW)
    assert [note for note in draft.notes if "by its look alone" in note] == [
        f"{name!r} is taken for what it is by its look alone: check it." for name in ("c", "a", "b")
    ]


@pytest.mark.parametrize(
    ("event", "weight"),
    [
        ("view", 1.0),
        ("product_click", 1.0),
        ("Add to Cart", 3.0),
        ("remove_from_cart", -1.0),
        ("transaction", 4.0),
        ("Unlike", -1.0),
        ("like", 3.0),
        ("impression", None),
        ("zap", 1.0),
    ],
)
def test_events_weigh_what_their_name_says(event: str, weight: float | None) -> None:
    given = table("user,item,event", USERS, ITEMS, [event, "buy"] * 30)
    draft = draft_interactions(given, "shop", NOW)
    assert draft.events == {event.lower(): weight, "buy": 4.0}
    assert any("'zap' say nothing" in note for note in draft.notes) == (event == "zap")


def test_ratings_of_the_upper_part_of_the_scale_are_likes() -> None:
    rating = draft_interactions(TABLES["ratings"][0], "shop", NOW).rating
    assert rating
    assert (rating.minimum, rating.maximum, rating.like_from) == (0.5, 5, 5)


def test_other_columns_are_ignored_and_said() -> None:
    given = table("user,item,time,price,colour", USERS, ITEMS, TIMES, [9.99] * 60, ["red"] * 60)
    draft = draft_interactions(given, "shop", NOW)
    assert draft.ignored == ("price", "colour")
    assert "Ignored: price, colour." in draft.notes
    assert loaded(draft).ignored == ("price", "colour")


def test_a_small_dataset_gets_limits_that_it_keeps() -> None:
    draft = draft_interactions(TABLES["the usual names"][0], "shop", NOW)
    assert draft.limits == {"min_rows": 30, "min_users": 3, "min_items": 5, "k": 4}
    assert not [note for note in draft.notes if "refused" in note]


def test_users_are_held_out_where_the_latest_are_new() -> None:
    new = table("user,item,time", [f"u{row // 4}" for row in range(60)], ITEMS, TIMES)
    draft = draft_interactions(new, "shop", NOW)
    assert (draft.split, loaded(draft).split) == ("users", "users")
    assert any(note.startswith("Only 0% of the users of the latest fifth did anything before") for note in draft.notes)
    assert draft_interactions(TABLES["the usual names"][0], "shop", NOW).split == "time"


def test_the_example_needs_no_note() -> None:
    draft = draft_interactions(read_csv(shop_files()[0]), "shop", NOW)
    assert (draft.notes, draft.limits) == ((), {})
    assert list(draft.events) == ["dislike", "view", "basket", "purchase"]


def test_a_dataset_that_would_be_refused_says_so() -> None:
    given = table("user,item,time", USERS, ITEMS, [*TIMES[:30], *[START + 10**9] * 30])
    (note, *_) = draft_interactions(given, "shop", NOW).notes
    assert "refused as it is" in note or "would be left out" in note


def test_a_table_without_ids_is_refused() -> None:
    with pytest.raises(DatasetRejected, match="no two columns look like users and items"):
        find_roles(table("time", TIMES))


def test_rows_of_one_time_hold_out_users() -> None:
    given = table("user,item,time", USERS, ITEMS, ["2026-09-01"] * 60)
    draft = draft_interactions(given, "shop", NOW)
    assert draft.split == "users"
    assert any("Most rows have the earliest time" in note for note in draft.notes)
