"""What the parts of Step Functions' API share."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from localaws.clock import Clock
from localaws.stepfunctions.activities import Activities
from localaws.stepfunctions.engine import Engine
from localaws.stepfunctions.errors import InvalidToken, Unreadable, ValidationFailed
from localaws.stepfunctions.language.json_texts import parse_json
from localaws.stepfunctions.language.services import model_of
from localaws.stepfunctions.machines import StateMachines
from localaws.stepfunctions.request_rules import WrongType, violations

_PAGE = 100


class BaseApi(BaseResponse):
    """A part of the API: one method per operation."""

    machines: StateMachines
    activities: Activities
    engine: Engine
    clock: Clock

    def __init__(self) -> None:
        super().__init__(service_name="stepfunctions")
        self.automated_parameter_parsing = True

    def parse_parameters(self, request: Any) -> None:
        """Read the request's JSON; raises Unreadable, since mapping templates of API Gateway can send anything."""
        try:
            given = parse_json(self.body or "{}")
            found = list(violations(model_of("stepfunctions").operation_model(self._get_action()).input_shape, given))
        except (ValueError, WrongType) as error:
            raise Unreadable(f"The request can't be read: {error}") from None
        if found:
            count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: "
            raise ValidationFailed(count + "; ".join(found))
        super().parse_parameters(request)

    def _refuse_encryption(self, what: str) -> None:
        if self.params.get("encryptionConfiguration"):
            raise ValidationFailed(f"Local AWS doesn't support encryptionConfiguration of {what}.")

    def _page(self, name: str, items: Sequence[Any]) -> ActionResult:
        """One page of a list."""
        size = self.params.get("maxResults") or _PAGE
        start = _offset(self.params.get("nextToken"))
        answer: dict[str, Any] = {name: items[start : start + size]}
        if start + size < len(items):
            answer["nextToken"] = base64.b64encode(str(start + size).encode()).decode()
        return ActionResult(answer)


def _offset(token: str | None) -> int:
    """Where the page of a token begins; raises InvalidToken."""
    try:
        return int(base64.b64decode(token, validate=True)) if token else 0
    except ValueError:
        raise InvalidToken(f"Invalid Token: '{token}'") from None
