"""One version in one day: drift, performance, and its tests for loss."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import blake2b

import numpy as np

from mlops.evaluation.metrics.answers import Answers
from mlops.monitoring.estimate.window import FEWEST_ROWS
from mlops.monitoring.facts import ColumnFacts, Figure, RealisedFacts, VersionFacts
from mlops.monitoring.window_rows import WindowRows
from mlops.monitoring.windows.columns import look_at_columns
from mlops.monitoring.windows.estimates import VersionEstimator, assessment_facts, estimated_figures
from mlops.monitoring.windows.losses import Losses
from mlops.monitoring.windows.realised import realised_facts
from mlops.monitoring.windows.rows import read_lines
from mlops.monitoring.windows.scan import VersionRecords
from mlops.monitoring.windows.service import Service
from mlops.monitoring.windows.state import VersionState
from mlops.monitoring.windows.versions import WatchedVersion
from mlops.records.window import Window
from mlops.spec import ModelSpec


@dataclass
class VersionDay:
    """A version's day as it's being looked at: `state` is the one before, and in the end the one after.

    First come the truths about earlier days, and of each day the rows whose first truth came; then the day itself.
    """

    watched: WatchedVersion
    spec: ModelSpec | None
    window: Window
    state: VersionState
    remarks: list[str] = field(default_factory=list)
    _new: list[Answers] = field(default_factory=list)
    _days: Counter[date] = field(default_factory=Counter)
    _columns: tuple[ColumnFacts, ...] = ()
    _estimated: dict[str, Figure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.remarks += self.watched.remarks
        held_out = self.watched.held_out
        self._estimator = VersionEstimator(held_out, self._seed("estimator")) if held_out else None
        if self.spec is None or held_out is None:
            return
        if self.state.losses is None or not self.state.losses.tests(self.spec):
            rng = np.random.default_rng(self._seed("tests for loss"))
            self.state = replace(self.state, losses=Losses.start(self.spec, held_out, rng))
        if self.state.losses is None or self.state.losses.realised is None:
            self.remarks.append(f"No loss is looked for with truth: {self.spec.metric} isn't defined at training.")

    def take_new(self, lines: Sequence[bytes], truth: Sequence[str | float], day: date) -> None:
        """Keep the answers of a day's rows whose first truth has come."""
        rows = read_lines(lines, self.watched.manifest, truth, inputs=False)
        if rows is not None:
            self._new.append(rows.answers)
            self._days[day] += len(rows)

    def realise(self, day: date, records: VersionRecords) -> RealisedFacts:
        """The performance in a day, this one or an earlier one, as it's known by now; its estimate is judged by it."""
        labelled = records.labelled_sample.rows()
        truth = [each.truth for each in labelled]
        rows = read_lines([each.line for each in labelled], self.watched.manifest, truth)
        if rows is not None and self._estimator is not None:
            judged = self._estimator.judge(
                self.state.estimates, day.isoformat(), rows, self._rng(f"judge the estimate of {day}")
            )
            self.state = replace(self.state, estimates=judged)
        return realised_facts(records, rows, self.watched.manifest, self._rng(f"realised on {day}"))

    def look(self, records: VersionRecords) -> None:
        """Look at the day's inputs and answers, and estimate what their truth will show: before it's looked at."""
        manifest = self.watched.manifest
        lines = records.sample.rows()
        answered = read_lines(lines, manifest)
        described = read_lines(records.with_inputs.rows(), manifest)
        if unfit := len(lines) - (0 if answered is None else len(answered)):
            self.remarks.append(f"{unfit} of {len(lines)} records don't fit the version's contract.")
        if answered is not None and described is None:
            self.remarks.append("No inputs are recorded (RECORD_INPUTS), so drift is looked for in the answers alone.")
        if self.watched.references:
            drift, self._columns = look_at_columns(
                self.watched.references,
                self.state.drift,
                manifest.contract,
                answered,
                described,
                self.window,
                self._seed("drift"),
            )
            self.state = replace(self.state, drift=drift)
        self._estimate(answered if described is None or len(described) < FEWEST_ROWS else described)

    def facts(self, service: Service, realised: RealisedFacts | None) -> VersionFacts:
        """The facts of the whole day, after all truths were taken."""
        losses = self.state.losses
        if losses is not None:
            losses = losses.observe_truths(self._new, self.window.id, self._rng("new truths"))
        served, created = service.facts(), self.watched.manifest.created_at
        latency = self.state.latency.observe(served.latency_p50, served.predictions, self.window.id)
        self.state = replace(
            self.state,
            last=self.window.start.date(),
            role=service.role or self.state.role,
            losses=losses,
            latency=latency,
        ).with_truths(self.window.id, self._days)
        return VersionFacts(
            version=self.watched.manifest.version,
            role=self.state.role,
            service=served,
            columns=self._columns,
            realised=realised,
            estimated=self._estimated,
            assessments=assessment_facts(self.state.estimates),
            losses=losses.facts(self.state.truths_of) if losses else (),
            slowdown=latency.facts(),
            age_days=max(0, (self.window.end - created).days),
            stale=self.spec is not None and self.window.end - created > timedelta(days=self.spec.monitoring.stale_days),
            remarks=tuple(self.remarks),
        )

    def _estimate(self, rows: WindowRows | None) -> None:
        if self._estimator is None or rows is None:
            return
        if len(rows) < FEWEST_ROWS:
            self.remarks.append(f"Performance isn't estimated from {len(rows)} rows: {FEWEST_ROWS} are needed.")
            return
        window = self.window.id
        history = self._estimator.estimate(self.state.estimates, window, rows, self._rng("estimate"))
        losses = self.state.losses
        if losses is not None:
            losses = losses.observe_estimate(history, window)
        self.state = replace(self.state, estimates=history, losses=losses)
        self._estimated = estimated_figures(history, window)

    def _seed(self, purpose: str) -> int:
        manifest = self.watched.manifest
        name = f"{manifest.model} {manifest.version} {purpose}"
        return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())

    def _rng(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng(self._seed(f"{self.window.id} {purpose}"))
