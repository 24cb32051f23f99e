"""The pages that navigation names: of each model, and of the console as a whole. A new page is an entry here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mlops.registry.manifest.manifest import RECOMMENDER, TABLE


@dataclass(frozen=True)
class Entry:
    """A page: its name, its path below the model's (the console's) address, and the kinds of models that have it."""

    name: str
    path: str = ""
    kinds: tuple[str, ...] = (TABLE, RECOMMENDER)


MODEL_PAGES = (
    Entry("Now"),
    Entry("Versions", "versions"),
    Entry("Compare", "compare"),
    Entry("Data", "data"),
    Entry("Predictions", "predictions"),
    Entry("Try it", "try", (TABLE,)),
    Entry("Recommend", "recommend", (RECOMMENDER,)),
    Entry("Training", "trainings"),
    Entry("Logs", "logs"),
)
"""The tabs of a model, in their order."""
SITE_PAGES: tuple[Entry, ...] = (
    Entry("Training", "trainings"),
    Entry("Batches", "batches"),
    Entry("Queues", "queues"),
)
"""What the bar at the top names next to the first page."""


class Tab(NamedTuple):
    """A link of the navigation; `current` is the value of its aria-current, empty where something else is shown."""

    name: str
    address: str
    current: str


def list_tabs(entries: Sequence[Entry], root: str, path: str, kind: str | None = None) -> Iterator[Tab]:
    """The links to pages below `root`, as seen from the page at `path`; of a model whose kind isn't known, to all."""
    for entry in entries:
        if kind is None or kind in entry.kinds:
            address = f"{root}/{entry.path}" if entry.path else root
            # What is below a page belongs to its tab; everything is below the first one.
            below = bool(entry.path) and path.startswith(f"{address}/")
            yield Tab(entry.name, address, "page" if path == address else "true" if below else "")
