"""Durable functions: executions of several invocations, with checkpoints."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Durable:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: durable
      Runtime: python3.13
      Handler: index.handler
      Timeout: 10
      AutoPublishAlias: live
      DurableConfig: {ExecutionTimeout: 300, RetentionPeriodInDays: 7}
      Policies: [AWSLambdaExecute, {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}]
      InlineCode: |
        import json, boto3
        client = boto3.client('lambda')
        def handler(event, context):
            state = event['InitialExecutionState']['Operations']
            known = {operation['Id']: operation for operation in state}
            program = json.loads(known['EXECUTION']['ExecutionDetails']['InputPayload'])
            token = event['CheckpointToken']
            results = []
            for index, update in enumerate(program.get('steps', [])):
                key = str(index)
                started = known.get(key)
                if started is None or started['Status'] == 'READY':
                    for action in update:
                        answer = client.checkpoint_durable_execution(
                            DurableExecutionArn=event['DurableExecutionArn'], CheckpointToken=token,
                            Updates=[{'Id': key, **action}])
                        token = answer['CheckpointToken']
                        for operation in answer['NewExecutionState']['Operations']:
                            known[operation['Id']] = operation
                    started = known[key]
                if started['Status'] in ('STARTED', 'PENDING'):
                    callback = started.get('CallbackDetails', {}).get('CallbackId')
                    print(json.dumps({'arn': event['DurableExecutionArn'], 'callback': callback}))
                    return {'Status': 'PENDING'}
                if started['Status'] in ('FAILED', 'TIMED_OUT'):
                    name = next(name for name in started if name.endswith('Details'))
                    error = started[name].get('Error', {'ErrorType': started['Status']})
                    return {'Status': 'FAILED', 'Error': error}
                results.append([value.get('Result') for name, value in started.items() if name.endswith('Details')][0])
            if program.get('raise'):
                raise ValueError('broken')
            return {'Status': 'SUCCEEDED', 'Result': json.dumps({'results': results, 'of': context.function_name})}
  Long:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: long
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt DurableRole.Arn
      DurableConfig: {ExecutionTimeout: 3600}
      Code: {ZipFile: "def handler(event, context): return {'Status': 'PENDING'}"}
  Plain:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: plain
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            if event.get('fail'):
                raise RuntimeError('plain failed')
            return {'got': event}
"""
STEP = {"Type": "STEP", "Name": "first"}
WAIT = {"Type": "WAIT", "Name": "pause"}
CALLBACK = {"Type": "CALLBACK", "Name": "approval", "Action": "START"}
CHAINED = {"Type": "CHAINED_INVOKE", "Name": "other", "Action": "START"}


@pytest.fixture(scope="module", autouse=True)
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("durable", STACK)


@pytest.fixture
def awslambda(cloud: Any) -> Any:
    return cloud.client("lambda")


def start(awslambda: Any, *steps: list[dict[str, Any]], name: str | None = None, **program: Any) -> str:
    """Start an execution that does these checkpoints, one after the other; returns its ARN."""
    named = {"DurableExecutionName": name} if name else {}
    answer = awslambda.invoke(
        FunctionName="durable",
        Qualifier="live",
        InvocationType="Event",
        Payload=json.dumps({"steps": steps, **program}),
        **named,
    )
    assert answer["StatusCode"] == 202
    return str(answer["DurableExecutionArn"])


def ended(awslambda: Any, arn: str, seconds: float = 20) -> dict[str, Any]:
    """The execution, once it has ended."""
    found: dict[str, Any] = {}

    def is_over() -> bool:
        found.update(awslambda.get_durable_execution(DurableExecutionArn=arn))
        return bool(found["Status"] != "RUNNING")

    assert wait_until(is_over, seconds), found
    return found


def waiting(awslambda: Any, arn: str) -> None:
    """Give an execution time to come to its wait; it's running then."""
    assert not wait_until(lambda: awslambda.get_durable_execution(DurableExecutionArn=arn)["Status"] != "RUNNING", 1.5)


@pytest.mark.proves(
    "AWS::Lambda::Function.DurableConfig.ExecutionTimeout",
    "AWS::Serverless::Function.DurableConfig.ExecutionTimeout",
    "durable executions",
)
def test_a_call_waits_for_the_execution_and_returns_its_result(awslambda: Any) -> None:
    answer = awslambda.invoke(
        FunctionName="durable",
        Qualifier="live",
        Payload=json.dumps({"steps": [[STEP | {"Action": "START"}, STEP | {"Action": "SUCCEED", "Payload": "1"}]]}),
    )
    assert json.loads(answer["Payload"].read()) == {"results": ["1"], "of": "durable"}
    assert answer["DurableExecutionArn"].startswith(
        "arn:aws:lambda:us-east-1:123456789012:function:durable:1/durable-execution/"
    )
    described = awslambda.get_function_configuration(FunctionName="durable")
    assert described["DurableConfig"] == {"ExecutionTimeout": 300, "RetentionPeriodInDays": 7}


@pytest.mark.proves("durable executions")
def test_a_failed_step_fails_the_execution_and_its_call(awslambda: Any) -> None:
    failed = STEP | {"Action": "FAIL", "Error": {"ErrorType": "Refused", "ErrorMessage": "no"}}
    answer = awslambda.invoke(
        FunctionName="durable", Qualifier="live", Payload=json.dumps({"steps": [[STEP | {"Action": "START"}, failed]]})
    )
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read()) == {"errorType": "Refused", "errorMessage": "no"}


@pytest.mark.proves("waits of durable executions")
def test_a_wait_ends_when_local_time_has_passed(cloud: Any, awslambda: Any) -> None:
    arn = start(awslambda, [WAIT | {"Action": "START", "WaitOptions": {"WaitSeconds": 120}}])
    waiting(awslambda, arn)
    cloud.tick("121s")
    assert ended(awslambda, arn)["Status"] == "SUCCEEDED"


@pytest.mark.proves("waits of durable executions")
def test_a_step_is_tried_again_after_its_delay(cloud: Any, awslambda: Any) -> None:
    retried = STEP | {"Action": "RETRY", "StepOptions": {"NextAttemptDelaySeconds": 60}, "Error": {"ErrorType": "Busy"}}
    arn = start(awslambda, [STEP | {"Action": "START"}, retried])
    waiting(awslambda, arn)
    cloud.tick("61s")
    waiting(awslambda, arn)
    awslambda.stop_durable_execution(DurableExecutionArn=arn, Error={"ErrorType": "Stopped", "ErrorMessage": "enough"})
    stopped = ended(awslambda, arn)
    assert stopped["Status"] == "STOPPED"
    assert stopped["Error"] == {"ErrorType": "Stopped", "ErrorMessage": "enough"}


@pytest.mark.proves("callbacks of durable executions")
def test_a_callback_ends_with_the_result_that_is_sent(awslambda: Any, cloud: Any) -> None:
    arn = start(awslambda, [CALLBACK])
    waiting(awslambda, arn)
    callback = callback_id(cloud, arn)
    awslambda.send_durable_execution_callback_heartbeat(CallbackId=callback)
    awslambda.send_durable_execution_callback_success(CallbackId=callback, Result=b'"yes"')
    assert json.loads(ended(awslambda, arn)["Result"])["results"] == ['"yes"']
    with pytest.raises(ClientError, match="CallbackTimeoutException"):
        awslambda.send_durable_execution_callback_success(CallbackId=callback, Result=b"late")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        awslambda.send_durable_execution_callback_success(CallbackId="nonsense")


@pytest.mark.proves("callbacks of durable executions")
def test_a_callback_that_fails_or_does_not_come_fails(awslambda: Any, cloud: Any) -> None:
    arn = start(awslambda, [CALLBACK])
    waiting(awslambda, arn)
    error = {"ErrorType": "Rejected", "ErrorMessage": "by hand"}
    awslambda.send_durable_execution_callback_failure(CallbackId=callback_id(cloud, arn), Error=error)
    assert ended(awslambda, arn)["Error"] == error
    late = start(awslambda, [CALLBACK | {"CallbackOptions": {"TimeoutSeconds": 100, "HeartbeatTimeoutSeconds": 30}}])
    waiting(awslambda, late)
    cloud.tick("20s")
    awslambda.send_durable_execution_callback_heartbeat(CallbackId=callback_id(cloud, late))
    cloud.tick("20s")
    waiting(awslambda, late)
    cloud.tick("31s")
    assert ended(awslambda, late)["Status"] == "FAILED"


@pytest.mark.proves("calls of other functions by durable executions")
def test_another_function_is_called_and_its_result_or_error_returned(awslambda: Any) -> None:
    call = CHAINED | {"ChainedInvokeOptions": {"FunctionName": "plain"}}
    arn = start(awslambda, [call | {"Payload": '{"a": 1}'}])
    assert json.loads(json.loads(ended(awslambda, arn)["Result"])["results"][0]) == {"got": {"a": 1}}
    arn = start(awslambda, [call | {"Payload": '{"fail": true}'}])
    assert ended(awslambda, arn)["Error"] == {"ErrorType": "RuntimeError", "ErrorMessage": "plain failed"}


@pytest.mark.proves("durable executions")
def test_an_execution_ends_at_its_timeout(cloud: Any, awslambda: Any) -> None:
    arn = start(awslambda, [CALLBACK])
    waiting(awslambda, arn)
    cloud.tick("301s")
    assert ended(awslambda, arn)["Status"] == "TIMED_OUT"


@pytest.mark.proves("durable executions")
def test_a_name_stands_for_one_execution(awslambda: Any) -> None:
    arn = start(awslambda, [CALLBACK], name="order-1")
    assert start(awslambda, [CALLBACK], name="order-1") == arn
    listed = awslambda.list_durable_executions_by_function(FunctionName="durable", DurableExecutionName="order-1")
    assert [(each["DurableExecutionArn"], each["Status"]) for each in listed["DurableExecutions"]] == [(arn, "RUNNING")]
    awslambda.stop_durable_execution(DurableExecutionArn=arn)


@pytest.mark.proves("durable executions")
def test_what_does_not_fit_is_refused(awslambda: Any) -> None:
    with pytest.raises(ClientError, match="greater than 15 minutes"):
        awslambda.invoke(FunctionName="long")
    with pytest.raises(ClientError, match="checkpoint token"):
        awslambda.checkpoint_durable_execution(
            DurableExecutionArn=start(awslambda, [CALLBACK]), CheckpointToken="other", Updates=[]
        )
    with pytest.raises(ClientError, match="DeadLetterConfig"):
        awslambda.update_function_configuration(
            FunctionName="long", DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
        )
    with pytest.raises(ClientError, match="GetDurableExecutionHistory"):
        awslambda.get_durable_execution_history(DurableExecutionArn=start(awslambda, [CALLBACK]))


def callback_id(cloud: Any, arn: str) -> str:
    """The callback of the first operation, as the function would pass it on."""
    found = cloud.logged("/aws/lambda/durable", arn)
    return str(json.loads(found[-1])["callback"])
