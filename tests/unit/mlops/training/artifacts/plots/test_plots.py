"""Plots are SVG that tells its story, always in the same bytes."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest

from mlops.evaluation.intervals import estimate
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS
from mlops.evaluation.metrics.decisions import ACCURACY
from mlops.evaluation.metrics.values import MAE
from mlops.pages.canvas import Plot, draw
from mlops.training.artifacts.plots.classes import plot_calibration, plot_confusion, plot_precision_recall, plot_roc
from mlops.training.artifacts.plots.importance import Importance, plot_importance
from mlops.training.artifacts.plots.values import plot_predicted, plot_residuals
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers

COLUMNS = [Importance(f"column_{place}", 1 / (place + 1), 0.05) for place in range(20)]


def _roc(answers: ClassAnswers) -> Plot:
    return plot_roc(answers, estimate(answers, CLASS_METRICS, np.random.default_rng(1), 200))


def _precision_recall(answers: ClassAnswers) -> Plot:
    return plot_precision_recall(answers, estimate(answers, CLASS_METRICS, np.random.default_rng(1), 200))


DRAWINGS: dict[str, Callable[[], Plot]] = {
    "confusion of two": lambda: plot_confusion(draw_class_answers(1)),
    "confusion of eight": lambda: plot_confusion(draw_class_answers(1, classes=8)),
    "roc of two": lambda: _roc(draw_class_answers(1)),
    "roc of eight": lambda: _roc(draw_class_answers(1, classes=8)),
    "precision and recall of two": lambda: _precision_recall(draw_class_answers(1, ties=True)),
    "precision and recall of three": lambda: _precision_recall(draw_class_answers(1, classes=3)),
    "calibration of two": lambda: plot_calibration(draw_class_answers(1)),
    "calibration of three": lambda: plot_calibration(draw_class_answers(1, classes=3)),
    "importance": lambda: plot_importance(COLUMNS, ACCURACY),
    "predicted": lambda: plot_predicted(draw_value_answers(1), "price", "EUR"),
    "residuals": lambda: plot_residuals(draw_value_answers(1), "price"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_plot_is_well_formed_spoken_for_and_the_same_each_time(name: str) -> None:
    plot = DRAWINGS[name]()
    root = ElementTree.fromstring(plot.svg)
    spoken = [element.text for element in root if element.tag.endswith(("}title", "}desc"))]
    assert spoken == [plot.title, plot.caption]
    assert root.get("role") == "img"
    assert plot.svg == DRAWINGS[name]().svg


def test_ids_of_several_plots_are_distinct_and_every_reference_resolves() -> None:
    seen: set[str] = set()
    for plot in (plot_confusion(draw_class_answers(1)), plot_calibration(draw_class_answers(1))):
        text = plot.svg.decode()
        ids = set(re.findall(r'\bid="([^"]+)"', text))
        references = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
        assert references
        assert references <= ids
        assert not ids & seen
        seen |= ids


def test_a_plot_contains_no_time_no_path_and_no_link() -> None:
    text = plot_confusion(draw_class_answers(1)).svg.decode()
    assert "<metadata" not in text
    assert "<script" not in text
    assert re.findall(r'href="(?!#)[^"]*"', text) == []


def test_different_answers_make_different_plots() -> None:
    assert plot_calibration(draw_class_answers(1)).svg != plot_calibration(draw_class_answers(2)).svg


def test_captions_hold_the_figures() -> None:
    answers = draw_class_answers(1)
    found = estimate(answers, CLASS_METRICS, np.random.default_rng(1), 200)
    assert f"ROC AUC {found['roc_auc'].value:.3f} (" in plot_roc(answers, found).caption
    wrong = int((~answers.hits).sum())
    assert f"{wrong} of 120 rows have a wrong label" in plot_confusion(answers).caption
    assert "The first 15 of 20 columns" in plot_importance(COLUMNS, MAE).caption


def test_many_rows_are_thinned_and_the_caption_counts_them() -> None:
    few, many = plot_predicted(draw_value_answers(1, 1400), "y"), plot_predicted(draw_value_answers(1, 60_000), "y")
    assert "1,500 of 60,000 rows" in many.caption
    assert len(many.svg) < 1.2 * len(few.svg)


def test_text_from_the_data_cannot_break_out_of_a_plot() -> None:
    plot = draw("odd", "<script>alert(1)</script>", 'a "quoted" & <b>caption</b>', lambda axes: None, (2, 2))
    root = ElementTree.fromstring(plot.svg)
    assert not [element for element in root.iter() if element.tag.endswith(("script", "}b"))]
    assert root[0].text == "<script>alert(1)</script>"


def test_labels_are_drawn_as_they_are_and_never_read_as_formulas() -> None:
    answers = draw_class_answers(1, classes=3)
    priced = ClassAnswers(answers.truth, answers.probabilities, ("$5 to $9", "under $5", r"$\frac$"))
    ElementTree.fromstring(plot_confusion(priced).svg)


def test_perfect_and_constant_answers_are_drawn() -> None:
    truth = np.arange(60) % 2
    for probabilities in (np.eye(2)[truth], np.tile([0.5, 0.5], (60, 1))):
        answers = ClassAnswers(truth, probabilities, ("no", "yes"))
        for plot in (plot_confusion(answers), _roc(answers), _precision_recall(answers), plot_calibration(answers)):
            ElementTree.fromstring(plot.svg)
