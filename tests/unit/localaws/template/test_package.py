"""What packaging builds and replaces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from localaws.errors import TemplateRefused
from localaws.template.load import parse
from localaws.template.package import package

TEXT = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: src/}}
Resources:
  Zip: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}
  Uploaded: {Type: AWS::Serverless::Function, Properties: {CodeUri: s3://bucket/key}}
  Image:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image, ImageUri: !Ref Uri}
    Metadata: {Dockerfile: docker/Dockerfile, DockerContext: ., DockerBuildArgs: {A: 1}}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer/}
    Metadata: {BuildMethod: makefile}
"""


class Recorder:
    """Builders that build nothing and remember what they were asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:
        self.asked.append((logical_id, content.name, build_method))
        return Path("/built/layer")

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        self.asked.append((logical_id, str(dockerfile.relative_to(context)), dict(arguments)))
        return "registry/image:1"

    def source(self, folder: Path) -> str:
        return f"s3://source/{folder.name}"


def test_local_paths_become_what_stands_for_them(tmp_path: Path) -> None:
    for folder in ("src", "docker", "layer"):
        (tmp_path / folder).mkdir()
    (tmp_path / "docker" / "Dockerfile").touch()
    builders = Recorder()
    resources = package(parse(TEXT, "t"), tmp_path, builders)["Resources"]
    assert resources["Zip"]["Properties"]["CodeUri"] == "s3://source/src"
    assert resources["Uploaded"]["Properties"]["CodeUri"] == "s3://bucket/key"
    assert resources["Image"]["Properties"]["ImageUri"] == "registry/image:1"
    assert resources["Layer"]["Properties"]["ContentUri"] == "s3://source/layer"
    assert builders.asked == [("Image", "docker/Dockerfile", {"A": "1"}), ("Layer", "layer", "makefile")]


def test_every_path_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(TemplateRefused) as caught:
        package(parse(TEXT, "t"), tmp_path, Recorder())
    said = str(caught.value)
    for place in ("Zip.CodeUri", "Image.Metadata.Dockerfile", "Layer.ContentUri"):
        assert place in said
