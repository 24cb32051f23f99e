"""How every request for predictions is answered, whatever its protocol: read, score, write, log."""

from time import perf_counter_ns

from starlette.requests import Request
from starlette.responses import Response

from mlops.errors import BodyTooLarge, BodyUnreadable, InputRejected, MediaTypeUnsupported
from mlops.serving.body import read_body
from mlops.serving.protocols.protocol import ProtocolOfClients
from mlops.serving.records import ServingLog, make_ids
from mlops.serving.scorers import Scorers
from mlops.settings import ApiSettings

# The request's fault: logged as a refusal, with the rules it broke.
REFUSALS = (BodyTooLarge, BodyUnreadable, InputRejected, MediaTypeUnsupported)


class Answerer:
    """Answers the requests of all protocols, within the limits on a body and its answer."""

    def __init__(self, scorers: Scorers, log: ServingLog, settings: ApiSettings) -> None:
        self._scorers = scorers
        self._log = log
        self._max_body = settings.max_body_bytes
        self._max_answer = settings.max_answer_bytes

    async def answer(self, protocol: ProtocolOfClients, request: Request) -> Response:
        """The predictions for a request. Raises what scorers, protocol and body raise."""
        started = perf_counter_ns()
        scorer = await self._scorers.find(request.path_params)
        origin = request_ids(request)
        try:
            body = await read_body(request, protocol, self._max_body)
            question = protocol.read(body, request.headers, scorer)
            scores = scorer.score(question.rows)
            ids = make_ids(len(question.rows))
            response = protocol.write(question, scorer, scores, ids)
            if len(response.body) > self._max_answer:
                raise BodyTooLarge("bytes in its answer", self._max_answer, len(response.body))
        except REFUSALS as error:
            self._log.rejected(scorer.manifest.model, error, origin)
            raise
        self._log.predictions(scorer, question.rows, scores, ids, (perf_counter_ns() - started) / 1e6, origin)
        return response


def request_ids(request: Request) -> dict[str, str]:
    """The ids under which Lambda and API Gateway know the request; none outside Lambda."""
    context = request.scope.get("aws.context")
    event = request.scope.get("aws.event", {})
    ids = {
        "function_request_id": getattr(context, "aws_request_id", None),
        "request_id": event.get("requestContext", {}).get("requestId"),
    }
    return {name: value for name, value in ids.items() if value}
