"""The Open Inference Protocol V2, as KServe and Triton implement it over HTTP.

A request brings one tensor a column, [N] or [N, 1], named as the column; or the compiled model's own matrices,
`numbers` [N, columns that aren't categories] and `categories` [N, category columns], in the contract's order. The
answer has `label` or `value` and `probabilities` (in the order of the contract's labels), and `prediction_id`, under
which the truth can be reported later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.routing import Route

from mlops.errors.serving import BodyUnreadable
from mlops.registry.manifest.manifest import VersionManifest
from mlops.serving.live.served_models import ServedModels
from mlops.serving.protocols.protocol import ModelDescription, ParsedRequest
from mlops.serving.protocols.v2.columns import read_columns
from mlops.serving.protocols.v2.parameters import BINARY, BINARY_OUTPUT, BINARY_SIZE, read_parameters, refusal
from mlops.serving.protocols.v2.routes import make_routes
from mlops.serving.protocols.v2.tensors import read_tensors, write_binary
from mlops.serving.rows.json_numbers import EACH, read_bounded
from mlops.serving.scorer import Scorer, Scores

HEADER_LENGTH = "inference-header-content-length"
type Output = tuple[str, list[int], list[Any]]

_DATA = (("inputs", EACH, "data"),)  # where many numbers may be
# KServe's client sends the model's name, as V2 has it over gRPC, where no path names the model.
_MEMBERS = {"id", "model_name", "model_version", "parameters", "inputs", "outputs"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the client wants back: its own id and parameters, and which outputs, each in JSON or in binary."""

    id: str | None
    parameters: dict[str, Any]
    outputs: dict[str, bool]


class Inference:
    """POST /v2/models/{model}/infer, or a particular version of a model, and the paths of V2's health and metadata."""

    paths: tuple[str, ...] = ("/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer")
    media_types: tuple[str, ...] = ("application/json", "application/octet-stream")
    requires_media_type = False  # Triton's client names none
    explains = False

    def read(self, body: bytes, headers: Mapping[str, str], scorer: Scorer) -> ParsedRequest:
        """The rows that the tensors hold, checked."""
        length = header_length(headers.get(HEADER_LENGTH), len(body))
        reader = scorer.reader
        try:
            document, is_whole = read_bounded(body[:length], _DATA, reader.tensors_budget, reader.max_rows)
        except ValueError as error:
            raise BodyUnreadable(str(error)) from None
        options = read_options(document, scorer.manifest, output_names(scorer))
        if len(document["inputs"]) > 2 * len(reader.names) + 8:
            message = f"there are {len(document['inputs']):,} inputs for a model of {len(reader.names)} columns"
            raise refusal("unknown", message)
        tensors = read_tensors(document["inputs"], body[length:], reader.max_rows)
        if not is_whole:
            raise refusal("shape", "the body has more values than its inputs can have")
        return ParsedRequest(read_columns(tensors, scorer.contract, reader), options)

    def write(
        self, parsed: ParsedRequest, scorer: Scorer, scores: Scores, ids: Sequence[str], explanations: object = None
    ) -> Response:
        """The outputs that were asked for, all where none was named."""
        return write_outputs(scorer.manifest, parsed.options, lambda name: _output(name, scores, ids))

    def routes(self, models: ServedModels) -> list[Route]:
        """Health and metadata of the server and of the models."""
        return make_routes(models)

    def describe(self, model: ModelDescription) -> dict[str, Any]:
        """The model's paths, and for the default model those of the server."""
        from mlops.serving.protocols.v2.openapi import describe_inference

        return describe_inference(model)


def write_outputs(manifest: VersionManifest, options: Options, find: Callable[[str], Output]) -> Response:
    """The outputs that the client wants back; `find` gives one by its name."""
    outputs = []
    parts = []
    for name, binary in options.outputs.items():
        datatype, shape, values = find(name)
        output: dict[str, Any] = {"name": name, "datatype": datatype, "shape": shape}
        if binary:
            parts.append(write_binary(datatype, values))
            output["parameters"] = {BINARY_SIZE: len(parts[-1])}
        else:
            output["data"] = values
        outputs.append(output)
    document: dict[str, Any] = {"model_name": manifest.model, "model_version": str(manifest.version)}
    if options.id is not None:
        document["id"] = options.id
    if options.parameters:
        document["parameters"] = options.parameters
    head = to_json({**document, "outputs": outputs}, inf_nan_mode="null")  # a parameter may be NaN
    if not parts:
        return Response(head, media_type="application/json")
    return Response(
        b"".join((head, *parts)), headers={HEADER_LENGTH: str(len(head))}, media_type="application/octet-stream"
    )


def header_length(given: str | None, size: int) -> int:
    """How many bytes of the body are JSON: all of them unless the header says otherwise."""
    if given is None:
        return size
    if not (given.isascii() and given.isdigit()) or len(given) > len(str(size)) or int(given) > size:
        raise BodyUnreadable(f"{HEADER_LENGTH} must be a number of bytes that the body has", "inference request")
    return int(given)


def read_options(document: Any, manifest: VersionManifest, known: Sequence[str]) -> Options:
    """What the client wants back; `known` are the outputs that there are. Raises InputRejected."""
    if not isinstance(document, dict) or not isinstance(document.get("inputs"), list):
        raise refusal("type", "the body must be an object with 'inputs', a list of tensors")
    if unknown := sorted(document.keys() - _MEMBERS):
        raise refusal("unknown", f"the body has no member {unknown[0][:80]!r}")
    name, outputs = document.get("id"), document.get("outputs")
    parameters = read_parameters(document.get("parameters"), "request")
    _check_addressee(document, manifest)
    if not isinstance(name, str | None) or not isinstance(outputs, list | None):
        raise refusal("type", "'id' must be text, and 'outputs' a list")
    everywhere = parameters.get(BINARY_OUTPUT, False)
    if not isinstance(everywhere, bool):
        raise refusal("type", f"{BINARY_OUTPUT} must be true or false")
    echoed = {key: value for key, value in parameters.items() if key != BINARY_OUTPUT}
    if not outputs:
        return Options(name, echoed, dict.fromkeys(known, everywhere))
    return Options(name, echoed, dict(_read_output(output, known, everywhere) for output in outputs))


def _check_addressee(document: dict[str, Any], manifest: VersionManifest) -> None:
    """Raise InputRejected if the body names another model or version than the path, or than its champion."""
    for member, expected in (("model_name", manifest.model), ("model_version", str(manifest.version))):
        given = document.get(member)
        if given not in (None, "", expected):
            raise refusal("model", f"{member!r} isn't {expected!r}, which the path asks for; it may be left out")


def _read_output(output: Any, known: Sequence[str], everywhere: bool) -> tuple[str, bool]:
    if not isinstance(output, dict) or not isinstance(output.get("name"), str):
        raise refusal("type", "an output must be an object with a name")
    name = output["name"]
    parameters = read_parameters(output.get("parameters"), "output", name)
    if name not in known:
        raise refusal("unknown", f"there is no such output, only {', '.join(known)}", name)
    if unknown := sorted(output.keys() - {"name", "parameters"}):
        raise refusal("unknown", f"an output has no member {unknown[0][:80]!r}", name)
    binary = parameters.get(BINARY, everywhere)
    if not isinstance(binary, bool):
        raise refusal("type", f"{BINARY} must be true or false", name)
    return name, binary


def output_names(scorer: Scorer) -> tuple[str, ...]:
    """What the model can answer."""
    answers = ("label", "probabilities") if scorer.contract.target.labels else ("value",)
    return (*answers, "prediction_id")


def _output(name: str, scores: Scores, ids: Sequence[str]) -> Output:
    """Datatype, shape and flat values of an output."""
    match name:
        case "label":
            return "BYTES", [len(ids)], scores.labels
        case "value":
            return "FP64", [len(ids)], scores.values
        case "probabilities":
            return "FP64", list(scores.answer.shape), scores.answer.ravel().tolist()
        case _:
            return "BYTES", [len(ids)], list(ids)
