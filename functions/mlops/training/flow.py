"""The story of a training: from a dataset's bytes to a version, and perhaps a champion."""

import platform
from collections.abc import Callable, Iterator
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
from mlops.errors import TrainingContested
from mlops.registry.aliases import Aliases
from mlops.registry.manifest.manifest import Code, Dataset, Gate, Manifest
from mlops.registry.manifest.search import Search
from mlops.registry.promotion import Standing, promote_candidate, serving_version
from mlops.registry.store import Store, open_store
from mlops.registry.versions import Versions, describe
from mlops.spec import ModelSpec
from mlops.tracking.mirror import Mirror, register_version
from mlops.training.artifacts.card import Card, write_card
from mlops.training.artifacts.explainer import make_explainer
from mlops.training.artifacts.package import GOLDEN_ROWS, make_files
from mlops.training.artifacts.plots.canvas import Plot
from mlops.training.artifacts.plots.gallery import draw_plots
from mlops.training.compile import check_parity, compile_estimator, probe_rows
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.head_to_head import MODEL, meet
from mlops.training.evaluation.held_out import evaluate, measured
from mlops.training.gates.baseline import answer_trivially
from mlops.training.gates.champion import gate_champion
from mlops.training.gates.compiled import gate_golden
from mlops.training.gates.examination import Examination
from mlops.training.gates.footprint_probe.measure import measure_footprint
from mlops.training.search import search
from mlops.training.search.compilable import check_candidates
from mlops.training.search.sample import sample
from mlops.training.serving import Serve

LIBRARIES = ("scikit-learn", "numpy", "pandas", "onnx", "onnxruntime", "optuna", "skops", "matplotlib")
PROBES = 4_000
PROBED = 20_000  # training rows, among which are enough that reach any split
EVIDENCE = "evidence.json"
CARD = "card.html"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A dataset as it was uploaded: its address, S3 version and bytes."""

    uri: str
    s3_version: str | None
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A training with the version number that is its own, and the champion that it must stand beside."""

    number: int
    key: str
    dataset: Dataset
    code: Code
    champion: int | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a training, and the rows that it left out."""

    standing: Standing
    manifest: Manifest
    rejected: Rejected


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Trains models into a registry.

    `serve` is the serving code, which must take a version before it's accepted. `progress` is told each step; `now`
    gives the time, with its zone. An `earlier` search is run again, trial by trial, instead of one that time could cut.
    """

    store: Store
    mirror: Mirror
    serve: Serve
    now: Callable[[], datetime]
    progress: Callable[[str], None]
    earlier: Search | None = None

    def train(self, upload: Upload, spec: ModelSpec, code: Code) -> Outcome:
        """Train a version on the dataset, unless this very training was done before; promote it if it earned it.

        Each step may be interrupted and repeated: the same dataset and code always end in the same one version.
        Raises DatasetRejected, TrainingContested, or what the store or MLflow raise; and CompilationFailed: at once for
        candidates that can't be compiled, as far as can be told before they are fitted.
        """
        check_candidates(spec)
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
        parts = split(rows, spec.target, spec.contract.names, spec.test_share, spec.seed)
        if not versions.exists(number):
            claim = Claim(number=number, key=key, dataset=dataset, code=code, champion=serving_version(aliases))
            self._make(claim, parts, spec, versions)
        manifest = versions.manifest(number)
        self.progress("promote and mirror")

        def meet_now(champion: int) -> Iterator[Gate]:
            model = CompiledModel(versions.read(manifest, MODEL), manifest.contract, manifest.threshold)
            return gate_champion(meet(model, versions, champion, parts[1], spec))

        standing = promote_candidate(
            manifest, aliases, by="training", why=f"passed its gates on {upload.uri}", meet=meet_now
        )
        register_version(self.mirror, manifest, aliases)
        return Outcome(standing=standing, manifest=manifest, rejected=checked.rejected)

    def _make(
        self, claim: Claim, parts: tuple[pd.DataFrame, pd.DataFrame], spec: ModelSpec, versions: Versions
    ) -> None:
        contract = spec.contract
        train, test = parts
        self.progress(f"search among {', '.join(spec.candidates)} on {len(train)} rows")
        fitted = search(train, spec, self.progress, self.earlier or self._searched(claim.number, versions))
        self.progress(f"compile {fitted.name} to ONNX and compare")
        content = compile_estimator(fitted.estimator, contract)
        some = train.iloc[sample(train[spec.target.name], PROBED, labels=bool(spec.target.labels), seed=spec.seed)]
        probes = probe_rows(fitted.estimator, contract, some, np.random.default_rng(spec.seed), PROBES)
        model = CompiledModel(content, contract, fitted.threshold)
        self.progress(f"evaluate on {len(test)} held-out rows")
        evaluation = evaluate(model, test, spec)
        trivial = answer_trivially(train, test, contract, spec.metric)
        self.progress("compare with the champion" if claim.champion else "there is no champion to compare with")
        examination = Examination(
            model=model,
            test=test,
            evaluation=evaluation,
            trivial=trivial,
            comparison=meet(model, versions, claim.champion, test, spec) if claim.champion else None,
            parity=check_parity(fitted.estimator, contract, content, probes),
            footprint=measure_footprint(content, contract, test),
        )
        self.progress("draw plots and write the card")
        plots = draw_plots(model, test, evaluation, np.random.default_rng(spec.seed))
        files = make_files(fitted.estimator, content, parts, contract, fitted.threshold)
        files |= make_explainer(fitted.estimator, train, contract)
        files |= {f"plots/{plot.name}.svg": plot.svg for plot in plots}
        found = Manifest(
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
            metrics={
                "train": measured(model.answer(train)),
                "test": measured(evaluation.answers),
                "baseline": measured(trivial),
                "validation": {f"{name}/{spec.metric}": score for name, score in fitted.scores.items()},
            },
            estimates=evaluation.recorded,
            slices=evaluation.slices,
            too_small=evaluation.too_small,
            comparison=examination.comparison,
            gates=tuple(examination.gates(spec)),
            files={name: describe(given) for name, given in files.items()},
        )
        found = found.model_copy(update={"gates": (*found.gates, self._rehearse(found, files))})
        self._write(found, files, spec, plots, versions)

    def _searched(self, number: int, versions: Versions) -> Search | None:
        """The search of an earlier try that found a winner and then was interrupted: time may have cut it elsewhere."""
        evidence = versions.pinned(number, EVIDENCE)
        return Manifest.model_validate_json(evidence).search if evidence else None

    def _rehearse(self, manifest: Manifest, files: dict[str, bytes]) -> Gate:
        """Have the serving code take the version, in a registry of its own."""
        versions = Versions(open_store("memory://"), manifest.model)
        versions.write(manifest, files)
        return gate_golden(self.serve, versions, manifest.version, GOLDEN_ROWS)

    def _write(
        self, found: Manifest, files: dict[str, bytes], spec: ModelSpec, plots: tuple[Plot, ...], versions: Versions
    ) -> None:
        """Write the version with what its first try found: times differ from try to try, and a version has but one."""
        evidence = versions.pin(found.version, EVIDENCE, found.model_dump_json(indent=2).encode())
        manifest = Manifest.model_validate_json(evidence)
        if manifest.files != found.files:
            raise TrainingContested(found.model, found.version)
        card = Card(manifest, spec.description, spec.uses, spec.cautions, plots)
        files = {**files, EVIDENCE: evidence, CARD: write_card(card)}
        manifest = manifest.model_copy(update={"files": {name: describe(given) for name, given in files.items()}})
        self.progress("record and write the version")
        run = self.mirror.record(manifest, files)
        if run is None:
            self.progress("no MLflow is configured (MLFLOW_TRACKING_URI): the registry alone has this version")
        versions.write(manifest.model_copy(update={"mlflow_run_id": run}), files)
