"""What template.yaml lets through is what the code takes."""

import re
from pathlib import Path
from typing import Any

import pytest

from localaws.events.pattern import compile_pattern
from localaws.template.load import load
from mlops.data.read import FORMATS
from mlops.serving.recording import MIN_CELL_BYTES, Recording
from mlops.serving.settings import ApiSettings
from mlops.settings import read_settings
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
