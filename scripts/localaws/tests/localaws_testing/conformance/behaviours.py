"""What local AWS does as AWS, other than single properties of templates: a row of the conformance table each."""

from __future__ import annotations

from collections.abc import Mapping

from localaws_testing.conformance import codedeploy_behaviours, stepfunctions_behaviours
from localaws_testing.conformance.authorization_behaviours import AUTHORIZATION
from localaws_testing.conformance.batch_behaviours import BATCH
from localaws_testing.conformance.ecs_behaviours import ECS
from localaws_testing.conformance.iam_behaviours import ENFORCEMENT, EVALUATION
from localaws_testing.conformance.lambda_behaviours import LAMBDA

# Section → the name that a test's mark uses → the behaviour.
BEHAVIOURS: Mapping[str, Mapping[str, str]] = {
    "IAM's decision about a call": EVALUATION,
    "IAM looked at": ENFORCEMENT,
    **stepfunctions_behaviours.SECTIONS,
    **codedeploy_behaviours.SECTIONS,
    "ECS": ECS,
    "AWS Batch": BATCH,
    "CloudFormation": {
        "cdk assemblies": "the folder that `cdk synth` writes is deployed: all of its stacks, with their assets",
        "cloudformation invalid templates": (
            "an invalid template or parameter, or an unsupported part, is a `ValidationError` and leaves no stack"
        ),
        "cloudformation taken names": "a resource whose custom name is taken fails: it `already exists`, in stack …",
        "cloudformation exports in use": "values that another stack imports can't be deleted or changed",
        "cloudformation missing code": "code whose object doesn't exist fails its resource, and the stack rolls back",
        "cloudformation includes": "`AWS::Include` of files and objects, in sections, resources and properties",
        "cloudformation failed creations": "`OnFailure` and `DisableRollback` decide what becomes of a failed stack",
        "cloudformation protection": "a stack with termination protection isn't deleted, nor those nested in it",
        "cloudformation refused operations": (
            "drift detection, imports of resources, stack policies, notifications, rollback triggers and retained "
            "resources of a deletion are refused by name"
        ),
        "cloudformation limits": (
            "templates over 51,200 bytes in a request or 1 MB in a bucket, names that aren't alphanumeric, long "
            "descriptions, too many items, another version, outputs that aren't texts and `Fn::Select` out of range "
            "leave no stack"
        ),
        "cloudformation stack tags": "the tags of a stack are those of its resources, whose own take precedence",
        "cloudformation change sets": "a change set names the properties that change, and which need a replacement",
        "cloudformation failed change sets": "a change set that failed or doesn't exist isn't executed",
    },
    "Durable functions": {
        "durable executions": (
            "a call of a durable function is an execution: it's waited for, or started and described by the API, goes "
            "on over several invocations, has a name that stands for one execution, and ends at its timeout"
        ),
        "waits of durable executions": "waits, and delays before a step's next attempt, end on local AWS's clock",
        "callbacks of durable executions": "callbacks are answered, kept alive, and time out",
        "calls of other functions by durable executions": "the result or error of another function ends the operation",
    },
    "SQS": {
        "queue batches of 6 MB": "a batch for a function is closed before its event is larger than 6 MB",
        "queue depth": "sending, receiving and deleting cost the same however many messages wait",
        "queue dead letter source": "dead letters have the attribute `DeadLetterQueueSourceArn`",
        "queue move tasks": "`StartMessageMoveTask`, `ListMessageMoveTasks` and `CancelMessageMoveTask`",
        "queue fifo names": "the names of FIFO queues end with `.fifo`, and no others do",
        "queue sequence numbers": "sequence numbers of FIFO queues grow; a duplicate has the ids of the first message",
        "queue deduplication scopes": "deduplication ids count in the queue or in their group",
        "queue dead letter kinds": "dead letters go to a queue of the same kind",
        "queue receive attempts": "a `ReceiveRequestAttemptId` that comes again in five minutes is refused by name",
        "queue redrive permissions": "`RedriveAllowPolicy` decides which queues may use one for their dead letters",
        "queue deleted names": "the name of a deleted queue can be used again after 60 seconds of local AWS's clock",
        "queue limits": "attributes and messages outside of SQS's limits are refused",
    },
    "SNS": {
        "topic limits": "empty and large messages and batches, subjects, and FIFO messages without a group are refused",
        "message attributes": "names, types and values of attributes that SQS and SNS refuse are refused",
        "topic attributes": "attributes of topics and subscriptions that they can't have, or that differ, are refused",
        "topic fifo": "FIFO topics number their messages and publish none twice in five minutes",
        "topic confirmations": "an e-mail address that subscribes is pending; its ARN is answered if it's asked for",
    },
    "Secrets Manager and Parameter Store": {
        "secret stages": "the version with the label `AWSCURRENT` is read, wherever the label was moved",
        "secret requests": (
            "versions without labels are listed on demand; rotations without a function and malformed "
            "policies are refused; a secret is deleted at the end of its recovery window, on local AWS's clock"
        ),
        "parameter requests": "parameters tell the version or label by which they were asked for; lists have pages",
        "secret limits": "names, sizes, contents and deleted secrets that Secrets Manager refuses are refused",
        "parameter limits": "names, sizes, paths, versions and labels that Parameter Store refuses are refused",
        "parameter patterns": "a value that `AllowedPattern` doesn't allow, of this version or the last, is refused",
    },
    "KMS": {
        "kms requests": (
            "keys are for one use, wrong signatures and keys are errors, and a key is deleted when its days have "
            "passed on local AWS's clock"
        ),
        "kms key states": "keys that are disabled or wait for their deletion neither encrypt, decrypt, sign nor verify",
    },
    "DynamoDB": {
        "table names": "tables and indexes have names of 3 to 255 letters, digits, `_`, `-`, `.`; others are refused",
        "dynamodb requests": (
            "expressions, names, values, keys, items, batches and transactions that DynamoDB refuses are refused, and "
            "write nothing"
        ),
        "dynamodb numbers": "numbers are stored without exponent and without zeros that mean nothing",
        "dynamodb comparisons": (
            "in conditions values of different types are neither equal nor in order, and what's missing is equal to "
            "nothing"
        ),
        "dynamodb expiry": "items are deleted after their time to live, on local AWS's clock, by the service itself",
        "dynamodb projections": "a projection has all parts that its paths lead to, elements of lists in their order",
        "dynamodb capacity": "consumed capacity is by the sizes of items read and written, in tables and indexes",
        "dynamodb pages": "a page with as many items as its limit has a last key, even if nothing follows",
        "partiql statements": (
            "statements of PartiQL read and write as the requests do that they stand for: keys find, other conditions "
            "hold or fail, streams have what's written"
        ),
        "partiql pages": "pages of PartiQL's SELECT end at the limit and go on by their token",
        "partiql refusals": "statements that DynamoDB refuses are refused with its messages",
        "partiql batches": "each statement of a batch succeeds or fails by itself, with its own code",
        "partiql transactions": "the statements of a transaction succeed together, or none does, with reasons",
        "dynamodb transaction tokens": "a transaction with a client's token happens once within ten minutes",
    },
    "S3": {
        "s3 content types": "an upload of any content type is stored as it is, forms too",
        "s3 notification keys": "keys in notifications are encoded like a form, but for their slashes",
        "s3 conditions": "conditions of reads, writes and copies decide as documented",
        "s3 uploads": (
            "unknown uploads, parts out of order, and keys, metadata, part numbers and checksums that S3 refuses, "
            "are refused"
        ),
        "s3 listings": "pages have at most 1,000 keys and common prefixes",
        "s3 delete markers": "delete markers are named in answers, and none of a bucket's objects",
        "s3 form policies": "the policy of a form is signed and limits its upload, and the answer describes the object",
        "s3 signatures": (
            "signatures in headers and presigned URLs are verified, with the content, by the keys of roles and users "
            "and the account's known ones; a URL and a request expire, by the clock that signed them"
        ),
        "s3 cors": "preflight requests and answers follow the rules of their bucket",
        "s3 checksums": (
            "every object has a checksum, CRC64NVME unless the client chooses, for the whole or its parts; another one "
            "than the content's is refused"
        ),
        "s3 defaults": "a new bucket encrypts, is its owner's alone and blocks public access lists and policies",
        "s3 lifecycle headers": "answers say when a rule ends an object or aborts an upload",
        "s3 settings": (
            "notifications that overlap, policies, lifecycle rules and tags that S3 refuses are refused; so are events "
            "that aren't sent, and suspended versions"
        ),
        "s3 refused by name": "keys of customers, appending, `SelectObjectContent` and conditional batches are refused",
    },
    "CloudWatch Logs": {
        "logs order": "a batch of events that isn't in the order of their times, or spans over a day, is refused",
        "logs names": "names that groups and streams can't have are refused; groups are found by a part of theirs",
        "logs on disk": "events are on disk, and with `--keep` there again at the next start, even after a crash",
        "logs pages": "`GetLogEvents` pages both ways, and goes on with the events that arrive later",
        "logs retention": "events older than their group's retention are deleted, by local AWS's clock",
        "logs deletion": "deleting a group or a stream frees its space",
        "logs follow": "`localaws logs --follow` prints events as they arrive",
        "logs live tail": "`StartLiveTail` is refused by name",
        "logs requests": "requests outside of the limits of CloudWatch Logs are refused, and so are destinations",
    },
    "all services": {
        "model constraints": (
            "lengths, ranges, patterns and enumerations of the models of CloudFormation, DynamoDB, EventBridge and its "
            "Scheduler, IAM, KMS, Secrets Manager and Systems Manager, with AWS's messages"
        ),
        "unsupported operations": "an operation that local AWS lacks is refused by name, in its protocol's own error",
        "failed operations": "a request that can't be handled is answered by an error of its protocol, never by a page",
    },
    "Lambda": LAMBDA,
    "events": {
        "events flat fields": (
            "patterns match as in Event Ruler: keys with dots are nested keys, arrays are transparent, fields of one "
            "array must be of one element, `exists` looks at leaves"
        ),
        "events input transformers": (
            "templates are filled with variables, wildcards and all reserved variables, quoted as documented; JSON is "
            "minified, and a result that isn't JSON isn't delivered"
        ),
        "events dead letters": (
            "undelivered events of rules and schedules have the documented message attributes, with an `ERROR_CODE`"
        ),
        "topic dead letters": (
            "an undelivered message is in its subscription's dead-letter queue as a notification, or raw with its "
            "attributes, and has the error in attributes; messages that the filter policy rejects aren't there"
        ),
        "events limits": (
            "requests over 1 MB or ten entries, details that aren't objects, names of rules with other characters, a "
            "sixth target of a rule, two kinds of input of a target, impossible numeric ranges, windows and retries of "
            "schedules outside of their ranges, and a flexible window without its minutes are refused"
        ),
        "events archives": "archives and replays are refused by name",
        "scheduler requests": (
            "client tokens, groups, windows and dates of schedules; an update replaces all of a schedule"
        ),
        "events unknown targets": "targets of rules and schedules that aren't supported are refused by name",
        "events rates": "a rate of the Scheduler begins at once or at its `StartDate`, a rule's after one period",
        "events topic filters": "filter policies of subscriptions have all of SNS's operators, in both scopes",
    },
    "CloudWatch alarms": {
        "composite alarms": (
            "composite alarms follow the alarms of their rules, run their actions, and have events, messages, payloads "
            "and a history of their own"
        ),
        "composite alarm rules": "rules: states of alarms by name or ARN, `AND`, `OR`, `NOT`, parentheses, constants",
        "composite alarm cycles": "evaluation stops in a cycle, and alarms that others depend on can't be deleted",
        "composite alarm suppression": "`ActionsSuppressor` with its wait and extension, on local AWS's clock",
        "metric math gaps": (
            "a point that one of two series lacks is 0, and missing if both do; `FILL` fills by a number, a series, "
            "`REPEAT` or `LINEAR`; alarms on expressions treat what's still missing as `TreatMissingData` says"
        ),
        "alarms: tags": "alarms have tags, and at most five actions of a kind",
        "metrics: labels": "labels of `GetMetricData` have dynamic values and properties; times are refused by name",
        "metrics: pages": "`GetMetricData` pages by `MaxDatapoints`",
        "metrics: requests": "requests outside of the limits of CloudWatch are refused",
        "composite alarm queries": "`DescribeAlarms` by type, children and parents, `DescribeAlarmHistory` by type",
    },
    "HTTP APIs and function URLs": {
        "http refused settings": (
            "a second route with the key of the first, two path parameters of one name, a greedy one that isn't last, "
            "disabled endpoints, mapped parameters of functions and stage variables in URIs are refused by the API"
        ),
        "http head limits": (
            "a request line over 10,240 bytes is a 414, with the values of the headers a 431, for HTTP and REST APIs"
        ),
        "http permissions": (
            "an API that a function's policy doesn't allow to call it answers 500, and a function URL 403, unless IAM "
            "is off"
        ),
        "http malformed responses": (
            "headers and cookies that HTTP can't carry, or that have another form, are a 500, of REST APIs and "
            "function URLs a 502"
        ),
        "http event sizes": "a request whose event would be over 6 MB is a 413",
        "http quick creation": "`CreateApi` with a target makes the integration, the route and the stage",
        "http control plane": (
            "routes without an integration, integrations in use or out of their limits, taken and malformed names of "
            "stages, stages without `AutoDeploy`, and origins without a scheme are refused"
        ),
        "rest content codings": "bodies in `gzip` and `deflate` are unpacked; others, and broken ones, are a 415",
        "rest resource policies": (
            "a REST API's resource policy decides about methods without authorization, and denies others, unless IAM "
            "is off"
        ),
        "rest denials": "a request that an authorizer's policy denies gets a `Message` with a capital letter",
        "http malformed bodies": "a structured response whose body isn't text is a 500, of a function URL a 502",
        "rest empty bodies": "without proxy integration and template, a request without a body is the event `{}`",
        "services behind routes": (
            "a route sends a message or puts events without a function, in the name of its role; the service's answer "
            "is the response"
        ),
        "rest methods of services": (
            "a REST API's method calls an action of a service that takes JSON, such as Step Functions, with what its "
            "mapping template makes of the request, in the name of its role"
        ),
        "rest aws variables": (
            "`${AWS::AccountId}`, `${AWS::Partition}` and `${AWS::Region}` in an OpenAPI document are resolved when a "
            "REST API imports it"
        ),
        "http payload 1.0 event": (
            "an integration with payload format 1.0 gets the last value of a repeated header or parameter, and all of "
            "them in the fields of multiple values"
        ),
        "http payload 1.0 authorizer": (
            "the context of payload format 1.0 has an authorizer's context, or a token's claims and scopes, at its top"
        ),
        "http payload 1.0 response": (
            "a response in payload format 1.0 needs its status code; `multiValueHeaders` go before `headers`"
        ),
        "http integration updates": "an integration that is updated serves its routes as it is then",
        "http forwarded headers": (
            "events have `x-forwarded-for`, `-port`, `-proto` and `x-amzn-trace-id`; "
            "addresses that a client sent come first"
        ),
        "http raw path": "`rawPath` is decoded in the events of an HTTP API, and as sent in those of a function URL",
        "http base64 bodies": (
            "bodies other than `text/*`, JSON, XML and JavaScript in UTF-8 arrive in base64, forms and untyped ones too"
        ),
        "http trailing slashes": (
            "a slash at the end of a path counts: `/a/` isn't `/a`, and `/a/{proxy+}` takes it with an empty value"
        ),
        "http access logs": (
            "each request is one line in its stage's log group, refused ones too; a variable without a value is `-`"
        ),
        "http throttling": (
            "each route of a stage has a token bucket of its rate and burst, on local AWS's clock; "
            "a request over it gets "
            '429 `{"message":"Too Many Requests"}`'
        ),
        **AUTHORIZATION,
    },
    "the execution environment of functions": {
        "functions code": (
            "`/var/task` has the code with its packages and can't be written; it's the working directory, "
            "and links out of the source folder are followed as by `sam build`"
        ),
        "functions entry points": (
            "a function of an image runs by the base image's entry point or the runtime interface client, which "
            "`ImageConfig.EntryPoint` can set; others are refused"
        ),
        "functions layers": (
            "`/opt` has the layers, the last one over the others: data, `bin` in PATH, `lib` for the loader, "
            "`python`, and `extensions`, which are started"
        ),
        "functions tmp": (
            "each execution environment has a `/tmp` of its own, which warm calls keep; "
            "it's in memory, and full at the size of `EphemeralStorage`"
        ),
        "functions read only": "everything but `/tmp` is read-only, for the superuser too",
        "functions machine": (
            "of this machine's files functions see the system's only, and no shared memory: "
            "semaphores and queues of `multiprocessing` fail as on AWS"
        ),
        "functions variables": (
            "variables are those of AWS, with its values of PATH and LD_LIBRARY_PATH, and the template's"
        ),
        "functions user namespaces": "it's the same for the superuser and for users who may make user namespaces",
        "functions shared root": (
            "without namespaces functions run on this machine's root: the start prints what isn't as on AWS, "
            "and images with files elsewhere than in `/var/task` are refused by line"
        ),
        "functions leftovers": "what a killed run left in the state folder is removed at the next start",
    },
    "container images": {
        "images files anywhere": (
            "`COPY`, `WORKDIR` and pip's `--target` lead anywhere but to `/tmp`, `/proc`, `/sys` and `/dev`; "
            "edits of copied files are live"
        ),
        "images pip": "`pip install` runs with this Python's packages, in the image's site-packages or its `--target`",
        "images system packages": (
            "`dnf`, `yum`, `microdnf` and `apt-get install` take what this machine has, with a note, and install "
            "what it lacks for the image only where there's apt; other packages are refused by line"
        ),
    },
    "a restart with `--keep`": {
        "keep state machines": (
            "versions go on from their numbers, aliases, activities, and executions with their histories are there; an "
            "execution that ran is ABORTED"
        ),
        "keep deployments": "CodeDeploy's deployments are there; one that ran is Stopped",
        "keep function versions": "versions of functions have their numbers, and go on from them",
        "keep tables": "tables have their items, and no stream tells of them again",
        "keep secrets": "secrets have their versions, generated values too",
        "keep API keys": "keys whose value was generated have it again",
        "keep schedules": "rates go on from when they began, and schedules of no stack are there",
        "keep notes": "what there was that isn't kept is named at the next start, with its count",
    },
    "the start": {
        "start busy ports": (
            "a busy port is named with its process before anything is built; further APIs get free ports"
        ),
    },
}
