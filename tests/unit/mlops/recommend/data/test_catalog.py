"""A catalogue says which items there are and may be recommended; one that says nothing is refused."""

import gzip
import io

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops.errors.data import DatasetRejected
from mlops.recommend.data.catalog import CatalogTable, Items, read_catalog
from mlops.spec.recommender import Catalog

LINES = "item,title,category,available\nb,Bee,insects,true\na,Ant,insects,no\nc,Cat,pets,\n"


def read(text: str, name: str = "items.csv") -> CatalogTable:
    content = text.encode()
    return read_catalog(gzip.compress(content) if name.endswith(".gz") else content, name, Catalog(), fold_case=False)


def test_items_are_looked_up_by_id() -> None:
    found = read(LINES).look_up(np.array(["a", "b", "c", "zebra"], dtype=object))
    assert found.titles.tolist() == ["Ant", "Bee", "Cat", ""]
    assert found.categories.tolist() == ["insects", "insects", "pets", ""]
    assert found.available.tolist() == [False, True, True, False]
    assert found.listed.tolist() == [True, True, True, False]


def test_only_the_id_must_be_there() -> None:
    found = read("item,price\n7.0,3\n8,4\n").look_up(np.array(["7", "8"], dtype=object))
    assert found.available.all()
    assert found.titles.tolist() == ["", ""]


def test_without_a_catalogue_everything_is_available() -> None:
    found = Items.without_catalog(3)
    assert found.available.all()
    assert found.listed.all()


def test_the_same_catalogue_has_the_same_digest_in_any_format_and_order() -> None:
    other = "item,available,category,title\nc,1,pets,Cat\na,FALSE,insects,Ant\nb,yes,insects,Bee\n"
    assert read(LINES).sha256 == read(other).sha256 == read(LINES, "items.csv.gz").sha256
    assert read(LINES).sha256 != read(LINES.replace("Ant", "Aunt")).sha256
    assert read(LINES).sha256 != read(LINES.replace("no", "yes")).sha256


BAD = {
    "nothing": ("", "the file is empty"),
    "a header alone": ("item,title\n", "a header and no rows"),
    "no ids": ("sku,title\na,Ant\n", "no column 'item'"),
    "another name for the ids": ("items,title\na,Ant\n", "is it 'items'"),
    "an item twice": ("item\na\nb\na \n", "names the item 'a', as another row does"),
    "a row without an id": ("item,title\na,Ant\n,Bee\n", "row 1 of the catalogue has no item"),
    "nothing available": ("item,available\na,false\nb,0\n", "none of its items is available"),
    "an answer that is neither": ("item,available\na,maybe\n", "available must be true or false, and it is 'maybe'"),
}


TYPES = {
    "an item that is a list": ("item", pa.array([["a"], ["b"]]), "its column 'item' must be text"),
    "a title that is a structure": ("title", pa.array([{"en": "Ant"}, None]), "its column 'title' must be text"),
    "a category of bytes": ("category", pa.array([b"x", b"y"]), "its column 'category' must be text"),
    "an availability that is a date": ("available", pa.array([1, 2]).cast(pa.timestamp("s")), "must be true or false"),
}


@pytest.mark.parametrize("fault", TYPES)
def test_a_column_of_another_type_is_refused_by_name(fault: str) -> None:
    column, cells, words = TYPES[fault]
    with pytest.raises(DatasetRejected, match=words):
        read_catalog(
            to_parquet({"item": pa.array(["a", "b"]), column: cells}), "items.parquet", Catalog(), fold_case=False
        )


def test_text_and_truth_values_are_read_in_every_type_of_parquet() -> None:
    columns = {
        "item": pa.array([7, 8, 9]),
        "title": pa.array(["Ant", "Bee", None]).dictionary_encode(),
        "category": pa.array([1.0, None, 2.5], pa.float16()),
        "available": pa.array([True, False, None]),
    }
    found = read_catalog(to_parquet(columns), "items.parquet", Catalog(), fold_case=False)
    assert (found.ids.tolist(), found.titles.tolist()) == (["7", "8", "9"], ["Ant", "Bee", ""])
    assert found.available.tolist() == [True, False, True]


def to_parquet(columns: dict[str, pa.Array]) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.mark.parametrize("name", ["Available", "AVAILABLE ", "is_available", "availability", "availableInStock"])
def test_availability_under_another_name_is_not_overlooked(name: str) -> None:
    with pytest.raises(DatasetRejected, match=rf"no column 'available', and '{name.strip()}' isn't read"):
        read(f"item,{name}\na,no\nb,yes\n")
    content = f"item,{name}\na,no\nb,yes\n".encode()
    found = read_catalog(content, "items.csv", Catalog(available=name.strip()), fold_case=False)
    assert found.available.tolist() == [False, True]


def test_a_title_in_other_letters_is_not_overlooked_and_another_column_may_be_there() -> None:
    with pytest.raises(DatasetRejected, match=r"name it in the spec: catalog=Catalog\(title='Title'\)"):
        read("item,Title\na,Ant\n")
    assert read("item,subtitle,price\na,Ant,7\n").titles.tolist() == [""]


@pytest.mark.parametrize("fault", BAD)
def test_a_catalogue_that_cannot_be_used_is_refused_by_name(fault: str) -> None:
    text, words = BAD[fault]
    with pytest.raises(DatasetRejected, match=words) as caught:
        read(text)
    assert {violation.rule for violation in caught.value.violations} == {"catalog"}
