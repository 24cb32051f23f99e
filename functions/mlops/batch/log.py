"""Log lines and metrics of batch predictions: a line a run that begins, is refused or ends, and a line a chunk."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.logging import Logger

from mlops.batch.plan import Plan
from mlops.telemetry import emit_metrics

UNKNOWN = "unknown"


class BatchLog:
    """Writes the batch function's lines and metrics."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger

    def planned(self, planned: Mapping[str, Any]) -> None:
        """A run begins, goes on, or was done before."""
        extra = {"record": "batch_plan", **planned}
        self._logger.info("batch run was done before" if planned["done"] else "batch run planned", extra=extra)

    def rejected(self, request: Any, error: Exception) -> None:
        """A run that can't be carried out."""
        model = request.get("model") if isinstance(request, Mapping) else None
        extra = {"record": "batch_plan", "model": model, "outcome": "rejected", "reason": str(error)}
        self._logger.warning("batch run rejected", extra=extra)
        emit_metrics(str(model or UNKNOWN), {"BatchRunsRejected": (1, "Count")})

    def scored(self, plan: Plan, report: Mapping[str, Any]) -> None:
        """A chunk has its answers."""
        known = {name: report[name] for name in ("chunk", "file", "rows", "records", "seconds")}
        extra = {"record": "batch_chunk", "run": plan.run, "model": plan.model, "model_version": plan.version, **known}
        self._logger.info("batch chunk scored", extra=extra)

    def finished(self, manifest: Mapping[str, Any]) -> None:
        """All rows have their answers, or the reason why they have none."""
        known = {name: manifest[name] for name in ("run", "model", "rows", "answered", "output", "function_seconds")}
        extra = {"record": "batch_run", "model_version": manifest["version"], **known}
        self._logger.info("batch run finished", extra=extra)
        rejected = manifest["rejected"]["rows"]
        counts = {"BatchPredictions": manifest["answered"], "BatchRowsRejected": rejected}
        emit_metrics(manifest["model"], {name: (count, "Count") for name, count in counts.items()})
