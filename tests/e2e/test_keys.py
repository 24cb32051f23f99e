"""A stack as it's deployed without a choice, its permissions enforced: closed until somebody makes a key."""

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from typer.testing import CliRunner

from cli.__main__ import app
from localaws.cloud import LocalCloud
from localaws.commands.remote import call
from localaws.settings import Settings
from localaws_testing.issuer import Issuer, issuer
from localaws_testing.ports import free_port
from localaws_testing.signing import REGION, session_of
from localaws_testing.waiting import wait_until
from loop.flow import PARAMETERS
from tests.loops import ROOT, stack_outputs
from tests.unit.mlops.authorization.forgeries import AUDIENCE, forged_keys, forged_tokens
from tests.unit.mlops.authorization.forgeries import Issuer as Signer
from tests.unit.test_routes import CHALLENGED, CONSOLE, HEALTH, expanded, routes

# Some of each kind: tests/unit/mlops/authorization has ten thousand of them.
OF_EACH_KIND = 3
# Routes with limits of their own.
THROTTLED = (
    "GET /openapi.json",
    "POST /models/{model}/versions/{version}/{action}",
    "POST /v2/models/{model}/versions/{version}/{action}",
)
PATHS = (
    ("GET", "/"),
    ("GET", "/docs"),
    ("GET", "/docs/swagger-ui.js"),
    ("GET", "/openapi.json"),
    ("GET", "/models"),
    ("GET", "/models/diagnosis"),
    ("GET", "/ping"),
    ("GET", "/version"),
    ("GET", "/v2/health/live"),
    ("GET", "/v2/models/diagnosis"),
    ("GET", "/nowhere"),
    ("GET", "/health/"),
    ("GET", "//health"),
    ("GET", "/%68ealth/x"),
    ("HEAD", "/models"),
    ("OPTIONS", "/predict"),
    ("POST", "/"),
    ("POST", "/docs"),
    ("POST", "/health"),
    ("POST", "/predict"),
    ("POST", "/recommend"),
    ("POST", "/invocations"),
    ("POST", "/models/diagnosis/predict"),
    ("POST", "/models/diagnosis/versions/1/predict"),
    ("POST", "/models/diagnosis/feedback"),
    ("POST", "/v2/models/diagnosis/infer"),
    ("POST", "/v2/models/diagnosis/versions/1/infer"),
    ("POST", "/nowhere"),
    ("PUT", "/models"),
    ("DELETE", "/models/diagnosis"),
)


@dataclass(frozen=True)
class Closed:
    """The stack, a client of its API without a key, and the issuer whose tokens it takes."""

    cloud: LocalCloud
    settings: Settings
    api: httpx.Client
    tokens: Issuer

    def tick(self, duration: str) -> None:
        """Let time pass on local AWS's clock."""
        call(self.settings.port, "tick", {"duration": duration})

    def ask(self, authorization: str | None, method: str = "GET", path: str = "/models", body: Any = None) -> Any:
        """The answer to a request with this Authorization header, or without one."""
        headers = {} if authorization is None else {"authorization": authorization}
        return self.api.request(method, path, headers=headers, json=body)


@pytest.fixture(scope="module")
def closed() -> Iterator[Closed]:
    with issuer(time.time) as tokens:
        trust = {"TokenIssuer": tokens.url, "TokenAudiences": f"mine,{AUDIENCE}", "TokenKeysUrl": f"{tokens.url}/jwks"}
        settings = Settings(
            state=ROOT / ".localaws",
            port=free_port(),
            http_port=free_port(),
            stack_name="mlops",
            iam="enforce",
            parameters={**PARAMETERS, **trust},
        )
        with (
            LocalCloud(settings, ROOT / "template.yaml", lambda _: None) as cloud,
            httpx.Client(base_url=cloud.outputs["ApiUrl"], timeout=60) as api,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setenv("AWS_ENDPOINT_URL", settings.endpoint_url)
            patch.setenv("AWS_DEFAULT_REGION", settings.region)
            patch.setenv("AWS_ACCESS_KEY_ID", "local")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
            boto3.setup_default_session()
            yield Closed(cloud, settings, api, tokens)


def keys(*words: str) -> Any:
    done = CliRunner().invoke(app, ["keys", *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def logged(closed: Closed) -> str:
    """All that any log group has."""
    client = closed.cloud.clients("logs")
    groups = [each["logGroupName"] for each in client.describe_log_groups()["logGroups"]]
    assert {"/aws/lambda/mlops-api", "/aws/lambda/mlops-authorize", "/aws/apigateway/mlops-api"} <= {*groups}
    pages = [
        page for group in groups for page in client.get_paginator("filter_log_events").paginate(logGroupName=group)
    ]
    return "\n".join(event["message"] for page in pages for event in page["events"])


def callers(closed: Closed) -> set[str]:
    """The callers in the access log."""
    return {json.loads(line)["caller"] for line in logged(closed).splitlines() if '"caller"' in line}


def deploy(closed: Closed, stack: str, authorization: str) -> str:
    """Deploy the template once more, with another authorization; the address of its API."""
    command = [sys.executable, "-m", "localaws", "deploy", str(ROOT / "template.yaml"), "--stack-name", stack]
    options = ["--port", str(closed.settings.port), "--parameter", f"Authorization={authorization}"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return stack_outputs(closed.cloud.clients("cloudformation"), stack)["ApiUrl"]


@pytest.mark.usefixtures("calls_on_record")
def test_every_route_but_the_health_check_is_closed_to_who_has_no_key(closed: Closed) -> None:
    assert closed.ask(None, "GET", "/health").status_code == 503  # there is no model yet
    found = {route for route, _ in routes(expanded("keys"))}
    assert {HEALTH, "$default", *CHALLENGED, *CONSOLE} <= found
    for method, path, status in (
        ("GET", "/console", 303),
        ("GET", "/console/models/diagnosis", 303),
        ("POST", "/console/models/diagnosis/promote", 401),
    ):
        for given in (None, "Bearer mlops_none"):
            answer = closed.ask(given, method, path)
            assert answer.status_code == status, (method, path, answer.status_code)
    own = {re.sub(r"{\w+\+?}", "x", route) for route in found - {HEALTH, "$default", *CONSOLE}}
    for method, path in {*PATHS, *((method, path) for method, _, path in (route.partition(" ") for route in own))}:
        for given in (None, "Bearer mlops_none", "Bearer x", "Basic x", "Digest x"):
            answer = closed.ask(given, method, path)
            assert answer.status_code in (401, 403), (method, path, given, answer.status_code)
            # What a browser needs to ask a person for a key.
            if f"{method} {path}" in CHALLENGED:
                assert answer.headers["www-authenticate"].startswith("Basic"), path
    assert closed.ask(None).json() == {"message": "Unauthorized"}
    assert closed.ask("Bearer mlops_none").json() == {"message": "Forbidden"}


@pytest.mark.usefixtures("calls_on_record")
def test_a_key_opens_what_its_scope_is_for(closed: Closed) -> None:
    given = f"Bearer {keys('create', 'reader', '--scope', 'read')['key']}"
    answer = closed.ask(given)
    assert (answer.status_code, answer.json()["models"][0]["name"]) == (200, "diagnosis")
    refused = closed.ask(given, "POST", "/predict", {"rows": [{}]})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:mlops:problem:not-permitted")
    assert closed.ask(given, "GET", "/docs").status_code == 200
    assert [each["last_used"] is not None for each in keys("list") if each["name"] == "reader"] == [True]
    assert wait_until(lambda: {"reader", "-"} <= callers(closed), 30)


def test_a_token_opens_what_its_scope_is_for(closed: Closed) -> None:
    given = f"Bearer {closed.tokens.token(scope='read', sub='a service')}"
    assert closed.ask(given).status_code == 200
    assert closed.ask(given, "POST", "/predict", {"rows": [{}]}).status_code == 403
    assert closed.ask(f"Bearer {closed.tokens.token(scope='read', aud='yours')}").status_code == 403


def test_forged_keys_and_tokens_are_refused_at_the_gate(closed: Closed) -> None:
    draw = random.Random(17)
    good = keys("create", "forged")["key"]
    assert closed.ask(f"Bearer {good}").status_code == 200
    signer = Signer(time.time, closed.tokens.url)
    signer.key = closed.tokens.keys["first"]
    revoked = keys("create", "revoked")["key"]
    keys("revoke", "revoked")
    # What is right about the forged ones: nothing else keeps them out than what is wrong.
    assert closed.ask(f"Bearer {signer.token()}").status_code == 200
    makers = forged_tokens(signer, draw) | forged_keys(good, {"revoked": revoked}, draw)
    for kind, make in makers.items():
        for _ in range(OF_EACH_KIND):
            forged = make().encode("latin-1", "ignore").replace(b"\n", b"").replace(b"\x00", b"")[:7_000]
            text = bytes(each for each in forged if 32 <= each < 127).decode().strip()
            if text == good:
                continue  # what was wrong with it can't be sent
            answer = closed.ask(f"Bearer {text}")
            assert answer.status_code in (401, 403), (kind, answer.status_code)


def test_a_revoked_key_is_refused_within_a_minute(closed: Closed) -> None:
    key = keys("create", "leaver")["key"]
    given = f"Bearer {key}"
    assert [closed.ask(given, path=path).status_code for path in ("/models", "/docs", "/models")] == [200] * 3
    keys("revoke", "leaver")
    closed.tick("60s")
    assert closed.ask(given).status_code == 403
    assert closed.ask(given, path="/docs").status_code == 401


def test_no_key_and_no_token_is_in_any_log_or_answer(closed: Closed) -> None:
    good, read_only = keys("create", "marked")["key"], keys("create", "marked reader", "--scope", "read")["key"]
    signed = closed.tokens.token(scope="read", sub="marked")
    secrets = [good, read_only, f"{good[:-1]}x", signed, f"{signed[:-9]}AAAAAAAAA", closed.tokens.token(exp=1)]
    answers = ""
    for secret in secrets:
        for form in (f"Bearer {secret}", f"Basic {secret}", secret):
            for method, path in (("GET", "/models"), ("GET", "/docs"), ("POST", "/predict"), ("GET", "/nowhere")):
                answer = closed.ask(form, method, path, {"rows": [{}]} if method == "POST" else None)
                answers += answer.text + str(answer.headers)
    assert wait_until(lambda: "marked reader" in callers(closed), 30)
    found = answers + logged(closed)
    for secret in secrets:
        marks = secret.split(".")[1:] if "." in secret else [secret[6:30]]
        assert not any(mark in found for mark in marks), secret


def test_with_iam_signed_requests_are_answered_that_policies_allow(closed: Closed) -> None:
    url = deploy(closed, "signed", "iam")
    assert httpx.get(f"{url}/health", timeout=60).status_code == 503
    key = keys("create", "unsigned")["key"]
    for path in ("/models", "/docs", "/", "/openapi.json", "/nowhere"):
        for headers in ({}, {"authorization": f"Bearer {key}"}):
            assert httpx.get(f"{url}{path}", headers=headers, timeout=60).status_code in (401, 403), path
    clients = closed.cloud.clients
    allowed = session_of(clients, "allowed", {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"})
    denied = session_of(clients, "denied")
    for path in ("/models", "/docs", "/openapi.json"):
        assert ask_signed(f"{url}{path}", allowed).status_code == 200, path
        assert ask_signed(f"{url}{path}", denied).status_code == 403, path


def ask_signed(url: str, credentials: tuple[str, str, str]) -> httpx.Response:
    request = AWSRequest("GET", url)
    SigV4Auth(Credentials(*credentials), "execute-api", REGION).add_auth(request)
    return httpx.get(url, headers=dict(request.headers), timeout=60)


def test_an_open_stack_is_one_that_says_so(closed: Closed) -> None:
    url = deploy(closed, "public", "open")
    assert httpx.get(f"{url}/models", timeout=60).status_code == 200
    logs = closed.cloud.clients("logs")

    def warnings() -> list[str]:
        events = logs.filter_log_events(logGroupName="/aws/lambda/public-api", filterPattern="ANYBODY")["events"]
        return [json.loads(event["message"])["level"] for event in events]

    assert wait_until(lambda: bool(warnings()), 30)
    assert {*warnings()} == {"WARNING"}
