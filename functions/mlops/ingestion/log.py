"""Log lines and metrics of ingestion: one line a feedback file, one an object of recovered records."""

from typing import Any

from aws_lambda_powertools.logging import Logger

from mlops.errors.data import EventInvalid
from mlops.events import ObjectCreated
from mlops.telemetry import emit_metrics

UNKNOWN = "unknown"
MAX_LOGGED_BODY = 1_000  # characters


class IngestionLog:
    """Writes the ingestion function's lines and metrics."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger

    def stored(self, report: dict[str, Any]) -> None:
        """A feedback file was stored, as far as its rows could be used, or rejected."""
        model, outcome, rejected = report["model"] or UNKNOWN, report["outcome"], report.get("rejected", {})
        extra = {
            "record": "feedback_file",
            "model": model,
            "outcome": outcome,
            "reason": report["reason"],
            "source": report["source"],
            "s3_version": report["s3_version"],
            "rows": report.get("rows"),
            "stored": report.get("stored"),
            "rejected": rejected.get("reasons"),
        }
        if outcome == "rejected":
            self._logger.warning("feedback file rejected", extra=extra)
            emit_metrics(model, {"FeedbackFilesRejected": (1, "Count")})
            return
        self._logger.info(f"feedback file {outcome}", extra=extra)
        if outcome == "stored":
            counts = {"TruthsStored": report["stored"], "TruthsRejected": rejected["rows"]}
            emit_metrics(model, {name: (count, "Count") for name, count in counts.items()})

    def recovered(self, key: str, records: int) -> None:
        """Records that Firehose couldn't partition are where they belong."""
        self._logger.info("records recovered", extra={"record": "recovery", "object": key, "records": records})
        emit_metrics(UNKNOWN, {"RecordsRecovered": (records, "Count")})

    def failed(self, created: ObjectCreated, error: Exception) -> None:
        """It failed for a reason that a retry may cure; after its retries it's in the dead-letter queue."""
        self._fail("ingestion failed; the queue retries it", error, {"object": f"s3://{created.bucket}/{created.key}"})

    def unreadable(self, body: str, error: EventInvalid) -> None:
        """A message isn't about an object; after its retries it's in the dead-letter queue."""
        self._fail("the message isn't about an upload", error, {"body": body[:MAX_LOGGED_BODY]})

    def _fail(self, message: str, error: Exception, about: dict[str, str]) -> None:
        extra = {"record": "failure", "reason": str(error), **about}
        self._logger.error(message, exc_info=error, extra=extra)
        emit_metrics(UNKNOWN, {"IngestionFailed": (1, "Count")})
