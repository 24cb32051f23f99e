"""Stages of REST APIs: variables, throttling, caching; API keys, usage plans and custom domains."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from localaws_testing.tags import own_tags

RESOURCES = """
  CanCall:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Counter, Principal: apigateway.amazonaws.com}
  Counter:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            found = {'calls': calls, 'path': event['path'], 'resourcePath': event['requestContext']['path'],
                     'variables': event['stageVariables'], 'identity': event['requestContext']['identity']}
            return {'statusCode': 200, 'body': json.dumps(found)}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: staged
      Mode: overwrite
      FailOnWarnings: true
      ApiKeySourceType: HEADER
      DisableExecuteApiEndpoint: false
      EndpointConfiguration: {Types: [EDGE]}
      Parameters: {basepath: ignore, endpointConfigurationTypes: REGIONAL}
      Body:
        openapi: "3.0.1"
        info: {title: staged, version: "1"}
        paths:
          /open: {get: &open {x-amazon-apigateway-integration: &proxy {type: aws_proxy, httpMethod: POST, uri: !Sub
            "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Counter.Arn}/invocations"}}}
          /slow: {get: *open}
          /cached:
            get:
              parameters: [{in: query, name: q, schema: {type: string}}]
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri: !Sub
                  "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Counter.Arn}/invocations"
                cacheKeyParameters: [method.request.querystring.q]
                cacheNamespace: mine
          /mine: {get: {security: [{key: []}], x-amazon-apigateway-integration: *proxy}}
        components: {securitySchemes: {key: {type: apiKey, name: x-api-key, in: header}}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api, Description: one}}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      DeploymentId: !Ref Deployment
      StageName: live
      Description: the live one
      Tags: [{Key: team, Value: ml}]
      Variables: {color: red, size: 3}
      CacheClusterEnabled: true
      AccessLogSetting:
        DestinationArn: !GetAtt Logs.Arn
        Format: $context.requestId $context.stage $context.identity.sourceIp $context.status $context.error.responseType
      MethodSettings:
        - {ResourcePath: /slow, HttpMethod: GET, MetricsEnabled: true,
           ThrottlingRateLimit: 0.1, ThrottlingBurstLimit: 2}
        - {ResourcePath: /cached, HttpMethod: GET, CachingEnabled: true, CacheTtlInSeconds: 60}
  Preview:
    Type: AWS::ApiGateway::Deployment
    Properties:
      RestApiId: !Ref Api
      StageName: preview
      StageDescription:
        Description: an early one
        Tags: [{Key: team, Value: qa}]
        Variables: {color: blue}
        CacheClusterEnabled: true
        CachingEnabled: false
        CacheTtlInSeconds: 30
        MetricsEnabled: true
        AccessLogSetting: {DestinationArn: !GetAtt Logs.Arn, Format: "preview $context.requestId"}
        ThrottlingRateLimit: 100
        ThrottlingBurstLimit: 50
        MethodSettings:
          - {ResourcePath: /open, HttpMethod: GET, CachingEnabled: true, CacheTtlInSeconds: 40, MetricsEnabled: false,
             ThrottlingRateLimit: 7, ThrottlingBurstLimit: 8}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: rest-access}}
  Key:
    Type: AWS::ApiGateway::ApiKey
    Properties:
      Name: my-key
      Description: a key
      CustomerId: me
      Enabled: true
      GenerateDistinctId: true
      Value: a-value-of-more-than-twenty
      Tags: [{Key: team, Value: ml}]
      StageKeys: [{RestApiId: !Ref Api, StageName: !Ref Stage}]
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      UsagePlanName: my-plan
      Description: a plan
      Tags: [{Key: team, Value: ml}]
      Throttle: {RateLimit: 1000, BurstLimit: 1000}
      Quota: {Limit: 5, Offset: 1, Period: DAY}
      ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage, Throttle: {/open/GET: {RateLimit: 9, BurstLimit: 9}}}]
  PlanKey:
    Type: AWS::ApiGateway::UsagePlanKey
    Properties: {KeyId: !GetAtt Key.APIKeyId, KeyType: API_KEY, UsagePlanId: !GetAtt Plan.Id}
  Domain:
    Type: AWS::ApiGateway::DomainName
    Properties:
      DomainName: api.example.com
      Tags: [{Key: team, Value: ml}]
      EndpointConfiguration: {Types: [REGIONAL]}
  Edge: {Type: AWS::ApiGateway::DomainName, Properties: {DomainName: edge.example.com}}
  Mapping:
    Type: AWS::ApiGateway::BasePathMapping
    Properties: {DomainName: !Ref Domain, RestApiId: !Ref Api, Stage: !Ref Stage, BasePath: shop}
  All:
    Type: AWS::ApiGateway::BasePathMapping
    Properties: {DomainName: !Ref Edge, RestApiId: !Ref Api}
"""
OUTPUTS = {
    "Url": '!Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/live"',
    "Api": "!Ref Api",
    "Key": "!Ref Key",
    "Plan": "!Ref Plan",
    "PlanKey": "!GetAtt PlanKey.Id",
    "Target": "!GetAtt Domain.RegionalDomainName",
    "Zone": "!GetAtt Domain.RegionalHostedZoneId",
    "Arn": "!GetAtt Domain.DomainNameArn",
    "EdgeTarget": "!GetAtt Edge.DistributionDomainName",
    "EdgeZone": "!GetAtt Edge.DistributionHostedZoneId",
}
STACK = f"Resources:{RESOURCES}Outputs:\n" + "\n".join(f"  {key}: {{Value: {it}}}" for key, it in OUTPUTS.items())
VALUE = "a-value-of-more-than-twenty"


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("staged-rest", STACK)


@pytest.fixture(scope="module")
def client(cloud: Any) -> Iterator[Any]:
    yield cloud.client("apigateway")


@pytest.mark.proves(
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Deployment.Description",
    "AWS::ApiGateway::Deployment.RestApiId",
    "!GetAtt AWS::ApiGateway::Deployment.DeploymentId",
    "AWS::ApiGateway::RestApi.ApiKeySourceType",
    "AWS::ApiGateway::RestApi.Body",
    "AWS::ApiGateway::RestApi.FailOnWarnings",
    "AWS::ApiGateway::RestApi.Mode",
    "AWS::ApiGateway::RestApi.Parameters.basepath",
    "AWS::ApiGateway::RestApi.Parameters.endpointConfigurationTypes",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::Stage.DeploymentId",
    "AWS::ApiGateway::Stage.Description",
    "AWS::ApiGateway::Stage.RestApiId",
    "AWS::ApiGateway::Stage.StageName",
    "AWS::ApiGateway::Stage.Tags",
    "AWS::ApiGateway::Stage.Variables",
)
def test_a_stage_of_an_openapi_document(client: Any, stack: dict[str, str]) -> None:
    answer = httpx.get(f"{stack['Url']}/open", timeout=30).json()
    assert (answer["variables"], answer["path"], answer["resourcePath"]) == (
        {"color": "red", "size": "3"},
        "/open",
        "/live/open",
    )
    stage = client.get_stage(restApiId=stack["Api"], stageName="live")
    assert (stage["description"], own_tags(stage["tags"])) == ("the live one", {"team": "ml"})
    deployment = client.get_deployment(restApiId=stack["Api"], deploymentId=stage["deploymentId"])
    assert deployment["description"] == "one"
    api = client.get_rest_api(restApiId=stack["Api"])
    assert api["endpointConfiguration"]["types"] == ["REGIONAL"]


@pytest.mark.proves(
    "AWS::ApiGateway::Deployment.StageDescription.AccessLogSetting.DestinationArn",
    "AWS::ApiGateway::Deployment.StageDescription.AccessLogSetting.Format",
    "AWS::ApiGateway::Stage.AccessLogSetting.DestinationArn",
    "AWS::ApiGateway::Stage.AccessLogSetting.Format",
)
def test_requests_are_written_into_the_access_log_of_their_stage(cloud: Any, stack: dict[str, str]) -> None:
    for path, end in (("/open", "live 127.0.0.1 200 -"), ("/none", "live 127.0.0.1 403 MISSING_AUTHENTICATION_TOKEN")):
        request = httpx.get(f"{stack['Url']}{path}", timeout=30).headers["x-amzn-requestid"]
        assert cloud.logged("rest-access", request) == [f"{request} {end}"]
    preview = f"{stack['Url'].removesuffix('live')}preview/open"
    request = httpx.get(preview, timeout=30).headers["x-amzn-requestid"]
    assert cloud.logged("rest-access", request) == [f"preview {request}"]


@pytest.mark.proves(
    "AWS::ApiGateway::Deployment.StageDescription.CacheClusterEnabled",
    "AWS::ApiGateway::Deployment.StageDescription.CacheTtlInSeconds",
    "AWS::ApiGateway::Deployment.StageDescription.CachingEnabled",
    "AWS::ApiGateway::Deployment.StageDescription.Description",
    "AWS::ApiGateway::Deployment.StageDescription.MethodSettings.CacheTtlInSeconds",
    "AWS::ApiGateway::Deployment.StageDescription.MethodSettings.CachingEnabled",
    "AWS::ApiGateway::Deployment.StageDescription.MethodSettings.HttpMethod",
    "AWS::ApiGateway::Deployment.StageDescription.MethodSettings.MetricsEnabled",
    "AWS::ApiGateway::Deployment.StageDescription.MethodSettings.ResourcePath",
    "AWS::ApiGateway::Deployment.StageDescription.MethodSettings.ThrottlingBurstLimit",
    "AWS::ApiGateway::Deployment.StageDescription.MethodSettings.ThrottlingRateLimit",
    "AWS::ApiGateway::Deployment.StageDescription.MetricsEnabled",
    "AWS::ApiGateway::Deployment.StageDescription.Tags",
    "AWS::ApiGateway::Deployment.StageDescription.ThrottlingBurstLimit",
    "AWS::ApiGateway::Deployment.StageDescription.ThrottlingRateLimit",
    "AWS::ApiGateway::Deployment.StageDescription.Variables",
    "AWS::ApiGateway::Deployment.StageName",
)
def test_a_deployment_with_a_stage_of_its_own(client: Any, stack: dict[str, str]) -> None:
    answer = httpx.get(f"{stack['Url'].removesuffix('live')}preview/open", timeout=30).json()
    assert answer["variables"] == {"color": "blue"}
    stage = client.get_stage(restApiId=stack["Api"], stageName="preview")
    assert (stage["description"], own_tags(stage["tags"]), stage["cacheClusterEnabled"]) == (
        "an early one",
        {"team": "qa"},
        True,
    )
    assert stage["methodSettings"]["*/*"] == {
        "cachingEnabled": False,
        "cacheTtlInSeconds": 30,
        "metricsEnabled": True,
        "throttlingRateLimit": 100.0,
        "throttlingBurstLimit": 50,
    }
    assert stage["methodSettings"]["/open/GET"] == {
        "cachingEnabled": True,
        "cacheTtlInSeconds": 40,
        "metricsEnabled": False,
        "throttlingRateLimit": 7.0,
        "throttlingBurstLimit": 8,
    }


@pytest.mark.proves(
    "AWS::ApiGateway::Stage.MethodSettings.HttpMethod",
    "AWS::ApiGateway::Stage.MethodSettings.MetricsEnabled",
    "AWS::ApiGateway::Stage.MethodSettings.ResourcePath",
    "AWS::ApiGateway::Stage.MethodSettings.ThrottlingBurstLimit",
    "AWS::ApiGateway::Stage.MethodSettings.ThrottlingRateLimit",
)
def test_a_method_is_throttled_until_its_bucket_is_refilled(cloud: Any, stack: dict[str, str]) -> None:
    url = f"{stack['Url']}/slow"
    assert [httpx.get(url, timeout=30).status_code for _ in range(2)] == [200, 200]
    throttled = httpx.get(url)
    assert (throttled.status_code, throttled.json()) == (429, {"message": "Too Many Requests"})
    assert throttled.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert httpx.get(f"{stack['Url']}/open", timeout=30).status_code == 200
    cloud.tick("60s")
    assert httpx.get(url, timeout=30).status_code == 200
    dimensions = {"ApiName": "staged", "Stage": "live", "Resource": "/slow", "Method": "GET"}
    assert _sum(cloud, "Count", dimensions) == 4
    assert _sum(cloud, "4XXError", dimensions) == 1


@pytest.mark.proves(
    "AWS::ApiGateway::Method.Integration.CacheKeyParameters",
    "AWS::ApiGateway::Method.Integration.CacheNamespace",
    "AWS::ApiGateway::Stage.CacheClusterEnabled",
    "AWS::ApiGateway::Stage.MethodSettings.CacheTtlInSeconds",
    "AWS::ApiGateway::Stage.MethodSettings.CachingEnabled",
)
def test_responses_are_cached_for_their_time_to_live(cloud: Any, stack: dict[str, str]) -> None:
    def calls(query: str, **headers: str) -> int:
        return int(httpx.get(f"{stack['Url']}/cached?{query}", headers=headers, timeout=30).json()["calls"])

    first = calls("q=1")
    assert calls("q=1&other=2") == first
    assert calls("q=2") == first + 1
    assert calls("q=1", **{"Cache-Control": "max-age=0"}) == first
    cloud.tick("61s")
    assert calls("q=1") == first + 2


@pytest.mark.proves(
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::ApiKey.CustomerId",
    "AWS::ApiGateway::ApiKey.Description",
    "AWS::ApiGateway::ApiKey.Enabled",
    "AWS::ApiGateway::ApiKey.GenerateDistinctId",
    "AWS::ApiGateway::ApiKey.Name",
    "AWS::ApiGateway::ApiKey.StageKeys.RestApiId",
    "AWS::ApiGateway::ApiKey.StageKeys.StageName",
    "AWS::ApiGateway::ApiKey.Tags",
    "AWS::ApiGateway::ApiKey.Value",
    "!GetAtt AWS::ApiGateway::ApiKey.APIKeyId",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlan.ApiStages.ApiId",
    "AWS::ApiGateway::UsagePlan.ApiStages.Stage",
    "AWS::ApiGateway::UsagePlan.ApiStages.Throttle.BurstLimit",
    "AWS::ApiGateway::UsagePlan.ApiStages.Throttle.RateLimit",
    "AWS::ApiGateway::UsagePlan.Description",
    "AWS::ApiGateway::UsagePlan.Tags",
    "AWS::ApiGateway::UsagePlan.Throttle.BurstLimit",
    "AWS::ApiGateway::UsagePlan.Throttle.RateLimit",
    "AWS::ApiGateway::UsagePlan.UsagePlanName",
    "!GetAtt AWS::ApiGateway::UsagePlan.Id",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::ApiGateway::UsagePlanKey.KeyId",
    "AWS::ApiGateway::UsagePlanKey.KeyType",
    "AWS::ApiGateway::UsagePlanKey.UsagePlanId",
    "!GetAtt AWS::ApiGateway::UsagePlanKey.Id",
)
def test_the_api_describes_keys_and_plans(client: Any, stack: dict[str, str]) -> None:
    key = client.get_api_key(apiKey=stack["Key"], includeValue=True)
    wanted = ("my-key", "a key", "me", True, VALUE, [f"{stack['Api']}/live"])
    names = ("name", "description", "customerId", "enabled", "value", "stageKeys")
    assert tuple(key[name] for name in names) == wanted
    assert own_tags(key["tags"]) == {"team": "ml"}
    assert "value" not in client.get_api_key(apiKey=stack["Key"])
    plan = client.get_usage_plan(usagePlanId=stack["Plan"])
    assert (plan["name"], plan["description"], own_tags(plan["tags"])) == ("my-plan", "a plan", {"team": "ml"})
    assert plan["throttle"] == {"rateLimit": 1000.0, "burstLimit": 1000}
    own = {"/open/GET": {"rateLimit": 9.0, "burstLimit": 9}}
    assert plan["apiStages"] == [{"apiId": stack["Api"], "stage": "live", "throttle": own}]
    assert [item["id"] for item in client.get_usage_plan_keys(usagePlanId=stack["Plan"])["items"]] == [stack["Key"]]
    assert stack["PlanKey"] == f"{stack['Key']}:{stack['Plan']}"


@pytest.mark.proves(
    "AWS::ApiGateway::Method.ApiKeyRequired",
    "AWS::ApiGateway::UsagePlan.Quota.Limit",
    "AWS::ApiGateway::UsagePlan.Quota.Offset",
    "AWS::ApiGateway::UsagePlan.Quota.Period",
)
def test_a_quota_ends_until_the_next_day(cloud: Any, client: Any, stack: dict[str, str]) -> None:
    url = f"{stack['Url']}/mine"
    for headers in ({}, {"x-api-key": "another"}):
        refused = httpx.get(url, headers=headers)
        assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})
    # At noon, so that no day ends in between.
    now = cloud.tick("0s")
    noon = now.replace(hour=12, minute=0, second=0) + datetime.timedelta(days=1)
    today = cloud.tick(f"{int((noon - now).total_seconds())}s").date()
    mine = {"X-API-Key": VALUE}
    answers = [httpx.get(url, headers=mine, timeout=30) for _ in range(4)]
    assert answers[0].json()["identity"]["apiKeyId"] == stack["Key"]
    # The first period has the limit without the offset.
    exceeded = httpx.get(url, headers=mine)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert (exceeded.status_code, exceeded.json()) == (429, {"message": "Limit Exceeded"})
    cloud.tick("24h")
    assert [httpx.get(url, headers=mine, timeout=30).status_code for _ in range(6)] == [200] * 5 + [429]
    days = {"startDate": str(today), "endDate": str(today + datetime.timedelta(days=1))}
    usage = client.get_usage(usagePlanId=stack["Plan"], **days)["items"]
    assert usage[stack["Key"]] == [[4, 1], [5, 0]]


def test_a_disabled_key_is_refused_and_a_throttled_one_too(client: Any, stack: dict[str, str]) -> None:
    key = client.create_api_key(name="other", enabled=False, value=f"{uuid.uuid4()}")
    plan = client.create_usage_plan(
        name="narrow",
        throttle={"rateLimit": 0.001, "burstLimit": 1},
        apiStages=[{"apiId": stack["Api"], "stage": "live"}],
    )
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    headers = {"x-api-key": key["value"]}
    assert httpx.get(f"{stack['Url']}/mine", headers=headers).status_code == 403
    client.update_api_key(apiKey=key["id"], patchOperations=[{"op": "replace", "path": "/enabled", "value": "true"}])
    answers = [httpx.get(f"{stack['Url']}/mine", headers=headers, timeout=30).status_code for _ in range(2)]
    assert answers == [200, 429]
    with pytest.raises(client.exceptions.BadRequestException, match="still has stages"):
        client.delete_usage_plan(usagePlanId=plan["id"])
    stage = f"{stack['Api']}:live"
    operations = [{"op": "remove", "path": "/apiStages", "value": stage}]
    client.update_usage_plan(usagePlanId=plan["id"], patchOperations=operations)
    client.delete_usage_plan(usagePlanId=plan["id"])
    client.delete_api_key(apiKey=key["id"])


@pytest.mark.proves(
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::BasePathMapping.BasePath",
    "AWS::ApiGateway::BasePathMapping.DomainName",
    "AWS::ApiGateway::BasePathMapping.RestApiId",
    "AWS::ApiGateway::BasePathMapping.Stage",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::DomainName.DomainName",
    "AWS::ApiGateway::DomainName.EndpointConfiguration.Types",
    "AWS::ApiGateway::DomainName.Tags",
    "!GetAtt AWS::ApiGateway::DomainName.DistributionDomainName",
    "!GetAtt AWS::ApiGateway::DomainName.DistributionHostedZoneId",
    "!GetAtt AWS::ApiGateway::DomainName.DomainNameArn",
    "!GetAtt AWS::ApiGateway::DomainName.RegionalDomainName",
    "!GetAtt AWS::ApiGateway::DomainName.RegionalHostedZoneId",
)
def test_a_custom_domain_is_served_by_its_host_header(client: Any, stack: dict[str, str]) -> None:
    host = stack["Url"].removesuffix("/live")
    mapped = httpx.get(f"{host}/shop/open", headers={"Host": "api.example.com"}, timeout=30).json()
    assert (mapped["path"], mapped["resourcePath"]) == ("/shop/open", "/shop/open")
    for path, domain in (("/open", "api.example.com"), ("/nowhere/open", "edge.example.com")):
        assert httpx.get(f"{host}{path}", headers={"Host": domain}).status_code == 403
    # A mapping without a stage takes it from the path.
    assert httpx.get(f"{host}/live/open", headers={"Host": "edge.example.com"}, timeout=30).status_code == 200
    domain = client.get_domain_name(domainName="api.example.com")
    assert (own_tags(domain["tags"]), domain["endpointConfiguration"]["types"]) == ({"team": "ml"}, ["REGIONAL"])
    assert (domain["regionalDomainName"], domain["regionalHostedZoneId"]) == (stack["Target"], stack["Zone"])
    assert stack["Arn"].endswith("/domainnames/api.example.com")
    assert (stack["EdgeTarget"].endswith(".cloudfront.net"), stack["EdgeZone"]) == (True, "Z2FDTNDATAQYW2")


@pytest.mark.proves("AWS::ApiGateway::RestApi.DisableExecuteApiEndpoint")
def test_an_api_whose_endpoint_is_disabled_is_served_by_its_domain_only(client: Any, stack: dict[str, str]) -> None:
    path = {"op": "replace", "path": "/disableExecuteApiEndpoint"}
    client.update_rest_api(restApiId=stack["Api"], patchOperations=[path | {"value": "true"}])
    host = stack["Url"].removesuffix("/live")
    assert httpx.get(f"{host}/live/open").status_code == 403
    assert httpx.get(f"{host}/shop/open", headers={"Host": "api.example.com"}, timeout=30).status_code == 200
    client.update_rest_api(restApiId=stack["Api"], patchOperations=[path | {"value": "false"}])
    assert httpx.get(f"{host}/live/open", timeout=30).status_code == 200


def _sum(cloud: Any, metric: str, dimensions: dict[str, str]) -> float:
    now = datetime.datetime.now(datetime.UTC)
    points = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/ApiGateway",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - datetime.timedelta(hours=1),
        EndTime=now + datetime.timedelta(days=30),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))
