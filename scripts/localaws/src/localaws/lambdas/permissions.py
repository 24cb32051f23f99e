"""The policies of functions, of which moto leaves out what says who may call, and how.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.policy import Policy
from moto.awslambda.responses import LambdaResponse

from localaws.lambdas.function_names import split
from localaws.lambdas.revisions import check_revision
from localaws.moto_patches import MotoPatches

# A parameter of AddPermission → the operator and the key of the condition that it stands for.
_CONDITIONS = {
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def install(patches: MotoPatches) -> None:
    """Make statements that name accounts, roles and users, with the conditions of function URLs."""
    patches.replace(Policy, "decode_policy", _decoding)
    patches.replace_method(LambdaResponse, "get_policy", _get)
    patches.replace_method(LambdaResponse, "remove_permission", _remove)


class _NotFound(LambdaClientError):
    code = 404

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


def _get(request: Any) -> str:
    """The statements about the function, or about one of its versions or aliases; moto returns all of them."""
    policy, arn = _policy(request, request.path.rstrip("/").split("/")[-2])
    statements = [each for each in policy.statements if each["Resource"] == arn]
    if not statements:
        raise _NotFound("The resource you requested does not exist.")
    document = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return json.dumps({"Policy": json.dumps(document), "RevisionId": policy.revision})


def _remove(request: Any) -> tuple[int, dict[str, Any], str]:
    *_, name, _, sid = request.path.rstrip("/").split("/")
    policy, arn = _policy(request, name)
    statements = [each for each in policy.statements if each["Resource"] == arn]
    if not statements:
        raise _NotFound("No policy is associated with the given resource.")
    removed = next((each for each in statements if each["Sid"] == unquote(sid)), None)
    if removed is None:
        raise _NotFound(f"Statement {unquote(sid)} is not found in resource policy.")
    check_revision(policy.revision, (request.querystring.get("RevisionId") or [None])[0])
    policy.statements.remove(removed)
    policy.revision = str(uuid.uuid4())
    return 204, {"status": 204}, "{}"


def _policy(request: Any, named: str) -> tuple[Any, str]:
    """The policy of a function, and the ARN that statements about what the request names have."""
    name, qualifier = split(unquote(named), (request.querystring.get("Qualifier") or [None])[0])
    request.backend.get_function(name, qualifier)
    function = request.backend.get_function(name)
    qualifier = None if qualifier == "$LATEST" else qualifier
    return function.policy, f"{function.function_arn}:{qualifier}" if qualifier else function.function_arn


def _decoding(original: Callable[..., Any]) -> Callable[..., Any]:
    def decode_policy(policy: Any, given: dict[str, Any]) -> Any:
        found = {name: given.pop(name) for name in _CONDITIONS if name in given}
        principal = given.get("Principal")
        if isinstance(principal, str) and principal != "*" and not principal.endswith(".amazonaws.com"):
            given["Principal"] = {"AWS": principal}
        decoded = original(policy, given)
        for name, value in found.items():
            operator, key = _CONDITIONS[name]
            text = str(value).lower() if isinstance(value, bool) else str(value)
            decoded.statements[-1].setdefault("Condition", {}).setdefault(operator, {})[key] = text
        return decoded

    return decode_policy
