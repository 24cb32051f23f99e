"""The model card has everything about a version in one file."""

import re
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from mlops.contract import Column, Contract, Target, Task
from mlops.evaluation.intervals import estimate
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.decisions import ACCURACY
from mlops.evaluation.slices import Slice
from mlops.registry.manifest import evidence
from mlops.registry.manifest.manifest import Code, Dataset, Gate, Manifest
from mlops.registry.manifest.search import Search, Trial
from mlops.training.artifacts.card import Card, rank_candidates, write_card, write_range
from mlops.training.artifacts.plots.classes import plot_calibration, plot_confusion
from mlops.training.evaluation.paired_comparison import compare
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers
from tests.unit.mlops.outline import Outline
from tests.unit.mlops.registry.samples import make_manifest

PASSED = Gate(name="accuracy floor", passed=True, observed=0.97, required=0.95)
FAILED = Gate(name="not worse", passed=False, observed="undecided", required="not worse", detail="5 rows differ")


def _manifest(gates: tuple[Gate, ...] = (PASSED,), task: Task = "binary", **found: Any) -> Manifest:
    labels = () if task == "regression" else ("a", "b")
    return make_manifest(
        7,
        model="diagnosis",
        created_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        seed=42,
        contract=Contract(
            columns=(
                Column(name="radius", unit="mm", minimum=0, maximum=40, description="mean <radius>"),
                Column(name="patient", kind="category", privacy="drop", required=False),
            ),
            target=Target(name="outcome", task=task, labels=labels),
        ),
        dataset=Dataset(uri="s3://data/x.csv", s3_version="v9", sha256="d1" * 32, rows=1234, columns=3),
        code=Code(sha256="c0" * 32, commit="abc123"),
        libraries={"scikit-learn": "1.9.1"},
        candidate="forest",
        parameters={"trees": 100},
        metrics={},
        gates=gates,
        files={},
        **found,
    )


def _card(gates: tuple[Gate, ...] = (PASSED,)) -> Card:
    answers, champion = draw_class_answers(1), draw_class_answers(1, ties=True)
    estimates = estimate(answers, CLASS_METRICS, np.random.default_rng(1), 200)
    north = Slice("site", "north", np.arange(60))
    compared = compare(answers, champion, ACCURACY, 0.01, np.random.default_rng(1), [north], 200)
    manifest = _manifest(
        gates,
        estimates=estimates,
        slices=(evidence.Slice(where=str(north), rows=60, estimates=estimates),),
        too_small=("site = south",),
        comparison=evidence.Comparison(version=6, rows=120, **asdict(compared)),
    )
    return Card(
        manifest,
        purpose="Tells a from b.",
        uses=("Second readings.",),
        cautions=("Never alone.",),
        plots=(plot_confusion(answers), plot_calibration(answers)),
    )


def _outline(card: Card) -> Outline:
    return Outline.of(write_card(card))


def test_a_card_has_every_section_in_order() -> None:
    assert _outline(_card()).headings == [
        "diagnosis, version 7",
        "What it predicts",
        "Intended use and limits",
        "How good it is",
        "On each slice",
        "Gates",
        "Compared with the champion, version 6",
        "Plots",
        "Columns",
        "Data and lineage",
    ]


def test_a_card_needs_nothing_but_itself() -> None:
    outline = _outline(_card())
    assert [address for address in outline.loaded if not address.startswith("data:")] == []
    assert not outline.elements & {"script", "link", "iframe"}
    assert "@import" not in write_card(_card()).decode()
    assert len(outline.ids) == len(set(outline.ids))


def test_a_card_is_the_same_each_time_it_is_written() -> None:
    assert write_card(_card()) == write_card(_card())


def test_the_card_of_a_version_that_an_incident_made_names_the_incident() -> None:
    card = _card()
    assert b"incident 2026" not in write_card(card)
    dataset = card.manifest.dataset.model_copy(update={"incident": "2026-11-29-v6"})
    made = replace(card, manifest=card.manifest.model_copy(update={"dataset": dataset}))
    assert b"<dd>incident 2026-11-29-v6</dd>" in write_card(made)


def test_figures_and_lineage_are_on_the_card() -> None:
    card = _card()
    text = write_card(card).decode()
    accuracy = card.manifest.estimates["accuracy"]
    assert accuracy.interval is not None
    assert f"{accuracy.value:.3f}" in text
    assert f"{accuracy.interval.low:.3f} to {accuracy.interval.high:.3f} (95 %, Wilson)" in text
    for word in (
        "d1" * 32,
        "c0" * 32,
        "abc123",
        "v9",
        "1,234 rows",
        "scikit-learn 1.9.1",
        ">100</td>",
    ):
        assert word in text
    assert ">42<" in text
    assert "Too few rows to judge: site = south." in text


def test_how_a_version_was_chosen_is_on_the_card() -> None:
    trial = Trial(number=1, candidate="forest", parameters={}, folds=(0.9,), score=0.9, pruned=False, seconds=1)
    search = Search(
        metric="f1", trials=(trial,), winner=1, reason="it <was> best", rows=900, ended="space", calibration="sigmoid"
    )
    text = write_card(Card(_manifest(search=search), purpose="Tells a from b.")).decode()
    assert "it &lt;was&gt; best; trials: 1, on 900 rows" in text
    assert "<dt>Calibrated by</dt><dd>sigmoid</dd>" in text


def trial(number: int, candidate: str, score: float | None, **more: Any) -> Trial:
    folds = () if score is None else (score - 0.01, score + 0.01)
    given = {"parameters": {}, "folds": folds, "score": score, "pruned": False, "seconds": 1.0, **more}
    return Trial(number=number, candidate=candidate, **given)


def test_the_candidates_are_ranked_with_those_that_failed_last() -> None:
    trials = (
        trial(1, "linear", 0.7),
        trial(2, "broken", None, failure="it failed with ValueError: 3 <leaves>"),
        trial(3, "forest", 0.8),
        trial(4, "forest", 0.95, pruned=True),
        trial(5, "forest", 0.9),
    )
    search = Search(metric="f1", trials=trials, winner=5, reason="best", rows=900, ended="space")
    ranked = rank_candidates(search, CLASS_METRICS)
    assert [(each.trial.candidate, each.trial.score, each.trials) for each in ranked] == [
        ("forest", 0.9, 3),
        ("linear", 0.7, 1),
        ("broken", None, 1),
    ]
    assert ranked[0].deviation == pytest.approx(0.0141, abs=1e-4)
    falling = rank_candidates(search.model_copy(update={"metric": "log_loss"}), CLASS_METRICS)
    assert [each.trial.candidate for each in falling] == ["linear", "forest", "broken"]
    text = write_card(Card(_manifest(search=search))).decode()
    assert "it failed with ValueError: 3 &lt;leaves&gt;" in text
    assert "Candidates" in _outline(Card(_manifest(search=search))).headings
    assert "chosen" in text


def test_what_people_ask_first_is_on_the_card() -> None:
    manifest = _manifest(
        estimator="ColumnTransformer, RandomForestClassifier",
        estimates=_card().manifest.estimates,
    )
    dataset = manifest.dataset.model_copy(update={"rejected_rows": 12, "unlabelled_rows": 3})
    metrics = {"baseline": {"accuracy": 0.6125}, "train": {"accuracy": 0.9875}}
    manifest = manifest.model_copy(update={"dataset": dataset, "metrics": metrics})
    text = write_card(Card(manifest, balance={"a": 0.75, "b": 0.25})).decode()
    assert "forest, ColumnTransformer, RandomForestClassifier" in text
    assert "12 rows that broke the contract, 3 without a target" in text
    assert "a 75.0%; b 25.0%" in text
    row = re.search(r"<tr><th[^>]*>Accuracy</th>.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert [word in row.group() for word in ("0.613", "0.988")] == [True, True]
    assert text.count("overflow-wrap: anywhere") >= 2


def test_the_card_of_a_refused_version_names_the_failed_gates() -> None:
    text = write_card(_card((PASSED, PASSED, FAILED))).decode()
    assert "Refused: 1 of 3 gates failed" in text
    assert "5 rows differ" in text
    assert "Accepted" not in text
    accepted = write_card(_card()).decode()
    assert "Accepted: every gate passed" in accepted
    assert "Refused" not in accepted


def test_columns_show_unit_range_and_privacy() -> None:
    row = re.search(r"<tr>.*?radius.*?</tr>", write_card(_card()).decode().split('id="columns"')[1], re.DOTALL)
    assert row is not None
    assert re.findall(r">([^<>]+)</t[dh]>", row.group()) [-7:] == [
        "radius", "number", "mm", "0 to 40", "refused", "keep", "mean &lt;radius&gt;"
    ]  # fmt: skip


def test_text_from_a_person_cannot_break_the_page() -> None:
    card = replace(_card(), purpose="<script>alert(1)</script>", cautions=("</ul><h2>fake</h2>",))
    outline = _outline(card)
    assert "script" not in outline.elements
    assert "fake" not in outline.headings


def test_a_first_version_has_no_comparison_and_a_bare_card_is_complete() -> None:
    values = estimate(draw_value_answers(1), VALUE_METRICS, np.random.default_rng(1), 200)
    outline = _outline(Card(_manifest(task="regression", estimates=values)))
    assert outline.headings == [
        "diagnosis, version 7", "What it predicts", "How good it is", "Gates", "Columns", "Data and lineage"
    ]  # fmt: skip


def test_an_undefined_metric_is_written_with_its_reason() -> None:
    answers = draw_class_answers(1)
    lone = answers.take(np.flatnonzero(answers.truth == 0))
    estimates = estimate(lone, CLASS_METRICS, np.random.default_rng(1), 200)
    card = Card(_manifest(estimates=estimates))
    text = write_card(card).decode()
    assert "none: not defined for these rows" in text
    assert ">nan<" not in text


def test_ranges_are_written_as_text() -> None:
    assert write_range(Column(name="x", minimum=0)) == "at least 0"
    assert write_range(Column(name="x", maximum=2.5)) == "at most 2.5"
    assert write_range(Column(name="x", minimum=0, maximum=100_000)) == "0 to 100,000"
    assert write_range(Column(name="x")) == "any"
    assert write_range(Column(name="x", kind="category", categories=("north", "south"))) == "north, south"
