"""A stack whose HTTP APIs and function URL have authorizers of each kind, and requests to them."""

from __future__ import annotations

from typing import Any

import httpx

STACK = """
Parameters:
  Issuer: {Type: String, Default: ISSUER}
Resources:
  Lines: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: authorized-lines}}
  Guarded:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageVariables: {color: red}
      AccessLogSettings:
        DestinationArn: !GetAtt Lines.Arn
        Format: >-
          {"id": "$context.requestId", "status": "$context.status", "who": "$context.authorizer.who",
          "principal": "$context.authorizer.principalId", "sub": "$context.authorizer.claims.sub",
          "error": "$context.authorizer.error"}
      Auth:
        DefaultAuthorizer: Simple
        EnableIamAuthorizer: true
        Authorizers:
          Simple:
            FunctionArn: !GetAtt Guard.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            EnableFunctionDefaultPermissions: true
            Identity: {Headers: [X-Who], ReauthorizeEvery: 60}
          Policy:
            FunctionArn: !GetAtt Guard.Arn
            FunctionInvokeRole: !GetAtt Caller.Arn
            AuthorizerPayloadFormatVersion: "1.0"
            Identity:
              Headers: [X-Who]
              QueryStrings: [key]
              StageVariables: [color]
              Context: [routeKey]
              ReauthorizeEvery: 0
          Token:
            AuthorizationScopes: [read, write]
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: !Ref Issuer, audience: [mine, yours]}
          Gone:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: "http://127.0.0.1:9", audience: [mine]}
  Caller:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: apigateway.amazonaws.com}, Action: sts:AssumeRole}
  Guard:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: guard
      Timeout: 60
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json, time
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            who = event["headers"]["x-who"]
            context = {"who": who, "calls": calls, "flag": True, "list": ["a", 1], "event": event}
            if who == "slow":
                time.sleep(20)
            if who == "fails":
                raise ValueError("no")
            if who == "unauthorized":
                raise Exception("Unauthorized")
            if who == "malformed":
                return {"isAuthorized": "yes"}
            if who == "bare":
                return {"isAuthorized": True}
            if event["version"] == "2.0":
                return {"isAuthorized": who != "no", "context": context}
            effect = "Deny" if who == "no" else "Allow"
            arn = event["methodArn"].replace("/GET/", "/POST/") if who == "posts" else event["methodArn"]
            statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
            document = "none" if who == "broken" else {"Version": "2012-10-17", "Statement": [statement]}
            return {"principalId": who, "policyDocument": document, "context": context}
  Answers:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: authorized-answers
      Runtime: python3.13
      Handler: index.handler
      FunctionUrlConfig: {AuthType: AWS_IAM}
      InlineCode: "def handler(event, context): return event['requestContext'].get('authorizer')\\n"
      Events:
        Simple: {Type: HttpApi, Properties: {ApiId: !Ref Guarded, Path: "/simple/{id}", Method: GET}}
        Other: {Type: HttpApi, Properties: {ApiId: !Ref Guarded, Path: /other, Method: GET}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Guarded, Path: /open, Method: GET, Auth: {Authorizer: NONE}}}
        Policy:
          Type: HttpApi
          Properties: {ApiId: !Ref Guarded, Path: /policy, Method: GET, Auth: {Authorizer: Policy}}
        Token: {Type: HttpApi, Properties: {ApiId: !Ref Guarded, Path: /token, Method: GET, Auth: {Authorizer: Token}}}
        Any:
          Type: HttpApi
          Properties:
            ApiId: !Ref Guarded
            Path: /admin
            Method: GET
            Auth: {Authorizer: Token, AuthorizationScopes: [admin]}
        Gone: {Type: HttpApi, Properties: {ApiId: !Ref Guarded, Path: /gone, Method: GET, Auth: {Authorizer: Gone}}}
        Signed:
          Type: HttpApi
          Properties: {ApiId: !Ref Guarded, Path: /signed, Method: POST, Auth: {Authorizer: AWS_IAM}}
  Plain:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: plain-guarded, ProtocolType: HTTP}
  Answerable:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Answers, Principal: apigateway.amazonaws.com}
  Allowed:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Guard, Principal: apigateway.amazonaws.com}
  Asks:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Plain
      Name: asks
      AuthorizerType: REQUEST
      AuthorizerCredentialsArn: !GetAtt Caller.Arn
      AuthorizerUri: !Sub >-
        arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Guard.Arn}/invocations
      AuthorizerPayloadFormatVersion: "2.0"
      AuthorizerResultTtlInSeconds: 0
      EnableSimpleResponses: true
      IdentitySource: [$request.header.X-Who]
  Verifies:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Plain
      Name: verifies
      AuthorizerType: JWT
      IdentitySource: [$request.querystring.token]
      JwtConfiguration: {Issuer: !Ref Issuer, Audience: [mine]}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Plain
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Answers.Arn
      PayloadFormatVersion: "2.0"
  Asked:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Plain
      RouteKey: GET /asked
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Asks
      Target: !Sub integrations/${Integration}
  Verified:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Plain
      RouteKey: GET /verified
      AuthorizationType: JWT
      AuthorizationScopes: [read]
      AuthorizerId: !GetAtt Verifies.AuthorizerId
      Target: !Sub integrations/${Integration}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Plain, StageName: live, AutoDeploy: true}}
Outputs:
  Id: {Value: !Ref Guarded}
  Api: {Value: !GetAtt Guarded.ApiEndpoint}
  PlainId: {Value: !Ref Plain}
  Plain: {Value: !Sub "${Plain.ApiEndpoint}/live"}
  Asks: {Value: !GetAtt Asks.AuthorizerId}
  Url: {Value: !GetAtt AnswersUrl.FunctionUrl}
"""

REGION, ACCOUNT = "us-east-1", "123456789012"
FORBIDDEN = (403, {"message": "Forbidden"})
UNAUTHORIZED = (401, {"message": "Unauthorized"})
FAILED = (500, {"message": "Internal Server Error"})


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=60)


def refusal(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()
