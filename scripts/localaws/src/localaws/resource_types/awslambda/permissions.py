"""Lambda: permissions to invoke a function."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, truth
from localaws.resource_types.support import DONE, NOT_ENFORCED, Rules


class Permission:
    """AWS::Lambda::Permission."""

    name = "AWS::Lambda::Permission"
    replaced_by = frozenset(
        {
            "Action",
            "EventSourceToken",
            "FunctionName",
            "FunctionUrlAuthType",
            "InvokedViaFunctionUrl",
            "Principal",
            "PrincipalOrgID",
            "SourceAccount",
            "SourceArn",
        }
    )
    attributes = ("Id",)
    properties: ClassVar[Rules] = {
        "Action": DONE,
        "EventSourceToken": NOT_ENFORCED,
        "FunctionName": DONE,
        "FunctionUrlAuthType": ["NONE", "AWS_IAM"],
        "InvokedViaFunctionUrl": DONE,
        "Principal": DONE,
        "PrincipalOrgID": NOT_ENFORCED,
        "SourceAccount": DONE,
        "SourceArn": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Add a statement to the function's policy."""
        statement = scope.generated_name(100)
        names = ("FunctionUrlAuthType", "SourceArn", "SourceAccount")
        optional: dict[str, Any] = {key: properties[key] for key in names if key in properties}
        if "InvokedViaFunctionUrl" in properties:
            optional["InvokedViaFunctionUrl"] = truth(properties["InvokedViaFunctionUrl"])
        scope.clients("lambda").add_permission(
            **_name(properties),
            StatementId=statement,
            Action=properties["Action"],
            Principal=properties["Principal"],
            **optional,
        )
        return Deployed(statement, {"Id": statement})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: no property changes in place."""
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the statement."""
        client = scope.clients("lambda")
        try:
            client.remove_permission(**_name(properties), StatementId=physical_id)
        except client.exceptions.ResourceNotFoundException:
            return


def _name(properties: Properties) -> dict[str, str]:
    """The function and, where its ARN ends with one, the version or alias: moto's statement covers no other."""
    arn = str(properties["FunctionName"])
    function, colon, qualifier = arn.rpartition(":")
    is_qualified = colon and not function.endswith(":function")
    return {"FunctionName": function, "Qualifier": qualifier} if is_qualified else {"FunctionName": arn}
