"""Candidate and champion compared on the same fresh rows: held-out rows that neither was trained on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from mlops.artifact.names import MODEL, TRAINING_ROWS
from mlops.data.row_digests import PUBLIC_TRAINING_ROWS, Digests, fresh_rows, load_digests
from mlops.errors import ArtifactInvalid, Incomparable, VersionNotFound
from mlops.evaluation.bootstrap import affordable_resamples
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, RELATIVE, VALUE_METRICS, measure
from mlops.evaluation.slices import MINIMUM_ROWS, Slice, cut_spec_slices
from mlops.privacy import public_names
from mlops.registry.manifest import evidence
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.paired_comparison import Differences, compare

# Two models with the same labels on every row may still differ in their probabilities: this metric shows it.
FINER = "brier"


@dataclass(frozen=True)
class StoredModel:
    """A version's compiled model, and the digests of the rows that it was trained on, by the columns `digested`."""

    manifest: Manifest
    model: CompiledModel
    trained: Digests
    digested: tuple[str, ...]

    @classmethod
    def read(cls, versions: Versions, manifest: Manifest) -> "StoredModel":
        """The model from the version's files. Raises ArtifactInvalid."""
        model = CompiledModel(versions.read(manifest, MODEL), manifest.contract, manifest.threshold)
        file, digested = TRAINING_ROWS, manifest.contract.names
        if PUBLIC_TRAINING_ROWS in manifest.files:
            file, digested = PUBLIC_TRAINING_ROWS, public_names(manifest.contract)
        return cls(manifest, model, load_digests(versions.read(manifest, file)), digested)

    def fresh(self, rows: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
        """The rows that it wasn't trained on. Raises Incomparable if it has another target than the spec."""
        contract = self.manifest.contract
        own, given = contract.target, spec.target
        name = f"version {self.manifest.version}"
        if (own.name, own.task, own.labels) != (given.name, given.task, given.labels):
            labels = f" with the labels {', '.join(own.labels)}" if own.labels else ""
            raise Incomparable(f"{name} has another target: the {own.task} {own.name}{labels}")
        lacking = [column for column in contract.names if column not in spec.contract.names]
        if lacking:
            raise Incomparable(f"{name} needs {', '.join(lacking)}, which the dataset doesn't have")
        return fresh_rows(rows, self.digested, self.trained)


def compare_with_champion(
    candidate: CompiledModel, versions: Versions, number: int, test: pd.DataFrame, spec: ModelSpec
) -> evidence.Comparison:
    """Compare a candidate with the version that is champion, on the test rows that the champion wasn't trained on.

    Where they can't be compared the result has the reason in place of differences.
    """
    try:
        champion = _read_champion(versions, number)
        fresh = champion.fresh(test, spec)
        if len(fresh) < MINIMUM_ROWS:
            raise Incomparable(
                f"version {number} was trained on all but {len(fresh)} of {len(test)} held-out rows, and a comparison "
                f"needs at least {MINIMUM_ROWS} fresh ones"
            )
        found = _compare(candidate, champion.model, fresh, spec)
    except Incomparable as error:
        return evidence.Comparison(version=number, reason=error.reason)
    return evidence.Comparison(version=number, rows=len(fresh), **asdict(found))


def _read_champion(versions: Versions, number: int) -> StoredModel:
    try:
        return StoredModel.read(versions, versions.manifest(number))
    except (VersionNotFound, ArtifactInvalid) as error:
        raise Incomparable(str(error)) from error


def _compare(candidate: CompiledModel, champion: CompiledModel, fresh: pd.DataFrame, spec: ModelSpec) -> Differences:
    answers = candidate.answer(fresh), champion.answer(fresh)
    slices = cut_spec_slices(fresh, spec).judged
    rng = np.random.default_rng([spec.seed, len(fresh)])
    return compare_answers(spec.metric, *answers, spec.margin, rng, slices)


def compare_answers(
    metric: str,
    candidate: Answers,
    champion: Answers,
    margin: float,
    rng: np.random.Generator,
    slices: Sequence[Slice] = (),
) -> Differences:
    """Compare by the spec's metric, or by the Brier score where the spec's metric is the same in every resample.

    Raises Incomparable if the metric isn't defined on the rows.
    """
    if metric in RELATIVE:
        margin *= measure(champion)[metric]
    try:
        found = compare_by(metric, candidate, champion, margin, rng, slices)
        undecidable = found.overall.low == found.overall.high
        if undecidable and isinstance(candidate, ClassAnswers):
            return compare_by(FINER, candidate, champion, margin, rng, slices)
    except ValueError as error:
        raise Incomparable(str(error)) from error
    return found


def compare_by(
    name: str,
    candidate: Answers,
    champion: Answers,
    margin: float,
    rng: np.random.Generator,
    slices: Sequence[Slice] = (),
) -> Differences:
    """Compare by a metric's name. Raises ValueError if it isn't defined on the rows."""
    resamples = affordable_resamples(len(candidate))
    if isinstance(candidate, ClassAnswers) and isinstance(champion, ClassAnswers):
        decided = next(metric for metric in CLASS_METRICS if metric.name == name)
        return compare(candidate, champion, decided, margin, rng, slices, resamples)
    if isinstance(candidate, ValueAnswers) and isinstance(champion, ValueAnswers):
        valued = next(metric for metric in VALUE_METRICS if metric.name == name)
        return compare(candidate, champion, valued, margin, rng, slices, resamples)
    raise TypeError("labels can't be compared with values")
