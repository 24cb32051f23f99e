"""What `cdk synth` writes: the stacks of an assembly and their assets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localaws.errors import TemplateError
from localaws.template.assembly import FileAsset, assets, templates

BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"


def stack(template: str, *dependencies: str, **properties: Any) -> dict[str, Any]:
    found = {"templateFile": template, **properties}
    return {"type": "aws:cloudformation:stack", "properties": found, "dependencies": list(dependencies)}


def write(folder: Path, artifacts: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    return folder


def test_the_stacks_of_an_assembly_come_after_those_that_they_need(tmp_path: Path) -> None:
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}, "dependencies": ["Base"]}
    folder = write(
        tmp_path / "cdk.out",
        {
            "App": stack("App.template.json", "Base", stackName="my-app"),
            "Base": stack("Base.template.json"),
            "Prod": nested,
            "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
        },
    )
    write(folder / "assembly-Prod", {"ProdApp": stack("ProdApp.template.json")})
    found = templates(folder, "ignored")
    assert sorted(each.stack_name for each in found) == ["Base", "ProdApp", "my-app"]
    assert found[0].stack_name == "Base"
    assert found[0].path == folder / "Base.template.json"
    assert {each.path.name for each in found} == {"App.template.json", "Base.template.json", "ProdApp.template.json"}


def test_a_file_is_one_template(tmp_path: Path) -> None:
    [found] = templates(tmp_path / "template.yaml", "local")
    assert (found.path, found.stack_name) == (tmp_path / "template.yaml", "local")


@pytest.mark.parametrize(
    ("artifacts", "message"),
    [
        (None, "isn't an assembly of the CDK"),
        ({}, "has no stacks"),
        ({"A": stack("a", "B"), "B": stack("b", "A")}, "depend on each other"),
    ],
)
def test_a_folder_that_is_no_assembly_is_refused(
    tmp_path: Path, artifacts: dict[str, Any] | None, message: str
) -> None:
    if artifacts is not None:
        write(tmp_path, artifacts)
    with pytest.raises(TemplateError, match=message):
        templates(tmp_path, "local")


def test_the_assets_of_a_template(tmp_path: Path) -> None:
    manifest = {
        "type": "cdk:asset-manifest",
        "properties": {"file": "S.assets.json", "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/x/version"},
    }
    write(tmp_path, {"S.assets": manifest, "S": stack("S.template.json", "S.assets")})
    place = {"bucketName": BUCKET, "objectKey": "1.zip"}
    image = {"repositoryName": "assets-${AWS::AccountId}", "imageTag": "2"}
    document = {
        "files": {
            "1": {"source": {"path": "asset.1", "packaging": "zip"}, "destinations": {"here": place}},
            "3": {"source": {"executable": ["make"]}, "destinations": {"here": place}},
        },
        "dockerImages": {
            "2": {"source": {"directory": "asset.2", "dockerBuildArgs": {"A": "b"}}, "destinations": {"here": image}}
        },
    }
    (tmp_path / "S.assets.json").write_text(json.dumps(document))
    found = assets(tmp_path / "S.template.json", "eu-west-1")
    assert found
    bucket = "cdk-hnb659fds-assets-123456789012-eu-west-1"
    assert found.files == (FileAsset(tmp_path / "asset.1", True, bucket, "1.zip"),)
    [built] = found.images
    assert (built.context, built.dockerfile.name, built.arguments) == (tmp_path / "asset.2", "Dockerfile", {"A": "b"})
    assert built.uri == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/assets-123456789012:2"
    assert found.version_parameter == "/cdk-bootstrap/x/version"
    assert assets(tmp_path / "other.json", "eu-west-1") is None
    assert assets(Path(__file__), "eu-west-1") is None
