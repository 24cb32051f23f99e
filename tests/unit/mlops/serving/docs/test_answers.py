"""/models and /openapi.json cost the registry nothing while they are fresh, and follow a promotion in time."""

import json
import time
from collections.abc import Callable

import obstore
import pytest

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import promote, put_version, steeper
from tests.unit.mlops.serving.harness import Api

PATHS = ["/models", "/models/diagnosis", "/openapi.json"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the registry is asked for, call by call."""
    calls: list[str] = []
    for name in ("get", "list", "list_with_delimiter", "head"):
        call = getattr(obstore, name)

        def count(*args: object, _name: str = name, _call: Callable[..., object] = call, **options: object) -> object:
            calls.append(_name)
            return _call(*args, **options)

        monkeypatch.setattr(obstore, name, count)
    return calls


@pytest.mark.parametrize("path", PATHS)
def test_a_fresh_answer_asks_the_registry_nothing(
    store: Store, api: Api, open_api: Callable[..., Api], asked: list[str], path: str
) -> None:
    kept = open_api(follow_seconds=3600)
    first = kept.ask("GET", path)
    assert first.status == 200
    asked.clear()
    for _ in range(20):
        assert kept.ask("GET", path).body == first.body
    assert asked == []


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_has_the_answer_gets_304_until_it_changes(store: Store, api: Api, path: str) -> None:
    first = api.ask("GET", path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    for given in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = api.ask("GET", path, if_none_match=given)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
    assert api.ask("HEAD", path, if_none_match=tag).status == 304
    assert api.ask("GET", path, if_none_match='"other"').body == first.body
    steeper(store, 2)
    promote(store, 2)
    answer = api.ask("GET", path, if_none_match=tag)
    assert (answer.status, answer.headers["etag"] == tag) == (200, False)


def test_a_promotion_is_in_every_answer_within_follow_seconds(
    store: Store, api: Api, open_api: Callable[..., Api]
) -> None:
    kept = open_api(follow_seconds=0.3)
    for path in PATHS:
        kept.ask("GET", path)
    steeper(store, 2)
    promote(store, 2)
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    time.sleep(0.3)
    assert kept.ask("GET", "/models").json["models"][0]["champion"] == 2
    assert kept.ask("GET", "/models/diagnosis").json["version"] == 2
    paths = kept.ask("GET", "/openapi.json").json["paths"]
    assert paths["/models/diagnosis/versions/{version}/predict"]["post"]["parameters"][0]["example"] == 2
    assert "/models/other/predict" in paths


def test_an_answer_is_json_whatever_numbers_a_manifest_has(store: Store, api: Api) -> None:
    for path in PATHS:
        json.loads(api.ask("GET", path).body, parse_constant=pytest.fail)
