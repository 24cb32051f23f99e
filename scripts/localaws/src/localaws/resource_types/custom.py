"""Custom resources, which a function creates, updates and deletes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

import json
import uuid
from typing import Any, ClassVar

from localaws.errors import TemplateError
from localaws.lambdas.code import SOURCE_BUCKET
from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import DONE, Rules
from localaws.template.values import as_text

_LONGEST = 3600


NAME = "AWS::CloudFormation::CustomResource"
_PREFIX = "Custom::"


def is_custom(name: str) -> bool:
    """Whether a type is a custom resource's."""
    return name == NAME or name.startswith(_PREFIX)


class Custom:
    """AWS::CloudFormation::CustomResource, or Custom::….

    AWS waits up to an hour for the response; here the function must send it before it ends.
    """

    replaced_by = frozenset({"ServiceToken"})
    # Its function may return any attributes.
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        "$others": DONE,
        "ServiceTimeout": "the response must arrive before the function ends",
        "ServiceToken": DONE,
    }

    def __init__(self, name: str = NAME) -> None:
        self.name = name

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Invoke the function with Create."""
        return self._invoke("Create", properties, scope, {})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Invoke the function with Update; if it returns another physical id, the old resource is deleted."""
        more = {"PhysicalResourceId": physical_id, "OldResourceProperties": _texts(old)}
        return self._invoke("Update", new, scope, more)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Invoke the function with Delete."""
        self._invoke("Delete", properties, scope, {"PhysicalResourceId": physical_id})

    def _invoke(self, request: str, properties: Properties, scope: Scope, more: dict[str, Any]) -> Deployed:
        key = f"custom-resources/{uuid.uuid4()}"
        event = {
            "RequestType": request,
            "ResponseURL": scope.clients("s3").generate_presigned_url(
                "put_object", Params={"Bucket": SOURCE_BUCKET, "Key": key}, ExpiresIn=_LONGEST
            ),
            "StackId": scope.stack_id,
            "RequestId": str(uuid.uuid4()),
            "ResourceType": self.name,
            "LogicalResourceId": scope.logical_id,
            "ServiceToken": properties["ServiceToken"],
            "ResourceProperties": _texts(properties),
            **more,
        }
        ran = scope.clients("lambda").invoke(FunctionName=properties["ServiceToken"], Payload=json.dumps(event))
        answer = self._answer(scope.clients("s3"), key, ran["Payload"].read())
        if answer.get("Status") != "SUCCESS":
            raise TemplateError(
                f"Received response status [{answer.get('Status')}] from custom resource. {answer.get('Reason', '')}"
            )
        physical_id = answer.get("PhysicalResourceId") or more.get("PhysicalResourceId")
        if not physical_id:
            raise TemplateError("The response of the custom resource has no PhysicalResourceId.")
        return Deployed(str(physical_id), answer.get("Data") or {})

    @staticmethod
    def _answer(s3: Any, key: str, returned: bytes) -> dict[str, Any]:
        try:
            content = s3.get_object(Bucket=SOURCE_BUCKET, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            raise TemplateError(
                "The custom resource's function ended without a response to ResponseURL; it returned "
                f"{returned.decode(errors='replace')[:500]}."
            ) from None
        s3.delete_object(Bucket=SOURCE_BUCKET, Key=key)
        answer: dict[str, Any] = json.loads(content)
        return answer


def _texts(value: Any) -> Any:
    """Convert numbers and booleans to strings, as CloudFormation does for custom resources."""
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return as_text(value)
