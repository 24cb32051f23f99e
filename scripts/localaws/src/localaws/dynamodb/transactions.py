"""Transactions with a client's token happen once.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

_VALID = 600.0


class Mismatch(ServiceException):
    """A token was used before with other parameters."""

    code = "IdempotentParameterMismatchException"


def once(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap DynamoHandler.transact_write_items: for ten minutes a token stands for the transaction that had it first."""

    def transact_write_items(handler: Any) -> Any:
        token = handler.body.get("ClientRequestToken")
        if not token:
            return original(handler)
        # Kept by moto's backend, whose state it is.
        done = vars(handler.dynamodb_backend).setdefault("localaws_tokens", {})
        asked = json.dumps(handler.body["TransactItems"], sort_keys=True, default=str)
        if token in done and time.monotonic() < done[token][1] + _VALID:
            if done[token][0] != asked:
                raise Mismatch("The token was used in another request with different parameters.")
            return ActionResult({})
        answer = original(handler)
        done[token] = asked, time.monotonic()
        return answer

    return transact_write_items
