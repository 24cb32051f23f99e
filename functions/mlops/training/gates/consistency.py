"""The dataset agrees with what the champion knows: where it doesn't, only a person can say which of them is right.

A candidate is tested on rows of its own dataset, so a dataset whose labels were swapped shows the champion to be wrong.
These gates hold such a version for approval.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from mlops.artifact.names import PROFILE
from mlops.data.load import TrainingData
from mlops.errors.registry import ArtifactInvalid, KindMismatch, VersionNotFound
from mlops.errors.training import Incomparable
from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import find_metric
from mlops.registry.manifest.manifest import Gate, Manifest
from mlops.registry.standard import Standard
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.evaluation.champion_comparison import StoredModel, read_stored
from mlops.training.gates.baseline import answer_baseline
from mlops.training.gates.relations import find_reversed

NAME = "consistency"
LEAST_ROWS = 50
LEAST_SIZE = 0.9
"""A dataset with fewer rows than this share of the champion's, or the best version's, has shrunk."""
LOST = 0.2
"""A label whose share of the rows is less than this part of what it was is (nearly) lost."""
CHANGED = 0.05
"""The share of the truths of known rows that may change, as by corrections; of values, the share of their variance."""
KEPT_SKILL = 0.5
"""A champion that has less than this share of its skill left on new rows has collapsed."""
ERRORS_AWAY = 3.0
"""How many standard errors apart two figures must be at least."""


def gate_consistency(data: TrainingData, versions: Versions, standard: Standard, spec: ModelSpec) -> Iterator[Gate]:
    """One gate for each way in which a dataset can contradict the champion; those that can't be tested are left out."""
    known = [number for number in dict.fromkeys((standard.champion, standard.best)) if number is not None]
    yield from _gate_size(data, [manifest for number in known if (manifest := _manifest(versions, number))])
    try:
        champion = read_stored(versions, known[0])
        champion.check(spec)
    except Incomparable:
        return
    rows = pd.concat([data.train, data.test])
    if spec.target.labels:
        yield from _gate_labels(rows[spec.target.name], champion.manifest, versions)
    seen = rows[champion.recognise(rows)]
    if len(seen) >= LEAST_ROWS and champion.is_exact(rows):
        yield _gate_known_rows(champion, seen)
    # Of the test rows some were already test rows of the champion. What it wasn't trained on of the others is new.
    new = data.train[~champion.recognise(data.train)]
    if len(new) >= LEAST_ROWS:
        for gate in (*_gate_new_rows(champion, new, data, spec), _gate_relations(champion, new)):
            yield _expect(gate, standard.incident) if standard.incident else gate


def _gate(name: str, passed: bool, observed: float | str, required: float | str, detail: str) -> Gate:
    return Gate(
        name=f"{NAME}/{name}",
        passed=passed,
        observed=observed,
        required=required,
        detail=detail,
        approvable=not passed,
    )


def _expect(gate: Gate, incident: str) -> Gate:
    """A gate that finds what the incident found before it: that's why there is this dataset."""
    if gate.passed:
        return gate
    detail = f"{gate.detail}; incident {incident}, whose dataset this is, found that the champion is worse by now"
    return gate.model_copy(update={"passed": True, "approvable": False, "detail": detail})


def _manifest(versions: Versions, number: int) -> Manifest | None:
    try:
        return versions.table(number)
    except (VersionNotFound, ArtifactInvalid, KindMismatch):
        return None


def _gate_size(data: TrainingData, earlier: list[Manifest]) -> Iterator[Gate]:
    if not earlier:
        return
    largest = max(earlier, key=lambda manifest: manifest.dataset.rows)
    before, now = largest.dataset.rows, len(data.train) + len(data.test)
    detail = f"the dataset has {now:,} rows, and that of version {largest.version} had {before:,}"
    required = math.ceil(LEAST_SIZE * before)
    yield _gate("size", now >= required, now, required, detail)


def _gate_labels(truth: "pd.Series[str]", champion: Manifest, versions: Versions) -> Iterator[Gate]:
    if PROFILE not in champion.files:
        return
    described: dict[str, Any] = json.loads(versions.read(champion, PROFILE))
    before, now = described["target"], truth.value_counts(normalize=True)
    lost = {
        label: (share, float(now.get(label, 0.0)))
        for label, share in before.items()
        if share * champion.dataset.rows >= LEAST_ROWS and now.get(label, 0.0) < LOST * share
    }
    if lost:
        detail = "; ".join(
            f"{after:.2%} of the rows are {label}, which {was:.2%} were" for label, (was, after) in lost.items()
        )
    else:
        detail = f"each label of version {champion.version} still has rows"
    yield _gate("labels", not lost, ", ".join(lost) or "all", "all", detail)


def _gate_known_rows(champion: StoredModel, seen: pd.DataFrame) -> Gate:
    """The truths of rows that the champion was trained on are those that it was trained on.

    They aren't stored, but the champion's metric on them is: the same model is as often right on the same rows.
    """
    answers, version = champion.model.answer(seen), champion.manifest.version
    before = champion.manifest.metrics["train"]
    if isinstance(answers, ClassAnswers):
        then, now = before["accuracy"], float(answers.hits.mean())
        error = math.sqrt(max(then * (1 - then), 1e-4) / len(seen))
        changed, required, what = then - now, max(CHANGED, ERRORS_AWAY * error), "accuracy"
    else:
        then, now = before["rmse"], math.sqrt(float((answers.residuals**2).mean()))
        spread = float(answers.truth.var()) or 1.0
        squares = answers.residuals**2
        error = float(squares.std(ddof=1)) / math.sqrt(len(seen)) / spread
        changed, required, what = (now**2 - then**2) / spread, max(CHANGED, ERRORS_AWAY * error), "RMSE"
    detail = (
        f"on {len(seen):,} rows that version {version} was trained on, its {what} is {now:.4f}; it was {then:.4f} then"
    )
    if changed > required:
        detail += ": many of these rows have another truth now"
    return _gate("known rows", changed <= required, round(changed, 4), round(required, 4), detail)


def _gate_new_rows(champion: StoredModel, new: pd.DataFrame, data: TrainingData, spec: ModelSpec) -> Iterator[Gate]:
    """The champion hasn't lost most of its skill, which is what it is better by than a constant, on the new rows."""
    name, manifest = spec.metric, champion.manifest
    metric: Any = find_metric(name, spec.target.task)
    estimate = manifest.estimates.get(name)
    constant_then = manifest.metrics.get("baseline", {}).get(name)
    answers = champion.model.answer(new)
    now = metric.value(answers)
    constant = metric.value(answer_baseline(data.train, new, spec.contract, name))
    if estimate is None or estimate.value is None or constant_then is None or not np.isfinite([now, constant]).all():
        return
    ideal = 1.0 if metric.sign > 0 else 0.0
    then = _skill(estimate.value, constant_then, ideal)
    left = _skill(now, constant, ideal)
    if then <= 0:
        return
    error = _standard_error(metric, answers, spec.seed) / abs(ideal - constant)
    passed = left >= KEPT_SKILL * then or KEPT_SKILL * then - left < ERRORS_AWAY * error
    detail = (
        f"on {len(new):,} new rows version {manifest.version} has {name} {now:.4f} (a constant: {constant:.4f}); on "
        f"its test rows it had {estimate.value:.4f} (a constant: {constant_then:.4f})"
    )
    if not passed:
        detail += ": what it learnt doesn't hold for the new rows"
    yield _gate("new rows", passed, round(left, 4), round(KEPT_SKILL * then, 4), detail)


def _skill(value: float, constant: float, ideal: float) -> float:
    """What a metric is better by than a constant's, where 1 is perfect."""
    return (value - constant) / (ideal - constant) if ideal != constant else 0.0


def _standard_error(metric: Any, answers: ClassAnswers | ValueAnswers, seed: int) -> float:
    """By leaving out each of 20 parts of the rows (delete-a-group jackknife)."""
    parts, rng = 20, np.random.default_rng(seed)
    part = rng.permutation(len(answers)) % parts
    values = np.array([metric.value(answers.take(np.flatnonzero(part != each))) for each in range(parts)])
    values = values[np.isfinite(values)]
    return float(np.sqrt((parts - 1) / parts * ((values - values.mean()) ** 2).sum())) if len(values) > 1 else math.inf


def _gate_relations(champion: StoredModel, new: pd.DataFrame) -> Gate:
    found = find_reversed(champion.model, new)
    version = champion.manifest.version
    if found:
        detail = f"in {len(new):,} new rows, unlike what version {version} learnt: " + "; ".join(map(str, found))
    else:
        detail = f"no column has the reverse of the relation that version {version} learnt, in {len(new):,} new rows"
    return _gate("relations", not found, len(found), 0, detail)
