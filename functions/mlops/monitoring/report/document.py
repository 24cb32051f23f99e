"""report.json: the facts of a window and the model's incidents."""

from collections.abc import Sequence

from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident


class WindowDocument(WindowFacts):
    """The content of report.json."""

    incidents: tuple[Incident, ...] = ()


def write_document(facts: WindowFacts, incidents: Sequence[Incident] = ()) -> bytes:
    """The bytes of report.json: the same for the same facts and incidents."""
    return WindowDocument(**dict(facts), incidents=tuple(incidents)).model_dump_json(indent=1).encode()


def read_document(content: bytes) -> WindowDocument:
    """What `write_document` wrote. Raises pydantic's ValidationError for anything else."""
    return WindowDocument.model_validate_json(content)
