"""A champion that was moved is reported, whatever becomes of MLflow."""

from typing import Any

import pytest
from mlflow.exceptions import MlflowException
from obstore.store import MemoryStore

from cli.errors import CommandError
from cli.models import alias_moves
from cli.models.alias_moves import report_champion
from cli.models.registered_model import RegisteredModel
from cli.stack import Stack
from mlops.registry.aliases import Aliases
from mlops.registry.promotion import promote_version
from mlops.registry.versions import Versions
from mlops.tracking.mirror import MlflowMirror
from tests.unit.mlops.registry.samples import FILES, make_manifest


class Away:
    """A client of an MLflow that doesn't answer."""

    def get_registered_model(self, name: str) -> Any:
        raise MlflowException(
            f"API request to http://mlflow/get?name={name} failed with exception Max retries exceeded"
        )


def test_an_mlflow_that_is_away_is_named_after_the_move_with_what_updates_it_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = MemoryStore()
    versions, aliases = Versions(store, "leaves"), Aliases(store, "leaves")
    versions.claim("key")
    versions.write(make_manifest(1, "key", accepted=True), FILES)
    alias = promote_version(versions, aliases, 1, by="ann", why="because")
    client: Any = Away()
    monkeypatch.setattr(alias_moves, "open_stack_mirror", lambda _: MlflowMirror(client, "s3://models"))
    with pytest.raises(CommandError) as caught:
        report_champion(Stack("mlops"), RegisteredModel("leaves", versions, aliases), None, alias, as_json=False)
    assert "version 1 of leaves is the champion" in capsys.readouterr().out
    assert str(caught.value) == (
        "Version 1 of leaves is the champion and serves, but MLflow wasn't updated: API request to "
        "http://mlflow/get?name=leaves failed. Once it answers, `scripts/mlops models promote leaves 1` updates it."
    )
