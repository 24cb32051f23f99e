"""The facts of a window: what monitoring found in a stretch of a model's records, as report.json has it."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mlops.monitoring.figure import Figure as Figure
from mlops.monitoring.recommender_facts import RecommenderFacts

type Basis = Literal["realised", "estimated"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class ColumnFacts(_Frozen):
    """One column, or the model's answers under the name of the target, against the version's training rows.

    `missing` and `outside` are shares of `rows`: missing values, and values beyond or never among the training rows'.
    `p_value` is valid at any time, not corrected for the number of columns. `drifted`: found by the test that holds
    over all columns and looks, and more than the tolerance; then `since` and `sentence` say what changed. `shares` are
    the shares of the window's rows in the cells of the version's reference, in their order.
    """

    column: str
    rows: int
    missing: float
    outside: float
    p_value: float
    drifted: bool
    since: date | None = None
    sentence: str | None = None
    shares: tuple[float, ...] = ()


class PartFacts(_Frozen):
    """The metrics of all rows or of one slice; `reason` says why there are none.

    `changes` are the metrics now minus at training, signed so that positive is better.
    """

    where: str
    rows: int
    metrics: dict[str, Figure] = {}
    changes: dict[str, Figure] = {}
    reason: str | None = None


class CalibrationBin(_Frozen):
    """Rows answered with like probabilities: their mean, and how often the positive label was right, with interval."""

    predicted: float
    observed: float
    low: float
    high: float
    rows: int


class RealisedFacts(_Frozen):
    """Performance where truth is there: `labelled` of `predictions` rows have one; delays are in hours."""

    predictions: int
    labelled: int
    delay_median: float | None
    delay_90: float | None
    overall: PartFacts
    slices: tuple[PartFacts, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()


class AssessmentFacts(_Frozen):
    """How good a metric's estimates were: of `windows` windows with truth, `covered` had it in their interval."""

    windows: int
    covered: int
    mean_error: float
    trustworthy: bool


class LossFacts(_Frozen):
    """A sequential test for loss beyond the spec's margin.

    The evidence may ever reach `alarm_at` with a chance of at most 5 % if there's no such loss, over all looks.
    `margin` is in the metric's own unit, as `trained` is, though the spec's is a share of errors such as rmse.
    """

    basis: Basis
    metric: str
    trained: float
    margin: float
    evidence: float
    alarm_at: float
    alarm: bool
    since: str | None = None  # the window in which the loss most likely began


class ServiceFacts(_Frozen):
    """How the version served. Latencies are in milliseconds; `disagreement` is the challenger's with these answers."""

    predictions: int
    latency_p50: float | None = None
    latency_p99: float | None = None
    challenger: int | None = None
    disagreement: Figure | None = None


class SlowdownFacts(_Frozen):
    """Whether the version became slower since its first days, whose median latency was `reference_p50` ms.

    `slower`: by more than the tolerance, by a test that holds over all days; `since` is the day when it began.
    """

    reference_p50: float
    slower: bool
    since: str | None = None


class VersionFacts(_Frozen):
    """One version that answered in the window. `role` is that of most of its answers.

    `age_days` is the time since it was trained; `stale`: that is more than the spec's `Monitoring.stale_days`.
    """

    version: int
    role: str
    service: ServiceFacts
    columns: tuple[ColumnFacts, ...] = ()
    realised: RealisedFacts | None = None
    estimated: dict[str, Figure] = {}
    assessments: dict[str, AssessmentFacts] = {}
    losses: tuple[LossFacts, ...] = ()
    slowdown: SlowdownFacts | None = None
    age_days: int | None = None
    stale: bool = False
    remarks: tuple[str, ...] = ()  # what couldn't be looked at, and why


class Revision(_Frozen):
    """The realised performance of a version in an earlier day `window`, now that more of its truth is there."""

    window: str
    version: int
    realised: RealisedFacts


class FeedbackFacts(_Frozen):
    """The feedback lines received in the window, counted by what became of them: received = the sum of all others.

    `standing` truths belong to recorded predictions. `unknown` are those of predictions that nobody recorded, and
    `too_late` those of predictions made before the days that are still looked at.
    """

    received: int = 0
    standing: int = 0
    duplicates: int = 0
    superseded: int = 0
    unknown: int = 0
    too_late: int = 0
    invalid: dict[str, int] = {}


class WindowFacts(_Frozen):
    """A model's window: `window` is a day (2026-11-29) or an hour (2026-11-29T14), in UTC.

    `refused` are requests that the contract refused, by rule; `errors` are answers with a status of 500 or more, None
    where that isn't known. `unreadable` counts record lines that couldn't be read, and `damaged` names objects that
    couldn't be read to their end. `revisions` are the earlier days about which truth came in this window: the latest
    one of a day and version stands. `recommendations` are a recommender's facts, which has no others but the window's
    `unreadable` and `damaged`.
    """

    model: str
    window: str
    versions: tuple[VersionFacts, ...] = ()
    feedback: FeedbackFacts = FeedbackFacts()
    refused: dict[str, int] = {}
    errors: int | None = None
    unreadable: int = 0
    damaged: tuple[str, ...] = ()
    revisions: tuple[Revision, ...] = ()
    recommendations: RecommenderFacts | None = None
