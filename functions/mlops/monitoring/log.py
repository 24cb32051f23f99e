"""Log records and metrics of the monitoring function: a line a window, a line an incident's step."""

from dataclasses import asdict

from aws_lambda_powertools.logging import Logger

from mlops.monitoring.canary_facts import CanaryFacts
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident, Retraining
from mlops.monitoring.learning.learner import Learned
from mlops.monitoring.recommender_facts import RecommenderFacts
from mlops.telemetry import emit_metrics

ALL = "all"
"""In place of a model's name, where a figure is about a whole run."""


class MonitoringLog:
    """Writes the monitoring function's records and metrics."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger

    def looked(self, facts: WindowFacts, incident: Incident | None) -> None:
        """A window was looked at."""
        extra = {
            "record": "window",
            "model": facts.model,
            "window": facts.window,
            "predictions": sum(version.service.predictions for version in facts.versions),
            **({} if facts.recommendations is None else _describe(facts.recommendations)),
            "truths": facts.feedback.standing,
            "drifted": [
                f"{each.version}/{col.column}" for each in facts.versions for col in each.columns if col.drifted
            ],
            "incident": incident.id if incident else None,
            "incident_status": incident.status if incident else None,
        }
        self._logger.info("looked at a window", extra=extra)
        emit_metrics(facts.model, {"WindowsMonitored": (1, "Count"), "Incidents": (int(incident is not None), "Count")})

    def not_mirrored(self, facts: WindowFacts, reason: str) -> None:
        """MLflow didn't get a window's figures."""
        extra = {"record": "mirror", "model": facts.model, "window": facts.window, "reason": reason}
        self._logger.warning("MLflow hasn't the figures of this window", extra=extra)

    def collected(self, incident: Incident, retraining: Retraining | None, waiting: str | None) -> None:
        """An incident's dataset was assembled, or has to wait, or was refused."""
        extra = {
            "record": "retraining",
            "model": incident.model,
            "incident": incident.id,
            "waiting": waiting,
            **(retraining.model_dump(mode="json", exclude_none=True) if retraining else {}),
        }
        self._logger.info("retraining waits" if waiting else "retraining decided", extra=extra)

    def learned(self, model: str, learned: Learned) -> None:
        """A recommender's events became a dataset, or have to wait, or can't become one."""
        told = {name: value for name, value in asdict(learned).items() if value}
        self._logger.info(
            "events became a dataset" if learned.key else "events aren't a dataset yet",
            extra={"record": "learning", "model": model, **told},
        )
        emit_metrics(model, {"EventsLearned": (learned.new_rows, "Count")})

    def tried(self, facts: CanaryFacts) -> None:
        """A canary was looked at."""
        extra = {"record": "canary", **facts.model_dump(mode="json")}
        self._logger.info("looked at a canary", extra=extra)
        emit_metrics(
            facts.model,
            {
                "CanaryRequests": (facts.requests, "Count"),
                "CanaryFailed": (facts.failed, "Count"),
                "CanaryPromoted": (int(facts.outcome == "promote"), "Count"),
                "CanaryWithdrawn": (int(facts.outcome == "withdraw"), "Count"),
            },
        )

    def completed(self, models: int) -> None:
        """All models were monitored."""
        self._logger.info("monitoring completed", extra={"record": "monitoring", "models": models})
        emit_metrics(ALL, {"MonitoringCompleted": (1, "Count")})

    def failed(self, model: str, error: Exception) -> None:
        """A model couldn't be monitored; the next run goes on where this one ended."""
        extra = {"record": "failure", "model": model, "reason": str(error)}
        self._logger.error("monitoring failed; the next run tries again", exc_info=error, extra=extra)
        emit_metrics(model, {"MonitoringFailed": (1, "Count")})


def _describe(facts: RecommenderFacts) -> dict[str, float]:
    described: dict[str, float] = {"events": facts.events.received}
    if facts.all_answers:
        described |= {"answers": facts.all_answers.answers, "click_through": facts.all_answers.clicks.value}
    return described
