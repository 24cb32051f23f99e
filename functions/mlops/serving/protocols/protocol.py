"""What a protocol is: paths, a body that becomes rows, and an answer made of the rows' scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from starlette.responses import Response
from starlette.routing import Route

from mlops.contract import Contract
from mlops.serving.live.scorers import Scorers
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores

if TYPE_CHECKING:
    from mlops.artifact.explanation.explainer import Explanation


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks: rows that keep the contract, and what its protocol needs of it to answer."""

    rows: Sequence[Row]
    asked: Any = None


@dataclass(frozen=True, slots=True)
class Described:
    """A model for the OpenAPI document: its champion's version, contract and a row to show, if it has a champion."""

    model: str
    max_rows: int
    is_default: bool
    version: int | None = None
    contract: Contract | None = None
    example: Row = field(default_factory=dict)


class ProtocolOfClients(Protocol):
    """One way in which clients ask for predictions."""

    paths: tuple[str, ...]
    """Where it takes POST; `{model}` and `{version}` in a path say whom is asked."""
    media_types: tuple[str, ...]
    """The types of body that it reads."""
    requires_media_type: bool
    """Whether a body must say its type."""
    explains: bool
    """Whether its answers have a place for explanations."""

    def read(self, body: bytes, headers: Mapping[str, str], scorer: Scorer) -> Question:
        """The rows of a body, checked. Raises BodyUnreadable, BodyTooLarge or InputRejected."""

    def write(
        self,
        question: Question,
        scorer: Scorer,
        scores: Scores,
        ids: Sequence[str],
        explanations: "Sequence[Explanation] | None" = None,
    ) -> Response:
        """The answer: the scores of the question's rows, each under its prediction id, with explanations if wanted."""

    def routes(self, scorers: Scorers) -> list[Route]:
        """Its paths besides: what its clients ask of the server and the models."""

    def describe(self, described: Described) -> dict[str, Any]:
        """The paths of a model in the OpenAPI document, `{path: {method: operation}}`."""
