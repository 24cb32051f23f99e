"""What services keep from one start to the next, and what they say of the rest."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localaws_testing.waiting import wait_until

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
STATES = f"arn:aws:states:us-east-1:{ACCOUNT}"
MACHINE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: greeter
      Role: arn:aws:iam::123456789012:role/any
      AutoPublishAlias: live
      Definition: {StartAt: Greet, States: {Greet: {Type: Pass, Result: ANSWER, End: true}}}
  Worker: {Type: AWS::StepFunctions::Activity, Properties: {Name: of-the-stack}}
"""
WAITING = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86_400, "End": True}}}
FUNCTION = """
Transform: AWS::Serverless-2016-10-31
Resources:
  App:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: app
      Runtime: python3.13
      Handler: index.handler
      AutoPublishAlias: live
      DeploymentPreference: {Type: PREFERENCE, Role: "arn:aws:iam::123456789012:role/any"}
      InlineCode: |
        def handler(event, context):
            return "ANSWER"
"""
STORES = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: of-the-stack
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: n, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: n, KeyType: RANGE}]
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: app/of-the-stack, GenerateSecretString: {PasswordLength: 20}}
  Key: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true}}
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "https://s3.amazonaws.com/templates/nested.json"}
"""
NESTED = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "of-the-nested-stack"}},
        "Schedule": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "Name": "of-the-nested-stack",
                "ScheduleExpression": "rate(2 hours)",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:beats", "RoleArn": ROLE},
            },
        },
    }
}


@pytest.fixture
def begin(start: Callable[..., Any], tmp_path: Path) -> Callable[[], Any]:
    """Starts a local AWS without a template on the same folder each time."""
    return lambda: start(None, "--keep", str(tmp_path / "kept"))


def end(cloud: Any, number: signal.Signals = signal.SIGTERM) -> None:
    cloud.process.send_signal(number)
    output, _ = cloud.process.communicate(timeout=30)
    assert cloud.process.returncode == (0 if number == signal.SIGTERM else -number), output


def deploy(cloud: Any, name: str, template: str) -> None:
    client = cloud.client("cloudformation")
    names = [stack["StackName"] for stack in client.describe_stacks()["Stacks"]]
    (client.update_stack if name in names else client.create_stack)(StackName=name, TemplateBody=template)

    def status() -> str:
        return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    assert wait_until(lambda: not status().endswith("IN_PROGRESS"), 60), status()
    assert status() in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def tick(cloud: Any, duration: str) -> None:
    assert cloud.run("python", "-m", "localaws", "tick", duration, "--port", str(cloud.port)).returncode == 0


def ended(cloud: Any, machine: str, name: str) -> dict[str, Any]:
    """An execution of a state machine, once it has ended."""
    client = cloud.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine, name=name)["executionArn"]
    found: dict[str, Any] = {}

    def has_ended() -> bool:
        found.update(client.describe_execution(executionArn=arn))
        return str(found["status"]) != "RUNNING"

    assert wait_until(has_ended)
    return found


@pytest.mark.proves("keep state machines")
def test_versions_go_on_and_executions_have_their_history(begin: Callable[[], Any]) -> None:
    first = begin()
    machine = f"{STATES}:stateMachine:greeter"
    for answer in ("one", "two"):
        deploy(first, "greeting", MACHINE.replace("ANSWER", answer))
    client = first.client("stepfunctions")
    run = ended(first, f"{machine}:live", "kept")
    history = client.get_execution_history(executionArn=run["executionArn"])["events"]
    revision = client.describe_state_machine(stateMachineArn=machine)["revisionId"]
    own = client.create_state_machine(name="own", definition=json.dumps(WAITING), roleArn=ROLE, publish=True)
    route = [{"stateMachineVersionArn": own["stateMachineVersionArn"], "weight": 100}]
    client.create_state_machine_alias(name="mine", routingConfiguration=route)
    client.create_activity(name="own")
    end(first)

    second = begin()
    client = second.client("stepfunctions")
    alias = client.describe_state_machine_alias(stateMachineAliasArn=f"{machine}:live")
    assert alias["routingConfiguration"] == [{"stateMachineVersionArn": f"{machine}:2", "weight": 100}]
    assert client.describe_state_machine(stateMachineArn=machine)["revisionId"] == revision
    again = client.describe_execution(executionArn=run["executionArn"])
    kept = ("status", "output", "input", "startDate", "stopDate", "stateMachineVersionArn", "stateMachineAliasArn")
    assert {name: again[name] for name in kept} == {name: run[name] for name in kept}
    assert client.get_execution_history(executionArn=run["executionArn"])["events"] == history
    assert [each["name"] for each in client.list_executions(stateMachineArn=machine)["executions"]] == ["kept"]
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(stateMachineArn=f"{machine}:live", name="kept", input='{"another": 1}')
    mine = client.describe_state_machine_alias(stateMachineAliasArn=f"{STATES}:stateMachine:own:mine")
    assert mine["routingConfiguration"] == route
    assert [each["name"] for each in client.list_activities()["activities"]] == ["of-the-stack", "own"]

    deploy(second, "greeting", MACHINE.replace("ANSWER", "three"))
    assert ended(second, f"{machine}:live", "newer")["stateMachineVersionArn"] == f"{machine}:3"
    names = [each["name"] for each in client.list_executions(stateMachineArn=machine)["executions"]]
    assert names == ["newer", "kept"]
    end(second)


@pytest.mark.proves("keep state machines", "keep notes")
def test_after_a_crash_executions_that_ran_are_aborted_and_that_is_said(
    begin: Callable[[], Any], tmp_path: Path
) -> None:
    first = begin()
    client = first.client("stepfunctions")
    machine = client.create_state_machine(name="slow", definition=json.dumps(WAITING), roleArn=ROLE)["stateMachineArn"]
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    first.client("sns").create_topic(Name="of-no-stack")
    state = tmp_path / "kept" / "state.json"
    assert wait_until(lambda: state.exists() and arn in state.read_text(), 30)
    end(first, signal.SIGKILL)

    second = begin()
    said = "\n".join(second.printed)
    assert "1 executions of state machines that ran (ABORTED now)" in said
    assert "1 topics of no stack" in said
    client = second.client("stepfunctions")
    found = client.describe_execution(executionArn=arn)
    assert (found["status"], found["cause"]) == ("ABORTED", "Local AWS was stopped while the execution ran.")
    events = client.get_execution_history(executionArn=arn)["events"]
    assert [event["type"] for event in events] == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    end(second)
    assert "ABORTED" not in "\n".join(begin().printed)


@pytest.mark.proves("keep deployments", "keep function versions")
def test_deployments_and_the_numbers_of_versions_are_kept(begin: Callable[[], Any]) -> None:
    first = begin()
    for answer in ("one", "two"):
        deploy(first, "app", FUNCTION.replace("ANSWER", answer).replace("PREFERENCE", "AllAtOnce"))
    codedeploy = first.client("codedeploy")
    (identity,) = codedeploy.list_deployments()["deployments"]
    before = codedeploy.get_deployment(deploymentId=identity)["deploymentInfo"]
    targets = codedeploy.list_deployment_targets(deploymentId=identity)["targetIds"]
    events = codedeploy.batch_get_deployment_targets(deploymentId=identity, targetIds=targets)["deploymentTargets"]
    codedeploy.create_application(applicationName="own", computePlatform="Lambda")
    codedeploy.create_deployment_group(applicationName="own", deploymentGroupName="g", serviceRoleArn=ROLE)
    end(first)

    second = begin()
    codedeploy, lambdas = second.client("codedeploy"), second.client("lambda")
    assert codedeploy.list_deployments()["deployments"] == [identity]
    assert codedeploy.get_deployment(deploymentId=identity)["deploymentInfo"] == before
    again = codedeploy.batch_get_deployment_targets(deploymentId=identity, targetIds=targets)["deploymentTargets"]
    assert again == events
    group = codedeploy.get_deployment_group(applicationName="own", deploymentGroupName="g")["deploymentGroupInfo"]
    assert group["serviceRoleArn"] == ROLE
    assert lambdas.get_alias(FunctionName="app", Name="live")["FunctionVersion"] == "2"
    assert second.call("app:live") == "two"

    deploy(second, "app", FUNCTION.replace("ANSWER", "three").replace("PREFERENCE", "AllAtOnce"))
    assert lambdas.get_alias(FunctionName="app", Name="live")["FunctionVersion"] == "3"
    assert len(codedeploy.list_deployments()["deployments"]) == 2
    end(second)


@pytest.mark.proves("keep deployments")
def test_a_deployment_that_ran_is_stopped_at_the_next_start(begin: Callable[[], Any]) -> None:
    first = begin()
    deploy(first, "app", FUNCTION.replace("ANSWER", "one").replace("PREFERENCE", "AllAtOnce"))
    lambdas, codedeploy = first.client("lambda"), first.client("codedeploy")
    lambdas.update_function_configuration(FunctionName="app", Description="another")
    target = lambdas.publish_version(FunctionName="app")["Version"]
    codedeploy.create_application(applicationName="own", computePlatform="Lambda")
    codedeploy.create_deployment_group(
        applicationName="own",
        deploymentGroupName="g",
        serviceRoleArn=ROLE,
        deploymentConfigName="CodeDeployDefault.LambdaCanary10Percent5Minutes",
    )
    properties = {"Name": "app", "Alias": "live", "CurrentVersion": "1", "TargetVersion": target}
    spec = {"version": 0.0, "Resources": [{"app": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    identity = codedeploy.create_deployment(
        applicationName="own",
        deploymentGroupName="g",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}},
    )["deploymentId"]
    # It begins by itself. While local AWS stops, its calls would fail.
    assert wait_until(lambda: lambdas.get_alias(FunctionName="app", Name="live").get("RoutingConfig"), 60)
    end(first)

    second = begin()
    assert "1 deployments of CodeDeploy that ran (Stopped now)" in "\n".join(second.printed)
    found = second.client("codedeploy").get_deployment(deploymentId=identity)["deploymentInfo"]
    assert (found["status"], found["errorInformation"]["message"]) == (
        "Stopped",
        "Local AWS was stopped while the deployment ran.",
    )
    end(second)


@pytest.mark.proves("keep tables", "keep secrets", "keep API keys")
def test_items_secrets_and_keys_are_kept(begin: Callable[[], Any]) -> None:
    first = begin()
    s3 = first.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="nested.json", Body=json.dumps(NESTED))
    deploy(first, "stores", STORES)
    dynamodb, secrets = first.client("dynamodb"), first.client("secretsmanager")
    items = [
        {"id": {"S": "a"}, "n": {"N": str(number)}, "b": {"B": b"\x00\xff"}, "l": {"L": [{"M": {"x": {"BOOL": True}}}]}}
        for number in range(3)
    ]
    for item in items:
        dynamodb.put_item(TableName="of-the-stack", Item=item)
    dynamodb.create_table(
        TableName="of-no-stack",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-time",
                "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    own = {"id": {"S": "k"}, "at": {"S": "t"}, "s": {"SS": ["x", "y"]}}
    dynamodb.put_item(TableName="of-no-stack", Item=own)
    generated = secrets.get_secret_value(SecretId="app/of-the-stack")["SecretString"]
    secrets.create_secret(Name="app/of-no-stack", SecretString="old")
    secrets.put_secret_value(SecretId="app/of-no-stack", SecretString="new")
    (key,) = first.client("apigateway").get_api_keys(includeValues=True)["items"]
    end(first)

    second = begin()
    dynamodb, secrets = second.client("dynamodb"), second.client("secretsmanager")
    found = dynamodb.query(
        TableName="of-the-stack",
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "a"}},
    )["Items"]
    assert found == items
    by_time = dynamodb.query(
        TableName="of-no-stack",
        IndexName="by-time",
        KeyConditionExpression="#at = :at",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={":at": {"S": "t"}},
    )["Items"]
    assert by_time == [own]
    assert secrets.get_secret_value(SecretId="app/of-the-stack")["SecretString"] == generated
    assert secrets.get_secret_value(SecretId="app/of-no-stack")["SecretString"] == "new"
    previous = secrets.get_secret_value(SecretId="app/of-no-stack", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "old"
    (again,) = second.client("apigateway").get_api_keys(includeValues=True)["items"]
    assert (again["name"], again["value"]) == (key["name"], key["value"])
    end(second)


@pytest.mark.proves("keep schedules")
def test_schedules_of_no_stack_are_kept_and_rates_go_on(begin: Callable[[], Any]) -> None:
    first = begin()
    s3, sqs, scheduler = (first.client(service) for service in ("s3", "sqs", "scheduler"))
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="nested.json", Body=json.dumps(NESTED))
    url = sqs.create_queue(QueueName="beats")["QueueUrl"]
    deploy(first, "stores", STORES)
    scheduler.create_schedule_group(Name="mine")
    given = {
        "Name": "own",
        "GroupName": "mine",
        "ScheduleExpression": "cron(0 3 1 1 ? 2100)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:beats", "RoleArn": ROLE, "Input": "{}"},
    }
    scheduler.create_schedule(**given)
    assert wait_until(lambda: _waiting(sqs, url) == 1)  # a rate begins at once
    end(first)

    second = begin()
    sqs, scheduler = second.client("sqs"), second.client("scheduler")
    found = scheduler.get_schedule(Name="own", GroupName="mine")
    assert {name: found[name] for name in given if name != "Target"} == {
        name: value for name, value in given.items() if name != "Target"
    }
    assert found["Target"]["Input"] == "{}"
    url = sqs.get_queue_url(QueueName="beats")["QueueUrl"]
    tick(second, "90m")
    assert _waiting(sqs, url) == 1  # it goes on from when it began
    tick(second, "30m")
    assert wait_until(lambda: _waiting(sqs, url) == 2)
    end(second)


def _waiting(sqs: Any, url: str) -> int:
    wanted = ["ApproximateNumberOfMessages"]
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"][wanted[0]])


@pytest.mark.proves("keep notes")
def test_what_is_not_kept_is_named_at_the_next_start_if_there_was_some(begin: Callable[[], Any]) -> None:
    first = begin()
    end(first)
    second = begin()
    assert "not kept" not in "\n".join(second.printed)
    second.client("cloudwatch").put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}])
    second.client("iam").create_user(UserName="ann")
    end(second)
    third = begin()
    (note,) = [line.strip() for line in third.printed if "not kept" in line]
    assert note == "note: not kept from the last run: 1 metrics, 1 users of no stack"
    end(third)
