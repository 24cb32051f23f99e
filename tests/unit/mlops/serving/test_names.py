"""What no model can be called is a 404 on every path that names a model, before any registry is asked."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import obstore
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops.contract import MODEL_NAME
from mlops.registry.store import Store
from mlops.registry.versions import list_models
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version
from tests.unit.mlops.serving.fakes import Wire
from tests.unit.mlops.serving.harness import Answer, Api

PATHS = {
    "card": ("GET", "/models/{}"),
    "predict": ("POST", "/models/{}/predict"),
    "predict by version": ("POST", "/models/{}/versions/1/predict"),
    "V2 metadata": ("GET", "/v2/models/{}"),
    "V2 ready": ("GET", "/v2/models/{}/ready"),
    "V2 infer": ("POST", "/v2/models/{}/infer"),
    "V2 metadata by version": ("GET", "/v2/models/{}/versions/1"),
    "V2 ready by version": ("GET", "/v2/models/{}/versions/1/ready"),
    "V2 infer by version": ("POST", "/v2/models/{}/versions/1/infer"),
}
NAMES = {
    "a dot": ".",
    "two dots": "..",
    "NUL": "%00",
    "a line feed": "%0A",
    "a name and a line feed": "diagnosis%0A",
    "DEL": "%7F",
    "a slash": "%2F",
    "a path": "diagnosis%2F..%2Fdiagnosis",
    "a path upwards": "..%2Fdiagnosis",
    "too long": "a" * 64,
    "much too long": "a" * 5_000,
    "a capital": "Diagnosis",
    "an umlaut": "%C3%BC",
    "a full-width letter": "%EF%BD%81",
    "not UTF-8": "%FF",
    "a percent sign": "%25",
    "a space": "%20",
    "a digit first": "1x",
    "a backslash": "%5C",
}


def is_not_found(answer: Answer) -> bool:
    return (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", NAMES)
def test_a_name_that_no_model_can_have_is_not_found_without_a_look_at_the_registry(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("the registry was asked")

    for name in ("get", "list", "list_with_delimiter", "head"):
        monkeypatch.setattr(obstore, name, fail)
    method, pattern = PATHS[path]
    answer = api.ask(method, pattern.format(NAMES[kind]), "{}", content_type="application/json")
    assert is_not_found(answer), answer.body
    assert len(answer.body) < 12_000
    assert api.printed() == []


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=80), st.sampled_from(sorted(PATHS)))
def test_no_name_is_a_server_error(api: Api, name: str, path: str) -> None:
    method, pattern = PATHS[path]
    asked = pattern.format(quote(name, safe="", errors="replace"))
    answer = api.ask(method, asked, "{}", content_type="application/json")
    redirected = name.endswith("/") and answer.status == 307  # as any path with a slash at its end
    assert is_not_found(answer) or redirected or MODEL_NAME.fullmatch(name)
    assert not [line for line in api.printed() if line.get("level") == "ERROR"]


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(min_size=1, max_size=12), st.integers().map(str), st.from_regex(r"\d{1,12}", fullmatch=True)))
def test_no_version_is_a_server_error(api: Api, version: str) -> None:
    for pattern in ("/models/diagnosis/versions/{}/predict", "/v2/models/diagnosis/versions/{}/infer"):
        answer = api.ask(
            "POST", pattern.format(quote(version, safe="", errors="replace")), "{}", content_type="application/json"
        )
        assert is_not_found(answer) or version == "1"
    assert not [line for line in api.printed() if line.get("level") == "ERROR"]


def test_unknown_models_list_the_registry_once_in_a_while(
    store: Store, open_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = open_api(follow_seconds=3600)
    listed: list[object] = []
    listing = obstore.list_with_delimiter

    def list_and_count(*args: Any) -> Any:
        listed.append(args)
        return listing(*args)

    monkeypatch.setattr(obstore, "list_with_delimiter", list_and_count)
    for number in range(50):
        for path in ("/models/none{}/predict", "/models/none{}/versions/1/predict"):
            assert api.predict(ROWS[0], path=path.format(number)).status == 404
        assert api.ask("GET", f"/models/none{number}").status == 404
    assert len(listed) == 1


def test_a_new_model_is_found_after_follow_seconds(store: Store, api: Api) -> None:
    assert api.predict(ROWS[0], path="/models/other/predict").status == 404
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    assert api.predict(ROWS[0], path="/models/other/predict").status == 200


def test_a_folder_that_no_model_can_be_called_after_is_none(store: Store, api: Api) -> None:
    obstore.put(store, "Not a model/versions/1/manifest.json", b"{}")
    assert list_models(store) == ["diagnosis"]
    assert [each["name"] for each in api.ask("GET", "/models").json["models"]] == ["diagnosis"]
    assert api.ask("GET", "/openapi.json").status == 200


def test_names_are_refused_as_ever_while_the_registry_is_gone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    Wire(monkeypatch).cut = True
    assert api.ask("GET", "/models/..").status == 404
