"""What monitoring writes for others to read: facts and reports of windows, and incidents."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import obstore
from pydantic_core import from_json, to_json

from mlops.monitoring.canary_facts import CanaryFacts
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident
from mlops.monitoring.layout import ROOT, canary_key, facts_key, incident_key, incident_prefix, report_key, state_key
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_INCIDENTS = "incidents"


class Archive:
    """The facts, reports and incidents of all models, in the records bucket."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    def write_facts(self, facts: WindowFacts, incidents: Sequence[Incident] = ()) -> None:
        """Write a window's facts; those of a day with the model's incidents by then, oldest first."""
        document = {**facts.model_dump(mode="json"), _INCIDENTS: [each.model_dump(mode="json") for each in incidents]}
        obstore.put(self._store, facts_key(facts.model, facts.window), to_json(document, indent=2))

    def write_report(self, model: str, window: str, page: bytes) -> None:
        """Write the page of a window."""
        attributes = {"Content-Type": "text/html; charset=utf-8"}
        obstore.put(self._store, report_key(model, window), page, attributes=attributes)

    def read_report(self, model: str, window: str) -> bytes | None:
        """The page of a window, None if it has none."""
        try:
            return bytes(obstore.get(self._store, report_key(model, window)).bytes())
        except FileNotFoundError:
            return None

    def read_history(self, model: str, last: str, days: int) -> list[WindowFacts]:
        """The facts of up to `days` days, the last of them `last`, oldest first; days without facts are left out."""
        prefix = f"{ROOT}{model}/"
        names = obstore.list_with_delimiter(self._store, prefix)["common_prefixes"]
        found = sorted(name.rstrip("/").rpartition("/")[2] for name in names)
        windows = [name for name in found if _is_day(name) and name <= last][-days:]
        return [facts for name in windows if (facts := self.read_facts(model, name))]

    def read_facts(self, model: str, window: str) -> WindowFacts | None:
        """The facts of a window, None if it wasn't looked at."""
        try:
            document = from_json(bytes(obstore.get(self._store, facts_key(model, window)).bytes()))
        except FileNotFoundError:
            return None
        return WindowFacts.model_validate({name: value for name, value in document.items() if name != _INCIDENTS})

    def has_incident(self, incident: Incident) -> bool:
        """Whether the incident is there as it is."""
        try:
            found = obstore.get(self._store, incident_key(incident.model, incident.id))
        except FileNotFoundError:
            return False
        return bytes(found.bytes()) == _dump(incident)

    def write_incident(self, incident: Incident) -> None:
        """Write an incident as it is now."""
        obstore.put(self._store, incident_key(incident.model, incident.id), _dump(incident))

    def read_incidents(self, model: str, before: datetime | None = None) -> list[Incident]:
        """A model's incidents, oldest first; of those opened before a time, if one is given."""
        keys = [each["path"] for page in obstore.list(self._store, incident_prefix(model)) for each in page]
        found = [Incident.model_validate_json(bytes(obstore.get(self._store, key).bytes())) for key in keys]
        chosen = [incident for incident in found if before is None or incident.opened_at < before]
        return sorted(chosen, key=lambda incident: (incident.opened_at, incident.id))

    def write_canary(self, facts: CanaryFacts) -> None:
        """Write what the last look at a canary found."""
        key = canary_key(facts.model, facts.version, facts.started)
        obstore.put(self._store, key, to_json(facts.model_dump(mode="json"), indent=2))

    def read_canary(self, model: str, version: int, started: datetime) -> CanaryFacts | None:
        """What the last look at a canary found; None if nobody looked yet."""
        try:
            found = obstore.get(self._store, canary_key(model, version, started))
        except FileNotFoundError:
            return None
        return CanaryFacts.model_validate_json(bytes(found.bytes()))

    def list_models(self) -> list[str]:
        """The models that are monitored, sorted."""
        names = obstore.list_with_delimiter(self._store, ROOT)["common_prefixes"]
        return sorted(name.rstrip("/").rpartition("/")[2] for name in names)

    def is_monitored(self, model: str) -> bool:
        """Whether the model has a state."""
        try:
            obstore.head(self._store, state_key(model))
        except FileNotFoundError:
            return False
        return True


def _dump(incident: Incident) -> bytes:
    return to_json(incident.model_dump(mode="json"), indent=2)


def _is_day(name: str) -> bool:
    try:
        window = Window.parse(name)
    except ValueError:
        return False
    return window == Window.of_day(window.start.date())
