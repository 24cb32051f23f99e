"""Versions and revisions of functions: which there are, and which can be changed, published or deleted.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
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
    patches.replace(LambdaBackend, "update_function_configuration", _updating)
    patches.replace(LambdaBackend, "update_function_code", lambda _: _updating(_update_code))
    patches.replace(LambdaBackend, "publish_version", _published)
    patches.replace(LambdaResponse, "publish_version", _publishing)
    patches.replace(Policy, "add_statement", _adding)


def renew(function: Any) -> None:
    """Give a function another revision, which moto's functions lack, and the time of its change."""
    function.localaws_revision_id = str(uuid.uuid4())
    function.last_modified = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


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
        check_revision(function.localaws_revision_id, body.get("RevisionId"))
        return original(backend, function_name, qualifier, body)

    return update


def _update_code(backend: Any, function_name: str, _: Any, body: dict[str, Any]) -> Any:
    """Replace the code once, as moto doesn't; with `DryRun` only return what the function would be."""
    function = backend.get_function(split(function_name)[0])
    if body.get("DryRun"):
        function = copy.copy(function)
        function.code = dict(function.code)
    function.update_function_code({name: value for name, value in body.items() if name != "DryRun"})
    if body.get("Architectures"):
        function.architectures = body["Architectures"]
    if body.get("Publish") and not body.get("DryRun"):
        function = backend.publish_version(function.function_name)
    return function.get_configuration()


def _published(original: Callable[..., Any]) -> Callable[..., Any]:
    def publish_version(backend: Any, function_name: str, description: str = "") -> Any:
        version = original(backend, function_name, description)
        # moto forgets it of a function's first version.
        backend.get_function(split(function_name)[0]).code_or_config_updated = False
        return version

    return publish_version


def _publishing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def publish_version(handler: Any) -> Any:
        function = handler.backend.get_function(handler.path.split("/")[-2])
        check_revision(function.localaws_revision_id, handler._get_param("RevisionId"))
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


def check_revision(current: str, expected: str | None) -> None:
    """Raise if a request expects another revision than the current one."""
    if expected and expected != current:
        raise PreconditionFailedException(
            "The RevisionId provided does not match the latest RevisionId for the Lambda function or alias. Call the "
            "GetFunction or the GetAlias API to retrieve the latest RevisionId for your resource."
        )
