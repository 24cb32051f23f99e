"""Candidate and champion are compared on fresh rows, or the result has the reason why they can't be."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops.artifact.names import MODEL
from mlops.contract import Column, Target
from mlops.data.findings import gather
from mlops.data.load import TrainingData, load_dataset
from mlops.data.row_digests import dump_digests, load_digests, row_digests
from mlops.errors.training import Incomparable
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.registry.manifest.evidence import Comparison
from mlops.spec import ModelSpec
from mlops.training.evaluation import champion_comparison
from mlops.training.evaluation.champion_comparison import (
    Candidate,
    StoredModel,
    compare_answers,
    compare_with_version,
)
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.procedure import Procedure
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers
from tests.unit.mlops.samples import make_csv, make_spec
from tests.unit.mlops.training.fakes import Bench

SPEC = make_spec()


@pytest.fixture(scope="module")
def bench() -> Bench:
    """A bench with one version, the champion."""
    bench = Bench()
    bench.train()
    return bench


@pytest.fixture
def candidate(bench: Bench) -> CompiledModel:
    """The champion's own model."""
    return CompiledModel(bench.versions.read(bench.versions.table(1), MODEL), SPEC.contract)


def compare(
    bench: Bench,
    model: CompiledModel,
    number: int,
    test: pd.DataFrame,
    spec: ModelSpec,
    train: pd.DataFrame | None = None,
) -> Comparison:
    """The comparison of the model, fitted as the champion was; its training rows are others than the champion's."""
    procedure = Procedure.read(bench.versions, bench.versions.table(1))
    data = TrainingData(rows(60, seed=77) if train is None else train, test, gather([]))
    return compare_with_version(Candidate(model, procedure, data, spec), bench.versions, number)


def rows(count: int, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    long = np.arange(count) % 2
    return pd.DataFrame(
        {
            "length": rng.normal(20 + 40 * long, 12),
            "width": rng.uniform(5, 40, count),
            "kind": np.where(long, "long", "short"),
        }
    )


def test_rows_that_the_champion_was_trained_on_are_left_out(bench: Bench, candidate: CompiledModel) -> None:
    fresh, trained = rows(50), rows(40, seed=6)
    digests = load_digests(dump_digests(trained, SPEC.contract.names))
    champion = StoredModel(bench.versions.table(1), candidate, digests, SPEC.contract.names)
    pd.testing.assert_frame_equal(champion.fresh(pd.concat([fresh, trained], ignore_index=True), SPEC), fresh)


@pytest.mark.parametrize("public", [("length",), ()], ids=["by public cells", "without any, all"])
def test_rows_of_a_private_model_are_recognised_by_their_public_cells(
    candidate: CompiledModel, bench: Bench, public: tuple[str, ...]
) -> None:
    fresh, trained = rows(50), rows(40, seed=6)
    contract = SPEC.contract.model_copy(
        update={
            "columns": tuple(
                column if column.name in public else column.model_copy(update={"privacy": "drop"})
                for column in SPEC.contract.columns
            )
        }
    )
    manifest = bench.versions.table(1).model_copy(update={"contract": contract})
    champion = StoredModel(manifest, candidate, load_digests(dump_digests(trained, public)), public)
    found = champion.fresh(pd.concat([fresh, trained], ignore_index=True), SPEC)
    pd.testing.assert_frame_equal(found, fresh if public else fresh.head(0), check_dtype=bool(public))


def test_the_same_model_is_as_good_as_itself(bench: Bench, candidate: CompiledModel) -> None:
    found = compare(bench, candidate, 1, rows(60), SPEC)
    assert found.overall
    assert (found.version, found.overall.difference, found.overall.verdict) == (1, 0.0, "not worse")


OTHERS: dict[str, tuple[ModelSpec, str]] = {
    "another target": (
        replace(SPEC, target=Target(name="kind", task="binary", labels=("short", "tall"))),
        "another target: the binary kind with the labels short, long",
    ),
    "a column less": (replace(SPEC, columns=(Column(name="length"),), vouched=()), "needs width"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_question_is_refused_by_name(bench: Bench, candidate: CompiledModel, kind: str) -> None:
    spec, words = OTHERS[kind]
    found = compare(bench, candidate, 1, rows(60), spec)
    assert found.overall is None
    assert words in (found.reason or "")


def test_too_few_fresh_rows_are_refused(bench: Bench, candidate: CompiledModel) -> None:
    found = compare(bench, candidate, 1, rows(29), SPEC)
    assert "needs at least 30 fresh ones" in (found.reason or "")


def test_a_champion_that_is_damaged_or_gone_is_refused(bench: Bench, candidate: CompiledModel) -> None:
    assert "no version 9" in (compare(bench, candidate, 9, rows(60), SPEC).reason or "")


def test_a_dataset_with_the_champions_rows_is_compared_on_all_of_them(bench: Bench, candidate: CompiledModel) -> None:
    data = load_dataset(make_csv(), "a.csv", SPEC)
    more = pd.concat([data.train, rows(40, seed=8)])
    found = compare(bench, candidate, 1, rows(60), SPEC, more)
    assert found.repeats == 4
    assert (found.fresh_rows, found.rows, found.not_repeated) == (60, 60 + len(more), None)
    assert found.overall
    assert found.overall.rows == 60 + len(more)
    few = compare(bench, candidate, 1, rows(29), SPEC, more)
    assert (few.fresh_rows, few.rows) == (29, 29 + len(more)), "training rows make up for few fresh ones"


def test_rows_are_not_repeated_where_the_champions_rows_are_gone(bench: Bench, candidate: CompiledModel) -> None:
    data = load_dataset(make_csv(), "a.csv", SPEC)
    found = compare(bench, candidate, 1, rows(60), SPEC, pd.concat([data.train.head(20), rows(40, seed=8)]))
    assert (found.fresh_rows, found.rows) == (60, 60)
    assert "67% of the rows that version 1 was trained on" in (found.not_repeated or "")


def test_rows_are_not_repeated_where_they_are_not_told_apart(bench: Bench, candidate: CompiledModel) -> None:
    data = load_dataset(make_csv(), "a.csv", SPEC)
    more = pd.concat([data.train, data.train.sample(60, replace=True, random_state=0)])
    found = compare(bench, candidate, 1, rows(60), SPEC, more)
    assert (found.fresh_rows, found.rows) == (60, 60)
    assert "don't tell them apart" in (found.not_repeated or "")


def test_rows_are_not_repeated_where_fitting_again_fails(
    bench: Bench, candidate: CompiledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Procedure, "answer", fail)
    data = load_dataset(make_csv(), "a.csv", SPEC)
    found = compare(bench, candidate, 1, rows(60), SPEC, pd.concat([data.train, rows(40, seed=8)]))
    assert (found.fresh_rows, found.rows) == (60, 60)
    assert found.not_repeated == "fitting on folds failed with ZeroDivisionError"


def test_a_large_table_is_compared_on_fresh_rows_alone(
    bench: Bench, candidate: CompiledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(champion_comparison, "MOST_ROWS", 50)
    data = load_dataset(make_csv(), "a.csv", SPEC)
    found = compare(bench, candidate, 1, rows(60), SPEC, pd.concat([data.train, rows(40, seed=8)]))
    assert (found.rows, found.fresh_rows) == (60, 60)
    assert "more than 50" in (found.not_repeated or "")


def test_repeated_rows_make_a_wider_interval_than_as_many_independent_ones() -> None:
    answers, other = draw_class_answers(1), draw_class_answers(2)
    given = ClassAnswers(answers.truth, other.probabilities, answers.labels)
    plain, wide = (
        compare_answers("log_loss", given, answers, 0.01, np.random.default_rng(0), (), inflation).overall
        for inflation in (1.0, 1.5)
    )
    assert wide.high - wide.low == pytest.approx(1.5 * (plain.high - plain.low))
    assert wide.p_worse > plain.p_worse


def test_where_every_label_is_right_the_probabilities_are_compared() -> None:
    answers = draw_class_answers(1)
    sure = np.eye(2)[answers.truth] * 0.98 + 0.01
    unsure = np.eye(2)[answers.truth] * 0.4 + 0.3
    perfect, meek = (ClassAnswers(answers.truth, chances, answers.labels) for chances in (sure, unsure))
    for metric in ("accuracy", "roc_auc"):
        found = compare_answers(metric, meek, perfect, 0.01, np.random.default_rng(0))
        assert (found.overall.metric, found.overall.verdict) == ("brier", "worse")


def test_a_margin_of_errors_is_a_share_of_the_champions() -> None:
    values = draw_value_answers(1)
    found = compare_answers("mae", values, values, 0.05, np.random.default_rng(0))
    assert found.overall.margin == pytest.approx(0.05 * found.overall.champion)


def test_a_metric_that_is_not_defined_compares_nothing() -> None:
    answers = draw_class_answers(1)
    lone = answers.take(np.flatnonzero(answers.truth == 0))
    with pytest.raises(Incomparable, match="roc_auc"):
        compare_answers("roc_auc", lone, lone, 0.01, np.random.default_rng(0))


def test_digests_are_sorted_and_eight_bytes_a_row() -> None:
    table = rows(1_000)
    content = dump_digests(table, SPEC.contract.names)
    assert len(content) < 8 * 1_000 + 200
    assert content == dump_digests(table.sample(frac=1, random_state=1), SPEC.contract.names)
    assert len(np.unique(row_digests(table, SPEC.contract.names))) == 1_000
