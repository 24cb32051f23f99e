"""A classifier's plots: confusion matrix, ROC and precision-recall curves, calibration."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import PercentFormatter

from mlops.evaluation.closed_form import wilson
from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.evaluation.metrics.metric import Metric
from mlops.evaluation.metrics.probabilities import equal_mass_bins, predicted_and_observed
from mlops.evaluation.metrics.ranking import PR_AUC, ROC_AUC
from mlops.pages.canvas import (
    COLOURS,
    DASHES,
    GREY,
    INK,
    MOST_LINES,
    PALE,
    Plot,
    draw,
    shorten,
    unit_square,
)
from mlops.registry.manifest.evidence import Estimate

MOST_POINTS = 400
MOST_CELLS_WITH_COUNTS = 12

_BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", "#0072B2", "#003b5c"])

Curve = Callable[[Floats, Floats], tuple[Floats, Floats]]


def plot_confusion(answers: ClassAnswers) -> Plot:
    """How often each true label got each answer: counts, shaded by their share of the true label."""
    count = len(answers.labels)
    cells = np.bincount(answers.truth * count + answers.decided, minlength=count**2).reshape(count, count)
    shares = cells / np.maximum(cells.sum(axis=1, keepdims=True), 1)
    wrong = int(cells.sum() - np.trace(cells))

    def paint(axes: Axes) -> None:
        edges = np.arange(count + 1) - 0.5
        axes.pcolormesh(edges, edges, shares, cmap=_BLUES, vmin=0, vmax=1, edgecolors=PALE, linewidth=0.8)
        axes.set(aspect="equal", ylim=(count - 0.5, -0.5))
        names = [shorten(label, 14) for label in answers.labels]
        axes.set(xlabel="predicted", ylabel="true", xticks=range(count), yticks=range(count))
        axes.set_xticklabels(names, rotation=0 if max(map(len, names)) * count < 45 else 90)
        axes.set_yticklabels(names)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        for row, column in np.ndindex(count, count) if count <= MOST_CELLS_WITH_COUNTS else ():
            text = f"{cells[row, column]:,}" + (f"\n{shares[row, column]:.1%}" if count <= 4 else "")
            quiet = cells[row, column] == 0
            colour = "white" if shares[row, column] > 0.45 else GREY if quiet else INK
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=10 if count <= 4 else 8)

    caption = f"{wrong:,} of {len(answers):,} rows have a wrong label. Each row of the matrix is a true label."
    side = min(7.0, 2.6 + 0.42 * count)
    return draw("confusion", "Confusion matrix", caption, paint, (side + 0.6, side))


def plot_roc(answers: ClassAnswers, estimates: Mapping[str, Estimate]) -> Plot:
    """True against false positive rate over all thresholds; a curve a label against the rest."""

    def paint(axes: Axes) -> None:
        unit_square(axes, "false positive rate", "true positive rate")
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        _curves(axes, answers, _roc, ROC_AUC, estimates, "default")
        axes.legend(loc="lower right")

    caption = "The closer to the upper left the better; the dotted diagonal is chance. " + _area(ROC_AUC, estimates)
    return draw("roc", "ROC curve", caption, paint, (4.4, 4.4))


def plot_precision_recall(answers: ClassAnswers, estimates: Mapping[str, Estimate]) -> Plot:
    """Precision against recall over all thresholds; a curve a label against the rest."""

    def paint(axes: Axes) -> None:
        unit_square(axes, "recall", "precision")
        if answers.binary:
            base = float((answers.truth == answers.positive).mean())
            axes.axhline(base, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        _curves(axes, answers, _precision_recall, PR_AUC, estimates, "steps-pre")
        axes.legend(loc="lower left")

    guess = "; the dotted line is chance" if answers.binary else ""
    caption = f"The closer to the upper right the better{guess}. " + _area(PR_AUC, estimates)
    return draw("precision_recall", "Precision and recall", caption, paint, (4.4, 4.4))


def plot_calibration(answers: ClassAnswers) -> Plot:
    """Observed frequencies against predicted probabilities, in equal-mass bins with 95 % Wilson intervals."""
    predicted, observed = predicted_and_observed(answers)
    bins = equal_mass_bins(predicted)
    points = [(predicted[bins == place].mean(), observed[bins == place]) for place in np.unique(bins)]
    across = np.array([point for point, _ in points])
    up = np.array([outcome.mean() for _, outcome in points])
    ends = [wilson(float(outcome.mean()), len(outcome)) for _, outcome in points]
    reach = np.array([[share - end.low for share, end in zip(up, ends, strict=True)],
                      [end.high - share for share, end in zip(up, ends, strict=True)]])  # fmt: skip

    def paint(axes: Axes) -> None:
        what = f"probability of {answers.labels[answers.positive]}" if answers.binary else "probability of the answer"
        unit_square(axes, f"predicted {what}", "observed frequency")
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        heights, edges = np.histogram(predicted, bins=40, range=(0, 1))
        axes.bar(edges[:-1], 0.12 * heights / heights.max(), 1 / 40, align="edge", color=PALE)
        axes.errorbar(across, up, reach, fmt="o-", color=COLOURS[0], markersize=4.5, linewidth=1.2, elinewidth=1)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1))

    caption = (
        "On the dotted diagonal, predicted probabilities equal observed frequencies. Bars are 95 % intervals of bins "
        "of equally many rows; the grey histogram shows the distribution of the predictions."
    )
    return draw("calibration", "Calibration", caption, paint, (4.4, 4.4))


def _curves(
    axes: Axes,
    answers: ClassAnswers,
    curve: Curve,
    metric: Metric[ClassAnswers],
    estimates: Mapping[str, Estimate],
    steps: Literal["default", "steps-pre"],
) -> None:
    if answers.binary:
        name = f"{shorten(answers.labels[answers.positive])}, {_written(estimates[metric.name])}"
        truth = (answers.truth == answers.positive).astype(np.float64)
        axes.plot(
            *_thin(*curve(answers.probabilities[:, answers.positive], truth)),
            color=COLOURS[0],
            drawstyle=steps,
            label=name,
        )
        return
    drawn = []
    for place, label in enumerate(answers.labels):
        truth = (answers.truth == place).astype(np.float64)
        if 0 < truth.sum() < len(truth):
            points = _thin(*curve(answers.probabilities[:, place], truth))
            drawn.append((abs(float(np.trapezoid(*points[::-1]))), label, points))
    drawn.sort(key=lambda entry: entry[0])
    for place, (_, label, points) in enumerate(drawn):
        if place < MOST_LINES:
            look: dict[str, Any] = {
                "color": COLOURS[place],
                "linestyle": DASHES[place],
                "linewidth": 1.5,
                "label": shorten(label),
            }
        else:
            look = {"color": PALE, "linewidth": 1, "zorder": 1.5, "label": "the rest" if place == MOST_LINES else None}
        axes.plot(*points, drawstyle=steps, **look)


def _roc(scores: Floats, truth: Floats) -> tuple[Floats, Floats]:
    hits, others = _counts(scores, truth)
    return np.r_[0, others / others[-1]], np.r_[0, hits / hits[-1]]


def _precision_recall(scores: Floats, truth: Floats) -> tuple[Floats, Floats]:
    hits, others = _counts(scores, truth)
    precision = hits / (hits + others)
    return np.r_[0, hits / hits[-1]], np.r_[precision[0], precision]


def _counts(scores: Floats, truth: Floats) -> tuple[Floats, Floats]:
    """True and false positives down to each distinct score, the highest first."""
    order = np.argsort(-scores, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    return np.cumsum(truth[order])[last], np.cumsum(1 - truth[order])[last]


def _thin(across: Floats, up: Floats) -> tuple[Floats, Floats]:
    """The curve with at most 400 points, evenly picked, its ends kept."""
    kept = np.unique(np.linspace(0, len(across) - 1, MOST_POINTS).round().astype(np.intp))
    return across[kept], up[kept]


def _area(metric: Metric[ClassAnswers], estimates: Mapping[str, Estimate]) -> str:
    return f"{metric.title} {_written(estimates[metric.name])}."


def _written(found: Estimate) -> str:
    if found.value is None:
        return "undefined"
    if found.interval is None:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} ({found.interval.low:.3f} to {found.interval.high:.3f})"
