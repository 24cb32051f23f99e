"""Performance where truth is there: of one version in one day, as it's known by now."""

import numpy as np

from mlops.evaluation.metrics.answers import Answers, ClassAnswers
from mlops.evaluation.slices import match_slices
from mlops.monitoring.calibration import calibration_bins
from mlops.monitoring.facts import CalibrationBin, Figure, PartFacts, RealisedFacts
from mlops.monitoring.realised import Part, measure_realised, trained_metrics
from mlops.monitoring.window_rows import WindowRows
from mlops.monitoring.windows.scan import VersionRecords
from mlops.registry.manifest.evidence import Estimate
from mlops.registry.manifest.manifest import Manifest


def realised_facts(
    records: VersionRecords, rows: WindowRows | None, manifest: Manifest, rng: np.random.Generator
) -> RealisedFacts:
    """The facts about a version's day; `rows` are a sample of those with truth."""
    answers = None if rows is None else rows.answers
    names = [part.where for part in manifest.slices]
    slices = match_slices(rows.inputs, manifest.contract, names) if rows and rows.recorded.any() else ()
    found = measure_realised(answers, records.service.predictions, trained_metrics(manifest), slices, rng)
    delays = np.concatenate([np.zeros(0, np.float32), *records.delays])
    median, most = np.quantile(delays, [0.5, 0.9]).tolist() if len(delays) else (None, None)
    return RealisedFacts(
        predictions=records.service.predictions,
        labelled=records.labelled,
        delay_median=median,
        delay_90=most,
        overall=_part(found.overall),
        slices=tuple(map(_part, found.slices)),
        calibration=_calibration(answers),
    )


def _figure(estimate: Estimate) -> Figure | None:
    if estimate.value is None:
        return None
    interval = estimate.interval
    if interval is None:
        return Figure(value=estimate.value, rows=estimate.rows)
    return Figure(value=estimate.value, low=interval.low, high=interval.high, level=interval.level, rows=estimate.rows)


def _part(part: Part) -> PartFacts:
    metrics = {name: found for name, each in part.estimates.items() if (found := _figure(each)) is not None}
    changes = {
        name: Figure(value=each.difference, low=each.low, high=each.high, level=each.level, rows=part.rows)
        for name, each in part.changes.items()
    }
    return PartFacts(where=part.where, rows=part.rows, metrics=metrics, changes=changes, reason=part.reason)


def _calibration(answers: Answers | None) -> tuple[CalibrationBin, ...]:
    if not isinstance(answers, ClassAnswers):
        return ()
    return tuple(
        CalibrationBin(predicted=each.predicted, observed=each.observed, low=each.low, high=each.high, rows=each.rows)
        for each in calibration_bins(answers)
    )
