"""The story of a training: from a dataset's bytes to a version, and perhaps a champion."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version as library_version
from typing import Any

from mlops.artifact.names import EVIDENCE
from mlops.data.digest import digest_content, training_key
from mlops.data.load import TrainingData, load_dataset
from mlops.intake.resources import UNLIMITED, Resources
from mlops.intake.training import LoadForServing, Outcome, Upload
from mlops.registry.aliases import Alias, Aliases
from mlops.registry.canary import CanaryPlan, start_canary
from mlops.registry.manifest.manifest import Code, Dataset, Manifest
from mlops.registry.manifest.search import Search
from mlops.registry.promotion import TRAINING, champion_version, promote_candidate
from mlops.registry.standard import Standard, best_version
from mlops.registry.store import Store
from mlops.registry.versions import Versions, describe
from mlops.spec import ModelSpec
from mlops.tracking.finish import write_once
from mlops.tracking.mirror import Mirror, register_version
from mlops.training.artifacts.package import GOLDEN_ROWS, make_package
from mlops.training.compile import compile_and_check
from mlops.training.duration import check_time
from mlops.training.evaluation.procedure import Procedure
from mlops.training.evaluation.remarks import find_remarks
from mlops.training.gates.examination import examine, gate_against, gate_loaded
from mlops.training.search import search
from mlops.training.search.compilable import check_candidates
from mlops.training.search.estimators import name_estimator
from mlops.training.search.fan_out import fit, plan, read_scores, write_outcome
from mlops.training.search.scores import FoldFit

LIBRARIES = ("scikit-learn", "numpy", "pandas", "onnx", "onnxruntime", "optuna", "skops", "matplotlib")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A training with the version number that it claimed, and the versions to compare with."""

    number: int
    key: str
    dataset: Dataset
    code: Code
    standard: Standard


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Trains models of tables into a registry.

    `load_for_serving` is how the serving code loads a version, which must succeed for a version to be accepted.
    `progress` is called with each step; `now` gives the time, with its zone. With an `earlier` search its trials are
    repeated, in place of a new search that the time limit could end elsewhere. `resources` bound the search's time and
    what is read.
    """

    store: Store
    mirror: Mirror
    load_for_serving: LoadForServing
    now: Callable[[], datetime]
    progress: Callable[[str], None]
    earlier: Search | None = None
    resources: Resources = UNLIMITED

    def under(self, progress: Callable[[str], None], resources: Resources) -> "Trainer":
        """The trainer with another function for its steps, and what it may use."""
        return replace(self, progress=progress, resources=resources)

    def train(self, upload: Upload, spec: ModelSpec, code: Code) -> Outcome[Manifest]:
        """Train a version on the dataset, unless this very training was done before, and promote it if it earned it.

        Each step may be interrupted and repeated: the same dataset and code always end in the same one version.
        Raises DatasetRejected, TrainingContested, or what the store or MLflow raise; and CompilationFailed: at once for
        candidates that can't be compiled, as far as can be told before they are fitted.
        """
        check_candidates(spec)
        self.progress("read and check the dataset")
        inspect = partial(check_time, candidates=len(spec.candidates), resources=self.resources)
        data = load_dataset(upload.content, upload.uri, spec, self.resources.most_bytes, inspect)
        dataset = Dataset(
            uri=upload.uri,
            s3_version=upload.s3_version,
            sha256=digest_content(upload.content),
            rows=len(data.train) + len(data.test),
            columns=data.columns,
            rejected_rows=len(data.rejected.rows),
            unlabelled_rows=data.unlabelled,
            rows_sha256=data.sha256,
            incident=upload.incident,
        )
        versions, aliases = Versions(self.store, spec.name), Aliases(self.store, spec.name, self.now)
        key = training_key(spec.name, dataset.rows_sha256, code.sha256)
        number = versions.claim(key)
        if not versions.exists(number):
            standard = Standard(
                champion=champion_version(aliases), best=best_version(versions, aliases), incident=upload.incident
            )
            claim = Claim(number=number, key=key, dataset=dataset, code=code, standard=standard)
            self._make(claim, data, spec, versions)
        manifest = versions.table(number)
        self.progress("promote the version and mirror it in MLflow")
        standing = promote_candidate(
            manifest,
            aliases,
            why=f"passed its gates on {upload.uri}",
            gates_against=partial(gate_against, manifest=manifest, versions=versions, data=data, spec=spec),
            start_canary=_make_canary(versions, aliases, manifest, spec),
        )
        register_version(self.mirror, manifest, aliases)
        return Outcome(
            standing=standing,
            manifest=manifest,
            violations=data.rejected.violations,
            champion=champion_version(aliases),
        )

    def plan(self, upload: Upload, spec: ModelSpec, code: Code) -> list[dict[str, Any]]:
        """The fits that the search needs next, to be run anywhere by `fit`; none if it has all that it needs.

        A training finds what they found, and runs what it doesn't find itself.
        """
        check_candidates(spec)
        data, key = self._searched(upload, spec, code)
        return [each.to_dict() for each in plan(data.train, spec, read_scores(self.store, spec.name, key))]

    def fit(self, upload: Upload, spec: ModelSpec, code: Code, wanted: Mapping[str, Any]) -> None:
        """Run one fit of the search, and keep its outcome for the training."""
        data, key = self._searched(upload, spec, code)
        asked = FoldFit(**wanted)
        write_outcome(self.store, spec.name, key, asked, fit(data.train, spec, asked))

    def _searched(self, upload: Upload, spec: ModelSpec, code: Code) -> tuple[TrainingData, str]:
        data = load_dataset(upload.content, upload.uri, spec, self.resources.most_bytes)
        return data, training_key(spec.name, data.sha256, code.sha256)

    def _make(self, claim: Claim, data: TrainingData, spec: ModelSpec, versions: Versions) -> None:
        """Search, compile, examine, make the files, and write the version."""
        contract, train = spec.contract, data.train
        self.progress(f"search among {', '.join(spec.candidates)} on {len(train)} rows")
        earlier = self.earlier or self._interrupted_search(claim.number, versions)
        scores = read_scores(self.store, spec.name, claim.key)
        found = search(train, spec, self.progress, earlier, seconds=self.resources.search_seconds, scores=scores)
        self.progress(f"compile {found.name} to ONNX and compare the two")
        compiled = compile_and_check(found.estimator, contract, train, spec.seed)
        procedure = Procedure.of(found.estimator, found.threshold)
        seconds = self.resources.search_seconds
        examination = examine(compiled, procedure, data, claim.standard, versions, spec, self.progress, seconds)
        self.progress("run the gates")
        gates = tuple(examination.gates(spec, found.held_out))
        self.progress("draw plots and make the files")
        package = make_package(found.estimator, examination, spec)
        manifest = Manifest(
            model=spec.name,
            version=claim.number,
            training_key=claim.key,
            created_at=self.now(),
            seed=spec.seed,
            contract=contract,
            key=spec.key,
            dataset=claim.dataset,
            code=claim.code,
            libraries={"python": platform.python_version(), **{name: library_version(name) for name in LIBRARIES}},
            candidate=found.name,
            estimator=name_estimator(found.estimator),
            parameters=found.parameters,
            search=found.search,
            threshold=found.threshold,
            metrics={
                **examination.metrics(),
                "validation": {f"{name}/{spec.metric}": score for name, score in found.scores.items()},
            },
            estimates=examination.evaluation.estimates,
            slices=examination.evaluation.slices,
            too_small=examination.evaluation.too_small,
            comparison=examination.comparison,
            comparison_with_best=examination.comparison_with_best,
            remarks=tuple(find_remarks(examination.evaluation.answers, found.threshold)),
            gates=gates,
            files={name: describe(content) for name, content in package.files.items()},
        )
        golden = gate_loaded(self.load_for_serving, manifest, package.files, GOLDEN_ROWS)
        manifest = manifest.model_copy(update={"gates": (*gates, golden)})
        write_once(manifest, partial(package.finished, spec=spec), versions, self.mirror, self.progress)

    def _interrupted_search(self, number: int, versions: Versions) -> Search | None:
        """The search of an earlier attempt that was interrupted later: another could be ended by time elsewhere."""
        evidence = versions.pinned(number, EVIDENCE)
        return Manifest.model_validate_json(evidence).search if evidence else None


def _make_canary(
    versions: Versions, aliases: Aliases, manifest: Manifest, spec: ModelSpec
) -> Callable[[], Alias] | None:
    """What tries a version by its spec's rules; None where those promote it at once."""
    delivery = spec.delivery
    if not delivery.canary:
        return None
    plan = CanaryPlan(share=delivery.canary, lasts=timedelta(days=delivery.days))
    why = f"passed its gates on {manifest.dataset.uri}"
    return partial(start_canary, versions, aliases, manifest.version, plan, by=TRAINING, why=why)
