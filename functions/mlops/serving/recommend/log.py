"""Recommendation records and metrics."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops.errors.base import MlopsError
from mlops.interactions import InteractionContract
from mlops.privacy import hash_value
from mlops.serving.live.traffic import Role
from mlops.serving.log import ServingLog
from mlops.serving.recommend.recommendation import Recommendation
from mlops.serving.recommender import Recommender
from mlops.telemetry import Unit, emit_metrics, log_records, write_json

_MAX_REASON = 1_000  # characters
_MAX_REPORTED = 100  # reasons that are remembered


def publish_user(contract: InteractionContract, user: str | None, key: bytes) -> str | None:
    """A user's id as a record may have it: itself, a keyed hash, or nothing."""
    if user is None or contract.user_privacy == "keep":
        return user
    if contract.user_privacy == "hash" and key:
        return hash_value(contract.user_column, user, key)
    return None


class RecommendationLog:
    """Writes a record an answer, and counts answers and sources of histories that were away."""

    def __init__(self, log: ServingLog) -> None:
        self._log = log
        self._reported: set[tuple[str, str, str]] = set()

    def recommendations(
        self,
        served: Recommender,
        answers: Sequence[Recommendation],
        latency_ms: float,
        role: Role,
        request: Mapping[str, str],
    ) -> None:
        """One record each: who was shown which items, in which order and with which propensities, and on what basis."""
        manifest = served.manifest
        common = {
            "record": "recommendation",
            "model": manifest.model,
            "model_version": manifest.version,
            "role": role,
            "latency_ms": round(latency_ms, 3),
            **request,
        }

        def write(start: bytes) -> Iterator[bytes]:
            for answer in answers:
                yield b"%b,%b\n" % (start, write_json(_describe(served, answer, self._log.key))[1:])

        log_records(self._log.logger, "recommendation", common, write)
        metrics: dict[str, tuple[float, Unit]] = {
            "Recommendations": (len(answers), "Count"),
            "Latency": (latency_ms, "Milliseconds"),
        }
        if trending := sum(answer.basis != "history" for answer in answers):
            metrics["RecommendationsTrending"] = (trending, "Count")
        if explored := sum(answer.explored for answer in answers):
            metrics["RecommendationsExplored"] = (explored, "Count")
        emit_metrics(manifest.model, metrics)
        for answer in answers:
            for source, reason in answer.gathered.faults.items():
                self.source_away(manifest.model, source, reason)

    def source_away(self, model: str, source: str, reason: str) -> None:
        """A history's source can't be read: each time is counted, each new reason is logged."""
        reason = reason.partition("\n")[0][:_MAX_REASON]
        if (model, source, reason) not in self._reported and len(self._reported) < _MAX_REPORTED:
            self._reported.add((model, source, reason))
            extra = {"record": "refusal", "model": model, "source": source, "reason": reason}
            self._log.logger.error("history unavailable", extra=extra)
        emit_metrics(model, {"HistoryUnavailable": (1, "Count")})

    def rejected(self, model: str, error: MlopsError, request: Mapping[str, str]) -> None:
        """A request that was refused, with the rules it broke."""
        self._log.rejected(model, error, request)

    def feedback_refused(self, model: str, error: MlopsError, request: Mapping[str, str]) -> None:
        """Feedback that was refused, with the rules it broke."""
        self._log.feedback_refused(model, error, request)

    def events_stored(self, model: str, count: int) -> None:
        """Events that are durable; the records bucket has them, so no line repeats them."""
        emit_metrics(model, {"EventsStored": (count, "Count")})


def _describe(served: Recommender, answer: Recommendation, key: bytes) -> dict[str, Any]:
    user = publish_user(served.interactions, answer.request.user, key)
    return {
        "recommendation_id": answer.id,
        **({} if user is None else {"user": user}),
        "basis": answer.basis,
        "k": answer.request.k,
        "items": answer.items,
        "propensities": answer.propensities,
        "explored": answer.explored,
        "history": answer.gathered.sources,
        "unavailable": [*answer.gathered.faults],
        "unknown_items": answer.gathered.unknown_items,
        **({"excluded": excluded} if (excluded := len(answer.request.excluded)) else {}),
    }
