"""Lambda: layer versions and their permissions."""

from __future__ import annotations

from typing import ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import LAYER, Rules, done
from localaws.resource_types.unenforced import Unenforced


class LayerVersion:
    """AWS::Lambda::LayerVersion."""

    name = "AWS::Lambda::LayerVersion"
    replaced_by = frozenset({"Content", "LayerName", "Description", "CompatibleRuntimes", "CompatibleArchitectures"})
    attributes = ("LayerVersionArn",)
    properties: ClassVar[Rules] = {
        **LAYER,
        "Content": done("S3Bucket", "S3Key"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Publish the layer version; its ARN is the value of Ref."""
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
        """Do nothing: a layer version never changes."""
        return Deployed(physical_id, {"LayerVersionArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the layer version."""
        *_, name, version = physical_id.split(":")
        scope.clients("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


LAYER_VERSION_PERMISSION = Unenforced(
    "AWS::Lambda::LayerVersionPermission", ("Action", "LayerVersionArn", "OrganizationId", "Principal")
)
