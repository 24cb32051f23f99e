"""Pictures of a recommender: how good it is for whom, and how it spreads attention over the items."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mlops.pages.canvas import COLOURS, DASHES, GREY, Plot, draw, unit_square
from mlops.recommend.evaluation.held_out_test import HeldOutTest
from mlops.recommend.evaluation.lists import Answers
from mlops.recommend.evaluation.slices import item_counts
from mlops.spec import RecommenderSpec

_PARTS = 8
_LEAST = 20  # users of a part
_NORMAL = 1.96

type Floats = NDArray[np.float64]


def draw_plots(test: HeldOutTest, spec: RecommenderSpec) -> tuple[Plot, ...]:
    """All pictures, of the held-out interactions."""
    return plot_by_history(test, spec), plot_by_length(test), plot_attention(test)


def plot_by_history(test: HeldOutTest, spec: RecommenderSpec) -> Plot:
    """The metric by how much is known of a user, next to what's popular."""
    lengths = np.diff((test.task.histories.matrix > 0).indptr)
    parts = _cut(lengths)
    across = [float(lengths[part].mean()) for part in parts]

    def paint(axes: Axes) -> None:
        for place, (name, answers) in enumerate((("this model", test.answers), ("what is popular", test.baseline))):
            scores = answers.score(spec.metric)
            middle = np.array([scores[part].mean() for part in parts])
            reach = np.array([_NORMAL * scores[part].std(ddof=1) / np.sqrt(len(part)) for part in parts])
            axes.plot(across, middle, color=COLOURS[place], linestyle=DASHES[place], marker="o", ms=3, label=name)
            axes.fill_between(across, middle - reach, middle + reach, color=COLOURS[place], alpha=0.15, linewidth=0)
        axes.set(xlabel="items that are known of a user", ylabel=f"{spec.metric}@{spec.k}", ylim=(0, None))
        axes.set_xscale("symlog", linthresh=1)
        axes.set_xticks(ticks := _ticks(min(across), max(across)), [f"{tick:,g}" for tick in ticks])
        axes.set_xlim(ticks[0], ticks[-1])
        axes.minorticks_off()
        axes.grid(visible=True)
        axes.legend()

    caption = (
        f"{spec.metric} at {spec.k} of {len(lengths):,} test users, by how many items they took before; shades are "
        "95 % intervals of the means."
    )
    return draw("history", "By what is known of a user", caption, paint, (5.6, 3.6))


def plot_by_length(test: HeldOutTest) -> Plot:
    """The share of what users took that is found in lists of each length."""

    def paint(axes: Axes) -> None:
        for place, (name, answers) in enumerate((("this model", test.answers), ("what is popular", test.baseline))):
            found = _recall_by_length(answers)
            lengths = np.arange(1, len(found) + 1)
            axes.plot(lengths, found, color=COLOURS[place], linestyle=DASHES[place], marker="o", ms=3, label=name)
        axes.set(xlabel="items recommended", ylabel="recall", ylim=(0, None))
        axes.grid(visible=True)
        axes.legend()

    caption = "The share of what users took in the held-out part that is in a list, by the list's length."
    return draw("recall", "What is found", caption, paint, (5.6, 3.6))


def plot_attention(test: HeldOutTest) -> Plot:
    """Lorenz curves: which share of all places in lists, and of what people took, the least popular items have."""
    counts = item_counts(test.task)
    shown = test.answers.lists[test.answers.lists >= 0]
    recommended = np.bincount(shown, minlength=len(counts))
    curves = (("what people take", counts), ("what is recommended", recommended))

    def paint(axes: Axes) -> None:
        unit_square(axes, "share of the items, least popular first", "share of places")
        axes.plot((0, 1), (0, 1), color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        for place, (name, values) in enumerate(curves):
            across = np.linspace(0, 1, len(values) + 1)
            up = np.concatenate([[0.0], np.cumsum(np.sort(values)) / max(1, values.sum())])
            axes.plot(across, up, color=COLOURS[place], linestyle=DASHES[place], label=name)
        axes.legend()

    caption = (
        "On the dotted diagonal all items are alike. The further a curve hangs below it, the more few items have of "
        "all places; recommendations that hang lower than what people take make the popular more popular."
    )
    return draw("attention", "How attention is spread", caption, paint, (4.4, 4.4))


def _recall_by_length(answers: Answers) -> Floats:
    relevant = np.diff(answers.relevant.indptr)
    recalls: Floats = (np.cumsum(answers.hits, axis=1) / relevant[:, np.newaxis]).mean(axis=0)
    return recalls


def _cut(lengths: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Users in parts of about as many each, by the length of their history; equal lengths are in one part."""
    wanted = min(_PARTS, max(1, len(lengths) // _LEAST))
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, wanted + 1)[1:-1], method="lower"))
    part = np.searchsorted(edges, lengths)
    found = [np.flatnonzero(part == number) for number in range(len(edges) + 1)]
    return [each for each in found if len(each) > 1] or [np.arange(len(lengths))]


def _ticks(least: float, most: float) -> list[float]:
    """Marks of an axis that grows by factors, from the last one up to `least` to the first one above `most`."""
    marks = [0.0, *(step * 10.0**power for power in range(9) for step in (1, 2, 5))]
    first = max(mark for mark in marks if mark <= least)
    last = min(mark for mark in marks if mark > most)
    return [mark for mark in marks if first <= mark <= last]
