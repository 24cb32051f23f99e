"""How IAM decides about a call: the rows of the conformance table."""

from collections.abc import Mapping

EVALUATION: Mapping[str, str] = {
    "iam implicit deny": "what no policy allows is denied",
    "iam explicit deny": "a deny decides, in whichever policy it is",
    "iam resource policy alone": "within an account a resource's policy that names role or session is enough",
    "iam account principal": "a resource's policy that names the account leaves it to the account's identities",
    "iam permissions boundary": "a permissions boundary limits what identity policies allow, and allows nothing itself",
    "iam boundary and resource policy": "a boundary limits what a resource's policy gives a role, not its session",
    "iam session policy": "a session policy limits a role's session, and allows nothing itself",
    "iam cross account": "across accounts the identity's and the resource's policies must both allow",
    "iam service principal": "a service needs the resource's policy, which names it",
    "iam confused deputy": "`aws:SourceArn` holds a service to the rule, topic or bucket for which it acts",
    "iam trust policy": "a role is assumed by whom its trust policy names; the account's identities must be allowed to",
    "iam key policy": "a key is closed to identities unless its policy opens it to the account",
    "iam not principal": "`NotPrincipal` with a deny is everybody else",
    "iam statements that decided": "a decision names the statements that made it",
    "iam actions ignore case": "actions have no case, resources do",
    "iam action wildcards": "`*` and `?` in actions",
    "iam resource wildcards": "`*` and `?` in resources, within the parts of an ARN",
    "iam NotAction": "`NotAction` is every other action",
    "iam NotResource": "`NotResource` is every other resource",
    "iam policy variables": "`${aws:username}` and other variables; without a value nothing matches",
    "iam variable defaults": "`${key, 'default'}`",
    "iam literal characters": "`${*}`, `${?}` and `${$}` are the characters themselves",
    "iam wildcards in values": "wildcards in the value of a variable are plain characters",
    "iam older version": "policies of version 2008-10-17, or of none, have no variables",
    "iam malformed policies": "documents that aren't policies are refused with the statement and element",
    "iam StringEquals": "`StringEquals`, with case and without wildcards",
    "iam StringNotEquals": "`StringNotEquals`",
    "iam StringEqualsIgnoreCase": "`StringEqualsIgnoreCase` and `StringNotEqualsIgnoreCase`",
    "iam StringLike": "`StringLike`, with `*` and `?`",
    "iam StringNotLike": "`StringNotLike`",
    "iam Numeric": "`NumericEquals`, `NotEquals`, `LessThan`, `LessThanEquals`, `GreaterThan`, `GreaterThanEquals`",
    "iam Date": "the same for dates, in ISO 8601 or seconds since the epoch",
    "iam Bool": "`Bool`",
    "iam BinaryEquals": "`BinaryEquals`",
    "iam IpAddress": "`IpAddress` and `NotIpAddress`, of both versions",
    "iam Arn": "`ArnEquals`, `ArnLike`, `ArnNotEquals`, `ArnNotLike`, part by part",
    "iam keys ignore case": "the names of condition keys have no case",
    "iam several values": "one of several values is enough; none may match a negated operator",
    "iam several conditions": "all operators and keys of a block must hold",
    "iam missing keys": "a key that a request doesn't have matches nothing, and so a negated operator holds",
    "iam IfExists": "`…IfExists`",
    "iam Null": "`Null`",
    "iam ForAllValues": "`ForAllValues:…`, which no value fulfils too",
    "iam ForAnyValue": "`ForAnyValue:…`",
    "iam variables in conditions": "variables in the values of conditions",
}

ENFORCEMENT: Mapping[str, str] = {
    "iam enforced calls": "calls of functions are denied where their role's policies don't allow them",
    "iam report": "a missing permission is told once: who, action, resource, and the statement that would grant it",
    "iam pass role": (
        "`iam:PassRole` by each operation that gives a service a role, with `iam:PassedToService`; other operations "
        "with roles are refused by name"
    ),
    "iam simulator": (
        "`SimulateCustomPolicy` and `SimulatePrincipalPolicy`: allowed, implicit and explicit denials, boundaries, the "
        "policy of a resource, context keys that are missing; without the statements' positions in their documents"
    ),
    "iam lists": "lists have pages, with `MaxItems` and `Marker`",
    "iam deletions": "users, groups, policies and roles that are in use aren't deleted",
    "iam unused statements": "`localaws iam` lists the statements that nothing has needed",
    "iam used statements": "`localaws iam --json` lists each kind of call with the statements that allowed it",
    "iam protocols": "each protocol has its own error: JSON, query, REST-JSON, REST-XML, CBOR",
    "iam bucket policies": "bucket policies allow and deny",
    "iam missing objects": "who may not list a bucket isn't told that an object is missing",
    "iam copies and batches": "a request needs each of its actions: copies, batches, transactions",
    "iam assumed roles": "keys that STS gives are those of the role, within the session policy; presigned URLs too",
    "iam users": "a user's keys are the user's; other keys are the account's own, and aren't limited",
    "iam deliveries": "services deliver as far as the target's policy names them, or their role allows it",
    "iam delivery sources": "`aws:SourceArn` in a target's policy is the rule, topic, bucket, alarm or API",
    "iam event source mappings": "a queue's event source mapping needs the function's role to receive and delete",
    "iam logs": "a function whose role may not write logs has none",
    "iam HTTP APIs": "an HTTP API needs permission to invoke a function, and else answers 500",
}
