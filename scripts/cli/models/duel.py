"""Two versions on the same rows: what each is worth, and where they part."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from cli.errors import CommandError
from cli.registry import Model
from mlops.registry.manifest.evidence import Difference, Estimate
from mlops.registry.manifest.manifest import Manifest
from mlops.spec import ModelSpec
from mlops.training.evaluation.champion_comparison import RELATIVE, StoredModel, compare_by
from mlops.training.evaluation.measurement import evaluate
from mlops.training.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers

FEWEST_ROWS = 10


@dataclass(frozen=True)
class Changed:
    """A row that the versions answer differently: its position in the dataset, the truth, and both answers."""

    row: int
    truth: str | float
    first: str | float
    second: str | float
    first_certainty: float | None = None
    second_certainty: float | None = None


@dataclass(frozen=True)
class Duel:
    """What two versions answer to the same rows."""

    versions: tuple[int, int]
    dataset: str
    rows: int
    estimates: tuple[dict[str, Estimate], dict[str, Estimate]]
    differences: dict[str, Difference]
    changed: tuple[Changed, ...]
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


def fight(model: Model, manifests: tuple[Manifest, Manifest], rows: pd.DataFrame, name: str, spec: ModelSpec) -> Duel:
    """Compare two versions on those of the rows that neither was trained on.

    Raises CommandError for too few of them, and Incomparable for versions that predict something else than the spec.
    """
    first, second = (StoredModel.read(model.versions, manifest) for manifest in manifests)
    fresh = second.fresh(first.fresh(rows, spec), spec)
    if len(fresh) < FEWEST_ROWS:
        raise CommandError(
            f"All but {len(fresh)} rows of {name} were trained on by one of the versions, and {FEWEST_ROWS} are the "
            "least to compare on: name a file of other rows with --data."
        )
    answers = first.model.answer(fresh), second.model.answer(fresh)
    estimates = evaluate(first.model, fresh, spec).estimates, evaluate(second.model, fresh, spec).estimates
    changed = find_changes(fresh.index.to_numpy(), *answers)
    gained, lost = find_turns(*answers)
    return Duel(
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
        margin = spec.margin * (before if name in RELATIVE else 1.0)
        rng = np.random.default_rng([spec.seed, len(answers[0])])
        found[name] = compare_by(name, answers[1], answers[0], margin, rng).overall
    return found


def find_changes(rows: Any, first: Answers, second: Answers) -> tuple[Changed, ...]:
    """Classes: the rows with another label, the surest changes first. Values: all rows, the largest changes first."""
    if isinstance(first, ClassAnswers) and isinstance(second, ClassAnswers):
        labels = first.labels
        moved = np.flatnonzero(first.decided != second.decided)
        shift = np.abs(first.probabilities - second.probabilities).max(axis=1)
        return tuple(
            Changed(
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
        Changed(
            int(rows[each]), float(first.truth[each]), float(first.predictions[each]), float(second.predictions[each])
        )
        for each in np.argsort(-shift, kind="stable")
        if shift[each] > 0
    )


def find_turns(first: Answers, second: Answers) -> tuple[int | None, int | None]:
    """How many wrong answers became right, and right ones wrong; None for values, which are neither."""
    if isinstance(first, ClassAnswers) and isinstance(second, ClassAnswers):
        before, after = first.decided == first.truth, second.decided == second.truth
        return int((~before & after).sum()), int((before & ~after).sum())
    return None, None
