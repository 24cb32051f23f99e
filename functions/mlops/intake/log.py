"""Log records and metrics of the training function: its progress, and one record a training."""

from typing import Any

from aws_lambda_powertools.logging import Logger

from mlops.errors.data import EventInvalid
from mlops.errors.training import TrainingTooLarge
from mlops.intake.flow import Arrival
from mlops.telemetry import emit_metrics

UNKNOWN = "unknown"
MAX_LOGGED_VIOLATIONS = 20
MAX_LOGGED_BODY = 1_000  # characters


class TrainingLog:
    """Writes the training function's records and metrics."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger

    def progress(self, step: str) -> None:
        """A step begins."""
        self._logger.info(step, extra={"record": "progress"})

    def done(self, arrival: Arrival, report: dict[str, Any], seconds: float) -> None:
        """A training ended, with a version or a rejection."""
        outcome = report["outcome"]
        extra = {
            "record": "training",
            "model": report["model"] or UNKNOWN,
            "model_version": report.get("version"),
            "outcome": outcome,
            "reason": report["reason"],
            "dataset": arrival.key,
            "dataset_sha256": report["sha256"],
            "seconds": round(seconds, 3),
        }
        if outcome == "rejected":
            extra["violations"] = report["violations"][:MAX_LOGGED_VIOLATIONS]
            extra["violations_total"] = report["violation_count"]
            self._logger.warning("dataset rejected", extra=extra)
        else:
            extra["metrics"] = report["metrics"]
            self._logger.info(f"training {outcome}", extra=extra)
        counted = f"Training{outcome.capitalize()}"
        emit_metrics(str(extra["model"]), {counted: (1, "Count"), "TrainingSeconds": (seconds, "Seconds")})

    def moved(self, arrival: Arrival, error: TrainingTooLarge) -> None:
        """A training goes on where there's more memory and time."""
        self._logger.info(
            "the training moves to a container",
            extra={"record": "move", "dataset": arrival.key, "reason": error.reason},
        )

    def failed(self, arrival: Arrival, error: Exception) -> None:
        """A training failed for a reason that a retry may cure."""
        self._fail("training failed; it is tried again", error, {"dataset": arrival.key})

    def unreadable(self, body: str, error: EventInvalid) -> None:
        """A message isn't about an upload; after its retries it's in the dead-letter queue."""
        self._fail("the message isn't about an upload", error, {"body": body[:MAX_LOGGED_BODY]})

    def _fail(self, message: str, error: Exception, about: dict[str, str]) -> None:
        extra = {"record": "failure", "reason": str(error), **about}
        self._logger.error(message, exc_info=error, extra=extra)
        emit_metrics(UNKNOWN, {"TrainingFailed": (1, "Count")})
