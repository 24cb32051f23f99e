"""What the parts of Step Functions' API share."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from localaws.clock import Clock
from localaws.stepfunctions.activities import Activities
from localaws.stepfunctions.engine import Engine
from localaws.stepfunctions.errors import Unreadable, ValidationFailed
from localaws.stepfunctions.machines import StateMachines

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
            json.loads(self.body or "{}")
        except ValueError:
            raise Unreadable("The request isn't JSON.") from None
        super().parse_parameters(request)

    def _refuse_encryption(self, what: str) -> None:
        if self.params.get("encryptionConfiguration"):
            raise ValidationFailed(f"Local AWS doesn't support encryptionConfiguration of {what}.")

    def _page(self, name: str, items: Sequence[Any]) -> ActionResult:
        """One page of a list."""
        size = self.params.get("maxResults") or _PAGE
        token = self.params.get("nextToken")
        start = int(base64.b64decode(token)) if token else 0
        answer: dict[str, Any] = {name: items[start : start + size]}
        if start + size < len(items):
            answer["nextToken"] = base64.b64encode(str(start + size).encode()).decode()
        return ActionResult(answer)
