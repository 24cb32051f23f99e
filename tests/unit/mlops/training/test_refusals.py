"""A worse dataset is refused for the right reason while the champion serves; a better one is promoted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from mlops.contract import Column, Target
from mlops.data.split import split
from mlops.errors.data import DatasetRejected
from mlops.intake.training import Outcome
from mlops.registry.manifest.manifest import Gate, Manifest
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import make_csv
from tests.unit.mlops.training.fakes import Bench

SPEC = ModelSpec(
    name="leaves",
    target=Target(name="kind", task="binary", labels=("short", "long"), positive="long"),
    columns=(
        Column(name="length", unit="mm"),
        Column(name="width", unit="mm"),
        Column(name="north", kind="boolean"),
    ),
    candidates={"linear": LogisticRegression(max_iter=1_000)},
    metric="roc_auc",
    floors={"accuracy": 0.7},
    slices=("north",),
    margin=0.02,
    min_rows=40,
)
HEADER = "length,width,north,kind"
type Table = tuple[NDArray[np.float64], NDArray[np.bool_]]  # numbers [rows, 3], and whether each leaf is long


def draw(rows: int, seed: int = 0) -> Table:
    """Leaves whose length and width each tell something of their kind, wherever they grow."""
    rng = np.random.default_rng(seed)
    long = rng.random(rows) < 0.5
    length = rng.normal(30 + 12 * long, 6)
    width = rng.normal(10 + 4 * long, 3)
    return np.column_stack([length, width, rng.random(rows) < 0.4]), long


def to_csv(table: Table) -> bytes:
    lines = [
        f"{length:.4f},{width:.4f},{'true' if north else 'false'},{'long' if long else 'short'}"
        for (length, width, north), long in zip(*table, strict=True)
    ]
    return make_csv(lines, HEADER)


def gate_of(outcome: Outcome[Manifest], name: str) -> Gate:
    (gate,) = [gate for gate in outcome.manifest.gates if gate.name == name]
    return gate


def failed(outcome: Outcome[Manifest]) -> set[str]:
    return {gate.name for gate in outcome.manifest.gates if not gate.passed}


@pytest.fixture
def bench() -> Bench:
    """A bench with a champion, trained on 1,600 good rows."""
    bench = Bench()
    assert bench.train(to_csv(draw(1_600)), SPEC).standing == "promoted"
    return bench


def assert_refused(bench: Bench, outcome: Outcome[Manifest]) -> None:
    """The version is kept with its reasons, and the champion serves."""
    assert outcome.standing == "refused"
    assert bench.champion == 1
    assert bench.versions.numbers() == [1, 2]
    assert bench.versions.manifest(2).gates == outcome.manifest.gates
    bench.check()


def test_shuffled_labels_are_refused_since_nothing_can_be_learned(bench: Bench) -> None:
    numbers, long = draw(1_600)
    outcome = bench.train(to_csv((numbers, np.random.default_rng(1).permutation(long))), SPEC)
    assert_refused(bench, outcome)
    assert {"baseline", "floor/accuracy"} <= failed(outcome)
    assert gate_of(outcome, "baseline").observed == "no better"


def test_a_broken_slice_is_refused_by_its_name_though_the_whole_is_good(bench: Bench) -> None:
    numbers, long = draw(2_000, seed=5)
    north = numbers[:, 2] == 1
    first = np.flatnonzero(north)[: int(0.55 * north.sum())]
    long = long.copy()
    long[first] = np.random.default_rng(1).permutation(long[first])
    spec = replace(SPEC, floors={"accuracy": 0.7, "roc_auc": 0.8})
    outcome = bench.train(to_csv((numbers, long)), spec)
    assert_refused(bench, outcome)
    slices = gate_of(outcome, "floor/roc_auc/slices")
    assert gate_of(outcome, "floor/roc_auc").passed
    assert not slices.passed
    assert "where north = true" in (slices.detail or "")


def test_a_slice_that_the_candidate_answers_worse_is_refused_by_its_name() -> None:
    """What the candidate learns of the north is turned round; the rows that both are asked about are as before."""
    bench, numbers, long = Bench(), *draw(1_600)
    spec = replace(SPEC, candidates={"boosted": HistGradientBoostingClassifier(max_iter=40)}, floors={"accuracy": 0.3})
    assert bench.train(to_csv((numbers, long)), spec).standing == "promoted"
    table = pd.DataFrame(numbers, columns=spec.contract.names).round(4).assign(kind=np.where(long, "long", "short"))
    train, _ = split(table, spec.target, spec.contract.names, spec.test_share, spec.seed)
    learned = table.index.isin(train.index) & (numbers[:, 2] == 1)
    outcome = bench.train(to_csv((numbers, np.where(learned, ~long, long))), spec)
    assert_refused(bench, outcome)
    gate = gate_of(outcome, "champion/slices")
    assert (gate.passed, gate.observed) == (False, "worse")
    assert "where north = true" in (gate.detail or "")
    assert "where north = false" not in (gate.detail or "")


def test_a_leaking_column_is_refused_by_its_name_before_any_training(bench: Bench) -> None:
    numbers, long = draw(1_600)
    numbers[:, 1] = 2.0 * long + np.random.default_rng(0).normal(0, 0.01, len(long))
    with pytest.raises(DatasetRejected) as caught:
        bench.train(to_csv((numbers, long)), SPEC)
    (violation,) = caught.value.violations
    assert violation.column == "width"
    assert (bench.versions.numbers(), bench.champion) == ([1], 1)


def assert_held(bench: Bench, outcome: Outcome[Manifest]) -> None:
    """The version waits for a person with its reasons, and the champion serves."""
    assert outcome.standing == "held"
    assert bench.champion == 1
    assert bench.versions.manifest(2).gates == outcome.manifest.gates
    bench.check()


def test_a_much_smaller_dataset_is_held_and_not_shown_to_be_as_good() -> None:
    bench, numbers, long = Bench(), *draw(1_600)
    spec = replace(SPEC, candidates={"boosted": HistGradientBoostingClassifier(max_iter=40)})
    assert bench.train(to_csv((numbers, long)), spec).standing == "promoted"
    outcome = bench.train(to_csv((numbers[:320], long[:320])), spec)
    assert_held(bench, outcome)
    assert failed(outcome) == {"champion", "consistency/size"}
    gate = gate_of(outcome, "champion")
    assert gate.observed == "undecided"
    assert "not shown to be as good as version 1" in (gate.detail or "")
    assert "320 rows, and that of version 1 had 1,600" in (gate_of(outcome, "consistency/size").detail or "")


def test_a_tiny_dataset_is_held_since_there_are_no_rows_to_compare_on(bench: Bench) -> None:
    numbers, long = draw(1_600)
    outcome = bench.train(to_csv((numbers[:100], long[:100])), SPEC)
    assert_held(bench, outcome)
    assert gate_of(outcome, "champion").observed == "incomparable"
    assert "needs at least 30 fresh ones" in (gate_of(outcome, "champion").detail or "")


def test_more_rows_of_the_same_quality_are_promoted(bench: Bench) -> None:
    old, new = draw(1_600), draw(1_600, seed=9)
    both = tuple(np.concatenate(parts) for parts in zip(old, new, strict=True))
    outcome = bench.train(to_csv((both[0], both[1])), SPEC)
    assert outcome.standing == "promoted", outcome.manifest.gates
    assert bench.champion == 2
    comparison = outcome.manifest.comparison
    assert comparison
    assert comparison.version == 1
    assert 600 <= comparison.fresh_rows <= 800
    assert comparison.rows == comparison.fresh_rows + 2_400
    bench.check()


def test_a_better_dataset_is_promoted_as_better() -> None:
    """The champion learned from few leaves that were measured badly."""
    bench = Bench()
    numbers, long = draw(300, seed=3)
    noisy = numbers + np.random.default_rng(1).normal(0, [25, 12, 0], numbers.shape)
    rough = replace(SPEC, floors={"accuracy": 0.5})
    assert bench.train(to_csv((noisy, long)), rough).standing == "promoted"
    outcome = bench.train(to_csv(draw(2_000, seed=4)), rough)
    assert outcome.standing == "promoted", outcome.manifest.gates
    assert gate_of(outcome, "champion").observed == "better"
    assert bench.champion == 2


def test_a_spec_that_lacks_the_champions_columns_is_left_to_a_person(bench: Bench) -> None:
    narrow = replace(SPEC, columns=SPEC.columns[:1], slices=())
    numbers, long = draw(1_600)
    lines = [f"{row[0]:.4f},{'long' if kind else 'short'}" for row, kind in zip(numbers, long, strict=True)]
    outcome = bench.train(make_csv(lines, "length,kind"), narrow)
    assert outcome.standing == "held"
    assert "version 1 needs width, north" in (gate_of(outcome, "champion").detail or "")
    assert bench.champion == 1
