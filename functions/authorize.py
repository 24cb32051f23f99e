"""Lambda entry point of the API's authorizer: who asks, before the application is asked."""

import logging
import os
from typing import Any

from mlops.authorization.bootstrap import make_checker
from mlops.authorization.check import given_key
from mlops.authorization.settings import AuthorizationSettings
from mlops.dynamodb import DynamoDb
from mlops.errors.authorization import NotAuthenticated

log = logging.getLogger()
checker = make_checker(AuthorizationSettings.read(os.environ), DynamoDb(os.environ, None).call, log.warning)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The simple response to a request of payload 2.0: whether its key or token stands, and whose it is.

    What it may do is the application's decision, at each request: API Gateway keeps this answer for all routes. Where
    keys can't be checked this raises, and API Gateway answers 500.
    """
    # API Gateway writes names of headers in small letters, `sam local` as they came.
    headers = {name.lower(): value for name, value in event["headers"].items()}
    try:
        grant = checker.identify(given_key(headers.get("authorization")))
    except NotAuthenticated:
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": {"caller": grant.caller, "scopes": " ".join(sorted(grant.scopes))}}
