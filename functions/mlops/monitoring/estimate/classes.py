"""Estimated metrics of a classifier's answers: CBPE.

A calibrated probability says how often a label is true, so every metric of unseen truth has an expected value (Białek
et al., "Estimating model performance under covariate shift without labels", 2024, the method of NannyML; Guillory et
al., "Predicting with confidence on unseen distributions", ICCV 2021). Each row is taken once for each label, with the
label's calibrated probability as its weight: the project's own metrics of weighted rows then are the estimates.

The calibration error can't be estimated so, for the method takes calibration for granted.
"""

import numpy as np

from mlops.monitoring.estimate.calibrator import choose_form, fit
from mlops.monitoring.estimate.outcomes import CURVES, Outcome, resamples, spread
from mlops.monitoring.measures import CLASS_METRICS, ClassAnswers, Floats, Metric, Statistic

METRICS: tuple[Metric[ClassAnswers], ...] = tuple(each for each in CLASS_METRICS if each.name != "calibration_error")


def estimate_classes(reference: ClassAnswers, window: ClassAnswers, rng: np.random.Generator) -> dict[str, Outcome]:
    """The metrics of a window's answers, whose `truth` isn't looked at, by name."""
    form = choose_form(reference, rng)
    chances = fit(reference, form).apply(window.probabilities)
    statistics = [metric.prepare(each_truth(window)) for metric in METRICS]
    rows = len(window)
    draws = resamples(rows * len(window.labels))
    values = _apply(statistics, chances.reshape(1, -1))[:, 0]
    noise = _apply(statistics, _draw_truth(chances, draws, rng))
    again = _apply(statistics, _redraw_rows(chances, CURVES, rng))
    counts = rng.multinomial(len(reference), np.full(len(reference), 1 / len(reference)), size=CURVES).astype(np.float64)
    other = np.stack([fit(reference, form, count).apply(window.probabilities).reshape(-1) for count in counts])
    refitted = _apply(statistics, other)
    realised = _apply([metric.prepare(reference) for metric in METRICS], counts)
    return {
        metric.name: Outcome(
            value=float(values[place]),
            noise=noise[place][np.isfinite(noise[place])],
            reference_error=spread(refitted[place]),
            change_error=spread(refitted[place] - realised[place]),
            window_error=spread(again[place]),
        )
        for place, metric in enumerate(METRICS)
    }


def each_truth(window: ClassAnswers) -> ClassAnswers:
    """Every row once for each label, as if that were its truth: rows times labels, a row's side by side."""
    count = len(window.labels)
    truth = np.tile(np.arange(count), len(window))
    probabilities = np.repeat(window.probabilities, count, axis=0)
    return ClassAnswers(truth, probabilities, window.labels, window.positive, window.threshold)


def expected(window: ClassAnswers, chances: Floats) -> dict[str, float]:
    """The metrics of a window's answers if label k of row i is true with probability chances[i, k]."""
    doubled = each_truth(window)
    weights = chances.reshape(1, -1)
    return {metric.name: float(metric.prepare(doubled)(weights)[0]) for metric in METRICS}


def _draw_truth(chances: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """One label a row, drawn from its chances, as weights of 0 and 1 [draws, rows * labels]."""
    rows, labels = chances.shape
    edges = np.cumsum(chances, axis=1)[:, :-1]
    drawn = (rng.random((draws, rows, 1)) >= edges).sum(axis=2)
    return (drawn[:, :, np.newaxis] == np.arange(labels)).astype(np.float64).reshape(draws, rows * labels)


def _redraw_rows(chances: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """The chances of rows drawn with replacement, as weights [draws, rows * labels]."""
    rows, labels = chances.shape
    counts = rng.multinomial(rows, np.full(rows, 1 / rows), size=draws).astype(np.float64)
    return (counts[:, :, np.newaxis] * chances).reshape(draws, rows * labels)


def _apply(statistics: list[Statistic], weights: Floats) -> Floats:
    return np.stack([statistic(weights) for statistic in statistics])

