"""Probes of API Gateway's REST APIs."""

from __future__ import annotations

import json
from typing import Any

from tests.bench.rivals.cloud import Cloud
from tests.bench.rivals.probe import expect, probe
from tests.bench.rivals.probes.functions import ECHO

_GUIDE = "apigateway/latest/developerguide"
_AS_BODY = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"


class Api:
    """A REST API; `deploy` makes a stage of it and returns its URL."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.client = cloud, cloud("apigateway")
        self.id = self.client.create_rest_api(name=cloud.name())["id"]
        self.root = self.client.get_resources(restApiId=self.id)["items"][0]["id"]

    def resource(self, part: str, parent: str = "") -> str:
        """The id of a new resource."""
        made = self.client.create_resource(restApiId=self.id, parentId=parent or self.root, pathPart=part)
        return str(made["id"])

    def method(self, resource: str, function: str, verb: str = "GET", **options: Any) -> dict[str, str]:
        """Add a method with the proxy integration of a function; returns what names the method."""
        options.setdefault("authorizationType", "NONE")
        named = {"restApiId": self.id, "resourceId": resource, "httpMethod": verb}
        self.client.put_method(**named, **options)
        if function:
            uri = self.invocation(function)
            self.client.put_integration(**named, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        return named

    def invocation(self, function: str) -> str:
        """The URI that invokes a function, with API Gateway's permission to do so."""
        self.cloud("lambda").add_permission(
            FunctionName=function,
            StatementId=self.cloud.name(),
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
        arn = self.cloud.arn(function)
        return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"

    def deploy(self, **options: Any) -> str:
        """Deploy the API as the stage `v1`."""
        self.client.create_deployment(restApiId=self.id, stageName="v1", **options)
        return self.cloud.rest.format(id=self.id, stage="v1")


@probe(f"{_GUIDE}/set-up-lambda-proxy-integrations.html")
def event(cloud: Cloud) -> None:
    """A proxy integration's event has the resource, path, parameters as values and lists, stage and its variables"""
    api = Api(cloud)
    api.method(api.resource("{id}", api.resource("pets")), cloud.function(_AS_BODY), "ANY")
    found = cloud.ask(api.deploy(variables={"colour": "blue"}) + "/pets/7?q=1&q=2").json()
    names = ("resource", "path", "httpMethod", "pathParameters", "stageVariables")
    expect([found[name] for name in names], ["/pets/{id}", "/pets/7", "GET", {"id": "7"}, {"colour": "blue"}])
    expect((found["queryStringParameters"], found["multiValueQueryStringParameters"]), ({"q": "2"}, {"q": ["1", "2"]}))
    context = found["requestContext"]
    expect((context["stage"], context["path"], context["resourcePath"]), ("v1", "/v1/pets/7", "/pets/{id}"))


@probe(f"{_GUIDE}/set-up-lambda-proxy-integrations.html")
def malformed(cloud: Cloud) -> None:
    """A function that returns no proxy response is a 502 with the message Internal server error"""
    api = Api(cloud)
    api.method(api.root, cloud.function("def handler(event, context):\n    return ['no', 'response']\n"))
    answer = cloud.ask(api.deploy() + "/")
    expect((answer.status, answer.json()), (502, {"message": "Internal server error"}))


@probe(f"{_GUIDE}/set-up-lambda-proxy-integrations.html")
def headers(cloud: Cloud) -> None:
    """A response's multi-value headers are sent each"""
    code = (
        "def handler(event, context):\n"
        "    return {'statusCode': 201, 'body': '', 'multiValueHeaders': {'Set-Cookie': ['a=1', 'b=2']}}\n"
    )
    api = Api(cloud)
    api.method(api.root, cloud.function(code))
    answer = cloud.ask(api.deploy() + "/")
    expect((answer.status, answer.cookies), (201, ["a=1", "b=2"]))


@probe(f"{_GUIDE}/how-to-mock-integration.html")
def mock(cloud: Cloud) -> None:
    """A MOCK integration answers by its templates and the status code of its request template"""
    api = Api(cloud)
    named = api.method(api.root, "")
    request = {"application/json": '{"statusCode": #if($input.params("fail") == "1") 500 #else 200 #end}'}
    api.client.put_integration(**named, type="MOCK", requestTemplates=request)
    for status, pattern in (("200", ""), ("500", "5\\d{2}")):
        api.client.put_method_response(**named, statusCode=status)
        template = {"application/json": f'{{"status": {status}, "who": "$input.params(\'who\')"}}'}
        given = {"selectionPattern": pattern} if pattern else {}
        api.client.put_integration_response(**named, statusCode=status, responseTemplates=template, **given)
    url = api.deploy()
    found = [cloud.ask(f"{url}/?who=Ann&fail={fail}") for fail in (0, 1)]
    expect([(answer.status, answer.json()) for answer in found], [(s, {"status": s, "who": "Ann"}) for s in (200, 500)])


@probe(f"{_GUIDE}/supported-gateway-response-types.html")
def no_method(cloud: Cloud) -> None:
    """A path or method that isn't there is a 403 with the message Missing Authentication Token"""
    api = Api(cloud)
    api.method(api.resource("pets"), cloud.function(_AS_BODY))
    url = api.deploy()
    found = [cloud.ask(url + "/none"), cloud.ask(url + "/pets", "DELETE")]
    expect(
        [(answer.status, answer.json()) for answer in found], [(403, {"message": "Missing Authentication Token"})] * 2
    )


@probe(f"{_GUIDE}/api-gateway-api-usage-plans.html")
def api_key(cloud: Cloud) -> None:
    """A method that requires an API key forbids requests without one of the stage's usage plan"""
    api = Api(cloud)
    api.method(api.root, cloud.function(_AS_BODY), apiKeyRequired=True)
    url = api.deploy()
    key = api.client.create_api_key(name=cloud.name(), enabled=True)
    stages = [{"apiId": api.id, "stage": "v1"}]
    plan = api.client.create_usage_plan(name=cloud.name(), apiStages=stages)["id"]
    api.client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    given: list[dict[str, str]] = [{}, {"x-api-key": "wrong" * 5}, {"x-api-key": key["value"]}]
    expect([cloud.ask(url + "/", headers=each).status for each in given], [403, 403, 200])


@probe(f"{_GUIDE}/api-gateway-method-request-validation.html")
def validation(cloud: Cloud) -> None:
    """A validator refuses a request without a required parameter, or with a body that isn't its model's, with 400"""
    api = Api(cloud)
    validator = api.client.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["n"]}
    api.client.create_model(restApiId=api.id, name="Order", contentType="application/json", schema=json.dumps(schema))
    api.method(
        api.root,
        cloud.function(_AS_BODY),
        "POST",
        requestValidatorId=validator,
        requestParameters={"method.request.querystring.q": True},
        requestModels={"application/json": "Order"},
    )
    url, kind = api.deploy(), {"Content-Type": "application/json"}
    found = [
        cloud.ask(url + path, "POST", body, kind)
        for path, body in (("/?q=1", b'{"n": 1}'), ("/", b'{"n": 1}'), ("/?q=1", b"{}"))
    ]
    expect([answer.status for answer in found], [200, 400, 400])
    texts = ["Missing required request parameters: [q]", "Invalid request body"]
    expect([answer.json()["message"] for answer in found[1:]], texts)


_TOKEN = (
    "def handler(event, context):\n"
    "    effect = 'Allow' if event['authorizationToken'] == 'good' else 'Deny'\n"
    "    statement = {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': event['methodArn']}\n"
    "    policy = {'Version': '2012-10-17', 'Statement': [statement]}\n"
    "    return {'principalId': 'Ann', 'policyDocument': policy, 'context': {'tier': 'gold'}}\n"
)


@probe(f"{_GUIDE}/apigateway-use-lambda-authorizer.html")
def token_authorizer(cloud: Cloud) -> None:
    """A TOKEN authorizer allows, denies with 403, and a request without a token is a 401"""
    api = Api(cloud)
    authorizer = api.client.create_authorizer(
        restApiId=api.id,
        name="token",
        type="TOKEN",
        authorizerUri=api.invocation(cloud.function(_TOKEN)),
        identitySource="method.request.header.Authorization",
    )["id"]
    api.method(api.root, cloud.function(_AS_BODY), authorizationType="CUSTOM", authorizerId=authorizer)
    url = api.deploy()
    given: list[dict[str, str]] = [{"Authorization": "good"}, {"Authorization": "bad"}, {}]
    found = [cloud.ask(url + "/", headers=each) for each in given]
    expect([answer.status for answer in found], [200, 403, 401])
    context = found[0].json()["requestContext"]["authorizer"]
    expect((context["principalId"], context["tier"]), ("Ann", "gold"))


@probe(f"{_GUIDE}/api-gateway-mapping-template-reference.html")
def mapping_templates(cloud: Cloud) -> None:
    """A non-proxy Lambda integration maps request and response by VTL templates"""
    api = Api(cloud)
    function = cloud.function(ECHO)
    named = api.method(api.root, "", "POST")
    request = '{"doubled": "$input.path(\'$.name\')$input.path(\'$.name\')", "stage": "$context.stage"}'
    api.client.put_integration(
        **named,
        type="AWS",
        integrationHttpMethod="POST",
        uri=api.invocation(function),
        requestTemplates={"application/json": request},
    )
    api.client.put_method_response(**named, statusCode="200")
    response = '#set($root = $input.path("$"))<p>$root.doubled of $root.stage</p>'
    api.client.put_integration_response(**named, statusCode="200", responseTemplates={"application/json": response})
    answer = cloud.ask(api.deploy() + "/", "POST", b'{"name": "ab"}', {"Content-Type": "application/json"})
    expect((answer.status, answer.body), (200, b"<p>abab of v1</p>"))
