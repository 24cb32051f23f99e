"""The commands of `mlops models` on a recommender: list, show, compare, promote, roll back; and a new one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from cli import models as commands
from cli.__main__ import app, main
from cli.models import alias_moves
from cli.models.registered_model import read_model
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.spec import RecommenderSpec, load_spec
from mlops.tracking.mirror import NoMirror
from mlops.training import provenance
from tests.model_folders import model_folder
from tests.unit.mlops.recommend.bench import Bench, make_spec, other_code, shop_files

SPEC = "from tests.unit.mlops.recommend.bench import make_spec\n\nspec = make_spec()\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for specs, in place of functions/models/."""
    (tmp_path / "models").mkdir()
    with model_folder(tmp_path / "models"):
        yield tmp_path / "models"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Bench:
    """A registry with two versions of a shop, the second of another code and fewer candidates."""
    bench = Bench()
    bench.train()
    popular = make_spec(candidates={"popularity": {"half_life_days": (float("inf"),)}})
    bench.train(spec=popular, code=other_code(2))
    (folder / "shop.py").write_text(SPEC)
    stack = SimpleNamespace(s3=None, now=partial(datetime.now, UTC))
    for name in ("promote", "rollback", "show", "compare"):
        module = import_module(f"cli.models.{name}")
        monkeypatch.setattr(module, "Stack", lambda _: stack)
        monkeypatch.setattr(module, "open_model", lambda target, name: read_model(bench.store, name, target.now))
    listing = import_module("cli.models.list")
    monkeypatch.setattr(listing, "Stack", lambda _: stack)
    monkeypatch.setattr(listing, "open_registry", lambda _: bench.store)
    monkeypatch.setattr(alias_moves, "open_stack_mirror", lambda _: NoMirror())
    monkeypatch.setattr(provenance, "fetch_dataset", lambda *_: shop_files()[0])
    return bench


def run(*words: str) -> Result:
    return CliRunner().invoke(commands.app, [*words])


def test_versions_are_listed_with_ranking_metrics(bench: Bench) -> None:
    rows = {row["version"]: row for row in json.loads(run("list", "--json").stdout)}
    assert {number: row["status"] for number, row in rows.items()} == {1: "champion", 2: "refused"}
    assert rows[1]["metrics"]["ndcg"] == bench.versions.recommender(1).metrics["test"]["ndcg"]
    assert "ndcg" in run("list").stdout


def test_a_version_is_shown_with_what_it_recommends(bench: Bench, tmp_path: Path) -> None:
    shown = run("show", "shop", "1").stdout
    assert "10 of 64 items" in shown
    assert "220 users and 64 items" in shown
    assert json.loads(run("show", "shop", "1", "--json").stdout)["kind"] == "recommender"
    card = tmp_path / "card.html"
    assert run("show", "shop", "1", "--card", str(card)).exit_code == 0
    assert "What it recommends" in card.read_text(encoding="utf-8")


def test_two_versions_are_compared_on_the_same_users(bench: Bench) -> None:
    found = json.loads(run("compare", "shop", "1", "2", "--json").stdout)
    assert found["versions"] == [1, 2]
    assert found["overall"]["verdict"] == "worse"
    assert found["overall"]["champion"] == pytest.approx(bench.versions.recommender(1).metrics["test"]["ndcg"])
    assert not found["itself"]
    shown = run("compare", "shop", "1", "2").stdout
    assert "version 1 and version 2 on held-out interactions of" in shown
    assert "worse" in shown


def test_a_version_is_promoted_and_rolled_back(bench: Bench) -> None:
    assert run("promote", "shop", "2", "--insist", "--by", "ann").exit_code == 0
    assert bench.champion == 2
    assert run("rollback", "shop", "--by", "ann").exit_code == 0
    alias = Aliases(bench.store, "shop").find(CHAMPION)
    assert alias
    assert (alias.version, alias.history[-1].action) == (1, "rollback")


def new(*words: str) -> Result:
    return CliRunner().invoke(app, ["models", "new", *words])


def test_a_spec_is_drafted_from_events_and_loads(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(shop_files()[0])
    done = new("corner", str(file), "--kind", "recommender")
    assert done.exit_code == 0, done.output
    assert "dislike -1, view 1, basket 3, purchase 4" in done.stdout
    assert "scripts/mlops data put" in done.stdout
    spec = load_spec("corner")
    assert isinstance(spec, RecommenderSpec)
    assert spec.interactions.columns == ("user", "item", "time", "event")
    again = new("other", str(file), "--kind", "recommender", "--json")
    assert json.loads(again.stdout)["events"]["purchase"] == 4.0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--kind", "forecast"], "--kind is 'forecast'; it must be one of table, recommender."),
        ([], "--target is missing: name the column to predict, or take --kind recommender."),
        (["--kind", "recommender", "--target", "item"], "a recommender predicts none."),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(shop_files()[0])
    assert main(lambda: app(["models", "new", "corner", str(file), *words], standalone_mode=False)) == 1
    line = capsys.readouterr().err
    assert reason in line
    assert line.count("\n") == 1
    assert not [*folder.iterdir()]
