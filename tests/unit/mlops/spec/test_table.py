"""A spec of a plain table says much in a few lines."""

import pytest

from mlops.contract import Column
from mlops.spec.search_space import Candidate
from mlops.spec.table import boolean, category, date, expand, integer, labels, number, table_spec, value

NAMES = {
    "width": ["width"],
    "{width,height} (mm)": ["width (mm)", "height (mm)"],
    "x{1..3}": ["x1", "x2", "x3"],
    "pixel_{0..1}_{8..9}": ["pixel_0_8", "pixel_0_9", "pixel_1_8", "pixel_1_9"],
    "day_{08..11}": ["day_08", "day_09", "day_10", "day_11"],
    "a{b}c": ["a{b}c"],
    "a{,b}": ["a", "ab"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_braces_means_several_columns(name: str) -> None:
    assert list(expand(name)) == NAMES[name]


def test_columns_of_every_kind_are_those_of_the_contract() -> None:
    spec = table_spec(
        "leaves",
        labels("kind", "short", "long", positive="long"),
        number("{length,width}", 0, 100, unit="mm", description="measured on the tree"),
        integer("veins", 0, 50, required=False),
        boolean("hairy", privacy="drop"),
        date("picked"),
        category("tree", "oak", "elm", privacy="hash"),
        key=("number",),
        max_rejected=0.01,
    )
    assert spec.contract.columns == (
        Column(name="length", minimum=0, maximum=100, unit="mm", description="measured on the tree"),
        Column(name="width", minimum=0, maximum=100, unit="mm", description="measured on the tree"),
        Column(name="veins", kind="integer", minimum=0, maximum=50, required=False),
        Column(name="hairy", kind="boolean", privacy="drop"),
        Column(name="picked", kind="date"),
        Column(name="tree", kind="category", categories=("oak", "elm"), privacy="hash"),
    )
    assert (spec.key, spec.max_rejected, spec.metric) == (("number",), 0.01, "roc_auc")
    assert spec.target.task == "binary"


def test_the_candidates_are_the_usual_ones_unless_others_are_named() -> None:
    columns = number("x"), category("y")
    usual = table_spec("t", value("z"), *columns)
    assert list(usual.candidates) == ["linear", "random-forest", "gradient-boosting"]
    assert all(isinstance(each, Candidate) for each in usual.candidates.values())
    assert usual.metric == "rmse"
    mine = {"mine": usual.candidates["linear"]}
    assert table_spec("t", value("z"), *columns, candidates=mine, metric="mae").candidates == mine


def test_many_labels_are_written_as_a_range_and_are_not_boosted() -> None:
    spec = table_spec("digits", labels("digit", "{0..9}"), number("x"))
    assert spec.target.labels == tuple("0123456789")
    assert spec.target.task == "multiclass"
    assert list(spec.candidates) == ["linear", "random-forest"]
