"""Lambda: functions, from an archive or a container image."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, ClassVar

from localaws.resource_types.awslambda import cfnresponse
from localaws.resource_types.awslambda.limits import check_function_name, check_ranges
from localaws.resource_types.base import Deployed, Properties, Scope, tag_map
from localaws.resource_types.support import FUNCTION, NO_TRACES, Rules, done
from localaws.template.values import as_text

_CONFIGURATION = (
    "DeadLetterConfig",
    "Description",
    "DurableConfig",
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
# The defaults of properties that are removed from the template.
_DEFAULTS: dict[str, Any] = {
    "DeadLetterConfig": {},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "Layers": [],
    "LoggingConfig": {},
    "MemorySize": 128,
    "Timeout": 3,
}


class Function:
    """AWS::Lambda::Function, zip or container image."""

    name = "AWS::Lambda::Function"
    replaced_by = frozenset({"FunctionName", "PackageType"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **FUNCTION,
        "Code": done("ImageUri", "S3Bucket", "S3Key", "ZipFile"),
        "DeadLetterConfig": done("TargetArn"),
        "TracingConfig": NO_TRACES,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the function, named as given or after the stack."""
        name = properties.get("FunctionName") or scope.generated_name()
        check_function_name(name)
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
        """Update the code and the configuration if they changed."""
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
    """A reproducible archive of inline code, as CloudFormation creates it."""
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
    if "EphemeralStorage" in configuration:
        configuration["EphemeralStorage"] = {"Size": int(configuration["EphemeralStorage"]["Size"])}
    if "DurableConfig" in configuration:
        configuration["DurableConfig"] = {key: int(value) for key, value in configuration["DurableConfig"].items()}
    check_ranges(configuration)
    variables = configuration.get("Environment", {}).get("Variables")
    if variables is not None:
        configuration["Environment"] = {"Variables": {key: as_text(value) for key, value in variables.items()}}
    return configuration
