"""REST APIs as SAM writes them: AWS::Serverless::Api, and the Api events of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

STACK = """
Globals:
  Api:
    Name: of-sam
    OpenApiVersion: "3.0.1"
Resources:
  Implicit:
    Type: AWS::Serverless::Function
    Properties: &code
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            return {'statusCode': 200, 'body': json.dumps(event)}
      Events:
        Root: {Type: Api, Properties: {Path: /, Method: get}}
        Anything: {Type: Api, Properties: {Path: "/{proxy+}", Method: any}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Description: a whole one
      AlwaysDeploy: false
      ApiKeySourceType: HEADER
      BinaryMediaTypes: [image~1png]
      CacheClusterEnabled: false
      DisableExecuteApiEndpoint: false
      EndpointConfiguration: {Type: REGIONAL}
      FailOnWarnings: true
      MinimumCompressionSize: 100000
      Mode: overwrite
      PropagateTags: true
      Tags: {team: ml}
      Variables: {color: red}
      AccessLogSetting: {DestinationArn: !GetAtt Logs.Arn, Format: "$context.requestId $context.status"}
      MethodSettings:
        - {ResourcePath: /narrow, HttpMethod: GET, ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 1,
           CachingEnabled: false, CacheTtlInSeconds: 9, MetricsEnabled: true}
      Cors:
        AllowOrigin: "'https://a.example'"
        AllowMethods: "'GET,POST'"
        AllowHeaders: "'x-mine'"
        AllowCredentials: true
        MaxAge: "'60'"
      Models:
        Order: {type: object, required: [count], properties: {count: {type: integer}}}
      GatewayResponses:
        DEFAULT_4XX:
          ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'"}}
          ResponseTemplates: {application/json: '{"what": $context.error.messageString}'}
      Domain:
        DomainName: sam.example.com
        CertificateArn: arn:aws:acm:us-east-1:123456789012:certificate/1
        EndpointConfiguration: REGIONAL
        BasePath: [shop-1]
        NormalizeBasePath: true
      Auth:
        AddDefaultAuthorizerToCorsPreflight: false
        AddApiKeyRequiredToCorsPreflight: false
        ApiKeyRequired: false
        DefaultAuthorizer: Token
        Authorizers:
          Token:
            FunctionArn: !GetAtt Guard.Arn
            FunctionPayloadType: TOKEN
            Identity: {Header: X-Token, ValidationExpression: "t-.*", ReauthorizeEvery: 0}
          Request:
            FunctionArn: !GetAtt Guard.Arn
            FunctionPayloadType: REQUEST
            Identity:
              Headers: [X-Who]
              QueryStrings: [who]
              StageVariables: [color]
              Context: [httpMethod]
        UsagePlan:
          CreateUsagePlan: PER_API
          UsagePlanName: sam-plan
          Description: a plan of sam
          Quota: {Limit: 3, Period: MONTH}
          Throttle: {RateLimit: 100, BurstLimit: 50}
          Tags: [{Key: team, Value: ml}]
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: sam-access}}
  Guard:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            who = event.get('authorizationToken') or event['headers']['X-Who']
            effect = 'Deny' if who == 't-no' else 'Allow'
            statement = {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': event['methodArn']}
            return {'principalId': who, 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]}}
  Explicit:
    Type: AWS::Serverless::Function
    Properties:
      <<: *code
      Events:
        Open: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /open, Method: get, Auth: {Authorizer: NONE}}}
        Narrow: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /narrow, Method: get, Auth: {Authorizer: NONE}}}
        Guarded: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /guarded, Method: get, TimeoutInMillis: 9000}}
        Requested:
          Type: Api
          Properties:
            RestApiId: !Ref Api
            Path: /requested
            Method: get
            ResponseTransferMode: BUFFERED
            Auth: {Authorizer: Request, OverrideApiAuth: true}
        Keyed:
          Type: Api
          Properties:
            {RestApiId: !Ref Api, Path: /keyed, Method: get, Auth: {Authorizer: NONE, ApiKeyRequired: true}}
        Order:
          Type: Api
          Properties:
            RestApiId: !Ref Api
            Path: /order
            Method: post
            Auth: {Authorizer: NONE}
            RequestModel: {Model: Order, Required: true, ValidateBody: true, ValidateParameters: true}
            RequestParameters: [method.request.querystring.page: {Required: true}]
  Written:
    Type: AWS::Serverless::Api
    Properties:
      StageName: doc
      MergeDefinitions: true
      DefinitionBody:
        openapi: "3.0.1"
        info: {title: written, version: "1"}
        paths:
          /mock:
            get:
              responses: {"200": {description: ok}}
              x-amazon-apigateway-integration:
                type: mock
                requestTemplates: {application/json: '{"statusCode": 200}'}
                responses:
                  default: {statusCode: "200", responseTemplates: {application/json: '{"stage": "$context.stage"}'}}
  Merged:
    Type: AWS::Serverless::Function
    Properties:
      <<: *code
      Events: {Also: {Type: Api, Properties: {RestApiId: !Ref Written, Path: /also, Method: get}}}
Outputs:
  Implicit: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/"}
  Url: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Api.Stage}"}
  Written: {Value: !Join ["", ["https://", !Ref Written, ".execute-api.", !Ref AWS::Region, ".amazonaws.com/doc"]]}
  Api: {Value: !GetAtt Api.RestApiId}
  Root: {Value: !GetAtt Api.RootResourceId}
  Plan: {Value: !Ref ApiUsagePlan}
  Key: {Value: !Ref ApiApiKey}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("sam-rest", STACK)


@pytest.mark.proves("Api event", "Api event.Method", "Api event.Path", "AWS::Serverless::Api.OpenApiVersion")
def test_implicit_events_share_an_api_with_the_stage_prod(stack: dict[str, str]) -> None:
    root = httpx.get(stack["Implicit"], timeout=30).json()
    assert (root["resource"], root["path"], root["requestContext"]["path"]) == ("/", "/", "/Prod/")
    rest = httpx.put(f"{stack['Implicit']}a/b", timeout=30).json()
    assert (rest["resource"], rest["httpMethod"], rest["pathParameters"]) == ("/{proxy+}", "PUT", {"proxy": "a/b"})
    assert rest["requestContext"]["stage"] == "Prod"


@pytest.mark.proves(
    "AWS::Serverless::Api",
    "AWS::Serverless::Api.AlwaysDeploy",
    "AWS::Serverless::Api.ApiKeySourceType",
    "AWS::Serverless::Api.BinaryMediaTypes",
    "AWS::Serverless::Api.CacheClusterEnabled",
    "AWS::Serverless::Api.Description",
    "AWS::Serverless::Api.DisableExecuteApiEndpoint",
    "AWS::Serverless::Api.EndpointConfiguration.Type",
    "AWS::Serverless::Api.FailOnWarnings",
    "AWS::Serverless::Api.MethodSettings.CacheTtlInSeconds",
    "AWS::Serverless::Api.MethodSettings.CachingEnabled",
    "AWS::Serverless::Api.MethodSettings.MetricsEnabled",
    "AWS::Serverless::Api.MinimumCompressionSize",
    "AWS::Serverless::Api.Mode",
    "AWS::Serverless::Api.Name",
    "AWS::Serverless::Api.PropagateTags",
    "AWS::Serverless::Api.StageName",
    "AWS::Serverless::Api.Tags",
    "AWS::Serverless::Api.Variables",
    "!GetAtt AWS::Serverless::Api.RestApiId",
    "!GetAtt AWS::Serverless::Api.RootResourceId",
)
def test_the_api_describes_what_sam_generated(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("apigateway")
    api = client.get_rest_api(restApiId=stack["Api"])
    assert (api["name"], api["description"], api["rootResourceId"]) == ("of-sam", "a whole one", stack["Root"])
    assert (api["binaryMediaTypes"], api["minimumCompressionSize"]) == (["image/png"], 100000)
    assert (api["apiKeySource"], api["disableExecuteApiEndpoint"]) == ("HEADER", False)
    assert (api["endpointConfiguration"]["types"], api["tags"]["team"]) == (["REGIONAL"], "ml")
    stage = client.get_stage(restApiId=stack["Api"], stageName="live")
    assert (stage["variables"], stage["tags"]["team"], stage["cacheClusterEnabled"]) == ({"color": "red"}, "ml", False)
    settings = stage["methodSettings"]["/narrow/GET"]
    assert (settings["cachingEnabled"], settings["cacheTtlInSeconds"], settings["metricsEnabled"]) == (False, 9, True)


@pytest.mark.proves(
    "AWS::Serverless::Api.Auth.AddApiKeyRequiredToCorsPreflight",
    "AWS::Serverless::Api.Auth.AddDefaultAuthorizerToCorsPreflight",
    "AWS::Serverless::Api.Cors.AllowCredentials",
    "AWS::Serverless::Api.Cors.AllowHeaders",
    "AWS::Serverless::Api.Cors.AllowMethods",
    "AWS::Serverless::Api.Cors.AllowOrigin",
    "AWS::Serverless::Api.Cors.MaxAge",
)
def test_a_preflight_request_is_answered_without_the_function(stack: dict[str, str]) -> None:
    answer = httpx.options(f"{stack['Url']}/guarded", headers={"Origin": "https://a.example"})
    found = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert (answer.status_code, found) == (
        200,
        {
            "access-control-allow-origin": "https://a.example",
            "access-control-allow-methods": "GET,POST",
            "access-control-allow-headers": "x-mine",
            "access-control-allow-credentials": "true",
            "access-control-max-age": "60",
        },
    )


@pytest.mark.proves(
    "Api event.Auth.Authorizer",
    "Api event.Auth.OverrideApiAuth",
    "Api event.ResponseTransferMode",
    "Api event.RestApiId",
    "Api event.TimeoutInMillis",
    "AWS::Serverless::Api.Auth.Authorizers.FunctionArn",
    "AWS::Serverless::Api.Auth.Authorizers.FunctionPayloadType",
    "AWS::Serverless::Api.Auth.Authorizers.Identity.Context",
    "AWS::Serverless::Api.Auth.Authorizers.Identity.Header",
    "AWS::Serverless::Api.Auth.Authorizers.Identity.Headers",
    "AWS::Serverless::Api.Auth.Authorizers.Identity.QueryStrings",
    "AWS::Serverless::Api.Auth.Authorizers.Identity.ReauthorizeEvery",
    "AWS::Serverless::Api.Auth.Authorizers.Identity.StageVariables",
    "AWS::Serverless::Api.Auth.Authorizers.Identity.ValidationExpression",
    "AWS::Serverless::Api.Auth.DefaultAuthorizer",
    "AWS::Serverless::Api.GatewayResponses",
)
def test_the_authorizers_of_an_api(stack: dict[str, str]) -> None:
    assert httpx.get(f"{stack['Url']}/open", timeout=30).json()["stageVariables"] == {"color": "red"}
    url = f"{stack['Url']}/guarded"
    allowed = httpx.get(url, headers={"X-Token": "t-1"}, timeout=30).json()
    assert allowed["requestContext"]["authorizer"] == {"principalId": "t-1"}
    for token, status, what in (("no", 401, "Unauthorized"), ("t-no", 403, "explicit deny")):
        refused = httpx.get(url, headers={"X-Token": token}, timeout=30)
        assert refused.status_code == status
        assert what in refused.json()["what"]
        assert refused.headers["access-control-allow-origin"] == "*"
    requested = f"{stack['Url']}/requested"
    assert httpx.get(requested, headers={"X-Who": "me"}, timeout=30).status_code == 401
    both = httpx.get(f"{requested}?who=q", headers={"X-Who": "me"}, timeout=30).json()
    assert both["requestContext"]["authorizer"] == {"principalId": "me"}


@pytest.mark.proves(
    "Api event.Auth.ApiKeyRequired",
    "AWS::Serverless::Api.Auth.ApiKeyRequired",
    "AWS::Serverless::Api.Auth.UsagePlan.CreateUsagePlan",
    "AWS::Serverless::Api.Auth.UsagePlan.Description",
    "AWS::Serverless::Api.Auth.UsagePlan.Quota",
    "AWS::Serverless::Api.Auth.UsagePlan.Tags",
    "AWS::Serverless::Api.Auth.UsagePlan.Throttle",
    "AWS::Serverless::Api.Auth.UsagePlan.UsagePlanName",
)
def test_the_usage_plan_of_an_api(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("apigateway")
    plan = client.get_usage_plan(usagePlanId=stack["Plan"])
    assert (plan["name"], plan["description"], plan["tags"]["team"]) == ("sam-plan", "a plan of sam", "ml")
    assert (plan["quota"]["limit"], plan["quota"]["period"]) == (3, "MONTH")
    assert plan["throttle"] == {"rateLimit": 100.0, "burstLimit": 50}
    value = client.get_api_key(apiKey=stack["Key"], includeValue=True)["value"]
    url = f"{stack['Url']}/keyed"
    assert httpx.get(url).status_code == 403
    answers = [httpx.get(url, headers={"x-api-key": value}, timeout=30).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


@pytest.mark.proves(
    "Api event.RequestModel.Model",
    "Api event.RequestModel.Required",
    "Api event.RequestModel.ValidateBody",
    "Api event.RequestModel.ValidateParameters",
    "Api event.RequestParameters",
    "AWS::Serverless::Api.Models",
)
def test_the_model_of_an_event(stack: dict[str, str]) -> None:
    url = f"{stack['Url']}/order"
    assert httpx.post(f"{url}?page=1", json={"count": 1}, timeout=30).status_code == 200
    assert httpx.post(f"{url}?page=1", json={"count": "x"}).json() == {"what": "Invalid request body"}
    missing = httpx.post(url, json={"count": 1}).json()
    assert missing == {"what": "Missing required request parameters: [page]"}


@pytest.mark.proves(
    "AWS::Serverless::Api.MethodSettings.HttpMethod",
    "AWS::Serverless::Api.MethodSettings.ResourcePath",
    "AWS::Serverless::Api.MethodSettings.ThrottlingBurstLimit",
    "AWS::Serverless::Api.MethodSettings.ThrottlingRateLimit",
)
def test_the_throttling_of_a_method(stack: dict[str, str]) -> None:
    assert [httpx.get(f"{stack['Url']}/narrow", timeout=30).status_code for _ in range(2)] == [200, 429]


@pytest.mark.proves(
    "AWS::Serverless::Api.Domain.BasePath",
    "AWS::Serverless::Api.Domain.DomainName",
    "AWS::Serverless::Api.Domain.EndpointConfiguration",
    "AWS::Serverless::Api.Domain.NormalizeBasePath",
)
def test_the_domain_of_an_api(stack: dict[str, str]) -> None:
    host = stack["Url"].removesuffix("/live")
    # Base paths are normalized to letters and digits.
    event = httpx.get(f"{host}/shop1/open", headers={"Host": "sam.example.com"}, timeout=30).json()
    assert (event["path"], event["requestContext"]["domainName"]) == ("/shop1/open", "sam.example.com")


@pytest.mark.proves(
    "AWS::Serverless::Api.AccessLogSetting.DestinationArn", "AWS::Serverless::Api.AccessLogSetting.Format"
)
def test_the_access_log_of_a_stage(cloud: Any, stack: dict[str, str]) -> None:
    request = httpx.get(f"{stack['Url']}/open", timeout=30).headers["x-amzn-requestid"]
    assert cloud.logged("sam-access", request) == [f"{request} 200"]


@pytest.mark.proves("AWS::Serverless::Api.DefinitionBody", "AWS::Serverless::Api.MergeDefinitions")
def test_an_api_with_a_document_and_events(stack: dict[str, str]) -> None:
    assert httpx.get(f"{stack['Written']}/mock").json() == {"stage": "doc"}
    assert httpx.get(f"{stack['Written']}/also", timeout=30).json()["resource"] == "/also"
