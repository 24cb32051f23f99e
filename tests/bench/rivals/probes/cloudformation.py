"""Probes of CloudFormation and the SAM transform."""

from __future__ import annotations

import json
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import Differs, expect, probe

_GUIDE = "AWSCloudFormation/latest/UserGuide"
_API = "AWSCloudFormation/latest/APIReference"
_REFERENCE = "AWSCloudFormation/latest/TemplateReference"
_SETTLING = 60.0


def _status(cloud: Cloud, stack: str) -> str:
    try:
        return str(cloud("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
    except cloud("cloudformation").exceptions.ClientError as error:
        if "does not exist" in str(error):
            return "DELETE_COMPLETE"
        raise


def _settled(cloud: Cloud, stack: str) -> str:
    """The status of a stack once nothing is in progress."""

    def status() -> str:
        found = _status(cloud, stack)
        return "" if found.endswith("_IN_PROGRESS") and not found.startswith("REVIEW") else found

    return until(status, _SETTLING)


def _create(cloud: Cloud, body: dict[str, Any], **options: Any) -> str:
    """The name of a new stack, which has settled."""
    name = cloud.name("stack")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    cloud("cloudformation").create_stack(
        StackName=name, TemplateBody=json.dumps(body), Capabilities=capabilities, **options
    )
    _settled(cloud, name)
    return name


def _outputs(cloud: Cloud, stack: str) -> dict[str, str]:
    expect(_status(cloud, stack), "CREATE_COMPLETE", "status")
    found = cloud("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}


def _queues(names: dict[str, str], **sections: Any) -> dict[str, Any]:
    """A template of queues, by logical id → name."""
    made = {key: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}} for key, name in names.items()}
    return {"Resources": made, **sections}


def _has_queue(cloud: Cloud, name: str) -> bool:
    return bool(cloud("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls"))


@probe(f"{_REFERENCE}/intrinsic-function-reference.html")
def intrinsics(cloud: Cloud) -> None:
    """Outputs have the values of Sub with a map, Join, Select, Split, FindInMap, Cidr, Base64, If and GetAtt"""
    name = cloud.name()
    values: dict[str, Any] = {
        "Sub": {"Fn::Sub": ["${AWS::Region}/${x}/${!literal}", {"x": {"Ref": "P"}}]},
        "Join": {"Fn::Join": ["-", {"Fn::Split": [",", "a,b,c"]}]},
        "Select": {"Fn::Select": [1, {"Fn::Split": ["|", "a|b"]}]},
        "Map": {"Fn::FindInMap": ["M", {"Ref": "P"}, "k"]},
        "Cidr": {"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]},
        "Base64": {"Fn::Base64": "ü"},
        "If": {"Fn::If": ["IsP", "yes", "no"]},
        "Arn": {"Fn::GetAtt": ["Q", "QueueName"]},
    }
    body = _queues(
        {"Q": name},
        Parameters={"P": {"Type": "String", "Default": "p"}},
        Mappings={"M": {"p": {"k": "mapped"}}},
        Conditions={"IsP": {"Fn::Equals": [{"Ref": "P"}, "p"]}},
        Outputs={key: {"Value": value} for key, value in values.items()},
    )
    found = _outputs(cloud, _create(cloud, body))
    documented = {
        "Sub": "us-east-1/p/${literal}",
        "Join": "a-b-c",
        "Select": "b",
        "Map": "mapped",
        "Cidr": "10.0.1.0/24",
        "Base64": "w7w=",
        "If": "yes",
        "Arn": name,
    }
    expect(found, documented)


@probe("serverless-application-model/latest/developerguide/sam-resource-function.html")
def sam_function(cloud: Cloud) -> None:
    """A SAM function with an SQS event has a role, and works off the queue"""
    name = cloud.name()
    answers, _ = cloud.queue()
    code = (
        "import boto3\ndef handler(event, context):\n"
        f"    boto3.client('sqs').send_message(QueueUrl='{answers}', MessageBody=event['Records'][0]['body'])\n"
    )
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "InlineCode": code,
        "Timeout": 20,
        "Policies": [{"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}],
        "Events": {"Q": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Q", "Arn"]}}}},
    }
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "VisibilityTimeout": 60}}
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": function}, "Q": queue},
        "Outputs": {"Url": {"Value": {"Ref": "Q"}}, "Role": {"Value": {"Fn::GetAtt": ["FRole", "Arn"]}}},
    }
    found = _outputs(cloud, _create(cloud, body))
    cloud("sqs").send_message(QueueUrl=found["Url"], MessageBody="work")
    expect([message["Body"] for message in cloud.messages(answers, 1, 20)], ["work"])


@probe("serverless-application-model/latest/developerguide/sam-resource-httpapi.html")
def sam_api(cloud: Cloud) -> None:
    """A SAM function with an HttpApi event is served at its API's endpoint"""
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "InlineCode": "def handler(event, context):\n    return {'route': event['routeKey']}\n",
        "Events": {"E": {"Type": "HttpApi", "Properties": {"Path": "/pets/{id}", "Method": "get"}}},
    }
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": function}},
        "Outputs": {"Id": {"Value": {"Ref": "ServerlessHttpApi"}}},
    }
    api = _outputs(cloud, _create(cloud, body))["Id"]
    url = cloud("apigatewayv2").get_api(ApiId=api)["ApiEndpoint"]
    answer = cloud.ask(url + "/pets/7")
    expect((answer.status, answer.json()), (200, {"route": "GET /pets/{id}"}))


@probe(f"{_GUIDE}/stack-failure-options.html")
def rollback(cloud: Cloud) -> None:
    """A stack one of whose resources fails is ROLLBACK_COMPLETE, and leaves none of its resources"""
    good, name = cloud.name(), cloud.name()
    body = _queues({"Good": good})
    body["Resources"]["Bad"] = {
        "Type": "AWS::SQS::Queue",
        "DependsOn": "Good",
        "Properties": {"QueueName": name, "VisibilityTimeout": 999_999},
    }
    stack = _create(cloud, body)
    expect((_status(cloud, stack), _has_queue(cloud, good)), ("ROLLBACK_COMPLETE", False))


@probe(f"{_REFERENCE}/aws-properties-name.html")
def taken_name(cloud: Cloud) -> None:
    """A resource whose name another stack's has fails its stack, and the other's stays"""
    name = cloud.name("table")
    table = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    }
    body = {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": table}}}
    first, second = _create(cloud, body), _create(cloud, body)
    expect((_status(cloud, first), _status(cloud, second)), ("CREATE_COMPLETE", "ROLLBACK_COMPLETE"))
    expect(cloud("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"], "ACTIVE")


@probe(f"{_GUIDE}/using-cfn-stack-exports.html")
def exports(cloud: Cloud) -> None:
    """A stack whose export another imports can't be deleted"""
    export = cloud.name("export")
    given = {"V": {"Value": "shared", "Export": {"Name": export}}}
    first = _create(cloud, _queues({"Q": cloud.name()}, Outputs=given))
    taken = {"V": {"Value": {"Fn::ImportValue": export}}}
    second = _create(cloud, _queues({"Q": cloud.name()}, Outputs=taken))
    expect(_outputs(cloud, second), {"V": "shared"})
    try:
        cloud("cloudformation").delete_stack(StackName=first)
    except cloud("cloudformation").exceptions.ClientError as error:
        # Some say so at once, AWS in the stack's events.
        if error.response["Error"]["Code"] != "ValidationError":
            raise
    until(lambda: _status(cloud, first).startswith("DELETE"), 3)
    if _settled(cloud, first) == "DELETE_COMPLETE":
        raise Differs("the stack was deleted")


@probe(f"{_API}/API_UpdateStack.html")
def no_updates(cloud: Cloud) -> None:
    """An update that changes nothing is refused with ValidationError: No updates are to be performed"""
    body = _queues({"Q": cloud.name()})
    stack = _create(cloud, body)
    error = refused(
        "ValidationError", cloud("cloudformation").update_stack, StackName=stack, TemplateBody=json.dumps(body)
    )
    expect("No updates are to be performed" in str(error), True, str(error))


@probe(f"{_API}/API_CreateStack.html")
def invalid_template(cloud: Cloud) -> None:
    """A template that refers to nothing, or a parameter against its pattern, is a ValidationError without a stack"""
    body = _queues({"Q": cloud.name()}, Outputs={"V": {"Value": {"Ref": "Nothing"}}})
    parameter = {"P": {"Type": "String", "AllowedPattern": "[a-z]+"}}
    for given, options in (
        (body, {}),
        (
            _queues({"Q": cloud.name()}, Parameters=parameter),
            {"Parameters": [{"ParameterKey": "P", "ParameterValue": "9"}]},
        ),
    ):
        name = cloud.name("stack")
        create = cloud("cloudformation").create_stack
        refused("ValidationError", create, StackName=name, TemplateBody=json.dumps(given), **options)
        expect(_status(cloud, name), "DELETE_COMPLETE", "status of the stack that isn't")


@probe(f"{_REFERENCE}/aws-attribute-deletionpolicy.html")
def retained(cloud: Cloud) -> None:
    """A resource with DeletionPolicy Retain stays when its stack is deleted, another goes"""
    kept, gone = cloud.name(), cloud.name()
    body = _queues({"Kept": kept, "Gone": gone})
    body["Resources"]["Kept"]["DeletionPolicy"] = "Retain"
    stack = _create(cloud, body)
    expect((_status(cloud, stack), _has_queue(cloud, gone)), ("CREATE_COMPLETE", True))
    cloud("cloudformation").delete_stack(StackName=stack)
    until(lambda: _status(cloud, stack) == "DELETE_COMPLETE", _SETTLING)
    expect((_has_queue(cloud, kept), _has_queue(cloud, gone)), (True, False))


@probe(f"{_GUIDE}/using-cfn-updating-stacks-changesets.html")
def change_set(cloud: Cloud) -> None:
    """A change set lists what it would do, and does it only when it's executed"""
    name, stack = cloud.name(), cloud.name("stack")
    client = cloud("cloudformation")
    given = {"StackName": stack, "ChangeSetName": "first"}
    client.create_change_set(**given, ChangeSetType="CREATE", TemplateBody=json.dumps(_queues({"Q": name})))
    until(lambda: client.describe_change_set(**given)["Status"] == "CREATE_COMPLETE")
    changes = client.describe_change_set(**given)["Changes"]
    found = [(change["ResourceChange"]["Action"], change["ResourceChange"]["LogicalResourceId"]) for change in changes]
    expect(found, [("Add", "Q")])
    expect((_status(cloud, stack), _has_queue(cloud, name)), ("REVIEW_IN_PROGRESS", False))
    client.execute_change_set(**given)
    until(lambda: _status(cloud, stack) == "CREATE_COMPLETE", _SETTLING)
    expect(_has_queue(cloud, name), True)


@probe(f"{_REFERENCE}/crpg-ref-requesttypes-create.html")
def custom_resource(cloud: Cloud) -> None:
    """A custom resource is its function's answer, whose data GetAtt returns"""
    code = (
        "import json, urllib.request\ndef handler(event, context):\n"
        "    names = ('StackId', 'RequestId', 'LogicalResourceId')\n"
        "    answer = {name: event[name] for name in names} | {'Status': 'SUCCESS', 'PhysicalResourceId': 'made',\n"
        "        'Data': {'Echo': event['RequestType'] + ' ' + event['ResourceProperties']['Given']}}\n"
        "    body = json.dumps(answer).encode()\n"
        "    request = urllib.request.Request(event['ResponseURL'], body, {'Content-Type': ''}, method='PUT')\n"
        "    urllib.request.urlopen(request).read()\n"
    )
    properties = {"ServiceToken": cloud.arn(cloud.function(code, Timeout=20)), "Given": "x"}
    body = {
        "Resources": {"C": {"Type": "Custom::Echo", "Properties": properties}},
        "Outputs": {"Echo": {"Value": {"Fn::GetAtt": ["C", "Echo"]}}, "Ref": {"Value": {"Ref": "C"}}},
    }
    expect(_outputs(cloud, _create(cloud, body)), {"Echo": "Create x", "Ref": "made"})


@probe(f"{_GUIDE}/using-cfn-nested-stacks.html")
def nested(cloud: Cloud) -> None:
    """A nested stack gets its parameters, and its outputs are attributes"""
    bucket = cloud.bucket()
    inner = _queues(
        {"Q": cloud.name()},
        Parameters={"P": {"Type": "String"}},
        Outputs={"V": {"Value": {"Fn::Sub": "inner ${P}"}}},
    )
    cloud("s3").put_object(Bucket=bucket, Key="inner.json", Body=json.dumps(inner).encode())
    url = f"http://localhost:{cloud.port}/{bucket}/inner.json"
    properties = {"TemplateURL": url, "Parameters": {"P": "p"}}
    body = {
        "Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}},
        "Outputs": {"V": {"Value": {"Fn::GetAtt": ["N", "Outputs.V"]}}},
    }
    expect(_outputs(cloud, _create(cloud, body)), {"V": "inner p"})


@probe(f"{_REFERENCE}/aws-resource-sqs-queue.html")
def replacement(cloud: Cloud) -> None:
    """An update of a queue's name replaces it: the new one is there, the old one isn't"""
    old, new = cloud.name(), cloud.name()
    stack = _create(cloud, _queues({"Q": old}))
    expect(_has_queue(cloud, old), True)
    cloud("cloudformation").update_stack(StackName=stack, TemplateBody=json.dumps(_queues({"Q": new})))
    until(lambda: _status(cloud, stack) == "UPDATE_COMPLETE", _SETTLING)
    expect((_has_queue(cloud, new), _has_queue(cloud, old)), (True, False))
