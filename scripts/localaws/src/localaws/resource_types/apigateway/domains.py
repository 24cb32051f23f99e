"""AWS::ApiGateway::DomainName and BasePathMapping."""

from __future__ import annotations

from typing import ClassVar

from localaws.resource_types.apigateway.apis import ENDPOINTS
from localaws.resource_types.apigateway.patches import changes, unless_gone
from localaws.resource_types.base import Deployed, Properties, Scope, tag_map
from localaws.resource_types.support import NO_TLS, Rules, done

_ATTRIBUTES = {
    "DistributionDomainName": "distributionDomainName",
    "DistributionHostedZoneId": "distributionHostedZoneId",
    "DomainNameArn": "domainNameArn",
    "RegionalDomainName": "regionalDomainName",
    "RegionalHostedZoneId": "regionalHostedZoneId",
}


class DomainName:
    """AWS::ApiGateway::DomainName: requests with this Host header, on any port of an API, are served."""

    name = "AWS::ApiGateway::DomainName"
    replaced_by = frozenset({"DomainName", "EndpointConfiguration"})
    attributes = tuple(_ATTRIBUTES)
    properties: ClassVar[Rules] = {
        **done("DomainName", "Tags"),
        "CertificateArn": NO_TLS,
        "EndpointConfiguration": ENDPOINTS,
        "OwnershipVerificationCertificateArn": NO_TLS,
        "RegionalCertificateArn": NO_TLS,
        "SecurityPolicy": NO_TLS,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the domain."""
        kinds = (properties.get("EndpointConfiguration") or {}).get("Types") or ["EDGE"]
        made = scope.clients("apigateway").create_domain_name(
            domainName=properties["DomainName"],
            endpointConfiguration={"types": kinds},
            tags=tag_map(properties.get("Tags")),
        )
        return Deployed(
            properties["DomainName"], {name: made[member] for name, member in _ATTRIBUTES.items() if member in made}
        )

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Return the domain: its certificates have no effect."""
        made = scope.clients("apigateway").get_domain_name(domainName=physical_id)
        return Deployed(physical_id, {name: made[member] for name, member in _ATTRIBUTES.items() if member in made})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the domain."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: client.delete_domain_name(domainName=physical_id))


class BasePathMapping:
    """AWS::ApiGateway::BasePathMapping."""

    name = "AWS::ApiGateway::BasePathMapping"
    replaced_by = frozenset({"BasePath", "DomainName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = done("BasePath", "DomainName", "RestApiId", "Stage")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the mapping."""
        optional = {"basePath": properties.get("BasePath"), "stage": properties.get("Stage")}
        made = scope.clients("apigateway").create_base_path_mapping(
            domainName=properties["DomainName"],
            restApiId=properties["RestApiId"],
            **{name: value for name, value in optional.items() if value},
        )
        return Deployed(f"{properties['DomainName']}|{made['basePath']}")

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Point the mapping at another API or stage."""
        scope.clients("apigateway").update_base_path_mapping(
            domainName=new["DomainName"],
            basePath=physical_id.partition("|")[2],
            patchOperations=changes(old, new, {"RestApiId": "/restApiId", "Stage": "/stage"}),
        )
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the mapping."""
        client, path = scope.clients("apigateway"), physical_id.partition("|")[2]
        name = properties["DomainName"]
        unless_gone(client, lambda: client.delete_base_path_mapping(domainName=name, basePath=path))
