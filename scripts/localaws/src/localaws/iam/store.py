"""Policies, as moto keeps them: those of roles and users, and those of resources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.backends import get_backend
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from localaws.iam.policy import Kind, MalformedPolicy, Policy, read_policy
from localaws.iam.principals import Principal

# What no policy can be read from allows nothing.
_NOTHING = Policy("none", ())


class PolicyStore:
    """Reads the policies that stand for an account and region now."""

    def __init__(self, account: str, region: str) -> None:
        self._account, self.region = account, region

    def of_identity(self, principal: Principal) -> tuple[tuple[Policy, ...], Policy | None]:
        """The policies of a role or user, and its permissions boundary."""
        entity = self._entity(principal.arn)
        if entity is None:
            return (), None
        kind = "role" if principal.session else "user"
        inline = ((f"{kind}/{entity.name}/{name}", document) for name, document in _inline(entity))
        managed = ((each.arn, _default_version(each)) for each in entity.managed_policies.values())
        policies = tuple(_parsed(name, document, "identity") for name, document in (*inline, *managed))
        boundary = getattr(entity, "permissions_boundary_arn", None)
        if not boundary:
            return policies, None
        found = self._iam.managed_policies.get(boundary) or aws_managed_policy(boundary, self._account, self.region)
        limit = _parsed(boundary, _default_version(found), "identity") if found else _NOTHING
        return policies, limit

    def unique_id(self, principal: Principal) -> str:
        """The id of a role or user, such as AROA…; empty if there's none of that ARN."""
        entity = self._entity(principal.arn)
        return str(entity.id) if entity else ""

    def of_resource(self, arn: str) -> Policy | None:
        """The policy of a resource, if it has one."""
        service = arn.split(":")[2] if arn.startswith("arn:") else ""
        read = {
            "events": self._bus_policy,
            "iam": self._trust_policy,
            "kms": self._key_policy,
            "lambda": self._function_policy,
            "s3": self._bucket_policy,
            "secretsmanager": self._secret_policy,
            "sns": self._topic_policy,
            "sqs": self._queue_policy,
        }.get(service)
        document = read(arn) if read else None
        if not document:
            return None
        name = arn.partition("/")[0] if service == "s3" else arn  # objects have the policy of their bucket
        return _parsed(name, document, "trust" if service == "iam" else "resource")

    def has_object(self, arn: str) -> bool:
        """Whether there is an object; a bucket that is missing is S3's to tell."""
        bucket, _, key = arn.rpartition(":::")[2].partition("/")
        found = self._services("s3", "aws").buckets.get(bucket)
        return found is None or key in found.keys

    def statements(self) -> Iterator[tuple[str, Policy]]:
        """Each role's name, with each of its own policies (AWS's managed ones aren't anybody's to change)."""
        for role in self._iam.roles.values():
            for name, document in _inline(role):
                yield role.name, _parsed(f"role/{role.name}/{name}", document, "identity")

    def _services(self, name: str, region: str | None = None) -> Any:
        """moto's backend of a service, which is imported when it's needed."""
        backends: Any = get_backend(name)  # type: ignore[call-overload]
        return backends[self._account][region or self.region]

    @property
    def _iam(self) -> Any:
        return iam_backends[self._account]["aws"]

    def _entity(self, arn: str) -> Any:
        entities = (*self._iam.roles.values(), *self._iam.users.values())
        return next((entity for entity in entities if entity.arn == arn), None)

    def _trust_policy(self, arn: str) -> str | None:
        role = next((role for role in self._iam.roles.values() if role.arn == arn), None)
        return _text(role.assume_role_policy_document) if role else None

    def _bucket_policy(self, arn: str) -> str | None:
        bucket = self._services("s3", "aws").buckets.get(arn.rpartition(":::")[2].partition("/")[0])
        policy = bucket and bucket.policy
        return policy.decode() if isinstance(policy, bytes) else _text(policy)

    def _queue_policy(self, arn: str) -> str | None:
        queue = self._services("sqs").queues.get(arn.rpartition(":")[2])
        return _text(queue.policy) if queue else None

    def _topic_policy(self, arn: str) -> str | None:
        topic = self._services("sns").topics.get(arn)
        return _text(topic.policy) if topic else None

    def _function_policy(self, arn: str) -> str | None:
        # The policy of a function has the statements of all its versions and aliases.
        name = arn.partition(":function:")[2].partition(":")[0]
        try:
            function = self._services("lambda").get_function(name)
        except UnknownFunctionException:
            return None
        return json.dumps({"Version": "2012-10-17", "Statement": function.policy.statements})

    def _bus_policy(self, arn: str) -> str | None:
        bus = self._services("events").event_buses.get(arn.rpartition("/")[2])
        return _text(bus.policy) if bus else None

    def _key_policy(self, arn: str) -> str | None:
        key = self._services("kms").keys.get(arn.rpartition("/")[2])
        return _text(key.policy) if key else None

    def _secret_policy(self, arn: str) -> str | None:
        secrets = self._services("secretsmanager").secrets.values()
        secret = next((each for each in secrets if each.arn == arn), None)
        return _text(getattr(secret, "policy", None))


def aws_managed_policy(arn: str, account: str, region: str) -> Any:
    """One of AWS's own managed policies, such as AWSLambdaBasicExecutionRole, as moto has it; None if there's none."""
    found = _aws_managed().get(arn)
    return found and AWSManagedPolicy.from_data(found[0], account, region, found[1])


@cache
def _aws_managed() -> dict[str, tuple[str, dict[str, Any]]]:
    known = json.loads(aws_managed_policies_data)
    return {f"arn:aws:iam::aws:policy{data['Path']}{name}": (name, data) for name, data in known.items()}


def _inline(entity: Any) -> Iterator[tuple[str, str]]:
    policies: dict[str, str] = entity.policies
    yield from list(policies.items())


def _default_version(policy: Any) -> str:
    version = next(each for each in policy.versions if each.is_default)
    return _text(version.document) or ""


def _text(document: Any) -> str | None:
    return document if document is None or isinstance(document, str) else json.dumps(document)


@lru_cache(maxsize=1024)
def _parsed(name: str, document: str, kind: Kind) -> Policy:
    try:
        return read_policy(name, document, kind)
    except MalformedPolicy:
        return _NOTHING
