"""Parses the metrics of a log event in the embedded metric format.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from localaws.metrics.series import Metric
from localaws.metrics.store import HIGH, NO_UNIT, STANDARD, Datum
from localaws.metrics.units import UNITS

_MAX_METRICS, _MAX_VALUES, _MAX_DIMENSIONS = 100, 100, 30


class InvalidMetrics(Exception):
    """An invalid document in the embedded metric format; the message names the invalid member."""


def is_embedded(message: str) -> bool:
    """Whether a message may contain metrics: a cheap check with false positives."""
    return '"_aws"' in message and '"CloudWatchMetrics"' in message


def read_metrics(text: str) -> list[Datum]:
    """The metrics of a document, with each of their dimension sets; none if it isn't in the format.

    Raises InvalidMetrics.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InvalidMetrics(f"the document isn't JSON: {error}") from error
    metadata = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or "CloudWatchMetrics" not in metadata:
        return []
    moment = metadata.get("Timestamp")
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise InvalidMetrics("_aws.Timestamp isn't a number of milliseconds")
    directives = _list(metadata, "CloudWatchMetrics")
    return [datum for directive in directives for datum in _data(directive, document, moment / 1000)]


def _data(directive: Any, document: Mapping[str, Any], moment: float) -> Iterator[Datum]:
    if not isinstance(directive, dict):
        raise InvalidMetrics("a metric directive isn't an object")
    namespace = directive.get("Namespace")
    if not isinstance(namespace, str) or not namespace:
        raise InvalidMetrics("Namespace isn't a string")
    definitions = _list(directive, "Metrics")
    if len(definitions) > _MAX_METRICS:
        raise InvalidMetrics(f"Metrics has {len(definitions)} members, more than {_MAX_METRICS}")
    sets = [_dimensions(names, document) for names in _list(directive, "Dimensions")]
    for definition, dimensions in itertools.product(definitions, sets):
        name, unit, resolution = _definition(definition)
        values = _values(name, document)
        if values:
            yield Datum(Metric.of(namespace, name, dimensions), moment, values, unit, resolution)


def _dimensions(names: Any, document: Mapping[str, Any]) -> dict[str, str]:
    if not isinstance(names, list) or len(names) > _MAX_DIMENSIONS:
        raise InvalidMetrics(f"a set of dimensions isn't a list of at most {_MAX_DIMENSIONS} names")
    for name in names:
        if not isinstance(name, str) or not isinstance(document.get(name), str):
            raise InvalidMetrics(f"the dimension {name} has no string in the document")
    return {name: document[name] for name in names}


def _definition(definition: Any) -> tuple[str, str, int]:
    name = definition.get("Name") if isinstance(definition, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidMetrics("a metric has no Name")
    unit, resolution = definition.get("Unit", NO_UNIT), definition.get("StorageResolution", STANDARD)
    if unit not in UNITS:
        raise InvalidMetrics(f"the metric {name} has the unknown Unit {unit}")
    if resolution not in (HIGH, STANDARD):
        raise InvalidMetrics(f"the metric {name} has the StorageResolution {resolution}, not 1 or 60")
    return name, unit, resolution


def _values(name: str, document: Mapping[str, Any]) -> dict[float, float]:
    given = document.get(name)
    numbers = given if isinstance(given, list) else [given]
    if len(numbers) > _MAX_VALUES:
        raise InvalidMetrics(f"the metric {name} has {len(numbers)} values, more than {_MAX_VALUES}")
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise InvalidMetrics(f"the metric {name} has no number in the document")
    return {float(value): float(times) for value, times in Counter(numbers).items()}


def _list(owner: Mapping[str, Any], name: str) -> list[Any]:
    value = owner.get(name)
    if not isinstance(value, list):
        raise InvalidMetrics(f"{name} isn't a list")
    return value
