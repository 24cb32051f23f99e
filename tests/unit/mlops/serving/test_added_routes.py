"""Routes, dependencies and middleware are added to the application as to any FastAPI application."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import BaseModel

from mlops.registry.store import Store
from mlops.serving.live.served_models import ServedModels
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version
from tests.unit.mlops.serving.harness import Api


class Greeting(BaseModel):
    name: str
    times: int


def read_name(x_name: Annotated[str, Header()]) -> str:
    if x_name == "nobody":
        raise HTTPException(403, "nobody may not be greeted")
    return x_name


@pytest.fixture
def extended(api: Api) -> Api:
    """The API with a route that has a dependency, a checked parameter and a typed answer."""

    @api.app.get("/greeting")
    def greet(name: Annotated[str, Depends(read_name)], times: Annotated[int, Query(ge=1)] = 1) -> Greeting:
        """Greets whoever asks."""
        return Greeting(name=name, times=times)

    return api


def test_an_added_route_answers_with_its_dependency_resolved(extended: Api) -> None:
    answer = extended.ask("GET", "/greeting", query="times=2", x_name="Ada")
    assert (answer.status, answer.json) == (200, {"name": "Ada", "times": 2})


def test_an_added_route_stands_in_the_openapi_document(extended: Api) -> None:
    document = extended.ask("GET", "/openapi.json").json
    validate(document)
    operation = document["paths"]["/greeting"]["get"]
    assert operation["description"] == "Greets whoever asks."
    assert {each["name"]: each["in"] for each in operation["parameters"]} == {"x-name": "header", "times": "query"}
    content = operation["responses"]["200"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/Greeting"}
    assert document["components"]["schemas"]["Greeting"]["required"] == ["name", "times"]
    assert {"/predict", "/models", "/health"} <= document["paths"].keys()
    assert extended.app.openapi() == document


def test_what_an_added_route_refuses_is_a_problem_document_as_documented(extended: Api) -> None:
    document = extended.ask("GET", "/openapi.json").json
    assert "HTTPValidationError" not in json.dumps(document)
    (content,) = document["paths"]["/greeting"]["get"]["responses"]["default"]["content"].items()
    assert content == ("application/problem+json", {"schema": {"$ref": "#/components/schemas/Problem"}})
    problem = OAS31Validator(document["components"]["schemas"]["Problem"])

    invalid = extended.ask("GET", "/greeting", query="times=0", x_name="Ada")
    assert (invalid.status, invalid.headers["content-type"]) == (422, content[0])
    problem.validate(invalid.json)
    assert invalid.json["errors"] == [
        {"rule": "greater_than_equal", "message": "query.times: Input should be greater than or equal to 1"}
    ]

    forbidden = extended.ask("GET", "/greeting", x_name="nobody")
    assert (forbidden.status, forbidden.json["detail"]) == (403, "nobody may not be greeted")
    problem.validate(forbidden.json)


def test_an_error_in_an_added_route_is_a_500_without_detail_and_logged(api: Api) -> None:
    @api.app.get("/broken")
    def fail() -> None:
        raise RuntimeError("secret")

    answer = api.ask("GET", "/broken")
    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    assert b"secret" not in answer.body
    (line,) = [line for line in api.printed() if line.get("level") == "ERROR"]
    assert "secret" in line["exception"]


def test_a_router_may_add_a_method_to_a_path_that_predicts(api: Api) -> None:
    router = APIRouter()

    @router.get("/predict")
    def explain_path() -> str:
        return "POST rows here"

    api.app.include_router(router)
    assert api.ask("GET", "/predict").json == "POST rows here"
    assert api.predict(ROWS[0]).status == 200
    assert {"get", "post"} == api.ask("GET", "/openapi.json").json["paths"]["/predict"].keys()


def test_middleware_sees_the_predictions_too(store: Store, open_api: Callable[..., Api]) -> None:
    put_version(store, 1)
    promote(store, 1)
    api = open_api()

    @api.app.middleware("http")
    async def mark(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["x-marked"] = "yes"
        return response

    answer = api.predict(ROWS[0])
    assert (answer.status, answer.headers["x-marked"]) == (200, "yes")


def test_an_added_route_may_ask_a_served_model(api: Api) -> None:
    def models() -> ServedModels:
        return api.models

    @api.app.get("/sure")
    async def sure(models: Annotated[ServedModels, Depends(models)]) -> list[float]:
        scorer = await models.find_table({})
        return scorer.score(ROWS[:1]).probabilities[0]

    assert api.ask("GET", "/sure").json == pytest.approx([0.5, 0.5])
