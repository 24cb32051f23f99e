"""Candidate and champion on equal terms: the same rows, which neither was trained on."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from mlops.data.split import Digests, row_digests
from mlops.errors import ArtifactInvalid, Incomparable, VersionNotFound
from mlops.registry.manifest import evidence
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.evaluation.bootstrap import affordable
from mlops.training.evaluation.comparison import Comparison, compare
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.training.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS, measure
from mlops.training.evaluation.slices import MINIMUM_ROWS, Slice, cut_slices, readable

SEEN = "training_rows.npy"
MODEL = "model.onnx"
# Metrics in the target's unit: for them the margin is a share of what the champion has.
RELATIVE = ("mae", "rmse", "pinball")
# Where models decide alike on every row, the probabilities behind the decisions may still differ.
FINER = "brier"


@dataclass(frozen=True)
class Champion:
    """The version that serves: its compiled model, and the digests of the rows that it was trained on, sorted."""

    manifest: Manifest
    model: CompiledModel
    seen: Digests


def _read_champion(versions: Versions, number: int) -> Champion:
    """The champion from its files. Raises Incomparable if they can't be used."""
    try:
        manifest = versions.manifest(number)
        model = CompiledModel(versions.read(manifest, MODEL), manifest.contract, manifest.threshold)
        seen: Digests = np.load(io.BytesIO(versions.read(manifest, SEEN)), allow_pickle=False)
    except (VersionNotFound, ArtifactInvalid) as error:
        raise Incomparable(str(error)) from error
    return Champion(manifest, model, seen)


def write_seen(rows: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """The digests of training rows, 8 bytes each, as a file whose bytes follow from the rows."""
    file = io.BytesIO()
    np.save(file, np.unique(row_digests(rows, columns)), allow_pickle=False)
    return file.getvalue()


def meet(
    candidate: CompiledModel, versions: Versions, number: int, test: pd.DataFrame, spec: ModelSpec
) -> evidence.Comparison:
    """Ask candidate and champion about the test rows that the champion hasn't seen either; or say why that can't be."""
    try:
        champion = _read_champion(versions, number)
        fresh = fresh_rows(champion, test, spec)
        found = _compare(candidate, champion, fresh, spec)
    except Incomparable as error:
        return evidence.Comparison(version=number, reason=error.reason)
    return evidence.Comparison(version=number, rows=len(fresh), **asdict(found))


def fresh_rows(champion: Champion, test: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """The test rows that the champion wasn't trained on. Raises Incomparable if it can't be asked about them."""
    contract = champion.manifest.contract
    before, now = contract.target, spec.target
    if (before.name, before.task, before.labels) != (now.name, now.task, now.labels):
        answers = f" among {', '.join(before.labels)}" if before.labels else ""
        raise Incomparable(f"the champion answers another question: the {before.task} {before.name}{answers}")
    lacking = [name for name in contract.names if name not in spec.contract.names]
    if lacking:
        raise Incomparable(f"the champion needs {', '.join(lacking)}, which the dataset doesn't have")
    fresh = test[~np.isin(row_digests(test, contract.names), champion.seen)]
    if len(fresh) < MINIMUM_ROWS:
        raise Incomparable(
            f"the champion was trained on all but {len(fresh)} of {len(test)} held-out rows; "
            f"{MINIMUM_ROWS} fresh ones are the least to compare on"
        )
    return fresh


def _compare(candidate: CompiledModel, champion: Champion, fresh: pd.DataFrame, spec: ModelSpec) -> Comparison:
    answers = candidate.answer(fresh), champion.model.answer(fresh)
    slices = cut_slices(readable(fresh, spec.contract), spec.slices).judged
    rng = np.random.default_rng([spec.seed, len(fresh)])
    return compare_answers(spec.metric, *answers, spec.margin, rng, slices)


def compare_answers(
    metric: str,
    candidate: Answers,
    champion: Answers,
    margin: float,
    rng: np.random.Generator,
    slices: Sequence[Slice] = (),
) -> Comparison:
    """Compare by the spec's metric, and where that is the same in every resample, by what is finer.

    Raises Incomparable if the metric isn't defined on the rows.
    """
    if metric in RELATIVE:
        margin *= measure(champion)[metric]
    try:
        found = compare_by(metric, candidate, champion, margin, rng, slices)
        alike = found.overall.low == found.overall.high
        if alike and isinstance(candidate, ClassAnswers):
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
) -> Comparison:
    """Compare by a metric's name. Raises ValueError if it isn't defined on the rows."""
    resamples = affordable(len(candidate))
    if isinstance(candidate, ClassAnswers) and isinstance(champion, ClassAnswers):
        decided = next(metric for metric in CLASS_METRICS if metric.name == name)
        return compare(candidate, champion, decided, margin, rng, slices, resamples)
    if isinstance(candidate, ValueAnswers) and isinstance(champion, ValueAnswers):
        valued = next(metric for metric in VALUE_METRICS if metric.name == name)
        return compare(candidate, champion, valued, margin, rng, slices, resamples)
    raise TypeError("labels can't be compared with values")
