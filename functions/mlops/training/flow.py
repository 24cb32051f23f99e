"""The story of a training: from a dataset's bytes to a version, and perhaps a champion."""

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version as library_version

import numpy as np
import pandas as pd

from mlops.data.check import check
from mlops.data.digest import digest_content, training_key
from mlops.data.findings import Rejected
from mlops.data.read import read_dataset
from mlops.data.split import split
from mlops.errors import AliasNotFound
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest import Code, Dataset, Manifest
from mlops.registry.mirror import Mirror
from mlops.registry.store import Store
from mlops.registry.versions import Versions, describe
from mlops.spec import ModelSpec
from mlops.training.compilation import check_parity, compile_estimator, probe_rows
from mlops.training.compiled import CompiledModel
from mlops.training.explainer import make_explainer
from mlops.training.gate import gate_floors, gate_parity
from mlops.training.metrics.catalog import measure
from mlops.training.package import make_files
from mlops.training.profile import profile
from mlops.training.promote import Standing, promote
from mlops.training.search import search

LIBRARIES = ("scikit-learn", "numpy", "pandas", "onnx", "onnxruntime", "optuna", "skops")
PROBES = 4_000


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A dataset as it was uploaded: its address, S3 version and bytes."""

    uri: str
    s3_version: str | None
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A training with the version number that is its own."""

    number: int
    key: str
    dataset: Dataset
    code: Code


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a training, and the rows that it left out."""

    standing: Standing
    manifest: Manifest
    rejected: Rejected


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Trains models into a registry. `progress` is told each step; `now` gives the time, with its zone."""

    store: Store
    mirror: Mirror
    now: Callable[[], datetime]
    progress: Callable[[str], None]

    def train(self, upload: Upload, spec: ModelSpec, code: Code) -> Outcome:
        """Train a version on the dataset, unless this very training was done before; promote it if it earned it.

        Each step may be interrupted and repeated: the same dataset and code always end in the same one version.
        Raises DatasetRejected, CompilationFailed, or what the store or MLflow raise.
        """
        self.progress("read and check")
        checked = check(read_dataset(upload.content, upload.uri), spec)
        rows = checked.rows
        dataset = Dataset(
            uri=upload.uri,
            s3_version=upload.s3_version,
            sha256=digest_content(upload.content),
            rows=len(rows),
            columns=len(rows.columns),
            rejected_rows=len(checked.rejected.rows),
        )
        versions, aliases = Versions(self.store, spec.name), Aliases(self.store, spec.name, self.now)
        key = training_key(spec.name, dataset.sha256, code.sha256)
        number = versions.claim(key)
        if not versions.exists(number):
            claim = Claim(number=number, key=key, dataset=dataset, code=code)
            self._make(claim, rows, spec, versions)
        manifest = versions.manifest(number)
        self.progress("promote and mirror")
        standing = promote(manifest, aliases, by="training", why=f"passed its gates on {upload.uri}")
        self.mirror.register(manifest, _champion(aliases))
        return Outcome(standing=standing, manifest=manifest, rejected=checked.rejected)

    def _make(self, claim: Claim, rows: pd.DataFrame, spec: ModelSpec, versions: Versions) -> None:
        contract = spec.contract
        train, test = split(rows, spec.target, contract.names, spec.test_share, spec.seed)
        self.progress(f"search among {', '.join(spec.candidates)} on {len(train)} rows")
        fitted = search(train, spec, self.progress)
        self.progress(f"compile {fitted.name} to ONNX and compare")
        model = compile_estimator(fitted.estimator, contract)
        probes = probe_rows(fitted.estimator, contract, train, np.random.default_rng(spec.seed), PROBES)
        parity = check_parity(fitted.estimator, contract, model, probes)
        self.progress(f"evaluate on {len(test)} held-out rows")
        compiled = CompiledModel(model, contract, fitted.threshold)
        metrics = {name: _measure(compiled, part) for name, part in (("train", train), ("test", test))}
        gates = [gate_parity(parity), *gate_floors(metrics["test"], spec.floors, spec.target.task)]
        validation = {f"{name}/{spec.metric}": score for name, score in fitted.scores.items()}
        files = make_files(fitted.estimator, model, profile(train, contract), test, contract)
        files |= make_explainer(fitted.estimator, train, contract)
        manifest = Manifest(
            model=spec.name,
            version=claim.number,
            training_key=claim.key,
            created_at=self.now(),
            seed=spec.seed,
            contract=contract,
            dataset=claim.dataset,
            code=claim.code,
            libraries={"python": platform.python_version(), **{name: library_version(name) for name in LIBRARIES}},
            candidate=fitted.name,
            parameters=fitted.parameters,
            search=fitted.search,
            threshold=fitted.threshold,
            metrics={**metrics, "validation": validation},
            gates=tuple(gates),
            files={name: describe(content) for name, content in files.items()},
        )
        self.progress("record and write the version")
        run = self.mirror.record(manifest)
        versions.write(manifest.model_copy(update={"mlflow_run_id": run}), files)


def _measure(model: CompiledModel, rows: pd.DataFrame) -> dict[str, float]:
    """The metrics that are defined on the rows."""
    return {name: value for name, value in measure(model.answer(rows)).items() if math.isfinite(value)}


def _champion(aliases: Aliases) -> int | None:
    try:
        alias = aliases.read(CHAMPION)
    except AliasNotFound:
        return None
    return alias.version if alias else None
