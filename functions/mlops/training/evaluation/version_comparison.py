"""Two versions on the same rows, which neither was trained on: metrics, differences, and changed answers."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops.errors.training import Incomparable
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import absolute_margin
from mlops.registry.manifest.evidence import Difference, Estimate
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.evaluation.champion_comparison import StoredModel, compare_by
from mlops.training.evaluation.measurement import evaluate

MINIMUM_ROWS = 10


@dataclass(frozen=True)
class ChangedRow:
    """A row that the versions answer differently: its position in the dataset, the truth, and both answers."""

    row: int
    truth: str | float
    first: str | float
    second: str | float
    first_certainty: float | None = None
    second_certainty: float | None = None


@dataclass(frozen=True)
class VersionComparison:
    """What two versions answer to the same rows of a dataset.

    `gained` and `lost` count the answers that became right and wrong; they are None for values, which are neither.
    """

    versions: tuple[int, int]
    dataset: str
    rows: int
    estimates: tuple[dict[str, Estimate], dict[str, Estimate]]
    differences: dict[str, Difference]
    changed: tuple[ChangedRow, ...]
    gained: int | None
    lost: int | None

    def to_dict(self, limit: int) -> dict[str, Any]:
        """The fields, ready for JSON."""
        metrics = {
            name: {
                "first": self.estimates[0][name].model_dump(mode="json"),
                "second": self.estimates[1][name].model_dump(mode="json"),
                "difference": self.differences[name].model_dump(mode="json") if name in self.differences else None,
            }
            for name in self.estimates[0]
        }
        return {
            "versions": self.versions,
            "dataset": self.dataset,
            "rows": self.rows,
            "metrics": metrics,
            "changed_rows": len(self.changed),
            "gained": self.gained,
            "lost": self.lost,
            "changed": [asdict(row) for row in self.changed[:limit]],
        }


def compare_versions(
    versions: Versions, manifests: tuple[Manifest, Manifest], rows: pd.DataFrame, name: str, spec: ModelSpec
) -> VersionComparison:
    """Score those of the rows that neither version was trained on with both.

    `rows` keep the contract of `spec`, `name` is what their dataset is called. Raises Incomparable if a version
    predicts something else than the spec, if the dataset lacks a column, or if fewer than 10 such rows are left.
    """
    first, second = (StoredModel.read(versions, manifest) for manifest in manifests)
    fresh = second.fresh(first.fresh(rows, spec), spec)
    if len(fresh) < MINIMUM_ROWS:
        raise Incomparable(
            f"All but {len(fresh)} rows of {name} were trained on by one of the versions, and {MINIMUM_ROWS} are the "
            "least to compare on: choose other rows."
        )
    answers = first.model.answer(fresh), second.model.answer(fresh)
    estimates = evaluate(first.model, fresh, spec).estimates, evaluate(second.model, fresh, spec).estimates
    changed = find_changes(fresh.index.to_numpy(), *answers)
    gained, lost = count_turns(*answers)
    return VersionComparison(
        versions=(manifests[0].version, manifests[1].version),
        dataset=name,
        rows=len(fresh),
        estimates=estimates,
        differences=_differences(estimates, answers, spec),
        changed=changed,
        gained=gained,
        lost=lost,
    )


def _differences(
    estimates: tuple[dict[str, Estimate], dict[str, Estimate]], answers: tuple[Answers, Answers], spec: ModelSpec
) -> dict[str, Difference]:
    """Second minus first in each metric that both have, with the paired bootstrap's interval and verdict."""
    found = {}
    for name in estimates[0]:
        before = estimates[0][name].value
        if before is None or estimates[1][name].value is None:
            continue
        margin = absolute_margin(name, spec.margin, before)
        rng = np.random.default_rng([spec.seed, len(answers[0])])
        found[name] = compare_by(name, answers[1], answers[0], margin, rng).overall
    return found


def find_changes(rows: Any, first: Answers, second: Answers) -> tuple[ChangedRow, ...]:
    """The rows with another label or value, the largest change of a probability or of the value first."""
    if isinstance(first, ClassAnswers) and isinstance(second, ClassAnswers):
        labels = first.labels
        moved = np.flatnonzero(first.decided != second.decided)
        shift = np.abs(first.probabilities - second.probabilities).max(axis=1)
        return tuple(
            ChangedRow(
                row=int(rows[each]),
                truth=labels[first.truth[each]],
                first=labels[first.decided[each]],
                second=labels[second.decided[each]],
                first_certainty=float(first.probabilities[each, first.decided[each]]),
                second_certainty=float(second.probabilities[each, second.decided[each]]),
            )
            for each in moved[np.argsort(-shift[moved], kind="stable")]
        )
    assert isinstance(first, ValueAnswers)
    assert isinstance(second, ValueAnswers)
    shift = np.abs(first.predictions - second.predictions)
    return tuple(
        ChangedRow(
            int(rows[each]), float(first.truth[each]), float(first.predictions[each]), float(second.predictions[each])
        )
        for each in np.argsort(-shift, kind="stable")
        if shift[each] > 0
    )


def count_turns(first: Answers, second: Answers) -> tuple[int | None, int | None]:
    """How many wrong answers became right, and right ones wrong; None for values, which are neither."""
    if isinstance(first, ClassAnswers) and isinstance(second, ClassAnswers):
        before, after = first.decided == first.truth, second.decided == second.truth
        return int((~before & after).sum()), int((before & ~after).sum())
    return None, None
