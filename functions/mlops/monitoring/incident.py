"""An incident: from the moment a model is known to be worse than it was, to its recovery."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mlops.monitoring.facts import Basis, Figure

type Cause = Literal["realised loss", "estimated loss", "drift", "fewer clicks"]
type Status = Literal["open", "retraining", "dead end", "recovered"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Step(_Frozen):
    """Something that happened to the incident, in one sentence."""

    at: datetime
    what: str


class Loss(_Frozen):
    """The metric that fell: at training, now, and the window since which.

    Of a recommender's clicks `trained` is what was usual on the days before.
    """

    basis: Basis
    metric: str
    trained: Figure
    now: Figure
    since: str
    margin: float


class Retraining(_Frozen):
    """The dataset that the incident assembled, and what came of it: `version` is None until training has reported.

    Of its `rows`, `new_rows` are predictions whose truth was received before `until`. `refused` is the reason why no
    dataset could be assembled; then there's no key. `outcome` is that of training's report, or "no report".
    """

    key: str | None = None
    rows: int = 0
    new_rows: int = 0
    until: datetime | None = None
    outcome: str | None = None
    version: int | None = None
    refused: str | None = None


class Incident(_Frozen):
    """One incident of a model; a model has one at a time.

    `version` is the one that's worse, with the dataset and the code that it was trained with; `drifted` are sentences
    about its columns. `promoted_before` says how the version came to serve, and `since` is the window in which the loss
    or drift most likely began.
    """

    id: str
    model: str
    version: int
    cause: Cause
    status: Status
    opened_at: datetime
    window: str
    since: str | None = None
    loss: Loss | None = None
    drifted: tuple[str, ...] = ()
    dataset: str
    code: str
    promoted_before: str
    retraining: Retraining | None = None
    closed_at: datetime | None = None
    steps: tuple[Step, ...] = ()
