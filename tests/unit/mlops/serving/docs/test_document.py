import gzip
import json
import re
from collections.abc import Callable

import obstore
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from mlops.contract import Column, Contract
from mlops.registry.store import Store
from mlops.serving.rows.reader import RowReader
from mlops.serving.schemas.columns import describe_columns
from mlops.serving.schemas.examples import make_example, with_examples
from tests.unit.mlops.serving.artifacts import MARK, MIXED, ROWS, private_version, promote, put_version
from tests.unit.mlops.serving.harness import Api


def test_the_openapi_document_is_valid_and_types_each_model(store: Store, api: Api) -> None:
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    document = api.ask("GET", "/openapi.json").json
    validate(document)
    assert {"/predict", "/models/diagnosis/predict", "/models/other/predict", "/models", "/health"} <= document[
        "paths"
    ].keys()
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    row = body["schema"]["properties"]["rows"]["items"]
    assert row["required"] == ["mean radius", "mean texture"]
    assert row["additionalProperties"] is False
    assert row["properties"]["mean radius"] == {
        "type": "number",
        "description": "Mean distance to the edge. Unit: mm.",
        "minimum": 0,
        "maximum": 100,
        "examples": [0.0],
    }
    assert body["example"] == {"rows": [ROWS[0]]}


def test_the_example_of_the_document_is_answered_as_the_document_says(api: Api) -> None:
    operation = api.ask("GET", "/openapi.json").json["paths"]["/predict"]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    answer = api.predict(*body["example"]["rows"])
    assert answer.status == 200
    OAS31Validator(body["schema"]).validate(body["example"])
    OAS31Validator(operation["responses"]["200"]["content"]["application/json"]["schema"]).validate(answer.json)


def test_the_document_shows_no_private_value_of_a_real_row(store: Store, open_api: Callable[..., Api]) -> None:
    private_version(store)
    answer = open_api().ask("GET", "/openapi.json")
    body = answer.json["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert MARK not in answer.body.decode()
    assert body["example"] == {"rows": [{"mean radius": 0.0, "mean texture": 1000.0, "name": "text"}]}
    OAS31Validator(body["schema"]).validate(body["example"])


@pytest.mark.parametrize("column", MIXED.columns, ids=lambda column: column.name)
def test_an_invented_value_keeps_the_rules_of_its_column(column: Column) -> None:
    contract = Contract(columns=(column.model_copy(update={"privacy": "drop"}),), target=MIXED.target)
    example = make_example(contract, {column.name: "MARKED"})
    assert RowReader(contract, 1).read(json.dumps({"rows": [example]}).encode())


def test_every_problem_is_documented_and_has_the_documented_shape(api: Api) -> None:
    document = api.ask("GET", "/openapi.json").json
    responses = document["paths"]["/predict"]["post"]["responses"]
    assert set(responses) == {"200", "400", "413", "415", "422", "503"}
    problem = document["components"]["schemas"]["Problem"]
    for answer in (api.predict({}), api.ask("POST", "/predict"), api.ask("GET", "/nowhere")):
        OAS31Validator(problem).validate(answer.json)


def test_a_document_without_any_champion_is_valid_too(open_api: Callable[..., Api]) -> None:
    document = open_api().ask("GET", "/openapi.json").json
    validate(document)
    assert "no champion yet" in document["paths"]["/predict"]["post"]["description"]


def test_a_damaged_model_doesnt_take_the_document_away(store: Store, api: Api) -> None:
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    obstore.put(store, "other/versions/1/manifest.json", b"{")
    document = api.ask("GET", "/openapi.json").json
    assert "/models/diagnosis/predict" in document["paths"]
    assert "/models/other/predict" not in document["paths"]


def test_the_page_and_what_it_loads_come_from_here(api: Api) -> None:
    page = api.ask("GET", "/docs")
    assert page.headers["content-type"].startswith("text/html")
    text = page.body.decode()
    assert "http" not in text
    for address in re.findall(r'(?:href|src)="(docs/[^"]+)"', text):
        asset = api.ask("GET", f"/{address}")
        assert asset.status == 200
        assert b"swagger" in asset.body
        assert "max-age" in asset.headers["cache-control"]
        packed = api.ask("GET", f"/{address}", accept_encoding="gzip, br")
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == asset.body
        assert len(packed.body) < len(asset.body) / 3


def test_every_example_of_every_path_is_answered_as_the_document_says(api: Api) -> None:
    paths = api.ask("GET", "/openapi.json").json["paths"]
    posts = {path: item["post"] for path, item in paths.items() if "post" in item}
    assert posts.keys() == {
        "/predict",
        "/models/diagnosis/predict",
        "/models/diagnosis/versions/{version}/predict",
        "/invocations",
        "/v2/models/diagnosis/infer",
        "/v2/models/diagnosis/versions/{version}/infer",
    }
    for path, operation in posts.items():
        said = operation["responses"]["200"]["content"]["application/json"]["schema"]
        for media_type, body in operation["requestBody"]["content"].items():
            for example in [each["value"] for each in body.get("examples", {}).values()] or [body["example"]]:
                OAS31Validator(body["schema"]).validate(example)
                content = example if isinstance(example, str) else json.dumps(example)
                answer = api.ask("POST", path.replace("{version}", "1"), content, content_type=media_type)
                assert answer.status == 200, (path, answer.body)
                OAS31Validator(said).validate(answer.json)


def test_every_path_without_a_body_answers_as_the_document_says(api: Api) -> None:
    paths = api.ask("GET", "/openapi.json").json["paths"]
    gets = {path: item["get"] for path, item in paths.items() if "get" in item}
    assert {"/ping", "/version", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/diagnosis/ready"} <= set(
        gets
    )
    for path, operation in gets.items():
        answer = api.ask("GET", path.replace("{version}", "1").replace("{model}", "diagnosis"))
        assert answer.status == 200, path
        (media_type,) = operation["responses"]["200"]["content"]
        assert answer.headers["content-type"].partition(";")[0] == media_type


def test_the_limits_are_told(open_api: Callable[..., Api]) -> None:
    document = open_api(max_rows=12_345, max_body_bytes=1_234_567, max_answer_bytes=7_654_321).ask(
        "GET", "/openapi.json"
    )
    for limit in ("12,345", "100 with `explain=true`", "1,234,567", "7,654,321", "6 MB", "10 MB"):
        assert limit in document.json["info"]["description"]


def test_the_page_shows_the_columns_with_type_unit_range_example_and_meaning(store: Store, api: Api) -> None:
    told = api.ask("GET", "/openapi.json").json["paths"]["/predict"]["post"]["description"]
    assert "| mean radius | number | mm | 0 to 100 | 0.0 | Mean distance to the edge. |" in told


def test_columns_of_every_kind_are_told_in_words() -> None:
    example = {"age": 30, "city": "Bern | Zürich", "smokes": True, "size": None, "since": "1970-01-11", "weight": None}
    table = describe_columns(with_examples(MIXED, example)).splitlines()[2:]
    assert table == [
        "| age | integer | years | 0 to 120 | 30 |  |",
        '| city | category |  |  | "Bern \\| Zürich" |  |',
        "| smokes | boolean |  |  | true |  |",
        "| size | category |  | S, M, or none |  |  |",
        '| since | date |  | 1970-01-01 to 2024-10-04 | "1970-01-11" |  |',
        "| weight | number | kg | none |  |  |",
    ]


def test_a_private_column_has_an_invented_example(store: Store, open_api: Callable[..., Api]) -> None:
    private_version(store)
    told = open_api().ask("GET", "/openapi.json").json["paths"]["/predict"]["post"]["description"]
    assert '| name | category |  |  | "text" |  |' in told
    assert MARK not in told


def test_every_documented_problem_has_an_example_that_is_one(api: Api) -> None:
    document = api.ask("GET", "/openapi.json").json
    problem = OAS31Validator(document["components"]["schemas"]["Problem"])
    responses = document["paths"]["/models/diagnosis/versions/{version}/predict"]["post"]["responses"]
    for status in set(responses) - {"200"}:
        example = responses[status]["content"]["application/problem+json"]["example"]
        problem.validate(example)
        assert example["status"] == int(status)


def test_explanations_are_documented_where_they_are_given(api: Api) -> None:
    paths = api.ask("GET", "/openapi.json").json["paths"]
    explaining = [
        path for path, item in paths.items() if "explain" in json.dumps(item.get("post", {}).get("parameters"))
    ]
    assert explaining == ["/predict", "/models/diagnosis/predict", "/models/diagnosis/versions/{version}/predict"]
