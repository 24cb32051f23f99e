"""A candidate compared with the champion, or another version, on the same rows, which neither was trained on."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlops.artifact.names import MODEL, TRAINING_ROWS
from mlops.data.load import TrainingData
from mlops.data.row_digests import (
    PUBLIC_TRAINING_ROWS,
    Digests,
    covered_share,
    fresh_rows,
    known_rows,
    load_digests,
)
from mlops.errors.registry import ArtifactInvalid, KindMismatch, VersionNotFound
from mlops.errors.training import Incomparable
from mlops.evaluation.bootstrap import affordable_resamples
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS, absolute_margin, measure
from mlops.evaluation.slices import MINIMUM_ROWS, Slice, cut_spec_slices
from mlops.privacy import public_names
from mlops.registry.manifest import evidence
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.cross_fit import (
    MOST_ROWS,
    CrossFit,
    answer_folds,
    count_repeats,
    find_lacking,
    join,
    rows_of_folds,
)
from mlops.training.evaluation.paired_comparison import Differences, compare
from mlops.training.evaluation.procedure import Procedure

# Two models with the same labels on every row may still differ in their probabilities: this metric shows it.
FINER = "brier"
COVERED = 0.98
"""A version's procedure is repeated if the dataset has this share of its training rows: with fewer it would do worse
than the version does."""
MOST_RECOGNISED = 1.2
REPEATED_VARIANCE = 1.25
"""By how much the variance over repeated rows is larger than that of independent ones, as a share of it.

The folds share training rows, and a model fitted again isn't the model: with 5 folds, J. Nadeau and Y. Bengio
("Inference for the generalization error", Machine Learning 52, 2003) have 1/5 + 1/4 in place of 1/5. The 1/4 stays
however often the folds are repeated (R. Bouckaert and E. Frank, PAKDD 2004).
"""

type Pair = tuple[Answers, Answers]
"""A candidate's answers and another version's, to the same rows."""


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
        self.check(spec)
        return fresh_rows(rows, self.digested, self.trained)

    def recognise(self, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which of the rows [rows] it was trained on."""
        return known_rows(rows, self.digested, self.trained)

    def coverage(self, rows: pd.DataFrame) -> float:
        """The share of its training rows that are among these rows."""
        return covered_share(rows, self.digested, self.trained)

    def is_exact(self, rows: pd.DataFrame) -> bool:
        """Whether it recognises about as many of the rows as it was trained on.

        It recognises more if its columns, or those of them that are public, are the same in many rows.
        """
        return bool(self.recognise(rows).sum() <= MOST_RECOGNISED * len(self.trained))

    def check(self, spec: ModelSpec) -> None:
        """Raise Incomparable if it can't answer a spec's rows: it has another target, or needs other columns."""
        contract = self.manifest.contract
        own, given = contract.target, spec.target
        name = f"version {self.manifest.version}"
        if (own.name, own.task, own.labels) != (given.name, given.task, given.labels):
            labels = f" with the labels {', '.join(own.labels)}" if own.labels else ""
            raise Incomparable(f"{name} has another target: the {own.task} {own.name}{labels}")
        lacking = [column for column in contract.names if column not in spec.contract.names]
        if lacking:
            raise Incomparable(f"{name} needs {', '.join(lacking)}, which the dataset doesn't have")


@dataclass(frozen=True)
class Candidate:
    """A candidate: its compiled model, how it was fitted, its rows, and the seconds for fitting again; None: any."""

    model: CompiledModel
    procedure: Procedure
    data: TrainingData
    spec: ModelSpec
    seconds: float | None = None

    @cached_property
    def repeated(self) -> tuple[Answers, ...]:
        """Its procedure's answers to the folds of its training rows, for each repeat."""
        train = self.data.train
        everything = np.ones(len(train), dtype=np.bool_)
        return answer_folds(self.procedure, train, everything, self.spec, count_repeats(train), self.seconds)


def compare_with_version(candidate: Candidate, versions: Versions, number: int) -> evidence.Comparison:
    """Compare a candidate with a version on rows that neither was trained on.

    These are the test rows that the version wasn't trained on, answered by the two models; and if the candidate's
    training rows have (nearly) all rows of the version, these too, answered by both procedures repeated on folds. Where
    they can't be compared the result has the reason in place of differences.
    """
    train, test, spec = candidate.data.train, candidate.data.test, candidate.spec
    try:
        other = read_stored(versions, number)
        fresh = other.fresh(test, spec)
        repeated = _repeat(candidate, other, versions)
        found = None if isinstance(repeated, str) else repeated
        rows = pd.concat([fresh, train.iloc[found.rows]]) if found else fresh
        if len(rows) < MINIMUM_ROWS:
            raise Incomparable(
                f"version {number} was trained on all but {len(fresh)} of {len(test)} held-out rows, and a comparison "
                f"needs at least {MINIMUM_ROWS} fresh ones"
            )
        pairs = _pair(candidate.model, other.model, fresh, found)
        differences = compare_pairs(pairs, len(rows) - len(fresh), spec, cut_spec_slices(rows, spec).judged)
    except Incomparable as error:
        return evidence.Comparison(version=number, reason=error.reason)
    return evidence.Comparison(
        version=number,
        rows=len(rows),
        fresh_rows=len(fresh),
        repeats=len(pairs) if found else 0,
        not_repeated=repeated if isinstance(repeated, str) else None,
        **asdict(differences),
    )


def compare_pairs(pairs: Sequence[Pair], repeated: int, spec: ModelSpec, slices: Sequence[Slice] = ()) -> Differences:
    """Compare a candidate's answers with another version's, of which so many are by `repeated` procedures.

    There's a pair for each time that they were repeated, all with the same rows.
    """
    rows = len(pairs[0][0])
    inflation = math.sqrt(1 + REPEATED_VARIANCE * repeated / rows)
    rng = np.random.default_rng([spec.seed, rows])
    return compare_answers(spec.metric, *pairs[0], spec.margin, rng, slices, inflation, pairs[1:])


def _repeat(candidate: Candidate, other: StoredModel, versions: Versions) -> CrossFit | str:
    """Both procedures' answers to the candidate's training rows, or why they aren't repeated."""
    train, spec, version = candidate.data.train, candidate.spec, other.manifest.version
    if len(train) > MOST_ROWS:
        return f"{len(train):,} training rows are more than {MOST_ROWS:,}, and as many fresh ones are enough"
    if not other.is_exact(train):
        return f"the columns that version {version} knows rows by don't tell them apart"
    trained = other.recognise(train)
    covered = other.coverage(train)
    if covered < COVERED:
        return f"the dataset has {covered:.0%} of the rows that version {version} was trained on"
    if lacking := find_lacking(train, trained, spec):
        return f"the rows of version {version} are too few of {lacking} for each fold"
    try:
        procedure = Procedure.read(versions, other.manifest)
    except ArtifactInvalid as error:
        return error.reason
    try:
        own = candidate.repeated
        others = answer_folds(procedure, train, trained, spec, len(own))
        return CrossFit(own, others, rows_of_folds(train, spec))
    except Exception as error:  # noqa: BLE001 - an estimator's own, of any kind; without folds the models are compared
        return f"fitting on folds failed with {type(error).__name__}"


def _pair(candidate: CompiledModel, other: CompiledModel, fresh: pd.DataFrame, repeated: CrossFit | None) -> list[Pair]:
    """The answers of the candidate's side and of the other's, to the fresh rows and the repeated ones."""
    if repeated is None:
        return [(candidate.answer(fresh), other.answer(fresh))]
    pairs = list(zip(repeated.candidate, repeated.other, strict=True))
    if not len(fresh):
        return pairs
    first = candidate.answer(fresh), other.answer(fresh)
    return [(join([first[0], own]), join([first[1], others])) for own, others in pairs]


def read_stored(versions: Versions, number: int) -> StoredModel:
    """The version's model. Raises Incomparable if it's gone or damaged."""
    try:
        return StoredModel.read(versions, versions.table(number))
    except (VersionNotFound, ArtifactInvalid, KindMismatch) as error:
        raise Incomparable(str(error)) from error


def compare_answers(
    metric: str,
    candidate: Answers,
    champion: Answers,
    margin: float,
    rng: np.random.Generator,
    slices: Sequence[Slice] = (),
    inflation: float = 1.0,
    repeats: Sequence[Pair] = (),
) -> Differences:
    """Compare by the spec's metric, or by the Brier score where the spec's metric is the same in every resample.

    `repeats` are more answers of both to the same rows, as by procedures that are fitted several times. Raises
    Incomparable if the metric isn't defined on the rows.
    """
    margin = absolute_margin(metric, margin, measure(champion)[metric])
    try:
        found = compare_by(metric, candidate, champion, margin, rng, slices, inflation, repeats)
        undecidable = found.overall.low == found.overall.high
        if undecidable and isinstance(candidate, ClassAnswers):
            return compare_by(FINER, candidate, champion, margin, rng, slices, inflation, repeats)
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
    inflation: float = 1.0,
    repeats: Sequence[Pair] = (),
) -> Differences:
    """Compare by a metric's name. Raises ValueError if it isn't defined on the rows."""
    resamples = affordable_resamples(len(candidate))
    again: Any = tuple(repeats)
    if isinstance(candidate, ClassAnswers) and isinstance(champion, ClassAnswers):
        decided = next(metric for metric in CLASS_METRICS if metric.name == name)
        return compare(candidate, champion, decided, margin, rng, slices, resamples, inflation=inflation, repeats=again)
    if isinstance(candidate, ValueAnswers) and isinstance(champion, ValueAnswers):
        valued = next(metric for metric in VALUE_METRICS if metric.name == name)
        return compare(candidate, champion, valued, margin, rng, slices, resamples, inflation=inflation, repeats=again)
    raise TypeError("labels can't be compared with values")
