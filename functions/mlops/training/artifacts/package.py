"""The files of a version: a complete MLflow model folder, readable by people, MLflow and the serving function."""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from mlops.artifact.decision import positive_index
from mlops.artifact.explanation.files import ABOUT, read_reason
from mlops.artifact.inputs import date_from_days, datetime_from_days, time_from_hours
from mlops.artifact.names import (
    CARD,
    CONTRACT,
    DECISION,
    ESTIMATOR,
    EVIDENCE,
    GOLDEN,
    INPUT_EXAMPLE,
    MODEL,
    PROFILE,
    TRAINING_ROWS,
)
from mlops.contract import Column, Contract
from mlops.data.row_digests import PUBLIC_TRAINING_ROWS, ROW, dump_digests
from mlops.pages.canvas import Plot
from mlops.privacy import learnt_text_notes, private_columns, public_names
from mlops.registry.manifest.manifest import Manifest
from mlops.spec import ModelSpec
from mlops.training.artifacts.card import Card, write_card
from mlops.training.artifacts.estimator import dump_estimator
from mlops.training.artifacts.explainer import make_explainer
from mlops.training.artifacts.invented import invent_cells
from mlops.training.artifacts.plots.gallery import draw_plots
from mlops.training.artifacts.profile import profile
from mlops.training.artifacts.references import make_references
from mlops.training.compile.estimator import predict
from mlops.training.gates.examination import Examination

GOLDEN_ROWS = 32
INVENTED_ROWS = 1_000
"""Rows with invented cells of which the golden ones are chosen."""
_LOADER = Path(__file__).parent / "pyfunc" / "mlops_model.py"
_ROOT = Path(__file__).parents[3]  # the folder that holds mlops/
# What the loader imports, directly or not, goes into a version's code/ folder with it.
_LOADED = ("decision", "frame_reader", "frames", "inputs", "matrix", "missing", "names", "session", "spelling")
# What the loader needs to be installed, and MLflow itself.
_PYTHON = platform.python_version()
_NEEDED = ("mlflow-skinny", "numpy", "onnxruntime", "pandas")


@dataclass(frozen=True)
class Package:
    """The files of a version by name, all but the card, and the plots among them with their captions."""

    files: dict[str, bytes]
    plots: tuple[Plot, ...]

    def finished(self, manifest: Manifest, evidence: bytes, spec: ModelSpec) -> dict[str, bytes]:
        """The files with the evidence and the card, which shows the manifest."""
        cautions = (*spec.cautions, *learnt_text_notes(spec.contract))
        shares = json.loads(self.files[PROFILE])["target"] if spec.target.labels else {}
        reason = read_reason(self.files[ABOUT])
        explanations = f"none: {reason}" if reason else "exact, for each answer, if a request asks for them"
        card = Card(manifest, spec.description, spec.uses, cautions, self.plots, shares, explanations)
        return {**self.files, EVIDENCE: evidence, CARD: write_card(card)}


def make_package(estimator: Any, examination: Examination, spec: ModelSpec) -> Package:
    """The files of a version that follow from its estimator and examination."""
    data, model = examination.data, examination.model
    rng = np.random.default_rng(spec.seed)
    plots = draw_plots(model, data.test, examination.evaluation, rng, spec.metric)
    parts = data.train, data.test
    files = make_files(estimator, examination.compiled.content, parts, spec.contract, model.threshold)
    references = make_references(examination.evaluation.answers, data, spec.contract, spec.seed)
    return Package({**files, **references, **{f"plots/{plot.name}.svg": plot.svg for plot in plots}}, plots)


def make_files(
    estimator: Any,
    model: bytes,
    parts: tuple[pd.DataFrame, pd.DataFrame],
    contract: Contract,
    threshold: float | None = None,
) -> dict[str, bytes]:
    """Name → content of the files that follow from the estimator, its compiled model and `parts` alone.

    `parts` are the train and test rows. The same arguments give the same bytes.
    """
    train, test = parts
    golden = _golden(estimator, test, contract)
    return {
        MODEL: model,
        ESTIMATOR: dump_estimator(estimator),
        GOLDEN: _json(golden),
        PROFILE: _json(profile(train, contract)),
        CONTRACT: contract.model_dump_json(indent=2).encode(),
        DECISION: _json({"positive": positive_index(contract.target), "threshold": threshold}),
        INPUT_EXAMPLE: _json({"columns": list(contract.names), "data": [list(golden["rows"][0].values())]}),
        **_training_rows(train, contract),
        **_mlflow_files(contract),
        **make_explainer(estimator, train, contract),
    }


def _golden(estimator: Any, test: pd.DataFrame, contract: Contract) -> dict[str, Any]:
    """Held-out rows with the estimator's answers, from the lowest to the highest answer at even distances.

    The cells of private columns are invented, and the answers are those to the rows with these cells.
    """
    is_private = bool(private_columns(contract))
    if is_private:
        test = _with_invented_cells(test, contract)
    predictions = predict(estimator, test, contract)
    answers = predictions if predictions.ndim == 1 else predictions[:, -1]
    order = np.argsort(answers, kind="stable")
    places = _spread(answers[order]) if is_private else np.linspace(0, len(order) - 1, GOLDEN_ROWS).astype(int)
    chosen = order[np.unique(places)]
    return {
        "rows": to_requests(test.iloc[chosen], contract),
        "probabilities" if contract.target.labels else "values": predictions[chosen].tolist(),
    }


def _with_invented_cells(rows: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Rows like these whose private cells are invented: at least INVENTED_ROWS, of which each repeats others' cells."""
    rows = rows.iloc[np.arange(max(len(rows), INVENTED_ROWS)) % len(rows)].reset_index(drop=True)
    invented = {
        column.name: pd.Series(invent_cells(column, len(rows)), dtype=rows[column.name].dtype)
        for column in private_columns(contract)
    }
    return rows.assign(**invented)


def _spread(answers: NDArray[np.float64]) -> NDArray[np.intp]:
    """GOLDEN_ROWS places in sorted answers: half at even distances of the answers, the others of the places.

    Invented cells may lie so far from real ones that almost all answers are alike; the few others matter most.
    """
    levels = np.linspace(answers[0], answers[-1], GOLDEN_ROWS // 2)
    by_answer = np.unique(np.searchsorted(answers, levels).clip(max=len(answers) - 1))
    others = np.setdiff1d(np.arange(len(answers)), by_answer)
    by_place = others[np.linspace(0, len(others) - 1, GOLDEN_ROWS - len(by_answer)).astype(int)]
    return np.concatenate([by_answer, by_place])


def _training_rows(train: pd.DataFrame, contract: Contract) -> dict[str, bytes]:
    """The digests of the training rows: of their public cells alone, since who guesses a cell could try its digest."""
    if private_columns(contract):
        public = train.drop(columns=ROW, errors="ignore")
        return {PUBLIC_TRAINING_ROWS: dump_digests(public, public_names(contract))}
    return {TRAINING_ROWS: dump_digests(train, contract.names)}


def to_requests(rows: pd.DataFrame, contract: Contract) -> list[dict[str, Any]]:
    """Rows as a request has them: numbers, texts, true or false, times in ISO 8601, and null where missing."""
    cells = {column.name: [_cell(value, column) for value in rows[column.name]] for column in contract.columns}
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def _cell(value: Any, column: Column) -> Any:
    if pd.isna(value):
        return None
    match column.kind:
        case "category":
            return str(value)
        case "boolean":
            return bool(value)
        case "date":
            return date_from_days(value).isoformat()
        case "datetime":
            return datetime_from_days(value).isoformat()
        case "time":
            return time_from_hours(value).isoformat()
        case "integer":
            return int(value)
        case "number":
            return float(value)


def _mlflow_files(contract: Contract) -> Mapping[str, bytes]:
    """What MLflow reads: its description of the folder, the loader, and what that needs."""
    needed = [f"{name}=={library_version(name)}" for name in _NEEDED]
    environment = {"python": _PYTHON, "dependencies": ["-r requirements.txt"]}
    conda = {
        "name": "model",
        "channels": ["conda-forge"],
        "dependencies": [f"python={_PYTHON}", "pip", {"pip": needed}],
    }
    return {
        "MLmodel": _yaml(_mlmodel(contract)),
        **_loader_files(),
        "requirements.txt": "\n".join([*needed, ""]).encode(),
        "python_env.yaml": _yaml(environment),
        "conda.yaml": _yaml(conda),
    }


def _loader_files() -> dict[str, bytes]:
    modules = [_ROOT / "mlops" / "artifact" / f"{name}.py" for name in _LOADED]
    copies = {f"code/{module.relative_to(_ROOT).as_posix()}": module.read_bytes() for module in modules}
    return {f"code/{_LOADER.name}": _LOADER.read_bytes(), **copies}


def _mlmodel(contract: Contract) -> dict[str, Any]:
    """The MLmodel file: ONNX and python_function flavours, and the contract as signature and metadata.

    MLflow's types refuse what they could convert, such as whole numbers in a column of doubles. So the signature has
    names and which are required, the loader decides on the cells, and the metadata shows what they must be.
    """
    inputs = [{"type": "any", "name": column.name, "required": column.required} for column in contract.columns]
    labels = contract.target.labels
    answers = {"label": "string", **{f"p({label})": "double" for label in labels}} if labels else {"value": "double"}
    outputs = [{"type": kind, "name": name, "required": True} for name, kind in answers.items()]
    return {
        "flavors": {
            "onnx": {"data": MODEL, "providers": ["CPUExecutionProvider"], "code": "code"},
            "python_function": {
                "loader_module": "mlops_model",
                "code": "code",
                "python_version": _PYTHON,
                "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
            },
        },
        "signature": {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs), "params": None},
        "metadata": {
            "columns": [column.model_dump(mode="json", exclude_none=True) for column in contract.columns],
            "target": contract.target.model_dump(mode="json", exclude_none=True),
        },
        "saved_input_example_info": {
            "artifact_path": INPUT_EXAMPLE,
            "type": "dataframe",
            "pandas_orient": "split",
        },
    }


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1, allow_nan=False).encode()


def _yaml(document: Any) -> bytes:
    return yaml.safe_dump(document, sort_keys=False).encode()
