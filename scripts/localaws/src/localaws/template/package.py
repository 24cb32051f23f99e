"""Packages a template as `sam build` and `sam package` do, without copying code.

Layers and images are built; local paths in the template are replaced by S3 URIs and image URIs.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from localaws.errors import Problem, TemplateError, TemplateRefused
from localaws.settings import ACCOUNT
from localaws.template.extensions import unrolled
from localaws.template.includes import files_below, included
from localaws.template.intrinsics import Resolver
from localaws.template.load import Template, Where, load, parse_value
from localaws.template.nested import LOCATIONS, nested_templates
from localaws.template.public_layers import NAMES, PublicLayer, account_of, public_layer


class Builders(Protocol):
    """Builds layers, images and packages, and returns their URIs."""

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:
        """Build a layer; returns its folder."""

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        """Build a container image; returns its URI."""

    def public_layer(self, layer: PublicLayer) -> str:
        """Install the packages of a public layer; returns its local ARN."""

    def packages(self, logical_id: str, code: Path) -> Path | None:
        """Install a function's requirements; returns their folder, or None if there are none."""

    def unpacked(self, file: Path) -> Path:
        """A folder with the contents of an archive, or with the file alone if it isn't an archive."""

    def source(self, folder: Path, packages: Path | None = None) -> str:
        """The S3 URI of a source folder that's run in place, with its packages."""

    def template(self, text: str) -> str:
        """Upload the template of a nested stack; returns its URL."""


class _ParameterValues:
    """The values known before anything is deployed: those of parameters."""

    def __init__(self, body: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        declared = body.get("Parameters") or {}
        self._values = {name: given.get(name, spec.get("Default")) for name, spec in declared.items()}

    def ref(self, name: str) -> Any:
        return self._values[name]

    def attribute(self, logical_id: str, name: str) -> Any:
        raise KeyError(logical_id, name)

    def imported(self, export: str) -> str:
        raise KeyError(export)

    def dynamic(self, reference: str) -> str:
        raise TemplateError(reference)


@dataclass(frozen=True)
class _Packager:
    template: Template
    root: Path
    build: Builders
    resolver: Resolver

    def known(self, value: Any) -> Any:
        """Resolve a value that depends on parameters, mappings and conditions only; return any other unchanged."""
        try:
            return self.resolver.resolve(value)
        except (TemplateError, KeyError, TypeError, ValueError):
            return value

    def function(self, logical_id: str, resource: dict[str, Any], inherited: Mapping[str, Any]) -> Problem | None:
        properties = resource.setdefault("Properties", {})
        kind = self.known(properties.get("PackageType", inherited.get("PackageType", "Zip")))
        metadata = self.known(resource.get("Metadata", {}))
        if kind == "Image":
            if "Dockerfile" not in metadata:
                return None
            context = (self.root / metadata.get("DockerContext", ".")).resolve()
            arguments = {key: str(value) for key, value in metadata.get("DockerBuildArgs", {}).items()}
            dockerfile = context / metadata["Dockerfile"]
            if not dockerfile.is_file():
                return self._missing(logical_id, "Metadata.Dockerfile", dockerfile)
            properties["ImageUri"] = self.build.image(logical_id, dockerfile, context, arguments)
            return None
        if "InlineCode" in properties:
            return None
        # SAM's own default is the template's folder.
        uri = self.known(properties.get("CodeUri", inherited.get("CodeUri", ".")))
        if not isinstance(uri, str) or uri.startswith("s3://"):
            return None
        code = (self.root / uri).resolve()
        if not code.exists():
            return self._missing(logical_id, "CodeUri", code)
        properties["CodeUri"] = self._code(logical_id, code)
        return None

    def plain_function(self, logical_id: str, resource: dict[str, Any]) -> Problem | None:
        """An AWS::Lambda::Function, whose Code may be a path, like CodeUri of SAM's function."""
        properties = resource.get("Properties", {})
        path = self.known(properties.get("Code"))
        if not isinstance(path, str):
            return None
        code = (self.root / path).resolve()
        if not code.exists():
            return self._missing(logical_id, "Code", code)
        bucket, key = self._code(logical_id, code)[5:].split("/", 1)
        properties["Code"] = {"S3Bucket": bucket, "S3Key": key}
        return None

    def layers(self, logical_id: str, where: Where, properties: dict[str, Any]) -> list[Problem]:
        """Replace public layers by local ones."""
        problems = []
        for index, layer in enumerate(properties.get("Layers") or []):
            public = public_layer(layer)
            if public:
                properties["Layers"][index] = self.build.public_layer(public)
            elif account_of(layer) not in (None, "x", ACCOUNT):
                line = self.template.line((*where, "Layers", index))
                what = f"this layer isn't available; the supported public layers are {NAMES}"
                problems.append(Problem(line, logical_id, f"Layers[{index}]", what))
        return problems

    def layer(self, logical_id: str, resource: dict[str, Any]) -> Problem | None:
        properties = resource.setdefault("Properties", {})
        uri = self.known(properties.get("ContentUri"))
        if not isinstance(uri, str) or uri.startswith("s3://"):
            return None
        content = (self.root / uri).resolve()
        if not content.exists():
            return self._missing(logical_id, "ContentUri", content)
        folder = content if content.is_dir() else self.build.unpacked(content)
        method = self.known(resource.get("Metadata", {}).get("BuildMethod"))
        built = self.build.layer(logical_id, folder, method)
        properties["ContentUri"] = self.build.source(built)
        return None

    def definition(self, logical_id: str, resource: dict[str, Any]) -> Problem | None:
        """The OpenAPI document of a SAM API, which takes the place of its path."""
        return self._inline(logical_id, resource, "DefinitionBody")

    def state_machine(self, logical_id: str, resource: dict[str, Any]) -> Problem | None:
        """The definition of a SAM state machine, JSON or YAML, which takes the place of its path."""
        return self._inline(logical_id, resource, "Definition")

    def _inline(self, logical_id: str, resource: dict[str, Any], body: str) -> Problem | None:
        """Put the document that DefinitionUri names into the property `body`, unless it's in S3."""
        properties = resource.get("Properties") or {}
        path = self.known(properties.get("DefinitionUri"))
        if not isinstance(path, str) or path.startswith("s3://"):
            return None
        document = self.root / path
        if not document.is_file():
            return self._missing(logical_id, "DefinitionUri", document)
        del properties["DefinitionUri"]
        properties[body] = parse_value(document.read_text(encoding="utf-8"), str(document))
        return None

    def nested(self, logical_id: str, resource: dict[str, Any], path: Path) -> Problem | None:
        """A nested stack whose template is a file, which is packaged too."""
        location = LOCATIONS[resource["Type"]]
        if not path.is_file():
            return self._missing(logical_id, location, path)
        template = unrolled(included(load(path), files_below(path.parent)), {})
        body = package(template, path.parent, self.build)
        resource["Properties"][location] = self.build.template(json.dumps(body))
        return None

    def _code(self, logical_id: str, code: Path) -> str:
        if code.is_dir():
            return self.build.source(code, self.build.packages(logical_id, code))
        return self.build.source(self.build.unpacked(code))

    def _missing(self, logical_id: str, path: str, wanted: Path) -> Problem:
        where = ("Resources", logical_id, *(path.split(".") if "." in path else ("Properties", path)))
        return Problem(self.template.line(where), logical_id, path, f"{wanted} doesn't exist")


def package(
    template: Template, root: Path, builders: Builders, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the code, layers and images of a template; returns it with their URIs.

    `given` are the values of parameters. Raises TemplateRefused for paths that don't exist.
    """
    body = copy.deepcopy(template.body)
    packager = _Packager(template, root, builders, Resolver(body, _ParameterValues(body, given or {})))
    inherited = body.get("Globals", {}).get("Function", {})
    problems: list[Problem | None] = [*packager.layers("Globals", ("Globals", "Function"), inherited)]
    for logical_id, resource in body["Resources"].items():
        if resource["Type"] in ("AWS::Serverless::Function", "AWS::Lambda::Function"):
            where = ("Resources", logical_id, "Properties")
            problems += packager.layers(logical_id, where, resource.setdefault("Properties", {}))
        if resource["Type"] == "AWS::Serverless::Function":
            problems.append(packager.function(logical_id, resource, inherited))
        elif resource["Type"] == "AWS::Lambda::Function":
            problems.append(packager.plain_function(logical_id, resource))
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            problems.append(packager.layer(logical_id, resource))
        elif resource["Type"] == "AWS::Serverless::Api":
            problems.append(packager.definition(logical_id, resource))
        elif resource["Type"] == "AWS::Serverless::StateMachine":
            problems.append(packager.state_machine(logical_id, resource))
    for logical_id, path in nested_templates(body, root):
        problems.append(packager.nested(logical_id, body["Resources"][logical_id], path))
    found = [problem for problem in problems if problem]
    if found:
        raise TemplateRefused(template.source, found)
    inherited.pop("CodeUri", None)
    return body
