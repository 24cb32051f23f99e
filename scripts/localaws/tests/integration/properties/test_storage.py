"""EphemeralStorage: the size of /tmp."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

CODE = json.dumps("import shutil\ndef handler(event, context): return shutil.disk_usage('/tmp').total >> 20")
SAM = f"""
Resources:
  It:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: stored
      Runtime: python3.13
      Handler: index.handler
      EphemeralStorage: {{Size: "700"}}
      InlineCode: {CODE}
"""
PLAIN = f"""
Resources:
  Role: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{Version: "2012-10-17", Statement: []}}}}}}
  It:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: stored-plainly
      Role: !GetAtt Role.Arn
      Runtime: python3.13
      Handler: index.handler
      EphemeralStorage: {{Size: 700}}
      Code: {{ZipFile: {CODE}}}
"""
pytestmark = pytest.mark.usefixtures("own_root")


def size(cloud: Any, name: str) -> Any:
    return cloud.client("lambda").get_function_configuration(FunctionName=name)["EphemeralStorage"]["Size"]


@pytest.mark.parametrize(
    ("name", "stack"),
    [
        pytest.param("stored", SAM, marks=pytest.mark.proves("AWS::Serverless::Function.EphemeralStorage.Size")),
        pytest.param("stored-plainly", PLAIN, marks=pytest.mark.proves("AWS::Lambda::Function.EphemeralStorage.Size")),
    ],
)
def test_the_size_of_tmp_is_as_the_template_says_and_changes_with_it(
    cloud: Any, deploy: Callable[..., dict[str, str]], name: str, stack: str
) -> None:
    deploy(name, f"{stack}\nOutputs: {{It: {{Value: !Ref It}}}}")
    assert (cloud.call(name), size(cloud, name)) == (700, 700)
    (line,) = [line for line in stack.splitlines() if "EphemeralStorage" in line]
    for changed, expected in ((stack.replace("700", "800"), 800), (stack.replace(line, ""), 512)):
        cloud.client("cloudformation").update_stack(
            StackName=name, TemplateBody=f"Transform: AWS::Serverless-2016-10-31\n{changed}"
        )
        assert (cloud.call(name), size(cloud, name)) == (expected, expected)


def test_the_api_changes_it_too(cloud: Any, archive: Callable[[str, str], bytes]) -> None:
    client = cloud.client("lambda")
    client.create_function(
        FunctionName="stored-by-api",
        Runtime="python3.13",
        Handler="index.handler",
        Role=client.list_functions()["Functions"][0]["Role"],
        Code={
            "ZipFile": archive(
                "index.py", "import shutil\ndef handler(e, c): return shutil.disk_usage('/tmp').total >> 20"
            )
        },
    )
    assert cloud.call("stored-by-api") == size(cloud, "stored-by-api") == 512
    client.update_function_configuration(FunctionName="stored-by-api", EphemeralStorage={"Size": 1024})
    assert cloud.call("stored-by-api") == size(cloud, "stored-by-api") == 1024
    client.delete_function(FunctionName="stored-by-api")
