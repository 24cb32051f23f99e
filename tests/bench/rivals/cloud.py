"""What a probe gets of a local cloud: clients of its endpoint, names nobody has, functions, queues, and plain HTTP."""

from __future__ import annotations

import functools
import http.client
import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.bench.rivals.probe import Differs, Refused

REGION = "us-east-1"
# How long a probe waits for what AWS does by itself within a second or two.
PATIENCE = 10.0
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": [f"{name}.amazonaws.com" for name in ("lambda", "scheduler", "firehose")]},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@dataclass(frozen=True)
class Answer:
    """An HTTP response: lower-cased header names; `cookies` are the values of Set-Cookie."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises Differs if it isn't."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Differs(f"HTTP {self.status} with the body {self.body[:100]!r}") from None


@dataclass
class Cloud:
    """One local cloud that runs. `rest` is the base URL of a REST API's stage, with {id} and {stage}."""

    port: int
    rest: str
    _clients: dict[str, Any] = field(default_factory=dict)

    def __call__(self, service: str) -> Any:
        """The client of a service, with credentials that its docs use."""
        if service not in self._clients:
            # Its own retries would hide failures and take the time of the other probes.
            patient = Config(retries={"total_max_attempts": 1}, read_timeout=60, s3={"addressing_style": "path"})
            session = boto3.Session("test", "test", region_name=REGION)
            self._clients[service] = session.client(
                service,  # type: ignore[call-overload]
                endpoint_url=f"http://localhost:{self.port}",
                config=patient,
            )
        return self._clients[service]

    @staticmethod
    def name(stem: str = "probe") -> str:
        """A name that no other probe has."""
        return f"{stem}-{uuid.uuid4().hex[:12]}"

    @functools.cached_property
    def role(self) -> str:
        """The ARN of a role that functions and services may take, and that allows everything."""
        name = self.name("role")
        arn = self("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self("iam").put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=ANYTHING)
        return str(arn)

    def bucket(self) -> str:
        """A new bucket."""
        name = self.name()
        self("s3").create_bucket(Bucket=name)
        return name

    def queue(self, name: str = "", **attributes: str) -> tuple[str, str]:
        """The URL and ARN of a new queue that anyone may send to."""
        sqs = self("sqs")
        url = sqs.create_queue(QueueName=name or self.name(), Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return str(url), str(arn)

    def messages(self, url: str, count: int = 1, seconds: float = PATIENCE) -> list[dict[str, Any]]:
        """The messages of a queue, once there are so many or the time is over; they are deleted."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + seconds
        while len(found) < count and time.monotonic() < until:
            answer = self("sqs").receive_message(
                QueueUrl=url,
                WaitTimeSeconds=1,
                MaxNumberOfMessages=10,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            for message in answer.get("Messages", []):
                self("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)
        return found

    def bodies(self, url: str, count: int = 1, seconds: float = PATIENCE) -> list[Any]:
        """The bodies of `messages`, as JSON; raises Differs if there are fewer."""
        found = [json.loads(message["Body"]) for message in self.messages(url, count, seconds)]
        if len(found) < count:
            raise Differs(f"{len(found)} of {count} messages arrived within {seconds:.0f} s")
        return found

    def function(self, code: str, **options: Any) -> str:
        """The name of a new function whose index.py has this code; it's awaited."""
        name = self.name()
        options.setdefault("Code", {"ZipFile": zipped({"index.py": code})})
        self("lambda").create_function(
            FunctionName=name, Runtime="python3.13", Handler="index.handler", Role=self.role, **options
        )
        self.settled(name)
        return name

    def settled(self, name: str) -> None:
        """Wait until a function is active and its last update is done."""

        def is_settled() -> bool:
            found = self("lambda").get_function_configuration(FunctionName=name)
            return bool(found.get("State", "Active") == "Active" and found.get("LastUpdateStatus") != "InProgress")

        until(is_settled)

    def invoke(self, name: str, event: Any = None, **options: Any) -> dict[str, Any]:
        """Invoke a function; the answer has its payload parsed. Raises Refused if the cloud has no Docker for it."""
        payload = json.dumps(event).encode()
        answer = self("lambda").invoke(FunctionName=name, Payload=payload, **options)
        content = answer["Payload"].read()
        if b"error running docker" in content:
            raise Refused(content.decode())
        return {**answer, "Payload": json.loads(content) if content else None}

    def arn(self, function: str) -> str:
        """The ARN of a function."""
        return str(self("lambda").get_function_configuration(FunctionName=function)["FunctionArn"])

    def ask(
        self, url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request. Names of AWS and below .localhost are this machine, as in the clouds' documentation."""
        parts = urlsplit(url)
        near = parts.hostname == "localhost"
        connection = http.client.HTTPConnection("127.0.0.1", parts.port or self.port, timeout=60)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            given = {**({} if near else {"Host": parts.netloc}), **(headers or {})}
            connection.request(method, target, body, given)
            found = connection.getresponse()
            pairs = [(name.lower(), value) for name, value in found.getheaders()]
            cookies = [value for name, value in pairs if name == "set-cookie"]
            return Answer(found.status, dict(pairs), cookies, found.read())
        finally:
            connection.close()


def until[T](condition: Callable[[], T], seconds: float = PATIENCE) -> T:
    """The condition's value once it's true, or the last one when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.1)


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip archive of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def refused(codes: str, call: Callable[..., Any], **options: Any) -> ClientError:
    """The error of a call that AWS refuses with one of these codes; raises Differs if the call succeeds.

    An error of another kind is raised as it is: the cloud may say that it doesn't have the operation.
    """
    try:
        call(**options)
    except ClientError as error:
        if error.response["Error"]["Code"].rpartition(".")[2] in codes.split("|"):
            return error
        raise
    raise Differs(f"it succeeded, where AWS answers {codes}")
