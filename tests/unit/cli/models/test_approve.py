"""`mlops models approve`, list and show: a version that waits for a person is shown so, and one command approves it."""

import json
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from obstore.store import MemoryStore
from typer.testing import CliRunner, Result

from cli import models
from cli.__main__ import main
from cli.models import alias_moves
from cli.models.registered_model import read_model
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Gate
from mlops.registry.versions import Versions
from mlops.tracking.mirror import NoMirror
from tests.unit.mlops.registry.samples import FILES, make_manifest

HELD = Gate(name="consistency/size", passed=False, approvable=True, detail="the dataset has 10 rows")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """A registry with a champion, version 1, and version 2, which is held; version 3 failed a floor as well."""
    store = MemoryStore()
    versions, aliases = Versions(store, "leaves"), Aliases(store, "leaves")
    versions.write(make_manifest(1), FILES)
    versions.write(make_manifest(2, "two").model_copy(update={"gates": (HELD,)}), FILES)
    floor = Gate(name="floor/accuracy", passed=False)
    versions.write(make_manifest(3, "three").model_copy(update={"gates": (HELD, floor)}), FILES)
    aliases.move(CHAMPION, 1, by="training", why="passed", seen=None)
    # The package has functions of the modules' names.
    for name in ("approve", "promote", "show"):
        module = import_module(f"cli.models.{name}")
        monkeypatch.setattr(module, "Stack", lambda _: SimpleNamespace(now=partial(datetime.now, UTC)))
        monkeypatch.setattr(module, "open_model", lambda target, name: read_model(store, name, target.now))
    listing = import_module("cli.models.list")
    monkeypatch.setattr(listing, "Stack", lambda _: SimpleNamespace(now=partial(datetime.now, UTC)))
    monkeypatch.setattr(listing, "open_registry", lambda _: store)
    monkeypatch.setattr(alias_moves, "open_stack_mirror", lambda _: NoMirror())
    return store


def run(*words: str) -> Result:
    return CliRunner().invoke(models.app, [*words])


def champion(store: MemoryStore) -> Any:
    alias = Aliases(store, "leaves").find(CHAMPION)
    assert alias
    return alias.history[-1]


def test_a_held_version_is_listed_and_shown_with_its_evidence_and_the_command(store: MemoryStore) -> None:
    rows = {row["version"]: row["status"] for row in json.loads(run("list", "--json").stdout)}
    assert rows == {1: "champion", 2: "held", 3: "refused"}
    assert "held" in run("list").stdout
    shown = run("show", "leaves", "2").stdout
    assert "the dataset has 10 rows" in shown
    assert "models approve leaves 2" in shown
    assert json.loads(run("show", "leaves", "2", "--json").stdout)["held"] is True
    assert champion(store).version == 1


def test_one_command_approves_it(store: MemoryStore) -> None:
    done = run("approve", "leaves", "2", "--by", "ann", "--why", "the rest was of another site")
    assert done.exit_code == 0, done.output
    assert "version 2 of leaves is the champion" in done.stdout
    move = champion(store)
    assert (move.version, move.by, move.why) == (2, "ann", "the rest was of another site")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("approve", "leaves", "3"), "failed gates that no approval changes"),
        (("approve", "leaves", "1"), "waits for no approval: it passed its gates"),
        (("promote", "leaves", "2"), "scripts/mlops models approve leaves 2"),
    ],
)
def test_what_waits_for_no_approval_and_what_needs_one_are_told_apart(
    store: MemoryStore, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert main(partial(models.app, [*words], standalone_mode=False)) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert champion(store).version == 1
