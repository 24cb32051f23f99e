"""A mistake on the command line is named, with what to do, before anything is asked of AWS."""

from pathlib import Path

import boto3
import pytest

from cli.__main__ import app, main


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS settings at all."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(lambda: app(list(words), standalone_mode=False)) == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["predict"], "Give either a FILE or --row, and not both."),
        (["predict", "rows.csv", "--row", "{}"], "Give either a FILE or --row, and not both."),
        (["predict", "rows.xlsx"], "rows.xlsx doesn't end in .csv, .csv.gz, .parquet, .json"),
        (["predict", "gone.json"], "gone.json can't be read: No such file or directory. Is it the right path?"),
        (["predict", "--row", "5"], "--row holds no rows: write one object"),
        (["logs", "--since", "soon"], "--since is 'soon'; write a number and a unit, such as 15m"),
        (["logs", "errors", "--query", "fields @message"], "Give either a named query or --query, and not both."),
        (["data", "put", __file__, "--model", "leaves"], "no training would start by it. Save it as one of these."),
        (["data", "example", "iris-2"], "There is no example 'iris-2'; there is: diagnosis, iris"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    assert told in said(capsys, *words)


@pytest.mark.parametrize("words", [["predict", "--row", "{}"], ["logs"], ["models", "list"]])
def test_missing_aws_settings_are_named_with_what_to_do(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    line = said(capsys, *words)
    assert "No AWS region is set" in line
    assert "source .localaws/env" in line
