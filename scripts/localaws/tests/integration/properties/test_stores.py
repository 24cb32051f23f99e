"""Every property of tables, secrets and keys, of log formats and of what SAM makes of them."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from localaws_testing.tags import own_tags

STACK = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: full-table
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
        - {AttributeName: at, AttributeType: N}
        - {AttributeName: kind, AttributeType: S}
      KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]
      GlobalSecondaryIndexes:
        - IndexName: by-kind
          KeySchema: [{AttributeName: kind, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
      LocalSecondaryIndexes:
        - IndexName: by-id-and-kind
          KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: kind, KeyType: RANGE}]
          Projection: {ProjectionType: KEYS_ONLY}
      Tags: [{Key: team, Value: ml}]
  Simple:
    Type: AWS::Serverless::SimpleTable
    Properties: {TableName: full-simple, PrimaryKey: {Name: number, Type: Number}, Tags: {team: ml}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: some key
      Enabled: true
      KeySpec: SYMMETRIC_DEFAULT
      KeyUsage: ENCRYPT_DECRYPT
      PendingWindowInDays: 9
      Tags: [{Key: team, Value: ml}]
  KeyAlias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/full, TargetKeyId: !Ref Key}}
  Given:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: full-secret, Description: some secret, SecretString: given, Tags: [{Key: team, Value: ml}]}
  Letters:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString:
        PasswordLength: 20
        ExcludeCharacters: abc
        ExcludeNumbers: true
        ExcludePunctuation: true
        ExcludeUppercase: true
        IncludeSpace: false
        RequireEachIncludedType: true
        SecretStringTemplate: '{"user": "me"}'
        GenerateStringKey: password
  Numbers:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true}}
  CanCall:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Logging, Principal: apigateway.amazonaws.com}
  Logging:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: full-logging
      RolePath: /team/
      Runtime: python3.13
      Handler: index.handler
      LoggingConfig: {LogFormat: JSON, ApplicationLogLevel: WARN, SystemLogLevel: INFO}
      InlineCode: |
        import logging
        def handler(event, context):
            logging.getLogger().info("too quiet")
            logging.getLogger().warning("loud enough")
            return {"route": event.get("routeKey")}
  Defined:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: "3.0.1"
        info: {title: defined, version: "1"}
        paths:
          /defined:
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                payloadFormatVersion: "2.0"
                uri: !Sub arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Logging.Arn}/invocations
Outputs:
  Table: {Value: !GetAtt Table.Arn}
  Simple: {Value: !GetAtt Simple.Arn}
  Key: {Value: !GetAtt Key.Arn}
  KeyId: {Value: !GetAtt Key.KeyId}
  Given: {Value: !GetAtt Given.Id}
  Letters: {Value: !Ref Letters}
  Numbers: {Value: !Ref Numbers}
  Role: {Value: !Ref LoggingRole}
  Defined: {Value: !GetAtt Defined.ApiEndpoint}
"""
TEAM = [{"Key": "team", "Value": "ml"}]


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("stores", STACK)


@pytest.mark.proves(
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::Table.AttributeDefinitions",
    "AWS::DynamoDB::Table.GlobalSecondaryIndexes.IndexName",
    "AWS::DynamoDB::Table.GlobalSecondaryIndexes.KeySchema",
    "AWS::DynamoDB::Table.GlobalSecondaryIndexes.Projection",
    "AWS::DynamoDB::Table.KeySchema",
    "AWS::DynamoDB::Table.LocalSecondaryIndexes.IndexName",
    "AWS::DynamoDB::Table.LocalSecondaryIndexes.KeySchema",
    "AWS::DynamoDB::Table.LocalSecondaryIndexes.Projection",
    "AWS::DynamoDB::Table.TableName",
    "AWS::DynamoDB::Table.Tags",
    "!GetAtt AWS::DynamoDB::Table.Arn",
)
def test_a_table(cloud: Any, stack: dict[str, str]) -> None:
    dynamodb = cloud.client("dynamodb")
    table = dynamodb.describe_table(TableName="full-table")["Table"]
    assert table["TableArn"] == stack["Table"]
    assert own_tags(dynamodb.list_tags_of_resource(ResourceArn=stack["Table"])["Tags"]) == TEAM
    item = {"id": {"S": "one"}, "at": {"N": "5"}, "kind": {"S": "k"}, "more": {"S": "m"}}
    dynamodb.put_item(TableName="full-table", Item=item)
    key = {"id": item["id"], "at": item["at"]}
    assert dynamodb.get_item(TableName="full-table", Key=key)["Item"] == item

    def found(index: str, condition: str, **values: str) -> Any:
        return dynamodb.query(
            TableName="full-table",
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues={f":{name}": {"S": value} for name, value in values.items()},
        )["Items"]

    assert found("by-kind", "kind = :kind", kind="k") == [item]
    assert found("by-id-and-kind", "id = :id AND kind = :kind", id="one", kind="k") == [
        {name: value for name, value in item.items() if name != "more"}
    ]


@pytest.mark.proves(
    "AWS::Serverless::SimpleTable",
    "AWS::Serverless::SimpleTable.PrimaryKey.Name",
    "AWS::Serverless::SimpleTable.PrimaryKey.Type",
    "AWS::Serverless::SimpleTable.TableName",
    "AWS::Serverless::SimpleTable.Tags",
    "!GetAtt AWS::Serverless::SimpleTable.Arn",
)
def test_a_simple_table(cloud: Any, stack: dict[str, str]) -> None:
    dynamodb = cloud.client("dynamodb")
    table = dynamodb.describe_table(TableName="full-simple")["Table"]
    assert (table["TableArn"], table["AttributeDefinitions"]) == (
        stack["Simple"],
        [{"AttributeName": "number", "AttributeType": "N"}],
    )
    assert {"Key": "team", "Value": "ml"} in dynamodb.list_tags_of_resource(ResourceArn=stack["Simple"])["Tags"]


@pytest.mark.proves(
    "AWS::KMS::Alias",
    "AWS::KMS::Alias.AliasName",
    "AWS::KMS::Alias.TargetKeyId",
    "AWS::KMS::Key",
    "AWS::KMS::Key.Description",
    "AWS::KMS::Key.Enabled",
    "AWS::KMS::Key.KeySpec",
    "AWS::KMS::Key.KeyUsage",
    "AWS::KMS::Key.Tags",
    "!GetAtt AWS::KMS::Key.Arn",
    "!GetAtt AWS::KMS::Key.KeyId",
)
def test_a_key_and_its_alias(cloud: Any, stack: dict[str, str]) -> None:
    kms = cloud.client("kms")
    key = kms.describe_key(KeyId="alias/full")["KeyMetadata"]
    assert (key["Arn"], key["KeyId"], key["Description"]) == (stack["Key"], stack["KeyId"], "some key")
    assert (key["Enabled"], key["KeySpec"], key["KeyUsage"]) == (True, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert own_tags(kms.list_resource_tags(KeyId=stack["KeyId"])["Tags"]) == [{"TagKey": "team", "TagValue": "ml"}]
    sealed = kms.encrypt(KeyId="alias/full", Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


@pytest.mark.proves("AWS::KMS::Key.PendingWindowInDays")
def test_a_key_waits_for_its_deletion(cloud: Any) -> None:
    client, kms = cloud.client("cloudformation"), cloud.client("kms")
    resources = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"PendingWindowInDays": 9}}}
    client.create_stack(StackName="waits", TemplateBody=json.dumps({"Resources": resources}))
    key = client.describe_stack_resource(StackName="waits", LogicalResourceId="Key")["StackResourceDetail"]
    before = cloud.tick("1s")
    client.delete_stack(StackName="waits")
    told = kms.describe_key(KeyId=key["PhysicalResourceId"])["KeyMetadata"]
    assert told["KeyState"] == "PendingDeletion"
    assert timedelta(days=9) <= told["DeletionDate"] - before < timedelta(days=9, hours=1)


@pytest.mark.proves(
    "AWS::SecretsManager::Secret",
    "AWS::SecretsManager::Secret.Description",
    "AWS::SecretsManager::Secret.Name",
    "AWS::SecretsManager::Secret.SecretString",
    "AWS::SecretsManager::Secret.Tags",
    "!GetAtt AWS::SecretsManager::Secret.Id",
)
def test_a_secret_that_is_given(cloud: Any, stack: dict[str, str]) -> None:
    manager = cloud.client("secretsmanager")
    assert manager.get_secret_value(SecretId=stack["Given"])["SecretString"] == "given"
    told = manager.describe_secret(SecretId="full-secret")
    assert (told["ARN"], told["Description"], own_tags(told["Tags"])) == (stack["Given"], "some secret", TEAM)


@pytest.mark.proves(
    "AWS::SecretsManager::Secret.GenerateSecretString.ExcludeCharacters",
    "AWS::SecretsManager::Secret.GenerateSecretString.ExcludeLowercase",
    "AWS::SecretsManager::Secret.GenerateSecretString.ExcludeNumbers",
    "AWS::SecretsManager::Secret.GenerateSecretString.ExcludePunctuation",
    "AWS::SecretsManager::Secret.GenerateSecretString.ExcludeUppercase",
    "AWS::SecretsManager::Secret.GenerateSecretString.GenerateStringKey",
    "AWS::SecretsManager::Secret.GenerateSecretString.IncludeSpace",
    "AWS::SecretsManager::Secret.GenerateSecretString.PasswordLength",
    "AWS::SecretsManager::Secret.GenerateSecretString.RequireEachIncludedType",
    "AWS::SecretsManager::Secret.GenerateSecretString.SecretStringTemplate",
)
def test_secrets_that_are_generated(cloud: Any, stack: dict[str, str]) -> None:
    manager = cloud.client("secretsmanager")
    made = json.loads(manager.get_secret_value(SecretId=stack["Letters"])["SecretString"])
    assert made["user"] == "me"
    assert len(made["password"]) == 20
    assert set(made["password"]) <= set(string.ascii_lowercase) - set("abc")
    numbers = manager.get_secret_value(SecretId=stack["Numbers"])["SecretString"]
    assert (len(numbers), set(numbers) <= set(string.digits)) == (32, True)


@pytest.mark.proves(
    "AWS::Lambda::Function.LoggingConfig.ApplicationLogLevel",
    "AWS::Lambda::Function.LoggingConfig.LogFormat",
    "AWS::Lambda::Function.LoggingConfig.SystemLogLevel",
    "AWS::Serverless::Function.LoggingConfig.ApplicationLogLevel",
    "AWS::Serverless::Function.LoggingConfig.LogFormat",
    "AWS::Serverless::Function.LoggingConfig.SystemLogLevel",
)
def test_a_function_logs_json_from_its_log_level_on(cloud: Any, stack: dict[str, str]) -> None:
    cloud.client("lambda").invoke(FunctionName="full-logging", Payload=b"{}")
    group = "/aws/lambda/full-logging"
    (line,) = cloud.logged(group, "loud enough")
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("WARNING", "loud enough")
    assert cloud.logged(group, "too quiet", 0) == []
    (report,) = cloud.logged(group, "platform.report")
    assert json.loads(report)["record"]["metrics"]["durationMs"] > 0


@pytest.mark.proves("AWS::Serverless::HttpApi.DefinitionBody", "AWS::Serverless::Function.RolePath")
def test_an_api_is_served_as_it_is_defined_and_a_role_has_its_path(cloud: Any, stack: dict[str, str]) -> None:
    assert httpx.get(f"{stack['Defined']}/defined", timeout=30).json() == {"route": "GET /defined"}
    assert cloud.client("iam").get_role(RoleName=stack["Role"])["Role"]["Path"] == "/team/"
