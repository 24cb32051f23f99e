"""What changed between two versions row by row: asked for once, kept, and shown as it was found."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import obstore
import pytest
from pydantic_core import to_json

from mlops.artifact.names import changes_key
from tests.console_changes import make_changes
from tests.console_world import HOSTILE, Visitor, World
from tests.unit.mlops.serving.recommend.shop import SHOP, put_shop

COMPARE = "/console/models/churn/compare"
ROWS = f"{COMPARE}/rows?v=1&v=4"


def keep(world: World, document: dict[str, Any], first: int = 1, second: int = 4) -> None:
    obstore.put(world.records, changes_key("churn", first, second), to_json(document))


def test_the_page_of_two_versions_has_the_rows_compared_afterwards(world: World, ann: Visitor) -> None:
    page = ann.get(f"{COMPARE}?v=4&v=1").text
    assert 'hx-get="/console/models/churn/compare/rows?v=1&amp;v=4" hx-trigger="load" hx-select="#changed-rows"' in page
    assert '<a href="/console/models/churn/compare/rows?v=1&amp;v=4">Compare the rows' in page
    assert world.functions.compared == []


def test_what_isnt_known_is_asked_for_once_and_waited_for(world: World, ann: Visitor) -> None:
    for _ in range(3):
        page = ann.get(ROWS).text
    assert world.functions.compared == [{"model": "churn", "versions": [1, 4]}]
    assert "are being compared" in page
    (address,) = re.findall(r'hx-get="([^"]+)" hx-trigger="every 2s"', page)
    keep(world, make_changes(1, 4))
    found = ann.get(address.replace("&amp;", "&")).text
    assert "being compared" not in found
    assert "1,000 rows, then 1,010: 990 kept, 5 changed, 5 removed, 15 added." in found
    assert "hx-trigger" not in found


def test_a_comparison_that_never_ends_is_asked_for_again_by_people_alone(world: World, ann: Visitor) -> None:
    page = ann.get(ROWS).text
    (address,) = re.findall(r'hx-get="([^"]+)"', page)
    world.now += timedelta(minutes=6)
    late = ann.get(address.replace("&amp;", "&")).text
    assert "The comparison didn't end" in late
    assert "hx-trigger" not in late
    assert len(world.functions.compared) == 1
    assert "are being compared" in ann.get(ROWS).text
    assert len(world.functions.compared) == 2


def test_a_function_that_cant_be_asked_is_said_and_asked_the_next_time(world: World, ann: Visitor) -> None:
    world.functions.failing = True
    page = ann.get(ROWS).text
    assert "The versions can&#39;t be compared: the function that does it can&#39;t be asked now." in page
    assert "hx-trigger" not in page
    assert any("can't be asked" in each for each in world.warnings)
    world.functions.failing = False
    ann.get(ROWS)
    assert len(world.functions.compared) == 1


def test_what_was_found_is_on_the_page_of_the_two_versions(world: World, ann: Visitor) -> None:
    keep(world, make_changes(1, 4))
    for page in (ann.get(f"{COMPARE}?v=1&v=4").text, ann.get(ROWS).text):
        for text in (
            "990 kept, 5 changed",
            "radius</span> 12.5 → 13",
            "2 of 3 columns shifted",
            "north 75%, south 20%",
            "10 (8 to 12)",
            "private: its values are shown nowhere",
            "1.0 % → 2.0 %",
            "12 have another answer: 8 became right, 4 became wrong",
            "malignant <small>0.8100</small>",
        ):
            assert text in page, text
    assert world.functions.compared == []


def test_without_a_key_removed_and_added_rows_say_what_that_means(world: World, ann: Visitor) -> None:
    document = make_changes(1, 4)
    document["datasets"] |= {"changed": None, "changed_rows": []}
    keep(world, document)
    page = ann.get(ROWS).text
    assert "990 kept, 5 removed" in page
    assert "a row with another value counts as removed and as added" in page
    assert "Rows that were changed" not in page


def test_what_cant_be_compared_is_said_with_the_reason(world: World, ann: Visitor) -> None:
    reason = "s3://data/a.csv, which version 1 of 'churn' was trained on, can't be used: it was deleted."
    document = {"datasets": None, "datasets_problem": reason, "answers": None, "answers_problem": "too few rows"}
    keep(world, {"versions": [1, 4], **document})
    page = ann.get(ROWS).text
    assert "The rows can't be compared: s3://data/a.csv" in page
    assert "too few rows" in page
    assert ann.get(ROWS.replace("rows?", "rows.csv?")).text.count("\n") == 1


def test_columns_are_there_as_csv(world: World, ann: Visitor) -> None:
    keep(world, make_changes(1, 4))
    answer = ann.get(ROWS.replace("rows?", "rows.csv?"))
    assert answer.headers["content-disposition"] == 'attachment; filename="churn-changed-rows.csv"'
    rows = {row["column"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert rows["radius"]["after"] == "11 (9 to 13)"
    assert (rows["patient"]["before"], rows["patient"]["shifted"]) == ("", "False")


def test_many_columns_and_long_texts_make_no_large_page(world: World, ann: Visitor) -> None:
    keep(world, make_changes(1, 4, columns=200, text=HOSTILE[0] + "x" * 200))
    answer = ann.get(f"{COMPARE}?v=1&v=4")
    assert len(answer.content) < 100_000
    assert "<script>document" not in answer.text
    assert "140 other columns shifted less" in answer.text


@pytest.mark.parametrize("query", ["", "?v=1", "?v=1&v=1"])
def test_one_version_is_compared_with_nothing(world: World, ann: Visitor, query: str) -> None:
    page = ann.get(f"{COMPARE}/rows{query}").text
    assert "There is nothing to compare" in page
    assert world.functions.compared == []


def test_a_version_that_isnt_there_is_asked_of_nobody(world: World, ann: Visitor) -> None:
    assert ann.get(f"{COMPARE}/rows?v=1&v=99").status_code == 404
    assert world.functions.compared == []


def test_recommenders_have_no_rows_to_compare(world: World, ann: Visitor) -> None:
    for number in (1, 2):
        put_shop(world.models, number, privacy="keep", key="")
    world.now += timedelta(minutes=1)
    assert "changed-rows" not in ann.get(f"/console/models/{SHOP}/compare?v=1&v=2").text
    assert "There is nothing to compare" in ann.get(f"/console/models/{SHOP}/compare/rows?v=1&v=2").text


def test_a_key_of_another_model_has_nothing_compared(world: World) -> None:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": world.make_key(models=("leaves",))})
    assert visitor.get(ROWS).status_code == 404
    assert world.functions.compared == []
