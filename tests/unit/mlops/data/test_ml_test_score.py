"""The seven tests of data in "The ML Test Score" (E. Breck and others, IEEE Big Data 2017), each by its name."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops.artifact.inputs import Inputs
from mlops.contract import Column, Contract, Kind, Target
from mlops.data.check import check
from mlops.data.inference import draft
from mlops.data.kinds import as_kind
from mlops.data.leakage.identifiers import is_named_so
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from mlops.evaluation.gates.footprint import Footprint, gate_footprint
from mlops.evaluation.metrics.answers import make_answers
from mlops.evaluation.metrics.catalog import find_metric
from mlops.intake.report import to_lines
from mlops.serving.rows.reader import RowReader
from mlops.spec import ModelSpec, list_specs, load_spec
from mlops.spec.candidates import candidates_for
from mlops.spec.expectations import Limits
from mlops.spec.search_space import as_candidate
from mlops.spec.table import boolean, category, date, integer, labels, number, table_spec
from mlops.training.artifacts.plots.importance import permute_columns
from mlops.training.compile import compile_estimator
from mlops.training.compile.converters import CONVERTERS
from mlops.training.compile.estimator import predict
from tests.unit.mlops.samples import HEADER, make_csv, make_lines, make_spec

SPECS = [spec for spec in map(load_spec, list_specs()) if isinstance(spec, ModelSpec)]


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
def test_data_1_feature_expectations_are_captured_in_a_schema(spec: ModelSpec) -> None:
    numbers = [column for column in spec.columns if column.kind in ("number", "integer")]
    assert [column.name for column in numbers if column.minimum is None or column.maximum is None] == []
    with pytest.raises(DatasetRejected) as caught:
        check(pa.table({name: ["beyond any expectation"] for name in (*spec.contract.names, spec.target.name)}), spec)
    assert {each.column for each in caught.value.violations} == {*spec.contract.names, spec.target.name}


def test_data_2_all_features_are_beneficial_or_seen_not_to_be() -> None:
    random = np.random.default_rng(0)
    lines = [f"{line.rpartition(',')[0]},{random.normal():.3f},{line.rpartition(',')[2]}" for line in make_lines(200)]
    spec = make_spec(columns=(*make_spec().columns, Column(name="noise")))
    rows = check(read_csv(make_csv(lines, "length,width,noise,kind")), spec).rows
    inputs = rows[list(spec.contract.names)]
    estimator = as_candidate(spec.candidates["linear"]).estimator.fit(inputs, rows["kind"])

    def answer(frame: pd.DataFrame, places: Any) -> Any:
        truth = rows.iloc[places].reset_index(drop=True)
        return make_answers(predict(estimator, frame, spec.contract), truth, spec.contract, None)

    metric: Any = find_metric("accuracy", "binary")
    worth = {each.column: each for each in permute_columns(inputs, answer, metric, np.random.default_rng(1))}
    assert worth["length"].loss > 0.3
    assert abs(worth["noise"].loss) < 0.02


def test_data_3_no_features_cost_is_too_much() -> None:
    random = np.random.default_rng(0)
    lines = [f"place {random.integers(400)},{row / 7},{'ab'[row % 2]}" for row in range(1_000)]
    table = read_csv(make_csv(lines, "place,x,y"))
    made = draft(table, "places", "y")
    assert "'place' has 366 different texts: the model gets the mean of the target for each" in made.notes[0]
    assert made.target_encoded == ("place",)

    def size(columns: Sequence[Column]) -> float:
        contract = Contract(columns=tuple(columns), target=made.target)
        rows = check(table.select([*contract.names, "y"]), table_spec("t", made.target, contract.columns)).rows
        estimator = candidates_for(contract)["linear"].estimator.fit(rows[list(contract.names)], rows["y"])
        return len(compile_estimator(estimator, contract)) / 1e6

    # With a column of the model for each text, as before the draft chose the mean, the gate refuses it.
    costly, cheap = size(made.columns), size([column for column in made.columns if column.name == "x"])
    limits = Limits(size_mb=2 * cheap)
    footprints = [Footprint(size_mb=size_mb, load_seconds=0, memory_mb=0, latency_ms=0) for size_mb in (cheap, costly)]
    passed = [next(gate for gate in gate_footprint(each, limits) if "size" in gate.name).passed for each in footprints]
    assert passed == [True, False]


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
def test_data_4_features_adhere_to_meta_level_requirements(spec: ModelSpec) -> None:
    for column in spec.columns:
        assert not is_named_so(column.name), f"{column.name} is an identifier"
        assert column.description, f"nobody can tell what {column.name} means"
    leaking = make_spec(columns=(*make_spec().columns, Column(name="copy", kind="category")))
    lines = [f"{line.rpartition(',')[0]},{line[-4:]}x,{line.rpartition(',')[2]}" for line in make_lines()]
    with pytest.raises(DatasetRejected) as caught:
        check(read_csv(make_csv(lines, "length,width,copy,kind")), leaking)
    assert [(each.rule, each.column) for each in caught.value.violations] == [("copy", "copy")]


@pytest.mark.parametrize("privacy", ["hash", "drop"])
def test_data_5_the_data_pipeline_has_privacy_controls(privacy: str) -> None:
    private = [column.model_copy(update={"privacy": privacy}) for column in make_spec().columns]
    spec = make_spec(columns=tuple(private), key=("owner",))
    lines = [f"MARKED-{row},{line}" for row, line in enumerate(make_lines())]
    broken = [*lines, "MARKED-3,5,6,long", "MARKED-99,MARKED,77.125,long", ",MARKED,3,long"]
    with pytest.raises(DatasetRejected) as caught:
        check(read_csv(make_csv(broken, f"owner,{HEADER}")), spec)
    assert len(caught.value.violations) == 4
    told = [caught.value.reason, str(caught.value), to_lines(caught.value.violations).decode()]
    for text in told:
        assert "MARKED" not in text
        assert "77.125" not in text


def test_data_6_new_features_can_be_added_quickly() -> None:
    lines = [f"{line.rpartition(',')[0]},oak,{line.rpartition(',')[2]}" for line in make_lines()]
    target = labels("kind", "short", "long")
    before = number("length", 0, 100), number("width", 0, 50)
    spec = table_spec("leaves", target, *before, category("tree", "oak", "elm"), min_rows=40, vouched=("length",))
    rows = check(read_csv(make_csv(lines, "length,width,tree,kind")), spec).rows
    for candidate in spec.candidates.values():
        fitted = candidate.estimator.fit(rows[list(spec.contract.names)], rows["kind"])
        compile_estimator(fitted, spec.contract)


CELLS: dict[Kind, tuple[str, object]] = {
    "number": ("1.5", 1.5),
    "integer": ("3", 3),
    "boolean": ("true", True),
    "date": ("2026-11-24", "2026-11-24"),
    "category": ("oak", "oak"),
}


def test_data_7_all_input_feature_code_is_tested() -> None:
    """Every kind means the same in a dataset and in a request, and each step of each candidate compiles."""
    columns = (*number("number"), *integer("integer"), *boolean("boolean"), *date("date"), *category("category"))
    assert {column.kind for column in columns} == {*CELLS}
    contract = Contract(columns=columns, target=Target(name="y", task="regression"))
    body = {"rows": [{kind: asked for kind, (_, asked) in CELLS.items()}]}
    fed = Inputs(contract)(RowReader(contract, 1).read(json.dumps(body).encode()))
    read = {kind: as_kind(pa.chunked_array([[text]]), kind).values[0] for kind, (text, _) in CELLS.items()}
    assert fed["numbers"][0].tolist() == [read[column.kind] for column in columns if column.kind != "category"]
    assert fed["categories"][0].tolist() == [read["category"]]
    for candidate in candidates_for(contract).values():
        steps = [
            step for _, step, _ in candidate.estimator.named_steps["prepare"].transformers if step != "passthrough"
        ]
        assert {type(step) for step in steps} <= {*CONVERTERS.transformers}
