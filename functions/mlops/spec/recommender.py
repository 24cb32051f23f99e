"""The spec of a recommender: the one Python file that a data scientist writes for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import ValidationError

from mlops.contract import Privacy
from mlops.errors.training import SpecInvalid
from mlops.interactions import InteractionContract, Rating
from mlops.spec.click_through import ClickThrough
from mlops.spec.expectations import Limits
from mlops.spec.monitoring import Monitoring

CANDIDATES = ("popularity", "item-knn", "ease", "ials")
"""What a recommender may be, simplest first."""
RANKING_METRICS = ("ndcg", "recall", "map", "coverage", "novelty", "popularity_bias")
"""Metrics at k of ranked items."""
CHOOSING_METRICS = ("ndcg", "recall", "map")
"""The metrics that may choose among candidates, and that have floors."""
FLOOR_METRICS = (*CHOOSING_METRICS, "coverage")

type Grid = Mapping[str, tuple[float, ...]]
"""Hyperparameters by name, each with the values to try."""


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The columns of a catalogue: which items there are, what they are called, and which may be recommended.

    The catalogue is `catalogs/<model>/items.csv`, `.csv.gz` or `.parquet` in the data bucket, and is read at each
    training. Only the item's id must be there.
    """

    item: str = "item"
    title: str = "title"
    category: str = "category"
    available: str = "available"


@dataclass(frozen=True, kw_only=True)
class Learning:
    """When a recommender is trained again by itself, on its last dataset and the events that came as feedback since.

    `every_days` after the last such dataset, or after the champion was trained, as soon as `min_events` of them say
    something of taste; never where it's None.
    """

    every_days: float | None = 7.0
    min_events: int = 1_000

    def faults(self) -> Iterator[str]:
        """What can't be, as sentences."""
        if self.every_days is not None and self.every_days <= 0:
            yield f"learning's every_days is {self.every_days}; it must be above 0, or None"
        if self.min_events < 1:
            yield f"learning's min_events is {self.min_events}; it must be at least 1"


@dataclass(frozen=True, kw_only=True)
class RecommenderSpec:
    """From which interactions to learn, which candidates to try, and how good is good enough.

    `user`, `item`, `time`, `event` and `rating` are the dataset's columns, `events` the weights of events by name, as
    the interaction contract has them; `ignored` are columns that a dataset may have and that aren't read. `catalog`
    names the columns of the items' catalogue, which may be missing.

    `candidates` are tried from the first to the last, each with the hyperparameters of its grid, or its own grid where
    that is empty; `metric` at `k` chooses among them inside the training data, and a simpler one wins within its error.

    `split` says who and what is held out for the test: the latest interactions of all users ("time"), or all of some
    users, whose history is then half shown ("users"); `test_share` is how much. `floors` are the worst values of
    test metrics that a champion may have, `margin` the loss of `metric` that doesn't matter against the champion,
    overall and on each slice. `pruning_margin` is what may be lost by leaving out weights that don't fit.

    Rows that break the contract are left out, up to the share `max_rejected`; above it the dataset is refused. So are
    users with more than `most_daily_events` on one day or `most_events` in all, whom nobody takes for people, without
    counting against that share. Times before `earliest`, or more than a day after the training, are clock errors.
    There must be `min_users`, `min_items` and `min_rows` left. `half_life_days` is how long it takes until an
    interaction counts half for what's trending. `learning` says when it's trained again on what came as feedback,
    `click_through` what counts as a click, and when there are too few of them.
    """

    name: str
    user: str = "user"
    item: str = "item"
    time: str | None = "time"
    event: str | None = None
    rating: Rating | None = None
    events: Mapping[str, float | None]
    fold_case: bool = False
    user_privacy: Privacy = "hash"
    ignored: tuple[str, ...] = ()
    catalog: Catalog = field(default_factory=Catalog)
    candidates: Mapping[str, Grid] = field(default_factory=lambda: {name: {} for name in CANDIDATES})
    metric: str = "ndcg"
    k: int = 10
    floors: Mapping[str, float]
    margin: float = 0.005
    pruning_margin: float = 0.01
    split: Literal["time", "users"] = "time"
    test_share: float = 0.2
    max_rejected: float = 0.05
    most_daily_events: int = 2_000
    most_events: int = 50_000
    earliest: date = date(1990, 1, 1)
    min_users: int = 50
    min_items: int = 20
    min_rows: int = 500
    half_life_days: float = 30.0
    limits: Limits = field(default_factory=lambda: Limits(size_mb=200.0, load_seconds=4.0, latency_ms=20.0))
    monitoring: Monitoring = field(default_factory=Monitoring)
    learning: Learning = field(default_factory=Learning)
    click_through: ClickThrough = field(default_factory=ClickThrough)
    seed: int = 0
    description: str = ""
    uses: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    interactions: InteractionContract = field(init=False)

    def __post_init__(self) -> None:
        try:
            contract = InteractionContract(
                user=self.user,
                item=self.item,
                time=self.time,
                event=self.event,
                rating=self.rating,
                events=dict(self.events),
                fold_case=self.fold_case,
                user_privacy=self.user_privacy,
            )
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            message = first["msg"].removeprefix("Value error, ")
            raise SpecInvalid(self.name, f"{where}: {message}" if where else message) from error
        object.__setattr__(self, "interactions", contract)
        reason = next(self._faults(), None)
        if reason:
            raise SpecInvalid(self.name, reason)

    def _faults(self) -> Iterator[str]:
        """What contradicts itself, as sentences."""
        if unknown := [name for name in self.candidates if name not in CANDIDATES]:
            yield f"there is no candidate {', '.join(unknown)}; there are {', '.join(CANDIDATES)}"
        if not self.candidates:
            yield "it has no candidates"
        for name, grid in self.candidates.items():
            if empty := [parameter for parameter, values in grid.items() if not values]:
                yield f"the values to try for {', '.join(empty)} of {name} are empty"
        if self.metric not in CHOOSING_METRICS:
            yield f"metric is {self.metric!r}; it must be one of {', '.join(CHOOSING_METRICS)}"
        if unknown := sorted(set(self.floors) - set(FLOOR_METRICS)):
            yield f"floors name {', '.join(unknown)}; there are {', '.join(FLOOR_METRICS)}"
        if self.split not in ("time", "users"):
            yield f"split is {self.split!r}; it is 'time' or 'users'"
        if self.split == "time" and self.time is None:
            yield "split='time' needs the column time; without one, hold out users (split='users')"
        if used := sorted({*self.interactions.columns} & {*self.ignored}):
            yield f"ignored names {', '.join(used)}, which the spec uses"
        yield from self._numbers_out_of_range()
        yield from self.monitoring.faults()
        yield from self.learning.faults()
        yield from self.click_through.faults(self.interactions.events)

    def _numbers_out_of_range(self) -> Iterator[str]:
        if not 0 < self.test_share < 1:
            yield f"test_share is {self.test_share}; it must lie between 0 and 1"
        if not 0 <= self.max_rejected < 1:
            yield f"max_rejected is {self.max_rejected}; it must be at least 0 and less than 1"
        if self.half_life_days <= 0:
            yield f"half_life_days is {self.half_life_days}; it must be above 0"
        for name in ("margin", "pruning_margin"):
            if getattr(self, name) < 0:
                yield f"{name} is {getattr(self, name)}; it must be at least 0"
        for name in ("k", "most_daily_events", "most_events", "min_users", "min_items", "min_rows"):
            if getattr(self, name) < 1:
                yield f"{name} is {getattr(self, name)}; it must be at least 1"
        if self.k >= self.min_items:
            yield f"k is {self.k}, and min_items={self.min_items} items could all be recommended"
