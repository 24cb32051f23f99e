"""Names, dates and figures as a report writes them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.metric import Metric
from mlops.monitoring.facts import Figure
from mlops.monitoring.report.inputs import window_start
from mlops.pages.numbers import NOTHING, write_number

MOST_CHARACTERS = 300
_NAMES = ("Brier",)


def _all_metrics() -> Iterator[Metric[Any]]:
    yield from CLASS_METRICS
    yield from VALUE_METRICS


_METRICS: Mapping[str, Metric[Any]] = {metric.name: metric for metric in _all_metrics()}


def shorten(text: str, most: int = MOST_CHARACTERS) -> str:
    """The text on one line, cut in its middle to fit: both ends of a long name may tell it from another."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head = (most - 1) * 2 // 3
    return f"{line[:head]}…{line[len(line) - (most - 1 - head) :]}"


def metric_title(name: str) -> str:
    """A metric's name for people, lower-case but for abbreviations."""
    if name not in _METRICS:
        return shorten(name, 40)
    title = _METRICS[name].title
    return title[0].lower() + title[1:] if title[1:2].islower() and not title.startswith(_NAMES) else title


def metric_sign(name: str) -> int | None:
    """+1 where greater is better, -1 where smaller is, None for a metric that isn't known here."""
    return _METRICS[name].sign if name in _METRICS else None


def write_figure(figure: Figure | None) -> str:
    """A figure with its interval."""
    if figure is None:
        return NOTHING
    return write_number(figure.value) + (f" ({write_range(figure)})" if write_range(figure) else "")


def write_range(figure: Figure) -> str:
    """A figure's interval, empty where it has none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{write_number(figure.low)} to {write_number(figure.high)}"


def write_counted(figure: Figure | None) -> str:
    """A figure with its interval and its number of rows."""
    return write_figure(figure) + (f", {count(figure.rows, 'row')}" if figure else "")


def write_share(share: float) -> str:
    """A share in percent; a small one is never written as zero."""
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def write_delay(hours: float | None) -> str:
    """A stretch of time in the unit that fits."""
    if hours is None:
        return NOTHING
    if hours < 1:
        return f"{60 * hours:.0f} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


def write_window(window: str) -> str:
    """A window with its weekday, such as "Sunday, 29 November 2026"."""
    start = window_start(window)
    day = f"{start:%A}, {start.day} {start:%B %Y}"
    return f"{day}, {start:%H}:00 to {start:%H}:59" if "T" in window else day


def write_day(window: str) -> str:
    """A window in little room, such as "29 Nov"."""
    start = window_start(window)
    return f"{start:%H}:00" if "T" in window else f"{start.day} {start:%b}"


def write_since(since: str) -> str:
    """The day or hour since which something is, such as "Tuesday, 12 November"."""
    start = window_start(since)
    return f"{start:%A}, {start.day} {start:%B}" + (f", {start:%H}:00" if "T" in since else "")


def write_moment(moment: datetime) -> str:
    """A moment to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}"


def write_list(names: Sequence[str], most: int = 3) -> str:
    """Some names, the first ones, as part of a sentence."""
    shown = [shorten(name, 40) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
