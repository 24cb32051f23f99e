"""A machine that lets functions have no root file system of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.rights import WITHOUT_ADMINISTRATION, WITHOUT_NAMESPACES, can_run

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}
  Look:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: look
      Runtime: python3.13
      Handler: index.handler
      Layers: [!Ref Layer]
      EphemeralStorage: {Size: 600}
      InlineCode: |
        import os, shutil, in_layer
        def handler(event, context):
            size = shutil.disk_usage("/tmp").total >> 20
            return [os.path.exists("/opt/model.json"), os.getcwd(), in_layer.NAME, size]
"""
IMAGE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Model:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
    Metadata: {Dockerfile: Dockerfile, DockerContext: model}
"""
DOCKERFILE = """FROM public.ecr.aws/lambda/python:3.13
COPY app.py ./
COPY app.py /opt/ml/model
WORKDIR /app
RUN pip install --target /opt/python six
RUN dnf install -y no-machine-has-this
CMD ["app.handler"]
"""


def begin(start: Callable[..., Any], by: tuple[str, ...], template: str) -> Any:
    if not can_run(by):
        pytest.skip("this machine allows no user namespaces, which take the rights away here")
    cloud = start(None, by=by)
    for path, text in {
        "look.yaml": TEMPLATE,
        "image.yaml": IMAGE,
        "layer/model.json": "{}",
        "layer/python/in_layer.py": "NAME = 'found'",
        "model/Dockerfile": DOCKERFILE,
        "model/app.py": "",
    }.items():
        (cloud.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (cloud.folder / path).write_text(text)
    return cloud, cloud.run("python", "-m", "localaws", "deploy", template, "--port", str(cloud.port))


@pytest.mark.proves("functions user namespaces")
def test_a_user_without_special_rights_gets_the_file_system_of_aws(start: Callable[..., Any]) -> None:
    cloud, deployed = begin(start, WITHOUT_ADMINISTRATION, "look.yaml")
    assert deployed.returncode == 0, deployed.stderr
    assert not [line for line in cloud.printed if "file system" in line]
    assert cloud.call("look") == [True, "/var/task", "found", 600]


@pytest.mark.proves("functions shared root")
def test_without_namespaces_the_start_says_what_is_not_as_on_aws(start: Callable[..., Any]) -> None:
    cloud, deployed = begin(start, WITHOUT_NAMESPACES, "look.yaml")
    (note,) = [line for line in cloud.printed if "file system" in line]
    assert "note: functions share this machine's file system (making user and mount namespaces: No space left" in note
    for part in ("/var/task", "/opt", "/tmp is shared", "docs/local-aws.md"):
        assert part in note
    assert deployed.returncode == 0, deployed.stderr
    there, folder, name, _ = cloud.call("look")
    assert (there, name) == (False, "found")
    assert folder.startswith("/") and folder != "/var/task"


@pytest.mark.proves("functions shared root")
def test_without_namespaces_an_image_with_files_elsewhere_is_refused_by_line(start: Callable[..., Any]) -> None:
    _, deployed = begin(start, WITHOUT_NAMESPACES, "image.yaml")
    assert deployed.returncode == 1
    refused = re.findall(r"line (\d+): (.+?) on this machine, where functions", deployed.stderr)
    assert refused == [
        ("3", "COPY to /opt/ml/model (only below /var/task)"),
        ("4", "WORKDIR /app (only below /var/task)"),
        ("5", "pip's --target /opt/python (only below /var/task)"),
    ]
    assert "line 6: the package no-machine-has-this, which isn't on this machine" in deployed.stderr
