"""A composite alarm of a template: its properties, state, actions and suppression."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws_testing.tags import own_tags

TEAM = [{"Key": "team", "Value": "ml"}]
CHILD = {
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "m",
    "Namespace": "composed",
    "Period": 60,
    "Statistic": "Sum",
    "Threshold": 1,
    "TreatMissingData": "ignore",
}
ACTIONS = [{"Ref": "Topic"}]
COMPOSED = {
    "AlarmName": "composed",
    "AlarmDescription": "both at once",
    "AlarmRule": {"Fn::Sub": 'ALARM("${First}") AND OK(${Second.Arn})'},
    "ActionsEnabled": "true",
    "AlarmActions": ACTIONS,
    "OKActions": ACTIONS,
    "InsufficientDataActions": ACTIONS,
    "ActionsSuppressor": {"Ref": "Quiet"},
    "ActionsSuppressorWaitPeriod": "0",
    "ActionsSuppressorExtensionPeriod": 0,
    "Tags": TEAM,
}
TEMPLATE = {
    "Resources": {
        **{name: {"Type": "AWS::CloudWatch::Alarm", "Properties": CHILD} for name in ("First", "Second", "Quiet")},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "sqs",
                "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
                "RawMessageDelivery": True,
            },
        },
        "Composed": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": COMPOSED, "DependsOn": "Subscription"},
    },
    "Outputs": {
        "Arn": {"Value": {"Fn::GetAtt": ["Composed", "Arn"]}},
        **{name: {"Value": {"Ref": name}} for name in ("First", "Second", "Quiet", "Topic", "Queue", "Composed")},
    },
}


@pytest.fixture
def outputs(cloud: Any) -> Any:
    """The outputs of a stack with a composite alarm, which is deleted at the end."""
    client = cloud.client("cloudformation")
    client.create_stack(StackName="composed", TemplateBody=json.dumps(TEMPLATE))
    (stack,) = client.describe_stacks(StackName="composed")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    yield {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    client.delete_stack(StackName="composed")


def described(cloud: Any) -> Any:
    found = cloud.client("cloudwatch").describe_alarms(AlarmNames=["composed"], AlarmTypes=["CompositeAlarm"])
    return found["CompositeAlarms"]


@pytest.mark.proves(
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::CompositeAlarm.ActionsEnabled",
    "AWS::CloudWatch::CompositeAlarm.ActionsSuppressor",
    "AWS::CloudWatch::CompositeAlarm.ActionsSuppressorExtensionPeriod",
    "AWS::CloudWatch::CompositeAlarm.ActionsSuppressorWaitPeriod",
    "AWS::CloudWatch::CompositeAlarm.AlarmActions",
    "AWS::CloudWatch::CompositeAlarm.AlarmDescription",
    "AWS::CloudWatch::CompositeAlarm.AlarmName",
    "AWS::CloudWatch::CompositeAlarm.AlarmRule",
    "AWS::CloudWatch::CompositeAlarm.InsufficientDataActions",
    "AWS::CloudWatch::CompositeAlarm.OKActions",
    "AWS::CloudWatch::CompositeAlarm.Tags",
    "!GetAtt AWS::CloudWatch::CompositeAlarm.Arn",
)
def test_a_composite_alarm_of_a_template_follows_its_children_and_its_suppressor(
    cloud: Any, outputs: dict[str, str]
) -> None:
    cloudwatch = cloud.client("cloudwatch")

    def change(name: str, state: str) -> None:
        cloudwatch.set_alarm_state(AlarmName=outputs[name], StateValue=state, StateReason="a trial")

    (alarm,) = described(cloud)
    assert (alarm["AlarmName"], alarm["AlarmArn"]) == (outputs["Composed"], outputs["Arn"])
    assert alarm["AlarmDescription"] == "both at once"
    topic = outputs["Topic"]
    assert [alarm[f"{kind}Actions"] for kind in ("Alarm", "OK", "InsufficientData")] == [[topic], [topic], [topic]]
    periods = [alarm[f"ActionsSuppressor{kind}Period"] for kind in ("Wait", "Extension")]
    assert (alarm["ActionsSuppressor"], periods) == (outputs["Quiet"], [0, 0])
    assert own_tags(cloudwatch.list_tags_for_resource(ResourceARN=outputs["Arn"])["Tags"]) == TEAM
    change("Second", "OK")
    change("First", "ALARM")
    (alarm,) = described(cloud)
    assert (alarm["StateValue"], alarm["ActionsEnabled"]) == ("ALARM", True)
    change("Quiet", "ALARM")
    change("First", "OK")
    (alarm,) = described(cloud)
    assert (alarm["StateValue"], alarm["ActionsSuppressedBy"]) == ("OK", "Alarm")
    messages = cloud.drain(outputs["Queue"], lambda bodies: len(bodies) >= 2)
    assert sorted(message["NewStateValue"] for message in messages) == ["ALARM", "OK"]
    cloud.client("cloudformation").delete_stack(StackName="composed")
    assert described(cloud) == []
