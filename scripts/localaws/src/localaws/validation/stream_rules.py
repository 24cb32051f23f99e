"""Checks the prefixes, buffering and jq queries of Firehose streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localaws.firehose.destination import buffering, time_zone
from localaws.firehose.errors import InvalidDestination
from localaws.firehose.prefixes import data_prefix, error_prefix
from localaws.firehose.queries import KeyQuery
from localaws.resource_types.base import truth
from localaws.template.load import Where
from localaws.validation.findings import Findings

_DESTINATION = "ExtendedS3DestinationConfiguration"


def check_stream(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::KinesisFirehose::DeliveryStream; values of intrinsic functions are checked when they're known."""
    given = properties.get(_DESTINATION)
    if not isinstance(given, Mapping):
        findings.refuse(where, f"local AWS supports streams with {_DESTINATION} only")
        return
    place = (*where, _DESTINATION)

    def check(name: str, read: Callable[[], object]) -> None:
        try:
            read()
        except InvalidDestination as error:
            findings.refuse((*place, name) if name in given else place, str(error))

    prefix, errors = given.get("Prefix", ""), given.get("ErrorOutputPrefix", "")
    zone, hints = given.get("CustomTimeZone"), given.get("BufferingHints", {})
    if isinstance(prefix, str):
        check("Prefix", lambda: data_prefix(prefix))
    if isinstance(errors, str):
        check("ErrorOutputPrefix", lambda: error_prefix(errors, prefix if isinstance(prefix, str) else ""))
    if isinstance(zone, str):
        check("CustomTimeZone", lambda: time_zone(zone))
    if isinstance(hints, Mapping):
        numbers = {name: value for name, value in hints.items() if str(value).isdigit()}
        partitioning = given.get("DynamicPartitioningConfiguration", {})
        partitioned = isinstance(partitioning, Mapping) and truth(partitioning.get("Enabled"))
        check("BufferingHints", lambda: buffering(numbers, partitioned=partitioned))
    _check_queries(findings, (*place, "ProcessingConfiguration"), given.get("ProcessingConfiguration"))


def _check_queries(findings: Findings, where: Where, processing: Any) -> None:
    for index, processor in enumerate(_items(processing, "Processors")):
        for number, parameter in enumerate(_items(processor, "Parameters")):
            query = parameter.get("ParameterValue")
            if parameter.get("ParameterName") != "MetadataExtractionQuery" or not isinstance(query, str):
                continue
            try:
                KeyQuery(query)
            except InvalidDestination as error:
                place = (*where, "Processors", index, "Parameters", number, "ParameterValue")
                findings.refuse(place, str(error))


def _items(owner: Any, name: str) -> list[Mapping[str, Any]]:
    """The structures in a list, as far as they're known."""
    found = owner.get(name) if isinstance(owner, Mapping) else None
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
