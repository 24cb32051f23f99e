"""What template.yaml lets through is what the code takes."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from localaws.clock import Clock, Timetable
from localaws.codedeploy.configs import predefined
from localaws.events.pattern import compile_pattern
from localaws.metrics.alarms.watch import Alarms
from localaws.metrics.series import Metric
from localaws.metrics.store import Datum, MetricStore
from localaws.stepfunctions.language.validation import validate_value
from localaws.template.load import load
from mlops.artifact.names import changes_key
from mlops.batch.layout import records_key
from mlops.batch.request import BatchRequest
from mlops.console.readers.changes import PATIENCE
from mlops.data.read import FORMATS
from mlops.errors import batch, registry, serving
from mlops.errors.base import MlopsError, SettingInvalid
from mlops.intake.flow import KEY
from mlops.monitoring.announce import SOURCE
from mlops.monitoring.due import GRACE
from mlops.monitoring.layout import dataset_key, events_dataset_key, facts_key, incident_key, report_key, state_key
from mlops.monitoring.log import ALL
from mlops.release.check_key import SECONDS
from mlops.release.checks import PATHS
from mlops.release.traffic import FAILING_SHARE
from mlops.serving.recording import MIN_CELL_BYTES, Recording
from mlops.serving.settings import ApiSettings
from mlops.settings import BatchSettings, CompareSettings, MonitorSettings, TaskSettings, read_settings

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


def pattern() -> Any:
    """The rule's pattern for an uploaded object."""
    resources: Any = load(TEMPLATE).body["Resources"]
    return resources["DatasetUploaded"]["Properties"]["EventPattern"]["detail"]["object"]


@pytest.mark.parametrize("ending", FORMATS)
def test_a_dataset_of_each_format_starts_a_training(ending: str) -> None:
    key = f"datasets/leaves/2026-11{ending}"
    assert KEY.fullmatch(key)
    assert compile_pattern(pattern())({"key": key})


@pytest.mark.parametrize(
    "key",
    [
        "datasets/leaves/a.csv.report.json",
        "rejected/leaves/a.csv.jsonl",
        "datasets/leaves/a.xlsx",
        "other/leaves/a.csv",
    ],
)
def test_reports_rejected_rows_and_other_files_start_none(key: str) -> None:
    assert not KEY.fullmatch(key)
    assert not compile_pattern(pattern())({"key": key})


@pytest.mark.parametrize(
    "variable",
    [
        "FOLLOW_SECONDS",
        "MAX_ROWS",
        "MAX_EXPLAINED_ROWS",
        "ANSWER_DIGITS",
        "KEY_REQUESTS_PER_SECOND",
        "CHALLENGER_MILLISECONDS",
        "RECORD_CELL_BYTES",
    ],
)
def test_what_a_deployment_may_tune_has_the_codes_default_and_a_least_value_that_it_takes(variable: str) -> None:
    body: Any = load(TEMPLATE).body
    given = body["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"][variable]
    parameter, field = body["Parameters"][given["Ref"]], variable.lower()
    assert float(parameter["Default"]) == getattr(ApiSettings(models_bucket="any"), field)
    least = read_settings(ApiSettings, {"MODELS_BUCKET": "any", variable: str(parameter["MinValue"])})
    assert getattr(least, field) == parameter["MinValue"]


def test_a_deployment_may_record_the_inputs_of_all_of_a_share_or_of_none() -> None:
    body: Any = load(TEMPLATE).body
    variables = body["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"]
    parameter = body["Parameters"][variables["RECORD_INPUTS"]["Ref"]]
    assert parameter["Default"] == ApiSettings(models_bucket="any").record_inputs
    least = body["Parameters"][variables["RECORD_CELL_BYTES"]["Ref"]]["MinValue"]
    assert least == MIN_CELL_BYTES
    for given in ("all", "none", "0.1", ".25", "0", "1", "0.001"):
        assert re.fullmatch(parameter["AllowedPattern"], given)
        assert 0 <= Recording.from_settings(given, least).share <= 1
    for given in ("some", "2", "10", "1.5", "-0.1", "", "1e-3"):
        assert not re.fullmatch(parameter["AllowedPattern"], given)


def test_a_deployment_may_make_refused_versions_public_and_doesnt_by_default() -> None:
    body: Any = load(TEMPLATE).body
    given = body["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"]["SERVE_REFUSED_VERSIONS"]
    parameter = body["Parameters"][given["Ref"]]
    served = {
        value: read_settings(
            ApiSettings, {"MODELS_BUCKET": "any", "SERVE_REFUSED_VERSIONS": value}
        ).serve_refused_versions
        for value in parameter["AllowedValues"]
    }
    assert served == {"true": True, "false": False}
    assert served[parameter["Default"]] == ApiSettings(models_bucket="any").serve_refused_versions


@pytest.mark.parametrize("variable", ["OFFER_EXPLANATIONS", "OFFER_VERSIONS", "OFFER_DOCS"])
def test_what_is_offered_can_be_switched_off(variable: str) -> None:
    body: Any = load(TEMPLATE).body
    given = body["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"][variable]
    parameter = body["Parameters"][given["Ref"]]
    read = {
        value: getattr(read_settings(ApiSettings, {"MODELS_BUCKET": "any", variable: value}), variable.lower())
        for value in parameter["AllowedValues"]
    }
    assert read == {"true": True, "false": False}
    assert read[parameter["Default"]] == getattr(ApiSettings(models_bucket="any"), variable.lower())


def test_every_route_is_throttled_and_those_that_read_the_registry_more() -> None:
    found = resources()
    api, events = found["Api"]["Properties"], found["ApiFunction"]["Properties"]["Events"]
    properties = [each["Properties"] for each in events.values() if each["Type"] == "HttpApi"]
    routes = {f"{each['Method']} {each['Path']}" for each in properties if "Path" in each}
    assert set(api["RouteSettings"]) <= routes
    assert set(api["DefaultRouteSettings"]) == {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
    expensive = [route for route in routes if "{version}" in route or route.endswith("/openapi.json")]
    assert {*expensive} <= set(api["RouteSettings"])


def resources() -> Any:
    return load(TEMPLATE).body["Resources"]


def statements(function: str) -> dict[str, Any]:
    """The statements of a function's policy by name, also those that stand there under a condition."""
    (policy,) = resources()[function]["Properties"]["Policies"]
    found = [each["Fn::If"][1] if "Fn::If" in each else each for each in policy["Statement"]]
    return {each["Sid"]: each for each in found}


def test_functions_of_the_training_image_are_built_once() -> None:
    images = {
        name: (resource["Properties"]["ImageUri"], resource["Metadata"])
        for name, resource in resources().items()
        if resource["Type"] == "AWS::Serverless::Function" and resource["Properties"].get("PackageType") == "Image"
    }
    assert set(images) == {
        "TrainFunction",
        "IngestFunction",
        "MonitorFunction",
        "BatchFunction",
        "ReleaseFunction",
        "CompareFunction",
    }
    assert all(image == images["TrainFunction"] for image in images.values())


@pytest.mark.parametrize(
    "key", [dataset_key("leaves", "2026-11-29-v3"), events_dataset_key("shop", datetime(2026, 11, 29, tzinfo=UTC))]
)
def test_the_dataset_of_an_incident_or_of_events_may_be_uploaded_and_starts_a_training(key: str) -> None:
    assert KEY.fullmatch(key)
    assert compile_pattern(pattern())({"key": key})
    upload = statements("MonitorFunction")["UploadDatasets"]
    allowed = [each["Fn::Sub"].removeprefix("${DataBucket.Arn}/") for each in upload["Resource"]]
    assert sum(fnmatch(key, each) for each in allowed) == 1


def test_monitoring_may_write_where_it_writes_and_send_as_whom_it_sends() -> None:
    found = statements("MonitorFunction")
    allowed = found["KeepStateAndReports"]["Resource"]["Fn::Sub"].removeprefix("${RecordsBucket.Arn}/")
    keys = state_key("m"), incident_key("m", "i"), facts_key("m", "2026-11-29"), report_key("m", "2026-11-29")
    assert all(fnmatch(key, allowed) for key in keys)
    assert found["SendEvents"]["Condition"] == {"StringEquals": {"events:source": SOURCE}}


def test_the_schedule_gives_monitoring_its_time() -> None:
    properties = resources()["MonitorFunction"]["Properties"]
    assert json.loads(properties["Events"]["Hourly"]["Properties"]["Input"]) == {
        "time": "<aws.scheduler.scheduled-time>"
    }
    variables = properties["Environment"]["Variables"]
    assert int(variables["TIMEOUT_SECONDS"]) == properties["Timeout"]
    given = dict.fromkeys(("MODELS_BUCKET", *variables), "any") | dict.fromkeys(
        ("RECORD_DELAY_SECONDS", "TIMEOUT_SECONDS"), "1"
    )
    assert read_settings(MonitorSettings, given).alarm_topic == "any"
    # The hour's last records must be there when its run begins.
    parameter = load(TEMPLATE).body["Parameters"]["RecordDelaySeconds"]
    assert properties["Events"]["Hourly"]["Properties"]["ScheduleExpression"] == "cron(20 * * * ? *)"
    assert timedelta(seconds=parameter["Default"]) + GRACE <= timedelta(minutes=20)


def test_every_alarm_tells_people_and_what_helps_and_stands_on_the_dashboard() -> None:
    alarms = {name: each for name, each in resources().items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    assert {name.removesuffix("Alarm") for name in alarms} == {
        "ApiErrors",
        "ReleaseErrors",
        "ApiLatency",
        "ApiThrottles",
        "OutOfMemory",
        "ModelRefused",
        "TrainDeadLetters",
        "IngestDeadLetters",
        "MonitorDeadLetters",
        "OldestDataset",
        "BatchesFailed",
        "MonitoringSilent",
    }
    board = json.loads(resources()["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = board["widgets"][0]["properties"]["alarms"]
    runbook = (TEMPLATE.parent / "docs/monitoring-incidents.md").read_text()
    for name, alarm in alarms.items():
        properties = alarm["Properties"]
        # CodeDeploy acts on that of a release, and tells people what it takes back: nothing pages twice.
        expected = None if name == "ReleaseErrorsAlarm" else [{"Ref": "AlarmTopic"}]
        assert properties.get("AlarmActions") == expected
        assert len(properties["AlarmDescription"]) > 40
        assert f"${{{name}.Arn}}" in shown
        assert (
            f"`{properties['AlarmName']['Fn::Sub'].removeprefix('${AWS::StackName}-').partition('-${')[0]}`" in runbook
        )


def test_new_code_is_checked_watched_by_an_alarm_of_its_own_version_and_told_of_if_taken_back() -> None:
    body: Any = load(TEMPLATE).body
    found = resources()
    preference = found["ApiFunction"]["Properties"]["DeploymentPreference"]
    assert preference["Hooks"] == {"PreTraffic": {"Ref": "ReleaseFunction"}, "PostTraffic": {"Ref": "ReleaseFunction"}}
    assert preference["Alarms"] == [{"Ref": "ReleaseErrorsAlarm"}]
    (trigger,) = preference["TriggerConfigurations"]
    assert (trigger["TriggerTargetArn"], {*trigger["TriggerEvents"]}) == (
        {"Ref": "AlarmTopic"},
        {"DeploymentFailure", "DeploymentStop"},
    )
    # A laptop's deployments take no longer than their checks.
    parameter = body["Parameters"][preference["Type"]["Ref"]]
    assert parameter["Default"] == "AllAtOnce"
    configs = {name.removeprefix("CodeDeployDefault.Lambda") for name in predefined(0)}
    assert {*parameter["AllowedValues"]} == configs
    alarm = found["ReleaseErrorsAlarm"]["Properties"]
    # Each version has an alarm of its own, which begins without a state: a red one doesn't stop a fix.
    assert alarm["AlarmName"]["Fn::Sub"].endswith("-${ApiFunction.Version.Version}")
    assert alarm["Threshold"] == 100 * FAILING_SHARE
    metrics = {each["Id"]: each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each}
    assert {name: metric["MetricName"] for name, metric in metrics.items()} == {
        "errors": "Errors",
        "requests": "Invocations",
        "failed": "RequestFailed",
    }
    for metric in metrics.values():
        assert {"Fn::GetAtt": ["ApiFunction", "Version.Version"]} in [each["Value"] for each in metric["Dimensions"]]
    assert found["ReleaseFunction"]["Properties"]["FunctionName"]["Fn::Sub"].startswith("CodeDeployHook_")


def test_a_release_has_the_time_that_versions_take_which_never_answer() -> None:
    """CodeDeploy waits an hour for a hook that was cut off; its key lives as long as the hook may."""
    start = 10  # seconds that Lambda gives an instance to start
    found = resources()
    hook, api = (found[name]["Properties"]["Timeout"] for name in ("ReleaseFunction", "ApiFunction"))
    assert hook > 2 * len(PATHS) * (api + start)
    assert hook < SECONDS


def test_what_a_client_writes_cant_have_the_last_word_in_the_access_log() -> None:
    """API Gateway writes it as it came. Of two members of one name JSON's readers take the last."""
    form = resources()["Api"]["Properties"]["AccessLogSettings"]["Format"]
    forged = '", "caller": "root", "status": "200", "route": "GET /", "source_ip": "::1", "x": "'
    theirs = {"$context.identity.userAgent": forged, "$context.path": f"/{forged}"}
    assert all(name in form for name in theirs)
    line = json.loads(re.sub(r"\$context\.[\w.]+", lambda found: theirs.get(found[0], "known"), form))
    assert {line[name] for name in ("caller", "status", "route", "source_ip", "time", "request_id")} == {"known"}


def test_every_function_is_watched_for_want_of_memory_and_monitoring_for_silence() -> None:
    found = resources()
    functions = [
        name.removesuffix("Function") for name, each in found.items() if each["Type"] == "AWS::Serverless::Function"
    ]
    filters = {name for name, each in found.items() if each["Type"] == "AWS::Logs::MetricFilter"}
    assert {f"{name}OutOfMemory" for name in functions} <= filters
    service = found["MonitorFunction"]["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    started, completed = (
        each["MetricStat"]["Metric"]["Dimensions"]
        for each in found["MonitoringSilentAlarm"]["Properties"]["Metrics"]
        if "MetricStat" in each
    )
    assert started == [{"Name": "FunctionName", "Value": {"Ref": "MonitorFunction"}}]
    assert {each["Name"]: each["Value"] for each in completed} == {"service": service, "model": ALL}


class Silence:
    """The alarm of silent monitoring on CloudWatch's rules, and hours in which runs are started or complete."""

    def __init__(self) -> None:
        properties = resources()["MonitoringSilentAlarm"]["Properties"]
        named = {"AWS::StackName": "mlops", "MonitorFunction": "monitor"}
        definition = json.dumps({**properties, "AlarmName": "silent", "AlarmActions": ["arn:aws:sns:::ops"]})
        for name, value in named.items():
            definition = definition.replace(json.dumps({"Ref": name}), json.dumps(value))
        self._store, self.messages = MetricStore(), 0
        clock = Clock(lambda: 1_795_428_000.0)
        self._timetable = Timetable(clock)
        alarms = Alarms(self._store, "us-east-1", lambda *_: None, self._send)
        self._alarm, self._now = alarms.put(json.loads(definition), clock.now()), clock.now
        self._timetable.add(alarms)

    def _send(self, *_: object, **__: object) -> None:
        self.messages += 1

    def pass_hours(self, count: int, *, started: bool = False, completed: bool = False) -> str:
        """The alarm's state after `count` hours of a kind."""
        for _ in range(count):
            self._timetable.move(20 * 60)
            if started:
                self._report("AWS/Lambda", "Invocations", FunctionName="monitor")
            if completed:
                self._report("mlops", "MonitoringCompleted", service="monitor", model=ALL)
            self._timetable.move(40 * 60)
        return str(self._alarm.current.state)

    def _report(self, namespace: str, name: str, **dimensions: str) -> None:
        self._store.put(Datum(Metric.of(namespace, name, dimensions), self._now(), {1.0: 1}))


@pytest.mark.parametrize("started", [True, False], ids=["runs fail", "the schedule stops"])
def test_silent_monitoring_is_an_alarm_whether_runs_fail_or_none_is_started(started: bool) -> None:
    silence = Silence()
    assert silence.pass_hours(5, started=True, completed=True) == "OK"
    assert silence.pass_hours(2, started=started) == "OK"
    assert silence.pass_hours(2, started=started) == "ALARM"
    assert silence.pass_hours(30, started=started) == "ALARM"
    assert silence.messages == 1
    assert silence.pass_hours(4, started=True, completed=True) == "OK"


def test_a_new_stack_is_in_no_alarm_until_its_first_runs_fail() -> None:
    silence = Silence()
    assert silence.pass_hours(30) == "INSUFFICIENT_DATA"
    assert silence.pass_hours(2, started=True) == "INSUFFICIENT_DATA"
    assert silence.pass_hours(2, started=True) == "ALARM"
    assert silence.messages == 1


def test_a_deployment_is_open_or_closed_by_keys_as_the_code_knows_it() -> None:
    body: Any = load(TEMPLATE).body
    variables = body["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"]
    parameter = body["Parameters"][variables["AUTHORIZATION"]["Ref"]]
    assert parameter["Default"] == ApiSettings(models_bucket="any").authorization
    for value in parameter["AllowedValues"]:
        settings = {"MODELS_BUCKET": "any", "AUTHORIZATION": value}
        assert read_settings(ApiSettings, settings).authorization == value
    with pytest.raises(SettingInvalid, match="AUTHORIZATION is 'nobody'"):
        read_settings(ApiSettings, {"MODELS_BUCKET": "any", "AUTHORIZATION": "nobody"})
    assert variables["KEYS_TABLE"] == {"Ref": "KeysTable"}


def test_no_function_has_a_secret_among_its_variables() -> None:
    """Whoever may look at a function may read its variables; the secret has a policy of its own."""
    functions = {name: each for name, each in resources().items() if each["Type"] == "AWS::Serverless::Function"}
    for name, each in functions.items():
        variables = each["Properties"]["Environment"]["Variables"]
        assert {"Ref": "PrivacyKey"} not in variables.values(), name
        reads = "ReadPrivacyKey" in statements(name)
        assert reads == ("PRIVACY_KEY_SECRET" in variables), name
    assert sum("ReadPrivacyKey" in statements(name) for name in functions) == 6


def test_code_that_is_no_image_may_have_to_be_signed() -> None:
    functions = [each["Properties"] for each in resources().values() if each["Type"] == "AWS::Serverless::Function"]
    assert all(("CodeSigningConfigArn" in each) == ("PackageType" not in each) for each in functions)


def test_every_bucket_refuses_plain_http_and_the_public_and_drops_what_was_never_finished() -> None:
    found = resources()
    buckets = {name: each["Properties"] for name, each in found.items() if each["Type"] == "AWS::S3::Bucket"}
    assert {*buckets} == {"DataBucket", "ModelsBucket", "RecordsBucket", "AnswersBucket"}
    for name, properties in buckets.items():
        (statement,) = found[f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}, name
        rules = properties["LifecycleConfiguration"]["Rules"]
        assert any("AbortIncompleteMultipartUpload" in rule and "Prefix" not in rule for rule in rules), name


def test_who_gives_no_subnets_has_nothing_of_containers_that_train() -> None:
    condition = "TrainsInContainers"
    body: Any = load(TEMPLATE).body
    assert body["Parameters"]["TrainSubnets"]["Default"] == ""
    assert body["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "TrainSubnets"}, ""]}]}
    for name in ("TrainStateMachine", "TrainCluster", "TrainExecutionRole"):
        assert resources()[name]["Condition"] == condition
    function = resources()["TrainFunction"]["Properties"]
    assert function["Environment"]["Variables"]["TRAIN_MACHINE"]["Fn::If"][::2] == [condition, ""]
    statements = function["Policies"][0]["Statement"]
    of_containers = [each["Fn::If"] for each in statements if "Fn::If" in each and each["Fn::If"][0] == condition]
    assert [each[2] for each in of_containers] == [{"Ref": "AWS::NoValue"}] * 2


def test_a_container_has_the_variables_that_its_entry_point_reads_and_no_others() -> None:
    states = resources()["TrainStateMachine"]["Properties"]["Definition"]["States"]
    (container,) = states["DefineContainer"]["Arguments"]["ContainerDefinitions"]
    names = [variable["Name"] for variable in container["Environment"]]
    assert sorted(names) == sorted(name.upper() for name in TaskSettings.model_fields)
    assert (TEMPLATE.parent / "functions" / container["Command"][0]).is_file()


def test_every_failure_of_a_training_in_containers_is_kept_as_a_dead_letter() -> None:
    states = resources()["TrainStateMachine"]["Properties"]["Definition"]["States"]
    tasks = {name: state for name, state in states.items() if state["Type"] == "Task" and name != "KeepDeadLetter"}
    for name, state in tasks.items():
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
        # A search that can't be run in parts is run whole, by the training.
        assert state["Catch"][-1]["Next"] in ("KeepDeadLetter", "TrainOnDemand", "TrainInFunction"), name
    assert states["TrainInFunction"]["Catch"][-1]["Next"] == "KeepDeadLetter"
    assert states["TrainOnDemand"]["Catch"][-1]["Next"] == "KeepDeadLetter"
    assert states["KeepDeadLetter"]["Next"] == "Failed"


def test_the_console_reads_the_schedules_that_monitoring_and_batches_run_by() -> None:
    found = resources()
    variables = found["ConsoleFunction"]["Properties"]["Environment"]["Variables"]
    hourly = found["MonitorFunction"]["Properties"]["Events"]["Hourly"]["Properties"]
    assert variables["MONITOR_SCHEDULE"] == hourly["Name"]
    assert "GroupName" not in hourly
    assert variables["BATCH_SCHEDULES"] == found["ScheduledBatch"]["Properties"]["GroupName"]


def test_comparisons_may_write_where_they_write_and_the_console_reads_and_waits_as_long() -> None:
    key, function = changes_key("churn", 1, 22), resources()["CompareFunction"]["Properties"]
    for name, statement in (("CompareFunction", "KeepChanges"), ("ConsoleFunction", "ReadChanges")):
        allowed = statements(name)[statement]["Resource"]["Fn::Sub"].removeprefix("${RecordsBucket.Arn}/")
        assert fnmatch(key, allowed)
    assert timedelta(seconds=function["Timeout"]) == PATIENCE
    given = dict.fromkeys(("MODELS_BUCKET", *function["Environment"]["Variables"]), "any")
    assert read_settings(CompareSettings, given).records_bucket == "any"


def test_batches_may_write_what_they_write_and_are_set_up_as_the_api_is() -> None:
    function = resources()["BatchFunction"]["Properties"]
    (records,) = [
        statements("BatchFunction")["StoreRecords"]["Resource"]["Fn::Sub"].removeprefix("${RecordsBucket.Arn}/")
    ]
    assert fnmatch(records_key("m", date(2026, 11, 29), "a" * 32, 7), records)
    variables = function["Environment"]["Variables"]
    serving = resources()["ApiFunction"]["Properties"]["Environment"]["Variables"]
    shared = ("RECORDS_BUCKET", "PRIVACY_KEY_SECRET", "RECORD_INPUTS", "RECORD_CELL_BYTES")
    assert {name: variables[name] for name in shared} == {name: serving[name] for name in shared}
    given = {"MODELS_BUCKET": "m", **dict.fromkeys(variables, "any"), "RECORD_INPUTS": "all"}
    concurrency = load(TEMPLATE).body["Parameters"]["BatchConcurrency"]["Default"]
    given |= {"RECORD_CELL_BYTES": "1024", "BATCH_CONCURRENCY": str(concurrency)}
    assert (
        read_settings(BatchSettings, given).batch_concurrency == BatchSettings.model_fields["batch_concurrency"].default
    )


def test_the_state_machine_of_batches_is_valid_and_gives_up_at_errors_that_exist() -> None:
    machine = resources()["BatchStateMachine"]["Properties"]
    text = (TEMPLATE.parent / machine["DefinitionUri"]).read_text()
    for name in machine["DefinitionSubstitutions"]:
        assert f"${{{name}}}" in text
        text = text.replace(f"${{{name}}}", "arn:aws:lambda:us-east-1:123456789012:function:batch")
    definition = json.loads(text)
    assert validate_value(definition) == []
    tasks = [*definition["States"].values(), *definition["States"]["Score"]["ItemProcessor"]["States"].values()]
    final = {
        name
        for task in tasks
        for retry in task.get("Retry", [])
        if not retry.get("MaxAttempts", 3)
        for name in retry["ErrorEquals"]
    }
    assert "BatchRejected" in final
    errors = {**vars(batch), **vars(registry), **vars(serving)}
    assert all(issubclass(errors[name], MlopsError) for name in final)


def test_a_scheduled_batch_asks_for_what_a_request_may_ask() -> None:
    schedule = resources()["ScheduledBatch"]["Properties"]
    text = schedule["Target"]["Input"]["Fn::Sub"].replace("<aws.scheduler.scheduled-time>", "2026-11-29T03:00:00Z")
    request = BatchRequest.parse(
        json.loads(text.replace("${BatchModel}", "diagnosis").replace("${BatchInput}", "s3://data/batch/{date}/"))
    )
    assert request.source(datetime(2026, 11, 30, tzinfo=UTC)).key == "batch/2026-11-29/"
