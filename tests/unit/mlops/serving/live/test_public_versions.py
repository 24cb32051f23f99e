"""A version that failed its gates answers no request, unless a person says so."""

from collections.abc import Callable

import pytest

from mlops.errors.registry import VersionNotPublic
from mlops.registry.aliases import Aliases
from mlops.registry.promotion import promote_version
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.live.pinned import PinnedVersions
from tests.unit.mlops.serving.artifacts import promote, put_version, steeper
from tests.unit.mlops.serving.fakes import Recorder, Wire
from tests.unit.mlops.serving.harness import Api

PATHS = {
    "/models/diagnosis/versions/2/predict": "POST",
    "/v2/models/diagnosis/versions/2/infer": "POST",
    "/v2/models/diagnosis/versions/2": "GET",
    "/v2/models/diagnosis/versions/2/ready": "GET",
}
ROW = {"mean radius": 3.0, "mean texture": 2.0}


def insist(store: Store, number: int) -> None:
    promote_version(
        Versions(store, "diagnosis"), Aliases(store, "diagnosis"), number, by="test", why="it must", insist=True
    )


@pytest.mark.parametrize("path", PATHS)
def test_it_is_404_on_every_path_and_says_which_gate_it_failed(store: Store, api: Api, path: str) -> None:
    steeper(store, 2, passed=False)
    answer = api.ask(PATHS[path], path, "{}", content_type="application/json")
    assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:version-not-public")
    assert "it failed accuracy" in answer.json["detail"]
    assert api.printed() == []


def test_a_setting_makes_it_public(store: Store, api: Api, open_api: Callable[..., Api]) -> None:
    steeper(store, 2, passed=False)
    answer = open_api(serve_refused_versions="true").predict(ROW, path="/models/diagnosis/versions/2/predict")
    assert (answer.status, answer.json["version"]) == (200, 2)


def test_the_champion_that_a_person_insisted_on_serves_under_its_number_too(store: Store, api: Api) -> None:
    steeper(store, 2, passed=False)
    insist(store, 2)
    api.poll()
    for path in ("/predict", "/models/diagnosis/predict", "/models/diagnosis/versions/2/predict"):
        assert api.predict(ROW, path=path).json["version"] == 2
    promote(store, 1)
    api.poll()
    assert api.predict(ROW, path="/models/diagnosis/versions/2/predict").status == 404


def test_so_does_one_of_a_model_that_nobody_has_asked_for_yet(store: Store, open_api: Callable[..., Api]) -> None:
    steeper(store, 1)
    steeper(store, 2, passed=False)
    insist(store, 2)
    api = open_api(default_model="other")
    assert api.predict(ROW, path="/models/diagnosis/versions/2/predict").json["version"] == 2


def test_nothing_of_it_but_its_manifest_is_read_and_that_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put_version(store, 1, passed=False)
    wire = Wire(monkeypatch)
    pinned = PinnedVersions(store, Recorder(), max_rows=10)
    for _ in range(3):
        with pytest.raises(VersionNotPublic):
            pinned.load("diagnosis", 1)
    assert wire.gets == 1
