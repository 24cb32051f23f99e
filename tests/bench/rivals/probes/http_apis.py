"""Probes of API Gateway's HTTP APIs."""

from __future__ import annotations

from typing import Any

from tests.bench.rivals.cloud import Cloud
from tests.bench.rivals.probe import expect, probe
from tests.bench.rivals.probes.functions import ECHO, FAIL

_GUIDE = "apigateway/latest/developerguide"
_ROUTES = f"{_GUIDE}/http-api-develop-routes.html"


class Api:
    """An HTTP API with a stage, whose routes are functions."""

    def __init__(self, cloud: Cloud, stage: str = "$default", variables: dict[str, str] | None = None, **options: Any):
        self.cloud, self.client = cloud, cloud("apigatewayv2")
        made = self.client.create_api(Name=cloud.name(), ProtocolType="HTTP", **options)
        self.id = made["ApiId"]
        self.url = made["ApiEndpoint"] + ("" if stage == "$default" else f"/{stage}")
        self.client.create_stage(ApiId=self.id, StageName=stage, AutoDeploy=True, StageVariables=variables or {})

    def integration(self, function: str, version: str = "2.0") -> str:
        """The id of a new integration with a function."""
        self.cloud("lambda").add_permission(
            FunctionName=function,
            StatementId=self.cloud.name(),
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
        made = self.client.create_integration(
            ApiId=self.id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=self.cloud.arn(function),
            PayloadFormatVersion=version,
        )
        return str(made["IntegrationId"])

    def route(self, key: str, integration: str, **options: Any) -> None:
        """Add a route."""
        self.client.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{integration}", **options)


@probe(f"{_GUIDE}/http-api-develop-integrations-lambda.html")
def event(cloud: Cloud) -> None:
    """The event of payload format 2.0 has the route, the path's parameters and the stage's variables"""
    api = Api(cloud, variables={"colour": "blue"})
    api.route("POST /pets/{id}", api.integration(cloud.function(ECHO)))
    found = cloud.ask(api.url + "/pets/7?q=1&q=2", "POST", b"{}", {"Content-Type": "application/json"}).json()
    expect((found["version"], found["routeKey"], found["pathParameters"]), ("2.0", "POST /pets/{id}", {"id": "7"}))
    expect((found["stageVariables"], found["queryStringParameters"]), ({"colour": "blue"}, {"q": "1,2"}))
    http = found["requestContext"]["http"]
    expect((http["method"], found["body"], found["isBase64Encoded"]), ("POST", "{}", False))


@probe(_ROUTES)
def priority(cloud: Cloud) -> None:
    """A full match goes before a parameter, that before a greedy one, and that before $default"""
    api = Api(cloud)
    integration = api.integration(cloud.function("def handler(event, context):\n    return event['routeKey']\n"))
    keys = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"]
    for key in reversed(keys):
        api.route(key, integration)
    paths = ["/pets/dog/1", "/pets/dog/2", "/pets/cat/1", "/test/5", "/"]
    found = [cloud.ask(api.url + path).body.decode().strip('"') for path in paths]
    expect(found, [*keys[:4], "$default"])


@probe(_ROUTES)
def no_route(cloud: Cloud) -> None:
    """A request that no route matches is a 404 with the message Not Found"""
    api = Api(cloud)
    api.route("GET /a", api.integration(cloud.function(ECHO)))
    answer = cloud.ask(api.url + "/a", "POST")
    expect((answer.status, answer.json()), (404, {"message": "Not Found"}))


@probe(f"{_GUIDE}/http-api-cors.html")
def cors(cloud: Cloud) -> None:
    """A preflight request is answered by the API's CORS settings, without its routes"""
    api = Api(cloud, CorsConfiguration={"AllowOrigins": ["https://example.com"], "AllowMethods": ["GET"]})
    api.route("$default", api.integration(cloud.function(FAIL)))
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}
    answer = cloud.ask(api.url + "/x", "OPTIONS", headers=headers)
    names = ("access-control-allow-origin", "access-control-allow-methods")
    found = [answer.headers.get(name) for name in names]
    expect((answer.status // 100, found), (2, ["https://example.com", "GET"]))


@probe(f"{_GUIDE}/http-api-troubleshooting-lambda.html")
def failure(cloud: Cloud) -> None:
    """A function that raises is a 500 with the message Internal Server Error"""
    api = Api(cloud)
    api.route("GET /a", api.integration(cloud.function(FAIL)))
    answer = cloud.ask(api.url + "/a")
    expect((answer.status, answer.json()), (500, {"message": "Internal Server Error"}))


@probe(f"{_GUIDE}/http-api-develop-integrations-lambda.html")
def old_format(cloud: Cloud) -> None:
    """The event of payload format 1.0 has lists of parameters and headers"""
    api = Api(cloud)
    api.route("GET /a", api.integration(cloud.function(_AS_BODY), "1.0"))
    found = cloud.ask(api.url + "/a?q=1&q=2", headers={"X-Probe": "1"}).json()
    expect((found["version"], found["httpMethod"], found["resource"]), ("1.0", "GET", "/a"))
    expect((found["queryStringParameters"]["q"], found["multiValueQueryStringParameters"]["q"]), ("2", ["1", "2"]))


_AS_BODY = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"


@probe(f"{_GUIDE}/http-api-stages.html")
def stage(cloud: Cloud) -> None:
    """A named stage is served under its name"""
    api = Api(cloud, stage="dev")
    api.route("GET /a", api.integration(cloud.function(_AS_BODY)))
    found = cloud.ask(api.url + "/a").json()
    expect((found["requestContext"]["stage"], found["routeKey"]), ("dev", "GET /a"))


_CHECK = (
    "def handler(event, context):\n"
    "    return {'isAuthorized': event['headers'].get('x-key') == 'good', 'context': {'who': 'Ann'}}\n"
)


@probe(f"{_GUIDE}/http-api-lambda-authorizer.html")
def lambda_authorizer(cloud: Cloud) -> None:
    """A Lambda authorizer allows, forbids with 403, and answers 401 if its identity source is absent"""
    api = Api(cloud)
    check = cloud.function(_CHECK)
    target = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{cloud.arn(check)}/invocations"
    cloud("lambda").add_permission(
        FunctionName=check,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    authorizer = api.client.create_authorizer(
        ApiId=api.id,
        Name="check",
        AuthorizerType="REQUEST",
        AuthorizerUri=target,
        AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses=True,
        IdentitySource=["$request.header.x-key"],
    )["AuthorizerId"]
    integration = api.integration(cloud.function(ECHO))
    api.route("GET /a", integration, AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    found = [cloud.ask(api.url + "/a", headers=given) for given in ({"x-key": "good"}, {"x-key": "bad"}, {})]
    expect([answer.status for answer in found], [200, 403, 401])
    expect(found[0].json()["requestContext"]["authorizer"]["lambda"], {"who": "Ann"})


@probe(f"{_GUIDE}/http-api-jwt-authorizer.html")
def jwt(cloud: Cloud) -> None:
    """A route with a JWT authorizer answers a request without a token, and one with a bad token, with 401"""
    api = Api(cloud)
    authorizer = api.client.create_authorizer(
        ApiId=api.id,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["probe"], "Issuer": "https://example.com"},
    )["AuthorizerId"]
    integration = api.integration(cloud.function(ECHO))
    api.route("GET /a", integration, AuthorizationType="JWT", AuthorizerId=authorizer)
    found = [cloud.ask(api.url + "/a", headers=given) for given in ({}, {"Authorization": "Bearer no.to.ken"})]
    expect([answer.status for answer in found], [401, 401])
