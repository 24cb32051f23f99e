"""Lambda: permissions to invoke a function."""

from __future__ import annotations

from typing import ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import DONE, NOT_ENFORCED, Rules


class Permission:
    """AWS::Lambda::Permission: stored but not enforced."""

    name = "AWS::Lambda::Permission"
    replaced_by = frozenset(
        {"Action", "FunctionName", "Principal", "SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID"}
    )
    attributes = ("Id",)
    properties: ClassVar[Rules] = {
        "Action": NOT_ENFORCED,
        "EventSourceToken": NOT_ENFORCED,
        "FunctionName": DONE,
        "FunctionUrlAuthType": NOT_ENFORCED,
        "InvokedViaFunctionUrl": NOT_ENFORCED,
        "Principal": NOT_ENFORCED,
        "PrincipalOrgID": NOT_ENFORCED,
        "SourceAccount": NOT_ENFORCED,
        "SourceArn": NOT_ENFORCED,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Add a statement to the function's policy."""
        statement = scope.generated_name(100)
        optional = {key: properties[key] for key in ("SourceArn", "SourceAccount") if key in properties}
        scope.clients("lambda").add_permission(
            FunctionName=properties["FunctionName"],
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
            client.remove_permission(FunctionName=properties["FunctionName"], StatementId=physical_id)
        except client.exceptions.ResourceNotFoundException:
            return
