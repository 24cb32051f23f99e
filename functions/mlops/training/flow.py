"""The story of a training: from a dataset's bytes to a version, and perhaps a champion."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version as library_version

import numpy as np
import pandas as pd

from mlops.artifact.names import CARD, EVIDENCE, MODEL
from mlops.data.check import check
from mlops.data.digest import digest_content, training_key
from mlops.data.findings import Rejected
from mlops.data.read import read_dataset
from mlops.data.split import split
from mlops.errors import TrainingContested
from mlops.registry.aliases import Aliases
from mlops.registry.manifest.manifest import Code, Dataset, Gate, Manifest
from mlops.registry.manifest.search import Search
from mlops.registry.promotion import Standing, champion_version, promote_candidate
from mlops.registry.store import Store, open_store
from mlops.registry.versions import Versions, describe
from mlops.spec import ModelSpec
from mlops.tracking.mirror import Mirror, register_version
from mlops.training.artifacts.card import Card, write_card
from mlops.training.artifacts.package import GOLDEN_ROWS, make_files
from mlops.training.artifacts.plots.canvas import Plot
from mlops.training.artifacts.plots.gallery import draw_plots
from mlops.training.compile import compile_and_check
from mlops.training.evaluation.champion_comparison import compare_with_champion
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.measurement import defined_metrics, evaluate
from mlops.training.gates.baseline import answer_baseline
from mlops.training.gates.champion import gate_champion
from mlops.training.gates.compiled import LoadForServing, gate_golden
from mlops.training.gates.suite import GateInputs, run_gates
from mlops.training.search import search
from mlops.training.search.sample import sample

LIBRARIES = ("scikit-learn", "numpy", "pandas", "onnx", "onnxruntime", "optuna", "skops", "matplotlib")
PROBED_ROWS = 20_000  # training rows to make probes from: enough that some reach any split


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A dataset as it was uploaded: its address, S3 version and bytes."""

    uri: str
    s3_version: str | None
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A training with the version number that it claimed, and the champion to compare with."""

    number: int
    key: str
    dataset: Dataset
    code: Code
    champion: int | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a training, and the rows that it left out."""

    standing: Standing
    manifest: Manifest
    rejected: Rejected


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Trains models into a registry.

    `load_for_serving` is how the serving code loads a version, which must succeed for a version to be accepted.
    `progress` is called with each step; `now` gives the time, with its zone. With an `earlier` search its trials are
    repeated, in place of a new search that the time limit could end elsewhere.
    """

    store: Store
    mirror: Mirror
    load_for_serving: LoadForServing
    now: Callable[[], datetime]
    progress: Callable[[str], None]
    earlier: Search | None = None

    def train(self, upload: Upload, spec: ModelSpec, code: Code) -> Outcome:
        """Train a version on the dataset, unless this very training was done before, and promote it if it earned it.

        Each step may be interrupted and repeated: the same dataset and code always end in the same one version.
        Raises DatasetRejected, CompilationFailed, TrainingContested, or what the store or MLflow raise.
        """
        self.progress("read and check the dataset")
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
        parts = split(rows, spec.target, spec.contract.names, spec.test_share, spec.seed)
        if not versions.exists(number):
            claim = Claim(number=number, key=key, dataset=dataset, code=code, champion=champion_version(aliases))
            self._make(claim, parts, spec, versions)
        manifest = versions.manifest(number)

        def gates_against(champion: int) -> Iterator[Gate]:
            model = CompiledModel(versions.read(manifest, MODEL), manifest.contract, manifest.threshold)
            return gate_champion(compare_with_champion(model, versions, champion, parts[1], spec))

        self.progress("promote the version and mirror it in MLflow")
        why = f"passed its gates on {upload.uri}"
        standing = promote_candidate(manifest, aliases, by="training", why=why, gates_against=gates_against)
        register_version(self.mirror, manifest, aliases)
        return Outcome(standing=standing, manifest=manifest, rejected=checked.rejected)

    def _make(
        self, claim: Claim, parts: tuple[pd.DataFrame, pd.DataFrame], spec: ModelSpec, versions: Versions
    ) -> None:
        """Search, compile, evaluate, run the gates, make the files, and write the version."""
        contract, (train, test) = spec.contract, parts
        self.progress(f"search among {', '.join(spec.candidates)} on {len(train)} rows")
        found = search(train, spec, self.progress, self.earlier or self._interrupted_search(claim.number, versions))
        self.progress(f"compile {found.name} to ONNX and compare the two")
        probed = sample(train[spec.target.name], PROBED_ROWS, labels=bool(spec.target.labels), seed=spec.seed)
        compiled = compile_and_check(found.estimator, contract, train.iloc[probed], spec.seed)
        model = CompiledModel(compiled.content, contract, found.threshold)
        self.progress(f"evaluate on {len(test)} held-out rows")
        evaluation, baseline = evaluate(model, test, spec), answer_baseline(train, test, contract, spec.metric)
        self.progress("compare with the champion" if claim.champion else "there is no champion to compare with")
        comparison = compare_with_champion(model, versions, claim.champion, test, spec) if claim.champion else None
        given = GateInputs(
            compiled=compiled, model=model, test=test, evaluation=evaluation, baseline=baseline, comparison=comparison
        )
        gates = tuple(run_gates(given, spec))
        self.progress("draw plots and write the card")
        plots = draw_plots(model, test, evaluation, np.random.default_rng(spec.seed))
        files = make_files(found.estimator, compiled.content, parts, contract, found.threshold)
        files |= {f"plots/{plot.name}.svg": plot.svg for plot in plots}
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
            candidate=found.name,
            parameters=found.parameters,
            search=found.search,
            threshold=found.threshold,
            metrics={
                "train": defined_metrics(model.answer(train)),
                "test": defined_metrics(evaluation.answers),
                "baseline": defined_metrics(baseline),
                "validation": {f"{name}/{spec.metric}": score for name, score in found.scores.items()},
            },
            estimates=evaluation.estimates,
            slices=evaluation.slices,
            too_small=evaluation.too_small,
            comparison=comparison,
            gates=gates,
            files={name: describe(content) for name, content in files.items()},
        )
        manifest = manifest.model_copy(update={"gates": (*gates, self._load_as_served(manifest, files))})
        self._write(manifest, files, spec, plots, versions)

    def _interrupted_search(self, number: int, versions: Versions) -> Search | None:
        """The search of an earlier attempt that was interrupted later: another could be ended by time elsewhere."""
        evidence = versions.pinned(number, EVIDENCE)
        return Manifest.model_validate_json(evidence).search if evidence else None

    def _load_as_served(self, manifest: Manifest, files: dict[str, bytes]) -> Gate:
        """Have the serving code load the version, from a registry in memory."""
        versions = Versions(open_store("memory://"), manifest.model)
        versions.write(manifest, files)
        return gate_golden(self.load_for_serving, versions, manifest.version, GOLDEN_ROWS)

    def _write(
        self, found: Manifest, files: dict[str, bytes], spec: ModelSpec, plots: tuple[Plot, ...], versions: Versions
    ) -> None:
        """Write the version with the manifest of its first attempt: attempts measure other times, a version has one."""
        evidence = versions.pin(found.version, EVIDENCE, found.model_dump_json(indent=2).encode())
        manifest = Manifest.model_validate_json(evidence)
        if manifest.files != found.files:
            raise TrainingContested(found.model, found.version)
        card = Card(manifest, spec.description, spec.uses, spec.cautions, plots)
        files = {**files, EVIDENCE: evidence, CARD: write_card(card)}
        manifest = manifest.model_copy(update={"files": {name: describe(content) for name, content in files.items()}})
        self.progress("record the run and write the version")
        run = self.mirror.record(manifest, files)
        if run is None:
            self.progress("no MLflow is configured (MLFLOW_TRACKING_URI): the version is in the registry alone")
        versions.write(manifest.model_copy(update={"mlflow_run_id": run}), files)
