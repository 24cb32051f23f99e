"""The forms in which clients ask for recommendations: our own, MLflow's and V2's. All have the same answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from starlette.responses import Response

from mlops.errors.serving import BodyTooLarge, BodyUnreadable, InputRejected
from mlops.errors.violations import Violation
from mlops.serving.protocols.mlflow.invocations import Invocations
from mlops.serving.protocols.protocol import ClientProtocol
from mlops.serving.protocols.v2.inference import (
    HEADER_LENGTH,
    Inference,
    Options,
    Output,
    header_length,
    read_options,
    write_outputs,
)
from mlops.serving.protocols.v2.parameters import refusal
from mlops.serving.protocols.v2.routes import RECOMMENDER_INPUTS, RECOMMENDER_OUTPUTS
from mlops.serving.protocols.v2.tensors import Tensor, read_tensors
from mlops.serving.recommend.answer import RecommendationProtocol
from mlops.serving.recommend.history_events import list_events
from mlops.serving.recommend.recommendation import Recommendation
from mlops.serving.recommend.requests import Expected, RecommendationRequest, check_request, read_request
from mlops.serving.recommender import Recommender

MAX_REQUESTS = 100
"""Requests that a body may have where its protocol has several."""

type Requests = Sequence[RecommendationRequest]


class OwnRecommendations:
    """One request, an object with `user`, `history`, `k` and `exclude`, none of which it must have.

    With `shows_history` the answer lists the events of the user's history.
    """

    media_types: tuple[str, ...] = ("application/json",)
    requires_media_type = True
    explains = True

    def __init__(self, *, shows_history: bool = False) -> None:
        self._shows_history = shows_history

    def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        served: Recommender,
        now: datetime,
    ) -> tuple[Requests, None]:
        """The request."""
        return [read_request(body, _expect(served), now)], None

    def write(self, served: Recommender, answers: Sequence[Recommendation], options: None) -> Response:
        """Model, version, and the members of the recommendation."""
        manifest = served.manifest
        document = {"model": manifest.model, "version": manifest.version, **answers[0].to_dict()}
        if self._shows_history:
            document["history"] |= list_events(served, answers[0].gathered)
        return Response(to_json(document), media_type="application/json")


class MlflowRecommendations:
    """MLflow's JSON forms of a data frame whose rows are requests, with a column for each member."""

    media_types: tuple[str, ...] = ("application/json",)
    requires_media_type = True
    explains = False

    def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        served: Recommender,
        now: datetime,
    ) -> tuple[Requests, None]:
        """The requests, one a row. A NaN is a missing value, as pandas writes it."""
        try:
            document = from_json(body)
        except ValueError as error:
            raise BodyUnreadable(str(error)) from None
        return _check_rows([_without_nan(row) for row in _read_frame(document)], served, now), None

    def write(self, served: Recommender, answers: Sequence[Recommendation], options: None) -> Response:
        """`{"model", "version", "predictions": [an object a row]}`."""
        manifest = served.manifest
        predictions = [answer.to_dict() for answer in answers]
        document = {"model": manifest.model, "version": manifest.version, "predictions": predictions}
        return Response(to_json(document), media_type="application/json")


class V2Recommendations:
    """Tensors with an element a request: `user` and, in JSON, `history` and `exclude` as BYTES, `k` as INT64.

    An empty text is a missing value. `items` and `scores` have a row a request, which ends with "" and NaN where there
    are fewer items than in the longest; a trending item's score is NaN too.
    """

    media_types: tuple[str, ...] = ("application/json", "application/octet-stream")
    requires_media_type = False
    explains = False

    def read(
        self, body: bytes, headers: Mapping[str, str], served: Recommender, now: datetime
    ) -> tuple[Requests, Options]:
        """The requests, and which outputs the client wants back."""
        length = header_length(headers.get(HEADER_LENGTH), len(body))
        try:
            document = from_json(body[:length])
        except ValueError as error:
            raise BodyUnreadable(str(error)) from None
        options = read_options(document, served.manifest, [name for name, _, _ in RECOMMENDER_OUTPUTS])
        tensors = {each.name: each for each in read_tensors(document["inputs"], body[length:], MAX_REQUESTS)}
        if len(tensors) < len(document["inputs"]) or not tensors:
            raise refusal("twice" if tensors else "missing", "inputs must be different tensors, and at least one")
        return _check_rows(_read_rows(tensors), served, now), options

    def write(self, served: Recommender, answers: Sequence[Recommendation], options: Options) -> Response:
        """The outputs that were asked for, all where none was named."""
        return write_outputs(served.manifest, options, lambda name: _output(name, answers))


OTHERS: dict[type[ClientProtocol], RecommendationProtocol] = {
    Invocations: MlflowRecommendations(),
    Inference: V2Recommendations(),
}


def _expect(served: Recommender) -> Expected:
    return Expected(served.interactions, served.manifest.k, served.items.places.keys())


def _check_rows(rows: Sequence[Any], served: Recommender, now: datetime) -> Requests:
    if not rows:
        raise InputRejected([Violation(rule="rows", message="there must be at least one row")])
    if len(rows) > MAX_REQUESTS:
        raise BodyTooLarge("recommendation requests", MAX_REQUESTS, len(rows))
    expected = _expect(served)
    return [check_request(row, expected, now, number) for number, row in enumerate(rows)]


def _read_frame(document: Any) -> list[Any]:
    """The rows of `{form: frame}`."""
    forms = ("dataframe_split", "dataframe_records", "instances", "inputs")
    given = [name for name in forms if isinstance(document, dict) and name in document]
    if len(given) != 1 or document.keys() - {given[0], "params"} or document.get("params") not in (None, {}):
        raise _refuse("form", f"the body must be an object with exactly one of {', '.join(forms)}")
    form, frame = given[0], document[given[0]]
    if form == "dataframe_split":
        return _read_split(frame)
    if form == "inputs" and isinstance(frame, dict):
        return _read_columns(frame)
    if not isinstance(frame, list):
        raise _refuse("type", f"{form!r} must be a list of rows")
    return frame


def _read_split(frame: Any) -> list[dict[str, Any]]:
    names, data = (frame.get("columns"), frame.get("data")) if isinstance(frame, dict) else (None, None)
    if not isinstance(names, list) or not isinstance(data, list) or not all(isinstance(each, str) for each in names):
        raise _refuse("type", "'dataframe_split' must be an object with 'columns', a list of names, and 'data'")
    if len({*names}) < len(names):
        raise _refuse("twice", "'columns' of 'dataframe_split' must be different names")
    if not all(isinstance(row, list) and len(row) == len(names) for row in data):
        raise _refuse("shape", f"each row of 'data' must be a list of {len(names)} cells")
    return [dict(zip(names, row, strict=True)) for row in data]


def _read_columns(frame: dict[str, Any]) -> list[dict[str, Any]]:
    """`{column: [cell, …]}`, if the column `user` is a list, else one row: histories are lists themselves."""
    if not isinstance(frame.get("user"), list):
        return [frame]
    if not all(isinstance(cells, list) and len(cells) == len(frame["user"]) for cells in frame.values()):
        raise _refuse("shape", "the columns of 'inputs' must be lists of one length")
    return [dict(zip(frame, cells, strict=True)) for cells in zip(*frame.values(), strict=True)]


def _without_nan(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return {name: None if isinstance(cell, float) and cell != cell else cell for name, cell in row.items()}


def _read_rows(tensors: Mapping[str, Tensor]) -> list[dict[str, Any]]:
    """The requests that the tensors hold."""
    known = {name: datatype for name, datatype, _ in RECOMMENDER_INPUTS}
    sizes = {each.shape for each in tensors.values()}
    if len({shape[0] for shape in sizes}) > 1 or any(shape[1:] not in ((), (1,)) for shape in sizes):
        raise refusal("shape", "the inputs must have one shape, [requests]")
    columns: dict[str, list[Any]] = {}
    for name, tensor in tensors.items():
        if name not in known:
            raise refusal("unknown", f"there is no such input, only {', '.join(known)}", name)
        if (tensor.datatype == "BYTES") != (known[name] == "BYTES"):
            raise refusal("datatype", f"its datatype must be {known[name]}", name)
        cells = [cell if cell != "" else None for cell in tensor.cells()]
        columns[name] = [*map(_parse, cells)] if name in ("history", "exclude") else cells
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _parse(cell: str | None) -> Any:
    try:
        return None if cell is None else from_json(cell, allow_inf_nan=False)
    except ValueError:
        raise refusal("type", "an element of history and exclude must be JSON, or empty") from None


def _output(name: str, answers: Sequence[Recommendation]) -> Output:
    """Datatype, shape and flat values of an output."""
    if name == "basis":
        return "BYTES", [len(answers)], [answer.basis for answer in answers]
    if name == "recommendation_id":
        return "BYTES", [len(answers)], [answer.id for answer in answers]
    width = max(len(answer.items) for answer in answers)
    shape = [len(answers), width]
    if name == "items":
        return "BYTES", shape, [cell for each in answers for cell in (*each.items, *[""] * (width - len(each.items)))]
    nan = float("nan")
    scores = [[nan if score is None else score for score in each.scores] for each in answers]
    return "FP64", shape, [cell for row in scores for cell in (*row, *[nan] * (width - len(row)))]


def _refuse(rule: str, message: str) -> InputRejected:
    return InputRejected([Violation(rule=rule, message=message)])
