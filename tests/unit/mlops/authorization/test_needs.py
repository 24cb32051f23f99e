"""The scope and the model that each path needs."""

import pytest

from mlops.authorization.needs import Need, need_of


@pytest.mark.parametrize(
    ("method", "path", "scope", "model"),
    [
        ("POST", "/predict", "predict", "diagnosis"),
        ("POST", "/predict/", "predict", "diagnosis"),
        ("POST", "/models/churn/predict", "predict", "churn"),
        ("POST", "/models/churn/versions/3/predict", "predict", "churn"),
        ("POST", "/invocations", "predict", "diagnosis"),
        ("POST", "/v2/models/churn/infer", "predict", "churn"),
        ("POST", "/v2/models/churn/versions/3/infer", "predict", "churn"),
        ("POST", "/recommend", "predict", "shop"),
        ("POST", "/models/films/recommend", "predict", "films"),
        ("POST", "/models/churn/feedback", "feedback", "churn"),
        ("GET", "/models", "read", None),
        ("GET", "/models/churn", "read", "churn"),
        ("HEAD", "/v2/models/churn/ready", "read", "churn"),
        ("GET", "/docs", "read", None),
        ("GET", "/", "read", None),
        ("GET", "/models/predict", "read", "predict"),
        ("GET", "/health/", "read", None),
        ("POST", "/health", "operate", None),
        ("DELETE", "/models/churn", "operate", "churn"),
        ("PUT", "/predict", "operate", "diagnosis"),
        ("POST", "/", "operate", None),
        ("POST", "/columns", "operate", None),
        ("GET", "/anything", "read", None),
    ],
)
def test_each_path_needs_a_scope(method: str, path: str, scope: str, model: str | None) -> None:
    need = need_of(method, path, "diagnosis", "shop", query=b"")
    assert need is not None
    assert (need.scope, need.model) == (scope, model)


def test_health_alone_is_open() -> None:
    assert need_of("GET", "/health", "diagnosis", "shop", query=b"") is None
    assert need_of("HEAD", "/health", "diagnosis", "shop", query=b"") is None
    assert need_of("GET", "/v2/health/live", "diagnosis", "shop", query=b"") == Need("read", None)


@pytest.mark.parametrize(
    ("path", "query", "also"),
    [
        ("/predict", b"", ()),
        ("/predict", b"explain=false", ()),
        ("/predict", b"explained=true", ()),
        ("/predict", b"explain=true", ("explain",)),
        ("/predict", b"explain=false&explain=true", ("explain",)),
        ("/predict", b"a=1&%65xplain=%74rue", ("explain",)),
        ("/predict", b"explain", ("explain",)),
        ("/recommend", b"explain=1", ("explain",)),
        ("/models/churn/versions/3/predict", b"", ("versions",)),
        ("/v2/models/churn/versions/3/infer", b"explain=true", ("explain", "versions")),
        ("/models/churn//versions/3/predict", b"", ("versions",)),
        ("/models/versions/predict", b"", ()),
        ("/models/versions", b"", ()),
    ],
)
def test_explanations_and_particular_versions_need_scopes_besides(
    path: str, query: bytes, also: tuple[str, ...]
) -> None:
    need = need_of("POST", path, "diagnosis", "shop", query=query)
    assert need is not None
    assert need.also == also
