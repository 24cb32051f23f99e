"""The data of a model: datasets, uploads and their rejected rows, distributions, and what two datasets differ in."""

import csv
import io
from datetime import timedelta

import obstore
import pytest

from mlops.contract import Column
from tests.console_data import BROKEN, COLUMNS, PRIVATE, add_version
from tests.console_world import REFUSED, Visitor, World, make_manifest

DATA = "/console/models/returns/data"


@pytest.fixture
def returns(world: World) -> World:
    """The same, and `returns`, whose second dataset has greater radii."""
    add_version(world, 1)
    add_version(world, 2, shift=2, first=100)
    world.move("returns", 2)
    return world


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_each_column_has_its_rules_and_a_picture_of_its_training_rows(returns: World, ann: Visitor) -> None:
    text = ann.get(DATA).text
    assert text.count("<figure>") == 4
    assert "Values: from 0. Never missing. In records: as it is. to the edge" in text
    assert "May be missing: 25.0 % are" in text
    assert "Training rows&#39; radius" in text
    assert "nothing is kept of private values" in text


def test_the_pictures_figures_are_there_as_csv(returns: World, ann: Visitor) -> None:
    rows = table(ann.get(f"{DATA}/columns.csv").text)
    radius = [float(row["share"]) for row in rows if row["column"] == "radius" and row["what"] == "values"]
    assert sum(radius) == pytest.approx(1)
    assert {row["what"]: float(row["share"]) for row in rows if row["column"] == "site"} == {
        "north": 0.75,
        "missing": 0.25,
    }


def test_hashes_of_a_private_column_are_on_no_page(returns: World, ann: Visitor) -> None:
    for path in ("", "/columns.csv", "/difference", "/difference.csv"):
        assert PRIVATE not in ann.get(f"{DATA}{path}").text
    assert "hash no. 1" in ann.get(DATA).text


def test_many_columns_are_on_pages_of_their_own(world: World, ann: Visitor) -> None:
    columns = tuple(Column(name=f"column_{place}") for place in range(60))
    add_version(world, 1, columns=columns)
    world.move("returns", 1)
    assert "Columns 1 to 24 of 60" in ann.get(DATA).text
    last = ann.get(f"{DATA}?page=9").text
    assert "Columns 49 to 60 of 60" in last
    assert last.count("<figure>") == 12
    assert "the version has no reference of its training rows" in last


def test_two_datasets_differ_in_what_changed_beyond_monitorings_tolerance(returns: World, ann: Visitor) -> None:
    text = ann.get(f"{DATA}/difference").text
    assert "1 of 4 columns changed" in text
    assert "The median rose from" in text
    assert "600 of version 2's 700 different training rows are among version 1's" in text
    assert text.count('<figure class="drifted">') == 1
    rows = table(ann.get(f"{DATA}/difference.csv?v=1&v=2").text)
    (shift,) = [row for row in rows if (row["column"], row["what"]) == ("radius", "shift")]
    assert shift["matters"] == "True"
    assert float(shift["after"]) - float(shift["before"]) == pytest.approx(2, abs=0.3)


def test_columns_that_came_went_or_have_other_rules_are_named(returns: World, ann: Visitor) -> None:
    changed = COLUMNS[0].model_copy(update={"unit": "cm"})
    add_version(returns, 3, columns=(changed, *COLUMNS[2:], Column(name="weight")), shift=2)
    text = ann.get(f"{DATA}/difference?v=3&v=2").text
    assert "Unit: mm, then cm" in text
    assert "; 1 added; 1 removed" in text
    assert "different training rows" not in text
    assert text.index("version 2") < text.index("version 3")


def test_the_dataset_before_is_a_click_away(returns: World, ann: Visitor) -> None:
    assert f"{DATA}/difference?v=1&amp;v=2" in ann.get(DATA).text


def test_one_dataset_has_nothing_to_differ_from(world: World, ann: Visitor) -> None:
    add_version(world, 1)
    assert "There is nothing to compare yet" in ann.get(f"{DATA}/difference").text
    assert "There is nothing to compare yet" in ann.get(f"{DATA}/difference?v=1").text
    assert ann.get(f"{DATA}/difference?v=7").status_code == 404


def test_the_same_dataset_twice_is_said_to_be_the_same(world: World, ann: Visitor) -> None:
    for number in (1, 2):
        manifest = make_manifest("returns", number)
        dataset = manifest.dataset.model_copy(update={"sha256": "a" * 64})
        world.add_versions("returns", manifest.model_copy(update={"dataset": dataset}))
    assert "Both learned from the same file" in ann.get(f"{DATA}/difference?v=1&v=2").text


def test_uploads_say_what_became_of_them_the_latest_first(returns: World, ann: Visitor) -> None:
    returns.add_upload("returns", "a.csv", "promoted", "version 1 passed its gates", version=1, rejected_rows=0)
    returns.add_upload("returns", "b.csv", "rejected", "71 of 90 rows break the contract", BROKEN, violation_count=71)
    returns.add_upload(
        "returns", "c.csv", "kept", "version 2 passed; 2 rows were left out", BROKEN[:2], version=2, rejected_rows=2
    )
    text = ann.get(DATA).text
    assert text.index("c.csv") < text.index("b.csv") < text.index(">a.csv")
    assert "71 broken rules</a>" in text
    assert "2 rows</a>" in text
    assert "71 of 90 rows break the contract" in text
    assert text.count("/data/rejected?file=") == 2


def test_rejected_rows_are_counted_by_rule_and_shown_with_what_is_wrong(returns: World, ann: Visitor) -> None:
    returns.add_upload("returns", "b.csv", "rejected", "they break the contract", BROKEN, violation_count=71)
    text = ann.get(f"{DATA}/rejected?file=b.csv").text
    assert '<th scope="row">minimum</th><td>radius</td><td class="figure">70</td>' in text
    assert "The first 60." in text
    assert "row 59: radius is -1, below 0" in text
    rows = table(ann.get(f"{DATA}/rejected.csv?file=b.csv").text)
    assert len(rows) == 71
    # A text that a spreadsheet takes for a formula isn't one any more.
    assert rows[0] == {"row": "0", "column": "radius", "value": "'-1", "rule": "minimum", "message": BROKEN[0].message}
    assert rows[70]["value"] == ""


def test_of_very_many_rejected_rows_the_first_ones_are_shown(
    returns: World, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops.console.readers.deliveries.MOST_BYTES", 1_000)
    returns.add_upload("returns", "b.csv", "rejected", "they break the contract", BROKEN)
    text = ann.get(f"{DATA}/rejected?file=b.csv").text
    assert "in the first 9 violations" in text
    assert "rejected/returns/b.csv.jsonl" in text


@pytest.mark.parametrize("file", ["none.csv", "../churn/b.csv", "..", "", "%00"])
def test_a_file_without_rejected_rows_has_no_page(returns: World, ann: Visitor, file: str) -> None:
    returns.add_upload("churn", "b.csv", "rejected", "they break the contract", BROKEN)
    assert ann.get(f"{DATA}/rejected", params={"file": file}).status_code == 404


def test_a_report_that_cant_be_read_is_said_to_be_so(returns: World, ann: Visitor) -> None:
    obstore.put(returns.data, "datasets/returns/odd.csv.report.json", b"[]")
    assert "its report can&#39;t be read" in ann.get(DATA).text


def test_a_report_that_is_written_again_is_read_again(returns: World, ann: Visitor) -> None:
    returns.add_upload("returns", "a.csv", "held", "31 rows have another label than before", version=1)
    assert "31 rows have another label" in ann.get(DATA).text
    returns.add_upload("returns", "a.csv", "promoted", "somebody approved it", version=1)
    returns.now += timedelta(minutes=1)
    assert "somebody approved it" in ann.get(DATA).text


def test_a_model_that_doesnt_serve_shows_its_datasets(world: World, ann: Visitor) -> None:
    world.add_versions("leaves", make_manifest("leaves", 1, gates=(REFUSED,)))
    text = ann.get("/console/models/leaves/data").text
    assert "s3://data/datasets/leaves/2026-02.csv" in text
    assert "No version serves, so nothing is taken yet." in text
    assert ann.get("/console/models/leaves/data/columns.csv").text == "column,what,from,to,share\r\n"
