"""The requests with which integrations call AWS services, by the URI `arn:aws:apigateway:REGION:SERVICE:action/NAME`.

https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-uri
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from localaws.http.fetch import Pairs, Sent

# Services whose API takes JSON with the action in a header → the beginning of X-Amz-Target, and the version of JSON.
_TARGETS: Mapping[str, tuple[str, str]] = {
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "events": ("AWSEvents", "1.1"),
    "firehose": ("Firehose_20150804", "1.1"),
    "kinesis": ("Kinesis_20131202", "1.1"),
    "logs": ("Logs_20140328", "1.1"),
    "secretsmanager": ("secretsmanager", "1.1"),
    "ssm": ("AmazonSSM", "1.1"),
    "states": ("AWSStepFunctions", "1.0"),
}


def service_request(
    named: tuple[str, str, str], verb: str, query: str, headers: Pairs, body: bytes, access_key: str
) -> Sent:
    """The request for what a URI names: a service, `action` or `path`, and which; signed with a key."""
    service, how, rest = named
    if how == "path":
        path = f"/{rest.lstrip('/')}"
        return Sent(verb, with_query(path, query), headers, body, service, access_key)
    if service in _TARGETS:
        prefix, version = _TARGETS[service]
        kept = [(name, value) for name, value in headers if name.lower() not in ("content-type", "x-amz-target")]
        kept += [("Content-Type", f"application/x-amz-json-{version}"), ("X-Amz-Target", f"{prefix}.{rest}")]
        return Sent(verb, with_query("/", query), kept, body, service, access_key)
    action = urlencode({"Action": rest})
    return Sent(verb, with_query(f"/?{action}", query), headers, body, service, access_key)


def with_query(url: str, query: str) -> str:
    """A URL with more parameters."""
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url
