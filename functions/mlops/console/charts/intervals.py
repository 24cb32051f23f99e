"""A metric's intervals of two versions on one scale, one above the other."""

from collections.abc import Sequence

from markupsafe import Markup

from mlops.monitoring.report.charts.scale import fit
from mlops.monitoring.report.charts.svg import drawing, element, line
from mlops.pages.numbers import write_number
from mlops.registry.manifest.evidence import Estimate

WIDTH, ROW = 190.0, 13.0
_LOOKS = ("realised", "alarm")


def draw_intervals(title: str, estimates: Sequence[tuple[str, Estimate | None]]) -> Markup:
    """A row for each named estimate; empty if none has a value."""
    known = [(name, found) for name, found in estimates if found and found.value is not None]
    if not known:
        return Markup("")
    across = fit([end for _, found in known for end in _ends(found)], 4, WIDTH - 4)
    parts, words = [], []
    for place, (name, found) in enumerate(known):
        assert found.value is not None
        low, high = _ends(found)
        height, look = (place + 0.5) * ROW, _LOOKS[place % len(_LOOKS)]
        parts += [
            line((across(low), height), (across(high), height), f"arm wide-arm {look}"),
            element("circle", cx=across(found.value), cy=height, r=3, class_=f"dot {look}"),
        ]
        words.append(f"{name}: {write_number(found.value)} ({write_number(low)} to {write_number(high)})")
    return drawing(WIDTH, len(known) * ROW, title, "; ".join(words), *parts, class_="intervals")


def _ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.value is not None
    interval = estimate.interval
    return (interval.low, interval.high) if interval else (estimate.value, estimate.value)
