import json

import numpy as np
import pytest

from mlops.artifact.recommender.items import Items

FILE = {"ids": ["a", "b", "ü"], "titles": ["Apple", None, "Über"], "trending": [2, 0]}


def test_items_are_read_as_they_were_written() -> None:
    items = Items(["a", "b", "ü"], ["Apple", None, "Über"], np.array([2, 0]))
    found = Items.from_json(items.to_json())
    assert (found.ids, found.titles, found.trending.tolist()) == (items.ids, items.titles, [2, 0])
    assert found.places == {"a": 0, "b": 1, "ü": 2}


def test_without_a_catalogue_there_are_no_titles() -> None:
    assert Items.from_json(Items(["a"], None, np.array([0])).to_json()).titles is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ids": ["a", "a", "b"]}, "different texts"),
        ({"ids": [1, 2, 3]}, "different texts"),
        ({"titles": ["Apple"]}, "a title for each id"),
        ({"trending": [3]}, "indices of items"),
        ({"trending": [True]}, "indices of items"),
        ({"more": 1}, "ids, titles and trending"),
    ],
)
def test_a_file_of_something_else_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Items.from_json(json.dumps(FILE | change).encode())
