"""What `cdk synth` writes: a folder (a cloud assembly) with the templates of stacks and with their assets.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from localaws.errors import TemplateError
from localaws.settings import ACCOUNT

_MANIFEST = "manifest.json"
_STACK, _NESTED, _ASSETS = "aws:cloudformation:stack", "cdk:cloud-assembly", "cdk:asset-manifest"


@dataclass(frozen=True)
class NamedTemplate:
    """The template of a stack, and the stack's name."""

    path: Path
    stack_name: str


@dataclass(frozen=True)
class FileAsset:
    """A file, or a folder that's uploaded as a zip archive, and where its template expects it."""

    source: Path
    zipped: bool
    bucket: str
    key: str


@dataclass(frozen=True)
class ImageAsset:
    """A folder with a Dockerfile, its build arguments, and the URI that its template expects."""

    name: str
    context: Path
    dockerfile: Path
    arguments: Mapping[str, str]
    uri: str


@dataclass(frozen=True)
class Assets:
    """The assets of a template. `version_parameter` names the SSM parameter with the version of the bootstrap stack."""

    files: tuple[FileAsset, ...]
    images: tuple[ImageAsset, ...]
    version_parameter: str | None


def templates(path: Path, stack_name: str) -> list[NamedTemplate]:
    """The templates to deploy: a file as the stack `stack_name`, or all stacks of an assembly, in order.

    Raises TemplateError for a folder that isn't an assembly.
    """
    if not path.is_dir():
        return [NamedTemplate(path, stack_name)]
    found = list(_stacks(path))
    if not found:
        raise TemplateError(f"The assembly {path} has no stacks.")
    return found


def assets(template: Path, region: str) -> Assets | None:
    """The assets of a template of an assembly, or None if it's another template."""
    manifest = template.parent / _MANIFEST
    if not manifest.is_file():
        return None
    for artifact in _artifacts(template.parent).values():
        properties = artifact.get("properties") or {}
        if artifact.get("type") == _STACK and properties.get("templateFile") == template.name:
            needed = _asset_manifest(template.parent, artifact)
            return _read_assets(template.parent, needed, region) if needed else None
    return None


def _stacks(folder: Path) -> Iterator[NamedTemplate]:
    artifacts = _artifacts(folder)
    graph = {name: artifact.get("dependencies") or [] for name, artifact in artifacts.items()}
    try:
        ordered = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise TemplateError(f"The stacks of {folder} depend on each other: {', '.join(error.args[1])}.") from None
    for name in ordered:
        artifact = artifacts.get(name, {})
        properties = artifact.get("properties") or {}
        if artifact.get("type") == _STACK:
            yield NamedTemplate(folder / properties["templateFile"], properties.get("stackName") or name)
        elif artifact.get("type") == _NESTED:
            yield from _stacks(folder / properties["directoryName"])


def _artifacts(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TemplateError(f"{folder} isn't an assembly of the CDK: it has no {_MANIFEST}.") from None
    except ValueError as error:
        raise TemplateError(f"{folder / _MANIFEST} isn't JSON: {error}") from None
    artifacts: dict[str, Any] = manifest.get("artifacts") or {}
    return artifacts


def _asset_manifest(folder: Path, stack: Mapping[str, Any]) -> Mapping[str, Any] | None:
    artifacts = _artifacts(folder)
    for name in stack.get("dependencies") or []:
        if artifacts.get(name, {}).get("type") == _ASSETS:
            properties: Mapping[str, Any] = artifacts[name]["properties"]
            return properties
    return None


def _read_assets(folder: Path, needed: Mapping[str, Any], region: str) -> Assets:
    document = json.loads((folder / needed["file"]).read_text(encoding="utf-8"))

    def filled(text: str) -> str:
        for name, value in (("AccountId", ACCOUNT), ("Region", region), ("Partition", "aws")):
            text = text.replace(f"${{AWS::{name}}}", value)
        return text.replace("${AWS::URLSuffix}", "amazonaws.com")

    files = [
        FileAsset(
            folder / asset["source"]["path"],
            asset["source"].get("packaging") == "zip",
            filled(place["bucketName"]),
            filled(place["objectKey"]),
        )
        for asset in (document.get("files") or {}).values()
        if "path" in asset["source"]
        for place in asset["destinations"].values()
    ]
    images = [
        ImageAsset(
            name,
            folder / asset["source"]["directory"],
            folder / asset["source"]["directory"] / asset["source"].get("dockerFile", "Dockerfile"),
            asset["source"].get("dockerBuildArgs") or {},
            filled(f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{place['repositoryName']}:{place['imageTag']}"),
        )
        for name, asset in (document.get("dockerImages") or {}).items()
        if "directory" in asset["source"]
        for place in asset["destinations"].values()
    ]
    return Assets(tuple(files), tuple(images), needed.get("bootstrapStackVersionSsmParameter"))
