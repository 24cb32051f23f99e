"""The templates of nested stacks that are files of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# The property with the template, of each type of a nested stack.
LOCATIONS = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def nested_templates(body: Mapping[str, Any], root: Path) -> Iterator[tuple[str, Path]]:
    """Each nested stack whose template is given by a path, with that path below `root`."""
    for logical_id, resource in body["Resources"].items():
        location = (resource.get("Properties") or {}).get(LOCATIONS.get(resource.get("Type"), ""))
        if isinstance(location, str) and "://" not in location:
            yield logical_id, (root / location).resolve()
