"""A protocol: paths, a body that is read into rows, and an answer that is written from their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from starlette.responses import Response
from starlette.routing import Route

from mlops.contract import Contract
from mlops.serving.live.served_models import ServedModels
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores

if TYPE_CHECKING:
    from mlops.artifact.explanation.explainer import Explanation


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """The body of a request: rows that keep the contract, and what its protocol needs to write the answer."""

    rows: Sequence[Row]
    options: Any = None


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """A model for the OpenAPI document: its champion's version, contract and an example row, if it has a champion."""

    name: str
    max_rows: int
    is_default: bool
    version: int | None = None
    contract: Contract | None = None
    example: Row = field(default_factory=dict)


class ClientProtocol(Protocol):
    """One way in which clients ask for predictions."""

    paths: tuple[str, ...]
    """Where it takes POST; `{model}` and `{version}` in a path name the version that answers."""
    media_types: tuple[str, ...]
    """The types of body that it reads."""
    requires_media_type: bool
    """Whether a request must have a Content-Type."""
    explains: bool
    """Whether its answers have a place for explanations."""

    def read(self, body: bytes, headers: Mapping[str, str], scorer: Scorer) -> ParsedRequest:
        """The rows of a body, checked. Raises BodyUnreadable, BodyTooLarge or InputRejected."""

    def write(
        self,
        parsed: ParsedRequest,
        scorer: Scorer,
        scores: Scores,
        ids: Sequence[str],
        explanations: "Sequence[Explanation] | None" = None,
    ) -> Response:
        """The answer: the scores of the rows, each with its prediction id and, where wanted, its explanation."""

    def routes(self, models: ServedModels) -> list[Route]:
        """Its other paths: the health and metadata that its clients ask for."""

    def describe(self, model: ModelDescription) -> dict[str, Any]:
        """The paths of a model in the OpenAPI document, `{path: {method: operation}}`."""
