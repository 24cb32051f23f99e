"""From the event of an upload to its report: fetch the dataset, train, report."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from mlops.data.bucket import Fetched
from mlops.data.digest import digest_code
from mlops.data.read import FORMATS
from mlops.errors import (
    CompilationFailed,
    DatasetGone,
    DatasetRejected,
    ErrorWithheld,
    EstimatorFailed,
    MlopsError,
    SpecInvalid,
    TrainingStopped,
    rejection,
)
from mlops.events import ObjectCreated
from mlops.privacy import private_columns
from mlops.registry.manifest.manifest import Code
from mlops.spec import ModelSpec, load_spec
from mlops.training.flow import Outcome, Trainer, Upload
from mlops.training.progress import Progress
from mlops.training.report import SUFFIX, rejected_key, report_outcome, report_rejection, to_json, to_lines
from mlops.training.resources import UNLIMITED, Resources, check_size

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
    """Turns arrivals into versions and reports. `root` holds the code that trains, `commit` is its git commit."""

    bucket: Bucket
    trainer: Trainer
    root: Path
    commit: str

    def take(self, arrival: Arrival, resources: Resources = UNLIMITED) -> dict[str, Any]:
        """Train on the dataset within the resources; returns the report, which is also written next to the dataset.

        Meanwhile `<key>.progress.json` has the steps.

        Rows that break the contract are listed in `rejected/`, whether the dataset was trained on without them or not.

        What a retry could cure (S3 or MLflow not available) is raised; what it couldn't (a dataset that breaks the
        contract, a model without a spec, an estimator that fails or can't be compiled, too little memory or time) is in
        the report.
        """
        upload = Upload(uri=f"s3://{arrival.bucket}/{arrival.key}", s3_version=arrival.s3_version, content=b"")
        progress = Progress(self.bucket, arrival.key, arrival.s3_version, self.trainer.now, resources)
        spec = None
        try:
            check_size(self.bucket.size(arrival.key, arrival.s3_version), resources)
            progress.begin()
            with resources.guard(lambda: progress.current):
                found = self.bucket.fetch(arrival.key, arrival.s3_version)
                upload = replace(upload, content=found.content, incident=found.incident)
                spec = _find_spec(arrival)
                outcome = self._train(upload, spec, progress)
            report, violations = report_outcome(upload, outcome, self.trainer.now()), outcome.violations
        except DatasetGone as gone:
            # No report is written for a dataset that is gone; the log has the reason.
            return report_rejection(upload, gone, None, self.trainer.now())
        except (DatasetRejected, TrainingStopped) as error:
            refusal = error if isinstance(error, DatasetRejected) else rejection(error.rule, error.reason)
            model = spec.name if spec else None
            report, violations = report_rejection(upload, refusal, model, self.trainer.now()), refusal.violations
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
        self.bucket.write(f"{arrival.key}{SUFFIX}", to_json(report))
        progress.end()
        return report

    def _train(self, upload: Upload, spec: ModelSpec, progress: Progress) -> Outcome:
        def step(text: str) -> None:
            self.trainer.progress(text)
            progress.step(text)

        trainer = replace(self.trainer, progress=step, resources=progress.resources)
        code = Code(sha256=digest_code(self.root, spec.name), commit=self.commit)
        try:
            return trainer.train(upload, spec, code)
        except CompilationFailed as error:
            raise rejection("compilation", str(error)) from error
        except EstimatorFailed as error:
            raise rejection("estimator", error.reason) from error
        except (MlopsError, OSError):
            raise
        except Exception as error:
            is_of_service = type(error).__module__.partition(".")[0] in _SERVICES
            if private_columns(spec.contract) and not is_of_service:
                raise ErrorWithheld(error) from None
            raise


def _find_spec(arrival: Arrival) -> ModelSpec:
    try:
        return load_spec(arrival.model)
    except SpecInvalid as error:
        raise rejection("spec", str(error)) from error
