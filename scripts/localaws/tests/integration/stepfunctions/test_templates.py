"""Every property of state machines in templates, CloudFormation's and SAM's, and what starts them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.tags import own_tags
from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}
  Letters: {Type: AWS::SQS::Queue}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: of-machines}}
  Group: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: of-machines}}
  Log: {Type: AWS::Logs::LogGroup}
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: "*", Resource: "*"}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: [states.amazonaws.com, scheduler.amazonaws.com]},
                    Action: "sts:AssumeRole"}
  Plain:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: plain
      StateMachineType: EXPRESS
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Text: 'say "hi"', Number: 5}
      DefinitionString: |
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"t": "${Text}", "n": ${Number}, "k": "${Kept}"},
         "End": true}}}
      LoggingConfiguration:
        Level: ERROR
        IncludeExecutionData: true
        Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]
      Tags: [{Key: team, Value: ml}]
      TracingConfiguration: {Enabled: true}
  Inline:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: !Ref AWS::Region, End: true}}}
  Full:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: full
      Type: STANDARD
      PropagateTags: true
      Tags: {team: ml}
      PermissionsBoundary: !Ref Limit
      RolePath: /machines/
      Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Letters.QueueName}}]
      DefinitionSubstitutions: {Word: ok}
      Definition:
        StartAt: A
        States:
          A: {Type: Pass, Result: {word: "${Word}", queue: !GetAtt Letters.Arn}, ResultPath: $.fixed, End: true}
      Logging:
        Level: ALL
        IncludeExecutionData: false
        Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]
      Tracing: {Enabled: true}
      Events:
        Rule:
          Type: EventBridgeRule
          Properties:
            EventBusName: !Ref Bus
            RuleName: full-rule
            Pattern: {source: [start.it]}
            InputPath: $.detail
            State: ENABLED
            Target: {Id: the-machine}
            DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
        Told:
          Type: EventBridgeRule
          Properties: {Pattern: {source: [told.it]}, Input: '{"by": "constant"}', State: DISABLED,
                       DeadLetterConfig: {Type: SQS, QueueLogicalId: ToldLetters}}
        Shaped:
          Type: EventBridgeRule
          Properties:
            Pattern: {source: [shape.it]}
            InputTransformer: {InputPathsMap: {x: $.detail.x}, InputTemplate: '{"x": <x>}'}
        Old:
          Type: CloudWatchEvent
          Properties:
            EventBusName: !Ref Bus
            RuleName: old-rule
            Pattern: {source: [old.it]}
            InputPath: $.detail
            State: DISABLED
            Target: {Id: old-machine}
            DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
        OldTold:
          Type: CloudWatchEvent
          Properties: {Pattern: {source: [old.told]}, Input: '{"by": "old"}', State: ENABLED,
                       DeadLetterConfig: {Type: SQS, QueueLogicalId: OldLetters}}
        OldShaped:
          Type: CloudWatchEvent
          Properties:
            Pattern: {source: [old.shape]}
            InputTransformer: {InputPathsMap: {x: $.detail.x}, InputTemplate: '{"y": <x>}'}
        Often:
          Type: Schedule
          Properties:
            Schedule: rate(7 days)
            Name: often
            Description: every week
            Input: '{"by": "often"}'
            State: ENABLED
            DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
        Never:
          Type: Schedule
          Properties: {Schedule: rate(7 days), Enabled: false,
                       DeadLetterConfig: {Type: SQS, QueueLogicalId: NeverLetters}}
        Timed:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: rate(8 days)
            ScheduleExpressionTimezone: Europe/Paris
            StartDate: "2030-01-01T00:00:00Z"
            EndDate: "2090-01-01T00:00:00Z"
            Name: timed
            GroupName: !Ref Group
            Description: every eight days
            Input: '{"by": "timed"}'
            State: DISABLED
            FlexibleTimeWindow: {Mode: "OFF"}
            RoleArn: !GetAtt Role.Arn
            DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
        Unnamed:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(9 days), OmitName: true, PermissionsBoundary: !Ref Limit,
                       Input: '{"by": "unnamed"}', DeadLetterConfig: {Type: SQS, QueueLogicalId: UnnamedLetters}}
Outputs:
  Bucket: {Value: !Ref Bucket}
  Bus: {Value: !Ref Bus}
  LogArn: {Value: !GetAtt Log.Arn}
  LettersArn: {Value: !GetAtt Letters.Arn}
  Role: {Value: !GetAtt Role.Arn}
  Limit: {Value: !Ref Limit}
  Plain: {Value: !Ref Plain}
  PlainArn: {Value: !GetAtt Plain.Arn}
  PlainName: {Value: !GetAtt Plain.Name}
  PlainRevision: {Value: !GetAtt Plain.StateMachineRevisionId}
  Inline: {Value: !Ref Inline}
  Full: {Value: !Ref Full}
  FullArn: {Value: !GetAtt Full.Arn}
  FullName: {Value: !GetAtt Full.Name}
  FullRevision: {Value: !GetAtt Full.StateMachineRevisionId}
"""


@pytest.fixture(scope="module")
def made(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("machine-templates", STACK)


def rule_of(cloud: Any, source: str, bus: str = "default") -> tuple[dict[str, Any], dict[str, Any]]:
    """The rule for events of a source, and its target."""
    events = cloud.client("events")
    rules = events.list_rules(EventBusName=bus)["Rules"]
    rule = next(each for each in rules if source in each.get("EventPattern", "") or source == each["Name"])
    (target,) = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
    return rule, target


def inputs(machines: Any, machine: str) -> list[Any]:
    """The inputs of the executions of a state machine."""
    listed = machines.client.list_executions(stateMachineArn=machine)["executions"]
    return [json.loads(machines.describe(each["executionArn"])["input"]) for each in listed]


@pytest.mark.proves(
    "AWS::StepFunctions::StateMachine",
    "AWS::StepFunctions::StateMachine.Definition",
    "AWS::StepFunctions::StateMachine.DefinitionString",
    "AWS::StepFunctions::StateMachine.DefinitionSubstitutions",
    "AWS::StepFunctions::StateMachine.LoggingConfiguration.Destinations.CloudWatchLogsLogGroup.LogGroupArn",
    "AWS::StepFunctions::StateMachine.LoggingConfiguration.IncludeExecutionData",
    "AWS::StepFunctions::StateMachine.LoggingConfiguration.Level",
    "AWS::StepFunctions::StateMachine.RoleArn",
    "AWS::StepFunctions::StateMachine.StateMachineName",
    "AWS::StepFunctions::StateMachine.StateMachineType",
    "AWS::StepFunctions::StateMachine.Tags",
    "!GetAtt AWS::StepFunctions::StateMachine.Arn",
    "!GetAtt AWS::StepFunctions::StateMachine.Name",
    "!GetAtt AWS::StepFunctions::StateMachine.StateMachineRevisionId",
)
def test_a_state_machine_of_cloudformation_has_its_properties(machines: Any, made: dict[str, str]) -> None:
    client = machines.client
    described = client.describe_state_machine(stateMachineArn=made["Plain"])
    assert (described["name"], described["type"], described["roleArn"]) == ("plain", "EXPRESS", made["Role"])
    assert made["PlainArn"] == made["Plain"]
    assert (made["PlainName"], made["PlainRevision"]) == ("plain", described["revisionId"])
    result = json.loads(described["definition"])["States"]["A"]["Result"]
    assert result == {"t": 'say "hi"', "n": 5, "k": "${Kept}"}
    logging = described["loggingConfiguration"]
    assert (logging["level"], logging["includeExecutionData"]) == ("ERROR", True)
    assert logging["destinations"] == [{"cloudWatchLogsLogGroup": {"logGroupArn": made["LogArn"]}}]
    tags = client.list_tags_for_resource(resourceArn=made["Plain"])["tags"]
    assert own_tags(tags) == [{"key": "team", "value": "ml"}]
    assert machines.output(made["Inline"]) == "us-east-1"


@pytest.mark.proves(
    "AWS::StepFunctions::StateMachine",
    "AWS::StepFunctions::StateMachine.DefinitionS3Location.Bucket",
    "AWS::StepFunctions::StateMachine.DefinitionS3Location.Key",
    "AWS::StepFunctions::StateMachine.DefinitionS3Location.Version",
)
def test_a_definition_is_read_from_s3_and_updated(machines: Any, cloud: Any, made: dict[str, str]) -> None:
    s3, client = cloud.client("s3"), cloud.client("cloudformation")
    text = "StartAt: A\nStates:\n  A: {Type: Pass, Result: %s, End: true}\n"
    versions = [
        s3.put_object(Bucket=made["Bucket"], Key="m.asl.yaml", Body=(text % word).encode())["VersionId"]
        for word in ("first", "second")
    ]

    def template(version: str) -> str:
        location = {"Bucket": made["Bucket"], "Key": "m.asl.yaml", "Version": version}
        properties = {"RoleArn": made["Role"], "DefinitionS3Location": location}
        resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        return json.dumps({"Resources": {"M": resource}, "Outputs": {"M": {"Value": {"Ref": "M"}}}})

    client.create_stack(StackName="from-s3", TemplateBody=template(versions[0]))
    machine = cloud.outputs("from-s3")["M"]
    assert machines.output(machine) == "first"
    client.update_stack(StackName="from-s3", TemplateBody=template(versions[1]))
    assert cloud.outputs("from-s3")["M"] == machine
    assert machines.output(machine) == "second"
    client.delete_stack(StackName="from-s3")
    with pytest.raises(machines.client.exceptions.StateMachineDoesNotExist):
        machines.client.describe_state_machine(stateMachineArn=machine)


@pytest.mark.proves(
    "AWS::Serverless::StateMachine",
    "AWS::Serverless::StateMachine.Definition",
    "AWS::Serverless::StateMachine.DefinitionSubstitutions",
    "AWS::Serverless::StateMachine.Logging.Destinations.CloudWatchLogsLogGroup.LogGroupArn",
    "AWS::Serverless::StateMachine.Logging.IncludeExecutionData",
    "AWS::Serverless::StateMachine.Logging.Level",
    "AWS::Serverless::StateMachine.Name",
    "AWS::Serverless::StateMachine.PermissionsBoundary",
    "AWS::Serverless::StateMachine.Policies",
    "AWS::Serverless::StateMachine.PropagateTags",
    "AWS::Serverless::StateMachine.RolePath",
    "AWS::Serverless::StateMachine.Tags",
    "AWS::Serverless::StateMachine.Type",
    "!GetAtt AWS::Serverless::StateMachine.Arn",
    "!GetAtt AWS::Serverless::StateMachine.Name",
    "!GetAtt AWS::Serverless::StateMachine.StateMachineRevisionId",
)
def test_a_state_machine_of_sam_has_its_properties(machines: Any, cloud: Any, made: dict[str, str]) -> None:
    described = machines.client.describe_state_machine(stateMachineArn=made["Full"])
    assert (described["name"], described["type"]) == ("full", "STANDARD")
    assert (made["FullArn"], made["FullName"]) == (made["Full"], "full")
    assert made["FullRevision"] == described["revisionId"]
    assert machines.output(made["Full"])["fixed"] == {"word": "ok", "queue": made["LettersArn"]}
    logging = described["loggingConfiguration"]
    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", False)
    assert logging["destinations"] == [{"cloudWatchLogsLogGroup": {"logGroupArn": made["LogArn"]}}]
    tags = machines.client.list_tags_for_resource(resourceArn=made["Full"])["tags"]
    assert {"key": "team", "value": "ml"} in tags
    assert "/machines/" in described["roleArn"]
    role = cloud.client("iam").get_role(RoleName=described["roleArn"].rpartition("/")[2])["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == made["Limit"]
    assert "states.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
    policies = cloud.client("iam").list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
    assert len(policies) == 1
    assert {"Key": "team", "Value": "ml"} in role["Tags"]


@pytest.mark.proves(
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.DeadLetterConfig.Arn",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.DeadLetterConfig.QueueLogicalId",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.DeadLetterConfig.Type",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.EventBusName",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.Input",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.InputPath",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.InputTransformer",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.Pattern",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.RuleName",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.State",
    "AWS::Serverless::StateMachine.Events.EventBridgeRule.Target.Id",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.DeadLetterConfig.Arn",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.DeadLetterConfig.QueueLogicalId",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.DeadLetterConfig.Type",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.EventBusName",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.Input",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.InputPath",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.InputTransformer",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.Pattern",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.RuleName",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.State",
    "AWS::Serverless::StateMachine.Events.CloudWatchEvent.Target.Id",
)
def test_events_start_executions(machines: Any, cloud: Any, made: dict[str, str]) -> None:
    sent = [
        ("start.it", made["Bus"], {"n": 1}),
        ("told.it", "default", {}),
        ("shape.it", "default", {"x": 2}),
        ("old.it", made["Bus"], {"n": 3}),
        ("old.told", "default", {}),
        ("old.shape", "default", {"x": 4}),
    ]
    entries = [
        {"EventBusName": bus, "Source": source, "DetailType": "t", "Detail": json.dumps(detail)}
        for source, bus, detail in sent
    ]
    cloud.client("events").put_events(Entries=entries)
    expected = [{"n": 1}, {"x": 2}, {"by": "old"}, {"y": 4}]
    assert wait_until(lambda: all(each in inputs(machines, made["Full"]) for each in expected))
    assert {"n": 3} not in inputs(machines, made["Full"])
    assert {"by": "constant"} not in inputs(machines, made["Full"])
    for name, source, target_id, state in (
        ("full-rule", "start.it", "the-machine", "ENABLED"),
        ("old-rule", "old.it", "old-machine", "DISABLED"),
    ):
        rule, target = rule_of(cloud, source, made["Bus"])
        assert (rule["Name"], rule["State"], target["Id"]) == (name, state, target_id)
        assert (target["Arn"], target["DeadLetterConfig"]) == (made["Full"], {"Arn": made["LettersArn"]})
    rule, target = rule_of(cloud, "told.it")
    assert (rule["State"], target["Input"]) == ("DISABLED", '{"by": "constant"}')
    for source, logical_id in (("told.it", "ToldLetters"), ("old.told", "OldLetters")):
        assert logical_id in rule_of(cloud, source)[1]["DeadLetterConfig"]["Arn"]


@pytest.mark.proves(
    "AWS::Serverless::StateMachine.Events.Schedule.DeadLetterConfig.Arn",
    "AWS::Serverless::StateMachine.Events.Schedule.DeadLetterConfig.QueueLogicalId",
    "AWS::Serverless::StateMachine.Events.Schedule.DeadLetterConfig.Type",
    "AWS::Serverless::StateMachine.Events.Schedule.Description",
    "AWS::Serverless::StateMachine.Events.Schedule.Enabled",
    "AWS::Serverless::StateMachine.Events.Schedule.Input",
    "AWS::Serverless::StateMachine.Events.Schedule.Name",
    "AWS::Serverless::StateMachine.Events.Schedule.Schedule",
    "AWS::Serverless::StateMachine.Events.Schedule.State",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.DeadLetterConfig.Arn",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.DeadLetterConfig.QueueLogicalId",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.DeadLetterConfig.Type",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.Description",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.EndDate",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.FlexibleTimeWindow.Mode",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.GroupName",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.Input",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.Name",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.OmitName",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.PermissionsBoundary",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.RoleArn",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.ScheduleExpression",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.ScheduleExpressionTimezone",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.StartDate",
    "AWS::Serverless::StateMachine.Events.ScheduleV2.State",
)
def test_schedules_start_executions(machines: Any, cloud: Any, made: dict[str, str]) -> None:
    rule, target = rule_of(cloud, "often")
    assert (rule["ScheduleExpression"], rule["State"], rule["Description"]) == ("rate(7 days)", "ENABLED", "every week")
    assert target["DeadLetterConfig"] == {"Arn": made["LettersArn"]}
    never = [each for each in cloud.client("events").list_rules()["Rules"] if "FullNever" in each["Name"]]
    assert [each["State"] for each in never] == ["DISABLED"]
    assert "NeverLetters" in rule_of(cloud, never[0]["Name"])[1]["DeadLetterConfig"]["Arn"]
    scheduler = cloud.client("scheduler")
    timed = scheduler.get_schedule(Name="timed", GroupName="of-machines")
    assert (timed["ScheduleExpression"], timed["ScheduleExpressionTimezone"]) == ("rate(8 days)", "Europe/Paris")
    assert (timed["StartDate"].year, timed["EndDate"].year) == (2030, 2090)
    assert (timed["State"], timed["Description"]) == ("DISABLED", "every eight days")
    assert timed["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert (timed["Target"]["RoleArn"], timed["Target"]["Input"]) == (made["Role"], '{"by": "timed"}')
    assert timed["Target"]["DeadLetterConfig"] == {"Arn": made["LettersArn"]}
    (unnamed,) = [each for each in scheduler.list_schedules()["Schedules"] if "FullUnnamed" in each["Name"]]
    target = scheduler.get_schedule(Name=unnamed["Name"])["Target"]
    assert "UnnamedLetters" in target["DeadLetterConfig"]["Arn"]
    role = cloud.client("iam").get_role(RoleName=target["RoleArn"].rpartition("/")[2])["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == made["Limit"]
    machines.tick("10d")
    expected = [{"by": "often"}, {"by": "unnamed"}]
    assert wait_until(lambda: all(each in inputs(machines, made["Full"]) for each in expected))
    assert {"by": "timed"} not in inputs(machines, made["Full"])


@pytest.mark.proves("AWS::Serverless::StateMachine.Role")
def test_a_state_machine_of_sam_takes_a_role(deploy: Any, machines: Any, made: dict[str, str]) -> None:
    text = f"""
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: {made["Role"]}
      Definition: {{StartAt: A, States: {{A: {{Type: Succeed}}}}}}
Outputs:
  M: {{Value: !Ref M}}
"""
    machine = deploy("machine-with-role", text)["M"]
    assert machines.client.describe_state_machine(stateMachineArn=machine)["roleArn"] == made["Role"]


@pytest.mark.proves("machines checked in templates")
def test_an_invalid_definition_is_refused_before_anything_is_made(cloud: Any) -> None:
    client = cloud.client("cloudformation")
    text = """
Transform: AWS::Serverless-2016-10-31
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Task, Resource: "arn:aws:states:::glue:startJobRun.sync", End: true}}}
"""
    with pytest.raises(client.exceptions.ClientError, match=r"M\.Definition\.States\.A\.Resource.*glue:startJobRun"):
        client.create_stack(StackName="refused-machine", TemplateBody=text)
