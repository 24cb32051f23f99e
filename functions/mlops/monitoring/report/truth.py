"""Truth: how much has arrived and how late, calibration, slices, and how good the estimates were."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mlops.monitoring.facts import AssessmentFacts, FeedbackFacts, Figure, PartFacts, RealisedFacts
from mlops.monitoring.report.charts.calibration import draw_calibration
from mlops.monitoring.report.charts.interval import draw_change
from mlops.monitoring.report.charts.timeline import Series, Timeline, draw_timeline
from mlops.monitoring.report.inputs import Report, main_version
from mlops.monitoring.report.performance import last_realised, main_metric
from mlops.monitoring.report.texts import metric_title, shorten, write_day, write_range, write_share

MOST_SLICES = 40
MOST_REASONS = 10
_CHARTED = 0.01


@dataclass(frozen=True)
class SliceView:
    """One slice in the main metric."""

    where: str
    part: PartFacts
    figure: Figure | None
    change: Figure | None
    picture: Markup | None


@dataclass(frozen=True)
class TruthView:
    """What is known by truth, of the latest window of the version that has any, `window`."""

    window: str | None
    realised: RealisedFacts | None
    metric: str
    coverage: Markup
    calibration: Markup | None
    slices: tuple[SliceView, ...]
    more_slices: int
    feedback: FeedbackFacts
    invalid: tuple[tuple[str, int], ...]
    assessments: tuple[tuple[str, AssessmentFacts], ...]


def view_truth(report: Report) -> TruthView:
    """Truth of the report's version."""
    metric = main_metric(report) or ""
    found = last_realised(report, metric, report.subject.version) if metric and report.subject else None
    realised = found[1].realised if found else None
    slices = _slices(realised.slices, metric) if realised else ()
    invalid = sorted(report.facts.feedback.invalid.items(), key=lambda entry: (-entry[1], entry[0]))
    return TruthView(
        window=write_day(found[0]) if found else None,
        realised=realised,
        metric=metric_title(metric) if metric else "",
        coverage=_coverage(report),
        calibration=draw_calibration(realised.calibration) if realised and realised.calibration else None,
        slices=slices[:MOST_SLICES],
        more_slices=max(0, len(slices) - MOST_SLICES),
        feedback=report.facts.feedback,
        invalid=tuple((shorten(reason, 80), number) for reason, number in invalid[:MOST_REASONS]),
        assessments=tuple((metric_title(name), each) for name, each in _assessments(report).items()),
    )


def _assessments(report: Report) -> dict[str, AssessmentFacts]:
    return report.subject.assessments if report.subject else {}


def _coverage(report: Report) -> Markup:
    shares: list[Figure | None] = []
    for window in report.windows:
        version = main_version(window)
        known = version.realised if version else None
        value = known.labelled / known.predictions if known and known.predictions else 0.0
        shares.append(Figure(value=100 * value, rows=known.predictions if known else 0))
    covered = sum(1 for share in shares if share and share.value >= 100 * _CHARTED)
    chart = Timeline(
        title="Share of predictions with truth, in percent",
        description=f"{covered} of {len(shares)} windows have truth; the last ones have least where truth is late.",
        windows=[window.window for window in report.windows],
        series=(Series("with truth", "bars", "realised", shares),),
        zero=True,
        roof=100,
        height=140,
    )
    return draw_timeline(chart)


def _slices(parts: Sequence[PartFacts], metric: str) -> tuple[SliceView, ...]:
    """The worst changes first, then those without any."""
    changes = {place: part.changes.get(metric) for place, part in enumerate(parts)}
    reach = max(
        (abs(end) for change in changes.values() if change for end in (change.value, change.low, change.high) if end),
        default=1.0,
    )
    views = []
    for place, part in enumerate(parts):
        change = changes[place]
        picture = None
        if change:
            words = f"{change.value:+.3f}" + (f" ({write_range(change)})" if write_range(change) else "")
            picture = draw_change(change, reach, words)
        views.append(SliceView(shorten(part.where, 80), part, part.metrics.get(metric), change, picture))
    return tuple(
        sorted(views, key=lambda view: (view.change is None, view.change.value if view.change else 0, view.where))
    )


def write_coverage(realised: RealisedFacts) -> str:
    """How many predictions have their truth."""
    share = realised.labelled / realised.predictions if realised.predictions else 0.0
    return f"{realised.labelled:,} of {realised.predictions:,} ({write_share(share)})"
