"""Lambda: the configuration of asynchronous invocations."""

from __future__ import annotations

from typing import ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import Rules, done


class EventInvokeConfig:
    """AWS::Lambda::EventInvokeConfig: retries, age and destinations of asynchronous invocations."""

    name = "AWS::Lambda::EventInvokeConfig"
    replaced_by = frozenset({"FunctionName", "Qualifier"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        **done("FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"),
        "DestinationConfig": {
            "OnFailure": done("Destination"),
            "OnSuccess": done("Destination"),
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the configuration of the function's qualifier."""
        options = {
            key: int(properties[key])
            for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
            if key in properties
        }
        if "DestinationConfig" in properties:
            options["DestinationConfig"] = properties["DestinationConfig"]
        scope.clients("lambda").put_function_event_invoke_config(
            FunctionName=properties["FunctionName"], Qualifier=properties["Qualifier"], **options
        )
        return Deployed(f"{properties['FunctionName']}|{properties['Qualifier']}")

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the configuration."""
        return self.create(new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the configuration."""
        client = scope.clients("lambda")
        try:
            client.delete_function_event_invoke_config(
                FunctionName=properties["FunctionName"], Qualifier=properties["Qualifier"]
            )
        except client.exceptions.ResourceNotFoundException:
            return
