"""What template.yaml lets through is what the code takes."""

import json
import re
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from localaws.events.pattern import compile_pattern
from localaws.template.load import load
from mlops.data.read import FORMATS
from mlops.monitoring.announce import SOURCE
from mlops.monitoring.due import GRACE
from mlops.monitoring.layout import dataset_key, facts_key, incident_key, report_key, state_key
from mlops.monitoring.log import ALL
from mlops.serving.recording import MIN_CELL_BYTES, Recording
from mlops.serving.settings import ApiSettings
from mlops.settings import MonitorSettings, read_settings
from mlops.training.intake import KEY

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
    "variable", ["FOLLOW_SECONDS", "MAX_ROWS", "MAX_EXPLAINED_ROWS", "CHALLENGER_MILLISECONDS", "RECORD_CELL_BYTES"]
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


def resources() -> Any:
    return load(TEMPLATE).body["Resources"]


def test_functions_of_the_training_image_are_built_once() -> None:
    images = {
        name: (resource["Properties"]["ImageUri"], resource["Metadata"])
        for name, resource in resources().items()
        if resource["Type"] == "AWS::Serverless::Function" and resource["Properties"].get("PackageType") == "Image"
    }
    assert set(images) == {"TrainFunction", "IngestFunction", "MonitorFunction"}
    assert all(image == images["TrainFunction"] for image in images.values())


def test_the_dataset_of_an_incident_may_be_uploaded_and_starts_a_training() -> None:
    key = dataset_key("leaves", "2026-11-29-v3")
    assert KEY.fullmatch(key)
    assert compile_pattern(pattern())({"key": key})
    statements = resources()["MonitorFunction"]["Properties"]["Policies"][0]["Statement"]
    (upload,) = [each for each in statements if each["Sid"] == "UploadDatasets"]
    assert fnmatch(key, upload["Resource"]["Fn::Sub"].removeprefix("${DataBucket.Arn}/"))


def test_monitoring_may_write_where_it_writes_and_send_as_whom_it_sends() -> None:
    statements = {
        each["Sid"]: each for each in resources()["MonitorFunction"]["Properties"]["Policies"][0]["Statement"]
    }
    allowed = statements["KeepStateAndReports"]["Resource"]["Fn::Sub"].removeprefix("${RecordsBucket.Arn}/")
    keys = state_key("m"), incident_key("m", "i"), facts_key("m", "2026-11-29"), report_key("m", "2026-11-29")
    assert all(fnmatch(key, allowed) for key in keys)
    assert statements["SendEvents"]["Condition"] == {"StringEquals": {"events:source": SOURCE}}


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
        "ApiLatency",
        "ApiThrottles",
        "OutOfMemory",
        "ModelRefused",
        "TrainDeadLetters",
        "IngestDeadLetters",
        "MonitorDeadLetters",
        "OldestDataset",
        "MonitoringSilent",
    }
    board = json.loads(resources()["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = board["widgets"][0]["properties"]["alarms"]
    runbook = (TEMPLATE.parent / "docs/monitoring-incidents.md").read_text()
    for name, alarm in alarms.items():
        properties = alarm["Properties"]
        assert properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
        assert len(properties["AlarmDescription"]) > 40
        assert f"${{{name}.Arn}}" in shown
        assert f"`{properties['AlarmName']['Fn::Sub'].removeprefix('${AWS::StackName}-')}`" in runbook


def test_every_function_is_watched_for_want_of_memory_and_monitoring_for_silence() -> None:
    found = resources()
    functions = [
        name.removesuffix("Function") for name, each in found.items() if each["Type"] == "AWS::Serverless::Function"
    ]
    filters = {name for name, each in found.items() if each["Type"] == "AWS::Logs::MetricFilter"}
    assert {f"{name}OutOfMemory" for name in functions} <= filters
    silent = found["MonitoringSilentAlarm"]["Properties"]
    service = found["MonitorFunction"]["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    assert {each["Name"]: each["Value"] for each in silent["Dimensions"]} == {"service": service, "model": ALL}
    assert silent["TreatMissingData"] == "breaching"
