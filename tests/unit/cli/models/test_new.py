"""`mlops models new` writes a short spec that loads, shows what was inferred, and never overwrites a file."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer
from typer.testing import CliRunner

from cli.__main__ import app, main
from cli.models import draft_report
from examples import EXAMPLES
from mlops.data.inference import draft
from mlops.data.read_csv import read_csv
from mlops.spec import load_table_spec
from tests.model_folders import model_folder

LINES = 25


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for specs, in place of functions/models/."""
    (tmp_path / "models").mkdir()
    with model_folder(tmp_path / "models"):
        yield tmp_path / "models"


def new(*words: str) -> str:
    """Run the command; its standard output."""
    done = CliRunner().invoke(app, ["models", "new", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def fail(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run the command as a terminal does; its one line on standard error."""
    assert main(lambda: app(["models", "new", *words], standalone_mode=False)) == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line


def test_thirty_columns_share_lines(folder: Path, tmp_path: Path) -> None:
    data = load_breast_cancer(as_frame=True)
    file = tmp_path / "biopsies.csv"
    data["frame"].to_csv(file, index=False)
    new("biopsies", str(file), "--target", "target")
    assert len((folder / "biopsies.py").read_text().splitlines()) <= LINES
    assert set(load_table_spec("biopsies").contract.names) == set(data["feature_names"])


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "diagnosis"])
def test_the_spec_is_short_formatted_and_what_was_inferred(name: str, folder: Path, tmp_path: Path) -> None:
    file = EXAMPLES[name].write(tmp_path)
    new(name, str(file), "--target", EXAMPLES[name].target)
    path = folder / f"{name}.py"
    assert len(path.read_text().splitlines()) <= LINES
    made, spec = draft(read_csv(file.read_bytes()), name, EXAMPLES[name].target), load_table_spec(name)
    assert spec.target == made.target
    assert {column.name: column for column in spec.columns} == {column.name: column for column in made.columns}
    assert (spec.key, spec.ignored, spec.max_rejected) == (made.key, made.ignored, made.max_rejected)
    config = Path(__file__).parents[4] / "pyproject.toml"
    for words in (["format", "--check"], ["check"]):
        done = subprocess.run(["ruff", *words, "--config", config, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_terminal_shows_what_was_inferred_and_what_to_do_next(folder: Path, tmp_path: Path) -> None:
    file = EXAMPLES["mixed"].write(tmp_path)
    output = new("mixed", str(file), "--target", "churned")
    assert "churned binary (yes or not)" in output
    assert "income (EUR)" in output
    assert "basic, family, plus" in output
    assert "'customer' identifies each row" in output
    assert f"scripts/mlops data put {file} --model mixed" in output


@pytest.mark.parametrize("libraries", [(), ("catboost",), ("xgboost", "lightgbm")])
def test_boosting_libraries_are_offered_where_they_are_installed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, libraries: tuple[str, ...]
) -> None:
    monkeypatch.setattr(draft_report, "installed_libraries", lambda: libraries)
    file = EXAMPLES["iris"].write(tmp_path)
    output = new("iris", str(file), "--target", "species")
    offered = f"boosting=({', '.join(f'{chr(34)}{name}{chr(34)}' for name in libraries)},)"
    assert (offered in " ".join(output.split())) == bool(libraries)
    assert ("boosting=" in output) == bool(libraries)


def test_json_has_the_whole_contract(folder: Path, tmp_path: Path) -> None:
    file = EXAMPLES["iris"].write(tmp_path)
    document = json.loads(new("iris", str(file), "--target", "species", "--json"))
    assert document["file"] == str(folder / "iris.py")
    assert document["target"]["labels"] == ["setosa", "versicolor", "virginica"]
    assert document["columns"][0] == {"name": "sepal length (cm)", "unit": "cm", "minimum": 0, "maximum": 20}
    assert (document["key"], document["ignored"], document["max_rejected"], document["notes"]) == ([], [], 0, [])


def test_a_spec_is_never_overwritten(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(EXAMPLES["iris"].write(tmp_path))
    (folder / "iris.py").write_text("mine")
    assert "already exists" in fail(capsys, "iris", file, "--target", "species")
    assert (folder / "iris.py").read_text() == "mine"


WRONG = {
    "a near miss": (["iris", "FILE", "--target", "specis"], "did you mean 'species'"),
    "a name that can't be one": (["Iris", "FILE", "--target", "species"], "lower-case letters"),
    "an unknown task": (["iris", "FILE", "--target", "species", "--task", "ranking"], "binary, multiclass, regression"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_argument_is_named_in_one_line_and_nothing_is_written(
    kind: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, message = WRONG[kind]
    file = str(EXAMPLES["iris"].write(tmp_path))
    assert message in fail(capsys, *(file if word == "FILE" else word for word in words))
    assert list(folder.iterdir()) == []


def test_a_name_that_would_be_read_as_several_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text('"a{1..3}",y\n' + "".join(f"{row / 7},{'ab'[row % 2]}\n" for row in range(120)))
    assert "'a{1..3}'" in fail(capsys, "odd", str(file), "--target", "y")


def test_names_with_quotes_and_commas_come_back_as_they_were(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    header = '"say ""hi""","a, b",größe,y\n'
    rows = "".join(f"{row / 7},{row * 13 % 17 + 0.5},{row * 7 % 23 + 0.5},{'ab'[row % 2]}\n" for row in range(120))
    file.write_text(header + rows)
    new("odd", str(file), "--target", "y")
    assert load_table_spec("odd").contract.names == ('say "hi"', "a, b", "größe")
