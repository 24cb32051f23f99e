"""A REST API that is written as API Gateway's own resources."""

from __future__ import annotations

from collections.abc import Callable

import pytest

STACK = """
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import base64, json
        def handler(event, context):
            if 'requestContext' not in event:
                if event.get('fail'):
                    raise ValueError(event['fail'])
                return {'got': event}
            if event['path'].endswith('/malformed'):
                return {'status': 1}
            if event['path'].endswith('/crash'):
                raise ValueError('crashed')
            if event['path'].endswith('/slow'):
                import time
                time.sleep(3)
            if event['path'].endswith('/image'):
                return {'statusCode': 200, 'isBase64Encoded': True, 'headers': {'Content-Type': 'image/png'},
                        'body': base64.b64encode(bytes(range(256))).decode()}
            return {'statusCode': 201, 'body': json.dumps(event), 'headers': {'X-One': 'a', 'X-True': True},
                    'multiValueHeaders': {'Set-Cookie': ['a=1', 'b=2']}}
  Guard:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            token = event.get('authorizationToken') or event['queryStringParameters']['who']
            if token == 'Bearer wrong':
                raise Exception('Unauthorized')
            if token == 'Bearer broken':
                return {'principalId': 'x'}
            if token == 'Bearer crash':
                raise ValueError('no')
            effect = 'Deny' if token == 'Bearer denied' else 'Allow'
            api = event['methodArn'].split('/')[0]
            resource = api + '/live/GET/other' if token == 'Bearer elsewhere' else event['methodArn']
            statement = {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': resource}
            return {'principalId': token, 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]},
                    'context': {'calls': calls, 'admin': True, 'kind': event['type']}}
  EchoPermission:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Echo, Principal: apigateway.amazonaws.com}
  GuardPermission:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Guard, Principal: apigateway.amazonaws.com}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: plain-rest
      Description: a plain one
      BinaryMediaTypes: [image/png]
      MinimumCompressionSize: 20000
      EndpointConfiguration: {Types: [REGIONAL]}
      Tags: [{Key: team, Value: ml}]
  Account: {Type: AWS::ApiGateway::Account, Properties: {CloudWatchRoleArn: "arn:aws:iam::123456789012:role/logs"}}
  Items:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: items}
  Item:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !Ref Items, PathPart: "{id}"}
  Rest:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Item.ResourceId, PathPart: "{rest+}"}
  GetRest:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Rest
      HttpMethod: ANY
      OperationName: anything
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        ConnectionType: INTERNET
        ResponseTransferMode: BUFFERED
        TimeoutInMillis: 1500
        Uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Echo.Arn}/invocations
  Custom:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Items
      HttpMethod: POST
      AuthorizationType: NONE
      RequestModels: {application/json: !Ref Order}
      RequestParameters: {method.request.querystring.page: true, method.request.header.X-Maybe: false}
      RequestValidatorId: !GetAtt Validator.RequestValidatorId
      MethodResponses:
        - StatusCode: "200"
          ResponseModels: {application/json: Empty}
          ResponseParameters: {method.response.header.X-Count: false, method.response.header.X-Static: false}
        - StatusCode: "422"
      Integration:
        Type: AWS
        IntegrationHttpMethod: POST
        PassthroughBehavior: NEVER
        ContentHandling: CONVERT_TO_TEXT
        Uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Echo.Arn}/invocations
        RequestParameters: {integration.request.header.X-Page: method.request.querystring.page}
        RequestTemplates:
          application/json: |
            #set($order = $input.path('$'))
            {"page": "$input.params('page')", "count": $order.count, "fail": "$!order.fail",
             "stage": "$context.stage", "items": $input.json('$.items')}
        IntegrationResponses:
          - StatusCode: "200"
            ContentHandling: CONVERT_TO_TEXT
            ResponseParameters:
              method.response.header.X-Count: integration.response.body.got.count
              method.response.header.X-Static: "'fixed'"
            ResponseTemplates:
              application/json: '{"answer": $input.json("$.got"), "id": "$context.requestId"}'
          - StatusCode: "422"
            SelectionPattern: "bad.*"
            ResponseTemplates: {application/json: '{"error": "$input.path("$.errorMessage")"}'}
  Order:
    Type: AWS::ApiGateway::Model
    Properties:
      RestApiId: !Ref Api
      Name: Order
      Description: an order
      ContentType: application/json
      Schema: {type: object, required: [count], properties: {count: {type: integer, minimum: 1}}}
  Validator:
    Type: AWS::ApiGateway::RequestValidator
    Properties: {RestApiId: !Ref Api, Name: all, ValidateRequestBody: true, ValidateRequestParameters: true}
  Token:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Api
      Name: token
      Type: TOKEN
      AuthType: custom
      AuthorizerResultTtlInSeconds: 300
      AuthorizerUri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Guard.Arn}/invocations
      IdentitySource: method.request.header.Authorization
      IdentityValidationExpression: "Bearer .+"
  Guarded:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Items
      HttpMethod: GET
      AuthorizationType: CUSTOM
      AuthorizerId: !GetAtt Token.AuthorizerId
      Integration: &proxy
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Echo.Arn}/invocations
  Request:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Api
      Name: request
      Type: REQUEST
      AuthorizerResultTtlInSeconds: 0
      AuthorizerUri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Guard.Arn}/invocations
      IdentitySource: method.request.querystring.who
  GuardedItem:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Item
      HttpMethod: GET
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Request
      Integration: *proxy
  Denied:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref Api
      ResponseType: ACCESS_DENIED
      StatusCode: "418"
      ResponseParameters:
        gatewayresponse.header.X-Why: "'denied'"
        gatewayresponse.header.X-Who: method.request.header.Authorization
      ResponseTemplates:
        application/json: '{"why": $context.error.messageString, "type": "$context.error.responseType"}'
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: [GetRest, Custom, Guarded, GuardedItem, Denied]
    Properties: {RestApiId: !Ref Api, Description: the first}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: live
      DeploymentId: !GetAtt Deployment.DeploymentId
      Variables: {color: red}
Outputs:
  Url: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"}
  Api: {Value: !GetAtt Api.RestApiId}
  Root: {Value: !GetAtt Api.RootResourceId}
  Account: {Value: !GetAtt Account.Id}
  Denied: {Value: !GetAtt Denied.Id}
  Validator: {Value: !Ref Validator}
  Deployment: {Value: !Ref Deployment}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("plain-rest", STACK)
