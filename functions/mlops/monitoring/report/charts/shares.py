"""A column of categories against its training rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mlops.monitoring.report.charts.scale import Scale
from mlops.monitoring.report.charts.svg import box, drawing, text
from mlops.monitoring.report.texts import shorten

WIDTH, ROW, NAME = 300.0, 16.0, 104.0
MOST_BARS = 7


@dataclass(frozen=True)
class Share:
    """A category's share of the training rows and of the window's."""

    name: str
    trained: float
    now: float


def draw_shares(
    title: str, shares: Sequence[Share], terms: tuple[str, str] = ("of the training rows", "now")
) -> Markup:
    """Bars for the window's shares, an outline for the training rows'; those that changed the most are kept.

    `terms` are what the two are called.
    """
    before, after = terms
    kept = _keep(shares)
    top = max((max(each.trained, each.now) for each in kept), default=1.0) or 1.0
    across = Scale(0, top, NAME, WIDTH - 44)
    parts = []
    for place, each in enumerate(kept):
        above = place * ROW
        words = f"{shorten(each.name, 80)}: {each.trained:.1%} {before}, {each.now:.1%} {after}"
        parts += [
            text((NAME - 6, above + 12), shorten(each.name, 17), anchor="end"),
            box(NAME, above + 4, across(each.now), above + 13, "bar realised", words),
            box(NAME, above + 2, across(each.trained), above + 15, "outline"),
            text((max(across(each.now), across(each.trained)) + 5, above + 12), f"{each.now:.1%}"),
        ]
    description = "; ".join(
        f"{shorten(each.name, 30)} {each.trained:.1%} {before}, {each.now:.1%} {after}" for each in kept
    )
    return drawing(WIDTH, len(kept) * ROW + 2, title, description, *parts)


def _keep(shares: Sequence[Share]) -> list[Share]:
    if len(shares) <= MOST_BARS:
        return list(shares)
    by_change = sorted(shares, key=lambda each: -abs(each.now - each.trained))
    chosen = [*shares[: MOST_BARS - 3]]
    chosen += [each for each in by_change if each not in chosen][:2]
    rest = [each for each in shares if each not in chosen]
    others = Share(f"{len(rest)} others", sum(each.trained for each in rest), sum(each.now for each in rest))
    return [*(each for each in shares if each in chosen), others]
