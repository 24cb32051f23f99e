"""A version's files describe the model to people, to MLflow, and to the function that serves it."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
import yaml
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from xgboost import XGBClassifier

from mlops.contract import Contract
from mlops.data.check import check
from mlops.data.read_csv import read_csv
from mlops.spec.search_space import as_candidate
from mlops.training.artifacts.estimator import dump_estimator
from mlops.training.artifacts.package import GOLDEN_ROWS, make_files
from mlops.training.search.estimators import make_estimator
from tests.unit.mlops.samples import make_csv, make_spec

SPEC = make_spec()


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return check(read_csv(make_csv()), SPEC).rows


@pytest.fixture(scope="module")
def estimator(rows: pd.DataFrame) -> Any:
    return as_candidate(make_spec().candidates["linear"]).estimator.fit(rows[list(SPEC.contract.names)], rows["kind"])


@pytest.fixture(scope="module")
def files(rows: pd.DataFrame, estimator: Any) -> dict[str, bytes]:
    return make_files(estimator, b"graph", (rows, rows), SPEC.contract)


def test_golden_rows_are_real_rows_from_the_surest_no_to_the_surest_yes(
    files: dict[str, bytes], rows: pd.DataFrame, estimator: Any
) -> None:
    golden = json.loads(files["golden.json"])
    assert len(golden["rows"]) == len(golden["probabilities"]) == GOLDEN_ROWS
    given = pd.DataFrame(golden["rows"])
    assert {tuple(row) for row in given.to_numpy()} <= {tuple(row) for row in rows[["length", "width"]].to_numpy()}
    long = np.array(golden["probabilities"])[:, 1]
    every = estimator.predict_proba(rows[["length", "width"]])[:, 0]
    assert list(estimator.classes_) == ["long", "short"]
    assert (long.min(), long.max()) == (every.min(), every.max())


def test_the_kept_estimator_answers_as_the_fitted_one(
    files: dict[str, bytes], rows: pd.DataFrame, estimator: Any
) -> None:
    kept = skops.io.loads(files["estimator.skops"])
    columns = rows[["length", "width"]]
    np.testing.assert_array_equal(kept.predict_proba(columns), estimator.predict_proba(columns))


def test_the_contract_comes_back_as_it_was(files: dict[str, bytes]) -> None:
    assert Contract.model_validate_json(files["contract.json"]) == SPEC.contract


def test_mlflows_file_has_the_contract_for_a_signature(files: dict[str, bytes]) -> None:
    described = yaml.safe_load(files["MLmodel"])
    inputs = json.loads(described["signature"]["inputs"])
    assert [(each["name"], each["type"], each["required"]) for each in inputs] == [
        ("length", "any", True),
        ("width", "any", True),
    ]
    assert [(each["name"], each["kind"]) for each in described["metadata"]["columns"]] == [
        ("length", "number"),
        ("width", "number"),
    ]
    assert described["flavors"]["onnx"]["data"] in files
    assert described["saved_input_example_info"]["artifact_path"] in files
    example = json.loads(files["input_example.json"])
    assert example["columns"] == list(SPEC.contract.names)
    assert len(example["data"][0]) == len(example["columns"])


def test_the_profile_has_the_quantiles_of_each_column_and_the_classes(
    files: dict[str, bytes], rows: pd.DataFrame
) -> None:
    described = json.loads(files["profile.json"])
    assert described["rows"] == 60
    assert described["target"] == {"long": 0.5, "short": 0.5}
    length = described["columns"]["length"]
    assert length["missing"] == 0
    assert length["quantiles"]["0.5"] == rows["length"].median()
    assert (length["quantiles"]["0.0"], length["quantiles"]["1.0"]) == (rows["length"].min(), rows["length"].max())
    assert length["mean"] == pytest.approx(rows["length"].mean())


@pytest.mark.parametrize(
    "classifier", [XGBClassifier(n_estimators=3), LGBMClassifier(), CatBoostClassifier(iterations=3)]
)
def test_a_boosting_library_s_estimator_has_the_same_bytes_at_each_fit_and_answers_from_its_file(
    classifier: Any, rows: pd.DataFrame
) -> None:
    inputs = rows[list(SPEC.contract.names)]
    first, second = (make_estimator(classifier, {}, 0, len(rows)).fit(inputs, rows["kind"]) for _ in range(2))
    content = dump_estimator(first)
    assert dump_estimator(second) == content
    loaded = skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    np.testing.assert_array_equal(loaded.predict_proba(inputs), second.predict_proba(inputs))
