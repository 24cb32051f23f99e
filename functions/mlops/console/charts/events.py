"""What happened to a model, under its performance: which version served, which were made, datasets, incidents."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from mlops.console.readers.registry import Summary
from mlops.monitoring.report.charts.scale import Scale
from mlops.monitoring.report.charts.svg import box, drawing, element, line, text
from mlops.monitoring.report.charts.timeline import LEFT, RIGHT, scale_windows
from mlops.monitoring.report.inputs import Report
from mlops.monitoring.report.performance import place_of
from mlops.monitoring.report.texts import count, shorten
from mlops.registry.aliases import Move

LANE, BAR = 20.0, 13.0
LANES = ("serves", "made", "data", "alarm")
_LETTER = 6.2
# Shapes around a place: a circle, a diamond, a cross.
_MARKS = {"passed": "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z", "held": "m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z"}
_CROSS = "m-3.5 -3.5l7 7m-7 0l7 -7"


@dataclass(frozen=True)
class Event:
    """Something that happened at a time: `what` it was, of which version, and in words."""

    at: datetime
    what: str
    version: int | None
    words: str


def list_events(report: Report, summaries: Iterable[Summary]) -> list[Event]:
    """All that the picture shows, and what was before it, oldest first."""
    found = [
        *(Event(move.at, move.action, move.version, f"by {move.by}: {move.why}") for move in report.moves),
        *(Event(each.opened_at, "incident", each.version, each.id) for each in report.incidents),
        *(
            Event(each.closed_at, "end of incident", each.version, each.id)
            for each in report.incidents
            if each.closed_at
        ),
    ]
    for each, is_new in _with_news(summaries):
        if each.created_at:
            found.append(Event(each.created_at, f"version {each.standing}", each.number, each.reason or each.candidate))
            if is_new:
                found.append(Event(each.created_at, "dataset", each.number, each.dataset))
    return sorted(found, key=lambda each: each.at)


def draw_events(
    report: Report, summaries: Sequence[Summary], width: float, look: str, *, spoken: bool = False
) -> Markup:
    """A lane for each of LANES, on the scale of a chart of the report's windows that is as wide.

    If it's `spoken`, a mouse on a version or a dataset shows which it is.
    """
    across = scale_windows(len(report.windows), width)
    made = [
        (place, each, is_new) for each, is_new in _with_news(summaries) if (place := _place(report, each)) is not None
    ]
    parts: list[Markup] = []
    for place, name in enumerate(LANES):
        parts.append(text((LEFT - 6, _middle(place) + 4), name, anchor="end"))
        parts.append(line((LEFT, _middle(place)), (width - RIGHT, _middle(place)), "grid"))
    parts += _champions(report, across)
    parts += _versions(made, across) if spoken else _versions_unspoken(made, across)
    parts += _incidents(report, across)
    return drawing(width, len(LANES) * LANE + 2, "What happened", _describe(report, made), *parts, class_=look)


def _with_news(summaries: Iterable[Summary]) -> list[tuple[Summary, bool]]:
    """The versions, oldest first, and whether each was the first of its dataset."""
    found: list[tuple[Summary, bool]] = []
    seen: set[str] = set()
    for each in sorted(summaries, key=lambda each: each.number):
        found.append((each, bool(each.dataset_sha256) and each.dataset_sha256 not in seen))
        seen.add(each.dataset_sha256)
    return found


def _place(report: Report, summary: Summary) -> float | None:
    """Where a version was made among the windows; None if that was before or after them."""
    if summary.created_at is None or summary.created_at >= report.end:
        return None
    place = place_of(report, summary.created_at.timestamp())
    return None if place < 0 else place - 0.5


def _champions(report: Report, across: Scale) -> Iterator[Markup]:
    """A bar for each stretch in which a version served."""
    moves = [move for move in report.moves if move.at < report.end]
    last = len(report.windows)
    for place, (move, following) in enumerate(zip(moves, [*moves[1:], None], strict=False)):
        start = max(0.0, place_of(report, move.at.timestamp()))
        end = last if following is None else place_of(report, following.at.timestamp())
        if end > start:
            yield from _champion(move, across(start - 0.5), across(end - 0.5), "odd" if place % 2 else "even")


def _champion(move: Move, left: float, right: float, look: str) -> Iterator[Markup]:
    words = f"version {move.version} since {move.at:%Y-%m-%d %H:%M} UTC, {move.action} by {shorten(move.by, 40)}"
    yield box(left, _middle(0) - BAR / 2, right, _middle(0) + BAR / 2, f"serves {look}", words)
    for label in (
        (f"back to v{move.version}", f"v{move.version}") if move.action == "rollback" else (f"v{move.version}",)
    ):
        if right - left > _LETTER * len(label) + 8:
            yield text((left + 4, _middle(0) + 4), label, "name")
            return


def _incidents(report: Report, across: Scale) -> Iterator[Markup]:
    last = len(report.windows)
    for each in report.incidents:
        start = place_of(report, each.opened_at.timestamp())
        end = place_of(report, each.closed_at.timestamp()) if each.closed_at else last
        if start < last and end > 0:
            left, right = across(max(0.0, start) - 0.5), across(end - 0.5)
            words = f"{each.status} since {each.opened_at:%Y-%m-%d %H:%M} UTC"
            yield box(left, _middle(3) - BAR / 2, max(right, left + 3), _middle(3) + BAR / 2, "alarmed", words)


def _versions(made: Sequence[tuple[float, Summary, bool]], across: Scale) -> Iterator[Markup]:
    """A mark a version, and a tick for a dataset that it's the first one of, with words of their own."""
    for at, each, is_new in made:
        words = f"version {each.number}, {each.standing}; {shorten(each.file, 60)}"
        yield element("path", element("title", words), d=_mark(across(at), each), class_=f"made {each.standing}")
        if is_new:
            words = f"{shorten(each.file, 80)}, {count(each.rows, 'row')}, first used by version {each.number}"
            yield element("path", element("title", words), d=_tick(across(at)), class_="dataset")


def _versions_unspoken(made: Sequence[tuple[float, Summary, bool]], across: Scale) -> Iterator[Markup]:
    """The same without words: all that look alike are one element."""
    for standing in dict.fromkeys(each.standing for _, each, _ in made):
        marks = "".join(_mark(across(at), each) for at, each, _ in made if each.standing == standing)
        yield element("path", d=marks, class_=f"made {standing}")
    if ticks := "".join(_tick(across(at)) for at, _, is_new in made if is_new):
        yield element("path", d=ticks, class_="dataset")


def _mark(left: float, summary: Summary) -> str:
    return f"M{left:.1f} {_middle(1):g}{_MARKS.get(summary.standing, _CROSS)}"


def _tick(left: float) -> str:
    return f"M{left - 2:.1f} {_middle(2) - BAR / 2:g}h4v{BAR:g}h-4z"


def _middle(lane: int) -> float:
    return (lane + 0.5) * LANE


def _describe(report: Report, made: Sequence[tuple[float, Summary, bool]]) -> str:
    moves = [move for move in report.moves if place_of(report, move.at.timestamp()) >= 0 and move.at < report.end]
    parts = [f"{move.action} of version {move.version} on {move.at:%Y-%m-%d}" for move in moves[-8:]]
    parts += [f"version {each.number} {each.standing} on {each.created_at:%Y-%m-%d}" for _, each, _ in made[-8:]]
    parts += [f"incident since {each.opened_at:%Y-%m-%d}" for each in report.incidents[-4:]]
    return "; ".join(parts) or "Nothing in these days."
