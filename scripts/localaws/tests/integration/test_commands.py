"""The commands that control a running local AWS."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

TEMPLATE = """
Parameters: {Greeting: {Type: String, Default: hello}}
Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
  Web:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: echo.handler
      CodeUri: functions/
      Environment: {Variables: {GREETING: !Ref Greeting}}
Outputs:
  Web: {Value: !Ref Web}
  Jobs: {Value: !Ref Jobs}
Transform: AWS::Serverless-2016-10-31
"""


@pytest.fixture(scope="module")
def bare(launch: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    with launch(None) as running:
        yield running


def ask(bare: Any, *arguments: str) -> Any:
    return bare.run("python", "-m", "localaws", *arguments, "--port", str(bare.port))


def deploy(bare: Any, text: str, *options: str) -> Any:
    (bare.folder / "asked.yaml").write_text(text)
    return ask(bare, "deploy", "asked.yaml", "--stack-name", "asked", *options)


@pytest.mark.parametrize("command", ["up", "deploy", "status", "tick", "logs", "reset", "doctor", "base-image"])
def test_each_command_explains_itself(bare: Any, command: str) -> None:
    done = bare.run("python", "-m", "localaws", command, "--help")
    assert done.returncode == 0
    assert f"usage: localaws {command}" in done.stdout
    assert f"`{command}`: " in done.stdout


def test_a_template_is_deployed_updated_and_rolled_back_when_an_update_fails(bare: Any) -> None:
    first = deploy(bare, TEMPLATE)
    assert first.returncode == 0, first.stderr
    assert "stack asked deployed in" in first.stdout and "Stack asked: CREATE_COMPLETE" in first.stdout
    outputs = bare.outputs("asked")
    assert outputs["Jobs"] in first.stdout
    assert bare.call(outputs["Web"])["greeting"] == "hello"

    second = deploy(bare, TEMPLATE, "--parameter", "Greeting=moin")
    assert "Stack asked: UPDATE_COMPLETE" in second.stdout, second.stderr
    assert bare.call(outputs["Web"])["greeting"] == "moin"
    unchanged = deploy(bare, TEMPLATE, "--parameter", "Greeting=moin")
    assert (unchanged.returncode, "Stack asked: UPDATE_COMPLETE" in unchanged.stdout) == (0, True)

    # The queue would change first; the function that can't be makes it go back.
    layer = "Layers: [arn:aws:lambda:us-east-1:123456789012:layer:nothing:1]"
    broken = TEMPLATE.replace("VisibilityTimeout: 60", "VisibilityTimeout: 90").replace(
        "Handler: echo.handler", f"Handler: echo.handler\n      {layer}"
    )
    third = deploy(bare, broken.replace("GREETING: !Ref Greeting", "GREETING: broken"), "--parameter", "Greeting=no")
    assert third.returncode == 1
    assert "Stack asked could not be deployed (UPDATE_ROLLBACK_COMPLETE)." in third.stderr
    assert "  line 5: Web: " in third.stderr
    assert bare.outputs("asked") == outputs
    attributes = bare.client("sqs").get_queue_attributes(QueueUrl=outputs["Jobs"], AttributeNames=["VisibilityTimeout"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "60"
    assert bare.call(outputs["Web"])["greeting"] == "moin"


def test_a_template_that_is_refused_names_lines_and_changes_nothing(bare: Any) -> None:
    refused = deploy(bare, TEMPLATE.replace("VisibilityTimeout: 60", "Colour: red"))
    assert refused.returncode == 2
    assert "line 4: Jobs.Colour: this property isn't supported" in refused.stderr
    needy = deploy(bare, TEMPLATE.replace(", Default: hello", ""))
    assert needy.returncode == 2
    assert "line 2: Greeting" in needy.stderr and "--parameter NAME=VALUE" in needy.stderr


def test_errors_of_sam_are_reported_with_the_line_of_resource_and_event(bare: Any) -> None:
    events = "{Get: {Type: HttpApi, Properties: {Path: /x, Method: get}}}"
    web = f"    Properties: {{Runtime: python3.13, Handler: echo.handler, CodeUri: functions/, Events: {events}}}\n"
    text = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
    for name in ("One", "Two"):
        text += f"  {name}:\n    Type: AWS::Serverless::Function\n{web}"
    (bare.folder / "wrong.yaml").write_text(text)
    created = ask(bare, "deploy", "wrong.yaml", "--stack-name", "wrong")
    assert created.returncode != 0
    assert "line 8: Two is invalid. Event with id [Get] is invalid. API method 'get' defined" in created.stderr
    (bare.folder / "wrong.yaml").write_text(text.split("  Two:")[0])
    assert ask(bare, "deploy", "wrong.yaml", "--stack-name", "wrong").returncode == 0
    (bare.folder / "wrong.yaml").write_text(text)
    updated = ask(bare, "deploy", "wrong.yaml", "--stack-name", "wrong")
    assert "Stack wrong could not be updated." in updated.stderr
    assert "line 8: Two is invalid." in updated.stderr
    bare.client("cloudformation").delete_stack(StackName="wrong")


def test_a_circular_dependency_is_reported(bare: Any) -> None:
    queue = "{Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt %s.QueueName}}"
    (bare.folder / "circle.yaml").write_text(f"Resources: {{A: {queue % 'B'}, B: {queue % 'A'}}}")
    error = ask(bare, "deploy", "circle.yaml", "--stack-name", "circle").stderr
    assert "Circular dependency between resources: [" in error
    bare.client("cloudformation").delete_stack(StackName="circle")


def test_code_in_an_archive_and_in_a_file_alone_runs(bare: Any, archive: Callable[[str, str], bytes]) -> None:
    source = "def handler(event, context):\n    return '%s'\n"
    (bare.folder / "packed code.zip").write_bytes(archive("app.py", source % "archive"))
    (bare.folder / "alone.py").write_text(source % "file")
    text = """Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13}}
Resources:
  Packed: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, CodeUri: packed code.zip}}
  Alone: {Type: AWS::Serverless::Function, Properties: {Handler: alone.handler, CodeUri: alone.py}}
  Here: {Type: AWS::Serverless::Function, Properties: {Handler: alone.handler}}
Outputs: {Packed: {Value: !Ref Packed}, Alone: {Value: !Ref Alone}, Here: {Value: !Ref Here}}
"""
    (bare.folder / "packed.yaml").write_text(text)
    assert ask(bare, "deploy", "packed.yaml", "--stack-name", "packed").returncode == 0
    outputs = bare.outputs("packed")
    answers = [bare.call(outputs[name]) for name in ("Packed", "Alone", "Here")]
    assert answers == ["archive", "file", "file"]
    bare.client("cloudformation").delete_stack(StackName="packed")


def test_status_lists_stacks_functions_and_queues(bare: Any) -> None:
    assert deploy(bare, TEMPLATE).returncode == 0
    shown = ask(bare, "status").stdout
    outputs = bare.outputs("asked")
    for part in (bare.endpoint, "Stack asked: ", outputs["Web"], outputs["Jobs"], "in memory only", "in flight"):
        assert part in shown
    bare.client("sqs").send_message(QueueUrl=outputs["Jobs"], MessageBody="x")
    status = json.loads(ask(bare, "status", "--json").stdout)
    assert [stack["name"] for stack in status["stacks"]] == ["asked"]
    assert {"name": outputs["Jobs"].rsplit("/", 1)[1], "waiting": 1, "in_flight": 0} in status["queues"]


def test_logs_are_found_by_the_functions_name_or_its_logical_id(bare: Any) -> None:
    assert deploy(bare, TEMPLATE).returncode == 0
    name = bare.outputs("asked")["Web"]
    bare.call(name, {"marker": "hi"})
    assert bare.logged(f"/aws/lambda/{name}", "REPORT")
    for wanted in (("Web", "--stack-name", "asked"), (name,), (f"/aws/lambda/{name}",)):
        shown = ask(bare, "logs", *wanted).stdout
        assert "START RequestId" in shown and '{"seen": {"marker": "hi"}}' in shown
    assert "START" not in ask(bare, "logs", name, "--filter", "{ $.seen.marker = hi }").stdout
    assert f"/aws/lambda/{name}" in ask(bare, "logs").stdout
    unknown = ask(bare, "logs", "nobody")
    assert (unknown.returncode, "The log groups are: " in unknown.stderr) == (1, True)


@pytest.mark.proves("logs follow")
def test_followed_logs_are_those_there_and_those_that_arrive(bare: Any) -> None:
    assert deploy(bare, TEMPLATE).returncode == 0
    name = bare.outputs("asked")["Web"]
    bare.call(name, {"marker": "followed first"})
    follower = subprocess.Popen(
        [sys.executable, "-m", "localaws", "logs", name, "--follow", "--filter", "followed", "--port", str(bare.port)],
        cwd=bare.folder,
        env=bare.environment,
        text=True,
        stdout=subprocess.PIPE,
    )
    try:
        assert follower.stdout
        assert '{"seen": {"marker": "followed first"}}' in follower.stdout.readline()
        bare.call(name, {"marker": "followed then"})
        assert '{"seen": {"marker": "followed then"}}' in follower.stdout.readline()
    finally:
        follower.kill()
        follower.communicate()


def test_reset_leaves_nothing(bare: Any) -> None:
    assert deploy(bare, TEMPLATE).returncode == 0
    bare.client("s3").create_bucket(Bucket="going")
    done = ask(bare, "reset")
    assert (done.returncode, "was reset; no stack is deployed" in done.stdout) == (0, True)
    status = json.loads(ask(bare, "status", "--json").stdout)
    assert (status["stacks"], status["functions"], status["queues"]) == ([], [], [])
    assert "going" not in [bucket["Name"] for bucket in bare.client("s3").list_buckets()["Buckets"]]
    assert bare.client("cloudwatch").list_metrics()["Metrics"] == []
    again = deploy(bare, TEMPLATE)
    assert (again.returncode, bare.call(bare.outputs("asked")["Web"])["greeting"]) == (0, "hello")


def test_doctor_reports_each_check_and_how_to_fix_a_failed_one(bare: Any) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = bare.run("python", "-m", "localaws", "doctor", "--port", port, "--http-port", "0")
    assert done.returncode == 1
    assert "FAILED  port " in done.stdout and f"Port {port} is in use" in done.stdout
    assert "ok      moto" in done.stdout and "ok      AWS's runtime emulator" in done.stdout
    assert "functions' files" in done.stdout
    assert "1 of 10 checks failed." in done.stdout


def test_a_command_without_a_running_local_aws_explains_how_to_start_one(bare: Any) -> None:
    for arguments in (("status",), ("tick", "1h"), ("reset",), ("logs",)):
        done = bare.run("python", "-m", "localaws", *arguments, "--port", "1")
        assert (done.returncode, "Start one with `localaws up TEMPLATE`" in done.stderr) == (1, True)
