"""Lambda: functions, versions, aliases, layers and permissions."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from localaws.resources import cfnresponse
from localaws.resources.base import Deployed, Properties, Scope, tag_map
from localaws.resources.limits import demand_function_name, demand_ranges

_CONFIGURATION = (
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "ImageConfig",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
)
# What a property goes back to when an update drops it.
_DEFAULTS: dict[str, Any] = {
    "DeadLetterConfig": {},
    "Description": "",
    "Environment": {"Variables": {}},
    "Layers": [],
    "LoggingConfig": {},
    "MemorySize": 128,
    "Timeout": 3,
}


class Function:
    """AWS::Lambda::Function, zip or container image."""

    name = "AWS::Lambda::Function"
    replaced_by = frozenset({"FunctionName", "PackageType"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the function, named as given or after the stack."""
        name = properties.get("FunctionName") or scope.generated_name()
        demand_function_name(name)
        created = scope.clients("lambda").create_function(
            FunctionName=name,
            Code=_code(properties),
            PackageType=properties.get("PackageType", "Zip"),
            Architectures=properties.get("Architectures", ["x86_64"]),
            Tags=tag_map(properties.get("Tags")),
            **_configuration(properties),
        )
        _reserve(scope.clients("lambda"), name, {}, properties)
        return Deployed(name, {"Arn": created["FunctionArn"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update code and configuration, each if it changed."""
        client = scope.clients("lambda")
        if _code(old) != _code(new):
            client.update_function_code(FunctionName=physical_id, **_code(new))
        before, after = _configuration(old), _configuration(new)
        if before != after:
            dropped = {key: value for key, value in _DEFAULTS.items() if key in before and key not in after}
            client.update_function_configuration(FunctionName=physical_id, **(dropped | after))
        _reserve(client, physical_id, old, new)
        arn = client.get_function_configuration(FunctionName=physical_id)["FunctionArn"]
        return Deployed(physical_id, {"Arn": arn})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the function with its versions and aliases."""
        client = scope.clients("lambda")
        try:
            client.delete_function(FunctionName=physical_id)
        except client.exceptions.ResourceNotFoundException:
            return


class Version:
    """AWS::Lambda::Version: a published snapshot of a function's code and configuration."""

    name = "AWS::Lambda::Version"
    replaced_by = frozenset({"FunctionName", "Description"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Publish a version; an unchanged function gives its last one."""
        published = scope.clients("lambda").publish_version(
            FunctionName=properties["FunctionName"], Description=properties.get("Description", "")
        )
        arn = published["FunctionArn"]
        return Deployed(arn, {"Version": published["Version"], "FunctionArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """A version never changes."""
        return Deployed(physical_id, {"Version": physical_id.rsplit(":", 1)[1], "FunctionArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the version."""
        client = scope.clients("lambda")
        try:
            client.delete_function(FunctionName=physical_id)
        except client.exceptions.ResourceNotFoundException:
            return


class Alias:
    """AWS::Lambda::Alias: a name for one version, or for two with weights."""

    name = "AWS::Lambda::Alias"
    replaced_by = frozenset({"Name", "FunctionName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the alias; its ARN is what Ref gives."""
        arn = scope.clients("lambda").create_alias(**_alias(properties))["AliasArn"]
        return Deployed(arn, {"AliasArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Point the alias at another version."""
        scope.clients("lambda").update_alias(**_alias(new))
        return Deployed(physical_id, {"AliasArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the alias."""
        client = scope.clients("lambda")
        try:
            client.delete_alias(FunctionName=properties["FunctionName"], Name=properties["Name"])
        except client.exceptions.ResourceNotFoundException:
            return


class LayerVersion:
    """AWS::Lambda::LayerVersion."""

    name = "AWS::Lambda::LayerVersion"
    replaced_by = frozenset({"Content", "LayerName", "Description", "CompatibleRuntimes", "CompatibleArchitectures"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Publish the layer version; its ARN is what Ref gives."""
        content = {key: properties["Content"][key] for key in ("S3Bucket", "S3Key") if key in properties["Content"]}
        arn = scope.clients("lambda").publish_layer_version(
            LayerName=properties.get("LayerName") or scope.generated_name(),
            Content=content,
            Description=properties.get("Description", ""),
            CompatibleRuntimes=properties.get("CompatibleRuntimes", []),
            CompatibleArchitectures=properties.get("CompatibleArchitectures", []),
            LicenseInfo=properties.get("LicenseInfo", ""),
        )["LayerVersionArn"]
        return Deployed(arn, {"LayerVersionArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """A layer version never changes."""
        return Deployed(physical_id, {"LayerVersionArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the layer version."""
        *_, name, version = physical_id.split(":")
        scope.clients("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


class Permission:
    """AWS::Lambda::Permission: kept and shown, not enforced."""

    name = "AWS::Lambda::Permission"
    replaced_by = frozenset(
        {"Action", "FunctionName", "Principal", "SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID"}
    )

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
        """Nothing of a permission changes in place."""
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the statement."""
        client = scope.clients("lambda")
        try:
            client.remove_permission(FunctionName=properties["FunctionName"], StatementId=physical_id)
        except client.exceptions.ResourceNotFoundException:
            return


def _reserve(client: Any, name: str, old: Properties, new: Properties) -> None:
    reserved = new.get("ReservedConcurrentExecutions")
    if reserved is not None:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(reserved))
    elif old.get("ReservedConcurrentExecutions") is not None:
        client.delete_function_concurrency(FunctionName=name)


def _code(properties: Properties) -> dict[str, Any]:
    code = properties["Code"]
    if "ZipFile" in code:
        return {"ZipFile": _zipped(code["ZipFile"])}
    return {key: code[key] for key in ("S3Bucket", "S3Key", "ImageUri") if key in code}


def _zipped(source: str) -> bytes:
    """An archive of inline code as CloudFormation makes it; the same source gives the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), source)
        archive.writestr(zipfile.ZipInfo("cfnresponse.py"), Path(cfnresponse.__file__).read_bytes())
    return content.getvalue()


def _configuration(properties: Properties) -> dict[str, Any]:
    configuration = {key: properties[key] for key in _CONFIGURATION if key in properties}
    for number in ("MemorySize", "Timeout"):
        if number in configuration:
            configuration[number] = int(configuration[number])
    demand_ranges(configuration)
    if "EphemeralStorage" in configuration:
        configuration["EphemeralStorage"] = {"Size": int(configuration["EphemeralStorage"]["Size"])}
    variables = configuration.get("Environment", {}).get("Variables")
    if variables is not None:
        texts = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in variables.items()}
        configuration["Environment"] = {"Variables": texts}
    return configuration


def _alias(properties: Properties) -> dict[str, Any]:
    return {
        "FunctionName": properties["FunctionName"],
        "Name": properties["Name"],
        "FunctionVersion": str(properties["FunctionVersion"]),
        "Description": properties.get("Description", ""),
        "RoutingConfig": {"AdditionalVersionWeights": _weights(properties.get("RoutingConfig") or {})},
    }


def _weights(routing: Properties) -> dict[str, float]:
    weights = routing.get("AdditionalVersionWeights") or []
    return {str(item["FunctionVersion"]): float(item["FunctionWeight"]) for item in weights}
