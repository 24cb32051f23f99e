"""Resources that their services record, without further effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STACK = """
Resources:
  Identity: {Type: AWS::SES::EmailIdentity, Properties: {EmailIdentity: mail.recorded.example.com}}
  Person: {Type: AWS::SES::EmailIdentity, Properties: {EmailIdentity: me@example.com}}
  Configuration: {Type: AWS::SES::ConfigurationSet, Properties: {Name: recorded-set}}
  Rules: {Type: AWS::SES::ReceiptRuleSet, Properties: {RuleSetName: recorded-rules}}
  Rule:
    Type: AWS::SES::ReceiptRule
    Properties: {RuleSetName: !Ref Rules, Rule: {Name: first, Enabled: true, Actions: []}}
  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: recorded.example.com}}
  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneName: recorded.example.com.
      Name: !GetAtt Identity.DkimDNSTokenName1
      Type: CNAME
      TTL: "600"
      ResourceRecords: [!GetAtt Identity.DkimDNSTokenValue1]
    DependsOn: Zone
  Records:
    Type: AWS::Route53::RecordSetGroup
    Properties:
      HostedZoneId: !GetAtt Zone.Id
      RecordSets:
        - {Name: a.recorded.example.com, Type: A, TTL: 60, ResourceRecords: [127.0.0.1]}
        - Name: b.recorded.example.com
          Type: AAAA
          AliasTarget: {DNSName: d111.cloudfront.net, HostedZoneId: Z2FDTNDATAQYW2}
  Health:
    Type: AWS::Route53::HealthCheck
    Properties: {HealthCheckConfig: {Type: HTTPS, FullyQualifiedDomainName: example.com, Port: 443}}
  Certificate:
    Type: AWS::CertificateManager::Certificate
    Properties: {DomainName: recorded.example.com, ValidationMethod: DNS}
  Trails: {Type: AWS::S3::Bucket}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: {TrailName: recorded-trail, S3BucketName: !Ref Trails, IsLogging: true}
  Document:
    Type: AWS::SSM::Document
    Properties: {Name: recorded-document, DocumentType: Automation, Content: {schemaVersion: "0.3", mainSteps: []}}
  Group:
    Type: AWS::ResourceGroups::Group
    Properties: {Name: recorded-group, ResourceQuery: {Type: CLOUDFORMATION_STACK_1_0}}
  Monitoring:
    Type: AWS::ApplicationInsights::Application
    Properties: {ResourceGroupName: !Ref Group, AutoConfigurationEnabled: true}
Outputs:
  Identity: {Value: !Ref Identity}
  Tokens:
    Value: !Join
      - " "
      - - !GetAtt Identity.DkimDNSTokenName1
        - !GetAtt Identity.DkimDNSTokenName2
        - !GetAtt Identity.DkimDNSTokenName3
        - !GetAtt Identity.DkimDNSTokenValue1
        - !GetAtt Identity.DkimDNSTokenValue2
        - !GetAtt Identity.DkimDNSTokenValue3
  Zone: {Value: !GetAtt Zone.Id}
  Servers: {Value: !Join [" ", !GetAtt Zone.NameServers]}
  Health: {Value: !GetAtt Health.HealthCheckId}
  Certificate: {Value: !Ref Certificate}
  Trail: {Value: !GetAtt Trail.Arn}
  Group: {Value: !GetAtt Group.Arn}
  Monitoring: {Value: !Ref Monitoring}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("recorded", STACK)


@pytest.mark.proves(
    "AWS::SES::ConfigurationSet",
    "AWS::SES::EmailIdentity",
    "AWS::SES::ReceiptRule",
    "AWS::SES::ReceiptRuleSet",
    "!GetAtt AWS::SES::EmailIdentity.DkimDNSTokenName1",
    "!GetAtt AWS::SES::EmailIdentity.DkimDNSTokenName2",
    "!GetAtt AWS::SES::EmailIdentity.DkimDNSTokenName3",
    "!GetAtt AWS::SES::EmailIdentity.DkimDNSTokenValue1",
    "!GetAtt AWS::SES::EmailIdentity.DkimDNSTokenValue2",
    "!GetAtt AWS::SES::EmailIdentity.DkimDNSTokenValue3",
)
def test_e_mail(cloud: Any, stack: dict[str, str]) -> None:
    ses = cloud.client("ses")
    assert {"mail.recorded.example.com", "me@example.com"} <= set(ses.list_identities()["Identities"])
    sent = ses.send_email(
        Source="me@example.com",
        Destination={"ToAddresses": ["you@example.com"]},
        Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}},
    )
    assert sent["MessageId"]
    rules = ses.describe_receipt_rule_set(RuleSetName="recorded-rules")["Rules"]
    assert [rule["Name"] for rule in rules] == ["first"]
    assert ses.describe_configuration_set(ConfigurationSetName="recorded-set")
    names, values = stack["Tokens"].split()[:3], stack["Tokens"].split()[3:]
    assert all(name.endswith("._domainkey.mail.recorded.example.com") for name in names)
    assert all(value.endswith(".dkim.amazonses.com") for value in values)


@pytest.mark.proves(
    "AWS::Route53::HealthCheck",
    "AWS::Route53::HostedZone",
    "AWS::Route53::RecordSet",
    "AWS::Route53::RecordSetGroup",
    "!GetAtt AWS::Route53::HealthCheck.HealthCheckId",
    "!GetAtt AWS::Route53::HostedZone.Id",
    "!GetAtt AWS::Route53::HostedZone.NameServers",
)
def test_names(cloud: Any, stack: dict[str, str]) -> None:
    route53 = cloud.client("route53")
    records = route53.list_resource_record_sets(HostedZoneId=stack["Zone"])["ResourceRecordSets"]
    found = {record["Type"]: record["ResourceRecords"][0]["Value"] for record in records if "TTL" in record}
    [alias] = [record["AliasTarget"] for record in records if record["Type"] == "AAAA"]
    assert (alias["DNSName"].rstrip("."), alias["EvaluateTargetHealth"]) == ("d111.cloudfront.net", False)
    assert (found["A"], found["CNAME"]) == ("127.0.0.1", stack["Tokens"].split()[3])
    config = route53.get_health_check(HealthCheckId=stack["Health"])["HealthCheck"]["HealthCheckConfig"]
    assert config["FullyQualifiedDomainName"] == "example.com"
    assert len(stack["Servers"].split()) == 4


@pytest.mark.proves(
    "AWS::ApplicationInsights::Application",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudTrail::Trail",
    "AWS::ResourceGroups::Group",
    "AWS::SSM::Document",
    "!GetAtt AWS::CloudTrail::Trail.Arn",
    "!GetAtt AWS::ResourceGroups::Group.Arn",
)
def test_administration(cloud: Any, stack: dict[str, str]) -> None:
    certificate = cloud.client("acm").describe_certificate(CertificateArn=stack["Certificate"])["Certificate"]
    assert certificate["DomainName"] == "recorded.example.com"
    trails = cloud.client("cloudtrail").describe_trails()["trailList"]
    assert stack["Trail"] in [trail["TrailARN"] for trail in trails]
    assert cloud.client("ssm").describe_document(Name="recorded-document")["Document"]["DocumentType"] == "Automation"
    groups = cloud.client("resource-groups").list_groups()["GroupIdentifiers"]
    assert (stack["Group"], bool(stack["Monitoring"])) == (groups[0]["GroupArn"], True)


def test_their_deletion(cloud: Any, deploy: Callable[[str, str], dict[str, str]]) -> None:
    name, text = "recorded-twice", STACK.replace("recorded", "again").replace("example.com", "example.org")
    deploy(name, text)
    client = cloud.client("cloudformation")
    client.delete_stack(StackName=name)
    stacks = client.list_stacks(StackStatusFilter=["DELETE_COMPLETE", "DELETE_FAILED"])["StackSummaries"]
    assert {found["StackStatus"] for found in stacks if found["StackName"] == name} == {"DELETE_COMPLETE"}
