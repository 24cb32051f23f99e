"""Lambda: function URLs."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, truth
from localaws.resource_types.support import CORS, DONE, Rules


class Url:
    """AWS::Lambda::Url: the URL of a function or an alias."""

    name = "AWS::Lambda::Url"
    replaced_by = frozenset({"TargetFunctionArn", "Qualifier"})
    attributes = ("FunctionArn", "FunctionUrl")
    properties: ClassVar[Rules] = {
        "AuthType": ["NONE", "AWS_IAM"],
        "Cors": CORS,
        "InvokeMode": ["BUFFERED"],
        "Qualifier": DONE,
        "TargetFunctionArn": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the URL; the function's ARN is the value of Ref."""
        created = scope.clients("lambda").create_function_url_config(**_target(properties), **_options(properties))
        return Deployed(created["FunctionArn"], _attributes(created))

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the authorization and the CORS configuration."""
        updated = scope.clients("lambda").update_function_url_config(**_target(new), **({"Cors": {}} | _options(new)))
        return Deployed(physical_id, _attributes(updated))

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Stop serving the URL."""
        client = scope.clients("lambda")
        try:
            client.delete_function_url_config(**_target(properties))
        except client.exceptions.ResourceNotFoundException:
            return


def _target(properties: Properties) -> dict[str, Any]:
    qualifier = {"Qualifier": properties["Qualifier"]} if properties.get("Qualifier") else {}
    return {"FunctionName": properties["TargetFunctionArn"], **qualifier}


def _options(properties: Properties) -> dict[str, Any]:
    options = {key: properties[key] for key in ("AuthType", "InvokeMode") if key in properties}
    cors = properties.get("Cors")
    if cors:
        options["Cors"] = dict(cors)
        if "AllowCredentials" in cors:
            options["Cors"]["AllowCredentials"] = truth(cors["AllowCredentials"])
        if "MaxAge" in cors:
            options["Cors"]["MaxAge"] = int(cors["MaxAge"])
    return options


def _attributes(url: Properties) -> dict[str, Any]:
    return {"FunctionArn": url["FunctionArn"], "FunctionUrl": url["FunctionUrl"]}
