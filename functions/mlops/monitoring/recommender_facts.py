"""The facts of a recommender's day: what users did with what they were recommended."""

from pydantic import BaseModel, ConfigDict

from mlops.monitoring.figure import Figure


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class ResponseFacts(_Frozen):
    """What users did with some answers: the shares of them with at least one click, and with a conversion.

    `items` is how many items they had in all. Intervals allow for several answers of one user; their `rows` are
    answers. There's no conversion where no event counts as one.
    """

    answers: int
    users: int
    items: int
    clicks: Figure
    conversions: Figure | None = None


class VersionResponses(ResponseFacts):
    """The answers of a version in a role."""

    version: int
    role: str


class BasisResponses(ResponseFacts):
    """The answers on a basis: "history" or "trending"."""

    basis: str


class PositionFacts(_Frozen):
    """The share of the items at a position, from 1, that got a click; its `rows` are items."""

    position: int
    clicks: Figure


class CatalogFacts(_Frozen):
    """How recommendations spread over the items.

    `recommended` different items were, of `available`; the ten that were most often have the share `top_ten` of all
    places. `new` is how many of the recommended items weren't in the days before that are looked back at; None where
    there are none.
    """

    recommended: int
    available: int
    top_ten: float
    new: int | None = None

    @property
    def share(self) -> float:
        """The share of the available items that were recommended; items that aren't available any more count too."""
        return min(1.0, self.recommended / self.available)


class EventFacts(_Frozen):
    """The events received in the day, each counted once: all = the sum of the others.

    `attributed` ones are about an item of a recorded answer. Of the others `unattributed` name no answer, `earlier` one
    of a day before, `unknown` one that nobody recorded, `elsewhere` an item that wasn't in the answer. Delays, in
    hours, are those from the answer to the event's receipt.
    """

    received: int = 0
    attributed: int = 0
    unattributed: int = 0
    earlier: int = 0
    unknown: int = 0
    elsewhere: int = 0
    delay_median: float | None = None
    delay_90: float | None = None


class ClickTestFacts(_Frozen):
    """Whether the share of the champion's answers with a click fell by more than `margin`, a share of the usual one.

    `usual` is what the `days` compared with let expect, with the interval in which a day like them lies; `limit` is
    where the loss begins that counts. With an `alarm` it's below that, by a test that alarms without a loss on one day
    in 7,300. `reason` says why there was no test; `changed`: too few days are
    usual any more, though many had enough answers. `error` is the standard error of `clicks`, infinite for one user.
    """

    clicks: Figure
    error: float
    users: int
    days: int
    margin: float
    usual: Figure | None = None
    limit: float | None = None
    statistic: float | None = None
    critical: float | None = None
    p_value: float | None = None
    alarm: bool = False
    reason: str | None = None
    changed: bool = False


class RecommenderFacts(_Frozen):
    """A recommender's day.

    `explored`, `unavailable` (a history couldn't be read) and `unknown_items` (the history has an item that the version
    doesn't know) are shares of all answers. `all_answers` and they are None on a day without answers. `test` is None
    where no answer was the champion's. Clicks are those received until an hour after the day.
    """

    all_answers: ResponseFacts | None = None
    versions: tuple[VersionResponses, ...] = ()
    bases: tuple[BasisResponses, ...] = ()
    positions: tuple[PositionFacts, ...] = ()
    explored: Figure | None = None
    unavailable: Figure | None = None
    unknown_items: Figure | None = None
    catalog: CatalogFacts | None = None
    events: EventFacts = EventFacts()
    click_names: tuple[str, ...] = ()
    conversion_names: tuple[str, ...] = ()
    test: ClickTestFacts | None = None
