"""The items of a recommender's version: ids and titles by index, and the order of those that are trending."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json, to_json

MAX_TRENDING = 1_000
"""Trending items that are kept: as many as an answer may have, and a user may have seen, at most."""


@dataclass(frozen=True)
class Items:
    """The items: `ids` [I] and `titles` [I], or None where there's no catalogue; `trending` int64 [T], best first.

    What isn't available isn't among the trending ones.
    """

    ids: Sequence[str]
    titles: Sequence[str | None] | None
    trending: NDArray[np.int64]

    @cached_property
    def places(self) -> dict[str, int]:
        """The index of each id."""
        return {item: place for place, item in enumerate(self.ids)}

    def to_json(self) -> bytes:
        """The content of the file."""
        titles = None if self.titles is None else list(self.titles)
        return to_json({"ids": list(self.ids), "titles": titles, "trending": self.trending.tolist()})

    @classmethod
    def from_json(cls, content: bytes) -> "Items":
        """The items in a file. Raises ValueError where it isn't one."""
        document = from_json(content)
        if not isinstance(document, dict) or document.keys() != {"ids", "titles", "trending"}:
            raise ValueError("it must have ids, titles and trending")
        ids, titles, trending = document["ids"], document["titles"], document["trending"]
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids) or len(set(ids)) < len(ids):
            raise ValueError("ids must be different texts")
        if titles is not None and (not isinstance(titles, list) or len(titles) != len(ids)):
            raise ValueError("there must be a title for each id, or none at all")
        if not isinstance(trending, list) or not all(type(each) is int and 0 <= each < len(ids) for each in trending):
            raise ValueError("trending must be indices of items")
        return cls(ids, titles, np.array(trending, dtype=np.int64))
