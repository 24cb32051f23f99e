"""How a column's training rows are distributed, in a small picture: bars of values, or of the most frequent names."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from mlops.monitoring.drift.cells import Cells
from mlops.monitoring.report.charts.scale import Scale
from mlops.monitoring.report.charts.svg import box, drawing, line, strokes, text
from mlops.monitoring.report.distribution import bins_of, spread_over
from mlops.monitoring.report.texts import shorten

WIDTH, HEIGHT, TOP, BOTTOM, SIDE = 300.0, 96.0, 4.0, 18.0, 1.0
ROW, NAME, MOST_NAMES = 16.0, 104.0, 5
_LEAST_BAR = 0.8


def bins_with_shares(cells: Cells) -> list[tuple[float, float, float]]:
    """Bins of equal width: where each begins and ends, and its share of the known values; none without values."""
    bins = bins_of(cells)
    if bins is None:
        return []
    below, *shares, above = spread_over(bins, cells, cells.gaps / cells.gaps.sum()).tolist()
    # Beyond the outermost of them, only new values can be.
    shares[0], shares[-1] = shares[0] + below, shares[-1] + above
    return list(zip(bins[:-1].tolist(), bins[1:].tolist(), shares, strict=True))


def draw_values(title: str, cells: Cells, write: Callable[[float], str]) -> Markup:
    """Bars of the known values; `write` gives a value with its unit. Empty if none is known."""
    bins = bins_with_shares(cells)
    if not bins:
        return Markup("")
    low, high, most = bins[0][0], bins[-1][1], max(share for _, _, share in bins)
    across, up = Scale(low, high, SIDE, WIDTH - SIDE), Scale(0, most, HEIGHT - BOTTOM, TOP)
    bars = [
        ((across((start + end) / 2), up(0)), (across((start + end) / 2), min(up(share), up(0) - _LEAST_BAR)))
        for start, end, share in bins
        if share
    ]
    ticks = ((low, None), ((low + high) / 2, "middle"), (high, "end"))
    start, end, share = max(bins, key=lambda each: each[2])
    return drawing(
        WIDTH,
        HEIGHT,
        title,
        f"From {write(low)} to {write(high)}; most are from {write(start)} to {write(end)}: {share:.1%}.",
        strokes(bars, "bars realised", (WIDTH - 2 * SIDE) / len(bins) - 1),
        line((0, up(0)), (WIDTH, up(0)), "axis"),
        *(text((across(value), HEIGHT - 4), write(value), anchor=anchor) for value, anchor in ticks),
    )


def draw_names(title: str, shares: Sequence[tuple[str, float]]) -> Markup:
    """A bar a name with its share of the rows, the most frequent first; the last ones as one if there are many."""
    kept = list(shares)
    if len(kept) > MOST_NAMES:
        kept, rest = kept[: MOST_NAMES - 1], kept[MOST_NAMES - 1 :]
        kept.append((f"{len(rest)} more", sum(share for _, share in rest)))
    across = Scale(0, max(share for _, share in kept) or 1.0, NAME, WIDTH - 46)
    parts: list[Markup] = []
    for place, (name, share) in enumerate(kept):
        above = place * ROW
        parts += [
            text((NAME - 6, above + 12), shorten(name, 17), anchor="end"),
            box(NAME, above + 3, max(across(share), NAME + _LEAST_BAR), above + 14, "bar realised", shorten(name, 80)),
            text((across(share) + 5, above + 12), f"{share:.1%}"),
        ]
    words = "; ".join(f"{shorten(name, 30)} {share:.1%}" for name, share in kept)
    return drawing(WIDTH, len(kept) * ROW + 2, title, words, *parts)
