"""Whether the template's policies allow the calls on record, and refuse plain HTTP."""

from collections.abc import Iterator, Sequence

from localaws.iam.evaluation import Call, Policies, decide
from localaws.iam.policy import Kind, Policy, read_policy
from localaws.iam.principals import Principal
from localaws.settings import ACCOUNT
from tests.permissions.record import Recorded
from tests.permissions.template import Place

_ANYTHING = read_policy(
    "anything", {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)


def complaints(places: Sequence[Place], calls: Sequence[Recorded], buckets: Sequence[str]) -> Iterator[str]:
    """A line for each call on record that isn't allowed, and for each of the buckets (ARNs) that takes plain HTTP."""
    for call in calls:
        decision = decide(_call(call), _policies(places, call.caller, call.resource))
        if not decision.allowed:
            needed = " and ".join(call.statements)
            yield f"{call.caller} may not {call.action} on {call.resource}: it needs {needed}. Seen in {call.seen_in}"
    for bucket in buckets:
        plain = {"aws:securetransport": ("false",)}
        asked = Call(_principal(f"arn:aws:iam::{ACCOUNT}:role/any"), "s3:GetObject", f"{bucket}/a", ACCOUNT, plain)
        if decide(asked, Policies((_ANYTHING,), _policy(places, "resource", bucket))).allowed:
            name = bucket.rpartition(":")[2]
            yield f"{name} may be read by plain HTTP: it needs {name}Policy/DenyPlainHttp"


def _call(call: Recorded) -> Call:
    context = {key: tuple(values) for key, values in call.context.items()}
    return Call(_principal(call.caller), call.action, call.resource, ACCOUNT, context)


def _principal(caller: str) -> Principal:
    if not caller.startswith("arn:"):
        return Principal(ACCOUNT, service=caller)
    name = caller.rpartition("/")[2]
    return Principal(ACCOUNT, caller, f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session")


def _policies(places: Sequence[Place], caller: str, resource: str) -> Policies:
    identity = _policy(places, "identity", caller)
    own = resource.partition("/")[0] if resource.startswith("arn:aws:s3:") else resource
    of_resource = _policy(places, "resource", own) or _policy(places, "trust", own)
    return Policies((identity,) if identity else (), of_resource)


def _policy(places: Sequence[Place], kind: Kind, of: str) -> Policy | None:
    statements = [place.document for place in places if place.kind == kind and place.of == of]
    if not statements:
        return None
    return read_policy(of, {"Version": "2012-10-17", "Statement": statements}, kind)
