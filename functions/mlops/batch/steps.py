"""The steps of a run as the state machine calls them: each an event in, a small answer out."""

from collections.abc import Callable, Mapping
from typing import Any

from obstore.exceptions import BaseError

from mlops.batch.files import Chunk
from mlops.batch.finish import finish_run
from mlops.batch.layout import MANIFEST, failure_key
from mlops.batch.log import BatchLog
from mlops.batch.places import Places, write_json
from mlops.batch.plan import Plan, plan_run
from mlops.batch.request import BatchRequest
from mlops.batch.score import score_chunk
from mlops.batch.scoring import BatchScorer
from mlops.errors.base import MlopsError
from mlops.errors.data import EventInvalid
from mlops.registry.versions import Versions


class Steps:
    """Carries out the steps; the plan and the model of the last run stay in memory for the next chunk."""

    def __init__(self, places: Places, log: BatchLog) -> None:
        self._places = places
        self._log = log
        self._loaded: tuple[Plan, BatchScorer] | None = None

    def run(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out the step that an event names. Raises EventInvalid, or what the step raises."""
        steps: dict[Any, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "plan": self._plan,
            "score": self._score,
            "finish": self._finish,
        }
        step = steps.get(event.get("step"))
        if step is None:
            raise EventInvalid(f"step is {event.get('step')!r}; it must be one of {', '.join(steps)}")
        return step(event)

    def _plan(self, event: Mapping[str, Any]) -> dict[str, Any]:
        try:
            planned = plan_run(self._places, BatchRequest.parse(event["request"]))
        except MlopsError as error:
            self._log.rejected(event["request"], error)
            raise
        self._log.planned(planned)
        return planned

    def _score(self, event: Mapping[str, Any]) -> dict[str, Any]:
        chunk = Chunk.model_validate(event["chunk"])
        key = failure_key(event["run"], chunk.number)
        try:
            plan, scorer = self._load(event["run"])
            report = score_chunk(self._places, plan, scorer, chunk)
        except Exception as error:
            if not isinstance(error, BaseError):  # where S3 doesn't answer nothing can be left there
                write_json(self._places.answers, key, {"chunk": chunk.number, "reason": str(error)})
            raise
        self._log.scored(plan, report)
        return {name: report[name] for name in ("chunk", "rows", "seconds")}

    def _finish(self, event: Mapping[str, Any]) -> dict[str, Any]:
        plan = self._read(event["run"])
        manifest = finish_run(self._places, plan)
        self._log.finished(manifest)
        place = f"s3://{plan.bucket}/{plan.output}{MANIFEST}"
        return {"manifest": place, **{name: manifest[name] for name in ("run", "model", "version", "rows", "answered")}}

    def _read(self, run: str) -> Plan:
        plan = Plan.read(self._places.answers, run)
        if plan is None:
            raise EventInvalid(f"there is no run {run}")
        return plan

    def _load(self, run: str) -> tuple[Plan, BatchScorer]:
        if self._loaded is None or self._loaded[0].run != run:
            plan = self._read(run)
            registry = self._places.registry
            manifest = Versions(registry, plan.model).table(plan.version)
            self._loaded = plan, BatchScorer.load(registry, manifest, explain=plan.request.explain)
        return self._loaded
