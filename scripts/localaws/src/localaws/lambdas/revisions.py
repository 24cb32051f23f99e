"""Versions and revisions of functions: which there are, and which can be changed, published or deleted.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError, PreconditionFailedException
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.policy import Policy
from moto.awslambda.responses import LambdaResponse

from localaws.lambdas.function_names import split
from localaws.moto_patches import MotoPatches


class Conflict(LambdaClientError):
    """The resource exists, or is in use."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ResourceConflictException", message)


def install(patches: MotoPatches) -> None:
    """Check revisions, and keep versions that aliases use."""
    for name in ("update_function_code", "update_function_configuration"):
        patches.replace(LambdaBackend, name, _updating)
    patches.replace(LambdaResponse, "publish_version", _publishing)
    patches.replace(Policy, "add_statement", _adding)


def renew(function: Any) -> None:
    """Give a function another revision, which moto's functions lack."""
    function.localaws_revision_id = str(uuid.uuid4())


def check_deletion(backend: Any, function: LambdaFunction, version: str) -> None:
    """Raise if a version can't be deleted: $LATEST, or one that an alias calls."""
    if version == "$LATEST":
        raise InvalidParameterValueException("$LATEST version cannot be deleted without deleting the function.")
    for alias in backend.list_aliases(function.function_name):
        weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
        if version in (str(alias.function_version), *map(str, weights)):
            raise Conflict(f"Version {version} is being referenced by alias {alias.name} and can't be deleted.")


def _updating(original: Callable[..., Any]) -> Callable[..., Any]:
    def update(backend: Any, function_name: str, qualifier: Any, body: dict[str, Any]) -> Any:
        bare, version = split(function_name, qualifier)
        if version not in (None, "$LATEST"):
            raise InvalidParameterValueException("This operation is permitted on $LATEST only.")
        function = backend.get_function(bare)
        _check(function, body.get("RevisionId"))
        answer = original(backend, function_name, qualifier, body)
        renew(function)
        return answer | {"RevisionId": function.localaws_revision_id} if answer else answer

    return update


def _publishing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def publish_version(handler: Any) -> Any:
        function = handler.backend.get_function(handler.path.split("/")[-2])
        _check(function, handler._get_param("RevisionId"))
        digest = handler._get_param("CodeSha256")
        if digest and digest != function.code_sha_256:
            raise InvalidParameterValueException(
                f"CodeSHA256 ({digest}) is different from current CodeSHA256 in $LATEST ({function.code_sha_256}). "
                "Please try again with the CodeSHA256 in $LATEST."
            )
        return original(handler)

    return publish_version


def _adding(original: Callable[..., Any]) -> Callable[..., Any]:
    def add_statement(policy: Any, raw: str, qualifier: str | None = None) -> Any:
        known = {(each["Sid"], each.get("Resource")) for each in policy.statements}
        statement, revision = original(policy, raw, qualifier)
        if (statement["Sid"], statement.get("Resource")) in known:
            policy.statements.remove(statement)
            raise Conflict(
                f"The statement id ({statement['Sid']}) provided already exists. Please provide a new statement id, or "
                "remove the existing statement."
            )
        return statement, revision

    return add_statement


def _check(function: Any, revision: str | None) -> None:
    if revision and revision != function.localaws_revision_id:
        raise PreconditionFailedException(
            "The RevisionId provided does not match the latest RevisionId for the Lambda function or alias. Call the "
            "GetFunction or the GetAlias API to retrieve the latest RevisionId for your resource."
        )
