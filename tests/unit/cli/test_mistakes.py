"""A mistake on the command line is named with its remedy before AWS is called."""

from pathlib import Path

import boto3
import pytest

from cli.__main__ import app, main


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without AWS settings."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def error_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(lambda: app(list(words), standalone_mode=False)) == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predict"], "Give either FILE or --row, not both."),
        (["predict", "rows.csv", "--row", "{}"], "Give either FILE or --row, not both."),
        (["predict", "rows.xlsx"], "rows.xlsx doesn't end in .csv, .csv.gz, .parquet, .json"),
        (["predict", "gone.json"], "gone.json can't be read: No such file or directory. Is it the right path?"),
        (["predict", "--row", "5"], "--row contains no rows: write one object"),
        (["logs", "prediction"], "Write `logs prediction ID` to find one prediction"),
        (["logs", "errors", "an-id"], "Write `logs prediction ID` to find one prediction"),
        (["logs", "prediction", "an-id"], "'an-id' is no prediction's id: those are version 7 UUIDs."),
        (["records", "export", "leaves", "rows.xlsx"], "rows.xlsx doesn't end in .csv, .csv.gz, .jsonl"),
        (["records", "show", "leaves", "--since", "soon"], "--since is 'soon'; write a number and a unit"),
        (["records", "count", "leaves", "--to", "2026-11-29"], "--to needs --from."),
        (["feedback", "put", __file__, "--model", "leaves"], "so nothing would read it. Save it in one of these"),
        (["logs", "--since", "soon"], "--since is 'soon'; write a number and a unit, such as 15m"),
        (["logs", "errors", "--query", "fields @message"], "Give either a named query or --query, not both."),
        (
            ["data", "put", __file__, "--model", "leaves"],
            "so it would start no training. Save it in one of these formats.",
        ),
        (["data", "example", "iris-2"], "There is no example 'iris-2'; choose one of: diagnosis, iris"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert message in error_of(capsys, *words)


@pytest.mark.parametrize("words", [["predict", "--row", "{}"], ["logs"], ["models", "list"], ["records", "recover"]])
def test_missing_aws_settings_are_named_with_the_remedy(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    line = error_of(capsys, *words)
    assert "No AWS region is set" in line
    assert "run ./scripts/start" in line
