"""What requests of every kind of model share: the refusals that are their own fault, their query, and their ids."""

from starlette.requests import Request

from mlops.errors.serving import (
    BodyTooLarge,
    BodyUnreadable,
    ContentCodingUnsupported,
    ExplanationUnavailable,
    InputRejected,
    MediaTypeUnsupported,
    QueryInvalid,
)

EXPLAIN = "explain"
# The request's fault: logged as a refusal, with the rules it broke.
REFUSALS = (
    BodyTooLarge,
    BodyUnreadable,
    ContentCodingUnsupported,
    ExplanationUnavailable,
    InputRejected,
    MediaTypeUnsupported,
    QueryInvalid,
)


def read_explain(request: Request, *, explains: bool) -> bool:
    """Whether the request wants its answers explained; `explains` if its protocol can. Raises QueryInvalid."""
    if not request.scope.get("query_string"):
        return False
    values = request.query_params.getlist(EXPLAIN)
    if not values:
        return False
    if not explains:
        raise QueryInvalid(EXPLAIN, "isn't taken here; POST /predict and /models/{model}/predict explain answers.")
    if values not in (["true"], ["false"]):
        raise QueryInvalid(EXPLAIN, "must be true or false, and stand once.")
    return values == ["true"]


def request_ids(request: Request) -> dict[str, str]:
    """The ids under which Lambda and API Gateway know the request; none outside Lambda."""
    context = request.scope.get("aws.context")
    event = request.scope.get("aws.event", {})
    ids = {
        "function_request_id": getattr(context, "aws_request_id", None),
        "request_id": event.get("requestContext", {}).get("requestId"),
    }
    return {name: value for name, value in ids.items() if value}
