"""Parses and validates the data of PutMetricData."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue

from localaws.metrics.series import Metric, StatisticSet
from localaws.metrics.store import HIGH, NO_UNIT, STANDARD, Datum
from localaws.metrics.units import UNITS

_LARGEST = 2.0**360
_MAX_DIMENSIONS, _MAX_VALUES, _MAX_DATA = 30, 150, 1000
_LONGEST_NAME = 255
_NAMESPACE = re.compile(r"[^:].{0,254}")
_OLDEST, _NEWEST = 14 * 86_400, 2 * 3600


def read_reports(namespace: str, members: list[Mapping[str, Any]], now: float) -> list[Datum]:
    """The data of one request; raises AWS's errors."""
    if namespace.startswith("AWS/"):
        raise InvalidParameterValue("The value AWS/ for parameter Namespace is invalid.")
    if not _NAMESPACE.fullmatch(namespace):
        raise InvalidParameterValue(f"The value {namespace} for parameter Namespace is invalid.")
    if len(members) > _MAX_DATA:
        raise InvalidParameterValue(f"The collection MetricData must not have a size greater than {_MAX_DATA}.")
    return [_read(namespace, member, f"MetricData.member.{number}", now) for number, member in enumerate(members, 1)]


def _read(namespace: str, member: Mapping[str, Any], place: str, now: float) -> Datum:
    unit, resolution = member.get("Unit", NO_UNIT), member.get("StorageResolution", STANDARD)
    if unit not in UNITS:
        raise InvalidParameterValue(f"The parameter {place}.Unit must be a value in the set of units, not {unit}.")
    if resolution not in (HIGH, STANDARD):
        raise InvalidParameterValue(f"The parameter {place}.StorageResolution must be 1 or 60, not {resolution}.")
    if not 1 <= len(member.get("MetricName") or "") <= _LONGEST_NAME:
        raise InvalidParameterValue(f"The parameter {place}.MetricName must have 1 to {_LONGEST_NAME} characters.")
    dimensions = read_dimensions(member.get("Dimensions", []), place)
    given = member.get("Timestamp")
    moment = given.timestamp() if isinstance(given, datetime) else now
    if not now - _OLDEST <= moment <= now + _NEWEST:
        raise InvalidParameterValue(
            f"The parameter {place}.Timestamp must specify a time no more than two weeks in the past "
            "and no more than two hours in the future."
        )
    metric = Metric.of(namespace, member["MetricName"], dimensions)
    return Datum(metric, moment, _values(member, place), unit, resolution)


def read_dimensions(given: list[Mapping[str, str]], place: str) -> dict[str, str]:
    """Dimensions as a mapping; raises InvalidParameterValue for an empty name or value, or for too many."""
    if len(given) > _MAX_DIMENSIONS:
        raise InvalidParameterValue(f"The collection {place}.Dimensions must not have more than {_MAX_DIMENSIONS}.")
    for dimension in given:
        if not dimension.get("Name") or not dimension.get("Value"):
            raise InvalidParameterValue(f"Each of {place}.Dimensions needs a non-empty name and value.")
    return {dimension["Name"]: dimension["Value"] for dimension in given}


def _values(member: Mapping[str, Any], place: str) -> Mapping[float, float] | StatisticSet:
    kinds = [kind for kind in ("Value", "Values", "StatisticValues") if member.get(kind) is not None]
    if len(kinds) != 1:
        raise InvalidParameterCombination(
            f"At least one, and only one, of {place}.Value, .Values and .StatisticValues is needed."
        )
    if kinds == ["StatisticValues"]:
        part = member["StatisticValues"]
        numbers = [float(part[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")]
        _check(numbers, place)
        if numbers[0] <= 0 or numbers[2] > numbers[3]:
            raise InvalidParameterValue(f"The parameter {place}.StatisticValues isn't that of any values.")
        return StatisticSet(*numbers)
    values = [float(value) for value in member.get("Values") or [member.get("Value")]]
    counts = [float(count) for count in member.get("Counts") or [1.0] * len(values)]
    if len(values) > _MAX_VALUES or len(counts) != len(values):
        raise InvalidParameterValue(f"{place}.Values has at most {_MAX_VALUES} values, and Counts as many as Values.")
    _check(values + counts, place)
    totals: dict[float, float] = {}
    for value, count in zip(values, counts, strict=True):
        totals[value] = totals.get(value, 0.0) + count
    return totals


def _check(numbers: list[float], place: str) -> None:
    for number in numbers:
        if not math.isfinite(number) or abs(number) > _LARGEST:
            raise InvalidParameterValue(f"The value {number} for parameter {place}.Value is invalid.")
