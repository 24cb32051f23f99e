"""Probes of Lambda."""

from __future__ import annotations

import base64
import json

from tests.bench.rivals.cloud import Cloud, refused, until, zipped
from tests.bench.rivals.probe import expect, probe

_GUIDE = "lambda/latest/dg"
_API = "lambda/latest/api"
ECHO = "def handler(event, context):\n    return event\n"
FAIL = "def handler(event, context):\n    raise ValueError('no ' + str(event))\n"


@probe(f"{_GUIDE}/invocation-sync.html")
def answer(cloud: Cloud) -> None:
    """A synchronous call returns what the handler returned, and the version that ran"""
    found = cloud.invoke(cloud.function(ECHO), {"ü": [1.5, None]})
    expect((found["StatusCode"], found["Payload"], found["ExecutedVersion"]), (200, {"ü": [1.5, None]}, "$LATEST"))
    expect("FunctionError" in found, False, "FunctionError")


@probe(f"{_GUIDE}/python-exceptions.html")
def exception(cloud: Cloud) -> None:
    """An exception is a 200 with FunctionError Unhandled, its type, message, request id and stack trace"""
    found = cloud.invoke(cloud.function(FAIL), 1)
    payload = found["Payload"]
    names = (found["StatusCode"], found["FunctionError"], payload["errorType"], payload["errorMessage"])
    expect(names, (200, "Unhandled", "ValueError", "no 1"))
    expect({"requestId", "stackTrace"} <= set(payload), True, "requestId and stackTrace")


@probe(f"{_GUIDE}/configuration-timeout.html")
def timeout(cloud: Cloud) -> None:
    """A handler over its timeout ends with `Task timed out after 1.00 seconds`"""
    name = cloud.function("import time\ndef handler(event, context):\n    time.sleep(10)\n", Timeout=1)
    found = cloud.invoke(name)
    expect(found.get("FunctionError"), "Unhandled")
    expect("Task timed out after 1.00 seconds" in found["Payload"]["errorMessage"], True, str(found["Payload"]))


@probe(f"{_GUIDE}/configuration-memory.html")
def memory(cloud: Cloud) -> None:
    """A handler over its memory ends with a FunctionError"""
    code = "def handler(event, context):\n    block = bytearray(400 * 1024 * 1024)\n    return len(block)\n"
    found = cloud.invoke(cloud.function(code, MemorySize=128, Timeout=20))
    expect(found.get("FunctionError"), "Unhandled")


@probe(f"{_API}/API_Invoke.html")
def log_tail(cloud: Cloud) -> None:
    """LogType Tail returns the call's log: START, output, END and REPORT with the memory size"""
    name = cloud.function("def handler(event, context):\n    print('spoken')\n", MemorySize=256)
    log = base64.b64decode(cloud.invoke(name, LogType="Tail").get("LogResult", "")).decode()
    words = ("START RequestId:", "spoken", "END RequestId:", "REPORT RequestId:", "Memory Size: 256 MB")
    expect([word for word in words if word not in log], [], "absent from the log")


@probe(f"{_GUIDE}/python-context.html")
def context(cloud: Cloud) -> None:
    """The context has the function's name, memory, version and the ARN that was called, with its alias"""
    code = (
        "def handler(event, context):\n    return [context.function_name, context.memory_limit_in_mb,"
        " context.function_version, context.invoked_function_arn, context.get_remaining_time_in_millis() > 0]\n"
    )
    name = cloud.function(code, MemorySize=256)
    version = cloud("lambda").publish_version(FunctionName=name)["Version"]
    arn = cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion=version)["AliasArn"]
    found = cloud.invoke(name, Qualifier="live")["Payload"]
    expect([found[0], str(found[1]), *found[2:]], [name, "256", version, arn, True])


@probe(f"{_GUIDE}/configuration-envvars.html")
def environment(cloud: Cloud) -> None:
    """A function has its own variables and Lambda's"""
    code = "import os\ndef handler(event, context):\n    return [os.environ.get(name) for name in event]\n"
    name = cloud.function(code, Environment={"Variables": {"OWN": "1"}}, MemorySize=256)
    names = ["OWN", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "LAMBDA_TASK_ROOT", "_HANDLER", "AWS_REGION"]
    found = cloud.invoke(name, names)["Payload"]
    expect(found, ["1", "256", "/var/task", "index.handler", "us-east-1"])


@probe(f"{_GUIDE}/configuration-envvars.html")
def reserved_variable(cloud: Cloud) -> None:
    """A reserved variable is refused with InvalidParameterValueException"""
    given = {"Environment": {"Variables": {"AWS_REGION": "mars"}}}
    refused("InvalidParameterValueException", cloud.function, code=ECHO, **given)


@probe(f"{_GUIDE}/gettingstarted-limits.html")
def large_environment(cloud: Cloud) -> None:
    """Variables over 4 KB are refused with InvalidParameterValueException"""
    given = {"Environment": {"Variables": {"LARGE": "x" * 5000}}}
    refused("InvalidParameterValueException", cloud.function, code=ECHO, **given)


@probe(f"{_API}/API_CreateFunction.html")
def limits(cloud: Cloud) -> None:
    """A timeout of 901 seconds and a memory of 64 MB are refused with ValidationException"""
    codes = "ValidationException|InvalidParameterValueException"
    refused(codes, cloud.function, code=ECHO, Timeout=901)
    update = cloud("lambda").update_function_configuration
    refused(codes, update, FunctionName=cloud.function(ECHO), MemorySize=20000)


@probe(f"{_API}/API_CreateFunction.html")
def absent_code(cloud: Cloud) -> None:
    """Code whose object doesn't exist is refused with InvalidParameterValueException"""
    code = {"S3Bucket": cloud.bucket(), "S3Key": "none.zip"}
    refused("InvalidParameterValueException", cloud.function, code="", Code=code)


@probe(f"{_GUIDE}/configuration-versions.html")
def versions(cloud: Cloud) -> None:
    """A published version keeps its code when the function's changes"""
    name = cloud.function("def handler(event, context):\n    return 'old'\n")
    version = cloud("lambda").publish_version(FunctionName=name)["Version"]
    new = zipped({"index.py": "def handler(event, context):\n    return 'new'\n"})
    cloud("lambda").update_function_code(FunctionName=name, ZipFile=new)
    cloud.settled(name)
    found = [cloud.invoke(name, Qualifier=each)["Payload"] for each in (version, "$LATEST")]
    expect(found, ["old", "new"])


@probe(f"{_GUIDE}/configuring-alias-routing.html")
def weights(cloud: Cloud) -> None:
    """An alias with a weight of one half calls both of its versions"""
    name = cloud.function("def handler(event, context):\n    return context.function_version\n")
    first = cloud("lambda").publish_version(FunctionName=name)["Version"]
    cloud("lambda").update_function_configuration(FunctionName=name, Description="second")
    cloud.settled(name)
    second = cloud("lambda").publish_version(FunctionName=name)["Version"]
    routing = {"AdditionalVersionWeights": {second: 0.5}}
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion=first, RoutingConfig=routing)
    found = {cloud.invoke(name, Qualifier="live")["Payload"] for _ in range(40)}
    expect(found, {first, second})


@probe(f"{_GUIDE}/invocation-async-retain-records.html")
def on_failure(cloud: Cloud) -> None:
    """An asynchronous call that fails reaches its OnFailure destination as RetriesExhausted, with the request"""
    name, (url, arn) = cloud.function(FAIL), cloud.queue()
    cloud("lambda").put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    expect(cloud.invoke(name, {"n": 1}, InvocationType="Event")["StatusCode"], 202)
    found = cloud.bodies(url)[0]
    context = found["requestContext"]
    expect((context["condition"], context["approximateInvokeCount"]), ("RetriesExhausted", 1))
    expect((found["requestPayload"], found["responsePayload"]["errorType"]), ({"n": 1}, "ValueError"))


@probe(f"{_GUIDE}/invocation-async-retain-records.html")
def on_success(cloud: Cloud) -> None:
    """An asynchronous call that succeeds reaches its OnSuccess destination with the response"""
    name, (url, arn) = cloud.function(ECHO), cloud.queue()
    cloud("lambda").put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    cloud.invoke(name, {"n": 1}, InvocationType="Event")
    found = cloud.bodies(url)[0]
    expect((found["requestContext"]["condition"], found["responsePayload"]), ("Success", {"n": 1}))


@probe(f"{_GUIDE}/invocation-async-retain-records.html")
def dead_letter(cloud: Cloud) -> None:
    """A dead-letter queue gets the event, with the attributes RequestID, ErrorCode and ErrorMessage"""
    url, arn = cloud.queue()
    name = cloud.function(FAIL, DeadLetterConfig={"TargetArn": arn})
    cloud("lambda").put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    cloud.invoke(name, {"n": 1}, InvocationType="Event")
    found = (cloud.messages(url) or [{"Body": "null", "MessageAttributes": {}}])[0]
    expect(json.loads(found["Body"]), {"n": 1})
    names = {"RequestID", "ErrorCode", "ErrorMessage"}
    expect(names <= set(found.get("MessageAttributes", {})), True, "attributes")


@probe(f"{_GUIDE}/configuration-concurrency.html")
def no_concurrency(cloud: Cloud) -> None:
    """A function with a reserved concurrency of 0 answers TooManyRequestsException with its reason"""
    name = cloud.function(ECHO)
    cloud("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    error = refused("TooManyRequestsException", cloud.invoke, name=name)
    expect(error.response.get("Reason"), "ReservedFunctionConcurrentInvocationLimitExceeded")


@probe(f"{_GUIDE}/packaging-layers.html")
def layers(cloud: Cloud) -> None:
    """Layers are in /opt in their order: modules of `python/` and data, the later over the earlier"""
    arns = []
    for number in (1, 2):
        files = {"python/shared.py": f"NUMBER = {number}\n", f"data/{number}.txt": str(number)}
        layer = cloud("lambda").publish_layer_version(
            LayerName=cloud.name(), Content={"ZipFile": zipped(files)}, CompatibleRuntimes=["python3.13"]
        )
        arns.append(layer["LayerVersionArn"])
    code = (
        "import shared\ndef handler(event, context):\n"
        "    return [shared.NUMBER, open('/opt/data/1.txt').read(), open('/opt/data/2.txt').read()]\n"
    )
    expect(cloud.invoke(cloud.function(code, Layers=arns))["Payload"], [2, "1", "2"])


@probe(f"{_GUIDE}/lambda-runtime-environment.html")
def file_system(cloud: Cloud) -> None:
    """/tmp can be written, /var/task can be read only"""
    code = (
        "import os\ndef handler(event, context):\n    found = []\n    for folder in ('/tmp', '/var/task'):\n"
        "        try:\n            open(folder + '/probe.txt', 'w').close()\n            found.append('written')\n"
        "        except OSError:\n            found.append('refused')\n"
        "    return [*found, os.path.dirname(os.path.abspath(__file__)), os.getcwd()]\n"
    )
    expect(cloud.invoke(cloud.function(code))["Payload"], ["written", "refused", "/var/task", "/var/task"])


@probe(f"{_GUIDE}/configuration-ephemeral-storage.html")
def ephemeral_storage(cloud: Cloud) -> None:
    """/tmp ends at the size of EphemeralStorage, 512 MB"""
    code = (
        "def handler(event, context):\n    try:\n        with open('/tmp/big', 'wb') as file:\n"
        "            for _ in range(600):\n                file.write(bytes(1024 * 1024))\n"
        "    except OSError as error:\n        return error.errno\n    return 0\n"
    )
    name = cloud.function(code, Timeout=30, MemorySize=1024)
    expect(cloud.invoke(name)["Payload"], 28, "errno, ENOSPC is 28")


@probe(f"{_GUIDE}/gettingstarted-limits.html")
def large_answer(cloud: Cloud) -> None:
    """An answer over 6 MB is a FunctionError of the type Function.ResponseSizeTooLarge"""
    found = cloud.invoke(cloud.function("def handler(event, context):\n    return 'x' * 7_000_000\n"))
    expect(found.get("FunctionError"), "Unhandled")
    expect(found["Payload"]["errorType"], "Function.ResponseSizeTooLarge")


@probe(f"{_API}/API_Invoke.html")
def dry_run(cloud: Cloud) -> None:
    """A dry run answers 204 and runs nothing"""
    expect(cloud.invoke(cloud.function(FAIL), InvocationType="DryRun")["StatusCode"], 204)


def _mapped(cloud: Cloud, code: str, url: str, arn: str, **options: object) -> str:
    name = cloud.function(code, Timeout=5)
    mapping = cloud("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=arn, **options)
    until(lambda: cloud("lambda").get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled")
    return name


_PARTLY = (
    "def handler(event, context):\n"
    "    bad = [record['messageId'] for record in event['Records'] if record['body'] == 'bad']\n"
    "    return {'batchItemFailures': [{'itemIdentifier': each} for each in bad]}\n"
)


@probe(f"{_GUIDE}/services-sqs-errorhandling.html")
def partial_batch(cloud: Cloud) -> None:
    """Of a batch only the messages that the function reports as failed go back, and then to the dead letters"""
    dead_url, dead_arn = cloud.queue()
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url, arn = cloud.queue(VisibilityTimeout="5", RedrivePolicy=policy)
    _mapped(cloud, _PARTLY, url, arn, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"])
    for body in ("good", "bad"):
        cloud("sqs").send_message(QueueUrl=url, MessageBody=body)
    expect([message["Body"] for message in cloud.messages(dead_url, 1, 30)], ["bad"])


_FORWARD = (
    "import boto3, json, os\n"
    "def handler(event, context):\n"
    "    boto3.client('sqs').send_message(QueueUrl='%s', MessageBody=json.dumps(event))\n"
)


@probe(f"{_GUIDE}/with-sqs-filtering.html")
def filtered_source(cloud: Cloud) -> None:
    """Messages that don't match the filters of an event source are deleted, and the function isn't called"""
    (url, arn), (answers, _) = cloud.queue(), cloud.queue()
    pattern = json.dumps({"body": {"kind": ["a"]}})
    _mapped(cloud, _FORWARD % answers, url, arn, BatchSize=1, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    for kind in ("b", "a"):
        cloud("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"kind": kind}))
    found = [json.loads(event["Records"][0]["body"]) for event in cloud.bodies(answers, 1, 20)]
    expect(found, [{"kind": "a"}])
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_empty() -> bool:
        left = cloud("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return bool([left[name] for name in names] == ["0", "0"])

    expect(until(is_empty), True, "an empty queue")


@probe(f"{_GUIDE}/with-sqs.html")
def calls_back(cloud: Cloud) -> None:
    """A function reaches the cloud with the SDK, by its own role and region"""
    url, _ = cloud.queue()
    found = cloud.invoke(cloud.function(_FORWARD % url, Timeout=20), {"n": 1})
    expect(found.get("FunctionError"), None, str(found["Payload"]))
    expect(cloud.bodies(url), [{"n": 1}])
