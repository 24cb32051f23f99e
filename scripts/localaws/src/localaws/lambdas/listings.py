"""Lists of functions, versions, aliases, layers and event source mappings: their filters and pages.

https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.responses import LambdaResponse

from localaws.lambdas.function_names import split
from localaws.moto_patches import MotoPatches

List = Callable[[Any], list[dict[str, Any]]]
# The parameter of a list of layers → the member of a layer's version that must contain it.
_COMPATIBLE = {"CompatibleRuntime": "CompatibleRuntimes", "CompatibleArchitecture": "CompatibleArchitectures"}


def install(patches: MotoPatches) -> None:
    """Replace moto's lists, which have neither pages nor most filters, and are empty for an unknown function."""
    # Operation, its member, the most items of a page, the items.
    lists: tuple[tuple[str, str, int, List], ...] = (
        ("list_functions", "Functions", 50, _functions),
        ("list_versions_by_function", "Versions", 50, _versions),
        ("list_aliases", "Aliases", 10_000, _aliases),
        ("list_layers", "Layers", 50, _layers),
        ("list_layer_versions", "LayerVersions", 50, _layer_versions),
        ("list_event_source_mappings", "EventSourceMappings", 100, _mappings),
    )
    for name, member, largest, items in lists:
        patches.replace_method(LambdaResponse, name, partial(_page, items=items, member=member, largest=largest))


def _page(request: Any, items: List, member: str, largest: int) -> str:
    """The items from the marker on; a marker is the number of the items before it."""
    marker, size = _parameter(request, "Marker") or "0", int(_parameter(request, "MaxItems") or largest)
    if not marker.isdecimal():
        raise InvalidParameterValueException("Invalid Marker parameter.")
    found, first = items(request), int(marker)
    following = first + min(size, largest)
    more = {"NextMarker": str(following)} if following < len(found) else {}
    return json.dumps({member: found[first:following], **more})


def _functions(request: Any) -> list[dict[str, Any]]:
    return [each.get_configuration() for each in request.backend.list_functions(_parameter(request, "FunctionVersion"))]


def _versions(request: Any) -> list[dict[str, Any]]:
    name = request.backend.get_function(_named(request)).function_name
    return [version.get_configuration() for version in request.backend.list_versions_by_function(name)]


def _aliases(request: Any) -> list[dict[str, Any]]:
    """The aliases, or those that call a version."""
    name, version = request.backend.get_function(_named(request)).function_name, _parameter(request, "FunctionVersion")
    aliases = request.backend.list_aliases(name)
    return [alias.to_json() for alias in aliases if version is None or version in _called(alias)]


def _called(alias: Any) -> set[str]:
    weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    return {str(alias.function_version), *weights}


def _layers(request: Any) -> list[dict[str, Any]]:
    """The layers that have a compatible version, with the newest of these."""
    layers = [request.backend._layers._layers[name] for name in sorted(request.backend._layers._layers)]
    found = ((layer, list(_compatible(request, layer.layer_versions.values()))) for layer in layers)
    return [layer.to_dict() | {"LatestMatchingVersion": versions[0]} for layer, versions in found if versions]


def _layer_versions(request: Any) -> list[dict[str, Any]]:
    return list(_compatible(request, request.backend.list_layer_versions(_named(request))))


def _compatible(request: Any, versions: Any) -> Iterator[dict[str, Any]]:
    """The versions of a layer that are compatible with what a request asks for, the newest first."""
    for version in sorted(versions, key=lambda each: -each.version):
        described: dict[str, Any] = version.get_layer_version()
        wanted = ((member, _parameter(request, name)) for name, member in _COMPATIBLE.items())
        if all(value is None or value in (described.get(member) or ()) for member, value in wanted):
            yield described


def _mappings(request: Any) -> list[dict[str, Any]]:
    arn, function = _parameter(request, "EventSourceArn"), _parameter(request, "FunctionName")
    found = request.backend.list_event_source_mappings(arn, None)
    wanted = [each for each in found if function is None or split(each.function_name) == split(function)]
    return [each.get_configuration() for each in wanted]


def _named(request: Any) -> str:
    """The function or layer in a path such as `/…/functions/{name}/aliases`."""
    return unquote(request.path.rstrip("/").split("/")[-2])


def _parameter(request: Any, name: str) -> str | None:
    found: str | None = request.querystring.get(name, [None])[0]
    return found
