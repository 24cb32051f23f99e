"""What packaging builds and replaces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from localaws.errors import TemplateRefused
from localaws.template.load import parse
from localaws.template.package import package
from localaws.template.public_layers import PublicLayer

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
    """Builders that build nothing and record their calls."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:
        self.asked.append((logical_id, content.name, build_method))
        return Path("/built/layer")

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        self.asked.append((logical_id, str(dockerfile.relative_to(context)), dict(arguments)))
        return "registry/image:1"

    def public_layer(self, layer: PublicLayer) -> str:
        return f"arn:local:{layer.requirement}"

    def packages(self, logical_id: str, code: Path) -> Path | None:
        return Path("/built/packages") if (code / "requirements.txt").exists() else None

    def unpacked(self, file: Path) -> Path:
        return Path(f"/built/from-{file.name}")

    def template(self, text: str) -> str:
        self.asked.append(json.loads(text))
        return "http://localhost/templates/1"

    def source(self, folder: Path, packages: Path | None = None) -> str:
        return f"s3://source/{folder.name}" + ("+packages" if packages else "")


def test_local_paths_are_replaced_by_uris(tmp_path: Path) -> None:
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


@pytest.mark.proves("AWS::Serverless::Api.DefinitionUri")
def test_the_openapi_document_of_an_api_takes_the_place_of_its_path(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1\npaths: {/a: {get: {uri: !Sub '${It.Arn}'}}}\n")
    api = "Resources: {It: {Type: AWS::Serverless::Api, Properties: {StageName: a, DefinitionUri: %s}}}"
    packaged = package(parse(api % "api.yaml", "t"), tmp_path, Recorder())["Resources"]["It"]["Properties"]
    document = {"openapi": "3.0.1", "paths": {"/a": {"get": {"uri": {"Fn::Sub": "${It.Arn}"}}}}}
    assert packaged == {"StageName": "a", "DefinitionBody": document}
    with pytest.raises(TemplateRefused, match=r"It\.DefinitionUri"):
        package(parse(api % "missing.yaml", "t"), tmp_path, Recorder())


@pytest.mark.proves("AWS::Serverless::StateMachine.DefinitionUri")
def test_the_definition_of_a_state_machine_takes_the_place_of_its_path(tmp_path: Path) -> None:
    (tmp_path / "m.asl.yaml").write_text("StartAt: A\nStates: {A: {Type: Succeed}}\n")
    machine = "Resources: {It: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: %s}}}"
    body = package(parse(machine % "m.asl.yaml", "t.yaml"), tmp_path, Recorder())
    definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    assert body["Resources"]["It"]["Properties"] == {"Definition": definition}
    with pytest.raises(TemplateRefused, match=r"It\.DefinitionUri"):
        package(parse(machine % "none.yaml", "t.yaml"), tmp_path, Recorder())


def test_all_missing_paths_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(TemplateRefused) as caught:
        package(parse(TEXT, "t"), tmp_path, Recorder())
    message = str(caught.value)
    for place in ("Zip.CodeUri", "Image.Metadata.Dockerfile", "Layer.ContentUri"):
        assert place in message


def test_requirements_are_installed_and_the_path_of_a_plain_function_is_packaged(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "requirements.txt").write_text("requests")
    text = "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: src}}}"
    body = package(parse(text, str(tmp_path / "t.yaml")), tmp_path, Recorder())
    assert body["Resources"]["F"]["Properties"]["Code"] == {"S3Bucket": "source", "S3Key": "src+packages"}


def test_a_public_layer_is_replaced_by_its_packages_or_refused(tmp_path: Path) -> None:
    powertools = "arn:aws:lambda:${AWS::Region}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:3"
    text = f"""
    Globals: {{Function: {{Layers: [!Sub "{powertools}"]}}}}
    Resources:
      F: {{Type: AWS::Serverless::Function, Properties: {{InlineCode: x, Layers: [%s, !Ref Mine]}}}}
    """
    pandas = "arn:aws:lambda:eu-west-1:336392948345:layer:AWSSDKPandas-Python312:1"
    body = package(parse(text % pandas, "t"), tmp_path, Recorder())
    assert body["Globals"]["Function"]["Layers"] == ["arn:local:aws-lambda-powertools[all]"]
    assert body["Resources"]["F"]["Properties"]["Layers"] == ["arn:local:awswrangler", {"Ref": "Mine"}]
    with pytest.raises(TemplateRefused, match=r"line 4: F.Layers\[0\]: this layer isn't available"):
        package(parse(text % "arn:aws:lambda:us-east-1:175033217214:layer:graphicsmagick:2", "t"), tmp_path, Recorder())


def test_code_without_a_path_is_the_templates_folder_and_a_file_is_packed_alone(tmp_path: Path) -> None:
    (tmp_path / "code.zip").touch()
    (tmp_path / "app.py").touch()
    text = """
    Resources:
      Here: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}
      File: {Type: AWS::Serverless::Function, Properties: {CodeUri: app.py}}
      Plain: {Type: AWS::Lambda::Function, Properties: {Code: code.zip}}
      Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: code.zip}}
    """
    builders = Recorder()
    resources = package(parse(text, "t"), tmp_path, builders)["Resources"]
    assert resources["Here"]["Properties"]["CodeUri"] == f"s3://source/{tmp_path.name}"
    assert resources["File"]["Properties"]["CodeUri"] == "s3://source/from-app.py"
    assert resources["Plain"]["Properties"]["Code"] == {"S3Bucket": "source", "S3Key": "from-code.zip"}
    assert builders.asked == [("Layer", "from-code.zip", None)]


def test_parameters_may_select_what_is_built(tmp_path: Path) -> None:
    for name in ("mine", "theirs-prod", "layer"):
        (tmp_path / name).mkdir()
    (tmp_path / "mine" / "Dockerfile.prod").touch()
    text = """
    Parameters: {Stage: {Type: String, Default: dev}, Method: {Type: String, Default: makefile}}
    Mappings: {Paths: {prod: {code: mine}}}
    Resources:
      Zip: {Type: AWS::Serverless::Function, Properties: {CodeUri: !FindInMap [Paths, !Ref Stage, code]}}
      Plain: {Type: AWS::Lambda::Function, Properties: {Code: !Sub "theirs-${Stage}"}}
      Elsewhere: {Type: AWS::Lambda::Function, Properties: {Code: {S3Bucket: !Ref Made, S3Key: k}}}
      Image:
        Type: AWS::Serverless::Function
        Properties: {PackageType: Image}
        Metadata: {Dockerfile: !Sub "Dockerfile.${Stage}", DockerContext: mine, DockerBuildArgs: {S: !Ref Stage}}
      Layer:
        Type: AWS::Serverless::LayerVersion
        Properties: {ContentUri: layer}
        Metadata: {BuildMethod: !Ref Method}
    """
    builders = Recorder()
    resources = package(parse(text, "t"), tmp_path, builders, {"Stage": "prod"})["Resources"]
    assert resources["Zip"]["Properties"]["CodeUri"] == "s3://source/mine"
    assert resources["Plain"]["Properties"]["Code"] == {"S3Bucket": "source", "S3Key": "theirs-prod"}
    assert resources["Elsewhere"]["Properties"]["Code"] == {"S3Bucket": {"Ref": "Made"}, "S3Key": "k"}
    assert builders.asked == [("Image", "Dockerfile.prod", {"S": "prod"}), ("Layer", "layer", "makefile")]


def test_the_templates_of_nested_stacks_are_packaged_with_their_own_paths(tmp_path: Path) -> None:
    (tmp_path / "inner/code").mkdir(parents=True)
    (tmp_path / "inner/child.yaml").write_text(
        """
Resources:
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: part.yaml}}
  Code: {Type: AWS::Serverless::Function, Properties: {CodeUri: code}}
"""
    )
    (tmp_path / "inner/part.yaml").write_text("Queue: {Type: AWS::SQS::Queue}")
    text = """
Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner/child.yaml}}
  App: {Type: AWS::Serverless::Application, Properties: {Location: ./inner/child.yaml}}
  Remote: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://b.s3.amazonaws.com/t"}}
"""
    recorder = Recorder()
    body = package(parse(text, "t"), tmp_path, recorder)
    resources = body["Resources"]
    assert resources["Child"]["Properties"]["TemplateURL"] == "http://localhost/templates/1"
    assert resources["App"]["Properties"]["Location"] == "http://localhost/templates/1"
    assert resources["Remote"]["Properties"]["TemplateURL"] == "https://b.s3.amazonaws.com/t"
    child = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Code": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "s3://source/code"}},
    }
    assert recorder.asked == [{"Resources": child}, {"Resources": child}]
    missing = parse("Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: no.yaml}}}", "t")
    with pytest.raises(TemplateRefused, match=r"N\.TemplateURL: .*no\.yaml doesn't exist"):
        package(missing, tmp_path, recorder)
