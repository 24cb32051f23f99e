"""From the event of an upload to its report: fetch the dataset, train, report."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from mlops.artifact.names import TRAINING_REPORT
from mlops.data.bucket import Fetched
from mlops.data.digest import digest_code
from mlops.data.read import FORMATS
from mlops.errors.base import ErrorWithheld, MlopsError
from mlops.errors.data import DatasetGone, DatasetRejected, DatasetTooLarge, rejection
from mlops.errors.training import CompilationFailed, EstimatorFailed, SpecInvalid, TrainingStopped, TrainingTooLarge
from mlops.events import ObjectCreated
from mlops.intake.progress import Progress
from mlops.intake.report import rejected_key, report_outcome, report_rejection, to_json, to_lines
from mlops.intake.resources import UNLIMITED, Resources, check_size
from mlops.intake.training import Outcome, SearchTrainer, Trainer, Upload
from mlops.privacy import is_public, private_columns
from mlops.registry.manifest.manifest import Code, VersionManifest
from mlops.spec import AnySpec, RecommenderSpec, load_spec

# Libraries that talk to services: their errors contain addresses, not cells.
_SERVICES = ("botocore", "mlflow", "obstore", "urllib3")
_ENDINGS = "|".join(map(re.escape, FORMATS))
KEY = re.compile(rf"datasets/(?P<model>[^/]+)/[^/]+(?:{_ENDINGS})")


class Bucket(Protocol):
    """The data bucket."""

    def size(self, key: str, version: str | None) -> int:
        """The bytes that an object has, without reading it. Raises DatasetGone if it was deleted."""

    def fetch(self, key: str, version: str | None) -> Fetched:
        """Exactly this version of a dataset. Raises DatasetGone if it was deleted."""

    def write(self, key: str, content: bytes) -> None:
        """Put an object."""


@dataclass(frozen=True, kw_only=True)
class Arrival(ObjectCreated):
    """An uploaded dataset, from EventBridge's event."""

    @property
    def model(self) -> str:
        """The model that the key names. Raises DatasetRejected if it names none."""
        match = KEY.fullmatch(self.key)
        if match is None:
            message = f"{self.key} isn't datasets/<model>/<name>{', '.join(FORMATS)}"
            raise rejection("key", message)
        return match["model"]


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Turns arrivals into versions and reports.

    `trainers` has what trains models by each kind of spec. `now` gives the time, with its zone; `progress` is called
    with each step. `root` holds the code that trains, `commit` is its git commit.
    """

    bucket: Bucket
    trainers: Mapping[type, Trainer[Any]]
    now: Callable[[], datetime]
    progress: Callable[[str], None]
    root: Path
    commit: str

    def take(self, arrival: Arrival, resources: Resources = UNLIMITED) -> dict[str, Any]:
        """Train on the dataset within the resources; returns the report, which is also written next to the dataset.

        Meanwhile `<key>.progress.json` has the steps.

        Rows that break the contract are listed in `rejected/`, whether the dataset was trained on without them or not.

        What a retry could cure (S3 or MLflow not available) is raised; what it couldn't (a dataset that breaks the
        contract, a model without a spec, an estimator that fails or can't be compiled, too little memory or time) is in
        the report. Where the resources say that it may move, too little memory or time is raised as TrainingTooLarge.
        """
        upload = Upload(uri=f"s3://{arrival.bucket}/{arrival.key}", s3_version=arrival.s3_version, content=b"")
        progress = Progress(self.bucket, arrival.key, arrival.s3_version, self.now, resources)
        spec = None
        try:
            size = self.bucket.size(arrival.key, arrival.s3_version)
            check_size(size, resources)
            progress.begin()
            with resources.guard(lambda: progress.current):
                found = self.bucket.fetch(arrival.key, arrival.s3_version)
                upload = replace(upload, content=found.content, incident=found.incident)
                spec = _find_spec(arrival)
                outcome = self._train(upload, spec, progress)
            report, violations = report_outcome(upload, outcome, self.now()), outcome.violations
        except DatasetGone as gone:
            # No report is written for a dataset that is gone; the log has the reason.
            return report_rejection(upload, gone, None, self.now())
        except (DatasetRejected, TrainingStopped) as error:
            if resources.may_move and isinstance(error, (DatasetTooLarge, TrainingStopped)):
                progress.move(error.reason)
                raise TrainingTooLarge(error.reason, size) from error
            refusal = error if isinstance(error, DatasetRejected) else rejection(error.rule, error.reason)
            model = spec.name if spec else None
            report, violations = report_rejection(upload, refusal, model, self.now()), refusal.violations
        except Exception as error:
            try:
                progress.retry(f"{type(error).__name__}: {error}")
            except Exception as unwritten:  # noqa: BLE001 - what went wrong first is what's raised
                error.add_note(f"nor could that be written next to the dataset: {unwritten}")
            raise
        if lines := to_lines(violations):
            key = rejected_key(arrival.key)
            self.bucket.write(key, lines)
            report["rejected"] = f"s3://{arrival.bucket}/{key}"
        self.bucket.write(f"{arrival.key}{TRAINING_REPORT}", to_json(report))
        progress.end()
        return report

    def plan(self, arrival: Arrival, resources: Resources) -> list[dict[str, Any]]:
        """The parts of the search that can run at once now; none where it isn't run in parts, or has no more.

        What is wrong with the dataset, or too large, is left to the training.
        """
        try:
            check_size(self.bucket.size(arrival.key, arrival.s3_version), resources)
            spec = _find_spec(arrival)
            trainer = self.trainers[type(spec)].under(self.progress, resources)
            if not isinstance(trainer, SearchTrainer):
                return []
            with resources.guard(lambda: "plan the search"):
                return trainer.plan(self._upload(arrival), spec, self._code(spec))
        except MlopsError as error:
            self.progress(f"the search isn't run in parts: {error}")
            return []

    def fit(self, arrival: Arrival, wanted: Mapping[str, Any], resources: Resources) -> None:
        """Run one part of the search."""
        spec = _find_spec(arrival)
        trainer = self.trainers[type(spec)].under(self.progress, resources)
        assert isinstance(trainer, SearchTrainer), "only such a trainer's parts are planned"
        with resources.guard(lambda: f"fit {wanted}"):
            trainer.fit(self._upload(arrival), spec, self._code(spec), wanted)

    def _upload(self, arrival: Arrival) -> Upload:
        found = self.bucket.fetch(arrival.key, arrival.s3_version)
        uri = f"s3://{arrival.bucket}/{arrival.key}"
        return Upload(uri=uri, s3_version=arrival.s3_version, content=found.content, incident=found.incident)

    def _code(self, spec: AnySpec) -> Code:
        return Code(sha256=digest_code(self.root, spec.name), commit=self.commit)

    def _train(self, upload: Upload, spec: AnySpec, progress: Progress) -> Outcome[VersionManifest]:
        def step(text: str) -> None:
            self.progress(text)
            progress.step(text)

        try:
            return self.trainers[type(spec)].under(step, progress.resources).train(upload, spec, self._code(spec))
        except CompilationFailed as error:
            raise rejection("compilation", str(error)) from error
        except SpecInvalid as error:
            raise rejection("spec", str(error)) from error
        except EstimatorFailed as error:
            raise rejection("estimator", error.reason) from error
        except (MlopsError, OSError):
            raise
        except Exception as error:
            is_of_service = type(error).__module__.partition(".")[0] in _SERVICES
            if _has_private_values(spec) and not is_of_service:
                raise ErrorWithheld(error) from None
            raise


def _has_private_values(spec: AnySpec) -> bool:
    if isinstance(spec, RecommenderSpec):
        return not is_public(spec.interactions.user_column)
    return bool(private_columns(spec.contract))


def _find_spec(arrival: Arrival) -> AnySpec:
    try:
        return load_spec(arrival.model)
    except SpecInvalid as error:
        raise rejection("spec", str(error)) from error
