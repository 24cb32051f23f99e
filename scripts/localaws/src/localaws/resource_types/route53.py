"""Route 53: hosted zones, records and health checks. Names aren't resolved on this machine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from localaws.errors import TemplateError
from localaws.resource_types.base import Properties, Scope, truth
from localaws.resource_types.recorded import Recorded

NOT_RESOLVED = "names aren't resolved on this machine"
_RECORD = (
    "AliasTarget",
    "Failover",
    "GeoLocation",
    "HealthCheckId",
    "HostedZoneId",
    "HostedZoneName",
    "MultiValueAnswer",
    "Name",
    "Region",
    "ResourceRecords",
    "SetIdentifier",
    "TTL",
    "Type",
    "Weight",
)


def _zone(client: Any, properties: Properties, _: Scope) -> tuple[str, Mapping[str, Any]]:
    comment = (properties.get("HostedZoneConfig") or {}).get("Comment", "")
    made = client.create_hosted_zone(
        Name=properties["Name"], CallerReference=uuid.uuid4().hex, HostedZoneConfig={"Comment": comment}
    )
    zone = made["HostedZone"]["Id"].rpartition("/")[2]
    return zone, {"Id": zone, "NameServers": made["DelegationSet"]["NameServers"]}


def _record(client: Any, properties: Properties, _: Scope) -> tuple[str, Mapping[str, Any]]:
    _change(client, "UPSERT", properties)
    return str(properties["Name"]), {}


def _delete_record(client: Any, _: str, properties: Properties) -> None:
    _change(client, "DELETE", properties)


def _group(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    for record in properties.get("RecordSets") or []:
        _change(client, "UPSERT", {**properties, **record})
    return scope.generated_name(), {}


def _delete_group(client: Any, _: str, properties: Properties) -> None:
    for record in properties.get("RecordSets") or []:
        _change(client, "DELETE", {**properties, **record})


def _change(client: Any, action: str, properties: Properties) -> None:
    """Change a record of the zone that's named by its id or its name."""
    record = {name: properties[name] for name in _RECORD if name in properties and not name.startswith("HostedZone")}
    if "ResourceRecords" in record:
        record["ResourceRecords"] = [{"Value": str(value)} for value in record["ResourceRecords"]]
    for number in ("TTL", "Weight"):
        if number in record:
            record[number] = int(record[number])
    if "MultiValueAnswer" in record:
        record["MultiValueAnswer"] = truth(record["MultiValueAnswer"])
    if "AliasTarget" in record:
        health = truth(record["AliasTarget"].get("EvaluateTargetHealth", False))
        record["AliasTarget"] = {**record["AliasTarget"], "EvaluateTargetHealth": health}
    zone = properties.get("HostedZoneId") or _zone_named(client, str(properties["HostedZoneName"]))
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def _zone_named(client: Any, name: str) -> str:
    wanted = f"{name.rstrip('.')}."
    for zone in client.list_hosted_zones()["HostedZones"]:
        if zone["Name"] == wanted:
            return str(zone["Id"]).rpartition("/")[2]
    raise TemplateError(f"No hosted zone is named {wanted}.")


def _health_check(client: Any, properties: Properties, _: Scope) -> tuple[str, Mapping[str, Any]]:
    made = client.create_health_check(
        CallerReference=uuid.uuid4().hex, HealthCheckConfig=dict(properties["HealthCheckConfig"])
    )
    return made["HealthCheck"]["Id"], {"HealthCheckId": made["HealthCheck"]["Id"]}


TYPES = (
    Recorded(
        "AWS::Route53::HostedZone",
        "route53",
        NOT_RESOLVED,
        ("HostedZoneConfig", "HostedZoneTags", "Name", "VPCs"),
        _zone,
        lambda client, zone, _: client.delete_hosted_zone(Id=zone),
        ("Id", "NameServers"),
    ),
    Recorded("AWS::Route53::RecordSet", "route53", NOT_RESOLVED, ("Comment", *_RECORD), _record, _delete_record),
    Recorded(
        "AWS::Route53::RecordSetGroup",
        "route53",
        NOT_RESOLVED,
        ("Comment", "HostedZoneId", "HostedZoneName", "RecordSets"),
        _group,
        _delete_group,
    ),
    Recorded(
        "AWS::Route53::HealthCheck",
        "route53",
        "health isn't checked",
        ("HealthCheckConfig", "HealthCheckTags"),
        _health_check,
        lambda client, check, _: client.delete_health_check(HealthCheckId=check),
        ("HealthCheckId",),
    ),
)
