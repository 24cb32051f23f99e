"""Methods with AWS_IAM: signed requests, whose callers must be allowed to invoke them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from typing import Any

from localaws.http.authorization.signatures import Fault, SignatureRefused, SignedRequest, SignedRequests, Signer
from localaws.rest.exchange import CALLER, Exchange
from localaws.rest.gateway_responses import Refused
from localaws.rest.support import function_of
from localaws.settings import ACCOUNT

_INVOKE = "execute-api:Invoke"
# What was wrong → the type of API Gateway's response, and its message; without one it's the type's own.
_RESPONSES: dict[Fault, tuple[str, str | None]] = {
    "unsigned": ("MISSING_AUTHENTICATION_TOKEN", None),
    "elsewhere": ("INVALID_SIGNATURE", "Credential should be scoped to correct service: 'execute-api'."),
    "expired": ("INVALID_SIGNATURE", "Signature expired"),
    "mismatch": (
        "INVALID_SIGNATURE",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
    ),
}


class Signatures:
    """Finds who has signed a request to a method."""

    def __init__(self, signed: SignedRequests) -> None:
        self._signed = signed

    def identify(self, exchange: Exchange) -> dict[str, Any]:
        """The members of `requestContext.identity` that say who has signed; raises Refused."""
        incoming = exchange.incoming
        query = f"?{incoming.query}" if incoming.query else ""
        headers = {name.lower(): value for name, value in incoming.headers}
        request = SignedRequest(
            incoming.verb,
            incoming.path + query,
            headers,
            incoming.sent_body,
            incoming.source,
            exchange.region,
            _INVOKE,
            exchange.arn,
        )
        try:
            signer = self._signed.verify(request)
        except SignatureRefused as refused:
            raise _response(refused, exchange.arn) from None
        self._demand_function(exchange, signer)
        return {
            "accessKey": signer.access_key,
            "accountId": ACCOUNT,
            "caller": signer.unique_id,
            "user": signer.unique_id,
            "userArn": signer.arn,
        }

    def _demand_function(self, exchange: Exchange, signer: Signer) -> None:
        """Raise Refused if the function is called by the caller's own rights, and they don't allow that."""
        integration = exchange.method.get("methodIntegration") or {}
        function = function_of(integration.get("uri") or "")
        if integration.get("credentials") != CALLER or not function:
            return
        try:
            self._signed.demand(signer, "lambda:InvokeFunction", function)
        except SignatureRefused:
            raise Refused("API_CONFIGURATION_ERROR") from None


def _response(refused: SignatureRefused, arn: str) -> Refused:
    if refused.signer:
        # API Gateway shows the last four digits of an account.
        shown = arn.replace(f":{ACCOUNT}:", f":********{ACCOUNT[-4:]}:", 1)
        name = refused.signer.arn
        return Refused("ACCESS_DENIED", f"User: {name} is not authorized to perform: {_INVOKE} on resource: {shown}")
    return Refused(*_RESPONSES[refused.fault])
